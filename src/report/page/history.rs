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
/// The same of a shop of many items, so that its page stays small.
const MAX_DRAWN_OF_MANY: usize = 52;
/// Items from which on there are many.
const MANY: usize = 10_000;

impl<'a> History<'a> {
    /// Demand of the drawn buckets of an item, and which of it is only known to be at least so
    /// much.
    pub(super) fn drawn(&self, item: usize) -> (&'a [f64], &'a [bool]) {
        let series = self.series(item);
        let from = series.demand.len().saturating_sub(self.max_drawn());
        (&series.demand[from..], &series.censored[from..])
    }

    fn max_drawn(&self) -> usize {
        if self.prepared.keys.len() < MANY { MAX_DRAWN } else { MAX_DRAWN_OF_MANY }
    }

    /// When the drawn buckets begin.
    pub(super) fn starts(&self) -> Vec<String> {
        let panel = &self.prepared.panel;
        let last = panel.last_bucket();
        let drawn = self.max_drawn().min(panel.longest()) as i32;
        (last + 1 - drawn..=last)
            .map(|bucket| date_of(panel.calendar.start_of(bucket)).to_string())
            .collect()
    }
}
