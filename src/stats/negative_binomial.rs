//! The negative binomial distribution by mean and dispersion: counts with variance above their
//! mean.

use std::f64::consts::PI;

use statrs::function::gamma::checked_gamma_lr;

use super::special::{deviance, stirling_error};

/// Mean above which the distribution is replaced by a gamma with the same mean and variance, units.
/// Judgement: counting further takes long; `gamma_takes_over_without_a_jump` holds the quantiles of
/// the two to 0.2 % there.
const MAX_COUNTED_MEAN: f64 = 1e4;

/// Support (mean plus 12 standard deviations) above which it is replaced too, units. Judgement, as
/// for [`MAX_COUNTED_MEAN`].
const MAX_COUNTED_SUPPORT: f64 = 1e5;

/// Smallest dispersion; lower ones are raised to it. Judgement: at it all but 0.1 % of buckets have
/// no demand for any mean that is counted.
const MIN_DISPERSION: f64 = 1e-4;

/// Largest dispersion; higher ones are lowered to it. There the variance is that of a Poisson
/// distribution to a share of mean · 1e-8.
const MAX_DISPERSION: f64 = 1e8;

/// Demand counts with mean μ and dispersion r: variance μ + μ²/r.
///
/// P(X = k) = Γ(k + r) / (Γ(r) k!) · (r/(r+μ))^r · (μ/(r+μ))^k.
///
/// Source: Johnson, Kemp & Kotz 2005, *Univariate Discrete Distributions*, ch. 5.
///
/// ```
/// use restock::stats::negative_binomial::NegativeBinomial;
/// // r = 1 is geometric: with mean 1, P(X = k) = 2^-(k+1).
/// let x = NegativeBinomial::new(1.0, 1.0);
/// assert!((x.pmf(3.0) - 1.0 / 16.0).abs() < 1e-15);
/// assert!((x.cdf(2.0) - 7.0 / 8.0).abs() < 1e-15);
/// assert_eq!(x.quantile(0.875), 2.0);
/// assert_eq!(x.quantile(0.876), 3.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NegativeBinomial {
    mean: f64,
    dispersion: f64,
}

impl NegativeBinomial {
    /// The distribution with this mean (below 0 or not a number counts as 0) and dispersion r.
    #[must_use]
    pub fn new(mean: f64, dispersion: f64) -> Self {
        let mean = if mean > 0.0 { mean.min(1e15) } else { 0.0 };
        let dispersion = if dispersion.is_nan() { MAX_DISPERSION } else { dispersion };
        Self { mean, dispersion: dispersion.clamp(MIN_DISPERSION, MAX_DISPERSION) }
    }

