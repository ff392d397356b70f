//! Rows about items.

use crate::domain::finding::Code;
use crate::domain::fixed::Fixed;
use crate::domain::tables::{BackorderPolicy, Item, ItemLocation, ItemStatus, ItemSupplier};
use crate::domain::target::Target;
use crate::io::values::{Flaw, Row};

const STATUSES: &[(&str, ItemStatus)] = &[
    (ItemStatus::Active.as_str(), ItemStatus::Active),
    (ItemStatus::New.as_str(), ItemStatus::New),
    (ItemStatus::PhaseOut.as_str(), ItemStatus::PhaseOut),
    (ItemStatus::Discontinued.as_str(), ItemStatus::Discontinued),
];

pub(super) const BACKORDER_POLICIES: &[(&str, BackorderPolicy)] = &[
    ("allow", BackorderPolicy::Allow),
    ("limit", BackorderPolicy::Limit),
    ("deny", BackorderPolicy::Deny),
];

pub(super) fn item(row: &Row<'_>) -> Result<Item, Flaw> {
    Ok(Item {
        sku: row.sku()?,
        description: row.opt_text("description")?,
        category: row.opt_text("category")?,
        supplier: row.opt_text("supplier")?,
        supplier_sku: row.opt_text("supplier_sku")?,
        gtin: row.opt_text("gtin")?,
        unit_cost: row.opt_fixed("unit_cost")?,
        unit_price: row.opt_fixed("unit_price")?,
        status: row.opt_choice("status", STATUSES)?.unwrap_or_default(),
        launch_date: row.opt_day("launch_date")?,
        end_date: row.opt_day("end_date")?,
        replaces: row.opt_sku("replaces")?,
        lead_time_days: row.opt_stretch("lead_time_days")?,
        lead_time_sd_days: row.opt_stretch("lead_time_sd_days")?,
        lead_time_until: row.opt_day("lead_time_until")?,
        order_cost: row.opt_fixed("order_cost")?,
        moq: at_least_something(row, "moq")?,
        pack_size: at_least_something(row, "pack_size")?,
        min_stock: row.opt_fixed("min_stock")?,
        max_stock: row.opt_fixed("max_stock")?,
        presentation_stock: row.opt_fixed("presentation_stock")?,
        shelf_life_days: row.opt_real("shelf_life_days", 0.0, 100_000.0)?,
        weight_kg: row.opt_real("weight_kg", 0.0, 1e9)?,
        volume_m3: row.opt_real("volume_m3", 0.0, 1e9)?,
        uom: row.opt_text("uom")?,
        similar_to: row.opt_sku("similar_to")?,
        similar_factor: row.opt_real("similar_factor", 0.0, 1_000.0)?,
        target: target(row)?,
        backorder_policy: row.opt_choice("backorder_policy", BACKORDER_POLICIES)?,
        backorder_limit_units: row.opt_fixed("backorder_limit_units")?,
        backorder_limit_days: row.opt_stretch("backorder_limit_days")?,
    })
}

pub(super) fn item_supplier(row: &Row<'_>) -> Result<ItemSupplier, Flaw> {
    Ok(ItemSupplier {
        sku: row.sku()?,
        supplier: row.text("supplier")?,
        rank: row.opt_whole("rank", 1, 1_000_000)?,
        supplier_sku: row.opt_text("supplier_sku")?,
        unit_cost: row.opt_fixed("unit_cost")?,
        moq: at_least_something(row, "moq")?,
        pack_size: at_least_something(row, "pack_size")?,
        lead_time_days: row.opt_stretch("lead_time_days")?,
        lead_time_sd_days: row.opt_stretch("lead_time_sd_days")?,
        order_cost: row.opt_fixed("order_cost")?,
        drop_ship_cost: row.opt_fixed("drop_ship_cost")?,
    })
}

pub(super) fn item_location(row: &Row<'_>) -> Result<ItemLocation, Flaw> {
    Ok(ItemLocation {
        key: row.key()?,
        supplier: row.opt_text("supplier")?,
        min_stock: row.opt_fixed("min_stock")?,
        max_stock: row.opt_fixed("max_stock")?,
        target: target(row)?,
        active: row.opt_flag("active")?.unwrap_or(true),
    })
}

/// A limit of which zero or less means that there is none.
fn at_least_something(row: &Row<'_>, name: &str) -> Result<Option<Fixed>, Flaw> {
    Ok(row.opt_any_fixed(name)?.filter(|limit| *limit > Fixed::ZERO))
}

fn target(row: &Row<'_>) -> Result<Option<Target>, Flaw> {
    let Some(text) = row.opt_text("target")? else { return Ok(None) };
    text.parse()
        .map(Some)
        .map_err(|why: String| Flaw::new(Code::BadChoice, format!("`target`: {why}")))
}
