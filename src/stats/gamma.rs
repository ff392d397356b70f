//! The gamma distribution: demand of items that are not counted, and lead times with a stated
//! spread.

use libm::{exp, lgamma, log, pow};

use super::normal;
use super::special::{gamma_p, gamma_q, poisson_term};

/// A gamma distribution by shape and scale; its mean is shape·scale, its variance shape·scale².
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gamma {
    shape: f64,
    scale: f64,
}

impl Gamma {
    /// The gamma distribution of this mean and variance; `None` unless both are positive and
    /// finite.
    ///
    /// ```
    /// use restock::stats::gamma::Gamma;
    /// let distribution = Gamma::with_mean_and_variance(10.0, 50.0).unwrap();
    /// assert_eq!((distribution.shape(), distribution.scale()), (2.0, 5.0));
    /// assert!(Gamma::with_mean_and_variance(10.0, 0.0).is_none());
    /// ```
    #[must_use]
    pub fn with_mean_and_variance(mean: f64, variance: f64) -> Option<Self> {
        let (shape, scale) = (mean / variance * mean, variance / mean);
        let sound = mean > 0.0 && variance > 0.0 && shape > 0.0 && scale > 0.0;

        (sound && shape.is_finite() && scale.is_finite()).then_some(Self { shape, scale })
    }

    /// The shape, which has no unit.
    #[must_use]
    pub fn shape(&self) -> f64 {
        self.shape
    }

    /// The scale, in the unit of the variable.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.shape * self.scale
    }

    /// The variance.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.shape * self.scale * self.scale
    }

    /// P(X ≤ x).
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        gamma_p(self.shape, x / self.scale)
    }

    /// P(X > x).
    #[must_use]
    pub fn survival(&self, x: f64) -> f64 {
        gamma_q(self.shape, x / self.scale)
    }

    /// Expected shortage E(X − s)⁺ = kθ·Q(k+1, s/θ) − s·Q(k, s/θ), for shape k and scale θ.
    ///
    /// Source: Snyder & Shen, *Fundamentals of Supply Chain Theory*, appendix C (loss functions).
    ///
    /// ```
    /// use restock::stats::gamma::Gamma;
    /// // Shape 1 is the exponential distribution: E(X − s)⁺ = θ·exp(−s/θ).
    /// let distribution = Gamma::with_mean_and_variance(4.0, 16.0).unwrap();
    /// assert!((distribution.expected_shortage(6.0) - 4.0 * (-1.5_f64).exp()).abs() < 1e-14);
    /// ```
    #[must_use]
    pub fn expected_shortage(&self, s: f64) -> f64 {
        if s <= 0.0 {
            return self.mean() - s;
        }

        let x = s / self.scale;
        // Q(k+1, x) = Q(k, x) + xᵏe⁻ˣ/Γ(k+1): one incomplete gamma function serves both terms.
        let tail = gamma_q(self.shape, x);

        let shortage =
            self.scale * ((self.shape - x) * tail + self.shape * poisson_term(self.shape, x));
        shortage.max(0.0)
    }

    /// The x with P(X ≤ x) = level; 0 at level ≤ 0 and ∞ at level ≥ 1.
    ///
    /// ```
    /// use restock::stats::gamma::Gamma;
    /// let distribution = Gamma::with_mean_and_variance(10.0, 50.0).unwrap();
    /// assert!((distribution.cdf(distribution.quantile(0.95)) - 0.95).abs() < 1e-14);
    /// ```
    #[must_use]
    pub fn quantile(&self, level: f64) -> f64 {
        if level.is_nan() || level <= 0.0 {
            return 0.0;
        }

        if level >= 1.0 {
            return f64::INFINITY;
        }

        self.scale * standard_quantile(self.shape, level)
    }
}

/// Quantile of the gamma distribution of scale 1: Newton steps on the distribution function, kept
/// inside a shrinking bracket.
fn standard_quantile(shape: f64, level: f64) -> f64 {
    let ln_small = (log(level) + lgamma(shape + 1.0)) / shape;
    let mut x = start(shape, level, ln_small);

    // A level so small that even the power-distribution start underflows has a quantile of 0 in
    // doubles.
    if x <= f64::MIN_POSITIVE {
        return exp(ln_small);
    }

    let (mut low, mut high) = (0.0_f64, f64::INFINITY);
    for _ in 0..200 {
        let error = if level <= 0.5 {
            gamma_p(shape, x) - level
        } else {
            (1.0 - level) - gamma_q(shape, x)
        };

        if error > 0.0 {
            high = high.min(x);
        } else {
            low = low.max(x);
        }

        let step = error / (poisson_term(shape, x) * shape / x);
        if step.abs() <= 1e-15 * x {
            break;
        }

        let newton = x - step;
        x = if newton > low && newton < high {
            newton
        } else if high.is_finite() {
            0.5 * (low + high)
        } else {
            2.0 * x
        };
    }

    x
}

/// Wilson and Hilferty's cube where it holds, else the leading term of P(a, x) = xᵃ/Γ(a+1).
fn start(shape: f64, level: f64, ln_small: f64) -> f64 {
    let ninth = 1.0 / (9.0 * shape);
    let cube_root = 1.0 - ninth + normal::quantile(level) * ninth.sqrt();

    if cube_root > 0.1 { shape * pow(cube_root, 3.0) } else { exp(ln_small).min(shape) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn expected_shortage_is_the_integral_of_the_survival_function() {
        let distribution = Gamma::with_mean_and_variance(90.0, 6490.0).unwrap();
        let (from, step, steps) = (60.0, 0.01, 400_000);
        let mut sum = 0.5 * distribution.survival(from);
        for i in 1..steps {
            sum += distribution.survival(from + f64::from(i) * step);
        }

        assert!((distribution.expected_shortage(from) / (sum * step) - 1.0).abs() < 1e-8);
    }

    #[test]
    fn hostile_numbers_give_no_distribution() {
        for (mean, variance) in
            [(0.0, 1.0), (-1.0, 1.0), (f64::NAN, 1.0), (1.0, f64::INFINITY), (1e300, 1e-300)]
        {
            assert!(Gamma::with_mean_and_variance(mean, variance).is_none());
        }
    }

    proptest! {
        #[test]
        fn quantile_inverts_the_distribution_function(
            ln_shape in -4.0_f64..12.0,
            level in 0.001_f64..0.9999,
        ) {
            let shape = libm::exp(ln_shape);
            let distribution = Gamma::with_mean_and_variance(shape * 3.0, shape * 9.0).unwrap();
            let x = distribution.quantile(level);

            let reached = distribution.cdf(x);
            prop_assert!((reached - level).abs() < 1e-11, "{} at {}", reached, x);
        }
    }
}
