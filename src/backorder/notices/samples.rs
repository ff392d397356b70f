//! Lines and shops for tests.

use std::path::Path;

use super::law::{Case, Outlook};
use crate::backorder::promise_reason::PromiseReason;
use crate::backorder::promises::{Promise, ShipDay};
use crate::backorder::told::Told;
use crate::config::Settings;
use crate::config::choices::Regime;
use crate::config::source::{Overlay, parse};
use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::Backorder;

/// Monday 2026-06-01.
pub(super) const MONDAY: Day = 20_605;

/// A waiting line of two units, ordered on [`MONDAY`], that says nothing else.
pub(super) fn line(order_id: &str, sku: &str) -> Backorder {
    Backorder {
        order_id: order_id.into(),
        line: None,
        customer: None,
        key: Key::new(sku, "main"),
        quantity: Fixed::from_units(2),
        ordered_on: MONDAY,
        promised_on: None,
        priority: None,
        ship_complete: false,
        country: None,
        credit: false,
        unit_price: None,
        repeat: 0,
    }
}

/// A case of a line ordered on [`MONDAY`], seen on the same day.
pub(super) fn case(regime: Regime, outlook: Outlook) -> Case {
    Case {
        regime,
        as_of: MONDAY,
        ordered_on: MONDAY,
        promised_on: None,
        credit: false,
        transit_days: 3,
        outlook,
        told: Told::default(),
        is_told_lost: false,
    }
}

/// A line that surely ships on a day.
pub(super) fn on(day: Day) -> Outlook {
    Outlook::By(ShipDay { p50: day, p90: day })
}

/// What is promised on a line that waits for an open order.
pub(super) fn promise(row: &Backorder, ships: Option<Day>) -> Promise<'_> {
    Promise {
        row,
        allocated: Fixed::ZERO,
        ships: ships.map(|day| ShipDay { p50: day, p90: day }),
        within_limit: None,
        reason: PromiseReason::OpenOrder,
        source: PromiseReason::OpenOrder,
        alternative: None,
        never_ships: false,
        is_supply_known: true,
        place: 1,
    }
}

/// Settings with some of `[notices]`.
pub(super) fn settings(notices: &str) -> Settings {
    let text = format!("[inputs.orders]\npath = \"o.csv\"\n[notices]\n{notices}\n");
    let raw = parse(&text, "t", &Overlay::default()).unwrap();
    Settings::resolve(raw, Path::new("/")).unwrap()
}
