//! Joint ordering: an item that will soon be needed goes with an order that is written anyway.

use std::collections::BTreeSet;

use crate::domain::calendar::DAYS_PER_YEAR;
use crate::domain::fixed::Fixed;
use crate::plan::PlannedItem;
use crate::plan::context::PlanContext;
use crate::plan::item::moq_and_packs::{SizeSettings, Verdict, size};
use crate::plan::item::row::{PlanRow, Sizing};
use crate::plan::reason::Reason;

use super::{Orders, Recipient, approved_tonight, days_to_need};

/// Lets items join tonight's orders where that costs less than it saves.
///
/// An order of a supplier costs K (`suppliers.order_cost`), whatever is on it. An item that joins
/// saves K if it would otherwise have been ordered alone, which has the probability exp(−λ), λ =
/// the mean number of the supplier's other items ordered at one order date; it costs the holding of
/// its quantity for the days it is early. Only items that would be ordered within an order cycle or
/// a review period join. A can-order policy (Balintfy 1964) whose can-order level follows from the
/// costs.
pub fn join_orders(context: &PlanContext<'_>, items: &mut [PlannedItem<'_>]) {
    if !context.settings.purchasing.joint_orders {
        return;
    }
    let sizes = SizeSettings::of(context.settings);
    let orders = Orders::group(items);
    let approved = approved_tonight(items);
    // What was approved goes out as an order, whatever else is on it.
    let recipients: BTreeSet<&Recipient> = orders.ordered.keys().chain(approved.keys()).collect();
    for recipient in recipients {
        let idle = orders.idle(recipient);
        let first = idle.first().map(|at| &items[*at].facts);
        let Some(order_cost) = first.and_then(|facts| facts.supplier_order_cost()) else {
            continue;
        };

        let rate = lines_at_one_date(items, &orders, recipient);
        for &at in idle {
            let others = (rate - ordered_share(&items[at].row)).max(0.0);
            let saved = order_cost * libm::exp(-others);
            if let Some(sizing) = joining(&items[at], &sizes, saved) {
                items[at].row.reason = Reason::JoinsOrder;
                items[at].row.sizing = Some(Box::new(sizing));
            }
        }
    }
}

/// What the item would order tonight, where being early costs less than what is saved.
fn joining(item: &PlannedItem<'_>, sizes: &SizeSettings, saved: f64) -> Option<Sizing> {
    let (facts, levels, stock) = (&item.facts, &item.row.levels, item.row.stock?);
    let unit_cost = facts.unit_cost?.to_f64();
    let early_days = days_to_need(&item.row, 0.0);
    if early_days > facts.order_cycle_days.max(f64::from(levels.review_period_days)) {
        return None;
    }

    let missing = levels.order_up_to_level - stock.inventory_position.to_f64();
    let needed = Fixed::from_f64(missing.ceil()).filter(|needed| *needed > Fixed::ZERO)?;
    let Verdict { reason, sizing } = size(facts, sizes, levels, &stock, needed);
    let sizing = sizing.filter(|_| reason == Reason::AtReorderPoint)?;

    let cost =
        sizes.holding_share * unit_cost * sizing.quantity.to_f64() * early_days / DAYS_PER_YEAR;
    (cost < saved).then_some(sizing)
}

/// Mean number of lines at one order date of a supplier.
fn lines_at_one_date(items: &[PlannedItem<'_>], orders: &Orders, recipient: &Recipient) -> f64 {
    let of_order = [orders.ordered.get(recipient), orders.idle.get(recipient)];
    of_order.into_iter().flatten().flatten().map(|at| ordered_share(&items[*at].row)).sum()
}

/// The share of order dates at which an item is ordered: its demand between two of them over its
/// usual order.
fn ordered_share(row: &PlanRow) -> f64 {
    let levels = &row.levels;
    let demand = levels.mean_daily_demand * f64::from(levels.review_period_days.max(1));
    let usual = (levels.order_up_to_level - levels.reorder_point).max(demand);

    if usual > 0.0 { (demand / usual).min(1.0) } else { 0.0 }
}
