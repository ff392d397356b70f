//! Order rows, read into typed columns; rows that are no demand by themselves are set aside on the
//! way.

use std::sync::Arc;

use super::Progress;
use super::contract::{self, Table};
use super::copies;
use super::exclude::Exclusions;
use super::files;
use super::intern::{Interner, Pairs, Recurring};
use super::order_statuses::Statuses;
use super::periods::days_covered;
use super::records::{self, Broken, Forks, Record, Visit, Wanted};
use super::row_numbers::RowNumbers;
use super::tables::Located;
use super::tally::{self, FileTally, Rejects};
use super::values::{Dialect, Flaw, Row, Value, as_choice, as_day, as_fixed, as_text, cased};
use super::{AsOf, RowsAhead, SetAside};
use crate::config::choices::Rows;
use crate::config::settings::{InputSource, Settings};
use crate::domain::calendar::Day;
use crate::domain::finding::{Code, Finding, Reject, Source};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::wording::{counted, grouped};
use crate::error::{Error, Result};

/// No text, in a column of text numbers.
pub(crate) const NONE: u32 = u32::MAX;

/// No price, in a column of prices.
pub(crate) const NO_PRICE: i64 = i64::MIN;

/// Positions of the columns in the contract's table.
mod at {
    pub(super) const DATE: usize = 0;
    pub(super) const SKU: usize = 1;
    pub(super) const QUANTITY: usize = 2;
    pub(super) const LOCATION: usize = 3;
    pub(super) const ORDER_ID: usize = 4;
    pub(super) const LINE: usize = 5;
    pub(super) const UNIT_PRICE: usize = 6;
    pub(super) const CUSTOMER: usize = 7;
    pub(super) const STATUS: usize = 9;
    pub(super) const FULFILMENT: usize = 10;
}

#[derive(Clone, Copy)]
enum Fulfilment {
    Stock,
    DropShip,
    MakeToOrder,
}

const FULFILMENTS: &[(&str, Fulfilment)] = &[
    ("stock", Fulfilment::Stock),
    ("drop_ship", Fulfilment::DropShip),
    ("make_to_order", Fulfilment::MakeToOrder),
];

/// The order history in columns: one entry for each row that may be demand. An optional column is
/// empty if no file has it, and may be shorter than the others.
#[derive(Debug, Default)]
pub(crate) struct OrderRows {
    /// Numbers of items: pairs of sku and location numbers.
    pub(crate) item: Vec<u32>,
    pub(crate) day: Vec<Day>,
    /// Units, in the steps of [`Fixed`].
    pub(crate) quantity: Vec<i64>,
    /// Money a unit, in the steps of [`Fixed`]; [`NO_PRICE`] if the row has none.
    pub(crate) unit_price: Vec<i64>,
    /// Numbers of texts, here and below; [`NONE`] if the row has none.
    pub(crate) order_id: Vec<u32>,
    pub(crate) line: Vec<u32>,
    pub(crate) customer: Vec<u32>,
    /// Record number within its file.
    pub(crate) row: RowNumbers,
    /// Where each file's rows begin.
    pub(crate) file_starts: Vec<usize>,
    pub(crate) texts: Interner,
    pub(crate) items: Pairs,
}

impl OrderRows {
    /// An optional column's entry; [`NONE`] if the column or the row has none.
    pub(crate) fn text_at(column: &[u32], at: usize) -> u32 {
        column.get(at).copied().unwrap_or(NONE)
    }

    /// The unit price of a row; `None` if it has none.
    pub(crate) fn price_at(&self, at: usize) -> Option<Fixed> {
        self.unit_price.get(at).copied().filter(|price| *price != NO_PRICE).map(Fixed::of_steps)
    }

    /// Takes rows off the end that were added to those that were read.
    pub(crate) fn truncate(&mut self, rows: usize) {
        self.item.truncate(rows);
        self.day.truncate(rows);
        self.quantity.truncate(rows);
        self.row.truncate(rows);
    }

