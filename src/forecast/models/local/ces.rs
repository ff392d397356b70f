//! Complex exponential smoothing: a level and a hidden component that bends it, smoothed by one
//! complex number.
//!
//! ŷ_t = ℓ_{t−1}; ℓ_t = ℓ_{t−1} − (1−α₁) c_{t−1} + (α₀−α₁) e_t; c_t = ℓ_{t−1} + (1−α₀) c_{t−1} +
//! (α₀+α₁) e_t, on the series without its season. Source: Svetunkov, Kourentzes & Ord 2022,
//! *Complex exponential smoothing*.

use super::adjustment::Adjustment;
use super::naive;
use crate::stats::optimise::nelder_mead;

/// Fills `out` with forecasts of the next buckets.
pub fn forecast(series: &[f64], season: usize, out: &mut [f64]) {
    if series.len() < 5 || series.iter().all(|y| *y == series[0]) {
        naive::seasonal_naive(series, 1, out);
        return;
    }
    let adjustment = Adjustment::detect(series, season);
    let adjusted = adjustment.as_ref().map_or_else(|| series.to_vec(), |a| a.removed(series));
    let scale = adjusted.iter().map(|y| y.abs()).sum::<f64>() / adjusted.len() as f64;
    let scale = if scale > 0.0 { scale } else { 1.0 };
    let scaled: Vec<f64> = adjusted.iter().map(|y| y / scale).collect();
    let first = scaled.iter().take(10).sum::<f64>() / scaled.len().min(10) as f64;
    let squares = |p: &[f64]| run(&scaled, p).0;
    let mut best: Option<crate::stats::optimise::Minimum> = None;
    for (real, imaginary) in [(1.3, 1.0), (1.0, 1.0), (1.9, 1.05), (0.8, 0.95)] {
        let start = [real, imaginary, first, first / 1.1];
        let found = nelder_mead(squares, &start, &[0.2, 0.05, 0.1 * first, 0.1 * first], 500);
        if best.as_ref().is_none_or(|b| found.value < b.value) {
            best = Some(found);
        }
    }
    let Some(best) = best else { return };
    let (_, mut level, mut hidden) = run(&scaled, &best.point);
    for value in out.iter_mut() {
        *value = level * scale;
        (level, hidden) = step(&best.point, level, hidden, 0.0);
    }
    if let Some(adjustment) = adjustment {
        adjustment.restore(series.len(), out);
    }
}

fn step(p: &[f64], level: f64, hidden: f64, error: f64) -> (f64, f64) {
    (
        level - (1.0 - p[1]) * hidden + (p[0] - p[1]) * error,
        level + (1.0 - p[0]) * hidden + (p[0] + p[1]) * error,
    )
}

/// Sum of squared errors, and level and hidden component after the last value; infinite where the
/// model would not forget.
fn run(series: &[f64], p: &[f64]) -> (f64, f64, f64) {
    let (mut level, mut hidden, mut sum) = (p[2], p[3], 0.0);
    if !is_stable(p[0], p[1]) {
        return (f64::INFINITY, level, hidden);
    }
    for y in series {
        let error = y - level;
        sum += error * error;
        (level, hidden) = step(p, level, hidden, error);
    }
    (sum, level, hidden)
}

/// Both roots of the error recursion lie inside the unit circle.
///
/// With D = F − g·w the discount matrix is [[1−α₀+α₁, −(1−α₁)], [1−α₀−α₁, 1−α₀]]; |roots| < 1
/// exactly where
/// |det| < 1 and |trace| < 1 + det.
fn is_stable(real: f64, imaginary: f64) -> bool {
    let trace = 1.0 - real + imaginary + 1.0 - real;
    let determinant =
        (1.0 - real + imaginary) * (1.0 - real) + (1.0 - imaginary) * (1.0 - real - imaginary);
    determinant.abs() < 0.999 && trace.abs() < 0.999 + determinant
}
