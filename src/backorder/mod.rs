//! The backorder desk: who waits and until when, what will run out, why, and what to do; what is
//! too much, and how all of it goes on from run to run.

pub mod cause;
pub mod excess;
pub mod promises;
pub mod review;
pub mod risk;
pub mod told;