    /// Takes over the rows of a part of the file, which are none then.
    fn join(&mut self, part: &mut Self, known: &mut Known) {
        for number in known.texts.len()..part.texts.len() {
            known.texts.push(self.texts.number(part.texts.get(number as u32)));
        }
        for (sku, location) in &part.items.all()[known.items.len()..] {
            let pair = (known.text(*sku), known.text(*location));
            known.items.push(self.items.number(pair));
        }

        let at = self.item.len();
        self.item.extend(part.item.drain(..).map(|item| known.items[item as usize]));
        self.day.append(&mut part.day);
        self.quantity.append(&mut part.quantity);
        self.row.append(&mut part.row);
        let texts = [
            (&mut self.order_id, &mut part.order_id),
            (&mut self.line, &mut part.line),
            (&mut self.customer, &mut part.customer),
        ];
        for (column, part) in texts.into_iter().filter(|(_, part)| !part.is_empty()) {
            column.resize(at, NONE);
            column.extend(part.drain(..).map(|text| known.text(text)));
        }
        if !part.unit_price.is_empty() {
            self.unit_price.resize(at, NO_PRICE);
            self.unit_price.append(&mut part.unit_price);
        }
    }

    /// Which file a row came from.
    pub(crate) fn file_of(&self, at: usize) -> usize {
        self.file_starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// The key of an item number.
    pub(crate) fn key(&self, item: u32) -> Key {
        let (sku, location) = self.items.all().get(item as usize).copied().unwrap_or((NONE, NONE));
        Key::new(self.texts.get(sku), self.texts.get(location))
    }
}

/// What the texts and items of a part of a file are numbered in all of it. They are numbered in
/// the order in which they are met, so that parts that are joined in their order give the numbers
/// of one that is read from the beginning to the end.
#[derive(Debug, Default)]
struct Known {
    texts: Vec<u32>,
    items: Vec<u32>,
}

impl Known {
    fn text(&self, number: u32) -> u32 {
        self.texts.get(number as usize).copied().unwrap_or(NONE)
    }
}

/// Everything that reading the orders gives.
#[derive(Debug, Default)]
pub(crate) struct ReadOrders {
    pub(crate) rows: OrderRows,
    pub(crate) tallies: Vec<FileTally>,
    pub(crate) rejects: Rejects,
    pub(crate) set_aside: SetAside,
    /// What is odd about the files.
    pub(crate) findings: Vec<Finding>,
    /// For each item, the day and code of its first row that was set aside (but by an exclusion).
    pub(crate) first_aside: Vec<Option<(Day, Code)>>,
    /// Last day that any row covers, of those that are readable and not excluded.
    pub(crate) newest: Option<Day>,
    /// Rows dated after the day that the run stands at.
    pub(crate) rows_ahead: Option<RowsAhead>,
    /// What one row covers.
    pub(crate) covers: Rows,
    pub(crate) located: Option<Located>,
}

impl ReadOrders {
    /// Remembers why a row of an item is not used.
    pub(crate) fn note_aside(&mut self, item: u32, day: Day, code: Code) {
        let at = item as usize;
        if self.first_aside.len() <= at {
            self.first_aside.resize(at + 1, None);
        }

        let first = &mut self.first_aside[at];
        *first = Some(first.map_or((day, code), |known| known.min((day, code))));
    }

    /// Takes over what a part of the file gives, which has nothing then.
    fn join(&mut self, part: &mut Self, known: &mut Known) {
        self.rows.join(&mut part.rows, known);
        self.rejects.join(std::mem::take(&mut part.rejects));
        self.set_aside.join(std::mem::take(&mut part.set_aside));
        let first_aside = std::mem::take(&mut part.first_aside);
        for (item, first) in known.items.iter().zip(first_aside) {
            if let Some((day, code)) = first {
                self.note_aside(*item, day, code);
            }
        }
        self.newest = self.newest.max(part.newest.take());
        if let Some(ahead) = part.rows_ahead.take() {
            let all = self.rows_ahead.get_or_insert(RowsAhead { rows: 0, newest: ahead.newest });
            all.rows += ahead.rows;
            all.newest = all.newest.max(ahead.newest);
        }
    }

