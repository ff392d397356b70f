//! Sums of forecast errors, from which every measure of an accuracy report follows.

use crate::forecast::demand_distribution::TotalDemand;
use crate::forecast::metrics::{coverage, pinball};

/// The levels of the weighted quantile loss.
const DECILES: [f64; 9] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/// Sums over buckets (or totals) and series.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Score {
    /// Buckets or totals that were forecast.
    pub forecasts: f64,
    /// Units demanded.
    actual: f64,
    /// Absolute errors of the medians, units.
    absolute: f64,
    /// Forecast means less demand, units.
    difference: f64,
    /// Quantile losses over the deciles, units.
    deciles: f64,
    mase: ScaledErrors,
    rmsse: ScaledErrors,
    levels: Vec<LevelSums>,
}

/// Scaled errors of some series, which have no unit.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct ScaledErrors {
    sum: f64,
    count: f64,
}

impl ScaledErrors {
    fn add(&mut self, error: Option<f64>) {
        if let Some(error) = error {
            self.sum += error;
            self.count += 1.0;
        }
    }

    fn merge(&mut self, other: Self) {
        self.sum += other.sum;
        self.count += other.count;
    }

    fn mean(self) -> f64 {
        self.sum / self.count
    }
}

/// Sums over the forecasts of one quantile level.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct LevelSums {
    /// Pinball losses, units.
    pinball: f64,
    /// How many outcomes were covered, randomised at the steps of counts.
    covered: f64,
    /// How many outcomes were at or below the quantile.
    covered_plain: f64,
}

impl Score {
    /// Adds one forecast.
    pub fn add(&mut self, distribution: &TotalDemand, levels: &[f64], actual: f64) {
        self.forecasts += 1.0;
        self.actual += actual;
        self.absolute += (actual - distribution.quantile(0.5)).abs();
        self.difference += distribution.mean() - actual;
        self.deciles += 2.0 / DECILES.len() as f64
            * DECILES
                .iter()
                .map(|at| pinball(*at, actual, distribution.quantile(*at)))
                .sum::<f64>();
        self.levels.resize(levels.len(), LevelSums::default());

        for (sums, level) in self.levels.iter_mut().zip(levels) {
            let quantile = distribution.quantile(*level);
            sums.pinball += pinball(*level, actual, quantile);
            sums.covered += coverage(distribution, *level, actual);
            sums.covered_plain += f64::from(u8::from(actual <= quantile));
        }
    }

    /// Adds the scaled errors of one series; those without a scale are left out.
    pub fn add_series(&mut self, mase: Option<f64>, rmsse: Option<f64>) {
        self.mase.add(mase);
        self.rmsse.add(rmsse);
    }

    /// Adds another score.
    pub fn merge(&mut self, other: &Self) {
        self.forecasts += other.forecasts;
        self.actual += other.actual;
        self.absolute += other.absolute;
        self.difference += other.difference;
        self.deciles += other.deciles;

        self.mase.merge(other.mase);
        self.rmsse.merge(other.rmsse);

        self.levels.resize(self.levels.len().max(other.levels.len()), LevelSums::default());
        for (sums, more) in self.levels.iter_mut().zip(&other.levels) {
            sums.pinball += more.pinball;
            sums.covered += more.covered;
            sums.covered_plain += more.covered_plain;
        }
    }

    /// Mean absolute scaled error of the medians.
    #[must_use]
    pub fn mase(&self) -> f64 {
        self.mase.mean()
    }

    /// Root mean squared scaled error of the means.
    #[must_use]
    pub fn rmsse(&self) -> f64 {
        self.rmsse.mean()
    }

    /// Absolute error of the medians over demand.
    #[must_use]
    pub fn wape(&self) -> f64 {
        self.absolute / self.actual
    }

    /// Forecast means less demand, over demand.
    #[must_use]
    pub fn bias(&self) -> f64 {
        self.difference / self.actual
    }

    /// Weighted quantile loss over the deciles.
    #[must_use]
    pub fn wql(&self) -> f64 {
        self.deciles / self.actual
    }

    /// Mean pinball loss of a level, by its index among the levels, units.
    #[must_use]
    pub fn pinball(&self, level: usize) -> f64 {
        self.levels.get(level).map_or(f64::NAN, |sums| sums.pinball / self.forecasts)
    }

    /// Share of outcomes that a level covered, randomised at the steps of counts.
    #[must_use]
    pub fn covered(&self, level: usize) -> f64 {
        self.levels.get(level).map_or(f64::NAN, |sums| sums.covered / self.forecasts)
    }

    /// Share of outcomes at or below a level's quantile.
    #[must_use]
    pub fn covered_plain(&self, level: usize) -> f64 {
        self.levels.get(level).map_or(f64::NAN, |sums| sums.covered_plain / self.forecasts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_of_parts_add_up() {
        let distribution = TotalDemand::plain(4.0, 9.0, true);
        let (mut all, mut parts) = (Score::default(), [Score::default(), Score::default()]);
        for y in 0..10 {
            all.add(&distribution, &[0.5, 0.95], f64::from(y));
            parts[usize::from(y > 3)].add(&distribution, &[0.5, 0.95], f64::from(y));
        }

        let mut merged = Score::default();
        parts.iter().for_each(|part| merged.merge(part));

        assert!(
            (merged.wql() - all.wql()).abs() < 1e-12
                && (merged.covered(1) - all.covered(1)).abs() < 1e-12
        );
        assert_eq!(merged.forecasts, 10.0);
    }

    #[test]
    fn a_sure_forecast_has_no_error() {
        let distribution = TotalDemand::plain(5.0, 0.0, false);
        let mut score = Score::default();
        score.add(&distribution, &[0.9], 5.0);

        assert!(score.wape() < 1e-3 && score.bias().abs() < 1e-9 && score.wql() < 1e-3);
    }
}
