//! One item's history as the models read it: sane numbers, with the season and the coverage of each
//! bucket.

use super::season::{Positions, SeasonProfiles};
use super::smoothing::LevelPrior;
use crate::demand::panel::{Panel, Series};

/// Demand above this is read as this: sums of it stay exact enough and nothing overflows.
const MAX_DEMAND: f64 = 1e15;

/// A demand that can be reckoned with: not a number, infinite and negative count as 0.
#[must_use]
pub fn sane(units: f64) -> f64 {
    if units > 0.0 && units.is_finite() { units.min(MAX_DEMAND) } else { 0.0 }
}

/// One item's history; a scratch buffer that is filled anew for each item.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Units in each bucket; where the bucket is censored, the estimate put in its place once it is
    /// known.
    pub demand: Vec<f64>,
    /// Usual demand of each bucket relative to a full average one: coverage times season.
    pub weight: Vec<f64>,
    /// Share of each bucket that the history covers.
    pub coverage: Vec<f64>,
    /// Season position of each bucket.
    pub position: Vec<u8>,
    /// Whether each bucket's demand is only a lower bound.
    pub censored: Vec<bool>,
    /// Whether demand comes in whole units.
    pub is_count: bool,
}

impl History {
    /// Reads the series of `item`, without its last `cut` buckets.
    pub fn load(
        &mut self,
        panel: &Panel,
        item: usize,
        cut: usize,
        positions: &Positions,
        season: &SeasonProfiles,
    ) {
        let series: Series<'_> = panel.series(item).cut(cut);
        let factors = season.of(panel, item);
        self.is_count = series.is_count;
        self.demand.clear();
        self.weight.clear();
        self.coverage.clear();
        self.position.clear();
        self.censored.clear();
        self.censored.extend_from_slice(series.censored);
        self.demand.extend(series.demand.iter().map(|y| sane(*y)));
        for (step, exposure) in series.exposure.iter().enumerate() {
            let position = positions.of(series.first_bucket + step as i32);
            let coverage = f64::from(*exposure);
            let coverage = if coverage > 0.0 && coverage <= 1.0 { coverage } else { 1.0 };
            self.coverage.push(coverage);
            self.position.push(position);
            self.weight.push(coverage * factors.get(usize::from(position)).copied().unwrap_or(1.0));
        }
    }

    /// How many buckets there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.demand.len()
    }

    /// Whether there are no buckets.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.demand.is_empty()
    }

    /// Mean demand of a full average bucket over the last `buckets` buckets; 0 without history.
    #[must_use]
    pub fn rate(&self, buckets: usize) -> f64 {
        let from = self.len().saturating_sub(buckets);
        let weight: f64 = self.weight[from..].iter().sum();
        if weight > 0.0 { self.demand[from..].iter().sum::<f64>() / weight } else { 0.0 }
    }

    /// Mean demand of a full average bucket over the first `buckets` buckets; 0 without history.
    #[must_use]
    pub fn rate_of_first(&self, buckets: usize) -> f64 {
        let to = self.len().min(buckets);
        let weight: f64 = self.weight[..to].iter().sum();
        if weight > 0.0 { self.demand[..to].iter().sum::<f64>() / weight } else { 0.0 }
    }

    /// Puts into censored buckets what demand was on average, given that it was at least what is
    /// recorded: E\[Y | Y ≥ y\] with Y around the level that the uncensored buckets before show.
    pub fn uncensor(&mut self, prior: LevelPrior) {
        if !self.censored.iter().any(|c| *c) {
            return;
        }
        let (mut units, mut weight) = (prior.level * prior.buckets, prior.buckets.max(1e-9));
        // Where history opens with censored buckets, the prior alone says nothing of this item:
        // begin with its open buckets.
        let open = || {
            self.demand.iter().zip(&self.weight).zip(&self.censored).filter(|(_, c)| !**c).take(4)
        };
        units += open().map(|((y, _), _)| y).sum::<f64>();
        weight += open().map(|((_, w), _)| w).sum::<f64>();
        for step in 0..self.demand.len() {
            let mean = units / weight * self.weight[step];
            if self.censored[step] {
                self.demand[step] = expected_at_least(mean, self.demand[step], self.is_count);
            } else {
                units = units * 0.92 + self.demand[step];
                weight = weight * 0.92 + self.weight[step];
            }
        }
    }
}

/// Dispersion assumed of demand while it was censored: a typical retail item's.
const CENSORED_DISPERSION: f64 = 1.5;

/// Demand of an average bucket of a series; none where no bucket counts.
pub(super) fn average_rate(series: &Series<'_>) -> Option<f64> {
    let exposure: f64 = series.exposure.iter().map(|share| f64::from(*share)).sum();
    let units: f64 = series.demand.iter().map(|units| sane(*units)).sum();
    (exposure > 0.0).then(|| units / exposure)
}

/// E\[Y | Y ≥ least\] = (μ − Σ_{k<least} k p_k) / (1 − Σ_{k<least} p_k) of a negative binomial with
/// this mean.
fn expected_at_least(mean: f64, least: f64, is_count: bool) -> f64 {
    if !is_count || least > 500.0 || mean > 500.0 {
        return least.max(mean);
    }
    let ratio = mean / (CENSORED_DISPERSION + mean);
    let mut probability = libm::exp(-CENSORED_DISPERSION * libm::log1p(mean / CENSORED_DISPERSION));
    let (mut below, mut units, mut k) = (0.0, 0.0, 0.0);
    while k < least {
        below += probability;
        units += k * probability;
        probability *= (k + CENSORED_DISPERSION) / (k + 1.0) * ratio;
        k += 1.0;
    }
    // So deep in the tail the difference of two nearly equal sums says nothing.
    if 1.0 - below < 1e-6 { least } else { ((mean - units) / (1.0 - below)).max(least) }
}
