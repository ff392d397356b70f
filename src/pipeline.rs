//! A night, stage by stage: read this file from top to bottom and you have read how the inputs,
//! once read, become a plan.
//!
//! `restock run` is [`night`] over all items, `restock explain` the same call for a few of them,
//! and `restock forecast` its first half, [`foresee`]. A night of the backtest calls the halves
//! itself: it learns anew every thirteen weeks only, and plans several policies on one forecast.

use crate::backorder::decided::Decided;
use crate::backorder::desk::{DeskEvidence, desk};
use crate::backorder::edits::edits;
use crate::backorder::excess::{Underway, excess};
use crate::backorder::review::{Standing, review};
use crate::backorder::risk::RiskEvidence;
use crate::config::Settings;
use crate::demand::panel::Panel;
use crate::demand::prepare::{self, Prepared};
use crate::domain::counted::OnItems;
use crate::domain::finding::sorted;
use crate::domain::stock_coverage::StockCoverage;
use crate::forecast::{
    AcrossItems, Fitted, ForecastSettings, Forecasts, fit, forecast_items, groups,
};
use crate::io::Loaded;
use crate::ledger::Opening;
pub use crate::night::{Foreseen, Night, NightPlan, NightStage, PreviousRun, Scope, Tonight};
use crate::plan::cash::cash;
use crate::plan::item::{PlannedAlone, choose_suppliers, decide_each};
use crate::plan::open_order_advice::PreviousAdvice;
use crate::plan::orders::budget::hold_beyond_budget;
use crate::plan::orders::containers::fill_containers;
use crate::plan::orders::handover::{
    add_approved, hold_beyond_usual, keep_numbers, ledger_night, mark_beyond_approval, snooze,
};
use crate::plan::orders::joint::join_orders;
use crate::plan::orders::minimum_value::meet_minimum_values;
use crate::plan::orders::needs_review::{mark_doubtful_inputs, mark_needs_review};
use crate::plan::orders::stock_record::hold_on_stock_gap;
use crate::plan::orders::{OrderBook, OrderFinding};
use crate::plan::projection::{MovedTonight, projected_orders};
use crate::plan::reach::planned_together;
use crate::plan::supplier_punctuality::{contradicted_lead_times, punctuality};
use crate::plan::transfers::move_stock;
use crate::plan::unlikely_lead_times::UsualLeadTimes;
use crate::plan::{PlanContext, PlannedItem, entries, spread_finding};

/// Which items are planned, their histories and classes. The daily demand is taken out of the
/// inputs, where it is not needed again: its sums are in the histories.
#[must_use]
pub fn prepare(settings: &Settings, inputs: &mut Loaded) -> Prepared {
    let demand = std::mem::take(&mut inputs.demand);
    prepare::prepare(settings, &inputs.tables, inputs.as_of, demand)
}

/// Forecasts the demand ahead and plans for it.
#[must_use]
pub fn night<'a>(
    settings: &'a Settings,
    inputs: &'a Loaded,
    prepared: &Prepared,
    tonight: &Tonight<'_>,
) -> Night<'a> {
    let reached = reached(settings, inputs, prepared, tonight.scope);
    let panel = prepared.histories.open();
    let fitted = learn(settings, prepared, &panel);
    let across = AcrossItems { fitted: &fitted, groups: &groups(&panel) };
    (tonight.on_stage)(NightStage::Learn);
    let opened = Opened { settings, prepared, panel: &panel, across };
    let forecasts = opened.forecasts(reached.as_deref(), tonight.on_items);
    drop(panel);
    (tonight.on_stage)(NightStage::Forecast);

    let foreseen = Foreseen { prepared, across: Some(across), forecasts: &forecasts };
    let plan = plan(settings, inputs, &foreseen, tonight);
    (tonight.on_stage)(NightStage::Backorders);

    Night { fitted, forecasts, plan }
}

/// Learns what crosses items from all of them, and forecasts these items, or all: each forecast is
/// that of the whole night.
#[must_use]
pub fn foresee(
    settings: &Settings,
    prepared: &Prepared,
    items: Option<&[usize]>,
) -> (Fitted, Forecasts) {
    let panel = prepared.histories.open();
    let fitted = learn(settings, prepared, &panel);
    let across = AcrossItems { fitted: &fitted, groups: &groups(&panel) };
    let opened = Opened { settings, prepared, panel: &panel, across };
    let forecasts = opened.forecasts(items, &|_, _| ());
    (fitted, forecasts)
}

/// Learns what crosses items from their histories.
#[must_use]
pub fn learn(settings: &Settings, prepared: &Prepared, panel: &Panel) -> Fitted {
    fit(panel, &ForecastSettings::of(settings, prepared.longest_reach_days))
}

