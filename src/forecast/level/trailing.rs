//! The trailing mean: the level as the plain mean of the last buckets. Cheap and hard to beat.

use super::history::History;

/// Buckets that the trailing mean looks back, by season length: four weeks of days, half a year of
/// weeks, a year of months. Judgement.
#[must_use]
pub fn window(season_length: usize) -> usize {
    match season_length {
        7 => 28,
        52 => 26,
        _ => 12,
    }
}

/// Mean demand of an average bucket over the last `buckets` buckets.
#[must_use]
pub fn level(history: &History, buckets: usize) -> f64 {
    history.rate(buckets)
}
