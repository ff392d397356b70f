//! The year of each item where the history is too short for a season learnt from two
//! ([`super::season_profiles`]).
//!
//! With one year and a bit, an item's own last year, smoothed and drawn to the shape of the items
//! like it ([`clusters`]), is all that is known of its season. How far one year may be believed
//! cannot be learnt from that year: the constants are learnt on other shops, whose histories were
//! cut.
//!
//! 1. The last 52 weeks and up to four before them are read, without gaps and bulk ([`weeks`]).
//! 2. s, the usual demand of a week: its shape c as the items like it have it, times
//!    (Σ K y/φ + k) / (Σ K λ c/φ + k), K over its neighbours, λ the item's level, φ its dispersion.
//! 3. What differs between the last weeks and the same ones a year before is growth and no season:
//!    it is taken out evenly over the year, so that what fades is not revived, and what grows not
//!    cut back.
//! 4. r = ln(s / mean of s) counts as r·|r|/(|r| + c): small movements are mostly chance.
//!
//! The result is used as a season is: past demand is read relative to it, and forecasts are
//! multiplied by it. Quantile loss on Favorita cut to 56 weeks, 13 weeks ahead, at weeks on which
//! the constants were chosen: of the blend, with one shape for the shop (as it was) and this; and
//! of the smoothing alone, as this is, with c of 0.4 and 0.1, and with these and without step 3:
//!
//! | weeks known | blend, shop's shape | blend | smoothing | c 0.4, 0.1 | no step 3 |
//! |---|---|---|---|---|---|
//! | 60 | 0.2093 | 0.2124 | 0.2130 | 0.2125 | 0.2177 |
//! | 74 | 0.1950 | 0.1915 | 0.1960 | 0.1985 | 0.1985 |
//! | 86 | 0.1889 | 0.1883 | 0.1897 | 0.1902 | 0.2004 |
//! | 98 | 0.2172 | 0.2078 | 0.2092 | 0.2116 | 0.2256 |
//! | 104 | 0.2267 | 0.2037 | 0.2017 | 0.2059 | 0.2154 |
//!
//! Multiplying the blended forecast by the movement from today's level to last year's week, with
//! the models as they were, gave 0.2087, 0.1925, 0.1860, 0.2063 and 0.2400: better where no peak
//! lies behind, far worse after one, as each model remembers another stretch of it.

mod clusters;
mod weeks;

use serde::{Deserialize, Serialize};

use self::clusters::Clusters;
use self::weeks::{Weeks, neighbours};
use crate::demand::origin::{ItemView, Origin};
use crate::domain::calendar::BucketLength;
use crate::forecast::level::year::YearOfItem;
use crate::stats::random::sample;

/// Items that shapes are learnt from, at most. Judgement: it bounds time.
const SAMPLE_ITEMS: usize = 4_000;
/// Picks the sample; the same at every origin and for every seed.
const SAMPLE_KEY: u64 = 0x1A57;
/// What the shape of the items like it weighs beside an item's own weeks, in units over their
/// dispersion. On the weeks of the table above 20 to 200 differ by 1 %.
const SHAPE_WEIGHT: f64 = 80.0;
/// c for rises and for falls, in logarithms: half of a movement this large is believed. Chosen as
/// the table above says.
const HALF_RISE: f64 = 0.1;
const HALF_FALL: f64 = 0.05;
/// Weeks that say what an item sells now. Judgement.
const RECENT_WEEKS: usize = 8;
/// A week is taken to sell at most so many times what the last weeks do, or so many times what was
/// sold around it last year. Judgement.
const MOST_RISE: f64 = 1.25;
const MOST_GROWTH: f64 = 1.5;
/// Bounds of r. Judgement: a week of a fiftieth or of seven times the level.
const LEAST_LOG: f64 = -4.0;
const MOST_LOG: f64 = 2.0;

/// How a bucket length divides a year.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Year {
    /// Weeks of a year, or months.
    weeks: usize,
    /// Buckets of a week.
    block: usize,
    /// Weeks of the year before that are read too, at most.
    overlap: usize,
    /// Whether neighbouring weeks are alike.
    is_smoothed: bool,
}

impl Year {
    fn of(length: BucketLength) -> Self {
        let weeks = Self { weeks: 52, block: 1, overlap: 4, is_smoothed: true };
        match length {
            BucketLength::Day => Self { block: 7, ..weeks },
            BucketLength::Week => weeks,
            BucketLength::Month => Self { weeks: 12, overlap: 1, is_smoothed: false, ..weeks },
        }
    }
}

