//! From what an item needs to what its supplier delivers: pack, minimum, price break and limits,
//! each step kept.

use std::fmt;

use crate::config::Settings;
use crate::config::choices::PackRounding;
use crate::domain::calendar::DAYS_PER_YEAR;
use crate::domain::finding::Code;
use crate::domain::fixed::Fixed;
use crate::domain::policy::{Policy, UnmetDemand};
use crate::plan::context::PriceStep;
use crate::plan::reason::Reason;

use super::facts::{ItemFacts, OpenLineFacts};
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
    /// Whether steps and limits are put into words, which takes longer than to size.
    pub is_told: bool,
}

impl SizeSettings {
    /// As the settings say.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        Self {
            pack_rounding: settings.purchasing.pack_rounding,
            holding_share: settings.holding_share(),
            is_told: true,
        }
    }

    /// The same for quantities alone: nobody reads how they came about.
    #[must_use]
    pub fn untold(self) -> Self {
        Self { is_told: false, ..self }
    }
}

/// A limit on the inventory position after an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpperLimit {
    /// `max_stock` of the item or its location.
    MaxStock(Fixed),
    /// What can be sold before it spoils.
    ShelfLife(Fixed),
    /// What is worth having until the item is sold for the last time.
    EndOfSale(Fixed),
}

impl fmt::Display for UpperLimit {
    /// The limit with its figure.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MaxStock(units) => write!(f, "maximum stock is {units}"),
            Self::ShelfLife(units) => {
                write!(f, "{} sell within the shelf life", units.rounded(1))
            }
            Self::EndOfSale(units) => {
                write!(f, "{} are worth having until the end date", units.rounded(1))
            }
        }
    }
}

impl UpperLimit {
    /// The limit, in units.
    #[must_use]
    pub fn units(self) -> Fixed {
        match self {
            Self::MaxStock(units) | Self::ShelfLife(units) | Self::EndOfSale(units) => units,
        }
    }

    /// Its name in the arithmetic of an order.
    fn name(self) -> &'static str {
        match self {
            Self::MaxStock(_) => "maximum stock",
            Self::ShelfLife(_) => "shelf life",
            Self::EndOfSale(_) => "end date",
        }
    }

    /// The reason of an item that it leaves no room for.
    fn reason(self) -> Reason {
        match self {
            Self::MaxStock(_) => Reason::MaxStockReached,
            Self::ShelfLife(_) => Reason::ShelfLifeTooShort,
            Self::EndOfSale(_) => Reason::LastBuyLoses,
        }
    }
}

/// What the policy asks for, before minimum, pack and limits; whole units for an item sold in whole
/// units.
#[must_use]
pub fn needed_units(facts: &ItemFacts<'_>, levels: &LevelView, position: f64) -> Fixed {
    let short = match facts.policy {
        Policy::ReorderMultiple if levels.last_order().is_none() => {
            let multiple = (levels.order_up_to_level - levels.reorder_point).max(1e-4);
            ((levels.reorder_point - position) / multiple + 1.0).floor() * multiple
        }
        _ => levels.order_up_to_level - position,
    };
    // Six digits are enough to tell a whole number from the next; the rest is rounding of the
    // arithmetic.
    let short = Fixed::clamped(short);
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
    let is_told = settings.is_told;
    let mut sizing = Sizing::starting_with(needed);
    let last = levels.last_order();
    sizing.steps.extend(last.filter(|_| is_told).map(|ending| (ending.step(), needed)));
    let (packed, name) = in_packs(facts, settings, levels, stock, needed);
    sizing.step(name, packed);
    if sizing.quantity == Fixed::ZERO {
        return Reason::AboveReorderPoint.into();
    }
    let told = |text: &dyn Fn() -> String| if is_told { text() } else { String::new() };
    if sizing.quantity < offer.moq {
        let name = told(&|| format!("MOQ {}", offer.moq));
        sizing.step(name, offer.moq.up_to_multiple(offer.pack_size));
    }

    let limit = upper_limit(facts, levels);
    let room = limit.map(|limit| limit.units() - stock.inventory_position);
    if let Some((min_units, unit_cost)) = cheaper_break(facts, settings, levels, sizing.quantity) {
        let quantity = min_units.up_to_multiple(offer.pack_size);
        let fits = room.is_none_or(|room| quantity <= room);
        if fits && cover_days(levels, stock, quantity) <= facts.max_cover_days {
            sizing.step(told(&|| format!("price break {min_units} at {unit_cost}")), quantity);
        }
    }

    if let Some((limit, room)) = limit.zip(room).filter(|(_, room)| sizing.quantity > *room) {
        let fits = whole_packs_within(room, facts);
        let is_end = matches!(limit, UpperLimit::EndOfSale(_));
        if is_end && fits < offer.moq.max(Fixed::of_steps(1)) {
            sizing.step(told(&|| "too much to sell".to_owned()), Fixed::ZERO);
            return Verdict { reason: limit.reason(), sizing: Some(sizing) };
        }
        let limited = || format!("{limit} and the position {}", stock.inventory_position);
        if fits < offer.moq.max(Fixed::of_steps(1)) {
            if is_told {
                sizing.block(Code::MaxStockLimits, &limited(), &least_order(facts));
            }
            return Verdict { reason: limit.reason(), sizing: Some(sizing) };
        }
        // That packs do not meet the need at the end of sale in full is how it is meant.
        if !is_end && is_told {
            sizing.cut(Code::MaxStockLimits, &limited(), fits);
        }
        sizing.step(told(&|| limit.name().to_owned()), fits);
    }

    let cover = Cover::of(facts, levels, stock);
    if sizing.quantity > cover.max_units {
        let days = facts.max_cover_days;
        let limited = || cover.message(facts, levels, stock);
        let Some(fits) = cover.fits else {
            if is_told {
                sizing.block(Code::CoverExceedsLimit, &limited(), &least_order(facts));
            }
            return Verdict { reason: Reason::CoverExceedsLimit, sizing: Some(sizing) };
        };
        if is_told {
            sizing.cut(Code::CoverLimits, &limited(), fits);
        }
        sizing.step(told(&|| format!("{days:.0} days of cover")), fits);
    }

    if let Some(cut) = levels.launch_cut.as_ref().filter(|_| is_told) {
        sizing.unmet_constraint.get_or_insert_with(|| (Code::BeyondLaunches, cut.message()));
    }
    let reason = if last.is_some() { Reason::LastBuy } else { Reason::AtReorderPoint };
    Verdict { reason, sizing: Some(sizing) }
}