    /// The mean μ.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The variance μ + μ²/r.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.mean + self.mean * self.mean / self.dispersion
    }

    /// P(X = 0) = (1 + μ/r)^−r.
    #[must_use]
    pub fn zero(&self) -> f64 {
        libm::exp(-self.dispersion * libm::log1p(self.mean / self.dispersion))
    }

    /// P(X = k) for a whole k ≥ 0; 0 elsewhere.
    #[must_use]
    pub fn pmf(&self, count: f64) -> f64 {
        if count < 0.0 || count.fract() != 0.0 || !count.is_finite() {
            0.0
        } else {
            libm::exp(self.ln_pmf(count))
        }
    }

    /// ln P(X = k) by saddle-point deviances, good to the last digits where log-gamma differences
    /// lose them (Loader 2000, *Fast and Accurate Computation of Binomial Probabilities*).
    #[must_use]
    pub fn ln_pmf(&self, count: f64) -> f64 {
        let (mean, r) = (self.mean, self.dispersion);
        if mean == 0.0 {
            return if count == 0.0 { 0.0 } else { f64::NEG_INFINITY };
        }

        if count == 0.0 {
            return -r * libm::log1p(mean / r);
        }

        let trials = count + r;
        let logarithm = stirling_error(trials)
            - stirling_error(r)
            - stirling_error(count)
            - deviance(r, trials * r / (r + mean))
            - deviance(count, trials * mean / (r + mean));
        logarithm + 0.5 * libm::log(r / (2.0 * PI * count * trials))
    }

    /// P(X ≤ x).
    #[must_use]
    pub fn cdf(&self, units: f64) -> f64 {
        let k = units.floor();
        if k < 0.0 || k.is_nan() {
            return 0.0;
        }

        if self.mean == 0.0 {
            return 1.0;
        }

        if let Some(gamma) = self.as_gamma() {
            return gamma.cdf(k + 0.5).max(self.zero());
        }

        let mut walk = self.walk();
        while walk.count < k && !walk.is_over() {
            walk.advance();
        }

        if walk.count > k { 0.0 } else { walk.cumulated.min(1.0) }
    }

    /// The smallest whole number k with P(X ≤ k) ≥ level. Levels at or above 1 give the point where
    /// less than 1e-12 is left.
    #[must_use]
    pub fn quantile(&self, level: f64) -> f64 {
        let level = if level.is_nan() { 0.5 } else { level.min(1.0 - 1e-12) };
        if self.mean == 0.0 || level <= 0.0 {
            return 0.0;
        }

        if let Some(gamma) = self.as_gamma() {
            return if level <= self.zero() {
                0.0
            } else {
                (gamma.quantile(level) - 0.5).ceil().max(0.0)
            };
        }

        let mut walk = self.walk();
        while walk.cumulated < level && !walk.is_over() {
            walk.advance();
        }

        walk.count
    }

    /// P(X ≤ x), linear between whole numbers.
    #[must_use]
    pub fn cdf_between(&self, position: f64) -> f64 {
        let whole = position.floor();
        if let Some(gamma) = self.as_gamma().filter(|_| self.mean > 0.0 && position >= 0.0) {
            return gamma.cdf(position + 0.5).max(self.zero());
        }

        let below = self.cdf(whole);
        if position > whole { below + (position - whole) * self.pmf(whole + 1.0) } else { below }
    }

    /// Adds `weight`·P(X ≤ x), linear between whole numbers, to each `out[k]`, where x is
    /// `position(k)`, which never falls.
    pub fn add_cdf(&self, weight: f64, position: impl Fn(usize) -> f64, out: &mut [f64]) {
        let Some(mut walk) = self.counting() else {
            for (k, value) in out.iter_mut().enumerate() {
                *value += weight * self.cdf_between(position(k));
            }
            return;
        };

        for (k, value) in out.iter_mut().enumerate() {
            let position = position(k);
            while walk.count < position && !walk.is_over() {
                walk.advance();
            }
            *value += weight * walk.at(position);
        }
    }

    /// Counts up the whole numbers with their probabilities, which is quick for many of them;
    /// `None` where there are too many to count, or none but 0.
    #[must_use]
    pub fn counting(&self) -> Option<Counting> {
        (self.mean > 0.0 && self.as_gamma().is_none()).then(|| self.walk())
    }

    /// The gamma that replaces the distribution if counting would take too long; `None` if not.
    fn as_gamma(&self) -> Option<GammaDistribution> {
        let support = self.mean + 12.0 * self.variance().sqrt();
        (self.mean > MAX_COUNTED_MEAN || support > MAX_COUNTED_SUPPORT)
            .then(|| GammaDistribution::new(self.mean, self.variance()))
    }

    /// Starts counting where less than 1e-20 of the probability lies below.
    fn walk(&self) -> Counting {
        let start = (self.mean - 12.0 * self.variance().sqrt() - 10.0).floor().max(0.0);

        let probability = libm::exp(self.ln_pmf(start));
        Counting {
            count: start,
            probability,
            cumulated: probability,
            dispersion: self.dispersion,
            ratio: self.mean / (self.dispersion + self.mean),
            mean: self.mean,
        }
    }
}

/// A walk up the whole numbers with the probability of each: p(k+1) = p(k) · (k+r)/(k+1) · μ/(r+μ).
#[derive(Debug, Clone, Copy)]
pub struct Counting {
    pub(super) count: f64,
    pub(super) probability: f64,
    cumulated: f64,
    pub(super) dispersion: f64,
    pub(super) ratio: f64,
    pub(super) mean: f64,
}

impl Counting {
    /// The number that it has come to.
    #[must_use]
    pub fn count(&self) -> f64 {
        self.count
    }

    /// Goes on to the next number.
    pub fn advance(&mut self) {
        self.probability *= (self.count + self.dispersion) / (self.count + 1.0) * self.ratio;
        self.count += 1.0;
        self.cumulated += self.probability;
    }

