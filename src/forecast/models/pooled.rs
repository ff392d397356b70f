//! Models that learn across items: boosted trees and a linear regression. The only user of forust
//! and linfa.

use forust_ml::gradientbooster::{GradientBooster, GrowPolicy};
use forust_ml::metric::Metric;
use forust_ml::objective::ObjectiveType;
use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_linalg::cholesky::Cholesky;
use linfa_linalg::triangular::{SolveTriangularInplace, UPLO};
use linfa_linear::LinearRegression;
use ndarray::{Array1, Array2, Axis, concatenate};
use serde::{Deserialize, Serialize};

use super::tree_walk::{Decision, ItemRows, TreeWalk};

/// Targets are clipped at this many times the scale of an item that sells at least a unit a bucket.
/// Judgement: a year's demand in one month is still believed, a thousandfold day is not.
pub const MAX_TARGET: f64 = 12.0;

/// Rows below which no trees are grown. Judgement: some twenty leaves of the least weight.
const MIN_TREE_ROWS: usize = 500;
/// Shrinks the value of a leaf: squared units of the gain. The usual value of gradient boosting.
/// Source: Chen & Guestrin (2016), eq. 2; the default of XGBoost.
const LEAF_L2: f32 = 1.0;
/// Values at which a feature may be split. Judgement: 64 steps of a rank are finer than the noise.
const SPLIT_BINS: u16 = 64;
/// Share of the features that each tree is shown. Judgement: half of them takes half the time, and
/// trees that differ average better.
const COLUMN_SHARE: f64 = 0.5;

/// Rows for each feature below which no line is fitted. Judgement: a slope then rests on at least
/// twenty rows of its own.
const MIN_ROWS_PER_FEATURE: usize = 20;
/// A feature further from its mean than this, in standard deviations, was not seen in training: a
/// line must not follow it. Judgement.
const MAX_DEVIATIONS: f64 = 5.0;
/// Variance, in squared units of the feature, at or below which it counts as never varying:
/// rounding of numbers near 1.
const NO_VARIANCE: f64 = 1e-12;
/// Added to the diagonal of the features' correlations, so that features that never vary, or say
/// the same twice, do not leave the matrix singular: far above rounding, far below `RIDGE`.
const DIAGONAL: f64 = 1e-9;
/// λ, what a slope of one standard deviation costs beside the mean squared error of a row. Features
/// overlap: without it slopes of the same thing grow against each other, and part ways later.
///
/// Chosen among 0.001, 0.01, 0.03 and 0.1 on windows before the last ones, beside an elastic net
/// (linfa-elasticnet, penalty 0.001, a tenth of it absolute, at most 300 rounds), which was used
/// before. WQL by `examples/accuracy.rs` with the line alone (model `linear`), and with the blend
/// (`auto`):
///
/// | last buckets held out | net | 0.001 | 0.01 | 0.03 | 0.1 | net | 0.1 |
/// |---|---|---|---|---|---|---|---|
/// | 26 weeks of parts, 13 ahead | 0.8958 | 0.8958 | 0.8945 | 0.8957 | 0.8947 | 0.8895 | 0.8895 |
/// | 56 days of M5 CA_1, 28 ahead | 0.5398 | 0.5401 | 0.5381 | 0.5349 | 0.5323 | 0.5283 | 0.5283 |
/// | 84 days of M5 CA_1, 28 ahead | | | | | | 0.5321 | 0.5315 |
/// | 45 weeks of Favorita, 3 ahead | 0.1533 | 0.1534 | 0.1533 | 0.1532 | 0.1527 | 0.1498 | 0.1498 |
///
/// On the last 13 weeks, 28 days and 3 weeks, looked at once, the line alone has 0.9288 (net
/// 0.9381) on the spare parts, 0.5328 (0.5428) on M5 and 0.1668 (0.1672) on Favorita, the blend
/// 0.9342 (0.9362), 0.5234 (0.5223) and 0.1651 (0.1652). All slopes of M5 together, as a root of
/// the sum of squares, are 0.7, where those of the net were 11 and of opposite signs. Solving for
/// 41 slopes takes 0.2 ms, where the net took 1.1 ms.
const RIDGE: f64 = 0.1;
/// Rows that are standardised at a time: a block fits the processor's cache. Judgement.
const BLOCK_ROWS: usize = 2_048;

