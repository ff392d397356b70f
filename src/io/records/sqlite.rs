//! One query on an SQLite file, which is opened for reading alone.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, Statement};

use super::header::{Header, Line, check_columns, column_name};
use super::typed::joined;
use super::{Broken, FileFacts, Record, Visit, Wanted};
use crate::config::settings::Input;
use crate::error::{Error, Result};
use crate::io::Progress;
use crate::io::files::{Hashing, SourceFile};
use crate::io::values::{MAX_FIELD_BYTES, Value, too_long};

/// How long a read waits while another program writes. Judgement: a commit takes a fraction.
const BUSY: Duration = Duration::from_secs(10);

/// Where a database says whether it has a write-ahead log, and by which figure (SQLite's file
/// format, section 1.3).
const WAL_AT: usize = 19;
const WAL: u8 = 2;

pub(super) fn read(
    file: &SourceFile,
    input: &Input,
    wanted: &Wanted,
    visitor: &mut dyn Visit,
    progress: &dyn Progress,
) -> Result<FileFacts> {
    let mut hashing = Hashing::new(io::sink());
    let mut header = None;
    each_row(file, input, &mut hashing, &mut |row, columns, values| {
        let header: &Header = match &mut header {
            Some(header) => header,
            none => none.insert(of_columns(file, columns, wanted)?),
        };
        let Some(values) = values else { return Ok(()) };

        let long = values.iter().position(|value| length(value) > MAX_FIELD_BYTES);
        if let Some(at) = long {
            let flaw = too_long(&columns[at], length(&values[at]));
            let text = || joined(values.iter().copied());
            visitor.broken(Broken { row, flaw, lost_lines: 0, text: &text });
            return Ok(());
        }
        let value = |at: &Option<usize>| at.map_or(Value::Missing, |at| values[at]);
        let fields: Vec<Value<'_>> = header.positions.iter().map(value).collect();
        let text = || joined(values.iter().copied());
        visitor.record(&Record { row, fields: &fields, text: &text });
        Ok(())
    })?;

    let hash = hashing.finish();
    progress.advance(hash.bytes);
    let Some(Header { positions, notes, .. }) = header else {
        return Err(Error::internal("a query without columns"));
    };
    Ok(FileFacts { hash, found: positions.iter().map(Option::is_some).collect(), notes })
}

/// Writes what a query gives as CSV: the bytes that its hash is taken of.
///
/// # Errors
/// As [`read`] has them, and when it cannot be written.
pub(crate) fn write_result(file: &SourceFile, input: &Input, out: &mut dyn Write) -> Result<()> {
    each_row(file, input, out, &mut |_, _, _| Ok(()))
}

/// Takes the columns of a result once, without values, and then each of its rows.
type Take<'t> = dyn FnMut(u64, &[String], Option<&[Value<'_>]>) -> Result<()> + 't;

/// Asks the query of a file, and writes each row as CSV beside handing it over.
fn each_row(
    file: &SourceFile,
    input: &Input,
    out: &mut dyn Write,
    take: &mut Take<'_>,
) -> Result<()> {
    let Some(query) = &input.query else { return Err(Error::internal("no query is set")) };
    let database = Database::open(file)?;
    let watch = Watch::start(&database.db, input.timeout)?;
    let failed = |cause: rusqlite::Error| {
        if cause.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) {
            let seconds = input.timeout.as_secs();
            return file
                .error(&format!("gave no end to its query within {seconds} s, its `timeout_s`"))
                .hint("add an index to the database, or raise `timeout_s`");
        }
        broken(file, cause)
    };

    let mut statement = prepare(file, &database.db, query)
        .map_err(|(is_sql, cause)| if is_sql { refused(file, cause) } else { failed(cause) })?;
    check_reads(file, &statement)?;
    let columns: Vec<String> =
        statement.column_names().map(|name| column_name(name.as_bytes())).collect();
    check_columns(file, columns.len())?;
    take(0, &columns, None)?;

    let unwritten = |cause| Error::internal("cannot write rows of a query").because(cause);
    let mut csv = ::csv::Writer::from_writer(out);
    csv.write_record(&columns).map_err(unwritten)?;
    let mut rows = statement.query([]).map_err(failed)?;
    let mut number = 0;
    while let Some(row) = rows.next().map_err(failed)? {
        number += 1;
        let mut values = Vec::with_capacity(columns.len());
        for at in 0..columns.len() {
            let field = row.get_ref(at).map_err(failed)?;
            csv.write_field(csv_field(field)).map_err(unwritten)?;
            values.push(value_of(field));
        }
        csv.write_record(None::<&[u8]>).map_err(unwritten)?;
        take(number, &columns, Some(&values))?;
    }

    csv.flush().map_err(|cause| unwritten(cause.into()))?;
    drop(rows);
    watch.stop();
    drop(statement);
    database.check_unchanged(file)
}

