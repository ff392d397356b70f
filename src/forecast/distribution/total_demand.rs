//! Demand of one stretch of days.

use super::lot::Lot;
use super::width::Width;
use crate::stats::counting::CountingTogether;
use crate::stats::negative_binomial::{GammaDistribution, NegativeBinomial};

/// A spread of ln r below this is none: quantiles move by less than a thousandth.
const NO_SPREAD: f32 = 0.03;
/// Widths that a distribution is a mixture of.
const PARTS: usize = 3;

/// Demand of one stretch of days: a number of lots that is negative binomial, over what is known of
/// its dispersion.
///
/// F(x) = ⅙ G(x; μ − √3σ) + ⅔ G(x; μ) + ⅙ G(x; μ + √3σ), where ln r has mean μ and standard
/// deviation σ. G(x; ln r) is the distribution function H of the number of lots, negative binomial
/// with mean m/φ and dispersion r, at the position of x among the lots ([`Lot`]), linear between
/// whole lots; for single units it is the negative binomial itself.
///
/// A quantity is nothing at all with probability H(0); what is demanded otherwise is gamma with the
/// mean and variance that make m and φm + m²·E(1/r) those of all.
///
/// The mean is m whatever the lot and the spread.
#[derive(Debug, Clone, Copy)]
pub struct TotalDemand {
    lot: Lot,
    /// Mean in units.
    mean: f64,
    /// Weights and numbers of lots; the first `used` are in use.
    parts: [(f64, NegativeBinomial); PARTS],
    used: usize,
    /// What a quantity is, if it is one.
    quantity: Option<Quantity>,
}

/// A quantity that may be nothing.
#[derive(Debug, Clone, Copy)]
struct Quantity {
    /// P(X = 0).
    nothing: f64,
    /// X where it is not 0.
    some: GammaDistribution,
}

impl TotalDemand {
    /// The distribution with this mean in units, below 0 or not a number counting as 0.
    #[must_use]
    pub fn new(mean: f64, width: Width, lot: Lot) -> Self {
        let mean = if mean.is_finite() && mean > 0.0 { mean } else { 0.0 };
        let lots = mean / lot.units();
        let [low, middle, high] = width.dispersions();
        let part = |(weight, r): (f64, f64)| (weight, NegativeBinomial::new(lots, r));
        if width.sd < NO_SPREAD {
            return Self::of_parts(mean, lot, [part((1.0, middle.1)); PARTS], 1);
        }

        Self::of_parts(mean, lot, [part(low), part(middle), part(high)], PARTS)
    }

    fn of_parts(mean: f64, lot: Lot, parts: [(f64, NegativeBinomial); PARTS], used: usize) -> Self {
        let mut total = Self { lot, mean, parts, used, quantity: None };
        if !lot.is_count() {
            let nothing: f64 = total.parts().iter().map(|(weight, x)| weight * x.zero()).sum();
            let some = (1.0 - nothing).max(f64::EPSILON);
            let (mean, square) = (mean / some, (total.variance() + mean * mean) / some);
            let some = GammaDistribution::new(mean, square - mean * mean);
            total.quantity = Some(Quantity { nothing, some });
        }
        total
    }

    /// A distribution of single units, or of a quantity in small parts, with this mean and
    /// variance, for stated distributions and tests. A count's variance below its mean is read as
    /// equal to it.
    ///
    /// ```
    /// use restock::forecast::demand_distribution::TotalDemand;
    /// let x = TotalDemand::plain(1.0, 2.0, true); // geometric: P(X ≤ k) = 1 − 2^−(k+1)
    /// assert!((x.cdf(2.0) - 0.875).abs() < 1e-14);
    /// assert_eq!(x.quantile(0.95), 4.0);
    /// ```
    #[must_use]
    pub fn plain(mean: f64, variance: f64, is_count: bool) -> Self {
        let lot = if is_count {
            Lot::single(true)
        } else {
            // Fine enough that the lots bring in next to no variance of their own.
            Lot::of_quantity((mean / 256.0).min(0.01 * variance / mean).max(1e-9 * mean))
        };
        let excess = variance - lot.units() * mean;
        let dispersion = if excess > 0.0 { mean * mean / excess } else { 1e8 };
        let lots = NegativeBinomial::new(mean / lot.units(), dispersion);

        Self::of_parts(mean, lot, [(1.0, lots); PARTS], 1)
    }

    fn parts(&self) -> &[(f64, NegativeBinomial)] {
        &self.parts[..self.used]
    }

    /// Expected demand, in units.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Variance of demand, in units²: φm + m²·E(1/r).
    #[must_use]
    pub fn variance(&self) -> f64 {
        let lots: f64 = self.parts().iter().map(|(weight, x)| weight * x.variance()).sum();
        lots * self.lot.units() * self.lot.units()
    }

