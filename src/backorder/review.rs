//! Key figures of tonight's run, carried on from run to run: a row of `review.csv`.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::domain::tables::{Backorder, ItemStatus, Tables};
use crate::plan::PlannedItem;
use crate::plan::context::PlanContext;
use crate::plan::orders::{LineState, OrderLine};

use super::cause::CauseKind;
use super::edits::{self, Edit};
use super::excess::ExcessRow;
use super::risk::{RiskRow, RiskStatus};
use super::told::{PromisedDays, line_name};

/// Days over which the share of days in stock is taken: the desk's four weeks.
const STOCKED_DAYS: Day = 28;
/// Days of promises that deliveries are held against: the desk's quarter.
const PUNCTUAL_DAYS: Day = 90;
/// Periods over which the forecast is held against what came.
const SCORED_PERIODS: usize = 4;

/// A figure of the review.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Figure {
    /// How many.
    Count(i64),
    /// Stock units.
    Units(Fixed),
    /// Base money.
    Money(Fixed),
    /// From 0 to 1, or an error beside its whole.
    Share(f64),
    /// A real number with a unit of its own.
    Real(f64),
    /// A day.
    Date(Day),
}

/// Declares the figures of a row: `name: Type = Kind, "meaning";`.
macro_rules! review_row {
    ($($name:ident: $type:ty = $kind:ident, $meaning:literal;)*) => {
        /// Key figures of one run; a figure is `None` where nothing says it.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct ReviewRow {
            /// The day that the run stands at.
            pub date: Day,
            $(#[doc = $meaning] pub $name: Option<$type>,)*
        }

        impl ReviewRow {
            /// The names of the figures, in the order in which they are written after the date.
            pub const NAMES: &[&str] = &[$(stringify!($name),)*];

            /// The figures beside their names.
            #[must_use]
            pub fn figures(&self) -> Vec<Option<Figure>> {
                vec![$(self.$name.map(Figure::$kind),)*]
            }

            /// Figures as [`figures`](Self::figures) gives them; `None` if one is of another kind.
            #[must_use]
            pub fn of_figures(date: Day, figures: &[Option<Figure>]) -> Option<Self> {
                let mut figures = figures.iter();
                Some(Self {
                    date,
                    $($name: match figures.next()? {
                        Some(Figure::$kind(value)) => Some(*value),
                        None => None,
                        Some(_) => return None,
                    },)*
                })
            }

            /// One figure of each kind that there is, beside the names.
            #[must_use]
            pub fn kinds() -> Vec<Figure> {
                vec![$(Figure::$kind(<$type>::default()),)*]
            }
        }
    };
}

review_row! {
    items_planned: i64 = Count, "Items planned.";
    items_out_of_stock: i64 = Count, "Of those sold on, with nothing that is free on hand.";
    waiting_lines: i64 = Count, "Order lines of customers who wait.";
    waiting_units: Fixed = Units, "Their units.";
    waiting_value: Fixed = Money, "The same at their price, else at the item's.";
    waiting_oldest_days: i64 = Count, "Days since the oldest was ordered.";
    waiting_mean_days: f64 = Real, "The same on average over the lines.";
    at_risk_items: i64 = Count, "Items at risk of running out.";
    at_risk_value: Fixed = Money, "What that is expected to cost.";
    share_demand_surge: f64 = Share, "Share of the items at risk by leading cause.";
    share_demand_shift: f64 = Share, "The same.";
    share_supplier_late: f64 = Share, "The same.";
    share_supplier_outage: f64 = Share, "The same.";
    share_record_in_doubt: f64 = Share, "The same.";
    share_plan_too_thin: f64 = Share, "The same.";
    share_not_ordered: f64 = Share, "The same.";
    share_discontinued: f64 = Share, "The same.";
    excess_value: Fixed = Money, "Stock beyond what is worth keeping, at cost.";
    dead_stock_value: Fixed = Money, "Of it, dead stock.";
    overdue_lines: i64 = Count, "Open order lines that should have come.";
    overdue_value: Fixed = Money, "The same at cost.";
    on_time_in_full_90d: f64 = Share, "Deliveries promised for the last 90 days that came so.";
    promises_due: i64 = Count, "Promises to customers that fell due since the previous run.";
    promises_kept: i64 = Count, "Of them, lines that wait no more.";
    order_lines: i64 = Count, "Order lines suggested tonight.";
    order_value: Fixed = Money, "The same at cost.";
    in_stock_share_28d: f64 = Share, "Share of the items' last 28 days with stock.";
    forecast_error_4b: f64 = Share, "Σ|actual − forecast| over Σ actual of four periods.";
    forecast_bias_4b: f64 = Share, "Σ(forecast − actual) over Σ actual of four periods.";
    period_start: Day = Date, "The newest whole period whose forecast is held against it.";
    period_demand: f64 = Real, "Its demand in units.";
    period_absolute_error: f64 = Real, "Σ|actual − forecast| over its items, in units.";
    period_error: f64 = Real, "Σ(forecast − actual) over its items, in units.";
    edits_judged: i64 = Count, "Decisions about order lines of the last year that were judged.";
    edits_better: i64 = Count, "Of them, those that came nearer to demand.";
    edits_value_added: Fixed = Money, "Their forecast value added, at cost.";
}

