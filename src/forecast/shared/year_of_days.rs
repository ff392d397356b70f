//! The season of the year where buckets are days: weekdays are their season, the year is learnt in
//! weeks.
//!
//! With two years of history it is the season of the item's category, by how far its years agree
//! ([`super::season_profiles`]), and what the item's own years show beside it
//! ([`super::own_years`]); with less it is last year's ([`super::last_year`]).

use serde::{Deserialize, Serialize};

use super::last_year::two_years;
use super::own_years::own_season;
use super::season_profiles::SeasonProfiles;
use crate::demand::in_weeks::InWeeks;
use crate::demand::origin::{ItemView, Origin};
use crate::domain::calendar::{BucketLength, SeasonPlace};
use crate::forecast::level::year::YearOfItem;

/// Days of a week.
const WEEK: i32 = 7;

/// The year of each category, in weeks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct YearOfDays {
    season: SeasonProfiles,
}

impl YearOfDays {
    /// Learns the year from what is known at an origin; `None` where its buckets are not days, or
    /// no two years of them are known.
    #[must_use]
    pub fn learn(origin: &Origin<'_>) -> Option<Self> {
        let is_in_days = origin.calendar().length == BucketLength::Day;
        (is_in_days && origin.longest() >= two_years(BucketLength::Day))
            .then(|| Self { season: SeasonProfiles::learn_in_weeks(origin) })
    }

    /// What is known of an item's year, from the day after its last one on.
    #[must_use]
    pub fn of(&self, item: &ItemView<'_>) -> YearOfItem {
        let mut buffer = InWeeks::default();
        let in_weeks = buffer.view(item);
        let season = self.season.of(&in_weeks);
        let own = own_season(&in_weeks, season);
        let usual = |first_day: i32| {
            let place = SeasonPlace::of_week(first_day);
            place.usual(season) * own.as_ref().map_or(1.0, |own| place.usual(own))
        };

        let days = item.series.demand.len();
        let end = item.bucket(days);
        let week = |weeks: i32| usual(end + WEEK * weeks);
        let behind = days.div_ceil(WEEK as usize) as i32;
        YearOfItem::new(WEEK as usize, (0..season.len() as i32).map(week).collect())
            .after((-behind..0).map(week).collect())
    }
}

/// Whether so much is known of an item as its own years are learnt from.
#[must_use]
pub fn is_known_for_two(item: &ItemView<'_>) -> bool {
    item.series.demand.len() >= two_years(item.calendar.length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::panel::tests::panel;
    use crate::demand::positions::Positions;

    #[test]
    fn what_sells_in_one_season_of_three_years_is_expected_in_the_next() {
        let (days, year, half) = (3 * 365 + 1, 365.25, 182.625);
        // The season's middle lies 35 days after the end of the history.
        let usual = |day: i32, peak: f64| {
            let from_peak = f64::from(day - days - 35);
            let from_peak = ((from_peak + half).rem_euclid(year) - half) / 21.0;
            5.0 * (1.0 + peak * libm::exp(-0.5 * from_peak * from_peak))
        };
        let wave = |item: i32, day: i32| 1.0 + 0.3 * libm::sin(f64::from(day * (7 + item)));
        let history = |item: i32| -> Vec<f64> {
            let peak = if item % 3 == 0 { 3.0 } else { 0.0 };
            (0..days).map(|day| (usual(day, peak) * wave(item, day)).round()).collect()
        };
        let panel = panel(BucketLength::Day, &(0..30).map(history).collect::<Vec<_>>());
        let positions = Positions::new(&panel, 60);
        let origin = Origin::latest(&panel, &positions);
        let year = YearOfDays::learn(&origin).unwrap();
        for (index, low, high) in [(0, 3.0, 5.0), (3, 3.0, 5.0), (1, 0.8, 1.25), (2, 0.8, 1.25)] {
            let own = year.of(&origin.item(index));
            let mean = |days: std::ops::Range<isize>| {
                let count = days.len() as f64;
                days.map(|day| own.of(day)).sum::<f64>() / count
            };
            // The peak over the quiet half of the year.
            let moved = mean(29..43) / mean(140..240);
            assert!((low..high).contains(&moved), "{index}: {moved}");
        }
    }
}
