//! Every table but the orders: its rows typed, sorted, and single where their key must be.

mod aliases;
mod components;
mod duplicate_keys;
mod fields;
mod items;
mod locations;
mod nameless;
mod purchases;
mod snapshots;
mod stock;
mod times;

use std::sync::Arc;

use duplicate_keys::{Entries, KeyedRow, ToTell, one_row_a_key, unique_key};
use fields::{Fields, subject};
pub(crate) use nameless::resolve;
use nameless::{Nameless, Words};

use super::Progress;
use super::contract::{self, COMPONENTS, PURCHASE_ORDERS, STOCK, Table};
use super::copies;
use super::exclude::Exclusions;
use super::files::{self, SourceFile};
use super::records::{self, Broken, Forks, Nobody, Record, Visit, Wanted};
use super::tally::{self, FileTally, Rejects, is_unusable};
use super::values::{Dialect, Flaw, Row};
use crate::config::choices::Rows;
use crate::config::settings::{InputSource, Settings};
use crate::domain::finding::{Code, Finding, Source};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::{Backorder, Doubt, Override, Stock, Tables};
use crate::error::{Error, Result};

/// What reading the tables gives in addition to their rows.
#[derive(Debug, Default)]
pub(crate) struct Books {
    pub(crate) tallies: Vec<FileTally>,
    pub(crate) rejects: Rejects,
    /// What is odd about rows that were read.
    pub(crate) findings: Vec<Finding>,
    /// Items with a stock row that cannot be read.
    unreadable_stock: Vec<Key>,
    /// What rows are about that could not be read in all that bears on orders.
    doubts: Vec<Doubt>,
    /// Rows of stock and open orders that do not say which item they are about.
    pub(crate) nameless: Vec<Nameless>,
    /// For each table read, whether its rows say where they are: a column or the configuration
    /// names the location.
    pub(crate) located: Vec<Located>,
}

impl Books {
    /// Says which fields a row is used without, and what follows.
    fn note_left_out<T>(&mut self, file: &SourceFile, entry: &mut KeyedRow<T>) {
        let Some(left_out) = entry.left_out.take() else { return };
        let (subject, fields) = *left_out;

        for field in fields {
            let follows = if field.bears_on_orders() {
                self.doubts.push(subject.clone());
                "; the row is used without it, and order lines that it bears on need review"
            } else {
                "; the row is used without it"
            };
            let message = format!("{}{follows}", field.flaw.message);
            self.findings.push(Finding {
                code: Code::UnreadableField,
                source: Source { table: file.table, file: Arc::clone(&file.name), row: entry.row },
                key: key_of(&subject),
                message,
            });
        }
    }

    /// Says what follows from a row that cannot be used, where that is more than the loss of it:
    /// what is there or on its way is then more than what was read.
    fn note_unreadable(&mut self, tally: &FileTally, at: (u64, &Row<'_>), flaw: &Flaw) {
        let (number, row) = at;
        let Ok(subject) = subject(row) else {
            return self.note_nameless(tally, number, flaw, Words::default());
        };
        let Some(key) = key_of(&subject) else { return };

        let (code, follows) = match tally.table {
            STOCK => {
                self.unreadable_stock.push(key.clone());
                (Code::StockUnreadable, format!("the stock of {key} is unknown"))
            }
            PURCHASE_ORDERS => {
                self.doubts.push(subject);
                let follows = format!(
                    "what it brings of {key} is not counted on, and order lines of it need review"
                );
                (Code::UnreadableField, follows)
            }
            COMPONENTS => {
                let component = row.opt_sku("component").ok().flatten();
                if component.is_some() {
                    self.doubts.push(Doubt { sku: component.clone(), ..Doubt::default() });
                }
                let what = component.as_deref().unwrap_or("a component").to_owned();
                let follows = format!(
                    "a sale of {} is taken apart without {what}, and order lines of {what} need \
                     review",
                    key.sku
                );
                (Code::UnreadableField, follows)
            }
            _ => return,
        };
        let message = format!("{}; {follows}", flaw.message);
        let finding = tally.finding(number, code, message);
        self.findings.push(Finding { key: Some(key), ..finding });
    }

    /// The same for a row that does not even say which item it is about: one of its words may.
    fn note_nameless(&mut self, tally: &FileTally, number: u64, flaw: &Flaw, words: Words) {
        if [STOCK, PURCHASE_ORDERS].contains(&tally.table) {
            let finding = tally.finding(number, Code::UnreadableField, flaw.message.clone());
            self.nameless.push(Nameless { finding, words });
        }
    }
}

/// The item that a row is about, for a report; without a location where it concerns every one.
fn key_of(subject: &Doubt) -> Option<Key> {
    let location = subject.location.as_deref().unwrap_or_default();
    subject.sku.as_deref().map(|sku| Key::new(sku, location))
}

/// Where the locations of a table's rows come from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Located {
    pub(crate) table: &'static str,
    /// Whether every file of the table has a column of locations.
    pub(crate) has_column: bool,
    /// Whether the configuration states the location of all rows.
    pub(crate) is_stated: bool,
}

