//! The inputs read once, and shown as each night of the past knew them.

use std::collections::BTreeSet;

use super::clean::BundleNight;
use super::orders::{NO_PRICE, NONE, OrderRows, ReadOrders, set};
use super::periods::days_covered;
use super::{AsOf, Loaded, Progress, SetAside, clean, input_file, orders, tables};
use crate::config::Settings;
use crate::domain::bundles::Bundles;
use crate::domain::calendar::Day;
use crate::domain::lookups::rows;
use crate::domain::stock_coverage::StockCoverage;
use crate::domain::tables::{Item, ItemStatus, Tables, Text};
use crate::error::{Error, Result};

/// Everything that was read, with no row rule applied yet: which rows count depends on the night
/// that asks.
#[derive(Debug)]
pub struct Past {
    orders: ReadOrders,
    tables: Tables,
    bundles: Bundles,
    inputs: Vec<super::InputFile>,
}

impl Past {
    /// Reads every input up to `as_of`.
    ///
    /// # Errors
    /// A file that cannot be used, or a configuration that does not fit the files.
    pub fn read(settings: &Settings, as_of: AsOf, progress: &dyn Progress) -> Result<Self> {
        let Some(source) = settings.input("orders") else {
            return Err(Error::config("no `orders` input is given")
                .hint("name the file: [inputs.orders] path = \"data/orders.csv\""));
        };

        let orders = orders::read(source, settings, as_of, progress)?;
        clean::check_lines(&orders, settings.run.max_bad_rows)?;

        let mut books = tables::Books::default();
        books.located.extend(orders.located);
        let mut errors = Vec::new();
        let tables = tables::read_all(settings, &mut books, &mut errors, progress);
        errors.extend(tables::check_locations(&books.located).err());

        if let Some(error) = errors.into_iter().next() {
            return Err(error);
        }

        let inputs = orders.tallies.iter().chain(&books.tallies).map(input_file).collect();
        let bundles = Bundles::new(rows(&tables.components));
        Ok(Self { orders, tables, bundles, inputs })
    }

    /// The earliest date of an order row that counts, and the last day that any row covers.
    #[must_use]
    pub fn days(&self) -> Option<(Day, Day)> {
        let rows = &self.orders.rows;
        let first = match clean::beginning(rows) {
            Some(beginning) => beginning.first,
            None => rows.day.iter().min().copied()?,
        };
        Some((first, self.orders.newest?))
    }

    /// Every table but the orders, as read.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Everything but the orders' own rows, for changes to the shop that is replayed.
    pub fn tables_mut(&mut self) -> &mut Tables {
        &mut self.tables
    }

    /// What the night of `day` knew: rows dated before it, with the row rules applied to these
    /// alone.
    ///
    /// Stock, open orders and waiting customers are left out, since they depend on the policy; so
    /// are overrides, which do not say when they were entered. An item's end, its launch and what
    /// it replaces count from their day on. Closures, events, prices and promotions are planned
    /// ahead and stay whole.
    ///
    /// # Errors
    /// When the orders cannot be summed.
    pub fn at(&mut self, settings: &Settings, day: Day) -> Result<Loaded> {
        let mut cut = ReadOrders {
            rows: self.rows_before(day),
            covers: self.orders.covers,
            ..ReadOrders::default()
        };

        let newest = cut
            .rows
            .day
            .iter()
            .map(|day| day + Day::from(days_covered(cut.covers, *day)) - 1)
            .max();

        let mut findings = Vec::new();
        // Whether numbers name lines was judged once, by all rows.
        let night = BundleNight { bundles: &self.bundles, as_of: day };
        let demand = clean::clean(&mut cut, &settings.demand, 1.0, night, &mut findings);
        let sold: BTreeSet<Text> =
            demand.iter().flat_map(|demand| &demand.keys).map(|key| key.sku.clone()).collect();

        // The texts were lent to the cut and are taken back: copying all of them for every night
        // would take longer than planning it.
        self.orders.rows.texts = cut.rows.texts;
        self.orders.rows.items = cut.rows.items;

        let mut tables = tables_before(&self.tables, day, &sold);
        tables.bundles = self.bundles.skus_on(day);
        Ok(Loaded {
            as_of: day,
            demand: demand?,
            tables,
            rejects: Vec::new(),
            findings,
            inputs: self.inputs.clone(),
            newest_order: newest,
            rows_ahead: None,
            set_aside: SetAside::default(),
            stock_coverage: StockCoverage::default(),
        })
    }

