//! What the models that learn across items say of one item: boosted trees and a linear regression
//! on the same features.

use serde::{Deserialize, Serialize};

use super::features::{FeatureSpans, ItemFeatures, StepContext, Sums};
use super::local::LocalModel;
use super::pooled::{Linear, MAX_TARGET, Trees};
use super::tree_walk::{ItemRows, TreeWalk, WalkBuffers};
use crate::domain::calendar::BucketLength;
use crate::forecast::shared::groups::GroupSeries;
use crate::forecast::shared::priors::Smoothed;

/// Buckets of history an item needs before the models speak of it. Judgement.
pub(in crate::forecast) const MIN_HISTORY: usize = 4;

/// Trees and the linear regression, with the bucket length they read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pooled {
    /// Length of a bucket.
    pub(in crate::forecast) length: BucketLength,
    /// Whether the season position is read as a number: the history has each at least twice.
    pub(in crate::forecast) reads_position: bool,
    /// Whether last year is read: the history has two.
    pub(in crate::forecast) reads_year: bool,
    /// `None` if there was too little to learn from.
    pub(in crate::forecast) trees: Option<Trees>,
    /// `None` if there was too little to learn from.
    pub(in crate::forecast) linear: Option<Linear>,
    /// The local model that a run was asked for by name; it takes the smoothing's place.
    pub local: Option<LocalModel>,
}

/// The same as they are asked.
#[derive(Debug, Clone)]
pub struct PooledModels<'a> {
    pooled: &'a Pooled,
    trees: Option<TreeWalk>,
}

/// The buckets ahead of an item's origin.
#[derive(Debug, Clone, Copy)]
pub struct BucketsAhead<'a> {
    /// Season position of each bucket ahead.
    pub positions: &'a [u8],
    /// Season factor of each bucket ahead.
    pub factors: &'a [f64],
    /// Where in its month each bucket ahead lies, 0 … 1.
    pub month_phases: &'a [f64],
    /// Whether the first bucket ahead is the rest of the history's last one.
    pub begun: bool,
    /// Number of the item's category.
    pub category: u32,
    /// The series of the item's groups.
    pub groups: [GroupSeries<'a>; 3],
}

/// Buffers of one worker.
#[derive(Debug, Clone, Default)]
pub struct Buffers {
    /// The item's running sums.
    pub(in crate::forecast) sums: Sums,
    /// Features of one row; those that all rows of the item share, where it is asked.
    pub(in crate::forecast) row: Vec<f64>,
    /// The other features of all its rows ahead.
    own: Vec<f64>,
    /// Predictions for them.
    predicted: Vec<f64>,
    walk: WalkBuffers,
}

/// Demand of an average bucket for every bucket ahead, in units; `None` of a model that could not
/// be trained or has too little history of the item.
#[derive(Debug, Clone, Default)]
pub struct AcrossRates {
    /// By the linear regression.
    pub linear: Option<Vec<f64>>,
    /// By the trees.
    pub trees: Option<Vec<f64>>,
}

impl Pooled {
    /// No models across items, and a local one that was asked for by name.
    #[must_use]
    pub fn untrained(length: BucketLength, local: Option<LocalModel>) -> Self {
        Self { length, reads_position: false, reads_year: false, trees: None, linear: None, local }
    }

    /// The models laid out to be asked.
    #[must_use]
    pub fn models(&self) -> PooledModels<'_> {
        PooledModels { pooled: self, trees: self.trees.as_ref().and_then(Trees::walk) }
    }
}

impl PooledModels<'_> {
    /// The local model that a run was asked for by name.
    #[must_use]
    pub fn local(&self) -> Option<LocalModel> {
        self.pooled.local
    }

    /// What the models say of the item in `smoothed`.
    #[must_use]
    pub fn rates(
        &self,
        smoothed: &Smoothed,
        ahead: &BucketsAhead<'_>,
        buffers: &mut Buffers,
    ) -> AcrossRates {
        let Pooled { length, reads_position, reads_year, linear, .. } = self.pooled;
        // A bucket that has only begun is not read as a whole one: the origin stands before it, and
        // it is the first target.
        let at = smoothed.history.len().saturating_sub(usize::from(ahead.begun));
        if at < MIN_HISTORY || (self.trees.is_none() && linear.is_none()) {
            return AcrossRates::default();
        }

        let Smoothed { history, smoothing, .. } = smoothed;
        let Buffers { sums, row, own, predicted, walk } = buffers;
        sums.load(history);
        let spans = FeatureSpans::new(*length, *reads_year);
        let item = ItemFeatures::new(&spans, history, smoothing, sums, at);

        let steps = ahead.factors.len();
        item.put_into(row);
        own.clear();
        for (step, season) in ahead.factors.iter().enumerate() {
            let context = StepContext {
                step,
                position: if *reads_position { ahead.positions[step] } else { 0 },
                season: *season,
                month_phase: ahead.month_phases[step],
                category: f64::from(ahead.category),
                groups: ahead.groups,
            };
            item.put_step(&context, own);
        }

        let rows = ItemRows { shared: row, own, width: own.len() / steps.max(1) };
        predicted.clear();
        predicted.resize(steps, 0.0);
        let trees = self.trees.as_ref().map(|model| {
            model.predict(&rows, walk, predicted);
            unscaled(predicted, ahead.factors, item.scale)
        });
        let linear = linear.as_ref().map(|model| {
            model.predict(&rows, predicted);
            unscaled(predicted, ahead.factors, item.scale)
        });
        AcrossRates { linear, trees }
    }
}

/// Demand of an average bucket from predictions over the scale, the season divided out.
fn unscaled(predicted: &[f64], factors: &[f64], scale: f64) -> Vec<f64> {
    let limit = max_target(scale);
    predicted
        .iter()
        .zip(factors)
        .map(|(value, factor)| value.clamp(0.0, limit) * scale / factor)
        .collect()
}

/// Targets, as multiples of the scale, are clipped: a thousandfold day must not become a leaf. An
/// item that hardly sells may still sell a dozen.
pub(in crate::forecast) fn max_target(scale: f64) -> f64 {
    MAX_TARGET * (1.0 / scale).max(1.0)
}
