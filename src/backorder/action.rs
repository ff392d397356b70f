//! The next best thing to do about an item that will run out, and what it achieves.

use crate::domain::calendar::date_of;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::BackorderPolicy;
use crate::domain::wording::counted;
use crate::forecast::demand_distribution::DemandDistribution;
use crate::inventory::known_demand::KnownDemand;
use crate::plan::open_order_advice::Advice;
use crate::plan::reason::{Decision, Reason};
use crate::plan::{PlanContext, PlannedItem};

use super::alternatives::drop_shipping;
use super::cause::{Cause, CauseKind, longest_overdue};
use super::circumstances::{Circumstances, sooner};
use super::decided::Decided;

/// What an action must take off the stock-out probability to be worth naming. Judgement: five
/// points, as for a change of status.
const MIN_EFFECT: f64 = 0.05;

/// Part of a lead time that a supplier may be asked to save. Judgement: half; nobody makes in a day
/// what takes a month.
const MAX_HURRIED: f64 = 0.5;

/// What to do, and the stock-out probability after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// In words.
    pub text: String,
    /// `None` where the effect cannot be worked out.
    pub probability: Option<f64>,
}

impl Action {
    fn say(text: String) -> Self {
        Self { text, probability: None }
    }
}

/// The action that helps most; where none does, the one that the cause asks for.
#[must_use]
pub fn action(
    context: &PlanContext<'_>,
    item: &PlannedItem<'_>,
    demand: &KnownDemand<'_, DemandDistribution>,
    cause: &Cause,
    decided: &Decided<'_>,
) -> Action {
    match cause.kind {
        CauseKind::RecordInDoubt => return Action::say("count the item today".into()),
        CauseKind::Discontinued => return end_of_sale(item, decided),
        _ => {}
    }
    let (Some(now), Some(risk)) = (Circumstances::of(item), item.row.risk) else {
        return Action::say("count the item today".into());
    };

    let before = risk.stockout_probability;
    let candidates = [
        expedite(item, demand, &now, decided),
        transfer(item, demand, &now, decided),
        order_off_day(context, item, demand, &now),
        hurry_tonights_order(context, item, demand, &now)
            .filter(|_| !decided.waits_for_a_person(item.key())),
    ];
    let helps = candidates.into_iter().flatten().filter(|(_, after)| before - after >= MIN_EFFECT);
    // The first of equals: what is on its way before what is not.
    if let Some((text, after)) = helps.min_by(|a, b| a.1.total_cmp(&b.1)) {
        let text = format!("{text}: {:.0} % → {:.0} %", 100.0 * before, 100.0 * after);
        return Action { text, probability: Some(after) };
    }

    without_effect(context, item, cause, decided)
}

/// Asks for open lines to come sooner, where the advice on them says so.
fn expedite(
    item: &PlannedItem<'_>,
    demand: &KnownDemand<'_, DemandDistribution>,
    now: &Circumstances,
    decided: &Decided<'_>,
) -> Option<(String, f64)> {
    let counted_on = item.facts.open_lines.iter().filter(|line| line.arrival.is_some());
    let mut best: Option<(String, f64)> = None;
    for (at, line) in counted_on.enumerate() {
        let Some(advice) = decided.advice_on(item.key(), line) else { continue };
        let Some(days) = advice.by_days.filter(|_| advice.advice == Advice::Expedite) else {
            continue;
        };

        let mut then = now.clone();
        then.incoming[at].arrival = sooner(&then.incoming[at].arrival, days);
        let after = then.stockout_probability(demand);
        if best.as_ref().is_none_or(|(_, least)| after < *least) {
            let po_number = &line.row.po_number;
            best = Some((format!("expedite {po_number} by {}", counted(days, "day")), after));
        }
    }
    best
}

/// Moves what another location has beyond its safety stock.
fn transfer(
    item: &PlannedItem<'_>,
    demand: &KnownDemand<'_, DemandDistribution>,
    now: &Circumstances,
    decided: &Decided<'_>,
) -> Option<(String, f64)> {
    let key = item.key();
    let wanted = item.row.levels.reorder_point - now.stock_units;
    let wanted = Fixed::from_f64(wanted.max(1.0).ceil())?;
    if let Some(transfer) = decided.received(key) {
        let mut then = now.clone();
        then.stock_units += transfer.quantity.to_f64();
        let text = format!("move {} from {} tonight", transfer.quantity, transfer.from_location);
        return Some((text, then.stockout_probability(demand)));
    }

    let of_sku = decided.items.partition_point(|other| other.key().sku < key.sku);
    let others = decided.items[of_sku..].iter().take_while(|other| other.key().sku == key.sku);
    let richest = others
        .filter(|other| other.key().location != key.location)
        .map(|other| (decided.spare(other), other))
        .filter(|(units, _)| *units > Fixed::ZERO)
        .max_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.key().cmp(a.1.key())))?;

    let units = richest.0.min(wanted);
    let mut then = now.clone();
    then.stock_units += units.to_f64();
    let text = format!("move {units} from {}", richest.1.key().location);
    Some((text, then.stockout_probability(demand)))
}

