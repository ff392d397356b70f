//! When an open order arrives, an overdue one too.

use super::day_distribution::DayDistribution;
use super::lead_time::half;

/// An order overdue by more than this many days, and by more than twice its lead time, is not
/// coming. Judgement: the contract states both as the rule for `dead_order`.
const DEAD_AFTER_DAYS: f64 = 90.0;

/// What is known of an open order line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OpenLine {
    /// Day on which it was ordered, counted from 1970-01-01.
    pub ordered_on: i32,
    /// Day on which the supplier's date or the usual lead time expects it.
    pub expected_on: i32,
}

/// When an open order line comes.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrival {
    /// In so many days from `as_of`.
    In(DayDistribution),
    /// Not at all: overdue by more than max(90, 2L) days (`dead_order`).
    Dead,
}

/// The days from `as_of` until an open line arrives, by the residual lead time P(L > t + u | L >
/// t). The lead time is what other orders say of it: a line is no evidence about itself.
///
/// A line expected later than its lead time suggests was ordered for a later day: its distribution
/// moves by the difference. A date earlier than the distribution's is a promise, which the
/// distribution outweighs. An overdue line's residual has a tail of mean max(1, L/2), which weighs
/// the more the less of the lead time's distribution is left. Without spread a line comes on its
/// day; an overdue one max(1, L/2) days from now.
///
/// ```
/// use restock::inventory::day_distribution::DayDistribution;
/// use restock::inventory::open_order_arrival::{Arrival, OpenLine, arrival};
/// let line = OpenLine { ordered_on: 100, expected_on: 110 };
/// let lead_time = DayDistribution::point(10);
/// assert_eq!(arrival(line, &lead_time, 104), Arrival::In(DayDistribution::point(6)));
/// assert_eq!(arrival(line, &lead_time, 112), Arrival::In(DayDistribution::point(5)));
/// assert_eq!(arrival(line, &lead_time, 201), Arrival::Dead);
/// ```
#[must_use]
pub fn arrival(line: OpenLine, lead_time: &DayDistribution, as_of: i32) -> Arrival {
    let mean = lead_time.mean();
    let overdue = f64::from(as_of) - f64::from(line.expected_on);
    if overdue > DEAD_AFTER_DAYS.max(2.0 * mean) {
        return Arrival::Dead;
    }

    if lead_time.is_certain() {
        let days = u32::try_from(line.expected_on.saturating_sub(as_of));
        let late_days = half(lead_time).round() as u32;
        return Arrival::In(DayDistribution::point(days.unwrap_or(late_days)));
    }

    let planned = f64::from(line.expected_on) - f64::from(line.ordered_on);
    let moved = (planned - mean).round().max(0.0) as u32;
    let age = as_of.saturating_sub(line.ordered_on);
    let distribution = lead_time.later(moved);
    Arrival::In(match u32::try_from(age) {
        Ok(age) if overdue > 0.0 => distribution.residual_with_tail(age, half(lead_time)),
        Ok(age) => distribution
            .residual(age)
            .unwrap_or_else(|| DayDistribution::geometric(half(lead_time))),
        // Ordered for a day to come: the whole lead time, from that day on.
        Err(_) => distribution.later(age.unsigned_abs()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overdue_line_arrives_later_than_a_fresh_one_and_never_in_the_past() {
        let distribution = DayDistribution::from_mean_and_sd(14.0, 5.0);
        let line = OpenLine { ordered_on: 0, expected_on: 14 };
        let mut before = f64::NEG_INFINITY;
        for as_of in 0..100 {
            let Arrival::In(days) = arrival(line, &distribution, as_of) else {
                panic!("dead too soon")
            };
            let expected_day = f64::from(as_of) + days.mean();
            assert!(expected_day >= before - 1e-9);
            before = expected_day;
        }
        assert_eq!(arrival(line, &distribution, 105), Arrival::Dead);
    }

    #[test]
    fn a_delivery_scheduled_far_ahead_is_not_counted_as_near() {
        let distribution = DayDistribution::from_mean_and_sd(14.0, 3.0);
        let line = OpenLine { ordered_on: 0, expected_on: 100 };
        let Arrival::In(days) = arrival(line, &distribution, 0) else { panic!("not dead") };
        assert!((days.mean() - 100.0).abs() < 1.0);
    }

    #[test]
    fn extreme_dates_do_no_harm() {
        for (ordered_on, expected_on, as_of) in [
            (i32::MIN, i32::MAX, 0),
            (i32::MAX, i32::MIN, 0),
            (0, 0, i32::MAX),
            (0, i32::MAX, i32::MIN),
        ] {
            for distribution in
                [DayDistribution::point(10), DayDistribution::from_mean_and_sd(10.0, 3.0)]
            {
                let _ = arrival(OpenLine { ordered_on, expected_on }, &distribution, as_of);
            }
        }
    }
}
