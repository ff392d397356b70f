//! What stands out in a history: one-off spikes, and runs of zeros that chance does not explain.

use super::panel::{Panel, Series};
use crate::domain::calendar::BucketLength;

/// A bucket whose demand was brought down before forecasting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spike {
    /// Index of the item in the panel.
    pub item: usize,
    /// Number of the bucket on the panel's calendar.
    pub bucket: i32,
    /// Units demanded.
    pub demand: f64,
    /// Units kept.
    pub damped: f64,
}

/// A run of buckets without demand that chance does not explain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZeroRun {
    /// Index of the item in the panel.
    pub item: usize,
    /// First bucket of the run on the panel's calendar.
    pub first_bucket: i32,
    /// Its length in buckets.
    pub buckets: usize,
    /// Probability of a run this long, given how often the item sells otherwise.
    pub probability: f64,
}

/// A history with no more buckets with demand than this has no spike. Judgement: with fewer, its
/// largest value is no exception yet.
const SPIKE_MIN_SALES: usize = 8;

/// A spike is more than this many times the largest other bucket. Judgement: demand that is merely
/// uneven seldom is.
const SPIKE_RATIO: f64 = 4.0;

/// Probability of a run of zeros below which it is suspected. Judgement: one false alarm in a
/// thousand histories.
const ZERO_RUN_PROBABILITY: f64 = 1e-3;

/// Buckets that a history needs before a run of zeros can be judged. Judgement: fewer do not tell
/// how often the item sells.
const ZERO_RUN_MIN_BUCKETS: usize = 8;

/// Buckets at the end of the history that are compared with all before. Judgement: long enough to
/// average over, shorter than a season.
const RECENT_BUCKETS: usize = 8;

/// The spike of a history, if it has one: its largest bucket, when that is more than four times the
/// second largest.
///
/// A value that recurs has a second of its size, so it is never a spike. A spike is brought down to
/// the second largest.
///
/// ```
/// use restock::demand::signals::spike_of;
/// let mut demand = vec![2.0, 3.0, 1.0, 2.0, 4.0, 2.0, 3.0, 1.0, 2.0];
/// assert_eq!(spike_of(&demand), None);
/// demand[3] = 400.0;
/// assert_eq!(spike_of(&demand), Some((3, 4.0)));
/// demand[7] = 390.0; // it recurs
/// assert_eq!(spike_of(&demand), None);
/// ```
#[must_use]
pub fn spike_of(demand: &[f64]) -> Option<(usize, f64)> {
    let sales = demand.iter().filter(|units| **units > 0.0).count();
    if sales <= SPIKE_MIN_SALES {
        return None;
    }

    let (mut at, mut largest, mut second) = (0, 0.0, 0.0);
    for (index, units) in demand.iter().copied().enumerate() {
        if units > largest {
            (at, second, largest) = (index, largest, units);
        } else if units > second {
            second = units;
        }
    }

    (largest > SPIKE_RATIO * second).then_some((at, second))
}

/// Brings down one-off spikes in place, and says which.
pub fn damp_spikes(panel: &mut Panel) -> Vec<Spike> {
    let mut spikes = Vec::new();
    for item in 0..panel.len() {
        let series = panel.series(item);
        let Some((at, damped)) = spike_of(series.demand) else { continue };

        let spike = Spike {
            item,
            bucket: series.first_bucket + at as i32,
            demand: series.demand[at],
            damped,
        };

        let index = panel.offsets[item] + at;
        panel.demand[index] = damped;
        let (from, to) = (
            panel.calendar.start_of(spike.bucket),
            panel.calendar.start_of(spike.bucket.saturating_add(1)),
        );
        panel.dated.scale(item, from, to, damped / spike.demand);
        spikes.push(spike);
    }
    spikes
}

/// The longest run of buckets without demand, if the probability that chance makes one so long is
/// below 0.001; else `None`.
///
/// With `zeros` of the `n` buckets outside the run empty, a bucket is empty with probability
/// p = (zeros + 1)/(n + 2) (Laplace's rule of succession). A run of k buckets can start before each
/// of the n buckets or after the last, so P ≈ (n + 1)·pᵏ.
#[must_use]
pub fn suspected_stockout(item: usize, series: &Series<'_>) -> Option<ZeroRun> {
    let demand = series.demand;
    let (start, length) = longest_zero_run(demand);
    let outside = demand.len() - length;
    if length < 2 || demand.len() < ZERO_RUN_MIN_BUCKETS || outside == 0 {
        return None;
    }

    let zeros = demand.iter().filter(|units| **units == 0.0).count() - length;
    let empty = (zeros as f64 + 1.0) / (outside as f64 + 2.0);
    let probability = (outside as f64 + 1.0) * libm::pow(empty, length as f64);
    let run = ZeroRun {
        item,
        first_bucket: series.first_bucket + start as i32,
        buckets: length,
        probability,
    };

    (probability < ZERO_RUN_PROBABILITY).then_some(run)
}

/// Start and length of the longest run of zeros.
fn longest_zero_run(demand: &[f64]) -> (usize, usize) {
    let (mut best, mut start) = ((0, 0), 0);
    for (index, units) in demand.iter().enumerate() {
        if *units > 0.0 {
            start = index + 1;
        } else if index + 1 - start > best.1 {
            best = (start, index + 1 - start);
        }
    }

    best
}

/// Mean demand of the whole shop in its last eight full buckets, as a multiple of that before. It
/// is asked of a history of under two years, which is too short to tell a season from growth;
/// `None` if the history is longer, or shorter than 16 buckets.
#[must_use]
pub fn peak_at_end(panel: &Panel) -> Option<f64> {
    let season = match panel.calendar.length {
        BucketLength::Day => 365,
        BucketLength::Week => 52,
        BucketLength::Month => 12,
    };

    let longest = (0..panel.len()).map(|item| panel.series(item).demand.len()).max()?;
    if !(2 * RECENT_BUCKETS..2 * season).contains(&longest) {
        return None;
    }

    let mut totals = vec![0_i64; longest];
    for item in 0..panel.len() {
        let demand = panel.series(item).demand;
        let lead = longest - demand.len();
        for (total, units) in totals[lead..].iter_mut().zip(demand) {
            // Whole thousandths: the sum is the same in any order.
            *total += (units.min(1e9) * 1e3) as i64;
        }
    }

    // The last bucket may be partial.
    let (earlier, recent) = totals[..longest - 1].split_at(longest - 1 - RECENT_BUCKETS);
    (mean(earlier) > 0.0).then(|| mean(recent) / mean(earlier))
}

fn mean(totals: &[i64]) -> f64 {
    totals.iter().sum::<i64>() as f64 / totals.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(demand: &[f64]) -> Series<'_> {
        Series { demand, exposure: &[], censored: &[], first_bucket: 10, is_count: true }
    }

    #[test]
    fn a_long_gap_in_a_steady_seller_is_suspected() {
        let mut demand = vec![3.0; 60];
        demand[20..26].fill(0.0);
        let run = suspected_stockout(0, &series(&demand)).unwrap();

        assert_eq!((run.first_bucket, run.buckets), (30, 6));
    }

    #[test]
    fn gaps_of_a_slow_mover_are_not_suspected() {
        let demand: Vec<f64> = (0..60).map(|bucket| f64::from(u8::from(bucket % 6 == 0))).collect();
        assert_eq!(suspected_stockout(0, &series(&demand)), None);
        assert_eq!(suspected_stockout(0, &series(&[0.0; 60])), None);
        assert_eq!(suspected_stockout(0, &series(&[])), None);
    }
}
