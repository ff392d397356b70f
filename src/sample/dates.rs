//! The sample's own time line: day 0 is a Monday, the shop's first day of records.

use chrono::{Datelike, NaiveDate};

use crate::domain::calendar::{Day, date_of, day_of};

/// First day of the order history, a Monday.
const FIRST: NaiveDate = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();

/// The day the sample stands at, a Monday: the newest order is dated the day before.
pub const AS_OF: NaiveDate = NaiveDate::from_ymd_opt(2026, 6, 29).unwrap();

/// Days of history.
pub(super) fn history_days() -> i32 {
    day_of(AS_OF) - day_of(FIRST)
}

/// The sample's number of a date.
pub(super) fn at(year: i32, month: u32, day: u32) -> i32 {
    NaiveDate::from_ymd_opt(year, month, day).map_or(0, |date| day_of(date) - day_of(FIRST))
}

/// The calendar day of one of the sample's day numbers.
pub(super) fn day(number: i32) -> Day {
    day_of(FIRST) + number
}

/// As ISO 8601.
pub(super) fn iso(number: i32) -> String {
    date_of(day(number)).format("%Y-%m-%d").to_string()
}

/// Day of the year, 0 … 365.
pub(super) fn day_of_year(number: i32) -> i32 {
    date_of(day(number)).ordinal0() as i32
}

/// 0 = Monday … 6 = Sunday.
pub(super) fn weekday(number: i32) -> usize {
    number.rem_euclid(7) as usize
}
