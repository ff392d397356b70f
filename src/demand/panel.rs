//! The demand histories of many items, side by side in flat columns: what every model reads.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::dated::DatedDemand;
use super::drivers::Drivers;
use super::shared_column::SharedColumn;
use crate::domain::calendar::{BucketCalendar, Day, weekday_of};

/// Days of its own history from which on an item borrows nothing from a similar one: the contract's
/// 26 weeks.
pub(super) const SIMILAR_DAYS: f64 = 182.0;

/// Demand per bucket of every planned item, cut at `as_of`, with what else is known of the items.
///
/// Item `i` owns the positions `offsets[i]..offsets[i + 1]` of `demand`, where the panel has the
/// demand of all. Its last bucket always holds `as_of − 1` (or the item has no history at all), so
/// the histories of all items end together.
#[derive(Debug, Clone)]
pub struct Panel {
    items: Arc<PanelItems>,
    /// Units demanded in each bucket, never negative.
    pub demand: Vec<f64>,
    /// Where only some items have their demand here: which, and where each begins; ascending.
    only: Option<Vec<(usize, usize)>>,
}

/// What is known of the items of a panel beside their demand, in columns.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct PanelItems {
    /// How buckets are numbered.
    pub calendar: BucketCalendar,
    /// The run stands at the start of this day; nothing dated on or after it is in the panel.
    pub as_of: Day,
    /// Where each item's buckets begin; one longer than the number of items.
    pub offsets: Vec<usize>,
    /// The share of each bucket's usual demand that falls on the days the history covers, in
    /// (0, 1].
    pub exposure: SharedColumn<f32>,
    /// Whether a bucket's demand is only known to be at least what is recorded.
    pub censored: SharedColumn<bool>,
    /// Whether all of an item's quantities are whole.
    pub is_count: Vec<bool>,
    /// The sale that opened the history, in units; 0 where it opens with a launch date or a zero
    /// row. That sale is no evidence of the rate and is in no bucket; the first bucket's exposure
    /// starts on the next day.
    pub opening_sale: Vec<f64>,
    /// A hash of each item's key.
    pub key_hash: Vec<u64>,
    /// Numbers the category of each item, from 0; items without one share a number.
    pub category: Vec<u32>,
    /// Numbers the first supplier of each item, from 0; items without one share a number.
    pub supplier: Vec<u32>,
    /// Numbers the price band of each item; 0 where it is worth nothing.
    pub worth_band: Vec<u32>,
    /// Numbers the sku of each item, from 0: equal for one sku at several locations.
    pub product: Vec<u32>,
    /// Numbers the location of each item, from 0.
    pub location: Vec<u32>,
    /// Share of a week's demand on each weekday, Monday first; sums to 1. Pooled over all items.
    pub weekday_profile: [f64; 7],
    /// Demand of single days of the recent past.
    pub dated: DatedDemand,
    /// Events, promotions and prices, past and planned.
    pub drivers: Drivers,
    /// Items that are stated to be similar to another one.
    pub similar: BTreeMap<usize, SimilarTo>,
}

/// The item that another one is similar to, as a person states.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SimilarTo {
    /// Its index in the panel.
    pub item: usize,
    /// What its demand is multiplied by.
    pub factor: f64,
}

/// One item's history.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// Units demanded in each bucket.
    pub demand: &'a [f64],
    /// Share of each bucket covered, in (0, 1].
    pub exposure: &'a [f32],
    /// Whether a bucket's demand is a lower bound.
    pub censored: &'a [bool],
    /// Number of the first bucket on the panel's calendar.
    pub first_bucket: i32,
    /// Whether all quantities are whole.
    pub is_count: bool,
}

impl PanelItems {
    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The same without its items: what crosses them.
    #[must_use]
    pub(super) fn without_items(&self) -> Self {
        Self {
            calendar: self.calendar,
            as_of: self.as_of,
            offsets: vec![0],
            exposure: SharedColumn::default(),
            censored: SharedColumn::default(),
            is_count: Vec::new(),
            opening_sale: Vec::new(),
            key_hash: Vec::new(),
            category: Vec::new(),
            supplier: Vec::new(),
            worth_band: Vec::new(),
            product: Vec::new(),
            location: Vec::new(),
            weekday_profile: self.weekday_profile,
            dated: self.dated.without_items(),
            drivers: self.drivers.without_items(),
            similar: BTreeMap::new(),
        }
    }

