//! Findings: what was noticed about the data, each under a code.

use std::sync::Arc;

pub use super::codes::{Code, Severity};
use super::key::Key;

/// Name of a table that findings are about.
pub type TableName = &'static str;

/// Where in the inputs a finding or a row that was set aside lies.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize,
)]
pub struct Source {
    /// Table of the contract, such as `orders`.
    #[serde(deserialize_with = "known_table")]
    pub table: TableName,
    /// File as named by the configuration.
    #[serde(with = "crate::domain::shared_text")]
    pub file: Arc<str>,
    /// Record number; the first after the header is 1. Zero where a finding is about no one row.
    pub row: u64,
}

/// What findings name as their table: those of the contract, and what else a night reads.
pub const FINDING_TABLES: [&str; 20] = [
    "orders",
    "items",
    "item_suppliers",
    "item_locations",
    "stock",
    "purchase_orders",
    "receipts",
    "suppliers",
    "closures",
    "price_breaks",
    "availability",
    "calendar",
    "prices",
    "overrides",
    "backorders",
    "customers",
    "locations",
    "components",
    "purchasing",
    "previous_run",
];

/// Reads the name of a table; one that is not known is empty. For fields, as
/// `#[serde(deserialize_with = …)]`.
pub(crate) fn known_table<'de, D: serde::Deserializer<'de>>(
    reader: D,
) -> Result<&'static str, D::Error> {
    let name: String = serde::Deserialize::deserialize(reader)?;
    Ok(FINDING_TABLES.into_iter().find(|table| *table == name).unwrap_or_default())
}

/// Something a person should know about the data.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Finding {
    /// What it is about.
    pub code: Code,
    /// Where it lies.
    pub source: Source,
    /// The item it concerns, where it concerns one.
    pub key: Option<Key>,
    /// A full sentence with the figures.
    pub message: String,
}

impl Finding {
    /// A finding about one item.
    #[must_use]
    pub fn about(code: Code, table: &'static str, key: &Key, message: impl Into<String>) -> Self {
        let source = Source { table, ..Source::default() };
        Self { code, source, key: Some(key.clone()), message: message.into() }
    }

    /// A finding about a whole table.
    #[must_use]
    pub fn of_table(code: Code, table: &'static str, message: impl Into<String>) -> Self {
        let source = Source { table, ..Source::default() };
        Self { code, source, key: None, message: message.into() }
    }
}

/// Findings by code, then by where they lie, item and message.
#[must_use]
pub fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| {
        (a.code, &a.source, &a.key, &a.message).cmp(&(b.code, &b.source, &b.key, &b.message))
    });
    findings
}

/// A row that was not used, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reject {
    /// What is wrong with it.
    pub code: Code,
    /// Where it lies.
    pub source: Source,
    /// Sku as read, empty where it could not be.
    pub sku: String,
    /// Location as read, empty where there is none.
    pub location: String,
    /// A full sentence that names the field and its value.
    pub message: String,
}
