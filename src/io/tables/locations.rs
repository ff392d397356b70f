//! Rows about customers and locations.

use super::fields::Fields;
use super::items::BACKORDER_POLICIES;
use crate::domain::tables::{Customer, Location};
use crate::io::values::{Flaw, Row};

pub(super) fn customer(row: &Fields<'_>) -> Result<Customer, Flaw> {
    Ok(Customer {
        customer: row.text("customer")?,
        name: row.optional("name", Row::opt_text),
        email: row.optional("email", Row::opt_text),
        country: row.optional("country", Row::opt_country),
        consumer: row.optional("consumer", Row::opt_flag),
        priority: row.opt_whole("priority", -1_000_000, 1_000_000)?,
        backorder_policy: row.opt_choice("backorder_policy", BACKORDER_POLICIES)?,
        backorder_limit_units: row.opt_fixed("backorder_limit_units")?,
        backorder_limit_days: row.opt_stretch("backorder_limit_days")?,
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