/// Whole packs that fit into some units.
#[must_use]
pub fn whole_packs_within(units: Fixed, facts: &ItemFacts<'_>) -> Fixed {
    let pack = facts.pack_units();
    Fixed::of_steps(units.or_zero().steps().div_euclid(pack.steps()) * pack.steps())
}

/// The least that can be ordered, in words.
fn least_order(facts: &ItemFacts<'_>) -> String {
    let (moq, pack) = (facts.offer.moq, facts.offer.pack_size);
    let why = match (moq > Fixed::ZERO, pack > Fixed::ZERO) {
        (true, true) => format!(" (MOQ {moq}, pack {pack})"),
        (true, false) => format!(" (MOQ {moq})"),
        (false, true) => format!(" (pack {pack})"),
        (false, false) => String::new(),
    };

    format!("the least order is {}{why}", facts.min_order())
}

/// The most that may be ordered for `max_cover_days` of mean demand.
struct Cover {
    /// Units that no cover forbids.
    max_units: Fixed,
    /// Whole packs of them, at least the least order; `None` where not even that is allowed.
    fits: Option<Fixed>,
    /// Stock expected when the order arrives, in units; below 0 where customers wait by then.
    stock_at_arrival: f64,
}

impl Cover {
    /// What is there once an order has arrived lasts at most `max_cover_days` of mean demand, or
    /// until the order after it, and one least order more, since what is ordered in packs does not
    /// stop at a line. A least order that alone covers more than the limit is none.
    ///
    /// The limit is one on what is there and on its way, never on one order: an order that is
    /// placed leaves nothing of it.
    fn of(facts: &ItemFacts<'_>, levels: &LevelView, stock: &StockView) -> Self {
        let min_order = facts.min_order();
        let stock_at_arrival = stock_at_arrival(facts, levels, stock);
        let days = facts.max_cover_days.max(f64::from(levels.review_period_days));
        let room = Fixed::clamped(days * levels.mean_daily_demand - stock_at_arrival);
        let cover = Fixed::clamped(facts.max_cover_days * levels.mean_daily_demand);
        let by_cover =
            if min_order <= cover + stock.backorders { room + min_order } else { Fixed::ZERO };

        // Stock that is asked for by name is no matter of cover, nor the rest of its last pack;
        // what a MOQ adds to it is.
        let presented = facts.item.and_then(|item| item.presentation_stock).unwrap_or_default();
        let missing = facts.min_stock.unwrap_or_default().max(presented) - stock.inventory_position;
        let asked_for = missing.or_zero().up_to_multiple(facts.pack_units());

        let max_units = by_cover.max(asked_for);
        let fits = whole_packs_within(max_units, facts);
        let fits = Some(fits).filter(|fits| *fits >= min_order);
        Self { max_units, fits, stock_at_arrival }
    }

    /// The limit with its figures.
    fn message(&self, facts: &ItemFacts<'_>, levels: &LevelView, stock: &StockView) -> String {
        let mean = levels.mean_daily_demand;
        let lasting = |units: f64| if mean > 0.0 { units / mean } else { f64::INFINITY };
        let alone = lasting((facts.min_order() - stock.backorders).or_zero().to_f64());
        let least = if alone.is_finite() {
            format!("the least order alone {alone:.0} days")
        } else {
            "the least order for ever".to_owned()
        };
        format!(
            "at {mean:.2} a day what is there when it arrives, {:.0}, lasts {:.0} days and \
             {least}, against {:.0} days of cover",
            self.stock_at_arrival.max(0.0),
            lasting(self.stock_at_arrival.max(0.0)),
            facts.max_cover_days,
        )
    }
}

