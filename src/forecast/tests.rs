//! The whole stage on hostile panels.

use super::*;
use crate::domain::calendar::BucketLength;

pub(super) use crate::demand::panel::tests::panel;

/// Makes each item sell more in its last buckets, the later ones of the shop more than the first.
pub(super) fn sell_more_in_last(panel: &mut Panel, buckets: usize) {
    for item in 0..panel.len() {
        let (from, end) = (panel.offsets[item], panel.offsets[item + 1]);
        for units in &mut panel.demand[end.saturating_sub(buckets).max(from)..end] {
            *units = 3.0 * *units + item as f64;
        }
    }
}

fn degenerate() -> Vec<Vec<f64>> {
    let long = |f: fn(usize) -> f64| (0..200).map(f).collect::<Vec<f64>>();
    vec![
        vec![],
        vec![0.0],
        vec![7.0],
        vec![3.0, 4.0],
        vec![0.0; 200],
        vec![5.0; 200],
        vec![1e12; 200],
        vec![1e-9; 50],
        long(|i| if i == 100 { 1.0 } else { 0.0 }),
        long(|i| if i == 199 { 1e9 } else { 0.0 }),
        long(|i| (i % 7) as f64 * 0.37),
        long(|i| (i * i) as f64),
        vec![f64::NAN, f64::INFINITY, -5.0, 2.0],
        (0..3_650).map(|i| f64::from(i % 11)).collect(),
    ]
}

fn settings(model: ModelChoice) -> ForecastSettings {
    ForecastSettings { horizon: 13, seed: 42, model, learnt_days: 91, planning_days: 91 }
}

fn assert_sane(panel: &Panel, forecasts: &Forecasts, largest: f64) {
    assert_eq!(forecasts.len(), panel.len());
    for item in 0..panel.len() {
        assert!(
            forecasts
                .bucket_means(item)
                .iter()
                .all(|m| m.is_finite() && (0.0..=largest).contains(m)),
            "{item}"
        );
        let distribution = forecasts.distribution(item);
        for (from, to) in [(0, 1), (0, 7), (3, 30), (0, 91), (0, 400)] {
            let total = distribution.total(from, to);
            let mut below = 0.0;
            for level in [0.01, 0.5, 0.95, 0.99] {
                let q = total.quantile(level);
                assert!(
                    q.is_finite() && q >= below,
                    "item {item}, {from}..{to} at {level}: {q} after {below}"
                );
                assert!(!total.is_count() || q.fract() == 0.0);
                below = q;
            }
        }
    }
}

#[test]
fn every_model_stays_sane_on_degenerate_histories() {
    for length in [BucketLength::Day, BucketLength::Week, BucketLength::Month] {
        let panel = panel(length, &degenerate());
        let named = model_names().into_iter().map(|name| ModelChoice::Named(name.into()));
        for choice in named.chain([ModelChoice::Auto]) {
            let settings = settings(choice);
            let stay_sane = |panel: &Panel| {
                assert_sane(panel, &forecast(panel, &fit(panel, &settings), &settings), 1e14);
            };
            stay_sane(&panel);
            stay_sane(&all_but_the_last_censored(&panel));
        }
    }
}

fn all_but_the_last_censored(panel: &Panel) -> Panel {
    let mut panel = panel.clone();
    for item in 0..panel.len() {
        let buckets = panel.buckets_of(item);
        let all_but_the_last = ..buckets.max(1) - 1;
        panel.censored.edit(item, buckets, |censored| censored[all_but_the_last].fill(true));
    }
    panel
}

#[test]
fn each_degenerate_history_alone_is_sane() {
    for history in degenerate() {
        let panel = panel(BucketLength::Week, &[history]);
        let settings = settings(ModelChoice::Auto);
        assert_sane(&panel, &forecast(&panel, &fit(&panel, &settings), &settings), 1e14);
        let panel = all_but_the_last_censored(&panel);
        assert_sane(&panel, &forecast(&panel, &fit(&panel, &settings), &settings), 1e14);
    }
}

#[test]
fn a_panel_without_items_gives_no_forecasts() {
    let panel = panel(BucketLength::Day, &[]);
    let settings = settings(ModelChoice::Auto);
    assert!(forecast(&panel, &fit(&panel, &settings), &settings).is_empty());
}

#[test]
fn the_first_bucket_ahead_is_the_rest_of_the_one_as_of_lies_in() {
    let mut panel = panel(BucketLength::Week, &[vec![70.0; 60]]);
    panel.as_of += 3;
    panel.exposure.edit(0, 60, |exposure| exposure[59] = 3.0 / 7.0);
    panel.demand[59] = 30.0;
    // 60 buckets end with the one that holds as_of − 1, which is now only begun.
    let settings = settings(ModelChoice::Named("smoothing".into()));
    let forecasts = forecast(&panel, &fit(&panel, &settings), &settings);
    let means = forecasts.bucket_means(0);
    assert_eq!(means.len(), 14);
    assert!((means[0] - 40.0).abs() < 1.0 && (means[1] - 70.0).abs() < 1.0, "{means:?}");
    let distribution = forecasts.distribution(0);
    assert!((distribution.total(0, 4).mean() - means[0]).abs() < 1e-9);
    assert!((distribution.total(0, 11).mean() - means[0] - means[1]).abs() < 1e-9);
}

