//! The Poisson distribution.

use super::special::{gamma_p, gamma_q, poisson_term};

/// P(X = k) for mean m.
///
/// ```
/// use restock::stats::poisson::probability;
/// assert!((probability(2, 1.5) - 0.251_021_430_166_983_5).abs() < 1e-15);
/// ```
#[must_use]
pub fn probability(k: u64, mean: f64) -> f64 {
    poisson_term(k as f64, mean)
}

/// P(X ≤ k) = Q(k+1, m) for mean m.
///
/// ```
/// use restock::stats::poisson::cdf;
/// assert!((cdf(2, 1.5) - 0.808_846_830_538_058_2).abs() < 1e-14);
/// ```
#[must_use]
pub fn cdf(k: u64, mean: f64) -> f64 {
    gamma_q(k as f64 + 1.0, mean)
}

/// P(X > k), precise where it is small.
#[must_use]
pub fn survival(k: u64, mean: f64) -> f64 {
    gamma_p(k as f64 + 1.0, mean)
}

/// Smallest k with P(X ≤ k) ≥ level.
///
/// ```
/// use restock::stats::poisson::quantile;
/// assert_eq!(quantile(0.95, 10.0), 15);
/// assert_eq!(quantile(0.5, 0.0), 0);
/// ```
#[must_use]
pub fn quantile(level: f64, mean: f64) -> u64 {
    if mean.is_nan() || mean <= 0.0 || level.is_nan() || level <= 0.0 {
        return 0;
    }

    let spread = mean.sqrt();
    let z = super::normal::quantile(level.min(1.0 - 1e-16));
    let mut k = (mean + z * spread + (z * z - 1.0) / 6.0).max(0.0) as u64;

    while k > 0 && cdf(k - 1, mean) >= level {
        k -= 1;
    }

    // Levels within rounding of 1 are never reached exactly: stop where the tail is below any
    // double's resolution.
    while cdf(k, mean) < level && survival(k, mean) > 1e-17 {
        k += 1;
    }

    k
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_level_of_one_ends() {
        assert!(quantile(1.0, 7.0) > 30);
    }

    proptest! {
        #[test]
        fn quantile_is_the_smallest_count_that_reaches_the_level(
            mean in 0.001_f64..5000.0,
            level in 0.0001_f64..0.9999,
        ) {
            let k = quantile(level, mean);
            prop_assert!(cdf(k, mean) >= level);
            prop_assert!(k == 0 || cdf(k - 1, mean) < level);
        }
    }
}
