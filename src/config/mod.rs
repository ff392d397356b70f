//! The configuration: read raw, checked into settings, described by a schema.

pub mod raw;
pub mod resolve;
pub mod schema;
pub mod settings;
pub mod source;
pub mod words;

pub use settings::Settings;
