//! Where buckets stand in their season and in their month.

use chrono::Datelike;

use super::panel::Panel;
use crate::domain::calendar::{BucketCalendar, BucketLength, Day, SeasonPlace, date_of};

/// Season positions and places in the month of a stretch of buckets, looked up once for all items.
#[derive(Debug, Clone)]
pub struct Positions {
    /// Number of the first bucket on the panel's calendar.
    first: i32,
    /// Season position by bucket.
    season: Vec<u8>,
    /// Place between the positions by bucket.
    places: Vec<SeasonPlace>,
    /// Place in the month by bucket, 0 … 1.
    month_phase: Vec<f64>,
    /// The same of the weeks, where buckets are days.
    in_weeks: Option<Box<Positions>>,
}

impl Positions {
    /// Looks up every bucket from the panel's oldest to `ahead` past its last, and a season at
    /// least.
    #[must_use]
    pub fn new(panel: &Panel, ahead: usize) -> Self {
        let last = panel.last_bucket();
        let first = last + 1 - panel.longest() as i32;
        let calendar = panel.calendar;
        let ahead = ahead.max(calendar.season_length()) as i32;
        let of_buckets = Self::between(calendar, first, last + ahead + 1);
        let in_weeks = (calendar.length == BucketLength::Day).then(|| {
            let weeks = BucketCalendar { length: BucketLength::Week, ..calendar };
            Box::new(Self::between(weeks, weeks.bucket_of(first), weeks.bucket_of(last)))
        });
        Self { in_weeks, ..of_buckets }
    }

    fn between(calendar: BucketCalendar, first: i32, last: i32) -> Self {
        let buckets = first..=last;
        Self {
            first,
            season: buckets.clone().map(|b| calendar.season_position(b) as u8).collect(),
            places: buckets.clone().map(|bucket| calendar.season_place(bucket)).collect(),
            month_phase: buckets.map(|bucket| phase_of_bucket(calendar, bucket)).collect(),
            in_weeks: None,
        }
    }

    /// The same of the weeks that days lie in; `None` where buckets are not days.
    #[must_use]
    pub fn in_weeks(&self) -> Option<&Self> {
        self.in_weeks.as_deref()
    }

    /// The season position of a bucket, as [`season_position`] numbers it; 0 outside the stretch.
    ///
    /// [`season_position`]: crate::domain::calendar::BucketCalendar::season_position
    #[must_use]
    pub fn of(&self, bucket: i32) -> u8 {
        self.index(bucket).and_then(|index| self.season.get(index)).copied().unwrap_or(0)
    }

    /// Where a bucket lies between the positions of its season; `None` outside the stretch.
    #[must_use]
    pub fn place(&self, bucket: i32) -> Option<SeasonPlace> {
        self.index(bucket).and_then(|index| self.places.get(index)).copied()
    }

    /// Usual demand of a bucket in a season; 1 outside the stretch.
    #[must_use]
    pub fn usual(&self, season: &[f64], bucket: i32) -> f64 {
        self.place(bucket).map_or(1.0, |place| place.usual(season))
    }

    /// Where in its month a bucket lies, 0 … 1; 0.5 for whole months and outside the stretch.
    #[must_use]
    pub fn month_phase(&self, bucket: i32) -> f64 {
        self.index(bucket).and_then(|index| self.month_phase.get(index)).copied().unwrap_or(0.5)
    }

    fn index(&self, bucket: i32) -> Option<usize> {
        usize::try_from(bucket - self.first).ok()
    }
}

/// Where the middle day of a bucket lies in its month.
fn phase_of_bucket(calendar: BucketCalendar, bucket: i32) -> f64 {
    match calendar.length {
        BucketLength::Day => phase_of_day(bucket),
        BucketLength::Week => phase_of_day(calendar.start_of(bucket) + 3),
        BucketLength::Month => 0.5,
    }
}

fn phase_of_day(day: Day) -> f64 {
    f64::from(date_of(day).day0()) / 30.0
}