    /// P(X ≤ x), linear between whole numbers, of an x above the number before this one; 0 below,
    /// where so little lies that counting began here.
    #[must_use]
    pub fn at(&self, position: f64) -> f64 {
        let short = self.count - position;
        let below = if short <= 0.0 {
            0.0
        } else if short < 1.0 {
            short * self.probability
        } else {
            return 0.0;
        };
        (self.cumulated - below).clamp(0.0, 1.0)
    }

    /// Beyond the mean and with nothing left that could change the sum.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.count > self.mean && self.probability < 1e-18 * (1.0 - self.ratio)
    }
}

/// A gamma distribution by mean and variance: demand that is not counted in whole units.
///
/// ```
/// use restock::stats::negative_binomial::GammaDistribution;
/// let x = GammaDistribution::new(2.0, 4.0); // shape 1: exponential with mean 2
/// assert!((x.cdf(2.0) - (1.0 - (-1f64).exp())).abs() < 1e-10);
/// assert!((x.quantile(0.5) - 2.0 * 2f64.ln()).abs() < 1e-9);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GammaDistribution {
    shape: f64,
    scale: f64,
}

impl GammaDistribution {
    /// The distribution with this mean and variance; a variance of 0 is read as a very small one.
    #[must_use]
    pub fn new(mean: f64, variance: f64) -> Self {
        let mean = if mean > 0.0 { mean.min(1e18) } else { 0.0 };
        let variance = if variance > 0.0 { variance } else { 0.0 };
        let shape = mean * mean / variance.max(mean * mean * 1e-8);
        let shape = if shape.is_nan() { 1.0 } else { shape.clamp(1e-4, 1e8) };

        Self { shape, scale: if mean > 0.0 { mean / shape } else { 0.0 } }
    }

    /// P(X ≤ x).
    #[must_use]
    pub fn cdf(&self, units: f64) -> f64 {
        if units.is_nan() || units < 0.0 {
            return 0.0;
        }

        if self.scale == 0.0 {
            return 1.0;
        }
        if units == 0.0 {
            return 0.0;
        }

        if self.shape > 1e5 {
            return self.wilson_hilferty(units);
        }

        let x = units / self.scale;
        if x > self.shape + 40.0 * self.shape.sqrt() + 100.0 {
            return 1.0;
        }

        checked_gamma_lr(self.shape, x)
            .unwrap_or_else(|_| self.wilson_hilferty(units))
            .clamp(0.0, 1.0)
    }

    /// The point with P(X ≤ x) = level, by bisection on the distribution function from a bracket
    /// that is widened first.
    #[must_use]
    pub fn quantile(&self, level: f64) -> f64 {
        let level = if level.is_nan() { 0.5 } else { level.min(1.0 - 1e-12) };
        if self.scale == 0.0 || level <= 0.0 {
            return 0.0;
        }

        let mean = self.shape * self.scale;
        let (mut low, mut high) = (0.0, mean);
        while self.cdf(high) < level && high < 1e30 {
            low = high;
            high *= 2.0;
        }

        // False position with the Illinois weight: a dozen evaluations instead of fifty.
        let (mut below, mut above) = (self.cdf(low) - level, self.cdf(high) - level);
        let mut side = 0;
        for step in 0..200 {
            if high - low <= 1e-12 * high || above == 0.0 {
                break;
            }

            let guess = if step % 8 == 7 || above <= below {
                0.5 * (low + high)
            } else {
                (low * above - high * below) / (above - below)
            };

            let guess = guess.clamp(low, high);

            let value = self.cdf(guess) - level;
            if value >= 0.0 {
                (high, above) = (guess, value);
                if side == 1 {
                    below *= 0.5;
                }
                side = 1;
            } else {
                (low, below) = (guess, value);
                if side == -1 {
                    above *= 0.5;
                }
                side = -1;
            }
        }
        high
    }

