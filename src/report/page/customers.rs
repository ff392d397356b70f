//! Customers who wait: promises that slip, notices that are due, what is allocated, refunds.

use std::cmp::Reverse;

use serde::Serialize;

use super::run_tables::{Row, RunTables, rows};
use super::shown::{count, known, name, sentence, units, word};
use crate::domain::calendar::Day;
use crate::domain::wording::counted;
use crate::report::columns::{ORDER_ID, PREVIOUS_PROMISE, SKU, TOLD_DATE};

/// Rows of each table, at most.
const MAX_SHOWN: usize = 20;

/// Customers who wait.
#[derive(Serialize)]
pub(super) struct Customers {
    /// How many lines wait, and what of them is allocated today.
    waiting: Option<String>,
    slipping: Vec<Slipping>,
    more_slipping: Option<String>,
    notices: Vec<Due>,
    more_notices: Option<String>,
    refunds: Vec<String>,
    #[serde(skip)]
    pub(super) slipping_count: usize,
}

/// A promise that slips.
#[derive(Serialize)]
struct Slipping {
    order: String,
    customer: String,
    sku: String,
    quantity: String,
    before: String,
    now: String,
    reason: String,
    alternative: String,
}

/// A notice that is due.
#[derive(Serialize)]
struct Due {
    kind: String,
    recipient: String,
    reference: String,
    sku: String,
    send_by: String,
    respond_by: String,
    file: String,
}

pub(super) fn section(run: &RunTables) -> Customers {
    let promises: Vec<Row<'_>> = rows(&run.promises).collect();
    let mut slipping: Vec<(Day, Row<'_>)> = promises
        .iter()
        .filter_map(|row| Some((slip_days(*row)?, *row)))
        .filter(|(days, _)| *days > 0)
        .collect();
    slipping.sort_by_key(|(days, row)| (Reverse(*days), row.text(ORDER_ID), row.item()));

    let mut notices: Vec<Row<'_>> =
        rows(&run.notices).filter(|row| row.text("audience") == "customer").collect();
    notices.sort_by_key(|row| (row.text("send_by").is_empty(), row.text("send_by")));
    let refunds = rows(&run.notices).filter(|row| row.text("kind") == "refund_due");
    Customers {
        waiting: waiting(&promises),
        more_slipping: beyond(slipping.len()),
        slipping_count: slipping.len(),
        slipping: slipping.iter().take(MAX_SHOWN).map(|(_, row)| slips(*row)).collect(),
        more_notices: beyond(notices.len()),
        notices: notices.into_iter().take(MAX_SHOWN).map(due).collect(),
        refunds: refunds.map(refund).collect(),
    }
}

/// How many rows a table leaves out.
fn beyond(rows: usize) -> Option<String> {
    (rows > MAX_SHOWN).then(|| count(rows - MAX_SHOWN))
}

/// Days by which a line comes later than its customer was told.
fn slip_days(row: Row<'_>) -> Option<Day> {
    let now = row.day("promise_p90").or(row.day(TOLD_DATE))?;
    Some(now - row.day(PREVIOUS_PROMISE)?)
}

fn waiting(promises: &[Row<'_>]) -> Option<String> {
    let allocated: Vec<f64> =
        promises.iter().filter_map(|row| row.number("allocated_quantity")).collect();
    let units_now: f64 = allocated.iter().sum();
    let lines_now = allocated.iter().filter(|units| **units > 0.0).count();
    (!promises.is_empty()).then(|| {
        format!(
            "{} of customers {}; stock on hand is allocated to {lines_now} of them today, {}.",
            counted(promises.len(), "line"),
            if promises.len() == 1 { "waits" } else { "wait" },
            counted(units(units_now), "unit")
        )
    })
}

fn slips(row: Row<'_>) -> Slipping {
    Slipping {
        order: name(&format!("{} {}", row.text(ORDER_ID), row.text("line"))),
        customer: name(row.text("customer")),
        sku: name(row.text(SKU)),
        quantity: known(row.number("quantity"), units),
        before: name(row.text(PREVIOUS_PROMISE)),
        now: known(Some(row.text("promise_p90")).filter(|it| !it.is_empty()), name),
        reason: word(row.text("reason")),
        alternative: sentence(row.text("alternative")),
    }
}

fn due(row: Row<'_>) -> Due {
    Due {
        kind: word(row.text("kind")),
        recipient: name(row.text("recipient")),
        reference: name(row.text("reference")),
        sku: name(row.text(SKU)),
        send_by: name(row.text("send_by")),
        respond_by: name(row.text("respond_by")),
        file: name(row.text("file")),
    }
}

fn refund(row: Row<'_>) -> String {
    let subject = row.text("subject");
    sentence(&match row.text("refund_by") {
        "" => subject.to_owned(),
        day => format!("{subject}: by {day}"),
    })
}
