//! CSV and TSV, taken apart as bytes: a bad row or byte costs that row, never the file.

use std::cell::Cell;
use std::io::{self, BufRead, Read};

use ::csv::{ByteRecord, Reader, ReaderBuilder};

use super::header::{Header, LINES_SEARCHED, Line, check_columns, column_name};
use super::totals::{is_blank, is_total};
use super::{Broken, FileFacts, Record, Visit, Wanted};
use crate::config::choices::FileFormat;
use crate::config::settings::Input;
use crate::domain::finding::Code;
use crate::error::{Error, Result};
use crate::io::Progress;
use crate::io::files::{SourceFile, TextStream};
use crate::io::values::{Flaw, MAX_FIELD_BYTES, Value, shown, too_long};

/// The longest record taken into memory. Judgement: only a quote that is never closed makes a
/// longer one.
pub(super) const MAX_RECORD_BYTES: usize = 64 << 20;

/// Bytes the parser asks for at once. Judgement: a usual size of a read buffer.
const BUFFER_BYTES: usize = 1 << 16;

/// Fields of a row that are kept on the stack, which spares an allocation for every row. Judgement:
/// no table of the contract has half as many columns; a row with more is kept on the heap.
const FIELDS_ON_STACK: usize = 64;

/// The longest line `sep=;` with its end, bytes.
const SEPARATOR_LINE_BYTES: usize = 9;

/// Ends the input when one record is longer than [`MAX_RECORD_BYTES`].
struct Guard<'a, R> {
    inner: &'a mut R,
    since_record: &'a Cell<usize>,
}

impl<R: Read> Read for Guard<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since_record.get() > MAX_RECORD_BYTES {
            return Err(io::Error::new(io::ErrorKind::OutOfMemory, "record too long"));
        }
        let bytes = self.inner.read(buffer)?;
        self.since_record.set(self.since_record.get() + bytes);
        Ok(bytes)
    }
}

pub(super) fn read(
    file: &SourceFile,
    input: &Input,
    wanted: &Wanted,
    visitor: &mut dyn Visit,
    progress: &dyn Progress,
) -> Result<FileFacts> {
    let mut text = file.open_text(input.encoding, progress)?;
    let unreadable = |cause| file.error("cannot be read").because(cause);
    let stated = separator_line(&mut text).map_err(unreadable)?;
    // The line that states the separator is one of those above the header.
    let above = input.skip_rows.unwrap_or(0).saturating_sub(u32::from(stated.is_some()));
    for _ in 0..above {
        skip_line(&mut text).map_err(unreadable)?;
    }

    let by_ending = if file.format == FileFormat::Tsv { '\t' } else { ',' };
    let delimiter = input.delimiter.or(stated).unwrap_or(by_ending);
    let mut builder = ReaderBuilder::new();
    builder
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter as u8)
        .buffer_capacity(BUFFER_BYTES);

    let since_record = Cell::new(0);
    let reader = builder.from_reader(Guard { inner: &mut text, since_record: &since_record });
    let since_record = &since_record;
    let mut records = Records { file, reader, since_record, delimiter: delimiter as u8, row: 0 };
    let header = header(&mut records, input, wanted)?;
    records.row = 0;
    visit_rows(&mut records, &header, wanted, visitor)?;

    drop(records);
    let hash = text.finish().map_err(|error| file.error(&error.message).because(error))?;
    let found = header.positions.iter().map(Option::is_some).collect();
    Ok(FileFacts { hash, found, notes: header.notes })
}

/// The separator that a first line `sep=;` states, as spreadsheets write it; the line is consumed.
fn separator_line(text: &mut TextStream<'_>) -> io::Result<Option<char>> {
    let start = text.fill_buf()?;
    let Some(end) = start.iter().take(SEPARATOR_LINE_BYTES).position(|byte| *byte == b'\n') else {
        return Ok(None);
    };

    let line = start[..end].trim_ascii_end();
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let mark = match line {
        [s, e, p, b'=', mark] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => char::from(*mark),
        // A tab at the end was trimmed with the line's end.
        [s, e, p, b'='] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => '\t',
        _ => return Ok(None),
    };

    text.consume(end + 1);
    Ok(mark.is_ascii().then_some(mark))
}

