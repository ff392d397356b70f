//! Rows about customers and locations.

use super::fields::Fields;
use super::items::BACKORDER_POLICIES;
use crate::domain::tables::{Customer, Location};
use crate::io::values::Flaw;

pub(super) fn customer(row: &Fields<'_>) -> Result<Customer, Flaw> {
    Ok(Customer {
        customer: row.text("customer")?,
        priority: row.opt_whole("priority", -1_000_000, 1_000_000)?,
        backorder_policy: row.opt_choice("backorder_policy", BACKORDER_POLICIES)?,
        backorder_limit_units: row.opt_fixed("backorder_limit_units")?,
    })
}

pub(super) fn location(row: &Fields<'_>) -> Result<Location, Flaw> {
    Ok(Location {
        location: row.text("location")?,
        name: row.opt_text("name")?,
        supplied_by: row.opt_text("supplied_by")?,
        lead_time_days: row.opt_stretch("lead_time_days")?,
    })
}
