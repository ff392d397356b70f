//! The nouns that every stage shares: keys, days and buckets, exact quantities, findings.

pub mod calendar;
pub mod finding;
pub mod fixed;
pub mod key;
pub mod models;
pub mod tables;
