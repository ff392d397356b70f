//! Rows about suppliers, orders placed with them, and what customers are waiting for.

use crate::domain::calendar::date_of;
use crate::domain::finding::Code;
use crate::domain::open_days::MAX_CLOSURE_DAYS;
use crate::domain::tables::{Backorder, Closure, OpenOrder, PriceBreak, Receipt, Supplier};
use crate::io::values::{Flaw, Row};

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

pub(super) fn open_order(row: &Row<'_>) -> Result<OpenOrder, Flaw> {
    Ok(OpenOrder {
        po_number: row.text("po_number")?,
        line: row.opt_text("line")?,
        supplier: row.text("supplier")?,
        key: row.key()?,
        quantity: row.fixed("quantity")?,
        ordered_on: row.day("ordered_on")?,
        expected_on: row.opt_day("expected_on")?,
    })
}

pub(super) fn receipt(row: &Row<'_>) -> Result<Receipt, Flaw> {
    let receipt = Receipt {
        po_number: row.text("po_number")?,
        supplier: row.text("supplier")?,
        key: row.key()?,
        quantity: row.any_fixed("quantity")?,
        ordered_on: row.day("ordered_on")?,
        received_on: row.day("received_on")?,
        promised_on: row.opt_day("promised_on")?,
        expedited: row.opt_flag("expedited")?.unwrap_or(false),
    };

    if receipt.received_on < receipt.ordered_on {
        let message = "`received_on` lies before `ordered_on`";
        return Err(Flaw::new(Code::DateOutOfRange, message));
    }

    Ok(receipt)
}

pub(super) fn supplier(row: &Row<'_>) -> Result<Supplier, Flaw> {
    let review_period_days = row.opt_whole("review_period_days", 1, 366)?;

    Ok(Supplier {
        supplier: row.text("supplier")?,
        name: row.opt_text("name")?,
        lead_time_days: row.opt_stretch("lead_time_days")?,
        lead_time_sd_days: row.opt_stretch("lead_time_sd_days")?,
        lead_time_until: row.opt_day("lead_time_until")?,
        business_days: row.opt_flag("business_days")?.unwrap_or(false),
        review_period_days: review_period_days.and_then(|days| u32::try_from(days).ok()),
        order_weekdays: order_weekdays(row)?,
        min_order_value: row.opt_fixed("min_order_value")?,
        order_cost: row.opt_fixed("order_cost")?,
        container_weight_kg: row
            .opt_real("container_weight_kg", 0.0, 1e9)?
            .filter(|max| *max > 0.0),
        container_volume_m3: row
            .opt_real("container_volume_m3", 0.0, 1e9)?
            .filter(|max| *max > 0.0),
        container_cost: row.opt_fixed("container_cost")?,
        currency: row.opt_text("currency")?,
        email: row.opt_text("email")?,
        drop_ships: row.opt_flag("drop_ships")?.unwrap_or(false),
    })
}

/// `mon|thu` as bits, bit 0 = Monday. Full names and other separators are understood too.
fn order_weekdays(row: &Row<'_>) -> Result<u8, Flaw> {
    let Some(text) = row.opt_text("order_weekdays")? else { return Ok(0) };

    let lower = text.to_ascii_lowercase();
    let mut bits = 0;
    for word in lower.split(['|', ',', ';', ' ', '/']).filter(|word| !word.is_empty()) {
        let day = WEEKDAYS.iter().position(|day| word.starts_with(day)).ok_or_else(|| {
            Flaw::new(
                Code::BadChoice,
                format!("`order_weekdays` = {text:?}: {word:?} is none of {}", WEEKDAYS.join(", ")),
            )
        })?;
        bits |= 1 << day;
    }

    Ok(bits)
}

pub(super) fn closure(row: &Row<'_>) -> Result<Closure, Flaw> {
    let (from, to) = stretch(row)?;
    if to - from > MAX_CLOSURE_DAYS {
        let message = format!(
            "{} to {} is longer than the {MAX_CLOSURE_DAYS} days that a closure may last",
            date_of(from),
            date_of(to)
        );
        return Err(Flaw::new(Code::UnlikelyDate, message));
    }

    Ok(Closure { supplier: row.text("supplier")?, from, to })
}

/// A stretch that does not end before it begins.
pub(super) fn stretch(row: &Row<'_>) -> Result<(i32, i32), Flaw> {
    let (from, to) = (row.day("from")?, row.day("to")?);
    if to < from {
        return Err(Flaw::new(Code::DateOutOfRange, "`to` lies before `from`"));
    }

    Ok((from, to))
}

pub(super) fn price_break(row: &Row<'_>) -> Result<PriceBreak, Flaw> {
    Ok(PriceBreak {
        supplier: row.text("supplier")?,
        sku: row.sku()?,
        min_quantity: row.fixed("min_quantity")?,
        unit_cost: row.fixed("unit_cost")?,
    })
}

pub(super) fn backorder(row: &Row<'_>) -> Result<Backorder, Flaw> {
    Ok(Backorder {
        order_id: row.text("order_id")?,
        line: row.opt_text("line")?,
        customer: row.opt_text("customer")?,
        key: row.key()?,
        quantity: row.fixed("quantity")?,
        ordered_on: row.day("ordered_on")?,
        promised_on: row.opt_day("promised_on")?,
        priority: row.opt_whole("priority", -1_000_000, 1_000_000)?,
        ship_complete: row.opt_flag("ship_complete")?.unwrap_or(false),
    })
}
