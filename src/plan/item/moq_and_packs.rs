//! From what an item needs to what its supplier delivers: pack, minimum, price break and limits,
//! each step kept.

use crate::config::Settings;
use crate::config::choices::PackRounding;
use crate::domain::calendar::DAYS_PER_YEAR;
use crate::domain::finding::Code;
use crate::domain::fixed::Fixed;
use crate::domain::policy::Policy;
use crate::domain::wording::counted;
use crate::plan::context::PriceStep;
use crate::plan::reason::Reason;

use super::facts::ItemFacts;
use super::row::{LevelView, Sizing, StockView};

/// What was decided for an item, and how its order was sized.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Why it was decided so.
    pub reason: Reason,
    /// How the order was sized; `None` where nothing was sized.
    pub sizing: Option<Sizing>,
}

impl From<Reason> for Verdict {
    fn from(reason: Reason) -> Self {
        Self { reason, sizing: None }
    }
}

/// The settings that sizes depend on.
#[derive(Debug, Clone, Copy)]
pub struct SizeSettings {
    /// Which way a quantity is rounded to packs.
    pub pack_rounding: PackRounding,
    /// What holding stock costs a year, as a share of its cost.
    pub holding_share: f64,
    /// What an order costs where no table says better, base currency.
    pub order_cost: f64,
}

impl SizeSettings {
    /// As the settings say.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        Self {
            pack_rounding: settings.purchasing.pack_rounding,
            holding_share: settings.holding_share(),
            order_cost: settings.plan.order_cost.unwrap_or(0.0),
        }
    }
}

/// A limit on the inventory position after an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpperLimit {
    /// `max_stock` of the item or its location.
    MaxStock(Fixed),
    /// What can be sold before it spoils.
    ShelfLife(Fixed),
}

impl UpperLimit {
    /// The limit, in units.
    #[must_use]
    pub fn units(self) -> Fixed {
        match self {
            Self::MaxStock(units) | Self::ShelfLife(units) => units,
        }
    }

