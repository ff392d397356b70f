//! Which of several date formats a file is written in.

use super::{Forks, Nobody, Record, Visit, Wanted, read};
use crate::config::settings::Input;
use crate::error::Result;
use crate::io::contract::ColumnKind;
use crate::io::dates::DateReader;
use crate::io::files::SourceFile;
use crate::io::values::{Flaw, Value};

/// Counts which formats read the dates of a file.
struct DateCount<'a> {
    dates: &'a DateReader,
    /// Positions of the columns that hold dates.
    columns: Vec<usize>,
    /// Dates that any format reads.
    readable: u64,
    /// How many of these each format reads.
    fitting: Vec<u64>,
}

impl Visit for DateCount<'_> {
    fn record(&mut self, record: &Record<'_>) {
        for at in &self.columns {
            let Value::Text(text) = record.fields[*at] else { continue };
            let fits: Vec<bool> = self.dates.fits(text.trim_ascii()).collect();
            self.readable += u64::from(fits.contains(&true));
            self.fitting.resize(fits.len(), 0);
            for (count, fits) in self.fitting.iter_mut().zip(fits) {
                *count += u64::from(fits);
            }
        }
    }

    fn broken(&mut self, _row: u64, _flaw: Flaw, _lost_lines: u64) {}
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
/// choice.
///
/// # Errors
/// As [`read`] has them.
pub(crate) fn fitting(
    file: &SourceFile,
    input: &Input,
    wanted: &Wanted,
    dates: &DateReader,
) -> Result<DateReader> {
    if !dates.has_choice() {
        return Ok(dates.clone());
    }

    let columns = wanted.table.columns.iter().enumerate();
    let columns = columns.filter(|(_, column)| column.kind == ColumnKind::Date);
    let mut count = DateCount {
        dates,
        columns: columns.map(|(at, _)| at).collect(),
        readable: 0,
        fitting: Vec::new(),
    };
    read(file, input, wanted, &mut count, &())?;

    let all = count.readable;
    let best = count.fitting.iter().position(|fitting| *fitting == all).unwrap_or(0);
    Ok(dates.clone().preferring(best))
}