    /// Variance of the widest part, in units²: what a lattice has to reach for.
    #[must_use]
    pub fn widest_variance(&self) -> f64 {
        let widest = self.parts().iter().map(|(_, x)| x.variance()).fold(0.0, f64::max);
        widest * self.lot.units() * self.lot.units()
    }

    /// Whether demand comes in whole units.
    #[must_use]
    pub fn is_count(&self) -> bool {
        self.lot.is_count()
    }

    /// P(X ≤ units).
    #[must_use]
    pub fn cdf(&self, units: f64) -> f64 {
        if units < 0.0 || units.is_nan() {
            return 0.0;
        }
        if let Some(quantity) = &self.quantity {
            return quantity.cdf(units);
        }
        let position = self.lot.position(units);
        match self.used {
            1 => self.cdf_at::<1>(position),
            _ => self.cdf_at::<PARTS>(position),
        }
    }

    /// P(X ≤ x), linear between whole lots, at a position among them.
    fn cdf_at<const N: usize>(&self, position: f64) -> f64 {
        let Some(counting) = CountingTogether::<N>::of(self.parts()) else {
            let parts = self.parts().iter();
            return parts.map(|(weight, x)| weight * x.cdf_between(position)).sum::<f64>().min(1.0);
        };

        let whole = position.floor();
        let below = counting.each_at(whole);
        let mut sum = 0.0;
        for ((weight, x), below) in self.parts().iter().zip(below) {
            let between = position - whole;
            let rest = if between > 0.0 { between * x.pmf(whole + 1.0) } else { 0.0 };
            sum += weight * (below + rest);
        }
        sum.min(1.0)
    }

    /// Sets `out[k]` to P(X ≤ k·step), far faster than one by one.
    pub fn fill_cdf(&self, step: f64, out: &mut [f64]) {
        if let Some(quantity) = &self.quantity {
            for (k, value) in out.iter_mut().enumerate() {
                *value = quantity.cdf(k as f64 * step);
            }
            return;
        }

        match self.used {
            1 => self.fill_counted::<1>(step, out),
            _ => self.fill_counted::<PARTS>(step, out),
        }
    }

    fn fill_counted<const N: usize>(&self, step: f64, out: &mut [f64]) {
        let lot = self.lot;
        let position = |k: usize| lot.position(k as f64 * step);
        match CountingTogether::<N>::of(self.parts()) {
            Some(counting) if lot.units() == 1.0 && step == 1.0 => counting.fill(out),
            Some(counting) => counting.fill_at(position, out),
            None => {
                out.fill(0.0);
                self.parts().iter().for_each(|(weight, x)| x.add_cdf(*weight, position, out));
            }
        }
    }

    /// The smallest demand with P(X ≤ demand) ≥ level; a whole number for counts.
    #[must_use]
    pub fn quantile(&self, level: f64) -> f64 {
        self.quantiles(&[level])[0]
    }

    /// The quantiles of these levels, far faster than one by one where the levels rise.
    #[must_use]
    pub fn quantiles(&self, levels: &[f64]) -> Vec<f64> {
        if let Some(quantity) = &self.quantity {
            return levels.iter().map(|level| quantity.quantile(possible(*level))).collect();
        }

        match self.used {
            1 => self.counted_quantiles::<1>(levels),
            _ => self.counted_quantiles::<PARTS>(levels),
        }
    }

    fn counted_quantiles<const N: usize>(&self, levels: &[f64]) -> Vec<f64> {
        let Some(start) = CountingTogether::<N>::of(self.parts()) else {
            return levels.iter().map(|level| self.searched(*level)).collect();
        };

        let begin = || (start, 0.0, start.sum());
        let (mut counting, mut before, mut now) = begin();
        let mut last = 0.0;
        let quantile = |level: &f64| {
            let level = possible(*level);
            if level < last {
                (counting, before, now) = begin();
            }
            last = level;
            while now < level && !counting.is_over() {
                counting.advance();
                (before, now) = (now, counting.sum());
            }
            self.between(level, counting.count(), before, now)
        };
        levels.iter().map(quantile).collect()
    }

    /// The demand at a level that lies between P(lots < count) and P(lots ≤ count).
    fn between(&self, level: f64, count: f64, before: f64, now: f64) -> f64 {
        if count <= 0.0 {
            return 0.0;
        }
        let part =
            if now > before { ((level - before) / (now - before)).clamp(0.0, 1.0) } else { 1.0 };
        if self.lot.units() == 1.0 {
            return count;
        }
        self.lot.units_at(count - 1.0 + part)
    }

