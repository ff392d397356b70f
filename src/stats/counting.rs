//! Negative binomials with weights, counted up together: what a mixture of them adds up to.

use super::negative_binomial::{Counting, NegativeBinomial};

/// Numbers counted up before it is asked again whether anything is left. Judgement: few enough that
/// little is counted in vain.
const STRIDE: f64 = 8.0;

/// A walk up the whole numbers of up to `N` distributions in step, which takes hardly longer than
/// that of one: the divisions of all go on at the same time.
///
/// ```
/// use restock::stats::counting::CountingTogether;
/// use restock::stats::negative_binomial::NegativeBinomial;
/// let parts = [(0.25, NegativeBinomial::new(1.0, 1.0)), (0.75, NegativeBinomial::new(3.0, 2.0))];
/// let mut out = [0.0; 4];
/// CountingTogether::<2>::of(&parts).unwrap().fill(&mut out);
/// let expected = 0.25 * parts[0].1.cdf(3.0) + 0.75 * parts[1].1.cdf(3.0);
/// assert_eq!(out[3], expected);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct CountingTogether<const N: usize> {
    count: f64,
    /// The least number above `count` at which a distribution begins; infinite if none does.
    next_start: f64,
    start: [f64; N],
    /// Probability of that number.
    first: [f64; N],
    weight: [f64; N],
    mean: [f64; N],
    dispersion: [f64; N],
    ratio: [f64; N],
    /// Of the number that the walk has come to; 0 where it has not begun.
    probability: [f64; N],
    cumulated: [f64; N],
}

impl<const N: usize> CountingTogether<N> {
    /// Starts counting at the first of these distributions, of which there are at most `N`; `None`
    /// where one of them is not counted.
    #[must_use]
    pub fn of(parts: &[(f64, NegativeBinomial)]) -> Option<Self> {
        let mut walk = Self {
            count: f64::INFINITY,
            next_start: f64::INFINITY,
            start: [0.0; N],
            first: [0.0; N],
            weight: [0.0; N],
            mean: [0.0; N],
            dispersion: [0.0; N],
            ratio: [0.0; N],
            probability: [0.0; N],
            cumulated: [0.0; N],
        };
        for (j, (weight, x)) in parts.iter().enumerate() {
            let Counting { count, probability, dispersion, ratio, mean, .. } = x.counting()?;
            walk.count = walk.count.min(count);
            (walk.start[j], walk.first[j]) = (count, probability);
            (walk.weight[j], walk.mean[j]) = (*weight, mean);
            (walk.dispersion[j], walk.ratio[j]) = (dispersion, ratio);
        }
        walk.begin();
        Some(walk)
    }

    /// The number that it has come to.
    #[must_use]
    pub fn count(&self) -> f64 {
        self.count
    }

    /// Takes in what begins at this number.
    fn begin(&mut self) {
        self.next_start = f64::INFINITY;
        for j in 0..N {
            if self.start[j] == self.count {
                (self.probability[j], self.cumulated[j]) = (self.first[j], self.first[j]);
            } else if self.start[j] > self.count {
                self.next_start = self.next_start.min(self.start[j]);
            }
        }
    }

    /// Goes on to the next number.
    pub fn advance(&mut self) {
        self.step();
        if self.count == self.next_start {
            self.begin();
        }
    }

    /// The next number, at which nothing begins.
    #[inline(always)]
    fn step(&mut self) {
        let next = self.count + 1.0;
        for j in 0..N {
            self.probability[j] *= (self.count + self.dispersion[j]) / next * self.ratio[j];
            self.cumulated[j] += self.probability[j];
        }
        self.count = next;
    }

    /// How many numbers are to be counted up to one, before it is asked again what begins or ends.
    fn next_numbers(&self, until: f64) -> usize {
        (until.min(self.next_start) - self.count).min(STRIDE) as usize
    }

    /// Goes on to a whole number, or until nothing is left that could change a sum.
    fn advance_to(&mut self, count: f64) {
        while self.count < count && !self.is_over() {
            for _ in 0..self.next_numbers(count.ceil()) {
                self.step();
            }
            if self.count == self.next_start {
                self.begin();
            }
        }
    }

