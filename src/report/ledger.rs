//! `ledger.csv`: what became of order lines, open ones and those that ended since the night before.

use std::path::Path;

use super::columns::LEDGER;
use super::order_totals::money;
use crate::config::Settings;
use crate::domain::calendar::date_of;
use crate::domain::fixed::Fixed;
use crate::domain::ledger::{LedgerLine, LedgerView};
use crate::domain::money::decimals_of;
use crate::domain::wording::counted;
use crate::error::Result;
use crate::io::sha256;
use crate::io::sinks::csv::CsvSink;
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
    sink.fixed(standing.base_total).fixed(terms.pack_size).end()
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
