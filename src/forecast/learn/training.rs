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

/// Training rows of one model, at most; never more than two for each bucket. Judgement: about 120
/// MB of features.
const MAX_ROWS: usize = 400_000;
/// Models that only serve to learn the blend and the calibration read this many times fewer rows.
/// Judgement: it halves their time.
const REHEARSAL_SAVING: usize = 2;
/// Trees are grown this many times from rows of their own and averaged, where shops are so small
/// that together they read about these rows: what a few rows happen to be must not move a plan.
/// Judgement: it takes seconds. Of the sample's reorder points 80 % stay within 15 % under another
/// seed by the trees of 4 groves alone, 92 % by those of 12; larger leaves do not help.
const MAX_GROVES: f64 = 6.0;
const GROVE_ROWS: f64 = 150_000.0;
/// Steps ahead that are read from one origin of an item. Judgement.
const STEPS_PER_ORIGIN: usize = 4;
/// Origins of an item, on average, at most. Judgement: beyond sixty they hardly differ.
const MAX_ORIGINS: f64 = 60.0;
/// Power that moves the steps ahead of weekly rows toward the origin, where orders are decided.
/// Chosen on weeks 114–139 of Favorita (docs/BENCHMARKS.md).
const NEARNESS_WEEKS: f64 = 1.5;
/// Share of a bucket that must be covered for it to be a target: all of it, but for rounding.
const MIN_EXPOSURE: f32 = 0.999;

/// What models are trained for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The forecasts that are planned on.
    Tonight,
    /// Learning the blend and the calibration at earlier origins.
    Rehearsal,
}

/// What is asked of the training.
#[derive(Debug, Clone, Copy)]
pub struct Lesson {
    /// Targets lie up to so many buckets ahead.
    pub steps: usize,
    /// What it is for.
    pub purpose: Purpose,
    /// Seed of the rows that are read and of the features that trees are shown.
    pub seed: u64,
}

