//! Random quantities on a lattice step·{0, 1, 2, …}: the one form in which demand, undershoot and
//! their sums meet.

use super::fourier;

/// Probability left out at the far end of a distribution: far below any that is printed.
const TAIL: f64 = 1e-10;
/// Products of lengths from which a convolution pays for a Fourier transform. Judgement: half a
/// million multiplications take about as long as two transforms.
const FOURIER_FROM: usize = 1 << 19;
/// The longest lattice of whole units. Judgement: beyond it a unit is less than 10⁻⁵ of what is
/// demanded.
const MAX_UNIT_POINTS: f64 = 1e5;
/// Points of a lattice whose step is free. Judgement: a test holds quantiles of a gamma
/// distribution to 0.3 % of its standard deviation.
const FREE_POINTS: f64 = 1024.0;
/// Points of a lattice of counts that are too many for single units. Judgement.
const COARSE_POINTS: f64 = 4096.0;
/// A distribution reaches this many standard deviations above its mean, for one that falls like a
/// normal one, and this many times variance/mean, for one that falls like exp(−x·mean/variance):
/// exp(−16) is about 10⁻⁷.
const REACH_SDS: f64 = 6.0;
const REACH_SCALES: f64 = 16.0;
/// Sums of probabilities may miss a level by rounding alone, up to this much.
const ROUNDING: f64 = 1e-12;

/// The step of a lattice and how many points reach the far end of a distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Distance of two points, in units.
    pub step: f64,
    /// Number of points, at least 1.
    pub points: usize,
    /// Whether the quantity is counted: then the points are its values, else they stand for the
    /// cells around them.
    pub is_count: bool,
}

impl Grid {
    /// The grid for distributions up to this mean and variance: single units for counts up to
    /// 100,000 of them, a thousand points for quantities.
    ///
    /// The far end leaves out less than 10⁻⁷ of a negative binomial or gamma distribution: their
    /// tails fall like exp(−x·mean/variance) where the variance is large, like a normal
    /// distribution's where it is small.
    ///
    /// ```
    /// use restock::inventory::lattice::Grid;
    /// let grid = Grid::covering(10.0, 20.0, true);
    /// assert_eq!(grid.step, 1.0);
    /// assert!(grid.points > 60);
    /// ```
    #[must_use]
    pub fn covering(mean: f64, variance: f64, is_count: bool) -> Self {
        if !(mean > 0.0 && mean.is_finite() && variance.is_finite()) {
            return Self { step: 1.0, points: 1, is_count };
        }

        let variance = variance.max(0.0);
        let bound = mean + REACH_SDS * variance.sqrt() + REACH_SCALES * variance / mean;
        // Counts vary at least as a Poisson demand does.
        let bound = if is_count {
            (bound + 1.0).max(mean + REACH_SDS * mean.sqrt() + 8.0)
        } else {
            1.01 * bound
        };

        if is_count && bound <= MAX_UNIT_POINTS {
            return Self { step: 1.0, points: bound.ceil() as usize + 1, is_count };
        }
        if is_count {
            let step = (bound / COARSE_POINTS).ceil();
            return Self { step, points: (bound / step).ceil() as usize + 1, is_count };
        }

        Self {
            step: (bound / FREE_POINTS).max(f64::MIN_POSITIVE),
            points: FREE_POINTS as usize + 1,
            is_count,
        }
    }

    /// The same reach with fewer points where the step is free; counts keep their step.
    #[must_use]
    pub fn at_most(self, points: usize) -> Self {
        let points = points.max(2);
        if self.is_count || self.points <= points {
            return self;
        }

        let reach = self.step * (self.points - 1) as f64;
        Self { step: reach / (points - 1) as f64, points, ..self }
    }

    /// The number of steps in a distance, rounded up for counts and to the nearest step otherwise.
    #[must_use]
    pub fn steps(&self, units: f64) -> usize {
        let steps = (units / self.step).max(0.0);
        if self.is_count { (steps - 1e-9).ceil().max(0.0) as usize } else { steps.round() as usize }
    }
}

