//! From clean demand to what models read: buckets, censoring, spikes, classes.

pub mod panel;
