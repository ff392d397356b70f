//! Models that learn across items: boosted trees and a linear regression. The only user of forust
//! and linfa.

use forust_ml::gradientbooster::{GradientBooster, GrowPolicy};
use forust_ml::metric::Metric;
use forust_ml::objective::ObjectiveType;
use linfa::DatasetBase;
use linfa::traits::{Fit, Predict};
use linfa_linalg::cholesky::Cholesky;
use linfa_linalg::triangular::{SolveTriangularInplace, UPLO};
use ndarray::{Array1, Array2, Axis};
use serde::{Deserialize, Serialize};

/// Targets are clipped at this many times the scale of an item that sells at least a unit a bucket.
pub const MAX_TARGET: f64 = 12.0;

/// Training rows: features column by column, targets over scale, weights.
#[derive(Debug, Clone, Default)]
pub struct TrainingRows {
    /// Rows, one after another, `width` values each.
    pub features: Vec<f64>,
    /// Demand over scale.
    pub targets: Vec<f64>,
    /// Weight of each row: its scale.
    pub weights: Vec<f64>,
}

impl TrainingRows {
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

    /// Numbers of the features that are not the same in every row: a split needs two values.
    fn varying(&self) -> Vec<usize> {
        let width = self.width();
        let Some(first) = self.features.get(..width) else { return Vec::new() };
        let mut varies = vec![false; width];
        for row in self.features.chunks_exact(width.max(1)) {
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
        for (row, values) in self.features.chunks_exact(self.width().max(1)).enumerate() {
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
    /// Step of each round.
    pub learning_rate: f32,
    /// Leaves of a tree, at most.
    pub leaves: usize,
    /// Depth of a tree, at most.
    pub depth: usize,
    /// Seed of the features that each tree is shown.
    pub seed: u64,
    /// Sum of weights that a leaf needs.
    pub min_leaf_weight: f32,
}

/// One decision or leaf of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct TreeNode {
    /// Feature that decides; of a leaf, none.
    feature: u16,
    left: u16,
    right: u16,
    /// Below it a row goes left; of a leaf, its value.
    value: f64,
}

/// Share of the features that each tree is shown: twice as fast, and trees that differ average
/// better.
const COLUMN_SHARE: f64 = 0.5;

const LEAF: u16 = u16::MAX;

/// Boosted trees, flat for fast prediction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trees {
    base: f64,
    nodes: Vec<TreeNode>,
    roots: Vec<u32>,
}

impl Trees {
    /// Grows trees on squared loss; nothing where there are too few rows or the grower fails.
    #[must_use]
    pub fn train(rows: &TrainingRows, settings: &TreeSettings) -> Option<Self> {
        let picked = rows.varying();
        if rows.len() < 500 || picked.is_empty() {
            return None;
        }
        let columns = rows.by_column(&picked);
        let data = forust_ml::Matrix::new(&columns, rows.len(), picked.len());
        // Weights of mean 1, so that the least weight of a leaf is a number of average rows.
        let mean = rows.weights.iter().sum::<f64>() / rows.len() as f64;
        let weights: Vec<f64> = rows.weights.iter().map(|w| w / mean).collect();
        let mut booster = GradientBooster::default()
            .set_objective_type(ObjectiveType::SquaredLoss)
            .set_evaluation_metric(Some(Metric::RootMeanSquaredError))
            .set_initialize_base_score(true)
            .set_iterations(settings.rounds)
            .set_learning_rate(settings.learning_rate)
            .set_max_depth(settings.depth)
            .set_max_leaves(settings.leaves)
            .set_min_leaf_weight(settings.min_leaf_weight)
            .set_l2(1.0)
            .set_nbins(64)
            .set_tiled_histograms(true)
            .set_allow_missing_splits(false)
            .set_colsample_bytree(COLUMN_SHARE)
            .set_seed(settings.seed)
            .set_parallel(true);
        booster.grow_policy = GrowPolicy::DepthWise;
        booster.fit(&data, &rows.targets, &weights, None).ok()?;
        let mut out = Self { base: booster.base_score, nodes: Vec::new(), roots: Vec::new() };
        for tree in &booster.trees {
            let start = out.nodes.len();
            out.roots.push(u32::try_from(start).ok()?);
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

    /// Predicts `out.len()` rows of `width` features each.
    pub fn predict(&self, rows: &[f64], width: usize, out: &mut [f64]) {
        out.fill(self.base);
        for root in &self.roots {
            let tree = &self.nodes[*root as usize..];
            for (value, row) in out.iter_mut().zip(rows.chunks_exact(width.max(1))) {
                let mut node = tree[0];
                while node.feature != LEAF {
                    let goes_left =
                        row.get(usize::from(node.feature)).is_some_and(|x| *x < node.value);
                    node = tree[usize::from(if goes_left { node.left } else { node.right })];
                }
                *value += node.value;
            }
        }
    }
}

/// A linear regression on the same features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Linear {
    intercept: f64,
    slopes: Vec<f64>,
    center: Vec<f64>,
    /// One over the standard deviation of each feature; 0 where it never varies.
    scale: Vec<f64>,
}

/// A feature further from its mean than this, in standard deviations, was not seen in training: a
/// line must not follow it.
const MAX_DEVIATIONS: f64 = 5.0;
/// Rows that are standardised at a time.
const BLOCK_ROWS: usize = 2_048;

impl Linear {
    /// Fits an elastic net that is nearly a ridge (features overlap) on standardised features, rows
    /// weighted; nothing where there are too few rows or the solver fails.
    ///
    /// The loss is Σ w(y − xβ)² = |z − Rβ|² + c for any R and z with RᵀR = XᵀWX and Rᵀz = XᵀWy.
    /// linfa is handed R (the Cholesky factor) and z: one row a feature instead of one an
    /// observation, and weights, which it does not know.
    #[must_use]
    pub fn train(rows: &TrainingRows) -> Option<Self> {
        let (n, width) = (rows.len(), rows.width());
        if n < 20 * width.max(1) {
            return None;
        }
        let total: f64 = rows.weights.iter().sum();
        let weighted =
            || rows.features.chunks_exact(width).zip(rows.weights.iter().map(|w| w / total));
        let mut center = vec![0.0; width];
        for (row, weight) in weighted() {
            for (c, x) in center.iter_mut().zip(row) {
                *c += weight * x;
            }
        }
        let mut scale = vec![0.0; width];
        for (row, weight) in weighted() {
            for ((s, c), x) in scale.iter_mut().zip(&center).zip(row) {
                *s += weight * (x - c) * (x - c);
            }
        }
        scale.iter_mut().for_each(|s| *s = if *s > 1e-12 { 1.0 / s.sqrt() } else { 0.0 });
        let intercept = weighted().zip(&rows.targets).map(|((_, weight), y)| weight * y).sum();
        let unfitted = Self { intercept, slopes: Vec::new(), center, scale };
        let (x, y) = unfitted.reduced(rows, total)?;
        // Stopped early: followed to the end the slopes lean on features that agree in training and
        // part ways later.
        let model = linfa_elasticnet::ElasticNet::params()
            .penalty(1e-3)
            .l1_ratio(0.1)
            .with_intercept(false)
            .max_iterations(300)
            .tolerance(1e-4)
            .fit(&DatasetBase::new(x, y))
            .ok()?;
        let slopes = model.hyperplane().to_vec();
        slopes.iter().all(|s| s.is_finite()).then_some(Self { slopes, ..unfitted })
    }

