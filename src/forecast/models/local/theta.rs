//! The dynamic optimised Theta model.
//!
//! μ_t = ℓ_{t−1} + (1 − 1/θ)[(1−α)^{t−1} A_{t−1} + (1 − (1−α)^t)/α · B_{t−1}], with level ℓ, and
//! intercept A and slope B of a line fitted to all data so far; α, θ and ℓ_0 by least squares, on
//! the series without its season. Source: Fioruci, Pellegrini, Louzada, Petropoulos & Koehler 2016,
//! *Models for optimising the theta method*.

use super::adjustment::Adjustment;
use super::naive;
use crate::stats::optimise::nelder_mead;

/// Bounds of α and θ.
const ALPHA: (f64, f64) = (0.05, 0.99);
const THETA: (f64, f64) = (1.0, 30.0);

/// Fills `out` with forecasts of the next buckets.
pub fn forecast(series: &[f64], season: usize, out: &mut [f64]) {
    if series.len() < 4 || series.iter().all(|y| *y == series[0]) {
        naive::seasonal_naive(series, 1, out);
        return;
    }
    let adjustment = Adjustment::detect(series, season);
    let adjusted = adjustment.as_ref().map_or_else(|| series.to_vec(), |a| a.removed(series));
    let (level, alpha, theta) = fit(&adjusted);
    let mut state = ThetaState::new(level, alpha, theta, adjusted[0]);
    adjusted.iter().skip(1).for_each(|y| state.update(*y));
    for value in out.iter_mut() {
        *value = state.expected();
        state.update(*value);
    }
    if let Some(adjustment) = adjustment {
        adjustment.restore(series.len(), out);
    }
}

fn fit(series: &[f64]) -> (f64, f64, f64) {
    let scale = series.iter().map(|y| y.abs()).sum::<f64>() / series.len() as f64;
    let scale = if scale > 0.0 { scale } else { 1.0 };
    let squares = |p: &[f64]| {
        let inside = |x: f64, (low, high): (f64, f64)| (low..=high).contains(&x);
        if !inside(p[1], ALPHA) || !inside(p[2], THETA) {
            return f64::INFINITY;
        }
        let mut state = ThetaState::new(p[0] * scale, p[1], p[2], series[0]);
        let mut sum = 0.0;
        for y in &series[1..] {
            let error = (y - state.expected()) / scale;
            sum += error * error;
            state.update(*y);
        }
        sum
    };
    let first = series[0] / scale;
    let mut best = nelder_mead(
        squares,
        &[first / 2.0, 0.5, 2.0],
        &[0.3 * first.abs().max(0.1), 0.2, 1.0],
        400,
    );
    for (alpha, theta) in [(0.15, 2.0), (0.8, 1.2)] {
        let other = nelder_mead(
            squares,
            &[first, alpha, theta],
            &[0.2 * first.abs().max(0.1), 0.1, 0.5],
            300,
        );
        if other.value < best.value {
            best = other;
        }
    }
    (best.point[0] * scale, best.point[1], best.point[2])
}

/// What the model knows after t values.
struct ThetaState {
    alpha: f64,
    weight: f64,
    level: f64,
    mean: f64,
    intercept: f64,
    slope: f64,
    count: f64,
    /// (1 − α)^count.
    decay: f64,
}

impl ThetaState {
    fn new(level: f64, alpha: f64, theta: f64, first: f64) -> Self {
        Self {
            alpha,
            weight: 1.0 - 1.0 / theta,
            level: alpha * first + (1.0 - alpha) * level,
            mean: first,
            intercept: first,
            slope: 0.0,
            count: 1.0,
            decay: 1.0 - alpha,
        }
    }

    /// The next value, before it is known.
    fn expected(&self) -> f64 {
        let ramp = (1.0 - self.decay * (1.0 - self.alpha)) / self.alpha;
        self.level + self.weight * (self.decay * self.intercept + ramp * self.slope)
    }

    fn update(&mut self, value: f64) {
        self.count += 1.0;
        let t = self.count;
        self.level = self.alpha * value + (1.0 - self.alpha) * self.level;
        self.slope = ((t - 2.0) * self.slope + 6.0 * (value - self.mean) / t) / (t + 1.0);
        self.mean = ((t - 1.0) * self.mean + value) / t;
        self.intercept = self.mean - self.slope * (t + 1.0) / 2.0;
        self.decay *= 1.0 - self.alpha;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_goes_on() {
        let line: Vec<f64> = (0..40).map(|t| 10.0 + 2.0 * f64::from(t)).collect();
        let mut out = [0.0; 5];
        forecast(&line, 1, &mut out);
        for (step, value) in out.iter().enumerate() {
            assert!((value - (90.0 + 2.0 * step as f64)).abs() < 4.0, "{out:?}");
        }
    }
}
