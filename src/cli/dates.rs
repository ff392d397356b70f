//! Dates on the command line.

use chrono::Datelike;

use super::Context;
use crate::config::Settings;
use crate::domain::calendar::{Day, date_of, day_of};
use crate::domain::finding::Code;
use crate::error::{Error, Result};
use crate::io::{AsOf, Loaded, RowsAhead};

/// Days after the newest order by which a day that somebody wrote is a typo. Judgement: more than a
/// year, so that a history of one yearly sale can be planned from.
const MAX_DAYS_AHEAD: Day = 400;

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

/// Checks that the day a run stands at goes with its orders: that some are before it; that few are
/// behind it, where the clock gave the day; that it does not lie far behind them, where a person
/// did. A plan on a part of the history, or on years of silence, looks like any other and orders
/// too little, and every night before it would be a look back.
///
/// # Errors
/// When it does not.
pub(super) fn check(settings: &Settings, inputs: &Loaded, text: Option<&str>) -> Result<()> {
    let day = date_of(inputs.as_of);
    let rows: u64 =
        inputs.inputs.iter().filter(|file| file.table == "orders").map(|file| file.rows).sum();

    if let Some(RowsAhead { rows: ahead, newest }) = inputs.rows_ahead
        && text == Some("today")
        && ahead as f64 > settings.run.max_bad_rows * rows as f64
    {
        return Err(Error::data(format!(
            "the clock of this machine says {day}, but {ahead} of {rows} order rows are later, up \
             to {}",
            date_of(newest)
        ))
        .hint("set the clock, or give the day: --as-of 2026-06-29"));
    }

    let is_empty = inputs.demand.keys.is_empty() && inputs.demand.quarantined.is_empty();
    if is_empty && inputs.set_aside.by_code.contains_key(&Code::AfterAsOf) {
        return Err(Error::data(format!("orders: no row is dated before {day}"))
            .hint("give a later day: --as-of 2026-06-29"));
    }

    let is_written = text.is_some_and(|text| text != "today");
    let newest = inputs.newest_order.filter(|_| is_written);
    if let Some(newest) = newest.filter(|newest| inputs.as_of - newest > MAX_DAYS_AHEAD) {
        return Err(Error::usage(format!(
            "--as-of {day} lies {} days after the newest order, of {}",
            inputs.as_of - newest,
            date_of(newest)
        ))
        .hint("give a day nearer to the orders, or newer orders"));
    }
    Ok(())
}

/// Reads the date that a flag was given.
pub(super) fn day(flag: &str, text: &str) -> Result<Day> {
    let date: chrono::NaiveDate = text
        .trim()
        .parse()
        .map_err(|_| Error::usage(format!("{flag} {text} is no date")).hint("write 2026-06-29"))?;
    Ok(day_of(date))
}
