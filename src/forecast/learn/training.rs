//! How the models that learn across items are trained: on rows from origins inside the histories.

use rayon::prelude::*;

use crate::demand::origin::{ItemView, Origin};
use crate::domain::calendar::BucketLength;
use crate::forecast::models::across::{Buffers, MIN_HISTORY, Pooled, max_target};
use crate::forecast::models::features::{FeatureSpans, ItemFeatures, StepContext};
use crate::forecast::models::pooled::{Linear, TrainingRows, TreeSettings, Trees};
use crate::forecast::shared::groups::{GroupSeries, Groups};
use crate::forecast::shared::priors::{Priors, Smoothed};
use crate::stats::random;

/// Training rows, at most; never more than two for each bucket. Judgement: about 120 MB of
/// features.
const MAX_ROWS: usize = 400_000;
/// Models that only serve to learn the blend and the calibration read this many times fewer rows.
/// Judgement: it halves their time.
const EVALUATION_SAVING: usize = 2;
/// Steps ahead that are read from one origin of an item. Judgement.
const STEPS_PER_ORIGIN: usize = 4;
/// Origins of an item. Judgement: with fewer than three an item says too little, beyond sixty they
/// hardly differ.
const MIN_ORIGINS: usize = 3;
const MAX_ORIGINS: usize = 60;
/// Power that moves the steps ahead of weekly rows toward the origin, where orders are decided.
/// Chosen on weeks 114–139 of Favorita (docs/BENCHMARKS.md).
const NEARNESS_WEEKS: f64 = 1.5;
/// Share of a bucket that must be covered for it to be a target: all of it, but for rounding.
const MIN_EXPOSURE: f32 = 0.999;

/// Trains on what is known at an origin, for targets up to `steps` buckets ahead.
#[must_use]
pub fn train(
    origin: &Origin<'_>,
    priors: &Priors,
    groups: &Groups,
    steps: usize,
    seed: u64,
) -> Pooled {
    let calendar = origin.calendar();
    // A week of the year as a number would be extrapolated where history holds less than two of
    // each.
    let reads_position = origin.longest() >= 2 * calendar.season_length();

    let plan = RowPlan::new(origin, steps, seed, reads_position);
    let rows = plan.rows(origin, priors, groups);
    let settings = tree_settings(calendar.length, reads_position, rows.len(), seed);
    Pooled {
        length: calendar.length,
        reads_position,
        trees: Trees::train(&rows, &settings),
        linear: Linear::train(&rows),
        local: None,
    }
}

/// Chosen on weeks 114–139 of Favorita for weeks (docs/BENCHMARKS.md). Judgement otherwise: as much
/// as the time that is allowed buys.
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

/// Which rows are read of an item.
struct RowPlan {
    /// Targets lie up to so many buckets ahead.
    steps: usize,
    /// Origins of an item.
    origins: usize,
    /// Share of the items that are read.
    share: f64,
    seed: u64,
    reads_position: bool,
}

impl RowPlan {
    fn new(origin: &Origin<'_>, steps: usize, seed: u64, reads_position: bool) -> Self {
        // A year of weeks has few origins that differ: more rows than half its buckets cost time
        // and tell nothing new.
        let distinct = match origin.calendar().length {
            BucketLength::Week => origin.buckets_in_all() / 2,
            BucketLength::Day | BucketLength::Month => 2 * origin.buckets_in_all(),
        };
        let saving = if origin.buckets_back() > 0 { EVALUATION_SAVING } else { 1 };
        let max_rows = MAX_ROWS.min(distinct) / saving;

        // More items than rows: a sample of the items, three origins each.
        let per_item = max_rows / origin.len().max(1) / STEPS_PER_ORIGIN;
        let rows_of_all = (MIN_ORIGINS * STEPS_PER_ORIGIN) as f64 * origin.len() as f64;
        let share = if per_item >= MIN_ORIGINS { 1.0 } else { max_rows as f64 / rows_of_all };

        let origins = per_item.clamp(MIN_ORIGINS, MAX_ORIGINS);
        Self { steps, origins, share, seed, reads_position }
    }

    /// Rows of the items from origins picked by hash over the recent past.
    fn rows(&self, origin: &Origin<'_>, priors: &Priors, groups: &Groups) -> TrainingRows {
        let items: Vec<usize> = (0..origin.len())
            .filter(|item| random::unit(self.seed ^ 0x7EE5, *item as u64) < self.share)
            .collect();
        let parts: Vec<TrainingRows> = items
            .par_chunks(64)
            .map_init(
                || (Smoothed::default(), Buffers::default()),
                |(smoothed, buffers), indices| {
                    let mut rows = TrainingRows::default();
                    for index in indices {
                        let item = origin.item(*index);
                        if item.series.demand.len() < MIN_HISTORY + 2 {
                            continue;
                        }
                        priors.smooth(&item, smoothed);
                        let season = priors.season.of(&item);
                        let source = RowSource { item, smoothed, season, groups: groups.of(&item) };
                        self.add_item(&source, buffers, &mut rows);
                    }
                    rows
                },
            )
            .collect();

        let mut all = TrainingRows::default();
        for part in parts {
            all.features.extend(part.features);
            all.targets.extend(part.targets);
            all.weights.extend(part.weights);
        }
        all
    }

