//! Special functions, distributions, optimisation and random streams.

pub mod gamma;
pub mod loss;
pub mod negative_binomial;
pub mod normal;
pub mod optimise;
pub mod poisson;
pub mod random;
pub mod special;
