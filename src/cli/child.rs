//! Programs of the user's: started without a shell, listened to, waited for, and ended with all
//! that they started where they take too long.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use tracing::info;

/// How often a program is asked whether it has ended. Judgement: nobody waits for a tenth of that.
const POLL: Duration = Duration::from_millis(20);
/// How long what a program has said is waited for once it has ended, where something that it
/// started still holds its output open. Judgement.
const GRACE: Duration = Duration::from_secs(1);
/// Bytes of a line in the log; a longer one goes on in the next. Judgement.
const MAX_LINE_BYTES: u64 = 4_096;
/// Lines of a program in the log. Judgement: one that says more has a log of its own.
const MAX_LINES: usize = 1_000;
/// Lines that may wait to be logged; a program that says more waits, too. Judgement.
const LINES_WAITING: usize = 256;

/// How a program ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    /// By itself, or by a signal.
    Exited(ExitStatus),
    /// It was ended, because its time was over.
    TimedOut,
}

/// A program that was started. Dropped before it has ended, it is ended.
pub(super) struct Child {
    child: std::process::Child,
    timeout: Duration,
    end: Instant,
    has_ended: bool,
    said: Receiver<String>,
    speaks: Option<SyncSender<String>>,
    log: Log,
}

#[allow(clippy::disallowed_methods, reason = "a program has a time by which it has to end")]
fn now() -> Instant {
    Instant::now()
}

impl Child {
    /// Starts a program without standard input. What it writes to stderr is logged under a name;
    /// what it writes to stdout is given to the caller.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) fn start(
        mut command: Command,
        name: String,
        timeout: Duration,
    ) -> io::Result<(Self, Option<ChildStdout>)> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A group of its own, so that all that it starts can be ended with it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let end = now() + timeout;
        let mut child = command.spawn()?;

        let (sender, said) = mpsc::sync_channel(LINES_WAITING);
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let log = Log { name, lines: 0, last: String::new() };
        let speaks = Some(sender);
        let child = Self { child, timeout, end, has_ended: false, said, speaks, log };
        child.listen(stderr);
        Ok((child, stdout))
    }

    /// Logs what is written into a pipe, line by line.
    pub(super) fn listen(&self, pipe: Option<impl Read + Send + 'static>) {
        if let Some((pipe, sender)) = pipe.zip(self.speaks.clone()) {
            thread::spawn(move || pass_on(pipe, &sender));
        }
    }

    /// Waits until the program has ended and what it gives is taken. While it is not, `is_taken`
    /// gives false, or an error for which the program is ended, too.
    ///
    /// # Errors
    /// That error, and when the program cannot be waited for.
    pub(super) fn wait(
        &mut self,
        is_taken: &mut dyn FnMut() -> io::Result<bool>,
    ) -> io::Result<End> {
        // From here on the threads alone speak, so that it shows when all of them are done.
        self.speaks = None;
        let mut exited = None;
        loop {
            match self.said.recv_timeout(POLL) {
                Ok(line) => self.log.add(line),
                Err(RecvTimeoutError::Timeout) => {}
                // It has closed its output and goes on.
                Err(RecvTimeoutError::Disconnected) => thread::sleep(POLL),
            }
            let taken = is_taken()?;
            if exited.is_none() {
                exited = self.child.try_wait()?;
            }
            if let Some(status) = exited.filter(|_| taken) {
                self.has_ended = true;
                return Ok(End::Exited(status));
            }
            if now() >= self.end {
                self.end_all()?;
                return Ok(End::TimedOut);
            }
        }
    }

    /// Logs what was said to the last.
    pub(super) fn finish_log(&mut self) {
        let until = now() + GRACE;
        while now() < until
            && let Ok(line) = self.said.recv_timeout(until.saturating_duration_since(now()))
        {
            self.log.add(line);
        }
        self.log.end();
    }

    /// How it ended, and the last that it said, for a message.
    pub(super) fn how(&self, end: End) -> String {
        let last = self.log.last();
        match end {
            End::Exited(status) => format!("failed with {status}{last}"),
            End::TimedOut => {
                format!("was ended after {} s, its `timeout_s`{last}", self.timeout.as_secs())
            }
        }
    }

    /// Ends the program and all processes of its group.
    fn end_all(&mut self) -> io::Result<()> {
        self.has_ended = true;
        if let Err(cause) = end_group(&mut self.child)
            && self.child.try_wait()?.is_none()
        {
            return Err(cause);
        }
        self.child.wait().map(|_| ())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.has_ended {
            // It may have ended by itself meanwhile.
            let _ = self.end_all();
        }
    }
}

#[cfg(unix)]
fn end_group(child: &mut std::process::Child) -> io::Result<()> {
    use rustix::process::{Pid, Signal, kill_process_group};
    kill_process_group(Pid::from_child(child), Signal::KILL).map_err(Into::into)
}

#[cfg(not(unix))]
fn end_group(child: &mut std::process::Child) -> io::Result<()> {
    child.kill()
}

/// Passes on what is written into a pipe, line by line, until it is closed or nobody listens.
fn pass_on(pipe: impl Read, sender: &SyncSender<String>) {
    let mut pipe = BufReader::new(pipe);
    loop {
        let mut line = Vec::new();
        match pipe.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                if sender.send(line).is_err() {
                    return;
                }
            }
        }
    }
}

/// What a program says, in the log.
#[derive(Debug)]
struct Log {
    name: String,
    lines: usize,
    last: String,
}

impl Log {
    fn add(&mut self, line: String) {
        self.lines += 1;
        if self.lines <= MAX_LINES {
            info!("{}: {line}", self.name);
        }
        if !line.is_empty() {
            self.last = line;
        }
    }

    fn end(&self) {
        if let Some(more @ 1..) = self.lines.checked_sub(MAX_LINES) {
            info!("{}: and {more} more lines", self.name);
        }
    }

    /// Its last line, for a message.
    fn last(&self) -> String {
        if self.last.is_empty() { String::new() } else { format!(": {}", self.last) }
    }
}
