//! The classic models of single locations, exact: checks for what the product does, and policies
//! for those who want them.
//!
//! Notation of Snyder & Shen, *Fundamentals of Supply Chain Theory*, 2nd edition (2019): K cost of
//! an order, h holding cost of a unit for a unit of time, p cost of a unit backordered for that
//! time, λ demand rate, L lead time.

pub mod eoq;
pub mod fill_rate;
pub mod joint;
pub mod newsvendor;
pub mod retention;
pub mod rq;
pub mod short_history;
pub mod ss;
pub mod wagner_whitin;

#[cfg(test)]
mod tests;
