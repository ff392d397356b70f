//! What can be promised to each customer who waits: the rows of `promises.csv`.

use std::collections::BTreeMap;

use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::domain::tables::{Backorder, Text};
use crate::plan::context::PlanContext;

use super::allocation::{Allotment, Claim, allocate};
use super::alternatives::{Alternative, Alternatives};
use super::decided::Decided;
use super::limit::Limit;
use super::promise_reason::PromiseReason;
use super::queue::{Queue, RankedLine};
use super::supply::Lot;
use super::told::{PreviousPromises, line_name};

/// The day on which the last unit of a line ships.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShipDay {
    /// As probable before as after.
    pub p50: Day,
    /// Nine times of ten not later; what a customer is told.
    pub p90: Day,
}

/// What can be promised on one waiting line.
#[derive(Debug, Clone, PartialEq)]
pub struct Promise<'a> {
    /// The line.
    pub row: &'a Backorder,
    /// Units from physical stock, to be shipped today.
    pub allocated: Fixed,
    /// When its last unit ships; `None` where the supply that is known does not cover it.
    pub ships: Option<ShipDay>,
    /// Whether it waits within its limit; `None` where nobody states one.
    pub within_limit: Option<bool>,
    /// Where its units come from, or what stands against it.
    pub reason: PromiseReason,
    /// Where its units come from, whatever its limit says.
    pub source: PromiseReason,
    /// What else the customer could be offered.
    pub alternative: Option<Alternative>,
    /// Whether nothing will ever come: the item is not reordered, and what is known of its supply
    /// does not cover the line.
    pub never_ships: bool,
    /// Whether it is known what there is of the item: without a stock record that can be trusted,
    /// nothing can be said to a customer.
    pub is_supply_known: bool,
    /// Its place in the queue of all lines, from 1.
    pub place: u32,
}

impl Promise<'_> {
    /// Units that stay owed after today.
    #[must_use]
    pub fn waiting(&self) -> Fixed {
        (self.row.quantity - self.allocated).or_zero()
    }
}

/// What is known beside the plan when promises are made.
#[derive(Clone, Copy)]
pub struct Known<'k> {
    /// The supply of each item, parallel to the items, and none behind it for what was not planned.
    pub lots: &'k [Vec<Lot>],
    /// What was decided of all items.
    pub decided: &'k Decided<'k>,
    /// What customers were told by the previous run.
    pub told: Option<&'k PreviousPromises>,
    /// Whether the stock table may be the whole of what there is.
    pub is_stock_whole: bool,
}

/// What can be promised on each row of `backorders`, sorted by order, line and item.
#[must_use]
pub fn promises<'a>(context: &PlanContext<'a>, known: &Known<'_>) -> Vec<Promise<'a>> {
    let (items, lots, previous) = (known.decided.items, known.lots, known.told);
    let told = |row: &Backorder| previous?.get(&line_name(row)).copied();
    let queue = Queue {
        allocation: context.settings.backorders.allocation,
        tables: context.tables,
        told: &told,
        as_of: context.as_of,
    };
    let lines = queue.of(rows(&context.tables.backorders));
    // An item that was not planned has no supply: it stands behind all others.
    let position = |line: &RankedLine<'_>| {
        items.binary_search_by(|item| item.key().cmp(&line.row.key)).unwrap_or(items.len())
    };
    let claims: Vec<Claim> = lines
        .iter()
        .map(|line| Claim {
            item: position(line),
            units: line.row.quantity,
            complete_order: line.complete_order,
            promised_days: line.told.or(line.row.promised_on).map(|day| day - context.as_of),
        })
        .collect();
    let allotments = allocate(lots, &claims);

    let mut alternatives = Alternatives::of(context.tables, known.decided);
    let mut waiting = WaitingUnits::default();
    let mut found: Vec<Promise<'a>> = Vec::with_capacity(lines.len());
    let in_turn = lines.into_iter().zip(&claims).zip(&allotments);
    for (place, ((line, claim), allotment)) in (1..).zip(in_turn) {
        let item = items.get(claim.item);
        let source = reason(line.row, &lots[claim.item], allotment);
        let mut promise = Promise {
            row: line.row,
            allocated: allotment.now,
            ships: allotment.ships.map(|(p50, p90)| ShipDay {
                p50: context.as_of.saturating_add_unsigned(p50),
                p90: context.as_of.saturating_add_unsigned(p90),
            }),
            within_limit: None,
            reason: source,
            source,
            alternative: None,
            never_ships: allotment.alone.is_none()
                && item.is_some_and(|item| item.facts.is_ending(context.as_of)),
            is_supply_known: known.is_stock_whole
                && item.is_some_and(|item| item.row.stock.is_some()),
            place,
        };
        promise.within_limit = waiting.within(context, &promise);
        if promise.within_limit == Some(false) && promise.reason != PromiseReason::Stock {
            promise.reason = PromiseReason::OverLimit;
        }
        if promise.waiting() > Fixed::ZERO {
            promise.alternative = alternatives.offer(&line.row.key, promise.waiting(), item);
            let is_elsewhere = matches!(promise.alternative, Some(Alternative::Elsewhere { .. }));
            promise.never_ships &= !is_elsewhere;
        }
        found.push(promise);
    }

    let order = |promise: &Promise<'a>| {
        let row = promise.row;
        (&row.order_id, &row.line, &row.key, row.repeat)
    };
    found.sort_by(|a, b| order(a).cmp(&order(b)));
    found
}

