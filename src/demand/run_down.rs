//! What is left of an item that another one replaces: it is sold first, and its successor is bought
//! for what comes after.

use std::collections::{BTreeMap, BTreeSet};

use super::succession::{Handover, RunDown};
use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::domain::tables::{CleanDemand, Item, ItemStatus, Tables};

/// Days of the past that say how fast an item sells. Judgement: a quarter.
const PACE_DAYS: Day = 91;
/// Standard normal quantile of 0.9: what is left lasts at least so long in nine of ten cases, so
/// that the successor is there when it is gone. Judgement.
const CAUTION: f64 = 1.281_552;
/// What is left never counts for longer. Judgement: two years; the rest is for `excess.csv`.
const MAX_DAYS: f64 = 730.0;

/// What the run-down of items is told by.
#[derive(Clone, Copy)]
pub struct Shop<'a> {
    /// The planned items.
    pub keys: &'a [Key],
    /// Their rows of the items table.
    pub items: &'a [Option<&'a Item>],
    /// Demand of each item alone.
    pub demand: &'a CleanDemand,
    /// Stock and open orders.
    pub tables: &'a Tables,
    /// The day that the run stands at.
    pub as_of: Day,
}

/// Notes with each handover how what is left of the item is sold off, where something is.
///
/// Where nobody says when its successor begins, and that has not sold yet, the item goes on alone
/// until it is gone. Where both sell, it goes on with the share that it has of the last quarter. A
/// launch ahead is a day that people set: it stays. So does an `end_date`, after which nothing of
/// the item is sold.
pub fn run_down(handovers: &mut [Handover], shop: &Shop<'_>) {
    if handovers.is_empty() {
        return;
    }
    let left = units_left(handovers, shop);
    for handover in handovers.iter_mut().filter(|handover| handover.day <= shop.as_of) {
        let left = left.get(&shop.keys[handover.from]).copied().unwrap_or(Fixed::ZERO);
        handover.run_down = of_handover(handover, left, shop);
    }
}

fn of_handover(handover: &Handover, left: Fixed, shop: &Shop<'_>) -> Option<RunDown> {
    let item = shop.items[handover.from];
    if left <= Fixed::ZERO || item.is_some_and(|item| item.status == ItemStatus::Discontinued) {
        return None;
    }
    // Of what both sell only the days count on which both did.
    let is_undated = !has_begun(handover, shop);
    let since = if is_undated { Day::MIN } else { handover.day };
    let from = since.max(shop.as_of.saturating_sub(PACE_DAYS));
    let old = Pace::of(shop, handover.from, from)?;
    let new = Pace::of(shop, handover.to, from).map_or(0.0, |pace| pace.units_per_day);

    let lasts = old.cautious_days(left.to_f64()).min(MAX_DAYS).floor();
    let end = item.and_then(|item| item.end_date).map(|end| end.saturating_add(1));
    let day = shop.as_of.saturating_add(lasts as Day).min(end.unwrap_or(Day::MAX));
    let share = if is_undated { 1.0 } else { old.units_per_day / (old.units_per_day + new) };
    (day > shop.as_of).then_some(RunDown { day, share })
}

/// Whether the successor was launched or has sold.
fn has_begun(handover: &Handover, shop: &Shop<'_>) -> bool {
    let is_launched = shop.items[handover.to].is_some_and(|item| item.launch_date.is_some());
    is_launched || shop.demand.keys.binary_search(&shop.keys[handover.to]).is_ok()
}

/// How fast an item sells.
struct Pace {
    units_per_day: f64,
    /// Mean square of an order row over their mean, units.
    lot_units: f64,
}

impl Pace {
    /// From the rows of `from` to `as_of`; `None` where nothing was sold.
    fn of(shop: &Shop<'_>, item: usize, from: Day) -> Option<Self> {
        let at = shop.demand.keys.binary_search(&shop.keys[item]).ok()?;
        let rows = shop.demand.offsets[at]..shop.demand.offsets[at + 1];
        let is_meant = |row: &usize| (from..shop.as_of).contains(&shop.demand.day[*row]);
        let (mut units, mut squares) = (0.0, 0.0);
        for row in rows.filter(is_meant) {
            let sold = shop.demand.quantity[row].to_f64().max(0.0);
            units += sold;
            squares += sold * sold;
        }
        let days = f64::from(shop.as_of) - f64::from(from);
        (units > 0.0 && days > 0.0)
            .then(|| Self { units_per_day: units / days, lot_units: squares / units })
    }

    /// The days that units last in nine of ten cases: the largest d with λd + z·√(λqd) ≤ units, λ
    /// units a day in lots of q, after the mean and the variance of a compound Poisson demand.
    ///
    /// 90 units at 1 a day, one by one: 90 = d + 1.28·√d, so d = 78.6.
    fn cautious_days(&self, units: f64) -> f64 {
        let half = 0.5 * CAUTION * (self.units_per_day * self.lot_units).sqrt();
        let root = ((half * half + self.units_per_day * units).sqrt() - half) / self.units_per_day;
        root * root
    }
}

/// Free stock and what open orders bring, of each item that is replaced.
fn units_left(handovers: &[Handover], shop: &Shop<'_>) -> BTreeMap<Key, Fixed> {
    let meant: BTreeSet<&Key> = handovers.iter().map(|of| &shop.keys[of.from]).collect();
    let mut left: BTreeMap<Key, Fixed> = BTreeMap::new();
    let stock = rows(&shop.tables.stock).iter().map(|row| {
        let free = row.on_hand - row.allocated - row.backorders.unwrap_or_default();
        (&row.key, free)
    });
    let open = rows(&shop.tables.purchase_orders).iter().map(|line| (&line.key, line.quantity));
    for (key, units) in stock.chain(open).filter(|(key, _)| meant.contains(key)) {
        *left.entry(key.clone()).or_default() += units;
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_lasts_less_long_in_large_lots() {
        let lasts = |lot_units| Pace { units_per_day: 1.0, lot_units }.cautious_days(90.0);
        assert!((lasts(1.0) - 78.6).abs() < 0.1, "{}", lasts(1.0));
        assert!(lasts(10.0) < 60.0 && lasts(10.0) > 40.0, "{}", lasts(10.0));
    }
}
