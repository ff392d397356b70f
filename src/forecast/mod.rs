//! Demand models: from histories to distributions.
//!
//! [`fit`] learns what crosses items (season, priors, weights of the models, calibration) from
//! origins inside the panel; [`forecast`] then gives every item its demand ahead. What planning
//! reads of it is a [`law::DemandLaw`].

pub mod across;
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
pub mod item;
pub mod law;
pub mod local;
pub mod members;
pub mod metrics;
mod newcomers;
pub mod pooled;
pub mod priors;
pub mod season;
mod settings;
mod shown;
pub mod smoothing;
pub mod spread;
pub mod trailing;
pub mod training;
pub mod trend;
pub mod year_shape;

pub use fitted::Fitted;
pub use forecasts::Forecasts;
pub use settings::{ForecastSettings, ModelChoice};
pub use shown::BlendWeights;

use crate::demand::panel::Panel;

/// Names that [`ModelChoice::Named`] knows.
#[must_use]
pub fn model_names() -> Vec<&'static str> {
    members::NAMES.into_iter().chain(local::LOCAL_MODELS.map(|(name, _)| name)).collect()
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

#[cfg(test)]
mod tests;
