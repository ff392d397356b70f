//! From clean demand to what models read: buckets, censoring, spikes, classes.

pub mod bucketing;
pub mod classes;
pub mod panel;
pub mod signals;
