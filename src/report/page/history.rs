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

    /// An item's history.
    pub(super) fn series(&self, item: usize) -> Series<'a> {
        self.prepared.panel.series(item)
    }

    /// The last year of an item as a small picture; empty where it has no history.
    pub(super) fn year(&self, item: (&str, &str)) -> String {
        let Some(index) = self.index(item) else { return String::new() };
        let series = self.series(index);
        if series.demand.is_empty() {
            return String::new();
        }
        let (buckets, at_a_time) = match self.prepared.panel.calendar.length {
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

impl<'a> History<'a> {
    /// Demand of the drawn buckets of an item, and which of it is only known to be at least so
    /// much.
    pub(super) fn drawn(&self, item: usize) -> (&'a [f64], &'a [bool]) {
        let series = self.series(item);
        let from = series.demand.len().saturating_sub(MAX_DRAWN);
        (&series.demand[from..], &series.censored[from..])
    }

    /// The same by bars of so many buckets each: their demand, and the places of those of which it
    /// is only known that there was at least so much.
    pub(super) fn bars(&self, item: usize, buckets: usize) -> (Vec<f64>, Vec<usize>) {
        let (demand, censored) = self.drawn(item);
        let units = demand.rchunks(buckets).rev().map(|bar| bar.iter().sum()).collect();
        let is_censored = censored.rchunks(buckets).rev().map(|bar| bar.contains(&true));
        let places = is_censored.enumerate().filter(|(_, it)| *it).map(|(at, _)| at).collect();
        (units, places)
    }

    /// When bars of so many buckets begin, those of the longest history.
    pub(super) fn starts(&self, buckets: usize) -> Vec<String> {
        let panel = &self.prepared.panel;
        let (last, drawn) = (panel.last_bucket(), MAX_DRAWN.min(panel.longest()));
        let bars = drawn.div_ceil(buckets) as i32;
        (0..bars)
            .map(|bar| last + 1 - (bars - bar) * buckets as i32)
            .map(|bucket| date_of(panel.calendar.start_of(bucket)).to_string())
            .collect()
    }
}
