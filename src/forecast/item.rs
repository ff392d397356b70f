//! The forecast of one item: one function, at `as_of` and at every earlier origin.
//!
//! What planning reads and what the blend and the calibration are learnt from come out of
//! [`forecast_item`], so that a probability means at `as_of` what it was measured to mean before.
//! Both read an item's history relative to its season, and to its own last year where the season
//! does not say it ([`super::shared::last_year`]).

use super::distribution::dispersion::DispersionGrid;
use super::distribution::lot::Lot;
use super::distribution::width::Widths;
use super::models::across::{BucketsAhead, Buffers, PooledModels};
use super::models::members::{self, MEMBERS, Rates};
use super::shared::groups::Groups;
use super::shared::priors::{Priors, Smoothed};
use crate::demand::origin::{ItemView, Origin};
use crate::domain::calendar::SeasonPlace;

/// What crosses items, learnt at or before the origin.
#[derive(Debug, Clone, Copy)]
pub struct Learnt<'a> {
    /// Pooled figures.
    pub priors: &'a Priors,
    /// Models that learn across items.
    pub pooled: &'a PooledModels<'a>,
    /// The grid of dispersions.
    pub grid: &'a DispersionGrid,
}

/// The buckets ahead of an origin, the same for all items.
#[derive(Debug, Clone)]
pub struct Ahead<'a> {
    /// Number of the first of them.
    first: i32,
    /// Whether it is the rest of one that the history holds the beginning of.
    begun: bool,
    /// How many of them the models speak of; the others follow season, year and events alone.
    steps: usize,
    /// Season position of each, and where each lies between them.
    positions: Vec<u8>,
    places: Vec<SeasonPlace>,
    /// Where in its month each lies, 0 … 1.
    month_phases: Vec<f64>,
    /// Share of the first that lies ahead.
    share_ahead: f64,
    /// Series of groups of items, up to the origin.
    groups: &'a Groups,
}

/// Buffers of one worker.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    smoothed: Smoothed,
    buffers: Buffers,
}

/// The forecast of one item.
#[derive(Debug, Clone)]
pub struct ItemForecast {
    /// Class of volume of the item at the origin.
    pub class: usize,
    /// Demand of an average bucket by model and bucket ahead, in units.
    pub rates: Rates,
    /// What a rate is multiplied by to give the mean of each bucket ahead: season, share of the
    /// bucket that lies ahead, the year's shape, events and prices. It may reach beyond the rates.
    pub usual: Vec<f64>,
    /// How wide its totals are.
    pub widths: Widths,
    /// What its demand comes in.
    pub lot: Lot,
}

impl<'a> Ahead<'a> {
    /// The `steps` buckets ahead of an origin.
    #[must_use]
    pub fn new(origin: &Origin<'_>, steps: usize, groups: &'a Groups) -> Self {
        Self::reaching(origin, steps, steps, groups)
    }

    /// The same, and the buckets after them up to the `reach`-th, of which the models say nothing.
    #[must_use]
    pub fn reaching(origin: &Origin<'_>, steps: usize, reach: usize, groups: &'a Groups) -> Self {
        let first = origin.first_ahead();
        let buckets = first..first.saturating_add(reach.max(steps) as i32);
        let positions = origin.positions();
        Self {
            first,
            steps,
            begun: origin.is_inside_bucket(),
            positions: buckets.clone().map(|bucket| positions.of(bucket)).collect(),
            places: buckets.clone().map(|b| origin.calendar().season_place(b)).collect(),
            month_phases: buckets.map(|bucket| positions.month_phase(bucket)).collect(),
            share_ahead: origin.share_ahead(),
            groups,
        }
    }
}

impl ItemForecast {
    /// Mean demand of each bucket ahead, in units: the models by their weights.
    pub fn means<'a>(&'a self, weights: &'a [f64; MEMBERS]) -> impl Iterator<Item = f64> + 'a {
        let steps = self.rates[0].len();
        let usual = self.usual.iter().take(steps).enumerate();
        usual.map(|(step, usual)| usable(self.rate(weights, step) * usual))
    }

    /// Mean demand of each bucket from the `from`-th on, in units: the models', and where they were
    /// not asked the rate of the last `held` buckets, with season, year and events.
    pub fn later_means(
        &self,
        weights: &[f64; MEMBERS],
        from: usize,
        held: usize,
    ) -> impl Iterator<Item = f64> {
        let asked = self.rates[0].len();
        let last = asked.saturating_sub(held)..asked;
        let count = last.len().max(1) as f64;
        let held = last.map(|step| self.rate(weights, step)).sum::<f64>() / count;
        self.usual.iter().enumerate().skip(from).map(move |(step, usual)| {
            let rate = if step < asked { self.rate(weights, step) } else { held };
            usable(rate * usual)
        })
    }

    /// Demand of an average bucket by all models together, in units.
    fn rate(&self, weights: &[f64; MEMBERS], step: usize) -> f64 {
        weights.iter().zip(&self.rates).map(|(weight, rates)| weight * rates[step]).sum()
    }
}

/// A mean that is a number and not below 0.
fn usable(mean: f64) -> f64 {
    if mean.is_finite() && mean > 0.0 { mean } else { 0.0 }
}

/// Forecasts an item from what is known of it at its origin. `ahead` belongs to the same origin.
#[must_use]
pub fn forecast_item(
    item: &ItemView<'_>,
    learnt: &Learnt<'_>,
    ahead: &Ahead<'_>,
    scratch: &mut Scratch,
) -> ItemForecast {
    let Learnt { priors, pooled, grid } = *learnt;
    let Scratch { smoothed, buffers } = scratch;
    let class = priors.smooth(item, smoothed);

    let season = priors.season.of(item);
    let factors: Vec<f64> = ahead.places.iter().map(|place| place.usual(season)).collect();
    let own = BucketsAhead {
        positions: &ahead.positions[..ahead.steps],
        factors: &factors[..ahead.steps],
        month_phases: &ahead.month_phases[..ahead.steps],
        begun: ahead.begun,
        category: item.category,
        groups: ahead.groups.of(item),
    };
    let mut rates = members::rates(smoothed, item.calendar, pooled, &own, buffers);
    if let Some(borrowed) = priors.borrowed(item) {
        rates.iter_mut().flatten().for_each(|rate| *rate = borrowed.mixed_with(*rate));
    }
    let past = smoothed.past(item);
    let (widths, lot) = (priors.widths(grid, class, &past), past.lot);

    let effects = priors.effects_ahead(item, ahead.first, factors.len());
    let ahead_of = |step: usize| if step == 0 { ahead.share_ahead } else { 1.0 };
    let usual = factors
        .iter()
        .enumerate()
        .map(|(step, factor)| {
            let year = smoothed.year.of(step as isize + isize::from(!ahead.begun));
            factor * year * ahead_of(step) * effects.get(step).unwrap_or(&1.0)
        })
        .collect();
    ItemForecast { class, rates, usual, widths, lot }
}
