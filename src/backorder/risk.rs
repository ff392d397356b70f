//! The list of items that customers wait for or that will run out, worst money first.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::demand::histories::Histories;
use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::domain::tables::Text;
use crate::forecast::{AcrossItems, ForecastSettings, Forecasts};
use crate::inventory::known_demand::KnownDemand;
use crate::plan::PlannedItem;
use crate::plan::context::PlanContext;
use crate::plan::item::row::RiskView;

use super::action::{Action, action};
use super::cause::{Cause, Evidence, NeverSeen, cause};
use super::decided::Decided;
use super::surprise::{Surprise, surprises};

/// A change of the stock-out probability that is told. Judgement: five points are beyond what a
/// night without news moves.
const MIN_CHANGE: f64 = 0.05;
/// Part of `risk.min_probability` below which an item that was listed is no more. Judgement: a
/// fifth below, so that it does not come and go from night to night.
const LEAVES_BELOW: f64 = 0.8;

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

    /// Against the probability that was told last, `None` where the previous run did not list the
    /// item; `None` for an item that is at risk in neither run.
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

/// Where an item stands in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RiskGroup {
    /// Customers wait for it.
    Waiting,
    /// It will run out.
    AtRisk,
    /// It was in the list, and is no more.
    Resolved,
}

impl RiskGroup {
    /// The word written in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::AtRisk => "at_risk",
            Self::Resolved => "resolved",
        }
    }
}

/// What comes next for an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextArrival {
    /// The day on which it is expected.
    pub day: Day,
    /// The open order that brings it.
    pub po_number: Text,
}

/// An item at risk.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskRow {
    /// The item.
    pub key: Key,
    /// Where it stands in the list.
    pub group: RiskGroup,
    /// Units that customers wait for.
    pub waiting_units: Fixed,
    /// Since when the first of them waits; `None` where nobody does, or no table says.
    pub waiting_since: Option<Day>,
    /// What is short and what is waited for, in base money; `None` where nothing says what a unit
    /// is worth.
    pub value: Option<f64>,
    /// How likely it runs out, and what that costs.
    pub risk: RiskView,
    /// Why.
    pub cause: Cause,
    /// What to do.
    pub action: Action,
    /// What comes next.
    pub next_arrival: Option<NextArrival>,
    /// Against what was told last.
    pub status: RiskStatus,
    /// The stock-out probability that was told last: tonight's, unless the status is the same. What
    /// creeps up night by night is told once it is far enough from it.
    pub told_probability: f64,
}

/// The items at risk.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Risks {
    /// Those that are listed: who waits first, then worst money first, what is resolved last.
    pub rows: Vec<RiskRow>,
    /// Items at risk whose money lies below `risk.min_value`: how many.
    pub unlisted: usize,
    /// What is expected to be short of them, in base money.
    pub unlisted_value: f64,
}

/// Stock-out probabilities of the items that the previous run listed, as they were told last.
pub type PreviousRisks = BTreeMap<Key, f64>;

/// What risks are judged by beside the items with their plans.
#[derive(Clone, Copy)]
pub struct RiskEvidence<'a> {
    /// Histories.
    pub histories: &'a Histories,
    /// What crosses items in forecasting.
    pub across: AcrossItems<'a>,
    /// The demand ahead.
    pub forecasts: &'a Forecasts,
    /// What the previous run listed.
    pub previous: Option<&'a PreviousRisks>,
    /// Orders that were handed over and never seen.
    pub never_seen: &'a NeverSeen<'a>,
}

/// The items that customers wait for or that are at risk, and those that were listed by the
/// previous run and are at risk no more.
#[must_use]
pub fn risks(
    context: &PlanContext<'_>,
    decided: &Decided<'_>,
    evidence: &RiskEvidence<'_>,
) -> Risks {
    let mut found = Risks::default();
    let mut listed: Vec<Listed> = Vec::new();
    let since = waiting_since(context);
    for (at, item) in decided.items.iter().enumerate() {
        let Some(one) = Listed::of(context, item, at, evidence.previous) else { continue };
        let is_below = one.value.is_some_and(|value| value < context.settings.risk.min_value);
        if is_below && one.group == RiskGroup::AtRisk {
            found.unlisted += 1;
            found.unlisted_value += one.value.unwrap_or(0.0);
        } else {
            listed.push(one);
        }
    }

    let overdue = overdue_lines(context, decided.items);
    let settings = ForecastSettings::of(context.settings, 0.0);
    let indices: Vec<usize> = listed.iter().map(|one| decided.items[one.at].facts.index).collect();
    let surprises = surprises(evidence.histories, evidence.across, &settings, &indices);

    found.rows = listed
        .into_par_iter()
        .map(|one| {
            let item = &decided.items[one.at];
            let surprise = surprises.get(&item.facts.index);
            one.explained(context, decided, evidence, (surprise, &overdue))
        })
        .map(|row| RiskRow { waiting_since: since.get(&row.key).copied(), ..row })
        .collect();
    found.rows.sort_by(|a, b| {
        let money = |row: &RiskRow| row.value.unwrap_or(0.0);
        let units = |row: &RiskRow| row.risk.expected_short_units + row.waiting_units.to_f64();
        a.group
            .cmp(&b.group)
            .then_with(|| money(b).total_cmp(&money(a)))
            .then_with(|| units(b).total_cmp(&units(a)))
            .then_with(|| a.key.cmp(&b.key))
    });
    found
}

