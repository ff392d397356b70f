//! The backorder desk: who waits and until when, what will run out, why, and what to do.

pub mod cause;
pub mod notices;
pub mod promises;
pub mod risk;
pub mod told;
