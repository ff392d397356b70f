//! Tables that an earlier run wrote, read back by the names of their columns.

use std::path::Path;

use crate::error::{Error, Result};

/// Every row of a CSV table as the values of these columns, wherever they stand among others.
///
/// # Errors
/// When the file cannot be read or has no column of a name: an error that names both.
pub fn read_columns<const N: usize>(
    path: &Path,
    columns: [&'static str; N],
) -> Result<Vec<[String; N]>> {
    let unreadable =
        |cause: csv::Error| Error::data(format!("cannot read {}", path.display())).because(cause);
    let mut reader = csv::Reader::from_path(path).map_err(unreadable)?;
    let header = reader.headers().map_err(unreadable)?.clone();
    let mut indices = [0; N];
    for (index, column) in indices.iter_mut().zip(columns) {
        *index = header
            .iter()
            .position(|name| name == column)
            .ok_or_else(|| Error::data(format!("{} has no column `{column}`", path.display())))?;
    }

    reader
        .records()
        .map(|record| {
            let record = record.map_err(unreadable)?;
            Ok(indices.map(|index| record.get(index).unwrap_or_default().to_owned()))
        })
        .collect()
}

/// A JSON file that an earlier run wrote; `None` where it is not there or is no JSON.
#[must_use]
pub fn read_json(path: &Path) -> Option<serde_json::Value> {
    let text = std::fs::read_to_string(path).ok()?;
    serde_json::from_str(&text).ok()
}