    /// Sets a row aside that was read.
    pub(crate) fn set_row_aside(&mut self, at: usize, code: Code, message: &str) {
        let file = self.rows.file_of(at);
        let (item, day, quantity) =
            (self.rows.item[at], self.rows.day[at], Fixed::of_steps(self.rows.quantity[at]));

        self.note_aside(item, day, code);
        self.set_aside.add(code, Some(quantity), self.rows.price_at(at));

        let key = self.rows.key(item);
        let Some(tally) = self.tallies.get_mut(file) else { return };

        tally.set_aside(code);
        self.rejects.push(Reject {
            code,
            source: Source {
                table: "orders",
                file: Arc::clone(&tally.name),
                row: u64::from(self.rows.row.at(at)),
            },
            sku: key.sku.to_string(),
            location: key.location.to_string(),
            message: message.to_owned(),
        });
    }
}

/// Takes the records of one order file.
struct OrderReader<'a> {
    table: &'static Table,
    dialect: Dialect,
    exclusions: Exclusions,
    statuses: Statuses<'a>,
    as_of: AsOf,
    covers: Rows,
    tally: FileTally,
    /// The first row whose price cannot be read.
    first_unpriced: Option<(u64, Flaw)>,
    orders: ReadOrders,
    /// In which order skus and locations come again.
    skus: Recurring,
    locations: Recurring,
    /// Of a reader of parts: what it has in common with all of the file.
    known: Known,
}

impl<'a> Forks for OrderReader<'a> {
    type Part = OrderReader<'a>;

    fn fork(&self) -> Option<Self::Part> {
        Some(OrderReader {
            table: self.table,
            dialect: self.dialect.clone(),
            exclusions: self.exclusions.part(),
            statuses: self.statuses.part(),
            as_of: self.as_of,
            covers: self.covers,
            tally: self.tally.part(),
            first_unpriced: None,
            orders: ReadOrders::default(),
            skus: Recurring::default(),
            locations: Recurring::default(),
            known: Known::default(),
        })
    }

    fn join(&mut self, part: &mut Self::Part) {
        let none = part.tally.part();
        self.tally.join(std::mem::replace(&mut part.tally, none));
        self.first_unpriced = self.first_unpriced.take().or(part.first_unpriced.take());
        self.exclusions.join(&mut part.exclusions);
        self.statuses.join(&mut part.statuses);
        self.orders.join(&mut part.orders, &mut part.known);
    }
}

impl Visit for OrderReader<'_> {
    fn record(&mut self, record: &Record<'_>) {
        self.tally.rows += 1;
        if let Some(message) = self.exclusions.matching(record.fields) {
            self.reject(record, Flaw::new(Code::Excluded, message), None);
            return;
        }

        let day = as_day(record.fields[at::DATE], "date", &self.dialect.dates)
            .and_then(|day| day.ok_or_else(|| empty("date")));
        let day = match day {
            Ok(day) => day,
            Err(flaw) => return self.reject(record, flaw, Some(Day::MAX)),
        };

        let last_day = day + Day::from(days_covered(self.covers, day)) - 1;
        match self.as_of {
            AsOf::Day(as_of) if last_day >= as_of => {
                // A day more, since a clock in another zone may be that far behind.
                if day > as_of + 1 {
                    RowsAhead::add(&mut self.orders.rows_ahead, day);
                }
                self.tally.set_aside(Code::AfterAsOf);
                self.sum_aside(record, Code::AfterAsOf);
                return;
            }
            AsOf::Newest { today: Some(today) } if day > today => {
                let flaw = Flaw::new(Code::FutureDate, "`date` lies after today");
                return self.reject(record, flaw, None);
            }
            AsOf::Day(_) | AsOf::Newest { .. } => {}
        }

        match self.take(record, day) {
            Ok(()) => self.orders.newest = self.orders.newest.max(Some(last_day)),
            Err(flaw) => {
                if !super::tally::is_unusable(flaw.code) {
                    self.orders.newest = self.orders.newest.max(Some(last_day));
                }
                self.reject(record, flaw, Some(day));
            }
        }
    }

    fn broken(&mut self, broken: Broken<'_>) {
        let Broken { row, flaw, lost_lines, .. } = broken;
        self.tally.rows += 1;
        self.tally.lose_lines(lost_lines);
        self.orders.set_aside.add(flaw.code, None, None);
        self.orders.rejects.push(self.tally.reject(row, flaw, Default::default()));
    }
}

