//! The forecasts of a panel: compact per item, opened as a demand law one at a time.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::calibrate::CalibrationMap;
use super::fitted::Fitted;
use super::law::{DemandLaw, Spread};
use super::local::LocalModel;
use super::members::{self, NAMES, Rates};
use super::priors::Scratch;
use super::spread::{LENGTHS, SpreadGrid};
use super::training::{Ahead, Lookups};
use super::year_shape::YearShape;
use super::{ForecastSettings, steps_ahead};
use crate::demand::panel::Panel;
use crate::demand::stated::{Changes, DemandChange};
use crate::domain::calendar::{BucketLength, weekday_of};
use crate::domain::tables::OverrideKind;

/// Items a worker takes at a time.
const CHUNK: usize = 64;

/// Forecasts of every item of a panel.
#[derive(Debug, Clone)]
pub struct Forecasts {
    steps: usize,
    means: Vec<f64>,
    log_dispersions: Vec<[f32; LENGTHS]>,
    class: Vec<u8>,
    leader: Vec<u8>,
    /// Name of the local model asked for, if any.
    local: Option<&'static str>,
    is_count: Vec<bool>,
    calibration: Vec<Vec<CalibrationMap>>,
    /// For each number of days ahead: whole buckets in it, and the share of the next one.
    days: Vec<(u32, f64)>,
    cycle_days: usize,
    bucket_days: f64,
    /// The items that were forecast, ascending, where not all were.
    chosen: Option<Vec<usize>>,
    /// What people state about the demand ahead.
    changes: Changes,
    /// How wide demand of a size usually is: the least demand of a bucket, and ln r by length of
    /// total.
    usual: Vec<(f64, [f32; LENGTHS])>,
}

/// The buckets ahead, the same for all items.
struct BucketsAhead {
    look: Lookups,
    positions: Vec<u8>,
    month_phases: Vec<f64>,
    /// Whether the first of them is the rest of one that the history holds the beginning of.
    begun: bool,
    /// Share of each bucket that lies ahead: 1 but for the first.
    share: Vec<f64>,
    /// Demand of each bucket over today's level, as last year had it.
    year: Vec<f64>,
}

impl Forecasts {
    /// Forecasts the chosen items, or all: an item's forecast does not depend on which others are
    /// chosen.
    pub(super) fn compute(
        panel: &Panel,
        fitted: &Fitted,
        settings: &ForecastSettings,
        chosen: Option<&[usize]>,
    ) -> Self {
        let (begun, steps) = steps_ahead(panel, settings);
        let look = Lookups::new(panel, steps);
        let first = panel.calendar.bucket_of(panel.as_of);
        let year = YearShape::learn(panel);
        let ahead = BucketsAhead {
            positions: (0..steps).map(|s| look.positions.of(first + s as i32)).collect(),
            month_phases: (0..steps).map(|s| look.month_phase(first + s as i32)).collect(),
            share: (0..steps)
                .map(|s| if s == 0 { share_ahead(panel, first) } else { 1.0 })
                .collect(),
            year: (0..steps).map(|s| year.of(s + usize::from(!begun))).collect(),
            look,
            begun,
        };
        let chosen = chosen.map(|chosen| {
            let items: BTreeSet<usize> =
                chosen.iter().copied().filter(|item| *item < panel.len()).collect();
            items.into_iter().collect::<Vec<usize>>()
        });
        let items = chosen.clone().unwrap_or_else(|| (0..panel.len()).collect());
        let grid = SpreadGrid::new();
        let chunks: Vec<Chunk> = items
            .par_chunks(CHUNK)
            .map_init(
                || (Scratch::default(), Rates::default()),
                |(scratch, rates), items| {
                    let mut chunk = Chunk::default();
                    for item in items {
                        chunk.add(panel, fitted, &ahead, (*item, &grid), (scratch, rates));
                    }
                    chunk
                },
            )
            .collect();
        let mut out = Self {
            steps,
            means: Vec::with_capacity(steps * items.len()),
            log_dispersions: Vec::with_capacity(items.len()),
            class: Vec::with_capacity(items.len()),
            leader: Vec::with_capacity(items.len()),
            local: fitted.pooled.local.map(LocalModel::name),
            is_count: items.iter().map(|item| panel.is_count[*item]).collect(),
            calibration: fitted.calibration.clone(),
            days: split_into_days(panel, steps),
            cycle_days: match panel.calendar.length {
                BucketLength::Day => 7,
                BucketLength::Week | BucketLength::Month => 364,
            },
            bucket_days: panel.calendar.mean_days(),
            chosen,
            changes: Changes::default(),
            usual: fitted.priors.usual_dispersions(),
        };
        for chunk in chunks {
            out.means.extend(chunk.means);
            out.log_dispersions.extend(chunk.log_dispersions);
            out.leader
                .extend(chunk.class.iter().map(|c| fitted.blend.leader(usize::from(*c)) as u8));
            out.class.extend(chunk.class);
        }
        out
    }

