//! Pooled negative-binomial exponential smoothing.
//!
//! Demand of bucket t is negative binomial around level × season; the level is the discounted mean
//! of what was seen. Which smoothing rate suits an item is a mixture: weights of the rates pooled
//! over items of its class, sharpened by the item's own one-step likelihood. Source: Snyder, Ord &
//! Beaumont 2012, *Forecasting the intermittent demand for slow-moving inventories*; Harvey &
//! Fernandes 1989 for the discounted level.

use super::history::{History, LevelPrior};
use crate::stats::log_products::LogProducts;

/// Smoothing rates of the mixture, per bucket. Judgement: from a memory of hundreds of buckets to
/// one of two.
pub const RATES: [f64; 8] = [0.004, 0.01, 0.02, 0.04, 0.08, 0.15, 0.28, 0.5];
/// How many rates there are.
pub const RATE_COUNT: usize = RATES.len();

/// The rate of which residuals say how dispersed an item's demand is: the middle one.
const MIDDLE_RATE: usize = 3;
/// The rates that features call fast and slow.
const FAST_RATE: usize = 5;
const SLOW_RATE: usize = 1;
/// Buckets at the beginning of a history that are not scored, or a quarter of it if that is less:
/// what was believed before still shows in them. Judgement.
const UNSCORED: usize = 4;
/// Bounds of the dispersion r; at the upper one demand is Poisson. Judgement.
const MIN_DISPERSION: f64 = 0.02;
const MAX_DISPERSION: f64 = 1e4;
/// Rounds of expectation–maximisation. Judgement: weights hardly move by then.
const EM_ROUNDS: usize = 12;

/// The smoothing of one item; a scratch buffer that is filled anew for each.
#[derive(Debug, Clone, Default)]
pub struct Smoothing {
    /// Level before each bucket and after the last, by rate.
    paths: Vec<[f64; RATE_COUNT]>,
    /// Level after the last bucket, by rate.
    pub last: [f64; RATE_COUNT],
    /// One-step log-likelihood, by rate.
    pub log_likelihood: [f64; RATE_COUNT],
    /// Level before each bucket and after the last, mixed over the rates.
    pub path: Vec<f64>,
    /// Level after the last bucket, mixed over the rates.
    pub level: f64,
}

impl Smoothing {
    /// Runs every rate over the history.
    pub fn run(&mut self, history: &History, prior: LevelPrior) {
        self.paths.clear();
        let mut units = [prior.level * prior.buckets; RATE_COUNT];
        let mut weight = [prior.buckets.max(1e-9); RATE_COUNT];

        for (demand, usual) in history.demand.iter().zip(&history.weight) {
            let mut levels = [0.0; RATE_COUNT];
            for k in 0..RATE_COUNT {
                levels[k] = units[k] / weight[k];
                units[k] = units[k] * (1.0 - RATES[k]) + demand;
                weight[k] = weight[k] * (1.0 - RATES[k]) + usual;
            }
            self.paths.push(levels);
        }

        for k in 0..RATE_COUNT {
            self.last[k] = units[k] / weight[k];
        }
        self.paths.push(self.last);

        self.score(history);
    }

    /// One-step log-likelihood of each rate, at the dispersion that the middle rate's residuals
    /// show.
    fn score(&mut self, history: &History) {
        self.log_likelihood = [0.0; RATE_COUNT];
        let from = UNSCORED.min(history.len() / 4);
        let steps = || self.paths.iter().zip(history.demand.iter().zip(&history.weight)).skip(from);
        if !history.is_count {
            let mut squares = [0.0; RATE_COUNT];
            for (levels, (demand, usual)) in steps() {
                for (square, level) in squares.iter_mut().zip(levels) {
                    *square += (demand - level * usual) * (demand - level * usual);
                }
            }
            let n = history.len().saturating_sub(from) as f64;
            for (score, square) in self.log_likelihood.iter_mut().zip(squares) {
                *score = -0.5 * n * libm::log(square.max(1e-300));
            }
            return;
        }

        let (mut excess, mut square) = (0.0, 0.0);
        for (levels, (demand, usual)) in steps() {
            let mean = levels[MIDDLE_RATE] * usual;
            excess += (demand - mean) * (demand - mean) - mean;
            square += mean * mean;
        }
        let dispersion = if excess > 0.0 {
            (square / excess).clamp(MIN_DISPERSION, MAX_DISPERSION)
        } else {
            MAX_DISPERSION
        };

        // y ln(m / (r + m)) − r ln(r + m), for every rate's mean m.
        let (mut units, mut ones) = (LogProducts::new(), LogProducts::new());
        for (levels, (demand, usual)) in steps() {
            let means = levels.map(|level| (level * usual).max(1e-9));
            ones.add(&means.map(|mean| dispersion + mean), 1.0);
            if *demand > 0.0 {
                units.add(&means.map(|mean| mean / (dispersion + mean)), *demand);
            }
        }

        let (units, ones): ([f64; RATE_COUNT], [f64; RATE_COUNT]) = (units.sums(), ones.sums());
        self.log_likelihood = std::array::from_fn(|k| units[k] - dispersion * ones[k]);
    }

    /// Mixes the rates: posterior weights from the class's pooled ones, then the mixed path and
    /// level.
    pub fn mix(&mut self, prior: &[f64; RATE_COUNT]) {
        let weights = posterior(prior, &self.log_likelihood);
        self.path.clear();
        self.path.extend(self.paths.iter().map(|levels| mixed(levels, &weights)));
        self.level = mixed(&self.last, &weights);
    }

    /// A fast and a slow level before bucket `at`.
    #[must_use]
    pub fn levels_at(&self, at: usize) -> (f64, f64) {
        let levels = self.paths.get(at).unwrap_or(&self.last);
        (levels[FAST_RATE], levels[SLOW_RATE])
    }
}

fn mixed(levels: &[f64; RATE_COUNT], weights: &[f64; RATE_COUNT]) -> f64 {
    levels.iter().zip(weights).map(|(level, weight)| level * weight).sum()
}

/// Weights ∝ prior × likelihood, summing to 1.
#[must_use]
pub fn posterior<const N: usize>(prior: &[f64; N], log_likelihood: &[f64; N]) -> [f64; N] {
    let best = log_likelihood.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut weights = [0.0; N];
    for k in 0..N {
        weights[k] = prior[k] * libm::exp((log_likelihood[k] - best).max(-700.0));
    }

    let sum: f64 = weights.iter().sum();
    if sum > 0.0 && sum.is_finite() {
        weights.iter_mut().for_each(|w| *w /= sum);
        weights
    } else {
        *prior
    }
}

/// Prior weights that make the items' likelihoods most probable together: expectation–maximisation
/// from `start`, which sums to 1, with `smooth` pseudo-items of its weights.
///
/// Source: Robbins 1956, Laird 1978 (non-parametric maximum likelihood on a grid).
#[must_use]
pub fn pooled_weights<const N: usize>(
    log_likelihoods: &[[f64; N]],
    start: [f64; N],
    smooth: f64,
) -> [f64; N] {
    let mut prior = start;
    for _ in 0..EM_ROUNDS {
        let mut sums = start.map(|weight| smooth * weight);
        for own in log_likelihoods {
            for (sum, weight) in sums.iter_mut().zip(posterior(&prior, own)) {
                *sum += weight;
            }
        }

        let total: f64 = sums.iter().sum();
        for (weight, sum) in prior.iter_mut().zip(sums) {
            *weight = sum / total;
        }
    }
    prior
}
