//! The models that `auto` blends, each giving the demand of an average bucket for every bucket
//! ahead.

use super::history::History;
use super::local::LocalModel;
use super::priors::Scratch;
use super::trailing;
use super::training::{Ahead, Pooled};
use super::trend::DampedTrend;

/// How many models are blended.
pub const MEMBERS: usize = 5;
/// Their names, as `--model` and `plan.csv` say them.
pub const NAMES: [&str; MEMBERS] = ["smoothing", "trailing", "trend", "linear", "trees"];

/// Those among them that learn across items.
pub const POOLED_NAMES: [&str; 2] = ["linear", "trees"];

/// Demand of an average bucket by model and step; a buffer for one item.
pub type Rates = [Vec<f64>; MEMBERS];

/// Sizes the buffer for `steps` buckets ahead.
pub fn resize(rates: &mut Rates, steps: usize) {
    rates.iter_mut().for_each(|r| r.resize(steps, 0.0));
}

/// Fills `out[member][step]` with the demand of an average bucket; season and coverage are
/// multiplied in by the caller.
pub fn rates(
    scratch: &mut Scratch,
    season_length: usize,
    pooled: &Pooled,
    ahead: &Ahead<'_>,
    out: &mut Rates,
) {
    let [smooth, trail, trend, linear, trees] = out;
    let (history, level) = (&scratch.history, scratch.smoothing.level);
    for rates in [&mut *smooth, &mut *linear, &mut *trees] {
        rates.fill(level);
    }
    trail.fill(if history.is_empty() {
        level
    } else {
        trailing::level(history, trailing::window(season_length))
    });
    if history.len() < 3 {
        trend.fill(level);
    } else {
        DampedTrend::fit(history).rates(trend);
    }
    pooled.rates(scratch, ahead, linear, trees);
}

/// Puts a local model in the place of the first one: what `--model NAME` asks for. It reads demand
/// as if every bucket were whole; its own season comes out with the pooled one divided away, so
/// that the caller can multiply that in again.
pub fn put_local(
    model: LocalModel,
    history: &History,
    season_length: usize,
    ahead: &Ahead<'_>,
    out: &mut Rates,
) {
    let [first, ..] = out;
    let series: Vec<f64> = history
        .demand
        .iter()
        .zip(&history.coverage)
        .map(|(units, coverage)| units / coverage)
        .collect();
    model.forecast(&series, season_length, first);
    for (rate, factor) in first.iter_mut().zip(ahead.factors) {
        *rate = rate.clamp(0.0, 1e15) / factor;
    }
}