/// Shapes of last year at an origin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LastYear {
    /// Number of the week that the origin lies at the end of.
    end_week: i32,
    /// Weeks that are read of an item.
    count: usize,
    clusters: Option<Clusters>,
}

impl LastYear {
    /// Nothing is said of last year.
    #[must_use]
    pub fn unknown() -> Self {
        Self { end_week: 0, count: 0, clusters: None }
    }

    /// Learns the shapes from what is known at an origin; nothing is said unless most of the older
    /// items are known for a year and a week, or where histories span the two years from which a
    /// season of the year is learnt ([`super::season_profiles`]).
    #[must_use]
    pub fn learn(origin: &Origin<'_>) -> Self {
        let year = Year::of(origin.calendar().length);
        let length = usual_length(origin, &year);
        let known = length / year.block;
        if known <= year.weeks || length >= two_years(origin.calendar().length) {
            return Self::unknown();
        }

        let count = known.min(year.weeks + year.overlap);
        let items: Vec<Weeks> = sample(origin.len(), SAMPLE_ITEMS, SAMPLE_KEY)
            .into_iter()
            .map(|index| Weeks::read(&origin.item(index), &year, count))
            .collect();
        let clusters = Clusters::learn(&items, &year);
        Self { end_week: week_of(origin.end_bucket(), &year), count, clusters }
    }

    /// Whether anything is said of last year.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.clusters.is_some()
    }

    /// What is known of an item's year.
    pub fn of(&self, item: &ItemView<'_>) -> YearOfItem {
        let year = Year::of(item.calendar.length);
        let Some(clusters) = &self.clusters else { return YearOfItem::default() };
        let weeks = Weeks::read(item, &year, self.count);
        if weeks.total() <= 0.0 {
            return YearOfItem::default();
        }

        let end = item.bucket(item.series.demand.len());
        let later = (week_of(end, &year) - self.end_week).rem_euclid(year.weeks as i32) as usize;
        let shape = clusters.shape_of(&weeks, later, year.weeks);
        let season = drawn_to(&shape, &weeks, year.is_smoothed);
        let mut usual = without_trend(&season, year.weeks);
        bound_rises(&mut usual, &weeks);
        YearOfItem::new(year.block, usual)
    }
}

/// Number of the week whose end is the beginning of a bucket.
fn week_of(end_bucket: i32, year: &Year) -> i32 {
    end_bucket.div_euclid(year.block as i32)
}

/// The last year of a season without its trend and with what is not sure of it left out, of mean 1.
fn without_trend(season: &[f64], weeks: usize) -> Vec<f64> {
    let overlap = season.len() - weeks;
    let (then, now) = (mean(&season[..overlap]), mean(&season[weeks..]));
    let slope = libm::log(now / then) / weeks as f64;
    let last: Vec<f64> = season[overlap..]
        .iter()
        .enumerate()
        .map(|(week, usual)| usual * libm::exp(-slope * week as f64))
        .collect();

    let usual = mean(&last);
    let trusted = |usual_of: &f64| {
        let log = libm::log(usual_of / usual).clamp(LEAST_LOG, MOST_LOG);
        let half = if log > 0.0 { HALF_RISE } else { HALF_FALL };
        libm::exp(log * log.abs() / (log.abs() + half))
    };
    let trusted: Vec<f64> = last.iter().map(trusted).collect();
    let level = mean(&trusted);
    trusted.into_iter().map(|usual| usual / level).collect()
}

