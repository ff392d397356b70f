//! The list of items at risk, worst money first.

use std::collections::BTreeMap;

use crate::demand::panel::Panel;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::plan::facts::{ItemFacts, World};
use crate::plan::row::{PlanRow, RiskView};

use super::cause::{Cause, cause};

/// A change of the stock-out probability that is worth a word.
const CHANGE: f64 = 0.05;

/// An item at risk.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct RiskRow {
    pub key: Key,
    pub risk: RiskView,
    pub cause: Cause,
    /// Against the previous run: `new`, `worse`, `same`, `better` or `resolved`.
    pub status: &'static str,
}

/// Stock-out probabilities of the items that the previous run listed.
pub type Previous = BTreeMap<Key, f64>;

/// The items at risk, and those that were at the previous run and are no more; the most money
/// first, then by key.
#[must_use]
pub fn risks(
    world: &World<'_>,
    plan: &[PlanRow],
    facts: &[ItemFacts<'_>],
    panel: &Panel,
    previous: Option<&Previous>,
) -> Vec<RiskRow> {
    let mut overdue: BTreeMap<&str, usize> = BTreeMap::new();
    for line in facts.iter().flat_map(|facts| &facts.open_lines) {
        if line.row.expected_on < world.as_of && line.arrival.is_some() {
            *overdue.entry(&line.row.supplier).or_default() += 1;
        }
    }
    let mut rows: Vec<RiskRow> = plan
        .iter()
        .filter_map(|row| {
            let (risk, stock, item) = (row.risk?, row.stock?, row.panel_item?);
            let before = previous.and_then(|previous| previous.get(&row.key)).copied();
            let is_at_risk = risk.stockout_probability >= world.settings.risk.min_probability
                || stock.backorders > Fixed::ZERO;
            let status = match before {
                None if is_at_risk => "new",
                None => return None,
                Some(_) if !is_at_risk => "resolved",
                Some(before) if risk.stockout_probability > before + CHANGE => "worse",
                Some(before) if risk.stockout_probability < before - CHANGE => "better",
                Some(_) => "same",
            };
            let late = overdue.get(&*row.supplier).copied().unwrap_or(0);
            let cause = cause(world, row, facts.get(item)?, panel.series(item).demand, late);
            Some(RiskRow { key: row.key.clone(), risk, cause, status })
        })
        .collect();
    let money = |row: &RiskRow| row.risk.expected_short_value.unwrap_or(0.0);
    rows.sort_by(|a, b| money(b).total_cmp(&money(a)).then_with(|| a.key.cmp(&b.key)));
    rows
}