/// What the previous run left for tonight's row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Carried {
    /// The day that it stood at.
    pub as_of: Option<Day>,
    /// Its rows, the oldest first.
    pub rows: Vec<ReviewRow>,
    /// What it told the customers who waited; `None` where it told nobody.
    pub promises: Option<PromisedDays>,
    /// The newest whole period against its forecast, where that was not in its rows yet.
    pub score: Option<PeriodScore>,
    /// People's decisions about its order lines and those of earlier runs.
    pub edits: Vec<Edit>,
}

/// Forecasts of one period against what came, over items.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PeriodScore {
    /// First day of the period.
    pub start: Day,
    /// Σ actual, units.
    pub demand: f64,
    /// Σ|actual − forecast|, units.
    pub absolute_error: f64,
    /// Σ(forecast − actual), units.
    pub error: f64,
}

impl PeriodScore {
    /// Adds an item.
    pub fn add(&mut self, actual: f64, forecast: f64) {
        self.demand += actual;
        self.absolute_error += (actual - forecast).abs();
        self.error += forecast - actual;
    }

    fn of(row: &ReviewRow) -> Option<Self> {
        Some(Self {
            start: row.period_start?,
            demand: row.period_demand?,
            absolute_error: row.period_absolute_error?,
            error: row.period_error?,
        })
    }
}

/// What stands at the end of the night.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// The planned items, sorted by key.
    pub items: &'a [PlannedItem<'a>],
    /// Items at risk.
    pub risks: &'a [RiskRow],
    /// Items with excess.
    pub excess: &'a [ExcessRow],
    /// Tonight's order lines.
    pub lines: &'a [OrderLine],
    /// People's decisions about earlier ones.
    pub edits: &'a [Edit],
}

/// Every row that is carried on, and tonight's.
#[must_use]
pub fn review(
    context: &PlanContext<'_>,
    standing: &Standing<'_>,
    previous: Option<&Carried>,
) -> Vec<ReviewRow> {
    let as_of = context.as_of;
    let nothing = Carried::default();
    let previous = previous.unwrap_or(&nothing);
    // A rerun is a run of the same day, and there is one row a day.
    let before = previous.rows.iter().filter(|row| row.date < as_of);
    let mut rows: Vec<ReviewRow> = before.cloned().collect();

    let mut row = ReviewRow { date: as_of, ..ReviewRow::default() };
    stock(context, standing, &mut row);
    waiting(context, standing, &mut row);
    at_risk(standing.risks, &mut row);
    overdue(context, standing, &mut row);
    row.on_time_in_full_90d = on_time_in_full(context.tables, as_of);
    promises(context, previous, &mut row);
    orders(standing.lines, &mut row);
    decisions(standing.edits, &mut row);
    forecast(&rows, previous.score, &mut row);
    row.in_stock_share_28d =
        in_stock(context, standing.items).or_else(|| in_stock_of_rows(&rows, &row));
    rows.push(row);

    rows
}