/// Bounds what lies above the last weeks by what the item itself sold a year ago: without that
/// witness the items like it say when it falls, not when it rises.
fn bound_rises(usual: &mut [f64], weeks: &Weeks) {
    let (year, count) = (usual.len(), weeks.units.len());
    let recent = count - RECENT_WEEKS.min(count)..count;
    let known: f64 = weeks.known[recent.clone()].iter().sum();
    let sold = weeks.units[recent].iter().sum::<f64>() / known.max(1e-9);
    let now = mean(&usual[year - RECENT_WEEKS.min(year)..]);
    if sold <= 0.0 {
        return;
    }

    for (ahead, usual) in usual.iter_mut().enumerate() {
        let then = weeks.around(count - year + ahead).unwrap_or(0.0);
        *usual = usual.min(now * MOST_RISE.max(MOST_GROWTH * then / sold));
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The item's own weeks, smoothed, drawn to the shape of the items like it: a gamma around each
/// week of the shape.
fn drawn_to(shape: &[f64], weeks: &Weeks, is_smoothed: bool) -> Vec<f64> {
    let usual: f64 = weeks.known.iter().zip(shape).map(|(known, usual)| known * usual).sum();
    let level = weeks.total() / usual.max(1e-9);

    let own = |at: usize| {
        let (mut came, mut expected) = (SHAPE_WEIGHT, SHAPE_WEIGHT);
        for (near, part) in neighbours(at, shape.len(), is_smoothed) {
            let part = part / (3.0 * weeks.dispersion);
            came += part * weeks.units[near];
            expected += part * level * weeks.known[near] * shape[near];
        }
        shape[at] * came / expected
    };
    (0..shape.len()).map(own).collect()
}

/// Buckets of an item that is known for two years: the day of its first sale is in none of them.
#[must_use]
pub fn two_years(length: BucketLength) -> usize {
    let year = Year::of(length);
    2 * year.weeks * year.block - usize::from(length == BucketLength::Day)
}

/// Buckets of history that most of the items with more than a year have; 0 if there are none. A
/// handful of older items would not stand for the shop.
fn usual_length(origin: &Origin<'_>, year: &Year) -> usize {
    let least = (year.weeks + 1) * year.block;
    let lengths = origin.items().map(|item| item.series.demand.len());
    let mut old: Vec<usize> = lengths.filter(|length| *length >= least).collect();
    old.sort_unstable();
    old.get(old.len() / 4).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::panel::Panel;
    use crate::demand::positions::Positions;
    use crate::forecast::tests::panel;

    const WEEKS: usize = 56;

    /// Forty items that sell evenly and twenty that sell in the first weeks and from week 50 on
    /// alone; one that fades, and one whose demand doubled in the middle.
    fn shop(weeks: usize) -> Panel {
        let wave = |item: usize, week: usize| 1.0 + 0.1 * libm::sin((week * (7 + item)) as f64);
        let level = |item: usize, week: usize| match item {
            0..40 => 60.0,
            40..60 if week % 52 < 5 || week % 52 > 49 => 300.0,
            40..60 => 3.0,
            60 => 100.0 * libm::exp(-(week as f64) / 20.0),
            _ => {
                if week < 28 {
                    40.0
                } else {
                    80.0
                }
            }
        };
        let history = |item: usize| -> Vec<f64> {
            (0..weeks).map(|week| (level(item, week) * wave(item, week)).round()).collect()
        };
        panel(BucketLength::Week, &(0..62).map(history).collect::<Vec<_>>())
    }

    /// Usual demand of so many weeks ahead over that of the last four.
    fn ahead(panel: &Panel, index: usize, weeks: std::ops::Range<isize>) -> f64 {
        let positions = Positions::new(panel, 0);
        let origin = Origin::latest(panel, &positions);
        let year = LastYear::learn(&origin).of(&origin.item(index));
        let mean = |steps: std::ops::Range<isize>| {
            let count = steps.len() as f64;
            steps.map(|step| year.of(step)).sum::<f64>() / count
        };
        mean(weeks) / mean(-3..1)
    }

    #[test]
    fn what_sells_at_one_time_of_the_year_is_not_carried_on() {
        // The history ends in the peak, five weeks of which last year had.
        let shop = shop(WEEKS);
        assert!(ahead(&shop, 45, 6..20) < 0.1, "{}", ahead(&shop, 45, 6..20));
        let back = ahead(&shop, 45, 47..50);
        assert!((0.6..1.5).contains(&back), "{back}");
    }

    #[test]
    fn what_sells_evenly_fades_or_grew_is_left_alone() {
        let shop = shop(WEEKS);
        for (item, most) in [(5, 1.05), (20, 1.05), (60, 1.5), (61, 1.4)] {
            let moved = ahead(&shop, item, 1..14);
            assert!((1.0 / most..most).contains(&moved), "{item}: {moved}");
        }
    }

    #[test]
    fn less_than_a_year_says_nothing_and_two_leave_it_to_the_season() {
        for weeks in [3, 52, 104] {
            let shop = shop(weeks);
            assert_eq!(ahead(&shop, 45, 1..20), 1.0, "{weeks}");
        }
    }

    #[test]
    fn a_later_origin_reads_the_same_weeks_of_the_year() {
        let shop = shop(WEEKS + 6);
        let positions = Positions::new(&shop, 0);
        let latest = Origin::latest(&shop, &positions);
        let learnt = LastYear::learn(&latest.back(6));
        let year = learnt.of(&latest.item(45));
        // Weeks 50 and 51 of a year begin the peak; the history ends with week 9 of the third.
        let peak = year.of(42);
        assert!((38..46).all(|step| year.of(step) <= peak * 1.5) && year.of(20) < 0.2 * peak);
    }
}
