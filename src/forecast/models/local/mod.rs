//! Models that know one series only, on plain slices: the field's standard methods, by name.
//!
//! They serve `--model NAME`, items that are not counts, and comparison; on retail counts the
//! pooled models beat them.

pub mod adjustment;
#[cfg(test)]
mod air_passengers;
pub mod ces;
pub mod ets;
pub mod intermittent;
pub mod naive;
pub mod theta;

use serde::{Deserialize, Serialize};

/// A model of one series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LocalModel {
    /// Exponential smoothing state space models, averaged by their evidence.
    Ets,
    /// Dynamic optimised Theta.
    Theta,
    /// Complex exponential smoothing.
    Ces,
    /// Mean of the three above.
    Combination,
    /// The same season position a season ago.
    SeasonalNaive,
    /// Mean of the last season.
    MovingAverage,
    /// Croston's method.
    Croston,
    /// Syntetos–Boylan approximation.
    Sba,
    /// Teunter–Syntetos–Babai.
    Tsb,
    /// Aggregate–disaggregate.
    Adida,
    /// Multiple aggregation.
    Imapa,
}

/// Every local model with its name.
pub const LOCAL_MODELS: [(&str, LocalModel); 11] = [
    ("ets", LocalModel::Ets),
    ("theta", LocalModel::Theta),
    ("ces", LocalModel::Ces),
    ("combination", LocalModel::Combination),
    ("seasonal-naive", LocalModel::SeasonalNaive),
    ("moving-average", LocalModel::MovingAverage),
    ("croston", LocalModel::Croston),
    ("sba", LocalModel::Sba),
    ("tsb", LocalModel::Tsb),
    ("adida", LocalModel::Adida),
    ("imapa", LocalModel::Imapa),
];

impl LocalModel {
    /// The model of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        LOCAL_MODELS.iter().find(|(n, _)| *n == name).map(|(_, model)| *model)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        LOCAL_MODELS.iter().find(|(_, model)| *model == self).map_or("", |(name, _)| *name)
    }

    /// Fills `out` with the point forecasts of the next buckets; whatever the series, they are
    /// finite. `season` is the number of buckets in a season, 1 for none.
    ///
    /// ```
    /// use restock::forecast::local::LocalModel;
    /// let mut out = [0.0; 3];
    /// LocalModel::SeasonalNaive.forecast(&[1.0, 2.0, 3.0, 4.0], 2, &mut out);
    /// assert_eq!(out, [3.0, 4.0, 3.0]);
    /// ```
    pub fn forecast(self, series: &[f64], season: usize, out: &mut [f64]) {
        match self {
            Self::Ets => ets::forecast(series, season, out),
            Self::Theta => theta::forecast(series, season, out),
            Self::Ces => ces::forecast(series, season, out),
            Self::Combination => combination(series, season, out),
            Self::SeasonalNaive => naive::seasonal_naive(series, season, out),
            Self::MovingAverage => out.fill(naive::moving_average(series, season.max(4))),
            Self::Croston => out.fill(intermittent::croston(series)),
            Self::Sba => out.fill(intermittent::sba(series)),
            Self::Tsb => {
                out.fill(intermittent::tsb(series, intermittent::RATE, intermittent::RATE))
            }
            Self::Adida => out.fill(intermittent::adida(series)),
            Self::Imapa => out.fill(intermittent::imapa(series)),
        }
        let fallback = series.iter().rev().copied().find(|y| y.is_finite()).unwrap_or(0.0);
        for value in out.iter_mut().filter(|v| !v.is_finite()) {
            *value = fallback;
        }
    }
}

fn combination(series: &[f64], season: usize, out: &mut [f64]) {
    let mut sum = vec![0.0; out.len()];
    for model in [LocalModel::Ets, LocalModel::Theta, LocalModel::Ces] {
        model.forecast(series, season, out);
        for (s, value) in sum.iter_mut().zip(out.iter()) {
            *s += value / 3.0;
        }
    }
    out.copy_from_slice(&sum);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_is_finite_on_degenerate_series() {
        let long: Vec<f64> = (0..3_650).map(|i| f64::from(i % 13)).collect();
        let one_sale: Vec<f64> = (0..60).map(|i| if i == 30 { 1.0 } else { 0.0 }).collect();
        let series: [&[f64]; 9] = [
            &[],
            &[0.0],
            &[5.0],
            &[1.0, 2.0],
            &[0.0; 40],
            &[3.0; 40],
            &[1e12; 40],
            &one_sale,
            &long,
        ];
        for (name, model) in LOCAL_MODELS {
            for (k, y) in series.iter().enumerate() {
                for season in [1, 7, 12, 52] {
                    let mut out = [f64::NAN; 14];
                    model.forecast(y, season, &mut out);
                    assert!(
                        out.iter().all(|v| v.is_finite() && v.abs() < 1e14),
                        "{name} series {k}: {out:?}"
                    );
                }
            }
        }
    }
}
