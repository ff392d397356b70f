//! The tables of a run, as its directory holds them.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;

use crate::domain::calendar::{Day, day_of};
use crate::domain::fixed::Fixed;
use crate::error::{Error, Result};
use crate::io::{WholeTable, read_json, read_table_of};
use crate::report::columns::{DATE, LINE, LOCATION, ORDER_ID, PO_NUMBER, SKU};

/// The plan, by far the longest of the tables: of its columns only some are read.
const PLAN_FILE: &str = "plan.csv";

/// Columns of `plan.csv` that are words.
pub(super) const WORD_COLUMNS: [&str; 8] =
    ["location", "supplier", "decision", "reason", "model", "demand_class", "abc", "xyz"];
/// Columns of `plan.csv` that are numbers.
pub(super) const NUMBER_COLUMNS: [&str; 16] = [
    "lead_time_mean_days",
    "lead_time_sd_days",
    "review_period_days",
    "safety_stock",
    "reorder_point",
    "order_up_to_level",
    "on_hand",
    "allocated",
    "backorders",
    "on_order",
    "inventory_position",
    "stockout_probability",
    "expected_short_units",
    "days_of_supply",
    "order_quantity",
    "needed_quantity",
];

/// What a run wrote.
pub(super) struct RunTables {
    /// Of the columns that [`of_plan`] names.
    pub(super) plan: Table,
    pub(super) orders: Table,
    pub(super) risk: Table,
    pub(super) promises: Table,
    pub(super) notices: Table,
    pub(super) excess: Table,
    pub(super) advice: Table,
    pub(super) review: Table,
    /// Empty where no ledger was kept.
    pub(super) ledger: Table,
    pub(super) findings: Table,
    pub(super) quarantine: Table,
    pub(super) manifest: serde_json::Value,
}

impl RunTables {
    pub(super) fn read(dir: &Path) -> Result<Self> {
        let about = |file: &str, cause: Error| {
            let path = dir.join(file);
            Error::data(format!("{}: {cause}", path.display()))
                .hint("make the run again with this version: `restock run --as-of` its date")
        };
        let table = |(file, column): (&str, &'static str)| {
            let is_wanted = |name: &str| file != PLAN_FILE || of_plan(name);
            let whole = read_table_of(&dir.join(file), column, is_wanted);
            Ok(Table::of(whole.map_err(|cause| about(file, cause))?))
        };
        let file = "manifest.json";
        let manifest = read_json(&dir.join(file)).map_err(|cause| about(file, cause))?.0;
        // The largest first, so that no thread is left alone with it.
        let files = [
            (PLAN_FILE, SKU),
            ("backorder_risk.csv", SKU),
            ("exceptions.csv", SKU),
            ("purchase_orders.csv", PO_NUMBER),
            ("open_order_advice.csv", PO_NUMBER),
            ("promises.csv", ORDER_ID),
            ("notices.csv", SKU),
            ("excess.csv", SKU),
            ("review.csv", DATE),
            ("quarantine.csv", SKU),
        ];
        let read_ledger = || match dir.join("ledger.csv").exists() {
            true => table(("ledger.csv", PO_NUMBER)),
            false => Ok(Table::of(WholeTable::default())),
        };
        let read_others =
            || -> Vec<Result<Table>> { files.into_par_iter().with_max_len(1).map(table).collect() };
        let (others, ledger) = rayon::join(read_others, read_ledger);
        // Of several that cannot be read the first is named.
        let mut tables = others.into_iter();
        let mut next = || tables.next().unwrap_or_else(|| Ok(Table::of(WholeTable::default())));
        Ok(Self {
            plan: next()?,
            risk: next()?,
            findings: next()?,
            orders: next()?,
            advice: next()?,
            promises: next()?,
            notices: next()?,
            excess: next()?,
            review: next()?,
            quarantine: next()?,
            ledger: ledger?,
            manifest,
        })
    }

    /// The rows of an item, by sku and location, of one of the tables.
    pub(super) fn by_item(table: &Table) -> BTreeMap<(&str, &str), Vec<Row<'_>>> {
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

/// Whether the page shows anything of a column of the plan.
fn of_plan(column: &str) -> bool {
    let others = [SKU, LOCATION, "mean_daily_demand", "next_order_date"];
    let shown = WORD_COLUMNS.iter().chain(&NUMBER_COLUMNS).chain(&others);
    shown.into_iter().any(|name| *name == column)
}

/// A table, and where the columns stand by which its rows are found.
pub(super) struct Table {
    whole: WholeTable,
    sku: Option<usize>,
    location: Option<usize>,
}

impl Table {
    fn of(whole: WholeTable) -> Self {
        let (sku, location) = (whole.position(SKU), whole.position(LOCATION));
        Self { whole, sku, location }
    }

    /// How many rows it has.
    pub(super) fn rows(&self) -> usize {
        self.whole.rows()
    }

    /// One of them.
    pub(super) fn row(&self, at: usize) -> Row<'_> {
        Row { table: self, at }
    }

    fn field(&self, row: usize, column: Option<usize>) -> &str {
        column.map_or("", |column| self.whole.field(row, column))
    }
}

/// A row of a table, whose columns are asked for by name.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    table: &'a Table,
    at: usize,
}

/// Every row of a table.
pub(super) fn rows(table: &Table) -> impl Iterator<Item = Row<'_>> + Clone {
    (0..table.rows()).map(|at| table.row(at))
}

impl<'a> Row<'a> {
    /// A field by its column; empty where a run of another version has none.
    pub(super) fn text(self, column: &str) -> &'a str {
        self.table.field(self.at, self.table.whole.position(column))
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
        let table = self.table;
        (table.field(self.at, table.sku), table.field(self.at, table.location))
    }
}