    /// Beyond all means and with nothing left that could change a sum.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let is_over = |j: usize| {
            let least = 1e-18 * (1.0 - self.ratio[j]);
            self.count > self.mean[j] && self.probability[j] < least
        };
        self.next_start == f64::INFINITY && (0..N).all(is_over)
    }

    /// Σ weight·P(X ≤ count).
    #[must_use]
    #[inline(always)]
    pub fn sum(&self) -> f64 {
        let mut sum = 0.0;
        for j in 0..N {
            let cumulated = self.cumulated[j];
            sum += self.weight[j] * if cumulated < 1.0 { cumulated } else { 1.0 };
        }
        sum
    }

    /// Σ weight·P(X ≤ x), linear between whole numbers, of an x above the number before this one.
    fn sum_at(&self, position: f64) -> f64 {
        let short = self.count - position;
        if short >= 1.0 {
            return 0.0;
        }
        let short = short.max(0.0);
        let mut sum = 0.0;
        for j in 0..N {
            let below = short * self.probability[j];
            sum += self.weight[j] * (self.cumulated[j] - below).clamp(0.0, 1.0);
        }
        sum
    }

    /// P(X ≤ k) of each distribution at a whole number k, which this one has not passed.
    #[must_use]
    pub fn each_at(mut self, whole: f64) -> [f64; N] {
        self.advance_to(whole);
        self.cumulated.map(|sum| if self.count > whole { 0.0 } else { sum.min(1.0) })
    }

    /// Sets each `out[k]` to Σ weight·P(X ≤ k).
    pub fn fill(mut self, out: &mut [f64]) {
        let skipped = (self.count as usize).min(out.len());
        let (below, mut rest) = out.split_at_mut(skipped);
        below.fill(0.0);
        while !rest.is_empty() {
            if self.is_over() {
                rest.fill(self.sum());
                return;
            }
            let numbers = self.next_numbers(self.count + rest.len() as f64);
            let (now, later) = rest.split_at_mut(numbers);
            for value in now {
                *value = self.sum();
                self.step();
            }
            if self.count == self.next_start {
                self.begin();
            }
            rest = later;
        }
    }

    /// Sets each `out[k]` to Σ weight·P(X ≤ x), linear between whole numbers, where x is
    /// `position(k)`, which never falls.
    pub fn fill_at(mut self, position: impl Fn(usize) -> f64, out: &mut [f64]) {
        for (k, value) in out.iter_mut().enumerate() {
            let position = position(k);
            self.advance_to(position);
            *value = self.sum_at(position);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mixtures whose parts begin at 0, at different numbers, and far out.
    fn mixtures() -> Vec<[(f64, NegativeBinomial); 3]> {
        let of = |mean: f64, dispersions: [f64; 3]| {
            let [low, middle, high] = dispersions.map(|r| NegativeBinomial::new(mean, r));
            [(1.0 / 6.0, low), (2.0 / 3.0, middle), (1.0 / 6.0, high)]
        };
        vec![
            of(0.02, [0.01, 0.1, 3.0]),
            of(3.0, [0.2, 1.0, 1e8]),
            of(400.0, [3.0, 900.0, 1e8]),
            of(5000.0, [50.0, 5e4, 1e8]),
        ]
    }

    #[test]
    fn counted_together_is_counted_one_by_one_to_the_last_digit() {
        for parts in mixtures() {
            let walk = CountingTogether::<4>::of(&parts).unwrap();
            let mut together = vec![f64::NAN; 7000];
            walk.fill(&mut together);
            let mut alone = vec![0.0; 7000];
            for (weight, x) in parts {
                x.add_cdf(weight, |k| k as f64, &mut alone);
            }
            assert_eq!(together, alone, "{parts:?}");

            for whole in [0.0, 1.0, 9.0, 300.0, 4900.0, 6000.0] {
                let each = walk.each_at(whole);
                let expected = parts.map(|(_, x)| x.cdf(whole));
                assert_eq!(each[..3], expected, "{parts:?}");
            }
        }
    }

    #[test]
    fn positions_between_whole_numbers_are_those_of_each_part() {
        for parts in mixtures() {
            for step in [0.3, 1.0, 7.0] {
                let position = |k: usize| ((k as f64 * step + 0.5) / 4.0 - 0.5).max(0.0);
                let mut together = vec![f64::NAN; 3000];
                CountingTogether::<3>::of(&parts).unwrap().fill_at(position, &mut together);
                let mut alone = vec![0.0; 3000];
                for (weight, x) in parts {
                    x.add_cdf(weight, position, &mut alone);
                }
                assert_eq!(together, alone, "{parts:?}");
            }
        }
    }
}
