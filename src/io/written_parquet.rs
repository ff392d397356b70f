//! Tables that an earlier run wrote as Parquet, read back as the text that CSV would have held.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use polars::prelude::{
    Column, DataFrame, DataType, Float64Chunked, Int32Chunked, Int64Chunked, ParquetReader,
    PolarsResult, SerReader, StringChunked,
};

use super::caught::caught;
use super::files::Hashing;
use super::sinks::csv::real;
use super::sinks::table_file::SHARE_DIGITS;
use crate::domain::calendar::date_of;
use crate::error::{Error, Result};

/// Rows decoded at once. Judgement: some tens of MB.
const ROWS_AT_ONCE: usize = 1 << 17;

/// The Parquet file that stands in the place of a CSV table; `None` where the CSV is there, or
/// neither.
pub(super) fn instead_of(path: &Path) -> Option<PathBuf> {
    let parquet = path.with_extension("parquet");
    (!path.exists() && parquet.is_file()).then_some(parquet)
}

/// SHA-256 of the file's bytes.
pub(super) fn sha256_of(path: &Path) -> Result<String> {
    let mut hashing = Hashing::new(open(path)?);
    io::copy(&mut hashing, &mut io::sink()).map_err(|cause| damaged(&cause))?;
    Ok(hashing.finish().sha256)
}

/// The names of its columns.
pub(super) fn columns(path: &Path) -> Result<Vec<String>> {
    Ok(columns_and_rows(path)?.0)
}

fn columns_and_rows(path: &Path) -> Result<(Vec<String>, usize)> {
    decoded(|| {
        let mut reader = ParquetReader::new(open(path).map_err(io::Error::other)?);
        let columns = reader.schema()?.iter_names().map(ToString::to_string).collect();
        Ok((columns, reader.num_rows()?))
    })
}

/// Hands over each row of these columns as text.
pub(super) fn each_record(
    path: &Path,
    wanted: &[&str],
    each: &mut dyn FnMut(&csv::StringRecord) -> Result<()>,
) -> Result<()> {
    let (columns, rows) = columns_and_rows(path)?;
    if let Some(name) = wanted.iter().find(|name| columns.iter().all(|it| it != *name)) {
        return Err(Error::data(format!("it has no column `{name}`")));
    }
    let names: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();

    let mut record = csv::StringRecord::new();
    for start in (0..rows).step_by(ROWS_AT_ONCE) {
        let (frame, typed) = decoded(|| {
            let file = open(path).map_err(io::Error::other)?;
            let frame = ParquetReader::new(file)
                .with_columns(Some(names.clone()))
                .with_slice(Some((start, ROWS_AT_ONCE)))
                .set_rechunk(true)
                .finish()?;
            let typed = typed(&frame, &names)?;
            Ok((frame, typed))
        })?;
        if frame.height() == 0 {
            return Err(Error::data(format!("it ends after row {start} of {rows}")));
        }

        for at in 0..frame.height() {
            record.clear();
            typed.iter().for_each(|column| record.push_field(&column.text(at)));
            each(&record)?;
        }
    }
    Ok(())
}

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|cause| Error::data(format!("it cannot be read: {cause}")))
}

/// What a call of Polars gives, which panics on some damaged bytes.
fn decoded<T>(work: impl FnOnce() -> PolarsResult<T>) -> Result<T> {
    match caught(work) {
        Some(result) => result.map_err(|cause| damaged(&cause)),
        None => Err(Error::data("it is not as it was written: its bytes are damaged")),
    }
}

fn damaged(cause: &dyn std::error::Error) -> Error {
    Error::data(format!("it is not as it was written: {cause}"))
}

/// The columns of a frame in the types that are written.
fn typed(frame: &DataFrame, names: &[String]) -> PolarsResult<Vec<Typed>> {
    names.iter().map(|name| Typed::of(frame.column(name)?)).collect()
}

enum Typed {
    Text(StringChunked),
    Date(Int32Chunked),
    Real(Float64Chunked),
    Whole(Int64Chunked),
    /// As text with all decimals.
    Share(StringChunked),
    Units(StringChunked),
}

impl Typed {
    fn of(column: &Column) -> PolarsResult<Self> {
        let text = || column.cast(&DataType::String)?.str().cloned();
        Ok(match column.dtype() {
            DataType::Date => Self::Date(column.cast(&DataType::Int32)?.i32()?.clone()),
            DataType::Float64 => Self::Real(column.f64()?.clone()),
            DataType::Int64 => Self::Whole(column.i64()?.clone()),
            DataType::Decimal(SHARE_DIGITS, _) => Self::Share(text()?),
            DataType::Decimal(..) => Self::Units(text()?),
            _ => Self::Text(text()?),
        })
    }

    /// A field as CSV has it; empty where there is none.
    fn text(&self, at: usize) -> String {
        let text = match self {
            Self::Text(column) | Self::Share(column) => column.get(at).map(str::to_owned),
            Self::Date(column) => column.get(at).map(|day| date_of(day).to_string()),
            Self::Real(column) => column.get(at).map(real),
            Self::Whole(column) => column.get(at).map(|number| number.to_string()),
            Self::Units(column) => column.get(at).map(|units| match units.contains('.') {
                true => units.trim_end_matches('0').trim_end_matches('.').to_owned(),
                false => units.to_owned(),
            }),
        };
        text.unwrap_or_default()
    }
}