/// Forecasts these items, or all, by what was learnt tonight or on an earlier night.
#[must_use]
pub fn forecast_with(
    settings: &Settings,
    prepared: &Prepared,
    fitted: &Fitted,
    items: Option<&[usize]>,
    on_items: OnItems<'_>,
) -> Forecasts {
    let panel = prepared.histories.open();
    let across = AcrossItems { fitted, groups: &groups(&panel) };
    Opened { settings, prepared, panel: &panel, across }.forecasts(items, on_items)
}

/// Histories that are open, with what crosses the items.
struct Opened<'a> {
    settings: &'a Settings,
    prepared: &'a Prepared,
    panel: &'a Panel,
    across: AcrossItems<'a>,
}

impl Opened<'_> {
    /// Forecasts these items, or all.
    fn forecasts(&self, items: Option<&[usize]>, on_items: OnItems<'_>) -> Forecasts {
        let forecasting = ForecastSettings::of(self.settings, self.prepared.longest_reach_days);
        let forecasts = forecast_items(self.panel, self.across, &forecasting, items, on_items);
        forecasts.with_changes(self.prepared.changes.clone())
    }
}

/// The items that have to be planned, by their index among the prepared ones; `None` if all.
fn reached(
    settings: &Settings,
    inputs: &Loaded,
    prepared: &Prepared,
    scope: Scope<'_>,
) -> Option<Vec<usize>> {
    match scope {
        Scope::All => None,
        Scope::Items(chosen) => {
            Some(planned_together(settings, &inputs.tables, &prepared.keys, chosen))
        }
    }
}

/// Plans on forecasts: what each item needs, then what crosses items.
#[must_use]
pub fn plan<'a>(
    settings: &'a Settings,
    inputs: &'a Loaded,
    foreseen: &Foreseen<'_>,
    tonight: &Tonight<'_>,
) -> NightPlan<'a> {
    let context = PlanContext::new(settings, &inputs.tables, inputs.as_of, tonight.order_now);
    let prepared = foreseen.prepared;
    let reached = reached(settings, inputs, prepared, tonight.scope)
        .unwrap_or_else(|| (0..prepared.keys.len()).collect());
    let previous_advice = tonight.previous.map(|run| &run.advice);

    let on_items = tonight.on_items;
    let each = plan_each(&context, foreseen, &reached, previous_advice, on_items);
    bring_together(&context, inputs, foreseen, each, tonight)
}

/// Plans each of these items by itself, on its forecast: who delivers it, its levels and risk, what
/// to do about its open orders.
#[must_use]
pub fn plan_each<'a>(
    context: &PlanContext<'a>,
    foreseen: &Foreseen<'_>,
    items: &[usize],
    previous: Option<&PreviousAdvice>,
    on_items: OnItems<'_>,
) -> PlannedAlone<'a> {
    let Foreseen { prepared, forecasts, .. } = *foreseen;
    let facts = choose_suppliers(context, prepared, forecasts, items);
    decide_each(context, facts, forecasts, previous, on_items)
}

