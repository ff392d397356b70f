//! Stock beyond what is worth keeping, and what to do with it.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::demand::histories::Histories;
use crate::demand::prepare::Prepared;
use crate::demand::stated::DemandChange;
use crate::domain::calendar::{DAYS_PER_YEAR, Day, date_of};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::ItemStatus;
use crate::domain::target::Target;
use crate::domain::wording::counted;
use crate::forecast::Forecasts;
use crate::inventory::retention::RetentionTerms;
use crate::plan::PlannedItem;
use crate::plan::context::PlanContext;
use crate::plan::item::offers::UNASSIGNED;
use crate::plan::open_order_advice::{Advice, LineAdvice};
use crate::plan::reason::Decision;
use crate::plan::transfers::Transfer;

/// Days without a sale after which stock is dead: the rule of the desk, a year.
const DEAD_DAYS: Day = 365;
/// No stock is kept for longer than this, whatever it costs to buy again. Judgement: ten years are
/// past every forecast.
const MAX_RETENTION_DAYS: f64 = 3_650.0;
/// Months of a year.
const MONTHS: f64 = 12.0;

/// An item with more stock than is worth keeping.
#[derive(Debug, Clone, PartialEq)]
pub struct ExcessRow {
    /// The item.
    pub key: Key,
    /// Units physically there.
    pub on_hand: Fixed,
    /// Units beyond what is worth keeping, of those on hand, promised to nobody, and on order.
    pub units: Fixed,
    /// The same at cost, base money; `None` where no cost is known.
    pub value: Option<Fixed>,
    /// Months that all of it lasts at the mean demand of the year ahead; `None` for dead stock.
    pub months_of_supply: Option<f64>,
    /// What to do, with the figures.
    pub action: String,
    /// Whether nothing was sold for a year, or nothing is expected to be.
    pub is_dead: bool,
}

/// What tonight's run does about stock already, which no advice here contradicts.
#[derive(Debug, Clone, Copy)]
pub struct Underway<'a> {
    /// Advice on open orders.
    pub advice: &'a [LineAdvice],
    /// Stock that moves between locations, sorted by item and the location that gives.
    pub transfers: &'a [Transfer],
}

/// The items with excess, the most money first, then by key. `items` are sorted by key.
#[must_use]
pub fn excess(
    context: &PlanContext<'_>,
    items: &[PlannedItem<'_>],
    prepared: &Prepared,
    forecasts: &Forecasts,
    underway: Underway<'_>,
) -> Vec<ExcessRow> {
    let histories = &prepared.histories;
    let since = histories.calendar.start_of(histories.first_bucket());
    let demand = DemandAhead { prepared, since, forecasts, supplied: supplied(items) };
    let advice = by_key(underway.advice);

    let row = |item: &PlannedItem<'_>| {
        let stock = item.row.stock?;
        let there = stock.free() + stock.on_order + stock.on_order_later;
        let is_ending = item.facts.is_ending(context.as_of);
        let kept = if is_ending { 0.0 } else { levels_units(item) };
        // Most items have no more than their own levels; their demand need not be opened.
        if excess_units(there, kept, 0.0) == Fixed::ZERO {
            return None;
        }

        let year = demand.units(item, DAYS_PER_YEAR as u32);
        let is_dead = demand.is_dead(item, year);
        let wanted = match is_dead {
            true => 0.0,
            false => demand.units(item, kept_days(context, item, year)),
        };
        let units = excess_units(there, kept, wanted);
        if units == Fixed::ZERO {
            return None;
        }

        let months = months(there, year).filter(|_| !is_dead);
        let here = excess_units(stock.free(), kept, wanted);
        let found = Found { here, months, is_dead, is_ending, is_unwanted: year <= 0.0 };
        let of_item = advice.get(item.key()).map_or(&[][..], Vec::as_slice);
        Some(ExcessRow {
            key: item.key().clone(),
            on_hand: stock.on_hand,
            units,
            value: item.facts.unit_cost.map(|cost| units.times(cost)),
            months_of_supply: found.months,
            action: action(item, &found, of_item, &Others { items, underway }),
            is_dead,
        })
    };
    let mut rows: Vec<ExcessRow> = items.par_iter().filter_map(row).collect();

    rows.sort_by(|a, b| {
        let money = |row: &ExcessRow| row.value.unwrap_or_default();
        money(b).cmp(&money(a)).then_with(|| a.key.cmp(&b.key))
    });
    rows
}

