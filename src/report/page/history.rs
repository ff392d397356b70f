//! What items sold, as pictures and as numbers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::columns::joined;
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

/// Buckets of history that the script draws, at most: a year and the quarter before it, so that the
/// season ahead stands beside last year's.
const MAX_DRAWN: usize = 66;

impl History<'_> {
    /// When the drawn buckets begin, and of each item its demand, oldest first and 0 left out, with
    /// the places of those that are only known to be at least so much.
    pub(super) fn columns(
        &self,
        items: impl Iterator<Item = Option<usize>>,
        count: usize,
    ) -> Value {
        let panel = &self.prepared.panel;
        let last = panel.last_bucket();
        let drawn = MAX_DRAWN.min(panel.longest()) as i32;
        let starts: Vec<String> = (last + 1 - drawn..=last)
            .map(|bucket| date_of(panel.calendar.start_of(bucket)).to_string())
            .collect();
        let mut units = Vec::with_capacity(count);
        let mut censored = BTreeMap::new();
        for (at, item) in items.enumerate() {
            let Some(item) = item else {
                units.push(String::new());
                continue;
            };
            let series = self.series(item);
            let from = series.demand.len().saturating_sub(drawn as usize);
            let is_zero = |_: &str, now: &str| now == "0";
            units.push(joined(series.demand[from..].iter().copied(), is_zero));
            let marked = series.censored[from..].iter().enumerate();
            let places: Vec<usize> = marked.filter(|(_, is)| **is).map(|(at, _)| at).collect();
            if !places.is_empty() {
                censored.insert(at, places);
            }
        }
        json!({ "starts": starts, "units": units, "censored": censored })
    }
}
