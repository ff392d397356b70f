//! Suppliers: how they deliver beside what is expected of them, and what is open with them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::decide::in_base;
use super::run_tables::{self, RunTables};
use super::{PageSource, shown};
use crate::backorder::review::{Deliveries, recent_deliveries};
use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::lookups::rows;
use crate::domain::money::decimals_of;
use crate::domain::open_days::OpenDays;
use crate::domain::tables::OpenOrder;
use crate::plan::orders::LineState;
use crate::plan::supplier_punctuality::{SupplierPunctuality, punctuality_by_supplier};
use crate::report::columns::STATE;
use crate::state::StateView;

/// Suppliers that are shown. Judgement: those that a planner knows by name.
const MAX_SHOWN: usize = 30;

/// The scorecards.
#[derive(Serialize)]
pub(super) struct Suppliers {
    currency: String,
    rows: Vec<Scorecard>,
    /// What is not shown, as a sentence; else nothing.
    rest: String,
    /// Whether lines count whose cost is not known.
    lacks_costs: bool,
}

/// What is known of a supplier; an empty text is not known.
#[derive(Serialize)]
struct Scorecard {
    supplier: String,
    name: String,
    stated: String,
    learnt: String,
    orders: String,
    on_time: String,
    deliveries: String,
    drift: String,
    open_lines: String,
    open_value: String,
    overdue_lines: String,
    tonight_lines: String,
    tonight_value: String,
}

/// Some order lines and what they cost.
#[derive(Clone, Copy, Default)]
struct Lines {
    count: usize,
    /// What those cost whose cost is known.
    value: Fixed,
    /// How many of them have none.
    without_cost: usize,
}

/// What is open with a supplier.
#[derive(Clone, Copy, Default)]
struct Standing {
    open: Lines,
    overdue: usize,
    tonight: Lines,
}

impl Lines {
    fn add(&mut self, value: Option<Fixed>) {
        self.count += 1;
        match value {
            Some(value) => self.value += value,
            None => self.without_cost += 1,
        }
    }

    /// What they cost; nothing where no cost is known, or there is no line.
    fn shown_value(self) -> String {
        let is_known = self.count > self.without_cost;
        if is_known { shown::amount(self.value) } else { String::new() }
    }
}

impl Standing {
    fn value(self) -> Fixed {
        self.open.value + self.tonight.value
    }

    fn lines(self) -> usize {
        self.open.count + self.tonight.count
    }
}

pub(super) fn section(source: &PageSource<'_>, run: &RunTables) -> Suppliers {
    let state = source.state;
    let mut standing: BTreeMap<&str, Standing> = BTreeMap::new();
    open_orders(state, run, &mut standing);
    tonights_orders(state, run, &mut standing);
    let punctuality = punctuality_by_supplier(state.tables, state.as_of);
    let deliveries = recent_deliveries(state.tables, state.as_of);

    let stated = rows(&state.tables.suppliers).iter().map(|row| &*row.supplier);
    for supplier in stated.chain(punctuality.keys().copied()).chain(deliveries.keys().copied()) {
        standing.entry(supplier).or_default();
    }
    let mut order: Vec<(&str, Standing)> = standing.into_iter().collect();
    order.sort_by_key(|(name, of)| {
        std::cmp::Reverse((of.value(), of.lines(), std::cmp::Reverse(*name)))
    });
    let (shown, left) = order.split_at(order.len().min(MAX_SHOWN));

    let scorecard = |(supplier, standing): &(&str, Standing)| {
        let of = (punctuality.get(supplier), deliveries.get(supplier).copied());
        Scorecard::of(state, supplier, *standing, of)
    };
    let lacks = |(_, of): &(&str, Standing)| of.open.without_cost + of.tonight.without_cost > 0;
    Suppliers {
        currency: shown::name(&state.settings.currency.base),
        rows: shown.iter().map(scorecard).collect(),
        rest: rest(left, &state.settings.currency.base),
        lacks_costs: order.iter().any(lacks),
    }
}

/// What is left out.
fn rest(left: &[(&str, Standing)], currency: &str) -> String {
    if left.is_empty() {
        return String::new();
    }
    let lines = left.iter().map(|(_, of)| of.lines()).sum();
    let value = left.iter().map(|(_, of)| of.value()).sum();
    shown::sentence(&format!(
        "{} more suppliers have {} order lines, {} {currency}, open and tonight.",
        shown::count(left.len()),
        shown::count(lines),
        shown::amount(value)
    ))
}

