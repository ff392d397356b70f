//! Parquet through Polars: the wanted columns only, a stretch of rows at a time.

use std::fs::File;

use polars::prelude::*;

use super::{FileFacts, Record, Visit, Wanted};
use crate::error::{Error, Result};
use crate::io::Progress;
use crate::io::files::SourceFile;
use crate::io::values::Value;

/// Rows decoded at once. It bounds the memory needed beside the typed columns. Judgement: some tens
/// of MiB.
const ROWS_AT_ONCE: usize = 1 << 19;

/// 24 × 60 × 60 × 10⁶.
const MICROSECONDS_A_DAY: i64 = 86_400_000_000;

pub(super) fn read(
    file: &SourceFile,
    wanted: &Wanted,
    visitor: &mut dyn Visit,
    progress: &dyn Progress,
) -> Result<FileFacts> {
    let (mut handle, hash) = file.open_hashed(progress)?;
    if hash.bytes == 0 {
        return Err(file.error("is empty"));
    }

    let fail = |cause: PolarsError| unreadable(file, &cause);
    let mut facts = ParquetReader::new(&mut handle);
    let schema = facts.schema().map_err(fail)?;
    let rows = facts.num_rows().map_err(fail)?;
    let metadata = facts.get_metadata().map_err(fail)?.clone();

    let columns: Vec<String> = schema.iter_names().map(ToString::to_string).collect();
    let positions = wanted.locate(file, &columns)?;
    let projection = Projection::of(&columns, &positions);
    let mut start = 0;
    while start < rows {
        let handle =
            handle.try_clone().map_err(|cause| file.error("cannot be read").because(cause))?;
        let mut reader: ParquetReader<File> = ParquetReader::new(handle)
            .with_columns(Some(projection.names.clone()))
            .with_slice(Some((start, ROWS_AT_ONCE)))
            .set_rechunk(true);
        reader.set_metadata(metadata.clone());

        let frame = reader.finish().map_err(fail)?;
        if frame.height() == 0 {
            return Err(file.error(&format!("ends after row {start}; its own count is {rows}")));
        }

        visit_frame(file, &frame, &projection, start as u64, visitor)?;
        start += frame.height();
    }

    Ok(FileFacts { hash, found: positions.iter().map(Option::is_some).collect() })
}

fn unreadable(file: &SourceFile, cause: &PolarsError) -> Error {
    file.error(&format!("cannot be read as Parquet: {cause}"))
}

/// The columns of a file that are decoded.
struct Projection {
    /// Their names, each once, in the file's order.
    names: Vec<String>,
    /// For each wanted column, its index among `names`; `None` if the file does not have it.
    indices: Vec<Option<usize>>,
}

impl Projection {
    /// Of a file's columns those at `positions`: one for each wanted column.
    fn of(columns: &[String], positions: &[Option<usize>]) -> Self {
        let mut taken: Vec<usize> = positions.iter().flatten().copied().collect();
        taken.sort_unstable();
        taken.dedup();

        let names = taken.iter().map(|at| columns[*at].clone()).collect();
        let indices = positions
            .iter()
            .map(|position| position.and_then(|at| taken.binary_search(&at).ok()))
            .collect();
        Self { names, indices }
    }
}

/// Hands the rows of a frame over, `start` rows after the file's first.
fn visit_frame(
    file: &SourceFile,
    frame: &DataFrame,
    projection: &Projection,
    start: u64,
    visitor: &mut dyn Visit,
) -> Result<()> {
    let typed: Vec<Typed> = projection
        .names
        .iter()
        .map(|name| {
            let column = frame.column(name).map_err(|cause| unreadable(file, &cause))?;
            Typed::of(column.as_materialized_series()).map_err(|cause| {
                file.error(&format!(
                    "holds {} in column `{name}`, which cannot be read: {cause}",
                    column.dtype()
                ))
            })
        })
        .collect::<Result<_>>()?;

    let mut fields = vec![Value::Missing; projection.indices.len()];
    for at in 0..frame.height() {
        for (field, index) in fields.iter_mut().zip(&projection.indices) {
            *field = index
                .and_then(|index| typed.get(index))
                .map_or(Value::Missing, |column| column.value(at));
        }

        let text = || joined(&fields);
        visitor.record(&Record { row: start + at as u64 + 1, fields: &fields, text: &text });
    }
    Ok(())
}

/// A column in one of the types that a field can have.
enum Typed {
    Text(StringChunked),
    Bytes(BinaryChunked),
    Whole(Int64Chunked),
    Real(Float64Chunked),
    Days(Int32Chunked),
    Moments { count: Int64Chunked, per_day: i64 },
    Flags(BooleanChunked),
}

impl Typed {
    fn of(series: &Series) -> PolarsResult<Self> {
        Ok(match series.dtype() {
            DataType::String => Self::Text(series.str()?.clone()),
            DataType::Binary => Self::Bytes(series.binary()?.clone()),
            DataType::Boolean => Self::Flags(series.bool()?.clone()),
            DataType::Date => Self::Days(series.cast(&DataType::Int32)?.i32()?.clone()),
            DataType::Datetime(unit, _) => {
                let per_day = match unit {
                    TimeUnit::Nanoseconds => MICROSECONDS_A_DAY * 1_000,
                    TimeUnit::Microseconds => MICROSECONDS_A_DAY,
                    TimeUnit::Milliseconds => MICROSECONDS_A_DAY / 1_000,
                };
                Self::Moments { count: series.cast(&DataType::Int64)?.i64()?.clone(), per_day }
            }
            DataType::Float64 | DataType::Float32 => {
                Self::Real(series.cast(&DataType::Float64)?.f64()?.clone())
            }
            DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::UInt8
            | DataType::UInt16
            | DataType::UInt32 => Self::Whole(series.cast(&DataType::Int64)?.i64()?.clone()),
            // Dictionaries, decimals and unsigned 64-bit numbers are exact as text.
            _ => Self::Text(series.cast(&DataType::String)?.str()?.clone()),
        })
    }

    fn value(&self, at: usize) -> Value<'_> {
        match self {
            Self::Text(column) => column.get(at).map(|text| Value::Text(text.as_bytes())),
            Self::Bytes(column) => column.get(at).map(Value::Text),
            Self::Whole(column) => column.get(at).map(Value::Whole),
            Self::Real(column) => column.get(at).map(Value::Real),
            Self::Days(column) => column.get(at).map(|day| Value::Day(i64::from(day))),
            Self::Moments { count, per_day } => {
                count.get(at).map(|moment| Value::Day(moment.div_euclid(*per_day)))
            }
            Self::Flags(column) => column.get(at).map(Value::Flag),
        }
        .unwrap_or(Value::Missing)
    }
}

/// The wanted fields of a row as text.
fn joined(fields: &[Value<'_>]) -> Vec<u8> {
    let mut text = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        if at > 0 {
            text.push(b',');
        }

        match field {
            Value::Missing => {}
            Value::Text(bytes) => text.extend_from_slice(bytes),
            Value::Whole(number) | Value::Day(number) => {
                text.extend_from_slice(number.to_string().as_bytes())
            }
            Value::Real(number) => text.extend_from_slice(number.to_string().as_bytes()),
            Value::Flag(flag) => text.extend_from_slice(flag.to_string().as_bytes()),
        }
    }
    text
}
