//! One item's last year in weeks (in months where buckets are months), as its season is read.

use super::Year;
use crate::demand::origin::ItemView;
use crate::forecast::level::history::sane;

/// An item whose first sale comes within so many weeks of the year is taken to be as old.
/// Judgement.
const FIRST_WEEKS: usize = 4;
/// A run of so many weeks without demand is a gap, of an item that sells in most weeks, and not so
/// few units that chance makes one; the last weeks are what the item does now. Source: measured on
/// Favorita, where weeks far below the rest were gaps of the whole chain, not a season: of 2,162
/// such weeks a year later sold 95 % of the level.
const GAP_WEEKS: usize = 2;
const GAP_NOT_IN_LAST: usize = 4;
const MAX_EMPTY_SHARE: f64 = 0.4;
const MIN_UNITS_A_SALE: f64 = 5.0;
/// A week counts up to this many times the mean of its neighbours and this many times the usual
/// week together: one bulk order is not a season. Judgement.
const TIMES_NEIGHBOURS: f64 = 3.0;
const TIMES_USUAL: f64 = 2.0;
const NEIGHBOURS: usize = 3;

/// The weeks around one of `count` that are read with it, and what each weighs: 3 itself, 2 and 1
/// those to each side, where neighbours are alike.
pub(super) fn neighbours(
    at: usize,
    count: usize,
    is_smoothed: bool,
) -> impl Iterator<Item = (usize, f64)> {
    let reach = if is_smoothed { 2 } else { 0 };
    let near = at.saturating_sub(reach)..(at + reach + 1).min(count);
    near.map(move |near| (near, 3.0 - near.abs_diff(at) as f64))
}

/// An item's weeks, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Weeks {
    /// Units demanded in each; 0 where it is not known.
    pub(super) units: Vec<f64>,
    /// Share of each that is known, 0 … 1.
    pub(super) known: Vec<f64>,
    /// Variance of a week over its mean, at least 1.
    pub(super) dispersion: f64,
}

impl Weeks {
    /// The last `count` weeks of an item; what lies before its history is not known.
    pub(super) fn read(item: &ItemView<'_>, year: &Year, count: usize) -> Self {
        let series = &item.series;
        let buckets = series.demand.len();
        let (mut units, mut known) = (vec![0.0; count], vec![0.0; count]);
        for back in 0..(count * year.block).min(buckets) {
            let (at, week) = (buckets - 1 - back, count - 1 - back / year.block);
            if !series.censored[at] {
                units[week] += sane(series.demand[at]);
                known[week] += f64::from(series.exposure[at]) / year.block as f64;
            }
        }

        let mut weeks = Self { units, known, dispersion: 1.0 };
        weeks.forget_before_first_sale();
        weeks.forget_gaps();
        weeks.bound_bulk();
        weeks.dispersion = weeks.measured_dispersion();
        weeks
    }

    /// Units of all known weeks.
    pub(super) fn total(&self) -> f64 {
        self.units.iter().sum()
    }

    /// How many weeks are known.
    pub(super) fn known_weeks(&self) -> f64 {
        self.known.iter().sum()
    }

    /// Units of a week and its neighbours, on average; `None` where none is known.
    pub(super) fn around(&self, week: usize) -> Option<f64> {
        let near = week.saturating_sub(1)..(week + 2).min(self.units.len());
        let known: f64 = self.known[near.clone()].iter().sum();
        (known > 0.0).then(|| self.units[near].iter().sum::<f64>() / known)
    }

    fn forget(&mut self, from: usize, to: usize) {
        self.units[from..to].fill(0.0);
        self.known[from..to].fill(0.0);
    }

    fn forget_before_first_sale(&mut self) {
        let first = self.units.iter().position(|units| *units > 0.0).unwrap_or(0);
        if first >= FIRST_WEEKS {
            self.forget(0, first);
        }
    }

    fn forget_gaps(&mut self) {
        let count = self.units.len();
        let is_empty = |at: usize| self.known[at] > 0.0 && self.units[at] <= 0.0;
        let (known, empty) = (
            self.known.iter().filter(|share| **share > 0.0).count() as f64,
            (0..count).filter(|at| is_empty(*at)).count() as f64,
        );
        let sales = known - empty;
        if empty > MAX_EMPTY_SHARE * known || self.total() < MIN_UNITS_A_SALE * sales {
            return;
        }

        let (mut gaps, mut from) = (Vec::new(), 0);
        while from < count {
            let to = (from..count).find(|at| !is_empty(*at)).unwrap_or(count);
            if to >= from + GAP_WEEKS && to + GAP_NOT_IN_LAST <= count {
                gaps.push((from, to));
            }
            from = to + 1;
        }
        gaps.into_iter().for_each(|(from, to)| self.forget(from, to));
    }

    fn bound_bulk(&mut self) {
        let largest = self.units.iter().copied().fold(0.0, f64::max);
        let others = self.known_weeks() - 1.0;
        if others <= 0.0 {
            return;
        }

        let usual = (self.total() - largest) / others;
        let bounded = |at: usize| {
            let around = at.saturating_sub(NEIGHBOURS)..(at + NEIGHBOURS + 1).min(self.units.len());
            let (mut units, mut known) = (-self.units[at], -self.known[at]);
            for near in around {
                units += self.units[near];
                known += self.known[near];
            }
            let neighbours = if known > 1e-9 { units.max(0.0) / known } else { 0.0 };
            self.units[at].min(TIMES_NEIGHBOURS * neighbours + TIMES_USUAL * usual)
        };
        self.units = (0..self.units.len()).map(bounded).collect();
    }

    /// Half the mean squared step between two known weeks, over the mean.
    fn measured_dispersion(&self) -> f64 {
        let mean = self.total() / self.known_weeks().max(1e-9);
        let steps: Vec<f64> = self
            .units
            .windows(2)
            .zip(self.known.windows(2))
            .filter(|(_, known)| known.iter().all(|share| *share > 0.0))
            .map(|(units, known)| units[1] / known[1] - units[0] / known[0])
            .collect();
        let squares: f64 = steps.iter().map(|step| step * step / 2.0).sum();
        let dispersion = squares / (steps.len().max(1) as f64 * mean);
        if dispersion.is_finite() { dispersion.max(1.0) } else { 1.0 }
    }
}
