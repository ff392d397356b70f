//! How wide an item's totals are: its dispersion by length of total, by empirical Bayes on its own past totals.
//!
//! A total of t buckets is negative binomial around the sum of its means with dispersion r_t. The likelihood of r_t on a grid
//! comes from the item's past totals of that length against what the smoothing said at their start, tempered because they
//! overlap; the prior is pooled over the items of its class.

use super::history::History;
use super::smoothing::{Smoothing, posterior};

/// ln r of the grid.
pub const GRID: [f64; 14] = [-4.0, -3.2, -2.5, -1.9, -1.4, -0.9, -0.4, 0.1, 0.6, 1.2, 1.9, 2.7, 3.7, 5.0];
/// How many dispersions there are.
pub const GRID_COUNT: usize = GRID.len();
/// Lengths of totals, in buckets: 1, 2, 4 … 64.
pub const LENGTHS: usize = 7;

/// Buckets, or half the history if that is less, before which the level is too young for its errors to say how wide demand is.
const BURN_IN: usize = 28;

/// The grid's values with ln Γ(y + r) − ln Γ(r) of small counts, which most of retail is.
#[derive(Debug, Clone)]
pub struct SpreadGrid {
    dispersion: [f64; GRID_COUNT],
    log_gamma: [f64; GRID_COUNT],
    small: Vec<[f64; GRID_COUNT]>,
}

impl Default for SpreadGrid {
    fn default() -> Self {
        Self::new()
    }
}

impl SpreadGrid {
    /// Computes the tables.
    #[must_use]
    pub fn new() -> Self {
        let dispersion = GRID.map(libm::exp);
        let log_gamma = dispersion.map(libm::lgamma);
        let mut small = vec![[0.0; GRID_COUNT]; 128];
        for y in 1..small.len() {
            for k in 0..GRID_COUNT {
                small[y][k] = small[y - 1][k] + libm::log(dispersion[k] + (y - 1) as f64);
            }
        }
        Self { dispersion, log_gamma, small }
    }

    /// Adds `weight` × ln P(total | mean, r) for every r of the grid, without the terms that are the same for all.
    fn add(&self, total: f64, mean: f64, weight: f64, out: &mut [f64; GRID_COUNT]) {
        let mean = mean.max(1e-9);
        let table = if total.fract() == 0.0 && total < 127.5 { self.small.get(total as usize) } else { None };
        for k in 0..GRID_COUNT {
            let r = self.dispersion[k];
            let gamma = match table {
                Some(row) => row[k],
                None => libm::lgamma(total + r) - self.log_gamma[k],
            };
            out[k] += weight * (gamma + r * GRID[k] - (total + r) * libm::log(r + mean));
        }
    }
}

/// Log-likelihood of each dispersion for totals of each length; a length the history is too short for holds zeros.
pub fn log_likelihoods(
    grid: &SpreadGrid,
    history: &History,
    smoothing: &Smoothing,
    out: &mut [[f64; GRID_COUNT]; LENGTHS],
) {
    *out = [[0.0; GRID_COUNT]; LENGTHS];
    let n = history.len();
    let burn_in = BURN_IN.min(n / 2);
    for (power, sums) in out.iter_mut().enumerate() {
        let length = 1usize << power;
        if n < burn_in + 2 * length {
            break;
        }
        let stride = (length / 2).max(1);
        let temper = stride as f64 / length as f64;
        let mut start = burn_in + (n - burn_in - length) % stride;
        while start + length <= n {
            let span = start..start + length;
            let total: f64 = history.demand[span.clone()].iter().sum();
            let usual: f64 = history.weight[span].iter().sum();
            let mean = smoothing.path[start] * usual;
            if history.is_count {
                grid.add(total, mean, temper, sums);
            } else {
                add_quantity(grid, total, mean, temper, sums);
            }
            start += stride;
        }
    }
}

/// For quantities: a normal quasi-likelihood with variance mean²/r, in which one odd total weighs at most as 5 deviations.
fn add_quantity(grid: &SpreadGrid, total: f64, mean: f64, weight: f64, out: &mut [f64; GRID_COUNT]) {
    let mean = mean.max(1e-12);
    let relative = ((total - mean) / mean).clamp(-20.0, 20.0);
    for (sum, (r, log_r)) in out.iter_mut().zip(grid.dispersion.iter().zip(GRID)) {
        *sum += weight * (0.5 * log_r - (0.5 * relative * relative * r).min(12.5));
    }
}

/// ln r for each length: the posterior mean of ln r under the class's pooled weights.
#[must_use]
pub fn log_dispersions(priors: &[[f64; GRID_COUNT]; LENGTHS], own: &[[f64; GRID_COUNT]; LENGTHS]) -> [f32; LENGTHS] {
    let mut out = [0.0; LENGTHS];
    for (power, value) in out.iter_mut().enumerate() {
        let weights = posterior(&priors[power], &own[power]);
        *value = weights.iter().zip(GRID).map(|(w, g)| w * g).sum::<f64>() as f32;
    }
    out
}