fn skip_line(text: &mut TextStream<'_>) -> io::Result<()> {
    loop {
        let available = text.fill_buf()?;
        let end = available.iter().position(|byte| *byte == b'\n');
        let (bytes, is_last) = (available.len(), available.is_empty());
        match end {
            Some(end) => text.consume(end + 1),
            None => text.consume(bytes),
        }
        if end.is_some() || is_last {
            return Ok(());
        }
    }
}

/// The records of a file, one after the other.
struct Records<'a, 't, 'p> {
    file: &'a SourceFile,
    reader: Reader<Guard<'t, TextStream<'p>>>,
    since_record: &'t Cell<usize>,
    delimiter: u8,
    /// Number of the last record.
    row: u64,
}

impl Records<'_, '_, '_> {
    /// Reads the next record; false at the end of the file.
    fn next(&mut self, record: &mut ByteRecord) -> Result<bool> {
        self.since_record.set(0);
        let read = self.reader.read_byte_record(record).map_err(|cause| {
            let too_long = matches!(
                cause.kind(),
                ::csv::ErrorKind::Io(cause) if cause.kind() == io::ErrorKind::OutOfMemory
            );
            if too_long {
                let (mebibytes, number) = (MAX_RECORD_BYTES >> 20, self.row + 1);
                return self
                    .file
                    .error(&format!("has a record longer than {mebibytes} MiB, number {number}"))
                    .hint("a quote opened there is never closed");
            }
            self.file.error(&format!("cannot be read after record {}", self.row)).because(cause)
        })?;

        self.row += u64::from(read);
        Ok(read)
    }
}

/// Reads on to the header.
fn header(records: &mut Records<'_, '_, '_>, input: &Input, wanted: &Wanted) -> Result<Header> {
    let searched = if input.skip_rows.is_some() { 1 } else { LINES_SEARCHED };
    let mut lines: Vec<Line> = Vec::new();
    let mut record = ByteRecord::new();

    while lines.len() < searched && records.next(&mut record)? {
        check_columns(records.file, record.len())?;
        let number = record.position().map_or(1, ::csv::Position::line);
        let names = record.iter().map(column_name).collect();
        lines.push(Line { number, names });
        if lines.last().is_some_and(|line| wanted.is_header(&line.names)) {
            break;
        }
    }

    Header::among(records.file, &lines, wanted).map_err(|error| with_delimiter_hint(error, &lines))
}

/// Hands the rows below the header over.
fn visit_rows(
    records: &mut Records<'_, '_, '_>,
    header: &Header,
    wanted: &Wanted,
    visitor: &mut dyn Visit,
) -> Result<()> {
    let positions = &header.positions;
    let mut record = ByteRecord::new();

    while records.next(&mut record)? {
        let row = records.row;
        if is_blank(record.iter()) {
            continue;
        }
        if let Some((flaw, lost_lines)) = misshapen(&record, header, wanted, records.delimiter) {
            visitor.broken(Broken { row, flaw, lost_lines, text: &|| joined(&record) });
            continue;
        }

        let record = &record;
        let mut fields = [Value::Missing; FIELDS_ON_STACK];
        let text = || joined(record);

        if positions.len() <= fields.len() {
            for (field, position) in fields.iter_mut().zip(positions) {
                *field = value_at(record, *position);
            }
            visitor.record(&Record { row, fields: &fields[..positions.len()], text: &text });
        } else {
            let fields: Vec<Value<'_>> =
                positions.iter().map(|position| value_at(record, *position)).collect();
            visitor.record(&Record { row, fields: &fields, text: &text });
        }
    }
    Ok(())
}

/// The field at a position of a record; missing if the file has no such column.
fn value_at(record: &ByteRecord, position: Option<usize>) -> Value<'_> {
    position.and_then(|at| record.get(at)).map_or(Value::Missing, Value::Text)
}

