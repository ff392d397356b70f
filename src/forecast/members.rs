//! The models that `auto` blends, each giving the demand of an average bucket for every bucket ahead.

use super::history::History;
use super::smoothing::Smoothing;
use super::trailing;
use super::trend::DampedTrend;

/// How many models are blended.
pub const MEMBERS: usize = 3;
/// Their names, as `--model` and `plan.csv` say them.
pub const NAMES: [&str; MEMBERS] = ["smoothing", "trailing", "trend"];

/// Fills `out[member][step]` with the demand of an average bucket; season and coverage are multiplied in by the caller.
pub fn rates(history: &History, smoothing: &Smoothing, season_length: usize, out: &mut [Vec<f64>; MEMBERS]) {
    let [smooth, trail, trend] = out;
    smooth.fill(smoothing.level);
    trail.fill(if history.is_empty() {
        smoothing.level
    } else {
        trailing::level(history, trailing::window(season_length))
    });
    if history.len() < 3 {
        trend.fill(smoothing.level);
    } else {
        DampedTrend::fit(history).rates(trend);
    }
}
