//! Demand models: from histories to distributions.
//!
//! [`fit`] learns what crosses items (season, priors, weights of the models, calibration) from
//! origins inside the panel; [`forecast`] then gives every item its demand ahead. What planning
//! reads of it is a [`law::DemandLaw`].

pub mod blend;
pub mod calibrate;
mod changes;
pub mod effects;
pub mod evaluate;
pub mod features;
mod fitted;
mod forecasts;
pub mod groups;
pub mod history;
pub mod law;
pub mod local;
pub mod members;
pub mod metrics;
mod newcomers;
pub mod pooled;
pub mod priors;
pub mod season;
mod shown;
pub mod smoothing;
pub mod spread;
pub mod trailing;
pub mod training;
pub mod trend;
pub mod year_shape;

pub use fitted::Fitted;
pub use forecasts::Forecasts;
pub use shown::BlendWeights;

pub use crate::domain::models::ModelChoice;

use crate::demand::panel::Panel;

/// What the forecasting stage needs to know beside the panel.
#[derive(Debug, Clone)]
pub struct ForecastSettings {
    /// Full buckets ahead.
    pub horizon: usize,
    /// Seed of everything random.
    pub seed: u64,
    /// Which models may be used.
    pub model: ModelChoice,
    /// Days from `as_of` that planning reads, at least.
    pub planning_days: u32,
}

/// Names that [`ModelChoice::Named`] knows.
#[must_use]
pub fn model_names() -> Vec<&'static str> {
    crate::domain::models::MODEL_NAMES.to_vec()
}

/// Learns pooled parameters, blend and calibration from the panel, all from windows before its
/// `as_of`.
#[must_use]
pub fn fit(panel: &Panel, settings: &ForecastSettings) -> Fitted {
    Fitted::learn(panel, settings)
}

/// Forecasts every item of the panel: the same bytes for any number of threads.
#[must_use]
pub fn forecast(panel: &Panel, fitted: &Fitted, settings: &ForecastSettings) -> Forecasts {
    Forecasts::compute(panel, fitted, settings, None)
}

/// Forecasts these items of the panel alone; each as [`forecast`] would.
#[must_use]
pub fn forecast_items(
    panel: &Panel,
    fitted: &Fitted,
    settings: &ForecastSettings,
    items: &[usize],
) -> Forecasts {
    Forecasts::compute(panel, fitted, settings, Some(items))
}

/// Whether the first bucket ahead is only the rest of the one that `as_of` lies in, and how many
/// buckets ahead are forecast.
fn steps_ahead(panel: &Panel, settings: &ForecastSettings) -> (bool, usize) {
    let calendar = &panel.calendar;
    let first = calendar.bucket_of(panel.as_of);
    let partial = calendar.start_of(first) != panel.as_of;
    let by_horizon = settings.horizon.clamp(1, 4_000) + usize::from(partial);
    let last_day = panel.as_of.saturating_add(settings.planning_days.min(4_000) as i32);
    let by_days = (calendar.bucket_of(last_day) - first + 1).max(1) as usize;
    (partial, by_horizon.max(by_days))
}

#[cfg(test)]
mod tests;
