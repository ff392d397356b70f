//! `review.csv`, `excess.csv`: how the shop stands, and how it stood before.

use std::io::Write;
use std::path::Path;

use super::columns::{DATE, EXCESS, REVIEW};
use crate::backorder::review::{Figure, ReviewRow};
use crate::domain::calendar::{Day, date_of, day_of};
use crate::domain::fixed::Fixed;
use crate::error::{Error, Result};
use crate::io::read_older_columns;
use crate::io::sinks::csv::{CsvSink, real};
use crate::pipeline::NightPlan;

/// The file of the review.
pub const REVIEW_FILE: &str = "review.csv";

/// How many of the last columns tell of edits; older versions wrote none.
const OF_EDITS: usize = 3;

/// Writes the tables into the directory; amounts have the base currency's decimals.
pub(super) fn write(dir: &Path, decimals: u32, plan: &NightPlan<'_>) -> Result<()> {
    excess(dir, decimals, plan)?;
    let mut sink = CsvSink::create(&dir.join(REVIEW_FILE), REVIEW)?;
    rows(&mut sink, decimals, &plan.review)?;
    sink.finish().map(drop)
}

fn excess(dir: &Path, decimals: u32, plan: &NightPlan<'_>) -> Result<()> {
    let mut sink = CsvSink::create(&dir.join("excess.csv"), EXCESS)?;
    for row in &plan.excess {
        sink.text(&row.key.sku).text(&row.key.location).fixed(row.on_hand).fixed(row.units);
        sink.money(row.value, decimals).real(row.months_of_supply).guarded(&row.action).end()?;
    }

    sink.finish().map(drop)
}

/// Rows of the review as CSV with its header.
///
/// # Errors
/// When they cannot be written.
pub fn csv(decimals: u32, review: &[ReviewRow]) -> Result<Vec<u8>> {
    let mut sink = CsvSink::new(Vec::new(), REVIEW)?;
    rows(&mut sink, decimals, review)?;
    sink.finish()
}

fn rows<W: Write>(sink: &mut CsvSink<W>, decimals: u32, review: &[ReviewRow]) -> Result<()> {
    for row in review {
        sink.date(row.date);
        for figure in row.figures() {
            sink.text(&text(figure, decimals));
        }
        sink.end()?;
    }
    Ok(())
}

/// A figure as it is written; empty where nothing says it.
fn text(figure: Option<Figure>, decimals: u32) -> String {
    match figure {
        None => String::new(),
        Some(Figure::Count(count)) => count.to_string(),
        Some(Figure::Units(units)) => units.to_string(),
        Some(Figure::Money(money)) => money.with_decimals(decimals),
        // No sign on a zero.
        Some(Figure::Share(share)) => format!("{:.4}", share + 0.0),
        Some(Figure::Real(value)) => real(value),
        Some(Figure::Date(day)) => date_of(day).to_string(),
    }
}

/// Rows of the review as one array of JSON objects, with the digits of the CSV; what is not known
/// is null.
#[must_use]
pub fn json(decimals: u32, review: &[ReviewRow]) -> String {
    let object = |row: &ReviewRow| {
        let mut fields = vec![format!("\"{DATE}\":\"{}\"", date_of(row.date))];
        for (name, figure) in ReviewRow::NAMES.iter().zip(row.figures()) {
            let value = match figure {
                None => "null".to_owned(),
                Some(Figure::Date(_)) => format!("\"{}\"", text(figure, decimals)),
                Some(_) => text(figure, decimals),
            };
            fields.push(format!("\"{name}\":{value}"));
        }
        format!("{{{}}}", fields.join(","))
    };
    let objects: Vec<String> = review.iter().map(object).collect();

    format!("[\n{}\n]\n", objects.join(",\n"))
}

/// The rows of a run's review, the oldest first, and the hash of the table.
///
/// # Errors
/// When the table cannot be read, has no column of a name, or holds what is no such figure.
pub fn read(path: &Path) -> Result<(Vec<ReviewRow>, String)> {
    let mut columns = [""; REVIEW.len()];
    columns.copy_from_slice(REVIEW);
    let table = read_older_columns(path, columns, OF_EDITS)?;
    let kinds = ReviewRow::kinds();

    let mut rows = Vec::with_capacity(table.rows.len());
    for record in &table.rows {
        let wrong = |at: usize| {
            let (column, text) = (REVIEW[at], &record[at]);
            Error::data(format!("`{column}` of {} is {text:?}", record[0]))
        };
        let date = day(&record[0]).ok_or_else(|| wrong(0))?;
        let mut figures = Vec::with_capacity(kinds.len());
        for (at, kind) in kinds.iter().enumerate() {
            let text = record[at + 1].as_str();
            figures.push(match text.is_empty() {
                true => None,
                false => Some(figure(*kind, text).ok_or_else(|| wrong(at + 1))?),
            });
        }
        rows.extend(ReviewRow::of_figures(date, &figures));
    }
    rows.sort_by_key(|row| row.date);
    Ok((rows, table.sha256))
}

/// A figure of a kind from its text.
fn figure(kind: Figure, text: &str) -> Option<Figure> {
    let number = || text.parse().ok().filter(|number: &f64| number.is_finite());
    Some(match kind {
        Figure::Count(_) => Figure::Count(text.parse().ok()?),
        Figure::Units(_) => Figure::Units(Fixed::from_f64(number()?)?),
        Figure::Money(_) => Figure::Money(Fixed::from_f64(number()?)?),
        Figure::Share(_) => Figure::Share(number()?),
        Figure::Real(_) => Figure::Real(number()?),
        Figure::Date(_) => Figure::Date(day(text)?),
    })
}

fn day(text: &str) -> Option<Day> {
    text.parse().ok().map(day_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_the_figures_of_a_row() {
        assert_eq!(REVIEW[1..], *ReviewRow::NAMES);
    }

    #[test]
    fn rows_read_back_byte_for_byte() {
        let row = ReviewRow {
            date: 19_782,
            items_planned: Some(12),
            waiting_units: Some(Fixed::of_steps(25_000)),
            waiting_value: Some(Fixed::of_steps(1_234_500)),
            waiting_mean_days: Some(2.0 / 3.0),
            share_supplier_late: Some(1.0 / 3.0),
            period_start: Some(19_775),
            forecast_bias_4b: Some(-0.25),
            ..ReviewRow::default()
        };
        let bytes = csv(2, &[row.clone(), ReviewRow { date: 19_783, ..row }]).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(REVIEW_FILE);
        std::fs::write(&path, &bytes).unwrap();

        let (rows, hash) = read(&path).unwrap();
        assert_eq!(csv(2, &rows).unwrap(), bytes);
        assert_eq!(hash, crate::io::sha256(&bytes));
        let broken = String::from_utf8(bytes).unwrap().replace("123.45", "much");
        std::fs::write(&path, broken).unwrap();
        let message = read(&path).unwrap_err().to_string();
        assert!(message.contains("`waiting_value` of 2024-02-29 is \"much\""), "{message}");
    }
}