/// Orders tonight what has to wait for the supplier's next order date.
fn order_off_day(
    context: &PlanContext<'_>,
    item: &PlannedItem<'_>,
    demand: &KnownDemand<'_, DemandDistribution>,
    now: &Circumstances,
) -> Option<(String, f64)> {
    if item.row.decision() != Decision::Waits {
        return None;
    }
    let then = Circumstances { next_order: item.facts.supply.lead_time.clone(), ..now.clone() };
    let text = format!(
        "order {} now, not on {}",
        item.row.sized_units(),
        date_of(context.as_of.saturating_add_unsigned(item.facts.supply.first_order_day))
    );
    Some((text, then.stockout_probability(demand)))
}

/// Has tonight's order come so much sooner that the item is at risk no more.
fn hurry_tonights_order(
    context: &PlanContext<'_>,
    item: &PlannedItem<'_>,
    demand: &KnownDemand<'_, DemandDistribution>,
    now: &Circumstances,
) -> Option<(String, f64)> {
    if !item.row.is_ordered() {
        return None;
    }
    let arrives = now.next_order.mean().round() as u32;
    let hurried = |days: u32| {
        let then = Circumstances { next_order: sooner(&now.next_order, days), ..now.clone() };
        then.stockout_probability(demand)
    };
    let enough = context.settings.risk.min_probability;
    let longest = (MAX_HURRIED * f64::from(arrives)) as u32;
    if longest == 0 || hurried(longest) > enough {
        return None;
    }

    let (mut low, mut high) = (1, longest);
    while low < high {
        let middle = low + (high - low) / 2;
        if hurried(middle) <= enough {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    let day = date_of(context.as_of.saturating_add_unsigned(arrives - low));
    let text = format!("have tonight's order of {} here by {day}", item.row.sized_units());
    Some((text, hurried(low)))
}

/// What the cause asks for where nothing that can be worked out helps.
fn without_effect(
    context: &PlanContext<'_>,
    item: &PlannedItem<'_>,
    cause: &Cause,
    decided: &Decided<'_>,
) -> Action {
    if matches!(cause.kind, CauseKind::SupplierLate | CauseKind::SupplierOutage) {
        return Action::say(ask_for_a_date(context, item, decided));
    }
    if item.row.decision() == Decision::Blocked {
        return Action::say(format!("resolve `{}`, then order", item.row.reason));
    }
    if item.row.decision() == Decision::Waits {
        let day = date_of(item.next_order_day());
        let units = item.row.sized_units();
        return Action::say(format!("order {units} on {day}, and ask for the earliest delivery"));
    }
    if item.row.is_ordered() && decided.waits_for_a_person(item.key()) {
        return Action::say(format!("decide on tonight's order of {}", item.row.sized_units()));
    }
    if let Some(offer) = drop_shipping(context.tables, item.key(), Some(item)) {
        return Action::say(offer.to_string());
    }

    let is_limited = item.facts.item.is_some_and(|item| {
        matches!(item.backorder_policy, Some(BackorderPolicy::Deny | BackorderPolicy::Limit))
    });
    let text = match (cause.kind, item.row.reason) {
        (CauseKind::PlanTooThin, _) if !item.row.is_ordered() => {
            "raise the item's target if this happens often"
        }
        (_, Reason::AboveReorderPoint) => "keep an eye on it: nothing that can be done helps more",
        _ if is_limited => "release tonight's order; sell what backorder_limits.csv allows",
        _ => "release tonight's order, and limit what is sold on backorder until it arrives",
    };
    Action::say(text.into())
}

/// What to ask of the supplier of the line that is overdue for longest.
fn ask_for_a_date(
    context: &PlanContext<'_>,
    item: &PlannedItem<'_>,
    decided: &Decided<'_>,
) -> String {
    let Some(line) = longest_overdue(context, item) else {
        return "ask the supplier for a date".into();
    };

    let (po_number, supplier) = (&line.row.po_number, &line.row.supplier);
    let advice = decided.advice_on(item.key(), line);
    let is_cancelled = advice.is_some_and(|advice| advice.advice == Advice::Cancel);
    match is_cancelled {
        true => format!("cancel {po_number}, and order anew"),
        false => format!("ask {supplier} for a date of {po_number}"),
    }
}

/// For an item that is not reordered: its successor, or less of it.
fn end_of_sale(item: &PlannedItem<'_>, decided: &Decided<'_>) -> Action {
    let key = item.key();
    let Some(&successor) = decided.successors(&key.sku).first() else {
        return Action::say("end its sale: take no order beyond what is there".into());
    };

    let following = Key { sku: successor.clone(), location: key.location.clone() };
    let free = decided.item(&following).and_then(|other| other.row.stock);
    let free = free.map_or(Fixed::ZERO, |stock| stock.free().or_zero());
    Action::say(format!("offer its successor {successor} ({free} free)"))
}
