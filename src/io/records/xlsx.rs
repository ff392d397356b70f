//! Excel workbooks, one cell after the other: a sheet is never in memory as a whole.

use std::borrow::Cow;
use std::fs::File;
use std::io::BufReader;

use calamine::{CellErrorType, DataRef, XlsxCellReader};
use chrono_tz::Tz;

use super::csv::MAX_RECORD_BYTES;
use super::header::{Header, LINES_SEARCHED, Line, MAX_COLUMNS, column_name};
use super::totals::is_blank;
use super::typed::{SECONDS_A_DAY, day_of_second, joined};
use super::workbook::{self, damaged, unreadable};
use super::{Broken, FileFacts, Record, Visit, Wanted};
use crate::config::settings::Input;
use crate::domain::calendar::date_of;
use crate::error::{Error, Result};
use crate::io::Progress;
use crate::io::caught::caught;
use crate::io::dates;
use crate::io::files::SourceFile;
use crate::io::values::{Flaw, MAX_FIELD_BYTES, Value, too_long};

/// The most rows of a sheet (ECMA-376, part 1, section 18.3.1.73).
const MAX_ROWS: u32 = 1 << 20;

/// Sheets count days from 1899-12-30 on, or from 1904-01-01; 1970-01-01 is this many days later
/// (ECMA-376, part 1, section 18.17.4.1).
const DAYS_TO_1970: [f64; 2] = [25_569.0, 24_107.0];

/// From here on neighbouring whole numbers share one real number: 2⁵³.
const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;

const MILLISECONDS_A_DAY: f64 = SECONDS_A_DAY as f64 * 1_000.0;

pub(super) fn read(
    file: &SourceFile,
    input: &Input,
    wanted: &Wanted,
    visitor: &mut dyn Visit,
    progress: &dyn Progress,
) -> Result<FileFacts> {
    let (handle, hash) = file.open_hashed(progress)?;
    if hash.bytes == 0 {
        return Err(file.error("is empty"));
    }

    let mut workbook = workbook::open(file, handle)?;
    let sheet = workbook::sheet(file, &workbook, input.sheet.as_deref())?;
    let days_to_1970 = DAYS_TO_1970[usize::from(workbook.has_1904_epoch())];
    let reader = match caught(|| workbook.worksheet_cells_reader(&sheet)) {
        Some(reader) => reader.map_err(|cause| unreadable(file, &cause))?,
        None => return Err(damaged(file)),
    };
    let mut rows = Rows {
        file,
        reader,
        days_to_1970,
        zone: input.time_zone,
        row: None,
        cells: Vec::new(),
        ahead: None,
        is_over: false,
    };

    let header = header(&mut rows, input, wanted)?;
    visit_rows(&mut rows, &header, visitor)?;
    let found = header.positions.iter().map(Option::is_some).collect();
    Ok(FileFacts { hash, found, notes: header.notes })
}

/// Reads on to the header: the first row that is not blank, below the rows to be skipped, or the
/// first of a few that names every column that must be there.
fn header(rows: &mut Rows<'_>, input: &Input, wanted: &Wanted) -> Result<Header> {
    let searched = if input.skip_rows.is_some() { 1 } else { LINES_SEARCHED };
    let mut lines: Vec<Line> = Vec::new();

    while lines.len() < searched && rows.next()? {
        let row = rows.row.unwrap_or_default();
        if rows.is_blank() || row < input.skip_rows.unwrap_or(0) {
            continue;
        }
        let names = rows.cells.iter().map(Cell::name).collect();
        lines.push(Line { number: u64::from(row) + 1, names });
        if lines.last().is_some_and(|line| wanted.is_header(&line.names)) {
            break;
        }
    }

    Header::among(rows.file, &lines, wanted)
}

