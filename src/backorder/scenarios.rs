//! Courses of arrivals, and the day on which so many units have arrived in each.
//!
//! Each order has its own permutation of the scenarios, seeded by its name, and arrives in each of
//! them at another of equally spaced levels of its distribution (Latin hypercube sampling: `McKay`,
//! Beckman & Conover 1979). So one order's arrival has exactly its own quantiles, orders are
//! independent of each other, and lines of one order come together. As no course depends on what
//! else is there, more supply, or an earlier lot, makes no unit later in any of them.

use crate::domain::fixed::Fixed;
use crate::inventory::day_distribution::DayDistribution;
use crate::stats::random::{hash, unit};

use super::supply::Lot;

/// Number of scenarios. Judgement: where several orders have to arrive, a probability of 90 % is
/// then met within two points; a test holds it to that.
pub const SCENARIOS: usize = 500;
/// Seed of the permutations. Any number does.
const SEED: u64 = 0x5EED_0F0D_E511;

/// Days of each course on which something has arrived in full; [`NEVER`] where it never will.
pub type Days = Vec<u32>;

/// No day.
pub const NEVER: u32 = u32::MAX;

/// The courses of an item's arrivals.
#[derive(Debug)]
pub struct Courses {
    /// Units of each lot.
    units: Vec<Fixed>,
    /// The day on which each lot arrives, scenario by scenario: two bytes a lot and scenario, as
    /// items with orders that leave only as a whole are all kept at once.
    days: Vec<u16>,
    /// Number of scenarios: one stands for all where no arrival is random.
    number: usize,
}

impl Courses {
    /// Of these lots.
    #[must_use]
    pub fn of(lots: &[Lot]) -> Self {
        let lots: Vec<&Lot> = lots.iter().filter(|lot| lot.units > Fixed::ZERO).collect();
        let is_certain = lots.iter().all(|lot| lot.arrival.is_certain());
        let number = if is_certain { 1 } else { SCENARIOS };

        let mut days = vec![0; number * lots.len()];
        for (at, lot) in lots.iter().enumerate() {
            let mut quantiles = Quantiles::new(&lot.arrival);
            let places = permutation(&lot.order, number);
            for (rank, scenario) in places.into_iter().enumerate() {
                let day = quantiles.day((rank as f64 + 0.5) / number as f64);
                days[scenario * lots.len() + at] = day.min(u32::from(u16::MAX)) as u16;
            }
        }

        Self { units: lots.iter().map(|lot| lot.units).collect(), days, number }
    }

    /// The day of each course by which this many units have arrived.
    #[must_use]
    pub fn days_of(&self, units: Fixed) -> Days {
        let mut arrived = Vec::with_capacity(self.units.len());
        let day = |scenario: usize| {
            self.add_up(scenario, &mut arrived);
            day_of(&arrived, units)
        };
        (0..self.number).map(day).collect()
    }

    /// The same for several amounts, one after the other: the promised days of each.
    pub fn each_day_of(&self, amounts: &[Fixed], mut take: impl FnMut(usize, &mut [u32])) {
        let mut courses = vec![Vec::with_capacity(self.units.len()); self.number];
        for (scenario, arrived) in courses.iter_mut().enumerate() {
            self.add_up(scenario, arrived);
        }

        let mut days = vec![0; self.number];
        for (at, units) in amounts.iter().enumerate() {
            for (day, arrived) in days.iter_mut().zip(&courses) {
                *day = day_of(arrived, *units);
            }
            take(at, &mut days);
        }
    }

    /// The units that have arrived by the end of a day in a share of the courses at least.
    #[must_use]
    pub fn units_by(&self, day: u32, level: f64) -> Fixed {
        let of_scenario = |scenario: usize| {
            let days = &self.days[scenario * self.units.len()..][..self.units.len()];
            let there =
                days.iter().zip(&self.units).filter(|(arrival, _)| u32::from(**arrival) <= day);
            there.map(|(_, units)| *units).sum::<Fixed>()
        };
        let mut units: Vec<Fixed> = (0..self.number).map(of_scenario).collect();
        units.sort_unstable_by(|a, b| b.cmp(a));
        units[rank(units.len(), level)]
    }

    /// The days of a course, rising, with the units that have arrived by the end of each.
    fn add_up(&self, scenario: usize, arrived: &mut Vec<(u32, Fixed)>) {
        arrived.clear();
        let days = &self.days[scenario * self.units.len()..][..self.units.len()];
        arrived.extend(days.iter().map(|day| u32::from(*day)).zip(self.units.iter().copied()));
        arrived.sort_unstable_by_key(|(day, _)| *day);

        let mut sum = Fixed::ZERO;
        for (_, units) in arrived {
            sum += *units;
            *units = sum;
        }
    }
}

/// The day by which so many units have arrived in a course.
fn day_of(arrived: &[(u32, Fixed)], units: Fixed) -> u32 {
    if units <= Fixed::ZERO {
        return 0;
    }
    let at = arrived.partition_point(|(_, sum)| *sum < units);
    arrived.get(at).map_or(NEVER, |(day, _)| *day)
}

/// The day that is told for a level of the courses: the one by whose end the share of them that
/// have ended is nearest to it.
///
/// The first day by whose end the level is reached would be met more often than the level says, by
/// half of what comes on one day: a date told as even odds then holds 56 of 100 times. The day
/// before is told only where some end on it, so that none is told on which nothing can come.
#[must_use]
pub fn told_day(days: &mut [u32], level: f64) -> u32 {
    let at = rank(days.len(), level);
    let (earlier, day, _) = days.select_nth_unstable(at);
    let day = *day;
    let Some(before) = day.checked_sub(1).filter(|before| earlier.contains(before)) else {
        return day;
    };

    let ended = |by: u32| days.iter().filter(|day| **day <= by).count() as f64;
    let wanted = level * days.len() as f64;
    if wanted - ended(before) < ended(day) - wanted { before } else { day }
}

