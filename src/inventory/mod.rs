//! Inventory maths: lead times, protection-interval demand, safety stock, reorder points.

pub mod policy;
pub mod target;