/// Stock expected when an order of tonight arrives, at mean demand and with all that is on its way:
/// below 0 where customers wait by then, and never below where their demand is lost.
fn stock_at_arrival(facts: &ItemFacts<'_>, levels: &LevelView, stock: &StockView) -> f64 {
    let (mean, lead_time_days) = (levels.mean_daily_demand, levels.lead_time_mean_days);
    if facts.unmet_demand == UnmetDemand::Backorder {
        return stock.inventory_position.to_f64() - mean * lead_time_days;
    }

    // A later order date is sized as if all that is on its way by then were there.
    let is_on_order = stock.on_order + stock.on_order_later > Fixed::ZERO;
    let lines = facts.open_lines.iter().filter(|_| is_on_order);
    let line = |line: &OpenLineFacts<'_>| Some((line.arrival.as_ref()?.mean(), line.row.quantity));
    let mut arriving: Vec<(f64, Fixed)> = lines.filter_map(line).collect();
    arriving.sort_by(|a, b| a.0.total_cmp(&b.0));

    let (mut left, mut day) = (stock.free().to_f64(), 0.0);
    for (arrival_day, units) in arriving {
        let until = arrival_day.min(lead_time_days);
        left = left.min((left - mean * (until - day)).max(0.0)) + units.to_f64();
        day = until;
    }
    left.min((left - mean * (lead_time_days - day)).max(0.0))
}

/// Days of mean demand that a quantity covers; units that customers already wait for are no cover.
fn cover_days(levels: &LevelView, stock: &StockView, quantity: Fixed) -> f64 {
    let units = (quantity - stock.backorders).or_zero().to_f64();
    if units <= 0.0 { 0.0 } else { units / levels.mean_daily_demand }
}

/// A need in whole packs, and the name of the step.
///
/// Rounding down or to the nearest may leave less than the levels ask for, but never a position
/// that would be ordered again: one pack more is taken then. A need of less than a pack that rounds
/// to nothing is none where the position suffices without it.
fn in_packs(
    facts: &ItemFacts<'_>,
    settings: &SizeSettings,
    levels: &LevelView,
    stock: &StockView,
    needed: Fixed,
) -> (Fixed, String) {
    let pack = facts.offer.pack_size;
    if pack <= Fixed::ZERO {
        return (needed, String::new());
    }

    let up = needed.up_to_multiple(pack);
    let down = Fixed::of_steps(needed.steps().div_euclid(pack.steps()) * pack.steps());
    let (rounded, name) = match settings.pack_rounding {
        PackRounding::Up => (up, ""),
        PackRounding::Nearest if needed - down >= up - needed => (up, " (nearest)"),
        PackRounding::Nearest => (down, " (nearest)"),
        PackRounding::Down => (down, " (down)"),
    };
    let position = (stock.inventory_position + rounded).to_f64();
    let packed = if rounded == up || suffices(facts, levels, position) { rounded } else { up };
    let name = if settings.is_told { format!("pack {pack}{name}") } else { String::new() };
    (packed, name)
}

/// Whether a position can wait until the next order date where packs are rounded down: above the
/// reorder point, or under `rS`, which has none, at the mean demand until the order after the next
/// arrives, as far as it will be served.
fn suffices(facts: &ItemFacts<'_>, levels: &LevelView, position: f64) -> bool {
    match facts.policy {
        Policy::UpToLevel => {
            let served =
                levels.protection_demand_mean - levels.expected_lost_units.get().unwrap_or(0.0);
            position >= served.min(levels.order_up_to_level)
        }
        _ => position > levels.reorder_point,
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
    let order_cost = facts.order_cost.get().unwrap_or(0.0);
    let rate = facts.currency_rate.get()?;
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
        .filter(|step| step.0 > quantity && !facts.is_rising(step))
        .map(|step| (yearly_cost(in_packs(step.0), step.1), *step))
        .filter(|(cost, _)| *cost < now)
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.0.cmp(&b.1.0)))
        .map(|(_, step)| step)
}

/// The lowest limit on the inventory position after an order.
#[must_use]
pub fn upper_limit(facts: &ItemFacts<'_>, levels: &LevelView) -> Option<UpperLimit> {
    let shelf_life_days = facts.item.and_then(|item| item.shelf_life_days.get());
    let sellable = shelf_life_days
        .filter(|days| *days > 0.0)
        .map(|days| Fixed::clamped((days + levels.lead_time_mean_days) * levels.mean_daily_demand));

    let until_end = levels.ending.as_ref().map(|ending| Fixed::clamped(ending.units));
    let stated = facts.max_stock.map(UpperLimit::MaxStock);

    [stated, sellable.map(UpperLimit::ShelfLife), until_end.map(UpperLimit::EndOfSale)]
        .into_iter()
        .flatten()
        .min_by_key(|limit| limit.units())
}