    /// How many items were forecast.
    #[must_use]
    pub fn len(&self) -> usize {
        self.class.len()
    }

    /// Whether there are no items.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.class.is_empty()
    }

    /// Where an item stands among those that were forecast; past their end where it was not.
    fn place(&self, item: usize) -> usize {
        match &self.chosen {
            None => item,
            Some(chosen) => chosen.binary_search(&item).unwrap_or(usize::MAX / 2),
        }
    }

    /// The same forecasts, moved by what people state.
    #[must_use]
    pub fn with_changes(self, changes: Changes) -> Self {
        Self { changes, ..self }
    }

    /// What people state about an item, in the order in which it is applied.
    #[must_use]
    pub fn changes(&self, item: usize) -> &[DemandChange] {
        self.changes.of(item)
    }

    /// Demand of one item over any stretch of days from `as_of` on.
    #[must_use]
    pub fn law(&self, item: usize) -> DemandLaw<'_> {
        self.law_with(item, self.changes(item))
    }

    /// Demand of one item with these changes alone.
    #[must_use]
    pub fn law_with(&self, item: usize, changes: &[DemandChange]) -> DemandLaw<'_> {
        let law = self.plain_law(item);
        if changes.is_empty() {
            return law;
        }
        let per_day = |change: &DemandChange| {
            change.value / f64::from(change.to_day.saturating_sub(change.from_day))
        };
        let stated =
            changes.iter().filter(|change| change.kind != OverrideKind::Multiply).map(per_day);
        let size = stated.fold(0.0, f64::max) * self.bucket_days;
        let usual =
            self.usual.iter().rev().find(|(least, _)| size >= *least).or(self.usual.first());
        law.changed(changes, usual.map_or(&[], |(_, log_dispersions)| log_dispersions))
    }

    /// Demand of one item as the models alone see it.
    fn plain_law(&self, item: usize) -> DemandLaw<'_> {
        let means = self.bucket_means(item);
        let mut cumulated = Vec::with_capacity(self.days.len());
        let (mut bucket, mut before) = (0, 0.0);
        for (whole, share) in &self.days {
            while bucket < *whole as usize {
                before += means.get(bucket).copied().unwrap_or(0.0);
                bucket += 1;
            }
            cumulated.push(before + share * means.get(bucket).copied().unwrap_or(0.0));
        }
        let item = self.place(item);
        let spread = Spread {
            bucket_days: self.bucket_days,
            log_dispersion: self.log_dispersions.get(item).map_or(&[], |x| x.as_slice()),
            calibration: self
                .class
                .get(item)
                .and_then(|c| self.calibration.get(usize::from(*c)))
                .map_or(&[], |x| x),
            is_count: self.is_count.get(item).copied().unwrap_or(true),
        };
        DemandLaw::new(cumulated, self.cycle_days, spread)
    }

    /// Name of the model that weighs most in an item's forecast.
    #[must_use]
    pub fn model_name(&self, item: usize) -> &str {
        if let Some(name) = self.local {
            return name;
        }
        self.leader
            .get(self.place(item))
            .and_then(|m| NAMES.get(usize::from(*m)))
            .copied()
            .unwrap_or(NAMES[0])
    }

    /// Mean demand of each bucket ahead; the first is the rest of the bucket that `as_of` lies in,
    /// where it lies inside one.
    #[must_use]
    pub fn bucket_means(&self, item: usize) -> &[f64] {
        let from = self.place(item).saturating_mul(self.steps);
        self.means.get(from..from.saturating_add(self.steps)).unwrap_or(&[])
    }
}

