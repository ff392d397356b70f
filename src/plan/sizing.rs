//! From what an item needs to what its supplier delivers: minimum, pack, price break and limits,
//! each step kept.

use crate::config::words::PackRounding;
use crate::domain::finding::Code;
use crate::domain::fixed::Fixed;
use crate::inventory::policy::Policy;

use super::facts::{ItemFacts, World};
use super::row::{Decision, LevelView, Sizing, StockView};

const DAYS_PER_YEAR: f64 = 365.0;

/// The settings that sizes depend on.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Which way a quantity is rounded to packs.
    pub pack_rounding: PackRounding,
    /// What holding stock costs a year, as a share of its cost.
    pub holding_share: f64,
    /// What an order costs where no table says better.
    pub order_cost: f64,
}

impl Sizes {
    /// As the settings say.
    #[must_use]
    pub fn of(world: &World<'_>) -> Self {
        let settings = world.settings;
        Self {
            pack_rounding: settings.purchasing.pack_rounding,
            holding_share: settings.holding_share(),
            order_cost: settings.plan.order_cost.unwrap_or(0.0),
        }
    }
}

/// What the policy asks for, before minimum, pack and limits; whole units for an item sold in whole
/// units.
#[must_use]
pub fn needed_units(facts: &ItemFacts<'_>, levels: &LevelView, position: f64) -> Fixed {
    let short = match facts.policy {
        Policy::ReorderMultiple => {
            let multiple = (levels.order_up_to_level - levels.reorder_point).max(1e-4);
            ((levels.reorder_point - position) / multiple + 1.0).floor() * multiple
        }
        _ => levels.order_up_to_level - position,
    };
    // Six digits are enough to tell a whole number from the next; the rest is rounding of the
    // arithmetic.
    let short = Fixed::from_f64(short).unwrap_or_default();
    let is_whole = facts.offer.pack_size.is_whole() && facts.offer.moq.is_whole();
    if is_whole { short.up_to_multiple(Fixed::ONE) } else { short }
}

/// Pack, minimum, price break and limits, in this order; each step that changes the quantity is
/// kept.
///
/// Pack and MOQ say how much can be ordered, the price break when more is cheaper; maximum stock
/// and shelf life how much may be there, and `max_cover_days` how long it may last. Where they
/// cannot all hold, the limit holds: the order is cut to it and `gave_way` says what that costs,
/// or, where not even the least order fits, the item is blocked.
#[must_use]
pub fn size(
    facts: &ItemFacts<'_>,
    sizes: &Sizes,
    (levels, stock): (&LevelView, &StockView),
    needed: Fixed,
) -> (Decision, &'static str, Option<Sizing>) {
    let offer = &facts.offer;
    let mut sizing = Sizing::starting_with(needed);
    let (packed, name) = in_packs(needed, offer.pack_size, sizes.pack_rounding);
    sizing.step(name, packed);
    if sizing.quantity < offer.moq {
        sizing.step(format!("MOQ {}", offer.moq), offer.moq.up_to_multiple(offer.pack_size));
    }
    let room =
        upper_limit(facts, levels).map(|(name, limit)| (name, limit - stock.inventory_position));
    if let Some((least, unit_cost)) = cheaper_break(facts, sizes, levels, sizing.quantity) {
        let quantity = least.up_to_multiple(offer.pack_size);
        let fits = room.is_none_or(|(_, room)| quantity <= room);
        if fits && covers(levels, stock, quantity) <= facts.max_cover_days {
            sizing.step(format!("price break {least} at {unit_cost}"), quantity);
        }
    }
    if let Some((name, room)) = room.filter(|(_, room)| sizing.quantity > *room) {
        let pack = if offer.pack_size > Fixed::ZERO { offer.pack_size } else { Fixed::ONE };
        let fits = Fixed(room.or_zero().0.div_euclid(pack.0) * pack.0);
        if fits < offer.moq.max(Fixed(1)) {
            let reason =
                if name == "maximum stock" { "max_stock_reached" } else { "shelf_life_too_short" };
            return (Decision::Blocked, reason, Some(sizing));
        }
        sizing.gave_way = (fits < needed).then(|| {
            (Code::MaxStockGaveWay, format!("{needed} units are needed, {name} allows {fits}"))
        });
        sizing.step(name.to_owned(), fits);
    }
    if let Some(most) = Cover::of(facts, levels, stock).filter(|most| sizing.quantity > most.units)
    {
        let Some(fits) = most.fits else {
            return (Decision::Blocked, "cover_exceeds_limit", Some(sizing));
        };
        let days = facts.max_cover_days;
        sizing.gave_way = (fits < needed).then(|| {
            let message = format!(
                "{needed} units are needed for the target, {days:.0} days of cover allow {fits}"
            );
            (Code::CoverLimits, message)
        });
        sizing.step(format!("{days:.0} days of cover"), fits);
    }
    (Decision::Order, "at_reorder_point", Some(sizing))
}

/// The most that may be ordered for `max_cover_days` of mean demand.
struct Cover {
    /// Units that no cover forbids.
    units: Fixed,
    /// Whole packs of them, at least the least order; none where not even that is allowed.
    fits: Option<Fixed>,
}

