//! Days, and the buckets (day, week, month) that demand is summed into.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// A calendar day, counted from 1970-01-01 (day 0, a Thursday).
pub type Day = i32;

/// The Monday from which review periods are counted, 1970-01-05.
pub const REVIEW_EPOCH: Day = 4;

/// Days of a year, where yearly costs are compared.
pub const DAYS_PER_YEAR: f64 = 365.0;

/// The date of day 0.
const EPOCH: NaiveDate = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();

/// The day number of a date.
///
/// ```
/// use restock::domain::calendar::{date_of, day_of};
/// let date = chrono::NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
/// assert_eq!(day_of(date), 19_782);
/// assert_eq!(date_of(19_782), date);
/// ```
#[must_use]
pub fn day_of(date: NaiveDate) -> Day {
    // The difference of two chrono dates always fits: chrono's years span ±262,000.
    date.signed_duration_since(EPOCH).num_days() as Day
}

/// The date of a day number. Days outside chrono's range saturate.
#[must_use]
pub fn date_of(day: Day) -> NaiveDate {
    let moved = if day >= 0 {
        EPOCH.checked_add_days(Days::new(day as u64))
    } else {
        EPOCH.checked_sub_days(Days::new(u64::from(day.unsigned_abs())))
    };

    moved.unwrap_or(if day >= 0 { NaiveDate::MAX } else { NaiveDate::MIN })
}

/// Days since Monday: 0 = Monday … 6 = Sunday.
#[must_use]
pub fn weekday_of(day: Day) -> usize {
    (day - REVIEW_EPOCH).rem_euclid(7) as usize
}

/// How long a bucket of demand is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum BucketLength {
    /// One calendar day.
    Day,
    /// Seven days, beginning on `run.week_start`.
    Week,
    /// One calendar month.
    Month,
}

/// Numbers the buckets of one length on the time line, without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct BucketCalendar {
    /// Length of a bucket.
    pub length: BucketLength,
    /// First weekday of a week bucket, days since Monday.
    pub week_start: u8,
}

impl BucketCalendar {
    /// A calendar of buckets of the given length; `week_start` matters for weeks only.
    #[must_use]
    pub fn new(length: BucketLength, week_start: Weekday) -> Self {
        Self { length, week_start: week_start.num_days_from_monday() as u8 }
    }

    /// The number of the bucket that holds `day`.
    ///
    /// ```
    /// use restock::domain::calendar::{BucketCalendar, BucketLength, REVIEW_EPOCH};
    /// let weeks = BucketCalendar::new(BucketLength::Week, chrono::Weekday::Mon);
    /// assert_eq!(weeks.bucket_of(REVIEW_EPOCH), 0);
    /// assert_eq!(weeks.bucket_of(REVIEW_EPOCH - 1), -1);
    /// assert_eq!(weeks.start_of(1), REVIEW_EPOCH + 7);
    /// ```
    #[must_use]
    pub fn bucket_of(&self, day: Day) -> i32 {
        match self.length {
            BucketLength::Day => day,
            BucketLength::Week => (day - REVIEW_EPOCH - i32::from(self.week_start)).div_euclid(7),
            BucketLength::Month => {
                let date = date_of(day);
                (date.year() - 1970) * 12 + date.month0() as i32
            }
        }
    }

    /// The first day of a bucket.
    #[must_use]
    pub fn start_of(&self, bucket: i32) -> Day {
        match self.length {
            BucketLength::Day => bucket,
            BucketLength::Week => bucket * 7 + REVIEW_EPOCH + i32::from(self.week_start),
            BucketLength::Month => {
                let (year, month0) = (1970 + bucket.div_euclid(12), bucket.rem_euclid(12) as u32);

                NaiveDate::from_ymd_opt(year, month0 + 1, 1).map_or(Day::MAX, day_of)
            }
        }
    }

    /// How many days a bucket has.
    #[must_use]
    pub fn days_in(&self, bucket: i32) -> i32 {
        self.start_of(bucket + 1) - self.start_of(bucket)
    }

    /// Days of an average bucket: 1, 7 or 365.25 / 12 = 30.4375.
    #[must_use]
    pub fn mean_days(&self) -> f64 {
        match self.length {
            BucketLength::Day => 1.0,
            BucketLength::Week => 7.0,
            BucketLength::Month => 30.4375,
        }
    }

    /// How many buckets a season has: weekdays, weeks of the year or months.
    #[must_use]
    pub fn season_length(&self) -> usize {
        match self.length {
            BucketLength::Day => 7,
            BucketLength::Week => 52,
            BucketLength::Month => 12,
        }
    }

    /// The index of a bucket in its season: weekday (0 = Monday), week of the year (0 … 51, by the
    /// bucket's middle day) or month (0 = January).
    #[must_use]
    pub fn season_position(&self, bucket: i32) -> usize {
        match self.length {
            BucketLength::Day => weekday_of(bucket),
            BucketLength::Week => {
                (date_of(self.start_of(bucket) + 3).ordinal0() as usize / 7).min(51)
            }
            BucketLength::Month => bucket.rem_euclid(12) as usize,
        }
    }

