//! A random number of whole days: a lead time, or the days until an open order arrives.

use std::sync::Arc;

use crate::stats::gamma::Gamma;

/// Probability left out at the far end of a gamma distribution: far below the 1 % that service is
/// promised to.
const TAIL: f64 = 1e-7;
/// No supplier is waited for longer than this, in days. Judgement: ten years.
const MAX_DAYS: u32 = 3650;
/// Sums of probabilities may miss a level by rounding alone, up to this much.
const ROUNDING: f64 = 1e-12;
/// Probability left out at the far end of a geometric tail: below what any quantile asks for.
const GEOMETRIC_TAIL: f64 = 1e-6;
/// What a distribution must have left beyond a day to weigh as much as the tail there. Judgement:
/// with less a late delivery seems the nearer the later it is, for a gamma distribution of any
/// spread that lead times have; a test holds it to that.
const TAIL_WEIGHT: f64 = 0.2;

/// A distribution over whole days ≥ 0.
#[derive(Clone, Debug, PartialEq)]
pub struct DayDistribution {
    /// Days and their probabilities: days rising, probabilities above 0 and summing to 1; never
    /// empty. Shared, since all items of a supplier may have one lead time.
    points: Arc<[(u32, f64)]>,
}

impl DayDistribution {
    /// Always this many days.
    #[must_use]
    pub fn point(days: u32) -> Self {
        Self { points: Arc::from([(days.min(MAX_DAYS), 1.0)]) }
    }

    /// A gamma distribution of this mean and standard deviation, rounded to whole days; without
    /// spread the nearest whole day. A mean that is not a number ≥ 0 counts as 0.
    ///
    /// ```
    /// use restock::inventory::day_distribution::DayDistribution;
    /// assert_eq!(DayDistribution::from_mean_and_sd(14.0, 0.0), DayDistribution::point(14));
    /// let distribution = DayDistribution::from_mean_and_sd(14.0, 4.0);
    /// assert!((distribution.mean() - 14.0).abs() < 0.01);
    /// assert!((distribution.sd() - 4.0).abs() < 0.05);
    /// ```
    #[must_use]
    pub fn from_mean_and_sd(mean: f64, sd: f64) -> Self {
        let mean = if mean > 0.0 { mean.min(f64::from(MAX_DAYS)) } else { 0.0 };
        let Some(gamma) = Gamma::with_mean_and_variance(mean, sd * sd) else {
            return Self::point(mean.round() as u32);
        };

        let (mut points, mut before) = (Vec::new(), 0.0);
        // An order of a supplier with a lead time of a day or more is not here the same day.
        let first = u32::from(mean >= 1.0);
        for day in first..=MAX_DAYS {
            let until = gamma.cdf(f64::from(day) + 0.5);
            points.push((day, until - before));
            before = until;
            if until >= 1.0 - TAIL {
                break;
            }
        }

        Self::from_weights(points).unwrap_or_else(|| Self::point(mean.round() as u32))
    }

    /// From days with weights, which are added up by day and scaled to sum to 1; `None` if no
    /// weight is above 0.
    #[must_use]
    pub fn from_weights(mut points: Vec<(u32, f64)>) -> Option<Self> {
        points.retain(|point| point.1 > 0.0 && point.1.is_finite());
        add_up_by_day(&mut points);

        let sum: f64 = points.iter().map(|point| point.1).sum();
        if !(sum > 0.0 && sum.is_finite()) {
            return None;
        }
        for point in &mut points {
            point.1 /= sum;
        }

        Some(Self { points: points.into() })
    }

    /// The days and their probabilities, days rising.
    #[must_use]
    pub fn points(&self) -> &[(u32, f64)] {
        &self.points
    }

