//! What is asked of a night, and what it gives.

use crate::backorder::desk::Desk;
use crate::backorder::edits::Edit;
use crate::backorder::excess::ExcessRow;
use crate::backorder::review::{Carried, ReviewRow};
use crate::backorder::risk::PreviousRisks;
use crate::backorder::told::PreviousPromises;
use crate::demand::prepare::Prepared;
use crate::domain::counted::OnItems;
use crate::domain::finding::Finding;
use crate::domain::fixed::Fixed;
use crate::forecast::{AcrossItems, Fitted, Forecasts};
use crate::ledger::Opening;
use crate::plan::PlanEntry;
use crate::plan::cash::CashRow;
use crate::plan::open_order_advice::{LineAdvice, PreviousAdvice, PreviousChases};
use crate::plan::orders::OrderBook;
use crate::plan::orders::handover::LedgerNight;
use crate::plan::orders::open_to_buy::OpenToBuy;
use crate::plan::projection::ProjectedItem;
use crate::plan::transfers::Transfer;

/// Which items a night is about.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'a> {
    /// All of them.
    All,
    /// These, by their index among the prepared items: planned as in the whole night. What is told
    /// of the shop as a whole (risks, what constraints cost, how suppliers deliver) is left out.
    Items(&'a [usize]),
}

/// A part of the night that has ended; the caller may time it or show progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NightStage {
    /// What crosses items is learnt.
    Learn,
    /// The demand ahead is forecast.
    Forecast,
    /// The plan stands.
    Plan,
    /// Who waits and what will run out is known.
    Backorders,
}

/// What is asked of a night beside the inputs.
#[derive(Clone, Copy)]
pub struct Tonight<'a> {
    /// Which items.
    pub scope: Scope<'a>,
    /// Whether tonight is an order date whatever the suppliers' calendars say.
    pub order_now: bool,
    /// What the previous run said.
    pub previous: Option<&'a PreviousRun>,
    /// What became of the orders of earlier nights; `None` where no ledger is kept.
    pub ledger: Option<&'a Opening>,
    /// Is told when a stage has ended.
    pub on_stage: &'a dyn Fn(NightStage),
    /// Is told how many items of how many are done within a stage.
    pub on_items: OnItems<'a>,
}

impl NightPlan<'_> {
    /// Why nothing goes out tonight, where nothing does.
    #[must_use]
    pub fn held_for(&self) -> Option<&str> {
        self.stock_gap.as_deref().or(self.order_gap.as_deref())
    }
}

impl Tonight<'_> {
    /// All items, on the suppliers' order dates, without a previous run.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            scope: Scope::All,
            order_now: false,
            previous: None,
            ledger: None,
            on_stage: &|_| (),
            on_items: &|_, _| (),
        }
    }
}

/// What the previous run said, which tonight's is compared with.
#[derive(Debug, Default)]
pub struct PreviousRun {
    /// Items at risk.
    pub risks: PreviousRisks,
    /// What to do about open purchase orders.
    pub advice: PreviousAdvice,
    /// When suppliers were last asked for open lines.
    pub chased: PreviousChases,
    /// What customers who wait were told.
    pub promises: PreviousPromises,
    /// Whether that cannot be read any more.
    pub is_told_lost: bool,
    /// Rows of its stock table; `None` if its manifest does not say.
    pub stock_rows: Option<u64>,
    /// What tonight's row of the review is carried on from.
    pub review: Carried,
}

/// What planning stands on.
#[derive(Clone, Copy)]
pub struct Foreseen<'a> {
    /// Which items there are, their histories and classes.
    pub prepared: &'a Prepared,
    /// What crosses items in forecasting; `None` leaves out what a replay of the past has no use
    /// for: what will run out and why.
    pub across: Option<AcrossItems<'a>>,
    /// The demand ahead.
    pub forecasts: &'a Forecasts,
}

/// What a night found.
#[derive(Debug)]
pub struct Night<'a> {
    /// What crosses items in forecasting.
    pub fitted: Fitted,
    /// The demand ahead.
    pub forecasts: Forecasts,
    /// What was decided.
    pub plan: NightPlan<'a>,
}

/// What a night decided.
#[derive(Debug, Default)]
pub struct NightPlan<'a> {
    /// One entry an item that the scope reaches, and one for each quarantined item and
    /// each bundle; sorted by key.
    pub entries: Vec<PlanEntry<'a>>,
    /// What each planned item would be ordered by itself, before transfers, joint orders, minimum
    /// values, containers and the budget; in the order of the planned `entries`.
    pub own_quantities: Vec<Option<Fixed>>,
    /// Tonight's orders.
    pub book: OrderBook,
    /// How the budget of the month stands; `None` where none is set.
    pub open_to_buy: Option<OpenToBuy>,
    /// What is wrong with the stock table, where every line is held for it.
    pub stock_gap: Option<String>,
    /// What is wrong with the open orders or unusual about tonight's, where every line is held for
    /// it.
    pub order_gap: Option<String>,
    /// Whether the run stands beside the nights of the ledger, or before the newest of them: what
    /// it suggests is not handed over.
    pub is_look_back: bool,
    /// What the night adds to the ledger; `None` where none is kept.
    pub ledger: Option<LedgerNight>,
    /// What to do about open purchase orders, sorted by order, line and item.
    pub advice: Vec<LineAdvice>,
    /// What moves between locations.
    pub transfers: Vec<Transfer>,
    /// The orders that are expected in the next 26 weeks, sorted by supplier and item.
    pub projected: Vec<ProjectedItem>,
    /// What falls due each week, sorted by week, supplier and currency.
    pub cash: Vec<CashRow>,
    /// Who waits and until when, what will run out, and what to do.
    pub desk: Desk<'a>,
    /// Items with more stock than is worth keeping, most money first.
    pub excess: Vec<ExcessRow>,
    /// People's decisions about order lines of earlier runs, and what came of them.
    pub edits: Vec<Edit>,
    /// Key figures, one row a run, tonight's last.
    pub review: Vec<ReviewRow>,
    /// Everything noticed, sorted.
    pub findings: Vec<Finding>,
}
