//! The forecasts of a panel: compact per item, opened as a demand distribution one at a time.

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde::{Deserialize, Deserializer};

use super::distribution::demand_distribution::{DemandDistribution, Spread};
use super::distribution::dispersion::DispersionGrid;
use super::distribution::lot::Lot;
use super::distribution::width::Widths;
use super::item::{Ahead, ItemForecast, Learnt, Scratch, forecast_item};
use super::learn::Fitted;
use super::learn::blend::Blend;
use super::models::local::LocalModel;
use super::models::members::NAMES;
use super::{AcrossItems, ForecastSettings};
use crate::demand::origin::Origin;
use crate::demand::panel::Panel;
use crate::demand::positions::Positions;
use crate::demand::stated::{Changes, DemandChange};
use crate::domain::calendar::{BucketLength, Day};
use crate::domain::counted::{Counted, OnItems};
use crate::domain::tables::OverrideKind;

/// Items a worker takes at a time. Judgement.
const CHUNK: usize = 64;
/// Items whose results wait to be put in order, at most. Judgement: a second of work, and a
/// hundredth of the memory of a million items.
const BLOCK: usize = 256 * CHUNK;

/// Which forecasts are asked for.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// These items; `None` for all.
    pub(super) items: Option<&'a [usize]>,
    /// Whole buckets by which the origin lies before the last one that is complete; 0 for `as_of`.
    pub(super) buckets_back: usize,
    /// Is told how many items are done.
    pub(super) on_items: OnItems<'a>,
}

/// Name of a model.
type ModelName = &'static str;

/// Forecasts of every item of a panel.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Forecasts {
    /// Buckets ahead.
    steps: usize,
    /// Mean demand of each bucket ahead, in units, item by item.
    means: Vec<f64>,
    /// How wide totals are, by item.
    widths: Vec<Widths>,
    /// What demand comes in, by item.
    lots: Vec<Lot>,
    /// Class of volume, by item.
    class: Vec<u8>,
    /// The model that weighs most, by item.
    leader: Vec<u8>,
    /// Name of the local model asked for, if any.
    #[serde(deserialize_with = "known_model")]
    local: Option<ModelName>,
    /// For each number of days ahead: whole buckets in it, and the share of the next one.
    days: Vec<(u32, f64)>,
    /// How many of these planning reads.
    planned_days: usize,
    /// Days of one season cycle.
    cycle_days: usize,
    /// Days of an average bucket.
    bucket_days: f64,
    /// The items that were forecast, ascending; `None` if all were.
    chosen: Option<Vec<usize>>,
    /// What people state about the demand ahead; kept with the histories alone.
    #[serde(skip)]
    changes: Changes,
    /// How wide demand of a size usually is: the least demand of a bucket, and its widths.
    usual: Vec<(f64, Widths)>,
    /// The demand beyond what planning reads. It is not kept: tonight's orders do not depend on it.
    #[serde(skip)]
    later: Later,
}

/// Demand beyond what planning reads, for projected orders. Single precision: a mean of half a year
/// ahead has not so many digits.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Later {
    /// Buckets of each item.
    steps: usize,
    /// Mean demand of each, in units, item by item.
    means: Vec<f32>,
    /// For each further day: whole buckets of these, and the share of the next one.
    days: Vec<(u32, f64)>,
}

/// The buckets beyond what planning reads.
#[derive(Debug, Clone, Copy)]
struct Beyond {
    /// How many buckets are planned or written, and kept.
    kept: usize,
    /// The first of those beyond.
    from: usize,
    /// How many there are.
    steps: usize,
    /// How many buckets say the rate that goes on where no model is asked.
    held: usize,
}

/// The buckets ahead of an origin, all of them.
#[derive(Debug, Clone, Copy)]
struct Looking<'a> {
    ahead: &'a Ahead<'a>,
    beyond: Beyond,
}

impl Later {
    /// Nothing of any item yet; `days` are those after what planning reads.
    fn after(days: &[(u32, f64)], beyond: Beyond) -> Self {
        let days = days
            .iter()
            .map(|(whole, share)| (*whole - beyond.from as u32, *share))
            .take_while(|(whole, share)| (f64::from(*whole) + share) <= beyond.steps as f64);
        Self { steps: beyond.steps, means: Vec::new(), days: days.collect() }
    }
}

