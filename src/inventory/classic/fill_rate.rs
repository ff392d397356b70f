//! Fill rates of stated policies: the share of units served at once.

use crate::stats::loss::standard_normal_loss;

/// Fill rate of (s, Q) in continuous review for normal lead-time demand: 1 − (σ/Q)·[G(k) − G(k +
/// Q/σ)], k = (s − μ)/σ.
///
/// The second loss is what shortages of the cycle before leave; without it a small Q gives
/// nonsense. Source: Silver, Pyke & Thomas, section 6.7.4; Hadley & Whitin (1963).
///
/// ```
/// use restock::inventory::classic::fill_rate::sq_normal;
/// assert!((sq_normal((100.0, 50.0), 60.0, 20.0) / 0.275_579_007_631_718_7 - 1.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn sq_normal((mean, sd): (f64, f64), s: f64, quantity: f64) -> f64 {
    let k = (s - mean) / sd;
    1.0 - sd / quantity * (standard_normal_loss(k) - standard_normal_loss(k + quantity / sd))
}

/// Fill rate of (R, s, nQ) for demand in whole units: at each review at or below s, multiples of Q
/// are ordered until above s.
///
/// `loss(t, y)` is E(X_t − y)⁺ of the demand X_t of t days, `mean` the demand of a review period:
/// β = 1 − mean over y = s + 1 … s + Q of [loss(L + R, y) − loss(L, y)]/mean. Source: van Donselaar &
/// Broekmeulen (2013).
///
/// ```
/// use restock::inventory::classic::fill_rate::rsnq;
/// use restock::stats::loss::poisson_loss;
/// let loss = |days: u32, y: u64| poisson_loss(5.0 * f64::from(days), y);
/// let found = rsnq((4, 1), (22, 20), 5.0, loss);
/// assert!((found / 0.888_833_805_056_487_3 - 1.0).abs() < 1e-9);
/// ```
#[must_use]
pub fn rsnq(
    (lead_time_days, review_days): (u32, u32),
    (s, quantity): (u64, u64),
    mean: f64,
    loss: impl Fn(u32, u64) -> f64,
) -> f64 {
    let short = |y: u64| loss(lead_time_days + review_days, y) - loss(lead_time_days, y);
    let sum: f64 = (s + 1..=s + quantity).map(short).sum();
    1.0 - sum / quantity as f64 / mean
}
