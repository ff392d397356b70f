//! The only place that knows Polars and files: reads the input tables, cleans the orders, writes
//! results.

mod bundles;
mod caught;
mod clean;
pub mod contract;
mod copies;
mod dates;
mod exclude;
mod files;
mod intern;
mod joined;
mod keep;
mod numbers;
mod odd;
mod order_statuses;
mod orders;
mod past;
mod periods;
mod records;
mod row_numbers;
mod shared_texts;
pub mod sinks;
mod spellings;
mod tables;
mod tally;
#[cfg(test)]
mod tests;
mod units;
mod values;
mod written;
mod written_parquet;

use std::collections::BTreeMap;

pub use crate::domain::digest::sha256;
pub use caught::is_catching;
pub use keep::keep_inputs;
pub use odd::gaps;
pub use past::Past;
pub use tally::is_unusable;
pub use written::{
    WholeTable, WrittenTable, bytes_of, each_row, read_columns, read_edited_columns, read_json,
    read_older_columns, read_table, read_table_of,
};

use crate::config::Settings;
use crate::domain::bundles::Bundles;
use crate::domain::calendar::Day;
use crate::domain::finding::{Code, Finding, Reject, TableName};
use crate::domain::fixed::Fixed;
use crate::domain::lookups::rows;
use crate::domain::stock_coverage::StockCoverage;
use crate::domain::tables::{CleanDemand, Tables};
use crate::error::{Error, Result};
use clean::BundleNight;
use tally::FileTally;

/// The day that a run stands at: it knows what happened before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// A given day.
    Day(Day),
    /// The day after the newest order row; rows later than today are set aside.
    Newest {
        /// Today; `None` if no clock may be read, so that no row is too late.
        today: Option<Day>,
    },
}

/// Is told how many bytes of the inputs were read.
pub trait Progress: Sync {
    /// Called when `bytes` more bytes were read.
    fn advance(&self, bytes: u64);
}

/// For callers that show no progress.
impl Progress for () {
    fn advance(&self, _bytes: u64) {}
}

/// One file that was read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct InputFile {
    /// Table of the contract.
    #[serde(deserialize_with = "crate::domain::finding::known_table")]
    pub table: TableName,
    /// Its path as the configuration writes it.
    pub path_as_written: String,
    /// Its size, bytes.
    pub bytes: u64,
    /// Records after the header.
    pub rows: u64,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// Rows that were used; with those set aside they make up `rows`.
    pub used: u64,
    /// How many rows were not used, by the reason.
    pub set_aside: BTreeMap<Code, u64>,
}

/// Order rows that were not used, as far as their quantity could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SetAside {
    /// How much was set aside for each reason.
    pub by_code: BTreeMap<Code, SetAsideSums>,
}

/// How much was set aside for one reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SetAsideSums {
    /// Order rows.
    pub rows: u64,
    /// How many of them have a quantity that could not be read, and add nothing to the sums.
    pub unread: u64,
    /// Sum of their quantities, units.
    pub units: Fixed,
    /// Sum of quantity × unit price, in the currency of the orders; a row without a price adds 0.
    pub money: Fixed,
}

impl SetAside {
    fn join(&mut self, later: Self) {
        for (code, more) in later.by_code {
            let sums = self.by_code.entry(code).or_default();
            sums.rows += more.rows;
            sums.unread += more.unread;
            sums.units += more.units;
            sums.money += more.money;
        }
    }

    fn add(&mut self, code: Code, quantity: Option<Fixed>, unit_price: Option<Fixed>) {
        let sums = self.by_code.entry(code).or_default();

        sums.rows += 1;
        sums.unread += u64::from(quantity.is_none());

        let quantity = quantity.unwrap_or_default();
        sums.units += quantity;
        sums.money += quantity.times(unit_price.unwrap_or_default());
    }
}

/// Order rows dated more than a day after the day that a run stands at, by which a clock that is
/// behind is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RowsAhead {
    /// How many.
    pub rows: u64,
    /// The latest day of one.
    pub newest: Day,
}

impl RowsAhead {
    fn add(ahead: &mut Option<Self>, day: Day) {
        let seen = ahead.get_or_insert(Self { rows: 0, newest: day });
        seen.rows += 1;
        seen.newest = seen.newest.max(day);
    }
}

/// All inputs, read and cleaned.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The day that the run stands at.
    pub as_of: Day,
    /// Demand before that day.
    pub demand: CleanDemand,
    /// Every other table.
    pub tables: Tables,
    /// Rows that were not used, sorted by table, file, row and code.
    pub rejects: Vec<Reject>,
    /// What a person should know.
    pub findings: Vec<Finding>,
    /// Files that were read, in the contract's order of tables.
    pub inputs: Vec<InputFile>,
    /// Last day that an order row covers.
    pub newest_order: Option<Day>,
    /// Order rows after the day that the run stands at.
    pub rows_ahead: Option<RowsAhead>,
    /// Order rows that were not used, in units and money.
    pub set_aside: SetAside,
    /// How much of what sells the stock table covers.
    pub stock_coverage: StockCoverage,
}

/// Reads and cleans every input; the first problem that stops the night ends it.
///
/// # Errors
/// A file that cannot be used, or a configuration that does not fit the files.
pub fn load(settings: &Settings, as_of: AsOf, progress: &dyn Progress) -> Result<Loaded> {
    let (loaded, errors) = load_all_problems(settings, as_of, progress);
    match errors.into_iter().next() {
        Some(error) => Err(error),
        None => loaded.ok_or_else(|| Error::internal("nothing was loaded")),
    }
}

