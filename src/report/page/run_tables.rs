//! The tables of a run, as its directory holds them.

use std::collections::BTreeMap;
use std::path::Path;

use crate::domain::calendar::{Day, day_of};
use crate::domain::fixed::Fixed;
use crate::error::{Error, Result};
use crate::io::{WholeTable, read_json, read_table};
use crate::report::columns::{DATE, LINE, LOCATION, ORDER_ID, PO_NUMBER, SKU};

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
    /// Empty where no ledger was kept.
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
        let ledger = match dir.join("ledger.csv").exists() {
            true => table("ledger.csv", PO_NUMBER)?,
            false => WholeTable::default(),
        };
        Ok(Self {
            plan: table("plan.csv", SKU)?,
            orders: table("purchase_orders.csv", PO_NUMBER)?,
            risk: table("backorder_risk.csv", SKU)?,
            promises: table("promises.csv", ORDER_ID)?,
            notices: table("notices.csv", SKU)?,
            excess: table("excess.csv", SKU)?,
            advice: table("open_order_advice.csv", PO_NUMBER)?,
            review: table("review.csv", DATE)?,
            ledger,
            findings: table("exceptions.csv", SKU)?,
            quarantine: table("quarantine.csv", SKU)?,
            manifest,
        })
    }

    /// The rows of an item, by sku and location, of one of the tables.
    pub(super) fn by_item(table: &WholeTable) -> BTreeMap<(&str, &str), Vec<Row<'_>>> {
        let mut by_item: BTreeMap<_, Vec<Row<'_>>> = BTreeMap::new();
        for row in rows(table) {
            by_item.entry(row.item()).or_default().push(row);
        }
        by_item
    }

    /// The lines of the ledger, by order and line.
    pub(super) fn ledger_lines(&self) -> BTreeMap<(&str, &str), Row<'_>> {
        rows(&self.ledger).map(|row| ((row.text(PO_NUMBER), row.text(LINE)), row)).collect()
    }
}

/// A row of a table, whose columns are asked for by name.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    table: &'a WholeTable,
    at: usize,
}

/// Every row of a table.
pub(super) fn rows(table: &WholeTable) -> impl Iterator<Item = Row<'_>> + Clone {
    (0..table.rows()).map(move |at| Row { table, at })
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

    /// A field as an exact number.
    pub(super) fn fixed(self, column: &str) -> Option<Fixed> {
        Fixed::from_f64(self.number(column)?)
    }

    /// A field as a day.
    pub(super) fn day(self, column: &str) -> Option<Day> {
        self.text(column).parse().ok().map(day_of)
    }

    /// Sku and location.
    pub(super) fn item(self) -> (&'a str, &'a str) {
        (self.text(SKU), self.text(LOCATION))
    }
}
