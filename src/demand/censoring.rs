//! Stock-outs of the past: buckets whose demand is only known to be at least what was sold, and
//! whether demand was lost in them at all.

use crate::domain::calendar::{BucketCalendar, Day};
use crate::domain::finding::{Code, Finding};
use crate::domain::key::Key;
use crate::domain::tables::{Availability, CleanDemand};
use crate::domain::wording::counted;

/// Demand was lost where days off sale have less than this share of what other days have. The
/// contract states it.
const LOST_SHARE: f64 = 0.25;

/// Units that have to be usual on the days off sale before they tell anything. Judgement: of ten by
/// chance hardly ever less than a quarter come.
const MIN_UNITS: f64 = 10.0;

/// Marks the buckets in which an item was not on sale all the time. The first of its buckets has
/// the number `first_bucket`.
pub(super) fn mark_censored(
    calendar: BucketCalendar,
    censored: &mut [bool],
    first_bucket: i32,
    availability: &[&Availability],
) {
    for row in availability.iter().filter(|row| row.in_stock < 1.0) {
        let last_day = row.date + row.days.max(1) - 1;
        for bucket in calendar.bucket_of(row.date)..=calendar.bucket_of(last_day) {
            let offset = usize::try_from(i64::from(bucket) - i64::from(first_bucket));
            if let Some(censored) = offset.ok().and_then(|at| censored.get_mut(at)) {
                *censored = true;
            }
        }
    }
}

/// What was ordered of items while they were not on sale, beside what is usual.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct OffSale {
    /// Items with days off sale.
    items: usize,
    /// Their days off sale; a day of half availability counts half.
    days: f64,
    /// Units that the same items have on as many other days.
    usual_units: f64,
    /// Units that they have on these.
    units: f64,
}

impl OffSale {
    /// Adds the days off sale of one item: its rows of `availability`, the days and units of its
    /// demand, and the days of its history.
    fn add(&mut self, rows: &[&Availability], demand: &[(Day, f64)], history: (Day, Day)) {
        let (from, until) = history;
        let mut share_on_sale = vec![1.0_f64; usize::try_from(until - from).unwrap_or(0)];
        for row in rows {
            for day in row.date.max(from)..row.date.saturating_add(row.days.max(1)).min(until) {
                let share = &mut share_on_sale[(day - from) as usize];
                *share = share.min(row.in_stock);
            }
        }

        // Days that were on sale in part sell as many as other days in that part; what they sell
        // beyond it was sold off sale.
        let (mut whole_days, mut off_days, mut days_on_sale) = (0.0, 0.0, 0.0);
        for share in &share_on_sale {
            if *share < 1.0 {
                off_days += 1.0 - share;
                days_on_sale += share;
            } else {
                whole_days += 1.0;
            }
        }
        if off_days == 0.0 || whole_days == 0.0 {
            return;
        }

        let (mut whole_units, mut part_units) = (0.0, 0.0);
        for (day, units) in demand.iter().filter(|(day, _)| (from..until).contains(day)) {
            if share_on_sale[(day - from) as usize] < 1.0 {
                part_units += units;
            } else {
                whole_units += units;
            }
        }

        let per_day = whole_units / whole_days;
        let usual = per_day * off_days;
        if usual <= 0.0 {
            return;
        }
        self.items += 1;
        self.days += off_days;
        self.usual_units += usual;
        // One bulk order of one item does not speak for the others.
        self.units += (part_units - per_day * days_on_sale).clamp(0.0, usual);
    }

    /// Whether the past shows that demand was lost.
    pub(super) fn was_lost(&self) -> bool {
        self.usual_units >= MIN_UNITS && self.units < LOST_SHARE * self.usual_units
    }

    /// What follows, where demand was lost: history counts as at least what was sold, or, where
    /// somebody has stated that demand waits, nothing.
    pub(super) fn finding(&self, states_that_demand_waits: bool) -> Finding {
        let Self { items, days, usual_units, units } = *self;
        let follows = if states_that_demand_waits {
            "`plan.unmet_demand` says that demand waits, so that the table has no effect and the \
             forecast of these items is too low"
        } else {
            "demand was lost then, and what was sold in these periods counts as the least that was \
             wanted; for the time to come unmet demand still counts as waiting"
        };
        let message = format!(
            "{} {} off sale on {days:.0} days; {units:.0} units were ordered then, where \
             {usual_units:.0} are usual: {follows}",
            counted(items, "item"),
            if items == 1 { "was" } else { "were" },
        );
        Finding::of_table(Code::SalesWereLost, "availability", message)
    }
}

/// What was ordered of all items while they were not on sale. `is_asked` says of each item whether
/// it is to count.
pub(super) fn off_sale(
    keys: &[Key],
    demand: &CleanDemand,
    rows: &[Availability],
    as_of: Day,
    is_asked: impl Fn(usize) -> bool,
) -> OffSale {
    let mut off_sale = OffSale::default();
    let mut sorted: Vec<&Availability> = rows.iter().filter(|row| row.in_stock < 1.0).collect();
    sorted.sort_by(|a, b| (&a.key, a.date).cmp(&(&b.key, b.date)));

    for rows in sorted.chunk_by(|a, b| a.key == b.key) {
        let is_planned = keys.binary_search(&rows[0].key).is_ok_and(&is_asked);
        let Some(at) = demand.keys.binary_search(&rows[0].key).ok().filter(|_| is_planned) else {
            continue;
        };
        let positions = demand.offsets[at]..demand.offsets[at + 1];
        let units: Vec<(Day, f64)> = positions
            .map(|at| {
                // As in the buckets, a row counts on its middle day.
                let middle = demand.day[at] + Day::from(demand.days[at]) / 2;
                (middle, demand.quantity[at].to_f64())
            })
            .collect();
        if let Some((first, _)) = units.first() {
            off_sale.add(rows, &units, (*first, as_of));
        }
    }

    off_sale
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(date: Day, days: i32, in_stock: f64) -> Availability {
        Availability { key: Key::new("a", "main"), date, days, in_stock }
    }

    fn lost(rows: &[Availability], units: impl Fn(Day) -> f64) -> bool {
        let demand: Vec<(Day, f64)> = (0..100).map(|day| (day, units(day))).collect();
        let mut off_sale = OffSale::default();
        off_sale.add(&rows.iter().collect::<Vec<_>>(), &demand, (0, 100));
        off_sale.was_lost()
    }

    #[test]
    fn demand_was_lost_where_days_off_sale_have_hardly_any() {
        let off = [row(40, 20, 0.0)];
        let is_off = |day: Day| (40..60).contains(&day);
        assert!(lost(&off, |day| if is_off(day) { 0.0 } else { 5.0 }));
        assert!(lost(&off, |day| if is_off(day) { 1.0 } else { 5.0 }));
        assert!(!lost(&off, |day| if is_off(day) { 2.0 } else { 5.0 }), "some waited");
        assert!(!lost(&off, |_| 5.0), "all waited");
        assert!(!lost(&[], |_| 5.0) && !lost(&off, |_| 0.0), "nothing tells");
    }

    #[test]
    fn days_off_sale_in_part_count_in_part() {
        let half = [row(40, 20, 0.5)];
        let is_half = |day: Day| (40..60).contains(&day);
        assert!(lost(&half, |day| if is_half(day) { 2.5 } else { 5.0 }));
        assert!(!lost(&half, |day| if is_half(day) { 4.0 } else { 5.0 }));
    }
}
