//! The nouns that every stage shares: keys, days and buckets, exact quantities, findings.

pub mod bundles;
pub mod calendar;
pub mod codes;
pub mod counted;
pub mod countries;
pub mod digest;
pub mod finding;
pub mod fixed;
pub mod gln;
pub mod key;
pub mod ledger;
pub mod lookups;
pub mod models;
pub mod money;
pub mod names;
pub mod open_days;
pub mod optional_real;
pub mod policy;
pub mod shared_text;
pub mod stock_coverage;
pub mod tables;
pub mod target;
pub mod wording;
