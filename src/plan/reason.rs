//! What was decided for an item, and why: every word that `plan.csv` may say.

use std::fmt;

/// What the run decided for an item. Every item ends in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// Something is ordered, or comes from the location that supplies this one.
    Order,
    /// Something is needed, and tonight is no order date of the supplier.
    Waits,
    /// Nothing is needed tonight.
    NoNeed,
    /// Something is needed or unknown, and a person has to act first.
    Blocked,
    /// None of the item's order rows could be used.
    Quarantined,
}

impl Decision {
    /// Every decision, in the order in which the summary counts them.
    pub const ALL: [Self; 5] =
        [Self::Order, Self::Waits, Self::NoNeed, Self::Blocked, Self::Quarantined];

    /// The word written in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Waits => "waits",
            Self::NoNeed => "no_need",
            Self::Blocked => "blocked",
            Self::Quarantined => "quarantined",
        }
    }
}

/// Declares the reasons: `Variant = "word" Decision, "what it means", "what to do";`.
macro_rules! reasons {
    ($($variant:ident = $word:literal $decision:ident, $meaning:literal, $remedy:literal;)*) => {
        /// Why an item was decided as it was. A reason belongs to exactly one decision, so a row
        /// can never say two things that contradict each other.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize,
            serde::Deserialize,
        )]
        pub enum Reason {
            $(#[doc = $meaning] $variant,)*
        }

        impl Reason {
            /// Every reason, by decision.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word written in outputs.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The decision that it is a reason for.
            #[must_use]
            pub fn decision(self) -> Decision {
                match self { $(Self::$variant => Decision::$decision,)* }
            }

            /// What it means, in a sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// What a planner does about it.
            #[must_use]
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }
    };
}

