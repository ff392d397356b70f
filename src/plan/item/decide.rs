//! Levels, risk and the decision of one item.

use crate::config::choices::MissingStock;
use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::optional_real::OptionalReal;
use crate::domain::policy::Policy;
use crate::domain::tables::ItemStatus;
use crate::domain::target::{ChargeEvery, CostPeriod, CostRates, CostTarget, CostUnit, Target};
use crate::forecast::demand_distribution::DemandDistribution;
use crate::inventory::known_demand::KnownDemand;
use crate::inventory::levels::{LevelSettings, Levels, levels};
use crate::inventory::lost_sales::{Holdings, LostSalesPrices, lost_sales_order};
use crate::inventory::risk::{Exposure, Incoming, expected_short_units, risk};
use crate::plan::context::PlanContext;
use crate::plan::reason::Reason;

use super::facts::{ItemFacts, OpenLineFacts};
use super::last_buy::until_end;
use super::launch_limit::within_launches;
use super::lots::lots;
use super::moq_and_packs::{SizeSettings, Verdict, needed_units, size};
use super::row::{LevelView, PlanRow, RiskView, StockView};

/// Days over which the rate that goes on is taken. Judgement: four weeks hold each weekday four
/// times.
const MEAN_DAYS: u32 = 28;
/// Part of `max_cover_days` that a gap between reorder point and order-up-to level may last.
/// Judgement: an economic order quantity of a cheap slow mover may last for years.
const GAP_SHARE_OF_COVER: f64 = 0.5;
/// A line is a call-off beyond so many times the [`CALL_OFF_LEVEL`] quantile of the lead time. The
/// contract states both: no supplier that delivers at all confirms so late.
const CALL_OFF_LEAD_TIMES: f64 = 2.0;
/// Level of that quantile.
const CALL_OFF_LEVEL: f64 = 0.99;
/// Days within which stock-out dates are told at least, whatever the bucket and the horizon of the
/// forecast: the contract's.
const MIN_DATE_DAYS: u32 = 91;

/// Plans one item: what it needs, what threatens it, and whether an order is written tonight.
/// `demand` is the item's, with that of the locations it supplies.
#[must_use]
pub fn decide(
    context: &PlanContext<'_>,
    facts: &ItemFacts<'_>,
    demand: &DemandDistribution,
    model: &'static str,
) -> PlanRow {
    let settings = level_settings(context, facts, demand);
    let mut levels = lasting_levels(facts, demand, &settings);
    let stock = stock_view(context, facts, &levels);
    if let Some((stock, prices)) = stock.zip(settings.lost_sales_prices(demand, &facts.supply)) {
        levels = counting_on_lost_sales(facts, demand, prices, &stock, levels);
    }
    let levels = within_launches(facts, levels);
    let levels = until_end(context, facts, demand, stock.as_ref(), levels);

    let is_asked_for = |stock: &StockView| !facts.never_sold || stock.backorders > Fixed::ZERO;
    let exposed = stock.filter(|stock| facts.has_history && is_asked_for(stock));
    let known = KnownDemand::of(demand);
    let risk = exposed.map(|stock| risk_view(context, facts, &known, &stock));

    let Verdict { reason, sizing } = verdict(context, facts, &levels, stock.as_ref());
    let mut row = PlanRow {
        reason,
        model: model.into(),
        levels,
        stock,
        risk,
        sizing: sizing.map(Box::new),
        order_day: context.as_of.saturating_add_unsigned(facts.supply.first_order_day),
        requested_day: usual_arrival_day(context, facts),
        waiting_cost: OptionalReal::default(),
    };
    if row.is_ordered() && waits_may_be_compared(context, facts) {
        row.waiting_cost = stock.and_then(|stock| waiting_cost(facts, &known, &stock)).into();
    }

    row
}

/// The levels that the item is kept at whatever its stock is: without what is counted on to be lost
/// and without the end of its sale.
#[must_use]
pub fn usual_levels(
    context: &PlanContext<'_>,
    facts: &ItemFacts<'_>,
    demand: &DemandDistribution,
) -> LevelView {
    levels_at(context, facts, facts.target, demand)
}

/// The same for another target of the same kind.
#[must_use]
pub fn levels_at(
    context: &PlanContext<'_>,
    facts: &ItemFacts<'_>,
    target: Target,
    demand: &DemandDistribution,
) -> LevelView {
    let settings = LevelSettings { target, ..level_settings(context, facts, demand) };
    within_launches(facts, lasting_levels(facts, demand, &settings))
}

