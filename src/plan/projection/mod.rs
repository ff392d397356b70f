//! The orders of the next 26 weeks, by simulated mean demand: what is to be bought if everything
//! sells as it is expected to.
//!
//! Each item starts from its inventory position after tonight's orders. It falls by the mean demand
//! of each day, and at each order date of its supplier the policy decides as it would that night:
//! by the levels of that date ([`levels_ahead`]), in the packs, minimum quantities and limits of
//! tonight. Chance, joint orders, minimum order values, containers, the budget and later transfers
//! are left out.

mod levels_ahead;
mod working_days;

use std::collections::BTreeMap;

use rayon::prelude::*;

use self::levels_ahead::{LevelsAhead, Window};
use self::working_days::WorkingDays;
use super::PlannedItem;
use super::context::PlanContext;
use super::item::decide::{is_call_off, usual_levels};
use super::item::facts::{ItemFacts, OpenLineFacts};
use super::item::moq_and_packs::{SizeSettings, needed_units, size};
use super::item::row::{LevelView, StockView};
use super::orders::amounts::Amounts;
use super::orders::{LineState, OrderBook};
use super::reason::Reason;
use super::transfers::Transfer;
use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::policy::Policy;
use crate::domain::tables::Text;
use crate::forecast::demand_distribution::DemandDistribution;
use crate::forecast::{ForecastSettings, Forecasts};

/// Items whose orders are projected at a time. Judgement: a second of work.
const BLOCK: usize = 1 << 16;

/// The expected later orders of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectedItem {
    /// Who delivers it.
    pub supplier: Text,
    /// The item.
    pub key: Key,
    /// How its amounts are written.
    pub amounts: Amounts,
    /// Its orders by day, at least one.
    pub orders: Box<[ProjectedOrder]>,
}

/// One expected later order line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectedOrder {
    /// The day on which it is ordered, after `as_of`.
    pub order_day: Day,
    /// The day on which it is expected.
    pub arrival_day: Day,
    /// Units.
    pub quantity: Fixed,
    /// What it comes to in the supplier's currency; `None` where no cost is known.
    pub line_total: Option<Fixed>,
}

/// What tonight does to the positions from which later nights start.
#[derive(Debug, Clone, Copy)]
pub struct MovedTonight<'a> {
    /// Tonight's orders.
    pub book: &'a OrderBook,
    /// Tonight's transfers.
    pub transfers: &'a [Transfer],
}

/// The expected later orders of all items, sorted by supplier and item. `items` are sorted by key.
#[must_use]
pub fn projected_orders(
    context: &PlanContext<'_>,
    items: &[PlannedItem<'_>],
    forecasts: &Forecasts,
    tonight: MovedTonight<'_>,
) -> Vec<ProjectedItem> {
    let added = added_tonight(context, tonight);
    let working_days = working_days(context, items);
    let supplied = supplied(items);

    let of = |item: &PlannedItem<'_>| {
        let stock = item.row.stock.filter(|_| can_be_ordered_later(item))?;
        let others = supplied.get(item.key()).map_or(&[][..], Vec::as_slice);
        let all = std::iter::once(item.facts.index).chain(others.iter().copied());
        let demand: Vec<_> = all.map(|index| forecasts.distribution_ahead(index)).collect();

        let added = added.get(item.key()).copied().unwrap_or_default();
        let walk = Walk {
            context,
            item,
            amounts: Amounts::of(context, &item.facts),
            working_days: working_days.get(&item.facts.offer.supplier),
            lead_time_days: item.facts.lead_time.next_order.mean().round() as u32,
            demand: &demand,
        };
        let orders = walk.orders(stock.inventory_position + added);
        (!orders.is_empty()).then(|| ProjectedItem {
            supplier: item.facts.offer.supplier.clone(),
            key: item.key().clone(),
            amounts: walk.amounts,
            orders,
        })
    };
    let mut projected: Vec<ProjectedItem> = Vec::new();
    // In blocks, since what is gathered of all at once is held twice.
    for block in items.chunks(BLOCK) {
        projected.par_extend(block.par_iter().filter_map(of));
    }

    projected.sort_by(|a, b| (&a.supplier, &a.key).cmp(&(&b.supplier, &b.key)));
    projected
}

