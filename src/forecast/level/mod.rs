//! One item's history and its level: what is known of the item alone.

pub mod history;
pub mod smoothing;
pub mod trailing;
pub mod trend;
pub mod year;
