//! Random draws that are the same on every platform: the stream is ChaCha, the functions are
//! libm's.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::stats::random;

/// One stream of draws.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream that belongs to a seed and to what it is drawn for.
    pub(super) fn new(seed: u64, purpose: &str) -> Self {
        Self(random::stream(seed, purpose.as_bytes()))
    }

    /// A number in [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// A number in [low, high).
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A number between `low` and `high` whose logarithm is uniform: most are small, a few are
    /// large.
    pub(super) fn log_between(&mut self, low: f64, high: f64) -> f64 {
        libm::exp(self.between(libm::log(low), libm::log(high)))
    }

    /// A whole number below `count`, which is not 0.
    pub(super) fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f64) as usize).min(count - 1)
    }

    /// True with the given probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A standard normal number (Box & Muller 1958).
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(1.0 - self.unit())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.unit())
    }

    /// A factor with mean 1 and about the given coefficient of variation (log-normal).
    pub(super) fn factor(&mut self, cv: f64) -> f64 {
        let variance = libm::log1p(cv * cv);
        libm::exp(variance.sqrt() * self.normal() - 0.5 * variance)
    }

    /// A Poisson count, by multiplying uniforms (Knuth 1969, vol. 2, 3.4.1); meant for means below
    /// a hundred.
    pub(super) fn poisson(&mut self, mean: f64) -> i64 {
        let floor = libm::exp(-mean);
        let (mut count, mut product) = (0, self.unit());

        while product > floor {
            count += 1;
            product *= self.unit();
        }
        count
    }

    /// A geometric count from 1 on with the given mean.
    pub(super) fn geometric(&mut self, mean: f64) -> i64 {
        if mean <= 1.0 {
            return 1;
        }

        let steps = libm::log(1.0 - self.unit()) / libm::log(1.0 - 1.0 / mean);
        1 + steps as i64
    }
}
