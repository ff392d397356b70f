//! Rows of the ledger's file as our types.

use chrono::NaiveDate;
use rusqlite::Row;
use rusqlite::types::Type;

use crate::domain::calendar::{Day, date_of, day_of};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::ledger::{LedgerLine, LineStatus, LineTerms, Standing};
use crate::domain::tables::Text;

/// A day as it is written.
pub(super) fn iso(day: Day) -> String {
    date_of(day).to_string()
}

/// A day as it was written.
pub(super) fn day(text: &str) -> rusqlite::Result<Day> {
    let date: NaiveDate = text.parse().map_err(|cause| {
        rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(cause))
    })?;
    Ok(day_of(date))
}

fn text(row: &Row<'_>, at: usize) -> rusqlite::Result<Text> {
    Ok(row.get_ref(at)?.as_str()?.into())
}

fn opt_text(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Text>> {
    Ok(row.get_ref(at)?.as_str_or_null()?.map(Into::into))
}

fn opt_day(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Day>> {
    row.get_ref(at)?.as_str_or_null()?.map(day).transpose()
}

fn opt_fixed(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Fixed>> {
    Ok(row.get::<_, Option<i64>>(at)?.map(Fixed::of_steps))
}

/// How a line stands, of the columns from `from` on.
pub(super) fn standing_of(row: &Row<'_>, from: usize) -> rusqlite::Result<Standing> {
    let word = row.get_ref(from)?.as_str()?;
    let status = LineStatus::of(word).ok_or_else(|| {
        let message = format!("{word:?} is no status of a line");
        rusqlite::Error::FromSqlConversionFailure(from, Type::Text, message.into())
    })?;

    Ok(Standing {
        status,
        since: day(row.get_ref(from + 1)?.as_str()?)?,
        revision: row.get(from + 2)?,
        quantity: Fixed::of_steps(row.get(from + 3)?),
        suggested_quantity: Fixed::of_steps(row.get(from + 4)?),
        unit_cost: opt_fixed(row, from + 5)?,
        base_total: opt_fixed(row, from + 6)?,
        requested_on: day(row.get_ref(from + 7)?.as_str()?)?,
        sent_on: opt_day(row, from + 8)?,
        matched: text(row, from + 9)?,
        reason: text(row, from + 10)?,
        until: opt_day(row, from + 11)?,
        by: text(row, from + 12)?,
    })
}

/// A line and how it stands.
pub(super) fn line_of(row: &Row<'_>) -> rusqlite::Result<LedgerLine> {
    Ok(LedgerLine {
        po_number: text(row, 0)?,
        line: row.get(1)?,
        terms: LineTerms {
            supplier: text(row, 2)?,
            supplier_name: opt_text(row, 3)?,
            key: Key { sku: text(row, 4)?, location: text(row, 5)? },
            supplier_sku: opt_text(row, 6)?,
            description: opt_text(row, 7)?,
            uom: opt_text(row, 8)?,
            pack_size: opt_fixed(row, 9)?,
            currency: text(row, 10)?,
        },
        first_night: day(row.get_ref(11)?.as_str()?)?,
        standing: standing_of(row, 12)?,
    })
}