    fn rows_before(&mut self, day: Day) -> OrderRows {
        let covers = self.orders.covers;
        let texts = std::mem::take(&mut self.orders.rows.texts);
        let items = std::mem::take(&mut self.orders.rows.items);
        let all = &self.orders.rows;
        let mut rows = OrderRows { texts, items, ..OrderRows::default() };

        for at in 0..all.item.len() {
            let file = all.file_of(at);
            while rows.file_starts.len() <= file {
                rows.file_starts.push(rows.item.len());
            }

            let last_day = all.day[at] + Day::from(days_covered(covers, all.day[at])) - 1;
            if last_day >= day {
                continue;
            }

            let next = rows.item.len();
            rows.item.push(all.item[at]);
            rows.day.push(all.day[at]);
            rows.quantity.push(all.quantity[at]);
            rows.row.push(all.row.at(at));
            set(&mut rows.order_id, next, OrderRows::text_at(&all.order_id, at), NONE);
            set(&mut rows.line, next, OrderRows::text_at(&all.line, at), NONE);
            set(&mut rows.customer, next, OrderRows::text_at(&all.customer, at), NONE);
            set(
                &mut rows.unit_price,
                next,
                all.price_at(at).map_or(NO_PRICE, |price| price.steps()),
                NO_PRICE,
            );
        }
        rows
    }
}

/// The tables as they stood before `day`; `sold` are the skus with orders until then.
fn tables_before(all: &Tables, day: Day, sold: &BTreeSet<Text>) -> Tables {
    let mut tables = all.clone();

    if let Some(rows) = &mut tables.receipts {
        rows.retain(|row| row.received_on < day);
    }
    if let Some(rows) = &mut tables.availability {
        rows.retain(|row| row.date + row.days.max(1) <= day);
    }

    items_before(tables.items.as_deref_mut().unwrap_or_default(), day, sold);

    tables.stock = None;
    tables.unreadable_stock.clear();
    tables.purchase_orders = None;
    tables.backorders = None;
    tables.overrides = None;

    tables
}

/// What was sure to be known of items before `day`: the table does not say when a launch, an end or
/// a handover was decided, so each counts once its day has come.
fn items_before(items: &mut [Item], day: Day, sold: &BTreeSet<Text>) {
    let ended: BTreeSet<Text> = items
        .iter()
        .filter(|item| item.end_date.is_some_and(|end| end < day))
        .map(|item| item.sku.clone())
        .collect();

    for item in items {
        // The table holds the status of today, not that of the day.
        item.status =
            if ended.contains(&item.sku) { ItemStatus::Discontinued } else { ItemStatus::Active };
        item.end_date = item.end_date.filter(|end| *end < day);

        let begun = match item.launch_date {
            Some(launch) => launch < day,
            None => {
                sold.contains(&item.sku)
                    || item.replaces.as_ref().is_some_and(|sku| ended.contains(sku))
            }
        };

        item.launch_date = item.launch_date.filter(|launch| *launch < day);
        item.replaces = item.replaces.take().filter(|_| begun);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tables::{Availability, Receipt};
    use crate::domain::{fixed::Fixed, key::Key};

    #[test]
    fn a_night_knows_only_rows_dated_before_it() {
        let key = Key::new("a", "main");
        let available = |date, days| Availability { key: key.clone(), date, days, in_stock: 0.0 };
        let receipt = |ordered_on, received_on| Receipt {
            po_number: "1".into(),
            supplier: "s".into(),
            key: key.clone(),
            quantity: Fixed::ONE,
            ordered_on,
            received_on,
            promised_on: None,
            expedited: false,
            reference: None,
        };
        let all = Tables {
            availability: Some(vec![available(90, 1), available(95, 7), available(100, 1)]),
            receipts: Some(vec![receipt(80, 99), receipt(90, 100)]),
            items: Some(vec![Item {
                status: ItemStatus::Discontinued,
                end_date: Some(120),
                ..Item::default()
            }]),
            ..Tables::default()
        };

        let night = tables_before(&all, 100, &BTreeSet::new());

        assert_eq!(night.availability.map(|rows| rows.len()), Some(1));
        assert_eq!(night.receipts.map(|rows| rows.len()), Some(1));
        assert_eq!(night.items.map(|rows| rows[0].status), Some(ItemStatus::Active));
    }

    #[test]
    fn an_end_a_launch_and_a_handover_are_known_from_their_day_on() {
        let item = |sku: &str| Item { sku: sku.into(), ..Item::default() };
        let items = [
            Item { end_date: Some(99), ..item("ended") },
            Item { end_date: Some(100), ..item("ends") },
            Item { launch_date: Some(99), replaces: Some("x".into()), ..item("launched") },
            Item { launch_date: Some(100), replaces: Some("x".into()), ..item("comes") },
            Item { replaces: Some("x".into()), ..item("sells") },
            Item { replaces: Some("x".into()), ..item("does not sell") },
            Item { replaces: Some("ended".into()), ..item("follows") },
        ];

        let all = Tables { items: Some(items.to_vec()), ..Tables::default() };
        let night = tables_before(&all, 100, &BTreeSet::from(["sells".into()])).items.unwrap();

        assert_eq!(night[0].status, ItemStatus::Discontinued);
        assert_eq!((night[1].status, night[1].end_date), (ItemStatus::Active, None));
        assert_eq!((night[2].launch_date, night[3].launch_date), (Some(99), None));
        let replaces: Vec<bool> = night[2..].iter().map(|item| item.replaces.is_some()).collect();
        assert_eq!(replaces, [true, false, true, false, true]);
    }
}