/// The distribution of a random quantity ≥ 0 on a lattice.
#[derive(Clone, Debug, PartialEq)]
pub struct Lattice {
    step: f64,
    is_count: bool,
    /// `cdf[k]` = P(X ≤ k·step); never empty, never falling, ends with 1.
    cdf: Vec<f64>,
}

impl Lattice {
    /// The quantity that is always 0.
    #[must_use]
    pub fn zero(grid: Grid) -> Self {
        Self { step: grid.step, is_count: grid.is_count, cdf: vec![1.0] }
    }

    /// From probabilities P(X ≤ k·step). For a quantity that is not counted, each cell's
    /// probability is shared evenly by the two points at its ends, which keeps the mean. What is
    /// not a probability is set right, never passed on.
    #[must_use]
    pub fn from_cdf(grid: Grid, mut cdf: Vec<f64>) -> Self {
        if !grid.is_count {
            for k in 1..cdf.len() {
                cdf[k - 1] = 0.5 * (cdf[k - 1] + cdf[k]);
            }
        }

        Self::finished(grid, cdf)
    }

    /// From probabilities P(X = k·step), which are scaled to sum to 1.
    #[must_use]
    pub fn from_masses(grid: Grid, mut masses: Vec<f64>) -> Self {
        let mut sum = 0.0;
        for mass in &mut masses {
            sum += if *mass > 0.0 { *mass } else { 0.0 };
            *mass = sum;
        }
        if !(sum > 0.0 && sum.is_finite()) {
            return Self::zero(grid);
        }

        for mass in &mut masses {
            *mass /= sum;
        }

        Self::finished(grid, masses)
    }

    /// Sets right what is no distribution function, and cuts it at its far end.
    fn finished(grid: Grid, mut cdf: Vec<f64>) -> Self {
        let mut last = 0.0_f64;
        let mut end = cdf.len();
        for (k, value) in cdf.iter_mut().enumerate() {
            if *value > last {
                last = value.min(1.0);
            }
            *value = last;
            if last >= 1.0 - TAIL {
                end = k + 1;
                break;
            }
        }

        cdf.truncate(end);
        match cdf.last_mut() {
            Some(value) => *value = 1.0,
            None => cdf.push(1.0),
        }
        Self { step: grid.step, is_count: grid.is_count, cdf }
    }

    /// The lattice it lies on.
    #[must_use]
    pub fn grid(&self) -> Grid {
        Grid { step: self.step, points: self.cdf.len(), is_count: self.is_count }
    }

    /// P(X ≤ k·step) for each k up to the far end.
    #[must_use]
    pub fn cdf(&self) -> &[f64] {
        &self.cdf
    }

    /// P(X ≤ k·step), 1 beyond the far end.
    #[must_use]
    pub fn at(&self, k: usize) -> f64 {
        self.cdf.get(k).copied().unwrap_or(1.0)
    }

    /// P(X = k·step) for each k.
    #[must_use]
    pub fn masses(&self) -> Vec<f64> {
        let mut before = 0.0;
        self.cdf.iter().map(|&value| value - std::mem::replace(&mut before, value)).collect()
    }

