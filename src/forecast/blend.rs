//! Weights of the models, learnt per class of volume by quantile loss at earlier origins.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::evaluate::Observation;
use super::law::{Spread, TotalDemand};
use super::members::MEMBERS;
use super::priors::CLASSES;

/// Weights are tried in steps of one over this.
const PARTS: usize = 4;
/// Quantile levels the loss is averaged over.
const LEVELS: [f64; 5] = [0.1, 0.3, 0.5, 0.7, 0.9];
/// Observations of a class the loss is averaged over, at most.
const MAX_OBSERVATIONS: usize = 6_000;

/// Weights of the models, by class of volume.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Blend {
    weights: [[f64; MEMBERS]; CLASSES],
}

impl Default for Blend {
    fn default() -> Self {
        let mut weights = [0.0; MEMBERS];
        weights[0] = 1.0;
        Self { weights: [weights; CLASSES] }
    }
}

impl Blend {
    /// One model alone.
    #[must_use]
    pub fn only(member: usize) -> Self {
        let mut weights = [0.0; MEMBERS];
        weights[member.min(MEMBERS - 1)] = 1.0;
        Self { weights: [weights; CLASSES] }
    }

    /// The weights with the least quantile loss over the single buckets of each class; classes without observations keep
    /// the smoothing alone.
    #[must_use]
    pub fn learn(observations: &[Observation]) -> Self {
        let candidates = simplex();
        let mut blend = Self::default();
        for class in 0..CLASSES {
            let own: Vec<&Observation> =
                observations.iter().filter(|o| usize::from(o.class) == class && o.power == 0).collect();
            let stride = own.len().div_ceil(MAX_OBSERVATIONS).max(1);
            let own: Vec<&Observation> = own.into_iter().step_by(stride).collect();
            if own.len() < 50 {
                continue;
            }
            let losses: Vec<f64> = candidates.par_iter().map(|weights| loss(&own, weights)).collect();
            let mut best = 0;
            for (k, value) in losses.iter().enumerate() {
                if *value < losses[best] * (1.0 - 1e-9) {
                    best = k;
                }
            }
            blend.weights[class] = candidates[best];
        }
        blend
    }

    /// Weights of a class.
    #[must_use]
    pub fn of(&self, class: usize) -> &[f64; MEMBERS] {
        &self.weights[class.min(CLASSES - 1)]
    }

    /// The model that weighs most in a class.
    #[must_use]
    pub fn leader(&self, class: usize) -> usize {
        let weights = self.of(class);
        (0..MEMBERS).fold(0, |best, m| if weights[m] > weights[best] { m } else { best })
    }
}

/// The distribution that a blend gives for an observation, before calibration.
#[must_use]
pub fn law_of(observation: &Observation, weights: &[f64; MEMBERS]) -> TotalDemand<'static> {
    let mean = observation.means.iter().zip(weights).map(|(m, w)| f64::from(*m) * w).sum();
    let log_dispersion = [observation.log_dispersion];
    let spread =
        Spread { bucket_days: 1.0, log_dispersion: &log_dispersion, calibration: &[], is_count: observation.is_count };
    spread.total(mean, 1.0).uncalibrated()
}

fn loss(observations: &[&Observation], weights: &[f64; MEMBERS]) -> f64 {
    let mut sum = 0.0;
    for observation in observations {
        let law = law_of(observation, weights);
        for level in LEVELS {
            let error = observation.actual - law.quantile(level);
            sum += (level * error).max((level - 1.0) * error);
        }
    }
    sum
}

/// Every way of sharing `PARTS` parts among the models, the first model's shares first.
fn simplex() -> Vec<[f64; MEMBERS]> {
    let mut out = Vec::new();
    let mut parts = [0usize; MEMBERS];
    share(&mut parts, 0, PARTS, &mut out);
    out
}

fn share(parts: &mut [usize; MEMBERS], member: usize, left: usize, out: &mut Vec<[f64; MEMBERS]>) {
    if member + 1 == MEMBERS {
        parts[member] = left;
        out.push(parts.map(|p| p as f64 / PARTS as f64));
        return;
    }
    for own in (0..=left).rev() {
        parts[member] = own;
        share(parts, member + 1, left - own, out);
    }
}