/// The levels by the target alone.
fn lasting_levels(
    facts: &ItemFacts<'_>,
    demand: &DemandDistribution,
    settings: &LevelSettings,
) -> LevelView {
    let supply = facts.next_supply.as_deref().unwrap_or(&facts.supply);
    level_view(facts, &levels(demand, supply, settings), demand)
}

/// The decision of a later night on levels that were set before, for the stock of that night: the
/// units to order.
#[must_use]
pub fn redecide(
    context: &PlanContext<'_>,
    facts: &ItemFacts<'_>,
    levels: &LevelView,
) -> Option<Fixed> {
    let stock = stock_view(context, facts, levels);
    let Verdict { reason, sizing } = verdict(context, facts, levels, stock.as_ref());

    let is_ordered = matches!(reason, Reason::AtReorderPoint | Reason::LastBuy);
    sizing.filter(|_| is_ordered).map(|sizing| sizing.quantity)
}

/// Day on which an order of the first order date usually arrives: one on which its supplier works.
fn usual_arrival_day(context: &PlanContext<'_>, facts: &ItemFacts<'_>) -> Day {
    let days = f64::from(facts.supply.first_order_day) + facts.supply.lead_time.mean().round();
    let day = context.as_of + days as Day;
    context.open_days(&facts.offer.supplier).map_or(day, |open_days| open_days.first_from(day))
}

/// Whether a budget or a minimum order value weighs ordering tonight against waiting.
fn waits_may_be_compared(context: &PlanContext<'_>, facts: &ItemFacts<'_>) -> bool {
    context.settings.purchasing.has_budget()
        || facts.offer.row.is_some_and(|row| row.min_order_value.is_some())
}

fn level_settings(
    context: &PlanContext<'_>,
    facts: &ItemFacts<'_>,
    demand: &DemandDistribution,
) -> LevelSettings {
    let (cost, price) = (facts.unit_cost.map(Fixed::to_f64), facts.unit_price.map(Fixed::to_f64));
    let plan = &context.settings.plan;
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
                charge_every: ChargeEvery::Day,
            };
            year.ratio_only()
        }),
    };
    let stated =
        facts.min_stock.zip(facts.max_stock).map(|(least, most)| (least.to_f64(), most.to_f64()));
    LevelSettings {
        policy: facts.policy,
        unmet_demand: facts.unmet_demand,
        order_cycle_days: facts.order_cycle_days,
        max_gap_units: max_gap_units(facts, demand),
        order_multiple_units: facts.offer.pack_size.max(facts.offer.moq).or_zero().to_f64(),
        stated_levels: stated,
        costs,
        order_cost: facts.order_cost.get().filter(|_| costs.is_some()),
        lost_unit_weight: facts.lost_unit_weight.get(),
        charge_every_days: match facts.target {
            Target::Cost(cost) => cost.charge_every.days(),
            _ => ChargeEvery::Day.days(),
        },
        ..LevelSettings::new(facts.target)
    }
}

/// The most that may lie between reorder point and order-up-to level, in units.
fn max_gap_units(facts: &ItemFacts<'_>, demand: &DemandDistribution) -> f64 {
    match facts.policy {
        Policy::ReorderUpTo | Policy::MinMax => {
            let lasting_per_day = demand.lasting_mean(0, MEAN_DAYS) / f64::from(MEAN_DAYS);
            (GAP_SHARE_OF_COVER * facts.max_cover_days * lasting_per_day).ceil().max(1.0)
        }
        Policy::ReorderMultiple | Policy::UpToLevel => f64::INFINITY,
    }
}

/// Levels as written: those found, or what the planner states in their place, with presentation
/// stock on top.
fn level_view(facts: &ItemFacts<'_>, found: &Levels, demand: &DemandDistribution) -> LevelView {
    let gap = (found.order_up_to_level - found.reorder_point).max(0.0);
    let (wanted, gap) = if facts.never_sold { (0.0, 0.0) } else { (found.reorder_point, gap) };

    let presented = facts.item.and_then(|item| item.presentation_stock);
    let presented = presented.map_or(0.0, Fixed::to_f64);
    let wanted = wanted + presented;
    let (min, max) = (facts.min_stock.map(Fixed::to_f64), facts.max_stock.map(Fixed::to_f64));
    let (reorder_point, order_up_to_level) = match (facts.policy, min, max) {
        (Policy::MinMax, Some(min), Some(max)) => ((min + presented).min(max), max),
        (Policy::MinMax, Some(min), None) => (min + presented, min + presented + gap),
        (Policy::MinMax, None, Some(max)) => (wanted.min(max), max),
        _ => {
            let reorder_point = wanted.max(min.unwrap_or(0.0));
            (reorder_point, reorder_point + gap)
        }
    };

    LevelView {
        mean_daily_demand: demand.mean_per_day(),
        lead_time_mean_days: facts.supply.lead_time.mean(),
        lead_time_sd_days: facts.supply.lead_time.sd(),
        review_period_days: facts.supply.review_period_days,
        protection_days: found.protection_days,
        protection_demand_mean: found.protection_demand_mean,
        safety_stock: found.safety_stock + (reorder_point - found.reorder_point),
        reorder_point,
        order_up_to_level,
        expected_lost_units: OptionalReal::default(),
        launch_cut: None,
        ending: None,
    }
}