/// Training rows: features row by row, targets over scale, weights.
#[derive(Debug, Clone, Default)]
pub struct TrainingRows {
    /// Features, one row after another, equally many in each; ratios and positions without a unit.
    pub features: Vec<f64>,
    /// Demand of each row over the scale of its item: without a unit.
    pub targets: Vec<f64>,
    /// Weight of each row, in units a bucket: the scale of its item, less where it is large.
    pub weights: Vec<f64>,
}

impl TrainingRows {
    /// These rows, then the others.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        self.features.extend(other.features);
        self.targets.extend(other.targets);
        self.weights.extend(other.weights);
        self
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    fn width(&self) -> usize {
        if self.is_empty() { 0 } else { self.features.len() / self.len() }
    }

    /// The features row by row.
    fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.features.chunks_exact(self.width().max(1))
    }

    /// Numbers of the features that are not the same in every row: a split needs two values.
    fn varying(&self) -> Vec<usize> {
        let width = self.width();
        let Some(first) = self.features.get(..width) else { return Vec::new() };

        let mut varies = vec![false; width];
        for row in self.rows() {
            for ((varies, value), first) in varies.iter_mut().zip(row).zip(first) {
                *varies |= value != first;
            }
        }

        (0..width).filter(|feature| varies[*feature]).collect()
    }

    /// The picked features, column by column.
    fn by_column(&self, picked: &[usize]) -> Vec<f64> {
        let rows = self.len();
        let mut columns = vec![0.0; rows * picked.len()];
        for (row, values) in self.rows().enumerate() {
            for (column, feature) in picked.iter().enumerate() {
                columns[column * rows + row] = values[*feature];
            }
        }

        columns
    }
}

/// How trees are grown.
#[derive(Debug, Clone, Copy)]
pub struct TreeSettings {
    /// Boosting rounds.
    pub rounds: usize,
    /// Share of its leaves' values that each tree adds.
    pub learning_rate: f32,
    /// Leaves of a tree, at most.
    pub leaves: usize,
    /// Splits from the root to a leaf, at most.
    pub depth: usize,
    /// Seed of the features that each tree is shown.
    pub seed: u64,
    /// Sum of weights that a leaf needs, in average rows.
    pub min_leaf_weight: f32,
}

/// One decision or leaf of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct TreeNode {
    /// Number of the feature that decides; `LEAF` if the node is a leaf.
    feature: u16,
    /// Node to which a row with less than `value` goes, counted from the root of its tree.
    left: u16,
    /// Node to which all other rows go.
    right: u16,
    /// Value of the feature from which on a row goes right; of a leaf, what it adds.
    value: f64,
}

/// Stands for a feature's number in a leaf.
const LEAF: u16 = u16::MAX;

/// Boosted trees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trees {
    /// What every row starts from, as a multiple of the item's scale.
    base: f64,
    /// Nodes of all trees, one tree after another.
    nodes: Vec<TreeNode>,
    /// Where each tree begins among the nodes.
    roots: Vec<u32>,
}

