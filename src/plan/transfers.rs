//! Stock that moves between our own locations: replenishment of locations that another supplies,
//! and excess that spares a purchase.

use std::collections::BTreeMap;

use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::Text;

use super::PlannedItem;
use super::context::PlanContext;
use super::item::moq_and_packs::{SizeSettings, Verdict, size};
use super::item::row::{PlanRow, Sizing, StockView};
use super::reason::Reason;

/// A suggested transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The item at the location that receives.
    pub key: Key,
    /// The location that gives.
    pub from_location: Text,
    /// Units.
    pub quantity: Fixed,
    /// Why, with the figures.
    pub reason: String,
}

impl Transfer {
    /// The item at the location that gives.
    #[must_use]
    pub fn giver(&self) -> Key {
        Key { sku: self.key.sku.clone(), location: self.from_location.clone() }
    }
}

/// Tonight's transfers, sorted by sku, giver and receiver. What a location receives it does not
/// buy: the rows of `items` are changed. `items` are sorted by key.
#[must_use]
pub fn move_stock(
    context: &PlanContext<'_>,
    items: &mut [PlannedItem<'_>],
) -> (Vec<Transfer>, Vec<Finding>) {
    let (mut transfers, findings) = replenish(items);
    if context.settings.purchasing.transfers {
        let excess = move_excess(context, items, &transfers);
        transfers.extend(excess);
    }
    transfers.sort_by(|a, b| {
        let of = |transfer: &Transfer| (transfer.giver(), transfer.key.location.clone());
        of(a).cmp(&of(b))
    });

    (transfers, findings)
}

/// Units that are there and promised to nobody.
fn free(row: &PlanRow) -> Fixed {
    row.stock.map_or(Fixed::ZERO, |stock| stock.free().or_zero())
}

/// Serves the locations that a location supplies from what is free there; where that is too little,
/// each gets its share by need.
fn replenish(items: &mut [PlannedItem<'_>]) -> (Vec<Transfer>, Vec<Finding>) {
    let mut receivers: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (at, item) in items.iter().enumerate() {
        if let Some(from) = item.facts.supplied_by.as_ref().filter(|_| item.row.is_ordered()) {
            let giver = Key { sku: item.key().sku.clone(), location: from.clone() };
            receivers.entry(giver).or_default().push(at);
        }
    }

    let (mut transfers, mut findings) = (Vec::new(), Vec::new());
    for (giver, receivers) in receivers {
        let there = items
            .binary_search_by(|item| item.key().cmp(&giver))
            .map_or(Fixed::ZERO, |at| free(&items[at].row));
        let needs: Vec<Fixed> = receivers.iter().map(|at| items[*at].row.sized_units()).collect();
        let shares = shared_by_need(there, &needs);

        let wanted: Fixed = needs.iter().copied().sum();
        if wanted > there {
            let message = format!(
                "{} has {there} free, its locations need {wanted}; it is shared by need",
                giver.location
            );
            findings.push(Finding::about(Code::SupplyShort, "locations", &giver, message));
        }
        for ((at, need), share) in receivers.into_iter().zip(needs).zip(shares) {
            transfers.extend(hand_over(&mut items[at], &giver, need, share));
        }
    }

    (transfers, findings)
}

/// Gives a location its share of what it needs; no transfer where that is nothing.
fn hand_over(
    receiver: &mut PlannedItem<'_>,
    giver: &Key,
    need: Fixed,
    share: Fixed,
) -> Option<Transfer> {
    let row = &mut receiver.row;
    if share == Fixed::ZERO {
        row.reason = Reason::SupplyingLocationIsShort;
        return None;
    }

    row.reason = Reason::SuppliedByLocation;
    if let Some(sizing) = row.sizing.as_mut().filter(|_| share < need) {
        sizing.step(format!("shared by need at {}", giver.location), share);
    }

    let key = receiver.key().clone();
    Some(Transfer {
        from_location: giver.location.clone(),
        quantity: share,
        reason: format!("replenishment: {} needs {need}", key.location),
        key,
    })
}

/// Shares of what is there: all needs where it suffices, else in proportion, in whole units where
/// all needs are whole, the remaining units to the largest remainders.
///
/// ```
/// use restock::domain::fixed::Fixed;
/// use restock::plan::transfers::shared_by_need;
/// let units = |list: &[i64]| list.iter().map(|n| Fixed::from_units(*n)).collect::<Vec<_>>();
/// assert_eq!(shared_by_need(Fixed::from_units(10), &units(&[8, 4, 4])), units(&[5, 3, 2]));
/// ```
#[must_use]
pub fn shared_by_need(there: Fixed, needs: &[Fixed]) -> Vec<Fixed> {
    let wanted: Fixed = needs.iter().copied().sum();
    if wanted <= there {
        return needs.to_vec();
    }
    let unit = if needs.iter().all(|need| need.is_whole()) { Fixed::ONE.steps() } else { 1 };
    let there = there.or_zero().steps() / unit;
    let whole = i128::from(wanted.steps().max(1) / unit.max(1)).max(1);
    let exact: Vec<i128> =
        needs.iter().map(|need| i128::from(need.steps() / unit) * i128::from(there)).collect();
    let mut shares: Vec<i64> = exact.iter().map(|share| (share / whole) as i64).collect();
    let mut by_remainder: Vec<usize> = (0..needs.len()).collect();
    by_remainder.sort_by_key(|&i| (std::cmp::Reverse(exact[i] % whole), i));
    let left = (there - shares.iter().sum::<i64>()).max(0) as usize;
    by_remainder.iter().take(left).for_each(|&i| shares[i] += 1);
    shares.into_iter().map(|share| Fixed::of_steps(share * unit)).collect()
}

/// Moves what a location has beyond its own order-up-to level to one that would buy.
fn move_excess(
    context: &PlanContext<'_>,
    items: &mut [PlannedItem<'_>],
    taken: &[Transfer],
) -> Vec<Transfer> {
    let sizes = SizeSettings::of(context.settings);
    let mut given: BTreeMap<Key, Fixed> = BTreeMap::new();
    for transfer in taken {
        *given.entry(transfer.giver()).or_default() += transfer.quantity;
    }

    let mut found = Vec::new();
    for of_sku in items.chunk_by_mut(|a, b| a.key().sku == b.key().sku) {
        let of_table: Vec<usize> = (0..of_sku.len())
            .filter(|at| context.tables.location(&of_sku[*at].key().location).is_some())
            .collect();
        for &receiver in &of_table {
            if !buys(&of_sku[receiver]) {
                continue;
            }
            let mut open = needed(&of_sku[receiver].row);
            let mut gifts = Vec::new();
            for giver in of_table.iter().filter(|giver| **giver != receiver).map(|at| &of_sku[*at])
            {
                let out = given.entry(giver.key().clone()).or_default();
                let quantity = whole((excess(&giver.row) - *out).or_zero().min(open), open);
                if quantity > Fixed::ZERO {
                    open = open - quantity;
                    *out += quantity;
                    gifts.push(Gift { from: giver.key().location.clone(), quantity });
                }
            }
            found.extend(receive(&mut of_sku[receiver], &sizes, gifts));
        }
    }

    found
}

/// Whether the item is bought from a supplier tonight.
fn buys(item: &PlannedItem<'_>) -> bool {
    item.row.is_ordered() && item.facts.supplied_by.is_none()
}

/// What an item needs before minimum, pack and limits.
fn needed(row: &PlanRow) -> Fixed {
    row.sizing.as_ref().map_or(Fixed::ZERO, |sizing| sizing.needed)
}

/// What a location has on hand beyond its order-up-to level: giving it away leaves all that it
/// plans to have.
fn excess(row: &PlanRow) -> Fixed {
    let level = row.levels.order_up_to_level.max(0.0).ceil();
    let kept = Fixed::from_f64(level).unwrap_or(Fixed::MAX);

    (free(row) - kept).or_zero()
}

/// In whole units where the need is whole.
fn whole(quantity: Fixed, need: Fixed) -> Fixed {
    if need.is_whole() {
        Fixed::of_steps(quantity.steps().div_euclid(Fixed::ONE.steps()) * Fixed::ONE.steps())
    } else {
        quantity
    }
}

/// Units that a location gives away.
struct Gift {
    from: Text,
    quantity: Fixed,
}

/// Takes what other locations give off what the receiver buys.
fn receive(
    receiver: &mut PlannedItem<'_>,
    sizes: &SizeSettings,
    gifts: Vec<Gift>,
) -> Vec<Transfer> {
    if gifts.is_empty() {
        return Vec::new();
    }
    let (facts, row) = (&receiver.facts, &mut receiver.row);
    let needed = needed(row);
    let mut rest = needed;
    let mut steps = Vec::new();
    for gift in &gifts {
        rest = rest - gift.quantity;
        steps.push((format!("transfer of {} from {}", gift.quantity, gift.from), rest));
    }

    let mut sizing = match row.stock.filter(|_| rest > Fixed::ZERO) {
        Some(stock) => {
            // Maximum stock and cover hold for what there will be with the gifts.
            let inventory_position = stock.inventory_position + (needed - rest);
            let stock = StockView { inventory_position, ..stock };
            let Verdict { reason, sizing } = size(facts, sizes, &row.levels, &stock, rest);
            row.reason = reason;
            sizing.unwrap_or_else(|| Sizing::starting_with(rest))
        }
        None => {
            row.reason = Reason::Transferred;
            Sizing { quantity: Fixed::ZERO, ..Sizing::starting_with(needed) }
        }
    };
    sizing.needed = needed;
    sizing.steps.splice(0..0, steps);
    row.sizing = Some(Box::new(sizing));

    let transfer = |gift: Gift| Transfer {
        key: facts.key.clone(),
        reason: format!("excess at {}; {} needs {needed}", gift.from, facts.key.location),
        from_location: gift.from,
        quantity: gift.quantity,
    };
    gifts.into_iter().map(transfer).collect()
}
