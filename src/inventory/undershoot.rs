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
/// Rounds after which the shares of order dates that begin a cycle stand. Judgement: what is left
/// halves with each, but where demand never changes.
const ROUNDS: usize = 64;

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
        let factor = coarseness(gap, one_review.cdf().len(), 1);
        if factor > 1 {
            let coarse = Self::renewal(&one_review.coarser(factor), (gap / factor).max(1));
            return Self {
                undershoot: coarse.undershoot.finer(factor),
                below_top: coarse.below_top.finer(factor),
            };
        }

        Self::renewal(one_review, gap)
    }

    /// [`Self::up_to`] where the days between reviews differ in turn: `reviews` are the demands
    /// from each review of a week to the next, from the order date on; `one_review` is that until
    /// the next order date, which a closure may put off.
    ///
    /// m(j) is then kept for each review of the week, and a cycle begins at the review that ended
    /// the one before. Demand that hardly varies returns to the same review at the same distance
    /// from s: what waits there waits for all of the days to the next one.
    ///
    /// ```
    /// use restock::inventory::lattice::{Grid, Lattice};
    /// use restock::inventory::undershoot::Position;
    /// let grid = Grid { step: 1.0, points: 5, is_count: true };
    /// let three = Lattice::from_masses(grid, vec![0.0, 0.0, 0.0, 1.0]);
    /// let four = Lattice::from_masses(grid, vec![0.0, 0.0, 0.0, 0.0, 1.0]);
    /// // 3 and 4 units in turn, and a gap of 8: S, S−3, S−7, and an order at S−10; from there S,
    /// // S−4, S−7 and an order at S−11.
    /// let position = Position::up_to_in_turn(&three, &[three.clone(), four], 8.0);
    /// assert_eq!(position.undershoot.mean(), 2.0);
    /// ```
    #[must_use]
    pub fn up_to_in_turn(one_review: &Lattice, reviews: &[Lattice], gap_units: f64) -> Self {
        let gap = one_review.grid().steps(gap_units).max(1);
        let all = reviews.iter().chain([one_review]);
        let support = all.map(|review| review.cdf().len()).max().unwrap_or(1);
        let factor = coarseness(gap, support, reviews.len() * reviews.len());
        if factor == 1 {
            return Self::renewal_in_turn(one_review, reviews, gap);
        }
        let coarse: Vec<Lattice> = reviews.iter().map(|review| review.coarser(factor)).collect();
        let gap = (gap / factor).max(1);
        let found = Self::renewal_in_turn(&one_review.coarser(factor), &coarse, gap);
        Self {
            undershoot: found.undershoot.finer(factor),
            below_top: found.below_top.finer(factor),
        }
    }

    /// [`Self::up_to_in_turn`] on the lattice as it is.
    fn renewal_in_turn(one_review: &Lattice, reviews: &[Lattice], gap: usize) -> Self {
        let grid = one_review.grid();
        let masses: Vec<Vec<f64>> = reviews.iter().map(Lattice::masses).collect();
        let still: f64 = masses.iter().map(|masses| masses[0]).product();
        if 1.0 - still <= NO_DEMAND {
            return Self { undershoot: Lattice::zero(grid), below_top: Lattice::zero(grid) };
        }

        let cycles: Vec<Cycle> =
            (0..reviews.len()).map(|start| Cycle::from(start, &masses, gap)).collect();
        let share_of_starts = lasting(&cycles);
        let mut visits = vec![0.0; gap];
        for (cycle, share) in cycles.iter().zip(share_of_starts) {
            for (sum, visit) in visits.iter_mut().zip(&cycle.visits) {
                *sum += share * visit;
            }
        }

        Self {
            undershoot: Lattice::from_masses(grid, beyond(&visits, &one_review.masses())),
            below_top: Lattice::from_masses(grid, visits),
        }
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

        Self {
            undershoot: Lattice::from_masses(grid, beyond(&visits, &masses)),
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

/// Weights of landing u at or below s, from so many visits at each depth below S and steps of these
/// probabilities: the step from S − j to there has length gap − j + u.
fn beyond(visits: &[f64], steps: &[f64]) -> Vec<f64> {
    let mut beyond = vec![0.0; steps.len()];
    for (j, visit) in visits.iter().enumerate() {
        for (sum, mass) in beyond.iter_mut().zip(steps.iter().skip(visits.len() - j)) {
            *sum += visit * mass;
        }
    }
    beyond
}

/// The reviews from an order to the next, where their days differ in turn.
struct Cycle {
    /// Expected number of first reviews of the turn that find the position at each depth below S.
    visits: Vec<f64>,
    /// Chance that the cycle ends with each review of the turn.
    ends: Vec<f64>,
}

impl Cycle {
    /// After an order with the review `start`; `steps` are the probabilities of the demands from
    /// each review to the next.
    fn from(start: usize, steps: &[Vec<f64>], gap: usize) -> Self {
        let turn = steps.len();
        let before = |at: usize| (at + turn - 1) % turn;
        let still: f64 = steps.iter().map(|step| step[0]).product();

        // By review and depth; all of one depth follow from those above, and from one another where
        // nothing is demanded.
        let mut visits: Vec<Vec<f64>> = vec![Vec::with_capacity(gap); turn];
        for j in 0..gap {
            let arriving: Vec<f64> = (0..turn)
                .map(|at| {
                    let (step, from) = (&steps[before(at)], &visits[before(at)]);
                    let reach = j.min(step.len() - 1);
                    let newest = from[j - reach..].iter().rev();
                    let sum: f64 = step[1..=reach].iter().zip(newest).map(|(p, m)| p * m).sum();
                    sum + if at == start && j == 0 { 1.0 } else { 0.0 }
                })
                .collect();
            let mut round = 0.0;
            for at in (1..=turn).map(|at| at % turn) {
                round = round * steps[before(at)][0] + arriving[at];
            }
            let mut here = round / (1.0 - still);
            visits[0].push(here);
            for at in 1..turn {
                here = here * steps[at - 1][0] + arriving[at];
                visits[at].push(here);
            }
        }

        let ends = (0..turn)
            .map(|at| {
                let (step, from) = (&steps[before(at)], &visits[before(at)]);
                let mut sum = 0.0;
                let add = |mass: &f64| {
                    sum += mass;
                    sum
                };
                let at_most: Vec<f64> = step.iter().map(add).collect();
                let stays = |depth: usize| at_most.get(gap - depth - 1).copied().unwrap_or(1.0);
                let ends = |(depth, visits): (usize, &f64)| visits * (1.0 - stays(depth)).max(0.0);
                from.iter().enumerate().map(ends).sum()
            })
            .collect();
        Self { visits: visits.swap_remove(0), ends }
    }
}

/// The share of cycles that begin with each review, in the long run.
fn lasting(cycles: &[Cycle]) -> Vec<f64> {
    let mut shares = vec![1.0 / cycles.len() as f64; cycles.len()];
    for _ in 0..ROUNDS {
        let mut next: Vec<f64> = shares.iter().map(|share| 0.5 * share).collect();
        for (cycle, share) in cycles.iter().zip(&shares) {
            for (next, end) in next.iter_mut().zip(&cycle.ends) {
                *next += 0.5 * share * end;
            }
        }
        shares = next;
    }
    shares
}

/// How many points of the lattice have to be one, a power of two, so that a renewal over this gap
/// is not too much work for so many ways of beginning.
fn coarseness(gap: usize, support: usize, starts: usize) -> usize {
    let work = |factor: usize| (gap / factor).saturating_mul((gap + support) / factor);
    let mut factor = 1;
    while work(factor).saturating_mul(starts) > MAX_WORK {
        factor *= 2;
    }
    factor
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{poisson, random};

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
    fn reviews_that_are_all_alike_take_no_turns() {
        for mean in [0.3, 4.0, 60.0] {
            let one_review = poisson_distribution(mean);
            let plain = Position::up_to(&one_review, 6.0 * mean + 5.0);
            let turn = [one_review.clone(), one_review.clone(), one_review.clone()];
            let in_turn = Position::up_to_in_turn(&one_review, &turn, 6.0 * mean + 5.0);
            let differs = |a: &Lattice, b: &Lattice| (a.mean() - b.mean()).abs();
            assert!(differs(&plain.undershoot, &in_turn.undershoot) < 1e-6 * mean, "{mean}");
            assert!(differs(&plain.below_top, &in_turn.below_top) < 1e-6 * mean, "{mean}");
        }
    }

    /// Followed review by review: what waits on a Monday is ordered on Thursday.
    #[test]
    fn steady_demand_in_turns_waits_for_all_of_the_days_to_the_next_review() {
        let (three, four) = (poisson_distribution(150.0), poisson_distribution(200.0));
        let (mut below, mut sum, mut orders) = (0.0, 0.0, 0.0);
        for review in 0..200_000 {
            let was_after_monday = review % 2 == 0;
            let step = if was_after_monday { &three } else { &four };
            below += step.quantile(random::unit(42, review));
            if below >= 350.0 {
                sum += if was_after_monday { below - 350.0 } else { 0.0 };
                orders += if was_after_monday { 1.0 } else { 0.0 };
                below = 0.0;
            }
        }
        let found = Position::up_to_in_turn(&three, &[three.clone(), four.clone()], 350.0)
            .undershoot
            .mean();
        assert!((found - sum / orders).abs() < 0.01 * found, "{found} and {}", sum / orders);
    }

    #[test]
    fn without_demand_the_position_stays_at_the_top() {
        let none = Lattice::zero(Grid { step: 1.0, points: 1, is_count: true });
        assert_eq!(Position::up_to(&none, 5.0).undershoot.mean(), 0.0);
        assert_eq!(Position::multiples(&none, 5.0).undershoot.mean(), 0.0);
    }
}
