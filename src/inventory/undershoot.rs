//! How far the inventory position has fallen below the reorder point when a review notices, and
//! where it stands between orders.
//!
//! The demand between two reviews takes the position from the order-up-to level S down past the
//! reorder point s in steps, like a renewal process; `gap` is S − s. All distributions lie on one
//! lattice.

use super::lattice::{Grid, Lattice};

/// Multiplications that a renewal sum may take before the lattice is made coarser for it.
/// Judgement: two million take about a millisecond.
const MAX_WORK: usize = 1 << 21;
/// Chance that anything is demanded between two reviews at or below which nothing moves. Judgement:
/// rounding.
const NO_DEMAND: f64 = 1e-12;

/// Where the position stands under a policy with a reorder point.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    /// U: how far the position lies at or below s at the review that orders, in units.
    pub undershoot: Lattice,
    /// J: how far the position lies below S after a review, in units; S less it is what the next
    /// L + R days live on.
    pub below_top: Lattice,
}

impl Position {
    /// Under `rsS`: an order at IP ≤ s lifts the position to S = s + gap.
    ///
    /// With p(i) the probability of the demand between reviews and m(j) the expected number of
    /// reviews at which the position has fallen by j since the last order, m(0) = 1/(1 − p(0)) and
    /// m(j) = Σ_{i=1…j} p(i)·m(j−i)/(1 − p(0)):
    ///
    /// P(U = u) = Σ_{j<gap} m(j)·p(gap − j + u), P(J = j) = m(j)/Σm.
    ///
    /// For a wide gap U has the distribution P(D > u)/E D, whose mean is E D²/2E D − ½ on whole
    /// units. Source: Tijms, *A First Course in Stochastic Models* (2003), section 2.1 and 8.1;
    /// Zheng & Federgruen (1991), eq. 2.
    ///
    /// ```
    /// use restock::inventory::lattice::{Grid, Lattice};
    /// use restock::inventory::undershoot::Position;
    /// // Always 3 units between reviews and a gap of 4: S, S−3, then an order at S−6, 2 below the
    /// // reorder point.
    /// let grid = Grid { step: 1.0, points: 4, is_count: true };
    /// let three = Lattice::from_masses(grid, vec![0.0, 0.0, 0.0, 1.0]);
    /// let position = Position::up_to(&three, 4.0);
    /// assert_eq!(position.undershoot.mean(), 2.0);
    /// assert_eq!(position.below_top.mean(), 1.5);
    /// ```
    #[must_use]
    pub fn up_to(one_review: &Lattice, gap_units: f64) -> Self {
        let gap = one_review.grid().steps(gap_units).max(1);
        let support = one_review.cdf().len();

        let mut factor = 1;
        while (gap / factor).saturating_mul((gap + support) / factor) > MAX_WORK {
            factor *= 2;
        }
        if factor > 1 {
            let coarse = Self::renewal(&one_review.coarser(factor), (gap / factor).max(1));
            return Self {
                undershoot: coarse.undershoot.finer(factor),
                below_top: coarse.below_top.finer(factor),
            };
        }

        Self::renewal(one_review, gap)
    }

    /// [`Self::up_to`] on the lattice as it is.
    fn renewal(one_review: &Lattice, gap: usize) -> Self {
        let grid = one_review.grid();
        let masses = one_review.masses();
        let moving = 1.0 - masses[0];
        if moving.is_nan() || moving <= NO_DEMAND {
            return Self { undershoot: Lattice::zero(grid), below_top: Lattice::zero(grid) };
        }

        let mut visits = Vec::with_capacity(gap);
        visits.push(1.0 / moving);
        for j in 1..gap {
            let reach = j.min(masses.len() - 1);
            let sum: f64 = masses[1..=reach]
                .iter()
                .zip(visits[j - reach..].iter().rev())
                .map(|(p, m)| p * m)
                .sum();
            visits.push(sum / moving);
        }

        let mut beyond = vec![0.0; masses.len()];
        for (j, visit) in visits.iter().enumerate() {
            // The step from S − j that lands u at or below s has length gap − j + u.
            if let Some(steps) = masses.get(gap - j..) {
                for (sum, mass) in beyond.iter_mut().zip(steps) {
                    *sum += visit * mass;
                }
            }
        }

        Self {
            undershoot: Lattice::from_masses(grid, beyond),
            below_top: Lattice::from_masses(grid, visits),
        }
    }

    /// Under `rsnQ`: an order at IP ≤ s lifts the position by multiples of Q to above s, so that
    /// after reviews it is spread evenly over s + 1 … s + Q, and P(U = u) is proportional to P(u <
    /// D ≤ u + Q).
    ///
    /// Source: Hadley & Whitin, *Analysis of Inventory Systems* (1963), section 5-3.
    #[must_use]
    pub fn multiples(one_review: &Lattice, multiple_units: f64) -> Self {
        let grid = one_review.grid();
        let multiple = grid.steps(multiple_units).max(1);
        let cdf = one_review.cdf();

        let undershoot = (0..cdf.len()).map(|u| one_review.at(u + multiple) - cdf[u]).collect();
        let even = Lattice::from_masses(grid, vec![1.0; multiple]);
        Self { undershoot: Lattice::from_masses(grid, undershoot), below_top: even }
    }

    /// Under `rS` the position is S after each review.
    #[must_use]
    pub fn always_at_top(grid: Grid) -> Self {
        Self { undershoot: Lattice::zero(grid), below_top: Lattice::zero(grid) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::poisson;

    fn poisson_distribution(mean: f64) -> Lattice {
        let grid = Grid::covering(mean, mean, true);
        Lattice::from_cdf(grid, (0..grid.points).map(|k| poisson::cdf(k as u64, mean)).collect())
    }

    fn stationary_mean(one_review: &Lattice) -> f64 {
        let mean = one_review.mean();
        (one_review.variance() + mean * mean) / (2.0 * mean) - 0.5
    }

    #[test]
    fn over_a_wide_gap_the_mean_undershoot_is_that_of_renewal_theory() {
        for mean in [0.2, 1.0, 7.0] {
            let one_review = poisson_distribution(mean);
            let expected = stationary_mean(&one_review);
            let position = Position::up_to(&one_review, 60.0 * mean + 20.0);
            assert!(
                (position.undershoot.mean() - expected).abs() < 1e-3 * (1.0 + expected),
                "mean {mean}"
            );
            let multiples = Position::multiples(&one_review, 60.0 * mean + 20.0);
            assert!((multiples.undershoot.mean() - expected).abs() < 1e-6, "mean {mean}");
        }
    }

    #[test]
    fn a_coarser_lattice_for_large_numbers_changes_little() {
        let one_review = poisson_distribution(2_000.0);
        let exact = Position::renewal(&one_review, 5_000);
        let quick = Position::up_to(&one_review, 5_000.0);
        assert!((exact.undershoot.mean() - quick.undershoot.mean()).abs() < 2.0);
        assert!((exact.undershoot.quantile(0.95) - quick.undershoot.quantile(0.95)).abs() < 4.0);
        assert!((exact.below_top.mean() - quick.below_top.mean()).abs() < 4.0);
    }

    #[test]
    fn without_demand_the_position_stays_at_the_top() {
        let none = Lattice::zero(Grid { step: 1.0, points: 1, is_count: true });
        assert_eq!(Position::up_to(&none, 5.0).undershoot.mean(), 0.0);
        assert_eq!(Position::multiples(&none, 5.0).undershoot.mean(), 0.0);
    }
}