impl Trees {
    /// Grows trees on squared loss; `None` if there are too few rows or the grower fails.
    #[must_use]
    pub fn train(mut rows: TrainingRows, settings: &TreeSettings) -> Option<Self> {
        let picked = rows.varying();
        if rows.len() < MIN_TREE_ROWS || picked.is_empty() {
            return None;
        }

        let columns = rows.by_column(&picked);
        rows.features = Vec::new();
        let data = forust_ml::Matrix::new(&columns, rows.len(), picked.len());
        // Weights of mean 1, so that the least weight of a leaf is a number of average rows.
        let mean = rows.weights.iter().sum::<f64>() / rows.len() as f64;
        let weights: Vec<f64> = rows.weights.iter().map(|weight| weight / mean).collect();

        let mut booster = GradientBooster::default()
            .set_objective_type(ObjectiveType::SquaredLoss)
            .set_evaluation_metric(Some(Metric::RootMeanSquaredError))
            .set_initialize_base_score(true)
            .set_iterations(settings.rounds)
            .set_learning_rate(settings.learning_rate)
            .set_max_depth(settings.depth)
            .set_max_leaves(settings.leaves)
            .set_min_leaf_weight(settings.min_leaf_weight)
            .set_l2(LEAF_L2)
            .set_nbins(SPLIT_BINS)
            .set_tiled_histograms(true)
            .set_allow_missing_splits(false)
            .set_colsample_bytree(COLUMN_SHARE)
            .set_seed(settings.seed)
            .set_parallel(true);
        booster.grow_policy = GrowPolicy::DepthWise;
        booster.fit(&data, &rows.targets, &weights, None).ok()?;

        Self::flat(&booster, &picked)
    }

    /// The mean of several; `None` of none.
    #[must_use]
    pub fn averaged(groves: Vec<Self>) -> Option<Self> {
        let count = groves.len() as f64;
        let mut out = Self { base: 0.0, nodes: Vec::new(), roots: Vec::new() };
        for grove in &groves {
            let base = u32::try_from(out.nodes.len()).ok()?;
            out.base += grove.base / count;
            out.roots.extend(grove.roots.iter().map(|root| root + base));
            out.nodes.extend(grove.nodes.iter().map(|node| {
                let is_leaf = node.feature == LEAF;
                TreeNode { value: if is_leaf { node.value / count } else { node.value }, ..*node }
            }));
        }
        (!groves.is_empty()).then_some(out)
    }

    /// The trees as grown, with the features' own numbers; `None` if a number is too large.
    fn flat(booster: &GradientBooster, picked: &[usize]) -> Option<Self> {
        let mut out = Self { base: booster.base_score, nodes: Vec::new(), roots: Vec::new() };
        for tree in &booster.trees {
            out.roots.push(u32::try_from(out.nodes.len()).ok()?);
            for node in &tree.nodes {
                out.nodes.push(if node.is_leaf {
                    TreeNode {
                        feature: LEAF,
                        left: 0,
                        right: 0,
                        value: f64::from(node.weight_value),
                    }
                } else {
                    TreeNode {
                        feature: u16::try_from(*picked.get(node.split_feature)?).ok()?,
                        left: u16::try_from(node.left_child).ok()?,
                        right: u16::try_from(node.right_child).ok()?,
                        value: node.split_value,
                    }
                });
            }
        }

        Some(out)
    }

    /// The trees as they are asked; `None` if a node does not come after its parent.
    #[must_use]
    pub fn walk(&self) -> Option<TreeWalk> {
        let decision = |node: &TreeNode| match node.feature {
            LEAF => Decision::Leaf(node.value),
            feature => Decision::Split {
                feature: usize::from(feature),
                value: node.value,
                left: usize::from(node.left),
                right: usize::from(node.right),
            },
        };
        let ends = self.roots.iter().skip(1).map(|root| *root as usize);
        let spans = self.roots.iter().zip(ends.chain([self.nodes.len()]));
        let trees: Option<Vec<Vec<Decision>>> = spans
            .map(|(root, end)| {
                Some(self.nodes.get(*root as usize..end)?.iter().map(decision).collect())
            })
            .collect();
        TreeWalk::new(self.base, &trees?)
    }
}

/// A linear regression on the same features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Linear {
    /// Weighted mean of the targets: the prediction where every feature is at its mean.
    intercept: f64,
    /// Change of the target for one standard deviation of each feature.
    slopes: Vec<f64>,
    /// Weighted mean of each feature, in its units.
    center: Vec<f64>,
    /// One over the weighted standard deviation of each feature; 0 if it never varies.
    scale: Vec<f64>,
}

/// The loss of all rows in as many rows as there are features.
///
/// The loss Σ w(y − xβ)² is |z − Rβ|² + c for any R and z with RᵀR = XᵀWX and Rᵀz = XᵀWy; here R
/// is the Cholesky factor. A solver that is handed R and z looks at one row a feature instead of
/// one an observation, and need not know weights.
struct ReducedRows {
    /// R, a row and a column for each feature.
    records: Array2<f64>,
    /// z, a value for each row of R.
    targets: Array1<f64>,
}

