//! How wide an item's totals are: its dispersion by length of total, by empirical Bayes on its own
//! past totals.
//!
//! A total of t days is a negative binomial number of lots around the sum of its means with
//! dispersion r_t. The likelihood of r_t on a grid comes from the item's past totals of that length
//! against what the smoothing said at their start; the prior is pooled over the items of its class.
//!
//! Three things keep single totals from ruling: each changes the odds of two dispersions by at most
//! e³ (one jump of the level is one surprise, not proof of a wide distribution for good), old ones
//! are forgotten as the level is, and what an item did at another level says little of now.

use crate::demand::dated::DatedRows;
use crate::demand::origin::ItemView;
use crate::forecast::level::history::History;
use crate::forecast::level::smoothing::{Smoothing, posterior};
use crate::stats::{log1p, normal};

use super::lot::Lot;
use super::width::{BUCKET_LENGTHS, LENGTHS, Width, Widths};

/// ln r of the grid. Judgement: from demand of the odd huge bucket to Poisson of thousands.
pub const GRID: [f64; 21] = [
    -8.0, -6.0, -5.0, -4.0, -3.2, -2.5, -1.9, -1.4, -0.9, -0.4, 0.1, 0.6, 1.2, 1.9, 2.7, 3.7, 5.0,
    6.5, 8.0, 10.0, 12.0,
];
/// How many dispersions there are.
pub const GRID_COUNT: usize = GRID.len();
/// Log-likelihood of each dispersion for totals of each length.
pub type Likelihoods = [[f64; GRID_COUNT]; LENGTHS];

/// Buckets, or half the history if that is less, before which the level is too young for its errors
/// to say how wide demand is. Judgement.
const BURN_IN: usize = 28;
/// What one total may change of the odds of two dispersions, in logarithms. Chosen on earlier
/// windows of M5, Online Retail and spare parts: 5 and none leave single jumps too much, 2 and less
/// make far quantiles too low.
const MAX_EVIDENCE: f64 = 3.0;
/// Days in which a total's weight falls to 1/e. Chosen on the same windows.
const MEMORY_DAYS: f64 = 182.0;
/// Or this many buckets, where that is longer. Judgement: half a dozen months say too little.
const MEMORY_BUCKETS: f64 = 12.0;
/// Totals older than this many memories are not read. Judgement: they would weigh 2 %.
const READ_MEMORIES: f64 = 4.0;
/// Mean and standard deviation of ln r before anything was seen, how it falls with the length of
/// totals of less than a week, and the share of demand that is like anything. Judgement: the middle
/// of what retail items and spare parts show in days, weeks and months.
const USUAL_MEAN: f64 = 1.0;
const USUAL_SD: f64 = 1.5;
const USUAL_SLOPE: f64 = 0.7;
const UNUSUAL: f64 = 0.2;
/// Spread of ln r, at most. Judgement: beyond it three widths do not stand for all.
const MOST_SPREAD: f64 = 1.0;
/// Means below this count as this, in lots.
const LEAST_MEAN: f64 = 1e-9;

/// The grid's values with ln Γ(y + r) − ln Γ(r) − y ln r of small counts, which most of retail is.
#[derive(Debug, Clone)]
pub struct DispersionGrid {
    dispersion: [f64; GRID_COUNT],
    log_gamma: [f64; GRID_COUNT],
    small: Vec<[f64; GRID_COUNT]>,
    /// What is left of a total's weight, by whole buckets since its end.
    fading: Vec<f64>,
}

impl DispersionGrid {
    /// Computes the tables for buckets of so many days.
    #[must_use]
    pub fn new(bucket_days: f64) -> Self {
        let dispersion = GRID.map(libm::exp);
        let log_gamma = dispersion.map(libm::lgamma);

        let mut small = vec![[0.0; GRID_COUNT]; 128];
        for y in 1..small.len() {
            for k in 0..GRID_COUNT {
                small[y][k] = small[y - 1][k] + libm::log1p((y - 1) as f64 / dispersion[k]);
            }
        }

        let memory_days = MEMORY_DAYS.max(MEMORY_BUCKETS * bucket_days);
        let left = |age: usize| libm::exp(-(age as f64 * bucket_days) / memory_days);
        let fading = (0..=buckets_read(bucket_days)).map(left).collect();
        Self { dispersion, log_gamma, small, fading }
    }

    /// ln P(total | mean, r) for every r, without what is the same for all:
    /// ln Γ(y + r) − ln Γ(r) − y ln r − (y + r) ln(1 + m/r).
    fn log_likelihood(&self, total: f64, mean: f64) -> [f64; GRID_COUNT] {
        let mean = mean.max(LEAST_MEAN);
        let is_small = total.fract() == 0.0 && total < self.small.len() as f64;
        let known = if is_small { self.small.get(total as usize) } else { None };
        let mut own = known.copied().unwrap_or_else(|| {
            std::array::from_fn(|k| {
                let r = self.dispersion[k];
                libm::lgamma(total + r) - self.log_gamma[k] - total * GRID[k]
            })
        });
        take_spread(&self.dispersion, total, mean, &mut own);
        own
    }

