//! What the review carries on from earlier runs: their rows, what customers were told, and the
//! forecast of the period that is whole by now.

use std::path::Path;

use super::columns::FORECAST;
use super::edits::{self, EDITS_FILE};
use super::previous::Previous;
use super::review::{self, REVIEW_FILE};
use crate::backorder::review::PeriodScore;
use crate::demand::prepare::Prepared;
use crate::domain::calendar::{Day, date_of, day_of};
use crate::error::{Error, Result};
use crate::io::each_row;

/// The table of forecasts in its two forms.
const FORECAST_CSV: &str = "forecast.csv";
const FORECAST_PARQUET: &str = "forecast.parquet";

/// Reads what the run in a directory left for the review. A run of an earlier version has no such
/// tables: what they would say is not known then, and nothing is wrong.
pub fn read_into(previous: &mut Previous, dir: &Path) {
    let mut carried = std::mem::take(&mut previous.said.review);
    carried.as_of = previous.name.parse().ok().map(day_of);

    let path = dir.join(REVIEW_FILE);
    if path.exists() {
        let lost = "the review starts anew";
        carried.rows = previous.take(REVIEW_FILE, review::read(&path), lost);
    }
    let path = dir.join(EDITS_FILE);
    if path.exists() {
        let lost = "what earlier decisions about order lines did is not known";
        carried.edits = previous.take(EDITS_FILE, edits::read(&path), lost);
    }
    previous.said.review = carried;
}

/// First day of the newest whole period, where no row of the review holds it against its forecast
/// yet.
#[must_use]
pub fn unscored_period(previous: &Previous, prepared: &Prepared) -> Option<Day> {
    let calendar = &prepared.histories.calendar;
    let start = calendar.start_of(calendar.bucket_of(prepared.as_of) - 1);
    let newest = previous.said.review.rows.iter().filter_map(|row| row.period_start).max();

    newest.is_none_or(|newest| newest < start).then_some(start)
}

/// Holds the period that begins on `start` against the forecast of the run in a directory, if that
/// run forecast all of it.
pub fn score(previous: &mut Previous, run: &Path, prepared: &Prepared, start: Day) {
    // What a run wrote as Parquet is read in the place of the CSV.
    let file = match run.join(FORECAST_PARQUET).exists() {
        true => FORECAST_PARQUET,
        false => FORECAST_CSV,
    };
    let path = run.join(FORECAST_CSV);
    let lost = "the forecast of that period is not held against what came";
    let scored = previous.take(file, scored(&path, prepared, start), lost);
    if previous.read.contains_key(file) {
        let name = run.file_name().unwrap_or_default();
        previous.forecast_run = Some(name.to_string_lossy().into_owned());
    }
    previous.said.review.score = scored;
}

/// Every item's forecast of the period against its history of it, and the hash of the table; `None`
/// if the table has no such period.
///
/// Left out are items that the history does not show in full: young ones, those that were out of
/// stock, whose demand is not known, and those that inherit the demand of others, which their
/// forecasts did not hold.
fn scored(path: &Path, prepared: &Prepared, start: Day) -> Result<(Option<PeriodScore>, String)> {
    let bucket = prepared.histories.calendar.bucket_of(start);
    let wanted = date_of(start).to_string();
    let [sku, location, period_start, mean] = [FORECAST[0], FORECAST[1], FORECAST[2], FORECAST[3]];
    let mut score = PeriodScore { start, ..PeriodScore::default() };
    let mut is_forecast = false;

    let sha256 =
        each_row(path, [sku, location, period_start, mean], |[sku, location, day, mean]| {
            if day != wanted {
                return Ok(());
            }
            let mean: f64 = mean.parse().map_err(|_| {
                Error::data(format!("`mean` of {sku} at {location} is {mean:?}, no number"))
            })?;
            is_forecast = true;
            if let Some(actual) = actual(prepared, (sku, location), bucket) {
                score.add(actual, mean);
            }
            Ok(())
        })?;
    Ok((is_forecast.then_some(score), sha256))
}

/// Units that an item was asked for in a period, where its history says so.
fn actual(prepared: &Prepared, (sku, location): (&str, &str), bucket: i32) -> Option<f64> {
    let item = prepared
        .keys
        .binary_search_by(|key| (&*key.sku, &*key.location).cmp(&(sku, location)))
        .ok()?;
    if prepared.changes.inherits(item).is_some() {
        return None;
    }
    prepared.histories.history(item).series().known_demand(bucket)
}
