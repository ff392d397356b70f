//! Joint ordering: an item that will soon be needed goes with an order that is written anyway.

use crate::domain::fixed::Fixed;
use crate::plan::facts::{ItemFacts, World};
use crate::plan::row::{Decision, PlanRow};
use crate::plan::sizing::{Sizes, size};

use super::{Orders, Recipient, days_to_need};

const DAYS_PER_YEAR: f64 = 365.0;

/// Lets items join tonight's orders where that costs less than it saves.
///
/// An order of a supplier costs K (`suppliers.order_cost`), whatever is on it. An item that joins
/// saves K if it would otherwise have been ordered alone, which has the probability exp(−λ), λ =
/// the mean number of the supplier's other items ordered at one order date; it costs the holding of
/// its quantity for the days it is early. Only items that would be ordered within an order cycle or
/// a review period join. A can-order policy (Balintfy 1964) whose can-order level follows from the
/// costs.
pub(super) fn join(
    world: &World<'_>,
    plan: &mut [PlanRow],
    facts: &[ItemFacts<'_>],
    orders: &Orders,
) {
    if !world.settings.purchasing.joint_orders {
        return;
    }
    let sizes = Sizes::of(world);
    for recipient in orders.ordered.keys() {
        let Some(idle) = orders.idle.get(recipient) else { continue };
        let first = idle.first().and_then(|at| facts.get(*at));
        let Some(order_cost) =
            first.and_then(|facts| facts.offer.row?.order_cost).map(Fixed::to_f64)
        else {
            continue;
        };
        let rate = lines_at_one_date(plan, orders, recipient);
        for &at in idle {
            let others = (rate - ordered_share(&plan[at])).max(0.0);
            let saved = order_cost * libm::exp(-others);
            if let Some(joined) = joined(&plan[at], &facts[at], &sizes, saved) {
                plan[at] = joined;
            }
        }
    }
}

/// The item's row with an order tonight, where being early costs less than what is saved.
fn joined(row: &PlanRow, facts: &ItemFacts<'_>, sizes: &Sizes, saved: f64) -> Option<PlanRow> {
    let (levels, stock) = (row.levels?, row.stock?);
    let unit_cost = facts.unit_cost?.to_f64();
    let early_days = days_to_need(row, 0.0);
    if early_days > facts.order_cycle_days.max(f64::from(levels.review_period_days)) {
        return None;
    }
    let needed =
        Fixed::from_f64((levels.order_up_to_level - stock.inventory_position.to_f64()).ceil())?;
    if needed <= Fixed::ZERO {
        return None;
    }
    let (decision, _, sizing) = size(facts, sizes, (&levels, &stock), needed);
    let sizing = sizing.filter(|_| decision == Decision::Order)?;
    let cost =
        sizes.holding_share * unit_cost * sizing.quantity.to_f64() * early_days / DAYS_PER_YEAR;
    (cost < saved).then(|| PlanRow {
        decision,
        reason: "joins_order",
        sizing: Some(sizing),
        ..row.clone()
    })
}

/// Mean number of lines at one order date of a supplier.
fn lines_at_one_date(plan: &[PlanRow], orders: &Orders, recipient: &Recipient) -> f64 {
    let items = [orders.ordered.get(recipient), orders.idle.get(recipient)];
    items.into_iter().flatten().flatten().map(|at| ordered_share(&plan[*at])).sum()
}

/// The share of order dates at which an item is ordered: its demand between two of them over its
/// usual order.
fn ordered_share(row: &PlanRow) -> f64 {
    let Some(levels) = row.levels else { return 0.0 };
    let demand = levels.mean_daily_demand * f64::from(levels.review_period_days.max(1));
    let usual = (levels.order_up_to_level - levels.reorder_point).max(demand);
    if usual > 0.0 { (demand / usual).min(1.0) } else { 0.0 }
}