/// Refuses a statement that may change something, or gives no rows.
fn check_reads(file: &SourceFile, statement: &Statement<'_>) -> Result<()> {
    let what = match (statement.readonly(), statement.column_count()) {
        (false, _) => "would change the database",
        (true, 0) => "gives no rows",
        (true, _) => return Ok(()),
    };
    Err(Error::config(format!("`inputs.{}.query` {what}", file.table))
        .hint("write one `select`; the file is only read"))
}

/// Reads a query; with an error, whether the query itself is wrong.
fn prepare<'db>(
    file: &SourceFile,
    db: &'db Connection,
    query: &str,
) -> Result<Statement<'db>, (bool, rusqlite::Error)> {
    // What is wrong with the file shows here, before the query is blamed.
    let reads = db.query_row("select count(*) from sqlite_schema", [], |_| Ok(()));
    reads.map_err(|cause| (false, cause))?;
    tracing::debug!("{}: asking {}", file.table, file.name);
    db.prepare(query).map_err(|cause| (true, cause))
}

fn refused(file: &SourceFile, cause: rusqlite::Error) -> Error {
    let table = file.table;
    let what = match &cause {
        rusqlite::Error::MultipleStatement => "holds several statements".to_owned(),
        rusqlite::Error::SqliteFailure(_, Some(message)) => format!("is refused: {message}"),
        rusqlite::Error::SqlInputError { msg, .. } => format!("is refused: {msg}"),
        other => format!("is refused: {other}"),
    };
    Error::config(format!("`inputs.{table}.query` {what}"))
        .because(cause)
        .hint(format!("write one `select` that {} understands", file.name))
}

fn broken(file: &SourceFile, cause: rusqlite::Error) -> Error {
    let error = match cause.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => file
            .error("is locked: another program writes to it")
            .hint("run when that program is done, or read a copy made by `.backup`"),
        Some(ErrorCode::NotADatabase) => file
            .error("is no SQLite file, or an encrypted one")
            .hint("name the database file itself"),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly) => file
            .error("cannot be read as it is: its last writer did not end in order")
            .hint("open it once by the program that writes it; here nothing may be written"),
        Some(ErrorCode::DatabaseCorrupt) => {
            file.error("is damaged").hint("restore it, or dump it by `.recover` into a new one")
        }
        _ => file.error(&format!("cannot answer its query: {cause}")),
    };
    error.because(cause)
}

fn of_columns(file: &SourceFile, columns: &[String], wanted: &Wanted) -> Result<Header> {
    Header::among(file, &[Line { number: 1, names: columns.to_vec() }], wanted)
}