/// A number of rows as a figure.
fn count(number: usize) -> Option<i64> {
    Some(number as i64)
}

/// Whether an item is meant to be on the shelf.
fn is_stocked(context: &PlanContext<'_>, item: &PlannedItem<'_>) -> bool {
    let facts = &item.facts;
    let is_sold_on = matches!(facts.status(context.as_of), ItemStatus::Active | ItemStatus::New);

    is_sold_on
        && facts.at_location.is_none_or(|row| row.active)
        && facts.has_history
        && item.row.levels.mean_daily_demand > 0.0
}

fn stock(context: &PlanContext<'_>, standing: &Standing<'_>, row: &mut ReviewRow) {
    row.items_planned = count(standing.items.len());
    let stocked = standing.items.iter().filter(|item| is_stocked(context, item));
    let free: Vec<Fixed> = stocked.filter_map(|item| Some(item.row.stock?.free())).collect();
    if standing.items.iter().any(|item| item.row.stock.is_some()) {
        row.items_out_of_stock = count(free.iter().filter(|free| **free <= Fixed::ZERO).count());
        let value = |rows: &mut dyn Iterator<Item = &ExcessRow>| {
            rows.filter_map(|row| row.value).sum::<Fixed>()
        };
        row.excess_value = Some(value(&mut standing.excess.iter()));
        row.dead_stock_value = Some(value(&mut standing.excess.iter().filter(|row| row.is_dead)));
    }
}

/// Who waits, by the `backorders` table; nothing where it is not given.
fn waiting(context: &PlanContext<'_>, standing: &Standing<'_>, row: &mut ReviewRow) {
    let Some(lines) = &context.tables.backorders else { return };
    let items = standing.items;
    let price = |line: &Backorder| {
        let of_item = || {
            let at = items.binary_search_by(|item| item.key().cmp(&line.key)).ok()?;
            items[at].facts.unit_price
        };
        line.unit_price.or_else(of_item)
    };
    let days = |line: &Backorder| (i64::from(context.as_of) - i64::from(line.ordered_on)).max(0);

    row.waiting_lines = count(lines.len());
    row.waiting_units = Some(lines.iter().map(|line| line.quantity).sum());
    let value = |line: &Backorder| Some(line.quantity.times(price(line)?));
    row.waiting_value = Some(lines.iter().filter_map(value).sum());
    row.waiting_oldest_days = lines.iter().map(days).max();
    let total: i64 = lines.iter().map(days).sum();
    row.waiting_mean_days = (!lines.is_empty()).then(|| total as f64 / lines.len() as f64);
}

/// All that the review takes from the items at risk.
fn at_risk(risks: &[RiskRow], row: &mut ReviewRow) {
    let open: Vec<&RiskRow> =
        risks.iter().filter(|risk| risk.status != RiskStatus::Resolved).collect();
    let value = |risk: &&RiskRow| risk.risk.expected_short_value.get().map(Fixed::clamped);
    let share = |kind: CauseKind| {
        let led = open.iter().filter(|risk| risk.cause.kind == kind).count();
        (!open.is_empty()).then(|| led as f64 / open.len() as f64)
    };

    row.at_risk_items = count(open.len());
    row.at_risk_value = Some(open.iter().filter_map(value).sum());
    row.share_demand_surge = share(CauseKind::DemandSurge);
    row.share_demand_shift = share(CauseKind::DemandShift);
    row.share_supplier_late = share(CauseKind::SupplierLate);
    row.share_supplier_outage = share(CauseKind::SupplierOutage);
    row.share_record_in_doubt = share(CauseKind::RecordInDoubt);
    row.share_plan_too_thin = share(CauseKind::PlanTooThin);
    row.share_not_ordered = share(CauseKind::NotOrdered);
    row.share_discontinued = share(CauseKind::Discontinued);
}

