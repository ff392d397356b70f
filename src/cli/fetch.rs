//! Inputs that are commands: each is run before anything is read, and what it prints is spooled to
//! a file, which is then read like any other.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;

use tracing::{debug, info};

use super::Context;
use super::child::{Child, End};
use crate::config::Settings;
use crate::config::choices::FileFormat;
use crate::config::settings::InputSource;
use crate::error::{Error, Result};
use crate::store::Spool;

/// The most that a command may print, bytes. Judgement: some 300 million order lines; beyond it a
/// program prints without end, and the disk is needed for other things.
const MAX_BYTES: u64 = 16 << 30;

/// Bytes that are passed on at once. Judgement: what a pipe holds.
const BLOCK_BYTES: usize = 1 << 16;

/// Runs the commands of all inputs, in the order of the tables, and lets the inputs read what they
/// printed; `make` gives the folder for it. What is given must live until all is read.
///
/// # Errors
/// When commands may not be run and one is an input, and when one fails: however much it printed,
/// nothing of it is used.
pub(super) fn fetch(
    context: &Context,
    settings: &mut Settings,
    may_run: bool,
    make: impl FnOnce() -> Result<Spool>,
) -> Result<Option<Spool>> {
    let Some(first) = settings.inputs.iter().find(|source| source.command.is_some()) else {
        return Ok(None);
    };
    if !may_run {
        let table = first.table;
        return Err(Error::config(format!(
            "`inputs.{table}` is a command, and --no-commands is given"
        ))
        .hint(format!(
            "leave out --no-commands, or give a file as `path` under [inputs.{table}]"
        )));
    }

    let spool = make()?;
    context.busy("fetching", || {
        settings.inputs.iter_mut().try_for_each(|source| fetch_one(source, &spool))
    })?;
    Ok(Some(spool))
}

/// A spool for commands that write no run.
///
/// # Errors
/// When no folder can be made.
#[allow(clippy::disallowed_methods, reason = "the environment is read in cli/")]
pub(super) fn temporary() -> Result<Spool> {
    Spool::within(&std::env::temp_dir(), &format!("restock-{}", std::process::id()))
}

fn fetch_one(source: &mut InputSource, spool: &Spool) -> Result<()> {
    let Some(command) = &source.command else { return Ok(()) };

    let path = spool.path(&format!("{}.{}", source.table, ending(source.input.format)));
    info!("{}: running {}", source.table, source.written.join(" "));
    let bytes = run(source, command, &path)?;
    debug!("{}: {bytes} bytes", source.table);
    source.paths = vec![path];
    Ok(())
}

fn ending(format: Option<FileFormat>) -> &'static str {
    match format {
        Some(FileFormat::Tsv) => "tsv",
        Some(FileFormat::Ndjson) => "ndjson",
        Some(FileFormat::Parquet) => "parquet",
        Some(FileFormat::Xlsx) => "xlsx",
        Some(FileFormat::Csv | FileFormat::Sqlite) | None => "csv",
    }
}

/// Runs a command to its end, with what it prints in a file; gives how much that is.
fn run(source: &InputSource, command: &[String], path: &Path) -> Result<u64> {
    let error = |what: &str| {
        let message =
            format!("{}: the command `{}` {what}", source.table, source.written.join(" "));
        Error::data(message).hint("run it by hand; with -v all that it says is shown")
    };
    let Some((program, args)) = command.split_first() else {
        return Err(error("names no program"));
    };
    let file = File::create(path).map_err(|cause| {
        Error::internal(format!("cannot write {}", path.display())).because(cause)
    })?;

    let mut called = Command::new(program);
    called.args(args);
    let (mut child, stdout) = Child::start(called, source.table.into(), source.input.timeout)
        .map_err(|cause| {
            error(&format!("cannot be started: {cause}"))
                .hint("a program without a `/` in its name is looked up in PATH")
        })?;
    let Some(stdout) = stdout else { return Err(Error::internal("a child without output")) };

    let spooled = spooled(stdout, file);
    let mut bytes = None;
    let end = child.wait(&mut || {
        match spooled.try_recv() {
            Ok(written) => bytes = Some(written?),
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) if bytes.is_some() => {}
            Err(TryRecvError::Disconnected) => {
                return Err(io::Error::other("what it prints cannot be read"));
            }
        }
        Ok(bytes.is_some())
    });
    let end = end.map_err(|cause| error(&format!("was ended: {cause}")).because(cause))?;
    child.finish_log();

    match (end, bytes) {
        (End::Exited(status), Some(bytes)) if status.success() => Ok(bytes),
        (end, _) => Err(error(&child.how(end))),
    }
}

/// Writes all that a command prints into a file, on a thread of its own; tells how much it was.
fn spooled(mut pipe: impl Read + Send + 'static, mut file: File) -> Receiver<io::Result<u64>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let written = spool(&mut pipe, &mut file);
        // Where nobody listens any more, the command has failed already.
        let _ = sender.send(written);
    });
    receiver
}

fn spool(pipe: &mut dyn Read, file: &mut File) -> io::Result<u64> {
    let mut block = vec![0; BLOCK_BYTES];
    let mut written = 0;
    loop {
        let bytes = match pipe.read(&mut block) {
            Ok(0) => return Ok(written),
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
            Err(cause) => return Err(cause),
        };
        written += bytes as u64;
        if written > MAX_BYTES {
            let what = format!("it printed more than {} GiB", MAX_BYTES >> 30);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
        }
        file.write_all(&block[..bytes])?;
    }
}