/// Where demand without stock is lost, the level follows from what is on hand and on its way: the
/// position plus the order that costs least.
fn counting_on_lost_sales(
    facts: &ItemFacts<'_>,
    demand: &DemandDistribution,
    prices: LostSalesPrices,
    stock: &StockView,
    levels: LevelView,
) -> LevelView {
    let incoming = incoming(facts);
    let holdings = Holdings { stock_units: stock.free().to_f64(), incoming: &incoming };
    let order = lost_sales_order(demand, &facts.supply, holdings, prices);
    let min_stock = facts.min_stock.map_or(0.0, Fixed::to_f64);
    let top = (stock.inventory_position.to_f64() + order.quantity_units).max(min_stock);

    LevelView {
        safety_stock: levels.safety_stock + (top - levels.order_up_to_level),
        reorder_point: top,
        order_up_to_level: top,
        expected_lost_units: order.lost_before_arrival_units.into(),
        ..levels
    }
}

/// Open lines that are expected to come.
#[must_use]
pub fn incoming(facts: &ItemFacts<'_>) -> Vec<Incoming> {
    let orders: Vec<_> =
        facts.open_lines.iter().map(|line| (&line.row.supplier, line.ordered_on)).collect();
    let lots = lots(&orders, (&facts.offer.supplier, facts.order_day));
    let line = |(line, lot): (&OpenLineFacts<'_>, u32)| {
        let arrival = line.arrival.clone()?;
        Some(Incoming { units: line.row.quantity.to_f64(), arrival, lot })
    };

    facts.open_lines.iter().zip(lots).filter_map(line).collect()
}

/// Stock, netted; `None` where it is unknown.
fn stock_view(
    context: &PlanContext<'_>,
    facts: &ItemFacts<'_>,
    levels: &LevelView,
) -> Option<StockView> {
    let is_unknown = context.tables.stock.is_none()
        && context.settings.plan.missing_stock == MissingStock::Unknown;
    if is_unknown || facts.is_stock_unreadable {
        return None;
    }

    let counted = facts.stock.map_or(Fixed::ZERO, |stock| stock.on_hand);
    let given = facts.backorders.or(facts.stock.and_then(|stock| stock.backorders));
    // A negative count says that so many units were promised and are not there.
    let backorders = given.unwrap_or(-Fixed::of_steps(counted.steps().min(0)));
    let allocated = facts.stock.map_or(Fixed::ZERO, |stock| stock.allocated);

    let (mut on_order, mut on_order_later) = (Fixed::ZERO, Fixed::ZERO);
    for line in facts.open_lines.iter().filter(|line| line.arrival.is_some()) {
        if is_call_off(context, facts, line, levels) {
            on_order_later += line.row.quantity;
        } else {
            on_order += line.row.quantity;
        }
    }

    let on_hand = counted.or_zero();
    let inventory_position = on_hand - allocated - backorders + on_order;
    Some(StockView { on_hand, allocated, backorders, on_order, on_order_later, inventory_position })
}

/// Whether an open line was ordered for a day far ahead: it is due after what is ordered now could
/// come, and was so from its first day by more than any delay explains. Any other line counts
/// whenever it is expected: a supplier that confirms late would else be asked for the same need
/// every night.
#[must_use]
pub fn is_call_off(
    context: &PlanContext<'_>,
    facts: &ItemFacts<'_>,
    line: &OpenLineFacts<'_>,
    levels: &LevelView,
) -> bool {
    let lead_time = &facts.supply.lead_time;
    let review_days = f64::from(levels.review_period_days);
    let reach_days =
        f64::from(facts.supply.first_order_day) + review_days + levels.lead_time_mean_days;
    let due_days = f64::from(line.expected_on) - f64::from(context.as_of);
    let planned_days = f64::from(line.expected_on) - f64::from(line.ordered_on);
    let longest_wait = CALL_OFF_LEAD_TIMES * f64::from(lead_time.quantile(CALL_OFF_LEVEL));

    due_days > reach_days && planned_days > longest_wait + review_days + facts.order_cycle_days
}

