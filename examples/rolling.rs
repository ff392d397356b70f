//! Rolling accuracy as a replay would use the forecast: learnt every so many buckets, asked anew at
//! each one.
//!
//! `cargo run --release --example rolling -- histories.csv week FIRST LAST REFIT [END_DAY]`. FIRST
//! and LAST count the buckets known at the first and the last origin; prints one, two and three
//! buckets ahead.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use std::error::Error;

use rayon::prelude::*;
use restock::forecast::metrics::coverage;
use restock::forecast::{ForecastSettings, Forecasts, ModelChoice, fit, forecast};

mod table;

const AHEAD: usize = 3;
const LEVELS: [f64; 3] = [0.5, 0.8, 0.95];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, length, first, last, refit, rest @ ..] = arguments.as_slice() else {
        return Err("wanted: FILE day|week|month FIRST LAST REFIT [END_DAY]".into());
    };
    let end_day = rest.first().map_or(Ok(16_898), |day| day.parse())?;
    let table = table::Table::read(path, length, end_day)?;
    let (first, last, refit): (usize, usize, usize) =
        (first.parse()?, last.parse()?, refit.parse()?);
    let settings = ForecastSettings::ahead(table.calendar(), 13, ModelChoice::Auto);
    let mut fitted = None;
    // By step ahead: absolute error, demand, error. By level: coverage of the total, totals.
    let (mut steps, mut totals) = ([[0.0; 3]; AHEAD], [[0.0; 2]; LEVELS.len()]);
    for known in first..=last.min(table.buckets().saturating_sub(1)) {
        let (panel, actuals) = table.split(table.buckets() - known);
        if fitted.is_none() || (known - first).is_multiple_of(refit.max(1)) {
            fitted = Some(fit(&panel, &settings));
        }
        let Some(learnt) = &fitted else { continue };
        let forecasts = forecast(&panel, learnt, &settings);
        let days: Vec<u32> = (0..=AHEAD as i32)
            .map(|b| {
                (panel.calendar.start_of(panel.calendar.bucket_of(panel.as_of) + b) - panel.as_of)
                    .max(0) as u32
            })
            .collect();
        let covered: Vec<Vec<f64>> = (0..panel.len())
            .into_par_iter()
            .map(|item| covered(&forecasts, item, &actuals[item], days[AHEAD]))
            .collect();
        for (item, actual) in actuals.iter().enumerate() {
            for ((step, mean), units) in
                steps.iter_mut().zip(forecasts.bucket_means(item)).zip(actual)
            {
                step[0] += (mean - units).abs();
                step[1] += units;
                step[2] += mean - units;
            }
            for (total, hit) in totals.iter_mut().zip(&covered[item]) {
                total[0] += hit;
                total[1] += 1.0;
            }
        }
    }
    for (ahead, [absolute, demand, error]) in steps.iter().enumerate() {
        println!(
            "{} ahead: WAPE of the mean {:.4}, bias {:+.2} %",
            ahead + 1,
            absolute / demand,
            100.0 * error / demand
        );
    }
    for (level, [hits, count]) in LEVELS.iter().zip(totals) {
        println!("total of {AHEAD}: {level} covers {:.4}", hits / count);
    }
    Ok(())
}

/// Whether each level's quantile covers the item's total; nothing where the total is not known.
fn covered(forecasts: &Forecasts, item: usize, actual: &[f64], days: u32) -> Vec<f64> {
    let Some(known) = actual.get(..AHEAD) else { return Vec::new() };
    let total = forecasts.distribution(item).total(0, days);
    LEVELS.iter().map(|level| coverage(&total, *level, known.iter().sum())).collect()
}
