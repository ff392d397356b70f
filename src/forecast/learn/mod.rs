//! What is learnt before anything is forecast: models across items, weights of the models and
//! calibration, from origins inside the histories.

pub mod blend;
mod fitted;
pub mod metrics;
pub mod origins;
mod shown;
pub mod training;

pub use fitted::Fitted;
pub use shown::BlendWeights;
