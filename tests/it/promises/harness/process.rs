//! What is demanded: processes whose law is known.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use restock::domain::calendar::Day;
use restock::stats::poisson;

/// A day's demand.
#[derive(Clone)]
pub(crate) enum Law {
    /// Whole units of one distribution: those below the first are never demanded; the share of days
    /// with at most the first, one more, and so on.
    Counts { first: u64, shares: Vec<f64>, mean: f64 },
    /// A quantity on this share of days: the mean of this many exponential variables.
    Quantities { chance: f64, mean_size: f64, parts: u32 },
    /// Poisson, with a mean that changes by the days from `as_of` on.
    Varying(fn(Day) -> f64),
}

impl Law {
    pub(crate) fn poisson(mean: f64) -> Self {
        let reach = 9.0 * mean.sqrt();
        let first = (mean - reach).max(0.0) as u64;
        let last = (mean + reach) as u64 + 12;
        let masses = (first..=last).map(|units| poisson::probability(units, mean));
        Self::counts(first, masses.collect())
    }

    /// Shape r with p = r/(r + mean), from P(0) = pʳ on.
    pub(crate) fn negative_binomial(mean: f64, variance: f64) -> Self {
        let r = mean * mean / (variance - mean);
        let p = r / (r + mean);
        let mut mass = libm::pow(p, r);
        let last = (mean + 40.0 * variance.sqrt()) as u64 + 20;
        let masses = (0..=last).map(|units| {
            let next = mass * (r + units as f64) / (units as f64 + 1.0) * (1.0 - p);
            std::mem::replace(&mut mass, next)
        });
        Self::counts(0, masses.collect())
    }

    /// Sales on a share of days, of geometric size.
    pub(crate) fn lumpy(chance: f64, mean_size: f64) -> Self {
        let stop = 1.0 / mean_size;
        let last = (30.0 * mean_size) as i32;
        let sizes =
            (1..last).map(|units| chance * stop * libm::pow(1.0 - stop, f64::from(units - 1)));
        Self::counts(0, [1.0 - chance].into_iter().chain(sizes).collect())
    }

    fn counts(first: u64, masses: Vec<f64>) -> Self {
        let mean = masses.iter().enumerate().map(|(k, mass)| (first + k as u64) as f64 * mass);
        let mean = mean.sum();
        let mut sum = 0.0;
        let shares = masses.iter().map(|mass| {
            sum += mass;
            sum
        });
        Self::Counts { first, shares: shares.collect(), mean }
    }

    pub(crate) fn is_count(&self) -> bool {
        !matches!(self, Self::Quantities { .. })
    }

    /// Mean demand of a day, by its distance from `as_of`.
    pub(crate) fn mean(&self, day: Day) -> f64 {
        match self {
            Self::Counts { mean, .. } => *mean,
            Self::Quantities { chance, mean_size, .. } => chance * mean_size,
            Self::Varying(mean) => mean(day).max(0.0),
        }
    }

    /// The demand of a day, units to a thousandth.
    pub(crate) fn draw(&self, day: Day, random: &mut ChaCha8Rng) -> f64 {
        match self {
            Self::Counts { first, shares, .. } => {
                let level = draw_unit(random);
                (*first + shares.partition_point(|share| *share < level) as u64) as f64
            }
            Self::Quantities { chance, mean_size, parts } => {
                if draw_unit(random) >= *chance {
                    return 0.0;
                }
                let exponential = |_| -libm::log(1.0 - draw_unit(random));
                let sum: f64 = (0..*parts).map(exponential).sum();
                (1000.0 * mean_size * sum / f64::from(*parts)).round().max(1.0) / 1000.0
            }
            Self::Varying(mean) => {
                let (mean, level) = (mean(day).max(0.0), draw_unit(random));
                let mut mass = libm::exp(-mean);
                let (mut sum, mut units) = (mass, 0.0);
                while sum < level && mass > 0.0 {
                    units += 1.0;
                    mass *= mean / units;
                    sum += mass;
                }
                units
            }
        }
    }
}

