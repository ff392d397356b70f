//! What else a customer who waits could be offered: stock elsewhere, the successor, drop shipping.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::{Tables, Text};
use crate::plan::PlannedItem;

use super::decided::Decided;

/// What a customer who waits could be offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alternative {
    /// The same item from another location.
    Elsewhere {
        /// Where it is.
        location: Text,
        /// Units that nobody has claimed there.
        free: Fixed,
    },
    /// The item that follows this one.
    Successor {
        /// That item.
        sku: Text,
        /// Units of it that nobody has claimed.
        free: Fixed,
    },
    /// A supplier sends it to the customer.
    DropShip(DropShip),
}

/// A supplier that ships to customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropShip {
    /// Who it is.
    pub supplier: Text,
    /// What it takes for a unit; `None` where no table says.
    pub cost: Option<Fixed>,
    /// What a unit earns otherwise.
    pub margin: Option<Fixed>,
}

impl fmt::Display for DropShip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(cost) = self.cost else {
            return write!(f, "{} ships to customers: ask for its price", self.supplier);
        };
        write!(f, "{} ships it to the customer: {cost} a unit", self.supplier)?;
        self.margin.map_or(Ok(()), |margin| write!(f, ", margin {margin}"))
    }
}

/// As the team reads it, with free units, costs and margins.
impl fmt::Display for Alternative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elsewhere { location, free } => write!(f, "from {location}: {free} free there"),
            Self::Successor { sku, free } => write!(f, "successor {sku}: {free} free there"),
            Self::DropShip(offer) => offer.fmt(f),
        }
    }
}

impl Alternative {
    /// As the customer reads it: nothing of what others hold or of what it costs us.
    #[must_use]
    pub fn for_customer(&self) -> String {
        match self {
            Self::Elsewhere { .. } => "we have it at another of our locations".to_owned(),
            Self::Successor { sku, .. } => format!("{sku}, the item that follows it, is in stock"),
            Self::DropShip(_) => "it can be sent to you by our supplier".to_owned(),
        }
    }
}

/// What is left to offer: a unit is offered once.
#[derive(Debug)]
pub struct Alternatives<'a> {
    tables: &'a Tables,
    decided: &'a Decided<'a>,
    /// Units of each item that nobody has claimed, beyond its safety stock.
    free: BTreeMap<Key, Fixed>,
}

impl<'a> Alternatives<'a> {
    /// All that is there tonight.
    #[must_use]
    pub fn of(tables: &'a Tables, decided: &'a Decided<'a>) -> Self {
        let spare = decided.items.iter().map(|item| (item.key().clone(), decided.spare(item)));
        let free = spare.filter(|(_, units)| *units > Fixed::ZERO).collect();
        Self { tables, decided, free }
    }

    /// The first of these that serves what waits of a line: stock at another location, the
    /// successor, a supplier that ships to customers.
    #[must_use]
    pub fn offer(
        &mut self,
        key: &Key,
        waits: Fixed,
        item: Option<&PlannedItem<'_>>,
    ) -> Option<Alternative> {
        let elsewhere = self
            .free
            .range(Key::new(&key.sku, "")..)
            .take_while(|(other, _)| other.sku == key.sku)
            .find(|(other, free)| other.location != key.location && **free >= waits)
            .map(|(other, _)| other.clone());
        if let Some(other) = elsewhere {
            let free = self.take(&other, waits);
            return Some(Alternative::Elsewhere { location: other.location, free });
        }

        let successor = self
            .decided
            .successors(&key.sku)
            .iter()
            .map(|sku| Key { sku: (*sku).clone(), location: key.location.clone() })
            .find(|other| self.free.get(other).is_some_and(|free| *free >= waits));
        if let Some(other) = successor {
            let free = self.take(&other, waits);
            return Some(Alternative::Successor { sku: other.sku, free });
        }

        drop_shipping(self.tables, key, item).map(Alternative::DropShip)
    }

    /// Takes units that are offered; what was free before.
    fn take(&mut self, key: &Key, units: Fixed) -> Fixed {
        let Some(free) = self.free.get_mut(key) else { return Fixed::ZERO };
        let before = *free;
        *free = *free - units;
        before
    }
}

/// The cheapest supplier that ships the item to customers, and what that costs beside the margin.
#[must_use]
pub fn drop_shipping(
    tables: &Tables,
    key: &Key,
    item: Option<&PlannedItem<'_>>,
) -> Option<DropShip> {
    let ships = |supplier: &str| tables.supplier(supplier).is_some_and(|row| row.drop_ships);
    let margin = item.and_then(|item| item.facts.margin());
    let offers = tables.item_suppliers_of(&key.sku).iter();
    let cheapest = offers
        .filter(|row| ships(&row.supplier))
        .filter_map(|row| Some((row.drop_ship_cost?, &row.supplier)))
        .min();
    if let Some((cost, supplier)) = cheapest {
        return Some(DropShip { supplier: supplier.clone(), cost: Some(cost), margin });
    }

    let own = item.map(|item| &item.facts.offer.supplier).filter(|supplier| ships(supplier));
    own.map(|supplier| DropShip { supplier: supplier.clone(), cost: None, margin })
}
