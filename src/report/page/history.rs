//! What items sold, as pictures and as numbers.

use crate::demand::panel::Series;
use crate::demand::prepare::Prepared;
use crate::domain::calendar::{BucketLength, date_of};
use crate::drawing::spark::spark;

/// The histories of a run's items, by sku and location.
pub(super) struct History<'a> {
    prepared: &'a Prepared,
}

impl<'a> History<'a> {
    pub(super) fn of(prepared: &'a Prepared) -> Self {
        Self { prepared }
    }

    /// Where an item stands among the prepared ones.
    pub(super) fn index(&self, (sku, location): (&str, &str)) -> Option<usize> {
        let keys = &self.prepared.keys;
        keys.binary_search_by(|key| (&*key.sku, &*key.location).cmp(&(sku, location))).ok()
    }

    /// The last year of an item as a small picture; empty where it has no history.
    pub(super) fn year(&self, item: (&str, &str)) -> String {
        let Some(index) = self.index(item) else { return String::new() };
        let history = self.prepared.histories.history(index);
        let series = history.series();
        if series.demand.is_empty() {
            return String::new();
        }
        let (buckets, at_a_time) = match self.prepared.histories.calendar.length {
            BucketLength::Day => (364, 7),
            BucketLength::Week => (52, 1),
            BucketLength::Month => (12, 1),
        };
        let from = series.demand.len().saturating_sub(buckets);
        let values: Vec<f64> =
            series.demand[from..].rchunks(at_a_time).rev().map(|part| part.iter().sum()).collect();
        let censored: Vec<bool> = series.censored[from..]
            .rchunks(at_a_time)
            .rev()
            .map(|part| part.contains(&true))
            .collect();
        spark("last year", &values, &censored)
    }
}

/// Buckets of history that are drawn, at most: a year and the quarter before it, so that the season
/// ahead stands beside last year's.
const MAX_DRAWN: usize = 66;

impl History<'_> {
    /// Demand of the drawn buckets of an item, and which of it is only known to be at least so
    /// much.
    pub(super) fn drawn(&self, item: usize) -> (Vec<f64>, Vec<bool>) {
        let history = self.prepared.histories.history(item);
        let series = history.series();
        let from = series.demand.len().saturating_sub(MAX_DRAWN);
        (series.demand[from..].to_vec(), series.censored[from..].to_vec())
    }

    /// The same by bars of so many buckets each: their demand, and the places of those of which it
    /// is only known that there was at least so much. A bucket that has only begun is a bar of its
    /// own. Before its history an item sold nothing, so that its first bar is as long as any.
    pub(super) fn bars(&self, item: usize, buckets: usize) -> (Vec<f64>, Vec<usize>) {
        let history = self.prepared.histories.history(item);
        let Series { demand, censored, .. } = history.series();
        let whole = demand.len() - self.begun(buckets).min(demand.len());
        let from = whole.saturating_sub(MAX_DRAWN / buckets * buckets);
        let bars = demand[from..whole].rchunks(buckets).rev().chain(demand[whole..].chunks(1));
        let units = bars.map(|bar| bar.iter().sum()).collect();
        let bars = censored[from..whole].rchunks(buckets).rev().chain(censored[whole..].chunks(1));
        let is_censored = bars.map(|bar| bar.contains(&true));
        let places = is_censored.enumerate().filter(|(_, it)| *it).map(|(at, _)| at).collect();
        (units, places)
    }

    /// When bars of so many buckets begin, those of the longest history.
    pub(super) fn starts(&self, buckets: usize) -> Vec<String> {
        let histories = &self.prepared.histories;
        let begun = self.begun(buckets).min(histories.longest());
        let whole = (histories.longest() - begun).min(MAX_DRAWN / buckets * buckets);
        let bars = whole.div_ceil(buckets) as i32;
        let end = histories.last_bucket() + 1 - begun as i32;
        (0..bars)
            .map(|bar| end - (bars - bar) * buckets as i32)
            .chain((begun > 0).then_some(end))
            .map(|bucket| date_of(histories.calendar.start_of(bucket)).to_string())
            .collect()
    }

    /// Buckets that have only begun, where bars are of several: nothing beside whole ones.
    fn begun(&self, buckets: usize) -> usize {
        usize::from(buckets > 1 && self.prepared.histories.as_of_is_inside_bucket())
    }
}