    /// Adds `weight` times the log-likelihood of one total, bounded first: a weighed bound is not
    /// a bounded weight.
    fn add(&self, total: f64, mean: f64, weight: f64, sums: &mut [f64; GRID_COUNT]) {
        add_bounded(&self.log_likelihood(total, mean), weight, sums);
    }
}

/// Takes (y + r) ln(1 + m/r) from the value of each r, which rise. Slices of a length that the
/// compiler does not know: a loop of 21 it would unroll, and take one number an instruction.
#[inline(never)]
fn take_spread(dispersions: &[f64], total: f64, mean: f64, out: &mut [f64]) {
    let is_usual = dispersions.first().is_some_and(|least| mean / least < log1p::MOST);
    if is_usual {
        for (value, r) in out.iter_mut().zip(dispersions) {
            *value -= (total + r) * log1p::of_usual(mean / r);
        }
    } else {
        for (value, r) in out.iter_mut().zip(dispersions) {
            *value -= (total + r) * libm::log1p(mean / r);
        }
    }
}

/// Adds `weight` times what each value is below the highest, at most [`MAX_EVIDENCE`]; slices as in
/// [`take_spread`].
#[inline(never)]
fn add_bounded(own: &[f64], weight: f64, sums: &mut [f64]) {
    let higher = |a: f64, b: f64| if b > a { b } else { a };
    let mut best = [f64::NEG_INFINITY; 4];
    for four in own.chunks(best.len()) {
        best.iter_mut().zip(four).for_each(|(best, own)| *best = higher(*best, *own));
    }
    let best = best.into_iter().fold(f64::NEG_INFINITY, higher);

    for (sum, own) in sums.iter_mut().zip(own) {
        *sum += weight * (own - best).max(-MAX_EVIDENCE);
    }
}

/// Buckets that totals are read of, counted from the origin.
fn buckets_read(bucket_days: f64) -> usize {
    let memory = (MEMORY_DAYS / bucket_days).max(MEMORY_BUCKETS);
    (READ_MEMORIES * memory).ceil() as usize
}

/// What one item has done, as its level is read.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// The item at its origin.
    pub item: &'a ItemView<'a>,
    /// Its buckets.
    pub history: &'a History,
    /// Its level.
    pub smoothing: &'a Smoothing,
    /// What its demand comes in.
    pub lot: Lot,
}

/// Weights of the dispersions of totals of so many days before anything was seen: what most demand
/// is like, with room for what is not. Slow items say next to nothing of theirs, and equal weights
/// would make each as wide as the widest.
#[must_use]
pub fn usual_weights(days: f64) -> [f64; GRID_COUNT] {
    // Points lie apart by different distances; each stands for what is nearest to it.
    let edge = |k: usize| match k {
        0 => f64::NEG_INFINITY,
        GRID_COUNT => f64::INFINITY,
        _ => 0.5 * (GRID[k - 1] + GRID[k]),
    };
    let mean = USUAL_MEAN + USUAL_SLOPE * libm::log(days / 7.0).min(0.0);
    let below = |x: f64| normal::cdf((x - mean) / USUAL_SD);
    let even = 1.0 / GRID_COUNT as f64;
    std::array::from_fn(|k| {
        UNUSUAL * even + (1.0 - UNUSUAL) * (below(edge(k + 1)) - below(edge(k)))
    })
}

/// Log-likelihood of each dispersion for totals of each length; a length the history is too short
/// for holds zeros.
pub fn log_likelihoods(grid: &DispersionGrid, past: &Past<'_>, out: &mut Likelihoods) {
    *out = [[0.0; GRID_COUNT]; LENGTHS];
    let reading = Reading::new(grid, *past);
    let (of_day, of_buckets) = out.split_at_mut(1);
    if let Some(rows) = past.item.dated {
        reading.add_days(rows, &mut of_day[0]);
    }
    for (power, sums) in of_buckets.iter_mut().enumerate() {
        reading.add_totals(1 << power, sums);
    }
}

/// One item's totals as they are weighed.
struct Reading<'a> {
    grid: &'a DispersionGrid,
    past: Past<'a>,
    /// First bucket that is read.
    from: usize,
}

impl<'a> Reading<'a> {
    fn new(grid: &'a DispersionGrid, past: Past<'a>) -> Self {
        let n = past.history.len();
        // As far as the grid says what is left of a weight.
        let read = grid.fading.len() - 1;
        let from = BURN_IN.min(n / 2).max(n.saturating_sub(read));
        Self { grid, past, from }
    }

