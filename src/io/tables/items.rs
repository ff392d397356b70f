//! Rows about items.

use super::fields::Fields;
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
    // What shops call an item that they do not sell.
    ("archived", ItemStatus::Discontinued),
    ("draft", ItemStatus::Discontinued),
    ("inactive", ItemStatus::Discontinued),
    ("disabled", ItemStatus::Discontinued),
];

pub(super) const BACKORDER_POLICIES: &[(&str, BackorderPolicy)] = &[
    ("allow", BackorderPolicy::Allow),
    ("limit", BackorderPolicy::Limit),
    ("deny", BackorderPolicy::Deny),
];

pub(super) fn item(row: &Fields<'_>) -> Result<Item, Flaw> {
    Ok(Item {
        sku: row.sku()?,
        description: row.optional("description", Row::opt_text),
        category: row.optional("category", Row::opt_text),
        supplier: row.optional("supplier", Row::opt_text),
        supplier_sku: row.optional("supplier_sku", Row::opt_text),
        gtin: row.optional("gtin", Row::opt_text),
        unit_cost: row.optional("unit_cost", Row::opt_fixed),
        unit_price: row.optional("unit_price", Row::opt_fixed),
        status: row
            .optional("status", |row, name| row.opt_choice(name, STATUSES))
            .unwrap_or_default(),
        launch_date: row.optional("launch_date", Row::opt_day),
        end_date: row.optional("end_date", Row::opt_day),
        replaces: row.optional("replaces", Row::opt_sku),
        lead_time_days: row.optional("lead_time_days", Row::opt_stretch).into(),
        lead_time_sd_days: row.optional("lead_time_sd_days", Row::opt_stretch).into(),
        lead_time_until: row.optional("lead_time_until", Row::opt_day),
        order_cost: row.optional("order_cost", Row::opt_fixed),
        moq: row.optional("moq", at_least_something),
        pack_size: row.optional("pack_size", at_least_something),
        min_stock: row.optional("min_stock", Row::opt_any_fixed),
        max_stock: row.optional("max_stock", Row::opt_any_fixed),
        presentation_stock: row.optional("presentation_stock", Row::opt_fixed),
        shelf_life_days: row
            .optional("shelf_life_days", |row, name| row.opt_real(name, 0.0, 100_000.0))
            .into(),
        weight_kg: row.optional("weight_kg", |row, name| row.opt_real(name, 0.0, 1e9)).into(),
        volume_m3: row.optional("volume_m3", |row, name| row.opt_real(name, 0.0, 1e9)).into(),
        uom: row.optional("uom", Row::opt_text),
        similar_to: row.optional("similar_to", Row::opt_sku),
        similar_factor: row
            .optional("similar_factor", |row, name| row.opt_real(name, 0.0, 1_000.0))
            .into(),
        target: row.optional("target", target),
        backorder_policy: row
            .optional("backorder_policy", |row, name| row.opt_choice(name, BACKORDER_POLICIES)),
        backorder_limit_units: row.optional("backorder_limit_units", Row::opt_fixed),
        backorder_limit_days: row.optional("backorder_limit_days", Row::opt_stretch).into(),
    })
}

pub(super) fn item_supplier(row: &Fields<'_>) -> Result<ItemSupplier, Flaw> {
    Ok(ItemSupplier {
        sku: row.sku()?,
        supplier: row.text("supplier")?,
        rank: row.optional("rank", |row, name| row.opt_whole(name, 1, 1_000_000)),
        supplier_sku: row.optional("supplier_sku", Row::opt_text),
        unit_cost: row.optional("unit_cost", Row::opt_fixed),
        moq: row.optional("moq", at_least_something),
        pack_size: row.optional("pack_size", at_least_something),
        lead_time_days: row.optional("lead_time_days", Row::opt_stretch),
        lead_time_sd_days: row.optional("lead_time_sd_days", Row::opt_stretch),
        order_cost: row.optional("order_cost", Row::opt_fixed),
        drop_ship_cost: row.optional("drop_ship_cost", Row::opt_fixed),
    })
}

pub(super) fn item_location(row: &Fields<'_>) -> Result<ItemLocation, Flaw> {
    Ok(ItemLocation {
        key: row.key()?,
        supplier: row.optional("supplier", Row::opt_text),
        min_stock: row.optional("min_stock", Row::opt_any_fixed),
        max_stock: row.optional("max_stock", Row::opt_any_fixed),
        target: row.optional("target", target),
        active: row.optional("active", Row::opt_flag).unwrap_or(true),
    })
}

/// A limit of which zero or less means that there is none.
fn at_least_something(row: &Row<'_>, name: &str) -> Result<Option<Fixed>, Flaw> {
    Ok(row.opt_any_fixed(name)?.filter(|limit| *limit > Fixed::ZERO))
}

fn target(row: &Row<'_>, name: &str) -> Result<Option<Target>, Flaw> {
    let Some(text) = row.opt_text(name)? else { return Ok(None) };
    text.parse()
        .map(Some)
        .map_err(|why: String| Flaw::new(Code::BadChoice, format!("`target`: {why}")))
}
