//! The policy replayed on the past, in money, beside simpler ones; and the forecasts made again at
//! days of the past.
//!
//! A [`shop::ReplayedShop`] holds what happened: demand by day, order days, lead times and what
//! things cost. A [`run::Replay`] is one policy's stock in it, day by day; its [`ledger::Ledger`]
//! is what that cost. [`policies`] are simple policies to compare with, and [`nightly`] lets the
//! real pipeline decide, each night from what was known then.

pub mod accuracy;
pub mod build;
pub mod compare;
pub mod last;
pub mod ledger;
pub mod nightly;
pub mod page;
pub mod picture;
pub mod policies;
pub mod report;
pub mod run;
pub mod scores;
pub mod service;
pub mod shelf;
pub mod shop;
pub mod suite;
pub mod tables;
pub mod tune;

#[cfg(test)]
mod tests;
