//! Writes results.

pub mod csv;
pub mod names;