    /// The quantile by bisection, where counting takes too long.
    fn searched(&self, level: f64) -> f64 {
        let level = possible(level);
        if self.mean == 0.0 || level <= self.cdf(0.0) {
            return 0.0;
        }
        let bounds = || self.parts().iter().map(|(_, x)| x.quantile(level));
        let at = |position: f64| -> f64 {
            self.parts().iter().map(|(weight, x)| weight * x.cdf_between(position)).sum()
        };
        let (mut low, mut high) =
            (bounds().fold(f64::INFINITY, f64::min) - 1.0, bounds().fold(0.0, f64::max) + 1.0);
        while high - low > 1e-9 * high.max(1.0) {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            if at(middle) >= level { high = middle } else { low = middle }
        }
        if self.lot.units() == 1.0 {
            let whole = high.floor().max(0.0);
            return if at(whole) >= level { whole } else { whole + 1.0 };
        }
        self.lot.units_at(high)
    }
}

impl Quantity {
    fn cdf(&self, units: f64) -> f64 {
        self.nothing + (1.0 - self.nothing) * self.some.cdf(units)
    }

    fn quantile(&self, level: f64) -> f64 {
        if level <= self.nothing {
            return 0.0;
        }
        self.some.quantile((level - self.nothing) / (1.0 - self.nothing))
    }
}

/// A level that a quantile can be asked for.
fn possible(level: f64) -> f64 {
    if level.is_nan() { 0.5 } else { level.min(1.0 - 1e-12) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lots() -> [Lot; 4] {
        [
            Lot::single(true),
            Lot::sized(40.0, 0.95, true),
            Lot::of_quantity(0.25),
            Lot::of_quantity(9.0),
        ]
    }

    #[test]
    fn the_mean_is_exact_for_every_lot_and_width() {
        for lot in lots() {
            for (mean, log_dispersion, sd) in
                [(0.4, -2.0, 0.8), (6.0, 0.5, 0.5), (30.0, 3.0, 0.0), (12.0, -0.7, 1.0)]
            {
                let x = TotalDemand::new(mean, Width { log_dispersion, sd }, lot);
                let step = if lot.is_count() { 1.0 } else { lot.units() / 64.0 };
                let mut cdf = vec![0.0; (4000.0 * mean.max(1.0) / step).min(4e6) as usize];
                x.fill_cdf(step, &mut cdf);
                // For a quantity the distribution function is linear between the points.
                let half = if lot.is_count() { 0.0 } else { 0.5 * (1.0 - cdf[0]) };
                let sum = step * (cdf.iter().map(|value| 1.0 - value).sum::<f64>() - half);
                assert!((sum / mean - 1.0).abs() < 2e-3, "{lot:?} {mean} {log_dispersion}: {sum}");
            }
        }
    }

    #[test]
    fn a_quantity_that_is_seldom_asked_for_is_nothing_most_of_the_time() {
        // A sale of about 8 kg every 26 weeks, for 14 days.
        let lot = Lot::of_quantity(4.0);
        let x = TotalDemand::new(8.0 / 13.0, Width { log_dispersion: -2.0, sd: 0.0 }, lot);
        assert!(x.cdf(0.0) > 0.9, "{}", x.cdf(0.0));
        assert_eq!(x.quantile(0.9), 0.0);
        assert!(x.quantile(0.99) > 4.0);
        assert!(
            (x.variance() - (4.0 * x.mean() + x.mean() * x.mean() * libm::exp(2.0))).abs() < 1e-6
        );
    }

    proptest! {
        #[test]
        fn quantile_is_the_smallest_demand_that_reaches_the_level(
            mean in 0.01_f64..300.0,
            log_dispersion in -4.0_f32..8.0,
            sd in 0.0_f32..1.5,
            kind in 0_usize..4,
        ) {
            let lot = lots()[kind];
            let x = TotalDemand::new(mean, Width { log_dispersion, sd }, lot);
            let levels = [0.05, 0.5, 0.9, 0.95, 0.99];
            let together = x.quantiles(&levels);
            for (level, q) in levels.into_iter().zip(together) {
                prop_assert_eq!(q, x.quantile(level));
                prop_assert!(x.cdf(q) >= level - 1e-7);
                let less = if lot.is_count() { q - 1.0 } else { q * (1.0 - 1e-3) };
                prop_assert!(q == 0.0 || x.cdf(less) < level + 1e-9);
                if lot.is_count() {
                    let found = x.searched(level);
                    prop_assert!((found - q).abs() <= 1e-6 * q, "{} for {}", found, q);
                }
            }
        }

        #[test]
        fn filled_and_single_probabilities_agree(
            mean in 0.01_f64..500.0,
            log_dispersion in -4.0_f32..8.0,
            sd in 0.0_f32..1.5,
            kind in 0_usize..4,
            step in 1_u32..9,
        ) {
            let x = TotalDemand::new(mean, Width { log_dispersion, sd }, lots()[kind]);
            let mut filled = vec![0.0; 80];
            x.fill_cdf(f64::from(step), &mut filled);
            for (k, value) in filled.iter().enumerate() {
                prop_assert!((value - x.cdf(k as f64 * f64::from(step))).abs() < 1e-9);
            }
        }
    }
}
