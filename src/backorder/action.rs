//! The next best thing to do about an item that will run out, and what it achieves.

use crate::domain::calendar::date_of;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::BackorderPolicy;
use crate::domain::target::Target;
use crate::domain::wording::counted;
use crate::forecast::demand_distribution::DemandDistribution;
use crate::inventory::known_demand::KnownDemand;
use crate::plan::item::decide::levels_at;
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

    let is_thin = cause.kind == CauseKind::PlanTooThin && !item.row.is_ordered();
    without_effect(context, item, cause, decided)
        .or_else(|| is_thin.then(|| raise_target(context, item, demand, &now)).flatten())
        .unwrap_or_else(|| Action::say(last_resort(item, is_thin).into()))
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

/// What the cause asks for where nothing that can be worked out helps; `None` where it asks for
/// nothing of its own.
fn without_effect(
    context: &PlanContext<'_>,
    item: &PlannedItem<'_>,
    cause: &Cause,
    decided: &Decided<'_>,
) -> Option<Action> {
    let units = item.row.sized_units();
    let text = if matches!(cause.kind, CauseKind::SupplierLate | CauseKind::SupplierOutage) {
        ask_for_a_date(context, item, decided)
    } else if item.row.decision() == Decision::Blocked {
        format!("resolve `{}`, then order", item.row.reason)
    } else if item.row.decision() == Decision::Waits {
        let day = date_of(item.next_order_day());
        format!("order {units} on {day}, and ask for the earliest delivery")
    } else if item.row.is_ordered() && decided.waits_for_a_person(item.key()) {
        format!("decide on tonight's order of {units}")
    } else {
        drop_shipping(context.tables, item.key(), Some(item))?.to_string()
    };
    Some(Action::say(text))
}

/// What would be there tonight under the next higher target, and how likely it would run out: told
/// where the target is what is too low. It helps on other nights, so that it has no effect on this
/// one.
fn raise_target(
    context: &PlanContext<'_>,
    item: &PlannedItem<'_>,
    demand: &KnownDemand<'_, DemandDistribution>,
    now: &Circumstances,
) -> Option<Action> {
    let (before, target) = (item.row.risk?.stockout_probability, item.facts.target);
    let raised = target.raised()?;
    let levels = |target: Target| levels_at(context, &item.facts, target, demand.demand());
    let more = (levels(raised).reorder_point - levels(target).reorder_point).ceil();
    if more <= 0.0 {
        return None;
    }

    let then = Circumstances { stock_units: now.stock_units + more, ..now.clone() };
    let after = then.stockout_probability(demand);
    if before - after < MIN_EFFECT {
        return None;
    }
    // A tenth of a per cent at most: 97.5.
    let percent = |target: Target| (1_000.0 * target.level()).round() / 10.0;
    Some(Action::say(format!(
        "if this happens often, raise the item's target from {} to {} %, for {} more in stock: \
         {:.0} % → {:.0} %",
        percent(target),
        percent(raised),
        counted(more as u64, "unit"),
        100.0 * before,
        100.0 * after
    )))
}

/// What is left to say.
fn last_resort(item: &PlannedItem<'_>, is_thin: bool) -> &'static str {
    let is_limited = item.facts.item.is_some_and(|item| {
        matches!(item.backorder_policy, Some(BackorderPolicy::Deny | BackorderPolicy::Limit))
    });
    match item.row.reason {
        _ if is_thin => "raise the item's target if this happens often",
        Reason::AboveReorderPoint => "keep an eye on it: nothing that can be done helps more",
        _ if is_limited => "release tonight's order; sell what backorder_limits.csv allows",
        _ => "release tonight's order, and limit what is sold on backorder until it arrives",
    }
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