/// Plans what crosses items, on what was decided for each of them.
#[must_use]
pub fn bring_together<'a>(
    context: &PlanContext<'a>,
    inputs: &'a Loaded,
    foreseen: &Foreseen<'_>,
    PlannedAlone { mut items, advice }: PlannedAlone<'a>,
    tonight: &Tonight<'_>,
) -> NightPlan<'a> {
    let Foreseen { prepared, across, forecasts } = *foreseen;
    let settings = context.settings;
    if let Some(ledger) = tonight.ledger {
        snooze(&mut items, ledger, settings);
    }
    let own_quantities = items.iter().map(|item| item.row.quantity()).collect();
    let (transfers, transfer_findings) = move_stock(context, &mut items);

    join_orders(context, &mut items);
    let (states, minimum_findings) = meet_minimum_values(context, &mut items);
    let container_findings = fill_containers(context, &mut items, &states);
    let mut book = OrderBook::write(context, &items, &states);
    book.findings.extend(minimum_findings.into_iter().chain(container_findings));
    if let Some(ledger) = tonight.ledger {
        keep_numbers(&mut book, ledger);
    }
    let open_to_buy = hold_beyond_budget(context, &items, &mut book, tonight.ledger);
    mark_needs_review(&mut book, &items, &prepared.histories);
    mark_doubtful_inputs(&mut book, &inputs.tables.doubts);
    let is_given = inputs.tables.stock.is_some();
    let previous_rows = tonight.previous.and_then(|run| run.stock_rows).filter(|_| is_given);
    let coverage = StockCoverage { previous_rows, ..inputs.stock_coverage };
    let stock_gap = hold_on_stock_gap(&mut book, &coverage);
    mark_beyond_approval(context, &mut book, tonight.ledger);

    let decided = NightPlan { own_quantities, open_to_buy, ..NightPlan::default() };
    let mut plan = NightPlan { book, stock_gap, advice, transfers, ..decided };
    let mut findings = transfer_findings;
    if let Some(ledger) = tonight.ledger {
        hand_over(settings, &items, ledger, &mut plan);
        findings.extend(ledger.findings.iter().cloned());
    }
    findings.extend(inputs.findings.iter().chain(&prepared.findings).cloned());
    findings.extend(items.iter().flat_map(|item| item.facts.findings(context)));
    findings.extend(items.iter().filter_map(PlannedItem::size_finding));
    // Those of whole orders stay with the book too, to be found by their orders.
    let of_items: Vec<OrderFinding>;
    (of_items, plan.book.findings) = std::mem::take(&mut plan.book.findings)
        .into_iter()
        .partition(|found| found.finding.key.is_some());
    findings.extend(plan.book.findings.iter().map(|found| found.finding.clone()));
    findings.extend(of_items.into_iter().map(|found| found.finding));
    if matches!(tonight.scope, Scope::All) {
        findings.extend(spread_finding(&items));
        findings.extend(punctuality(&inputs.tables, inputs.as_of));
        findings.extend(UsualLeadTimes::of(&inputs.tables, inputs.as_of).findings());
        findings.extend(contradicted_lead_times(context, &items));
    }
    (tonight.on_stage)(NightStage::Plan);
    if let Some(across) = across.filter(|_| matches!(tonight.scope, Scope::All)) {
        let (advice, transfers, book) = (&plan.advice, &plan.transfers, &plan.book);
        let decided = Decided::new(&inputs.tables, &items, advice, transfers, book);
        let never_seen = tonight.ledger.map(Opening::never_seen).unwrap_or_default();
        let risk = RiskEvidence {
            histories: &prepared.histories,
            across,
            forecasts,
            previous: tonight.previous.map(|run| &run.risks),
            never_seen: &never_seen,
        };
        let told = tonight.previous.map(|run| &run.promises);
        let chased = tonight.previous.map(|run| &run.chased);
        let evidence = DeskEvidence {
            risk,
            told,
            is_told_lost: tonight.previous.is_some_and(|run| run.is_told_lost),
            chased,
            is_stock_whole: plan.stock_gap.is_none(),
        };
        let work = desk(context, &items, &decided, &evidence);
        plan.desk = work.desk;
        for (line, chased) in plan.advice.iter_mut().zip(work.chased) {
            line.chased = chased;
        }
        findings.extend(work.findings);

        let underway = Underway { advice: &plan.advice, transfers: &plan.transfers };
        plan.excess = excess(context, &items, prepared, forecasts, underway);
        let carried = tonight.previous.map(|run| &run.review);
        let earlier = carried.map_or(&[][..], |carried| &carried.edits);
        let decided = tonight.ledger.map_or(&[][..], |ledger| &ledger.decided);
        plan.edits = edits(&items, prepared, decided, earlier);
        let standing = Standing {
            items: &items,
            risks: &plan.desk.risks.rows,
            excess: &plan.excess,
            lines: &plan.book.lines,
            edits: &plan.edits,
        };
        plan.review = review(context, &standing, carried);

        let moved = MovedTonight { book: &plan.book, transfers: &plan.transfers };
        plan.projected = projected_orders(context, &items, forecasts, moved);
        let (due, incomplete) = cash(context, &items, &plan.book, &plan.projected);
        plan.cash = due;
        findings.extend(incomplete);
    }
    plan.findings = sorted(findings);
    plan.entries = entries(items, prepared);

    plan
}

/// Adds what was approved earlier to tonight's orders, unless nothing may go out, and says what the
/// night writes to the ledger.
fn hand_over(
    settings: &Settings,
    items: &[PlannedItem<'_>],
    ledger: &Opening,
    plan: &mut NightPlan<'_>,
) {
    plan.order_gap = match &ledger.gap {
        Some(gap) => {
            plan.book.hold();
            Some(gap.clone())
        }
        None if plan.stock_gap.is_none() => hold_beyond_usual(settings, &mut plan.book, ledger),
        None => None,
    };
    add_approved(&mut plan.book, items, ledger);
    plan.ledger = Some(ledger_night(settings, &plan.book, items, ledger));
}
