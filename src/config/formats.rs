//! In which format a table's files are written, and what else may be said of each.

use super::choices::FileFormat;
use super::settings::Input;
use crate::error::{Error, Result};

/// How the bytes of a file are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// By gzip.
    Gzip,
    /// By Zstandard.
    Zstd,
}

/// Format and packing of a file of this name, by what is set or else by its ending.
///
/// # Errors
/// When neither says it, or the settings do not fit the format: a configuration error.
pub fn kind_of(table: &str, name: &str, input: &Input) -> Result<(FileFormat, Packing)> {
    let Some(kind) = said_of(name, input) else { return Err(unknown(table, name)) };

    let (is_workbook, is_database) = (kind.0 == FileFormat::Xlsx, kind.0 == FileFormat::Sqlite);
    if input.sheet.is_some() && !is_workbook {
        let message = format!("`inputs.{table}.sheet` is set, and {name} is no workbook");
        return Err(Error::config(message).hint("only .xlsx files have worksheets"));
    }
    if input.query.is_some() && !is_database {
        let message = format!("`inputs.{table}.query` is set, and {name} is no SQLite file");
        return Err(Error::config(message)
            .hint("name a .sqlite, .sqlite3 or .db file as `path`")
            .hint("another database is asked by its own program: command = [\"psql\", …]"));
    }
    if input.query.is_none() && is_database {
        let message = format!("`inputs.{table}.path`: {name} is a database, and no `query` is set");
        return Err(Error::config(message)
            .hint("such as query = \"select day as date, sku, quantity from sales\""));
    }

    Ok(kind)
}

/// What is set about a file of this name, or else its ending says; `None` if that is nothing known.
pub(super) fn said_of(name: &str, input: &Input) -> Option<(FileFormat, Packing)> {
    match input.format {
        Some(format) => Some(given(format, name)),
        None => by_ending(name),
    }
}

fn unknown(table: &str, name: &str) -> Error {
    let message = format!("`inputs.{table}.path`: the ending of {name} names no known format");
    let lower = name.to_ascii_lowercase();
    let error = Error::config(message).hint(
        "known are .csv, .tsv, .ndjson, .jsonl, each also with .gz or .zst, .parquet, .xlsx, and \
         .sqlite, .sqlite3 or .db with a query",
    );
    if [".xls", ".xlsb", ".ods"].iter().any(|ending| lower.ends_with(ending)) {
        return error.hint("save it as .xlsx");
    }
    error.hint("where the ending says nothing, set the format: format = \"csv\"")
}

/// What a name's ending says; `None` if that is nothing known.
fn by_ending(name: &str) -> Option<(FileFormat, Packing)> {
    let (stem, packing) = unpacked(name);
    let ending = stem.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase())?;
    let (format, may_be_packed) = match ending.as_str() {
        "csv" | "txt" => (FileFormat::Csv, true),
        "tsv" | "tab" => (FileFormat::Tsv, true),
        "ndjson" | "jsonl" => (FileFormat::Ndjson, true),
        "parquet" => (FileFormat::Parquet, false),
        "xlsx" | "xlsm" => (FileFormat::Xlsx, false),
        "sqlite" | "sqlite3" | "db" => (FileFormat::Sqlite, false),
        _ => return None,
    };
    (may_be_packed || packing == Packing::Plain).then_some((format, packing))
}

/// A format that is set, packed as the name's ending says where it can be.
fn given(format: FileFormat, name: &str) -> (FileFormat, Packing) {
    let may_be_packed = matches!(format, FileFormat::Csv | FileFormat::Tsv | FileFormat::Ndjson);
    (format, if may_be_packed { unpacked(name).1 } else { Packing::Plain })
}

/// A name without the ending of how it is packed.
fn unpacked(name: &str) -> (&str, Packing) {
    match name.rsplit_once('.') {
        Some((stem, ending)) if ending.eq_ignore_ascii_case("gz") => (stem, Packing::Gzip),
        Some((stem, ending)) if ending.eq_ignore_ascii_case("zst") => (stem, Packing::Zstd),
        _ => (name, Packing::Plain),
    }
}
