//! Orders that a planner signs: what ended lifts nothing, a season of one year is the item's own,
//! and neither the seed nor what is written moves the plan. Through the command line.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use chrono::{Days, NaiveDate};

use crate::shop::{restock, rows};

const DAY: &str = "2026-06-29";

/// A number from 0 to 1 that only depends on what it is drawn for.
fn drawn(item: u64, day: u64) -> f64 {
    let key = item << 32 | day;
    let mixed = (key ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed ^ (mixed >> 29)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// A whole number around a mean: as often above it as below.
fn around(mean: f64, item: u64, day: u64) -> f64 {
    (2.0 * mean * drawn(item, day) + 0.5).floor()
}

/// Order rows of `days` days up to `DAY`: units of an item on a day, counted from the first.
fn orders(days: u64, items: &[(String, &dyn Fn(u64) -> f64)]) -> String {
    let end: NaiveDate = DAY.parse().unwrap();
    let mut text = String::from("date,sku,quantity\n");
    for day in 0..days {
        let date = end - Days::new(days - day);
        for (sku, units) in items {
            let units = units(day);
            if units > 0.0 {
                writeln!(text, "{date},{sku},{units}").unwrap();
            }
        }
    }
    text
}

/// The plan of a night by sku.
fn plan(dir: &Path, orders: &str, more: &[&str]) -> BTreeMap<String, BTreeMap<String, String>> {
    fs::write(dir.join("orders.csv"), orders).unwrap();
    let skus: std::collections::BTreeSet<&str> =
        orders.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
    let stock: String = skus.iter().fold("sku,on_hand\n".into(), |text, sku| text + sku + ",5\n");
    fs::write(dir.join("stock.csv"), stock).unwrap();
    let config = "[inputs.orders]\npath = \"orders.csv\"\n[inputs.stock]\npath = \"stock.csv\"\n\
                  [outputs]\ndir = \"runs\"\n";
    fs::write(dir.join("restock.toml"), config).unwrap();

    restock(dir).args(["-q", "run", "--as-of", DAY]).args(more).assert().success();
    rows(&dir.join("runs").join(DAY).join("plan.csv"))
        .into_iter()
        .map(|row| (row["sku"].clone(), row))
        .collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or(0.0)
}

#[test]
fn items_that_ended_lift_none_that_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let keep = |_: u64| 2.0;
    let gone = |day: u64| if day < 427 { 2.0 } else { 0.0 };
    let mut items: Vec<(String, &dyn Fn(u64) -> f64)> = Vec::new();
    items.extend((0..20).map(|item| (format!("KEEP{item:02}"), &keep as &dyn Fn(u64) -> f64)));
    items.extend((0..10).map(|item| (format!("GONE{item:02}"), &gone as &dyn Fn(u64) -> f64)));

    let plan = plan(dir.path(), &orders(728, &items), &[]);
    for item in 0..20 {
        let mean = number(&plan[&format!("KEEP{item:02}")], "mean_daily_demand");
        assert!((1.9..2.1).contains(&mean), "{item}: {mean}");
    }
}

#[test]
fn items_that_end_one_after_the_other_lift_none_that_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    // Twelve of 52 items end evenly over the last year.
    let units: Vec<Box<dyn Fn(u64) -> f64>> = (0..52_u64)
        .map(|item| {
            let end = if item < 12 { 364 + 30 * item } else { 728 };
            let units = move |day: u64| if day < end { around(2.0, item, day) } else { 0.0 };
            Box::new(units) as Box<dyn Fn(u64) -> f64>
        })
        .collect();
    let items: Vec<(String, &dyn Fn(u64) -> f64)> =
        units.iter().enumerate().map(|(item, units)| (format!("I{item:02}"), &**units)).collect();

    let plan = plan(dir.path(), &orders(728, &items), &[]);
    let steady = || (12..52).map(|item| number(&plan[&format!("I{item:02}")], "mean_daily_demand"));
    let mean = steady().sum::<f64>() / 40.0;
    assert!((1.85..2.2).contains(&mean), "{mean}");
    assert!(steady().all(|mean| mean < 2.7), "{:?}", steady().collect::<Vec<_>>());
}

