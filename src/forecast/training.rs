//! The pooled models of a panel: how they are trained at origins inside it, and what they say of an
//! item.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::features::{FeatureSpans, StepContext, origin_features, step_features};
use super::groups::{GroupSeries, Groups};
use super::local::LocalModel;
use super::pooled::{Linear, MAX_TARGET, TrainingRows, TreeSettings, Trees};
use super::priors::{Priors, Scratch};
use super::season::Positions;
use crate::demand::panel::Panel;
use crate::domain::calendar::{BucketLength, Day, date_of};
use crate::stats::random;
use chrono::Datelike;

/// Training rows, at most (about 120 MB of features); never more than two for each bucket.
const MAX_ROWS: usize = 400_000;
/// Models that only serve to learn the blend and the calibration read this many times fewer rows.
const EVALUATION_SAVING: usize = 2;
/// Steps ahead that are read from one origin of an item.
const STEPS_PER_ORIGIN: usize = 4;

/// Power that draws the steps ahead of weekly rows towards the origin, where orders are decided.
const NEARNESS_WEEKS: f64 = 1.5;

/// Trees and the linear regression, with the bucket length they read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pooled {
    length: BucketLength,
    /// Whether the season position is read as a number: the history has each at least twice.
    reads_position: bool,
    trees: Option<Trees>,
    linear: Option<Linear>,
    /// The local model that a run was asked for by name; it takes the smoothing's place.
    pub local: Option<LocalModel>,
}

/// Where an item's forecast starts, and what lies ahead of it.
#[derive(Debug, Clone, Copy)]
pub struct Ahead<'a> {
    /// Season position of each bucket ahead.
    pub positions: &'a [u8],
    /// Season factor of each bucket ahead.
    pub factors: &'a [f64],
    /// Where in its month each bucket ahead lies.
    pub month_phases: &'a [f64],
    /// Whether the first bucket ahead is the rest of the history's last one.
    pub begun: bool,
    /// Number of the item's category.
    pub category: u32,
    /// The series of the item's groups.
    pub groups: [GroupSeries<'a>; 3],
}

impl Pooled {
    /// Trains on the panel without its last `cut` buckets, for targets up to `steps` buckets ahead.
    #[must_use]
    pub fn train(
        panel: &Panel,
        priors: &Priors,
        look: &Lookups,
        (cut, steps): (usize, usize),
        seed: u64,
    ) -> Self {
        let longest =
            panel.offsets.windows(2).map(|w| w[1].saturating_sub(w[0])).max().unwrap_or(0);
        // A week of the year as a number would be extrapolated where history holds less than two of
        // each.
        let reads_position = longest.saturating_sub(cut) >= 2 * panel.calendar.season_length();
        let plan = RowPlan { cut, steps, origins: 0, seed, reads_position };
        let rows = training_rows(panel, priors, look, plan);
        let settings = tree_settings(panel.calendar.length, reads_position, rows.len(), seed);
        Self {
            length: panel.calendar.length,
            reads_position,
            trees: Trees::train(&rows, &settings),
            linear: Linear::train(&rows),
            local: None,
        }
    }

    /// No pooled models, and a local one that was asked for by name.
    #[must_use]
    pub fn untrained(panel: &Panel, local: Option<LocalModel>) -> Self {
        Self {
            length: panel.calendar.length,
            reads_position: false,
            trees: None,
            linear: None,
            local,
        }
    }

    /// Fills the demand of an average bucket for every bucket ahead, by the linear regression and
    /// by the trees; a model that could not be trained leaves its buffer as it is.
    pub fn rates(
        &self,
        scratch: &mut Scratch,
        ahead: &Ahead<'_>,
        linear: &mut [f64],
        trees: &mut [f64],
    ) {
        // A bucket that has only begun is not read as a whole one: the origin stands before it, and
        // it is the first target.
        let at = scratch.history.len().saturating_sub(usize::from(ahead.begun));
        if at < MIN_HISTORY || (self.trees.is_none() && self.linear.is_none()) {
            return;
        }
        let spans = FeatureSpans::new(self.length);
        scratch.sums.load(&scratch.history);
        let Scratch { history, smoothing, sums, row, rows, predicted, .. } = scratch;
        let scale = origin_features(&spans, history, sums, smoothing, at, row);
        let base = row.len();
        rows.clear();
        for step in 0..trees.len() {
            row.truncate(base);
            let context = StepContext {
                at,
                step,
                position: if self.reads_position { ahead.positions[step] } else { 0 },
                season: ahead.factors[step],
                month_phase: ahead.month_phases[step],
                category: f64::from(ahead.category),
                groups: ahead.groups,
            };
            step_features(&spans, history, sums, &context, scale, row);
            rows.extend_from_slice(row);
        }
        let width = row.len();
        predicted.clear();
        predicted.resize(trees.len(), 0.0);
        let write = |out: &mut [f64], predicted: &[f64]| {
            for ((rate, value), factor) in out.iter_mut().zip(predicted).zip(ahead.factors) {
                *rate = value.clamp(0.0, max_target(scale)) * scale / factor;
            }
        };
        if let Some(model) = &self.trees {
            model.predict(rows, width, predicted);
            write(trees, predicted);
        }
        if let Some(model) = &self.linear {
            model.predict(rows, width, predicted);
            write(linear, predicted);
        }
    }
}

