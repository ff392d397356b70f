//! Who delivers an item, at what cost, in which quantities and how fast.

use crate::domain::fixed::Fixed;
use crate::domain::tables::{Item, ItemLocation, ItemSupplier, Location, Supplier, Tables, Text};

/// The supplier name of items without one.
pub const UNASSIGNED: &str = "unassigned";

/// What one supplier offers for one item.
#[derive(Debug, Clone, Default)]
pub struct Offer<'a> {
    /// The supplier's key, `unassigned` where none is known.
    pub supplier: Text,
    /// Its row of `suppliers`.
    pub row: Option<&'a Supplier>,
    /// What the supplier calls the item.
    pub supplier_sku: Option<Text>,
    /// In the supplier's currency, per stock unit.
    pub unit_cost: Option<Fixed>,
    /// Least quantity of an order; not above 0 = none.
    pub moq: Fixed,
    /// Stock units per orderable pack; not above 0 = none.
    pub pack_size: Fixed,
    /// Lead time stated by the tables, days.
    pub lead_time_days: Option<f64>,
    /// Its stated standard deviation, days.
    pub lead_time_sd_days: Option<f64>,
    /// What one order costs.
    pub order_cost: Option<Fixed>,
}

/// The offer that an item is ordered by: of the location's supplier, else the item's, else the
/// best-ranked one.
#[must_use]
pub fn offer<'a>(
    item: Option<&'a Item>,
    place: Option<&ItemLocation>,
    tables: &'a Tables,
    sku: &str,
) -> Offer<'a> {
    let supplier = place
        .and_then(|place| place.supplier.clone())
        .or_else(|| item.and_then(|item| item.supplier.clone()))
        .or_else(|| {
            let ranked =
                alternatives(tables, sku).iter().min_by_key(|row| row.rank.unwrap_or(i64::MAX));
            ranked.map(|row| row.supplier.clone())
        });
    match supplier {
        Some(supplier) => offer_of(supplier, item, tables, sku),
        None => Offer { supplier: UNASSIGNED.into(), ..own_columns(item) },
    }
}

/// Every offer for an item at a place, the first choice first; only that where the place names its
/// supplier.
#[must_use]
pub fn offers<'a>(
    item: Option<&'a Item>,
    place: Option<&ItemLocation>,
    tables: &'a Tables,
    sku: &str,
) -> Vec<Offer<'a>> {
    let first = offer(item, place, tables, sku);
    let fixed = place.is_some_and(|place| place.supplier.is_some());
    let others: Vec<Text> = alternatives(tables, sku)
        .iter()
        .filter(|row| !fixed && row.supplier != first.supplier)
        .map(|row| row.supplier.clone())
        .collect();
    std::iter::once(first)
        .chain(others.into_iter().map(|supplier| offer_of(supplier, item, tables, sku)))
        .collect()
}

fn offer_of<'a>(
    supplier: Text,
    item: Option<&'a Item>,
    tables: &'a Tables,
    sku: &str,
) -> Offer<'a> {
    let row = tables.suppliers.as_deref().and_then(|rows| find(rows, &supplier));
    let base = if item.is_some_and(|item| item.supplier.as_ref() == Some(&supplier)) {
        own_columns(item)
    } else {
        Offer::default()
    };
    let stated = alternatives(tables, sku).iter().find(|row| row.supplier == supplier);
    Offer {
        row,
        supplier_sku: stated.and_then(|row| row.supplier_sku.clone()).or(base.supplier_sku),
        unit_cost: stated.and_then(|row| row.unit_cost).or(base.unit_cost),
        moq: stated.and_then(|row| row.moq).unwrap_or(base.moq),
        pack_size: stated.and_then(|row| row.pack_size).unwrap_or(base.pack_size),
        lead_time_days: stated
            .and_then(|row| row.lead_time_days)
            .or(base.lead_time_days)
            .or(row.and_then(|row| row.lead_time_days)),
        lead_time_sd_days: stated
            .and_then(|row| row.lead_time_sd_days)
            .or(base.lead_time_sd_days)
            .or(row.and_then(|row| row.lead_time_sd_days)),
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
        lead_time_days: location.lead_time_days,
        lead_time_sd_days: None,
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
        lead_time_days: item.lead_time_days,
        lead_time_sd_days: item.lead_time_sd_days,
        order_cost: item.order_cost,
        ..Offer::default()
    }
}

/// The rows of `item_suppliers` of a sku.
#[must_use]
pub fn alternatives<'a>(tables: &'a Tables, sku: &str) -> &'a [ItemSupplier] {
    let rows = tables.item_suppliers.as_deref().unwrap_or(&[]);
    let from = rows.partition_point(|row| &*row.sku < sku);
    let to = rows.partition_point(|row| &*row.sku <= sku);
    &rows[from..to]
}

/// The row of a supplier.
pub(super) fn find<'a>(rows: &'a [Supplier], supplier: &Text) -> Option<&'a Supplier> {
    rows.binary_search_by(|row| row.supplier.cmp(supplier)).ok().map(|at| &rows[at])
}
