//! The list of items at risk, worst money first.

use std::collections::BTreeMap;

use crate::demand::panel::Panel;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::plan::PlannedItem;
use crate::plan::context::PlanContext;
use crate::plan::item::row::RiskView;

use super::cause::{Cause, Evidence, cause};

/// A change of the stock-out probability that is told. Judgement: five points are beyond what a
/// night without news moves.
const MIN_CHANGE: f64 = 0.05;

/// How a risk compares with the previous run's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RiskStatus {
    /// It was not at risk.
    New,
    /// It is more probable by more than five points.
    Worse,
    /// It is about as probable as it was.
    Same,
    /// It is less probable by more than five points.
    Better,
    /// It was at risk, and is no more.
    Resolved,
}

impl RiskStatus {
    /// The word written in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Worse => "worse",
            Self::Same => "same",
            Self::Better => "better",
            Self::Resolved => "resolved",
        }
    }

    /// Against the probability of the previous run, `None` where it did not list the item; `None`
    /// for an item that is at risk in neither run.
    fn of(probability: f64, is_at_risk: bool, before: Option<f64>) -> Option<Self> {
        match before {
            None if is_at_risk => Some(Self::New),
            None => None,
            Some(_) if !is_at_risk => Some(Self::Resolved),
            Some(before) if probability > before + MIN_CHANGE => Some(Self::Worse),
            Some(before) if probability < before - MIN_CHANGE => Some(Self::Better),
            Some(_) => Some(Self::Same),
        }
    }
}

/// An item at risk.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskRow {
    /// The item.
    pub key: Key,
    /// How likely it runs out, and what that costs.
    pub risk: RiskView,
    /// Why.
    pub cause: Cause,
    /// Against the previous run.
    pub status: RiskStatus,
}

/// Stock-out probabilities of the items that the previous run listed.
pub type PreviousRisks = BTreeMap<Key, f64>;

/// The items at risk, and those that were at the previous run and are no more; the most money
/// first, then by key.
#[must_use]
pub fn risks(
    context: &PlanContext<'_>,
    items: &[PlannedItem<'_>],
    panel: &Panel,
    previous: Option<&PreviousRisks>,
) -> Vec<RiskRow> {
    let overdue = overdue_lines(context, items);
    let min_probability = context.settings.risk.min_probability;

    let row = |item: &PlannedItem<'_>| {
        let (risk, stock) = (item.row.risk?, item.row.stock?);
        let before = previous.and_then(|previous| previous.get(item.key())).copied();
        let is_at_risk =
            risk.stockout_probability >= min_probability || stock.backorders > Fixed::ZERO;
        let status = RiskStatus::of(risk.stockout_probability, is_at_risk, before)?;

        let demand = panel.series(item.facts.index).demand;
        let evidence = Evidence { demand, overdue_lines: &overdue };
        let cause = cause(context, item, &evidence);
        Some(RiskRow { key: item.key().clone(), risk, cause, status })
    };
    let mut rows: Vec<RiskRow> = items.iter().filter_map(row).collect();

    let money = |row: &RiskRow| row.risk.expected_short_value.unwrap_or(0.0);
    rows.sort_by(|a, b| money(b).total_cmp(&money(a)).then_with(|| a.key.cmp(&b.key)));
    rows
}

/// How many open lines of each supplier are overdue and still counted on.
fn overdue_lines<'a>(
    context: &PlanContext<'_>,
    items: &'a [PlannedItem<'_>],
) -> BTreeMap<&'a str, usize> {
    let mut overdue = BTreeMap::new();
    for line in items.iter().flat_map(|item| &item.facts.open_lines) {
        if line.overdue_days(context.as_of).is_some() && line.arrival.is_some() {
            *overdue.entry(&*line.row.supplier).or_default() += 1;
        }
    }

    overdue
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_risk_is_worse_or_better_only_beyond_five_points() {
        let of = |probability, before| RiskStatus::of(probability, probability >= 0.1, before);
        assert_eq!(of(0.30, None), Some(RiskStatus::New));
        assert_eq!(of(0.05, None), None);
        assert_eq!(of(0.30, Some(0.26)), Some(RiskStatus::Same));
        assert_eq!(of(0.30, Some(0.24)), Some(RiskStatus::Worse));
        assert_eq!(of(0.30, Some(0.36)), Some(RiskStatus::Better));
        assert_eq!(of(0.05, Some(0.30)), Some(RiskStatus::Resolved));
    }
}
