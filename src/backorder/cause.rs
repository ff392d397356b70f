//! Why an item will run out: what its shortage would be without each of the causes.
//!
//! One thing after the other is thought as it should have been, in this order: demand as its former
//! forecast said, suppliers on time, the stock record right, orders placed in time. What each takes
//! off the expected shortage is its share; what is left when all is as planned is the risk that the
//! target accepts. So the shares add up to 1.

use std::collections::BTreeMap;

use crate::domain::calendar::date_of;
use crate::domain::key::Key;
use crate::domain::ledger::LedgerLine;
use crate::domain::wording::counted;
use crate::forecast::demand_distribution::DemandDistribution;
use crate::inventory::known_demand::KnownDemand;
use crate::plan::PlannedItem;
use crate::plan::context::PlanContext;
use crate::plan::item::facts::OpenLineFacts;

use super::circumstances::Circumstances;
use super::surprise::{Surprise, SurpriseKind};

/// Open lines of one supplier overdue at once that speak of an outage. Judgement.
const MIN_OUTAGE_LINES: usize = 4;
/// A share below which a second cause is not told. Judgement: a tenth moves nothing.
const MIN_TOLD_SHARE: f64 = 0.1;
/// Expected units short below which shares say nothing, and the first cause that is evident leads.
const NO_SHORTAGE_UNITS: f64 = 1e-6;

/// What makes an item run out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CauseKind {
    /// The last two weeks sold beyond what the item's forecast allowed for.
    DemandSurge,
    /// The last eight weeks did.
    DemandShift,
    /// An open order is overdue.
    SupplierLate,
    /// Several open orders of the supplier are overdue at once.
    SupplierOutage,
    /// The stock record is negative or missing.
    RecordInDoubt,
    /// Stock is low although everything went to plan.
    PlanTooThin,
    /// The position is below the reorder point: an order was due and is not on its way.
    NotOrdered,
    /// The item is not reordered any more.
    Discontinued,
}

impl CauseKind {
    /// Each cause.
    pub const ALL: [Self; 8] = [
        Self::DemandSurge,
        Self::DemandShift,
        Self::SupplierLate,
        Self::SupplierOutage,
        Self::RecordInDoubt,
        Self::PlanTooThin,
        Self::NotOrdered,
        Self::Discontinued,
    ];

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
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    /// The leading cause.
    pub kind: CauseKind,
    /// Its share of the shortage, 0 to 1.
    pub share: f64,
    /// All causes with a share above 0, the largest first; they add up to 1.
    pub shares: Vec<(CauseKind, f64)>,
    /// The figures behind it.
    pub detail: String,
}

/// Orders that were handed over and never seen in the purchasing system, by item.
pub type NeverSeen<'a> = BTreeMap<&'a Key, &'a LedgerLine>;

/// What a cause is judged by beside the item's plan.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// Its demand ahead.
    pub demand: &'a KnownDemand<'a, DemandDistribution>,
    /// Demand beyond its former forecast, if there was any.
    pub surprise: Option<&'a Surprise>,
    /// How many open lines of each supplier are overdue, of all items.
    pub overdue_lines: &'a BTreeMap<&'a str, usize>,
    /// The order of it that was handed over and never seen.
    pub never_seen: Option<&'a LedgerLine>,
    /// Whether tonight's order line of it needs a person, or is held.
    pub waits_for_a_person: bool,
}

/// The causes of an item's risk, the leading one first.
#[must_use]
pub fn cause(context: &PlanContext<'_>, item: &PlannedItem<'_>, evidence: &Evidence<'_>) -> Cause {
    let shares = match item.facts.is_ending(context.as_of) {
        true => vec![(CauseKind::Discontinued, 1.0)],
        false => shares(context, item, evidence),
    };

    let (kind, share) = shares.first().copied().unwrap_or((CauseKind::PlanTooThin, 1.0));
    let mut detail = detail(context, item, evidence, kind);
    let others: Vec<String> = shares
        .iter()
        .skip(1)
        .filter(|(_, share)| *share >= MIN_TOLD_SHARE)
        .map(|(kind, share)| format!("{} {:.0} %", kind.as_str(), 100.0 * share))
        .collect();
    if !others.is_empty() {
        detail = format!("{detail}; also {}", others.join(", "));
    }

    Cause { kind, share, shares, detail }
}

/// What each cause takes off the expected shortage, as shares of it.
fn shares(
    context: &PlanContext<'_>,
    item: &PlannedItem<'_>,
    evidence: &Evidence<'_>,
) -> Vec<(CauseKind, f64)> {
    let Some(mut thought) = Circumstances::of(item) else {
        return vec![(CauseKind::RecordInDoubt, 1.0)];
    };
    let foreseen = evidence.surprise.map(Surprise::foreseen);
    let foreseen = foreseen.as_ref().map(KnownDemand::of);
    let short = |thought: &Circumstances| match &foreseen {
        Some(foreseen) => thought.short_units(foreseen),
        None => thought.short_units(evidence.demand),
    };

    let whole = thought.short_units(evidence.demand);
    let mut left = whole;
    let mut found: Vec<(CauseKind, f64)> = Vec::new();
    let mut takes = |kind: CauseKind, now: f64| {
        found.push((kind, (left - now).max(0.0)));
        left = left.min(now);
    };

    if let Some(surprise) = evidence.surprise {
        thought.stock_units += surprise.excess_units();
        let kind = match surprise.kind {
            SurpriseKind::Surge => CauseKind::DemandSurge,
            SurpriseKind::Shift => CauseKind::DemandShift,
        };
        takes(kind, short(&thought));
    }

    if let Some(line) = longest_overdue(context, item) {
        thought = with_overdue_lines_here(context, item, thought);
        let overdue = evidence.overdue_lines.get(&*line.row.supplier).copied().unwrap_or(0);
        let is_outage = overdue >= MIN_OUTAGE_LINES;
        let kind = if is_outage { CauseKind::SupplierOutage } else { CauseKind::SupplierLate };
        takes(kind, short(&thought));
    }

    // What a wrong record hides nobody knows: all that is left may be its doing.
    if is_record_in_doubt(context, item) {
        takes(CauseKind::RecordInDoubt, 0.0);
    } else {
        let position: f64 =
            thought.stock_units + thought.incoming.iter().map(|line| line.units).sum::<f64>();
        let missing = item.row.levels.reorder_point - position;
        if missing > 0.0 {
            thought.stock_units += missing;
            takes(CauseKind::NotOrdered, short(&thought));
        }
        takes(CauseKind::PlanTooThin, 0.0);
    }

    if whole <= NO_SHORTAGE_UNITS {
        let first = found.first().map_or(CauseKind::PlanTooThin, |(kind, _)| *kind);
        return vec![(first, 1.0)];
    }
    found.retain(|(_, units)| *units > 0.0);
    found.iter_mut().for_each(|(_, units)| *units /= whole);
    // Ties keep the stated order.
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found
}

