//! Days along an axis, with ticks where a week, a month or a year begins.

use crate::domain::calendar::{BucketCalendar, BucketLength, Day, REVIEW_EPOCH, date_of};

/// Last day that is drawn, and the first before 1970. Judgement: 2,700 years are enough.
const MAX_DAY: Day = 1_000_000;

/// Ticks are this many days apart, at least.
const DAYS: [Day; 4] = [1, 2, 7, 14];
/// Or this many months, which begin a year.
const MONTHS: [i32; 4] = [1, 2, 3, 6];
/// Or this many years, times a power of ten.
const YEARS: [i32; 3] = [1, 2, 5];

/// A day with what is written below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateTick {
    /// The day.
    pub day: Day,
    /// What is written.
    pub text: String,
}

/// A day as it is drawn: within some thousand years of today.
#[must_use]
pub fn drawn_day(day: Day) -> Day {
    day.clamp(-MAX_DAY, MAX_DAY)
}

/// At most so many days (and one), from the first to the last.
#[must_use]
pub fn date_ticks(first: Day, last: Day, max: usize) -> Vec<DateTick> {
    let (first, last) = (drawn_day(first.min(last)), drawn_day(last.max(first)));
    let max = i32::try_from(max.max(1)).unwrap_or(i32::MAX);

    if let Some(step) = DAYS.into_iter().find(|step| (last - first) / step < max) {
        let begin = first + (REVIEW_EPOCH - first).rem_euclid(step);
        return ticks((begin..=last).step_by(step as usize), "%-d %b");
    }

    let calendar = BucketCalendar { length: BucketLength::Month, week_start: 0 };
    let (from, to) = (calendar.bucket_of(first - 1) + 1, calendar.bucket_of(last));
    let (step, format) = month_step(to - from, max);
    let begin = from + (-from).rem_euclid(step);
    ticks((begin..=to).step_by(step as usize).map(|month| calendar.start_of(month)), format)
}

/// Months between two ticks, and how these are written.
fn month_step(months: i32, max: i32) -> (i32, &'static str) {
    let fits = |step: &i32| months / step < max;
    if let Some(step) = MONTHS.into_iter().find(fits) {
        return (step, "%b %Y");
    }
    let mut power = 1;
    loop {
        let years = YEARS.into_iter().map(|years| 12 * years * power);
        // No span of days that is drawn has ten thousand years.
        if let Some(step) = years.into_iter().find(fits).or((power > 1_000).then_some(120_000)) {
            return (step, "%Y");
        }
        power *= 10;
    }
}

fn ticks(days: impl Iterator<Item = Day>, format: &str) -> Vec<DateTick> {
    days.map(|day| DateTick { day, text: date_of(day).format(format).to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::calendar::day_of;

    fn day(text: &str) -> Day {
        day_of(text.parse().unwrap())
    }

    fn texts(first: &str, last: &str, max: usize) -> Vec<String> {
        date_ticks(day(first), day(last), max).into_iter().map(|tick| tick.text).collect()
    }

    #[test]
    fn weeks_begin_on_mondays_months_on_their_first_and_years_in_january() {
        assert_eq!(texts("2026-06-29", "2026-07-02", 5), ["29 Jun", "30 Jun", "1 Jul", "2 Jul"]);
        assert_eq!(texts("2026-06-25", "2026-07-14", 5), ["29 Jun", "6 Jul", "13 Jul"]);
        let half = texts("2025-12-29", "2026-06-29", 7);
        assert_eq!(half, ["Jan", "Feb", "Mar", "Apr", "May", "Jun"].map(|m| format!("{m} 2026")));
        assert_eq!(
            texts("2024-02-10", "2026-06-29", 6),
            ["Jul 2024", "Jan 2025", "Jul 2025", "Jan 2026"]
        );
        assert_eq!(
            texts("1999-03-01", "2026-06-29", 6),
            ["2000", "2005", "2010", "2015", "2020", "2025"]
        );
    }

    proptest! {
        #[test]
        fn ticks_are_within_in_order_and_not_too_many(
            a in any::<i32>(), b in any::<i32>(), near in 0_i32..4_000, max in 1_usize..12
        ) {
            for (first, last) in [(a, b), (a / 4_000, a / 4_000 + near)] {
                let (low, high) = (drawn_day(first.min(last)), drawn_day(last.max(first)));
                let ticks = date_ticks(first, last, max);
                prop_assert!(ticks.len() <= max + 1, "{ticks:?}");
                prop_assert!(ticks.iter().all(|tick| (low..=high).contains(&tick.day)));
                prop_assert!(ticks.windows(2).all(|pair| pair[0].day < pair[1].day));
            }
        }
    }
}
