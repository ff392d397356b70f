//! Stock beyond what is worth keeping.

use serde::Serialize;

use super::decide::key_of;
use super::run_tables::{Row, RunTables, rows};
use super::shown::{amount, count, known, name, sentence, units};
use crate::report::columns::SKU;

/// Items that are shown.
const MAX_SHOWN: usize = 20;

/// Excess and dead stock.
#[derive(Serialize)]
pub(super) struct Excess {
    /// What all of it is worth, and what of it is dead; base money.
    value: String,
    dead_value: String,
    shown: Vec<ExcessItem>,
    more: Option<String>,
}

#[derive(Serialize)]
struct ExcessItem {
    key: String,
    sku: String,
    location: String,
    on_hand: String,
    units: String,
    value: String,
    months: String,
    action: String,
}

pub(super) fn section(run: &RunTables) -> Excess {
    let newest = rows(&run.review).last();
    let of_review = |column: &str| known(newest.and_then(|row| row.fixed(column)), amount);
    let total = run.excess.rows();
    Excess {
        value: of_review("excess_value"),
        dead_value: of_review("dead_stock_value"),
        shown: rows(&run.excess).take(MAX_SHOWN).map(shown).collect(),
        more: (total > MAX_SHOWN).then(|| count(total - MAX_SHOWN)),
    }
}

fn shown(row: Row<'_>) -> ExcessItem {
    ExcessItem {
        key: key_of(row),
        sku: name(row.text(SKU)),
        location: name(row.item().1),
        on_hand: known(row.number("on_hand"), units),
        units: known(row.number("excess_units"), units),
        value: known(row.fixed("excess_value"), amount),
        months: known(row.number("months_of_supply"), units),
        action: sentence(row.text("action")),
    }
}
