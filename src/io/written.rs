//! Tables that an earlier run wrote, read back by the names of their columns.

use std::path::Path;

use super::files::sha256;
use crate::error::{Error, Result};

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

fn bytes_of(path: &Path) -> Result<Vec<u8>> {
    // Opening a pipe would wait for somebody who writes into it.
    if !path.is_file() {
        return Err(Error::data("it is missing"));
    }
    std::fs::read(path).map_err(|cause| Error::data(format!("it cannot be read: {cause}")))
}