    /// Adds an item of others of the same shop, but for what it is similar to.
    pub(super) fn push_item_of(&mut self, other: &Self, item: usize) {
        let buckets = other.buckets_of(item);
        let end = self.offsets.last().copied().unwrap_or(0) + buckets;
        self.offsets.push(end);
        self.exposure.push(other.exposure.of(item, buckets));
        self.censored.push(other.censored.of(item, buckets));
        self.is_count.push(other.is_count[item]);
        self.opening_sale.push(other.opening_sale[item]);
        self.key_hash.push(other.key_hash[item]);
        self.category.push(other.category[item]);
        self.supplier.push(other.supplier[item]);
        self.worth_band.push(other.worth_band[item]);
        self.product.push(other.product[item]);
        self.location.push(other.location[item]);
        self.dated.push_item_of(&other.dated, item);
        self.drivers.push_item_of(&other.drivers, item);
    }

    /// Number of the first bucket of an item's history.
    #[must_use]
    pub fn first_bucket_of(&self, item: usize) -> i32 {
        self.last_bucket() + 1 - self.buckets_of(item) as i32
    }

    /// Whether every column has a value for each item.
    pub(super) fn is_whole(&self) -> bool {
        let items = self.len();
        let columns = [
            self.is_count.len(),
            self.opening_sale.len(),
            self.key_hash.len(),
            self.category.len(),
            self.supplier.len(),
            self.worth_band.len(),
            self.product.len(),
            self.location.len(),
        ];

        columns.iter().all(|len| *len == items)
            && self.offsets.first() == Some(&0)
            && self.exposure.holds(self.lengths())
            && self.censored.holds(self.lengths())
            && self.similar.iter().all(|(item, other)| *item < items && other.item < items)
    }

    /// Buckets of each item's history.
    pub(super) fn lengths(&self) -> impl Iterator<Item = usize> + Clone {
        self.offsets.windows(2).map(|pair| pair[1].saturating_sub(pair[0]))
    }

    /// Buckets of an item's history.
    #[must_use]
    pub fn buckets_of(&self, item: usize) -> usize {
        self.offsets[item + 1] - self.offsets[item]
    }

    /// Whether there are no items.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of the bucket that holds the last day before `as_of`.
    #[must_use]
    pub fn last_bucket(&self) -> i32 {
        self.calendar.bucket_of(self.as_of - 1)
    }

    /// The number of the oldest bucket of any history.
    #[must_use]
    pub fn first_bucket(&self) -> i32 {
        self.last_bucket() + 1 - self.longest() as i32
    }

    /// Buckets of the longest history.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.lengths().max().unwrap_or(0)
    }

    /// Whether `as_of` lies inside a bucket, of which the histories then hold the beginning.
    #[must_use]
    pub fn as_of_is_inside_bucket(&self) -> bool {
        self.calendar.start_of(self.calendar.bucket_of(self.as_of)) != self.as_of
    }

    /// Usual share of a day's weekday in a week, never 0 so that a bucket can always be split.
    #[must_use]
    pub fn day_share(&self, day: Day) -> f64 {
        day_share(&self.weekday_profile, day)
    }

    /// Sum of the shares of the days from `from` to `to − 1`.
    #[must_use]
    pub fn share_of_days(&self, from: Day, to: Day) -> f64 {
        (from..to).map(|day| self.day_share(day)).sum()
    }

    /// Units that an item was asked for on a day; `None` where days are not known.
    #[must_use]
    pub fn units_on(&self, item: usize, day: Day) -> Option<f64> {
        let rows = self.dated.of(item)?.between(day, day + 1);
        Some(rows.units.first().map_or(0.0, |units| f64::from(*units)))
    }

    /// The item that another one is similar to, as long as its own history is short.
    #[must_use]
    pub fn similar_to(&self, item: usize) -> Option<SimilarTo> {
        let days = self.buckets_of(item) as f64 * self.calendar.mean_days();
        self.similar.get(&item).copied().filter(|_| days < SIMILAR_DAYS)
    }

    /// The history of an item that was asked for so many units in its buckets.
    #[must_use]
    pub(super) fn series_of<'a>(&'a self, item: usize, demand: &'a [f64]) -> Series<'a> {
        Series {
            exposure: self.exposure.of(item, demand.len()),
            censored: self.censored.of(item, demand.len()),
            demand,
            first_bucket: self.last_bucket() + 1 - demand.len() as i32,
            is_count: self.is_count[item],
        }
    }
}

impl Panel {
    /// Items with the demand of all their buckets, one item after the other.
    #[must_use]
    pub fn new(items: PanelItems, demand: Vec<f64>) -> Self {
        Self::of_shared(Arc::new(items), demand)
    }

