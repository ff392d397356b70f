//! Tables that an earlier run wrote, read back by the names of their columns. Where a run wrote
//! Parquet in the place of a CSV file, that is read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::files::Hashing;
use super::written_parquet;
use crate::domain::digest::sha256;
use crate::error::{Error, Result};

/// The byte-order mark of UTF-8, which spreadsheets put before a text.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Bytes that are read at a time.
const BUFFER_BYTES: usize = 1 << 18;

/// Some columns of a table that an earlier run wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenTable<const N: usize> {
    /// Every row as the values of the columns.
    pub rows: Vec<[String; N]>,
    /// SHA-256 of the file's bytes, in hexadecimal digits.
    pub sha256: String,
    /// What stands between its fields: a comma, or what a spreadsheet has put there since.
    pub separator: u8,
}

/// A table that an earlier run wrote, with every column that was asked for. The fields lie one
/// behind the other in one text, since a plan of many items has many of them.
#[derive(Debug, Clone, Default)]
pub struct WholeTable {
    /// The names of the columns.
    pub columns: Vec<String>,
    text: String,
    /// Where each row begins in the text.
    starts: Vec<usize>,
    /// How many bytes each field of each row has; [`LONG`] for one that has as many or more.
    lengths: Vec<u8>,
    /// How many those have, by the field's place among all.
    long: BTreeMap<usize, usize>,
}

/// The length of a field that is held aside. Most have a few bytes.
const LONG: u8 = u8::MAX;

impl WholeTable {
    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.starts.len()
    }

    /// A field; empty where there is none.
    #[must_use]
    pub fn field(&self, row: usize, column: usize) -> &str {
        let width = self.columns.len();
        let Some(start) = self.starts.get(row).filter(|_| column < width) else { return "" };
        let first = row * width;
        let before: usize = (first..first + column).map(|field| self.length(field)).sum();
        &self.text[start + before..][..self.length(first + column)]
    }

    fn length(&self, field: usize) -> usize {
        match self.lengths[field] {
            LONG => self.long.get(&field).copied().unwrap_or(0),
            length => usize::from(length),
        }
    }

    /// Where a column stands; the first where several have the name.
    #[must_use]
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name == column)
    }

    /// Adds the fields of a record that stand at these places.
    fn add(&mut self, record: &csv::StringRecord, places: &[usize]) {
        self.starts.push(self.text.len());
        for field in places.iter().filter_map(|at| record.get(*at)) {
            self.text.push_str(field);
            let length = u8::try_from(field.len()).unwrap_or(LONG);
            if length == LONG {
                self.long.insert(self.lengths.len(), field.len());
            }
            self.lengths.push(length);
        }
    }
}

/// Reads a whole CSV table, which must have this column.
///
/// # Errors
/// As [`read_columns`].
pub fn read_table(path: &Path, column: &'static str) -> Result<WholeTable> {
    read_table_of(path, column, |_| true)
}

/// The same of the columns that are wanted, in the order of the file.
///
/// # Errors
/// As [`read_columns`].
pub fn read_table_of(
    path: &Path,
    column: &'static str,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<WholeTable> {
    let of_header = |header: &csv::StringRecord| -> Result<(Vec<String>, Vec<usize>)> {
        indices(header, [column])?;
        let wanted = header.iter().enumerate().filter(|(_, name)| is_wanted(name));
        Ok(wanted.map(|(at, name)| (name.to_owned(), at)).unzip())
    };
    if let Some(path) = written_parquet::instead_of(path) {
        let header = written_parquet::columns(&path)?;
        let (columns, _) = of_header(&header.iter().map(String::as_str).collect())?;
        let wanted: Vec<&str> = columns.iter().map(String::as_str).collect();
        let places: Vec<usize> = (0..columns.len()).collect();
        let mut table = WholeTable::default();
        written_parquet::each_record(&path, &wanted, &mut |row| {
            table.add(row, &places);
            Ok(())
        })?;
        return Ok(WholeTable { columns, ..table });
    }

    let no_csv = |cause: csv::Error| Error::data(format!("it is not as it was written: {cause}"));
    let mut options = csv::ReaderBuilder::new();
    let mut reader = options.buffer_capacity(BUFFER_BYTES).from_reader(file_of(path)?);
    let (columns, places) = of_header(reader.headers().map_err(no_csv)?)?;

    let mut table = WholeTable { columns, ..WholeTable::default() };
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(no_csv)? {
        table.add(&record, &places);
    }
    Ok(table)
}