/// Units beyond the larger of what is kept by rule and what will be asked for; whole ones where
/// those that are there are whole.
///
/// 100 there, levels up to 30, 42.5 asked for: 57 are excess.
///
/// ```
/// use restock::backorder::excess::excess_units;
/// use restock::domain::fixed::Fixed;
/// let units = Fixed::from_units;
/// assert_eq!(excess_units(units(100), 30.0, 42.5), units(57));
/// assert_eq!(excess_units(units(100), 130.0, 42.5), Fixed::ZERO);
/// ```
#[must_use]
pub fn excess_units(there: Fixed, kept: f64, wanted: f64) -> Fixed {
    let worth_keeping = Fixed::clamped(kept.max(wanted).max(0.0));
    let step = if there.is_whole() { Fixed::ONE } else { Fixed::of_steps(1) };

    (there - worth_keeping.up_to_multiple(step)).or_zero()
}

/// What the plan itself would order up to, or have until the item's last day, and what people want
/// on the shelf, in units.
fn levels_units(item: &PlannedItem<'_>) -> f64 {
    let presented = item.facts.item.and_then(|item| item.presentation_stock);
    let stated = item.facts.min_stock.unwrap_or_default().max(presented.unwrap_or_default());

    let levels = &item.row.levels;
    let until_end = levels.ending.as_ref().map_or(0.0, |ending| ending.demand_units);
    levels.order_up_to_level.max(until_end).max(stated.to_f64()).ceil()
}

/// Days whose demand is worth keeping stock for: until `end_date` where the item is sold off, else
/// the economic retention time, else `max_cover_days`; never longer than the item keeps.
fn kept_days(context: &PlanContext<'_>, item: &PlannedItem<'_>, yearly_units: f64) -> u32 {
    let facts = &item.facts;
    let end = facts.item.and_then(|item| item.end_date);
    let days = match facts.status(context.as_of) {
        ItemStatus::Discontinued => 0.0,
        ItemStatus::PhaseOut if end.is_some() => {
            f64::from(end.unwrap_or_default()) - f64::from(context.as_of) + 1.0
        }
        _ => retention_days(context, item, yearly_units).unwrap_or(facts.max_cover_days),
    };
    let shelf_life =
        facts.item.and_then(|item| item.shelf_life_days.get()).filter(|days| *days > 0.0);

    days.min(shelf_life.unwrap_or(f64::INFINITY)).clamp(0.0, MAX_RETENTION_DAYS).round() as u32
}

/// The economic retention time in days; `None` where a cost that it needs is not known. What a
/// unit fetches if it goes at once no table says; it counts as nothing.
fn retention_days(
    context: &PlanContext<'_>,
    item: &PlannedItem<'_>,
    yearly_units: f64,
) -> Option<f64> {
    let facts = &item.facts;
    let unit_cost = facts.unit_cost.map(Fixed::to_f64).filter(|cost| *cost > 0.0)?;
    let of_target = match facts.target {
        Target::Cost(target) => target
            .rates(Some(unit_cost), facts.unit_price.map(Fixed::to_f64))
            .map(|rates| rates.holding_per_day * DAYS_PER_YEAR),
        _ => None,
    };
    let stated = context.settings.plan.holding_cost_per_year.map(|share| share * unit_cost);
    let levels = &item.row.levels;
    let gap = levels.order_up_to_level - levels.reorder_point;

    let terms = RetentionTerms {
        unit_cost,
        salvage: 0.0,
        holding_per_year: of_target.or(stated).filter(|yearly| *yearly > 0.0)?,
        order_cost: facts.order_cost.get().unwrap_or(0.0),
        order_units: gap.max(facts.min_order().to_f64()),
        yearly_units: Some(yearly_units).filter(|units| *units > 0.0)?,
    };
    Some(terms.years() * DAYS_PER_YEAR)
}

/// Months that units last at the demand of the year ahead.
fn months(there: Fixed, yearly_units: f64) -> Option<f64> {
    (yearly_units > 0.0).then(|| there.to_f64() / yearly_units * MONTHS)
}

/// For each item that supplies others, the indices of those that it supplies among the prepared
/// ones.
fn supplied(items: &[PlannedItem<'_>]) -> BTreeMap<Key, Vec<usize>> {
    let mut found: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for item in items {
        let Some(from) = item.facts.supplied_by.clone() else { continue };
        let giver = Key { sku: item.key().sku.clone(), location: from };
        found.entry(giver).or_default().push(item.facts.index);
    }

    found
}

/// Advice that gives stock back, by item.
fn by_key(advice: &[LineAdvice]) -> BTreeMap<&Key, Vec<&LineAdvice>> {
    let mut found: BTreeMap<&Key, Vec<&LineAdvice>> = BTreeMap::new();
    for line in advice {
        if matches!(line.advice, Advice::Cancel | Advice::Postpone) {
            found.entry(&line.key).or_default().push(line);
        }
    }

    found
}

/// The demand on an item, with that of the locations that it supplies.
struct DemandAhead<'a> {
    prepared: &'a Prepared,
    /// First day of the shop's history.
    since: Day,
    forecasts: &'a Forecasts,
    supplied: BTreeMap<Key, Vec<usize>>,
}