/// Buckets of history an item needs before the pooled models speak of it.
const MIN_HISTORY: usize = 4;

fn tree_settings(length: BucketLength, full_years: bool, rows: usize, seed: u64) -> TreeSettings {
    let min_leaf_weight = (rows as f32 / 4_000.0).clamp(20.0, 100.0);
    match length {
        // Features of last year are worth more rounds; a shorter history is learnt sooner.
        BucketLength::Week if full_years => TreeSettings {
            rounds: 160,
            learning_rate: 0.055,
            leaves: 63,
            depth: 10,
            min_leaf_weight,
            seed,
        },
        BucketLength::Day => TreeSettings {
            rounds: 120,
            learning_rate: 0.06,
            leaves: 64,
            depth: 6,
            min_leaf_weight,
            seed,
        },
        BucketLength::Week => TreeSettings {
            rounds: 120,
            learning_rate: 0.07,
            leaves: 63,
            depth: 10,
            min_leaf_weight,
            seed,
        },
        BucketLength::Month => TreeSettings {
            rounds: 80,
            learning_rate: 0.05,
            leaves: 16,
            depth: 6,
            min_leaf_weight,
            seed,
        },
    }
}

/// What is looked up by bucket, the same for every item.
#[derive(Debug, Clone)]
pub struct Lookups {
    /// Season positions.
    pub positions: Positions,
    /// Where in its month each bucket lies, from the panel's oldest on.
    month_phases: Vec<f64>,
    first_bucket: i32,
    /// Series of the groups.
    pub groups: Groups,
}

impl Lookups {
    /// Looks up every bucket from the panel's oldest to `ahead` past its last.
    #[must_use]
    pub fn new(panel: &Panel, ahead: usize) -> Self {
        let longest =
            panel.offsets.windows(2).map(|w| w[1].saturating_sub(w[0])).max().unwrap_or(0);
        let last = panel.last_bucket();
        let first_bucket = last + 1 - longest as i32;
        let phase = |bucket: i32| match panel.calendar.length {
            BucketLength::Day => month_phase(bucket),
            BucketLength::Week => month_phase(panel.calendar.start_of(bucket) + 3),
            BucketLength::Month => 0.5,
        };
        Self {
            positions: Positions::new(panel, ahead),
            month_phases: (first_bucket..=last + ahead as i32 + 1).map(phase).collect(),
            first_bucket,
            groups: Groups::learn(panel, 0),
        }
    }

    /// Where in its month a bucket lies, 0 … 1.
    #[must_use]
    pub fn month_phase(&self, bucket: i32) -> f64 {
        let at = usize::try_from(bucket - self.first_bucket).ok();
        at.and_then(|i| self.month_phases.get(i)).copied().unwrap_or(0.5)
    }
}

fn month_phase(day: Day) -> f64 {
    f64::from(date_of(day).day0()) / 30.0
}

