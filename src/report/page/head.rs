//! The head: which run this is, and the night in a sentence.

use serde::Serialize;

use super::PageSource;
use super::run_tables::RunTables;
use crate::domain::calendar::date_of;

/// What the head says.
#[derive(Serialize)]
pub(super) struct Head<'a> {
    /// Name of the run.
    name: &'a str,
    as_of: String,
    version: &'a str,
}

pub(super) fn section<'a>(source: &PageSource<'a>, _run: &RunTables) -> Head<'a> {
    Head {
        name: source.name,
        as_of: date_of(source.state.as_of).to_string(),
        version: source.state.version,
    }
}