impl DemandAhead<'_> {
    fn indices(&self, item: &PlannedItem<'_>) -> impl Iterator<Item = usize> {
        let others = self.supplied.get(item.key()).map_or(&[][..], Vec::as_slice);
        std::iter::once(item.facts.index).chain(others.iter().copied())
    }

    /// Units expected to be asked for in so many days.
    fn units(&self, item: &PlannedItem<'_>, days: u32) -> f64 {
        let mean = |index| self.forecasts.distribution(index).total(0, days).mean();
        self.indices(item).map(mean).sum()
    }

    /// Whether nothing was sold for a year, or nothing will be in the year ahead.
    ///
    /// What people state for the days ahead is no dead stock. Nor is an item of which nothing is
    /// known: it may be new.
    fn is_dead(&self, item: &PlannedItem<'_>, yearly_units: f64) -> bool {
        let Prepared { histories, changes, .. } = self.prepared;
        let is_stated = |index: usize| changes.of(index).iter().any(DemandChange::states_demand);
        let is_known = item.facts.has_history || self.is_old(item);
        let is_unsold = |index: usize| is_unsold(histories, index);

        is_known
            && !self.indices(item).any(is_stated)
            && (yearly_units <= 0.0 || self.indices(item).all(is_unsold))
    }

    /// Whether the shop is known for a year, and the item was not launched in it or later.
    fn is_old(&self, item: &PlannedItem<'_>) -> bool {
        let a_year_ago = self.prepared.as_of.saturating_sub(DEAD_DAYS);
        let launch = item.facts.item.and_then(|item| item.launch_date);
        self.since <= a_year_ago && launch.is_none_or(|day| day <= a_year_ago)
    }
}

/// Whether an item was on sale for a year and sold nothing; periods without stock do not count.
fn is_unsold(histories: &Histories, index: usize) -> bool {
    let history = histories.history(index);
    let series = history.series();
    let quiet = series.demand.iter().zip(series.censored).rev();
    let quiet = quiet.take_while(|(units, censored)| **units <= 0.0 && !**censored).count();
    let first_quiet = histories.last_bucket() + 1 - quiet as i32;

    histories.calendar.start_of(first_quiet) <= histories.as_of.saturating_sub(DEAD_DAYS)
}

/// The excess of an item.
struct Found {
    /// Units on hand that would be excess if nothing were on order: the rest is needed until
    /// open orders come.
    here: Fixed,
    months: Option<f64>,
    is_dead: bool,
    is_ending: bool,
    /// Whether nothing is expected to be sold in the year ahead.
    is_unwanted: bool,
}

impl Found {
    /// What makes it excess, in words.
    fn why(&self) -> String {
        match self.months {
            _ if self.is_unwanted => "nothing is expected to be sold".to_owned(),
            _ if self.is_dead => "nothing was sold for a year".to_owned(),
            Some(months) => {
                format!("all of it lasts {}", counted(format!("{months:.0}"), "month"))
            }
            None => "it does not sell".to_owned(),
        }
    }
}

/// What other items need, and what is done already.
struct Others<'a> {
    items: &'a [PlannedItem<'a>],
    underway: Underway<'a>,
}

/// What to do, the first that applies: give an open order back, move units to where they are
/// needed, return them or mark them down, and write off what is dead and not sold any more.
fn action(
    item: &PlannedItem<'_>,
    found: &Found,
    advice: &[&LineAdvice],
    others: &Others<'_>,
) -> String {
    if let Some(text) = open_order(item, advice) {
        return text;
    }
    let here = found.here;
    if here == Fixed::ZERO {
        return format!("leave open orders as they are and order no more: {}", found.why());
    }
    if let Some(text) = transfer(item, here, others) {
        return text;
    }

    let units = counted(here, "unit");
    let supplier = &item.facts.offer.supplier;
    let is_bought = supplier.as_ref() != UNASSIGNED && item.facts.supplied_by.is_none();
    let why = found.why();
    match (found.is_dead && found.is_ending, is_bought) {
        (true, true) => {
            format!("write off {units}, unless {supplier} takes them back: {why}")
        }
        (true, false) => format!("write off {units}: {why}"),
        (false, true) => format!("return {units} to {supplier}, or mark them down: {why}"),
        (false, false) => format!("mark down {units}: {why}"),
    }
}

