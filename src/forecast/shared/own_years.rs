//! The year of each item beside the season of its group, where histories hold two years or more.
//!
//! A group's season ([`super::season_profiles`]) is what its items have in common. What sells at
//! another time of the year than they do shows that in each of its years: where the same weeks lie
//! above, or below, what the group's season says in both, that is the item's own.
//!
//! 1. Each of the last years has a level, and a slope from the year before to the year after, which
//!    is growth and no season.
//! 2. The ratio of a week, with its neighbours, to what level and season say is drawn to 1:
//!    (Σ K y/φ + k) / (Σ K e/φ + k), φ the dispersion. What the smoothing over neighbours took off
//!    a peak is put back by further looks at what the ones before leave ("twicing", Tukey 1977).
//! 3. It counts by how far the years agree: by the correlation a of the logarithms of their weeks,
//!    t = (a − ¼)/¾ above a quarter, which chance reaches, as t^1.5/(t^1.5 + (1 − t)^1.5).
//!
//! Quantile loss on Favorita, 13 weeks ahead from weeks 105 to 126, on which the constants were
//! chosen: 0.1815 with the group's season alone and growth in it, 0.1819 without the growth, 0.1801
//! as this is. In a shop of which a third sells four times as much in one month of the year, the
//! mean of that month is 3 % low; with the season of the group alone 29 %.

use crate::demand::origin::ItemView;
use crate::domain::calendar::{BucketLength, SeasonPlace};
use crate::forecast::level::history::sane;
use crate::forecast::level::year::YearOfItem;

/// Years that are read, at most. Judgement: what an item did longer ago says less.
const MAX_YEARS: usize = 3;
/// k of each look, in units over their dispersion. From 5 to 80 they differ by 0.1 %, and so do two
/// to five looks; with three the peak of the shop above is 2 points nearer than with two. Months,
/// which are not smoothed over neighbours, are looked at twice.
const WEIGHTS: [f64; 3] = [20.0, 40.0, 40.0];
/// Correlation of two years that chance reaches, and the power that tells what is above it.
const CHANCE: f64 = 0.25;
const POWER: f64 = 1.5;
/// A bucket counts up to this many times what is usual. Judgement: one bulk order is no season.
const MOST_RATIO: f64 = 6.0;
/// Growth of a year, up or down, in logarithms, beyond which nothing is said of a season: what
/// moved further is hardly even growth, and what is left of it would look like one. Judgement.
pub const MOST_GROWTH: f64 = 1.0;

/// What is known of an item's own year beside the season of its group, from the bucket after its
/// last one on.
#[must_use]
pub fn own_year(item: &ItemView<'_>, season: &[f64]) -> YearOfItem {
    let known = item.series.demand.len();
    match own_season(item, season) {
        Some(own) => {
            let usual = |step: usize| item.positions.usual(&own, item.bucket(step));
            let ahead = (known..known + season.len()).map(usual).collect();
            YearOfItem::new(1, ahead).after((0..known).map(usual).collect())
        }
        None => YearOfItem::default(),
    }
}

/// The same by season position; `None` where nothing of its own is known. Its mean is 1.
#[must_use]
pub fn own_season(item: &ItemView<'_>, season: &[f64]) -> Option<Vec<f64>> {
    let (known, year) = (item.series.demand.len(), season.len());
    let years = (known / year.max(1)).min(MAX_YEARS);
    let is_of_years = item.calendar.length != BucketLength::Day;
    if !is_of_years || years < 2 || item.ended_after(year) < known {
        return None;
    }

    let read = Years::read(item, season, years)?;
    let came = read.around(&read.units);
    let awaited = read.awaited(|_| 1.0);
    let trust = read.trust(&came, &awaited);
    if trust <= 0.0 {
        return None;
    }

    let mut logs = vec![0.0; season.len()];
    let looks = if item.calendar.length == BucketLength::Week { WEIGHTS.len() } else { 2 };
    for weight in &WEIGHTS[..looks] {
        let awaited = read.awaited(|at| libm::exp(read.place[at].usual(&logs)));
        let left = read.logs_by_position((&came, &awaited), *weight);
        logs.iter_mut().zip(left).for_each(|(log, left)| *log += left);
    }
    let mut own: Vec<f64> = logs.iter().map(|log| libm::exp(trust * log)).collect();
    scale_to_mean_one(&mut own);
    Some(own)
}

