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
/// What ln r of single buckets may be raised by: likelihood heeds the odd huge day more than quantiles do.
const SHARPENINGS: [f32; 8] = [-0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0];
/// A class leaves the weights of all classes only for a loss this much lower: less is chance.
const OWN_GAIN: f64 = 0.003;

/// Weights of the models and sharpening of single buckets, by class of volume.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Blend {
    weights: [[f64; MEMBERS]; CLASSES],
    sharpening: [f32; CLASSES],
}

impl Default for Blend {
    fn default() -> Self {
        Self::only(0)
    }
}

impl Blend {
    /// One model alone.
    #[must_use]
    pub fn only(member: usize) -> Self {
        let mut weights = [0.0; MEMBERS];
        weights[member.min(MEMBERS - 1)] = 1.0;
        Self { weights: [weights; CLASSES], sharpening: [0.0; CLASSES] }
    }

    /// The weights with the least quantile loss over single buckets: the best ones of all classes together, or a class's own
    /// where they are clearly better.
    #[must_use]
    pub fn learn(observations: &[Observation]) -> Self {
        let candidates = simplex();
        let by_class: Vec<Vec<&Observation>> = (0..CLASSES).map(|class| buckets_of(observations, class)).collect();
        if by_class.iter().map(Vec::len).sum::<usize>() < 100 {
            return Self::default();
        }
        let losses: Vec<[f64; CLASSES]> = candidates
            .par_iter()
            .map(|weights| std::array::from_fn(|class| loss(&by_class[class], weights, 0.0)))
            .collect();
        let sums: Vec<f64> = losses.iter().map(|l| l.iter().sum()).collect();
        let shared = least(&sums);
        let mut blend = Self { weights: [candidates[shared]; CLASSES], sharpening: [0.0; CLASSES] };
        for class in 0..CLASSES {
            let of_class: Vec<f64> = losses.iter().map(|l| l[class]).collect();
            let own = least(&of_class);
            if by_class[class].len() >= 500 && of_class[own] < of_class[shared] * (1.0 - OWN_GAIN) {
                blend.weights[class] = candidates[own];
            }
        }
        blend.learn_sharpening(observations);
        blend
    }

    /// Chooses the sharpening of each class with its weights as they are.
    pub fn learn_sharpening(&mut self, observations: &[Observation]) {
        for class in 0..CLASSES {
            let own = buckets_of(observations, class);
            if own.len() < 500 {
                continue;
            }
            let losses: Vec<f64> =
                SHARPENINGS.par_iter().map(|sharpening| loss(&own, &self.weights[class], *sharpening)).collect();
            self.sharpening[class] = SHARPENINGS[least(&losses)];
        }
    }

    /// Weights of a class.
    #[must_use]
    pub fn of(&self, class: usize) -> &[f64; MEMBERS] {
        &self.weights[class.min(CLASSES - 1)]
    }

    /// What ln r of single buckets of a class is raised by.
    #[must_use]
    pub fn sharpening(&self, class: usize) -> f32 {
        self.sharpening[class.min(CLASSES - 1)]
    }

    /// The model that weighs most in a class.
    #[must_use]
    pub fn leader(&self, class: usize) -> usize {
        let weights = self.of(class);
        (0..MEMBERS).fold(0, |best, m| if weights[m] > weights[best] { m } else { best })
    }

    /// The distribution that the blend gives for an observation, before calibration.
    #[must_use]
    pub fn law_of(&self, observation: &Observation) -> TotalDemand<'static> {
        let class = usize::from(observation.class);
        let sharpening = if observation.power == 0 { self.sharpening(class) } else { 0.0 };
        law_of(observation, self.of(class), sharpening)
    }
}

/// Single buckets of a class, thinned evenly to a bounded number.
fn buckets_of(observations: &[Observation], class: usize) -> Vec<&Observation> {
    let own: Vec<&Observation> =
        observations.iter().filter(|o| usize::from(o.class) == class && o.power == 0).collect();
    let stride = own.len().div_ceil(MAX_OBSERVATIONS).max(1);
    own.into_iter().step_by(stride).collect()
}

fn law_of(observation: &Observation, weights: &[f64; MEMBERS], sharpening: f32) -> TotalDemand<'static> {
    let mean = observation.means.iter().zip(weights).map(|(m, w)| f64::from(*m) * w).sum();
    let log_dispersion = [observation.log_dispersion + sharpening];
    let spread =
        Spread { bucket_days: 1.0, log_dispersion: &log_dispersion, calibration: &[], is_count: observation.is_count };
    spread.total(mean, 1.0).uncalibrated()
}

fn loss(observations: &[&Observation], weights: &[f64; MEMBERS], sharpening: f32) -> f64 {
    let mut sum = 0.0;
    for observation in observations {
        let law = law_of(observation, weights, sharpening);
        for level in LEVELS {
            let error = observation.actual - law.quantile(level);
            sum += (level * error).max((level - 1.0) * error);
        }
    }
    sum
}

/// Where the least value stands; the first of equals.
fn least(values: &[f64]) -> usize {
    (0..values.len()).fold(0, |best, k| if values[k] < values[best] { k } else { best })
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
