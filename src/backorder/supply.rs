//! What can serve customers who wait: lots of units, each with the days on which it may arrive.

use rayon::prelude::*;

use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::inventory::day_distribution::DayDistribution;
use crate::plan::PlannedItem;
use crate::plan::context::PlanContext;
use crate::plan::orders::LineState;
use crate::plan::reason::Decision;
use crate::plan::transfers::Transfer;

use super::decided::Decided;
use super::promise_reason::PromiseReason;

/// Days that a transfer takes where no table says: it is packed today and unpacked tomorrow.
/// Judgement.
const TRANSFER_DAYS: f64 = 1.0;

/// Units that arrive together.
#[derive(Debug, Clone, PartialEq)]
pub struct Lot {
    /// Units.
    pub units: Fixed,
    /// Days from `as_of` until they are there.
    pub arrival: DayDistribution,
    /// The order or transfer that they belong to: lots of one name are early or late together.
    /// Empty for stock.
    pub order: String,
    /// What a promise that rests on them says.
    pub source: PromiseReason,
}

impl Lot {
    /// Physical stock.
    #[must_use]
    pub fn stock(units: Fixed) -> Self {
        let arrival = DayDistribution::point(0);
        Self { units, arrival, order: String::new(), source: PromiseReason::Stock }
    }

    /// Whether it is there already.
    #[must_use]
    pub fn is_stock(&self) -> bool {
        self.source == PromiseReason::Stock
    }
}

/// The supply of each item: stock that is not allocated, open orders that are counted on, what
/// other locations send, and what is ordered tonight or can be on the next order date. Lines that a
/// person has to look at first, or that are held, are no supply. Parallel to `items`, which are
/// sorted by key; none for items that nothing is promised of.
#[must_use]
pub fn supply(
    context: &PlanContext<'_>,
    decided: &Decided<'_>,
    is_promised: impl Fn(&PlannedItem<'_>) -> bool + Sync,
) -> Vec<Vec<Lot>> {
    let items = decided.items;
    let of = |item: &PlannedItem<'_>| match is_promised(item) {
        true => there_and_on_its_way(item, decided.sent(item.key())),
        false => Vec::new(),
    };
    let mut lots: Vec<Vec<Lot>> = items.par_iter().map(of).collect();

    let position = |key: &Key| {
        let at = items.binary_search_by(|item| item.key().cmp(key)).ok();
        at.filter(|at| is_promised(&items[*at]))
    };
    for transfer in decided.transfers {
        let Some(at) = position(&transfer.key) else { continue };
        lots[at].push(transferred(context, transfer));
    }
    for line in decided.book.lines.iter().filter(|line| line.state == LineState::Suggested) {
        let key = Key { sku: line.sku.clone(), location: line.location.clone() };
        let Some(at) = position(&key) else { continue };
        let supply = &items[at].facts.supply;
        lots[at].push(Lot {
            units: line.quantity,
            arrival: supply.lead_time.later(supply.first_order_day),
            order: line.po_number.to_string(),
            source: PromiseReason::TonightsOrder,
        });
    }

    lots
}

/// Stock less what leaves for other locations, and open orders.
fn there_and_on_its_way(item: &PlannedItem<'_>, sent: Fixed) -> Vec<Lot> {
    let mut lots = Vec::with_capacity(1 + item.facts.open_lines.len());
    if let Some(stock) = item.row.stock {
        let there = (stock.on_hand - stock.allocated - sent).or_zero();
        if there > Fixed::ZERO {
            lots.push(Lot::stock(there));
        }
    }

    for line in &item.facts.open_lines {
        let Some(arrival) = line.arrival.clone() else { continue };
        lots.push(Lot {
            units: line.row.quantity,
            arrival,
            order: format!("{}\u{1f}{}", line.row.supplier, line.row.po_number),
            source: PromiseReason::OpenOrder,
        });
    }
    // What has to wait for the supplier's next order date.
    if item.row.decision() == Decision::Waits {
        let supply = &item.facts.supply;
        lots.push(Lot {
            units: item.row.sized_units(),
            arrival: supply.lead_time.later(supply.first_order_day),
            order: format!("{}\u{1f}{}", item.facts.offer.supplier, item.next_order_day()),
            source: PromiseReason::NextOrder,
        });
    }

    lots
}

fn transferred(context: &PlanContext<'_>, transfer: &Transfer) -> Lot {
    let location = context.tables.location(&transfer.key.location);
    let days = location.and_then(|row| row.lead_time_days).unwrap_or(TRANSFER_DAYS);
    Lot {
        units: transfer.quantity,
        arrival: DayDistribution::point(days.round().max(0.0) as u32),
        order: format!("{}\u{1f}{}", transfer.from_location, transfer.key.location),
        source: PromiseReason::Transfer,
    }
}
