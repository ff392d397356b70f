//! What a run writes and says: the tables of the contract, the manifest, the summary; and what the
//! run before it said.

mod backorders;
pub mod carried;
pub mod columns;
mod desk;
pub mod differences;
pub mod edits;
pub mod last_backtest;
pub mod ledger;
pub mod manifest;
pub mod metrics;
mod money_ahead;
mod notices;
mod order_totals;
pub mod outputs;
pub mod page;
pub mod previous;
mod purchasing;
pub mod review;
pub mod set_aside;
pub mod shown;
pub mod style;
pub mod summary;
pub mod trends;
