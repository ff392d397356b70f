//! One night over many machines: what crosses items is learnt once and written down ([`fitted`]),
//! each shard of the items is forecast and planned by itself, anywhere and in any order ([`part`]),
//! and the parts are brought together ([`gather`]): the same run as that of one process.
//!
//! Items that depend on each other before orders are joined never part ([`families`]).

pub mod families;
pub mod fitted;
pub mod gather;
pub mod manifest;
pub mod part;
mod rows;

pub use families::Shard;
pub use fitted::FittedNight;
pub use gather::{Gathered, gather};
pub use part::Part;
