//! Which of several date formats a file is written in.

use super::{Broken, Forks, Nobody, Note, Record, Visit, Wanted, read};
use crate::config::settings::Input;
use crate::domain::calendar::Day;
use crate::domain::finding::Code;
use crate::error::Result;
use crate::io::contract::ColumnKind;
use crate::io::dates::DateReader;
use crate::io::files::SourceFile;
use crate::io::values::{Value, shown};

/// Counts which formats read the dates of a file.
struct DateCount<'a> {
    dates: &'a DateReader,
    /// Positions of the columns that hold dates.
    columns: Vec<usize>,
    /// Dates that any format reads.
    readable: u64,
    /// How many of these each format reads.
    fitting: Vec<u64>,
    /// The first that two formats read as different days: its row, and as messages show it.
    differing: Option<(u64, String)>,
}

impl Visit for DateCount<'_> {
    fn record(&mut self, record: &Record<'_>) {
        for at in &self.columns {
            let Value::Text(text) = record.fields[*at] else { continue };
            let days: Vec<Option<Day>> = self.dates.days(text.trim_ascii()).collect();
            let mut read = days.iter().flatten();
            let first = read.next();
            self.readable += u64::from(first.is_some());
            if read.any(|day| Some(day) != first) && self.differing.is_none() {
                self.differing = Some((record.row, shown(text)));
            }
            self.fitting.resize(days.len(), 0);
            for (count, day) in self.fitting.iter_mut().zip(days) {
                *count += u64::from(day.is_some());
            }
        }
    }

    fn broken(&mut self, _broken: Broken<'_>) {}
}

impl Forks for DateCount<'_> {
    type Part = Nobody;

    fn fork(&self) -> Option<Nobody> {
        None
    }

    fn join(&mut self, _part: &mut Nobody) {}
}

/// The reader for the dates of this file: of several formats one that reads every date of it that
/// can be read goes before the others. The file is read once more for that, where there is a
/// choice; what is said where it does not settle it.
///
/// # Errors
/// As [`read`] has them.
pub(crate) fn fitting(
    file: &SourceFile,
    input: &Input,
    wanted: &Wanted,
    dates: &DateReader,
) -> Result<(DateReader, Option<Note>)> {
    if !dates.has_choice() {
        return Ok((dates.clone(), None));
    }

    let columns = wanted.table.columns.iter().enumerate();
    let columns = columns.filter(|(_, column)| column.kind == ColumnKind::Date);
    let mut count = DateCount {
        dates,
        columns: columns.map(|(at, _)| at).collect(),
        readable: 0,
        fitting: Vec::new(),
        differing: None,
    };
    read(file, input, wanted, &mut count, &())?;

    let all = count.readable;
    let mut fitting = (0..count.fitting.len()).filter(|format| count.fitting[*format] == all);
    let (best, is_settled) = (fitting.next().unwrap_or(0), fitting.next().is_none());
    let note = count.differing.filter(|_| !is_settled).map(|(row, text)| Note {
        row,
        code: Code::DoubtfulDates,
        message: format!(
            "more than one of the formats fits every date, and they differ, first on {text}; the \
             first of them is taken"
        ),
    });
    Ok((dates.clone().preferring(best), note))
}