/// Whether an item that is planned as tonight may be bought on a later night.
fn can_be_ordered_later(item: &PlannedItem<'_>) -> bool {
    let is_never_bought = matches!(
        item.row.reason,
        Reason::UnknownItem
            | Reason::PhaseOut
            | Reason::Discontinued
            | Reason::Replaced
            | Reason::NotStockedHere
            | Reason::StockUnreadable
            | Reason::NoStockRecord
            | Reason::NoHistory
            | Reason::NoCurrencyRate
    );
    let is_last_buy = item.row.levels.last_order().is_some();
    !is_never_bought && !is_last_buy && item.facts.supplied_by.is_none()
}

/// Units by which tonight's orders that go out and tonight's transfers change the position of each
/// item. What was approved on an earlier night is on order already.
fn added_tonight(context: &PlanContext<'_>, tonight: MovedTonight<'_>) -> BTreeMap<Key, Fixed> {
    let handover = context.settings.purchasing.handover;
    let mut added: BTreeMap<Key, Fixed> = BTreeMap::new();
    for line in &tonight.book.lines {
        if line.state.goes_out(handover) && line.state != LineState::Approved {
            *added.entry(Key::new(&line.sku, &line.location)).or_default() += line.quantity;
        }
    }
    for transfer in tonight.transfers {
        *added.entry(transfer.key.clone()).or_default() += transfer.quantity;
        *added.entry(transfer.giver()).or_default() += -transfer.quantity;
    }

    added
}

