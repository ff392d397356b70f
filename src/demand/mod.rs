//! From clean demand to what models read: buckets, censoring, spikes, classes.

pub mod bucketing;
pub mod bulk;
mod censoring;
pub mod classes;
pub mod dated;
pub mod drivers;
pub mod histories;
pub mod in_weeks;
pub mod launches;
pub mod numbering;
pub mod origin;
pub mod panel;
pub mod positions;
pub mod prepare;
pub mod run_down;
pub mod shared_column;
pub mod signals;
pub mod stated;
pub mod subset;
pub mod succession;
pub mod worth;
pub mod zero_runs;
