//! Commands of the user's that follow a run. The run has ended when they begin: whatever they do,
//! its result stays.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use tracing::{info, warn};

use crate::config::choices::HookOn;
use crate::config::settings::Hook;

/// How often a hook is asked whether it has ended. Judgement: nobody waits for a tenth of that.
const POLL: Duration = Duration::from_millis(20);
/// How long what a hook has said is waited for once it has ended, where something that it started
/// still holds its output open. Judgement.
const GRACE: Duration = Duration::from_secs(1);
/// Bytes of a line in the log; a longer one goes on in the next. Judgement.
const MAX_LINE_BYTES: u64 = 4_096;
/// Lines of a hook in the log. Judgement: a hook that says more has a log of its own.
const MAX_LINES: usize = 1_000;

/// What hooks are told about the run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending<'a> {
    /// Its exit code.
    pub(super) exit_code: u8,
    /// Its directory, if it was published.
    pub(super) dir: Option<&'a Path>,
    /// The day that it stands at, if it came so far.
    pub(super) as_of: Option<&'a str>,
}

/// Runs the hooks that are for this ending, one after the other; gives how many failed.
pub(super) fn run_all(hooks: &[Hook], ending: Ending<'_>, may_run: bool) -> usize {
    let mut failures = 0;
    for hook in hooks.iter().filter(|hook| is_for(hook.on, ending.exit_code)) {
        let name = hook.command.join(" ");
        if !may_run {
            info!("the hook `{name}` is not run: --no-commands");
            continue;
        }
        if let Err(what) = run(hook, ending) {
            warn!("the hook `{name}` {what}; the run itself is not touched by that");
            failures += 1;
        }
    }
    failures
}

/// Exit codes 0 and 1 mean that a run was published; 1 that somebody should look at it.
fn is_for(on: HookOn, exit_code: u8) -> bool {
    match on {
        HookOn::Done => exit_code <= 1,
        HookOn::Findings => exit_code == 1,
        HookOn::Failed => exit_code > 1,
    }
}

#[allow(clippy::disallowed_methods, reason = "a hook has a time by which it has to end")]
fn now() -> Instant {
    Instant::now()
}

fn run(hook: &Hook, ending: Ending<'_>) -> Result<(), String> {
    let end = now() + hook.timeout;
    let mut child = start(hook, ending).map_err(|cause| format!("cannot be started: {cause}"))?;
    let (sender, said) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        listen(stdout, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        listen(stderr, sender);
    }

    let mut log = Log::default();
    let status = wait(&mut child, &said, &mut log, end)
        .map_err(|cause| format!("cannot be waited for: {cause}"))?;
    let until = now() + GRACE;
    while let Ok(line) = said.recv_timeout(until.saturating_duration_since(now())) {
        log.add(line);
    }
    log.end();

    match status {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(format!("failed with {status}{}", log.last())),
        None => {
            let seconds = hook.timeout.as_secs();
            Err(format!("was ended after {seconds} s, its `timeout_s`{}", log.last()))
        }
    }
}

fn start(hook: &Hook, ending: Ending<'_>) -> std::io::Result<Child> {
    let (program, args) = hook.command.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // What an outer run may have set is not this run's.
    command.env_remove("RESTOCK_RUN_DIR").env_remove("RESTOCK_AS_OF");
    command.env("RESTOCK_EXIT_CODE", ending.exit_code.to_string());
    if let Some(dir) = ending.dir {
        command.env("RESTOCK_RUN_DIR", std::path::absolute(dir)?);
    }
    if let Some(as_of) = ending.as_of {
        command.env("RESTOCK_AS_OF", as_of);
    }
    // A group of its own, so that all that it starts can be ended with it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn()
}

/// Waits until the hook ends; `None` if it had to be ended.
fn wait(
    child: &mut Child,
    said: &Receiver<String>,
    log: &mut Log,
    end: Instant,
) -> std::io::Result<Option<ExitStatus>> {
    loop {
        match said.recv_timeout(POLL) {
            Ok(line) => log.add(line),
            Err(RecvTimeoutError::Timeout) => {}
            // It has closed its output and goes on.
            Err(RecvTimeoutError::Disconnected) => thread::sleep(POLL),
        }
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if now() >= end {
            end_all(child)?;
            child.wait()?;
            return Ok(None);
        }
    }
}

/// Ends a hook and all processes of its group.
#[cfg(unix)]
fn end_all(child: &mut Child) -> std::io::Result<()> {
    use rustix::process::{Pid, Signal, kill_process_group};
    kill_process_group(Pid::from_child(child), Signal::KILL).map_err(Into::into)
}

/// Ends a hook.
#[cfg(not(unix))]
fn end_all(child: &mut Child) -> std::io::Result<()> {
    child.kill()
}

/// Passes on what is written into a pipe, line by line, until it is closed or nobody listens.
fn listen(pipe: impl Read + Send + 'static, sender: Sender<String>) {
    thread::spawn(move || {
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
    });
}

/// What a hook says, in the log.
#[derive(Debug, Default)]
struct Log {
    lines: usize,
    last: String,
}

impl Log {
    fn add(&mut self, line: String) {
        self.lines += 1;
        if self.lines <= MAX_LINES {
            info!("hook: {line}");
        }
        if !line.is_empty() {
            self.last = line;
        }
    }

    fn end(&self) {
        if let Some(more @ 1..) = self.lines.checked_sub(MAX_LINES) {
            info!("hook: and {more} more lines");
        }
    }

    /// Its last line, for a message.
    fn last(&self) -> String {
        if self.last.is_empty() { String::new() } else { format!(": {}", self.last) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_follows_the_endings_that_it_is_for() {
        let of = |on: HookOn| [0, 1, 2, 3, 4, 70].map(|code| is_for(on, code));
        assert_eq!(of(HookOn::Done), [true, true, false, false, false, false]);
        assert_eq!(of(HookOn::Findings), [false, true, false, false, false, false]);
        assert_eq!(of(HookOn::Failed), [false, false, true, true, true, true]);
    }
}
