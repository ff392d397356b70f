//! A date inside the histories, and what was known of an item then: the only way in which a model
//! is shown the past.
//!
//! The forecast of tonight stands at the origin `as_of`; the blend and the calibration are learnt
//! at earlier origins. An [`ItemView`] holds a history that is already cut at its origin, so that
//! no model can read what came after it.

use super::dated::{DatedRows, KEPT_DAYS};
use super::drivers::{Drivers, Mark};
use super::panel::{Panel, SIMILAR_DAYS, Series, day_share};
use super::positions::Positions;
use crate::domain::calendar::{BucketCalendar, Day};

/// Buckets that sold a year before a silence from which on it is an end. Judgement: were they
/// chance, a sale was missed as often as there was one, and one silence in a hundred is so long.
const MIN_MISSED_SALES: usize = 7;

/// A date from which a forecast is made: `as_of`, or a whole number of buckets before the end of
/// the histories.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    panel: &'a Panel,
    positions: &'a Positions,
    buckets_back: usize,
}

/// What is known of one item at an origin.
#[derive(Debug, Clone, Copy)]
pub struct ItemView<'a> {
    /// Where the item stands among all items.
    pub index: usize,
    /// A hash of its key: what is drawn for it, whichever items there are beside it.
    pub key_hash: u64,
    /// Its history up to the origin.
    pub series: Series<'a>,
    /// Number of its category.
    pub category: u32,
    /// Number of its first supplier.
    pub supplier: u32,
    /// Number of its price band.
    pub worth_band: u32,
    /// Number of its sku.
    pub product: u32,
    /// Number of its location.
    pub location: u32,
    /// How buckets are numbered.
    pub calendar: BucketCalendar,
    /// Where buckets stand in their season and month.
    pub positions: &'a Positions,
    /// Its recent days with demand up to the origin; `None` where days are not known.
    pub dated: Option<DatedRows<'a>>,
    /// A similar item that it borrows from, where a person states one.
    pub similar: Option<SimilarView<'a>>,
    /// The day that the origin stands at the start of.
    end_day: Day,
    weekday_profile: &'a [f64; 7],
    drivers: &'a Drivers,
}

/// What an item borrows from a similar one.
#[derive(Debug, Clone, Copy)]
pub struct SimilarView<'a> {
    /// History of the similar item up to the origin.
    pub series: Series<'a>,
    /// What its demand is multiplied by.
    pub factor: f64,
    /// How much is borrowed: 1 before any history, falling to 0 at 26 weeks of it.
    pub share: f64,
}

impl<'a> Origin<'a> {
    /// The origin `as_of`, at the end of the histories.
    #[must_use]
    pub fn latest(panel: &'a Panel, positions: &'a Positions) -> Self {
        Self { panel, positions, buckets_back: 0 }
    }

    /// The origin this many buckets earlier.
    #[must_use]
    pub fn back(self, buckets: usize) -> Self {
        Self { buckets_back: self.buckets_back + buckets, ..self }
    }

    /// The origin itself, or the beginning of the bucket that it lies inside.
    #[must_use]
    pub fn at_whole_bucket(self) -> Self {
        self.back(usize::from(self.is_inside_bucket()))
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.panel.len()
    }