    /// Whether there is but one possible day.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.points.len() == 1
    }

    /// Days from the shortest possible time to the longest.
    #[must_use]
    pub fn range(&self) -> u32 {
        self.longest() - self.points().first().map_or(0, |(days, _)| *days)
    }

    /// The longest possible time, in days.
    #[must_use]
    pub fn longest(&self) -> u32 {
        self.points.last().map_or(0, |point| point.0)
    }

    /// Mean, in days.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.points.iter().map(|&(day, weight)| f64::from(day) * weight).sum()
    }

    /// Standard deviation, in days.
    #[must_use]
    pub fn sd(&self) -> f64 {
        let mean = self.mean();
        let square = |day: u32| (f64::from(day) - mean) * (f64::from(day) - mean);
        self.points.iter().map(|&(day, weight)| square(day) * weight).sum::<f64>().sqrt()
    }

    /// The smallest day with P(T ≤ day) ≥ level.
    ///
    /// ```
    /// use restock::inventory::day_distribution::DayDistribution;
    /// let distribution = DayDistribution::from_weights(vec![(5, 0.8), (25, 0.2)]).unwrap();
    /// assert_eq!((distribution.quantile(0.8), distribution.quantile(0.81)), (5, 25));
    /// ```
    #[must_use]
    pub fn quantile(&self, level: f64) -> u32 {
        let mut sum = 0.0;
        for &(day, weight) in self.points.iter() {
            sum += weight;
            if sum >= level - ROUNDING {
                return day;
            }
        }
        self.longest()
    }

    /// P(T ≤ day).
    #[must_use]
    pub fn cdf(&self, day: u32) -> f64 {
        self.points
            .iter()
            .take_while(|point| point.0 <= day)
            .map(|point| point.1)
            .sum::<f64>()
            .min(1.0)
    }

    /// P(T < days), for days that need not be whole.
    #[must_use]
    pub fn below(&self, days: f64) -> f64 {
        let earlier = self.points.iter().take_while(|point| f64::from(point.0) < days);
        earlier.map(|point| point.1).sum::<f64>().min(1.0)
    }

    /// The same time, this many days later.
    #[must_use]
    pub fn later(&self, days: u32) -> Self {
        Self {
            points: self
                .points
                .iter()
                .map(|&(day, weight)| (day.saturating_add(days), weight))
                .collect(),
        }
    }

    /// What remains of the time when `age` days have passed and it has not ended: P(T = age + u | T
    /// ≥ age) over u ≥ 0; `None` if it must have ended.
    ///
    /// The case T = age is open: a run stands at the start of a day, before that day's deliveries
    /// are unloaded.
    ///
    /// ```
    /// use restock::inventory::day_distribution::DayDistribution;
    /// let distribution = DayDistribution::from_weights(vec![(5, 0.8), (25, 0.2)]).unwrap();
    /// assert_eq!(distribution.residual(6), Some(DayDistribution::point(19)));
    /// assert_eq!(distribution.residual(26), None);
    /// ```
    #[must_use]
    pub fn residual(&self, age: u32) -> Option<Self> {
        let rest = self.points.iter().filter(|point| point.0 >= age);
        Self::from_weights(rest.map(|&(day, weight)| (day - age, weight)).collect())
    }

    /// A geometric distribution over days from 1 on, of this mean: what waits so comes on each day
    /// with the same probability, however long it has been waited for.
    ///
    /// ```
    /// use restock::inventory::day_distribution::DayDistribution;
    /// let tail = DayDistribution::geometric(7.0);
    /// assert!((tail.mean() - 7.0).abs() < 1e-3 && tail.points()[0] == (1, tail.points()[0].1));
    /// assert_eq!(DayDistribution::geometric(0.3), DayDistribution::point(1));
    /// ```
    #[must_use]
    pub fn geometric(mean: f64) -> Self {
        let hazard = 1.0 / mean.clamp(1.0, f64::from(MAX_DAYS));
        let (mut points, mut left) = (Vec::new(), 1.0);
        for day in 1..=MAX_DAYS {
            points.push((day, left * hazard));
            left *= 1.0 - hazard;
            if left <= GEOMETRIC_TAIL {
                break;
            }
        }

        Self::from_weights(points).unwrap_or_else(|| Self::point(1))
    }

    /// What remains of the time when `age` days have passed and it has not ended, for what is later
    /// than it should be: [`residual`](Self::residual), mixed with a geometric tail of this mean
    /// in days.
    ///
    /// The far end of a distribution is where least is known of it, and a thin one says that what
    /// is very late is almost here. So it counts by what it has left at that age, P(T ≥ age),
    /// against a tail that knows nothing of the age.
    #[must_use]
    pub fn residual_with_tail(&self, age: u32, tail_mean_days: f64) -> Self {
        let tail = Self::geometric(tail_mean_days);
        let left: f64 =
            self.points.iter().filter(|point| point.0 >= age).map(|point| point.1).sum();

        match self.residual(age) {
            Some(rest) => rest.mixed(left / (left + TAIL_WEIGHT), &tail),
            None => tail,
        }
    }

    /// The same probabilities, each day replaced by what `to` makes of it.
    #[must_use]
    pub fn mapped(&self, to: impl Fn(u32) -> u32) -> Self {
        let points = self.points.iter().map(|&(day, weight)| (to(day), weight)).collect();
        Self::from_weights(points).unwrap_or_else(|| self.clone())
    }

    /// This distribution with weight `share`, the other with the rest.
    #[must_use]
    pub fn mixed(&self, share: f64, other: &Self) -> Self {
        let share = share.clamp(0.0, 1.0);
        let own = self.points.iter().map(|&(day, weight)| (day, weight * share));
        let theirs = other.points.iter().map(|&(day, weight)| (day, weight * (1.0 - share)));
        Self::from_weights(own.chain(theirs).collect()).unwrap_or_else(|| self.clone())
    }

    /// A distribution of at most `max_points` or so with the same mean, for sums over it that must
    /// be quick: neighbouring days are taken together and stand at the two whole days around their
    /// mean.
    #[must_use]
    pub fn thinned(&self, max_points: usize) -> Self {
        if self.points.len() <= max_points.max(2) {
            return self.clone();
        }

        // Days are taken together until they have this much probability: two points stand for them.
        let share = 2.0 / max_points.max(2) as f64;
        let mut points = Vec::with_capacity(max_points + 2);
        let (mut mass, mut sum, mut passed, mut border) = (0.0, 0.0, 0.0, share);
        for (i, &(day, weight)) in self.points.iter().enumerate() {
            mass += weight;
            sum += weight * f64::from(day);
            passed += weight;
            if passed >= border || i + 1 == self.points.len() {
                let mean = sum / mass;
                let whole = mean.floor();
                points.push((whole as u32, mass * (1.0 - (mean - whole))));
                points.push((whole as u32 + 1, mass * (mean - whole)));
                (mass, sum) = (0.0, 0.0);
                border = passed + share;
            }
        }

        Self::from_weights(points).unwrap_or_else(|| self.clone())
    }
}

