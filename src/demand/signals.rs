//! What stands out in a history: one-off spikes, and a peak at its end.

use super::panel::Panel;
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

/// A history with no more buckets with demand than this has no spike. Judgement: with fewer, its
/// largest value is no exception yet.
const SPIKE_MIN_SALES: usize = 8;

/// A spike is more than this many times the largest other bucket. Judgement: demand that is merely
/// uneven seldom is.
const SPIKE_RATIO: f64 = 4.0;

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
