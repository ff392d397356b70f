//! Benchmarks: each forecasting model on one series, and the whole stage on a made-up shop.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use restock::demand::panel::{Panel, PanelItems};
use restock::domain::calendar::{BucketCalendar, BucketLength};
use restock::forecast::local::LOCAL_MODELS;
use restock::forecast::{ForecastSettings, ModelChoice, fit, forecast};
use restock::stats::negative_binomial::NegativeBinomial;
use restock::stats::random;

/// Weekly demand of made-up items: levels spread over three decades, a yearly season, chance by
/// negative binomials.
fn shop(items: usize, weeks: usize) -> Panel {
    let calendar = BucketCalendar { length: BucketLength::Week, week_start: 0 };
    let mut demand = Vec::with_capacity(items * weeks);
    for item in 0..items as u64 {
        let level = libm::exp(random::unit(1, item) * 7.0 - 3.0);
        for week in 0..weeks as u64 {
            let season = 1.0 + 0.3 * libm::sin(week as f64 / 52.0 * std::f64::consts::TAU);
            let distribution = NegativeBinomial::new(level * season, 2.0);
            demand.push(distribution.quantile(random::unit(item + 7, week)));
        }
    }
    let items = PanelItems {
        calendar,
        as_of: calendar.start_of(2_800),
        offsets: (0..=items).map(|i| i * weeks).collect(),
        exposure: (0..items).map(|_| vec![1.0; weeks]).collect(),
        censored: (0..items).map(|_| vec![false; weeks]).collect(),
        is_count: vec![true; items],
        opening_sale: vec![0.0; items],
        key_hash: (0..items as u64).collect(),
        worth_band: vec![0; items],
        similar: Default::default(),
        category: (0..items as u32).map(|i| i % 12).collect(),
        supplier: vec![0; items],
        product: (0..items as u32).collect(),
        location: vec![0; items],
        weekday_profile: [1.0 / 7.0; 7],
        dated: Default::default(),
        drivers: Default::default(),
    };
    Panel::new(items, demand)
}

fn models(criterion: &mut Criterion) {
    let series: Vec<f64> = (0..144)
        .map(|t| {
            let season = 1.0 + 0.3 * libm::sin(f64::from(t) / 12.0 * std::f64::consts::TAU);
            (100.0 + f64::from(t)) * season * (0.9 + 0.2 * random::unit(3, t as u64))
        })
        .collect();
    let mut group = criterion.benchmark_group("model on 144 months");
    for (name, model) in LOCAL_MODELS {
        let mut out = [0.0; 18];
        group.bench_function(name, |b| b.iter(|| model.forecast(black_box(&series), 12, &mut out)));
    }
    group.finish();
}

fn stage(criterion: &mut Criterion) {
    let panel = shop(1_000, 104);
    let settings = ForecastSettings::ahead(panel.calendar, 13, ModelChoice::Auto);
    let mut group = criterion.benchmark_group("stage on 1,000 items of 104 weeks");
    group.sample_size(10);
    group.bench_function("fit", |b| b.iter(|| fit(black_box(&panel), &settings)));
    let fitted = fit(&panel, &settings);
    group
        .bench_function("forecast", |b| b.iter(|| forecast(black_box(&panel), &fitted, &settings)));
    let forecasts = forecast(&panel, &fitted, &settings);
    group.bench_function("quantiles of 13 weeks", |b| {
        b.iter(|| {
            (0..panel.len())
                .map(|item| {
                    let distribution = forecasts.distribution(item);
                    (0..13)
                        .map(|week| distribution.total(7 * week, 7 * week + 7).quantile(0.95))
                        .fold(0.0, f64::max)
                })
                .fold(0.0, f64::max)
        });
    });
    group.finish();
}

criterion_group!(benches, models, stage);
criterion_main!(benches);
