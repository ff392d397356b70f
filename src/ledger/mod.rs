//! Orders over nights: what became of the lines that earlier runs suggested, so that nothing is
//! bought twice and nothing is forgotten.
//!
//! `opening.rs` is the ledger at the start of a night: it looks for each line in the tables of open
//! orders and receipts (`seen.rs`, `matching.rs`), gives up what was never seen, and adds what was
//! handed over lately to the open orders, so that planning counts it. `decisions.rs` is what people
//! decide between two nights. What a night adds to the ledger follows from its order book, in
//! [`plan::orders::handover`](crate::plan::orders::handover).

pub mod decisions;
mod matching;
pub mod opening;
mod seen;

pub use opening::Opening;
