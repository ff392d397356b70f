//! The tables of a run, as its directory holds them.

use std::path::Path;

use crate::error::{Error, Result};
use crate::io::{WholeTable, read_json, read_table};
use crate::report::columns::{DATE, ORDER_ID, PO_NUMBER, SKU};

/// What a run wrote.
pub(super) struct RunTables {
    pub(super) plan: WholeTable,
    pub(super) orders: WholeTable,
    pub(super) risk: WholeTable,
    pub(super) promises: WholeTable,
    pub(super) notices: WholeTable,
    pub(super) excess: WholeTable,
    pub(super) advice: WholeTable,
    pub(super) review: WholeTable,
    pub(super) ledger: WholeTable,
    pub(super) findings: WholeTable,
    pub(super) quarantine: WholeTable,
    pub(super) manifest: serde_json::Value,
}

impl RunTables {
    pub(super) fn read(dir: &Path) -> Result<Self> {
        let about = |file: &str, cause: Error| {
            let path = dir.join(file);
            Error::data(format!("{}: {cause}", path.display()))
                .hint("make the run again with this version: `restock run --as-of` its date")
        };
        let table = |file: &str, column| {
            read_table(&dir.join(file), column).map_err(|cause| about(file, cause))
        };
        let file = "manifest.json";
        let manifest = read_json(&dir.join(file)).map_err(|cause| about(file, cause))?.0;
        Ok(Self {
            plan: table("plan.csv", SKU)?,
            orders: table("purchase_orders.csv", PO_NUMBER)?,
            risk: table("backorder_risk.csv", SKU)?,
            promises: table("promises.csv", ORDER_ID)?,
            notices: table("notices.csv", SKU)?,
            excess: table("excess.csv", SKU)?,
            advice: table("open_order_advice.csv", PO_NUMBER)?,
            review: table("review.csv", DATE)?,
            ledger: table("ledger.csv", PO_NUMBER)?,
            findings: table("exceptions.csv", SKU)?,
            quarantine: table("quarantine.csv", SKU)?,
            manifest,
        })
    }
}

/// A table whose columns are asked for by name.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    table: &'a WholeTable,
}

/// A row of a table.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    table: &'a WholeTable,
    at: usize,
}

impl<'a> Rows<'a> {
    pub(super) fn of(table: &'a WholeTable) -> Self {
        Self { table }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Row<'a>> {
        (0..self.table.rows()).map(move |at| Row { table: self.table, at })
    }
}

impl<'a> Row<'a> {
    /// A field by its column; empty where a run of another version has none.
    pub(super) fn text(self, column: &str) -> &'a str {
        self.table.position(column).map_or("", |column| self.table.field(self.at, column))
    }

    /// A field as a number.
    pub(super) fn number(self, column: &str) -> Option<f64> {
        self.text(column).parse().ok().filter(|number: &f64| number.is_finite())
    }
}
