//! What became of the rows of each file: used, or set aside under a code.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::files::{FileHash, SourceFile};
use super::records::Note;
use super::values::{Flaw, RowNames};
use crate::domain::finding::{Code, Finding, Reject, Source};
use crate::domain::wording::counted;
use crate::error::{Error, Result};

/// Rows of a table that are listed one by one. Judgement: more than anyone reads, and some 30 MiB
/// of memory, however bad an export is.
const MAX_LISTED: u64 = 100_000;

/// Rows that a table or file needs before a share of its bad ones says anything. Judgement, as the
/// contract has it: of fewer than 20, one row is more than 5 %.
pub(crate) const MIN_ROWS: u64 = 20;

/// Rows that were set aside, one by one up to [`MAX_LISTED`] of a table.
#[derive(Debug, Default)]
pub(crate) struct Rejects {
    listed: Vec<Reject>,
    /// How many there are, listed or not.
    of_table: BTreeMap<&'static str, u64>,
    /// How many are not listed, by code.
    unlisted: BTreeMap<&'static str, BTreeMap<Code, u64>>,
}

impl Rejects {
    /// Lists a row, or counts it where its table has enough of them.
    pub(crate) fn push(&mut self, reject: Reject) {
        let table = reject.source.table;
        let rows = self.of_table.entry(table).or_default();
        *rows += 1;

        if *rows <= MAX_LISTED {
            self.listed.push(reject);
        } else {
            *self.unlisted.entry(table).or_default().entry(reject.code).or_default() += 1;
        }
    }

    /// Takes over the rows that others have set aside after these.
    pub(crate) fn join(&mut self, later: Self) {
        later.listed.into_iter().for_each(|reject| self.push(reject));
        for (table, codes) in later.unlisted {
            *self.of_table.entry(table).or_default() += codes.values().sum::<u64>();
            let unlisted = self.unlisted.entry(table).or_default();
            for (code, rows) in codes {
                *unlisted.entry(code).or_default() += rows;
            }
        }
    }

    /// The rows that are listed, and for each table with more of them a line and a finding that say
    /// so.
    pub(crate) fn finish(self, findings: &mut Vec<Finding>) -> Vec<Reject> {
        let mut rejects = self.listed;
        for (table, codes) in self.unlisted {
            let counts: Vec<String> =
                codes.iter().map(|(code, rows)| format!("{rows} {}", code.name())).collect();
            let message = format!(
                "{} more rows are set aside than the {MAX_LISTED} that quarantine.csv lists: {}",
                codes.values().sum::<u64>(),
                counts.join(", ")
            );

            let source = Source { table, ..Source::default() };
            findings.push(Finding::of_table(Code::RowsNotListed, table, message.clone()));
            rejects.push(Reject {
                code: Code::RowsNotListed,
                source,
                sku: String::new(),
                location: String::new(),
                message,
            });
        }

        rejects
    }
}

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
    /// Rows that are used without a field that cannot be read.
    pub(super) left_out: u64,
    example: Option<Example>,
}

impl FileTally {
    pub(crate) fn new(file: &SourceFile) -> Self {
        Self::empty(file.table, &file.name)
    }

    /// Counts of some of the file's rows, for now of none.
    pub(crate) fn part(&self) -> Self {
        Self::empty(self.table, &self.name)
    }

    fn empty(table: &'static str, name: &Arc<str>) -> Self {
        Self {
            table,
            name: Arc::clone(name),
            hash: FileHash::default(),
            rows: 0,
            set_aside: BTreeMap::new(),
            lost_lines: 0,
            left_out: 0,
            example: None,
        }
    }

    /// Takes over the counts of the rows that follow.
    pub(crate) fn join(&mut self, later: Self) {
        self.rows += later.rows;
        for (code, rows) in later.set_aside {
            *self.set_aside.entry(code).or_default() += rows;
        }
        self.lost_lines += later.lost_lines;
        self.left_out += later.left_out;
        self.example = self.example.take().or(later.example);
    }

