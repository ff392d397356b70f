//! Commands of the user's that follow a run. The run has ended when they begin: whatever they do,
//! its result stays.

use std::path::Path;
use std::process::Command;

use tracing::{info, warn};

use super::child::{Child, End};
use crate::config::choices::HookOn;
use crate::config::settings::Hook;

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

fn run(hook: &Hook, ending: Ending<'_>) -> Result<(), String> {
    let (mut child, stdout) = Child::start(command(hook, ending)?, "hook".into(), hook.timeout)
        .map_err(|cause| format!("cannot be started: {cause}"))?;
    child.listen(stdout);
    let end = child.wait(&mut || Ok(true));
    let end = end.map_err(|cause| format!("cannot be waited for: {cause}"))?;
    child.finish_log();

    match end {
        End::Exited(status) if status.success() => Ok(()),
        end => Err(child.how(end)),
    }
}

fn command(hook: &Hook, ending: Ending<'_>) -> Result<Command, String> {
    let (program, args) = hook.command.split_first().ok_or("names no program")?;
    let mut command = Command::new(program);
    // What an outer run may have set is not this run's.
    command.args(args).env_remove("RESTOCK_RUN_DIR").env_remove("RESTOCK_AS_OF");
    command.env("RESTOCK_EXIT_CODE", ending.exit_code.to_string());
    if let Some(dir) = ending.dir {
        let dir = std::path::absolute(dir).map_err(|cause| format!("has no folder: {cause}"))?;
        command.env("RESTOCK_RUN_DIR", dir);
    }
    if let Some(as_of) = ending.as_of {
        command.env("RESTOCK_AS_OF", as_of);
    }
    Ok(command)
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
