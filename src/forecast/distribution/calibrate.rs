//! Calibration: what a model's probabilities have meant at earlier origins.

use serde::{Deserialize, Serialize};

/// The model's probabilities at which a calibration map is held; dense near 1, where stock is
/// decided and where a heavier tail than the model's shows.
pub const LEVELS: [f64; 32] = [
    0.0,
    0.01,
    0.025,
    0.05,
    0.1,
    0.15,
    0.2,
    0.25,
    0.3,
    0.4,
    0.45,
    0.5,
    0.55,
    0.6,
    0.7,
    0.75,
    0.8,
    0.85,
    0.9,
    0.925,
    0.95,
    0.97,
    0.98,
    0.99,
    0.995,
    0.9975,
    0.999,
    0.9997,
    0.9999,
    0.999_99,
    0.999_999_9,
    1.0,
];

/// A non-decreasing map from a model's probability F(x) to the share of outcomes that fell at or
/// below such an x.
///
/// With u = F(x) randomised at the steps of a count (PIT), G(u) is the distribution function of u
/// at earlier origins; G is the identity for a model that says what happens. Source: Dawid 1984;
/// Czado, Gneiting & Held 2009 for counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CalibrationMap {
    shares: [f64; LEVELS.len()],
}

impl Default for CalibrationMap {
    fn default() -> Self {
        Self { shares: LEVELS }
    }
}

impl CalibrationMap {
    /// The map learnt from randomised PIT values (any order), shrunk toward the identity by `prior`
    /// pseudo-observations.
    ///
    /// ```
    /// use restock::forecast::calibrate::CalibrationMap;
    /// // Half of the outcomes fell where the model had put 30 %: its 30 % means 50 %.
    /// let pits: Vec<f64> = (0..1000)
    ///     .map(|i| if i % 2 == 0 { 0.3 * f64::from(i) / 1000.0 } else { 0.9 })
    ///     .collect();
    /// let map = CalibrationMap::learn(&pits, 0.0);
    /// assert!((map.share(0.3) - 0.5).abs() < 1e-6);
    /// ```
    #[must_use]
    pub fn learn(pits: &[f64], prior: f64) -> Self {
        if pits.is_empty() {
            return Self::default();
        }

        let weight = pits.len() as f64 + prior;
        let mut shares = LEVELS;
        let mut highest = 0.0_f64;
        for (share, level) in shares.iter_mut().zip(LEVELS) {
            let below = pits.iter().filter(|u| **u <= level).count() as f64;
            let beyond = 1.0 - (below + prior * level) / weight;
            highest = highest.max(1.0 - beyond * (1.0 + tail_margin(beyond)));
            *share = highest;
        }

        // The first share stays what was seen at 0: the distribution of a quantity has no atom
        // there, and demand often is 0.
        shares[LEVELS.len() - 1] = 1.0;

        // A strictly rising map can be inverted: a millionth of the identity costs nothing.
        for (share, level) in shares.iter_mut().zip(LEVELS) {
            *share = *share * (1.0 - 1e-6) + level * 1e-6;
        }
        Self { shares }
    }

    /// G(u), linear between the levels.
    #[must_use]
    pub fn share(&self, probability: f64) -> f64 {
        interpolate(&LEVELS, &self.shares, probability)
    }

    /// G⁻¹: the model's probability whose share is `level`.
    #[must_use]
    pub fn probability(&self, level: f64) -> f64 {
        interpolate(&self.shares, &LEVELS, level)
    }

    /// The map between this one and `other`, `weight` of the way.
    #[must_use]
    pub fn between(&self, other: &Self, weight: f64) -> Self {
        let mut shares = self.shares;
        for (share, next) in shares.iter_mut().zip(other.shares) {
            *share += weight * (next - *share);
        }
        Self { shares }
    }
}

/// Share by which outcomes that fell beyond a level are taken for more than was seen, where they
/// are fewer than 5 %: the few windows that a map is learnt from overlap, and the odd month that
/// none of them holds shows in the far tail alone. Without it 1.7 % of the totals of 14 and 28 days
/// fell beyond the 0.99 quantile on earlier windows of M5, and 4.9 % beyond the 0.95 one; with two
/// thirds of it still 1.8 % of 28 days on the windows since.
fn tail_margin(beyond: f64) -> f64 {
    0.6 * ((0.05 - beyond) / 0.04).clamp(0.0, 1.0)
}

/// Linear interpolation through points with rising `from`; clamped at both ends.
fn interpolate(from: &[f64], to: &[f64], at: f64) -> f64 {
    let (Some(first), Some(last)) = (to.first(), to.last()) else { return at };
    let upper = from.partition_point(|x| *x <= at);
    if upper == 0 || at.is_nan() {
        return *first;
    }
    if upper >= from.len() {
        return *last;
    }

    let (low, high) = (from[upper - 1], from[upper]);
    to[upper - 1] + (to[upper] - to[upper - 1]) * (at - low) / (high - low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calibration_of_a_right_model_changes_nothing_below_the_far_tail() {
        let pits: Vec<f64> = (0..10_000).map(|i| (f64::from(i) + 0.5) / 10_000.0).collect();
        let map = CalibrationMap::learn(&pits, 50.0);
        for level in [0.003, 0.1, 0.33, 0.5, 0.95] {
            assert!((map.share(level) - level).abs() < 1e-3);
        }
        for level in [0.99, 0.999] {
            let (share, expected) = (1.0 - map.share(level), 1.6 * (1.0 - level));
            assert!((share - expected).abs() < 2e-4, "{share} for {expected}");
        }
    }

    #[test]
    fn quantities_of_which_nothing_was_demanded_are_an_atom_at_nothing() {
        let pits: Vec<f64> =
            (0..1_000).map(|i| if i % 4 == 0 { f64::from(i) / 1_000.0 } else { 0.0 }).collect();
        let map = CalibrationMap::learn(&pits, 0.0);
        assert!((map.share(0.0) - 0.75).abs() < 2e-3);
        assert_eq!(map.probability(0.5), 0.0);
        assert!(map.probability(0.9) > 0.5);
    }

    #[test]
    fn probability_undoes_share() {
        let pits: Vec<f64> =
            (0..500).map(|i| libm::pow((f64::from(i) + 0.5) / 500.0, 2.0)).collect();
        let map = CalibrationMap::learn(&pits, 20.0);
        for level in [0.001, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999] {
            assert!((map.share(map.probability(level)) - level).abs() < 1e-9);
        }
    }

    #[test]
    fn without_outcomes_the_map_is_the_identity() {
        assert_eq!(CalibrationMap::learn(&[], 0.0), CalibrationMap::default());
        assert_eq!(CalibrationMap::learn(&[], 300.0), CalibrationMap::default());
    }
}