/// Sorts by day and adds up what shares one; equal days are added in the order of their size,
/// whatever order they came in.
pub(super) fn add_up_by_day(points: &mut Vec<(u32, f64)>) {
    points.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    points.dedup_by(|next, kept| {
        let same_day = next.0 == kept.0;
        if same_day {
            kept.1 += next.1;
        }
        same_day
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_numbers_make_a_distribution_all_the_same() {
        for (mean, sd) in [
            (f64::NAN, 1.0),
            (-3.0, 2.0),
            (5.0, f64::NAN),
            (5.0, f64::INFINITY),
            (1e30, 3.0),
            (7.0, -1.0),
        ] {
            let distribution = DayDistribution::from_mean_and_sd(mean, sd);
            assert!(
                !distribution.points().is_empty() && distribution.longest() <= MAX_DAYS,
                "{mean} {sd}"
            );
        }
        assert_eq!(DayDistribution::from_weights(vec![(3, f64::NAN), (4, -1.0)]), None);
    }

    proptest! {
        #[test]
        fn thinning_keeps_the_mean_and_nearly_the_spread(
            mean in 2.0_f64..120.0,
            cv in 0.05_f64..0.9,
        ) {
            let distribution = DayDistribution::from_mean_and_sd(mean, cv * mean);
            let thin = distribution.thinned(24);
            prop_assert!(thin.points().len() <= 28);
            prop_assert!((thin.mean() - distribution.mean()).abs() < 1e-9 * mean);
            prop_assert!((thin.sd() - distribution.sd()).abs() <= 0.05 * distribution.sd() + 0.5);
        }

        #[test]
        fn what_is_later_is_never_nearer(mean in 4.0_f64..60.0, cv in 0.1_f64..0.6) {
            let distribution = DayDistribution::from_mean_and_sd(mean, cv * mean);
            let late = |days: u32| {
                let age = mean.ceil() as u32 + days;
                distribution.residual_with_tail(age, 0.5 * mean).mean()
            };
            for days in 1..60 {
                prop_assert!(late(days + 1) >= late(days) - 0.02 * mean, "{days}");
            }
            prop_assert!((late(4 * mean as u32) - 0.5 * mean).abs() < 0.25 * mean);
        }

        #[test]
        fn a_late_order_is_expected_later_the_longer_it_is_awaited(
            mean in 3.0_f64..40.0,
            age in 0_u32..60,
        ) {
            let distribution = DayDistribution::from_mean_and_sd(mean, 0.5 * mean);
            let (now, next) = (distribution.residual(age), distribution.residual(age + 1));
            if let (Some(now), Some(next)) = (now, next) {
                let later = f64::from(age + 1) + next.mean();
                prop_assert!(f64::from(age) + now.mean() <= later + 1e-9);
            }
        }
    }
}
