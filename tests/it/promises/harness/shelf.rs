//! Stock of one item day by day: at a review orders are placed, deliveries come at the start of a
//! day, demand follows, and what finds no stock waits.

use std::ops::Range;

use restock::domain::policy::Policy;
use restock::domain::target::Target;

use super::terms::Terms;

/// s and S, units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Level {
    pub(crate) reorder_point: f64,
    pub(crate) order_up_to_level: f64,
}

/// Days that happened: demand, and how long an order of each day would take.
#[derive(Clone, Default)]
pub(crate) struct Path {
    pub(crate) demand: Vec<f64>,
    pub(crate) lead_days: Vec<u32>,
    /// Where the position stands at first, on an order date: 0 at s, 1 at S. Demand that hardly
    /// varies keeps the distance to s at which it is ordered for a long time.
    pub(crate) start: f64,
}

/// What of a path is counted.
#[derive(Clone)]
pub(crate) struct Counted {
    /// Cycles that end with an order of these days.
    pub(crate) orders: Range<usize>,
    /// Days.
    pub(crate) days: Range<usize>,
}

/// Sums over the days and cycles that are counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) cycles: f64,
    pub(crate) cycles_kept: f64,
    pub(crate) days: f64,
    pub(crate) days_with_stock: f64,
    pub(crate) demanded: f64,
    pub(crate) short: f64,
    /// Units on hand at the end of each day.
    pub(crate) stock: f64,
    /// Units waiting at the end of each day.
    pub(crate) waiting: f64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Self) {
        self.cycles += other.cycles;
        self.cycles_kept += other.cycles_kept;
        self.days += other.days;
        self.days_with_stock += other.days_with_stock;
        self.demanded += other.demanded;
        self.short += other.short;
        self.stock += other.stock;
        self.waiting += other.waiting;
    }

    /// What a target speaks of: how much was kept, of how much; of a cost target, what the days
    /// cost in units in stock, below 0.
    pub(crate) fn kept(&self, target: Target) -> (f64, f64) {
        match target {
            Target::CycleServiceLevel(_) => (self.cycles_kept, self.cycles),
            Target::FillRate(_) => (self.demanded - self.short, self.demanded),
            Target::ReadyRate(_) => (self.days_with_stock, self.days),
            Target::Cost(cost) => {
                let waiting = cost.shortage / cost.holding * self.waiting;
                (-(self.stock + waiting), self.days)
            }
        }
    }

    pub(crate) fn share(&self, target: Target) -> f64 {
        let (kept, of) = self.kept(target);
        if of > 0.0 { kept / of } else { 1.0 }
    }

    pub(crate) fn mean_stock(&self) -> f64 {
        self.stock / self.days.max(1.0)
    }
}

/// A policy with the multiple that `rsnQ` orders, units.
#[derive(Clone, Copy)]
pub(crate) struct Ordering {
    pub(crate) terms: Terms,
    pub(crate) multiple: f64,
}

impl Ordering {
    /// What is ordered at a review, in units.
    fn order(&self, level: Level, position: f64) -> Option<f64> {
        match self.terms.policy {
            Policy::UpToLevel => Some((level.order_up_to_level - position).max(0.0)),
            _ if position > level.reorder_point => None,
            Policy::ReorderMultiple => {
                let below = level.reorder_point - position;
                Some((below / self.multiple).floor() * self.multiple + self.multiple)
            }
            _ => Some(level.order_up_to_level - position),
        }
    }

    /// Follows one path under the levels of each order weekday.
    pub(crate) fn follow(&self, levels: &[Level], path: &Path, counted: &Counted) -> Counts {
        let mut counts = Counts::default();
        let Level { reorder_point, order_up_to_level } = levels[0];
        let begun = (path.start * (order_up_to_level - reorder_point)).ceil();
        let (mut net, mut position) = (reorder_point + begun, reorder_point + begun);
        // Day of arrival, units, and whether the cycle that it ends counts.
        let mut open: Vec<(usize, f64, bool)> = Vec::new();

        for day in 0..path.demand.len() {
            let net_the_evening_before = net;
            if let Some(level) = self.terms.review.level_on(day)
                && let Some(units) = self.order(levels[level], position)
            {
                position += units;
                let arrival = day + path.lead_days[day] as usize;
                open.push((arrival, units, counted.orders.contains(&day)));
            }

            let mut ended = 0;
            open.retain(|&(arrival, units, counts)| {
                if arrival == day {
                    net += units;
                    ended += usize::from(counts);
                }
                arrival != day
            });
            counts.cycles += ended as f64;
            if net_the_evening_before > -1e-9 {
                counts.cycles_kept += ended as f64;
            }

            let units = path.demand[day];
            if counted.days.contains(&day) {
                counts.demanded += units;
                counts.short += (units - net.max(0.0)).max(0.0);
                counts.days += 1.0;
                counts.days_with_stock += if net - units > 1e-9 { 1.0 } else { 0.0 };
                counts.stock += (net - units).max(0.0);
                counts.waiting += (units - net).max(0.0);
            }
            net -= units;
            position -= units;
        }

        counts
    }
}
