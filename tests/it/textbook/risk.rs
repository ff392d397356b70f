//! Probability, units and dates of a shortage against simulated courses.

use rand_chacha::ChaCha8Rng;
use restock::inventory::day_distribution::DayDistribution;
use restock::inventory::risk::{DATE_LEVELS, Exposure, Incoming, risk};
use restock::stats::random::stream;

use super::daily::{Daily, draw_days};

const COURSES: usize = 100_000;
const HORIZON_DAYS: u32 = 60;

/// What became of the stock in one course.
struct Course {
    /// Units that were missing before the next order came.
    short_units: f64,
    /// First day on which a unit was missing.
    first_day: Option<usize>,
}

/// One course of demand, deliveries and the next order.
fn run_course(demand: &Daily, exposure: &Exposure<'_>, random: &mut ChaCha8Rng) -> Course {
    let arrivals: Vec<(u32, f64)> = exposure
        .incoming
        .iter()
        .map(|order| (draw_days(&order.arrival, random), order.units))
        .collect();
    let next_order_day = draw_days(exposure.next_order, random);

    let mut net = exposure.stock_units;
    let mut course = Course { short_units: 0.0, first_day: None };
    for day in 0..=HORIZON_DAYS {
        net += arrivals.iter().filter(|(on, _)| *on == day).map(|(_, units)| units).sum::<f64>();
        let units = demand.draw(random);
        let missing = (units - net.max(0.0)).max(0.0);
        net -= units;

        if missing > 0.0 {
            course.first_day = course.first_day.or(Some(day as usize));
            course.short_units += if day < next_order_day { missing } else { 0.0 };
        }
    }

    course
}

/// First day by which a share of all courses had a shortage.
fn day_of_share(shortages_by_day: &[usize], share: f64) -> Option<u32> {
    let mut sum = 0;
    let day = shortages_by_day.iter().position(|count| {
        sum += count;
        sum as f64 >= share * COURSES as f64
    });
    day.map(|day| day as u32)
}

/// Holds probability and dates to 100,000 courses, up to `tolerance`, and units up to three times
/// that share.
fn assert_risk_is_that_of_courses(
    stock_units: f64,
    incoming: &[Incoming],
    next_order: &DayDistribution,
    tolerance: f64,
) {
    let demand = Daily::negative_binomial(1.0, 3.0, 70);
    let exposure = Exposure { stock_units, incoming, next_order, horizon_days: HORIZON_DAYS };
    let found = risk(&demand, &exposure);

    let mut random = stream(7, b"risk");
    let (mut hits, mut short_units) = (0, 0.0);
    let mut shortages_by_day = [0; HORIZON_DAYS as usize + 1];
    for _ in 0..COURSES {
        let course = run_course(&demand, &exposure, &mut random);
        hits += usize::from(course.short_units > 0.0);
        short_units += course.short_units;
        if let Some(day) = course.first_day {
            shortages_by_day[day] += 1;
        }
    }

    let probability = hits as f64 / COURSES as f64;
    let difference = (found.stockout_probability - probability).abs();
    assert!(difference < tolerance, "{found:?} {probability}");

    let short_units = short_units / COURSES as f64;
    let ratio = found.expected_short_units / short_units;
    assert!((ratio - 1.0).abs() < 3.0 * tolerance, "{found:?} {short_units}");

    for (level, told) in DATE_LEVELS.into_iter().zip(found.stockout_days) {
        let day = day_of_share(&shortages_by_day, level);
        let difference = told.zip(day).map_or(0, |(told, day)| told.abs_diff(day));
        assert!(told.is_some() == day.is_some() && difference <= 1, "{told:?} {day:?} at {level}");
    }
}

/// Units on the way that arrive as `arrival` says, whatever becomes of other orders.
fn order(units: f64, arrival: DayDistribution) -> Incoming {
    Incoming { units, arrival, lot: units as u32 }
}

#[test]
fn stock_out_risk_is_that_of_simulated_courses() {
    let gamma = DayDistribution::from_mean_and_sd;
    let on_day = DayDistribution::point;
    assert_risk_is_that_of_courses(10.0, &[], &on_day(8), 0.006);
    assert_risk_is_that_of_courses(6.0, &[order(10.0, on_day(5))], &on_day(14), 0.006);
    assert_risk_is_that_of_courses(6.0, &[order(8.0, gamma(5.0, 2.0))], &on_day(14), 0.006);
    assert_risk_is_that_of_courses(-3.0, &[order(10.0, on_day(2))], &on_day(10), 0.006);

    let two = [order(6.0, gamma(5.0, 2.0)), order(9.0, gamma(9.0, 4.0))];
    assert_risk_is_that_of_courses(8.0, &two, &gamma(14.0, 3.0), 0.015);
}
