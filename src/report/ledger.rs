//! `ledger.csv`: what became of order lines, open ones and those that ended since the night before.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::columns::{LEDGER, LEDGER_COLUMNS, LINE, LOCATION, PO_NUMBER, SKU};
use crate::config::Settings;
use crate::domain::calendar::{Day, date_of, day_of};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::ledger::{
    KnownOrder, LedgerChanges, LedgerLine, LedgerView, LineName, LineStatus, LineTerms, Standing,
};
use crate::domain::money::{decimals_of, money};
use crate::domain::tables::Text;
use crate::domain::wording::counted;
use crate::error::{Error, Result};
use crate::io::sinks::csv::CsvSink;
use crate::io::{read_columns, sha256};
use crate::pipeline::NightPlan;
use crate::store::ledger::LEDGER_TABLE;

/// Writes the table, where a ledger is kept.
pub(super) fn write(dir: &Path, plan: &NightPlan<'_>) -> Result<()> {
    let Some(night) = &plan.ledger else { return Ok(()) };
    let mut sink = CsvSink::create(&dir.join(LEDGER_TABLE), LEDGER)?;
    for line in &night.lines {
        row(&mut sink, line)?;
    }
    sink.finish().map(drop)
}

/// The lines as a table.
///
/// # Errors
/// When it cannot be written.
pub fn csv(lines: &[&LedgerLine]) -> Result<Vec<u8>> {
    let mut sink = CsvSink::new(Vec::new(), LEDGER)?;
    for line in lines {
        row(&mut sink, line)?;
    }
    sink.finish()
}

/// SHA-256 of the ledger as it stood at the start of a night.
///
/// # Errors
/// When it cannot be worked out.
pub fn sha256_of(view: &LedgerView) -> Result<String> {
    let mut bytes = csv(&view.lines.iter().collect::<Vec<_>>())?;
    for (po_number, key) in &view.known {
        bytes.extend(format!("{po_number}\0{}\0{}\n", key.sku, key.location).bytes());
    }
    for (night, total) in &view.night_totals {
        bytes.extend(format!("{} {total}\n", date_of(*night)).bytes());
    }
    Ok(sha256(&bytes))
}

fn row<W: std::io::Write>(sink: &mut CsvSink<W>, line: &LedgerLine) -> Result<()> {
    let (terms, standing) = (&line.terms, &line.standing);
    sink.text(&line.po_number).whole(i64::from(line.line)).whole(i64::from(standing.revision));
    sink.text(&terms.supplier).text(&terms.key.sku).text(&terms.key.location);
    sink.fixed(standing.quantity).fixed(standing.unit_cost).text(standing.status.as_str());
    sink.date(standing.since).date(standing.sent_on).text(&standing.matched);
    sink.guarded(&standing.reason).date(standing.until).guarded(&standing.by);
    sink.date(line.first_night).date(standing.requested_on).text(&terms.currency);
    sink.fixed(standing.base_total).fixed(terms.pack_size).fixed(standing.suggested_quantity).end()
}

/// What was handed over earlier and not seen yet, as a line of the summary.
pub(super) fn not_seen_yet(settings: &Settings, plan: &NightPlan<'_>) -> Option<String> {
    let (lines, value): (usize, Fixed) = plan.ledger.as_ref()?.not_seen_yet;
    let base = settings.currency.base.as_str();
    (lines > 0).then(|| {
        format!(
            "Handed over earlier and in no table of open orders yet: {}, {} {base}; {} on order.",
            counted(lines, "line"),
            money(value, decimals_of(base)),
            if lines == 1 { "it counts as" } else { "they count as" }
        )
    })
}

/// What each night wrote to the ledger, as far as the tables of its run say, oldest first.
///
/// # Errors
/// When a table cannot be read: a ledger with holes would order again what it forgot.
pub fn nights(runs: &[PathBuf]) -> Result<Vec<(Day, LedgerChanges)>> {
    let mut before: BTreeMap<LineName, (Key, Standing)> = BTreeMap::new();
    let mut nights = Vec::new();
    for run in runs {
        let night = run.file_name().and_then(|name| name.to_str()?.parse().ok()).map(day_of);
        let night = night
            .ok_or_else(|| Error::internal(format!("{} is not named by its day", run.display())))?;
        let lines = read(run).map_err(|cause| {
            let path = run.join(LEDGER_TABLE);
            Error::data(format!("{}: {cause}", path.display()))
                .hint("restore the run from a copy, or move its folder away")
        })?;

        let sent_tonight = lines.iter().filter(|line| {
            line.standing.sent_on == Some(night) && line.standing.status == LineStatus::Sent
        });
        let order_value = sent_tonight.filter_map(|line| line.standing.base_total).sum();
        let mut changed = Vec::new();
        for line in lines {
            let now = (line.terms.key.clone(), line.standing.clone());
            let was = before.insert(line.name(), now);
            if let Some((key, _)) = was.as_ref().filter(|(key, _)| *key != line.terms.key) {
                let message = format!(
                    "{} is {} in {}, and was {key} before",
                    line.label(),
                    line.terms.key,
                    run.display()
                );
                return Err(Error::data(message).hint("move the run that is wrong away"));
            }
            if was.is_none_or(|(_, was)| was != line.standing) {
                changed.push(Arc::new(line));
            }
        }
        let changes = LedgerChanges { lines: changed, known: known(run), order_value };
        nights.push((night, changes));
    }
    Ok(nights)
}

