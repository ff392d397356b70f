//! Tables that an earlier run wrote, read back by the names of their columns.

use std::fs::File;
use std::path::Path;

use super::files::{Hashing, sha256};
use crate::error::{Error, Result};

/// Bytes that are read at a time.
const BUFFER_BYTES: usize = 1 << 18;

/// Some columns of a table that an earlier run wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenTable<const N: usize> {
    /// Every row as the values of the columns.
    pub rows: Vec<[String; N]>,
    /// SHA-256 of the file's bytes, in hexadecimal digits.
    pub sha256: String,
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
    let bytes = bytes_of(path)?;
    let no_csv = |cause: csv::Error| Error::data(format!("it is not as it was written: {cause}"));
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
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
    Ok(WrittenTable { rows: rows.collect::<Result<_>>()?, sha256: sha256(&bytes) })
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
    let file = match path.is_file() {
        true => File::open(path),
        false => return Err(Error::data("it is missing")),
    };
    let file = file.map_err(|cause| Error::data(format!("it cannot be read: {cause}")))?;
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
    // Opening a pipe would wait for somebody who writes into it.
    if !path.is_file() {
        return Err(Error::data("it is missing"));
    }
    std::fs::read(path).map_err(|cause| Error::data(format!("it cannot be read: {cause}")))
}