/// What is wrong with the shape of a record, and how many line breaks an open quote swallowed.
fn misshapen(
    record: &ByteRecord,
    header: &Header,
    wanted: &Wanted,
    delimiter: u8,
) -> Option<(Flaw, u64)> {
    let columns = &header.columns;
    let name = |at: usize| columns.get(at).map_or("a field beyond the header", String::as_str);
    let breaks = || record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;

    let swallowed = record.iter().any(|field| holds_rows(field, columns.len(), delimiter));
    let flaw = if swallowed {
        let start = shown(record.iter().next().unwrap_or_default());
        let message = format!("a quote holds whole rows; the row begins with {start}");
        Flaw::new(Code::RaggedRow, message)
    } else if record.as_slice().len() > MAX_FIELD_BYTES
        && let Some((at, field)) =
            record.iter().enumerate().find(|(_, field)| field.len() > MAX_FIELD_BYTES)
    {
        too_long(name(at), field.len())
    } else if record.len() == columns.len() || breaks() == 0 && fits(record, header, wanted) {
        return None;
    } else if breaks() == 0
        && let Some(total) = record.iter().find(|field| !field.trim_ascii().is_empty())
        && is_total(total)
    {
        Flaw::new(Code::TotalRow, format!("the row is a sum of others: {}", shown(total)))
    } else {
        let start = shown(record.iter().next().unwrap_or_default());
        let message = format!(
            "the row has {} fields, the header {}; it begins with {start}",
            record.len(),
            columns.len()
        );
        Flaw::new(Code::RaggedRow, message)
    };

    let breaks = breaks();
    let message = match breaks {
        0 => flaw.message,
        1 => format!("{}; a quote in it holds 1 line break", flaw.message),
        _ => format!("{}; a quote in it holds {breaks} line breaks", flaw.message),
    };

    Some((Flaw::new(flaw.code, message), breaks))
}

/// Whether a field holds lines that look like rows of the file: a quote was opened that is none,
/// and the next one closed it.
fn holds_rows(field: &[u8], columns: usize, delimiter: u8) -> bool {
    let marks = |line: &[u8]| line.iter().filter(|byte| **byte == delimiter).count();
    columns > 2
        && field.contains(&b'\n')
        && field.split(|byte| *byte == b'\n').skip(1).any(|line| marks(line) + 1 >= columns)
}

/// Whether a record that is longer or shorter than the header lacks nothing: spreadsheets add empty
/// fields at the end of a row or leave them out. What is required must be there.
fn fits(record: &ByteRecord, header: &Header, wanted: &Wanted) -> bool {
    let is_blank = |field: &[u8]| field.trim_ascii().is_empty();
    if record.len() > header.columns.len() {
        return record.iter().skip(header.columns.len()).all(is_blank);
    }

    let required = header.positions.iter().enumerate().filter(|(at, _)| wanted.is_required(*at));
    required.filter_map(|(_, position)| *position).all(|position| position < record.len())
}

/// The row as it would be written in a file without quotes.
fn joined(record: &ByteRecord) -> Vec<u8> {
    let mut text = Vec::with_capacity(record.as_slice().len() + record.len());
    for (at, field) in record.iter().enumerate() {
        if at > 0 {
            text.push(b',');
        }
        text.extend_from_slice(field);
    }

    text
}

/// Where a header is one field that holds another mark, what else is wrong follows from that.
fn with_delimiter_hint(error: Error, lines: &[Line]) -> Error {
    let holds = |mark: char| {
        lines.iter().any(|line| matches!(line.names.as_slice(), [name] if name.contains(mark)))
    };

    match [';', '\t', '|'].into_iter().find(|mark| holds(*mark)) {
        Some(mark) => Error { hints: Vec::new(), ..error }
            .hint(format!("the fields seem to be separated by {mark:?}: set delimiter = {mark:?}")),
        None => error,
    }
}
