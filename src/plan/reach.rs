//! Which items have to be planned together, so that the plan of a few is that of the whole night.

use std::collections::BTreeMap;

use crate::config::Settings;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::{Supplier, Tables, Text};

use super::item::offers::offers;

/// The chosen items and all that their plan may depend on, as positions in `keys`, ascending.
///
/// A sku's locations move stock between each other; items of a supplier with terms for whole orders
/// fill each other's orders; and under a budget every line competes with every other.
#[must_use]
pub fn planned_together(
    settings: &Settings,
    tables: &Tables,
    keys: &[Key],
    chosen: &[usize],
) -> Vec<usize> {
    if settings.purchasing.has_budget() {
        return (0..keys.len()).collect();
    }
    let ties = ties(tables, keys);
    let mut members: BTreeMap<&Tie, Vec<usize>> = BTreeMap::new();
    for (at, ties) in ties.iter().enumerate() {
        ties.iter().for_each(|tie| members.entry(tie).or_default().push(at));
    }

    let mut is_reached = vec![false; keys.len()];
    let mut open: Vec<usize> = chosen.iter().copied().filter(|at| *at < keys.len()).collect();
    while let Some(at) = open.pop() {
        if std::mem::replace(&mut is_reached[at], true) {
            continue;
        }
        // A tie's members are reached once: after that it has none left.
        open.extend(ties[at].iter().filter_map(|tie| members.remove(tie)).flatten());
    }

    (0..keys.len()).filter(|at| is_reached[*at]).collect()
}

/// What ties items together.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tie {
    /// One sku at several locations.
    Sku(Text),
    /// One order of a supplier with terms for whole orders.
    Order { supplier: Text, location: Text },
}

/// The ties of each item; none where nothing crosses it.
fn ties(tables: &Tables, keys: &[Key]) -> Vec<Vec<Tie>> {
    let of = |key: &Key| {
        let joint = offers(tables, key).into_iter().filter(|offer| offer.row.is_some_and(is_joint));
        let mut ties: Vec<Tie> = joint
            .map(|offer| Tie::Order { supplier: offer.supplier, location: key.location.clone() })
            .collect();
        if tables.locations.is_some() {
            ties.push(Tie::Sku(key.sku.clone()));
        }
        ties
    };

    keys.iter().map(of).collect()
}

/// Whether a supplier has terms for whole orders.
fn is_joint(row: &Supplier) -> bool {
    let is_positive = |money: Option<Fixed>| money.is_some_and(|money| money > Fixed::ZERO);
    is_positive(row.min_order_value)
        || is_positive(row.order_cost)
        || row.container_weight_kg.or(row.container_volume_m3).is_some()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::source::{Overlay, parse};
    use crate::domain::tables::{Item, Location};

    fn tables() -> Tables {
        let item = |sku: &str, supplier: &str| Item {
            sku: sku.into(),
            supplier: Some(supplier.into()),
            ..Item::default()
        };
        let supplier = |name: &str, min_value: i64| Supplier {
            supplier: name.into(),
            min_order_value: Some(Fixed::from_units(min_value)),
            ..Supplier::default()
        };
        Tables {
            items: Some(vec![item("a", "x"), item("b", "x"), item("c", "y"), item("d", "y")]),
            suppliers: Some(vec![supplier("x", 100), supplier("y", 0)]),
            ..Tables::default()
        }
    }

    fn together(text: &str, tables: &Tables, chosen: usize) -> Vec<usize> {
        let raw = parse(text, "restock.toml", &Overlay::default()).expect("a configuration");
        let settings = Settings::resolve(raw, Path::new("/")).expect("valid settings");
        let keys = [("a", "m"), ("b", "m"), ("b", "n"), ("c", "m"), ("d", "m")];
        let keys = keys.map(|(sku, location)| Key::new(sku, location));

        planned_together(&settings, tables, &keys, &[chosen])
    }

    #[test]
    fn only_items_of_a_supplier_with_terms_for_whole_orders_go_together() {
        let tables = tables();
        assert_eq!(together("", &tables, 0), [0, 1], "b at n has an order of its own");
        assert_eq!(together("", &tables, 2), [2]);
        assert_eq!(together("", &tables, 3), [3], "y takes any order");
    }

    #[test]
    fn locations_that_exchange_stock_go_together_and_so_do_all_items_under_a_budget() {
        let location =
            Location { location: "m".into(), name: None, supplied_by: None, lead_time_days: None };
        let tables = Tables { locations: Some(vec![location]), ..tables() };
        assert_eq!(together("", &tables, 0), [0, 1, 2], "b at n may give to b at m, which joins a");
        assert_eq!(together("[purchasing]\nbudget = 10", &tables, 3), [0, 1, 2, 3, 4]);
    }
}
