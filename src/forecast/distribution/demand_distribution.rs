//! Demand of one item over any stretch of days, as a distribution: what planning reads.

use super::calibrate::CalibrationMap;
use crate::stats::negative_binomial::{GammaDistribution, NegativeBinomial};

/// Demand of one item over any stretch of days from `as_of` on, as a distribution.
#[derive(Debug, Clone)]
pub struct DemandDistribution<'a> {
    /// Mean demand of the first 0, 1, 2 … days.
    cumulated: Vec<f64>,
    /// Days of one season cycle, repeated beyond the horizon.
    cycle_days: usize,
    horizon_days: u32,
    spread: Spread<'a>,
    stated: Option<Stated<'a>>,
}

/// Demand that people state. It is as wide as demand of such a size usually is, not as the item's
/// own demand is.
#[derive(Debug, Clone)]
pub(super) struct Stated<'a> {
    /// Stated units of the first 0, 1, 2 … days, a part of all that is expected.
    pub(super) cumulated: Vec<f64>,
    /// ln r of its totals, by length as in [`Spread`].
    pub(super) log_dispersion: &'a [f32],
}

impl Stated<'_> {
    fn between(&self, from_day: u32, to_day: u32) -> f64 {
        let before = |day: u32| {
            self.cumulated.get(day as usize).or(self.cumulated.last()).copied().unwrap_or(0.0)
        };
        (before(to_day) - before(from_day)).max(0.0)
    }
}

/// How wide totals are, by their length.
#[derive(Debug, Clone, Copy)]
pub struct Spread<'a> {
    /// Days of an average bucket.
    pub bucket_days: f64,
    /// ln r of totals over 1, 2, 4, 8 … buckets; ln r is linear in the logarithm of the length
    /// between.
    pub log_dispersion: &'a [f32],
    /// Calibration of totals of the same lengths; empty where there is none.
    pub calibration: &'a [CalibrationMap],
    /// Whether demand comes in whole units.
    pub is_count: bool,
}

impl<'a> DemandDistribution<'a> {
    /// The distribution from cumulated daily means (`cumulated[d]` = mean of the first d days, so
    /// it starts with 0).
    #[must_use]
    pub fn new(cumulated: Vec<f64>, cycle_days: usize, spread: Spread<'a>) -> Self {
        let horizon_days = cumulated.len().saturating_sub(1) as u32;
        Self { cumulated, cycle_days: cycle_days.max(1), horizon_days, spread, stated: None }
    }

    /// Demand of the days `as_of + from_day` … `as_of + to_day − 1`.
    #[must_use]
    pub fn total(&self, from_day: u32, to_day: u32) -> TotalDemand<'a> {
        let days = f64::from(to_day.saturating_sub(from_day));
        let mean = (self.mean_before(to_day) - self.mean_before(from_day)).max(0.0);
        let mean = if days > 0.0 { mean } else { 0.0 };
        let buckets = days / self.spread.bucket_days;

        let Some(stated) = &self.stated else { return self.spread.total(mean, buckets) };
        // Variances of the two parts add up: (m²/r) = (m₀²/r₀) + (m₁²/r₁) beside the Poisson part.
        let share =
            if mean > 0.0 { (stated.between(from_day, to_day) / mean).min(1.0) } else { 0.0 };
        let own = self.spread.dispersion(buckets);
        let other =
            Spread { log_dispersion: stated.log_dispersion, ..self.spread }.dispersion(buckets);