impl Forecasts {
    /// Forecasts the chosen items, or all: an item's forecast does not depend on which others are
    /// chosen, or stand in the panel.
    pub(super) fn compute(
        panel: &Panel,
        across: AcrossItems<'_>,
        settings: &ForecastSettings,
        asked: &Asked<'_>,
    ) -> Self {
        let AcrossItems { fitted, groups } = across;
        let Asked { items: chosen, buckets_back, on_items } = *asked;
        let steps = settings.steps_ahead(panel);
        let planned = settings.steps_planned(panel);
        // What was forecast before is held against what came, and projects nothing.
        let (reach, asked_for) = match buckets_back {
            0 => (settings.steps_projected(panel), settings.steps_asked(panel)),
            _ => (planned, steps),
        };
        let positions = Positions::new(panel, steps.max(reach));
        let latest = Origin::latest(panel, &positions);
        let origin = match buckets_back {
            0 => latest,
            buckets => latest.at_whole_bucket().back(buckets),
        };
        let ahead = Ahead::reaching(&origin, asked_for, reach, groups);
        let beyond = Beyond {
            kept: steps,
            from: planned,
            steps: reach.saturating_sub(planned),
            held: ForecastSettings::steps_held(panel),
        };

        let chosen = chosen.map(|chosen| known_items(chosen, panel.len()));
        let items = chosen.clone().unwrap_or_else(|| (0..panel.len()).collect());
        let done = Counted::new(items.len(), on_items);

        let mut days = split_into_days(panel, origin.end_day(), steps.max(reach));
        let planned_days = days.partition_point(|(whole, _)| (*whole as usize) < planned) + 1;
        let mut later = Later::after(&days[planned_days.min(days.len())..], beyond);
        later.means.reserve_exact(beyond.steps * items.len());
        days.truncate(days.partition_point(|(whole, _)| (*whole as usize) < steps) + 1);
        let mut out = Self {
            steps,
            means: Vec::with_capacity(steps * items.len()),
            widths: Vec::with_capacity(items.len()),
            lots: Vec::with_capacity(items.len()),
            class: Vec::with_capacity(items.len()),
            leader: Vec::with_capacity(items.len()),
            local: fitted.pooled.local.map(LocalModel::name),
            planned_days,
            days,
            cycle_days: match panel.calendar.length {
                BucketLength::Day => 7,
                BucketLength::Week | BucketLength::Month => 364,
            },
            bucket_days: panel.calendar.mean_days(),
            chosen,
            changes: Changes::default(),
            usual: fitted.priors.usual_widths(),
            later,
        };
        fitted.forecast_items(
            &origin,
            Looking { ahead: &ahead, beyond },
            (&items, &done),
            |chunk| {
                out.put(chunk, &fitted.blend);
            },
        );
        out
    }

    /// Adds the results of the next items.
    fn put(&mut self, chunk: Chunk, blend: &Blend) {
        self.means.extend(chunk.means);
        self.later.means.extend(chunk.later);
        self.widths.extend(chunk.widths);
        self.lots.extend(chunk.lots);
        self.leader.extend(chunk.class.iter().map(|c| blend.leader(usize::from(*c)) as u8));
        self.class.extend(chunk.class);
    }

    /// The demand beyond what planning reads, which is kept apart.
    #[must_use]
    pub fn later(&self) -> &Later {
        &self.later
    }

    /// The same with the demand beyond what planning reads.
    #[must_use]
    pub fn with_later(self, later: Later) -> Self {
        Self { later, ..self }
    }