/// How one row is turned into its type.
type Build<T> = fn(&Fields<'_>) -> Result<T, Flaw>;

/// Takes the records of one file of a table.
struct TableReader<'a, T> {
    table: &'static Table,
    dialect: Dialect,
    exclusions: Exclusions,
    build: Build<T>,
    entries: Entries<T>,
    /// Index of the file among those of the table.
    file: usize,
    tally: FileTally,
    /// What the rows are about, where there are several files, of one export perhaps.
    subjects: Option<snapshots::Subjects>,
    books: &'a mut Books,
}

impl<T> Visit for TableReader<'_, T> {
    fn record(&mut self, record: &Record<'_>) {
        self.tally.rows += 1;
        let row = Row { table: self.table, dialect: &self.dialect, fields: record.fields };

        if let Some(message) = self.exclusions.matching(record.fields) {
            let flaw = Flaw::new(Code::Excluded, message);
            self.books.rejects.push(self.tally.reject(record.row, flaw, row.names()));
            return;
        }

        let fields = Fields::new(row);
        let built = (self.build)(&fields).and_then(|value| Ok((value, unique_key(&row)?)));
        match built {
            Ok((value, mut key)) => {
                if let Some(message) = row.rounded_amount() {
                    let finding = self.tally.finding(record.row, Code::CostRounded, message);
                    self.books.findings.push(finding);
                }
                if let Some(subjects) = &mut self.subjects {
                    snapshots::note(subjects, &row);
                }
                let left_out = fields.left_out();
                if let Some(first) = left_out.first() {
                    self.tally.note_left_out(record.row, first.flaw.clone());
                }
                let text = (record.text)();
                if [STOCK, COMPONENTS].contains(&self.table.name) {
                    key.extend_from_slice(&text);
                }
                let names = row.names();
                let left_out = subject(&row)
                    .ok()
                    .filter(|_| !left_out.is_empty())
                    .zip(Some(left_out))
                    .map(Box::new);
                let told = ToTell { key: &key, text: &text, names: &names };
                self.entries.push(value, (self.file, record.row), &told, left_out);
            }
            Err(flaw) => {
                self.books.note_unreadable(&self.tally, (record.row, &row), &flaw);
                self.books.rejects.push(self.tally.reject(record.row, flaw, row.names()));
            }
        }
    }

    fn broken(&mut self, broken: Broken<'_>) {
        let Broken { row, flaw, lost_lines, text } = broken;
        self.tally.rows += 1;
        self.tally.lose_lines(lost_lines);
        if is_unusable(flaw.code) {
            let words = Words::of(&text(), lost_lines, self.dialect.sku_case);
            self.books.note_nameless(&self.tally, row, &flaw, words);
        }
        self.books.rejects.push(self.tally.reject(row, flaw, Default::default()));
    }
}

/// Its tables are small beside the orders.
impl<T> Forks for TableReader<'_, T> {
    type Part = Nobody;

    fn fork(&self) -> Option<Nobody> {
        None
    }

    fn join(&mut self, _part: &mut Nobody) {}
}