impl OrderReader<'_> {
    fn text(&mut self, value: Value<'_>, name: &str) -> Result<u32, Flaw> {
        Ok(as_text(value, name)?.map_or(NONE, |text| self.orders.rows.texts.number(&text)))
    }

    /// Adds a record that is not used to the sums of these, as far as it can be read.
    fn sum_aside(&mut self, record: &Record<'_>, code: Code) {
        let quantity = self.readable_number(record, at::QUANTITY);
        let unit_price = self.readable_number(record, at::UNIT_PRICE);
        self.orders.set_aside.add(code, quantity, unit_price);
    }

    fn readable_number(&self, record: &Record<'_>, at: usize) -> Option<Fixed> {
        as_fixed(record.fields[at], "", self.dialect.decimal).ok().flatten()
    }

    /// Sets a record aside. `day` is its day if the record may explain why an item has no demand.
    fn reject(&mut self, record: &Record<'_>, flaw: Flaw, day: Option<Day>) {
        let row = Row { table: self.table, dialect: &self.dialect, fields: record.fields };
        let names = row.names();

        if let Some(day) = day
            && !names.sku.is_empty()
        {
            let texts = &mut self.orders.rows.texts;
            let pair = (texts.number(&names.sku), texts.number(&names.location));
            let item = self.orders.rows.items.number(pair);
            self.orders.note_aside(item, day, flaw.code);
        }

        self.sum_aside(record, flaw.code);
        self.orders.rejects.push(self.tally.reject(record.row, flaw, names));
    }

    /// Reads a row into the columns.
    fn take(&mut self, record: &Record<'_>, day: Day) -> Result<(), Flaw> {
        let fields = record.fields;
        let decimal = self.dialect.decimal;
        let sku = as_text(fields[at::SKU], "sku")?.ok_or_else(|| empty("sku"))?;
        let quantity = as_fixed(fields[at::QUANTITY], "quantity", decimal)?
            .ok_or_else(|| empty("quantity"))?;

        // A price that cannot be read does not unmake the demand.
        let price = as_fixed(fields[at::UNIT_PRICE], "unit_price", decimal);
        let (price, no_price) = price.map_or_else(|flaw| (None, Some(flaw)), |it| (it, None));
        if let Some(price) = price.filter(|price| *price < Fixed::ZERO) {
            return Err(Flaw::new(
                Code::NumberOutOfRange,
                format!("`unit_price` = {price} is negative"),
            ));
        }

        let location = as_text(fields[at::LOCATION], "location")?;
        let location = location
            .as_deref()
            .or(self.dialect.location.as_deref())
            .ok_or_else(|| empty("location"))?;

        let texts = &mut self.orders.rows.texts;
        let sku = cased(&sku, self.dialect.sku_case);
        let pair = (self.skus.number(texts, &sku), self.locations.number(texts, location));
        let order_id = self.text(fields[at::ORDER_ID], "order_id")?;
        let line = self.text(fields[at::LINE], "line")?;
        let customer = self.text(fields[at::CUSTOMER], "customer")?;
        let status = as_text(fields[at::STATUS], "status")?;

        match as_choice(fields[at::FULFILMENT], "fulfilment", FULFILMENTS)? {
            _ if status.as_deref().is_some_and(|status| self.statuses.is_cancelled(status)) => {
                let status = status.unwrap_or_default();
                return Err(Flaw::new(Code::CancelledStatus, format!("`status` is {status}")));
            }
            Some(Fulfilment::DropShip) => {
                return Err(Flaw::new(Code::DropShip, "`fulfilment` is drop_ship"));
            }
            Some(Fulfilment::MakeToOrder) => {
                return Err(Flaw::new(Code::MakeToOrder, "`fulfilment` is make_to_order"));
            }
            Some(Fulfilment::Stock) | None => {}
        }

        let row = u32::try_from(record.row)
            .map_err(|_| Flaw::new(Code::MalformedRow, "a file may hold 4,294,967,295 rows"))?;

        let rows = &mut self.orders.rows;
        let at = rows.item.len();
        rows.item.push(rows.items.number(pair));
        rows.day.push(day);
        rows.quantity.push(quantity.steps());
        rows.row.push(row);
        set(&mut rows.order_id, at, order_id, NONE);
        set(&mut rows.line, at, line, NONE);
        set(&mut rows.customer, at, customer, NONE);
        set(&mut rows.unit_price, at, price.map_or(NO_PRICE, |price| price.steps()), NO_PRICE);

        if let Some(flaw) = no_price {
            self.tally.note_left_out(record.row, flaw.clone());
            self.first_unpriced.get_or_insert((record.row, flaw));
        }
        Ok(())
    }
}

