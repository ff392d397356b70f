//! How wide an item's totals are: its dispersion by length of total, by empirical Bayes on its own
//! past totals.
//!
//! A total of t buckets is negative binomial around the sum of its means with dispersion r_t. The
//! likelihood of r_t on a grid comes from the item's past totals of that length against what the
//! smoothing said at their start, tempered because they overlap; the prior is pooled over the items
//! of its class.

use crate::forecast::level::history::History;
use crate::forecast::level::smoothing::{Smoothing, posterior};
use crate::stats::log_products::LogProducts;

/// ln r of the grid. Judgement: from demand of the odd huge bucket to Poisson.
pub const GRID: [f64; 14] =
    [-4.0, -3.2, -2.5, -1.9, -1.4, -0.9, -0.4, 0.1, 0.6, 1.2, 1.9, 2.7, 3.7, 5.0];
/// How many dispersions there are.
pub const GRID_COUNT: usize = GRID.len();
/// Lengths of totals, in buckets: 1, 2, 4 … 64.
pub const LENGTHS: usize = 7;

/// Buckets, or half the history if that is less, before which the level is too young for its errors
/// to say how wide demand is. Judgement.
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
}

/// Σ ln P(total | mean, r) over totals for every r of the grid, without the terms that are the same
/// for all: ln P = ln Γ(y + r) − ln Γ(r) + r ln r − (y + r) ln(r + m).
struct CountLikelihood<'a> {
    grid: &'a SpreadGrid,
    /// Σ ln Γ(y + r) − ln Γ(r).
    gammas: [f64; GRID_COUNT],
    /// Σ y ln(r + m).
    units: LogProducts<GRID_COUNT>,
    /// Σ ln(r + m).
    ones: LogProducts<GRID_COUNT>,
    totals: f64,
}

impl<'a> CountLikelihood<'a> {
    fn new(grid: &'a SpreadGrid) -> Self {
        Self {
            grid,
            gammas: [0.0; GRID_COUNT],
            units: LogProducts::new(),
            ones: LogProducts::new(),
            totals: 0.0,
        }
    }

    fn add(&mut self, total: f64, mean: f64) {
        let grid = self.grid;
        let known = if total.fract() == 0.0 { grid.small.get(total as usize) } else { None };
        for k in 0..GRID_COUNT {
            self.gammas[k] += known.map_or_else(
                || libm::lgamma(total + grid.dispersion[k]) - grid.log_gamma[k],
                |known| known[k],
            );
        }

        let factors = grid.dispersion.map(|r| r + mean.max(1e-9));
        self.units.add(&factors, total);
        self.ones.add(&factors, 1.0);
        self.totals += 1.0;
    }

    fn sums(&self) -> [f64; GRID_COUNT] {
        let (units, ones) = (self.units.sums(), self.ones.sums());
        std::array::from_fn(|k| {
            self.gammas[k] - units[k] + self.grid.dispersion[k] * (self.totals * GRID[k] - ones[k])
        })
    }
}

/// Log-likelihood of each dispersion for totals of each length; a length the history is too short
/// for holds zeros.
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

        let mut counts = CountLikelihood::new(grid);
        let mut start = burn_in + (n - burn_in - length) % stride;
        while start + length <= n {
            let span = start..start + length;
            let total: f64 = history.demand[span.clone()].iter().sum();
            let usual: f64 = history.weight[span].iter().sum();
            let mean = smoothing.path[start] * usual;
            if history.is_count {
                counts.add(total, mean);
            } else {
                add_quantity(grid, total, mean, temper, sums);
            }
            start += stride;
        }

        if history.is_count {
            *sums = counts.sums().map(|sum| temper * sum);
        }
    }
}

/// For quantities: a normal quasi-likelihood with variance mean²/r, in which one odd total weighs
/// at most as 5 deviations.
fn add_quantity(
    grid: &SpreadGrid,
    total: f64,
    mean: f64,
    weight: f64,
    out: &mut [f64; GRID_COUNT],
) {
    let mean = mean.max(1e-12);
    let relative = ((total - mean) / mean).clamp(-20.0, 20.0);
    for (sum, (r, log_r)) in out.iter_mut().zip(grid.dispersion.iter().zip(GRID)) {
        *sum += weight * (0.5 * log_r - (0.5 * relative * relative * r).min(12.5));
    }
}

/// ln r for each length: the posterior mean of ln r under the class's pooled weights.
#[must_use]
pub fn log_dispersions(
    priors: &[[f64; GRID_COUNT]; LENGTHS],
    own: &[[f64; GRID_COUNT]; LENGTHS],
) -> [f32; LENGTHS] {
    let mut out = [0.0; LENGTHS];
    for (power, value) in out.iter_mut().enumerate() {
        let weights = posterior(&priors[power], &own[power]);
        *value = weights.iter().zip(GRID).map(|(w, g)| w * g).sum::<f64>() as f32;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiplied_up_likelihoods_are_the_sums_of_logarithms() {
        let grid = SpreadGrid::new();
        let means = [0.0, 1e-12, 0.03, 0.7, 1.0, 3.2, 60.0, 5e4, 2e8, 1e13];
        let totals = [0.0, 1.0, 3.0, 8.0, 9.0, 126.0, 500.0, 1e9, 2.5];
        let mut counts = CountLikelihood::new(&grid);
        let mut sums = [0.0; GRID_COUNT];
        for (mean, total) in
            means.iter().flat_map(|m| totals.iter().map(move |y| (*m, *y))).cycle().take(5_000)
        {
            counts.add(total, mean);
            for (k, sum) in sums.iter_mut().enumerate() {
                let r = libm::exp(GRID[k]);
                let gammas = libm::lgamma(total + r) - libm::lgamma(r);
                *sum += gammas + r * GRID[k] - (total + r) * libm::log(r + mean.max(1e-9));
            }
        }
        for (got, wanted) in counts.sums().iter().zip(sums) {
            assert!((got / wanted - 1.0).abs() < 1e-9, "{got} {wanted}");
        }
    }
}
