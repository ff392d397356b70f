//! From forecasts to decisions: what is known of each item, its levels, its risk, and whether to
//! order.

pub mod advice;
pub mod book;
pub mod choice;
pub mod constraint_costs;
pub mod decide;
pub mod dependents;
pub mod evidence;
pub mod facts;
pub mod offers;
pub mod order_dates;
pub mod punctuality;
pub mod review;
pub mod row;
pub mod rules;
pub mod sizing;
pub mod together;
pub mod transfers;

pub use row::{Decision, PlanRow};
