//! Demand of one item over any stretch of days, as a distribution: what planning reads.

use super::lot::Lot;
pub use super::total_demand::TotalDemand;
use super::width::{Width, Widths};

/// Demand of one item over any stretch of days from `as_of` on, as a distribution.
#[derive(Debug, Clone)]
pub struct DemandDistribution {
    /// Mean demand of the first 0, 1, 2 … days.
    cumulated: Vec<f64>,
    /// Days of one season cycle, repeated beyond the horizon.
    cycle_days: usize,
    horizon_days: u32,
    spread: Spread,
    stated: Option<Stated>,
}

/// Demand that people state. It is as wide as demand of such a size usually is, not as the item's
/// own demand is.
#[derive(Debug, Clone)]
pub(super) struct Stated {
    /// Stated units of the first 0, 1, 2 … days, a part of all that is expected.
    pub(super) cumulated: Vec<f64>,
    /// How wide its totals are.
    pub(super) widths: Widths,
}

impl Stated {
    fn between(&self, from_day: u32, to_day: u32) -> f64 {
        let before = |day: u32| {
            self.cumulated.get(day as usize).or(self.cumulated.last()).copied().unwrap_or(0.0)
        };
        (before(to_day) - before(from_day)).max(0.0)
    }
}

/// What lies around an item's means.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    /// Days of an average bucket.
    pub bucket_days: f64,
    /// How wide totals are, by their length.
    pub widths: Widths,
    /// What demand comes in.
    pub lot: Lot,
}

impl Spread {
    /// Single units whose totals have the same ln r whatever their length, as a level that is not
    /// known exactly makes them: for stated distributions and tests.
    #[must_use]
    pub const fn alike(log_dispersion: f32) -> Self {
        let widths = Widths::alike(log_dispersion);
        Self { bucket_days: 1.0, widths, lot: Lot::single(true) }
    }

    /// The width of a total of so many days that begins so many days ahead.
    #[must_use]
    pub fn width(&self, ahead_days: f64, days: f64) -> Width {
        self.widths.of_days_from(ahead_days, days, self.bucket_days)
    }
}

impl DemandDistribution {
    /// The distribution from cumulated daily means (`cumulated[d]` = mean of the first d days, so
    /// it starts with 0).
    #[must_use]
    pub fn new(cumulated: Vec<f64>, cycle_days: usize, spread: Spread) -> Self {
        let horizon_days = cumulated.len().saturating_sub(1) as u32;
        Self { cumulated, cycle_days: cycle_days.max(1), horizon_days, spread, stated: None }
    }

    /// Demand of the days `as_of + from_day` … `as_of + to_day − 1`.
    #[must_use]
    pub fn total(&self, from_day: u32, to_day: u32) -> TotalDemand {
        let days = f64::from(to_day.saturating_sub(from_day));
        let mean = (self.mean_before(to_day) - self.mean_before(from_day)).max(0.0);
        let mean = if days > 0.0 { mean } else { 0.0 };
        let own = self.spread.width(f64::from(from_day), days);
        let lot = self.spread.lot;

        let Some(stated) = &self.stated else { return TotalDemand::new(mean, own, lot) };
        // Variances of the two parts add up: (m²/r) = (m₀²/r₀) + (m₁²/r₁) beside the Poisson part.
        let share =
            if mean > 0.0 { (stated.between(from_day, to_day) / mean).min(1.0) } else { 0.0 };
        let other = stated.widths.of_days(days, self.spread.bucket_days);
        TotalDemand::new(mean, own.joined(other, share), lot)
    }

    /// Mean demand of the days `from_day` … `to_day − 1`, without the distribution around it.
    #[must_use]
    pub fn mean(&self, from_day: u32, to_day: u32) -> f64 {
        (self.mean_before(to_day) - self.mean_before(from_day)).max(0.0)
    }

    /// Whether demand comes in whole units.
    #[must_use]
    pub fn is_count(&self) -> bool {
        self.spread.lot.is_count()
    }