    /// Its name in the arithmetic of an order.
    fn name(self) -> &'static str {
        match self {
            Self::MaxStock(_) => "maximum stock",
            Self::ShelfLife(_) => "shelf life",
        }
    }

    /// The reason of an item that it leaves no room for.
    fn reason(self) -> Reason {
        match self {
            Self::MaxStock(_) => Reason::MaxStockReached,
            Self::ShelfLife(_) => Reason::ShelfLifeTooShort,
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
/// cannot all hold, the limit holds: the order is cut to it and `unmet_constraint` says what that
/// costs, or, where not even the least order fits, the item is blocked.
#[must_use]
pub fn size(
    facts: &ItemFacts<'_>,
    settings: &SizeSettings,
    levels: &LevelView,
    stock: &StockView,
    needed: Fixed,
) -> Verdict {
    let offer = &facts.offer;
    let mut sizing = Sizing::starting_with(needed);
    let (packed, name) = in_packs(needed, offer.pack_size, settings.pack_rounding);
    sizing.step(name, packed);
    if sizing.quantity < offer.moq {
        sizing.step(format!("MOQ {}", offer.moq), offer.moq.up_to_multiple(offer.pack_size));
    }

    let limit = upper_limit(facts, levels);
    let room = limit.map(|limit| limit.units() - stock.inventory_position);
    if let Some((min_units, unit_cost)) = cheaper_break(facts, settings, levels, sizing.quantity) {
        let quantity = min_units.up_to_multiple(offer.pack_size);
        let fits = room.is_none_or(|room| quantity <= room);
        if fits && cover_days(levels, stock, quantity) <= facts.max_cover_days {
            sizing.step(format!("price break {min_units} at {unit_cost}"), quantity);
        }
    }

    if let Some((limit, room)) = limit.zip(room).filter(|(_, room)| sizing.quantity > *room) {
        let fits = whole_packs_within(room, facts);
        if fits < offer.moq.max(Fixed(1)) {
            return Verdict { reason: limit.reason(), sizing: Some(sizing) };
        }
        sizing.unmet_constraint = (fits < needed).then(|| {
            let message =
                format!("the need is {}, {} allows {fits}", counted(needed, "unit"), limit.name());
            (Code::MaxStockLimits, message)
        });
        sizing.step(limit.name().to_owned(), fits);
    }

    let cover = Cover::of(facts, levels, stock);
    if let Some(cover) = cover.filter(|cover| sizing.quantity > cover.max_units) {
        let Some(fits) = cover.fits else {
            return Verdict { reason: Reason::CoverExceedsLimit, sizing: Some(sizing) };
        };
        let days = facts.max_cover_days;
        sizing.unmet_constraint = (fits < needed).then(|| {
            let message = format!(
                "the target needs {}, {days:.0} days of cover allow {fits}",
                counted(needed, "unit")
            );
            (Code::CoverLimits, message)
        });
        sizing.step(format!("{days:.0} days of cover"), fits);
    }

    Verdict { reason: Reason::AtReorderPoint, sizing: Some(sizing) }
}

/// Whole packs that fit into some units.
fn whole_packs_within(units: Fixed, facts: &ItemFacts<'_>) -> Fixed {
    let pack = facts.pack_units();
    Fixed(units.or_zero().0.div_euclid(pack.0) * pack.0)
}

/// The most that may be ordered for `max_cover_days` of mean demand.
struct Cover {
    /// Units that no cover forbids.
    max_units: Fixed,
    /// Whole packs of them, at least the least order; `None` where not even that is allowed.
    fits: Option<Fixed>,
}

impl Cover {
    /// An order covers at most `max_cover_days` of mean demand, beside what customers wait for; and
    /// it lifts the position to no more than what lasts that long from its arrival on, and one
    /// least order more, since what is ordered in packs does not stop at a line. A least order that
    /// alone covers more than the limit is none.
    fn of(facts: &ItemFacts<'_>, levels: &LevelView, stock: &StockView) -> Option<Self> {
        let min_order = facts.min_order();
        let cover = Fixed::from_f64(facts.max_cover_days * levels.mean_daily_demand)?;
        let reach_days = facts.max_cover_days
            + levels.lead_time_mean_days
            + f64::from(levels.review_period_days);
        let top = Fixed::from_f64(reach_days * levels.mean_daily_demand)? + min_order;
        let by_cover = (cover + stock.backorders).min(top - stock.inventory_position);

        // Stock that is asked for by name is no matter of cover.
        let presented = facts.item.and_then(|item| item.presentation_stock).unwrap_or_default();
        let missing = facts.min_stock.unwrap_or_default().max(presented) - stock.inventory_position;
        let asked_for = if missing > Fixed::ZERO {
            missing.up_to_multiple(facts.pack_units()).max(min_order)
        } else {
            Fixed::ZERO
        };

        let max_units = by_cover.max(asked_for);
        let fits = whole_packs_within(max_units, facts);
        Some(Self { max_units, fits: Some(fits).filter(|fits| *fits >= min_order) })
    }
}

/// Days of mean demand that a quantity covers; units that customers already wait for are no cover.
fn cover_days(levels: &LevelView, stock: &StockView, quantity: Fixed) -> f64 {
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
    settings: &SizeSettings,
    levels: &LevelView,
    quantity: Fixed,
) -> Option<PriceStep> {
    if facts.price_steps.is_empty() || quantity <= Fixed::ZERO {
        return None;
    }
    let yearly_units = levels.mean_daily_demand * DAYS_PER_YEAR;
    let order_cost = facts.offer.order_cost.map_or(settings.order_cost, Fixed::to_f64);
    let rate = facts.currency_rate?;
    let yearly_cost = |quantity: Fixed, unit_cost: Fixed| {
        let (units, unit_cost) = (quantity.to_f64(), unit_cost.to_f64() * rate);
        let orders = order_cost * yearly_units / units;
        let holding = settings.holding_share * unit_cost * units / 2.0;
        yearly_units * unit_cost + orders + holding
    };

    let now = yearly_cost(quantity, facts.unit_cost_at(quantity)?);
    let in_packs = |min_units: Fixed| min_units.up_to_multiple(facts.offer.pack_size);
    facts
        .price_steps
        .iter()
        .filter(|(min_units, _)| *min_units > quantity)
        .map(|step| (yearly_cost(in_packs(step.0), step.1), *step))
        .filter(|(cost, _)| *cost < now)
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.0.cmp(&b.1.0)))
        .map(|(_, step)| step)
}

/// The lowest limit on the inventory position after an order.
#[must_use]
pub fn upper_limit(facts: &ItemFacts<'_>, levels: &LevelView) -> Option<UpperLimit> {
    // Under `min_max` the maximum is the order-up-to level already.
    let max_stock = facts.max_stock.filter(|_| facts.policy != Policy::MinMax);
    let shelf_life_days = facts.item.and_then(|item| item.shelf_life_days);
    let sellable = shelf_life_days.filter(|days| *days > 0.0).and_then(|days| {
        Fixed::from_f64((days + levels.lead_time_mean_days) * levels.mean_daily_demand)
    });

    [max_stock.map(UpperLimit::MaxStock), sellable.map(UpperLimit::ShelfLife)]
        .into_iter()
        .flatten()
        .min_by_key(|limit| limit.units())
}