/// What people's decisions did; nothing where nobody decided anything.
fn decisions(edits: &[Edit], row: &mut ReviewRow) {
    if edits.is_empty() {
        return;
    }
    let totals = edits::totals(edits);
    row.edits_judged = count(totals.values().map(|of| of.judged).sum());
    row.edits_better = count(totals.values().map(|of| of.better).sum());
    row.edits_value_added = Some(totals.values().map(|of| of.money).sum());
}

/// Open order lines that should have come; nothing where no such table is given.
fn overdue(context: &PlanContext<'_>, standing: &Standing<'_>, row: &mut ReviewRow) {
    if context.tables.purchase_orders.is_none() {
        return;
    }
    let (mut lines, mut value) = (0, Fixed::ZERO);
    for item in standing.items {
        let open = item.facts.open_lines.iter();
        for line in open.filter(|line| line.overdue_days(context.as_of).is_some()) {
            lines += 1;
            let cost = item.facts.unit_cost.unwrap_or_default();
            value += line.row.quantity.times(cost);
        }
    }
    row.overdue_lines = count(lines);
    row.overdue_value = Some(value);
}

/// Deliveries that were promised for the last 90 days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deliveries {
    /// How many.
    pub due: usize,
    /// Of them, those that came by their day and in full.
    pub on_time_in_full: usize,
}

impl Deliveries {
    /// The part that came by its day and in full; `None` where nothing was promised.
    #[must_use]
    pub fn share(self) -> Option<f64> {
        (self.due > 0).then(|| self.on_time_in_full as f64 / self.due as f64)
    }
}

fn on_time_in_full(tables: &Tables, as_of: Day) -> Option<f64> {
    let of_all = recent_deliveries(tables, as_of).into_values();
    let sum = of_all.fold(Deliveries::default(), |sum, of| Deliveries {
        due: sum.due + of.due,
        on_time_in_full: sum.on_time_in_full + of.on_time_in_full,
    });
    sum.share()
}

/// Each supplier's deliveries that were promised for the last 90 days; no supplier of whom none
/// was.
///
/// A delivery is an order's units of one item promised for one day. How many were ordered no table
/// says, so that it is in full unless some of it is still open; open lines whose day has passed
/// count as late.
#[must_use]
pub fn recent_deliveries(tables: &Tables, as_of: Day) -> BTreeMap<&str, Deliveries> {
    let is_recent =
        |day: Day| day < as_of && i64::from(as_of) - i64::from(day) <= i64::from(PUNCTUAL_DAYS);
    let open = rows(&tables.purchase_orders).iter();
    let still_open: BTreeSet<(&str, &Key)> =
        open.clone().map(|line| (&*line.po_number, &line.key)).collect();

    let mut kept: BTreeMap<(&str, &Key, Day), (&str, bool)> = BTreeMap::new();
    for receipt in rows(&tables.receipts) {
        let Some(promised) = receipt.promised_on.filter(|day| is_recent(*day)) else { continue };
        let is_known = receipt.received_on < as_of && receipt.quantity > Fixed::ZERO;
        if !is_known {
            continue;
        }
        let name = (&*receipt.po_number, &receipt.key);
        let is_kept = receipt.received_on <= promised && !still_open.contains(&name);
        let delivery = kept.entry((name.0, name.1, promised)).or_insert((&receipt.supplier, true));
        delivery.1 &= is_kept;
    }
    for line in open {
        if let Some(expected) = line.expected_on.filter(|day| is_recent(*day)) {
            kept.insert((&line.po_number, &line.key, expected), (&line.supplier, false));
        }
    }

    let mut suppliers: BTreeMap<&str, Deliveries> = BTreeMap::new();
    for (supplier, is_kept) in kept.into_values() {
        let of = suppliers.entry(supplier).or_default();
        of.due += 1;
        of.on_time_in_full += usize::from(is_kept);
    }
    suppliers
}