    /// Whether there are no items.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.panel.is_empty()
    }

    /// How buckets are numbered.
    #[must_use]
    pub fn calendar(&self) -> BucketCalendar {
        self.panel.calendar
    }

    /// Where buckets stand in their season and month.
    #[must_use]
    pub fn positions(&self) -> &'a Positions {
        self.positions
    }

    /// Number of the oldest bucket of any history.
    #[must_use]
    pub fn first_bucket(&self) -> i32 {
        self.end_bucket() - self.longest() as i32
    }

    /// Buckets of the longest history at this origin.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.panel.longest().saturating_sub(self.buckets_back)
    }

    /// Buckets of all histories together: a measure of size.
    #[must_use]
    pub fn buckets_in_all(&self) -> usize {
        self.panel.lengths().map(|buckets| buckets.saturating_sub(self.buckets_back)).sum()
    }

    /// Names of the events, promotions and prices that may move demand.
    #[must_use]
    pub fn driver_names(&self) -> &'a [String] {
        self.panel.drivers.names()
    }

    /// How many categories are told apart.
    #[must_use]
    pub fn categories(&self) -> usize {
        count(&self.panel.category)
    }

    /// How many suppliers are told apart.
    #[must_use]
    pub fn suppliers(&self) -> usize {
        count(&self.panel.supplier)
    }

    /// How many products are told apart; 0 without items.
    #[must_use]
    pub fn products(&self) -> usize {
        if self.is_empty() { 0 } else { count(&self.panel.product) }
    }

    /// How many locations are told apart.
    #[must_use]
    pub fn locations(&self) -> usize {
        count(&self.panel.location)
    }

    /// Whether the origin lies inside a bucket, of which the histories then hold the beginning.
    /// Only the latest origin can.
    #[must_use]
    pub fn is_inside_bucket(&self) -> bool {
        self.buckets_back == 0 && self.panel.as_of_is_inside_bucket()
    }

    /// Number of the bucket after the last one that the histories hold, in whole or begun.
    #[must_use]
    pub fn end_bucket(&self) -> i32 {
        self.panel.last_bucket() + 1 - self.buckets_back as i32
    }

    /// Number of the first bucket ahead; the one that the origin lies in, where it lies inside one.
    #[must_use]
    pub fn first_ahead(&self) -> i32 {
        self.end_bucket() - i32::from(self.is_inside_bucket())
    }

    /// Share of the first bucket's usual demand that lies ahead: 1 unless the origin lies inside
    /// it.
    #[must_use]
    pub fn share_ahead(&self) -> f64 {
        if !self.is_inside_bucket() {
            return 1.0;
        }
        let (panel, bucket) = (self.panel, self.first_ahead());
        let (start, end) = (panel.calendar.start_of(bucket), panel.calendar.start_of(bucket + 1));

        let ahead = panel.share_of_days(panel.as_of, end);
        (ahead / panel.share_of_days(start, end)).clamp(0.0, 1.0)
    }

    /// What is known of one item.
    #[must_use]
    pub fn item(&self, index: usize) -> ItemView<'a> {
        let panel = self.panel;
        let end = self.end_bucket();
        let mut series = panel.series(index).cut(self.buckets_back);
        // The history of an item that is younger than the origin is empty, and ends with it.
        series.first_bucket = series.first_bucket.min(end);

        let similar = self.similar(index, series.demand.len());
        // What is similar has the season of the other.
        let kin = similar.map_or(index, |(other, _)| other);
        ItemView {
            index,
            key_hash: panel.key_hash[index],
            series,
            similar: similar.map(|(_, view)| view),
            category: panel.category[kin],
            supplier: panel.supplier[index],
            worth_band: panel.worth_band[index],
            product: panel.product[index],
            location: panel.location[index],
            calendar: panel.calendar,
            positions: self.positions,
            dated: panel.dated.before(index, self.end_day()),
            end_day: self.end_day(),
            weekday_profile: &panel.weekday_profile,
            drivers: &panel.drivers,
        }
    }

    /// The item that one with so many buckets of history borrows from, and what.
    fn similar(&self, index: usize, own_buckets: usize) -> Option<(usize, SimilarView<'a>)> {
        let similar = self.panel.similar.get(&index)?;
        let days = own_buckets as f64 * self.panel.calendar.mean_days();
        let series = self.panel.series(similar.item).cut(self.buckets_back);
        let share = 1.0 - days / SIMILAR_DAYS;
        let is_known = share > 0.0 && !series.demand.is_empty();
        is_known.then_some((similar.item, SimilarView { series, factor: similar.factor, share }))
    }

    /// The day that the origin stands at the start of.
    #[must_use]
    pub fn end_day(&self) -> Day {
        if self.buckets_back == 0 {
            self.panel.as_of
        } else {
            self.panel.calendar.start_of(self.end_bucket())
        }
    }

    /// What came of an item on the day `days` after the origin, and the day's usual share of the
    /// first bucket ahead; `None` where days are not known. Only for measuring a forecast.
    #[must_use]
    pub fn outcome_of_day(&self, index: usize, days: Day) -> Option<(f64, f64)> {
        let (panel, bucket) = (self.panel, self.first_ahead());
        let day = self.end_day().saturating_add(days);
        let (start, end) = (panel.calendar.start_of(bucket), panel.calendar.start_of(bucket + 1));
        if self.buckets_back == 0 || !(start..end).contains(&day) {
            return None;
        }

        let share = panel.day_share(day) / panel.share_of_days(start, end);
        Some((panel.units_on(index, day)?, share))
    }

    /// What is known of each item.
    pub fn items(self) -> impl Iterator<Item = ItemView<'a>> {
        (0..self.len()).map(move |index| self.item(index))
    }

    /// What came of an item after the origin. Only for measuring a forecast: no model is given it.
    #[must_use]
    pub fn outcome(&self, index: usize) -> Series<'a> {
        let series = self.panel.series(index);
        series.without_first(series.demand.len().saturating_sub(self.buckets_back))
    }
}