impl Cover {
    /// An order covers at most `max_cover_days` of mean demand, beside what customers wait for; and
    /// it lifts the position to no more than what lasts that long from its arrival on, and one
    /// least order more, since what is ordered in packs does not stop at a line. A least order that
    /// alone covers more than the limit is none.
    fn of(facts: &ItemFacts<'_>, levels: &LevelView, stock: &StockView) -> Option<Self> {
        let least = least_order(facts);
        let cover = Fixed::from_f64(facts.max_cover_days * levels.mean_daily_demand)?;
        let reach = facts.max_cover_days
            + levels.lead_time_mean_days
            + f64::from(levels.review_period_days);
        let top = Fixed::from_f64(reach * levels.mean_daily_demand)? + least;
        let units = (cover + stock.backorders).min(top - stock.inventory_position);
        let pack =
            if facts.offer.pack_size > Fixed::ZERO { facts.offer.pack_size } else { Fixed::ONE };
        let shown = facts.item.and_then(|item| item.presentation_stock).unwrap_or_default();
        let asked = facts.min_stock.unwrap_or_default().max(shown) - stock.inventory_position;
        // Stock that is asked for by name is no matter of cover.
        let asked =
            if asked > Fixed::ZERO { asked.up_to_multiple(pack).max(least) } else { Fixed::ZERO };
        let units = units.max(asked);
        let fits = Fixed(units.or_zero().0.div_euclid(pack.0) * pack.0);
        Some(Self { units, fits: Some(fits).filter(|fits| *fits >= least) })
    }
}

/// The least that can be ordered of an item: its MOQ in whole packs, or one pack.
#[must_use]
pub fn least_order(facts: &ItemFacts<'_>) -> Fixed {
    let pack = if facts.offer.pack_size > Fixed::ZERO { facts.offer.pack_size } else { Fixed::ONE };
    facts.offer.moq.max(pack).up_to_multiple(pack)
}

/// Days of mean demand that a quantity covers; units that customers already wait for are no cover.
fn covers(levels: &LevelView, stock: &StockView, quantity: Fixed) -> f64 {
    let units = (quantity - stock.backorders).or_zero().to_f64();
    if units <= 0.0 { 0.0 } else { units / levels.mean_daily_demand }
}

/// A quantity in whole packs, at least one, and the name of the step.
fn in_packs(quantity: Fixed, pack: Fixed, rounding: PackRounding) -> (Fixed, String) {
    let up = quantity.up_to_multiple(pack);
    if pack <= Fixed::ZERO {
        return (quantity, String::new());
    }
    let down = Fixed(quantity.0.div_euclid(pack.0) * pack.0);
    match rounding {
        PackRounding::Up => (up, format!("pack {pack}")),
        PackRounding::Nearest => {
            let nearest = if quantity - down < up - quantity { down } else { up };
            (nearest.max(pack), format!("pack {pack} (nearest)"))
        }
        PackRounding::Down => (down.max(pack), format!("pack {pack} (down)")),
    }
}

/// The price break above the quantity, and its unit cost, by which a year costs least, where that
/// is less than by the quantity itself.
///
/// Yearly cost of ordering Q at unit cost c: D·c + K·D/Q + h·c·Q/2 (all-units discounts; Snyder &
/// Shen, *Fundamentals of Supply Chain Theory*, section 3.4).
fn cheaper_break(
    facts: &ItemFacts<'_>,
    sizes: &Sizes,
    levels: &LevelView,
    quantity: Fixed,
) -> Option<(Fixed, Fixed)> {
    if facts.breaks.is_empty() || quantity <= Fixed::ZERO {
        return None;
    }
    let yearly_units = levels.mean_daily_demand * DAYS_PER_YEAR;
    let order_cost = facts.offer.order_cost.map_or(sizes.order_cost, Fixed::to_f64);
    let rate = facts.currency_rate?;
    let cost = |quantity: Fixed, unit_cost: Fixed| {
        let (units, unit_cost) = (quantity.to_f64(), unit_cost.to_f64() * rate);
        yearly_units * unit_cost
            + order_cost * yearly_units / units
            + sizes.holding_share * unit_cost * units / 2.0
    };
    let now = cost(quantity, facts.unit_cost_at(quantity)?);
    facts
        .breaks
        .iter()
        .filter(|(least, _)| *least > quantity)
        .map(|&(least, unit_cost)| {
            (cost(least.up_to_multiple(facts.offer.pack_size), unit_cost), least, unit_cost)
        })
        .filter(|(yearly, _, _)| *yearly < now)
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
        .map(|(_, least, unit_cost)| (least, unit_cost))
}

/// The lowest limit on the inventory position after an order, and what sets it.
#[must_use]
pub fn upper_limit(facts: &ItemFacts<'_>, levels: &LevelView) -> Option<(&'static str, Fixed)> {
    let most = facts
        .max_stock
        .filter(|_| facts.policy != Policy::MinMax)
        .map(|most| ("maximum stock", most));
    let sellable = facts
        .item
        .and_then(|item| item.shelf_life_days)
        .filter(|days| *days > 0.0)
        .and_then(|days| {
            let units =
                Fixed::from_f64((days + levels.lead_time_mean_days) * levels.mean_daily_demand)?;
            Some(("shelf life", units))
        });
    [most, sellable].into_iter().flatten().min_by_key(|(_, limit)| *limit)
}
