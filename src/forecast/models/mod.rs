//! The models: those of one series, those that learn across items, and the members of the blend.

pub mod across;
pub mod features;
pub mod local;
pub mod members;
pub mod pooled;
pub mod tree_walk;
