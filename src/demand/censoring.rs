//! Stock-outs of the past: buckets whose demand is only known to be at least what was sold.

use super::panel::Panel;
use crate::domain::tables::Availability;

/// Marks the buckets in which an item was not on sale all the time. Its buckets begin at `base` in
/// the panel's columns; the first of them has the number `first_bucket`.
pub(super) fn mark_censored(
    panel: &mut Panel,
    base: usize,
    first_bucket: i32,
    availability: &[&Availability],
) {
    let calendar = panel.calendar;
    for row in availability.iter().filter(|row| row.in_stock < 1.0) {
        let last_day = row.date + row.days.max(1) - 1;
        for bucket in calendar.bucket_of(row.date)..=calendar.bucket_of(last_day) {
            let offset = usize::try_from(i64::from(bucket) - i64::from(first_bucket));
            let censored = offset.ok().and_then(|at| panel.censored.get_mut(base + at));
            if let Some(censored) = censored {
                *censored = true;
            }
        }
    }
}