/// Results of a worker's items.
#[derive(Default)]
struct Chunk {
    means: Vec<f64>,
    log_dispersions: Vec<[f32; LENGTHS]>,
    class: Vec<u8>,
}

impl Chunk {
    fn add(
        &mut self,
        panel: &Panel,
        fitted: &Fitted,
        ahead: &BucketsAhead,
        (item, grid): (usize, &SpreadGrid),
        (scratch, rates): (&mut Scratch, &mut Rates),
    ) {
        let class = fitted.priors.smooth(panel, item, 0, &ahead.look.positions, scratch);
        let profile = fitted.priors.season.of(panel, item);
        let factors: Vec<f64> = ahead
            .positions
            .iter()
            .map(|p| profile.get(usize::from(*p)).copied().unwrap_or(1.0))
            .collect();
        let own = Ahead {
            positions: &ahead.positions,
            factors: &factors,
            month_phases: &ahead.month_phases,
            begun: ahead.begun,
            category: panel.category[item],
            groups: ahead.look.groups.of(panel, item),
        };
        members::resize(rates, factors.len());
        members::rates(scratch, panel.calendar.season_length(), &fitted.pooled, &own, rates);
        if let Some(model) = fitted.pooled.local {
            members::put_local(
                model,
                &scratch.history,
                panel.calendar.season_length(),
                &own,
                rates,
            );
        }
        let weights = fitted.blend.of(class);
        let effects = fitted.priors.effects_ahead(
            panel,
            item,
            panel.calendar.bucket_of(panel.as_of),
            factors.len(),
        );
        for (step, factor) in factors.iter().enumerate() {
            let rate: f64 = weights.iter().zip(rates.iter()).map(|(w, r)| w * r[step]).sum();
            let effect = effects.get(step).copied().unwrap_or(1.0);
            let mean = rate * factor * ahead.share[step] * ahead.year[step] * effect;
            self.means.push(if mean.is_finite() && mean > 0.0 { mean } else { 0.0 });
        }
        let mut log_dispersions = fitted.priors.log_dispersions(grid, class, scratch);
        log_dispersions[0] += fitted.blend.sharpening(class);
        self.log_dispersions.push(log_dispersions);
        self.class.push(class as u8);
    }
}

/// Usual share of a day's weekday in a week, never 0 so that a bucket can always be split.
fn day_share(panel: &Panel, day: i32) -> f64 {
    let share = panel.weekday_profile[weekday_of(day)];
    if share.is_finite() && share > 1e-6 { share } else { 1e-6 }
}

/// Share of the bucket's usual demand from `as_of` on.
fn share_ahead(panel: &Panel, bucket: i32) -> f64 {
    let (start, end) = (panel.calendar.start_of(bucket), panel.calendar.start_of(bucket + 1));
    let sum = |from: i32, to: i32| (from..to).map(|d| day_share(panel, d)).sum::<f64>();
    (sum(panel.as_of, end) / sum(start, end)).clamp(0.0, 1.0)
}

/// For each number of days from `as_of` on: whole buckets, and the share of the next bucket's
/// demand.
fn split_into_days(panel: &Panel, steps: usize) -> Vec<(u32, f64)> {
    let first = panel.calendar.bucket_of(panel.as_of);
    let mut out = vec![(0, 0.0)];
    for step in 0..steps as i32 {
        let from = panel.calendar.start_of(first + step).max(panel.as_of);
        let to = panel.calendar.start_of(first + step + 1);
        let whole: f64 = (from..to).map(|d| day_share(panel, d)).sum();
        let mut before = 0.0;
        for day in from..to {
            before += day_share(panel, day);
            out.push(if day + 1 == to {
                (step as u32 + 1, 0.0)
            } else {
                (step as u32, before / whole)
            });
        }
    }
    out
}
