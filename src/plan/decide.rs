//! Levels, risk and the decision of one item.

use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::tables::{ItemStatus, OpenOrder};
use crate::forecast::law::DemandLaw;
use crate::inventory::levels::{LevelSettings, Levels, levels};
use crate::inventory::lost_sales::{Holdings, LostSalesPrices, lost_sales_order};
use crate::inventory::policy::Policy;
use crate::inventory::risk::{Exposure, Incoming, expected_short_units, risk};
use crate::inventory::target::{CostPeriod, CostRates, CostTarget, CostUnit, Target};

use super::facts::{ItemFacts, OpenLineFacts, World};
use super::row::{Decision, LevelView, PlanRow, RiskView, Sizing, StockView};
use super::sizing::{Sizes, needed_units, size};
use crate::config::words::MissingStock;

/// Days over which the rate that goes on is taken.
const MEAN_DAYS: u32 = 28;

/// Plans one item: what it needs, what threatens it, and whether an order is written tonight.
#[must_use]
pub fn decide(
    world: &World<'_>,
    facts: &ItemFacts<'_>,
    law: &DemandLaw<'_>,
    model: &str,
    panel_item: usize,
) -> PlanRow {
    let settings = level_settings(world, facts);
    let found = levels(law, &facts.supply, &settings);
    let mut levels = level_view(facts, &found, law);
    let stock = stock_view(world, facts, &levels);
    if let Some((stock, prices)) = stock.zip(settings.lost_sales_prices(&facts.supply)) {
        count_on_lost_sales(facts, law, prices, (&stock, &mut levels));
    }
    let is_asked_for = |stock: &StockView| !facts.never_sold || stock.backorders > Fixed::ZERO;
    let risk = stock.filter(|stock| facts.has_history && is_asked_for(stock));
    let risk = risk.map(|stock| risk_view(world, facts, law, &stock));
    let (decision, reason, sizing) = verdict(world, facts, &levels, stock.as_ref());
    let compared = world.settings.purchasing.budget.is_some()
        || facts.offer.row.is_some_and(|row| row.min_order_value.is_some());
    let waiting_cost = stock
        .filter(|_| decision == Decision::Order && compared)
        .and_then(|stock| waiting_cost(facts, law, &stock));
    let arrival = f64::from(facts.supply.first_order_day) + facts.supply.lead_time.mean().round();
    PlanRow {
        key: facts.key.clone(),
        panel_item: Some(panel_item),
        supplier: facts.offer.supplier.clone(),
        decision,
        reason,
        model: model.to_owned(),
        classes: Some(facts.classes),
        levels: Some(levels),
        stock,
        risk,
        policy: facts.policy,
        target: facts.target,
        sizing,
        unit_cost: facts.unit_cost,
        unit_price: facts.unit_price,
        requested_day: world.as_of + arrival as Day,
        waiting_cost,
    }
}

/// The decision of a later night on levels that were set before, for the stock of that night: the
/// units to order.
#[must_use]
pub fn redecide(world: &World<'_>, facts: &ItemFacts<'_>, levels: &LevelView) -> Option<Fixed> {
    let stock = stock_view(world, facts, levels);
    match verdict(world, facts, levels, stock.as_ref()) {
        (Decision::Order, _, Some(sizing)) => Some(sizing.quantity),
        _ => None,
    }
}

fn level_settings(world: &World<'_>, facts: &ItemFacts<'_>) -> LevelSettings {
    let (cost, price) = (facts.unit_cost.map(Fixed::to_f64), facts.unit_price.map(Fixed::to_f64));
    let plan = &world.settings.plan;
    let holding = plan
        .holding_cost_per_year
        .zip(cost)
        .map(|(share, cost)| share * cost)
        .filter(|yearly| *yearly > 0.0);
    let costs: Option<CostRates> = match facts.target {
        Target::Cost(target) => target.rates(cost, price),
        // For the economic order quantity only the holding cost matters.
        _ => holding.map(|holding| {
            let year = CostTarget {
                holding,
                shortage: holding,
                per: CostPeriod::Year,
                unit: CostUnit::Money,
            };
            year.ratio_only()
        }),
    };
    let stated =
        facts.min_stock.zip(facts.max_stock).map(|(least, most)| (least.to_f64(), most.to_f64()));
    let order_cost = facts.offer.order_cost.map(Fixed::to_f64).or(plan.order_cost);
    LevelSettings {
        policy: facts.policy,
        unmet_demand: facts.unmet_demand,
        order_cycle_days: facts.order_cycle_days,
        order_multiple_units: facts.offer.pack_size.max(facts.offer.moq).or_zero().to_f64(),
        stated_levels: stated,
        costs,
        order_cost: order_cost.filter(|_| costs.is_some()),
        lost_unit_weight: facts.lost_unit_weight,
        charge_every_days: world.settings.calendar.mean_days().round() as u32,
        ..LevelSettings::new(facts.target)
    }
}

