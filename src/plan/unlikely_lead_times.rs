//! Receipts and open orders whose dates are so far from all others that they say nothing of lead
//! times: a year mistyped, or the date that stands for none.

use std::collections::BTreeMap;

use crate::domain::calendar::{Day, date_of};
use crate::domain::finding::{Code, Finding};
use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::domain::tables::{OpenOrder, Receipt, Tables};

/// Fewer days are never doubted. Judgement: a year that is mistyped adds at least 365, and an order
/// that was forgotten for months is a late one.
const MIN_DAYS: Day = 365;
/// So many times what is usual is doubted. Judgement: one delivery in hundreds takes that long, and
/// a supplier of whom it is usual has others like it, or a stated lead time.
const TIMES_USUAL: f64 = 5.0;
/// More days are doubted whatever is usual: no table may state such a lead time either.
const MAX_DAYS: Day = 3_650;

/// What lead times are compared with.
pub struct UsualLeadTimes<'a> {
    tables: &'a Tables,
    as_of: Day,
    /// Of suppliers with two receipts and more, days.
    by_supplier: BTreeMap<&'a str, Day>,
    /// Of all receipts, days.
    of_all: Option<Day>,
}

impl<'a> UsualLeadTimes<'a> {
    /// By the receipts known before `as_of`. What is usual is their lower quartile: of two, the
    /// shorter, so that even there one wrong date stands out.
    #[must_use]
    pub fn of(tables: &'a Tables, as_of: Day) -> Self {
        let mut by_supplier: BTreeMap<&str, Vec<Day>> = BTreeMap::new();
        let known = |row: &&Receipt| !row.expedited && row.received_on < as_of;
        for row in rows(&tables.receipts).iter().filter(known) {
            by_supplier.entry(&row.supplier).or_default().push(days_of(row));
        }

        let all: Vec<Day> = by_supplier.values().flatten().copied().collect();
        let by_supplier = by_supplier.into_iter().filter(|(_, days)| days.len() > 1);
        Self {
            tables,
            as_of,
            by_supplier: by_supplier
                .filter_map(|(supplier, days)| Some((supplier, lower_quartile(days)?)))
                .collect(),
            of_all: lower_quartile(all),
        }
    }

    /// What is usual for an item of a supplier, or stated where that is more, days.
    fn usual(&self, supplier: &str, key: &Key) -> Option<f64> {
        let row = self.tables.supplier(supplier).and_then(|row| row.lead_time_days);
        let item = self.tables.item(&key.sku).and_then(|item| item.lead_time_days.get());
        let offers = self.tables.item_suppliers_of(&key.sku).iter();
        let offers = offers.filter(|offer| &*offer.supplier == supplier);
        let stated = offers.filter_map(|offer| offer.lead_time_days).chain(row).chain(item);

        let seen = self.by_supplier.get(supplier).copied().or(self.of_all).map(f64::from);
        stated.chain(seen).reduce(f64::max)
    }

    /// Whether so many days are beyond belief.
    fn is_unlikely(&self, days: Day, supplier: &str, key: &Key) -> bool {
        let usual = || self.usual(supplier, key);
        let far_beyond = || usual().is_some_and(|usual| f64::from(days) > TIMES_USUAL * usual);
        days > MAX_DAYS || (days >= MIN_DAYS && far_beyond())
    }

    /// Whether a receipt may be believed.
    #[must_use]
    pub fn believes(&self, receipt: &Receipt) -> bool {
        !self.is_unlikely(days_of(receipt), &receipt.supplier, &receipt.key)
    }

    /// Whether the age of an open order may be believed.
    #[must_use]
    pub fn believes_open(&self, order: &OpenOrder) -> bool {
        let age = |ordered_on| self.as_of.saturating_sub(ordered_on);
        order
            .ordered_on
            .is_none_or(|from| !self.is_unlikely(age(from), &order.supplier, &order.key))
    }

    /// The rows that are not believed; one finding each. An order that is not due yet, such as a
    /// call-off, is left alone.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let unlikely = |key, table, days, (supplier, number): (&str, &str), from| {
            let usual = match self.usual(supplier, key) {
                Some(usual) => format!("where {usual:.0} is usual"),
                None => "longer than any lead time that can be stated".to_owned(),
            };
            let message = format!(
                "{number} of {supplier} is dated {}, {days} days before {}, {usual}; it says \
                 nothing of lead times",
                date_of(from),
                if table == "receipts" { "it came" } else { "tonight" },
            );
            Finding::about(Code::UnlikelyLeadTime, table, key, message)
        };

        let receipts = rows(&self.tables.receipts).iter().filter(|row| !self.believes(row));
        let receipts = receipts.map(|row| {
            let named = (&*row.supplier, &*row.po_number);
            unlikely(&row.key, "receipts", days_of(row), named, row.ordered_on)
        });
        let age = |from: Day| self.as_of.saturating_sub(from);
        let is_due = |row: &OpenOrder, from: Day| {
            let is_due = row.expected_on.is_none_or(|expected| expected < self.as_of);
            is_due || age(from) > MAX_DAYS
        };
        let open = rows(&self.tables.purchase_orders).iter();
        let open = open.filter(|row| !self.believes_open(row)).filter_map(|row| {
            let named = (&*row.supplier, &*row.po_number);
            let from = row.ordered_on.filter(|from| is_due(row, *from))?;
            Some(unlikely(&row.key, "purchase_orders", age(from), named, from))
        });

        receipts.chain(open).collect()
    }
}

fn days_of(receipt: &Receipt) -> Day {
    receipt.received_on.saturating_sub(receipt.ordered_on)
}

fn lower_quartile(mut days: Vec<Day>) -> Option<Day> {
    days.sort_unstable();
    days.get(days.len().saturating_sub(1) / 4).copied()
}
