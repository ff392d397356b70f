//! Accuracy of the default forecast on a table of histories: the last buckets are held out, forecast once and measured.
//!
//! `cargo run --release --example accuracy -- histories.csv day|week|month HORIZON [MODEL]`. The table is
//! described at `Table` in `table/mod.rs`.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use std::error::Error;

use rayon::prelude::*;
use restock::demand::panel::Panel;
use restock::forecast::law::TotalDemand;
use restock::forecast::metrics::{absolute, coverage, mase, pinball, rmsse};
use restock::forecast::{ForecastSettings, Forecasts, ModelChoice, fit, forecast};

#[allow(dead_code, reason = "each example reads its part of it")]
mod table;

/// The bucket number of the day after the histories: any will do, but it fixes weekdays and months.
const END_DAY: i32 = 16_888;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, length, horizon, rest @ ..] = arguments.as_slice() else {
        return Err("wanted: FILE day|week|month HORIZON [MODEL]".into());
    };
    let horizon: usize = horizon.parse()?;
    let table = table::Table::read(path, length, END_DAY)?;
    if horizon >= table.buckets() {
        return Err(format!("{horizon} buckets cannot be held out of {}", table.buckets()).into());
    }
    let (panel, actuals) = table.split(horizon);
    let model = rest.first().map_or(ModelChoice::Auto, |name| ModelChoice::Named(name.clone()));
    let settings = ForecastSettings { horizon, seed: 42, model, planning_days: 0 };
    let forecasts = forecast(&panel, &fit(&panel, &settings), &settings);
    println!("{} items, {} buckets of history, {horizon} ahead", panel.len(), panel.demand.len());
    report_buckets(&panel, &actuals, &forecasts, horizon);
    for buckets in (0..).map(|p| 1 << p).take_while(|b| *b <= horizon) {
        report_totals(&panel, &actuals, &forecasts, buckets);
    }
    Ok(())
}

/// Days from `as_of` to the start of a bucket ahead.
fn day(panel: &Panel, bucket: usize) -> u32 {
    let first = panel.calendar.bucket_of(panel.as_of);
    (panel.calendar.start_of(first + bucket as i32) - panel.as_of).max(0) as u32
}

fn report_buckets(panel: &Panel, actuals: &[Vec<f64>], forecasts: &Forecasts, horizon: usize) {
    let season = panel.calendar.season_length();
    let rows: Vec<[f64; 8]> = (0..panel.len())
        .into_par_iter()
        .map(|item| {
            let (law, actual) = (forecasts.law(item), &actuals[item]);
            let laws: Vec<TotalDemand<'_>> =
                (0..horizon).map(|b| law.total(day(panel, b), day(panel, b + 1))).collect();
            let loss: f64 = (1..10)
                .map(|k| f64::from(k) / 10.0)
                .flat_map(|level| laws.iter().zip(actual).map(move |(l, y)| pinball(level, *y, l.quantile(level))))
                .sum();
            let medians: Vec<f64> = laws.iter().map(|l| l.quantile(0.5)).collect();
            let means = &forecasts.bucket_means(item)[..horizon];
            let history = panel.series(item).demand;
            let scaled = mase(history, actual, &medians, season);
            let squared = rmsse(history, actual, means);
            [
                2.0 * loss / 9.0,
                actual.iter().sum(),
                absolute(actual, &medians),
                means.iter().sum(),
                scaled.unwrap_or(0.0),
                f64::from(u8::from(scaled.is_some())),
                squared.unwrap_or(0.0),
                f64::from(u8::from(squared.is_some())),
            ]
        })
        .collect();
    let sum = |column: usize| rows.iter().map(|r| r[column]).sum::<f64>();
    println!(
        "WQL {:.4}   median: WAPE {:.4}, MASE {:.4}   mean: RMSSE {:.4}, bias {:+.2} %",
        sum(0) / sum(1),
        sum(2) / sum(1),
        sum(4) / sum(5),
        sum(6) / sum(7),
        100.0 * (sum(3) / sum(1) - 1.0)
    );
}

fn report_totals(panel: &Panel, actuals: &[Vec<f64>], forecasts: &Forecasts, buckets: usize) {
    print!("total of {buckets:2} buckets:");
    for level in [0.95, 0.99] {
        let rows: Vec<(f64, f64)> = (0..panel.len())
            .into_par_iter()
            .map(|item| {
                let law = forecasts.law(item);
                let total = law.total(0, day(panel, buckets));
                let actual = actuals[item][..buckets].iter().sum();
                (coverage(&total, level, actual), f64::from(u8::from(actual <= total.quantile(level))))
            })
            .collect();
        let mean = |f: fn(&(f64, f64)) -> f64| rows.iter().map(f).sum::<f64>() / rows.len() as f64;
        print!("   {level} covers {:.4} (plain {:.4})", mean(|r| r.0), mean(|r| r.1));
    }
    println!();
}
