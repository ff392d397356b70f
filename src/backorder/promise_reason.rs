//! What a promise rests on.

/// Where the units of a waiting line come from, or why they do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PromiseReason {
    /// Physical stock, today.
    Stock,
    /// An open purchase order.
    OpenOrder,
    /// An order of tonight.
    TonightsOrder,
    /// What is needed and can be ordered on the supplier's next order date.
    NextOrder,
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
            Self::NextOrder => "next_order",
            Self::Transfer => "transfer",
            Self::WaitsForCompleteOrder => "waits_for_complete_order",
            Self::NoSupply => "no_supply",
            Self::OverLimit => "over_limit",
        }
    }
}