/// A named model of one history says its own season: neither that of the others nor the item's own
/// year is put on top, with two years as with one and a bit.
#[test]
fn the_season_of_a_named_model_counts_once() {
    for weeks in [112_usize, 60] {
        let wave = |item: usize, week: usize| 1.0 + 0.1 * libm::sin((week * (7 + item)) as f64);
        let is_peak = |week: usize| (8..16).contains(&(week % 52));
        let level = |item: usize, week: usize| match item {
            0..40 => 60.0,
            _ if is_peak(week) => 300.0,
            _ => 30.0,
        };
        let history = |item: usize| -> Vec<f64> {
            (0..weeks).map(|week| (level(item, week) * wave(item, week)).round()).collect()
        };
        let histories: Vec<Vec<f64>> = (0..60).map(history).collect();
        let panel = panel(BucketLength::Week, &histories);
        let settings = settings(ModelChoice::Named("seasonal-naive".into()));
        let forecasts = forecast(&panel, &fit(&panel, &settings), &settings);
        for item in [10, 50] {
            let means = forecasts.bucket_means(item);
            let last_year = &histories[item][weeks - 52..];
            for (mean, then) in means.iter().zip(last_year) {
                assert!((mean / then - 1.0).abs() < 0.2, "{item}, {weeks}: {mean} and {then}");
            }
        }
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let histories: Vec<Vec<f64>> = (0..150u64)
        .map(|i| {
            (0..120).map(|t| (crate::stats::random::unit(i, t) * i as f64 / 20.0).floor()).collect()
        })
        .collect();
    let panel = panel(BucketLength::Week, &histories);
    let settings = settings(ModelChoice::Auto);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a pool of a few threads");
        pool.install(|| {
            let fitted = fit(&panel, &settings);
            let forecasts = forecast(&panel, &fitted, &settings);
            let means: Vec<u64> = (0..panel.len())
                .flat_map(|i| forecasts.bucket_means(i).iter().map(|m| m.to_bits()))
                .collect();
            (means, fitted)
        })
    };
    assert!(run(1) == run(3));
}

#[test]
fn stockouts_do_not_pull_the_forecast_down() {
    let demand: Vec<f64> = (0..100).map(|t| if t % 4 == 0 { 0.0 } else { 10.0 }).collect();
    let mut panel = panel(BucketLength::Week, &[demand]);
    panel.censored.edit(0, 100, |censored| {
        censored.iter_mut().step_by(4).for_each(|it| *it = true);
    });
    let settings = settings(ModelChoice::Auto);
    let forecasts = forecast(&panel, &fit(&panel, &settings), &settings);
    assert!(forecasts.bucket_means(0)[0] > 9.0, "{:?}", forecasts.bucket_means(0));
    for name in model_names() {
        let settings = self::settings(ModelChoice::Named(name.into()));
        let means = forecast(&panel, &fit(&panel, &settings), &settings).bucket_means(0)[0];
        // SBA lowers the mean by its smoothing rate, on purpose.
        assert!(means > 8.5, "{name}: {means}");
    }
}

#[test]
fn what_was_learnt_serves_later_dates_and_reads_their_history() {
    let level = |item: u64| 5.0 + 20.0 * crate::stats::random::unit(9, item);
    let histories = |weeks: u64, jump: f64| -> Vec<Vec<f64>> {
        (0..80u64)
            .map(|i| {
                let factor = |t| if t >= 110 { jump } else { 1.0 };
                (0..weeks)
                    .map(|t| {
                        (2.0 * crate::stats::random::unit(i, t) * level(i) * factor(t)).floor()
                    })
                    .collect()
            })
            .collect()
    };
    let settings = settings(ModelChoice::Auto);
    let fitted = fit(&panel(BucketLength::Week, &histories(110, 1.0)), &settings);
    let mean = |panel: &Panel| -> f64 {
        let forecasts = forecast(panel, &fitted, &settings);
        (0..panel.len()).map(|i| forecasts.bucket_means(i)[..4].iter().sum::<f64>()).sum()
    };
    let later = |jump| {
        let mut later = panel(BucketLength::Week, &histories(123, jump));
        later.as_of += 7 * 13;
        later
    };
    let (same, doubled) = (mean(&later(1.0)), mean(&later(2.0)));
    assert!(doubled > 1.6 * same && doubled < 2.4 * same, "{same} {doubled}");
}

#[test]
fn the_names_are_those_of_the_models_that_there_are() {
    let blended = crate::forecast::models::members::NAMES.into_iter();
    let local = crate::forecast::models::local::LOCAL_MODELS.map(|(name, _)| name);
    assert_eq!(blended.chain(local).collect::<Vec<_>>(), crate::domain::models::MODEL_NAMES);
}
