//! `exclude` rules: rows that are not wanted, by the file's own columns.

use glob::Pattern;

use super::contract::Table;
use super::numbers;
use super::values::{Value, as_text, shown};
use crate::config::raw::{Exclude, Input};
use crate::error::{Error, Result};

/// The rules of one input.
#[derive(Debug, Clone)]
pub(crate) struct Exclusions {
    rules: Vec<ExclusionRule>,
    /// Index of the first of the columns that rules look at among the wanted ones.
    first_field: usize,
    decimal: u8,
}

/// One rule: a test that is not given holds for every row.
#[derive(Debug, Clone)]
struct ExclusionRule {
    column: String,
    /// The field is one of these texts.
    equals: Option<Vec<String>>,
    /// The field matches one of these patterns.
    matches: Option<Vec<Pattern>>,
    /// The field is a number below this one.
    below: Option<f64>,
}

impl Exclusions {
    /// The rules of an input, their patterns read.
    ///
    /// # Errors
    /// When a pattern cannot be read.
    pub(crate) fn new(table: &Table, input: &Input) -> Result<Self> {
        let rules = input
            .exclude
            .iter()
            .map(|rule| ExclusionRule::new(table, rule))
            .collect::<Result<_>>()?;
        Ok(Self { rules, first_field: table.columns.len(), decimal: input.decimal as u8 })
    }

    /// What the first rule that the row satisfies says; `None` if it satisfies none.
    pub(crate) fn matching(&self, fields: &[Value<'_>]) -> Option<String> {
        let looked_at = fields.get(self.first_field..).unwrap_or_default();
        self.rules
            .iter()
            .zip(looked_at)
            .find(|(rule, value)| rule.holds(**value, self.decimal))
            .map(|(rule, value)| {
                let text = as_text(*value, &rule.column).ok().flatten().unwrap_or_default();
                format!("{} = {}", rule.column, shown(text.as_bytes()))
            })
    }
}

impl ExclusionRule {
    fn new(table: &Table, rule: &Exclude) -> Result<Self> {
        let equals = rule.equals.as_ref().map(|texts| {
            texts.as_slice().iter().map(|text| text.trim().to_owned()).collect::<Vec<_>>()
        });
        let patterns = rule.matches.as_ref().map(|patterns| {
            patterns
                .as_slice()
                .iter()
                .map(|pattern| compiled(table, pattern))
                .collect::<Result<Vec<_>>>()
        });

        Ok(Self {
            column: rule.column.clone(),
            equals,
            matches: patterns.transpose()?,
            below: rule.below,
        })
    }

    /// Whether all tests that are given hold.
    fn holds(&self, value: Value<'_>, decimal: u8) -> bool {
        // A field whose bytes are invalid is no text that a rule could name.
        let Ok(text) = as_text(value, &self.column) else { return false };
        let text = text.as_deref().unwrap_or_default();

        self.equals_one(text) && self.matches_one(text) && self.is_below(text, decimal)
    }

    fn equals_one(&self, text: &str) -> bool {
        self.equals.as_ref().is_none_or(|texts| texts.iter().any(|other| other == text))
    }

    fn matches_one(&self, text: &str) -> bool {
        self.matches
            .as_ref()
            .is_none_or(|patterns| patterns.iter().any(|pattern| pattern.matches(text)))
    }

    fn is_below(&self, text: &str, decimal: u8) -> bool {
        self.below.is_none_or(|limit| {
            numbers::real(text.as_bytes(), decimal).is_ok_and(|number| number < limit)
        })
    }
}

fn compiled(table: &Table, pattern: &str) -> Result<Pattern> {
    Pattern::new(pattern.trim()).map_err(|cause| {
        Error::config(format!("`inputs.{}.exclude`: {pattern:?} is no pattern", table.name))
            .because(cause)
            .hint("* is any text, ? one character, [0-9] one of a set, [!0-9] none of it")
    })
}