fn risk_view(
    context: &PlanContext<'_>,
    facts: &ItemFacts<'_>,
    known: &KnownDemand<'_, DemandDistribution>,
    stock: &StockView,
) -> RiskView {
    let incoming = incoming(facts);
    let next_order = facts.supply.lead_time.later(facts.supply.first_order_day);
    let exposure = Exposure {
        stock_units: stock.free().to_f64(),
        incoming: &incoming,
        next_order: &next_order,
        horizon_days: known.demand().horizon_days().max(MIN_DATE_DAYS),
    };
    let found = risk(known, &exposure);

    let short_units = found.expected_short_units;
    let mean = known.demand().mean_per_day();
    RiskView {
        stockout_probability: found.stockout_probability,
        expected_short_units: short_units,
        expected_short_value: facts.worth_short().map(|worth| short_units * worth.to_f64()).into(),
        stockout_dates: found
            .stockout_days
            .map(|days| days.map(|days| context.as_of + days as Day)),
        days_of_supply: (mean > 0.0).then(|| stock.free().or_zero().to_f64() / mean).into(),
    }
}

/// What it costs, in base money, to order on the next order date instead of tonight: the units that
/// are short between the arrivals of the two orders, and those that customers wait for already.
/// `None` where no price is known.
fn waiting_cost(
    facts: &ItemFacts<'_>,
    known: &KnownDemand<'_, DemandDistribution>,
    stock: &StockView,
) -> Option<f64> {
    let margin = facts.margin()?.to_f64();
    let incoming = incoming(facts);
    let stock_units = stock.free().to_f64();
    let short_until = |later_days: u32| {
        let order_day = facts.supply.first_order_day + later_days;
        let next_order = facts.supply.lead_time.later(order_day);
        let exposure =
            Exposure { stock_units, incoming: &incoming, next_order: &next_order, horizon_days: 0 };
        expected_short_units(known, &exposure)
    };

    let review_days = facts.supply.review_period_days.max(1);
    let short = (short_until(review_days) - short_until(0)).max(0.0);
    let owed = -(stock.on_hand + stock.on_order - stock.allocated - stock.backorders);

    Some(margin * (short + owed.or_zero().to_f64()))
}

/// Whether an order is written, and why not where it is not.
fn verdict(
    context: &PlanContext<'_>,
    facts: &ItemFacts<'_>,
    levels: &LevelView,
    stock: Option<&StockView>,
) -> Verdict {
    if context.tables.bundles.unresolved.contains(&*facts.key.sku) {
        return Reason::ComponentsUnresolved.into();
    }
    if context.tables.items.is_some() && facts.item.is_none() {
        return Reason::UnknownItem.into();
    }
    match facts.status(context.as_of) {
        ItemStatus::PhaseOut => return Reason::PhaseOut.into(),
        ItemStatus::Discontinued => return Reason::Discontinued.into(),
        ItemStatus::Active | ItemStatus::New => {}
    }
    if facts.is_replaced {
        return Reason::Replaced.into();
    }
    if facts.at_location.is_some_and(|row| !row.active) {
        return Reason::NotStockedHere.into();
    }
    if facts.is_stock_unreadable {
        return Reason::StockUnreadable.into();
    }
    let Some(stock) = stock else { return Reason::NoStockRecord.into() };
    if !facts.has_history {
        return Reason::NoHistory.into();
    }

    let position = stock.inventory_position.to_f64();
    let is_below = match facts.policy {
        _ if levels.last_order().is_some() => {
            position <= levels.reorder_point && position < levels.order_up_to_level
        }
        Policy::UpToLevel => position < levels.order_up_to_level,
        _ => position <= levels.reorder_point,
    };
    if !is_below {
        return Reason::AboveReorderPoint.into();
    }
    let needed = needed_units(facts, levels, position);
    if needed <= Fixed::ZERO {
        return Reason::NoDemand.into();
    }

    if facts.currency_rate.get().is_none() {
        return Reason::NoCurrencyRate.into();
    }
    let sized = size(facts, &SizeSettings::of(context.settings), levels, stock, needed);
    match sized.reason {
        // What would be ordered if tonight were an order date.
        Reason::AtReorderPoint | Reason::LastBuy if facts.supply.first_order_day > 0 => {
            Verdict { reason: Reason::NotOrderDay, ..sized }
        }
        _ => sized,
    }
}
