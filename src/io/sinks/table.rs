//! A plain table of columns, written as CSV, JSON, Parquet or for a terminal.

use std::io::Write;

use polars::prelude::{Column, DataFrame, DataType, PolarsResult};

use super::csv::{CsvSink, real};
use super::table_file::parquet_writer;
use crate::domain::calendar::{Day, date_of};
use crate::domain::wording::printable;
use crate::error::{Error, Result};

/// The values of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Keys and words.
    Text(Vec<String>),
    /// Days.
    Date(Vec<Day>),
    /// Real numbers.
    Real(Vec<f64>),
    /// Whole numbers.
    Whole(Vec<i64>),
}

/// Named columns of one length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SimpleTable {
    columns: Vec<(String, Values)>,
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum TableFormat {
    /// As the run's own files.
    Csv,
    /// One array of objects.
    Json,
    /// For other tools.
    Parquet,
    /// For a terminal: aligned columns.
    Table,
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Date(values) => values.len(),
            Self::Real(values) => values.len(),
            Self::Whole(values) => values.len(),
        }
    }

    /// The values as a named column of a data frame.
    fn as_column(&self, name: &str) -> PolarsResult<Column> {
        let name = name.into();
        Ok(match self {
            Self::Text(values) => Column::new(name, values),
            Self::Date(values) => Column::new(name, values).cast(&DataType::Date)?,
            Self::Real(values) => Column::new(name, values),
            Self::Whole(values) => Column::new(name, values),
        })
    }

    /// Whether they are aligned to the left: names and dates, not numbers.
    fn is_left(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Date(_))
    }

    /// A value as text; empty if there is none.
    fn shown(&self, at: usize) -> String {
        match self {
            Self::Text(values) => values.get(at).cloned(),
            Self::Date(values) => values.get(at).map(|day| date_of(*day).to_string()),
            Self::Real(values) => values.get(at).map(|value| real(*value)),
            Self::Whole(values) => values.get(at).map(ToString::to_string),
        }
        .unwrap_or_default()
    }
}

impl SimpleTable {
    /// Adds a column.
    #[must_use]
    pub fn with(mut self, name: &str, values: Values) -> Self {
        self.columns.push((name.to_owned(), values));
        self
    }

    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, values)| values.len())
    }

    /// Writes the table.
    ///
    /// # Errors
    /// When the writer fails, or columns differ in length.
    pub fn write(&self, format: TableFormat, writer: &mut (impl Write + Send)) -> Result<()> {
        if self.columns.iter().any(|(_, values)| values.len() != self.rows()) {
            return Err(Error::internal("the columns of a table differ in length"));
        }

        match format {
            TableFormat::Csv => self.write_csv(writer),
            TableFormat::Json => self.write_json(writer),
            TableFormat::Parquet => self.write_parquet(writer),
            TableFormat::Table => self.write_aligned(writer),
        }
    }

    fn write_csv(&self, writer: &mut impl Write) -> Result<()> {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        let mut sink = CsvSink::new(writer, &names)?;

        for at in 0..self.rows() {
            for (_, values) in &self.columns {
                sink.text(&values.shown(at));
            }
            sink.end()?;
        }

        sink.finish().map(|_| ())
    }

    /// Numbers carry the same digits as in CSV.
    fn write_json(&self, writer: &mut impl Write) -> Result<()> {
        let mut text = String::from("[");

        for at in 0..self.rows() {
            text.push_str(if at == 0 { "\n{" } else { ",\n{" });
            for (column, (name, values)) in self.columns.iter().enumerate() {
                let shown = values.shown(at);
                let value = match values {
                    Values::Text(_) | Values::Date(_) => serde_json::Value::from(shown).to_string(),
                    Values::Real(_) | Values::Whole(_) if shown.is_empty() => "null".to_owned(),
                    Values::Real(_) | Values::Whole(_) => shown,
                };

                text.push_str(if column == 0 { "" } else { "," });
                text.push_str(&format!("{}:{value}", serde_json::Value::from(name.as_str())));
            }
            text.push('}');
        }

        text.push_str("\n]\n");
        writer.write_all(text.as_bytes()).map_err(|cause| written(&cause))
    }

    fn write_parquet(&self, writer: &mut (impl Write + Send)) -> Result<()> {
        let columns: PolarsResult<Vec<Column>> =
            self.columns.iter().map(|(name, values)| values.as_column(name)).collect();
        let frame = columns.and_then(|columns| DataFrame::new(self.rows(), columns));
        let bytes = frame.and_then(|mut frame| parquet_writer(writer).finish(&mut frame));
        bytes.map(|_| ()).map_err(|cause| written(&cause))
    }

    /// The columns of each block of lines: one block, or several one below the other where a line
    /// would be wider than a terminal. Each begins with the columns that name the rows.
    fn blocks(&self, widths: &[usize]) -> Vec<Vec<usize>> {
        let names = self.columns.iter().take_while(|(_, values)| values.is_left()).count();
        let used = |columns: &[usize]| -> usize {
            columns.iter().map(|column| widths[*column] + 2).sum::<usize>().saturating_sub(2)
        };

        let mut blocks: Vec<Vec<usize>> = vec![(0..names).collect()];
        for (column, width) in widths.iter().enumerate().skip(names) {
            let last = blocks.len() - 1;
            let is_full = used(&blocks[last]) + 2 + width > TERMINAL_WIDTH;
            if is_full && blocks[last].len() > names {
                blocks.push((0..names).collect());
            }
            let last = blocks.len() - 1;
            blocks[last].push(column);
        }
        blocks
    }

    /// Text is aligned to the left, numbers to the right.
    fn write_aligned(&self, writer: &mut impl Write) -> Result<()> {
        let cells: Vec<Vec<String>> = self
            .columns
            .iter()
            .map(|(_, values)| {
                let shown = (0..self.rows()).map(|at| values.shown(at));
                shown.map(|text| printable(&text).into_owned()).collect()
            })
            .collect();

        let widths: Vec<usize> = self
            .columns
            .iter()
            .zip(&cells)
            .map(|((name, _), cells)| {
                cells.iter().map(|cell| width_of(cell)).fold(width_of(name), usize::max)
            })
            .collect();

        let mut text = String::new();
        for (number, columns) in self.blocks(&widths).into_iter().enumerate() {
            text.push_str(if number > 0 { "\n" } else { "" });
            for at in 0..=self.rows() {
                let mut line = String::new();
                for column in &columns {
                    let ((name, values), width) = (&self.columns[*column], widths[*column]);
                    let row = at.checked_sub(1);
                    let cell = row.and_then(|row| cells[*column].get(row)).unwrap_or(name);

                    line.push_str(&if values.is_left() {
                        format!("{cell:<width$}  ")
                    } else {
                        format!("{cell:>width$}  ")
                    });
                }
                text.push_str(line.trim_end());
                text.push('\n');
            }
        }

        writer.write_all(text.as_bytes()).map_err(|cause| written(&cause))
    }
}

