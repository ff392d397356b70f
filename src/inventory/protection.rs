//! Demand of the interval that a policy protects: the distribution that levels are read from.
//!
//! An order placed at a review on day t₀ arrives L days later, the next one R + L days later. Under
//! `rS` the stock that an order leads up to has to last until then: X is the demand of R + L days.
//! With a reorder point a position just above s at t₀ waits for the next review at t₀ + R; what is
//! ordered then, at s − U, ends a cycle in shortage when the demand of the L days after it exceeds
//! that position: X is the undershoot U of the days between the two reviews plus the demand of the
//! L days that begin at the second.
//! Lead times mix the distributions of totals of each length; a normal distribution around the mean
//! lead time would put its spread where no lead time is.

use super::day_distribution::DayDistribution;
pub use super::demand_totals::DemandTotals;
use super::lattice::{Grid, Lattice, Mixture};
use super::overtaking::stock_lead_time;
use super::supply::Supply;
use super::undershoot::Position;

/// Lead times in a mixture; a distribution with more is thinned. Judgement: a test of
/// `DayDistribution` holds a thinned one to its mean and to 5 % of its spread.
const MAX_LEAD_TIMES: usize = 24;
/// Standard deviations above the mean within which most levels lie. Judgement on where to look
/// first: where it does not suffice, more is looked at.
const USUAL_SDS: f64 = 3.0;
/// Days over which the mean demand that orders follow is taken. Judgement: four whole weeks, so
/// that every weekday counts alike.
pub(super) const MEAN_DAYS: u32 = 28;

/// The demand of the days that orders protect, on one lattice.
pub struct Protection<'a, D> {
    demand: &'a D,
    supply: &'a Supply,
    /// The supply's lead time, thinned.
    lead_time: DayDistribution,
    /// Reaches the demand of the longest lead time and one review period.
    grid: Grid,
}

impl<'a, D: DemandTotals> Protection<'a, D> {
    /// The demand from the supply's first order date on.
    #[must_use]
    pub fn new(demand: &'a D, supply: &'a Supply) -> Self {
        let lead_time = supply.lead_time.thinned(MAX_LEAD_TIMES);
        let first = supply.first_order_day;
        let review = supply.review_period_days.max(supply.in_turn.longest()).max(1);
        let (mean, variance) = demand.moments(first, first + lead_time.longest() + review);

        Self { demand, supply, lead_time, grid: Grid::covering(mean, variance, demand.is_count()) }
    }

    /// Days in which so many units are demanded, at least R.
    #[must_use]
    pub fn days_of(&self, units: f64) -> f64 {
        let (from_day, review) = (self.supply.first_order_day, f64::from(self.review_days()));
        let per_day = self.demand.mean(from_day, from_day + MEAN_DAYS) / f64::from(MEAN_DAYS);
        if per_day > 0.0 { (units / per_day).max(review) } else { f64::INFINITY }
    }

    /// The same where an order is placed every so many days: orders may overtake one another.
    #[must_use]
    pub fn ordered_every(self, days: f64) -> Self {
        let correlation = self.supply.lead_time_correlation;
        let of_stock = stock_lead_time(&self.lead_time, (self.review_days(), days), correlation);
        Self { lead_time: of_stock.thinned(MAX_LEAD_TIMES), ..self }
    }

    /// The lattice that all distributions here lie on.
    #[must_use]
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// R, at least 1.
    #[must_use]
    pub fn review_days(&self) -> u32 {
        self.supply.review_period_days.max(1)
    }

    /// Distribution of the demand between two reviews, which takes the position past the reorder
    /// point.
    #[must_use]
    pub fn one_review(&self) -> Lattice {
        self.mixed(self.supply.first_order_day, &[(self.review_days(), 1.0)])
    }

    /// Distribution of the demand of the L + `extra` days after the order date, over that of lead
    /// times.
    #[must_use]
    pub fn lead_time_and(&self, extra_days: u32) -> Lattice {
        let lengths: Vec<(u32, f64)> =
            self.lead_time.points().iter().map(|&(day, w)| (day + extra_days, w)).collect();

        self.mixed(self.supply.first_order_day, &lengths)
    }

    /// The level that the demand of the L days after the next order date, which is what an order of
    /// that date waits for, and another quantity stay within together with this probability, over
    /// the distribution of lead times.
    #[must_use]
    pub fn quantile_of_next_order(&self, other: &Lattice, level: f64) -> f64 {
        let (from_day, longest) = (self.next_order_day(), self.lead_time.longest());
        let (mean, variance) = self.demand.moments(from_day, from_day + longest);
        let usual = mean + USUAL_SDS * variance.max(0.0).sqrt() + other.mean();
        // Most levels lie far below the far end: what lies beyond is looked at where it has to be.
        let mut points = self.grid.steps(usual).saturating_add(2).min(self.grid.points);
        loop {
            let grid = Grid { points, ..self.grid };
            let demand = self.mixed_on(grid, from_day, self.lead_time.points());
            let (quantile, is_before_end) = demand.quantile_with(other, level);
            let is_whole = points == self.grid.points || demand.grid().points < points;
            if is_before_end || is_whole {
                return quantile;
            }
            points = points.saturating_mul(2).min(self.grid.points);
        }
    }

