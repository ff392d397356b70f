//! What was decided for an item, and why: every word that `plan.csv` may say.

use std::fmt;

/// What the run decided for an item. Every item ends in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// Something is ordered, or comes from the location that supplies this one.
    Order,
    /// Nothing is needed tonight.
    NoNeed,
    /// Something is needed or unknown, and a person has to act first.
    Blocked,
    /// None of the item's order rows could be used.
    Quarantined,
}

impl Decision {
    /// Every decision, in the order in which the summary counts them.
    pub const ALL: [Self; 4] = [Self::Order, Self::NoNeed, Self::Blocked, Self::Quarantined];

    /// The word written in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Order => "order",
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
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    AtReorderPoint = "at_reorder_point" Order, "The inventory position is at or below the reorder point (under `rS` below the order-up-to level).", "Release the order.";
    JoinsOrder = "joins_order" Order, "The item will soon be needed and goes with an order of its supplier that is written tonight anyway, which saves an order cost.", "Release the order; `purchasing.joint_orders = false` turns this off.";
    TopsUpOrder = "tops_up_order" Order, "The item will soon be needed and lifts its supplier's order to the minimum order value.", "Release the order, or wait if the supplier accepts less.";
    FillsContainer = "fills_container" Order, "The item will soon be needed and fills room in a container that is shipped anyway.", "Release the order.";
    SuppliedByLocation = "supplied_by_location" Order, "Another location of ours supplies this one and has the units: see transfers.csv.", "Move the units.";
    // Nothing is needed.
    AboveReorderPoint = "above_reorder_point" NoNeed, "The inventory position is above the reorder point.", "Nothing.";
    NoDemand = "no_demand" NoNeed, "The position is at its level, and nothing is needed to reach it.", "Nothing.";
    NotOrderDay = "not_order_day" NoNeed, "Units are needed, and the supplier takes no order today.", "Wait for its next order date, or run with --order-now.";
    Transferred = "transferred" NoNeed, "The whole need comes from another location's excess: see transfers.csv.", "Move the units.";
    PhaseOut = "phase_out" NoNeed, "The item is sold until its stock is gone, and not reordered.", "Nothing; set the status to `active` to reorder it.";
    Discontinued = "discontinued" NoNeed, "The item is at its end, or past its end date, and not reordered.", "Name its successor in `items.replaces`.";
    NotStockedHere = "not_stocked_here" NoNeed, "`item_locations.active` says that the location does not stock the item.", "Nothing; set `active` to stock it.";
    // A person has to act first.
    UnknownItem = "unknown_item" Blocked, "The sku is not in the items table.", "Add it to the items table, or exclude its order rows.";
    NoStockRecord = "no_stock_record" Blocked, "No stock table is given, so nobody knows what is on hand.", "Give a stock table, or set `plan.missing_stock = \"zero\"` for an opening order.";
    NoHistory = "no_history" Blocked, "There is no demand before tonight, and nobody states any.", "Give an override, or a predecessor in `items.replaces`.";
    NoCurrencyRate = "no_currency_rate" Blocked, "The supplier's currency has no rate.", "Add it to `[currency] rates`.";
    MaxStockReached = "max_stock_reached" Blocked, "The maximum stock leaves no room for the least order.", "Raise `max_stock`, or agree a smaller MOQ or pack.";
    ShelfLifeTooShort = "shelf_life_too_short" Blocked, "The least order would outlast the item's shelf life.", "Agree a smaller MOQ or pack.";
    CoverExceedsLimit = "cover_exceeds_limit" Blocked, "The least order would last longer than `plan.max_cover_days`.", "Agree a smaller MOQ, or raise `max_cover_days` for the item by a rule.";
    SupplyingLocationIsShort = "supplying_location_is_short" Blocked, "The location that supplies this one has nothing left to give.", "Buy more there; its own plan says how much.";
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
