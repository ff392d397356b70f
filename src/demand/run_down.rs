//! What is left of an item that another one replaces: it is sold first, and its successor is bought
//! for what comes after.

use std::collections::{BTreeMap, BTreeSet};

use super::stated::is_stated;
use super::succession::{Handover, RunDown};
use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::domain::tables::{CleanDemand, Item, ItemStatus, Tables};

/// Days of the past that say how fast an item sells. Judgement: a quarter.
const PACE_DAYS: Day = 91;
/// Quarters that are looked at: the last one, the one before, and the one that lay ahead a year
/// ago. The fastest counts, so that neither a season nor weeks without stock make what is left last
/// longer than it does.
const QUARTERS_BACK: [Day; 3] = [0, 91, 364 - 91];
/// Days on which both have to have been on sale before their shares are believed. Judgement.
const MIN_SHARED_DAYS: Day = 28;
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
    /// Stock, waiting customers, locations and overrides.
    pub tables: &'a Tables,
    /// The day that the run stands at.
    pub as_of: Day,
}

/// Notes with each handover whether the item is replaced by now, and how what is on its shelf is
/// sold off, where something is.
///
/// Where nobody says when its successor begins, and that has not sold yet, the item goes on alone
/// until it is gone. Where both have sold for four weeks, it goes on with the share that it has of
/// their sales. A launch ahead is a day that people set: it stays. So does an `end_date`, after
/// which nothing of the item is sold. Where a person states demand of either, that is what counts.
///
/// What is on order is not counted: it may come when the shelf has long been empty.
pub fn run_down(handovers: &mut [Handover], shop: &Shop<'_>) {
    if handovers.is_empty() {
        return;
    }
    let replaced: BTreeSet<usize> = handovers.iter().map(|handover| handover.from).collect();
    for handover in handovers.iter_mut() {
        handover.is_replaced = handover.day <= shop.as_of && shop.is_bought(handover.to);
    }
    // In a line of several, who sells what is left of whom is not known.
    let is_meant = |of: &&mut Handover| of.is_replaced && !replaced.contains(&of.to);
    let waiting = shop.tables.backorders_by_item();
    for handover in handovers.iter_mut().filter(is_meant) {
        let left = shop.free_units(handover.from, waiting.as_ref());
        handover.run_down = of_handover(handover, left, shop);
    }
}

fn of_handover(handover: &Handover, left: Fixed, shop: &Shop<'_>) -> Option<RunDown> {
    let item = shop.items[handover.from];
    let is_over = item.is_some_and(|item| item.status == ItemStatus::Discontinued);
    if left <= Fixed::ZERO || is_over {
        return None;
    }
    let overrides = rows(&shop.tables.overrides);
    let is_stated = |item: usize| is_stated(overrides, &shop.keys[item], shop.as_of);
    if is_stated(handover.from) || is_stated(handover.to) {
        return None;
    }

    let (pace, share) = match has_begun(handover, shop) {
        false => (fastest(shop, handover.from)?, 1.0),
        true => {
            let from = handover.day.max(shop.as_of.saturating_sub(PACE_DAYS));
            if shop.as_of.saturating_sub(from) < MIN_SHARED_DAYS {
                return None;
            }
            let pace_of = |item: usize| Pace::of(shop, item, (from, shop.as_of));
            let old = pace_of(handover.from)?;
            let new = pace_of(handover.to).map_or(0.0, |new| new.units_per_day);
            let share = old.units_per_day / (old.units_per_day + new);
            (old, share)
        }
    };

    let lasts = pace.cautious_days(left.to_f64()).min(MAX_DAYS).floor();
    let end = item.and_then(|item| item.end_date).map(|end| end.saturating_add(1));
    let day = shop.as_of.saturating_add(lasts as Day).min(end.unwrap_or(Day::MAX));
    (day > shop.as_of).then_some(RunDown { day, share })
}

/// Whether the successor was launched or has sold.
fn has_begun(handover: &Handover, shop: &Shop<'_>) -> bool {
    let is_launched = shop.items[handover.to].is_some_and(|item| item.launch_date.is_some());
    is_launched || shop.demand.keys.binary_search(&shop.keys[handover.to]).is_ok()
}

/// The fastest of the quarters that are looked at; `None` where nothing was sold in any.
fn fastest(shop: &Shop<'_>, item: usize) -> Option<Pace> {
    let quarters = QUARTERS_BACK.map(|back| {
        let to = shop.as_of.saturating_sub(back);
        Pace::of(shop, item, (to.saturating_sub(PACE_DAYS), to))
    });
    let by_units = |a: &Pace, b: &Pace| a.units_per_day.total_cmp(&b.units_per_day);
    quarters.into_iter().flatten().max_by(by_units)
}

impl Shop<'_> {
    /// Whether an item is bought where it is planned: it is on sale, and no other location of ours
    /// supplies it there.
    fn is_bought(&self, item: usize) -> bool {
        let (key, row) = (&self.keys[item], self.items[item]);
        let is_on_sale = row.is_none_or(|row| {
            matches!(row.status, ItemStatus::Active | ItemStatus::New)
                && row.end_date.is_none_or(|end| end >= self.as_of)
        });
        let is_active = self.tables.item_location(key).is_none_or(|row| row.active);
        let supplied = self.tables.location(&key.location).and_then(|row| row.supplied_by.as_ref());
        is_on_sale && is_active && supplied.is_none()
    }

    /// What is on the shelf and nobody's. `waiting` is the table of waiting customers, which goes
    /// before what the stock table says of them.
    fn free_units(&self, item: usize, waiting: Option<&BTreeMap<&Key, Fixed>>) -> Fixed {
        let key = &self.keys[item];
        let Some(row) = self.tables.stock_of(key) else { return Fixed::ZERO };
        let waits = match waiting {
            Some(waiting) => waiting.get(key).copied(),
            None => row.backorders,
        };
        row.on_hand - row.allocated - waits.unwrap_or_default()
    }

    /// Units that an item sold from one day to before another, by week, the last one first.
    fn weeks(&self, item: usize, (from, to): (Day, Day)) -> Vec<f64> {
        let number = ((i64::from(to) - i64::from(from)).clamp(1, 3_700) + 6) / 7;
        let mut weeks = vec![0.0; number as usize];
        let Ok(at) = self.demand.keys.binary_search(&self.keys[item]) else { return weeks };
        for row in self.demand.offsets[at]..self.demand.offsets[at + 1] {
            let day = self.demand.day[row];
            if (from..to).contains(&day) {
                let week = ((to - 1 - day) / 7) as usize;
                weeks[week] += self.demand.quantity[row].to_f64().max(0.0);
            }
        }
        weeks
    }
}

/// How fast an item sells.
struct Pace {
    units_per_day: f64,
    /// Variance of a week's demand over its mean, units: what demand comes in.
    lot_units: f64,
}

impl Pace {
    /// Of a stretch of days; `None` where nothing was sold in it.
    fn of(shop: &Shop<'_>, item: usize, (from, to): (Day, Day)) -> Option<Self> {
        let weeks = shop.weeks(item, (from, to));
        let (units, days) = (weeks.iter().sum::<f64>(), f64::from(to) - f64::from(from));
        if units <= 0.0 || days <= 0.0 {
            return None;
        }
        let mean = units / weeks.len() as f64;
        let squares: f64 = weeks.iter().map(|week| (week - mean) * (week - mean)).sum();
        let lot_units = (squares / weeks.len() as f64 / mean).max(mean.min(1.0));
        Some(Self { units_per_day: units / days, lot_units })
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
