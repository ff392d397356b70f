//! CSV and TSV, taken apart as bytes: a bad row or byte costs that row, never the file.

use std::cell::Cell;
use std::io::{self, Read};

use ::csv::{ByteRecord, Reader, ReaderBuilder};

use super::{FileFacts, Record, Visit, Wanted};
use crate::config::settings::Input;
use crate::domain::finding::Code;
use crate::error::{Error, Result};
use crate::io::Progress;
use crate::io::files::{Format, SourceFile, TextStream};
use crate::io::values::{Flaw, MAX_FIELD_BYTES, Value, shown, too_long};

/// The longest record taken into memory. Judgement: only a quote that is never closed makes a
/// longer one.
const MAX_RECORD_BYTES: usize = 64 << 20;

/// Bytes the parser asks for at once. Judgement: a usual size of a read buffer.
const BUFFER_BYTES: usize = 1 << 16;

/// Fields of a row that are kept on the stack, which spares an allocation for every row. Judgement:
/// no table of the contract has half as many columns; a row with more is kept on the heap.
const FIELDS_ON_STACK: usize = 64;

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
    let since_record = Cell::new(0);
    let delimiter = input.delimiter.unwrap_or(if file.format == Format::Tsv { '\t' } else { ',' });

    let mut builder = ReaderBuilder::new();
    builder
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter as u8)
        .buffer_capacity(BUFFER_BYTES);

    let mut reader = builder.from_reader(Guard { inner: &mut text, since_record: &since_record });
    let found = read_records(file, wanted, visitor, &mut reader, &since_record)?;

    drop(reader);
    let hash = text.finish().map_err(|error| file.error(&error.message).because(error))?;
    Ok(FileFacts { hash, found })
}

fn read_records(
    file: &SourceFile,
    wanted: &Wanted,
    visitor: &mut dyn Visit,
    reader: &mut Reader<Guard<'_, TextStream<'_>>>,
    since_record: &Cell<usize>,
) -> Result<Vec<bool>> {
    let mut record = ByteRecord::new();
    if !next(file, reader, &mut record, since_record, 0)? {
        return Err(file.error("is empty").hint("it must begin with a line of column names"));
    }

    let columns: Vec<String> =
        record.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
    let positions =
        wanted.locate(file, &columns).map_err(|error| with_delimiter_hint(error, &columns))?;
    let found = positions.iter().map(Option::is_some).collect();

    let mut row = 0;
    while next(file, reader, &mut record, since_record, row)? {
        row += 1;
        if let Some((flaw, lost_lines)) = misshapen(&record, &columns) {
            visitor.broken(row, flaw, lost_lines);
            continue;
        }

        let record = &record;
        let mut fields = [Value::Missing; FIELDS_ON_STACK];
        let text = || joined(record);

        if positions.len() <= fields.len() {
            for (field, position) in fields.iter_mut().zip(&positions) {
                *field = value_at(record, *position);
            }
            visitor.record(&Record { row, fields: &fields[..positions.len()], text: &text });
        } else {
            let fields: Vec<Value<'_>> =
                positions.iter().map(|position| value_at(record, *position)).collect();
            visitor.record(&Record { row, fields: &fields, text: &text });
        }
    }
    Ok(found)
}

/// The field at a position of a record; missing if the file has no such column.
fn value_at(record: &ByteRecord, position: Option<usize>) -> Value<'_> {
    position.and_then(|at| record.get(at)).map_or(Value::Missing, Value::Text)
}

/// Reads the next record; false at the end of the file.
fn next(
    file: &SourceFile,
    reader: &mut Reader<Guard<'_, TextStream<'_>>>,
    record: &mut ByteRecord,
    since_record: &Cell<usize>,
    row: u64,
) -> Result<bool> {
    since_record.set(0);
    reader.read_byte_record(record).map_err(|cause| {
        let too_long = matches!(
            cause.kind(),
            ::csv::ErrorKind::Io(cause) if cause.kind() == io::ErrorKind::OutOfMemory
        );
        if too_long {
            let (mebibytes, number) = (MAX_RECORD_BYTES >> 20, row + 1);
            return file
                .error(&format!("has a record longer than {mebibytes} MiB, number {number}"))
                .hint("a quote opened there is never closed");
        }
        file.error(&format!("cannot be read after record {row}")).because(cause)
    })
}

/// What is wrong with the shape of a record, and how many line breaks an open quote swallowed.
fn misshapen(record: &ByteRecord, columns: &[String]) -> Option<(Flaw, u64)> {
    let name = |at: usize| columns.get(at).map_or("a field beyond the header", String::as_str);

    let flaw = if record.as_slice().len() > MAX_FIELD_BYTES
        && let Some((at, field)) =
            record.iter().enumerate().find(|(_, field)| field.len() > MAX_FIELD_BYTES)
    {
        too_long(name(at), field.len())
    } else if record.len() != columns.len() {
        let start = shown(record.iter().next().unwrap_or_default());
        let message = format!(
            "the row has {} fields, the header {}; it begins with {start}",
            record.len(),
            columns.len()
        );
        Flaw::new(Code::RaggedRow, message)
    } else {
        return None;
    };

    let breaks = record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
    let message = match breaks {
        0 => flaw.message,
        1 => format!("{}; a quote in it holds 1 line break", flaw.message),
        _ => format!("{}; a quote in it holds {breaks} line breaks", flaw.message),
    };

    Some((Flaw::new(flaw.code, message), breaks))
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

fn with_delimiter_hint(error: Error, columns: &[String]) -> Error {
    let other =
        [';', '\t', '|'].into_iter().find(|mark| columns.len() == 1 && columns[0].contains(*mark));

    match other {
        Some(mark) => error
            .hint(format!("the fields seem to be separated by {mark:?}: set delimiter = {mark:?}")),
        None => error,
    }
}