/// Characters of a terminal's line.
const TERMINAL_WIDTH: usize = 80;

/// Characters that a text takes on a terminal.
fn width_of(text: &str) -> usize {
    text.chars().count()
}

fn written(cause: &dyn std::error::Error) -> Error {
    Error::internal(format!("cannot write the table: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written_as(format: TableFormat) -> Vec<u8> {
        let table = SimpleTable::default()
            .with("sku", Values::Text(vec!["a\"b".into(), "c".into()]))
            .with("period_start", Values::Date(vec![19_782, 19_783]))
            .with("mean", Values::Real(vec![2.0 / 3.0, 12.0]));
        let mut bytes = Vec::new();

        table.write(format, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn each_format_holds_the_same_values() {
        let text = |format| String::from_utf8(written_as(format)).unwrap();
        assert_eq!(
            text(TableFormat::Csv),
            "sku,period_start,mean\n\"a\"\"b\",2024-02-29,0.666667\nc,2024-03-01,12\n"
        );

        let json: serde_json::Value = serde_json::from_str(&text(TableFormat::Json)).unwrap();
        assert_eq!((json[0]["sku"].as_str(), json[1]["mean"].as_f64()), (Some("a\"b"), Some(12.0)));

        assert_eq!(
            text(TableFormat::Table),
            "sku  period_start      mean\na\"b  2024-02-29    0.666667\n\
             c    2024-03-01          12\n"
        );
        assert!(written_as(TableFormat::Parquet).starts_with(b"PAR1"));
    }

    #[test]
    fn a_wide_table_goes_on_below_with_the_names_of_its_rows() {
        let mut table = SimpleTable::default().with("sku", Values::Text(vec!["A1".into()]));
        for column in 0..12 {
            table = table.with(&format!("figure_{column:02}"), Values::Whole(vec![column]));
        }
        let mut bytes = Vec::new();
        table.write(TableFormat::Table, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 5, "{text}");
        assert!(lines.iter().all(|line| line.len() <= TERMINAL_WIDTH), "{text}");
        assert!(lines[1].starts_with("A1 ") && lines[4].starts_with("A1 "), "{text}");
        assert!(lines[1].ends_with(" 6") && lines[4].ends_with(" 11"), "{text}");
    }
}
