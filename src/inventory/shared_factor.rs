//! What the demands of successive stretches of days have in common: one normal factor (a Gaussian
//! copula), given which they are independent.

use std::sync::LazyLock;

use crate::stats::normal;

/// Values of the shared factor, in standard deviations, beyond which lies a probability of 0.001
/// each side.
const FURTHEST_NODE: f64 = 3.1;
/// Distance of two values of the shared factor, at most, in standard deviations. Judgement: a test
/// holds the variance of the values to within 2 % of that of the normal distribution.
const MAX_NODE_DISTANCE: f64 = 1.2;
/// The same in standard deviations of a demand given the factor. Judgement: a test holds the order
/// to growing evenly with the price of a lost unit.
const NODE_DISTANCE_IN_WIDTHS: f64 = 1.8;
/// Below this share of common variance demands count as independent. Judgement.
const NO_SHARE: f64 = 1e-6;
/// A factor shared by all days explains at most this share of a stretch's variance. Judgement: at 1
/// nothing of a demand would be its own, and its distribution given the factor would be a step.
const MAX_SHARED: f64 = 0.9;
/// Points of Φ's table for each standard deviation: straight lines between them are within 10⁻⁵.
const NORMAL_POINTS: f64 = 64.0;
/// How far Φ's table reaches each side of 0, in standard deviations: 10⁻¹⁵ lies beyond.
const NORMAL_REACH: f64 = 8.0;

/// A value of the factor that all demands share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Node {
    /// In standard deviations.
    pub(super) value: f64,
    /// Its probability.
    pub(super) weight: f64,
}

/// Values of the shared factor: points of a trapezoid rule for the normal distribution, as close as
/// the demand given the factor is narrow. Three points leave the distribution function level
/// between them, so that the order leaps where the price of a lost unit passes such a level.
pub(super) fn nodes(shared: f64) -> Vec<Node> {
    if shared <= NO_SHARE {
        return vec![Node { value: 0.0, weight: 1.0 }];
    }

    let width = ((1.0 - shared) / shared).sqrt();
    let distance = (NODE_DISTANCE_IN_WIDTHS * width).min(MAX_NODE_DISTANCE);
    let each_side = (FURTHEST_NODE / distance).ceil() as i32;
    let mut nodes: Vec<Node> = (-each_side..=each_side)
        .map(|k| f64::from(k) * distance)
        .map(|value| Node { value, weight: normal::density(value) })
        .collect();

    let sum: f64 = nodes.iter().map(|node| node.weight).sum();
    nodes.iter_mut().for_each(|node| node.weight /= sum);
    nodes
}

/// Share of a stretch's variance that all stretches have in common: what makes the variance of
/// their sum that of the whole. Both are taken from the distributions as calibrated.
pub(super) fn shared_variance<'a>(
    stretches: impl Iterator<Item = &'a Vec<f64>>,
    whole: &[f64],
) -> f64 {
    let (mut sum, mut roots) = (0.0, 0.0);
    for stretch in stretches {
        let variance = variance(stretch);
        sum += variance;
        roots += variance.sqrt();
    }

    let shared = (variance(whole) - sum) / (roots * roots - sum);
    if shared.is_finite() { shared.clamp(0.0, MAX_SHARED) } else { 0.0 }
}

/// Variance of a distribution on the points, in steps²: Σ(2k + 1)(1 − F(k)) − (Σ(1 − F(k)))².
fn variance(cdf: &[f64]) -> f64 {
    let (mut mean, mut square) = (0.0, 0.0);
    for (k, value) in cdf.iter().enumerate() {
        mean += 1.0 - value;
        square += (2 * k + 1) as f64 * (1.0 - value);
    }

    (square - mean * mean).max(0.0)
}

/// Φ at 64 points a unit, straight between them: within 10⁻⁵.
static NORMAL: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let points = (2.0 * NORMAL_REACH * NORMAL_POINTS) as i32;
    (0..=points).map(|k| normal::cdf(f64::from(k) / NORMAL_POINTS - NORMAL_REACH)).collect()
});

/// Φ(z) by the table.
fn rough_normal(table: &[f64], z: f64) -> f64 {
    let position = (z + NORMAL_REACH) * NORMAL_POINTS;
    if position.is_nan() || position <= 0.0 {
        return 0.0;
    }

    let at = position as usize;
    match (table.get(at), table.get(at + 1)) {
        (Some(low), Some(high)) => low + (position - at as f64) * (high - low),
        _ => 1.0,
    }
}

/// Puts Φ⁻¹ of a distribution function in its place.
pub(super) fn into_scores(cdf: &mut [f64]) {
    for value in cdf {
        *value = normal::quantile(value.clamp(0.0, 1.0));
    }
}

/// The distribution function of a demand, given the factor: Φ((score − √ρ·node)/√(1 − ρ)).
pub(super) fn conditional(scores: &[f64], node: f64, shared: f64) -> Vec<f64> {
    let (shift, scale) = (shared.sqrt() * node, 1.0 / (1.0 - shared).sqrt());
    let table = &*NORMAL;
    scores.iter().map(|score| rough_normal(table, (score - shift) * scale)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nodes_of_the_shared_factor_have_its_moments() {
        for shared in [0.01, 0.3, 0.7, MAX_SHARED] {
            let nodes = nodes(shared);
            let moment = |power| {
                nodes
                    .iter()
                    .map(|node| node.weight * libm::pow(node.value, f64::from(power)))
                    .sum::<f64>()
            };
            assert!((moment(0) - 1.0).abs() < 1e-12 && moment(1).abs() < 1e-12, "{shared}");
            assert!((moment(2) - 1.0).abs() < 0.02, "{shared} {}", moment(2));
        }
        assert_eq!(nodes(0.0), [Node { value: 0.0, weight: 1.0 }]);
    }
}
