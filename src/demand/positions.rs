//! Where buckets stand in their season and in their month.

use chrono::Datelike;

use super::panel::Panel;
use crate::domain::calendar::{BucketLength, Day, date_of};

/// Season positions and places in the month of a stretch of buckets, looked up once for all items.
#[derive(Debug, Clone)]
pub struct Positions {
    /// Number of the first bucket on the panel's calendar.
    first: i32,
    /// Season position by bucket.
    season: Vec<u8>,
    /// Place in the month by bucket, 0 … 1.
    month_phase: Vec<f64>,
}

impl Positions {
    /// Looks up every bucket from the panel's oldest to `ahead` past its last.
    #[must_use]
    pub fn new(panel: &Panel, ahead: usize) -> Self {
        let last = panel.last_bucket();
        let first = last + 1 - panel.longest() as i32;
        let buckets = first..=last + ahead as i32 + 1;

        Self {
            first,
            season: buckets.clone().map(|b| panel.calendar.season_position(b) as u8).collect(),
            month_phase: buckets.map(|bucket| phase_of_bucket(panel, bucket)).collect(),
        }
    }

    /// The season position of a bucket, as [`season_position`] numbers it; 0 outside the stretch.
    ///
    /// [`season_position`]: crate::domain::calendar::BucketCalendar::season_position
    #[must_use]
    pub fn of(&self, bucket: i32) -> u8 {
        self.index(bucket).and_then(|index| self.season.get(index)).copied().unwrap_or(0)
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
fn phase_of_bucket(panel: &Panel, bucket: i32) -> f64 {
    match panel.calendar.length {
        BucketLength::Day => phase_of_day(bucket),
        BucketLength::Week => phase_of_day(panel.calendar.start_of(bucket) + 3),
        BucketLength::Month => 0.5,
    }
}

fn phase_of_day(day: Day) -> f64 {
    f64::from(date_of(day).day0()) / 30.0
}
