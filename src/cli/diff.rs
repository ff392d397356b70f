//! `restock diff`
use std::process::ExitCode;

use super::Context;
use super::args::DiffArgs;
use crate::error::Result;

pub(super) fn run(_context: &Context, _args: &DiffArgs) -> Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
