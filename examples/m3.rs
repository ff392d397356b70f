//! Mean absolute scaled errors of the local models on the M3 competition, by frequency.
//!
//! `cargo run --release --example m3 -- m3.csv.gz`, the file with columns series, st, period, type,
//! h, n_train, train and test, values separated by semicolons.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use std::error::Error;

use rayon::prelude::*;
use restock::forecast::local::LocalModel;
use restock::forecast::metrics::mase;

const MODELS: [LocalModel; 5] = [
    LocalModel::Ets,
    LocalModel::Theta,
    LocalModel::Ces,
    LocalModel::Combination,
    LocalModel::SeasonalNaive,
];

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("the path of m3.csv.gz is missing")?;
    let mut reader =
        csv::Reader::from_reader(flate2::read::GzDecoder::new(std::fs::File::open(path)?));
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>()?;
    for (frequency, season) in [("YEARLY", 1), ("QUARTERLY", 4), ("MONTHLY", 12)] {
        let series: Vec<(Vec<f64>, Vec<f64>)> = rows
            .iter()
            .filter(|row| &row[2] == frequency)
            .map(|row| Ok((values(&row[6])?, values(&row[7])?)))
            .collect::<Result<_, Box<dyn Error>>>()?;
        print!("{frequency:9} {:4} series", series.len());
        for model in MODELS {
            let errors: Vec<f64> = series
                .par_iter()
                .filter_map(|(history, actual)| {
                    let mut forecast = vec![0.0; actual.len()];
                    model.forecast(history, season, &mut forecast);
                    mase(history, actual, &forecast, season)
                })
                .collect();
            print!("  {} {:.3}", model.name(), errors.iter().sum::<f64>() / errors.len() as f64);
        }
        println!();
    }
    Ok(())
}

fn values(text: &str) -> Result<Vec<f64>, Box<dyn Error>> {
    Ok(text.split(';').map(str::parse).collect::<Result<_, _>>()?)
}
