//! Orders that a planner signs: what ended lifts nothing, a season of one year is the item's own,
//! and neither the seed nor what is written moves the plan. Through the command line.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use chrono::{Days, NaiveDate};

use crate::shop::{restock, rows, unit, write_shop};

const DAY: &str = "2026-06-29";

/// A whole number around a mean: as often above it as below.
fn around(mean: f64, item: u64, day: u64) -> f64 {
    (2.0 * mean * unit(item << 32 | day) + 0.5).floor()
}

/// Order rows of the `days` days before `DAY`: `units` of an item on a day, counted from the first.
fn orders(days: u64, items: u64, units: impl Fn(u64, u64) -> f64) -> String {
    let end: NaiveDate = DAY.parse().unwrap();
    let mut text = String::from("date,sku,quantity\n");
    for day in 0..days {
        let date = end - Days::new(days - day);
        for item in 0..items {
            let units = units(item, day);
            if units > 0.0 {
                writeln!(text, "{date},I{item:02},{units}").unwrap();
            }
        }
    }
    text
}

/// The plan of a night of so many items by item, each with five on hand.
fn plan(dir: &Path, items: u64, orders: &str, more: &[&str]) -> Vec<BTreeMap<String, String>> {
    let mut stock = String::from("sku,on_hand\n");
    for item in 0..items {
        writeln!(stock, "I{item:02},5").unwrap();
    }
    write_shop(dir, &BTreeMap::from([("orders", orders.to_owned()), ("stock", stock)]), "");
    restock(dir).args(["-q", "run", "--as-of", DAY]).args(more).assert().success();

    let plan = rows(&dir.join("runs").join(DAY).join("plan.csv"));
    assert_eq!(plan.len(), items as usize);
    plan
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or(0.0)
}

#[test]
fn items_that_ended_lift_none_that_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    // The last ten of thirty ended ten months ago.
    let orders = orders(728, 30, |item, day| if item < 20 || day < 427 { 2.0 } else { 0.0 });

    let plan = plan(dir.path(), 30, &orders, &[]);
    for row in &plan[..20] {
        let mean = number(row, "mean_daily_demand");
        assert!((1.9..2.1).contains(&mean), "{}: {mean}", row["sku"]);
    }
}

#[test]
fn items_that_end_one_after_the_other_lift_none_that_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    // Twelve of 52 items end evenly over the last year.
    let end = |item: u64| if item < 12 { 364 + 30 * item } else { 728 };
    let orders =
        orders(728, 52, |item, day| if day < end(item) { around(2.0, item, day) } else { 0.0 });

    let plan = plan(dir.path(), 52, &orders, &[]);
    let steady = || plan[12..].iter().map(|row| number(row, "mean_daily_demand"));
    let mean = steady().sum::<f64>() / 40.0;
    assert!((1.85..2.2).contains(&mean), "{mean}");
    assert!(steady().all(|mean| mean < 2.7), "{:?}", steady().collect::<Vec<_>>());
}

#[test]
fn after_one_year_what_sold_at_one_time_is_not_carried_on() {
    let dir = tempfile::tempdir().unwrap();
    // The history ends in the second peak; last year's was over four weeks after this day.
    let peak = |day: u64| if day % 364 < 28 || day % 364 > 334 { 20.0 } else { 0.2 };
    let level = |item: u64| 4.0 + (item % 7) as f64;
    let orders = orders(375, 60, |item, day| {
        around(if item < 15 { peak(day) } else { level(item) }, item, day)
    });

    plan(dir.path(), 60, &orders, &[]);
    let mut ahead: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for row in rows(&dir.path().join("runs").join(DAY).join("forecast.csv")) {
        ahead.entry(row["sku"].clone()).or_default().push(number(&row, "mean"));
    }
    for (item, means) in (0_u64..).zip(ahead.values()) {
        if item < 15 {
            // Weeks five to thirteen ahead sold about 1.4 a week; the level of the peak is 140.
            let later: f64 = means[5..13].iter().sum::<f64>() / 8.0;
            assert!(later < 20.0, "{item}: {means:?}");
            assert!(means[1] > 35.0, "{item}: {means:?}");
        } else {
            let usual = 7.0 * level(item);
            let mean = means[1..13].iter().sum::<f64>() / 12.0;
            assert!((0.75..1.3).contains(&(mean / usual)), "{item}: {mean} for {usual}");
        }
    }
}

/// How many items the mixed shop has.
const MIXED: u64 = 120;

/// A shop of slow and fast, even and lumpy items.
fn mixed_shop() -> String {
    orders(600, MIXED, |item, day| {
        let mean = 0.1 * libm::pow(1.05, item as f64);
        if !item.is_multiple_of(3) {
            around(mean, item, day)
        } else if unit((item + 500) << 32 | day) < 0.2 {
            around(5.0 * mean, item, day)
        } else {
            0.0
        }
    })
}

#[test]
fn the_horizon_that_is_written_moves_nothing_that_is_planned() {
    let orders = mixed_shop();
    let of = |horizon: &str| {
        let dir = tempfile::tempdir().unwrap();
        plan(dir.path(), MIXED, &orders, &["--set", &format!("forecast.horizon={horizon}")])
    };
    assert!(of("4") == of("40"));
}

#[test]
fn another_seed_moves_few_reorder_points_far() {
    let orders = mixed_shop();
    let of = |seed: &str| {
        let dir = tempfile::tempdir().unwrap();
        let plan = plan(dir.path(), MIXED, &orders, &["--set", &format!("run.seed={seed}")]);
        plan.iter().map(|row| number(row, "reorder_point")).collect::<Vec<f64>>()
    };
    let (one, other) = (of("1"), of("2"));
    let far = one.iter().zip(&other).filter(|(a, b)| {
        let apart = (*a - *b).abs();
        apart > 1.0 && apart > 0.15 * a.min(**b)
    });
    assert!(far.count() <= one.len() / 20, "{one:?} {other:?}");
}

#[test]
fn nothing_is_short_of_more_than_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    for row in plan(dir.path(), MIXED, &mixed_shop(), &[]) {
        let (sku, short) = (&row["sku"], number(&row, "expected_short_units"));
        let asked = number(&row, "protection_demand_mean");
        assert!(short <= asked + 1e-6, "{sku}: short {short} of {asked}");
    }
}
