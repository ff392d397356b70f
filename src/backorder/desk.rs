//! The desk as a whole: what a night finds about backorders.

use std::collections::BTreeSet;

use crate::domain::finding::Finding;
use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::plan::PlannedItem;
use crate::plan::context::PlanContext;
use crate::plan::open_order_advice::{Chased, PreviousChases};

use super::decided::Decided;
use super::limits::{BackorderLimit, is_limited, limits};
use super::notices::{DigestFigures, Notice, NoticeEvidence, Notices, notices};
use super::promises::{Known, Promise, promises};
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
    /// How much may still be sold of each item that it is limited of, sorted.
    pub limits: Vec<BackorderLimit>,
    /// What customers, suppliers and the team are to be told, sorted.
    pub notices: Vec<Notice>,
}

/// What the desk goes by beside the decisions of the night.
#[derive(Clone, Copy)]
pub struct DeskEvidence<'a> {
    /// What risks are judged by.
    pub risk: RiskEvidence<'a>,
    /// What customers who wait were told by the previous run.
    pub told: Option<&'a PreviousPromises>,
    /// Whether that cannot be read any more.
    pub is_told_lost: bool,
    /// When suppliers were last asked for lines.
    pub chased: Option<&'a PreviousChases>,
    /// Whether the stock table may be the whole of what there is.
    pub is_stock_whole: bool,
}

/// The desk, with what it has to say of the lines of the advice and of the night.
#[derive(Debug, Default)]
pub struct DeskWork<'a> {
    /// The desk.
    pub desk: Desk<'a>,
    /// When the line of each row of the advice was last asked for, tonight included.
    pub chased: Vec<Option<Chased>>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// Works out who gets what and when, what will run out, why, what to do and what to tell. `items`
/// are those of `decided`.
#[must_use]
pub fn desk<'a>(
    context: &PlanContext<'a>,
    items: &[PlannedItem<'a>],
    decided: &Decided<'_>,
    evidence: &DeskEvidence<'_>,
) -> DeskWork<'a> {
    let waiting: BTreeSet<&Key> =
        rows(&context.tables.backorders).iter().map(|row| &row.key).collect();
    let is_promised =
        |item: &PlannedItem<'_>| waiting.contains(item.key()) || is_limited(context, item);
    let mut lots = supply(context, decided, is_promised);
    // What was not planned has no supply.
    lots.push(Vec::new());
    let known = Known {
        lots: &lots,
        decided,
        told: evidence.told,
        is_stock_whole: evidence.is_stock_whole,
    };
    let promises = promises(context, &known);
    let limits = limits(context, items, &lots, &promises);
    let risks = risks(context, decided, &evidence.risk);

    let told_before =
        promises.iter().map(|promise| told_before(context, promise, evidence.told)).collect();
    let asked = NoticeEvidence {
        told: evidence.told,
        is_told_lost: evidence.is_told_lost,
        chased: evidence.chased,
        advice: decided.advice,
        items,
        figures: DigestFigures::of(&risks.rows),
    };
    let Notices { notices, told, chased, findings } = notices(context, &promises, &asked);

    let desk = Desk { risks, promises, told_before, told, limits, notices };
    DeskWork { desk, chased, findings }
}

/// What the customer of a line was told: by an earlier run, or by the shop where that said nothing
/// or another day since.
fn told_before(
    context: &PlanContext<'_>,
    promise: &Promise<'_>,
    previous: Option<&PreviousPromises>,
) -> Told {
    let row = promise.row;
    let told = previous.and_then(|told| told.get(&line_name(row)).copied());
    let was_told = |told: &Told| told.kind.is_some() || told.date.is_some();
    let told = told.filter(|told| was_told(told) && !told.is_restated(row, context.as_of));
    told.unwrap_or_else(|| Told { date: row.promised_on, ..Told::default() })
}
