//! Numbers in messages, with their noun.

use std::fmt::Display;

/// A number and what it counts: one of it, or several.
///
/// ```
/// use restock::domain::wording::counted;
/// assert_eq!(counted(1, "day"), "1 day");
/// assert_eq!(counted(30, "day"), "30 days");
/// assert_eq!(counted("0.5", "unit"), "0.5 units");
/// ```
#[must_use]
pub fn counted(count: impl Display, noun: &str) -> String {
    let count = count.to_string();
    let plural = if count == "1" { "" } else { "s" };

    format!("{count} {noun}{plural}")
}