/// Reads these columns of a CSV table, wherever they stand among others.
///
/// # Errors
/// When the file cannot be read, is not CSV with rows of one length, or has no column of a name.
pub fn read_columns<const N: usize>(
    path: &Path,
    columns: [&'static str; N],
) -> Result<WrittenTable<N>> {
    read_older_columns(path, columns, 0)
}

/// Reads these columns of a table that people may have saved by a spreadsheet: semicolons or tabs
/// may stand between its fields. The last so many of the columns may be missing.
///
/// # Errors
/// As [`read_columns`].
pub fn read_edited_columns<const N: usize>(
    path: &Path,
    columns: [&'static str; N],
    optional: usize,
) -> Result<WrittenTable<N>> {
    let bytes = bytes_of(path)?;
    let separator = separator_of(bytes.strip_prefix(MARK).unwrap_or(&bytes));
    read_separated(&bytes, columns, optional, separator)
}

/// The same, where older versions did not write the last so many of the columns: their fields are
/// empty then.
///
/// # Errors
/// As [`read_columns`].
pub fn read_older_columns<const N: usize>(
    path: &Path,
    columns: [&'static str; N],
    newer: usize,
) -> Result<WrittenTable<N>> {
    if let Some(path) = written_parquet::instead_of(path) {
        let mut rows = Vec::new();
        written_parquet::each_record(&path, &columns, &mut |record| {
            let field = |at: usize| record.get(at).unwrap_or_default().to_owned();
            rows.push(std::array::from_fn(field));
            Ok(())
        })?;
        let sha256 = written_parquet::sha256_of(&path)?;
        return Ok(WrittenTable { rows, sha256, separator: b',' });
    }

    read_separated(&bytes_of(path)?, columns, newer, b',')
}

fn read_separated<const N: usize>(
    bytes: &[u8],
    columns: [&'static str; N],
    newer: usize,
    separator: u8,
) -> Result<WrittenTable<N>> {
    let no_csv = |cause: csv::Error| Error::data(format!("it is not as it was written: {cause}"));
    let text = bytes.strip_prefix(MARK).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).from_reader(text);
    let header = reader.headers().map_err(no_csv)?.clone();
    let mut indices = [None; N];
    for (at, (index, column)) in indices.iter_mut().zip(columns).enumerate() {
        *index = header.iter().position(|name| name == column);
        if index.is_none() && at + newer < N {
            return Err(Error::data(format!("it has no column `{column}`")));
        }
    }

    let rows = reader.records().map(|record| {
        let record = record.map_err(no_csv)?;
        Ok(indices.map(|index| index.and_then(|at| record.get(at)).unwrap_or_default().to_owned()))
    });
    Ok(WrittenTable { rows: rows.collect::<Result<_>>()?, sha256: sha256(bytes), separator })
}

/// What stands most often between the names of the columns: spreadsheets of many countries save a
/// semicolon where a comma was.
fn separator_of(text: &[u8]) -> u8 {
    let header = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |mark: u8| header.iter().filter(|byte| **byte == mark).count();
    let marks = [b',', b';', b'\t'];
    // Of equals the last wins, and a comma shall.
    marks.into_iter().rev().max_by_key(|mark| count(*mark)).unwrap_or(b',')
}

/// Reads these columns of a CSV table row by row, whatever its length; gives the SHA-256 of its
/// bytes.
///
/// # Errors
/// As [`read_columns`], and what `each` says of a row.
pub fn each_row<const N: usize>(
    path: &Path,
    columns: [&'static str; N],
    mut each: impl FnMut([&str; N]) -> Result<()>,
) -> Result<String> {
    if let Some(path) = written_parquet::instead_of(path) {
        let indices: [usize; N] = std::array::from_fn(|at| at);
        written_parquet::each_record(&path, &columns, &mut |record| {
            each(indices.map(|index| record.get(index).unwrap_or_default()))
        })?;
        return written_parquet::sha256_of(&path);
    }

    let file = file_of(path)?;
    let no_csv = |cause: csv::Error| Error::data(format!("it is not as it was written: {cause}"));
    let mut options = csv::ReaderBuilder::new();
    let mut reader = options.buffer_capacity(BUFFER_BYTES).from_reader(Hashing::new(file));
    let indices = indices(reader.headers().map_err(no_csv)?, columns)?;

    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(no_csv)? {
        each(indices.map(|index| record.get(index).unwrap_or_default()))?;
    }
    Ok(reader.into_inner().finish().sha256)
}

/// Where the columns stand.
fn indices<const N: usize>(
    header: &csv::StringRecord,
    columns: [&'static str; N],
) -> Result<[usize; N]> {
    let mut indices = [0; N];
    for (index, column) in indices.iter_mut().zip(columns) {
        *index = header
            .iter()
            .position(|name| name == column)
            .ok_or_else(|| Error::data(format!("it has no column `{column}`")))?;
    }
    Ok(indices)
}

/// A JSON file that an earlier run wrote, and the SHA-256 of its bytes.
///
/// # Errors
/// When the file cannot be read or is no JSON.
pub fn read_json(path: &Path) -> Result<(serde_json::Value, String)> {
    let bytes = bytes_of(path)?;
    let value = serde_json::from_slice(&bytes)
        .map_err(|cause| Error::data(format!("it is not as it was written: {cause}")))?;
    Ok((value, sha256(&bytes)))
}

/// The bytes of a file that an earlier run wrote.
///
/// # Errors
/// When it is missing or cannot be read.
pub fn bytes_of(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file_of(path)?.read_to_end(&mut bytes).map_err(|cause| unreadable(&cause))?;
    Ok(bytes)
}

fn file_of(path: &Path) -> Result<File> {
    // Opening a pipe would wait for somebody who writes into it.
    if !path.is_file() {
        return Err(Error::data("it is missing"));
    }
    File::open(path).map_err(|cause| unreadable(&cause))
}

fn unreadable(cause: &std::io::Error) -> Error {
    Error::data(format!("it cannot be read: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_table_gives_every_field_where_it_stands() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, "a,größe,c\n,\"x,\"\"y\"\"\nz\",ü\n1,,\n").unwrap();
        let table = read_table(&path, "c").unwrap();
        let row = |row: usize| [0, 1, 2].map(|column| table.field(row, column));
        assert_eq!((table.rows(), table.position("größe")), (2, Some(1)));
        assert_eq!((row(0), row(1)), (["", "x,\"y\"\nz", "ü"], ["1", "", ""]));
        assert_eq!((table.field(2, 0), table.field(0, 3)), ("", ""));
        for length in [254, 255, 256, 100_000] {
            let long = "ä".repeat(length / 2) + &"b".repeat(length % 2);
            std::fs::write(&path, format!("a,b,c\n1,2,3\n4,{long},5\n{long},6,{long}\n")).unwrap();
            let table = read_table(&path, "c").unwrap();
            let row = |row: usize| [0, 1, 2].map(|column| table.field(row, column));
            assert_eq!((row(0), row(1)), (["1", "2", "3"], ["4", &long, "5"]));
            assert_eq!(row(2), [&long, "6", &*long]);
        }
        assert!(read_table(&path, "d").unwrap_err().message.contains("no column `d`"));
    }
}