/// Reads all files of a table into typed rows.
fn read<T>(
    source: &InputSource,
    settings: &Settings,
    build: Build<T>,
    books: &mut Books,
    progress: &dyn Progress,
) -> Result<Vec<T>> {
    let table = contract::table(source.table)
        .ok_or_else(|| Error::internal(format!("no table is called {}", source.table)))?;
    let wanted = Wanted::new(table, &source.input)?;
    let dialect = Dialect::new(table, &source.input, settings.demand.sku_case)?;
    let mut exclusions = Exclusions::new(table, &source.input);
    let copies::WithoutCopies { files: sources, copies, findings } =
        copies::apart(files::expand(source)?)?;
    books.findings.extend(findings);

    let readers = records::fitting(&sources, &source.input, &wanted, &dialect.dates)?;
    let mut entries = Entries::default();
    let mut subjects = Vec::new();
    let mut has_column = true;
    let first_tally = books.tallies.len();

    for (number, (file, (dates, in_doubt))) in sources.iter().zip(readers).enumerate() {
        let mut reader = TableReader {
            table,
            dialect: Dialect { dates, ..dialect.clone() },
            exclusions,
            build,
            entries: std::mem::take(&mut entries),
            file: number,
            tally: FileTally::new(file),
            subjects: (sources.len() > 1).then(snapshots::Subjects::new),
            books: &mut *books,
        };

        let facts = records::read(file, &source.input, &wanted, &mut reader, progress)?;

        let mut tally = reader.tally;
        entries = reader.entries;
        exclusions = reader.exclusions;
        subjects.push(reader.subjects.unwrap_or_default());
        tally.hash = facts.hash;
        let notes = facts.notes.into_iter().chain(in_doubt);
        books.findings.extend(notes.map(|note| tally.noted(note)));
        has_column &= table
            .position("location")
            .is_some_and(|at| facts.found.get(at).copied().unwrap_or(false));
        books.tallies.push(tally);
    }

    tally::check(&books.tallies[first_tally..], settings.run.max_bad_rows)?;
    snapshots::check(source, &sources, &subjects)?;
    books.findings.extend(exclusions.idle(table));
    books.tallies.extend(copies);

    books.located.push(Located {
        table: table.name,
        has_column,
        is_stated: source.input.location.is_some(),
    });

    let tallies = &mut books.tallies[first_tally..];
    let mut kept = one_row_a_key(entries, table, &sources, tallies, &mut books.rejects);
    for entry in kept.iter_mut().filter(|entry| entry.left_out.is_some()) {
        if let Some(file) = sources.get(entry.file) {
            books.note_left_out(file, entry);
        }
    }

    let mut rows: Vec<T> = kept.into_iter().map(|entry| entry.value).collect();
    // What was held beside each row is let go.
    rows.shrink_to_fit();
    Ok(rows)
}

/// Reads every given table except the orders. Errors are collected, so that one run shows all of
/// them.
pub(crate) fn read_all(
    settings: &Settings,
    books: &mut Books,
    errors: &mut Vec<Error>,
    progress: &dyn Progress,
) -> Tables {
    let mut tables = Tables::default();
    let availability_rows =
        settings.input("availability").map_or(Rows::Day, |source| source.input.rows);

    macro_rules! read_into {
        ($($name:ident: $build:expr;)*) => {
            $(if let Some(source) = settings.input(stringify!($name)) {
                match read(source, settings, $build, books, progress) {
                    Ok(rows) => tables.$name = Some(rows),
                    Err(error) => errors.push(error),
                }
            })*
        };
    }

    read_into! {
        items: items::item;
        item_suppliers: items::item_supplier;
        item_locations: items::item_location;
        stock: stock::stock;
        purchase_orders: purchases::open_order;
        receipts: purchases::receipt;
        suppliers: purchases::supplier;
        closures: purchases::closure;
        price_breaks: purchases::price_break;
        availability: match availability_rows {
            Rows::Lines | Rows::Day => times::availability_day,
            Rows::Week => times::availability_week,
            Rows::Month => times::availability_month,
        };
        calendar: times::event;
        prices: times::price;
        overrides: times::override_;
        backorders: purchases::backorder;
        customers: locations::customer;
        locations: locations::location;
        components: components::component;
    }

    if let Some(rows) = tables.stock.take() {
        let (rows, finding) = stock::added_up(rows);
        books.findings.extend(finding);
        tables.stock = Some(rows);
    }
    tables.unreadable_stock = std::mem::take(&mut books.unreadable_stock).into_iter().collect();
    tables.doubts = std::mem::take(&mut books.doubts).into_iter().collect();
    if let Some(rows) = &mut tables.stock {
        rows.retain(|row| !tables.unreadable_stock.contains(&row.key));
    }

    aliases::recognise(settings, &mut tables);
    sort(&mut tables);
    tables
}