    /// Adds the rows of one item: one origin in each equal part of its recent past, at a bucket
    /// picked by hash.
    fn add_item(&self, source: &RowSource<'_>, buffers: &mut Buffers, rows: &mut TrainingRows) {
        let Buffers { sums, row, .. } = buffers;
        let Smoothed { history, smoothing, .. } = source.smoothed;
        sums.load(history);
        let spans = FeatureSpans::new(source.item.calendar.length);

        let n = history.len();
        let recent = recent_buckets(source.item.calendar.length);
        let from = n.saturating_sub(recent).max(MIN_HISTORY);
        let origins = self.origins.min(n - from);
        let spread = (n - from) as f64 / origins as f64;
        for k in 0..origins {
            let key = (source.item.index as u64) << 20 | (k as u64) << 4;
            let within = (k as f64 + random::unit(self.seed, key)) * spread;
            let at = (from + within as usize).min(n - 1);

            let features = ItemFeatures::new(&spans, history, smoothing, sums, at);
            features.put_into(row);
            let base = row.len();
            for step in self.steps_from(source.item.calendar.length, n - at, key) {
                let target = at + step;
                if !source.is_target(target) {
                    continue;
                }
                row.truncate(base);
                let context = source.context(target, step, self.reads_position);
                features.put_step(&context, row);
                rows.features.extend_from_slice(row);
                source.put_target(target, features.scale, rows);
            }
        }
    }

    /// The steps ahead that are read from an origin with `known` buckets after it: one in each
    /// equal part, picked by hash.
    fn steps_from(
        &self,
        length: BucketLength,
        known: usize,
        key: u64,
    ) -> impl Iterator<Item = usize> {
        let nearness = if length == BucketLength::Week { NEARNESS_WEEKS } else { 1.0 };
        let (ahead, seed) = (self.steps.min(known), self.seed);
        let picks = STEPS_PER_ORIGIN.min(ahead);
        (0..picks).map(move |pick| {
            let u = random::unit(seed, key + 1 + pick as u64);
            let share = libm::pow((pick as f64 + u) / picks as f64, nearness);
            ((share * ahead as f64) as usize).min(ahead - 1)
        })
    }
}

/// What an item's rows are read from.
struct RowSource<'a> {
    item: ItemView<'a>,
    smoothed: &'a Smoothed,
    /// Usual demand of each season position.
    season: &'a [f64],
    groups: [GroupSeries<'a>; 3],
}

impl RowSource<'_> {
    /// Whether a bucket's demand is known in whole.
    fn is_target(&self, bucket: usize) -> bool {
        self.item.series.exposure[bucket] >= MIN_EXPOSURE && !self.item.series.censored[bucket]
    }

    fn context(&self, target: usize, step: usize, reads_position: bool) -> StepContext<'_> {
        let position = self.smoothed.history.position[target];
        StepContext {
            step,
            position: if reads_position { position } else { 0 },
            season: self.season.get(usize::from(position)).copied().unwrap_or(1.0),
            month_phase: self.item.positions.month_phase(self.item.bucket(target)),
            category: f64::from(self.item.category),
            groups: self.groups,
        }
    }

    /// Adds the target and its weight to the rows.
    fn put_target(&self, target: usize, scale: f64, rows: &mut TrainingRows) {
        let effect = self.smoothed.factors.get(target).copied().unwrap_or(1.0);
        let demand = self.smoothed.history.demand[target];
        rows.targets.push((demand / effect / scale).min(max_target(scale)));

        // Huge items must not own the trees: beyond a level the noise is relative, not Poisson.
        let knee = weight_knee(self.item.calendar.length);
        rows.weights.push(scale / (1.0 + scale / knee) * effect.min(1.0));
    }
}

/// Buckets before the origin that rows are read from. Judgement: what is older says little of what
/// comes.
fn recent_buckets(length: BucketLength) -> usize {
    match length {
        BucketLength::Day => 240,
        BucketLength::Week => 104,
        BucketLength::Month => 60,
    }
}

/// Units a bucket at which the variance of demand turns from Poisson to relative. Judgement; for
/// weeks chosen on weeks 114–139 of Favorita (docs/BENCHMARKS.md).
fn weight_knee(length: BucketLength) -> f64 {
    match length {
        BucketLength::Day | BucketLength::Month => 15.0,
        BucketLength::Week => 100.0,
    }
}