    pub(super) fn of_shared(items: Arc<PanelItems>, demand: Vec<f64>) -> Self {
        Self { items, demand, only: None }
    }

    /// The same without the demand of any item.
    pub(super) fn of_none(items: Arc<PanelItems>) -> Self {
        Self { items, demand: Vec::new(), only: Some(Vec::new()) }
    }

    /// Adds the demand of an item after those that are here, to be written.
    pub(super) fn place_for(&mut self, item: usize) -> &mut [f64] {
        let start = self.demand.len();
        self.demand.resize(start + self.items.buckets_of(item), 0.0);
        self.only.get_or_insert_default().push((item, start));
        &mut self.demand[start..]
    }

    pub(super) fn into_parts(self) -> (Arc<PanelItems>, Vec<f64>) {
        (self.items, self.demand)
    }

    /// One item's history; none where its demand is not here.
    #[must_use]
    pub fn series(&self, item: usize) -> Series<'_> {
        let start = match &self.only {
            None => Some(self.offsets[item]),
            Some(only) => {
                let place = only.binary_search_by_key(&item, |(item, _)| *item).ok();
                place.map(|place| only[place].1)
            }
        };
        let own = start.map_or(0..0, |start| start..start + self.buckets_of(item));
        self.series_of(item, &self.demand[own])
    }
}

/// A panel is its items; their demand stands beside them.
impl Deref for Panel {
    type Target = PanelItems;

    fn deref(&self) -> &PanelItems {
        &self.items
    }
}

impl DerefMut for Panel {
    fn deref_mut(&mut self) -> &mut PanelItems {
        Arc::make_mut(&mut self.items)
    }
}

/// Share of a day's weekday in a profile, never 0.
pub(super) fn day_share(profile: &[f64; 7], day: Day) -> f64 {
    let share = profile[weekday_of(day)];
    if share.is_finite() && share > 1e-6 { share } else { 1e-6 }
}

/// A bucket of which the history shows this share is shown in full: the shares of its days add up
/// to 1 but for rounding.
const WHOLE: f32 = 0.999;

impl<'a> Series<'a> {
    /// Units demanded in a bucket of the panel's calendar, where the history shows all of it and
    /// nothing was sold out.
    #[must_use]
    pub fn known_demand(&self, bucket: i32) -> Option<f64> {
        let at = usize::try_from(bucket - self.first_bucket).ok()?;
        let is_whole = !*self.censored.get(at)? && self.exposure[at] >= WHOLE;

        is_whole.then(|| self.demand[at])
    }

    /// The history as it was known `buckets` buckets ago.
    #[must_use]
    pub(super) fn cut(&self, buckets: usize) -> Series<'a> {
        let keep = self.demand.len().saturating_sub(buckets);
        Series {
            demand: &self.demand[..keep],
            exposure: &self.exposure[..keep],
            censored: &self.censored[..keep],
            ..*self
        }
    }

    /// The history from its bucket `first` on.
    #[must_use]
    pub(super) fn without_first(&self, first: usize) -> Series<'a> {
        let first = first.min(self.demand.len());
        Series {
            demand: &self.demand[first..],
            exposure: &self.exposure[first..],
            censored: &self.censored[first..],
            first_bucket: self.first_bucket + first as i32,
            ..*self
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::calendar::BucketLength;

    /// Items with these histories, whole counts or not, and nothing else known of them.
    pub(crate) fn panel(length: BucketLength, histories: &[Vec<f64>]) -> Panel {
        let calendar = BucketCalendar { length, week_start: 0 };
        let items = PanelItems {
            calendar,
            as_of: calendar.start_of(calendar.bucket_of(18_000)),
            offsets: vec![0],
            exposure: Default::default(),
            censored: Default::default(),
            is_count: Vec::new(),
            opening_sale: vec![0.0; histories.len()],
            key_hash: (0..histories.len() as u64).collect(),
            category: vec![0; histories.len()],
            supplier: vec![0; histories.len()],
            worth_band: vec![0; histories.len()],
            product: (0..histories.len() as u32).collect(),
            location: vec![0; histories.len()],
            weekday_profile: [1.0 / 7.0; 7],
            dated: Default::default(),
            drivers: Default::default(),
            similar: Default::default(),
        };
        let mut panel = Panel::new(items, Vec::new());
        for history in histories {
            panel.demand.extend(history);
            let end = panel.demand.len();
            panel.offsets.push(end);
            panel.exposure.push(&vec![1.0; history.len()]);
            panel.censored.push(&vec![false; history.len()]);
            panel.is_count.push(history.iter().all(|y| y.fract() == 0.0));
        }
        panel
    }
}