    /// As many rows as features whose squared loss is that of all rows, but for a constant: R and
    /// z.
    fn reduced(&self, rows: &TrainingRows, total: f64) -> Option<(Array2<f64>, Array1<f64>)> {
        let width = self.center.len();
        let mut gram = Array2::<f64>::zeros((width, width));
        let mut moments = Array1::<f64>::zeros(width);
        for (block, features) in rows.features.chunks(BLOCK_ROWS * width).enumerate() {
            let from = block * BLOCK_ROWS;
            let mut x =
                Array2::from_shape_vec((features.len() / width, width), features.to_vec()).ok()?;
            let mut y = Array1::zeros(x.nrows());
            for (i, mut row) in x.rows_mut().into_iter().enumerate() {
                let root = (rows.weights[from + i] / total).sqrt();
                y[i] = (rows.targets[from + i] - self.intercept) * root;
                for ((value, center), scale) in row.iter_mut().zip(&self.center).zip(&self.scale) {
                    *value = (*value - center) * scale * root;
                }
            }
            gram += &x.t().dot(&x);
            moments += &x.t().dot(&y);
        }
        // Features that never vary, or say the same twice, leave the matrix singular.
        gram.diag_mut().iter_mut().for_each(|diagonal| *diagonal += 1e-9);
        let lower = gram.cholesky().ok()?;
        let moments = moments.insert_axis(Axis(1));
        let z = lower.solve_triangular_into(moments, UPLO::Lower).ok()?.remove_axis(Axis(1));
        // linfa divides the loss by twice the rows it is handed.
        let root = (width as f64).sqrt();
        Some((lower.t().mapv(|x| x * root), z * root))
    }

    /// Predicts `out.len()` rows of `width` features each.
    pub fn predict(&self, rows: &[f64], width: usize, out: &mut [f64]) {
        for (value, row) in out.iter_mut().zip(rows.chunks_exact(width.max(1))) {
            *value = self.intercept;
            for (j, x) in row.iter().enumerate().take(self.slopes.len()) {
                let standard = (x - self.center[j]) * self.scale[j];
                *value += self.slopes[j] * standard.clamp(-MAX_DEVIATIONS, MAX_DEVIATIONS);
            }
        }
    }
}

/// A straight line through points (least squares, by linfa): the intercept and the slope; nothing
/// for fewer than two points.
#[must_use]
pub fn straight_line(x: &[f64], y: &[f64]) -> Option<(f64, f64)> {
    if x.len() < 2 || x.len() != y.len() {
        return None;
    }
    let records = Array2::from_shape_vec((x.len(), 1), x.to_vec()).ok()?;
    let data = DatasetBase::new(records, Array1::from_vec(y.to_vec()));
    let model = linfa_linear::LinearRegression::default().fit(&data).ok()?;
    let at_zero = model.predict(&Array2::zeros((1, 1)));
    Some((at_zero[0], model.params()[0]))
}
