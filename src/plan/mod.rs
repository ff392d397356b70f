//! From forecasts to decisions: what is known of each item, its levels, its risk, whether to order,
//! and what crosses items: transfers and purchase orders; then the orders and the money ahead.

pub mod cash;
pub mod constraint_costs;
pub mod context;
pub mod item;
pub mod open_order_advice;
pub mod orders;
pub mod projection;
pub mod reach;
pub mod reason;
pub mod supplied_locations;
pub mod supplier_punctuality;
pub mod transfers;
pub mod unlikely_lead_times;

use std::collections::BTreeMap;

pub use context::PlanContext;
pub use item::facts::ItemFacts;
pub use item::row::PlanRow;
pub use reason::{Decision, Reason};

use crate::demand::prepare::Prepared;
use crate::domain::calendar::Day;
use crate::domain::finding::{Code, Finding};
use crate::domain::key::Key;

/// An item with its plan.
#[derive(Debug)]
pub struct PlannedItem<'a> {
    /// What is known of it. Boxed as the row is: items are handed on and sorted many times.
    pub facts: Box<ItemFacts<'a>>,
    /// What was decided.
    pub row: Box<PlanRow>,
}

impl PlannedItem<'_> {
    /// The item.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.facts.key
    }

    /// The next date on which the item can be ordered: the first on or after `as_of`, or the one
    /// after it where something is ordered tonight.
    #[must_use]
    pub fn next_order_day(&self) -> Day {
        match self.row.is_ordered() {
            true => {
                self.row.order_day.saturating_add_unsigned(self.facts.supply.review_period_days)
            }
            false => self.row.order_day,
        }
    }

    /// What a planner should know of the order's size: a constraint that could not hold beside the
    /// rest, or one that leaves no room for an order.
    #[must_use]
    pub fn size_finding(&self) -> Option<Finding> {
        let (code, message) = self.row.sizing.as_ref()?.unmet_constraint.as_ref()?;
        Some(Finding::about(*code, "items", self.key(), message.clone()))
    }
}

/// One row of `plan.csv`.
#[derive(Debug)]
pub enum PlanEntry<'a> {
    /// An item that was planned.
    Planned(PlannedItem<'a>),
    /// An item none of whose order rows could be used.
    Quarantined {
        /// The item.
        key: Key,
        /// What is wrong with its first row.
        code: Code,
    },
    /// A bundle: its components are planned instead.
    Bundle(Key),
}

impl<'a> PlanEntry<'a> {
    /// The item.
    #[must_use]
    pub fn key(&self) -> &Key {
        match self {
            Self::Planned(item) => item.key(),
            Self::Quarantined { key, .. } | Self::Bundle(key) => key,
        }
    }

    /// What was decided.
    #[must_use]
    pub fn decision(&self) -> Decision {
        match self {
            Self::Planned(item) => item.row.decision(),
            Self::Quarantined { .. } => Decision::Quarantined,
            Self::Bundle(_) => Reason::Bundle.decision(),
        }
    }

    /// The item with its plan; `None` where it was quarantined or is a bundle.
    #[must_use]
    pub fn planned(&self) -> Option<&PlannedItem<'a>> {
        match self {
            Self::Planned(item) => Some(item),
            Self::Quarantined { .. } | Self::Bundle(_) => None,
        }
    }
}

/// One entry an item, sorted by key: the planned ones, those with the code of their first row, and
/// bundles.
#[must_use]
pub fn entries<'a>(items: Vec<PlannedItem<'a>>, prepared: &Prepared) -> Vec<PlanEntry<'a>> {
    let quarantined = prepared
        .quarantined
        .iter()
        .map(|(key, code)| PlanEntry::Quarantined { key: key.clone(), code: *code });
    let bundles = prepared.bundles.iter().cloned().map(PlanEntry::Bundle);
    let planned = items.into_iter().map(PlanEntry::Planned);

    let mut entries: Vec<PlanEntry<'a>> = planned.chain(quarantined).chain(bundles).collect();
    entries.sort_by(|a, b| a.key().cmp(b.key()));
    entries
}

/// How many entries ended in each decision.
#[must_use]
pub fn decisions(entries: &[PlanEntry<'_>]) -> BTreeMap<Decision, usize> {
    let mut counts = BTreeMap::new();
    for entry in entries {
        *counts.entry(entry.decision()).or_default() += 1;
    }

    counts
}

/// Said once, with the share of items concerned.
#[must_use]
pub fn spread_finding(items: &[PlannedItem<'_>]) -> Option<Finding> {
    let without = items.iter().filter(|item| !item.facts.lead_time.has_spread).count();
    let share = 100.0 * without as f64 / items.len().max(1) as f64;
    let message = format!(
        "{without} items ({share:.0} %) have a lead time without any spread; deliveries count as \
         punctual"
    );

    (without > 0).then(|| Finding::of_table(Code::NoLeadTimeSpread, "suppliers", message))
}
