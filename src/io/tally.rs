//! What became of the rows of each file: used, or set aside under a code.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::files::{FileHash, SourceFile};
use super::records::Note;
use super::values::{Flaw, RowNames};
use crate::domain::finding::{Code, Finding, Reject, Source};
use crate::domain::wording::counted;
use crate::error::{Error, Result};

/// The first unusable row of a file, for the message if there are too many.
#[derive(Debug, Clone)]
struct Example {
    /// Number of the record.
    row: u64,
    flaw: Flaw,
}

/// Counts of one file's rows while it is read.
#[derive(Debug, Clone)]
pub(crate) struct FileTally {
    pub(crate) table: &'static str,
    pub(crate) name: Arc<str>,
    pub(crate) hash: FileHash,
    pub(crate) rows: u64,
    pub(crate) set_aside: BTreeMap<Code, u64>,
    /// Lines that unclosed quotes swallowed.
    lost_lines: u64,
    example: Option<Example>,
}

impl FileTally {
    pub(crate) fn new(file: &SourceFile) -> Self {
        Self {
            table: file.table,
            name: Arc::clone(&file.name),
            hash: FileHash::default(),
            rows: 0,
            set_aside: BTreeMap::new(),
            lost_lines: 0,
            example: None,
        }
    }

    /// Counts a row that is set aside.
    pub(crate) fn set_aside(&mut self, code: Code) {
        *self.set_aside.entry(code).or_default() += 1;
    }

    /// Counts a row that cannot be used, and reports it.
    pub(crate) fn reject(&mut self, row: u64, flaw: Flaw, names: RowNames) -> Reject {
        self.set_aside(flaw.code);
        if self.example.is_none() {
            self.example = Some(Example { row, flaw: flaw.clone() });
        }

        let source = Source { table: self.table, file: Arc::clone(&self.name), row };
        let RowNames { sku, location } = names;
        Reject { code: flaw.code, source, sku, location, message: flaw.message }
    }

    /// Something odd about a row that is used.
    pub(crate) fn finding(&self, row: u64, code: Code, message: String) -> Finding {
        let source = Source { table: self.table, file: Arc::clone(&self.name), row };
        Finding { code, source, key: None, message }
    }

    /// Something odd about the file as a whole.
    pub(crate) fn noted(&self, note: Note) -> Finding {
        self.finding(note.row, note.code, note.message)
    }

    pub(crate) fn lose_lines(&mut self, lines: u64) {
        self.lost_lines += lines;
    }

    /// Rows that were used.
    pub(crate) fn used(&self) -> u64 {
        self.rows.saturating_sub(self.set_aside.values().sum())
    }

    /// Refuses a file of which too large a share cannot be used.
    pub(crate) fn check(&self, max_bad_rows: f64) -> Result<()> {
        let unreadable =
            self.set_aside.iter().filter(|(code, _)| is_unusable(**code)).map(|(_, rows)| rows);
        let bad = unreadable.sum::<u64>() + self.lost_lines;
        let all = self.rows + self.lost_lines;

        if bad as f64 <= max_bad_rows * all as f64 {
            return Ok(());
        }

        let mut error = Error::data(format!(
            "{}: {bad} of {all} rows of {} cannot be used, more than \
             run.max_bad_rows = {max_bad_rows} allows",
            self.table, self.name
        ));
        if let Some(Example { row, flaw: Flaw { code, message } }) = &self.example {
            error = error
                .hint(format!("row {row}, {} {}: {message}", code.id(), code.name()))
                .hint(code.hint());
        }
        if self.lost_lines > 0 {
            error = error.hint(format!(
                "quotes that are opened and not closed swallow {}",
                counted(self.lost_lines, "line")
            ));
        }

        Err(error)
    }
}

/// Whether the code means that the row cannot be read, rather than that it is not demand.
#[must_use]
pub fn is_unusable(code: Code) -> bool {
    code <= Code::BadChoice
}
