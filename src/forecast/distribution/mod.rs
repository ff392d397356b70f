//! From a mean to a distribution: how wide totals are, and what probabilities have meant.

pub mod calibrate;
mod changes;
pub mod demand_distribution;
pub mod spread;
