//! From a mean to a distribution: what demand comes in, how wide totals are, and what was said of
//! them before.

pub mod calibrate;
mod changes;
pub mod demand_distribution;
pub mod dispersion;
pub mod lot;
pub mod total_demand;
pub mod width;