/// Hands the rows below the header over. Their number counts the sheet's rows, blank ones too, so
/// that a row is found where its number says.
fn visit_rows(rows: &mut Rows<'_>, header: &Header, visitor: &mut dyn Visit) -> Result<()> {
    let start = rows.row.unwrap_or_default();
    while rows.next()? {
        if rows.is_blank() {
            continue;
        }
        let row = u64::from(rows.row.unwrap_or_default().saturating_sub(start));
        if let Some(flaw) = rows.too_long(header) {
            let text = || joined(rows.cells.iter().map(Cell::value));
            visitor.broken(Broken { row, flaw, lost_lines: 0, text: &text });
            continue;
        }

        let cells = &rows.cells;
        let value = |at: &Option<usize>| {
            at.and_then(|at| cells.get(at)).map_or(Value::Missing, Cell::value)
        };
        let fields: Vec<Value<'_>> = header.positions.iter().map(value).collect();
        let text = || joined(cells.iter().map(Cell::value));
        visitor.record(&Record { row, fields: &fields, text: &text });
    }
    Ok(())
}

/// What one cell holds.
#[derive(Debug, Clone, PartialEq)]
enum Cell<'a> {
    Empty,
    Text(Cow<'a, str>),
    Whole(i64),
    Real(f64),
    Day(i64),
    Flag(bool),
    Unreadable(&'static str),
}

impl Cell<'_> {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Empty => Value::Missing,
            Self::Text(text) => Value::Text(text.as_bytes()),
            Self::Whole(number) => Value::Whole(*number),
            Self::Real(number) => Value::Real(*number),
            Self::Day(day) => Value::Day(*day),
            Self::Flag(flag) => Value::Flag(*flag),
            Self::Unreadable(what) => Value::Unreadable(what),
        }
    }

    /// The cell as the name of a column.
    fn name(&self) -> String {
        match self {
            Self::Text(text) => column_name(text.as_bytes()),
            Self::Day(day) => match dates::in_range(*day) {
                Ok(day) => date_of(day).to_string(),
                Err(_) => day.to_string(),
            },
            other => String::from_utf8_lossy(&joined([other.value()])).into_owned(),
        }
    }

    fn bytes(&self) -> usize {
        if let Self::Text(text) = self { text.len() } else { 0 }
    }
}

/// The rows of a sheet, one after the other.
struct Rows<'a> {
    file: &'a SourceFile,
    reader: XlsxCellReader<'a, BufReader<File>>,
    /// How many days the sheet's day numbers are ahead of days since 1970.
    days_to_1970: f64,
    /// Where the shop is, if that is said.
    zone: Option<Tz>,
    /// Number of the row in hand; the sheet's first is 0. `None` before the first.
    row: Option<u32>,
    /// Its cells up to the last that holds something, by their column.
    cells: Vec<Cell<'a>>,
    /// The first cell of the next row, with its row and column.
    ahead: Option<(u32, u32, Cell<'a>)>,
    /// Whether the last cell was read: behind it the reader knows nothing.
    is_over: bool,
}

impl<'a> Rows<'a> {
    /// Takes the next row into hand that has cells; false behind the last.
    fn next(&mut self) -> Result<bool> {
        self.cells.clear();
        let first = match self.ahead.take() {
            Some(first) => Some(first),
            None => self.next_cell()?,
        };
        let Some((row, column, cell)) = first else { return Ok(false) };
        if self.row.is_some_and(|before| row <= before) {
            return Err(self.out_of_order(row));
        }

        self.row = Some(row);
        self.put(column, cell);
        let mut bytes = 0;
        loop {
            match self.next_cell()? {
                Some((next, column, cell)) if next == row => {
                    bytes += cell.bytes();
                    if bytes > MAX_RECORD_BYTES {
                        let mebibytes = MAX_RECORD_BYTES >> 20;
                        let what = format!("has more than {mebibytes} MiB in row {}", row + 1);
                        return Err(self.file.error(&what));
                    }
                    self.put(column, cell);
                }
                next => {
                    self.ahead = next;
                    return Ok(true);
                }
            }
        }
    }

    fn put(&mut self, column: u32, cell: Cell<'a>) {
        let at = column as usize;
        if cell == Cell::Empty {
            return;
        }
        if self.cells.len() <= at {
            self.cells.resize(at + 1, Cell::Empty);
        }
        self.cells[at] = cell;
    }

