//! Dates on the command line.

use chrono::Datelike;

use super::Context;
use crate::domain::calendar::{Day, day_of};
use crate::error::{Error, Result};
use crate::io::AsOf;

/// The day that the run stands at, from `--as-of`.
pub(super) fn as_of(context: &Context, text: Option<&str>) -> Result<AsOf> {
    match text {
        None => Ok(AsOf::Newest { today: Some(context.today) }),
        Some("today") => Ok(AsOf::Day(context.today)),
        Some(text) => {
            let date: chrono::NaiveDate = text.parse().map_err(|_| {
                Error::usage(format!("--as-of {text} is no date"))
                    .hint("write 2026-06-29, or today")
            })?;
            if !(1970..=2100).contains(&date.year()) {
                return Err(Error::usage(format!("--as-of {text} lies outside 1970–2100")));
            }
            Ok(AsOf::Day(day_of(date)))
        }
    }
}

/// Reads the date that a flag was given.
pub(super) fn day(flag: &str, text: &str) -> Result<Day> {
    let date: chrono::NaiveDate = text
        .trim()
        .parse()
        .map_err(|_| Error::usage(format!("{flag} {text} is no date")).hint("write 2026-06-29"))?;
    Ok(day_of(date))
}