/// A number in [0, 1).
pub(crate) fn draw_unit(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// What the items of a shop have in common.
#[derive(Clone)]
pub(crate) struct Process {
    pub(crate) name: &'static str,
    /// Laws of demand: the items have them in turn.
    pub(crate) laws: Vec<Law>,
    /// Days of history.
    pub(crate) history_days: Day,
    /// Days after which the law repeats itself; `None` where it never does: then only the days that
    /// the levels of the night protect are simulated.
    pub(crate) repeats_every_days: Option<usize>,
    /// Whether the shop sells other items as well, which stand for the rest of an assortment: what
    /// happens to the items measured here has happened to few others.
    pub(crate) has_company: bool,
}

const TWO_YEARS: Day = 728;
const THREE_YEARS: Day = 1096;

fn steady(name: &'static str, law: Law) -> Process {
    Process {
        name,
        laws: vec![law],
        history_days: TWO_YEARS,
        repeats_every_days: Some(1),
        has_company: false,
    }
}

fn varying(name: &'static str, mean: fn(Day) -> f64, history_days: Day) -> Process {
    Process {
        name,
        laws: vec![Law::Varying(mean)],
        history_days,
        repeats_every_days: None,
        has_company: true,
    }
}

/// Every process of the grid.
pub(crate) fn processes() -> Vec<Process> {
    let slow = |name, a_year: f64| Process {
        history_days: TWO_YEARS,
        ..steady(name, Law::poisson(a_year / 365.0))
    };
    let slow_of_all_kinds = Process {
        laws: [2.5, 6.0, 13.0, 26.0].map(|a_year| Law::poisson(a_year / 365.0)).to_vec(),
        ..steady("slow, 2.5 to 26 a year", Law::poisson(1.0))
    };
    let kilograms = |chance, mean_size, parts| Law::Quantities { chance, mean_size, parts };
    let woken = Process {
        repeats_every_days: Some(1),
        ..varying("woken", |day| if day < -140 { 0.0 } else { 120.0 / 7.0 }, 364)
    };
    let weekdays = Process {
        repeats_every_days: Some(7),
        has_company: false,
        ..varying("weekday profile", by_weekday, TWO_YEARS)
    };
    let new = Process {
        history_days: 35,
        has_company: true,
        ..steady("new, 5 weeks", Law::poisson(5.0))
    };

    vec![
        steady("Poisson .1", Law::poisson(0.1)),
        steady("Poisson .2", Law::poisson(0.2)),
        steady("Poisson 1", Law::poisson(1.0)),
        steady("Poisson 5", Law::poisson(5.0)),
        steady("Poisson 50", Law::poisson(50.0)),
        steady("Poisson 2000", Law::poisson(2000.0)),
        steady("negative binomial .2, 1", Law::negative_binomial(0.2, 1.0)),
        steady("negative binomial 5, 30", Law::negative_binomial(5.0, 30.0)),
        steady("lumpy", Law::lumpy(0.2, 10.0)),
        slow("slow, 4 a year", 4.0),
        slow_of_all_kinds,
        steady("kilograms, twice a year", kilograms(1.0 / 182.0, 3.7, 2)),
        steady("kilograms, daily", kilograms(1.0, 12.5, 4)),
        weekdays,
        varying("before the peak", |day| peak(day - 35), THREE_YEARS),
        varying("in the peak", peak, THREE_YEARS),
        varying("after the peak", |day| peak(day + 35), THREE_YEARS),
        varying("trend", |day| 8.0 + 6.0 * f64::from(day) / f64::from(TWO_YEARS), TWO_YEARS),
        varying("step", |day| if day < -42 { 3.0 } else { 9.0 }, TWO_YEARS),
        new,
        varying("dying", |day| 8.0 * libm::exp2(-f64::from((day + 182).max(0)) / 42.0), TWO_YEARS),
        woken,
    ]
}

/// 5 a day, and four times that on the day of the peak, once a year of the calendar.
fn peak(day: Day) -> f64 {
    let (year, half) = (365.25, 182.625);
    let days = ((f64::from(day) + half).rem_euclid(year) - half) / 21.0;
    5.0 * (1.0 + 3.0 * libm::exp(-0.5 * days * days))
}

/// 10 a day; day 0 is a Monday.
fn by_weekday(day: Day) -> f64 {
    70.0 * [0.06, 0.06, 0.08, 0.10, 0.20, 0.30, 0.20][day.rem_euclid(7) as usize]
}
