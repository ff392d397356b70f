//! Totals forecast from few periods, or by exponential smoothing: what z·σ·√h leaves out.

use restock::stats::normal::{quantile, student_quantile};
use restock::stats::random::unit;

use super::{assert_close, print_row};

const TRIALS: u64 = 40_000;
/// Periods of history, and periods ahead, of the short history.
const PERIODS: u64 = 12;
const PERIODS_AHEAD: u32 = 4;

/// A sample of independent, normal demands.
struct Sample {
    /// Number of periods, at least 2.
    periods: u32,
    /// Their mean, in units.
    mean: f64,
    /// Their standard deviation, with n − 1, in units.
    sd: f64,
}

impl Sample {
    fn of(demand: &[f64]) -> Self {
        let count = demand.len() as f64;
        let mean = demand.iter().sum::<f64>() / count;
        let squares: f64 = demand.iter().map(|x| (x - mean) * (x - mean)).sum();
        Self { periods: demand.len() as u32, mean, sd: (squares / (count - 1.0)).sqrt() }
    }

    /// The quantile of the demand of h further periods: h·m + t·s·√(h + h²/n), t Student's with
    /// n − 1 degrees of freedom.
    ///
    /// The mean is known no better than s/√n, an error that all h periods share. Source: Casella &
    /// Berger, *Statistical Inference* (2002), section 11.3.5, for a sum of h.
    fn total_quantile(&self, ahead: u32, level: f64) -> f64 {
        let (h, n) = (f64::from(ahead), f64::from(self.periods));
        h * self.mean + student_quantile(level, n - 1.0) * self.sd * (h + h * h / n).sqrt()
    }

    /// The same by the rule of the square root: h·m + z·s·√h.
    fn total_by_root_rule(&self, ahead: u32, level: f64) -> f64 {
        let h = f64::from(ahead);
        h * self.mean + quantile(level) * self.sd * h.sqrt()
    }
}

/// Standard deviation of the demand of h periods under simple exponential smoothing: σ·√Σ(1 + iα)²,
/// i = 0 … h − 1.
///
/// An error moves the level and with it all later forecasts, so that errors add up. Source:
/// Hyndman, Koehler, Ord & Snyder, *Forecasting with Exponential Smoothing* (2008), section 6.1.
fn smoothed_total_sd(sd: f64, alpha: f64, ahead: u32) -> f64 {
    let weights = (0..ahead).map(|i| 1.0 + f64::from(i) * alpha);
    sd * weights.map(|weight| weight * weight).sum::<f64>().sqrt()
}

/// Shares of simulated totals that lie within the points of two methods.
struct Shares {
    root_rule: f64,
    exact: f64,
}

/// At 95 %, from 12 periods of normal demand, 4 ahead.
fn shares_of_short_histories() -> Shares {
    let periods = PERIODS + u64::from(PERIODS_AHEAD);
    let (mut root_rule, mut exact) = (0, 0);
    for trial in 0..TRIALS {
        let demand: Vec<f64> =
            (0..periods).map(|i| 100.0 + 30.0 * quantile(unit(5, periods * trial + i))).collect();
        let (past, next) = demand.split_at(PERIODS as usize);
        let sample = Sample::of(past);
        let total: f64 = next.iter().sum();

        root_rule += u64::from(total <= sample.total_by_root_rule(PERIODS_AHEAD, 0.95));
        exact += u64::from(total <= sample.total_quantile(PERIODS_AHEAD, 0.95));
    }

    Shares { root_rule: root_rule as f64 / TRIALS as f64, exact: exact as f64 / TRIALS as f64 }
}

/// At 95 %, under simple exponential smoothing with α = 0.2, h periods ahead.
fn shares_of_smoothing(ahead: u32) -> Shares {
    let (alpha, sd, z) = (0.2, 10.0, quantile(0.95));
    let by_root_rule = z * sd * f64::from(ahead).sqrt();
    let by_sum_of_errors = z * smoothed_total_sd(sd, alpha, ahead);

    let (mut root_rule, mut exact) = (0, 0);
    for trial in 0..TRIALS {
        let (mut level, mut total) = (0.0, 0.0);
        for i in 0..u64::from(ahead) {
            let error = sd * quantile(unit(6, trial * u64::from(ahead) + i));
            total += level + error;
            level += alpha * error;
        }

        root_rule += u64::from(total <= by_root_rule);
        exact += u64::from(total <= by_sum_of_errors);
    }

    Shares { root_rule: root_rule as f64 / TRIALS as f64, exact: exact as f64 / TRIALS as f64 }
}

#[test]
fn the_quantile_of_a_total_from_few_periods_is_above_that_of_the_root_rule() {
    let sample = Sample { periods: 12, mean: 100.0, sd: 30.0 };
    assert!((sample.total_by_root_rule(4, 0.95) - 498.7).abs() < 0.1);
    assert!((sample.total_quantile(4, 0.95) - 524.4).abs() < 0.1);
}

#[test]
fn the_root_rule_is_short_by_these_factors_under_smoothing() {
    for (alpha, ahead, ratio) in [
        (0.1, 4, 1.1554220008291343),
        (0.1, 8, 1.3693063937629153),
        (0.1, 13, 1.6431676725154984),
        (0.2, 4, 1.319090595827292),
        (0.2, 8, 1.7606816861659011),
        (0.2, 13, 2.32379000772445),
        (0.3, 4, 1.4882876066137216),
        (0.3, 8, 2.1621748310439655),
        (0.3, 13, 3.0166206257996713),
    ] {
        let by_root_rule = 10.0 * f64::from(ahead).sqrt();
        assert_close(smoothed_total_sd(10.0, alpha, ahead) / by_root_rule, ratio);
    }
}

#[test]
fn a_short_history_is_covered_as_promised() {
    let shares = shares_of_short_histories();
    assert!((shares.root_rule - 0.91).abs() < 0.005, "{}", shares.root_rule);
    assert!((shares.exact - 0.95).abs() < 0.004, "{}", shares.exact);
}

#[test]
fn totals_of_smoothed_demand_are_covered_as_promised() {
    for (ahead, short) in [(4, 0.90), (8, 0.83), (13, 0.77)] {
        let shares = shares_of_smoothing(ahead);
        assert!(shares.root_rule < short, "{ahead}: {}", shares.root_rule);
        assert!((shares.exact - 0.95).abs() < 0.004, "{ahead}: {}", shares.exact);
    }
}

/// Prints rows of `docs/SERVICE.md`.
#[test]
#[ignore = "prints rows of the documentation"]
fn service_table_of_short_histories() {
    let histories = ("12 periods of history, 4 ahead".to_owned(), shares_of_short_histories());
    let smoothing = [4, 8, 13]
        .map(|ahead| (format!("smoothing, α = 0.2, {ahead} ahead"), shares_of_smoothing(ahead)));

    for (name, shares) in std::iter::once(histories).chain(smoothing) {
        let (root_rule, exact) = (100.0 * shares.root_rule, 100.0 * shares.exact);
        print_row(&format!("| {name} | {root_rule:.1} | {exact:.1} |"));
    }
}
