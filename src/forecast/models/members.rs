//! The models that `auto` blends, each giving the demand of an average bucket for every bucket
//! ahead.

use super::across::{BucketsAhead, Buffers, PooledModels};
use super::local::LocalModel;
use crate::domain::calendar::BucketCalendar;
use crate::forecast::level::trailing;
use crate::forecast::level::trend::DampedTrend;
use crate::forecast::shared::priors::Smoothed;

/// How many models are blended.
pub const MEMBERS: usize = 5;
/// Their names, as `--model` and `plan.csv` say them.
pub const NAMES: [&str; MEMBERS] = ["smoothing", "trailing", "trend", "linear", "trees"];
/// Those among them that learn across items.
pub const POOLED_NAMES: [&str; 2] = ["linear", "trees"];

/// Buckets of history that a trend needs. Judgement: two slopes.
const MIN_TREND_HISTORY: usize = 3;
/// A local model's forecast of a bucket stays below this, in units. Judgement: as for demand, sums
/// of it stay exact enough.
const MAX_LOCAL: f64 = 1e15;

/// Demand of an average bucket by model and step, in units.
pub type Rates = [Vec<f64>; MEMBERS];

/// Demand of an average bucket by model and step; season and coverage are multiplied in by the
/// caller. A model that cannot speak of the item gives the level of its smoothing.
#[must_use]
pub fn rates(
    smoothed: &Smoothed,
    calendar: BucketCalendar,
    pooled: &PooledModels<'_>,
    ahead: &BucketsAhead<'_>,
    buffers: &mut Buffers,
) -> Rates {
    let (history, level) = (&smoothed.history, smoothed.smoothing.level);
    let (steps, season) = (ahead.factors.len(), calendar.season_length());
    let flat = || vec![level; steps];

    let first = match pooled.local() {
        Some(model) => local_rates(model, smoothed, season, ahead),
        None => flat(),
    };
    let trailing =
        if history.is_empty() { level } else { trailing::level(history, trailing::window(season)) };
    let mut trend = flat();
    if history.len() >= MIN_TREND_HISTORY {
        DampedTrend::fit(history).rates(&mut trend);
    }
    let across = pooled.rates(smoothed, ahead, buffers);

    let linear = across.linear.unwrap_or_else(flat);
    let trees = across.trees.unwrap_or_else(flat);
    [first, vec![trailing; steps], trend, linear, trees]
}

/// A local model in the place of the first one: what `--model NAME` asks for. It reads demand as if
/// every bucket were whole; its own season comes out with the pooled one and the year of the item
/// divided away, so that the caller can multiply them in again.
fn local_rates(
    model: LocalModel,
    smoothed: &Smoothed,
    season: usize,
    ahead: &BucketsAhead<'_>,
) -> Vec<f64> {
    let Smoothed { history, year, .. } = smoothed;
    let series: Vec<f64> = history
        .demand
        .iter()
        .zip(&history.coverage)
        .map(|(units, coverage)| units / coverage)
        .collect();

    let mut rates = vec![0.0; ahead.factors.len()];
    model.forecast(&series, season, &mut rates);
    let first = isize::from(!ahead.begun);
    for ((rate, factor), step) in rates.iter_mut().zip(ahead.factors).zip(first..) {
        *rate = rate.clamp(0.0, MAX_LOCAL) / (factor * year.of(step));
    }
    rates
}
