//! Which of several date formats a file is written in.

use std::collections::BTreeMap;

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
    /// The first date that two formats read as different days: its row, and as messages show it.
    differing: BTreeMap<(usize, usize), (u64, String)>,
}

impl DateCount<'_> {
    /// The formats that read all of the file's dates; none where it has no dates.
    fn fit_all(&self) -> Vec<usize> {
        let is_fitting =
            |format: &usize| self.readable > 0 && self.fitting[*format] == self.readable;
        (0..self.fitting.len()).filter(is_fitting).collect()
    }
}

impl Visit for DateCount<'_> {
    fn record(&mut self, record: &Record<'_>) {
        for at in &self.columns {
            let Value::Text(text) = record.fields[*at] else { continue };
            let days: Vec<Option<Day>> = self.dates.days(text.trim_ascii()).collect();
            self.readable += u64::from(days.iter().any(Option::is_some));
            self.fitting.resize(days.len(), 0);
            for (count, day) in self.fitting.iter_mut().zip(&days) {
                *count += u64::from(day.is_some());
            }

            for (one, other) in (0..days.len()).flat_map(|at| (0..at).map(move |one| (one, at))) {
                if days[one].zip(days[other]).is_some_and(|(a, b)| a != b) {
                    let seen = || (record.row, shown(text));
                    self.differing.entry((one, other)).or_insert_with(seen);
                }
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

/// The reader for the dates of each of an input's files: of several formats one that reads every
/// date of it that can be read goes before the others, and of several such ones that which reads
/// all of most files. What is said where that does not settle it, once. Files are read once more
/// for that, where there is a choice.
///
/// # Errors
/// As [`read`] has them.
pub(crate) fn fitting(
    files: &[SourceFile],
    input: &Input,
    wanted: &Wanted,
    dates: &DateReader,
) -> Result<Vec<(DateReader, Option<Note>)>> {
    if !dates.has_choice() {
        return Ok(files.iter().map(|_| (dates.clone(), None)).collect());
    }

    let columns = wanted.table.columns.iter().enumerate();
    let columns = columns.filter(|(_, column)| column.kind == ColumnKind::Date);
    let columns: Vec<usize> = columns.map(|(at, _)| at).collect();
    let mut counts = Vec::with_capacity(files.len());
    for file in files {
        let mut count = DateCount {
            dates,
            columns: columns.clone(),
            readable: 0,
            fitting: Vec::new(),
            differing: BTreeMap::new(),
        };
        read(file, input, wanted, &mut count, &())?;
        counts.push(count);
    }

    let mut votes: BTreeMap<usize, usize> = BTreeMap::new();
    for format in counts.iter().flat_map(DateCount::fit_all) {
        *votes.entry(format).or_default() += 1;
    }
    let mut readers = Vec::with_capacity(files.len());
    let mut is_said = false;
    for count in &counts {
        let fitting = count.fit_all();
        let most = fitting.iter().map(|format| votes[format]).max();
        let mut best = fitting.iter().copied().filter(|format| votes.get(format) == most.as_ref());
        let first = best.next().unwrap_or(0);
        let differing = best.find_map(|other| count.differing.get(&(first, other)));
        let note = differing.filter(|_| !is_said).map(|(row, text)| Note {
            row: *row,
            code: Code::DoubtfulDates,
            message: format!(
                "more than one of the formats fits every date, and they differ, first on {text}; \
                 the first of them is taken"
            ),
        });
        is_said |= note.is_some();
        readers.push((dates.clone().preferring(first), note));
    }
    Ok(readers)
}
