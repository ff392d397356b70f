//! Demand of single days of the recent past, beside the buckets: what says how demand lies within
//! a bucket.

use crate::domain::calendar::{BucketLength, Day};

/// Days before `as_of` that are kept. Judgement: what is learnt from them forgets within two years,
/// and is learnt at origins of up to a year back too.
pub const KEPT_DAYS: Day = 1_100;

/// Days with demand of every item, in flat columns. Empty where a bucket is a day anyway, and where
/// any row covers more than a day.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct DatedDemand {
    /// Whether days are known: then a day without a row had no demand.
    is_known: bool,
    /// Where each item's days begin; one longer than the number of items, or empty.
    offsets: Vec<usize>,
    /// Days with demand, rising.
    day: Vec<Day>,
    /// Units demanded on each.
    units: Vec<f32>,
}

/// Days of one item with demand.
#[derive(Debug, Clone, Copy, Default)]
pub struct DatedRows<'a> {
    /// The days, rising.
    pub day: &'a [Day],
    /// Units demanded on each, above 0.
    pub units: &'a [f32],
}

impl DatedDemand {
    /// No days yet; none are ever kept where they are not known, or are the buckets themselves.
    #[must_use]
    pub fn new(bucket: BucketLength, rows_are_days: bool) -> Self {
        let is_known = rows_are_days && bucket != BucketLength::Day;
        Self { is_known, offsets: vec![0], ..Self::default() }
    }

    /// Adds the next item's days with demand, of which those since `from` are kept.
    pub fn push_item(&mut self, from: Day, rows: impl Iterator<Item = (Day, f64)>) {
        if self.is_known {
            for (day, units) in rows.filter(|(day, units)| *day >= from && *units > 0.0) {
                self.day.push(day);
                self.units.push(units as f32);
            }
        }
        self.offsets.push(self.day.len());
    }

    /// No days yet, known or not as these are.
    #[must_use]
    pub(super) fn without_items(&self) -> Self {
        let offsets = if self.offsets.is_empty() { Vec::new() } else { vec![0] };
        Self { is_known: self.is_known, offsets, ..Self::default() }
    }

    /// Adds an item of others.
    pub(super) fn push_item_of(&mut self, other: &Self, item: usize) {
        let ends = other.offsets.get(item).zip(other.offsets.get(item + 1));
        let Some((from, to)) = ends else { return };
        self.day.extend_from_slice(&other.day[*from..*to]);
        self.units.extend_from_slice(&other.units[*from..*to]);
        self.offsets.push(self.day.len());
    }

    /// The days of one item before `until`; `None` where days are not known.
    #[must_use]
    pub fn before(&self, item: usize, until: Day) -> Option<DatedRows<'_>> {
        let whole = self.of(item)?;
        let end = whole.day.partition_point(|day| *day < until);
        Some(DatedRows { day: &whole.day[..end], units: &whole.units[..end] })
    }

    /// The days of one item; `None` where days are not known.
    #[must_use]
    pub fn of(&self, item: usize) -> Option<DatedRows<'_>> {
        let range = *self.offsets.get(item)?..*self.offsets.get(item + 1)?;
        let rows = DatedRows { day: &self.day[range.clone()], units: &self.units[range] };
        self.is_known.then_some(rows)
    }

    /// Multiplies the demand of an item's days from `from` to `to − 1` by a factor.
    pub fn scale(&mut self, item: usize, from: Day, to: Day, factor: f64) {
        let (Some(first), Some(end)) = (self.offsets.get(item), self.offsets.get(item + 1)) else {
            return;
        };
        for at in *first..*end {
            if (from..to).contains(&self.day[at]) {
                self.units[at] = (f64::from(self.units[at]) * factor) as f32;
            }
        }
    }
}

impl<'a> DatedRows<'a> {
    /// The days from `from` to `to − 1`.
    #[must_use]
    pub fn between(&self, from: Day, to: Day) -> DatedRows<'a> {
        let start = self.day.partition_point(|day| *day < from);
        let end = start + self.day[start..].partition_point(|day| *day < to);
        DatedRows { day: &self.day[start..end], units: &self.units[start..end] }
    }
}