        let dispersion = 1.0 / ((1.0 - share) * (1.0 - share) / own + share * share / other);
        self.spread.with_dispersion(mean, buckets, dispersion)
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
    pub(super) fn with_stated(self, cumulated: Vec<f64>, stated: Stated<'a>) -> Self {
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

impl<'a> Spread<'a> {
    /// The distribution of a total with this mean over `buckets` average buckets.
    #[must_use]
    pub fn total(&self, mean: f64, buckets: f64) -> TotalDemand<'a> {
        self.with_dispersion(mean, buckets, self.dispersion(buckets))
    }

    /// Where a length of `buckets` lies between the lengths that ln r is known for: the one below,
    /// and how far above it.
    fn between_lengths(&self, buckets: f64) -> (usize, f64) {
        let position =
            libm::log2(buckets.max(1e-9)).clamp(0.0, self.log_dispersion.len().max(1) as f64 - 1.0);
        (position.floor() as usize, position - position.floor())
    }

    /// r of a total over `buckets` average buckets.
    fn dispersion(&self, buckets: f64) -> f64 {
        let (low, weight) = self.between_lengths(buckets);
        let at = |i: usize| self.log_dispersion.get(i).map_or(0.0, |x| f64::from(*x));
        let log_dispersion =
            if weight > 0.0 { at(low) + weight * (at(low + 1) - at(low)) } else { at(low) };

        let mut dispersion = libm::exp(log_dispersion);
        if !self.is_count && buckets < 1.0 {
            // Part of a bucket of a quantity: mean pμ and variance pσ², so the shape falls with p.
            // Counts keep r when thinned.
            dispersion *= buckets;
        }
        dispersion
    }

    fn with_dispersion(&self, mean: f64, buckets: f64, dispersion: f64) -> TotalDemand<'a> {
        let (low, weight) = self.between_lengths(buckets);
        let low = low.min(self.calibration.len().saturating_sub(1));
        let high = (low + usize::from(weight > 0.0)).min(self.calibration.len().saturating_sub(1));
        let calibration = match (self.calibration.get(low), self.calibration.get(high)) {
            (Some(below), Some(above)) => Some((below, above, weight)),
            _ => None,
        };

        TotalDemand { kind: kind(mean, dispersion, self.is_count), calibration }
    }
}

/// Demand of one stretch of days: negative binomial for counts, gamma otherwise, its probabilities
/// calibrated.
#[derive(Debug, Clone, Copy)]
pub struct TotalDemand<'a> {
    kind: Kind,
    calibration: Option<(&'a CalibrationMap, &'a CalibrationMap, f64)>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Count(NegativeBinomial),
    Quantity { mean: f64, variance: f64 },
}

fn kind(mean: f64, dispersion: f64, is_count: bool) -> Kind {
    let mean = if mean.is_finite() && mean > 0.0 { mean } else { 0.0 };
    if is_count {
        Kind::Count(NegativeBinomial::new(mean, dispersion))
    } else {
        Kind::Quantity { mean, variance: mean * mean / dispersion.clamp(1e-4, 1e8) }
    }
}