/// Levels as written, with the item's own minimum and presentation stock on top.
fn level_view(facts: &ItemFacts<'_>, found: &Levels, law: &DemandLaw<'_>) -> LevelView {
    // An economic order quantity of a cheap slow mover may last for years; half the longest cover
    // is enough.
    let lasting_per_day = law.lasting_mean(0, MEAN_DAYS) / f64::from(MEAN_DAYS);
    let longest = (0.5 * facts.max_cover_days * lasting_per_day).ceil().max(1.0);
    let gap = (found.order_up_to_level - found.reorder_point).max(0.0);
    let gap = if facts.policy == Policy::ReorderUpTo { gap.min(longest) } else { gap };
    let (wanted, gap) = if facts.never_sold { (0.0, 0.0) } else { (found.reorder_point, gap) };
    let shown = facts.item.and_then(|item| item.presentation_stock).map_or(0.0, Fixed::to_f64);
    let least = match facts.policy {
        Policy::MinMax => 0.0,
        _ => facts.min_stock.map_or(0.0, Fixed::to_f64),
    };
    let reorder_point = (wanted + shown).max(least);
    LevelView {
        mean_daily_demand: law.mean_per_day(),
        lead_time_mean_days: facts.supply.lead_time.mean(),
        lead_time_sd_days: facts.supply.lead_time.sd(),
        review_period_days: facts.supply.review_period_days,
        protection_days: found.protection_days,
        protection_demand_mean: found.protection_demand_mean,
        safety_stock: found.safety_stock + (reorder_point - found.reorder_point),
        reorder_point,
        order_up_to_level: reorder_point + gap,
        expected_lost_units: None,
    }
}

/// Where demand without stock is lost, the level follows from what is on hand and on its way: the
/// position plus the order that costs least.
fn count_on_lost_sales(
    facts: &ItemFacts<'_>,
    law: &DemandLaw<'_>,
    prices: LostSalesPrices,
    (stock, levels): (&StockView, &mut LevelView),
) {
    let incoming = incoming(facts);
    let free = (stock.on_hand - stock.allocated - stock.backorders).to_f64();
    let order = lost_sales_order(
        law,
        &facts.supply,
        Holdings { stock_units: free, incoming: &incoming },
        prices,
    );
    let least = facts.min_stock.map_or(0.0, Fixed::to_f64);
    let top = (stock.inventory_position.to_f64() + order.quantity_units).max(least);
    levels.safety_stock += top - levels.order_up_to_level;
    (levels.reorder_point, levels.order_up_to_level) = (top, top);
    levels.expected_lost_units = Some(order.lost_before_arrival_units);
}

/// Open lines that are expected to come.
fn incoming(facts: &ItemFacts<'_>) -> Vec<Incoming> {
    let line = |line: &OpenLineFacts<'_>| {
        line.arrival.clone().map(|arrival| Incoming { units: line.row.quantity.to_f64(), arrival })
    };
    facts.open_lines.iter().filter_map(line).collect()
}

/// Stock, netted; none where it is unknown.
fn stock_view(world: &World<'_>, facts: &ItemFacts<'_>, levels: &LevelView) -> Option<StockView> {
    if world.tables.stock.is_none() && world.settings.plan.missing_stock == MissingStock::Unknown {
        return None;
    }
    let counted = facts.stock.map_or(Fixed::ZERO, |stock| stock.on_hand);
    let given = facts.backorders.or(facts.stock.and_then(|stock| stock.backorders));
    let backorders = given.unwrap_or(-Fixed(counted.0.min(0)));
    let allocated = facts.stock.map_or(Fixed::ZERO, |stock| stock.allocated);
    let reach = f64::from(facts.supply.first_order_day + levels.review_period_days)
        + levels.lead_time_mean_days;
    let (mut on_order, mut on_order_later) = (Fixed::ZERO, Fixed::ZERO);
    for line in &facts.open_lines {
        let Some(arrival) = &line.arrival else { continue };
        let due = if line.row.expected_on < world.as_of {
            arrival.mean()
        } else {
            expected_in(line.row, world.as_of)
        };
        if due < reach {
            on_order += line.row.quantity
        } else {
            on_order_later += line.row.quantity
        }
    }
    let on_hand = counted.or_zero();
    let inventory_position = on_hand - allocated - backorders + on_order;
    Some(StockView { on_hand, allocated, backorders, on_order, on_order_later, inventory_position })
}

