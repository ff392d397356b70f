//! Demand models: from histories to distributions.

pub mod calibrate;
pub mod law;
