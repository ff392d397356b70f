//! Rows about dates: availability, events, prices, overrides.

use super::fields::Fields;
use super::purchases::stretch;
use crate::config::choices::Rows;
use crate::domain::calendar::Day;
use crate::domain::finding::Code;
use crate::domain::tables::{Availability, Event, Override, OverrideKind, Price};
use crate::io::periods::days_covered;
use crate::io::values::{Flaw, Row};

const KINDS: &[(&str, OverrideKind)] =
    &[("set", OverrideKind::Set), ("add", OverrideKind::Add), ("multiply", OverrideKind::Multiply)];

pub(super) fn availability_day(row: &Fields<'_>) -> Result<Availability, Flaw> {
    availability(row, Rows::Day)
}

pub(super) fn availability_week(row: &Fields<'_>) -> Result<Availability, Flaw> {
    availability(row, Rows::Week)
}

pub(super) fn availability_month(row: &Fields<'_>) -> Result<Availability, Flaw> {
    availability(row, Rows::Month)
}

fn availability(row: &Row<'_>, rows: Rows) -> Result<Availability, Flaw> {
    let date = row.day("date")?;
    let in_stock = row.real("in_stock", 0.0, 1.0)?;

    Ok(Availability { key: row.key()?, date, days: i32::from(days_covered(rows, date)), in_stock })
}

pub(super) fn event(row: &Fields<'_>) -> Result<Event, Flaw> {
    Ok(Event { date: row.day("date")?, event: row.text("event")?, location: row.opt_location()? })
}

pub(super) fn price(row: &Fields<'_>) -> Result<Price, Flaw> {
    let (from, to): (Day, Option<Day>) = (row.day("from")?, row.opt_day("to")?);
    if to.is_some_and(|to| to < from) {
        return Err(Flaw::new(Code::DateOutOfRange, "`to` lies before `from`"));
    }

    Ok(Price {
        sku: row.sku()?,
        location: row.opt_location()?,
        from,
        to,
        unit_price: row.fixed("unit_price")?,
        promotion: row.opt_text("promotion")?,
    })
}

pub(super) fn override_(row: &Fields<'_>) -> Result<Override, Flaw> {
    let (from, to) = stretch(row)?;
    let kind = row.choice("kind", KINDS)?;
    // An addition may be negative, to take demand off; demand itself and a factor may not.
    let min = if kind == OverrideKind::Add { -1e9 } else { 0.0 };

    Ok(Override {
        sku: row.sku()?,
        location: row.opt_location()?,
        from,
        to,
        kind,
        value: row.real("value", min, 1e9)?,
        reason: row.text("reason")?,
        expires_on: row.day("expires_on")?,
    })
}
