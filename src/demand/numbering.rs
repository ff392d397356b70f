//! One night's histories under another night's numbers of categories, suppliers, locations and
//! drivers: what was learnt on one night is known by its own numbers.

use std::collections::BTreeMap;

use super::prepare::Prepared;
use crate::domain::key::Key;
use crate::domain::tables::{Item, Tables};

/// Names behind the numbers of a panel, item by item.
#[derive(Debug)]
struct Names<'a> {
    category: Vec<&'a str>,
    supplier: Vec<&'a str>,
    location: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn of(keys: &'a [Key], tables: &'a Tables) -> Self {
        let items: Vec<Option<&Item>> = keys.iter().map(|key| tables.item(&key.sku)).collect();
        let category = |item: &Option<&'a Item>| item.and_then(|item| item.category.as_deref());
        let supplier = |item: &Option<&'a Item>| item.and_then(|item| item.supplier.as_deref());
        Self {
            category: items.iter().map(|item| category(item).unwrap_or_default()).collect(),
            supplier: items.iter().map(|item| supplier(item).unwrap_or_default()).collect(),
            location: keys.iter().map(|key| &*key.location).collect(),
        }
    }
}

/// The items of one night under the numbers of another; a name that the other does not know has a
/// number that it does not know. Both nights come with the tables that they were prepared from.
#[must_use]
pub fn numbered_as(own: (&Prepared, &Tables), other: (&Prepared, &Tables)) -> Prepared {
    let names = Names::of(&own.0.keys, own.1);
    let other_names = Names::of(&other.0.keys, other.1);
    let (histories, like) = (&own.0.histories, &other.0.histories);
    let location = renumbered(&names.location, (&other_names.location, &like.location));
    let places = histories.location.iter().copied().zip(location.iter().copied()).collect();

    let mut drivers = like.drivers.names().to_vec();
    let more = histories.drivers.names().iter().filter(|name| !like.drivers.names().contains(name));
    drivers.extend(more.cloned());

    let mut out = own.0.clone();
    let items = out.histories.items_mut();
    items.category = renumbered(&names.category, (&other_names.category, &like.category));
    items.supplier = renumbered(&names.supplier, (&other_names.supplier, &like.supplier));
    if !items.drivers.is_empty() {
        items.drivers = items.drivers.renumbered(drivers, &places);
    }
    items.location = location;
    out
}

/// Numbers of names, as others number them.
fn renumbered<'a>(names: &[&'a str], (other_names, numbers): (&[&'a str], &[u32])) -> Vec<u32> {
    let mut known: BTreeMap<&str, u32> =
        other_names.iter().copied().zip(numbers.iter().copied()).collect();
    let mut next = numbers.iter().copied().max().map_or(0, |last| last + 1);
    let mut numbers = Vec::with_capacity(names.len());
    for name in names {
        numbers.push(*known.entry(*name).or_insert(next));
        next = next.max(numbers.last().map_or(0, |number| number + 1));
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_the_numbers_that_others_know_them_by() {
        let others = (&["garden", "tools", "garden"][..], &[0, 1, 0][..]);
        assert_eq!(renumbered(&["art", "tools", "garden", "art"], others), [2, 1, 0, 2]);
        assert_eq!(renumbered(&["art"], (&[], &[])), [0]);
    }
}