    /// Forecasts of subsets, each beside the index of its items among all, which between them are
    /// all of so many, as one; `None` where they are not.
    #[must_use]
    pub fn gathered(parts: &[(&[usize], &Self)], items: usize) -> Option<Self> {
        let (_, first) = parts.first()?;
        let (steps, later) = (first.steps, first.later.steps);
        let mut out = Self {
            steps,
            means: vec![0.0; steps * items],
            widths: vec![Widths::default(); items],
            lots: vec![Lot::single(true); items],
            class: vec![0; items],
            leader: vec![0; items],
            local: first.local,
            days: first.days.clone(),
            planned_days: first.planned_days,
            cycle_days: first.cycle_days,
            bucket_days: first.bucket_days,
            chosen: None,
            changes: Changes::default(),
            usual: first.usual.clone(),
            later: Later {
                steps: later,
                means: vec![0.0; later * items],
                days: first.later.days.clone(),
            },
        };

        let mut known = 0;
        for (index, part) in parts {
            known += index.len();
            for (from, to) in index.iter().copied().enumerate() {
                let row = |at: usize, wide: usize| at * wide..(at + 1) * wide;
                let means = part.means.get(row(from, steps))?;
                out.means.get_mut(row(to, steps))?.copy_from_slice(means);
                let means = part.later.means.get(row(from, later))?;
                out.later.means.get_mut(row(to, later))?.copy_from_slice(means);
                *out.widths.get_mut(to)? = *part.widths.get(from)?;
                *out.lots.get_mut(to)? = *part.lots.get(from)?;
                *out.class.get_mut(to)? = *part.class.get(from)?;
                *out.leader.get_mut(to)? = *part.leader.get(from)?;
            }
        }
        (known == items).then_some(out)
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

    /// Where an item stands among those that were forecast; past their end if it was not.
    fn row(&self, item: usize) -> usize {
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

    /// Demand of one item over any stretch of days from `as_of` on, as planning reads it.
    #[must_use]
    pub fn distribution(&self, item: usize) -> DemandDistribution {
        self.distribution_with(item, self.changes(item))
    }

    /// The same with these changes alone.
    #[must_use]
    pub fn distribution_with(&self, item: usize, changes: &[DemandChange]) -> DemandDistribution {
        let planned = self.days.get(..self.planned_days).unwrap_or(&self.days);
        self.changed(self.plain_distribution(item, planned), changes)
    }

    /// Demand of one item as it is written: within what planning reads the same, beyond it each
    /// bucket of the horizon by itself.
    #[must_use]
    pub fn distribution_to_horizon(&self, item: usize) -> DemandDistribution {
        self.changed(self.plain_distribution(item, &self.days), self.changes(item))
    }

    /// Demand of one item as far as orders are projected; within what planning reads the same.
    #[must_use]
    pub fn distribution_ahead(&self, item: usize) -> DemandDistribution {
        let planned = self.days.get(..self.planned_days).unwrap_or(&self.days);
        let mut cumulated = self.cumulated(item, planned);
        let from = self.row(item).saturating_mul(self.later.steps);
        let means = self.later.means.get(from..from.saturating_add(self.later.steps));
        let means = means.unwrap_or_default();

        let (mut bucket, mut before) = (0, cumulated.last().copied().unwrap_or(0.0));
        cumulated.reserve(self.later.days.len());
        let mean = |bucket: usize| means.get(bucket).map_or(0.0, |mean| f64::from(*mean));
        for (whole, share) in self.later.days.iter().filter(|_| !means.is_empty()) {
            while bucket < *whole as usize {
                before += mean(bucket);
                bucket += 1;
            }
            cumulated.push(before + share * mean(bucket));
        }
        let distribution = DemandDistribution::new(cumulated, self.cycle_days, self.spread(item));
        self.changed(distribution, self.changes(item))
    }

    fn changed(
        &self,
        distribution: DemandDistribution,
        changes: &[DemandChange],
    ) -> DemandDistribution {
        if changes.is_empty() {
            return distribution;
        }

        let stated = changes.iter().filter(|change| change.kind != OverrideKind::Multiply);
        let size = stated.map(units_per_day).fold(0.0, f64::max) * self.bucket_days;
        let usual =
            self.usual.iter().rev().find(|(least, _)| size >= *least).or(self.usual.first());
        distribution.changed(changes, usual.map_or(Widths::default(), |(_, widths)| *widths))
    }

    /// Demand of one item over these days as the models alone see it.
    fn plain_distribution(&self, item: usize, days: &[(u32, f64)]) -> DemandDistribution {
        DemandDistribution::new(self.cumulated(item, days), self.cycle_days, self.spread(item))
    }

    /// Mean demand of the first 0, 1, 2 … of these days as the models alone see it.
    fn cumulated(&self, item: usize, days: &[(u32, f64)]) -> Vec<f64> {
        let means = self.bucket_means(item);
        let (mut bucket, mut before) = (0, 0.0);
        let mut cumulated = Vec::with_capacity(days.len());
        for (whole, share) in days {
            while bucket < *whole as usize {
                before += means.get(bucket).copied().unwrap_or(0.0);
                bucket += 1;
            }
            cumulated.push(before + share * means.get(bucket).copied().unwrap_or(0.0));
        }
        cumulated
    }

    /// What lies around an item's means.
    fn spread(&self, item: usize) -> Spread {
        let item = self.row(item);
        Spread {
            bucket_days: self.bucket_days,
            widths: self.widths.get(item).copied().unwrap_or_default(),
            lot: self.lots.get(item).copied().unwrap_or(Lot::single(true)),
        }
    }

    /// Name of the model that weighs most in an item's forecast.
    #[must_use]
    pub fn model_name(&self, item: usize) -> &'static str {
        if let Some(name) = self.local {
            return name;
        }

        self.leader
            .get(self.row(item))
            .and_then(|m| NAMES.get(usize::from(*m)))
            .copied()
            .unwrap_or(NAMES[0])
    }

    /// Mean demand of each bucket ahead; the first is the rest of the bucket that `as_of` lies in,
    /// where it lies inside one.
    #[must_use]
    pub fn bucket_means(&self, item: usize) -> &[f64] {
        let from = self.row(item).saturating_mul(self.steps);
        self.means.get(from..from.saturating_add(self.steps)).unwrap_or(&[])
    }
}

/// Reads the name of a model of one history; none for one that is not known.
fn known_model<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<ModelName>, D::Error> {
    let name: Option<String> = Deserialize::deserialize(reader)?;
    Ok(name.and_then(|name| LocalModel::from_name(&name)).map(LocalModel::name))
}

/// Results of a worker's items.
#[derive(Default)]
struct Chunk {
    means: Vec<f64>,
    /// Mean demand of each bucket beyond what planning reads.
    later: Vec<f32>,
    widths: Vec<Widths>,
    lots: Vec<Lot>,
    class: Vec<u8>,
}

impl Fitted {
    /// Forecasts items at an origin, and hands on the results in chunks, in their order.
    fn forecast_items(
        &self,
        origin: &Origin<'_>,
        Looking { ahead, beyond }: Looking<'_>,
        (items, done): (&[usize], &Counted<'_>),
        mut put: impl FnMut(Chunk),
    ) {
        let grid = DispersionGrid::new(origin.calendar().mean_days());
        let pooled = self.pooled.models();
        let learnt = Learnt { priors: &self.priors, pooled: &pooled, grid: &grid };
        for block in items.chunks(BLOCK) {
            let chunks: Vec<Chunk> = block
                .par_chunks(CHUNK)
                .map_init(Scratch::default, |scratch, indices| {
                    let mut chunk = Chunk::default();
                    for index in indices {
                        let item = origin.item(*index);
                        chunk.add(&forecast_item(&item, &learnt, ahead, scratch), self, beyond);
                    }
                    done.add(indices.len());
                    chunk
                })
                .collect();
            chunks.into_iter().for_each(&mut put);
        }
    }
}

impl Chunk {
    fn add(&mut self, forecast: &ItemForecast, fitted: &Fitted, beyond: Beyond) {
        let class = forecast.class;
        let calibration = fitted.calibration.get(class).copied().unwrap_or_default();
        let factor = calibration.mean_factor();
        let weights = fitted.blend.of(class);

        let means = forecast.means(weights).take(beyond.kept);
        self.means.extend(means.map(|mean| factor * mean));
        let later = forecast.later_means(weights, beyond.from, beyond.held);
        self.later.extend(later.take(beyond.steps).map(|mean| (factor * mean) as f32));
        self.widths.push(calibration.widths(forecast.widths));
        self.lots.push(forecast.lot);
        self.class.push(class as u8);
    }
}

/// What a change states of a day, in units.
fn units_per_day(change: &DemandChange) -> f64 {
    change.value / f64::from(change.to_day.saturating_sub(change.from_day))
}

/// The chosen items that there are, ascending and each once.
fn known_items(chosen: &[usize], items: usize) -> Vec<usize> {
    let known: BTreeSet<usize> = chosen.iter().copied().filter(|item| *item < items).collect();
    known.into_iter().collect()
}

/// For each number of days from a day on: whole buckets, and the share of the next bucket's
/// demand.
fn split_into_days(panel: &Panel, from_day: Day, steps: usize) -> Vec<(u32, f64)> {
    let first = panel.calendar.bucket_of(from_day);
    let mut out = vec![(0, 0.0)];
    for step in 0..steps as i32 {
        let from = panel.calendar.start_of(first + step).max(from_day);
        let to = panel.calendar.start_of(first + step + 1);

        let whole = panel.share_of_days(from, to);
        let mut before = 0.0;
        for day in from..to {
            before += panel.day_share(day);
            out.push(if day + 1 == to {
                (step as u32 + 1, 0.0)
            } else {
                (step as u32, before / whole)
            });
        }
    }
    out
}
