//! The names of a file's columns: which of its first lines holds them, and where the wanted ones
//! stand.

use super::cleaned::cleaned;
use super::{Note, Wanted};
use crate::domain::finding::Code;
use crate::error::{Error, Result};
use crate::io::files::SourceFile;

/// Lines in which the header is looked for. Judgement: no report has more titles.
pub(super) const LINES_SEARCHED: usize = 30;

/// The most columns of a file: as many as a sheet can have (ECMA-376, part 1, section 18.3.1.13).
/// Whoever prints more prints no table.
pub(super) const MAX_COLUMNS: usize = 16_384;

/// One of the first lines of a file.
pub(super) struct Line {
    /// Its number in the file; the first is 1.
    pub(super) number: u64,
    /// Its fields.
    pub(super) names: Vec<String>,
}

/// The names of a file's columns, and where the wanted ones stand.
pub(super) struct Header {
    pub(super) columns: Vec<String>,
    /// Of each wanted column; `None` if the file does not have it.
    pub(super) positions: Vec<Option<usize>>,
    /// What is odd about it.
    pub(super) notes: Vec<Note>,
}

impl Header {
    /// The header among the first lines of a file: the last of them if it names every column that
    /// must be there, so that titles above it do no harm.
    ///
    /// # Errors
    /// When there is no line, or none names these columns.
    pub(super) fn among(file: &SourceFile, lines: &[Line], wanted: &Wanted) -> Result<Self> {
        let Some(last) = lines.last() else {
            return Err(file.error("is empty").hint("it must begin with a line of column names"));
        };
        if wanted.is_header(&last.names) {
            let columns = last.names.clone();
            let positions = wanted.locate(file, &columns)?;
            let mut notes = wanted.doubtful_names(&columns, &positions);
            if lines.len() > 1 {
                notes.push(Note {
                    row: 0,
                    code: Code::HeaderBelow,
                    message: format!("the names of the columns stand in line {}", last.number),
                });
            }
            return Ok(Self { columns, positions, notes });
        }

        // The line that comes nearest is what the message is about.
        let mut nearest = &lines[0];
        for line in lines {
            if wanted.named_in(&line.names) > wanted.named_in(&nearest.names) {
                nearest = line;
            }
        }
        // Where nothing must be there, the first line is as good as any.
        let positions = wanted.locate(file, &nearest.names)?;
        Ok(Self { columns: nearest.names.clone(), positions, notes: Vec::new() })
    }
}

/// Refuses a line of more fields than a table has columns.
///
/// # Errors
/// When there are more.
pub(super) fn check_columns(file: &SourceFile, columns: usize) -> Result<()> {
    if columns <= MAX_COLUMNS {
        return Ok(());
    }
    let what = format!("begins with a line of {columns} fields; the most is {MAX_COLUMNS}");
    Err(Error::hint(file.error(&what), "is it a table, with a line of column names?"))
}

/// A field as the name of a column.
pub(super) fn column_name(field: &[u8]) -> String {
    cleaned(field).unwrap_or_else(|| String::from_utf8_lossy(field).trim().to_owned())
}
