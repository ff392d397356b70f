//! From forecasts to decisions: what is known of each item, its levels, its risk, and whether to order.

pub mod book;
pub mod decide;
pub mod facts;
pub mod offers;
pub mod order_dates;
pub mod review;
pub mod row;
pub mod rules;

pub use row::{Decision, PlanRow};