impl Lesson {
    /// Trains on what is known at an origin.
    #[must_use]
    pub fn train(&self, origin: &Origin<'_>, priors: &Priors, groups: &Groups) -> Pooled {
        let calendar = origin.calendar();
        // A week of the year as a number would be extrapolated where history holds less than two of
        // each.
        let reads_position = origin.longest() >= 2 * calendar.season_length();
        let reads_year = origin.longest() >= FeatureSpans::two_years(calendar.length);

        let plan = RowPlan::new(origin, self, reads_position, reads_year);
        let groves = plan.rows(origin, priors, groups);
        // The line first: trees take their rows apart, so that they are not held twice.
        let linear = match groves.as_slice() {
            [one] => Linear::train(one),
            several => {
                let several = several.iter().cloned();
                Linear::train(&several.fold(TrainingRows::default(), TrainingRows::with))
            }
        };
        let grown: Vec<Trees> = groves
            .into_par_iter()
            .enumerate()
            .filter_map(|(grove, rows)| {
                let seed = self.seed + grove as u64;
                let settings = tree_settings(calendar.length, reads_position, rows.len(), seed);
                Trees::train(rows, &settings)
            })
            .collect();

        Pooled {
            length: calendar.length,
            reads_position,
            reads_year,
            trees: Trees::averaged(grown),
            linear,
            local: None,
        }
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

/// Which rows are read of the items: origins, and steps ahead from each, picked by a hash of the
/// item's key and the bucket, so that a new night or a new item leaves the other rows as they were.
struct RowPlan {
    /// Targets lie up to so many buckets ahead.
    steps: usize,
    /// Share of an item's origins that are read.
    share_of_origins: f64,
    /// How many sets of rows are read, each for trees of its own.
    groves: usize,
    seed: u64,
    reads_position: bool,
    reads_year: bool,
}

impl RowPlan {
    fn new(origin: &Origin<'_>, lesson: &Lesson, reads_position: bool, reads_year: bool) -> Self {
        let length = origin.calendar().length;
        // A year of weeks has few origins that differ: more rows than half its buckets cost time
        // and tell nothing new.
        let distinct = match length {
            BucketLength::Week => origin.buckets_in_all() / 2,
            BucketLength::Day | BucketLength::Month => 2 * origin.buckets_in_all(),
        };
        let saving = if lesson.purpose == Purpose::Rehearsal { REHEARSAL_SAVING } else { 1 };
        let all = MAX_ROWS.min(distinct);
        let groves = (GROVE_ROWS / all.max(1) as f64).round().clamp(1.0, MAX_GROVES) as usize;
        let rows = (all / saving) as f64;

        let recent = recent_buckets(length);
        let origins =
            origin.items().map(|item| item.series.demand.len().min(recent)).sum::<usize>();
        let origins = (origins as f64).max(1.0);
        let items = origin.len().max(1) as f64;
        let read = rows / STEPS_PER_ORIGIN as f64;
        let share_of_origins = read.min(MAX_ORIGINS * items) / origins;

        let Lesson { steps, seed, .. } = *lesson;
        Self { steps, share_of_origins, groves, seed, reads_position, reads_year }
    }

    /// Rows of the items from origins of the recent past, one set for each grove: what an item's
    /// rows are read from is worked out once for all of them.
    fn rows(&self, origin: &Origin<'_>, priors: &Priors, groups: &Groups) -> Vec<TrainingRows> {
        let items: Vec<usize> = (0..origin.len()).collect();
        let parts: Vec<Vec<TrainingRows>> = items
            .par_chunks(64)
            .map_init(
                || (Smoothed::default(), Buffers::default()),
                |(smoothed, buffers), indices| {
                    let mut groves = vec![TrainingRows::default(); self.groves];
                    for index in indices {
                        let item = origin.item(*index);
                        if item.series.demand.len() < MIN_HISTORY + 2 {
                            continue;
                        }
                        priors.smooth(&item, smoothed);
                        let season = priors.season.of(&item);
                        let source = RowSource { item, smoothed, season, groups: groups.of(&item) };
                        buffers.sums.load(&smoothed.history);
                        for (grove, rows) in groves.iter_mut().enumerate() {
                            self.add_item(&source, grove as u64, buffers, rows);
                        }
                    }
                    groves
                },
            )
            .collect();

        let mut all = vec![TrainingRows::default(); self.groves];
        for (rows, part) in parts.into_iter().flat_map(|part| (0..self.groves).zip(part)) {
            all[rows] = std::mem::take(&mut all[rows]).with(part);
        }
        all
    }

    /// Adds the rows of one item, whose sums are in `buffers`, to those of a grove.
    fn add_item(
        &self,
        source: &RowSource<'_>,
        grove: u64,
        buffers: &mut Buffers,
        rows: &mut TrainingRows,
    ) {
        let Buffers { sums, row, .. } = buffers;
        let Smoothed { history, smoothing, .. } = source.smoothed;
        let length = source.item.calendar.length;
        let spans = FeatureSpans::new(length, self.reads_year);

        let n = history.len();
        let from = n.saturating_sub(recent_buckets(length)).max(MIN_HISTORY);
        let hash = source.item.key_hash ^ self.seed.wrapping_add(grove << 32);
        let mut picked = Vec::new();
        for at in from..n {
            picked.clear();
            let bucket = source.item.bucket(at);
            picked.extend(self.steps_from(length, n - at, hash ^ ((bucket as u64) << 16)));
            picked.retain(|step| source.is_target(at + step));
            if picked.is_empty() {
                continue;
            }

            let features = ItemFeatures::new(&spans, history, smoothing, sums, at);
            features.put_into(row);
            let base = row.len();
            for step in &picked {
                let target = at + step;
                row.truncate(base);
                let context = source.context(target, *step, self.reads_position);
                features.put_step(&context, row);
                rows.features.extend_from_slice(row);
                source.put_target(target, features.scale, rows);
            }
        }
    }

    /// The steps ahead that are read from an origin with `known` buckets after it, if any: one in
    /// each equal part of them. Several of one origin teach trees what a step changes: single ones
    /// of four times as many origins made the quantile loss on Favorita 1.5 % higher.
    fn steps_from(
        &self,
        length: BucketLength,
        known: usize,
        key: u64,
    ) -> impl Iterator<Item = usize> {
        let nearness = if length == BucketLength::Week { NEARNESS_WEEKS } else { 1.0 };
        let ahead = self.steps.min(known);
        let is_read = random::unit(key, 0) < self.share_of_origins;
        let picks = if is_read { STEPS_PER_ORIGIN.min(ahead) } else { 0 };
        (0..picks).map(move |pick| {
            let u = random::unit(key, 1 + pick as u64);
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
        let (positions, bucket) = (self.item.positions, self.item.bucket(target));
        StepContext {
            step,
            position: if reads_position { position } else { 0 },
            season: positions.usual(self.season, bucket),
            month_phase: positions.month_phase(bucket),
            category: f64::from(self.item.category),
            groups: self.groups,
        }
    }

    /// Adds the target and its weight to the rows.
    fn put_target(&self, target: usize, scale: f64, rows: &mut TrainingRows) {
        let effect = self.smoothed.factors.get(target).copied().unwrap_or(1.0);
        let history = &self.smoothed.history;
        let year = self.smoothed.year.of(target as isize + 1 - history.len() as isize);
        let demand = history.demand[target];
        rows.targets.push((demand / (effect * year) / scale).min(max_target(scale)));

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
