//! The simplest forecasts, which every other one has to beat.

/// Fills `out` with the values of the last season, again and again; with the last value where there
/// is no whole season.
pub fn seasonal_naive(series: &[f64], season: usize, out: &mut [f64]) {
    let span = if season >= 1 && series.len() >= season { season } else { 1 };
    let last = &series[series.len().saturating_sub(span)..];
    for (step, value) in out.iter_mut().enumerate() {
        *value = if last.is_empty() { 0.0 } else { last[step % last.len()] };
    }
}

/// Mean of the last `span` values, or of all where there are fewer; 0 for none.
///
/// ```
/// assert_eq!(restock::forecast::local::naive::moving_average(&[9.0, 1.0, 2.0, 3.0], 3), 2.0);
/// ```
#[must_use]
pub fn moving_average(series: &[f64], span: usize) -> f64 {
    let last = &series[series.len().saturating_sub(span.max(1))..];
    if last.is_empty() { 0.0 } else { last.iter().sum::<f64>() / last.len() as f64 }
}
