//! Suppliers, locations and items under the names that other systems have for them.
//!
//! An order that was handed over comes back as the purchasing system writes it: by the supplier's
//! name where we have a code, by the warehouse that a hand-over profile maps a location to. In open
//! orders and receipts a word that is no code of ours and is what exactly one is called elsewhere,
//! by the tables or by a profile's map, is that code.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Settings;
use crate::config::placeholders::Placeholder;
use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::domain::tables::{Tables, Text};

/// Words for codes; `None` for a word that several have.
#[derive(Default)]
struct Aliases {
    known: BTreeSet<Text>,
    codes: BTreeMap<String, Option<Text>>,
}

impl Aliases {
    /// Says what a code is called, too.
    fn call(&mut self, code: &Text, alias: &str) {
        let entry = self.codes.entry(alias.trim().to_owned());
        let known = entry.or_insert_with(|| Some(code.clone()));
        if known.as_ref() != Some(code) {
            *known = None;
        }
    }

    /// What hand-over profiles write for codes.
    fn call_by_profiles(&mut self, settings: &Settings, placeholder: Placeholder) {
        let maps = settings.handover.iter().filter_map(|profile| profile.map.get(&placeholder));
        for (code, alias) in maps.flatten() {
            self.call(&code.as_str().into(), alias);
        }
    }

    fn code(&self, word: &Text) -> Option<&Text> {
        if self.known.contains(word) {
            return None;
        }
        self.codes.get(word.trim())?.as_ref()
    }
}

/// Puts our codes into open orders and receipts.
pub(super) fn recognise(settings: &Settings, tables: &mut Tables) {
    let suppliers = suppliers(settings, tables);
    let locations = locations(settings, tables);
    let mut skus = Aliases {
        known: rows(&tables.items).iter().map(|row| row.sku.clone()).collect(),
        codes: BTreeMap::new(),
    };
    skus.call_by_profiles(settings, Placeholder::Sku);

    let open = tables.purchase_orders.iter_mut().flatten();
    let open = open.map(|row| (&mut row.supplier, &mut row.key));
    let received = tables.receipts.iter_mut().flatten();
    let received = received.map(|row| (&mut row.supplier, &mut row.key));
    for (supplier, key) in open.chain(received) {
        if let Some(code) = suppliers.code(supplier) {
            *supplier = code.clone();
        }
        let (sku, location) = (skus.code(&key.sku), locations.code(&key.location));
        if sku.is_some() || location.is_some() {
            *key = Key {
                sku: sku.unwrap_or(&key.sku).clone(),
                location: location.unwrap_or(&key.location).clone(),
            };
        }
    }
}

fn suppliers(settings: &Settings, tables: &Tables) -> Aliases {
    let mut suppliers = Aliases::default();
    let of_items = rows(&tables.items).iter().filter_map(|row| row.supplier.as_ref());
    let of_offers = rows(&tables.item_suppliers).iter().map(|row| &row.supplier);
    let of_places = rows(&tables.item_locations).iter().filter_map(|row| row.supplier.as_ref());
    suppliers.known.extend(of_items.chain(of_offers).chain(of_places).cloned());
    for row in rows(&tables.suppliers) {
        suppliers.known.insert(row.supplier.clone());
        if let Some(name) = &row.name {
            suppliers.call(&row.supplier, name);
        }
    }
    suppliers.call_by_profiles(settings, Placeholder::Supplier);
    // What a name is called, its code is called.
    let maps = settings.handover.iter();
    let maps = maps.filter_map(|profile| profile.map.get(&Placeholder::SupplierName));
    for (name, alias) in maps.flatten() {
        let code = rows(&tables.suppliers).iter().find(|row| row.name.as_deref() == Some(name));
        if let Some(row) = code {
            suppliers.call(&row.supplier, alias);
        }
    }
    suppliers
}

fn locations(settings: &Settings, tables: &Tables) -> Aliases {
    let mut locations = Aliases::default();
    let of_stock = rows(&tables.stock).iter().map(|row| &row.key.location);
    let of_items = rows(&tables.item_locations).iter().map(|row| &row.key.location);
    locations.known.extend(of_stock.chain(of_items).cloned());
    for row in rows(&tables.locations) {
        locations.known.insert(row.location.clone());
        if let Some(name) = &row.name {
            locations.call(&row.location, name);
        }
    }
    locations.call_by_profiles(settings, Placeholder::Location);
    locations
}
