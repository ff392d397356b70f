//! Special functions, distributions, optimisation and random streams.

pub mod negative_binomial;
pub mod random;
