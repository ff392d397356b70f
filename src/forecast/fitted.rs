//! The fitted stage: everything that crosses items, as plain data.

use serde::{Deserialize, Serialize};

use super::blend::Blend;
use super::calibrate::CalibrationMap;
use super::evaluate::{self, Candidate, Observation};
use super::local::LocalModel;
use super::members::{NAMES, POOLED_NAMES};
use super::priors::{CLASSES, Priors};
use super::spread::LENGTHS;
use super::training::{Lookups, Pooled};
use super::{ForecastSettings, ModelChoice};
use crate::demand::panel::Panel;
use crate::stats::random;

/// PIT values that the identity counts for in a calibration map.
const CALIBRATION_PRIOR: f64 = 300.0;

/// Pooled parameters, blend and calibration of a panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// Pooled figures learnt up to `as_of`.
    pub(super) priors: Priors,
    /// Models that learn across items.
    pub(super) pooled: Pooled,
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
        let look = Lookups::new(panel, steps);
        let learn = |cut| {
            let priors = Priors::learn(panel, cut, &look.positions, settings.seed);
            let pooled = train(panel, &priors, &look, (cut, steps.clamp(1, 64)), settings);
            (priors, pooled)
        };
        // Neither half reads the other's results, and a tree keeps less than one core busy.
        let (measured, (priors, pooled)) =
            rayon::join(|| measure(panel, settings, &look, learn), || learn(0));
        Self { priors, pooled, blend: measured.0, calibration: measured.1 }
    }
}

/// The blend and the calibration, from origins inside the panel; `learn` gives what was known a
/// number of buckets ago.
fn measure(
    panel: &Panel,
    settings: &ForecastSettings,
    look: &Lookups,
    learn: impl Fn(usize) -> (Priors, Pooled),
) -> (Blend, Vec<Vec<CalibrationMap>>) {
    let longest = panel.offsets.windows(2).map(|w| w[1].saturating_sub(w[0])).max().unwrap_or(0);
    let horizon = evaluated_horizon(settings.horizon, longest);
    let origins = evaluate::origins(panel, horizon);
    let mut observations = Vec::new();
    if let (Some(newest), Some(oldest)) = (origins.first(), origins.last()) {
        // Learnt before the oldest origin where enough is left, so that no origin's window was seen
        // in training.
        let cut = if longest - oldest >= 6 * horizon { *oldest } else { *newest };
        let (priors, pooled) = learn(cut);
        let candidate = Candidate { priors: &priors, pooled: &pooled, look };
        observations = evaluate::observe(panel, candidate, horizon, settings.seed);
    }
    let blend = match &settings.model {
        ModelChoice::Auto => Blend::learn(&observations),
        ModelChoice::Named(name) => {
            let mut blend = Blend::only(NAMES.iter().position(|n| n == name).unwrap_or(0));
            blend.learn_sharpening(&observations);
            blend
        }
    };
    let of_class = |class| {
        (0..LENGTHS)
            .map(|power| calibration(&observations, class, power, &blend, settings.seed))
            .collect()
    };
    let calibration = fill_longer((0..CLASSES).map(of_class).collect());
    (blend, calibration)
}

/// Buckets that are forecast at earlier origins: whole doublings, so that the horizon lies between
/// two calibrated lengths; a third of the history at most, so that what is learnt before the
/// origins has something to learn from.
fn evaluated_horizon(horizon: usize, longest: usize) -> usize {
    let room = (longest / 3).max(1);
    let most = if room.is_power_of_two() { room } else { room.next_power_of_two() / 2 };
    horizon.clamp(1, 64).next_power_of_two().min(most)
}

/// The pooled models, where the choice of model can use them.
fn train(
    panel: &Panel,
    priors: &Priors,
    look: &Lookups,
    (cut, steps): (usize, usize),
    settings: &ForecastSettings,
) -> Pooled {
    match &settings.model {
        ModelChoice::Named(name) if !POOLED_NAMES.contains(&name.as_str()) => {
            Pooled::untrained(panel, LocalModel::from_name(name))
        }
        _ => Pooled::train(panel, priors, look, (cut, steps), settings.seed),
    }
}

/// The map of one class and length, from the randomised PIT of its observations.
fn calibration(
    observations: &[Observation],
    class: usize,
    power: usize,
    blend: &Blend,
    seed: u64,
) -> CalibrationMap {
    let pits: Vec<f64> = observations
        .iter()
        .enumerate()
        .filter(|(_, o)| usize::from(o.class) == class && usize::from(o.power) == power)
        .map(|(k, o)| {
            let law = blend.law_of(o);
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
