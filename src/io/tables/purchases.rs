//! Rows about suppliers, orders placed with them, and what customers are waiting for.

use super::fields::Fields;
use crate::domain::calendar::date_of;
use crate::domain::finding::Code;
use crate::domain::fixed::Fixed;
use crate::domain::open_days::MAX_CLOSURE_DAYS;
use crate::domain::tables::{
    Backorder, Closure, OpenOrder, OpenSource, PriceBreak, Receipt, Supplier,
};
use crate::io::values::{Flaw, Row};

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A quantity that is known to be on its way must not vanish for a bad date.
pub(super) fn open_order(row: &Fields<'_>) -> Result<OpenOrder, Flaw> {
    let quantity = row.fixed("quantity")?;
    let received = row.optional("received_quantity", Row::opt_fixed).unwrap_or_default();
    Ok(OpenOrder {
        po_number: row.text("po_number")?,
        line: row.optional("line", Row::opt_text),
        supplier: row.text("supplier")?,
        key: row.key()?,
        quantity: (quantity - received).max(Fixed::ZERO),
        received,
        ordered_on: row.optional("ordered_on", Row::opt_day),
        expected_on: row.optional("expected_on", Row::opt_day),
        reference: row.optional("reference", Row::opt_text),
        source: OpenSource::Table,
    })
}

pub(super) fn receipt(row: &Fields<'_>) -> Result<Receipt, Flaw> {
    let receipt = Receipt {
        po_number: row.text("po_number")?,
        supplier: row.text("supplier")?,
        key: row.key()?,
        quantity: row.any_fixed("quantity")?,
        ordered_on: row.day("ordered_on")?,
        received_on: row.day("received_on")?,
        promised_on: row.opt_day("promised_on")?,
        expedited: row.opt_flag("expedited")?.unwrap_or(false),
        reference: row.optional("reference", Row::opt_text),
    };

    if receipt.received_on < receipt.ordered_on {
        let message = "`received_on` lies before `ordered_on`";
        return Err(Flaw::new(Code::DateOutOfRange, message));
    }

    Ok(receipt)
}

pub(super) fn supplier(row: &Fields<'_>) -> Result<Supplier, Flaw> {
    let review_period_days =
        row.optional("review_period_days", |row, name| row.opt_whole(name, 1, 366));
    let payment_days = row.optional("payment_days", |row, name| row.opt_whole(name, 0, 366));
    let deposit_share = row.optional("deposit_share", |row, name| row.opt_real(name, 0.0, 1.0));

    Ok(Supplier {
        supplier: row.text("supplier")?,
        name: row.optional("name", Row::opt_text),
        lead_time_days: row.optional("lead_time_days", Row::opt_stretch),
        lead_time_sd_days: row.optional("lead_time_sd_days", Row::opt_stretch),
        lead_time_until: row.optional("lead_time_until", Row::opt_day),
        business_days: row.optional("business_days", Row::opt_flag).unwrap_or(false),
        review_period_days: review_period_days.and_then(|days| u32::try_from(days).ok()),
        order_weekdays: row.optional("order_weekdays", order_weekdays).unwrap_or(0),
        min_order_value: row.optional("min_order_value", Row::opt_fixed),
        order_cost: row.optional("order_cost", Row::opt_fixed),
        container_weight_kg: row.optional("container_weight_kg", capacity),
        container_volume_m3: row.optional("container_volume_m3", capacity),
        container_cost: row.optional("container_cost", Row::opt_fixed),
        currency: row.optional("currency", Row::opt_text),
        email: row.optional("email", Row::opt_text),
        drop_ships: row.optional("drop_ships", Row::opt_flag).unwrap_or(false),
        payment_days: payment_days.and_then(|days| u32::try_from(days).ok()),
        deposit_share: deposit_share.and_then(Fixed::from_f64),
    })
}

/// `mon|thu` as bits, bit 0 = Monday. Full names and other separators are understood too.
fn order_weekdays(row: &Row<'_>, name: &str) -> Result<Option<u8>, Flaw> {
    let Some(text) = row.opt_text(name)? else { return Ok(None) };

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

    Ok(Some(bits))
}

/// What a container takes; 0 says that nobody knows.
fn capacity(row: &Row<'_>, name: &str) -> Result<Option<f64>, Flaw> {
    Ok(row.opt_real(name, 0.0, 1e9)?.filter(|most| *most > 0.0))
}

pub(super) fn closure(row: &Fields<'_>) -> Result<Closure, Flaw> {
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

pub(super) fn price_break(row: &Fields<'_>) -> Result<PriceBreak, Flaw> {
    Ok(PriceBreak {
        supplier: row.text("supplier")?,
        sku: row.sku()?,
        min_quantity: row.fixed("min_quantity")?,
        unit_cost: row.fixed("unit_cost")?,
    })
}

pub(super) fn backorder(row: &Fields<'_>) -> Result<Backorder, Flaw> {
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
        country: row.optional("country", Row::opt_country),
        credit: row.optional("credit", Row::opt_flag).unwrap_or(false),
        unit_price: row.optional("unit_price", Row::opt_fixed),
        repeat: 0,
    })
}
