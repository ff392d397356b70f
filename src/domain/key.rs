//! What is planned: one sku at one location.

use std::fmt;
use std::sync::Arc;

/// One sku at one location. Keys sort bytewise by sku, then location.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Key {
    /// Stock-keeping unit, text exactly as read.
    #[serde(with = "crate::domain::shared_text")]
    pub sku: Arc<str>,
    /// Where it is stocked.
    #[serde(with = "crate::domain::shared_text")]
    pub location: Arc<str>,
}

/// The location of rows whose table has no location column.
pub const MAIN_LOCATION: &str = "main";

impl Key {
    /// A key of the given sku and location.
    #[must_use]
    pub fn new(sku: &str, location: &str) -> Self {
        Self { sku: sku.into(), location: location.into() }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.sku, self.location)
    }
}
