//! Why an item will run out, and what to do about it.

use crate::domain::calendar::Day;
use crate::domain::tables::ItemStatus;
use crate::plan::facts::{ItemFacts, World};
use crate::plan::row::{Decision, PlanRow};

/// Recent demand at least this many times the usual is a surge.
const SURGE_RATIO: f64 = 1.75;
/// Recent demand at least this many times the usual, over a longer stretch, is a shift.
const SHIFT_RATIO: f64 = 1.4;
/// Open lines of this many suppliers' orders overdue at once speak of an outage.
const OUTAGE_LINES: usize = 4;

/// A cause of the contract, with its figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The contract's word.
    pub name: &'static str,
    /// The figures behind it.
    pub detail: String,
    /// What to do.
    pub action: String,
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
pub fn cause(
    world: &World<'_>,
    row: &PlanRow,
    facts: &ItemFacts<'_>,
    demand: &[f64],
    overdue_lines: usize,
) -> Cause {
    let make = |name, detail: String, action: String| Cause { name, detail, action };
    let status = facts.status(world.as_of);
    if matches!(status, ItemStatus::Discontinued | ItemStatus::PhaseOut) {
        return make(
            "discontinued",
            "the item is not reordered any more".into(),
            "offer the successor, or end its sale".into(),
        );
    }
    if facts.stock.is_some_and(|stock| stock.on_hand.0 < 0)
        || (world.tables.stock.is_some() && facts.stock.is_none())
    {
        return make(
            "record_in_doubt",
            "the stock record is negative or missing".into(),
            "count the item today".into(),
        );
    }
    let overdue: Vec<_> =
        facts.open_lines.iter().filter(|line| line.row.expected_on < world.as_of).collect();
    if let Some(line) = overdue.iter().min_by_key(|line| line.row.expected_on) {
        let days: Day = world.as_of - line.row.expected_on;
        let name = if overdue_lines >= OUTAGE_LINES { "supplier_outage" } else { "supplier_late" };
        let detail =
            format!("{} from {} is {days} days overdue", line.row.po_number, line.row.supplier);
        return make(name, detail, format!("ask {} for a date", line.row.supplier));
    }
    let history = recent(demand);
    if history.surge >= SURGE_RATIO {
        let detail =
            format!("the last two periods are {:.1} times the half year before", history.surge);
        return make("demand_surge", detail, action_for(row));
    }
    if history.shift >= SHIFT_RATIO {
        let detail = format!("the last eight periods are {:.1} times those before", history.shift);
        return make("demand_shift", detail, action_for(row));
    }
    if row.decision != Decision::Order && facts.open_lines.is_empty() {
        return make(
            "not_ordered",
            format!("nothing is on order, and tonight nothing is: {}", row.reason),
            action_for(row),
        );
    }
    let level = row.levels.map_or(0.0, |levels| levels.reorder_point);
    make(
        "plan_too_thin",
        format!("stock is below the reorder point of {level:.0} before help can come"),
        action_for(row),
    )
}

/// What to do, given what tonight's run does already.
fn action_for(row: &PlanRow) -> String {
    match row.decision {
        Decision::Order => "release tonight's order, and ask for the earliest date".into(),
        Decision::Blocked => format!("resolve `{}`, then order", row.reason),
        Decision::NoNeed if row.reason == "not_order_day" => {
            "order outside the supplier's order days".into()
        }
        _ => "expedite what is on order".into(),
    }
}
