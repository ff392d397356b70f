//! Which supplier delivers an item that several could deliver.

use crate::config::words::SupplierChoice;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::forecast::law::DemandLaw;

use super::decide::decide;
use super::facts::{ItemFacts, Seen, World, by_key, item, rows};
use super::offers::offers;
use super::row::{Decision, PlanRow};

const DAYS_PER_YEAR: f64 = 365.0;

/// The item's facts under the supplier that delivers it: the first, or under `supplier_choice =
/// "cost"` the cheapest.
///
/// Compared are, in base money, a year's purchases at the price of the usual order, its orders, the
/// holding of half an order and of the safety stock, and the shortage expected until the supplier
/// could deliver. A supplier whose order would be blocked, or whose cost is not known, is chosen
/// only where there is no other.
#[must_use]
pub fn choose<'a>(
    world: &World<'a>,
    key: &'a Key,
    seen: Seen,
    law: &DemandLaw<'_>,
) -> ItemFacts<'a> {
    let first = ItemFacts::gather(world, key, seen);
    if world.settings.purchasing.supplier_choice == SupplierChoice::Rank
        || first.supplied_by.is_some()
    {
        return first;
    }
    let place = by_key(rows(&world.tables.item_locations), key, |row| &row.key);
    let candidates = offers(item(world.tables, &key.sku), place, world.tables, &key.sku);
    if candidates.len() < 2 {
        return first;
    }
    let priced = candidates.into_iter().map(|offer| {
        let facts = ItemFacts::gather_from(world, key, seen, Some(offer));
        let row = decide(world, &facts, law, "", 0);
        let cost = yearly_cost(world, &facts, &row).filter(|_| row.decision != Decision::Blocked);
        (cost.unwrap_or(f64::INFINITY), facts)
    });
    // The first of equal ones: the tables' order stands.
    priced.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(first, |(_, facts)| facts)
}

fn yearly_cost(world: &World<'_>, facts: &ItemFacts<'_>, row: &PlanRow) -> Option<f64> {
    let levels = row.levels?;
    let yearly_units = levels.mean_daily_demand * DAYS_PER_YEAR;
    let offer = &facts.offer;
    let gap = (levels.order_up_to_level - levels.reorder_point).max(levels.mean_daily_demand);
    let usual =
        Fixed::from_f64(gap)?.max(offer.moq).max(Fixed::ONE).up_to_multiple(offer.pack_size);
    let unit_cost = facts.unit_cost_at(usual)?.to_f64() * facts.currency_rate?;
    let order_cost =
        offer.order_cost.map(Fixed::to_f64).or(world.settings.plan.order_cost).unwrap_or(0.0);
    let stock = levels.safety_stock.max(0.0) + 0.5 * usual.to_f64();
    let shortage = row.risk.and_then(|risk| risk.expected_short_value).unwrap_or(0.0);
    let orders = order_cost * yearly_units / usual.to_f64();
    Some(
        yearly_units * unit_cost
            + orders
            + world.settings.holding_share() * unit_cost * stock
            + shortage,
    )
}
