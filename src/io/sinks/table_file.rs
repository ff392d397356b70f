//! A table of a run in the form that is asked for: CSV, or Parquet with typed columns. Both hold
//! the same values: what is rounded in the one is rounded in the other.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use polars::io::parquet::write::BatchedWriter;
use polars::prelude::{
    Column, DataFrame, DataType, Int128Chunked, IntoSeries, NewChunkedArray, ParquetCompression,
    ParquetWriter, PolarsResult, Schema,
};
use rayon::prelude::*;

use super::cell::{Cell, Kind, TypedColumn};
use super::csv::{CsvSink, real};
use crate::config::choices::TableForm;
use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::error::{Error, Result};

/// Rows of a row group, at most. Judgement: some tens of MB in memory, few enough that readers can
/// skip what they do not want.
const GROUP_ROWS: usize = 1 << 17;
/// Things whose rows are worked out at a time. Judgement: enough to keep every thread busy, few
/// enough that their values, some hundred numbers each, fit into memory many times over.
const AT_A_TIME: usize = 8_192;
/// Of these, how many one thread takes at a time. Judgement: some 100 kB of text.
const LAID_OUT_TOGETHER: usize = 256;
/// Decimals of quantities and shares.
pub(in crate::io) const SCALE: usize = 4;
/// Digits of a quantity: as many as 64 bits hold.
const UNIT_DIGITS: usize = 18;
/// Digits of a share, by which it is told from a quantity.
pub(in crate::io) const SHARE_DIGITS: usize = 5;

/// A table that is being written, row by row.
pub struct TableFile(Form);

enum Form {
    Csv(CsvSink<BufWriter<File>>),
    Parquet(Box<ParquetSink>),
}

impl TableFile {
    /// The new table `<name>.csv` or `<name>.parquet` of a folder.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn begin(
        dir: &Path,
        name: &str,
        form: TableForm,
        columns: &[TypedColumn<'_>],
    ) -> Result<Self> {
        let path = dir.join(format!("{name}.{}", form.ending()));
        Ok(Self(match form {
            TableForm::Csv => {
                let header: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
                Form::Csv(CsvSink::create(&path, &header)?)
            }
            TableForm::Parquet => Form::Parquet(Box::new(ParquetSink::create(&path, columns)?)),
        }))
    }

