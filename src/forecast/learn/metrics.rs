//! Measures of forecasts: what an accuracy report and the tests of models count.
//!
//! Sources: the M5 Competitors' Guide 2020; Hyndman & Koehler 2006; Gneiting & Raftery 2007 for the
//! quantile loss.

/// Mean absolute scaled error: mean |e| over the mean of |y_t − y_{t−season}| in the history;
/// `None` if that is 0.
///
/// ```
/// let error = restock::forecast::metrics::mase(&[1.0, 2.0, 3.0], &[4.0, 5.0], &[3.0, 3.0], 1);
/// assert_eq!(error, Some(1.5));
/// ```
#[must_use]
pub fn mase(history: &[f64], actual: &[f64], forecast: &[f64], season: usize) -> Option<f64> {
    let season = season.max(1);
    let steps = history.len().checked_sub(season).filter(|n| *n > 0)?;
    let scale = history.iter().zip(&history[season..]).map(|(a, b)| (b - a).abs()).sum::<f64>()
        / steps as f64;
    (scale > 0.0 && !actual.is_empty())
        .then(|| absolute(actual, forecast) / actual.len() as f64 / scale)
}

/// Root mean squared scaled error, the scale from the first sale on; `None` if that is 0.
///
/// ```
/// let error = restock::forecast::metrics::rmsse(&[0.0, 0.0, 1.0, 3.0], &[2.0], &[4.0]);
/// assert_eq!(error, Some(1.0));
/// ```
#[must_use]
pub fn rmsse(history: &[f64], actual: &[f64], forecast: &[f64]) -> Option<f64> {
    let first = history.iter().position(|y| *y > 0.0)?;
    let sold = &history[first..];
    if sold.len() < 2 || actual.is_empty() {
        return None;
    }

    let scale = sold.windows(2).map(|w| (w[1] - w[0]) * (w[1] - w[0])).sum::<f64>()
        / (sold.len() - 1) as f64;

    let squares: f64 = actual.iter().zip(forecast).map(|(y, f)| (y - f) * (y - f)).sum();
    (scale > 0.0).then(|| (squares / actual.len() as f64 / scale).sqrt())
}

/// Sum of |actual − forecast|: over the sum of actuals it is WAPE.
#[must_use]
pub fn absolute(actual: &[f64], forecast: &[f64]) -> f64 {
    actual.iter().zip(forecast).map(|(y, f)| (y - f).abs()).sum()
}

/// Quantile (pinball) loss max(τe, (τ−1)e) with e = actual − quantile. Twice its sum over the sum
/// of actuals, averaged over levels, is WQL.
///
/// ```
/// assert_eq!(restock::forecast::metrics::pinball(0.9, 10.0, 4.0), 5.4);
/// ```
#[must_use]
pub fn pinball(level: f64, actual: f64, quantile: f64) -> f64 {
    let error = actual - quantile;
    (level * error).max((level - 1.0) * error)
}

/// Whether a quantile covers the actual: 1 below it, 0 above, and at it the share that makes a
/// perfect forecast of counts cover exactly its level: (τ − F(q−1))/(F(q) − F(q−1)).
///
/// ```
/// use restock::forecast::{demand_distribution::TotalDemand, metrics::coverage};
/// // P(X = 0) = ½ and P(X ≤ 1) = ¾: at the 60 % quantile, 1, a right forecast covers
/// // ½ + ¼·(0.6−0.5)/0.25 = 0.6.
/// let distribution = TotalDemand::plain(1.0, 2.0, true);
/// let share = 0.5 * coverage(&distribution, 0.6, 0.0) + 0.25 * coverage(&distribution, 0.6, 1.0);
/// assert!((share - 0.6).abs() < 1e-9);
/// ```
#[must_use]
pub fn coverage(
    distribution: &crate::forecast::demand_distribution::TotalDemand,
    level: f64,
    actual: f64,
) -> f64 {
    let quantile = distribution.quantile(level);
    if actual < quantile {
        return 1.0;
    }
    if actual > quantile {
        return 0.0;
    }

    let at = distribution.cdf(quantile);
    let below = if distribution.is_count() { distribution.cdf(quantile - 1.0) } else { at };
    if at > below { ((level - below) / (at - below)).clamp(0.0, 1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_without_a_scale_are_left_out() {
        assert_eq!(mase(&[2.0, 2.0], &[1.0], &[1.0], 1), None);
        assert_eq!(mase(&[], &[1.0], &[1.0], 7), None);
        assert_eq!(rmsse(&[0.0, 0.0], &[1.0], &[1.0]), None);
        assert_eq!(rmsse(&[0.0, 5.0], &[1.0], &[1.0]), None);
    }
}