/// The working days ahead of each supplier that does not work on every day.
fn working_days(
    context: &PlanContext<'_>,
    items: &[PlannedItem<'_>],
) -> BTreeMap<Text, WorkingDays> {
    let mut longest: BTreeMap<&Text, f64> = BTreeMap::new();
    for item in items {
        let days = longest.entry(&item.facts.offer.supplier).or_default();
        *days = days.max(item.facts.lead_time.next_order.mean());
    }

    let of = |(supplier, days): (&Text, f64)| {
        let open_days = context.open_days(supplier)?;
        let most = ForecastSettings::PROJECTED_DAYS + days.round() as u32;
        Some((supplier.clone(), WorkingDays::ahead(open_days, context.as_of, most)))
    };
    longest.into_iter().filter_map(of).collect()
}

/// The indices of the items that each item supplies.
fn supplied(items: &[PlannedItem<'_>]) -> BTreeMap<Key, Vec<usize>> {
    let mut found: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for item in items {
        let Some(from) = item.facts.supplied_by.clone() else { continue };
        let giver = Key { sku: item.key().sku.clone(), location: from };
        found.entry(giver).or_default().push(item.facts.index);
    }
    found
}

/// One item's way through the nights ahead; days count from `as_of`.
struct Walk<'a> {
    context: &'a PlanContext<'a>,
    item: &'a PlannedItem<'a>,
    amounts: Amounts,
    working_days: Option<&'a WorkingDays>,
    /// Mean days from an order to its arrival.
    lead_time_days: u32,
    /// Its demand and that of the items that it supplies.
    demand: &'a [DemandDistribution],
}

impl Walk<'_> {
    /// Its orders, from a position after tonight's.
    fn orders(&self, position: Fixed) -> Box<[ProjectedOrder]> {
        let (context, facts) = (self.context, &self.item.facts);
        let settings = SizeSettings::of(context.settings).untold();
        let dates = context.order_calendar(&facts.offer, facts.stated_review_days);
        let levels_ahead = self.levels();
        let called_off = self.called_off();
        let after = |day: u32| {
            let date = dates.first_from(context.as_of + day as Day + 1);
            (date - context.as_of) as u32
        };

        let mut orders = Vec::new();
        let mut ordered = Fixed::ZERO;
        let mut next = after(0);
        while next < ForecastSettings::PROJECTED_DAYS {
            let day = next;
            next = after(day);
            let arrival = self.arrival(day);
            let window = Window { day, next_day: next, end: self.arrival(next) };
            let joined = called_off.iter().filter(|(from, _)| *from <= day);
            let joined: Fixed = joined.map(|(_, units)| *units).sum();
            let asked_for = Fixed::clamped(mean(self.demand, 0, day));
            let position = position + ordered + joined - asked_for;
            // What sells in whole units has whole positions: half a unit is no reason to wait for
            // the next date.
            let position = if levels_ahead.is_count() { position.rounded(0) } else { position };
            if levels_ahead.suffices(position.to_f64(), self.demand, window) {
                continue;
            }

            let levels = levels_ahead.on(self.demand, window, f64::from(arrival - day));
            let arrival_day = context.as_of + arrival as Day;
            if levels.ending.as_ref().is_some_and(|end| end.last_day <= arrival_day) {
                continue;
            }
            let Some(quantity) = decided(facts, &settings, &levels, position) else { continue };

            ordered += quantity;
            let cost = facts.unit_cost_at(quantity);
            orders.push(ProjectedOrder {
                order_day: context.as_of + day as Day,
                arrival_day,
                quantity,
                line_total: cost.map(|cost| self.amounts.line_total(quantity, cost)),
            });
        }
        orders.into_boxed_slice()
    }

    /// Tonight's levels, to be moved to later dates.
    fn levels(&self) -> LevelsAhead {
        let (facts, row) = (&self.item.facts, &self.item.row);
        // Under a cost target with lost sales tonight's follow from tonight's stock.
        let base = match (row.levels.expected_lost_units.get(), self.demand) {
            (Some(_), [own]) => usual_levels(self.context, facts, own),
            _ => row.levels.clone(),
        };
        let first = facts.supply.first_order_day;
        let next = first + facts.supply.review_period_days.max(1);
        let window = Window { day: first, next_day: next, end: self.arrival(next) };
        LevelsAhead::new(
            facts,
            LevelView { ending: row.levels.ending.clone(), ..base },
            self.demand,
            window,
        )
    }

    /// The day on which an order of a day is expected.
    fn arrival(&self, day: u32) -> u32 {
        let lead_time = self.lead_time_days;
        self.working_days.map_or(day.saturating_add(lead_time), |days| days.after(day, lead_time))
    }

    /// Orders that were placed for a day far ahead: from which day on each counts, and its units.
    fn called_off(&self) -> Vec<(u32, Fixed)> {
        let (context, facts, row) = (self.context, &self.item.facts, &self.item.row);
        if row.stock.is_none_or(|stock| stock.on_order_later == Fixed::ZERO) {
            return Vec::new();
        }
        let reach = row.levels.lead_time_mean_days + f64::from(row.levels.review_period_days);
        let is_later = |line: &&OpenLineFacts<'_>| {
            line.arrival.is_some() && is_call_off(context, facts, line, &row.levels)
        };
        let counts = |line: &OpenLineFacts<'_>| {
            let due = f64::from(line.expected_on) - f64::from(context.as_of);
            ((due - reach).max(0.0).ceil() as u32, line.row.quantity)
        };
        facts.open_lines.iter().filter(is_later).map(counts).collect()
    }
}

/// Mean demand of some days, of items together.
fn mean(demand: &[DemandDistribution], from: u32, to: u32) -> f64 {
    demand.iter().map(|demand| demand.mean(from, to)).sum()
}

/// What the policy orders at a position; `None` for nothing.
fn decided(
    facts: &ItemFacts<'_>,
    settings: &SizeSettings,
    levels: &LevelView,
    position: Fixed,
) -> Option<Fixed> {
    let at = position.to_f64();
    let is_below = match facts.policy {
        Policy::UpToLevel => at < levels.order_up_to_level,
        _ => at <= levels.reorder_point,
    };
    if !is_below {
        return None;
    }
    let needed = needed_units(facts, levels, at);
    if needed <= Fixed::ZERO {
        return None;
    }

    let stock = StockView {
        on_hand: position.or_zero(),
        backorders: (-position).or_zero(),
        inventory_position: position,
        ..StockView::default()
    };
    let sized = size(facts, settings, levels, &stock, needed);
    let sizing = sized.sizing.filter(|_| sized.reason == Reason::AtReorderPoint)?;
    Some(sizing.quantity).filter(|quantity| *quantity > Fixed::ZERO)
}