impl<'a> ItemView<'a> {
    /// The same item with its history in other buckets: demand, exposure and censoring of each,
    /// from bucket `first` on.
    pub(super) fn in_buckets<'b>(
        &self,
        calendar: BucketCalendar,
        first: i32,
        (demand, exposure, censored): (&'b [f64], &'b [f32], &'b [bool]),
    ) -> ItemView<'b>
    where
        'a: 'b,
    {
        let positions = self.positions.in_weeks().unwrap_or(self.positions);
        let is_count = self.series.is_count;
        let series = Series { demand, exposure, censored, first_bucket: first, is_count };
        ItemView { series, calendar, positions, dated: None, similar: None, ..*self }
    }

    /// Number of the bucket `step` after the item's first one.
    #[must_use]
    pub fn bucket(&self, step: usize) -> i32 {
        self.series.first_bucket + step as i32
    }

    /// The days of the item's bucket `step`, up to the origin.
    #[must_use]
    pub fn days_of(&self, step: usize) -> std::ops::Range<Day> {
        let bucket = self.bucket(step);
        self.calendar.start_of(bucket)..self.calendar.start_of(bucket + 1).min(self.end_day)
    }

    /// Usual share of a day's weekday in a week, never 0.
    #[must_use]
    pub fn day_share(&self, day: Day) -> f64 {
        day_share(self.weekday_profile, day)
    }

    /// Buckets of the history in which the item was still on sale: all of them, but where the
    /// silence at its end is a year long, or covers [`MIN_MISSED_SALES`] buckets of the same time a
    /// year earlier that did sell, so that it is no season.
    #[must_use]
    pub fn ended_after(&self, year: usize) -> usize {
        let demand = self.series.demand;
        let known = demand.len();
        let end = demand.iter().rposition(|units| *units > 0.0).map_or(0, |last| last + 1);
        if known - end >= year {
            return end;
        }

        let a_year_earlier = end.saturating_sub(year)..known.saturating_sub(year);
        let missed = demand[a_year_earlier].iter().filter(|units| **units > 0.0).count();
        if missed >= MIN_MISSED_SALES { end } else { known }
    }

    /// Its recent days with demand, and how many days these are out of; `None` where days are not
    /// known.
    #[must_use]
    pub fn dated_days(&self) -> Option<(DatedRows<'a>, usize)> {
        let first = self.calendar.start_of(self.series.first_bucket);
        let days = self.end_day.saturating_sub(first).clamp(0, KEPT_DAYS);
        Some((self.dated?, days as usize))
    }

    /// What may move the item's demand: events and promotions of its location, then prices and
    /// promotions of its own. Those that lie ahead are planned, and known at the origin.
    pub fn marks(&self) -> impl Iterator<Item = &'a Mark> + use<'a> {
        self.drivers.of(self.location, self.index)
    }

    /// Whether any table says what may move demand.
    #[must_use]
    pub fn has_drivers(&self) -> bool {
        !self.drivers.is_empty()
    }
}

/// How many numbers from 0 on are in use; 1 where there are none.
fn count(numbers: &[u32]) -> usize {
    1 + numbers.iter().copied().max().unwrap_or(0) as usize
}