/// An item of the list before its causes are known.
struct Listed {
    at: usize,
    group: RiskGroup,
    risk: RiskView,
    waiting_units: Fixed,
    value: Option<f64>,
    status: RiskStatus,
    told_probability: f64,
}

impl Listed {
    fn of(
        context: &PlanContext<'_>,
        item: &PlannedItem<'_>,
        at: usize,
        previous: Option<&PreviousRisks>,
    ) -> Option<Self> {
        let stock = item.row.stock?;
        // Nothing says that there will be demand: only who waits counts.
        let risk = item.row.risk.unwrap_or_default();
        let before = previous.and_then(|previous| previous.get(item.key())).copied();
        let least = context.settings.risk.min_probability;
        let least = if before.is_some() { LEAVES_BELOW * least } else { least };

        let waits = stock.backorders > Fixed::ZERO;
        let is_probable = item.row.risk.is_some() && risk.stockout_probability >= least;
        let status = RiskStatus::of(risk.stockout_probability, is_probable || waits, before)?;
        let group = match (waits, status) {
            (true, _) => RiskGroup::Waiting,
            (false, RiskStatus::Resolved) => RiskGroup::Resolved,
            (false, _) => RiskGroup::AtRisk,
        };

        let worth = item.facts.worth_short().map(Fixed::to_f64);
        let units = risk.expected_short_units + stock.backorders.to_f64();
        let value = worth.map(|worth| worth * units);
        let told_probability = match status {
            RiskStatus::Same => before.unwrap_or(risk.stockout_probability),
            _ => risk.stockout_probability,
        };
        Some(Self {
            at,
            group,
            risk,
            waiting_units: stock.backorders,
            value,
            status,
            told_probability,
        })
    }

    fn explained(
        self,
        context: &PlanContext<'_>,
        decided: &Decided<'_>,
        evidence: &RiskEvidence<'_>,
        (surprise, overdue_lines): (Option<&Surprise>, &BTreeMap<&str, usize>),
    ) -> RiskRow {
        let item = &decided.items[self.at];
        let demand = evidence.forecasts.distribution(item.facts.index);
        let never_seen = evidence.never_seen.get(item.key()).copied();
        let waits_for_a_person = decided.waits_for_a_person(item.key());
        let known = KnownDemand::of(&demand);
        let of_item =
            Evidence { demand: &known, surprise, overdue_lines, never_seen, waits_for_a_person };
        let cause = cause(context, item, &of_item);
        let action = match self.status {
            RiskStatus::Resolved => Action { text: "nothing more".into(), probability: None },
            _ => action(context, item, &known, &cause, decided),
        };

        RiskRow {
            key: item.key().clone(),
            group: self.group,
            waiting_units: self.waiting_units,
            waiting_since: None,
            value: self.value,
            risk: self.risk,
            cause,
            action,
            next_arrival: next_arrival(context, item),
            status: self.status,
            told_probability: self.told_probability,
        }
    }
}

/// Since when the first customer waits for each item.
fn waiting_since(context: &PlanContext<'_>) -> BTreeMap<Key, Day> {
    let mut since: BTreeMap<Key, Day> = BTreeMap::new();
    for row in rows(&context.tables.backorders) {
        let first = since.entry(row.key.clone()).or_insert(row.ordered_on);
        *first = (*first).min(row.ordered_on);
    }

    since
}

/// The open line that is expected first.
fn next_arrival(context: &PlanContext<'_>, item: &PlannedItem<'_>) -> Option<NextArrival> {
    let lines = item.facts.open_lines.iter();
    let expected = lines.filter_map(|line| Some((line.arrival.as_ref()?.quantile(0.5), line)));
    let (days, line) = expected.min_by_key(|(days, line)| (*days, line.row.po_number.clone()))?;
    let day = context.as_of.saturating_add_unsigned(days);
    Some(NextArrival { day, po_number: line.row.po_number.clone() })
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
