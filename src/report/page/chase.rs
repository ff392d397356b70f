//! Open orders that somebody should call about, by supplier.

use std::collections::BTreeMap;

use serde::Serialize;

use super::PageSource;
use super::run_tables::{Row, RunTables, rows};
use super::shown::{self, count, name, sentence, word};
use crate::domain::lookups;
use crate::report::columns::{ADVISED, CHASED_ON, LINE, PO_NUMBER, SKU};

/// Lines that are shown, over all suppliers.
const MAX_SHOWN: usize = 60;

/// Lines to call about.
#[derive(Serialize)]
pub(super) struct Chase {
    suppliers: Vec<OfSupplier>,
    more: Option<String>,
    /// How many open lines need nothing.
    kept: String,
}

#[derive(Serialize)]
struct OfSupplier {
    name: String,
    email: String,
    lines: Vec<OpenLine>,
}

#[derive(Serialize)]
struct OpenLine {
    order: String,
    sku: String,
    location: String,
    advice: String,
    reason: String,
    chased_on: String,
}

pub(super) fn section(source: &PageSource<'_>, run: &RunTables) -> Chase {
    let tables = source.state.tables;
    let open = lookups::rows(&tables.purchase_orders).iter();
    let suppliers: BTreeMap<(&str, &str), &str> =
        open.map(|row| ((&*row.po_number, &*row.key.sku), &*row.supplier)).collect();
    let ledger = run.ledger_lines();
    let supplier_of = |row: Row<'_>| {
        let of_table = suppliers.get(&(row.text(PO_NUMBER), row.text(SKU))).copied();
        let line = ledger.get(&(row.text(PO_NUMBER), row.text(LINE)));
        of_table.or(line.map(|line| line.text("supplier"))).unwrap_or_default().to_owned()
    };

    let mut by_supplier: BTreeMap<String, Vec<OpenLine>> = BTreeMap::new();
    let asked = rows(&run.advice).filter(|row| row.text(ADVISED) != "keep");
    let total = asked.clone().count();
    for row in asked.take(MAX_SHOWN) {
        by_supplier.entry(supplier_of(row)).or_default().push(open_line(row));
    }
    let suppliers = by_supplier.into_iter().map(|(code, lines)| {
        let row = tables.supplier(&code);
        OfSupplier {
            name: shown::supplier(tables, &code),
            email: row.and_then(|row| row.email.as_deref()).map(name).unwrap_or_default(),
            lines,
        }
    });
    Chase {
        suppliers: suppliers.collect(),
        more: (total > MAX_SHOWN).then(|| count(total - MAX_SHOWN)),
        kept: count(run.advice.rows() - total),
    }
}

fn open_line(row: Row<'_>) -> OpenLine {
    let days = row.text("by_days");
    let advice = word(row.text(ADVISED));
    OpenLine {
        order: name(format!("{} {}", row.text(PO_NUMBER), row.text(LINE)).trim()),
        sku: name(row.text(SKU)),
        location: name(row.item().1),
        advice: match days {
            "" => advice,
            days => format!("{advice} by {} days", name(days)),
        },
        reason: sentence(row.text("reason")),
        chased_on: name(row.text(CHASED_ON)),
    }
}