impl Linear {
    /// Fits a ridge on standardised features, rows weighted; `None` if there are too few rows or
    /// the solver fails.
    #[must_use]
    pub fn train(rows: &TrainingRows) -> Option<Self> {
        if rows.len() < MIN_ROWS_PER_FEATURE * rows.width().max(1) {
            return None;
        }

        let total_weight: f64 = rows.weights.iter().sum();
        let unfitted = Self::standardising(rows, total_weight);
        let slopes = ridge_slopes(&unfitted.reduced(rows, total_weight)?)?;

        Some(Self { slopes, ..unfitted })
    }

    /// Weighted means and standard deviations, and no slopes yet.
    fn standardising(rows: &TrainingRows, total_weight: f64) -> Self {
        let width = rows.width();
        let shares: Vec<f64> = rows.weights.iter().map(|weight| weight / total_weight).collect();

        let mut center = vec![0.0; width];
        for (row, share) in rows.rows().zip(&shares) {
            for (mean, x) in center.iter_mut().zip(row) {
                *mean += share * x;
            }
        }

        let mut scale = vec![0.0; width];
        for (row, share) in rows.rows().zip(&shares) {
            for ((variance, mean), x) in scale.iter_mut().zip(&center).zip(row) {
                *variance += share * (x - mean) * (x - mean);
            }
        }
        for scale in &mut scale {
            *scale = if *scale > NO_VARIANCE { 1.0 / scale.sqrt() } else { 0.0 };
        }

        let intercept = shares.iter().zip(&rows.targets).map(|(share, y)| share * y).sum();
        Self { intercept, slopes: Vec::new(), center, scale }
    }

    /// The rows, standardised and weighted, as [`ReducedRows`]; `None` if a number is not finite.
    fn reduced(&self, rows: &TrainingRows, total_weight: f64) -> Option<ReducedRows> {
        let width = self.center.len();
        let mut gram = Array2::<f64>::zeros((width, width));
        let mut moments = Array1::<f64>::zeros(width);

        for (block, features) in rows.features.chunks(BLOCK_ROWS * width).enumerate() {
            let from = block * BLOCK_ROWS;
            let mut x =
                Array2::from_shape_vec((features.len() / width, width), features.to_vec()).ok()?;
            let mut y = Array1::zeros(x.nrows());
            for (i, mut row) in x.rows_mut().into_iter().enumerate() {
                let root = (rows.weights[from + i] / total_weight).sqrt();
                y[i] = (rows.targets[from + i] - self.intercept) * root;
                for ((value, center), scale) in row.iter_mut().zip(&self.center).zip(&self.scale) {
                    *value = (*value - center) * scale * root;
                }
            }
            gram += &x.t().dot(&x);
            moments += &x.t().dot(&y);
        }

        gram.diag_mut().iter_mut().for_each(|diagonal| *diagonal += DIAGONAL);
        let lower = gram.cholesky().ok()?;
        let moments = moments.insert_axis(Axis(1));
        let targets = lower.solve_triangular_into(moments, UPLO::Lower).ok()?;

        Some(ReducedRows { records: lower.reversed_axes(), targets: targets.remove_axis(Axis(1)) })
    }

    /// Predicts `out.len()` rows, as multiples of the item's scale.
    pub fn predict(&self, rows: &ItemRows<'_>, out: &mut [f64]) {
        let shared = self.sum(self.intercept, 0, rows.shared);
        for (value, row) in out.iter_mut().zip(rows.own.chunks_exact(rows.width.max(1))) {
            *value = self.sum(shared, rows.shared.len(), row);
        }
    }

    /// Adds what features from number `from` on say to a value.
    fn sum(&self, mut value: f64, from: usize, features: &[f64]) -> f64 {
        for (j, x) in (from..self.slopes.len()).zip(features) {
            let standard = (x - self.center[j]) * self.scale[j];
            value += self.slopes[j] * standard.clamp(-MAX_DEVIATIONS, MAX_DEVIATIONS);
        }
        value
    }
}

