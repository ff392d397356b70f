//! How rows of the tables are found: by sku, by item and location, by supplier.

use std::collections::BTreeMap;

use super::fixed::Fixed;
use super::key::Key;
use super::policy::UnmetDemand;
use super::tables::{
    BackorderPolicy, Customer, Item, ItemLocation, ItemSupplier, Location, Stock, Supplier, Tables,
};

/// The rows of a table; an empty slice where the table is not given.
pub fn rows<T>(table: &Option<Vec<T>>) -> &[T] {
    table.as_deref().unwrap_or(&[])
}

/// What happens to an item's demand that cannot be served: what is set for all, unless the item
/// lets no customer wait.
#[must_use]
pub fn unmet_demand(of_all: UnmetDemand, item: Option<&Item>) -> UnmetDemand {
    let is_denied = item.is_some_and(|item| item.backorder_policy == Some(BackorderPolicy::Deny));
    if is_denied { UnmetDemand::Lost } else { of_all }
}

impl Tables {
    /// Puts the open orders into their order: by number, line, item and day.
    pub fn sort_open_orders(&mut self) {
        let rows = self.purchase_orders.iter_mut();
        rows.for_each(|rows| {
            rows.sort_by(|a, b| {
                let name = (&a.po_number, &a.line, &a.key, a.expected_on);
                name.cmp(&(&b.po_number, &b.line, &b.key, b.expected_on))
            });
        });
    }

    /// The longest lead time and the longest review period that any table states, together, in
    /// days.
    #[must_use]
    pub fn longest_reach_days(&self) -> f64 {
        let items = rows(&self.items).iter().map(|row| row.lead_time_days.get());
        let offers = rows(&self.item_suppliers).iter().map(|row| row.lead_time_days);
        let suppliers = rows(&self.suppliers).iter();
        let lead_times = items.chain(offers).chain(suppliers.clone().map(|row| row.lead_time_days));
        let reviews = suppliers.filter_map(|row| row.review_period_days);

        lead_times.flatten().fold(0.0, f64::max) + f64::from(reviews.max().unwrap_or(0))
    }

    /// Units that customers wait for by the `backorders` table, by item; `None` where it is not
    /// given.
    #[must_use]
    pub fn backorders_by_item(&self) -> Option<BTreeMap<&Key, Fixed>> {
        let lines = self.backorders.as_ref()?;
        let mut sums: BTreeMap<&Key, Fixed> = BTreeMap::new();
        for line in lines {
            *sums.entry(&line.key).or_default() += line.quantity;
        }

        Some(sums)
    }

    /// The row of `items` of a sku.
    #[must_use]
    pub fn item(&self, sku: &str) -> Option<&Item> {
        let items = rows(&self.items);
        items.binary_search_by(|row| (*row.sku).cmp(sku)).ok().map(|at| &items[at])
    }

    /// The rows of `item_suppliers` of a sku.
    #[must_use]
    pub fn item_suppliers_of(&self, sku: &str) -> &[ItemSupplier] {
        let rows = rows(&self.item_suppliers);
        let from = rows.partition_point(|row| &*row.sku < sku);
        let to = rows.partition_point(|row| &*row.sku <= sku);

        &rows[from..to]
    }

    /// The row of `item_locations` of an item at a location.
    #[must_use]
    pub fn item_location(&self, key: &Key) -> Option<&ItemLocation> {
        by_key(rows(&self.item_locations), key, |row| &row.key)
    }

    /// The row of `stock` of an item at a location.
    #[must_use]
    pub fn stock_of(&self, key: &Key) -> Option<&Stock> {
        by_key(rows(&self.stock), key, |row| &row.key)
    }

    /// Whether an item at a location has a stock record, readable or not.
    #[must_use]
    pub fn has_stock_record(&self, key: &Key) -> bool {
        self.stock_of(key).is_some() || self.unreadable_stock.contains(key)
    }

    /// The row of `suppliers` of a supplier.
    #[must_use]
    pub fn supplier(&self, name: &str) -> Option<&Supplier> {
        let suppliers = rows(&self.suppliers);
        suppliers.binary_search_by(|row| (*row.supplier).cmp(name)).ok().map(|at| &suppliers[at])
    }

    /// The row of `customers` of a customer.
    #[must_use]
    pub fn customer(&self, name: &str) -> Option<&Customer> {
        let customers = rows(&self.customers);
        customers.binary_search_by(|row| (*row.customer).cmp(name)).ok().map(|at| &customers[at])
    }

    /// The row of `locations` of a location.
    #[must_use]
    pub fn location(&self, name: &str) -> Option<&Location> {
        rows(&self.locations).iter().find(|row| &*row.location == name)
    }
}

/// The row of a key in a table sorted by key.
fn by_key<'a, T>(rows: &'a [T], key: &Key, key_of: impl Fn(&T) -> &Key) -> Option<&'a T> {
    rows.binary_search_by(|row| key_of(row).cmp(key)).ok().map(|at| &rows[at])
}
