//! `exclude` rules: rows that are not wanted, by the file's own columns.

use super::contract::Table;
use super::numbers;
use super::values::{Value, as_text, shown};
use crate::config::settings::{Exclude, Input};
use crate::domain::finding::{Code, Finding};

/// The rules of one input.
#[derive(Debug, Clone)]
pub(crate) struct Exclusions {
    rules: Vec<Exclude>,
    /// Where the columns that rules look at begin among the wanted ones.
    first_field: usize,
    decimal: u8,
    /// How many rows satisfy each rule.
    rows: Vec<u64>,
    /// How many rows were looked at.
    seen: u64,
}

impl Exclusions {
    /// The rules of an input.
    pub(crate) fn new(table: &Table, input: &Input) -> Self {
        let rules = input.exclude.clone();
        Self {
            rows: vec![0; rules.len()],
            rules,
            first_field: table.columns.len(),
            decimal: input.decimal as u8,
            seen: 0,
        }
    }

    /// The same rules for other rows.
    pub(crate) fn part(&self) -> Self {
        Self { rows: vec![0; self.rules.len()], seen: 0, ..self.clone() }
    }

    /// Takes over what was counted of other rows.
    pub(crate) fn join(&mut self, part: &mut Self) {
        self.seen += std::mem::take(&mut part.seen);
        for (rows, more) in self.rows.iter_mut().zip(&mut part.rows) {
            *rows += std::mem::take(more);
        }
    }

    /// A finding for each rule that no row satisfies: its column or text may be meant otherwise.
    pub(crate) fn idle(&self, table: &Table) -> Vec<Finding> {
        let idle =
            self.rules.iter().zip(&self.rows).filter(|(_, rows)| **rows == 0 && self.seen > 0);
        idle.map(|(rule, _)| {
            let message = format!("no row satisfies the `exclude` rule {}", described(rule));
            Finding::of_table(Code::IdleExclusion, table.name, message)
        })
        .collect()
    }

    /// What the first rule that the row satisfies says; `None` if it satisfies none.
    pub(crate) fn matching(&mut self, fields: &[Value<'_>]) -> Option<String> {
        self.seen += 1;
        let looked_at = fields.get(self.first_field..).unwrap_or_default();
        let mut first = None;
        for ((rule, value), rows) in self.rules.iter().zip(looked_at).zip(&mut self.rows) {
            if holds(rule, *value, self.decimal) {
                *rows += 1;
                first = first.or(Some((rule, value)));
            }
        }

        let (rule, value) = first?;
        let text = as_text(*value, &rule.column).ok().flatten().unwrap_or_default();
        Some(format!("{} = {}", rule.column, shown(text.as_bytes())))
    }
}

/// A rule as a message names it.
fn described(rule: &Exclude) -> String {
    let list = |texts: &mut dyn Iterator<Item = String>| {
        let texts: Vec<String> = texts.map(|text| shown(text.as_bytes())).collect();
        texts.join(" or ")
    };
    let mut tests = Vec::new();
    if let Some(texts) = &rule.equals {
        tests.push(format!("equals {}", list(&mut texts.iter().cloned())));
    }
    if let Some(patterns) = &rule.matches {
        tests.push(format!("matches {}", list(&mut patterns.iter().map(ToString::to_string))));
    }
    tests.extend(rule.below.map(|limit| format!("is below {limit}")));
    format!("{} {}", shown(rule.column.as_bytes()), tests.join(" and "))
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
