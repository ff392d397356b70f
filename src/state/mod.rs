//! What a night stood on and what it decided, kept in its run directory: from it a decision is
//! explained, or compared with another night's, without reading an input or forecasting again.
//!
//! [`write`] keeps it, [`read`] brings it back; [`differences`] compares two.

pub mod differences;
pub mod exact;
mod file;
mod kept;
mod stages;
mod stored;

pub use kept::{DecidedItem, State, StateView};
pub use stored::{Kept, STATE_FILE, decided, read, write};
