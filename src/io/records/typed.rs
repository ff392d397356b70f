//! What formats with types of their own share: days of moments, and rows as text.

use chrono_tz::Tz;

use crate::domain::calendar::day_of;
use crate::io::dates::{LAST_DAY, date_in};
use crate::io::values::Value;

/// 24 × 60 × 60.
pub(super) const SECONDS_A_DAY: i64 = 86_400;

/// The last second of the last day accepted.
const LAST_SECOND: i64 = (LAST_DAY as i64 + 1) * SECONDS_A_DAY - 1;

/// The day of a moment, seconds since 1970 in UTC, by the clocks of a zone if one is given.
pub(super) fn day_of_second(second: i64, zone: Option<Tz>) -> i64 {
    let moment = zone.zip(chrono::DateTime::from_timestamp(second, 0));
    // The zone moves what lies within the dates that are accepted; what lies outside is refused.
    match moment.filter(|_| (0..=LAST_SECOND).contains(&second)) {
        Some((zone, moment)) => i64::from(day_of(date_in(zone, moment.naive_utc()))),
        None => second.div_euclid(SECONDS_A_DAY),
    }
}

/// Fields of a row as text, as they would stand in a file without quotes.
pub(super) fn joined<'a>(fields: impl IntoIterator<Item = Value<'a>>) -> Vec<u8> {
    let mut text = Vec::new();
    for (at, field) in fields.into_iter().enumerate() {
        if at > 0 {
            text.push(b',');
        }

        match field {
            Value::Missing => {}
            Value::Text(bytes) => text.extend_from_slice(bytes),
            Value::Whole(number) | Value::Day(number) => {
                text.extend_from_slice(number.to_string().as_bytes());
            }
            Value::Real(number) => text.extend_from_slice(number.to_string().as_bytes()),
            Value::Flag(flag) => text.extend_from_slice(flag.to_string().as_bytes()),
            Value::Unreadable(what) => text.extend_from_slice(what.as_bytes()),
        }
    }
    text
}
