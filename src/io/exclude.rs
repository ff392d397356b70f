//! `exclude` rules: rows that are not wanted, by the file's own columns.

use super::contract::Table;
use super::numbers;
use super::values::{Value, as_text, shown};
use crate::config::settings::{Exclude, Input};

/// The rules of one input.
#[derive(Debug, Clone)]
pub(crate) struct Exclusions {
    rules: Vec<Exclude>,
    /// Where the columns that rules look at begin among the wanted ones.
    first_field: usize,
    decimal: u8,
}

impl Exclusions {
    /// The rules of an input.
    pub(crate) fn new(table: &Table, input: &Input) -> Self {
        let rules = input.exclude.clone();
        Self { rules, first_field: table.columns.len(), decimal: input.decimal as u8 }
    }

    /// What the first rule that the row satisfies says; `None` if it satisfies none.
    pub(crate) fn matching(&self, fields: &[Value<'_>]) -> Option<String> {
        let looked_at = fields.get(self.first_field..).unwrap_or_default();
        self.rules
            .iter()
            .zip(looked_at)
            .find(|(rule, value)| holds(rule, **value, self.decimal))
            .map(|(rule, value)| {
                let text = as_text(*value, &rule.column).ok().flatten().unwrap_or_default();
                format!("{} = {}", rule.column, shown(text.as_bytes()))
            })
    }
}

/// Whether all tests that are given hold.
fn holds(rule: &Exclude, value: Value<'_>, decimal: u8) -> bool {
    // A field whose bytes are invalid is no text that a rule could name.
    let Ok(text) = as_text(value, &rule.column) else { return false };
    let text = text.as_deref().unwrap_or_default();
    let equals = rule.equals.as_ref().is_none_or(|texts| texts.iter().any(|other| other == text));
    let matches = || {
        rule.matches
            .as_ref()
            .is_none_or(|patterns| patterns.iter().any(|pattern| pattern.matches(text)))
    };
    let below = || {
        rule.below.is_none_or(|limit| {
            numbers::real(text.as_bytes(), decimal).is_ok_and(|number| number < limit)
        })
    };
    equals && matches() && below()
}
