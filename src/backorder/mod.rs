//! Items that will run out: how likely, when, why, and what to do.

pub mod cause;
pub mod risk;