    /// Mean, in units.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.step * self.cdf.iter().map(|value| 1.0 - value).sum::<f64>()
    }

    /// Variance, in units².
    #[must_use]
    pub fn variance(&self) -> f64 {
        // E X² = Σ (2k + 1)·P(X > k) on the whole numbers.
        let square: f64 =
            self.cdf.iter().enumerate().map(|(k, value)| (2 * k + 1) as f64 * (1.0 - value)).sum();
        let mean = self.mean();
        (self.step * self.step * square - mean * mean).max(0.0)
    }

    /// The smallest quantity with P(X ≤ quantity) ≥ level: a lattice point for counts, interpolated
    /// otherwise.
    ///
    /// ```
    /// use restock::inventory::lattice::{Grid, Lattice};
    /// let grid = Grid { step: 1.0, points: 4, is_count: true };
    /// let distribution = Lattice::from_masses(grid, vec![0.5, 0.25, 0.125, 0.125]);
    /// assert_eq!(distribution.quantile(0.75), 1.0);
    /// assert_eq!(distribution.quantile(0.76), 2.0);
    /// assert_eq!(distribution.expected_shortage(1.0), 0.125 + 2.0 * 0.125);
    /// ```
    #[must_use]
    pub fn quantile(&self, level: f64) -> f64 {
        let k = self.quantile_index(level);
        if self.is_count || k == 0 {
            return k as f64 * self.step;
        }

        self.between(k, level, self.cdf[k - 1], self.cdf[k])
    }

    /// The same of the sum of two independent quantities on one lattice, and whether it lies before
    /// the far end of this one: then it hangs on nothing that lies there. Quicker than the whole
    /// sum, of which it needs a few points only.
    ///
    /// ```
    /// use restock::inventory::lattice::{Grid, Lattice};
    /// let grid = Grid { step: 1.0, points: 2, is_count: true };
    /// let coin = Lattice::from_masses(grid, vec![0.5, 0.5]);
    /// assert_eq!(coin.quantile_with(&coin, 0.7), (1.0, false));
    /// assert_eq!(coin.plus(&coin).quantile(0.7), 1.0);
    /// ```
    #[must_use]
    pub fn quantile_with(&self, other: &Self, level: f64) -> (f64, bool) {
        let weights = other.masses();
        let sum_at = |k: usize| -> f64 {
            let parts = weights.iter().take(k + 1).enumerate();
            parts.map(|(j, weight)| weight * self.at(k - j)).sum()
        };

        // A sum of probabilities may miss a level by rounding alone.
        let reached = |k: usize| sum_at(k) >= level - ROUNDING;
        let (mut low, mut high) = (0, self.cdf.len() + weights.len() - 2);
        while low < high {
            let middle = low + (high - low) / 2;
            if reached(middle) { high = middle } else { low = middle + 1 }
        }

        let is_before_end = low + 1 < self.cdf.len();
        if self.is_count || low == 0 {
            return (low as f64 * self.step, is_before_end);
        }
        let (below, above) = (sum_at(low - 1), sum_at(low));
        (self.between(low, level, below, above), is_before_end)
    }

    /// The quantity at a level that lies between those of two neighbouring points.
    fn between(&self, k: usize, level: f64, below: f64, above: f64) -> f64 {
        let part =
            if above > below { ((level - below) / (above - below)).clamp(0.0, 1.0) } else { 1.0 };
        (k as f64 - 0.5 + part) * self.step
    }

    /// The index of the smallest lattice point with P(X ≤ point) ≥ level.
    #[must_use]
    pub fn quantile_index(&self, level: f64) -> usize {
        // A sum of probabilities may miss a level by rounding alone.
        let level = level - ROUNDING;
        self.cdf.partition_point(|&value| value < level).min(self.cdf.len() - 1)
    }

    /// P(X > units).
    #[must_use]
    pub fn survival(&self, units: f64) -> f64 {
        if units < 0.0 {
            return 1.0;
        }

        let steps = units / self.step;
        if self.is_count {
            return 1.0 - self.at((steps + 1e-9) as usize);
        }

        // Each point's probability lies evenly over the cell around it; that of 0 is no stock-out
        // at 0.
        let position = steps + 0.5;
        let k = position as usize;
        if k == 0 {
            return 1.0 - self.at(0);
        }

        let below = self.at(k - 1);
        1.0 - (below + (position - k as f64) * (self.at(k) - below))
    }

    /// Expected shortage E(X − s)⁺ of a stock s, in units.
    #[must_use]
    pub fn expected_shortage(&self, s: f64) -> f64 {
        if s < 0.0 {
            return self.mean() - s;
        }

        let position = s / self.step;
        let k = position as usize;
        if k >= self.cdf.len() {
            return 0.0;
        }

        let beyond: f64 = self.cdf[k..].iter().map(|value| 1.0 - value).sum();
        self.step * (beyond - (position - k as f64) * (1.0 - self.cdf[k])).max(0.0)
    }

    /// E(X − k·step)⁺ for each k up to the far end.
    #[must_use]
    pub fn shortages(&self) -> Vec<f64> {
        let mut beyond = 0.0;
        let mut all: Vec<f64> = self
            .cdf
            .iter()
            .rev()
            .map(|value| {
                beyond += (1.0 - value) * self.step;
                beyond
            })
            .collect();
        all.reverse();
        all
    }

    /// The distribution of the sum of two independent quantities on the same lattice.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let (long, short) =
            if self.cdf.len() >= other.cdf.len() { (self, other) } else { (other, self) };
        if short.cdf.len() == 1 {
            return long.clone();
        }

        let (n, m) = (long.cdf.len(), short.cdf.len());
        let weights = short.masses();
        let mut masses = vec![0.0; n + m - 1];
        let long_masses = long.masses();
        if n.saturating_mul(m) >= FOURIER_FROM {
            masses = fourier::convolve(&long_masses, &weights);
        } else {
            for (j, &weight) in weights.iter().enumerate() {
                if weight > 0.0 {
                    for (sum, mass) in masses[j..].iter_mut().zip(&long_masses) {
                        *sum += weight * mass;
                    }
                }
            }
        }

        Self::from_masses(self.grid(), masses)
    }

    /// The same distribution on a lattice `factor` times as wide; the mean is kept.
    #[must_use]
    pub fn coarser(&self, factor: usize) -> Self {
        let factor = factor.max(1);
        let mut masses = vec![0.0; self.cdf.len() / factor + 2];
        for (k, mass) in self.masses().into_iter().enumerate() {
            let upper = (k % factor) as f64 / factor as f64;
            masses[k / factor] += mass * (1.0 - upper);
            masses[k / factor + 1] += mass * upper;
        }

        Self::from_masses(Grid { step: self.step * factor as f64, ..self.grid() }, masses)
    }

    /// The same distribution on a lattice `factor` times as fine: each point's probability spreads
    /// over its neighbours, like a hat; the mean is kept up to what would fall below 0.
    #[must_use]
    pub fn finer(&self, factor: usize) -> Self {
        let factor = factor.max(1);
        let width = factor as f64;
        let mut masses = vec![0.0; self.cdf.len() * factor + factor];
        for (k, mass) in self.masses().into_iter().enumerate() {
            for offset in 0..factor {
                let share = mass * (width - offset as f64) / (width * width);
                masses[k * factor + offset] += share;
                if offset > 0 {
                    masses[(k * factor).saturating_sub(offset)] += share;
                }
            }
        }

        Self::from_masses(Grid { step: self.step / width, ..self.grid() }, masses)
    }
}