/// The lines of a run's ledger; what is only printed on orders is looked up in its order lines.
fn read(run: &Path) -> Result<Vec<LedgerLine>> {
    let table = read_columns(&run.join(LEDGER_TABLE), LEDGER_COLUMNS)?;
    let printed = printed(run);
    table.rows.into_iter().map(|row| line_of(&row, &printed)).collect()
}

/// Supplier's name, its sku, description and unit of the lines of a run, by order and line.
fn printed(run: &Path) -> BTreeMap<(String, String), [String; 4]> {
    let columns = [PO_NUMBER, LINE, "supplier_name", "supplier_sku", "description", "uom"];
    let table = read_columns(&run.join("purchase_orders.csv"), columns);
    let rows = table.map(|table| table.rows).unwrap_or_default();
    rows.into_iter().map(|[number, line, rest @ ..]| ((number, line), rest)).collect()
}

/// The open orders of the purchasing system's that a run saw.
fn known(run: &Path) -> Vec<KnownOrder> {
    let table = read_columns(&run.join("open_order_advice.csv"), [PO_NUMBER, SKU, LOCATION]);
    let rows = table.map(|table| table.rows).unwrap_or_default();
    rows.into_iter()
        .map(|[number, sku, location]| (number.into(), Key::new(&sku, &location)))
        .collect()
}

/// A row of the table, in the order of its columns.
fn line_of(
    row: &[String; 21],
    printed: &BTreeMap<(String, String), [String; 4]>,
) -> Result<LedgerLine> {
    let [number, line, revision, supplier, sku, location, quantity, cost, state, rest @ ..] = row;
    let [since, sent_on, matched, reason, until, by, rest @ ..] = rest;
    let [first_night, requested, currency, base_total, pack_size, suggested] = rest;
    let wrong =
        |what: &str, text: &str| Error::data(format!("{number}:{line} has {text:?} for `{what}`"));
    let day = |what: &str, text: &str| -> Result<Day> {
        text.parse().map(day_of).map_err(|_| wrong(what, text))
    };
    let opt_day = |what: &str, text: &str| -> Result<Option<Day>> {
        (!text.is_empty()).then(|| day(what, text)).transpose()
    };
    let opt_fixed = |what: &str, text: &str| -> Result<Option<Fixed>> {
        let read = || text.parse().ok().and_then(Fixed::from_f64);
        (!text.is_empty()).then(|| read().ok_or_else(|| wrong(what, text))).transpose()
    };
    let whole = |what: &str, text: &str| text.parse().map_err(|_| wrong(what, text));
    let [supplier_name, supplier_sku, description, uom] =
        printed.get(&(number.clone(), line.clone())).cloned().unwrap_or_default();
    let opt_text = |text: String| (!text.is_empty()).then(|| Text::from(text));

    let units = |what: &str, text: &str| opt_fixed(what, text)?.ok_or_else(|| wrong(what, text));
    Ok(LedgerLine {
        po_number: number.as_str().into(),
        line: whole("line", line)?,
        first_night: day("first_night", first_night)?,
        terms: LineTerms {
            supplier: supplier.as_str().into(),
            supplier_name: opt_text(supplier_name),
            key: Key::new(sku, location),
            supplier_sku: opt_text(supplier_sku),
            description: opt_text(description),
            uom: opt_text(uom),
            pack_size: opt_fixed("pack_size", pack_size)?,
            currency: currency.as_str().into(),
        },
        standing: Standing {
            status: LineStatus::of(state).ok_or_else(|| wrong("state", state))?,
            since: day("since", since)?,
            revision: whole("revision", revision)?,
            quantity: units("quantity", quantity)?,
            suggested_quantity: units("suggested_quantity", suggested)?,
            unit_cost: opt_fixed("unit_cost", cost)?,
            base_total: opt_fixed("base_total", base_total)?,
            requested_on: day("requested_date", requested)?,
            sent_on: opt_day("sent_on", sent_on)?,
            matched: matched.as_str().into(),
            reason: reason.as_str().into(),
            until: opt_day("until", until)?,
            by: by.as_str().into(),
        },
    })
}
