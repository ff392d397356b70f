//! Classical seasonal adjustment, with the test of whether there is a season at all.

/// One-sided 90 % point of the normal distribution, the level at which the M3 contest's Theta
/// tested for a season.
const SEASON_TEST: f64 = 1.645;

/// Season of a series: factors (multiplied) or terms (added) by position.
#[derive(Debug, Clone, PartialEq)]
pub struct Adjustment {
    /// By position in the season, the series' first value at position 0.
    values: Vec<f64>,
    multiplies: bool,
}

impl Adjustment {
    /// The season of the series where one shows in its autocorrelation, by the ratio (or, with
    /// values at or below 0, the difference) to the centred moving average. Source: Makridakis,
    /// Wheelwright & Hyndman 1998, ch. 3; the test as in Fioruci et al. 2016.
    #[must_use]
    pub fn detect(series: &[f64], season: usize) -> Option<Self> {
        if season < 2 || series.len() < 2 * season + 1 || !is_seasonal(series, season) {
            return None;
        }
        let multiplies = series.iter().all(|y| *y > 0.0);
        let mut sums = vec![(0.0, 0.0); season];
        for t in season / 2..series.len() - season / 2 {
            let Some(trend) = centred_mean(series, t, season) else { continue };
            let value = if multiplies { series[t] / trend } else { series[t] - trend };
            sums[t % season].0 += value;
            sums[t % season].1 += 1.0;
        }
        let mut values: Vec<f64> = sums
            .iter()
            .map(|(s, n)| if *n > 0.0 { s / n } else { f64::from(u8::from(multiplies)) })
            .collect();
        let mean = values.iter().sum::<f64>() / season as f64;
        values.iter_mut().for_each(|v| if multiplies { *v /= mean } else { *v -= mean });
        // A factor near nothing would blow the adjusted series up.
        if multiplies && values.iter().any(|v| !v.is_finite() || *v < 0.01) {
            return None;
        }
        Some(Self { values, multiplies })
    }

    /// The series without its season.
    #[must_use]
    pub fn removed(&self, series: &[f64]) -> Vec<f64> {
        series
            .iter()
            .enumerate()
            .map(|(t, y)| if self.multiplies { y / self.at(t) } else { y - self.at(t) })
            .collect()
    }

    /// Puts the season back into forecasts of the times from `from` on.
    pub fn restore(&self, from: usize, forecasts: &mut [f64]) {
        for (step, value) in forecasts.iter_mut().enumerate() {
            *value = if self.multiplies {
                *value * self.at(from + step)
            } else {
                *value + self.at(from + step)
            };
        }
    }

    /// The value at a time of the series.
    #[must_use]
    pub fn at(&self, time: usize) -> f64 {
        self.values[time % self.values.len()]
    }

    /// Whether it is multiplied.
    #[must_use]
    pub fn multiplies(&self) -> bool {
        self.multiplies
    }
}

/// Moving average of one season, centred on `t`; half weights at the ends where the season is even.
fn centred_mean(series: &[f64], t: usize, season: usize) -> Option<f64> {
    let half = season / 2;
    if season % 2 == 1 {
        return series
            .get(t.checked_sub(half)?..=t + half)
            .map(|w| w.iter().sum::<f64>() / season as f64);
    }
    let window = series.get(t.checked_sub(half)?..=t + half)?;
    let inner: f64 = window[1..season].iter().sum();
    Some((inner + 0.5 * (window[0] + window[season])) / season as f64)
}

/// |r_m| > 1.645 √((1 + 2 Σ_{k<m} r_k²)/n), r the autocorrelations.
fn is_seasonal(series: &[f64], season: usize) -> bool {
    let n = series.len() as f64;
    let mean = series.iter().sum::<f64>() / n;
    let variance: f64 = series.iter().map(|y| (y - mean) * (y - mean)).sum();
    if variance.is_nan() || variance <= 1e-12 * mean * mean {
        return false;
    }
    let correlation = |lag: usize| {
        series.iter().zip(&series[lag..]).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>()
            / variance
    };
    let squares: f64 = (1..season).map(|k| correlation(k) * correlation(k)).sum();
    correlation(season).abs() > SEASON_TEST * ((1.0 + 2.0 * squares) / n).sqrt()
}
