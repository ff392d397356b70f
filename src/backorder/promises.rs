//! What can be promised to each customer who waits: the row of `promises.csv`.

use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::tables::Backorder;

/// Where the units of a waiting line come from, or why they do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PromiseReason {
    /// Physical stock, today.
    Stock,
    /// An open purchase order.
    OpenOrder,
    /// An order of tonight.
    TonightsOrder,
    /// A transfer of tonight.
    Transfer,
    /// It could leave, and its order leaves only as a whole.
    WaitsForCompleteOrder,
    /// Nothing that is known covers it.
    NoSupply,
    /// More, or later, than its item's or its customer's limit allows.
    OverLimit,
}

impl PromiseReason {
    /// The word written in outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::OpenOrder => "open_order",
            Self::TonightsOrder => "tonights_order",
            Self::Transfer => "transfer",
            Self::WaitsForCompleteOrder => "waits_for_complete_order",
            Self::NoSupply => "no_supply",
            Self::OverLimit => "over_limit",
        }
    }
}

/// The day on which the last unit of a line ships.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShipDay {
    /// As probable before as after.
    pub p50: Day,
    /// Nine times of ten not later; what a customer is told.
    pub p90: Day,
}

/// What can be promised on one waiting line.
#[derive(Debug, Clone, PartialEq)]
pub struct Promise<'a> {
    /// The line.
    pub row: &'a Backorder,
    /// Units from physical stock, to be shipped today.
    pub allocated: Fixed,
    /// When its last unit ships; `None` where the supply that is known does not cover it.
    pub ships: Option<ShipDay>,
    /// Whether it waits within its limit; `None` where nobody states one.
    pub within_limit: Option<bool>,
    /// Where its units come from.
    pub reason: PromiseReason,
    /// What else the customer could be offered, in words.
    pub alternative: Option<String>,
    /// Whether nothing will ever come: the item is not reordered, and what is known of its supply
    /// does not cover the line.
    pub never_ships: bool,
}
