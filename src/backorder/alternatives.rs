//! What else a customer who waits could be offered: stock elsewhere, the successor, drop shipping.

use std::collections::BTreeMap;

use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::domain::tables::{Supplier, Tables, Text};
use crate::plan::PlannedItem;
use crate::plan::context::PlanContext;

use super::promises::Promise;

/// What is left to offer: a unit is offered once.
#[derive(Debug)]
pub struct Alternatives<'a> {
    tables: &'a Tables,
    /// Units of each item that nobody has claimed, beyond its safety stock.
    free: BTreeMap<Key, Fixed>,
    /// Items that follow others, by the one that they follow.
    successors: BTreeMap<&'a str, Vec<&'a Text>>,
}

impl<'a> Alternatives<'a> {
    /// All that is there tonight.
    #[must_use]
    pub fn of(context: &PlanContext<'a>, items: &[PlannedItem<'a>]) -> Self {
        let tables = context.tables;
        let free = items
            .iter()
            .filter_map(|item| {
                let safety = item.row.levels.safety_stock.max(0.0).ceil();
                let kept = Fixed::from_f64(safety).unwrap_or(Fixed(i64::MAX));
                let units = (item.row.stock?.free() - kept).or_zero();
                (units > Fixed::ZERO).then(|| (item.key().clone(), units))
            })
            .collect();
        let mut successors: BTreeMap<&'a str, Vec<&'a Text>> = BTreeMap::new();
        for item in rows(&tables.items) {
            if let Some(replaced) = &item.replaces {
                successors.entry(&**replaced).or_default().push(&item.sku);
            }
        }

        Self { tables, free, successors }
    }

    /// The first of these that serves what waits of a line: stock at another location, the
    /// successor, a supplier that ships to customers.
    #[must_use]
    pub fn offer(
        &mut self,
        promise: &Promise<'_>,
        item: Option<&PlannedItem<'_>>,
    ) -> Option<String> {
        let (key, waits) = (&promise.row.key, promise.waiting());
        let elsewhere = self
            .free
            .range(Key::new(&key.sku, "")..)
            .take_while(|(other, _)| other.sku == key.sku)
            .find(|(other, free)| other.location != key.location && **free >= waits)
            .map(|(other, _)| other.clone());
        if let Some(other) = elsewhere {
            return Some(self.taken(&other, waits, format!("from {}", other.location)));
        }

        let following = self.successors.get(&*key.sku).into_iter().flatten();
        let successor = following
            .map(|sku| Key { sku: (*sku).clone(), location: key.location.clone() })
            .find(|other| self.free.get(other).is_some_and(|free| *free >= waits));
        if let Some(other) = successor {
            return Some(self.taken(&other, waits, format!("successor {}", other.sku)));
        }

        drop_shipping(self.tables, key, item)
    }

    fn taken(&mut self, key: &Key, units: Fixed, what: String) -> String {
        let Some(free) = self.free.get_mut(key) else { return what };
        let text = format!("{what}: {free} free there");
        *free = *free - units;
        text
    }
}

/// The cheapest supplier that ships the item to customers, and what that costs beside the margin.
#[must_use]
pub fn drop_shipping(tables: &Tables, key: &Key, item: Option<&PlannedItem<'_>>) -> Option<String> {
    let ships =
        |supplier: &str| tables.supplier(supplier).is_some_and(|row: &Supplier| row.drop_ships);
    let offers = tables.item_suppliers_of(&key.sku).iter();
    let cheapest = offers
        .filter(|row| ships(&row.supplier))
        .filter_map(|row| Some((row.drop_ship_cost?, &row.supplier)))
        .min();
    if let Some((cost, supplier)) = cheapest {
        let margin = item.and_then(|item| item.facts.margin());
        let beside = margin.map(|margin| format!(", margin {margin}")).unwrap_or_default();
        return Some(format!("{supplier} ships it to the customer: {cost} a unit{beside}"));
    }

    let own = item.map(|item| &item.facts.offer.supplier).filter(|supplier| ships(supplier));
    own.map(|supplier| format!("{supplier} ships to customers: ask for its price"))
}
