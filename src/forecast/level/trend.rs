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
const PAIRS: usize = LEVEL_RATES.len() * TREND_RATES.len();
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

        let mut least = f64::INFINITY;
        for (error, state) in run(history, history.rate_of_first(FIRST_BUCKETS)) {
            if error < least {
                (least, best) = (error, state);
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

/// Squared error of each pair of rates, and where they end. All pairs go through the history side
/// by side, so that none waits for its own last result.
fn run(history: &History, start: f64) -> [(f64, DampedTrend); PAIRS] {
    let alpha: [f64; PAIRS] = std::array::from_fn(|k| LEVEL_RATES[k / TREND_RATES.len()]);
    let product: [f64; PAIRS] =
        std::array::from_fn(|k| alpha[k] * TREND_RATES[k % TREND_RATES.len()]);

    let (mut level, mut slope, mut squares) = ([start; PAIRS], [0.0; PAIRS], [0.0; PAIRS]);
    for (demand, usual) in history.demand.iter().zip(&history.weight) {
        let (rate, share) = (demand / usual, usual.min(1.0));
        for k in 0..PAIRS {
            let carried = DAMPING * slope[k];
            let expected = level[k] + carried;
            let error = rate - expected;
            squares[k] += error * error * usual;
            level[k] = expected + alpha[k] * share * error;
            slope[k] = carried + product[k] * share * error;
        }
    }

    std::array::from_fn(|k| (squares[k], DampedTrend { level: level[k].max(0.0), slope: slope[k] }))
}
