//! `restock completions`: completions for a shell.

use std::process::ExitCode;

use clap::CommandFactory;

use super::args::{Cli, CompletionsArgs};
use crate::error::Result;

/// Prints the completions.
///
/// # Errors
/// When stdout cannot be written to.
pub(super) fn run(args: &CompletionsArgs) -> Result<ExitCode> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut without_repeats(), "restock", &mut text);
    super::print(&String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
}

/// The command line with the common options at the top alone: completions and pages of manuals
/// would repeat them for every command.
pub(super) fn without_repeats() -> clap::Command {
    Cli::command().mut_args(|arg| arg.global(false))
}