impl Scorecard {
    fn of(
        state: StateView<'_>,
        supplier: &str,
        standing: Standing,
        (known, deliveries): (Option<&SupplierPunctuality>, Option<Deliveries>),
    ) -> Self {
        let row = state.tables.supplier(supplier);
        let name = row.and_then(|row| row.name.as_deref()).unwrap_or_default();
        let stated = row.and_then(|row| Some(days(row.lead_time_days?, row.lead_time_sd_days)));
        let learnt = known.map(|known| days(known.mean_days, known.sd_days));
        let said = known.iter().flat_map(|known| [&known.drift, &known.lateness]).flatten();
        let said: Vec<&str> = said.map(String::as_str).collect();

        let is_asked = state.tables.purchase_orders.is_some();
        let share = deliveries.and_then(Deliveries::share);
        Self {
            supplier: shown::name(supplier),
            name: shown::name(name),
            stated: stated.unwrap_or_default(),
            learnt: learnt.unwrap_or_default(),
            orders: known.map(|known| shown::count(known.orders)).unwrap_or_default(),
            on_time: share.map(shown::percent).unwrap_or_default(),
            deliveries: deliveries.map(|of| shown::count(of.due)).unwrap_or_default(),
            drift: shown::sentence(&said.join("; ")),
            open_lines: known_count(is_asked, standing.open.count),
            open_value: standing.open.shown_value(),
            overdue_lines: known_count(is_asked, standing.overdue),
            tonight_lines: shown::count(standing.tonight.count),
            tonight_value: standing.tonight.shown_value(),
        }
    }
}

/// A number of rows of a table; nothing where it is not given.
fn known_count(is_given: bool, count: usize) -> String {
    if is_given || count > 0 { shown::count(count) } else { String::new() }
}

/// A mean and its spread, in days.
fn days(mean: f64, sd: Option<f64>) -> String {
    let mean = shown::units(mean);
    sd.map_or_else(|| mean.clone(), |sd| format!("{mean} ± {}", shown::units(sd)))
}

/// Adds what is open with each supplier.
fn open_orders<'a>(
    state: StateView<'a>,
    run: &RunTables,
    standing: &mut BTreeMap<&'a str, Standing>,
) {
    let open = rows(&state.tables.purchase_orders);
    let open_days = OpenDays::by_supplier(state.tables);
    // Only a line that says no day is looked up.
    let is_dated = open.iter().all(|line| line.expected_on.is_some());
    let usual = if is_dated { BTreeMap::new() } else { usual_lead_times(run) };

    for line in open {
        let of = standing.entry(&line.supplier).or_default();
        let cost = state.unit_cost((&line.key.sku, &line.key.location));
        of.open.add(cost.map(|cost| line.quantity.times(cost)));
        let open_days = open_days.get(&line.supplier);
        let expected = expected_on(line, &usual).map(|day| match open_days {
            Some(open_days) => open_days.first_from(day),
            None => day,
        });
        of.overdue += usize::from(expected.is_some_and(|day| day < state.as_of));
    }
}

/// The day that a line was to come, by itself or by what is usual for its item.
fn expected_on(line: &OpenOrder, usual: &BTreeMap<(&str, &str), f64>) -> Option<Day> {
    line.expected_on.or_else(|| {
        let days = usual.get(&(&*line.key.sku, &*line.key.location))?;
        Some(line.ordered_on?.saturating_add(days.round() as Day))
    })
}

/// The lead time that each item is planned with, days.
fn usual_lead_times(run: &RunTables) -> BTreeMap<(&str, &str), f64> {
    let days = |row: run_tables::Row<'_>| row.number("lead_time_mean_days");
    run_tables::rows(&run.plan).filter_map(|row| Some((row.item(), days(row)?))).collect()
}

/// Adds what is ordered tonight of each supplier: every line that is not held.
fn tonights_orders<'a>(
    state: StateView<'_>,
    run: &'a RunTables,
    standing: &mut BTreeMap<&'a str, Standing>,
) {
    let decimals = decimals_of(&state.settings.currency.base);
    let held = LineState::Held.as_str();
    for row in run_tables::rows(&run.orders).filter(|row| row.text(STATE) != held) {
        let total = row.fixed("line_total");
        let total = total.and_then(|total| in_base(state.settings, total, row.text("currency")));
        let total = total.map(|total| total.rounded(decimals));
        standing.entry(row.text("supplier")).or_default().tonight.add(total);
    }
}