/// The slopes of least |z − Rβ|² + λ|β|² (a ridge): ordinary least squares, by linfa, on R with a
/// row of √λ for each slope below it. `None` if the solver fails.
fn ridge_slopes(reduced: &ReducedRows) -> Option<Vec<f64>> {
    let width = reduced.targets.len();
    let shrinking = Array2::from_diag_elem(width, RIDGE.sqrt());
    let records = concatenate![Axis(0), reduced.records, shrinking];
    let targets = concatenate![Axis(0), reduced.targets, Array1::zeros(width)];

    let model = LinearRegression::new()
        .with_intercept(false)
        .fit(&DatasetBase::new(records, targets))
        .ok()?;
    let slopes = model.params().to_vec();

    slopes.iter().all(|slope| slope.is_finite()).then_some(slopes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::random::unit;

    /// Rows of four features: one at random, one twice the same, one that never varies.
    fn rows(count: u64) -> TrainingRows {
        let mut rows = TrainingRows::default();
        for i in 0..count {
            let (first, second) = (unit(1, i), 10.0 * unit(2, i));
            rows.features.extend([first, second, second, 7.0]);
            rows.targets.push(1.0 + 2.0 * first - 0.3 * second + unit(3, i));
            rows.weights.push(0.5 + 5.0 * unit(4, i));
        }

        rows
    }

    fn predicted(line: &Linear, rows: &TrainingRows) -> Vec<f64> {
        let mut predicted = vec![0.0; rows.len()];
        let own = ItemRows { shared: &[], own: &rows.features, width: rows.width() };
        line.predict(&own, &mut predicted);
        predicted
    }

    #[test]
    fn slopes_solve_the_normal_equations_of_the_weighted_ridge() {
        let rows = rows(400);
        let line = Linear::train(&rows).unwrap();
        let predicted = predicted(&line, &rows);
        let total_weight: f64 = rows.weights.iter().sum();

        // Σ w·x·(y − ŷ) = λβ for each standardised feature x.
        for (j, slope) in line.slopes.iter().enumerate() {
            let pull: f64 = (0..rows.len())
                .map(|i| {
                    let x = (rows.features[4 * i + j] - line.center[j]) * line.scale[j];
                    rows.weights[i] / total_weight * x * (rows.targets[i] - predicted[i])
                })
                .sum();
            assert!((pull - RIDGE * slope).abs() < 1e-7, "{j}: {pull} is not {}", RIDGE * slope);
        }
    }

    #[test]
    fn features_that_say_the_same_share_a_slope_and_one_that_never_varies_has_none() {
        let line = Linear::train(&rows(400)).unwrap();
        let [first, second, same, never] = line.slopes[..] else { panic!("four features") };

        assert!((second - same).abs() < 1e-9, "{second} and {same}");
        assert!(first > 0.4 && second < -0.2, "{first} and {second}");
        assert!(never.abs() < 1e-12, "{never}");
    }

    #[test]
    fn a_line_does_not_follow_what_training_never_saw() {
        let line = Linear::train(&rows(400)).unwrap();
        let far = TrainingRows {
            features: vec![1e6, 5.0, 5.0, 7.0, 1e9, 5.0, 5.0, 7.0],
            targets: vec![0.0; 2],
            weights: vec![1.0; 2],
        };
        let predicted = predicted(&line, &far);
        assert_eq!(predicted[0], predicted[1]);
    }

    #[test]
    fn few_rows_and_numbers_that_are_none_make_no_line() {
        assert_eq!(Linear::train(&TrainingRows::default()), None);
        assert_eq!(Linear::train(&rows(79)), None);

        let mut hostile = rows(400);
        hostile.targets[7] = f64::NAN;
        assert_eq!(Linear::train(&hostile), None);
        hostile.targets[7] = 1.0;
        hostile.features[3] = f64::INFINITY;
        assert_eq!(Linear::train(&hostile), None);
    }
}
