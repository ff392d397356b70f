//! The desk as a whole: what a night finds about backorders.

use crate::plan::PlannedItem;
use crate::plan::context::PlanContext;

use super::action::Decided;
use super::limits::{BackorderLimit, limits};
use super::promises::{Promise, promises};
use super::risk::{RiskEvidence, Risks, risks};
use super::supply::supply;
use super::told::{PreviousPromises, Told, line_name};

/// What a night finds about backorders.
#[derive(Debug, Default)]
pub struct Desk<'a> {
    /// Items that customers wait for or that will run out.
    pub risks: Risks,
    /// What can be promised on each waiting line, sorted by order, line and item.
    pub promises: Vec<Promise<'a>>,
    /// What the customer of each was told before tonight; parallel to the promises.
    pub told_before: Vec<Told>,
    /// The same with what is written tonight.
    pub told: Vec<Told>,
    /// How much of each item may still be sold.
    pub limits: Vec<BackorderLimit>,
}

/// Works out who gets what and when, what will run out, why, and what to do. `items` are those of
/// `decided`.
#[must_use]
pub fn desk<'a>(
    context: &PlanContext<'a>,
    items: &[PlannedItem<'a>],
    decided: &Decided<'_>,
    evidence: &RiskEvidence<'_>,
    previous: Option<&PreviousPromises>,
) -> Desk<'a> {
    let lots = supply(context, items, decided.book, decided.transfers);
    let promises = promises(context, items, &lots, previous);
    let limits = limits(context, items, &lots, &promises);

    let told_before: Vec<Told> = promises
        .iter()
        .map(|promise| {
            let told = previous.and_then(|told| told.get(&line_name(promise.row)).copied());
            let promised = promise.row.promised_on;
            told.unwrap_or_else(|| Told { date: promised, ..Told::default() })
        })
        .collect();

    Desk {
        risks: risks(context, decided, evidence),
        told: told_before.clone(),
        promises,
        told_before,
        limits,
    }
}
