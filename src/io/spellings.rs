//! Keys that differ only by upper and lower case, or as a spreadsheet changes them: each counts by
//! itself, and two suppliers would get an order each.

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

    /// A finding about keys that are one number, written with zeros in front or with decimals.
    fn same_numbers(&self) -> Option<Finding> {
        let mut by_number: BTreeMap<&str, Vec<(&str, &'static str)>> = BTreeMap::new();
        for (key, table) in &self.tables {
            if let Some(number) = as_spreadsheet(key) {
                by_number.entry(number).or_default().push((key, table));
            }
        }

        let mut same = by_number.values().filter(|keys| keys.len() > 1);
        let first = same.next()?;
        let more = match same.count() {
            0 => String::new(),
            more => format!("; so are {more} more"),
        };
        let message =
            format!("the {} {} are one number for a spreadsheet{more}", self.kind, written(first));
        Some(Finding::of_table(Code::LikelySameKey, first[0].1, message))
    }

    /// A finding for each key that is written in several ways.
    fn findings(self) -> Vec<Finding> {
        let mut by_letters: BTreeMap<String, Vec<(&str, &'static str)>> = BTreeMap::new();
        for (key, table) in self.tables {
            by_letters.entry(key.to_lowercase()).or_default().push((key, table));
        }

        let finding = |keys: Vec<(&str, &'static str)>| {
            let message = format!("the {} {} differ only by case", self.kind, written(&keys));
            Finding::of_table(Code::DiffersByCase, keys[0].1, message)
        };
        by_letters.into_values().filter(|keys| keys.len() > 1).map(finding).collect()
    }
}

/// Keys, each with the table that it stands in.
fn written(keys: &[(&str, &'static str)]) -> String {
    let written: Vec<String> = keys.iter().map(|(key, table)| format!("{key} ({table})")).collect();
    written.join(" and ")
}

/// What a spreadsheet makes of a key that it takes for a number: no zeros in front, no decimals of
/// zero. `None` for any other key.
fn as_spreadsheet(key: &str) -> Option<&str> {
    let whole = key.split_once('.').map_or(Some(key), |(whole, decimals)| {
        let is_zero = !decimals.is_empty() && decimals.bytes().all(|byte| byte == b'0');
        is_zero.then_some(whole)
    })?;
    let is_number = !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| whole.trim_start_matches('0'))
}

/// SKUs that may be one, and SKUs, suppliers and locations that differ only by upper and lower
/// case, over all tables.
pub(crate) fn differ_in_writing(demand: &CleanDemand, tables: &Tables) -> Vec<Finding> {
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

    let same_numbers = skus.same_numbers();
    let by_case = [skus, suppliers, locations].into_iter().flat_map(Spellings::findings);
    by_case.chain(same_numbers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_a_spreadsheet_takes_for_a_number_is_seen_as_it_writes_it() {
        for (key, number) in [
            ("00017", Some("17")),
            ("17", Some("17")),
            ("17.0", Some("17")),
            ("17.00", Some("17")),
            ("17.5", None),
            ("17.", None),
            ("A17", None),
            ("", None),
            ("00", Some("")),
        ] {
            assert_eq!(as_spreadsheet(key), number, "{key:?}");
        }
    }
}