    /// Where a bucket lies between the positions of its season.
    #[must_use]
    pub fn season_place(&self, bucket: i32) -> SeasonPlace {
        match self.length {
            BucketLength::Day | BucketLength::Month => {
                SeasonPlace::on(self.season_position(bucket))
            }
            BucketLength::Week => SeasonPlace::of_week(self.start_of(bucket)),
        }
    }
}

/// Where a bucket lies in its season: on a position, or between two.
///
/// Weekdays and months lie on theirs. The year is not a whole number of weeks: the same week lies
/// one or two days earlier a year later, and by how far its middle day is from those of the
/// positions it has a part of each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeasonPlace {
    before: u8,
    after: u8,
    /// Part of the later one.
    part: f32,
}

impl SeasonPlace {
    /// Weeks of a year, and the middle day of each, counted from its first one.
    const WEEKS: i32 = 52;
    const MIDDLE: i32 = 3;

    fn on(position: usize) -> Self {
        Self { before: position as u8, after: position as u8, part: 0.0 }
    }

    /// Where the week that begins on a day lies: its middle day stands for it.
    #[must_use]
    pub fn of_week(first: Day) -> Self {
        Self::of_day(first + Self::MIDDLE)
    }

    /// Where a day lies between the middles of the weeks of its year.
    #[must_use]
    pub fn of_day(day: Day) -> Self {
        let from_first = date_of(day).ordinal0() as i32 - Self::MIDDLE;
        let to_last = 7 * (Self::WEEKS - 1);
        let (before, days, of_days) = match from_first {
            // From the middle of the last week of a year to that of the first of the next are 8
            // days, in leap years 9.
            ..0 => (Self::WEEKS - 1, from_first + 8, 8),
            _ if from_first >= to_last => (Self::WEEKS - 1, from_first - to_last, 8),
            _ => (from_first / 7, from_first % 7, 7),
        };
        let after = (before + 1) % Self::WEEKS;
        let part = (days as f32 / of_days as f32).min(1.0);
        Self { before: before as u8, after: after as u8, part }
    }

    /// The position before and the one after, and the part of each; the same one twice where it
    /// lies on it.
    #[must_use]
    pub fn parts(self) -> [(usize, f64); 2] {
        let part = f64::from(self.part);
        [(usize::from(self.before), 1.0 - part), (usize::from(self.after), part)]
    }

    /// What lies there of a season's values by position; 1 beyond them.
    ///
    /// ```
    /// use restock::domain::calendar::{SeasonPlace, day_of};
    /// let day = |month, day| day_of(chrono::NaiveDate::from_ymd_opt(2025, month, day).unwrap());
    /// let season: Vec<f64> = (0..52).map(f64::from).collect();
    /// let usual = |day| SeasonPlace::of_day(day).usual(&season);
    /// // The middle day of the first week, and one two days later.
    /// assert_eq!(usual(day(1, 4)), 0.0);
    /// assert!((usual(day(1, 6)) - 2.0 / 7.0).abs() < 1e-6);
    /// ```
    #[must_use]
    pub fn usual(self, season: &[f64]) -> f64 {
        let at = |position: u8| season.get(usize::from(position)).copied().unwrap_or(1.0);
        if self.part <= 0.0 {
            return at(self.before);
        }
        let part = f64::from(self.part);
        (1.0 - part) * at(self.before) + part * at(self.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_lies_in_the_bucket_that_is_numbered_for_it() {
        for length in [BucketLength::Day, BucketLength::Week, BucketLength::Month] {
            for start in [Weekday::Mon, Weekday::Wed, Weekday::Sun] {
                let calendar = BucketCalendar::new(length, start);
                for day in (-800..47_000).step_by(3) {
                    let bucket = calendar.bucket_of(day);
                    assert!(
                        calendar.start_of(bucket) <= day && day < calendar.start_of(bucket + 1)
                    );
                }
            }
        }
    }

    #[test]
    fn a_year_later_a_day_lies_at_the_same_place_and_a_week_further_a_position_on() {
        for day in 18_000..19_500 {
            let [(before, _), (after, _)] = SeasonPlace::of_day(day).parts();
            assert!(before < 52 && after == (before + 1) % 52);
            let season: Vec<f64> =
                (0..52).map(|at| libm::sin(f64::from(at) / 52.0 * std::f64::consts::TAU)).collect();
            let usual = |day| SeasonPlace::of_day(day).usual(&season);
            let (today, tomorrow) = (usual(day), usual(day + 1));
            assert!((today - tomorrow).abs() < 0.02, "{day}");
            assert!((usual(day + 1461) - today).abs() < 0.02, "{day}");
        }
    }

    #[test]
    fn season_positions_stay_inside_the_season() {
        for length in [BucketLength::Day, BucketLength::Week, BucketLength::Month] {
            let calendar = BucketCalendar::new(length, Weekday::Mon);
            for bucket in -600..3_000 {
                assert!(calendar.season_position(bucket) < calendar.season_length());
            }
        }
    }
}
