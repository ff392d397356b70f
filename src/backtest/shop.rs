//! The replayed shop: what happened, and on what terms. It is the same for every policy.

use crate::domain::policy::UnmetDemand;
use crate::inventory::day_distribution::DayDistribution;
use crate::stats::random;

use super::shelf::Shelf;

/// What stock, shortage and orders cost.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Charges {
    /// A unit on hand for a day, money.
    pub holding_per_day: f64,
    /// A unit that was not served at once, money.
    pub short_unit: f64,
    /// A unit that waits for a day, money.
    pub waiting_per_day: f64,
    /// An order line, money.
    pub order_line: f64,
    /// Worth of a unit in stock, which is lost when it expires, money.
    pub unit_value: f64,
}

/// The terms on which one item is ordered and sold.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// What becomes of demand without stock.
    pub unmet: UnmetDemand,
    /// What things cost.
    pub charges: Charges,
    /// Units of a pack; 0 if there are no packs.
    pub pack_size: f64,
    /// Smallest order, units; 0 if there is no minimum.
    pub moq: f64,
    /// Whether all demand is whole.
    pub is_count: bool,
    /// Days from an order to its delivery.
    pub lead_time: DayDistribution,
    /// Usual days between order days.
    pub review_days: usize,
    /// Index of the calendar that holds its order days.
    pub calendar: usize,
    /// Number of the supplier and location that an order goes to.
    pub order_group: u32,
    /// Number of its supplier.
    pub supplier: u32,
    /// Days that stock keeps; `None` if it keeps for ever.
    pub keeps_days: Option<usize>,
    /// Whether a cycle is a review (policy `rS`) and not a delivery.
    pub cycle_is_review: bool,
    /// The first day that is scored: before it no order of the replay can have served.
    pub scored_from: usize,
}

/// A stretch of days in which a supplier delivers nothing; what is due then comes on the day after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// Number of the supplier.
    pub supplier: u32,
    /// First day.
    pub from: usize,
    /// Last day.
    pub to: usize,
}

/// What happened. Days are counted from the first day of the history that policies may look back
/// on.
#[derive(Debug, Clone, Default)]
pub struct ReplayedShop {
    /// Demand by item and day, units: `days` entries for each item.
    pub demand: Vec<f64>,
    /// Days, history included.
    pub days: usize,
    /// The first day that is replayed.
    pub from: usize,
    /// The first day on which any item is scored.
    pub scored_from: usize,
    /// For each day, how many days of holding cost are charged at its end.
    pub charged_days: Vec<f64>,
    /// For each day, the block of time (month) that it counts in.
    pub block: Vec<u16>,
    /// Order days, for each calendar by day.
    pub calendars: Vec<Vec<bool>>,
    /// Terms of each item.
    pub terms: Vec<Terms>,
    /// Whether the demand of an item and day is not known, in the order of `demand`; empty if all
    /// is known.
    pub unknown: Vec<bool>,
    /// Stretches without deliveries.
    pub outages: Vec<Outage>,
    /// Seed from which lead times are drawn.
    pub seed: u64,
}

impl ReplayedShop {
    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether there are no items.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// How many blocks of time there are.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.block.iter().max().map_or(0, |block| usize::from(*block) + 1)
    }

    /// An item's demand by day.
    #[must_use]
    pub fn demand_of(&self, item: usize) -> &[f64] {
        &self.demand[item * self.days..(item + 1) * self.days]
    }

    /// Whether an item can be ordered on a day.
    #[must_use]
    pub fn is_order_day(&self, item: usize, day: usize) -> bool {
        self.calendars
            .get(self.terms[item].calendar)
            .and_then(|days| days.get(day))
            .copied()
            .unwrap_or(false)
    }

    /// The next order day after `day`, at most a year on.
    #[must_use]
    pub fn next_order_day(&self, item: usize, day: usize) -> usize {
        let days = self.calendars.get(self.terms[item].calendar).map_or(&[][..], Vec::as_slice);
        let later = (day + 1..days.len()).find(|day| days[*day]);

        later.unwrap_or_else(|| days.len().max(day + self.terms[item].review_days.max(1)))
    }

    /// The day on which an order of a day arrives: the same for every policy.
    #[must_use]
    pub fn arrival_of(&self, item: usize, day: usize) -> usize {
        let terms = &self.terms[item];
        let drawn = if terms.lead_time.is_certain() {
            terms.lead_time.longest()
        } else {
            terms
                .lead_time
                .quantile(random::unit(self.seed ^ 0x1EAD, (item as u64) << 24 | day as u64))
        };

        let mut arrives = day + drawn as usize;
        for outage in self.outages.iter().filter(|outage| outage.supplier == terms.supplier) {
            if (outage.from..=outage.to).contains(&arrives) {
                arrives = outage.to + 1;
            }
        }
        arrives
    }

    /// Mean weekly demand of an item over at most 13 weeks before a day.
    #[must_use]
    pub fn weekly_mean_before(&self, item: usize, day: usize) -> f64 {
        weekly_mean(&self.demand_of(item)[..day.min(self.days)])
    }

    /// The stock that every policy starts with: a number of weeks of mean demand, rounded up if
    /// demand is whole.
    #[must_use]
    pub fn start_stock(&self, cover_weeks: f64) -> Vec<Shelf> {
        (0..self.len())
            .map(|item| {
                let stock = cover_weeks * self.weekly_mean_before(item, self.from);
                let stock =
                    if self.terms[item].is_count { (stock - 1e-9).ceil().max(0.0) } else { stock };
                Shelf::new(stock, self.terms[item].keeps_days, self.from)
            })
            .collect()
    }

    /// An order on the item's terms: whole packs, and no less than the minimum.
    #[must_use]
    pub fn on_terms(&self, item: usize, units: f64) -> f64 {
        if units <= 0.0 {
            return 0.0;
        }

        let terms = &self.terms[item];
        let units = units.max(terms.moq);
        if terms.pack_size > 0.0 {
            (units / terms.pack_size - 1e-9).ceil() * terms.pack_size
        } else {
            units
        }
    }
}

/// Mean weekly demand over the last 13 weeks of a history, or over all of a shorter one, units.
#[must_use]
pub fn weekly_mean(history: &[f64]) -> f64 {
    let days = history.len().min(91);
    if days == 0 {
        return 0.0;
    }

    history[history.len() - days..].iter().sum::<f64>() / (days as f64 / 7.0)
}
