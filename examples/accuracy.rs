//! Accuracy of the default forecast on a table of histories: the last buckets are held out,
//! forecast once and measured.
//!
//! `cargo run --release --example accuracy -- histories.csv day|week|month HORIZON [HELD_OUT,…
//! [MODEL]]`. With several numbers of buckets held out each is an origin of its own, and the
//! coverage of totals is pooled over them. The table is described at `Table` in `table/mod.rs`.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use std::error::Error;

use rayon::prelude::*;
use restock::demand::panel::Panel;
use restock::forecast::demand_distribution::TotalDemand;
use restock::forecast::metrics::{absolute, coverage, mase, pinball, rmsse};
use restock::forecast::{ForecastSettings, Forecasts, ModelChoice, fit, forecast};

#[allow(dead_code, reason = "each example reads its part of it")]
mod table;

/// The bucket number of the day after the histories: any will do, but it fixes weekdays and months.
const END_DAY: i32 = 16_888;
/// Totals of so many buckets are looked at.
const LENGTHS: [usize; 8] = [1, 2, 3, 4, 6, 7, 14, 28];
/// At these quantiles.
const LEVELS: [f64; 2] = [0.95, 0.99];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, length, horizon, rest @ ..] = arguments.as_slice() else {
        return Err("wanted: FILE day|week|month HORIZON [HELD_OUT,… [MODEL]]".into());
    };
    let horizon: usize = horizon.parse()?;
    let table = table::Table::read(path, length, END_DAY)?;
    let held_out: Vec<usize> = match rest.first() {
        Some(list) => list.split(',').map(str::parse).collect::<Result<_, _>>()?,
        None => vec![horizon],
    };
    if held_out.iter().any(|buckets| !(horizon..table.buckets()).contains(buckets)) {
        return Err(format!("held out is from {horizon} to {} buckets", table.buckets()).into());
    }
    let model = match rest.get(1).map_or("auto", String::as_str) {
        "auto" => ModelChoice::Auto,
        name => ModelChoice::Named(name.to_owned()),
    };
    let settings = ForecastSettings::ahead(table.calendar(), horizon, model);
    let lengths: Vec<usize> = LENGTHS.into_iter().filter(|buckets| *buckets <= horizon).collect();
    let mut covered = vec![Vec::new(); lengths.len()];
    for held_out in held_out {
        let (panel, actuals) = table.split(held_out);
        let forecasts = forecast(&panel, &fit(&panel, &settings), &settings);
        println!(
            "{} items, {} buckets of history, {horizon} of {held_out} ahead",
            panel.len(),
            panel.demand.len()
        );
        report_buckets(&panel, &actuals, &forecasts, horizon);
        for (buckets, covered) in lengths.iter().zip(&mut covered) {
            covered.extend(totals(&panel, &actuals, &forecasts, *buckets));
        }
    }
    for (buckets, covered) in lengths.iter().zip(&covered) {
        report_totals(*buckets, covered);
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
            let (distribution, actual) = (forecasts.distribution(item), &actuals[item][..horizon]);
            let distributions: Vec<TotalDemand> = (0..horizon)
                .map(|b| distribution.total(day(panel, b), day(panel, b + 1)))
                .collect();
            let loss: f64 = (1..10)
                .map(|k| f64::from(k) / 10.0)
                .flat_map(|level| {
                    distributions
                        .iter()
                        .zip(actual)
                        .map(move |(l, y)| pinball(level, *y, l.quantile(level)))
                })
                .sum();
            let medians: Vec<f64> = distributions.iter().map(|l| l.quantile(0.5)).collect();
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

/// What became of one item's total: its volume fifth and, at each level, the coverage randomised at
/// ties and the plain one.
#[derive(Clone)]
struct Covered {
    fifth: usize,
    at: [[f64; 2]; LEVELS.len()],
}

fn totals(
    panel: &Panel,
    actuals: &[Vec<f64>],
    forecasts: &Forecasts,
    buckets: usize,
) -> Vec<Covered> {
    let rate = |item: usize| {
        let demand = panel.series(item).demand;
        demand.iter().sum::<f64>() / demand.len() as f64
    };
    let mut by_volume: Vec<usize> = (0..panel.len()).collect();
    by_volume.sort_by(|a, b| rate(*a).total_cmp(&rate(*b)));
    by_volume
        .par_iter()
        .enumerate()
        .map(|(rank, &item)| {
            let total = forecasts.distribution(item).total(0, day(panel, buckets));
            let actual = actuals[item][..buckets].iter().sum();
            let at = LEVELS.map(|level| {
                [
                    coverage(&total, level, actual),
                    f64::from(u8::from(actual <= total.quantile(level))),
                ]
            });
            Covered { fifth: 5 * rank / panel.len(), at }
        })
        .collect()
}

fn report_totals(buckets: usize, covered: &[Covered]) {
    let share = |level: usize, kind: usize, fifth: Option<usize>| {
        let of: Vec<f64> = covered
            .iter()
            .filter(|c| fifth.is_none_or(|f| f == c.fifth))
            .map(|c| c.at[level][kind])
            .collect();
        100.0 * of.iter().sum::<f64>() / of.len() as f64
    };
    print!("total of {buckets:2} buckets:");
    for (at, level) in LEVELS.iter().enumerate() {
        print!("   {level} covers {:.2} % (plain {:.2})", share(at, 0, None), share(at, 1, None));
    }
    let fifths: Vec<String> =
        (0..5).map(|fifth| format!("{:.1}", share(0, 0, Some(fifth)))).collect();
    println!("   fifths at {}: {}", LEVELS[0], fifths.join(" "));
}
