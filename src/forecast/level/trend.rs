//! Damped trend by exponential smoothing: for items that grow or fade.
//!
//! ℓ_t = ℓ_{t−1} + φ b_{t−1} + α e_t, b_t = φ b_{t−1} + αβ e_t, forecast ℓ + (φ + φ² + … + φ^h) b,
//! on demand with the season taken out. Source: Gardner & McKenzie 1985; Hyndman et al. 2008,
//! *Forecasting with Exponential Smoothing*, ch. 2.

use super::history::History;

/// Judgement: half of a trend is gone after seven buckets.
const DAMPING: f64 = 0.9;
/// Grid of α and of β. Judgement.
const LEVEL_RATES: [f64; 4] = [0.02, 0.06, 0.15, 0.35];
const TREND_RATES: [f64; 3] = [0.0, 0.05, 0.2];
/// Buckets of history that a trend needs; shorter ones keep their mean. Judgement: two slopes.
const MIN_HISTORY: usize = 3;
/// Buckets at the beginning whose mean is the first level. Judgement.
const FIRST_BUCKETS: usize = 8;

/// Level and slope after the last bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct DampedTrend {
    /// Demand of an average bucket now.
    pub level: f64,
    /// Its change a bucket, before damping.
    pub slope: f64,
}

impl DampedTrend {
    /// Fits by least squared one-step error over a small grid of rates.
    #[must_use]
    pub fn fit(history: &History) -> Self {
        let mut best = Self { level: history.rate(history.len()), slope: 0.0 };
        if history.len() < MIN_HISTORY {
            return best;
        }

        let start = history.rate_of_first(FIRST_BUCKETS);
        let mut least = f64::INFINITY;
        for alpha in LEVEL_RATES {
            for beta in TREND_RATES {
                let (error, state) = run(history, start, alpha, beta);
                if error < least {
                    (least, best) = (error, state);
                }
            }
        }
        best
    }

    /// Demand of an average bucket in each of the next buckets, never negative.
    pub fn rates(&self, out: &mut [f64]) {
        let (mut damping, mut sum) = (1.0, 0.0);
        for rate in out {
            damping *= DAMPING;
            sum += damping;
            *rate = (self.level + sum * self.slope).max(0.0);
        }
    }
}

/// Squared error of one pair of rates, and where they end.
fn run(history: &History, start: f64, alpha: f64, beta: f64) -> (f64, DampedTrend) {
    let (mut level, mut slope, mut squares) = (start, 0.0, 0.0);
    for (demand, usual) in history.demand.iter().zip(&history.weight) {
        let expected = level + DAMPING * slope;
        let error = demand / usual - expected;
        squares += error * error * usual;
        level = expected + alpha * usual.min(1.0) * error;
        slope = DAMPING * slope + alpha * beta * usual.min(1.0) * error;
    }

    (squares, DampedTrend { level: level.max(0.0), slope })
}
