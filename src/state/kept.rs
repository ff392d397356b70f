//! What is kept of a night, as it is worked with and as it is written.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::config::Settings;
use crate::demand::prepare::Prepared;
use crate::domain::calendar::Day;
use crate::domain::finding::Finding;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::ledger::LedgerLine;
use crate::domain::optional_real::OptionalReal;
use crate::domain::stock_coverage::StockCoverage;
use crate::domain::tables::Tables;
use crate::forecast::{Fitted, Forecasts};
use crate::io::Loaded;
use crate::ledger::Opening;
use crate::night::{PreviousRun, Scope, Tonight};
use crate::plan::PlannedItem;
use crate::plan::open_order_advice::PreviousAdvice;

/// The version of this program.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a run stood on and what it decided.
#[derive(Debug)]
pub struct State {
    /// The version of the program that made it.
    pub version: String,
    /// Its settings. Paths of inputs start where the program does.
    pub settings: Settings,
    /// Its tables but those that only histories are made of and customers are told by; no orders.
    pub inputs: Loaded,
    /// Its items and their histories.
    pub prepared: Prepared,
    /// What was learnt across items.
    pub fitted: Fitted,
    /// The demand ahead.
    pub forecasts: Forecasts,
    /// Whether the night was an order date whatever the suppliers' calendars said.
    pub order_now: bool,
    /// What the run before it said, as far as its plan read that; `None` where there was none.
    pub previous: Option<PreviousRun>,
    /// What became of the orders of earlier nights, as far as its plan read that; `None` where no
    /// ledger was kept.
    pub ledger: Option<Opening>,
    /// What was decided, by prepared item.
    pub decided: Vec<DecidedItem>,
}

/// What a night stood on and decided, wherever it is kept: in memory as it ends, or in a [`State`].
#[derive(Debug, Clone, Copy)]
pub struct StateView<'a> {
    /// The version of the program that made it.
    pub version: &'a str,
    /// The day that it stood at the start of.
    pub as_of: Day,
    /// The newest day of an order that counted.
    pub newest_order: Option<Day>,
    /// Its settings.
    pub settings: &'a Settings,
    /// Its tables.
    pub tables: &'a Tables,
    /// Its items and their histories.
    pub prepared: &'a Prepared,
    /// What was learnt across items.
    pub fitted: &'a Fitted,
    /// The demand ahead.
    pub forecasts: &'a Forecasts,
    /// Whether the night was an order date whatever the suppliers' calendars said.
    pub order_now: bool,
    /// What became of the orders of earlier nights.
    pub ledger: Option<&'a Opening>,
    /// What was decided, by prepared item.
    pub decided: &'a [DecidedItem],
}

impl<'a> StateView<'a> {
    /// What a unit of the item with this sku at this location costs, base currency; `None` where it
    /// is not known.
    #[must_use]
    pub fn unit_cost(&self, item: (&str, &str)) -> Option<Fixed> {
        let of = |key: &Key| (&*key.sku, &*key.location).cmp(&item);
        let at = self.prepared.keys.binary_search_by(of).ok()?;
        self.decided.get(at)?.unit_cost
    }

    /// Every planned item with what was decided for it, sorted.
    pub(super) fn items(self) -> impl Iterator<Item = (&'a Key, &'a DecidedItem)> {
        self.prepared.keys.iter().zip(self.decided)
    }
}

/// What was decided for one planned item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecidedItem {
    /// Units sized by itself; `None` where nothing was.
    pub own_quantity: Option<Fixed>,
    /// Units after what crosses items: `order_quantity` of the plan.
    pub order_quantity: Option<Fixed>,
    /// Its reorder point, units.
    pub reorder_point: f64,
    /// The chance that it runs short; `None` where it is not known.
    pub stockout_probability: OptionalReal,
    /// Cost of a unit, base currency; `None` where it is not known.
    pub unit_cost: Option<Fixed>,
}

/// The state as it is written: the order of these fields is that of the bytes.
#[derive(Serialize, Deserialize)]
pub(super) struct Written<'a> {
    pub(super) settings: Cow<'a, str>,
    pub(super) as_of: Day,
    pub(super) newest_order: Option<Day>,
    pub(super) tables: Cow<'a, Tables>,
    pub(super) findings: Cow<'a, [Finding]>,
    pub(super) stock_coverage: StockCoverage,
    pub(super) prepared: Cow<'a, Prepared>,
    pub(super) fitted: Cow<'a, Fitted>,
    pub(super) forecasts: Cow<'a, Forecasts>,
    pub(super) order_now: bool,
    pub(super) is_compared: bool,
    pub(super) advice: Cow<'a, PreviousAdvice>,
    pub(super) previous_stock_rows: Option<u64>,
    pub(super) ledger: Option<WrittenLedger<'a>>,
    pub(super) decided: Cow<'a, [DecidedItem]>,
}

/// The ledger at the start of the night, as it is written.
#[derive(Serialize, Deserialize)]
pub(super) struct WrittenLedger<'a> {
    night: Day,
    lines: Vec<Cow<'a, LedgerLine>>,
    night_totals: Cow<'a, [(Day, Fixed)]>,
    gap: Option<Cow<'a, str>>,
}

impl<'a> WrittenLedger<'a> {
    pub(super) fn of(opening: &'a Opening) -> Self {
        Self {
            night: opening.night,
            lines: opening.lines.values().map(Cow::Borrowed).collect(),
            night_totals: opening.night_totals.as_slice().into(),
            gap: opening.gap.as_deref().map(Cow::Borrowed),
        }
    }

    pub(super) fn into_opening(self) -> Opening {
        let lines = self.lines.into_iter().map(Cow::into_owned);
        Opening {
            night: self.night,
            lines: lines.map(|line| (line.name(), line)).collect(),
            night_totals: self.night_totals.into_owned(),
            gap: self.gap.map(Cow::into_owned),
            ..Opening::default()
        }
    }
}

impl State {
    /// The same as a night in memory shows it.
    #[must_use]
    pub fn view(&self) -> StateView<'_> {
        StateView {
            version: &self.version,
            as_of: self.prepared.as_of,
            newest_order: self.inputs.newest_order,
            settings: &self.settings,
            tables: &self.inputs.tables,
            prepared: &self.prepared,
            fitted: &self.fitted,
            forecasts: &self.forecasts,
            order_now: self.order_now,
            ledger: self.ledger.as_ref(),
            decided: &self.decided,
        }
    }

    /// Whether a plan says of an item what that night decided: another version may say
    /// otherwise.
    #[must_use]
    pub fn agrees(&self, item: &PlannedItem<'_>) -> bool {
        let at = self.prepared.keys.binary_search(item.key()).ok();
        at.and_then(|at| self.decided.get(at)).is_some_and(|decided| {
            decided.order_quantity == item.row.quantity()
                && decided.reorder_point == item.row.levels.reorder_point
        })
    }

    /// What that night was asked, for these items.
    #[must_use]
    pub fn asked<'a>(&'a self, scope: Scope<'a>) -> Tonight<'a> {
        Tonight {
            scope,
            order_now: self.order_now,
            previous: self.previous.as_ref(),
            ledger: self.ledger.as_ref(),
            ..Tonight::plain()
        }
    }
}