/// The later day of each course. One course stands for all where nothing is random.
#[must_use]
pub fn later(mut a: Days, b: &[u32]) -> Days {
    if let [day] = b {
        a.iter_mut().for_each(|own| *own = (*own).max(*day));
        return a;
    }
    if let [day] = a.as_slice() {
        return b.iter().map(|other| (*other).max(*day)).collect();
    }

    a.iter_mut().zip(b).for_each(|(own, other)| *own = (*own).max(*other));
    a
}

/// Position of the smallest value that at least a level of them do not exceed.
fn rank(number: usize, level: f64) -> usize {
    ((number as f64 * level - 1e-9).ceil() as usize).clamp(1, number) - 1
}

/// The quantiles of a distribution, at rising levels.
struct Quantiles<'a> {
    points: &'a [(u32, f64)],
    at: usize,
    sum: f64,
}

impl<'a> Quantiles<'a> {
    fn new(arrival: &'a DayDistribution) -> Self {
        let points = arrival.points();
        Self { points, at: 0, sum: points.first().map_or(1.0, |point| point.1) }
    }

    /// The smallest day with P(T ≤ day) ≥ level; the levels asked for must rise.
    fn day(&mut self, level: f64) -> u32 {
        while self.sum < level && self.at + 1 < self.points.len() {
            self.at += 1;
            self.sum += self.points[self.at].1;
        }

        self.points.get(self.at).map_or(0, |point| point.0)
    }
}

/// The scenarios in the order in which an order arrives, the one where it comes first before.
fn permutation(order: &str, number: usize) -> Vec<usize> {
    let seed = hash(&[order]) ^ SEED;
    let mut scenarios: Vec<usize> = (0..number).collect();
    // Fisher and Yates.
    for last in (1..number).rev() {
        let other = (unit(seed, last as u64) * (last + 1) as f64) as usize;
        scenarios.swap(last, other.min(last));
    }

    scenarios
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backorder::promise_reason::PromiseReason;

    fn lot(order: &str, units: i64, arrival: DayDistribution) -> Lot {
        let source = PromiseReason::OpenOrder;
        Lot { units: Fixed::from_units(units), arrival, order: order.to_owned(), source }
    }

    fn quantiles(lots: &[Lot], units: i64) -> [u32; 2] {
        let mut days = Courses::of(lots).days_of(Fixed::from_units(units));
        [0.5, 0.9].map(|level| told_day(&mut days, level))
    }

    /// Whether no day beside it is nearer to a level, but for what the scenarios leave open.
    fn is_nearest(day: u32, level: f64, open: f64, cdf: impl Fn(u32) -> f64) -> bool {
        let miss = |day: u32| (cdf(day) - level).abs();
        let beside = [day.saturating_sub(1), day + 1];
        beside.into_iter().all(|other| miss(day) <= miss(other) + open)
    }

    #[test]
    fn one_order_comes_on_the_day_that_is_nearest_to_its_level() {
        for (mean, sd) in [(14.0, 4.0), (30.0, 20.0), (2.0, 1.0)] {
            let arrival = DayDistribution::from_mean_and_sd(mean, sd);
            let told = quantiles(&[lot("PO1", 5, arrival.clone())], 5);
            for (day, level) in told.into_iter().zip([0.5, 0.9]) {
                let open = 2.0 / SCENARIOS as f64;
                let nearest = is_nearest(day, level, open, |day| arrival.cdf(day));
                assert!(nearest, "{mean}, {sd}: {day} for {level}");
            }
        }
        let certain = DayDistribution::from_weights(vec![(9, 1.0)]).unwrap();
        assert_eq!(quantiles(&[lot("PO1", 5, certain)], 5), [9, 9]);
    }

    #[test]
    fn two_orders_are_independent_and_lines_of_one_come_together() {
        let day = |day, weight| (day, weight);
        let coin = DayDistribution::from_weights(vec![day(1, 0.5), day(9, 0.5)]).unwrap();
        let share_early = |lots: &[Lot]| {
            let days = Courses::of(lots).days_of(Fixed::from_units(2));
            days.iter().filter(|day| **day == 1).count() as f64 / days.len() as f64
        };

        let mut worst: f64 = 0.0;
        for n in 0..50 {
            let apart = [lot(&format!("A{n}"), 1, coin.clone()), lot("B", 1, coin.clone())];
            worst = worst.max((share_early(&apart) - 0.25).abs());
        }
        assert!(worst < 0.05, "{worst}");
        let together = [lot("A", 1, coin.clone()), lot("A", 1, coin)];
        assert!((share_early(&together) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn nine_of_ten_of_many_orders_arrive_by_the_promise() {
        // Three orders, all of which are needed: P(all by d) is the product.
        let arrival = DayDistribution::from_mean_and_sd(14.0, 4.0);
        let lots = ["A", "B", "C"].map(|order| lot(order, 1, arrival.clone()));
        let [p50, p90] = quantiles(&lots, 3);
        for (day, level) in [(p50, 0.5), (p90, 0.9)] {
            let all = |day: u32| arrival.cdf(day) * arrival.cdf(day) * arrival.cdf(day);
            assert!(all(day + 1) > level && all(day - 1) < level, "{level}: day {day}");
            assert!(is_nearest(day, level, 0.04, all), "{level}: day {day}");
        }
    }
}