/// Rows of every item from origins picked by hash over the recent past.
fn training_rows(
    panel: &Panel,
    priors: &Priors,
    look: &Lookups,
    mut plan: RowPlan,
) -> TrainingRows {
    // A year of weeks has few origins that differ: more rows than half its buckets cost time and
    // tell nothing new.
    let distinct = match panel.calendar.length {
        BucketLength::Week => panel.demand.len() / 2,
        BucketLength::Day | BucketLength::Month => 2 * panel.demand.len(),
    };
    let most = MAX_ROWS.min(distinct) / if plan.cut > 0 { EVALUATION_SAVING } else { 1 };
    let per_item = most / panel.len().max(1) / STEPS_PER_ORIGIN;
    // More items than rows: a sample of the items, three origins each.
    let share = if per_item >= 3 { 1.0 } else { most as f64 / (12.0 * panel.len() as f64) };
    plan.origins = per_item.clamp(3, 60);
    let chunks: Vec<usize> =
        (0..panel.len()).filter(|i| random::unit(plan.seed ^ 0x7EE5, *i as u64) < share).collect();
    let parts: Vec<TrainingRows> = chunks
        .par_chunks(64)
        .map_init(Scratch::default, |scratch, items| {
            let mut rows = TrainingRows::default();
            for item in items {
                plan.add_item(panel, priors, look, *item, scratch, &mut rows);
            }
            rows
        })
        .collect();
    let mut all = TrainingRows::default();
    for part in parts {
        all.features.extend(part.features);
        all.targets.extend(part.targets);
        all.weights.extend(part.weights);
    }
    all
}

/// Which rows are read of an item.
struct RowPlan {
    cut: usize,
    steps: usize,
    origins: usize,
    seed: u64,
    reads_position: bool,
}

impl RowPlan {
    fn add_item(
        &self,
        panel: &Panel,
        priors: &Priors,
        look: &Lookups,
        item: usize,
        scratch: &mut Scratch,
        rows: &mut TrainingRows,
    ) {
        let series = panel.series(item).cut(self.cut);
        let n = series.demand.len();
        if n < MIN_HISTORY + 2 {
            return;
        }
        priors.smooth(panel, item, self.cut, &look.positions, scratch);
        scratch.sums.load(&scratch.history);
        let spans = FeatureSpans::new(panel.calendar.length);
        let factors = priors.season.of(panel, item);
        let groups = look.groups.of(panel, item);
        let knee = weight_knee(panel.calendar.length);
        let nearness =
            if panel.calendar.length == BucketLength::Week { NEARNESS_WEEKS } else { 1.0 };
        let recent = match panel.calendar.length {
            BucketLength::Day => 240,
            BucketLength::Week => 104,
            BucketLength::Month => 60,
        };
        let from = n.saturating_sub(recent).max(MIN_HISTORY);
        let origins = self.origins.min(n - from);
        for k in 0..origins {
            // One origin in each equal part of the recent past, at a place picked by hash.
            let key = (item as u64) << 20 | (k as u64) << 4;
            let spread = (n - from) as f64 / origins as f64;
            let at =
                (from + ((k as f64 + random::unit(self.seed, key)) * spread) as usize).min(n - 1);
            let Scratch { history, smoothing, sums, row, factors: factor_of_buckets, .. } = scratch;
            let scale = origin_features(&spans, history, sums, smoothing, at, row);
            let base = row.len();
            let ahead = self.steps.min(n - at);
            let picks = STEPS_PER_ORIGIN.min(ahead);
            for pick in 0..picks {
                let u = random::unit(self.seed, key + 1 + pick as u64);
                let place = libm::pow((pick as f64 + u) / picks as f64, nearness);
                let step = ((place * ahead as f64) as usize).min(ahead - 1);
                let target = at + step;
                if series.exposure[target] < 0.999 || series.censored[target] {
                    continue;
                }
                row.truncate(base);
                let position = history.position[target];
                let context = StepContext {
                    at,
                    step,
                    position: if self.reads_position { position } else { 0 },
                    season: factors.get(usize::from(position)).copied().unwrap_or(1.0),
                    month_phase: look.month_phase(series.first_bucket + target as i32),
                    category: f64::from(panel.category[item]),
                    groups,
                };
                step_features(&spans, history, sums, &context, scale, row);
                rows.features.extend_from_slice(row);
                let effect = factor_of_buckets.get(target).copied().unwrap_or(1.0);
                rows.targets.push((history.demand[target] / effect / scale).min(max_target(scale)));
                // Huge items must not own the trees: beyond a level the noise is relative, not
                // Poisson.
                rows.weights.push(scale / (1.0 + scale / knee) * effect.min(1.0));
            }
        }
    }
}

/// Targets, as multiples of the scale, are clipped: a thousandfold day must not become a leaf. An
/// item that hardly sells may still sell a dozen.
fn max_target(scale: f64) -> f64 {
    MAX_TARGET * (1.0 / scale).max(1.0)
}

/// Units a bucket at which the variance of demand turns from Poisson to relative.
fn weight_knee(length: BucketLength) -> f64 {
    match length {
        BucketLength::Day | BucketLength::Month => 15.0,
        BucketLength::Week => 100.0,
    }
}
