//! Tonight's orders, by supplier, to decide on.

use serde::Serialize;

use super::PageSource;
use super::run_tables::RunTables;

/// What is to be decided.
#[derive(Serialize)]
pub(super) struct Decide {
    lines: usize,
}

pub(super) fn section(_source: &PageSource<'_>, run: &RunTables) -> Decide {
    Decide { lines: run.orders.rows() }
}