#[test]
fn after_one_year_what_sold_at_one_time_is_not_carried_on() {
    let dir = tempfile::tempdir().unwrap();
    // The history ends in the second peak; last year's was over four weeks after this day.
    let peak = |day: u64| if day % 364 < 28 || day % 364 > 334 { 20.0 } else { 0.2 };
    let units: Vec<Box<dyn Fn(u64) -> f64>> = (0..60_u64)
        .map(|item| {
            let units = move |day: u64| {
                let mean = if item < 15 { peak(day) } else { 4.0 + (item % 7) as f64 };
                around(mean, item, day)
            };
            Box::new(units) as Box<dyn Fn(u64) -> f64>
        })
        .collect();
    let items: Vec<(String, &dyn Fn(u64) -> f64)> =
        units.iter().enumerate().map(|(item, units)| (format!("I{item:02}"), &**units)).collect();

    plan(dir.path(), &orders(375, &items), &[]);
    let mut ahead: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for row in rows(&dir.path().join("runs").join(DAY).join("forecast.csv")) {
        ahead.entry(row["sku"].clone()).or_default().push(number(&row, "mean"));
    }
    let of = |item: usize| &ahead[&format!("I{item:02}")];
    for item in 0..15 {
        // Weeks five to thirteen ahead sold about 1.4 a week; the level of the peak is 140.
        let later: f64 = of(item)[5..13].iter().sum::<f64>() / 8.0;
        assert!(later < 20.0, "{item}: {:?}", of(item));
        assert!(of(item)[1] > 35.0, "{item}: {:?}", of(item));
    }
    for item in 15..60 {
        let usual = 7.0 * (4.0 + (item % 7) as f64);
        let mean = of(item)[1..13].iter().sum::<f64>() / 12.0;
        assert!((0.75..1.3).contains(&(mean / usual)), "{item}: {mean} for {usual}");
    }
}

/// A shop of slow and fast, even and lumpy items.
fn mixed_shop() -> String {
    let units: Vec<Box<dyn Fn(u64) -> f64>> = (0..120_u64)
        .map(|item| {
            let mean = 0.1 * libm::pow(1.05, item as f64);
            let lumpy = item.is_multiple_of(3);
            let units = move |day: u64| {
                let is_sold = !lumpy || drawn(item + 500, day) < 0.2;
                if is_sold { around(if lumpy { 5.0 * mean } else { mean }, item, day) } else { 0.0 }
            };
            Box::new(units) as Box<dyn Fn(u64) -> f64>
        })
        .collect();
    let items: Vec<(String, &dyn Fn(u64) -> f64)> =
        units.iter().enumerate().map(|(item, units)| (format!("I{item:03}"), &**units)).collect();
    orders(600, &items)
}

#[test]
fn the_horizon_that_is_written_moves_nothing_that_is_planned() {
    let orders = mixed_shop();
    let of = |horizon: &str| {
        let dir = tempfile::tempdir().unwrap();
        plan(dir.path(), &orders, &["--set", &format!("forecast.horizon={horizon}")])
    };
    assert!(of("4") == of("40"));
}

#[test]
fn another_seed_moves_few_reorder_points_and_none_far() {
    let orders = mixed_shop();
    let of = |seed: &str| {
        let dir = tempfile::tempdir().unwrap();
        let plan = plan(dir.path(), &orders, &["--set", &format!("run.seed={seed}")]);
        plan.values().map(|row| number(row, "reorder_point")).collect::<Vec<f64>>()
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
    let plan = plan(dir.path(), &mixed_shop(), &[]);
    for (sku, row) in &plan {
        let short = number(row, "expected_short_units");
        let asked = number(row, "protection_demand_mean");
        assert!(short <= asked + 1e-6, "{sku}: short {short} of {asked}");
    }
}