/// The open line that is overdue for longest.
pub(super) fn longest_overdue<'i, 'a>(
    context: &PlanContext<'_>,
    item: &'i PlannedItem<'a>,
) -> Option<&'i OpenLineFacts<'a>> {
    let overdue = item.facts.open_lines.iter();
    let overdue = overdue.filter(|line| line.overdue_days(context.as_of).is_some());
    overdue.min_by(|a, b| (a.expected_on, &a.row.po_number).cmp(&(b.expected_on, &b.row.po_number)))
}

/// The same circumstances, had every overdue line come on its day.
fn with_overdue_lines_here(
    context: &PlanContext<'_>,
    item: &PlannedItem<'_>,
    thought: Circumstances,
) -> Circumstances {
    let is_overdue = |line: &&OpenLineFacts<'_>| line.overdue_days(context.as_of).is_some();
    let here: f64 = item
        .facts
        .open_lines
        .iter()
        .filter(is_overdue)
        .map(|line| line.row.quantity.to_f64())
        .sum();
    let counted = item.facts.open_lines.iter().filter(|line| line.arrival.is_some());
    let incoming = thought
        .incoming
        .into_iter()
        .zip(counted)
        .filter(|(_, line)| line.overdue_days(context.as_of).is_none())
        .map(|(incoming, _)| incoming)
        .collect();

    Circumstances { stock_units: thought.stock_units + here, incoming, ..thought }
}

/// Whether the stock record is negative, or missing in a table that is given.
fn is_record_in_doubt(context: &PlanContext<'_>, item: &PlannedItem<'_>) -> bool {
    let stock = item.facts.stock;
    let is_negative = stock.is_some_and(|stock| stock.on_hand.steps() < 0);
    is_negative || (context.tables.stock.is_some() && stock.is_none())
}

/// The figures behind a cause.
fn detail(
    context: &PlanContext<'_>,
    item: &PlannedItem<'_>,
    evidence: &Evidence<'_>,
    kind: CauseKind,
) -> String {
    let (facts, row) = (&item.facts, &item.row);
    match kind {
        CauseKind::DemandSurge | CauseKind::DemandShift => match evidence.surprise {
            Some(surprise) => format!(
                "{:.0} demanded since {}; {:.0} were forecast, at most {:.0} in 19 of 20 cases",
                surprise.units,
                date_of(surprise.since),
                surprise.expected,
                surprise.highest
            ),
            None => String::new(),
        },
        CauseKind::SupplierLate | CauseKind::SupplierOutage => {
            let Some(line) = longest_overdue(context, item) else { return String::new() };
            let days = counted(context.as_of - line.expected_on, "day");
            let (po_number, supplier) = (&line.row.po_number, &line.row.supplier);
            let mut text = format!("{po_number} from {supplier} is {days} overdue");
            if kind == CauseKind::SupplierOutage {
                let lines = evidence.overdue_lines.get(&**supplier).copied().unwrap_or(0);
                text.push_str(&format!(", one of {lines} late lines"));
            }
            text
        }
        CauseKind::RecordInDoubt => match facts.stock {
            Some(stock) => format!("the stock record says {}", stock.on_hand),
            None => "the item has no stock record".into(),
        },
        CauseKind::NotOrdered => not_ordered(item, evidence),
        CauseKind::PlanTooThin => format!(
            "nothing went wrong: a reorder point of {:.0} for {} leaves this risk",
            row.levels.reorder_point, facts.target
        ),
        CauseKind::Discontinued => "the item is not reordered any more".into(),
    }
}

/// What is missing below the reorder point, and what became of the order that was handed over.
fn not_ordered(item: &PlannedItem<'_>, evidence: &Evidence<'_>) -> String {
    let row = &item.row;
    let position = row.stock.map(|stock| stock.inventory_position.to_string()).unwrap_or_default();
    let mut text =
        format!("the position is {position} at a reorder point of {:.0}", row.levels.reorder_point);
    match (evidence.never_seen, row.is_ordered()) {
        (Some(line), _) => {
            let day = line.standing.sent_on.unwrap_or(line.first_night);
            text.push_str(&format!(
                "; {} were handed over on {} as {} and are on no open order",
                line.standing.quantity,
                date_of(day),
                line.label()
            ));
        }
        (None, true) if evidence.waits_for_a_person => {
            text.push_str("; tonight's order waits for a person");
        }
        (None, true) => text.push_str("; ordered tonight"),
        (None, false) => text.push_str(&format!("; nothing is ordered tonight ({})", row.reason)),
    }
    text
}