/// How far two years are believed by the logarithms of their weeks, 0 … 1.
#[must_use]
pub fn agreement(logs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut both, mut each) = (0.0, 0.0);
    for (a, b) in logs {
        both += a * b;
        each += 0.5 * (a * a + b * b);
    }

    let above = if each > 0.0 { (both / each - CHANCE) / (1.0 - CHANCE) } else { 0.0 };
    let (yes, no) = (above.clamp(0.0, 1.0), 1.0 - above.clamp(0.0, 1.0));
    let (yes, no) = (libm::pow(yes, POWER), libm::pow(no, POWER));
    yes / (yes + no)
}

/// Scales the factors of a year to mean 1.
pub fn scale_to_mean_one(factors: &mut [f64]) {
    let mean = factors.iter().sum::<f64>() / factors.len().max(1) as f64;
    factors.iter_mut().for_each(|factor| *factor /= mean);
}

/// Growth over a year from the levels of years, oldest first, in logarithms.
#[must_use]
pub fn growth(levels: &[f64], of_year: usize) -> f64 {
    let last = levels.len().saturating_sub(1);
    let (before, after) = (of_year.saturating_sub(1), (of_year + 1).min(last));
    let slope = libm::log(levels[after] / levels[before]) / (after - before).max(1) as f64;
    if slope.is_finite() { slope } else { 0.0 }
}

/// What growth over a year makes of the mean of one of its `year` buckets.
#[must_use]
pub fn grown(growth: f64, bucket: usize, year: usize) -> f64 {
    libm::exp(growth * ((bucket as f64 + 0.5) / year as f64 - 0.5))
}

/// The last years of an item, oldest bucket first.
struct Years {
    /// Buckets of a year.
    year: usize,
    /// Buckets to each side that are alike.
    reach: usize,
    /// Units demanded in each; 0 where it is not known.
    units: Vec<f64>,
    /// What level, growth and season say; 0 where it is not known.
    expected: Vec<f64>,
    /// Where in the season each lies.
    place: Vec<SeasonPlace>,
    /// Variance of a bucket over its mean, at least 1.
    dispersion: f64,
}

impl Years {
    /// Reads so many years; `None` where one of them has no demand, or they are far apart.
    fn read(item: &ItemView<'_>, season: &[f64], years: usize) -> Option<Self> {
        let (series, year) = (&item.series, season.len());
        let count = years * year;
        let from = series.demand.len() - count;
        let place: Vec<SeasonPlace> = (from..from + count)
            .map(|step| item.positions.place(item.bucket(step)))
            .collect::<Option<_>>()?;
        let (mut units, mut expected) = (vec![0.0; count], vec![0.0; count]);
        for at in (0..count).filter(|at| !series.censored[from + at]) {
            units[at] = sane(series.demand[from + at]);
            expected[at] = f64::from(series.exposure[from + at]) * place[at].usual(season);
        }

        let levels: Vec<f64> = units
            .chunks(year)
            .zip(expected.chunks(year))
            .map(|(units, expected)| units.iter().sum::<f64>() / expected.iter().sum::<f64>())
            .collect();
        if !levels.iter().all(|level| *level > 0.0 && level.is_finite()) {
            return None;
        }
        for of_year in 0..years {
            let growth = growth(&levels, of_year);
            if growth.abs() > MOST_GROWTH {
                return None;
            }
            for (bucket, expected) in expected[of_year * year..][..year].iter_mut().enumerate() {
                *expected *= levels[of_year] * grown(growth, bucket, year);
            }
        }
        for (units, expected) in units.iter_mut().zip(&expected) {
            *units = units.min(MOST_RATIO * expected.max(1.0));
        }

        let reach = if item.calendar.length == BucketLength::Week { 2 } else { 0 };
        let dispersion = dispersion(&units, &expected);
        Some(Self { year, reach, units, expected, place, dispersion })
    }

    /// What was expected of each bucket with its neighbours, over the dispersion, where a bucket is
    /// usually `times` that.
    fn awaited(&self, times: impl Fn(usize) -> f64) -> Vec<f64> {
        let expected: Vec<f64> =
            self.expected.iter().enumerate().map(|(at, expected)| expected * times(at)).collect();
        self.around(&expected)
    }

    /// Values of each bucket with its neighbours', over the dispersion.
    fn around(&self, values: &[f64]) -> Vec<f64> {
        let (count, reach) = (values.len(), self.reach);
        let sum = |at: usize| {
            let near = at.saturating_sub(reach)..(at + reach + 1).min(count);
            let part = |near: usize| (reach + 1 - near.abs_diff(at)) as f64 * values[near];
            near.map(part).sum::<f64>() / (3.0 * self.dispersion)
        };
        (0..count).map(sum).collect()
    }