/// Sorts the tables whose rows may repeat; the others already stand by their key.
fn sort(tables: &mut Tables) {
    if let Some(rows) = &mut tables.purchase_orders {
        // A line of which all has come is not open.
        rows.retain(|row| row.quantity > Fixed::ZERO || row.received == Fixed::ZERO);
    }
    tables.sort_open_orders();
    if let Some(rows) = &mut tables.receipts {
        rows.sort_by(|a, b| {
            (&a.supplier, &a.key, a.ordered_on, a.received_on).cmp(&(
                &b.supplier,
                &b.key,
                b.ordered_on,
                b.received_on,
            ))
        });
    }
    if let Some(rows) = &mut tables.closures {
        rows.sort_by(|a, b| (&a.supplier, a.from, a.to).cmp(&(&b.supplier, b.from, b.to)));
    }
    if let Some(rows) = &mut tables.price_breaks {
        rows.sort_by(|a, b| {
            (&a.supplier, &a.sku, a.min_quantity).cmp(&(&b.supplier, &b.sku, b.min_quantity))
        });
    }
    if let Some(rows) = &mut tables.availability {
        rows.sort_by(|a, b| (&a.key, a.date).cmp(&(&b.key, b.date)));
    }
    if let Some(rows) = &mut tables.overrides {
        sort_overrides(rows);
    }
    if let Some(rows) = &mut tables.backorders {
        sort_backorders(rows);
    }
}

/// Sorts overrides by what they are about and when.
pub(crate) fn sort_overrides(rows: &mut [Override]) {
    rows.sort_by(|a, b| {
        (&a.sku, &a.location, a.from, a.to).cmp(&(&b.sku, &b.location, b.from, b.to))
    });
}

/// Sorts what customers wait for, and numbers the rows of one order, line and item. Of what is not
/// owed any more nobody has to be told.
pub(crate) fn sort_backorders(rows: &mut Vec<Backorder>) {
    rows.retain(|row| row.quantity > Fixed::ZERO);
    let name = |row: &Backorder| (row.order_id.clone(), row.line.clone(), row.key.clone());
    rows.sort_by_cached_key(|row| {
        (name(row), row.ordered_on, row.customer.clone(), row.promised_on, row.quantity)
    });
    for at in 1..rows.len() {
        let is_repeated = name(&rows[at]) == name(&rows[at - 1]);
        rows[at].repeat = if is_repeated { rows[at - 1].repeat + 1 } else { 0 };
    }
}

/// What is odd about stock: a count below 0, and what becomes of it.
pub(crate) fn findings(tables: &Tables) -> Vec<Finding> {
    let negative = |stock: &&Stock| stock.on_hand.steps() < 0;
    tables
        .stock
        .iter()
        .flatten()
        .filter(negative)
        .map(|stock| {
            let is_given = tables.backorders.is_some() || stock.backorders.is_some();
            let counted = if is_given {
                "; its backorders are those that are given".to_owned()
            } else {
                format!(" with {} backorders", -stock.on_hand)
            };
            let message = format!("on_hand is {}; it counts as 0{counted}", stock.on_hand);
            Finding::about(Code::NegativeStock, "stock", &stock.key, message)
        })
        .collect()
}

/// Refuses a table without locations if another one has them: all its rows would be taken to lie at
/// the location `main`.
pub(crate) fn check_locations(located: &[Located]) -> Result<()> {
    let at_main = |one: &&Located| contract::table(one.table).is_some_and(|table| table.at_main);
    let Some(with) = located.iter().filter(at_main).find(|one| one.has_column) else {
        return Ok(());
    };

    let Some(without) =
        located.iter().filter(at_main).find(|one| !one.has_column && !one.is_stated)
    else {
        return Ok(());
    };

    Err(Error::config(format!(
        "`{}` has a location column and `{}` has none",
        with.table, without.table
    ))
    .hint(format!("map it: columns = {{ location = \"…\" }} under [inputs.{}]", without.table))
    .hint(format!(
        "or say where all its rows are: location = \"…\" under [inputs.{}]",
        without.table
    )))
}
