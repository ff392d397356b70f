//! The configuration: read raw, checked into settings, described by a schema.

pub mod choices;
pub mod formats;
pub mod placeholders;
pub mod presets;
pub mod raw;
pub mod resolve;
pub mod schema;
pub mod settings;
pub mod source;
pub mod suggestions;
pub mod templates;

pub use settings::Settings;
