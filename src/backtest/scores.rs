//! Sums of forecast errors, from which every measure of an accuracy report follows.

use crate::forecast::law::TotalDemand;
use crate::forecast::metrics::{coverage, pinball};

/// The levels of the weighted quantile loss.
const DECILES: [f64; 9] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/// Sums over buckets (or totals) and series.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Score {
    /// Buckets or totals that were forecast.
    pub forecasts: f64,
    actual: f64,
    absolute: f64,
    difference: f64,
    deciles: f64,
    /// Sum and count of scaled errors of series: MASE, RMSSE.
    scaled: [(f64, f64); 2],
    /// Pinball loss, randomised and plain coverage, by level.
    levels: Vec<[f64; 3]>,
}

impl Score {
    /// Adds one forecast.
    pub fn add(&mut self, law: &TotalDemand<'_>, levels: &[f64], actual: f64) {
        self.forecasts += 1.0;
        self.actual += actual;
        self.absolute += (actual - law.quantile(0.5)).abs();
        self.difference += law.mean() - actual;
        self.deciles += 2.0 / DECILES.len() as f64
            * DECILES.iter().map(|at| pinball(*at, actual, law.quantile(*at))).sum::<f64>();
        self.levels.resize(levels.len(), [0.0; 3]);
        for (sums, level) in self.levels.iter_mut().zip(levels) {
            let quantile = law.quantile(*level);
            sums[0] += pinball(*level, actual, quantile);
            sums[1] += coverage(law, *level, actual);
            sums[2] += f64::from(u8::from(actual <= quantile));
        }
    }

    /// Adds the scaled errors of one series; those without a scale are left out.
    pub fn add_series(&mut self, mase: Option<f64>, rmsse: Option<f64>) {
        for (sums, error) in self.scaled.iter_mut().zip([mase, rmsse]) {
            if let Some(error) = error {
                sums.0 += error;
                sums.1 += 1.0;
            }
        }
    }

    /// Adds another score.
    pub fn merge(&mut self, other: &Self) {
        self.forecasts += other.forecasts;
        self.actual += other.actual;
        self.absolute += other.absolute;
        self.difference += other.difference;
        self.deciles += other.deciles;
        for (sums, more) in self.scaled.iter_mut().zip(other.scaled) {
            sums.0 += more.0;
            sums.1 += more.1;
        }
        self.levels.resize(self.levels.len().max(other.levels.len()), [0.0; 3]);
        for (sums, more) in self.levels.iter_mut().zip(&other.levels) {
            sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
    }

    /// Mean absolute scaled error of the medians.
    #[must_use]
    pub fn mase(&self) -> f64 {
        self.scaled[0].0 / self.scaled[0].1
    }

    /// Root mean squared scaled error of the means.
    #[must_use]
    pub fn rmsse(&self) -> f64 {
        self.scaled[1].0 / self.scaled[1].1
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

    /// Mean pinball loss of a level, by its place among the levels.
    #[must_use]
    pub fn pinball(&self, level: usize) -> f64 {
        self.levels.get(level).map_or(f64::NAN, |sums| sums[0] / self.forecasts)
    }

    /// Share of outcomes that a level covered, randomised at the steps of counts.
    #[must_use]
    pub fn covered(&self, level: usize) -> f64 {
        self.levels.get(level).map_or(f64::NAN, |sums| sums[1] / self.forecasts)
    }

    /// Share of outcomes at or below a level's quantile.
    #[must_use]
    pub fn covered_plain(&self, level: usize) -> f64 {
        self.levels.get(level).map_or(f64::NAN, |sums| sums[2] / self.forecasts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_of_parts_add_up() {
        let law = TotalDemand::plain(4.0, 9.0, true);
        let (mut all, mut parts) = (Score::default(), [Score::default(), Score::default()]);
        for y in 0..10 {
            all.add(&law, &[0.5, 0.95], f64::from(y));
            parts[usize::from(y > 3)].add(&law, &[0.5, 0.95], f64::from(y));
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
        let law = TotalDemand::plain(5.0, 0.0, false);
        let mut score = Score::default();
        score.add(&law, &[0.9], 5.0);
        assert!(score.wape() < 1e-3 && score.bias().abs() < 1e-9 && score.wql() < 1e-3);
    }
}