/// Reads and cleans every input like [`load`], but gives every problem that would stop the night,
/// in the contract's order of tables. The first part is `None` if the orders cannot be used.
#[must_use]
pub fn load_all_problems(
    settings: &Settings,
    as_of: AsOf,
    progress: &dyn Progress,
) -> (Option<Loaded>, Vec<Error>) {
    let read_orders = || match settings.input("orders") {
        Some(source) => orders::read(source, settings, as_of, progress),
        None => Err(Error::config("no `orders` input is given")
            .hint("name the file: [inputs.orders] path = \"data/orders.csv\"")),
    };
    let read_tables = || {
        let (mut books, mut errors) = (tables::Books::default(), Vec::new());
        let tables = tables::read_all(settings, &mut books, &mut errors, progress);
        (tables, books, errors)
    };
    let (orders, (tables, mut books, of_tables)) = rayon::join(read_orders, read_tables);

    let mut errors = Vec::new();
    let orders = orders.map_err(|error| errors.push(error)).ok();
    errors.extend(of_tables);
    let located = orders.as_ref().and_then(|orders| orders.located);
    books.located.splice(..0, located);
    errors.extend(tables::check_locations(&books.located).err());

    let Some(orders) = orders else { return (None, errors) };

    match assemble(orders, tables, books, settings, as_of) {
        Ok(loaded) => (Some(loaded), errors),
        Err(error) => {
            errors.push(error);
            (None, errors)
        }
    }
}

/// Reads some tables alone, such as those that orders take names from.
///
/// # Errors
/// The first problem of a table that is given and cannot be used.
pub fn load_named_tables(settings: &Settings, names: &[&str]) -> Result<Tables> {
    let mut few = settings.clone();
    few.inputs.retain(|source| names.contains(&source.table));
    let (mut books, mut errors) = (tables::Books::default(), Vec::new());
    let tables = tables::read_all(&few, &mut books, &mut errors, &());
    match errors.into_iter().next() {
        Some(error) => Err(error),
        None => Ok(tables),
    }
}

fn assemble(
    mut orders: orders::ReadOrders,
    mut tables: Tables,
    books: tables::Books,
    settings: &Settings,
    as_of: AsOf,
) -> Result<Loaded> {
    let newest_order = orders.newest;
    let today = match as_of {
        AsOf::Newest { today } => today,
        AsOf::Day(_) => None,
    };
    let as_of = match (as_of, newest_order) {
        (AsOf::Day(day), _) => day,
        (AsOf::Newest { .. }, Some(newest)) => newest + 1,
        (AsOf::Newest { .. }, None) => {
            return Err(Error::data(
                "orders: no row can be used, so there is no newest day to plan from",
            )
            .hint("the rows that were set aside and their reasons are listed by `restock check`"));
        }
    };

    let mut findings = tables::findings(&tables);
    findings.append(&mut orders.findings);
    findings.extend(books.findings);
    let bundles = Bundles::new(rows(&tables.components));
    findings.extend(bundles.findings().iter().cloned());
    let night = BundleNight { bundles: &bundles, as_of };
    let max_bad_rows = settings.run.max_bad_rows;
    let mut demand =
        clean::clean(&mut orders, &settings.demand, max_bad_rows, night, &mut findings)?;
    shared_texts::share_texts(&mut demand, &mut tables);
    findings.extend(bundles::take_apart(&mut tables, &demand, night));
    let inputs: Vec<InputFile> =
        orders.tallies.iter().chain(&books.tallies).map(input_file).collect();
    // Before anything counts as unknown that has no row.
    let stock_coverage = joined::stock_coverage(as_of, &demand, &tables, &inputs);
    findings.extend(tables::resolve(books.nameless, &demand.keys, &mut tables));
    if stock_coverage.gap().is_none() {
        findings.extend(joined::hold_places_without_stock(as_of, &demand, &mut tables));
    }
    let of_tables = || {
        let latest = today.max(newest_order).max(Some(as_of));
        let mut findings = joined::findings(settings, as_of, &demand, &tables);
        findings.extend(spellings::differ_in_writing(&demand, &tables));
        findings.extend(odd::findings(latest, &demand, &tables));
        findings
    };
    let (of_tables, jumps) = rayon::join(of_tables, || units::jumps(&orders.rows));
    findings.extend(of_tables.into_iter().chain(jumps));
    let mut rejects = orders.rejects.finish(&mut findings);
    rejects.extend(books.rejects.finish(&mut findings));
    rejects.sort_by(|a, b| (&a.source, a.code).cmp(&(&b.source, b.code)));

    Ok(Loaded {
        as_of,
        demand,
        tables,
        rejects,
        findings,
        inputs,
        newest_order,
        rows_ahead: orders.rows_ahead,
        set_aside: orders.set_aside,
        stock_coverage,
    })
}

fn input_file(tally: &FileTally) -> InputFile {
    InputFile {
        table: tally.table,
        path_as_written: tally.name.to_string(),
        bytes: tally.hash.bytes,
        rows: tally.rows,
        sha256: tally.hash.sha256.clone(),
        used: tally.used(),
        set_aside: tally.set_aside.clone(),
    }
}
