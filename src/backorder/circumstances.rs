//! What an item's shortage depends on, so that one thing at a time can be thought otherwise.

use crate::inventory::day_distribution::DayDistribution;
use crate::inventory::protection::DemandTotals;
use crate::inventory::risk::{Exposure, Incoming, expected_short_units, stockout_probability};
use crate::plan::PlannedItem;
use crate::plan::item::decide::incoming;

/// Stock, what is on its way, and when help could come.
#[derive(Debug, Clone)]
pub struct Circumstances {
    /// On hand less allocated less owed; negative where more is owed than there is.
    pub stock_units: f64,
    /// Open orders that are counted on.
    pub incoming: Vec<Incoming>,
    /// Days until an order of the next order date arrives.
    pub next_order: DayDistribution,
}

impl Circumstances {
    /// As they are; `None` where stock is unknown.
    #[must_use]
    pub fn of(item: &PlannedItem<'_>) -> Option<Self> {
        let supply = &item.facts.supply;
        Some(Self {
            stock_units: item.row.stock?.free().to_f64(),
            incoming: incoming(&item.facts),
            next_order: supply.lead_time.later(supply.first_order_day),
        })
    }

    /// Units that cannot be served at once before help comes, expected.
    #[must_use]
    pub fn short_units<D: DemandTotals>(&self, demand: &D) -> f64 {
        expected_short_units(demand, &self.exposure())
    }

    /// The probability that there are any.
    #[must_use]
    pub fn stockout_probability<D: DemandTotals>(&self, demand: &D) -> f64 {
        stockout_probability(demand, &self.exposure())
    }

    fn exposure(&self) -> Exposure<'_> {
        Exposure {
            stock_units: self.stock_units,
            incoming: &self.incoming,
            next_order: &self.next_order,
            horizon_days: 0,
        }
    }
}

/// A time that may end this many days sooner, and not in the past.
#[must_use]
pub fn sooner(days: &DayDistribution, by: u32) -> DayDistribution {
    days.mapped(|day| day.saturating_sub(by))
}
