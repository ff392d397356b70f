//! The fitted stage: everything that crosses items, as plain data.

use serde::{Deserialize, Serialize};

use super::blend::{self, Blend};
use super::calibrate::CalibrationMap;
use super::evaluate::{self, Observation};
use super::members::{MEMBERS, NAMES};
use super::priors::{CLASSES, Priors};
use super::season::Positions;
use super::spread::LENGTHS;
use super::{ForecastSettings, ModelChoice};
use crate::demand::panel::Panel;
use crate::stats::random;

/// PIT values that the identity counts for in a calibration map.
const CALIBRATION_PRIOR: f64 = 100.0;

/// Pooled parameters, blend and calibration of a panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// Pooled figures learnt up to `as_of`.
    pub(super) priors: Priors,
    /// Weights of the models.
    pub(super) blend: Blend,
    /// Calibration by class, then by length of total.
    pub(super) calibration: Vec<Vec<CalibrationMap>>,
}

impl Fitted {
    /// Learns the pooled figures, then the blend and the calibration from origins inside the panel.
    #[must_use]
    pub fn learn(panel: &Panel, settings: &ForecastSettings) -> Self {
        let steps = super::steps_ahead(panel, settings).1;
        let positions = Positions::new(panel, steps);
        let horizon = settings.horizon.clamp(1, 64);
        let mut observations = Vec::new();
        if !evaluate::origins(panel, horizon).is_empty() {
            let earlier = Priors::learn(panel, horizon, &positions, settings.seed);
            observations = evaluate::observe(panel, &earlier, &positions, horizon, settings.seed);
        }
        let blend = match &settings.model {
            ModelChoice::Auto => Blend::learn(&observations),
            ModelChoice::Named(name) => Blend::only(NAMES.iter().position(|n| n == name).unwrap_or(0)),
        };
        let calibration = (0..CLASSES)
            .map(|class| {
                let weights = blend.of(class);
                (0..LENGTHS).map(|power| calibration(&observations, class, power, weights, settings.seed)).collect()
            })
            .collect();
        let calibration = fill_longer(calibration);
        Self { priors: Priors::learn(panel, 0, &positions, settings.seed), blend, calibration }
    }
}

/// The map of one class and length, from the randomised PIT of its observations.
fn calibration(
    observations: &[Observation],
    class: usize,
    power: usize,
    weights: &[f64; MEMBERS],
    seed: u64,
) -> CalibrationMap {
    let pits: Vec<f64> = observations
        .iter()
        .enumerate()
        .filter(|(_, o)| usize::from(o.class) == class && usize::from(o.power) == power)
        .map(|(k, o)| {
            let law = blend::law_of(o, weights);
            let at = law.cdf(o.actual);
            let below = if o.is_count { law.cdf(o.actual - 1.0) } else { at };
            below + (at - below) * random::unit(seed, k as u64)
        })
        .collect();
    CalibrationMap::learn(&pits, CALIBRATION_PRIOR)
}

/// Lengths beyond the horizon take the longest calibrated one's map.
fn fill_longer(mut maps: Vec<Vec<CalibrationMap>>) -> Vec<Vec<CalibrationMap>> {
    for of_class in &mut maps {
        for power in 1..of_class.len() {
            if of_class[power] == CalibrationMap::default() {
                of_class[power] = of_class[power - 1];
            }
        }
    }
    maps
}
