//! Why an item will run out, and what to do about it.

use std::collections::BTreeMap;

use crate::domain::calendar::Day;
use crate::domain::tables::ItemStatus;
use crate::domain::wording::counted;
use crate::plan::PlannedItem;
use crate::plan::context::PlanContext;
use crate::plan::item::facts::OpenLineFacts;
use crate::plan::item::row::PlanRow;
use crate::plan::reason::Decision;

/// Recent demand at least this many times the usual is a surge. Judgement.
const SURGE_RATIO: f64 = 1.75;
/// Recent demand at least this many times the usual, over a longer stretch, is a shift. Judgement.
const SHIFT_RATIO: f64 = 1.4;
/// Open lines of one supplier overdue at once that speak of an outage. Judgement.
const MIN_OUTAGE_LINES: usize = 4;

/// What makes an item run out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CauseKind {
    /// The last two buckets sold far more than the half year before.
    DemandSurge,
    /// The last eight buckets sold more than those before.
    DemandShift,
    /// An open order is overdue.
    SupplierLate,
    /// Several open orders of the supplier are overdue at once.
    SupplierOutage,
    /// The stock record is negative or missing.
    RecordInDoubt,
    /// Stock is low although everything went to plan.
    PlanTooThin,
    /// Nothing is on order, and nothing is ordered tonight.
    NotOrdered,
    /// The item is not reordered any more.
    Discontinued,
}

impl CauseKind {
    /// The word written in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DemandSurge => "demand_surge",
            Self::DemandShift => "demand_shift",
            Self::SupplierLate => "supplier_late",
            Self::SupplierOutage => "supplier_outage",
            Self::RecordInDoubt => "record_in_doubt",
            Self::PlanTooThin => "plan_too_thin",
            Self::NotOrdered => "not_ordered",
            Self::Discontinued => "discontinued",
        }
    }
}

/// Why an item will run out, with the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Which cause it is.
    pub kind: CauseKind,
    /// The figures behind it.
    pub detail: String,
    /// What to do.
    pub action: String,
}

/// What a cause is judged by beside the item's plan.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// Units demanded in each bucket of the item's history.
    pub demand: &'a [f64],
    /// How many open lines of each supplier are overdue, of all items.
    pub overdue_lines: &'a BTreeMap<&'a str, usize>,
}

/// What an item's history shows of its recent demand.
#[derive(Debug, Clone, Copy)]
pub struct Recent {
    /// Mean of the last buckets over the mean before them: the last two.
    pub surge: f64,
    /// The same over the last eight.
    pub shift: f64,
}

/// Compares recent buckets with the ones before.
///
/// ```
/// use restock::backorder::cause::recent;
/// let mut demand = vec![10.0; 30];
/// demand.extend([30.0, 30.0]);
/// assert_eq!(recent(&demand).surge, 3.0);
/// ```
#[must_use]
pub fn recent(demand: &[f64]) -> Recent {
    let ratio = |last: usize| {
        if demand.len() < 3 * last {
            return 1.0;
        }
        let (before, recent) = demand.split_at(demand.len() - last);
        let before = &before[before.len().saturating_sub(26)..];
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
        if mean(before) > 0.0 { mean(recent) / mean(before) } else { 1.0 }
    };
    Recent { surge: ratio(2), shift: ratio(8) }
}

/// The most telling cause of an item's risk: what is certain before what is inferred.
#[must_use]
pub fn cause(context: &PlanContext<'_>, item: &PlannedItem<'_>, evidence: &Evidence<'_>) -> Cause {
    let (facts, row) = (&item.facts, &item.row);
    let status = facts.status(context.as_of);
    if matches!(status, ItemStatus::Discontinued | ItemStatus::PhaseOut) {
        return Cause {
            kind: CauseKind::Discontinued,
            detail: "the item is not reordered any more".into(),
            action: "offer the successor, or end its sale".into(),
        };
    }

    let is_negative = facts.stock.is_some_and(|stock| stock.on_hand.0 < 0);
    let is_missing = context.tables.stock.is_some() && facts.stock.is_none();
    if is_negative || is_missing {
        return Cause {
            kind: CauseKind::RecordInDoubt,
            detail: "the stock record is negative or missing".into(),
            action: "count the item today".into(),
        };
    }

    let is_overdue = |line: &&OpenLineFacts<'_>| line.overdue_days(context.as_of).is_some();
    let overdue = facts.open_lines.iter().filter(is_overdue);
    if let Some(line) = overdue.min_by_key(|line| line.expected_on) {
        let overdue_lines = evidence.overdue_lines.get(&*line.row.supplier).copied();
        return late_supplier(context, line, overdue_lines.unwrap_or(0));
    }

    let history = recent(evidence.demand);
    if history.surge >= SURGE_RATIO {
        return Cause {
            kind: CauseKind::DemandSurge,
            detail: format!(
                "the last two periods are {:.1} times the half year before",
                history.surge
            ),
            action: action_for(row),
        };
    }
    if history.shift >= SHIFT_RATIO {
        return Cause {
            kind: CauseKind::DemandShift,
            detail: format!("the last eight periods are {:.1} times those before", history.shift),
            action: action_for(row),
        };
    }

    if !row.is_ordered() && facts.open_lines.is_empty() {
        return Cause {
            kind: CauseKind::NotOrdered,
            detail: format!("nothing on order, nothing ordered tonight ({})", row.reason),
            action: action_for(row),
        };
    }
    Cause {
        kind: CauseKind::PlanTooThin,
        detail: format!(
            "stock is below the reorder point of {:.0} before help can come",
            row.levels.reorder_point
        ),
        action: action_for(row),
    }
}

fn late_supplier(
    context: &PlanContext<'_>,
    line: &OpenLineFacts<'_>,
    overdue_lines: usize,
) -> Cause {
    let days: Day = context.as_of - line.expected_on;
    let (po_number, supplier) = (&line.row.po_number, &line.row.supplier);
    let is_outage = overdue_lines >= MIN_OUTAGE_LINES;

    Cause {
        kind: if is_outage { CauseKind::SupplierOutage } else { CauseKind::SupplierLate },
        detail: format!("{po_number} from {supplier} is {} overdue", counted(days, "day")),
        action: format!("ask {supplier} for a date"),
    }
}

/// What to do, given what tonight's run does already.
fn action_for(row: &PlanRow) -> String {
    match (row.decision(), row.reason) {
        (Decision::Order, _) => "release tonight's order, and ask for the earliest date".into(),
        (Decision::Blocked, reason) => format!("resolve `{reason}`, then order"),
        (Decision::Waits, _) => "order outside the supplier's order days".into(),
        _ => "expedite what is on order".into(),
    }
}