    /// Counts a row that is set aside.
    pub(crate) fn set_aside(&mut self, code: Code) {
        *self.set_aside.entry(code).or_default() += 1;
    }

    /// Counts a row that cannot be used, and reports it.
    pub(crate) fn reject(&mut self, row: u64, flaw: Flaw, names: RowNames) -> Reject {
        self.set_aside(flaw.code);
        // Rows that are left out on purpose, or are no demand, are no example of bad ones.
        if self.example.is_none() && is_unusable(flaw.code) {
            self.example = Some(Example { row, flaw: flaw.clone() });
        }

        let source = Source { table: self.table, file: Arc::clone(&self.name), row };
        let RowNames { sku, location } = names;
        Reject { code: flaw.code, source, sku, location, message: flaw.message }
    }

    /// Counts a row that is used without fields of which this was the first.
    pub(crate) fn note_left_out(&mut self, row: u64, flaw: Flaw) {
        self.left_out += 1;
        self.example.get_or_insert(Example { row, flaw });
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

    /// Rows that cannot be used, with the lines that unclosed quotes swallowed.
    fn lost(&self) -> u64 {
        let unreadable = self.set_aside.iter().filter(|(code, _)| is_unusable(**code));
        unreadable.map(|(_, rows)| rows).sum::<u64>() + self.lost_lines
    }

    /// The same, with rows that are used without a field that cannot be read.
    fn bad(&self) -> u64 {
        self.lost() + self.left_out
    }

    /// All rows, with the lines that unclosed quotes swallowed.
    fn all(&self) -> u64 {
        self.rows + self.lost_lines
    }
}

/// Refuses a table of which too large a share cannot be used. One with fewer than [`MIN_ROWS`] is
/// refused only where no row can; so is one file among several that long, which is not the others'
/// kind.
pub(crate) fn check(tallies: &[FileTally], max_bad_rows: f64) -> Result<()> {
    let bad: u64 = tallies.iter().map(FileTally::bad).sum();
    let all: u64 = tallies.iter().map(FileTally::all).sum();
    let nothing_is_left = tallies.iter().map(FileTally::lost).sum::<u64>() == all;
    if bad as f64 > max_bad_rows * all as f64 && (all >= MIN_ROWS || nothing_is_left) {
        return Err(too_many_bad(tallies, (bad, all), max_bad_rows));
    }

    let is_lost = |file: &&FileTally| {
        file.all() >= MIN_ROWS && file.lost() == file.all() && max_bad_rows < 1.0
    };
    match tallies.iter().find(is_lost) {
        Some(file) => {
            let (bad, all) = (file.bad(), file.all());
            Err(too_many_bad(std::slice::from_ref(file), (bad, all), max_bad_rows))
        }
        None => Ok(()),
    }
}

fn too_many_bad(tallies: &[FileTally], (bad, all): (u64, u64), max_bad_rows: f64) -> Error {
    let Some(first) = tallies.iter().find(|tally| tally.example.is_some()).or(tallies.first())
    else {
        return Error::internal("a table without files has no rows");
    };
    let whole = match tallies.len() {
        1 => first.name.to_string(),
        files => format!("{files} files"),
    };

    let mut error = Error::data(format!(
        "{}: {bad} of {all} rows of {whole} cannot be used, more than \
         run.max_bad_rows = {max_bad_rows} allows",
        first.table
    ));
    if let Some(Example { row, flaw: Flaw { code, message } }) = &first.example {
        let place = match tallies.len() {
            1 => format!("row {row}"),
            _ => format!("{}, row {row}", first.name),
        };
        error = error
            .hint(format!("{place}, {} {}: {message}", code.id(), code.name()))
            .hint(code.hint());
    }

    let lost: u64 = tallies.iter().map(|tally| tally.lost_lines).sum();
    if lost > 0 {
        error = error.hint(format!(
            "quotes that are opened and not closed swallow {}",
            counted(lost, "line")
        ));
    }

    error
}

/// Whether the code means that the row cannot be read, rather than that it is not demand.
#[must_use]
pub fn is_unusable(code: Code) -> bool {
    code <= Code::BadChoice || code == Code::NoValue
}