impl TotalDemand<'_> {
    /// An uncalibrated distribution with this mean and variance, for stated distributions and
    /// tests. A count's variance below its mean is read as equal to it.
    ///
    /// ```
    /// use restock::forecast::demand_distribution::TotalDemand;
    /// let x = TotalDemand::plain(1.0, 2.0, true); // geometric: P(X ≤ k) = 1 − 2^−(k+1)
    /// assert!((x.cdf(2.0) - 0.875).abs() < 1e-14);
    /// assert_eq!(x.quantile(0.95), 4.0);
    /// ```
    #[must_use]
    pub fn plain(mean: f64, variance: f64, is_count: bool) -> TotalDemand<'static> {
        let excess = if is_count { variance - mean } else { variance };
        let dispersion = if excess > 0.0 { mean * mean / excess } else { 1e8 };
        TotalDemand { kind: kind(mean, dispersion, is_count), calibration: None }
    }

    /// The same distribution without its calibration.
    #[must_use]
    pub fn uncalibrated(&self) -> TotalDemand<'static> {
        TotalDemand { kind: self.kind, calibration: None }
    }

    /// Expected demand, in units.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match &self.kind {
            Kind::Count(x) => x.mean(),
            Kind::Quantity { mean, .. } => *mean,
        }
    }

    /// Variance of demand before calibration, in units².
    #[must_use]
    pub fn variance(&self) -> f64 {
        match &self.kind {
            Kind::Count(x) => x.variance(),
            Kind::Quantity { variance, .. } => *variance,
        }
    }

    /// Whether demand comes in whole units.
    #[must_use]
    pub fn is_count(&self) -> bool {
        matches!(self.kind, Kind::Count(_))
    }

    /// P(X ≤ units).
    #[must_use]
    pub fn cdf(&self, units: f64) -> f64 {
        let plain = match &self.kind {
            Kind::Count(x) => x.cdf(units),
            Kind::Quantity { mean, variance } => {
                GammaDistribution::new(*mean, *variance).cdf(units)
            }
        };
        if units < 0.0 { 0.0 } else { self.calibrated(plain) }
    }

    /// The smallest demand with P(X ≤ demand) ≥ level; a whole number for counts.
    #[must_use]
    pub fn quantile(&self, level: f64) -> f64 {
        let level = match self.calibration {
            Some((below, above, weight)) => below.between(above, weight).probability(level),
            None => level,
        };
        match &self.kind {
            Kind::Count(x) => x.quantile(level),
            Kind::Quantity { mean, variance } => {
                GammaDistribution::new(*mean, *variance).quantile(level)
            }
        }
    }

    /// Sets `out[k]` to P(X ≤ k·step), far faster than one by one.
    pub fn fill_cdf(&self, step: f64, out: &mut [f64]) {
        match &self.kind {
            Kind::Count(x) => x.fill_cdf(step, out),
            Kind::Quantity { mean, variance } => {
                let gamma = GammaDistribution::new(*mean, *variance);
                for (k, value) in out.iter_mut().enumerate() {
                    *value = gamma.cdf(k as f64 * step);
                }
            }
        }

        if let Some((below, above, weight)) = self.calibration {
            let map = below.between(above, weight);
            for value in out {
                *value = map.share(*value);
            }
        }
    }

    fn calibrated(&self, probability: f64) -> f64 {
        match self.calibration {
            Some((below, above, weight)) => below.between(above, weight).share(probability),
            None => probability,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distribution(is_count: bool) -> DemandDistribution<'static> {
        let cumulated = (0..=14).map(f64::from).collect();
        let spread = Spread {
            bucket_days: 7.0,
            log_dispersion: &[0.0, 0.5, 1.0],
            calibration: &[],
            is_count,
        };
        DemandDistribution::new(cumulated, 7, spread)
    }

    #[test]
    fn totals_add_up_and_go_on_beyond_the_horizon() {
        let distribution = distribution(true);
        assert_eq!(distribution.total(0, 7).mean(), 7.0);
        assert_eq!(distribution.total(3, 10).mean(), 7.0);
        assert_eq!(distribution.total(10, 40).mean(), 30.0);
        assert_eq!(distribution.total(5, 5).quantile(0.99), 0.0);
        assert_eq!(distribution.mean_per_day(), 1.0);
    }

    #[test]
    fn a_longer_total_is_relatively_narrower() {
        let distribution = distribution(false);
        let spread = |days| {
            distribution.total(0, days).variance().sqrt() / distribution.total(0, days).mean()
        };
        assert!(spread(2) > spread(7) && spread(7) > spread(10) && spread(10) > spread(14));
    }

    #[test]
    fn calibrated_quantile_and_distribution_agree() {
        let pits: Vec<f64> = (0..1000).map(|i| libm::sqrt(f64::from(i) / 1000.0)).collect();
        let maps = [CalibrationMap::learn(&pits, 10.0); 3];
        let spread = Spread {
            bucket_days: 1.0,
            log_dispersion: &[0.0, 0.3, 0.5],
            calibration: &maps,
            is_count: true,
        };
        let distribution =
            DemandDistribution::new((0..=30).map(|d| f64::from(d) * 0.4).collect(), 7, spread);
        for days in [1, 3, 20] {
            let total = distribution.total(0, days);
            let mut filled = vec![0.0; 60];
            total.fill_cdf(1.0, &mut filled);
            for level in [0.5, 0.9, 0.95, 0.99] {
                let q = total.quantile(level);
                assert!(total.cdf(q) >= level - 1e-12);
                assert!(q == 0.0 || total.cdf(q - 1.0) < level);
                assert!((filled[q as usize] - total.cdf(q)).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn an_item_without_a_forecast_needs_nothing() {
        let spread =
            Spread { bucket_days: 1.0, log_dispersion: &[], calibration: &[], is_count: true };
        let distribution = DemandDistribution::new(Vec::new(), 7, spread);
        assert_eq!(distribution.total(0, 30).quantile(0.99), 0.0);
        assert_eq!(distribution.mean_per_day(), 0.0);
    }
}
