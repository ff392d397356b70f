//! `restock schema`: the JSON schema of the configuration.

use std::process::ExitCode;

use crate::error::Result;

/// Prints the schema.
///
/// # Errors
/// When stdout cannot be written to.
pub(super) fn run() -> Result<ExitCode> {
    super::print(&crate::config::schema::json())?;
    Ok(ExitCode::SUCCESS)
}
