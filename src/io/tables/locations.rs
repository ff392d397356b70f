//! Rows about stock, customers and locations.

use super::items::BACKORDER_POLICIES;
use crate::domain::fixed::Fixed;
use crate::domain::tables::{Customer, Location, Stock};
use crate::io::values::{Flaw, Row};

pub(super) fn stock(row: &Row<'_>) -> Result<Stock, Flaw> {
    Ok(Stock {
        key: row.key()?,
        on_hand: row.any_fixed("on_hand")?,
        allocated: row.opt_fixed("allocated")?.unwrap_or(Fixed::ZERO),
        backorders: row.opt_fixed("backorders")?,
        counted_on: row.opt_day("counted_on")?,
    })
}

pub(super) fn customer(row: &Row<'_>) -> Result<Customer, Flaw> {
    Ok(Customer {
        customer: row.text("customer")?,
        priority: row.opt_whole("priority", -1_000_000, 1_000_000)?,
        backorder_policy: row.opt_choice("backorder_policy", BACKORDER_POLICIES)?,
        backorder_limit_units: row.opt_fixed("backorder_limit_units")?,
    })
}

pub(super) fn location(row: &Row<'_>) -> Result<Location, Flaw> {
    Ok(Location {
        location: row.text("location")?,
        name: row.opt_text("name")?,
        supplied_by: row.opt_text("supplied_by")?,
        lead_time_days: row.opt_stretch("lead_time_days")?,
    })
}