/// Adds up distributions of one lattice with weights: the distribution of a quantity whose
/// circumstances are random.
#[derive(Clone, Debug)]
pub struct Mixture {
    grid: Grid,
    cdf: Vec<f64>,
    part: Vec<f64>,
    weight: f64,
}

impl Mixture {
    /// An empty mixture on a grid.
    #[must_use]
    pub fn new(grid: Grid) -> Self {
        Self { grid, cdf: vec![0.0; grid.points], part: vec![0.0; grid.points], weight: 0.0 }
    }

    /// Adds a distribution with a weight; `fill` writes P(X ≤ k·step) into the slice it is given.
    pub fn add(&mut self, weight: f64, fill: impl FnOnce(&mut [f64])) {
        if weight.is_nan() || weight <= 0.0 {
            return;
        }

        fill(&mut self.part);
        for (sum, value) in self.cdf.iter_mut().zip(&self.part) {
            *sum += weight * value;
        }
        self.weight += weight;
    }

    /// The mixed distribution; 0 where nothing was added.
    #[must_use]
    pub fn finish(mut self) -> Lattice {
        if self.weight <= 0.0 {
            return Lattice::zero(self.grid);
        }

        for value in &mut self.cdf {
            *value /= self.weight;
        }

        Lattice::from_cdf(self.grid, self.cdf)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::gamma::Gamma;
    use crate::stats::poisson;
    use proptest::prelude::*;

    fn poisson_distribution(mean: f64) -> Lattice {
        let grid = Grid::covering(mean, mean, true);
        Lattice::from_cdf(grid, (0..grid.points).map(|k| poisson::cdf(k as u64, mean)).collect())
    }

    #[test]
    fn the_sum_of_two_poisson_distributions_is_poisson() {
        let sum = poisson_distribution(3.0).plus(&poisson_distribution(4.5));
        for k in 0..25 {
            assert!((sum.at(k) - poisson::cdf(k as u64, 7.5)).abs() < 1e-9);
        }
        assert!((sum.mean() - 7.5).abs() < 1e-7 && (sum.variance() - 7.5).abs() < 1e-6);
    }

    #[test]
    fn long_convolutions_agree_with_short_ones() {
        let (a, b) = (poisson_distribution(40_000.0), poisson_distribution(300.0));
        let sum = a.plus(&b);
        assert!((sum.mean() - 40_300.0).abs() < 1e-3);
        assert!((sum.variance() - 40_300.0).abs() < 1.0);
        assert_eq!(sum.quantile(0.95), poisson::quantile(0.95, 40_300.0) as f64);
    }

    #[test]
    fn a_gamma_distribution_on_a_lattice_keeps_its_mean_quantiles_and_shortage() {
        for (mean, variance) in [(100.0, 900.0), (5.0, 40.0), (0.03, 0.0004)] {
            let exact = Gamma::with_mean_and_variance(mean, variance).unwrap();
            let grid = Grid::covering(mean, variance, false);
            let cdf = (0..grid.points).map(|k| exact.cdf(k as f64 * grid.step)).collect();
            let distribution = Lattice::from_cdf(grid, cdf);
            let sd = variance.sqrt();
            assert!((distribution.mean() - mean).abs() < 2e-3 * sd);
            for level in [0.6, 0.9, 0.95, 0.99] {
                let q = exact.quantile(level);
                assert!((distribution.quantile(level) - q).abs() < 3e-3 * sd, "{mean} {level}");
                assert!((distribution.survival(q) - (1.0 - level)).abs() < 2e-3);
                assert!(
                    (distribution.expected_shortage(q) - exact.expected_shortage(q)).abs()
                        < 2e-3 * sd
                );
            }
        }
    }

    #[test]
    fn hostile_probabilities_make_a_distribution_all_the_same() {
        let grid = Grid { step: 1.0, points: 4, is_count: true };
        for cdf in [vec![], vec![f64::NAN; 4], vec![0.5, 0.2, 7.0], vec![-1.0, -2.0]] {
            let distribution = Lattice::from_cdf(grid, cdf);
            assert!(distribution.cdf().windows(2).all(|pair| pair[0] <= pair[1]));
            assert_eq!(distribution.cdf().last(), Some(&1.0));
            assert!(distribution.mean().is_finite() && distribution.quantile(0.99).is_finite());
        }
        assert_eq!(Lattice::from_masses(grid, vec![f64::NAN, -1.0]).quantile(0.9), 0.0);
        assert_eq!(Grid::covering(f64::NAN, 1.0, true).points, 1);
    }

    proptest! {
        #[test]
        fn coarser_and_finer_lattices_keep_the_mean(mean in 5.0_f64..400.0, factor in 2_usize..9) {
            let distribution = poisson_distribution(mean);
            let coarse = distribution.coarser(factor);
            prop_assert!((coarse.mean() - distribution.mean()).abs() < 1e-6 * mean);
            let fine = coarse.finer(factor);
            prop_assert!((fine.grid().step - 1.0).abs() < 1e-12);
            // Spreading a coarse point over its fine ones cannot move the mean by more than half a
            // coarse step.
            prop_assert!((fine.mean() - distribution.mean()).abs() < 0.5 * factor as f64);
        }

        #[test]
        fn expected_shortage_falls_with_stock_and_is_convex(
            mean in 0.1_f64..50.0,
            s in 0.0_f64..80.0,
        ) {
            let distribution = poisson_distribution(mean);
            let loss = |s: f64| distribution.expected_shortage(s);
            prop_assert!(loss(s + 0.7) <= loss(s) + 1e-12);
            prop_assert!(loss(s) + loss(s + 2.0) >= 2.0 * loss(s + 1.0) - 1e-9);
        }
    }
}
