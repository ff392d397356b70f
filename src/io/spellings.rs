//! Keys that differ only by upper and lower case: each counts by itself, and two suppliers would
//! get an order each.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::finding::{Code, Finding};
use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::domain::tables::{CleanDemand, Tables};

/// Every spelling of the keys of one kind, each with the table that comes first with it.
struct Spellings<'a> {
    /// What the keys name, in the plural.
    kind: &'static str,
    tables: BTreeMap<&'a str, &'static str>,
}

impl<'a> Spellings<'a> {
    fn of(kind: &'static str) -> Self {
        Self { kind, tables: BTreeMap::new() }
    }

    fn add(&mut self, table: &'static str, keys: impl IntoIterator<Item = &'a str>) {
        for key in keys {
            self.tables.entry(key).or_insert(table);
        }
    }

    /// A finding for each key that is written in several ways.
    fn findings(self) -> Vec<Finding> {
        let mut by_letters: BTreeMap<String, Vec<(&str, &'static str)>> = BTreeMap::new();
        for (key, table) in self.tables {
            by_letters.entry(key.to_lowercase()).or_default().push((key, table));
        }

        let finding = |keys: Vec<(&str, &'static str)>| {
            let written: Vec<String> =
                keys.iter().map(|(key, table)| format!("{key} ({table})")).collect();
            let message =
                format!("the {} {} differ only by case", self.kind, written.join(" and "));
            Finding::of_table(Code::DiffersByCase, keys[0].1, message)
        };
        by_letters.into_values().filter(|keys| keys.len() > 1).map(finding).collect()
    }
}

/// SKUs, suppliers and locations that differ only by upper and lower case, over all tables.
pub(crate) fn differ_by_case(demand: &CleanDemand, tables: &Tables) -> Vec<Finding> {
    let mut skus = Spellings::of("SKUs");
    let mut suppliers = Spellings::of("suppliers");
    let mut locations = Spellings::of("locations");

    let quarantined = demand.quarantined.iter().map(|(key, _)| key);
    let keys: [(&'static str, BTreeSet<&Key>); 6] = [
        ("orders", demand.keys.iter().chain(quarantined).collect()),
        ("item_locations", rows(&tables.item_locations).iter().map(|row| &row.key).collect()),
        ("stock", rows(&tables.stock).iter().map(|row| &row.key).collect()),
        ("purchase_orders", rows(&tables.purchase_orders).iter().map(|row| &row.key).collect()),
        ("receipts", rows(&tables.receipts).iter().map(|row| &row.key).collect()),
        ("backorders", rows(&tables.backorders).iter().map(|row| &row.key).collect()),
    ];
    for (table, keys) in &keys {
        skus.add(table, keys.iter().map(|key| &*key.sku));
        locations.add(table, keys.iter().map(|key| &*key.location));
    }
    skus.add("items", rows(&tables.items).iter().map(|row| &*row.sku));
    let bundles = rows(&tables.components).iter();
    skus.add("components", bundles.flat_map(|row| [&*row.sku, &*row.component]));
    locations.add("locations", rows(&tables.locations).iter().map(|row| &*row.location));

    suppliers.add("suppliers", rows(&tables.suppliers).iter().map(|row| &*row.supplier));
    suppliers.add("items", rows(&tables.items).iter().filter_map(|row| row.supplier.as_deref()));
    suppliers.add("item_suppliers", rows(&tables.item_suppliers).iter().map(|row| &*row.supplier));
    let at_location = rows(&tables.item_locations).iter();
    suppliers.add("item_locations", at_location.filter_map(|row| row.supplier.as_deref()));
    let open = rows(&tables.purchase_orders).iter();
    suppliers.add("purchase_orders", open.map(|row| &*row.supplier));
    suppliers.add("receipts", rows(&tables.receipts).iter().map(|row| &*row.supplier));
    suppliers.add("closures", rows(&tables.closures).iter().map(|row| &*row.supplier));
    suppliers.add("price_breaks", rows(&tables.price_breaks).iter().map(|row| &*row.supplier));

    [skus, suppliers, locations].into_iter().flat_map(Spellings::findings).collect()
}