fn empty(name: &str) -> Flaw {
    Flaw::new(Code::MissingValue, format!("`{name}` is empty"))
}

/// Writes an entry of an optional column, which stays empty until a row has a value.
pub(crate) fn set<T: Copy + PartialEq>(column: &mut Vec<T>, at: usize, value: T, none: T) {
    if value != none {
        column.resize(at, none);
        column.push(value);
    }
}

/// Reads all order files.
pub(crate) fn read(
    source: &InputSource,
    settings: &Settings,
    as_of: AsOf,
    progress: &dyn Progress,
) -> Result<ReadOrders> {
    let table =
        contract::table("orders").ok_or_else(|| Error::internal("there is no table of orders"))?;
    let wanted = Wanted::new(table, &source.input)?;
    let dialect = Dialect::new(table, &source.input, settings.demand.sku_case)?;
    let mut exclusions = Exclusions::new(table, &source.input);
    let mut statuses = Statuses::new(&settings.demand.cancelled_statuses);
    let copies::WithoutCopies { files, copies, findings } = copies::apart(files::expand(source)?)?;

    let mut orders = ReadOrders { covers: source.input.rows, findings, ..ReadOrders::default() };
    let mut has_column = true;

    let readers = records::fitting(&files, &source.input, &wanted, &dialect.dates)?;
    for (file, (dates, in_doubt)) in files.iter().zip(readers) {
        orders.rows.file_starts.push(orders.rows.item.len());
        let mut reader = OrderReader {
            table,
            dialect: Dialect { dates, ..dialect.clone() },
            exclusions,
            statuses,
            as_of,
            covers: source.input.rows,
            tally: FileTally::new(file),
            first_unpriced: None,
            orders,
            skus: Recurring::default(),
            locations: Recurring::default(),
            known: Known::default(),
        };

        let facts = records::read(file, &source.input, &wanted, &mut reader, progress)?;

        let (mut tally, unpriced) = (reader.tally, reader.first_unpriced);
        orders = reader.orders;
        (exclusions, statuses) = (reader.exclusions, reader.statuses);
        tally.hash = facts.hash;
        orders.findings.extend(unpriced.map(|(row, flaw)| {
            let rows = counted(grouped(tally.left_out), "row");
            let message = format!("{}; {rows} of the file are used without a price", flaw.message);
            tally.finding(row, Code::UnreadableField, message)
        }));
        let notes = facts.notes.into_iter().chain(in_doubt);
        orders.findings.extend(notes.map(|note| tally.noted(note)));
        has_column &= facts.found.get(at::LOCATION).copied().unwrap_or(false);
        orders.tallies.push(tally);
    }

    tally::check(&orders.tallies, settings.run.max_bad_rows)?;
    orders.findings.extend(exclusions.idle(table).into_iter().chain(statuses.findings()));

    if orders.tallies.iter().all(|tally| tally.rows == 0) {
        let names: Vec<&str> = files.iter().map(|file| file.name.as_ref()).collect();
        return Err(Error::data(format!("orders: {} has a header and no rows", names.join(", ")))
            .hint("without order history there is nothing to forecast"));
    }

    orders.tallies.extend(copies);
    orders.located =
        Some(Located { table: "orders", has_column, is_stated: source.input.location.is_some() });

    Ok(orders)
}
