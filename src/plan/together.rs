//! Items that one item's order is written with: what an order takes on to reach a minimum value, to
//! fill a container or to save an order cost depends on all of them.

use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::{Supplier, Tables, Text};

use super::facts::{by_key, item, rows};
use super::offers::offers;

/// The places in `keys` of the items that may share an order with one of them, itself included;
/// that one alone where no supplier of it has terms for whole orders.
#[must_use]
pub fn ordered_together(tables: &Tables, keys: &[Key], at: usize) -> Vec<usize> {
    let own: Vec<Text> =
        suppliers(tables, &keys[at]).filter_map(|(name, joint)| joint.then_some(name)).collect();
    let shares = |other: &usize| {
        *other == at
            || keys[*other].location == keys[at].location
                && suppliers(tables, &keys[*other]).any(|(name, _)| own.contains(&name))
    };
    if own.is_empty() { vec![at] } else { (0..keys.len()).filter(shares).collect() }
}

/// Who could deliver an item, and whether each has terms for whole orders.
fn suppliers<'a>(tables: &'a Tables, key: &Key) -> impl Iterator<Item = (Text, bool)> + use<'a> {
    let place = by_key(rows(&tables.item_locations), key, |row| &row.key);
    let all = offers(item(tables, &key.sku), place, tables, &key.sku).into_iter();
    all.map(|offer| (offer.supplier, offer.row.is_some_and(has_joint_terms)))
}

fn has_joint_terms(row: &Supplier) -> bool {
    let above_zero = |money: Option<Fixed>| money.is_some_and(|money| money > Fixed::ZERO);
    above_zero(row.min_order_value)
        || above_zero(row.order_cost)
        || row.container_weight_kg.or(row.container_volume_m3).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tables::Item;

    #[test]
    fn only_items_of_a_supplier_with_terms_for_whole_orders_go_together() {
        let item = |sku: &str, supplier: &str| Item {
            sku: sku.into(),
            supplier: Some(supplier.into()),
            ..Item::default()
        };
        let row = |supplier: &str, least: i64| Supplier {
            supplier: supplier.into(),
            min_order_value: Some(Fixed::from_units(least)),
            ..Supplier::default()
        };
        let tables = Tables {
            items: Some(vec![item("a", "x"), item("b", "x"), item("c", "y"), item("d", "y")]),
            suppliers: Some(vec![row("x", 100), row("y", 0)]),
            ..Tables::default()
        };
        let keys: Vec<Key> = [("a", "m"), ("b", "m"), ("b", "n"), ("c", "m"), ("d", "m")]
            .map(|(s, l)| Key::new(s, l))
            .into();
        assert_eq!(
            ordered_together(&tables, &keys, 0),
            [0, 1],
            "b at another place has an order of its own"
        );
        assert_eq!(ordered_together(&tables, &keys, 2), [2]);
        assert_eq!(ordered_together(&tables, &keys, 3), [3], "y takes any order");
    }
}
