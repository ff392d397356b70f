//! The newsvendor: one period, one order.

use crate::stats::loss::{normal_loss, poisson_loss};
use crate::stats::normal;
use crate::stats::poisson;

/// S* = μ + σΦ⁻¹(p/(p + h)) and its cost (h + p)·φ(z)·σ, for normal demand. Source: Snyder & Shen,
/// eq. 4.17 and 4.24.
///
/// ```
/// use restock::inventory::classic::newsvendor::normal_demand;
/// // Example 4.3: h = 0.18, p = 0.70, demand of mean 50 and standard deviation 8.
/// let (level, cost) = normal_demand((0.18, 0.70), (50.0, 8.0));
/// assert!((level / 56.603_955_927_433_89 - 1.0).abs() < 1e-12);
/// assert!((cost / 1.997_605_193_176_644_5 - 1.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn normal_demand((holding, shortage): (f64, f64), (mean, sd): (f64, f64)) -> (f64, f64) {
    let z = normal::quantile(shortage / (shortage + holding));
    (mean + z * sd, (holding + shortage) * normal::density(z) * sd)
}

/// The smallest whole S with P(D ≤ S) ≥ p/(p + h) and its cost h·E(S − D)⁺ + p·E(D − S)⁺, for
/// Poisson demand.
///
/// Source: Snyder & Shen, section 4.3.2.7.
///
/// ```
/// use restock::inventory::classic::newsvendor::poisson_demand;
/// let (level, cost) = poisson_demand((1.0, 4.0), 6.0);
/// assert_eq!(level, 8);
/// assert!((cost / 3.570_106_945_770_941 - 1.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn poisson_demand((holding, shortage): (f64, f64), mean: f64) -> (u64, f64) {
    let level = poisson::quantile(shortage / (shortage + holding), mean);
    let short = poisson_loss(mean, level);
    (level, holding * (level as f64 - mean + short) + shortage * short)
}

/// The same cost of any level, for normal demand: h·E(S − D)⁺ + p·E(D − S)⁺.
#[must_use]
pub fn normal_cost((holding, shortage): (f64, f64), (mean, sd): (f64, f64), level: f64) -> f64 {
    let short = normal_loss(mean, sd, level);
    holding * (level - mean + short) + shortage * short
}