    /// The next cell with its row and column, each from 0 on; `None` behind the last.
    fn next_cell(&mut self) -> Result<Option<(u32, u32, Cell<'a>)>> {
        if self.is_over {
            return Ok(None);
        }
        let read = caught(|| self.reader.next_cell_with_formula_metadata());
        let record = match read {
            Some(Ok(record)) => record,
            Some(Err(cause)) => {
                let error = unreadable(self.file, &cause);
                return Err(match self.row {
                    Some(row) => error.hint(format!("its row {} is the last one read", row + 1)),
                    None => error,
                });
            }
            None => return Err(damaged(self.file)),
        };
        let Some(record) = record else {
            self.is_over = true;
            return Ok(None);
        };

        let (row, column) = record.pos;
        if row >= MAX_ROWS || column as usize >= MAX_COLUMNS {
            let (row, column) = (u64::from(row) + 1, u64::from(column) + 1);
            let what = format!("has a cell in row {row}, column {column}, beyond what a sheet has");
            return Err(self.file.error(&what));
        }
        let cell = self.cell(record.value, record.formula.is_some());
        Ok(Some((row, column, cell)))
    }

    fn cell(&self, value: DataRef<'a>, is_formula: bool) -> Cell<'a> {
        match value {
            DataRef::Empty if is_formula => Cell::Unreadable("a formula without a value"),
            DataRef::Empty => Cell::Empty,
            DataRef::SharedString(text) => Cell::Text(Cow::Borrowed(text)),
            DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
                Cell::Text(Cow::Owned(text))
            }
            DataRef::Int(number) => Cell::Whole(number),
            DataRef::Float(number) => number_cell(number),
            DataRef::Bool(flag) => Cell::Flag(flag),
            DataRef::DateTime(stamp) if stamp.is_datetime() => {
                Cell::Day(self.day_of(stamp.as_f64()))
            }
            DataRef::DateTime(stamp) => number_cell(stamp.as_f64()),
            DataRef::Error(error) => Cell::Unreadable(error_text(&error)),
        }
    }

    /// The day of a sheet's day number. One with a time of day is a moment, and counts on its day
    /// in the zone of the shop, if that is said.
    fn day_of(&self, serial: f64) -> i64 {
        // A time of day is a fraction that is seldom exact: 0 o'clock can be a little below.
        let milliseconds = ((serial - self.days_to_1970) * MILLISECONDS_A_DAY).round();
        // The cast saturates, and what lies that far out is refused.
        let seconds = (milliseconds as i64).div_euclid(1_000);
        let has_time = seconds.rem_euclid(SECONDS_A_DAY) != 0;
        day_of_second(seconds, self.zone.filter(|_| has_time))
    }

    /// Whether the row in hand says nothing, or only decorates.
    fn is_blank(&self) -> bool {
        let mut texts = Vec::with_capacity(self.cells.len());
        for cell in &self.cells {
            match cell {
                Cell::Empty => {}
                Cell::Text(text) => texts.push(text.as_bytes()),
                _ => return false,
            }
        }
        is_blank(texts.into_iter())
    }

    /// What is wrong with a row that holds a text which no table does.
    fn too_long(&self, header: &Header) -> Option<Flaw> {
        let at = self.cells.iter().position(|cell| cell.bytes() > MAX_FIELD_BYTES)?;
        let name = header.columns.get(at).map_or("a cell beyond the header", String::as_str);
        Some(too_long(name, self.cells[at].bytes()))
    }

    fn out_of_order(&self, row: u32) -> Error {
        let before = self.row.unwrap_or_default();
        let what = format!("has its rows in no order: row {} follows row {}", row + 1, before + 1);
        self.file.error(&what).hint("open it in a spreadsheet and save it anew")
    }
}

/// A number as it would be written in digits: 17 and not 17.0.
fn number_cell(number: f64) -> Cell<'static> {
    if number.fract() == 0.0 && number.abs() < EXACT_BELOW {
        return Cell::Whole(number as i64);
    }
    Cell::Real(number)
}

fn error_text(error: &CellErrorType) -> &'static str {
    match error {
        CellErrorType::Div0 => "the error #DIV/0!",
        CellErrorType::NA => "the error #N/A",
        CellErrorType::Name => "the error #NAME?",
        CellErrorType::Null => "the error #NULL!",
        CellErrorType::Num => "the error #NUM!",
        CellErrorType::Ref => "the error #REF!",
        CellErrorType::Value => "the error #VALUE!",
        CellErrorType::GettingData => "data that is still being fetched",
    }
}
