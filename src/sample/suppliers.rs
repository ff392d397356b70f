//! The shop's eight suppliers: when they take orders, how long they need, and how well they keep
//! their word.

use super::dates::{at, day, weekday};
use super::dice::Dice;
use crate::domain::calendar::REVIEW_EPOCH;

/// Who supplies, and on what terms.
pub(super) struct SupplierTerms {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) lead_time_days: i32,
    pub(super) lead_time_sd_days: f64,
    /// Empty if a review period is given instead.
    pub(super) order_weekdays: &'static str,
    /// 0 if weekdays are given instead.
    pub(super) review_period_days: i32,
    pub(super) min_order_value: u32,
    pub(super) order_cost: u32,
    pub(super) currency: &'static str,
    pub(super) email: &'static str,
    pub(super) drop_ships: bool,
    /// Days from the delivery until it is paid; 0 if nobody states it.
    pub(super) payment_days: u32,
    /// Per cent of an order that is paid with it; 0 if none is.
    pub(super) deposit_percent: u32,
}

pub(super) const COFFEE: usize = 0;
pub(super) const POTTERY: usize = 1;
pub(super) const GARDEN: usize = 2;
pub(super) const HARDWARE: usize = 3;
pub(super) const CANDLES: usize = 4;
pub(super) const TEXTILES: usize = 5;
pub(super) const IMPORTS: usize = 6;
pub(super) const PAPER: usize = 7;

pub(super) const SUPPLIERS: [SupplierTerms; 8] = [
    SupplierTerms {
        code: "ROASTWELL",
        name: "Roastwell Coffee",
        lead_time_days: 4,
        lead_time_sd_days: 1.0,
        order_weekdays: "mon|wed|fri",
        review_period_days: 0,
        min_order_value: 150,
        order_cost: 10,
        currency: "",
        email: "orders@roastwell.example",
        drop_ships: false,
        payment_days: 14,
        deposit_percent: 0,
    },
    SupplierTerms {
        code: "KILNHOUSE",
        name: "Kilnhouse Pottery",
        lead_time_days: 21,
        lead_time_sd_days: 4.0,
        order_weekdays: "mon",
        review_period_days: 0,
        min_order_value: 400,
        order_cost: 25,
        currency: "EUR",
        email: "studio@kilnhouse.example",
        drop_ships: false,
        payment_days: 30,
        deposit_percent: 30,
    },
    SupplierTerms {
        code: "GREENACRE",
        name: "Greenacre Garden Supplies",
        lead_time_days: 10,
        lead_time_sd_days: 3.0,
        order_weekdays: "mon|thu",
        review_period_days: 0,
        min_order_value: 250,
        order_cost: 20,
        currency: "EUR",
        email: "trade@greenacre.example",
        drop_ships: true,
        payment_days: 30,
        deposit_percent: 0,
    },
    SupplierTerms {
        code: "FERRUM",
        name: "Ferrum Hardware & Sons",
        lead_time_days: 7,
        lead_time_sd_days: 2.0,
        order_weekdays: "mon|tue|wed|thu|fri",
        review_period_days: 0,
        min_order_value: 100,
        order_cost: 12,
        currency: "EUR",
        email: "sales@ferrum.example",
        drop_ships: true,
        payment_days: 30,
        deposit_percent: 0,
    },
    SupplierTerms {
        code: "WAXWORKS",
        name: "Waxworks Candles",
        lead_time_days: 14,
        lead_time_sd_days: 3.0,
        order_weekdays: "tue",
        review_period_days: 0,
        min_order_value: 200,
        order_cost: 15,
        currency: "EUR",
        email: "hello@waxworks.example",
        drop_ships: false,
        payment_days: 0,
        deposit_percent: 0,
    },
    SupplierTerms {
        code: "LINDEN",
        name: "Linden Textile Mill",
        lead_time_days: 14,
        lead_time_sd_days: 3.0,
        order_weekdays: "mon",
        review_period_days: 0,
        min_order_value: 300,
        order_cost: 20,
        currency: "EUR",
        email: "mill@linden.example",
        drop_ships: false,
        payment_days: 60,
        deposit_percent: 0,
    },
    SupplierTerms {
        code: "HARBOURLINE",
        name: "Harbour Line Imports",
        lead_time_days: 45,
        lead_time_sd_days: 7.0,
        order_weekdays: "",
        review_period_days: 28,
        min_order_value: 1500,
        order_cost: 60,
        currency: "USD",
        email: "desk@harbourline.example",
        drop_ships: false,
        payment_days: 0,
        deposit_percent: 40,
    },
    SupplierTerms {
        code: "FERNBANK",
        name: "Fernbank Paper & Cards",
        lead_time_days: 5,
        lead_time_sd_days: 1.0,
        order_weekdays: "",
        review_period_days: 1,
        min_order_value: 0,
        order_cost: 5,
        currency: "EUR",
        email: "post@fernbank.example",
        drop_ships: false,
        payment_days: 30,
        deposit_percent: 0,
    },
];

/// Days on which a supplier takes no orders, `from` and `to` included.
pub(super) struct SupplierClosure {
    pub(super) supplier: usize,
    pub(super) from: i32,
    pub(super) to: i32,
}

/// Every closure, past and planned.
pub(super) fn closures() -> Vec<SupplierClosure> {
    [2024, 2025, 2026]
        .into_iter()
        .flat_map(|year| {
            [
                SupplierClosure {
                    supplier: COFFEE,
                    from: at(year, 12, 24),
                    to: at(year + 1, 1, 1),
                },
                SupplierClosure { supplier: POTTERY, from: at(year, 8, 3), to: at(year, 8, 23) },
                SupplierClosure { supplier: TEXTILES, from: at(year, 7, 27), to: at(year, 8, 16) },
            ]
        })
        .collect()
}

impl SupplierTerms {
    /// Whether the supplier takes orders on a day, closures aside.
    pub(super) fn takes_orders_on(&self, number: i32) -> bool {
        const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

        if self.review_period_days > 0 {
            return (day(number) - REVIEW_EPOCH) % self.review_period_days == 0;
        }

        self.order_weekdays.split('|').any(|name| name == NAMES[weekday(number)])
    }

    /// Days between two order dates.
    pub(super) fn review_days(&self) -> i32 {
        match self.order_weekdays.split('|').count() as i32 {
            _ if self.review_period_days > 0 => self.review_period_days,
            weekdays => 7 / weekdays.max(1),
        }
    }
}

/// How long an order placed on a day really takes.
pub(super) fn actual_lead_time_days(supplier: usize, ordered: i32, dice: &mut Dice) -> i32 {
    let terms = &SUPPLIERS[supplier];
    let usual = f64::from(terms.lead_time_days) + terms.lead_time_sd_days * dice.normal();

    let trouble = match supplier {
        // A loom broke in March; since then everything is late.
        TEXTILES if ordered >= at(2026, 3, 16) => dice.between(14.0, 30.0),
        // The roaster's fire: three weeks without a delivery.
        COFFEE if (at(2026, 2, 2)..at(2026, 2, 20)).contains(&ordered) => {
            f64::from(at(2026, 2, 24) - ordered)
        }
        _ => 0.0,
    };

    ((usual + trouble).round() as i32).max(1)
}