/// Promises that fell due since the previous run, and those of them whose lines wait no more.
fn promises(context: &PlanContext<'_>, previous: &Carried, row: &mut ReviewRow) {
    let (Some(promised), Some(before)) = (&previous.promises, previous.as_of) else { return };
    let Some(lines) = &context.tables.backorders else { return };

    let open: BTreeSet<_> = lines.iter().map(line_name).collect();
    let due = promised.iter().filter(|(_, day)| (before..context.as_of).contains(*day));
    let (due, kept) = due
        .fold((0, 0), |(due, kept), (name, _)| (due + 1, kept + usize::from(!open.contains(name))));
    (row.promises_due, row.promises_kept) = (count(due), count(kept));
}

/// Lines that are suggested, for a person to look at first or not.
fn orders(lines: &[OrderLine], row: &mut ReviewRow) {
    let suggested = lines.iter().filter(|line| line.state != LineState::Held);
    row.order_lines = count(suggested.clone().count());
    row.order_value = Some(suggested.filter_map(|line| line.base_total).sum());
}

/// The newest period, and the last four that are known, each once.
fn forecast(before: &[ReviewRow], score: Option<PeriodScore>, row: &mut ReviewRow) {
    let mut scores: BTreeMap<Day, PeriodScore> = BTreeMap::new();
    scores.extend(before.iter().filter_map(PeriodScore::of).map(|score| (score.start, score)));
    scores.extend(score.map(|score| (score.start, score)));
    let Some((_, newest)) = scores.last_key_value() else { return };

    row.period_start = Some(newest.start);
    row.period_demand = Some(newest.demand);
    row.period_absolute_error = Some(newest.absolute_error);
    row.period_error = Some(newest.error);

    let last: Vec<&PeriodScore> = scores.values().rev().take(SCORED_PERIODS).collect();
    let sum = |of: fn(&PeriodScore) -> f64| last.iter().map(|score| of(score)).sum::<f64>();
    let demand = sum(|score| score.demand);
    if last.len() == SCORED_PERIODS && demand > 0.0 {
        row.forecast_error_4b = Some(sum(|score| score.absolute_error) / demand);
        row.forecast_bias_4b = Some(sum(|score| score.error) / demand);
    }
}

/// Share of the last 28 days on which items that are meant to be on the shelf were on sale, by the
/// `availability` table; a day without a row is one with stock. `None` where it is not given.
fn in_stock(context: &PlanContext<'_>, items: &[PlannedItem<'_>]) -> Option<f64> {
    let availability = context.tables.availability.as_ref()?;
    let stocked: BTreeSet<&Key> =
        items.iter().filter(|item| is_stocked(context, item)).map(PlannedItem::key).collect();

    let (from, to) = (context.as_of.saturating_sub(STOCKED_DAYS), context.as_of);
    let mut off_sale_days = 0.0;
    for row in availability.iter().filter(|row| stocked.contains(&row.key)) {
        let days = row.date.saturating_add(row.days).min(to) - row.date.max(from);
        off_sale_days += f64::from(days.max(0)) * (1.0 - row.in_stock).clamp(0.0, 1.0);
    }
    let all_days = stocked.len() as f64 * f64::from(STOCKED_DAYS);
    (all_days > 0.0).then(|| (1.0 - off_sale_days / all_days).max(0.0))
}