    /// How far the years agree, 0 … 1.
    fn trust(&self, came: &[f64], awaited: &[f64]) -> f64 {
        let log =
            |(came, awaited): (&f64, &f64)| libm::log((came + WEIGHTS[0]) / (awaited + WEIGHTS[0]));
        let logs: Vec<f64> = came.iter().zip(awaited).map(log).collect();
        agreement(logs.iter().copied().zip(logs[self.year..].iter().copied()))
    }

    /// Logarithms of what came over what was expected at each season position, drawn to 0.
    fn logs_by_position(&self, (came, awaited): (&[f64], &[f64]), weight: f64) -> Vec<f64> {
        let mut sums = vec![(weight, weight); self.year];
        for (at, place) in self.place.iter().enumerate() {
            for (position, part) in place.parts() {
                sums[position].0 += part * came[at];
                sums[position].1 += part * awaited[at];
            }
        }
        sums.into_iter().map(|(came, awaited)| libm::log(came / awaited)).collect()
    }
}

/// Variance over the mean from steps between neighbouring buckets, at least 1: what moves slowly is
/// no noise.
fn dispersion(units: &[f64], expected: &[f64]) -> f64 {
    let (mut squares, mut pairs) = (0.0, 0.0);
    for (units, expected) in units.windows(2).zip(expected.windows(2)) {
        if expected.iter().all(|expected| *expected > 0.0) {
            let step = units[1] / expected[1] - units[0] / expected[0];
            squares += step * step / (1.0 / expected[0] + 1.0 / expected[1]);
            pairs += 1.0;
        }
    }
    if pairs > 0.0 { (squares / pairs).max(1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::origin::Origin;
    use crate::demand::panel::Panel;
    use crate::demand::positions::Positions;
    use crate::forecast::tests::panel;

    const WEEKS: usize = 112;

    /// A history of so many units in a week.
    fn shop(units: &[&dyn Fn(usize) -> f64]) -> Panel {
        let histories: Vec<Vec<f64>> = units
            .iter()
            .map(|units| (0..WEEKS).map(|week| units(week).round()).collect())
            .collect();
        panel(BucketLength::Week, &histories)
    }

    /// Usual demand of so many weeks ahead over the mean of a year, of each item beside no season.
    fn ahead(panel: &Panel, steps: std::ops::Range<isize>) -> Vec<f64> {
        let positions = Positions::new(panel, 0);
        let origin = Origin::latest(panel, &positions);
        let of_item = |item| {
            let year = own_year(&origin.item(item), &[1.0; 52]);
            steps.clone().map(|step| year.of(step)).sum::<f64>() / steps.len() as f64
        };
        (0..panel.len()).map(of_item).collect()
    }

    fn noise(week: usize) -> f64 {
        1.0 + 0.15 * libm::sin((week * week % 97) as f64)
    }

    #[test]
    fn what_comes_back_each_year_is_the_items_own_and_what_came_once_is_not() {
        // Weeks 112 to 117 are weeks 8 to 13 of their year.
        let is_peak = |week: usize| (8..14).contains(&(week % 52));
        let yearly = |week: usize| noise(week) * if is_peak(week) { 200.0 } else { 50.0 };
        let once = |week: usize| noise(week) * if (60..66).contains(&week) { 200.0 } else { 50.0 };
        let flat = |week: usize| noise(week) * 50.0;
        let step = |week: usize| noise(week) * if week < 90 { 30.0 } else { 90.0 };
        let found = ahead(&shop(&[&yearly, &once, &flat, &step]), 1..7);
        assert!(found[0] > 2.2, "{found:?}");
        for other in &found[1..] {
            assert!((0.85..1.2).contains(other), "{found:?}");
        }
    }

    #[test]
    fn growth_is_no_season() {
        let grows = |a_year: f64| {
            move |week: usize| 200.0 * libm::exp(a_year * (week as f64 - 60.0) / 52.0) * noise(week)
        };
        let histories = [0.5, 0.95, 1.5, 2.0, -0.5, -0.95, -2.0].map(grows);
        let units: Vec<&dyn Fn(usize) -> f64> =
            histories.iter().map(|units| units as &dyn Fn(usize) -> f64).collect();
        for found in ahead(&shop(&units), 1..14) {
            assert!((0.95..1.05).contains(&found), "{found}");
        }
    }
}
