//! Demand models: from histories to distributions.
//!
//! [`fit`] learns what crosses items (season, priors, weights of the models, calibration) from
//! origins inside the panel; [`forecast`] then gives every item its demand ahead. What planning
//! reads of it is a [`demand_distribution::DemandDistribution`].

pub mod distribution;
mod forecasts;
pub mod item;
pub mod learn;
pub mod level;
pub mod models;
mod settings;
pub mod shared;

pub use distribution::{demand_distribution, lot, width};
use forecasts::Asked;
pub use forecasts::{Forecasts, Later};
pub use learn::{BlendWeights, Fitted, metrics};
pub use models::local;
pub use settings::ForecastSettings;
pub use shared::groups::Groups;

use crate::demand::origin::Origin;
use crate::demand::panel::Panel;
use crate::demand::positions::Positions;
use crate::domain::counted::OnItems;
pub use crate::domain::models::ModelChoice;

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

/// What crosses items.
#[derive(Debug, Clone, Copy)]
pub struct AcrossItems<'a> {
    /// What was learnt from all of them, tonight or on an earlier night.
    pub fitted: &'a Fitted,
    /// What groups of them did.
    pub groups: &'a Groups,
}

/// Forecasts every item of the panel: the same bytes for any number of threads.
#[must_use]
pub fn forecast(panel: &Panel, fitted: &Fitted, settings: &ForecastSettings) -> Forecasts {
    let across = AcrossItems { fitted, groups: &groups(panel) };
    forecast_items(panel, across, settings, None, &|_, _| ())
}

/// Forecasts these items of the panel alone, or all; each as [`forecast`] would among all of the
/// shop, whose [`groups`] these are.
#[must_use]
pub fn forecast_items(
    panel: &Panel,
    across: AcrossItems<'_>,
    settings: &ForecastSettings,
    items: Option<&[usize]>,
    on_items: OnItems<'_>,
) -> Forecasts {
    let asked = Asked { items, buckets_back: 0, on_items };
    Forecasts::compute(panel, across, settings, &asked)
}

/// What groups of items did, as forecasts read it.
#[must_use]
pub fn groups(panel: &Panel) -> Groups {
    Groups::learn(&Origin::latest(panel, &Positions::new(panel, 0)))
}

/// Forecasts these items as they stood so many whole buckets earlier: what is ahead then has come
/// since. What crosses items is what is learnt tonight; of the [`groups`] they see what was known
/// then, but for who belongs to them: that is tonight's.
#[must_use]
pub fn forecast_earlier(
    panel: &Panel,
    across: AcrossItems<'_>,
    settings: &ForecastSettings,
    items: &[usize],
    buckets_back: usize,
) -> Forecasts {
    let asked = Asked { items: Some(items), buckets_back, on_items: &|_, _| () };
    Forecasts::compute(panel, across, settings, &asked)
}

#[cfg(test)]
mod tests;