    /// What a total that begins before bucket `start` and ends before bucket `end` weighs.
    fn weight(&self, start: usize, end: usize) -> f64 {
        let Past { history, smoothing, .. } = self.past;
        let (then, now) = (smoothing.path[start], smoothing.level);
        let (then, now) = (then.max(LEAST_MEAN), now.max(LEAST_MEAN));
        self.grid.fading[history.len() - end] * (then.min(now) / then.max(now)).sqrt()
    }

    /// Totals of `length` buckets; they overlap by half, and weigh the less for it.
    fn add_totals(&self, length: usize, sums: &mut [f64; GRID_COUNT]) {
        let Past { history, smoothing, lot, .. } = self.past;
        let n = history.len();
        if n < self.from + 2 * length {
            return;
        }

        let stride = (length / 2).max(1);
        let temper = stride as f64 / length as f64;
        let mut start = self.from + (n - self.from - length) % stride;
        while start + length <= n {
            let span = start..start + length;
            let total: f64 = history.demand[span.clone()].iter().sum();
            let usual: f64 = history.weight[span].iter().sum();
            let mean = smoothing.path[start] * usual;
            let weight = temper * self.weight(start, start + length);
            self.grid.add(total / lot.units(), mean / lot.units(), weight, sums);
            start += stride;
        }
    }

    /// Single days. Days without demand of one bucket count at once, around their mean.
    fn add_days(&self, rows: DatedRows<'_>, sums: &mut [f64; GRID_COUNT]) {
        let Past { item, history, smoothing, lot } = self.past;
        // The first bucket may be known in part only.
        for step in self.from.max(1)..history.len() {
            if history.censored[step] {
                continue;
            }
            let days = item.days_of(step);
            let shares: f64 = days.clone().map(|day| item.day_share(day)).sum();
            let mean = smoothing.path[step] * history.weight[step] / lot.units();
            let weight = self.weight(step, step + 1);

            let sold = rows.between(days.start, days.end);
            let mut idle_shares = shares;
            for (day, units) in sold.day.iter().zip(sold.units) {
                let share = item.day_share(*day);
                idle_shares -= share;
                let units = f64::from(*units) / lot.units();
                self.grid.add(units, mean * share / shares, weight, sums);
            }
            let idle = days.len().saturating_sub(sold.day.len()) as f64;
            if idle > 0.0 {
                let mean = mean * (idle_shares / shares).max(0.0) / idle;
                self.grid.add(0.0, mean, weight * idle, sums);
            }
        }
    }
}

/// The widths of an item: mean and spread of ln r for each length, under the class's pooled
/// weights.
#[must_use]
pub fn widths(priors: &Likelihoods, own: &Likelihoods, days_are_known: bool) -> Widths {
    let width = |length: usize| {
        let weights = posterior(&priors[length], &own[length]);
        let moment = |power: fn(f64) -> f64| -> f64 {
            weights.iter().zip(GRID).map(|(w, g)| w * power(g)).sum()
        };
        let mean = moment(|g| g);
        let variance = (moment(|g| g * g) - mean * mean).max(0.0);
        Width { log_dispersion: mean as f32, sd: variance.sqrt().min(MOST_SPREAD) as f32 }
    };

    let mut of_buckets: [Width; BUCKET_LENGTHS] = std::array::from_fn(|k| width(k + 1));
    for k in 1..BUCKET_LENGTHS {
        // What is even over short stretches is not uneven over long ones that were never seen.
        let is_unseen = own[k + 1].iter().all(|log| *log == 0.0);
        if is_unseen && of_buckets[k - 1].log_dispersion > of_buckets[k].log_dispersion {
            of_buckets[k] = of_buckets[k - 1];
        }
    }
    Widths { of_day: days_are_known.then(|| width(0)), of_buckets, later: 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likelihoods_differ_as_those_of_the_negative_binomial_do() {
        let grid = DispersionGrid::new(7.0);
        for (total, mean) in [(0.0, 0.3), (3.0, 2.0), (40.0, 7.5), (2.5, 1.0), (500.0, 300.0)] {
            let own = grid.log_likelihood(total, mean);
            for k in 1..GRID_COUNT - 4 {
                let exact = |k: usize| {
                    let r = libm::exp(GRID[k]);
                    libm::lgamma(total + r) - libm::lgamma(r) + r * GRID[k]
                        - (total + r) * libm::log(r + mean)
                };
                let (got, wanted) = (own[k] - own[0], exact(k) - exact(0));
                assert!((got - wanted).abs() < 1e-8 * (1.0 + wanted.abs()), "{got} {wanted}");
            }
        }
    }

    #[test]
    fn no_total_weighs_more_than_its_bound() {
        let grid = DispersionGrid::new(7.0);
        let mut sums = [0.0; GRID_COUNT];
        grid.add(1e9, 1e-9, 0.5, &mut sums);
        let (least, most) =
            sums.iter().fold((0.0_f64, -9.0_f64), |(a, b), x| (a.min(*x), b.max(*x)));
        assert!(least >= -0.5 * MAX_EVIDENCE && most == 0.0, "{least} {most}");
    }
}
