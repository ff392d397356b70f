//! Who delivers an item, at what cost, in which quantities and how fast.

use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::{Item, Location, Supplier, Tables, Text};

/// The supplier name of items without one.
pub const UNASSIGNED: &str = "unassigned";

/// A lead time as a person states it of an item.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct StatedLeadTime {
    /// Mean, days; `None` if it is not stated.
    pub days: Option<f64>,
    /// Standard deviation, days; `None` if it is not stated.
    pub sd_days: Option<f64>,
    /// Last day on which it stands whatever receipts say; `None` if no such day is.
    pub until: Option<Day>,
}

impl StatedLeadTime {
    /// Whether anything is stated.
    #[must_use]
    pub fn is_stated(&self) -> bool {
        self.days.is_some() || self.sd_days.is_some()
    }

    /// Held where anything is stated.
    fn held(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}

/// What one supplier offers for one item.
#[derive(Debug, Clone, Default)]
pub struct Offer<'a> {
    /// The supplier's key; `unassigned` if none is known.
    pub supplier: Text,
    /// Its row of `suppliers`; `None` if it has none.
    pub row: Option<&'a Supplier>,
    /// What the supplier calls the item; `None` if it is not stated.
    pub supplier_sku: Option<Text>,
    /// In the supplier's currency, per stock unit.
    pub unit_cost: Option<Fixed>,
    /// Minimum quantity of an order, stock units; not above 0 if there is none.
    pub moq: Fixed,
    /// Stock units per orderable pack; not above 0 if any quantity can be ordered.
    pub pack_size: Fixed,
    /// The lead time that is stated of the item itself; the supplier's stands in its row.
    pub lead_time: Option<Box<StatedLeadTime>>,
    /// What one order costs, in the supplier's currency.
    pub order_cost: Option<Fixed>,
}

/// The offer that an item is ordered by: of the location's supplier, else the item's, else the
/// best-ranked one.
#[must_use]
pub fn offer<'a>(tables: &'a Tables, key: &Key) -> Offer<'a> {
    let item = tables.item(&key.sku);
    let of_location = tables.item_location(key).and_then(|row| row.supplier.clone());
    let supplier = of_location
        .or_else(|| item.and_then(|item| item.supplier.clone()))
        .or_else(|| best_ranked(tables, &key.sku));

    match supplier {
        Some(supplier) => offer_of(tables, &key.sku, supplier),
        None => Offer { supplier: UNASSIGNED.into(), ..own_columns(item) },
    }
}

/// The supplier that `item_suppliers` ranks first for a sku.
fn best_ranked(tables: &Tables, sku: &str) -> Option<Text> {
    let ranked = tables.item_suppliers_of(sku).iter();
    ranked.min_by_key(|row| row.rank.unwrap_or(i64::MAX)).map(|row| row.supplier.clone())
}

/// Every offer for an item, the first choice first; only that where the location names its
/// supplier.
#[must_use]
pub fn offers<'a>(tables: &'a Tables, key: &Key) -> Vec<Offer<'a>> {
    let first = offer(tables, key);
    let is_fixed = tables.item_location(key).is_some_and(|row| row.supplier.is_some());
    let others: Vec<Text> = tables
        .item_suppliers_of(&key.sku)
        .iter()
        .filter(|row| !is_fixed && row.supplier != first.supplier)
        .map(|row| row.supplier.clone())
        .collect();

    let others = others.into_iter().map(|supplier| offer_of(tables, &key.sku, supplier));
    std::iter::once(first).chain(others).collect()
}

/// What a supplier offers for a sku: the columns of `item_suppliers`, else those of `items` where
/// it is the item's first supplier, else those of `suppliers`.
#[must_use]
pub fn offer_of<'a>(tables: &'a Tables, sku: &str, supplier: Text) -> Offer<'a> {
    let row = tables.supplier(&supplier);
    let item = tables.item(sku);
    let is_first = item.is_some_and(|item| item.supplier.as_ref() == Some(&supplier));
    let base = if is_first { own_columns(item) } else { Offer::default() };
    let own_lead_time = base.lead_time.as_deref().copied().unwrap_or_default();
    let stated = tables.item_suppliers_of(sku).iter().find(|row| row.supplier == supplier);

    Offer {
        row,
        supplier_sku: stated.and_then(|row| row.supplier_sku.clone()).or(base.supplier_sku),
        unit_cost: stated.and_then(|row| row.unit_cost).or(base.unit_cost),
        moq: stated.and_then(|row| row.moq).unwrap_or(base.moq),
        pack_size: stated.and_then(|row| row.pack_size).unwrap_or(base.pack_size),
        lead_time: StatedLeadTime {
            days: stated.and_then(|row| row.lead_time_days).or(own_lead_time.days),
            sd_days: stated.and_then(|row| row.lead_time_sd_days).or(own_lead_time.sd_days),
            until: own_lead_time.until,
        }
        .held(),
        order_cost: stated
            .and_then(|row| row.order_cost)
            .or(base.order_cost)
            .or(row.and_then(|row| row.order_cost)),
        supplier,
    }
}

/// What the location of a row gets from the one that supplies it: any quantity, within its own lead
/// time. Cost and currency stay those of the supplier whose goods they are.
#[must_use]
pub fn internal_offer<'a>(location: &Location, bought: Offer<'a>) -> Offer<'a> {
    Offer {
        supplier: location.supplied_by.clone().unwrap_or_default(),
        row: None,
        supplier_sku: None,
        moq: Fixed::ZERO,
        pack_size: Fixed::ZERO,
        lead_time: StatedLeadTime { days: location.lead_time_days, ..StatedLeadTime::default() }
            .held(),
        order_cost: None,
        unit_cost: bought.unit_cost,
    }
}

/// The columns of `items` itself, which are the first-ranked offer.
fn own_columns<'a>(item: Option<&Item>) -> Offer<'a> {
    let Some(item) = item else { return Offer::default() };

    Offer {
        supplier_sku: item.supplier_sku.clone(),
        unit_cost: item.unit_cost,
        moq: item.moq.unwrap_or_default(),
        pack_size: item.pack_size.unwrap_or_default(),
        lead_time: StatedLeadTime {
            days: item.lead_time_days.get(),
            sd_days: item.lead_time_sd_days.get(),
            until: item.lead_time_until,
        }
        .held(),
        order_cost: item.order_cost,
        ..Offer::default()
    }
}
