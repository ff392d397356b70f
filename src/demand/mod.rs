//! From clean demand to what models read: buckets, censoring, spikes, classes.

pub mod bucketing;
mod censoring;
pub mod classes;
pub mod dated;
pub mod drivers;
pub mod origin;
pub mod panel;
pub mod positions;
pub mod prepare;
pub mod signals;
pub mod stated;
pub mod succession;
pub mod worth;