    /// Days from `as_of` to the order date after the first.
    fn next_order_day(&self) -> u32 {
        self.supply.first_order_day + self.review_days()
    }

    /// Mean of the demand of the L + `extra` days after the order date, as forecast: the mean of
    /// the distribution above may be lifted by a far end of which calibration knows how often it is
    /// reached and not how far.
    #[must_use]
    pub fn mean_of_lead_time_and(&self, extra_days: u32) -> f64 {
        self.mean_from(self.supply.first_order_day, extra_days)
    }

    /// Mean of the demand of the L days after the next order date, as forecast.
    #[must_use]
    pub fn mean_of_lead_time_of_next_order(&self) -> f64 {
        self.mean_from(self.next_order_day(), 0)
    }

    /// Mean of the demand of the L + `extra` days from a day on, as forecast.
    fn mean_from(&self, from_day: u32, extra_days: u32) -> f64 {
        self.lead_time
            .points()
            .iter()
            .map(|&(day, weight)| {
                let until = from_day.saturating_add(day).saturating_add(extra_days);
                weight * self.demand.mean(from_day, until)
            })
            .sum()
    }

    /// Distribution of the demand from the order date up to the end of a day drawn from those
    /// between the order's arrival and the next one's: of L + i days, over i = every, 2·every … and
    /// R, each weighted by the days since the one before.
    #[must_use]
    pub fn until_a_day_between_arrivals(&self, every_days: u32) -> Lattice {
        let (review, every) = (self.review_days(), every_days.max(1));

        let mut lengths = Vec::new();
        let mut before = 0;
        while before < review {
            let until = before.saturating_add(every).min(review);
            let share = f64::from(until - before);
            lengths.extend(
                self.lead_time.points().iter().map(|&(day, weight)| (day + until, weight * share)),
            );
            before = until;
        }

        DayDistribution::from_weights(lengths).map_or_else(
            || Lattice::zero(self.grid),
            |distribution| self.mixed(self.supply.first_order_day, distribution.points()),
        )
    }

    /// Mean lead time in days.
    #[must_use]
    pub fn mean_lead_time(&self) -> f64 {
        self.lead_time.mean()
    }

    /// Where the position stands under `rsS` with this gap between s and S.
    #[must_use]
    pub fn position_up_to(&self, gap_units: f64) -> Position {
        let mut from_day = self.supply.first_order_day;
        let reviews: Vec<Lattice> = self
            .supply
            .in_turn
            .days()
            .map(|days| {
                let review = self.mixed(from_day, &[(days, 1.0)]);
                from_day += days;
                review
            })
            .collect();

        match reviews.is_empty() {
            true => Position::up_to(&self.one_review(), gap_units),
            false => Position::up_to_in_turn(&self.one_review(), &reviews, gap_units),
        }
    }

    /// Distribution of the demand of so many days from a day on, mixed by weight.
    fn mixed(&self, from_day: u32, lengths: &[(u32, f64)]) -> Lattice {
        self.mixed_on(self.grid, from_day, lengths)
    }

    /// The same up to the far end of a grid.
    fn mixed_on(&self, grid: Grid, from_day: u32, lengths: &[(u32, f64)]) -> Lattice {
        let mut mixture = Mixture::new(grid);
        for &(days, weight) in lengths {
            mixture.add(weight, |out| {
                self.demand.fill_cdf((from_day, from_day + days), grid.step, out)
            });
        }

        mixture.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::demand_distribution::DemandDistribution;
    use crate::forecast::demand_distribution::Spread;
    use crate::forecast::lot::Lot;
    use crate::forecast::width::{Width, Widths};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_level_looked_for_before_the_far_end_is_that_of_the_whole_sum(
            per_day in 0.01_f64..30.0,
            log_dispersion in -3.0_f32..6.0,
            sd in 0.0_f32..0.9,
            gap in 0.0_f64..90.0,
            level in 0.3_f64..0.9999,
            is_count in any::<bool>(),
        ) {
            let lot = if is_count { Lot::single(true) } else { Lot::of_quantity(0.5) };
            let width = Width { log_dispersion, sd };
            let widths = Widths { of_day: Some(width), of_buckets: [width; 7], later: 0.0 };
            let cumulated = (0..=90).map(|day| per_day * f64::from(day)).collect();
            let spread = Spread { bucket_days: 7.0, widths, lot };
            let demand = DemandDistribution::new(cumulated, 7, spread);
            let lead_time = DayDistribution::from_mean_and_sd(9.0, 3.0);
            let supply = Supply::new(lead_time, 1, 7);

            let protection = Protection::new(&demand, &supply);
            let undershoot = protection.position_up_to(gap).undershoot;
            let found = protection.quantile_of_next_order(&undershoot, level);
            let lengths = protection.lead_time.points();
            let whole = protection.mixed(protection.next_order_day(), lengths).plus(&undershoot);
            let expected = whole.quantile(level);
            prop_assert!((found - expected).abs() <= 1e-9 * expected, "{found} and {expected}");
        }
    }
}