/// Where the last units of a line come from.
fn reason(row: &Backorder, lots: &[Lot], allotment: &Allotment) -> PromiseReason {
    if allotment.now >= row.quantity {
        return PromiseReason::Stock;
    }
    let Some((p50, _)) = allotment.ships else {
        return match allotment.alone {
            Some(_) => PromiseReason::WaitsForCompleteOrder,
            None => PromiseReason::NoSupply,
        };
    };
    if allotment.alone.is_some_and(|alone| alone < p50) {
        return PromiseReason::WaitsForCompleteOrder;
    }

    // In the order in which lots are expected.
    let mut by_day: Vec<&Lot> = lots.iter().collect();
    by_day.sort_by_key(|lot| (lot.arrival.quantile(0.5), lot.source));
    let mut sum = Fixed::ZERO;
    for lot in by_day {
        sum += lot.units;
        if sum >= allotment.through {
            return lot.source;
        }
    }
    PromiseReason::NoSupply
}

/// Units that wait, as they are met by rank: of each item, and of each customer and item.
#[derive(Debug, Default)]
struct WaitingUnits<'a> {
    of_item: BTreeMap<&'a Key, Fixed>,
    of_customer: BTreeMap<(&'a Text, &'a Key), Fixed>,
}

impl<'a> WaitingUnits<'a> {
    /// Whether a line waits within its limits, with those that were met before; `None` without a
    /// limit.
    fn within(&mut self, context: &PlanContext<'a>, promise: &Promise<'a>) -> Option<bool> {
        let row = promise.row;
        let item = context.tables.item(&row.key.sku);
        let customer = row.customer.as_deref().and_then(|name| context.tables.customer(name));
        let waits = promise.waiting();
        let of_item = self.of_item.entry(&row.key).or_default();
        *of_item += waits;
        let of_customer = match &row.customer {
            Some(name) => {
                let sum = self.of_customer.entry((name, &row.key)).or_default();
                *sum += waits;
                *sum
            }
            None => waits,
        };

        let limit = Limit::of_line(item, customer, context.settings.backorders.limit_days)?;
        if waits == Fixed::ZERO {
            return Some(true);
        }
        let is_in_time = limit.days.is_none_or(|days| {
            let last = f64::from(row.ordered_on) + days;
            promise.ships.is_some_and(|ships| f64::from(ships.p90) <= last)
        });
        let is_allowed = !limit.denies
            && limit.item_units.is_none_or(|most| *of_item <= most)
            && limit.customer_units.is_none_or(|most| of_customer <= most);
        Some(is_in_time && is_allowed)
    }
}