reasons! {
    // Something is ordered.
    AtReorderPoint = "at_reorder_point" Order,
        "The inventory position is at or below the reorder point (policy `rS`: below the \
         order-up-to level), and tonight is an order date of the supplier.",
        "Nothing, unless the line's `state` is `needs_review` or `held`; `exceptions.csv` then \
         says why.";
    LastBuy = "last_buy" Order,
        "`end_date` is so near that tonight's order is the last one: no later order could arrive \
         to be sold, or this one covers all that is left. It leads up to the demand until then \
         at the level margin / (margin + cost), beyond which a unit loses more than it earns.",
        "Check quantity and `end_date` before it goes out. Move `end_date` if the item goes on.";
    JoinsOrder = "joins_order" Order,
        "The item is not at its reorder point yet and will soon be. It joins an order that is \
         written to its supplier anyway, where that saves an order.",
        "Nothing. `purchasing.joint_orders = false` turns it off.";
    TopsUpOrder = "tops_up_order" Order,
        "The item will soon be needed and lifts its supplier's order to the minimum order value.",
        "Release the order, or wait if the supplier accepts less.";
    FillsContainer = "fills_container" Order,
        "The item will soon be needed and fills room in a container that is shipped anyway.",
        "Release the order.";
    SuppliedByLocation = "supplied_by_location" Order,
        "The item is needed, and another location supplies this one: what that location can spare \
         is moved, and nothing is bought here.",
        "Make the transfer of `transfers.csv`.";
    // Something is needed, and tonight is no order date.
    NotOrderDay = "not_order_day" Waits,
        "The item is needed, and the supplier takes no order tonight: it is not one of its order \
         dates, or it is closed. `next_order_date` says when it takes one, and `order_quantity` \
         what would be ordered tonight.",
        "Nothing, or order outside its days where the risk is high (`backorder_risk.csv`). \
         `restock run --order-now` treats tonight as an order date.";
    // Nothing is needed.
    AboveReorderPoint = "above_reorder_point" NoNeed,
        "What is on hand and on order suffices until the next order date.",
        "Nothing.";
    NoDemand = "no_demand" NoNeed,
        "The position is at the reorder point, and nothing is needed to fill it: the item does \
         not sell.",
        "Nothing. If it is to be kept on the shelf, give it a `min_stock`.";
    Transferred = "transferred" NoNeed,
        "The need is met by stock that moves from another location tonight.",
        "Make the transfer of `transfers.csv`.";
    LastBuyLoses = "last_buy_loses" NoNeed,
        "`end_date` is near, and the least that can be ordered would leave more behind than it \
         would earn by then.",
        "Nothing, or ask the supplier for a smaller pack or MOQ.";
    PhaseOut = "phase_out" NoNeed,
        "`items.status` says that the item is sold off and not reordered.",
        "Nothing. Set the status to `active` if it goes on.";
    Replaced = "replaced" NoNeed,
        "Another item names it in `replaces` and has begun, or no day is set for that: what is \
         left is sold first, and it is not reordered.",
        "Nothing. If both go on, take `replaces` off the other; if it goes on for a while, give \
         the other a `launch_date`.";
    Discontinued = "discontinued" NoNeed,
        "`items.status` says so, or `end_date` has passed.",
        "Nothing. Name its successor in that item's `replaces`, so that its demand is not lost.";
    NotStockedHere = "not_stocked_here" NoNeed,
        "`item_locations.active` is false for this location.",
        "Nothing.";
    Bundle = "bundle" NoNeed,
        "The item is sold as a bundle: its sales are demand of its `components`, and it is neither \
         stocked nor ordered.",
        "Nothing. `restock explain` says how many can be made from free stock.";
    // A person has to act first.
    UnknownItem = "unknown_item" Blocked,
        "The sku is not in the `items` table that is given.",
        "Add it, or correct the spelling.";
    NoStockRecord = "no_stock_record" Blocked,
        "No `stock` table is given, so stock is unknown. Levels are computed and nothing is \
         ordered.",
        "Give a `stock` table. For a shop that opens with nothing, set `plan.missing_stock = \
         \"zero\"`.";
    ComponentsUnresolved = "components_unresolved" Blocked,
        "The item is a bundle whose components lead back to it, or are nested too deep.",
        "Correct its rows in `components`: `exceptions.csv` shows the way.";
    StockUnreadable = "stock_unreadable" Blocked,
        "A row of the item in the `stock` table cannot be read, so its stock is unknown.",
        "Correct the row: `exceptions.csv` names it, with the field and its value.";
    Snoozed = "snoozed" Blocked,
        "A person rejected the order, or cut it, until a date or until the need grows by \
         `purchasing.reopen_growth`.",
        "Look up who decided so, and why: `restock orders list --all`.";
    NoHistory = "no_history" Blocked,
        "No sale, launch, override or predecessor tells anything of the item's demand.",
        "Give an override with the expected demand, or name the item that it `replaces`.";
    NoCurrencyRate = "no_currency_rate" Blocked,
        "The supplier is paid in a currency without a rate.",
        "Add the rate to `[currency] rates`.";
    MaxStockReached = "max_stock_reached" Blocked,
        "Not even the least order fits under `max_stock`.",
        "Raise `max_stock`, or take a smaller pack.";
    ShelfLifeTooShort = "shelf_life_too_short" Blocked,
        "Not even the least order would sell within the item's shelf life.",
        "Take a smaller pack or MOQ, or end the item.";
    CoverExceedsLimit = "cover_exceeds_limit" Blocked,
        "The least that can be ordered (MOQ in whole packs) lasts longer than `max_cover_days`, \
         or what is there does already.",
        "Negotiate the MOQ, or raise `max_cover_days` for the item by a rule.";
    SupplyingLocationIsShort = "supplying_location_is_short" Blocked,
        "The location that supplies this one has nothing left to send.",
        "Buy more there; its own row says what stands in the way.";
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_reason_has_its_own_word_and_no_decision_is_without_one() {
        let words: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        assert_eq!(words.len(), Reason::ALL.len());

        let decisions: BTreeSet<Decision> =
            Reason::ALL.iter().map(|reason| reason.decision()).collect();
        let with_reasons = Decision::ALL.into_iter().filter(|it| *it != Decision::Quarantined);
        assert_eq!(decisions, with_reasons.collect(), "quarantined items have a code instead");
    }
}