    /// What demand comes in.
    #[must_use]
    pub fn lot(&self) -> Lot {
        self.spread.lot
    }

    /// What ln r falls by for each doubling of how far ahead a total begins.
    #[must_use]
    pub fn later(&self) -> f32 {
        self.spread.widths.later
    }

    /// Mean demand a day over the first 28 days, or over the horizon where it is shorter.
    #[must_use]
    pub fn mean_per_day(&self) -> f64 {
        let days = self.horizon_days().clamp(1, 28);
        self.mean_before(days) / f64::from(days)
    }

    /// Mean demand of the days `from_day` … `to_day − 1` less what is stated to come on top; all of
    /// it if nothing else is expected.
    #[must_use]
    pub fn lasting_mean(&self, from_day: u32, to_day: u32) -> f64 {
        let mean = (self.mean_before(to_day) - self.mean_before(from_day)).max(0.0);
        let stated = self.stated.as_ref().map_or(0.0, |stated| stated.between(from_day, to_day));
        if stated < (1.0 - 1e-9) * mean { mean - stated } else { mean }
    }

    /// Days the forecast covers by itself; later days repeat its last season cycle.
    #[must_use]
    pub fn horizon_days(&self) -> u32 {
        self.horizon_days
    }

    /// Days of one season cycle.
    pub(super) fn cycle_days(&self) -> usize {
        self.cycle_days
    }

    /// The same distribution around other means, of which a part is stated; they may reach beyond
    /// what the forecast covers by itself.
    pub(super) fn with_stated(self, cumulated: Vec<f64>, stated: Stated) -> Self {
        Self { cumulated, stated: Some(stated), ..self }
    }

    /// Mean demand before day `day` of the plan.
    pub(super) fn mean_before(&self, day: u32) -> f64 {
        let (day, last) = (day as usize, self.cumulated.len().saturating_sub(1));
        let Some(total) = self.cumulated.last() else { return 0.0 };
        if day <= last {
            return self.cumulated[day];
        }
        if last == 0 {
            return 0.0;
        }

        let cycle = self.cycle_days.min(last);
        let beyond = day - last;
        let before_cycle = self.cumulated[last - cycle];
        let whole = (beyond / cycle) as f64 * (total - before_cycle);
        total + whole + self.cumulated[last - cycle + beyond % cycle] - before_cycle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distribution(lot: Lot) -> DemandDistribution {
        let cumulated = (0..=14).map(f64::from).collect();
        let mut widths = Widths::default();
        for (k, width) in widths.of_buckets.iter_mut().enumerate() {
            width.log_dispersion = 0.5 * k as f32;
        }
        DemandDistribution::new(cumulated, 7, Spread { bucket_days: 7.0, widths, lot })
    }

    #[test]
    fn totals_add_up_and_go_on_beyond_the_horizon() {
        let distribution = distribution(Lot::single(true));
        assert_eq!(distribution.total(0, 7).mean(), 7.0);
        assert_eq!(distribution.total(3, 10).mean(), 7.0);
        assert_eq!(distribution.total(10, 40).mean(), 30.0);
        assert_eq!(distribution.total(5, 5).quantile(0.99), 0.0);
        assert_eq!(distribution.mean_per_day(), 1.0);
    }

    #[test]
    fn a_longer_total_is_relatively_narrower() {
        for lot in [Lot::single(true), Lot::of_quantity(0.3)] {
            let distribution = distribution(lot);
            let spread = |days| {
                let total = distribution.total(0, days);
                total.variance().sqrt() / total.mean()
            };
            assert!(spread(2) > spread(7) && spread(7) > spread(10) && spread(10) > spread(14));
        }
    }

    #[test]
    fn an_item_without_a_forecast_needs_nothing() {
        let distribution = DemandDistribution::new(Vec::new(), 7, Spread::alike(0.0));
        assert_eq!(distribution.total(0, 30).quantile(0.99), 0.0);
        assert_eq!(distribution.mean_per_day(), 0.0);
    }
}
