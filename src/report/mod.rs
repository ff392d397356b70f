//! What a run writes and says: the tables of the contract, the manifest, the summary.

pub mod manifest;
pub mod outputs;
mod purchasing;
pub mod summary;