/// The first open order that is to be cancelled, else the first that is to be postponed.
fn open_order(item: &PlannedItem<'_>, advice: &[&LineAdvice]) -> Option<String> {
    // An order that is not counted on is no part of the excess.
    let counted_on = item.facts.open_lines.iter().filter(|open| open.arrival.is_some());
    let units_of = |line: &LineAdvice| -> Fixed {
        let name = (&line.po_number, &line.line);
        let open = counted_on.clone().filter(|open| (&open.row.po_number, &open.row.line) == name);
        open.map(|open| open.row.quantity).sum()
    };
    let of = |wanted: Advice| {
        let mut lines = advice.iter().filter(move |line| line.advice == wanted);
        lines.find(|line| units_of(line) > Fixed::ZERO)
    };
    let line = of(Advice::Cancel).or_else(|| of(Advice::Postpone))?;
    let units = units_of(line);

    let what = format!("{} of {}", counted(units, "unit"), line.po_number);
    let more = match advice.len() - 1 {
        0 => String::new(),
        more => format!(" and {} (open_order_advice.csv)", counted(more, "more line")),
    };
    let days = line.by_days.map(|days| format!(" by {}", counted(days, "day")));
    Some(match line.advice {
        Advice::Cancel => format!("cancel {what}{more}: {}", line.reason),
        _ => format!("postpone {what}{}{more}: {}", days.unwrap_or_default(), line.reason),
    })
}

/// Where units move tonight, else where they are needed.
fn transfer(item: &PlannedItem<'_>, here: Fixed, others: &Others<'_>) -> Option<String> {
    let key = item.key();
    let transfers = others.underway.transfers;
    let first = transfers.partition_point(|transfer| transfer.giver() < *key);
    if let Some(transfer) = transfers.get(first).filter(|transfer| transfer.giver() == *key) {
        let to = &transfer.key.location;
        return Some(format!("move {} to {to} tonight", counted(transfer.quantity, "unit")));
    }

    let first = others.items.partition_point(|other| other.key().sku < key.sku);
    let of_sku = others.items[first..].iter().take_while(|other| other.key().sku == key.sku);
    let needs = |other: &&PlannedItem<'_>| {
        other.key() != key
            && matches!(other.row.decision(), Decision::Order | Decision::Waits)
            && other.row.sized_units() > Fixed::ZERO
    };
    let receiver = of_sku.filter(needs).max_by(|a, b| {
        a.row.sized_units().cmp(&b.row.sized_units()).then_with(|| b.key().cmp(a.key()))
    })?;

    let needed = receiver.row.sizing.as_ref().map_or(Fixed::ZERO, |sizing| sizing.needed);
    let (to, needed) = (&receiver.key().location, needed.max(Fixed::of_steps(1)));
    Some(format!(
        "move {} to {to}, which needs {needed} by {}",
        counted(here.min(needed), "unit"),
        date_of(receiver.row.requested_day)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_unit_that_is_worth_keeping_in_part_is_kept() {
        let units = Fixed::from_units;
        assert_eq!(excess_units(units(50), 0.0, 10.2), units(39));
        let kilos = Fixed::from_f64(50.5).unwrap();
        assert_eq!(excess_units(kilos, 0.0, 10.2), Fixed::from_f64(40.3).unwrap());
        assert_eq!(excess_units(units(-5), 0.0, 0.0), Fixed::ZERO);
    }

    #[test]
    fn months_are_units_over_a_twelfth_of_the_year_ahead() {
        assert_eq!(months(Fixed::from_units(60), 120.0), Some(6.0));
        assert_eq!(months(Fixed::from_units(60), 0.0), None);
    }

    proptest! {
        #[test]
        fn excess_is_a_part_of_what_is_there_and_falls_when_demand_grows(
            there in -1_000_i64..10_000_000,
            kept in 0.0_f64..2_000.0,
            wanted in 0.0_f64..2_000.0,
            more in 0.0_f64..500.0,
        ) {
            let there = Fixed::of_steps(there);
            let found = excess_units(there, kept, wanted);
            prop_assert!(found >= Fixed::ZERO && found <= there.or_zero());
            prop_assert!(excess_units(there, kept, wanted + more) <= found);
            prop_assert!(found.to_f64() <= (there.to_f64() - kept).max(0.0) + 1e-4);
        }
    }
}