fn expected_in(line: &OpenOrder, as_of: Day) -> f64 {
    f64::from(line.expected_on) - f64::from(as_of)
}

fn risk_view(
    world: &World<'_>,
    facts: &ItemFacts<'_>,
    law: &DemandLaw<'_>,
    stock: &StockView,
) -> RiskView {
    let free = stock.on_hand - stock.allocated - stock.backorders;
    let incoming = incoming(facts);
    let next_order = facts.supply.lead_time.later(facts.supply.first_order_day);
    let exposure = Exposure {
        stock_units: free.to_f64(),
        incoming: &incoming,
        next_order: &next_order,
        horizon_days: law.horizon_days(),
    };
    let found = risk(law, &exposure);
    let mean = law.mean_per_day();
    let margin = facts.margin();
    RiskView {
        stockout_probability: found.stockout_probability,
        expected_short_units: found.expected_short_units,
        expected_short_value: margin.map(|margin| found.expected_short_units * margin.to_f64()),
        stockout_dates: found.stockout_days.map(|days| days.map(|days| world.as_of + days as Day)),
        days_of_supply: (mean > 0.0).then(|| free.or_zero().to_f64() / mean),
    }
}

/// What it costs, in money, to order on the next order date instead of tonight: the units that are
/// short between the arrivals of the two orders, and those that customers wait for already. None
/// where no price is known.
fn waiting_cost(facts: &ItemFacts<'_>, law: &DemandLaw<'_>, stock: &StockView) -> Option<f64> {
    let margin = facts.margin()?.to_f64();
    let incoming = incoming(facts);
    let free = (stock.on_hand - stock.allocated - stock.backorders).to_f64();
    let short_until = |later: u32| {
        let next_order = facts.supply.lead_time.later(facts.supply.first_order_day + later);
        let exposure = Exposure {
            stock_units: free,
            incoming: &incoming,
            next_order: &next_order,
            horizon_days: 0,
        };
        expected_short_units(law, &exposure)
    };
    let short = (short_until(facts.supply.review_period_days.max(1)) - short_until(0)).max(0.0);
    let waiting =
        (-(stock.on_hand + stock.on_order - stock.allocated - stock.backorders)).or_zero().to_f64();
    Some(margin * (short + waiting))
}

/// Whether an order is written, and why not where it is not.
fn verdict(
    world: &World<'_>,
    facts: &ItemFacts<'_>,
    levels: &LevelView,
    stock: Option<&StockView>,
) -> (Decision, &'static str, Option<Sizing>) {
    let status = facts.status(world.as_of);
    if world.tables.items.is_some() && facts.item.is_none() {
        return (Decision::Blocked, "unknown_item", None);
    }
    match status {
        ItemStatus::PhaseOut => return (Decision::NoNeed, "phase_out", None),
        ItemStatus::Discontinued => return (Decision::NoNeed, "discontinued", None),
        ItemStatus::Active | ItemStatus::New => {}
    }
    if facts.place.is_some_and(|place| !place.active) {
        return (Decision::NoNeed, "not_stocked_here", None);
    }
    let Some(stock) = stock else { return (Decision::Blocked, "no_stock_record", None) };
    if !facts.has_history {
        return (Decision::Blocked, "no_history", None);
    }
    let position = stock.inventory_position.to_f64();
    let is_below = match facts.policy {
        Policy::UpToLevel => position < levels.order_up_to_level,
        _ => position <= levels.reorder_point,
    };
    if !is_below {
        return (Decision::NoNeed, "above_reorder_point", None);
    }
    let needed = needed_units(facts, levels, position);
    if needed <= Fixed::ZERO {
        return (Decision::NoNeed, "no_demand", None);
    }
    if facts.supply.first_order_day > 0 {
        return (Decision::NoNeed, "not_order_day", None);
    }
    if facts.currency_rate.is_none() {
        return (Decision::Blocked, "no_currency_rate", None);
    }
    size(facts, &Sizes::of(world), (levels, stock), needed)
}
