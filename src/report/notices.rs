//! `notices.csv`, and the texts that it names.

use std::path::Path;

use super::columns::NOTICE;
use crate::backorder::notices::Notice;
use crate::backorder::notices::notice::FOLDER;
use crate::backorder::told::Silence;
use crate::config::choices::Regime;
use crate::error::Result;
use crate::io::sinks::csv::CsvSink;
use crate::io::sinks::{create_folder, write_text};
use crate::pipeline::NightPlan;

/// Writes the table and the texts into the directory.
pub(super) fn write(dir: &Path, plan: &NightPlan<'_>) -> Result<()> {
    let mut sink = CsvSink::create(&dir.join("notices.csv"), NOTICE)?;
    create_folder(&dir.join(FOLDER))?;
    for notice in &plan.desk.notices {
        row(&mut sink, notice);
        sink.end()?;
        write_text(&dir.join(&notice.file), &notice.text)?;
    }

    sink.finish().map(drop)
}

fn row<W: std::io::Write>(sink: &mut CsvSink<W>, notice: &Notice) {
    sink.text(notice.audience.as_str())
        .text(notice.kind.as_str())
        .guarded(notice.recipient.as_deref().unwrap_or_default())
        .guarded(&notice.subject)
        .text(&notice.reference)
        .opt_text(notice.sku.as_deref());
    sink.date(notice.old_date)
        .date(notice.new_date)
        .opt_text(notice.regime.map(Regime::as_str))
        .date(notice.send_by)
        .date(notice.respond_by)
        .opt_text(notice.silence.map(Silence::as_str))
        .date(notice.refund_by)
        .text(&notice.file);
}
