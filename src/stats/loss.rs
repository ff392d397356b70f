//! Loss functions: how many units a stock of s falls short of a random demand, on average.

use super::{normal, poisson};

/// Standard normal loss G(k) = φ(k) − k·(1 − Φ(k)) = E(Z − k)⁺.
///
/// Source: Snyder & Shen, *Fundamentals of Supply Chain Theory*, eq. (C.28).
///
/// ```
/// use restock::stats::loss::standard_normal_loss;
/// assert!((standard_normal_loss(0.3) / 0.266_761_242_117_209_86 - 1.0).abs() < 1e-13);
/// ```
#[must_use]
pub fn standard_normal_loss(k: f64) -> f64 {
    if k > 4.0 {
        // The two terms cancel: φ(k) times the difference of 1 and k times Mills' ratio, by its
        // continued fraction.
        return normal::density(k) * loss_over_density(k);
    }

    normal::density(k) - k * normal::cdf(-k)
}

/// 1 − k·M(k) for Mills' ratio M(k) = 1/(k + 1/(k + 2/(k + 3/(k + …)))): with T = 1/(k + 2/(k +
/// …)), it is T/(k + T).
fn loss_over_density(k: f64) -> f64 {
    let mut rest = k;
    for j in (2..=120).rev() {
        rest = k + f64::from(j) / rest;
    }

    let t = 1.0 / rest;
    t / (k + t)
}

/// Second-order standard normal loss ½·E[((Z − k)⁺)²] = ½·[(k² + 1)(1 − Φ(k)) − k·φ(k)].
///
/// Its differences average G over a range of reorder levels. Source: Zipkin, *Foundations of
/// Inventory Management* (2000), appendix C.
///
/// ```
/// use restock::stats::loss::standard_normal_second_loss;
/// assert!((standard_normal_second_loss(0.3) / 0.151_030_102_587_942_2 - 1.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn standard_normal_second_loss(k: f64) -> f64 {
    (0.5 * ((k * k + 1.0) * normal::cdf(-k) - k * normal::density(k))).max(0.0)
}

/// E(X − s)⁺ of a normal demand: sd·G((s − mean)/sd).
///
/// ```
/// use restock::stats::loss::normal_loss;
/// assert!((normal_loss(8.0, 3.0, 11.0) / 0.249_946_411_763_058_87 - 1.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn normal_loss(mean: f64, sd: f64, s: f64) -> f64 {
    if sd > 0.0 { sd * standard_normal_loss((s - mean) / sd) } else { (mean - s).max(0.0) }
}

/// E(X − s)⁺ of a Poisson demand: (m − s)·P(X > s) + m·P(X = s), for a whole s ≥ 0.
///
/// Source: Snyder & Shen, eq. (C.41).
///
/// ```
/// use restock::stats::loss::poisson_loss;
/// // E(X − 1)⁺ = m − 1 + P(X = 0).
/// assert!((poisson_loss(2.0, 1) - (1.0 + (-2.0_f64).exp())).abs() < 1e-15);
/// ```
#[must_use]
pub fn poisson_loss(mean: f64, s: u64) -> f64 {
    let level = s as f64;
    ((mean - level) * poisson::survival(s, mean) + mean * poisson::probability(s, mean)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values: mpmath 1.3 at 60 digits.
    #[test]
    fn standard_normal_loss_is_good_far_into_the_tail() {
        for (k, expected) in [
            (-6.0, 6.000000000156357),
            (-1.4, 1.4366681427084653),
            (0.3, 0.26676124211720986),
            (3.1, 2.6724909522301402e-4),
            (6.0, 1.5635697959709664e-10),
            (12.0, 1.4605201169845548e-34),
        ] {
            let error = (standard_normal_loss(k) / expected - 1.0).abs();
            assert!(error < 1e-11, "G({k}) is off by {error:e}");
        }
        // Both forms meet where they change over.
        let (below, above) = (standard_normal_loss(4.0), standard_normal_loss(4.0 + 1e-12));

        assert!((below / above - 1.0).abs() < 1e-9);
    }

    #[test]
    fn poisson_loss_is_the_sum_of_its_tail() {
        let mean = 12.5;
        for s in [0, 5, 12, 20, 40] {
            let tail: f64 = (s..200).map(|k| poisson::survival(k, mean)).sum();
            assert!((poisson_loss(mean, s) / tail - 1.0).abs() < 1e-9, "s = {s}");
        }
    }
}