    /// (X/mean)^⅓ is nearly normal with mean 1 − 1/9k and variance 1/9k (Wilson & Hilferty 1931):
    /// for huge shapes k.
    fn wilson_hilferty(&self, units: f64) -> f64 {
        let spread = 1.0 / (9.0 * self.shape);
        let z = (libm::cbrt(units / (self.shape * self.scale)) - 1.0 + spread) / spread.sqrt();

        0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_sum_to_one_for_small_and_large_means() {
        for (mean, r) in
            [(0.01, 0.05), (0.3, 0.2), (4.0, 1.0), (80.0, 3.0), (900.0, 40.0), (5000.0, 1e7)]
        {
            let x = NegativeBinomial::new(mean, r);
            assert!(
                (x.cdf(mean + 60.0 * x.variance().sqrt() + 50.0) - 1.0).abs() < 1e-10,
                "{mean} {r}"
            );
        }
    }

    #[test]
    fn pmf_agrees_with_values_computed_to_high_precision() {
        // 50-digit arithmetic: Γ(k+r)/(Γ(r)k!)·(r/(r+μ))^r·(μ/(r+μ))^k.
        for (mean, r, k, expected) in PMF {
            let got = NegativeBinomial::new(mean, r).pmf(k);
            assert!((got / expected - 1.0).abs() < 1e-11, "{mean} {r} {k}: {got:e} {expected:e}");
        }
    }

    // More digits than a double holds, as they were computed.
    #[allow(clippy::excessive_precision)]
    const PMF: [(f64, f64, f64, f64); 8] = [
        (0.3, 0.2, 0.0, 0.832_553_207_401_873_14),
        (0.3, 0.2, 5.0, 0.003_828_425_456_934_038_7),
        (4.0, 1.5, 3.0, 0.119_848_560_346_522_38),
        (80.0, 3.0, 200.0, 0.000_608_171_187_628_738_78),
        (900.0, 40.0, 700.0, 0.001_153_073_948_758_211_2),
        (5000.0, 10_000_000.0, 5100.0, 0.002_069_171_114_887_280_3),
        (0.01, 0.05, 2.0, 0.000_722_549_732_641_825_76),
        (50.0, 50.0, 50.0, 0.039_794_618_693_589_381),
    ];

    #[test]
    fn quantile_is_the_smallest_count_that_reaches_the_level() {
        for (mean, r) in [(0.05, 0.1), (0.7, 0.3), (3.0, 2.0), (60.0, 5.0), (3000.0, 9.0)] {
            let x = NegativeBinomial::new(mean, r);
            for level in [0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 0.9999] {
                let q = x.quantile(level);
                assert!(x.cdf(q) >= level);
                assert!(q == 0.0 || x.cdf(q - 1.0) < level);
            }
        }
    }

    #[test]
    fn filled_distribution_equals_the_single_values() {
        for (mean, r) in [(0.3, 0.2), (40.0, 3.0), (2e4, 5.0), (0.0, 1.0)] {
            let x = NegativeBinomial::new(mean, r);
            for step in [0.3, 1.0, 7.0] {
                let mut out = vec![0.0; 200];
                x.add_cdf(1.0, |k| k as f64 * step, &mut out);
                for (k, value) in out.iter().enumerate() {
                    assert!((value - x.cdf_between(k as f64 * step)).abs() < 1e-13);
                }
            }
        }
    }

    #[test]
    fn gamma_takes_over_without_a_jump() {
        let (below, above) =
            (NegativeBinomial::new(9_990.0, 20.0), NegativeBinomial::new(10_010.0, 20.0));
        for level in [0.05, 0.5, 0.95, 0.99] {
            let ratio = above.quantile(level) / below.quantile(level);
            assert!((ratio - 10_010.0 / 9_990.0).abs() < 2e-3, "{level}: {ratio}");
        }
    }

    #[test]
    fn extreme_parameters_stay_finite() {
        for mean in [0.0, 1e-300, 1e-9, 1.0, 1e12, 1e300, f64::INFINITY, f64::NAN, -3.0] {
            for r in [0.0, 1e-12, 1.0, 1e12, f64::INFINITY, f64::NAN] {
                let x = NegativeBinomial::new(mean, r);
                for level in [-1.0, 0.0, 1e-12, 0.5, 0.999, 1.0, 2.0, f64::NAN] {
                    assert!(x.quantile(level).is_finite());
                }
                for units in [-1.0, 0.0, 3.5, 1e15, f64::INFINITY, f64::NAN] {
                    assert!((0.0..=1.0).contains(&x.cdf(units)), "{mean} {r} {units}");
                }
                let gamma = GammaDistribution::new(mean, r);
                assert!(gamma.quantile(0.99).is_finite() && gamma.cdf(2.0) <= 1.0);
            }
        }
    }
}
