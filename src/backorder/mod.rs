//! The backorder desk: who waits and until when, what will run out, why, and what to do; what is
//! too much, and how all of it goes on from run to run.

pub mod action;
pub mod allocation;
pub mod alternatives;
pub mod cause;
pub mod circumstances;
pub mod decided;
pub mod desk;
pub mod edits;
pub mod excess;
pub mod limit;
pub mod limits;
pub mod notices;
pub mod promise_reason;
pub mod promises;
pub mod queue;
pub mod review;
pub mod risk;
pub mod scenarios;
pub mod supply;
pub mod surprise;
pub mod told;