fn value_of(field: ValueRef<'_>) -> Value<'_> {
    match field {
        ValueRef::Null => Value::Missing,
        ValueRef::Integer(number) => Value::Whole(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(text),
        ValueRef::Blob(_) => Value::Unreadable("bytes that are no text (a blob)"),
    }
}

fn length(value: &Value<'_>) -> usize {
    if let Value::Text(text) = value { text.len() } else { 0 }
}

fn csv_field(field: ValueRef<'_>) -> Vec<u8> {
    match field {
        ValueRef::Null => Vec::new(),
        ValueRef::Integer(number) => number.to_string().into_bytes(),
        ValueRef::Real(number) => number.to_string().into_bytes(),
        ValueRef::Text(text) => text.to_vec(),
        ValueRef::Blob(bytes) => format!("x'{}'", crate::domain::digest::hex(bytes)).into_bytes(),
    }
}

/// An open database file, and how it looked when it was opened.
struct Database {
    db: Connection,
    path: PathBuf,
    /// Size and time of change; `None` where SQLite's own locks keep writers away.
    before: Option<Facts>,
}

/// Size of a file and the time of its last change.
type Facts = (u64, Option<std::time::SystemTime>);

impl Database {
    /// Opens a file so that nothing is written beside it.
    fn open(file: &SourceFile) -> Result<Self> {
        let (handle, size) = file.open()?;
        if size == 0 {
            return Err(file.error("is empty"));
        }
        let mut start = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(handle, 100), &mut start)
            .map_err(|cause| file.error("cannot be read").because(cause))?;
        // The log lies beside the file itself, not beside a link to it.
        let path = fs::canonicalize(&file.path).unwrap_or_else(|_| file.path.clone());

        let has_log = start.get(WAL_AT) == Some(&WAL);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let (opened, before) = if !has_log {
            (Connection::open_with_flags(&path, flags), None)
        } else if log_bytes(&path) == 0 {
            // Nobody writes, and all rows are in the file. As any other reader we would make a log
            // and its index beside it.
            let flags = flags | OpenFlags::SQLITE_OPEN_URI;
            (Connection::open_with_flags(unchanging(&path), flags), Some(facts(&path)))
        } else if beside(&path, "-shm").exists() {
            (Connection::open_with_flags(&path, flags), None)
        } else {
            return Err(file
                .error("has a write-ahead log without its index: its last writer did not end")
                .hint("open it once by the program that writes it; here nothing may be written"));
        };

        let db = opened.map_err(|cause| broken(file, cause))?;
        db.busy_timeout(BUSY).map_err(|cause| broken(file, cause))?;
        Ok(Self { db, path, before })
    }

    /// Whether what was read is one state of the file.
    fn check_unchanged(&self, file: &SourceFile) -> Result<()> {
        match self.before {
            Some(before) if before != facts(&self.path) || log_bytes(&self.path) > 0 => {
                Err(file.error("was changed while it was read").hint("run again"))
            }
            _ => Ok(()),
        }
    }
}

fn facts(path: &Path) -> Facts {
    let facts = fs::metadata(path).ok();
    let changed = facts.as_ref().and_then(|facts| facts.modified().ok());
    (facts.map_or(0, |facts| facts.len()), changed)
}

fn log_bytes(path: &Path) -> u64 {
    facts(&beside(path, "-wal")).0
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// The address of a file that SQLite may take to be unchanging.
fn unchanging(path: &Path) -> String {
    let mut uri = String::from(if cfg!(windows) { "file:///" } else { "file:" });
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\\' if cfg!(windows) => uri.push('/'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b':' => {
                uri.push(char::from(*byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri + "?immutable=1"
}

/// Ends a query that takes too long.
struct Watch {
    done: Sender<()>,
    thread: JoinHandle<()>,
}

impl Watch {
    fn start(db: &Connection, timeout: Duration) -> Result<Self> {
        let handle = db.get_interrupt_handle();
        let (done, ended) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("restock-query".into())
            .spawn(move || {
                if ended.recv_timeout(timeout) == Err(RecvTimeoutError::Timeout) {
                    handle.interrupt();
                }
            })
            .map_err(|cause| Error::internal("cannot start a thread").because(cause))?;
        Ok(Self { done, thread })
    }

    fn stop(self) {
        drop(self.done);
        // It has nothing left to do but end.
        let _ = self.thread.join();
    }
}