/// The same by the runs of those days: the share of items that were not out of stock.
fn in_stock_of_rows(before: &[ReviewRow], tonight: &ReviewRow) -> Option<f64> {
    let is_recent = |row: &&ReviewRow| tonight.date.saturating_sub(row.date) < STOCKED_DAYS;
    let of_row = |row: &ReviewRow| Some((row.items_planned?, row.items_out_of_stock?));
    let known = before.iter().filter(is_recent).chain([tonight]).filter_map(of_row);
    let (planned, out) = known.fold((0, 0), |sum, (planned, out)| (sum.0 + planned, sum.1 + out));

    (planned > 0).then(|| 1.0 - out as f64 / planned as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tables::{OpenOrder, Receipt};

    fn score(start: Day, demand: f64, absolute_error: f64, error: f64) -> PeriodScore {
        PeriodScore { start, demand, absolute_error, error }
    }

    fn row_of(date: Day, score: PeriodScore) -> ReviewRow {
        ReviewRow {
            date,
            period_start: Some(score.start),
            period_demand: Some(score.demand),
            period_absolute_error: Some(score.absolute_error),
            period_error: Some(score.error),
            ..ReviewRow::default()
        }
    }

    #[test]
    fn four_periods_count_once_each_however_many_nights_say_them() {
        let mut before: Vec<ReviewRow> =
            (0..21).map(|day| row_of(day, score(day / 7 * 7, 100.0, 20.0, -10.0))).collect();
        let mut row = ReviewRow { date: 21, ..ReviewRow::default() };
        forecast(&before, None, &mut row);
        assert_eq!((row.period_start, row.forecast_error_4b), (Some(14), None));

        forecast(&before, Some(score(21, 300.0, 60.0, 60.0)), &mut row);
        // (20 + 20 + 20 + 60) / 600 and (−30 + 60) / 600.
        assert_eq!((row.forecast_error_4b, row.forecast_bias_4b), (Some(0.2), Some(0.05)));
        before.push(row);
        let mut next = ReviewRow { date: 22, ..ReviewRow::default() };
        forecast(&before, None, &mut next);
        assert_eq!(next.forecast_error_4b, Some(0.2));
    }

    #[test]
    fn figures_read_back_as_the_row_they_were() {
        let row = ReviewRow {
            items_planned: Some(7),
            waiting_units: Some(Fixed::of_steps(25_000)),
            ..row_of(9, score(3, 1.5, 0.5, -0.5))
        };
        assert_eq!(ReviewRow::of_figures(9, &row.figures()), Some(row.clone()));
        assert_eq!(ReviewRow::kinds().len(), ReviewRow::NAMES.len());
        assert_eq!(ReviewRow::of_figures(9, &row.figures()[1..]), None);
    }

    #[test]
    fn a_delivery_in_part_and_one_that_is_open_are_not_in_full() {
        let key = Key::new("A", "main");
        let receipt = |number: &str, received_on: Day| Receipt {
            po_number: number.into(),
            supplier: "ACME".into(),
            key: key.clone(),
            quantity: Fixed::ONE,
            ordered_on: 900,
            received_on,
            promised_on: Some(950),
            expedited: false,
            reference: None,
        };
        let open = |number: &str, expected_on: Day| OpenOrder {
            po_number: number.into(),
            line: None,
            supplier: "ACME".into(),
            key: key.clone(),
            quantity: Fixed::ONE,
            received: Fixed::ZERO,
            ordered_on: Some(900),
            expected_on: Some(expected_on),
            reference: None,
            source: Default::default(),
        };
        let mut tables = Tables {
            receipts: Some(vec![receipt("P1", 950), receipt("P2", 951), receipt("P3", 940)]),
            ..Tables::default()
        };
        assert_eq!(on_time_in_full(&tables, 1_000), Some(2.0 / 3.0));
        let acme = Deliveries { due: 3, on_time_in_full: 2 };
        assert_eq!(recent_deliveries(&tables, 1_000), BTreeMap::from([("ACME", acme)]));
        // Of P3 something is still to come, and P4 should have come.
        tables.purchase_orders = Some(vec![open("P3", 1_010), open("P4", 990)]);
        assert_eq!(on_time_in_full(&tables, 1_000), Some(0.25));
        assert_eq!(on_time_in_full(&tables, 1_041), Some(0.0), "only P4 is of the last 90 days");
    }

    #[test]
    fn without_availability_the_runs_of_four_weeks_say_how_much_was_in_stock() {
        let row = |date, out| ReviewRow {
            date,
            items_planned: Some(10),
            items_out_of_stock: Some(out),
            ..ReviewRow::default()
        };
        let before = [row(70, 10), row(73, 4), row(99, 2)];
        assert_eq!(in_stock_of_rows(&before, &row(100, 0)), Some(0.8));
        assert_eq!(in_stock_of_rows(&[], &ReviewRow::default()), None);
    }
}