    /// Adds a row, which has a field for each column.
    ///
    /// # Errors
    /// When it cannot be written, or its fields are not those of the columns.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        match &mut self.0 {
            Form::Csv(sink) => {
                cells.iter().for_each(|cell| sink.cell(*cell));
                sink.end()
            }
            Form::Parquet(sink) => sink.row(cells),
        }
    }

    /// Adds the rows of each of so many things, in their order. What the rows are made of is
    /// worked out on all threads, and where the form allows it they are laid out there too.
    ///
    /// # Errors
    /// As [`TableFile::row`].
    pub fn rows_of<T: Send>(
        &mut self,
        count: usize,
        made_of: impl Fn(usize) -> T + Sync,
        lay_out: impl Fn(usize, &T, &mut dyn FnMut(&[Cell<'_>]) -> Result<()>) -> Result<()> + Sync,
    ) -> Result<()> {
        for start in (0..count).step_by(AT_A_TIME) {
            let things = start..(start + AT_A_TIME).min(count);
            match &mut self.0 {
                Form::Csv(sink) => {
                    let empty = || sink.rows();
                    let parts: Vec<usize> = things.clone().step_by(LAID_OUT_TOGETHER).collect();
                    let laid_out = |from: usize| {
                        let mut rows = empty();
                        for at in from..(from + LAID_OUT_TOGETHER).min(things.end) {
                            lay_out(at, &made_of(at), &mut |cells| {
                                cells.iter().for_each(|cell| rows.cell(*cell));
                                rows.end()
                            })?;
                        }
                        rows.finish()
                    };
                    let parts: Vec<Result<Vec<u8>>> = parts.into_par_iter().map(laid_out).collect();
                    parts.into_iter().try_for_each(|rows| sink.add(&rows?))?;
                }
                Form::Parquet(sink) => {
                    let made: Vec<T> = things.clone().into_par_iter().map(&made_of).collect();
                    for (at, made) in things.zip(&made) {
                        lay_out(at, made, &mut |cells| sink.row(cells))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Ends the table.
    ///
    /// # Errors
    /// When what is left cannot be written.
    pub fn finish(self) -> Result<()> {
        match self.0 {
            Form::Csv(sink) => sink.finish().map(drop),
            Form::Parquet(mut sink) => sink.finish(),
        }
    }
}

/// The values of a column that are not written yet.
enum Buffer {
    Text(Vec<Option<String>>),
    Date(Vec<Option<Day>>),
    Real(Vec<Option<f64>>),
    /// In 10⁻⁴, with so many digits.
    Decimal(Vec<Option<i64>>, usize),
    Whole(Vec<Option<i64>>),
}

impl Buffer {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(Vec::new()),
            Kind::Date => Self::Date(Vec::new()),
            Kind::Real => Self::Real(Vec::new()),
            Kind::Share => Self::Decimal(Vec::new(), SHARE_DIGITS),
            Kind::Units => Self::Decimal(Vec::new(), UNIT_DIGITS),
            Kind::Whole => Self::Whole(Vec::new()),
        }
    }

    /// Adds a field; `false` where the column holds something else.
    fn push(&mut self, cell: Cell<'_>) -> bool {
        match (self, cell) {
            (Self::Text(values), Cell::Text(text)) => {
                values.push((!text.is_empty()).then(|| text.to_owned()));
            }
            (Self::Date(values), Cell::Date(day)) => values.push(day),
            // The digits that the CSV has.
            (Self::Real(values), Cell::Real(value)) => {
                values.push(value.and_then(|value| real(value).parse().ok()));
            }
            (Self::Decimal(values, SHARE_DIGITS), Cell::Share(share)) => {
                let share = share.filter(|share| share.is_finite());
                let written = share.and_then(|share| format!("{share:.4}").parse::<f64>().ok());
                values.push(written.map(|share| Fixed::clamped(share).steps()));
            }
            (Self::Decimal(values, UNIT_DIGITS), Cell::Units(units)) => {
                let most = 10_i64.pow(UNIT_DIGITS as u32) - 1;
                values.push(units.map(|units| units.steps().clamp(-most, most)));
            }
            (Self::Whole(values), Cell::Whole(number)) => values.push(Some(number)),
            (Self::Text(values), Cell::Empty) => values.push(None),
            (Self::Date(values), Cell::Empty) => values.push(None),
            (Self::Real(values), Cell::Empty) => values.push(None),
            (Self::Decimal(values, _) | Self::Whole(values), Cell::Empty) => values.push(None),
            _ => return false,
        }
        true
    }

    /// The values as a column of a data frame; none are left.
    fn take(&mut self, name: &str) -> PolarsResult<Column> {
        let name = name.into();
        Ok(match self {
            Self::Text(values) => Column::new(name, std::mem::take(values)),
            Self::Date(values) => {
                Column::new(name, std::mem::take(values)).cast(&DataType::Date)?
            }
            Self::Real(values) => Column::new(name, std::mem::take(values)),
            Self::Whole(values) => Column::new(name, std::mem::take(values)),
            Self::Decimal(values, digits) => {
                let values = std::mem::take(values).into_iter();
                let raw = values.map(|value| value.map(i128::from));
                let raw = Int128Chunked::from_iter_options(name, raw);
                raw.into_decimal(*digits, SCALE)?.into_series().into()
            }
        })
    }
}

/// Parquet through Polars, a row group at a time.
struct ParquetSink {
    path: String,
    writer: BatchedWriter<BufWriter<File>>,
    columns: Vec<(String, Buffer)>,
    rows: usize,
}

impl ParquetSink {
    fn create(path: &Path, columns: &[TypedColumn<'_>]) -> Result<Self> {
        let name = path.display().to_string();
        let file = File::create(path)
            .map_err(|cause| Error::internal(format!("cannot write {name}")).because(cause))?;

        let mut columns: Vec<(String, Buffer)> =
            columns.iter().map(|(name, kind)| ((*name).to_owned(), Buffer::new(*kind))).collect();
        let empty = frame(&mut columns, 0).map_err(|cause| cannot(&name, &cause))?;
        let schema: Schema = empty.schema().as_ref().clone();
        let writer = parquet_writer(BufWriter::with_capacity(1 << 16, file));
        let writer = writer.batched(&schema).map_err(|cause| cannot(&name, &cause))?;
        Ok(Self { path: name, writer, columns, rows: 0 })
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        let is_whole = cells.len() == self.columns.len();
        let fields = self.columns.iter_mut().zip(cells);
        let is_typed = fields.fold(true, |all, ((_, buffer), cell)| buffer.push(*cell) && all);
        if !is_whole || !is_typed {
            return Err(Error::internal(format!("a row of {} has other fields", self.path)));
        }

        self.rows += 1;
        if self.rows == GROUP_ROWS { self.write_group() } else { Ok(()) }
    }

    fn write_group(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        let group = frame(&mut self.columns, rows);
        let written = group.and_then(|frame| self.writer.write_batch(&frame));
        written.map_err(|cause| cannot(&self.path, &cause))
    }

    fn finish(&mut self) -> Result<()> {
        if self.rows > 0 {
            self.write_group()?;
        }
        self.writer.finish().map(drop).map_err(|cause| cannot(&self.path, &cause))
    }
}

/// How Parquet is written everywhere: packed by zstd, which all readers of today know.
pub(super) fn parquet_writer<W: std::io::Write>(writer: W) -> ParquetWriter<W> {
    ParquetWriter::new(writer)
        .with_compression(ParquetCompression::Zstd(None))
        .with_row_group_size(Some(GROUP_ROWS))
}

/// The values that are not written yet as a data frame.
fn frame(columns: &mut [(String, Buffer)], rows: usize) -> PolarsResult<DataFrame> {
    let columns: PolarsResult<Vec<Column>> =
        columns.iter_mut().map(|(name, buffer)| buffer.take(name)).collect();
    DataFrame::new(rows, columns?)
}

fn cannot(path: &str, cause: &dyn std::error::Error) -> Error {
    Error::internal(format!("cannot write {path}: {cause}"))
}
