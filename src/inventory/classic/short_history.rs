//! Totals forecast from few periods, or by exponential smoothing: what z·σ·√h leaves out.

use crate::stats::normal::student_quantile;

/// A sample of independent, normal demands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Number of periods, at least 2.
    pub periods: u32,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, with n − 1.
    pub sd: f64,
}

/// The quantile of the demand of h further periods: h·m + t·s·√(h + h²/n), t Student's with n − 1
/// degrees of freedom.
///
/// The mean is known no better than s/√n, an error that all h periods share. Source: Casella &
/// Berger, *Statistical Inference* (2002), section 11.3.5, for a sum of h.
///
/// ```
/// use restock::inventory::classic::short_history::{Sample, total_quantile};
/// let sample = Sample { periods: 12, mean: 100.0, sd: 30.0 };
/// let textbook: f64 = 400.0 + 1.6449 * 30.0 * 2.0;
/// assert!((textbook - 498.7).abs() < 0.1);
/// assert!((total_quantile(sample, 4, 0.95) - 524.4).abs() < 0.1);
/// ```
#[must_use]
pub fn total_quantile(sample: Sample, ahead: u32, level: f64) -> f64 {
    let (h, n) = (f64::from(ahead), f64::from(sample.periods));
    h * sample.mean + student_quantile(level, n - 1.0) * sample.sd * (h + h * h / n).sqrt()
}

/// Standard deviation of the demand of h periods under simple exponential smoothing: σ·√Σ(1 + iα)²,
/// i = 0 … h − 1.
///
/// An error moves the level and with it all later forecasts, so that errors add up. Source:
/// Hyndman, Koehler, Ord & Snyder, *Forecasting with Exponential Smoothing* (2008), section 6.1.
///
/// ```
/// use restock::inventory::classic::short_history::smoothed_total_sd;
/// let root_rule = 10.0 * 13.0_f64.sqrt();
/// assert!((smoothed_total_sd(10.0, 0.2, 13) / root_rule / 2.323_790_007_724_45 - 1.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn smoothed_total_sd(sd: f64, alpha: f64, ahead: u32) -> f64 {
    let weight = |i: u32| 1.0 + f64::from(i) * alpha;
    sd * (0..ahead).map(|i| weight(i) * weight(i)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::normal::quantile;
    use crate::stats::random::unit;

    const TRIALS: u64 = 40_000;

    /// Shares of simulated totals within the textbook's point and within ours, at 95 %, from 12
    /// periods, 4 ahead.
    fn shares_of_short_histories() -> (f64, f64) {
        let normal = |index: u64| 100.0 + 30.0 * quantile(unit(5, index));
        let (mut textbook, mut ours) = (0, 0);
        for trial in 0..TRIALS {
            let demand: Vec<f64> = (0..16).map(|i| normal(16 * trial + i)).collect();
            let (past, next) = demand.split_at(12);
            let mean = past.iter().sum::<f64>() / 12.0;
            let sd = (past.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 11.0).sqrt();
            let total: f64 = next.iter().sum();
            textbook += u64::from(total <= 4.0 * mean + quantile(0.95) * sd * 2.0);
            ours += u64::from(total <= total_quantile(Sample { periods: 12, mean, sd }, 4, 0.95));
        }
        (textbook as f64 / TRIALS as f64, ours as f64 / TRIALS as f64)
    }

    /// The same under simple exponential smoothing with α = 0.2, h periods ahead.
    fn shares_of_smoothing(ahead: u32) -> (f64, f64) {
        let (alpha, sd, z) = (0.2, 10.0, quantile(0.95));
        let (mut textbook, mut ours) = (0, 0);
        for trial in 0..TRIALS {
            let (mut level, mut total) = (0.0, 0.0);
            for i in 0..u64::from(ahead) {
                let error = sd * quantile(unit(6, trial * u64::from(ahead) + i));
                total += level + error;
                level += alpha * error;
            }
            textbook += u64::from(total <= z * sd * f64::from(ahead).sqrt());
            ours += u64::from(total <= z * smoothed_total_sd(sd, alpha, ahead));
        }
        (textbook as f64 / TRIALS as f64, ours as f64 / TRIALS as f64)
    }

    #[test]
    fn a_short_history_is_covered_as_promised() {
        let (textbook, ours) = shares_of_short_histories();
        assert!((textbook - 0.91).abs() < 0.005, "{textbook}");
        assert!((ours - 0.95).abs() < 0.004, "{ours}");
    }

    #[test]
    fn totals_of_smoothed_demand_are_covered_as_promised() {
        for (ahead, short) in [(4, 0.90), (8, 0.83), (13, 0.77)] {
            let (textbook, ours) = shares_of_smoothing(ahead);
            assert!(textbook < short, "{ahead}: {textbook}");
            assert!((ours - 0.95).abs() < 0.004, "{ahead}: {ours}");
        }
    }

    /// Prints the rows of `docs/SERVICE.md`.
    #[test]
    #[ignore = "prints rows of the documentation"]
    fn service_table_of_short_histories() {
        let line = |name: &str, (textbook, ours): (f64, f64)| {
            crate::inventory::simulation::write_row(&format!(
                "| {name} | {:.1} | {:.1} |",
                100.0 * textbook,
                100.0 * ours
            ));
        };
        line("12 periods of history, 4 ahead", shares_of_short_histories());
        for ahead in [4, 8, 13] {
            line(&format!("smoothing, α = 0.2, {ahead} ahead"), shares_of_smoothing(ahead));
        }
    }
}
