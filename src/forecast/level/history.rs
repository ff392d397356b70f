//! One item's history as the models read it: sane numbers, with the season and the coverage of each
//! bucket.

use super::year::YearOfItem;
use crate::demand::origin::ItemView;

/// Demand above this is read as this: sums of it stay exact enough and nothing overflows.
/// Judgement: 1e15 is below 2^53, up to which a floating-point number tells units apart.
const MAX_DEMAND: f64 = 1e15;
/// Dispersion r assumed of demand while it was censored. Judgement: a typical retail item's.
const CENSORED_DISPERSION: f64 = 1.5;
/// What a bucket leaves of the buckets before it in the level that censored ones are estimated
/// from. Judgement: a memory of about a dozen buckets.
const CENSORED_MEMORY: f64 = 0.92;
/// Uncensored buckets at the beginning that an estimate starts with, beside what is believed of
/// the item. Judgement: a few, so that the estimate is the item's own.
const OPENING_BUCKETS: usize = 4;
/// Means and bounds above this are not summed unit by unit; the larger of both is near enough.
/// Judgement: demand of that size varies little around its mean.
const MAX_SUMMED: f64 = 500.0;

/// A demand that can be reckoned with: not a number, infinite and negative count as 0.
#[must_use]
pub fn sane(units: f64) -> f64 {
    if units > 0.0 && units.is_finite() { units.min(MAX_DEMAND) } else { 0.0 }
}

/// What is believed of an item's level before its first bucket.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct LevelPrior {
    /// Mean demand of an average bucket, in units.
    pub level: f64,
    /// How many buckets of evidence that is worth.
    pub buckets: f64,
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
    /// Reads what is known of an item. `season` holds the usual demand of each season position
    /// relative to an average bucket.
    pub fn load(&mut self, item: &ItemView<'_>, season: &[f64]) {
        let series = &item.series;
        self.is_count = series.is_count;
        self.demand.clear();
        self.weight.clear();
        self.coverage.clear();
        self.position.clear();
        self.censored.clear();

        self.censored.extend_from_slice(series.censored);
        self.demand.extend(series.demand.iter().map(|units| sane(*units)));
        for (step, exposure) in series.exposure.iter().enumerate() {
            let bucket = item.bucket(step);
            let coverage = f64::from(*exposure);
            let coverage = if coverage > 0.0 && coverage <= 1.0 { coverage } else { 1.0 };
            self.coverage.push(coverage);
            self.position.push(item.positions.of(bucket));
            self.weight.push(coverage * item.positions.usual(season, bucket));
        }
    }

    /// Counts each bucket as so many usual ones as the item's year says.
    pub fn weigh(&mut self, year: &YearOfItem) {
        let last = self.len() as isize - 1;
        for (step, weight) in self.weight.iter_mut().enumerate() {
            *weight *= year.of(step as isize - last);
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
        // begin with its uncensored buckets.
        let opening: Vec<usize> =
            (0..self.len()).filter(|step| !self.censored[*step]).take(OPENING_BUCKETS).collect();
        units += opening.iter().map(|step| self.demand[*step]).sum::<f64>();
        weight += opening.iter().map(|step| self.weight[*step]).sum::<f64>();

        for step in 0..self.demand.len() {
            let mean = units / weight * self.weight[step];
            if self.censored[step] {
                self.demand[step] = expected_at_least(mean, self.demand[step], self.is_count);
            } else {
                units = units * CENSORED_MEMORY + self.demand[step];
                weight = weight * CENSORED_MEMORY + self.weight[step];
            }
        }
    }
}

/// E\[Y | Y ≥ least\] = (μ − Σ_{k<least} k p_k) / (1 − Σ_{k<least} p_k) of a negative binomial with
/// this mean.
fn expected_at_least(mean: f64, least: f64, is_count: bool) -> f64 {
    if !is_count || least > MAX_SUMMED || mean > MAX_SUMMED {
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
