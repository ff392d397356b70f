//! Which supplier delivers an item that several could deliver.

use crate::config::choices::SupplierChoice;
use crate::demand::prepare::PreparedItem;
use crate::domain::calendar::DAYS_PER_YEAR;
use crate::domain::fixed::Fixed;
use crate::forecast::demand_distribution::DemandDistribution;
use crate::plan::context::PlanContext;
use crate::plan::reason::Decision;

use super::decide::decide;
use super::facts::ItemFacts;
use super::offers::offers;
use super::row::PlanRow;

/// The item's facts under the supplier that delivers it: the first, or under `supplier_choice =
/// "cost"` the cheapest.
///
/// Compared are, in base money, a year's purchases at the price of the usual order, its orders, the
/// holding of half an order and of the safety stock, and the shortage expected until the supplier
/// could deliver. A supplier whose order would be blocked, or whose cost is not known, is chosen
/// only where there is no other.
#[must_use]
pub fn choose_supplier<'a>(
    context: &PlanContext<'a>,
    item: &PreparedItem,
    demand: &DemandDistribution,
) -> ItemFacts<'a> {
    let first = ItemFacts::gather(context, item);
    let is_ranked = context.settings.purchasing.supplier_choice == SupplierChoice::Rank;
    if is_ranked || first.supplied_by.is_some() {
        return first;
    }
    let candidates = offers(context.tables, &item.key);
    if candidates.len() < 2 {
        return first;
    }

    let priced = candidates.into_iter().map(|offer| {
        let facts = ItemFacts::gather_from(context, item, offer);
        let row = decide(context, &facts, demand, "");
        let cost = yearly_cost(context, &facts, &row);
        let cost = cost.filter(|_| row.decision() != Decision::Blocked);
        (cost.unwrap_or(f64::INFINITY), facts)
    });

    // The first of equal ones: the tables' order stands.
    priced.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(first, |(_, facts)| facts)
}

/// What a year with this supplier costs in base money; `None` where its unit cost is not known.
fn yearly_cost(context: &PlanContext<'_>, facts: &ItemFacts<'_>, row: &PlanRow) -> Option<f64> {
    let (levels, offer) = (&row.levels, &facts.offer);
    let yearly_units = levels.mean_daily_demand * DAYS_PER_YEAR;
    let gap = (levels.order_up_to_level - levels.reorder_point).max(levels.mean_daily_demand);
    let usual_order =
        Fixed::from_f64(gap)?.max(offer.moq).max(Fixed::ONE).up_to_multiple(offer.pack_size);
    let unit_cost = facts.unit_cost_at(usual_order)?.to_f64() * facts.currency_rate.get()?;

    let orders = facts.order_cost.get().unwrap_or(0.0) * yearly_units / usual_order.to_f64();
    let stock_units = levels.safety_stock.max(0.0) + 0.5 * usual_order.to_f64();
    let holding = context.settings.holding_share() * unit_cost * stock_units;
    let shortage = row.risk.and_then(|risk| risk.expected_short_value.get()).unwrap_or(0.0);

    Some(yearly_units * unit_cost + orders + holding + shortage)
}
