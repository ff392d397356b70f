//! Stock that moves between our own locations: replenishment of places that another supplies, and
//! excess that spares a purchase.

use std::collections::BTreeMap;

use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::Text;

use super::facts::{ItemFacts, World, rows};
use super::row::{Decision, PlanRow, Sizing};
use super::sizing::{Sizes, size};

/// A suggested transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Transfer {
    pub key: Key,
    pub from_location: Text,
    pub quantity: Fixed,
    pub reason: String,
}

/// Tonight's transfers, sorted by sku, giver and receiver. What a location receives it does not
/// buy: the plan's rows are changed. `facts` stand beside `plan`.
#[must_use]
pub fn transfers(
    world: &World<'_>,
    plan: &mut [PlanRow],
    facts: &[ItemFacts<'_>],
    findings: &mut Vec<Finding>,
) -> Vec<Transfer> {
    let mut found = replenish(plan, facts, findings);
    if world.settings.purchasing.transfers {
        found.extend(move_excess(world, plan, facts, &found));
    }
    found.sort_by(|a, b| {
        (&a.key.sku, &a.from_location, &a.key.location).cmp(&(
            &b.key.sku,
            &b.from_location,
            &b.key.location,
        ))
    });
    found
}

/// Units that are there and promised to nobody.
fn free(row: &PlanRow) -> Fixed {
    row.stock
        .map_or(Fixed::ZERO, |stock| (stock.on_hand - stock.allocated - stock.backorders).or_zero())
}

/// Serves the places that a location supplies from what is free there; where that is too little,
/// each gets its share by need.
fn replenish(
    plan: &mut [PlanRow],
    facts: &[ItemFacts<'_>],
    findings: &mut Vec<Finding>,
) -> Vec<Transfer> {
    let mut asking: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (at, (row, facts)) in plan.iter().zip(facts).enumerate() {
        if let Some(from) = facts.supplied_by.as_ref().filter(|_| row.decision == Decision::Order) {
            let giver = Key { sku: row.key.sku.clone(), location: from.clone() };
            asking.entry(giver).or_default().push(at);
        }
    }
    let mut found = Vec::new();
    for (giver, places) in asking {
        let there = plan
            .binary_search_by(|row| row.key.cmp(&giver))
            .map_or(Fixed::ZERO, |at| free(&plan[at]));
        let needs: Vec<Fixed> = places.iter().map(|at| ordered(&plan[*at])).collect();
        let shares = shared_by_need(there, &needs);
        let wanted: Fixed = needs.iter().copied().sum();
        if wanted > there {
            let message = format!(
                "{} has {there} free, its places need {wanted}; it is shared by need",
                giver.location
            );
            findings.push(Finding::about(Code::SupplyShort, "locations", &giver, message));
        }
        for ((&at, need), share) in places.iter().zip(needs).zip(shares) {
            let row = &mut plan[at];
            if share == Fixed::ZERO {
                row.decision = Decision::Blocked;
                row.reason = "supplying_location_is_short";
                continue;
            }
            if let Some(sizing) = row.sizing.as_mut().filter(|_| share < need) {
                sizing.step(format!("shared by need at {}", giver.location), share);
            }
            row.reason = "supplied_by_location";
            let reason = format!("replenishment: {} needs {need}", row.key.location);
            found.push(Transfer {
                key: row.key.clone(),
                from_location: giver.location.clone(),
                quantity: share,
                reason,
            });
        }
    }
    found
}

fn ordered(row: &PlanRow) -> Fixed {
    row.sizing.as_ref().map_or(Fixed::ZERO, |sizing| sizing.quantity)
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
    let unit = if needs.iter().all(|need| need.is_whole()) { Fixed::ONE.0 } else { 1 };
    let there = there.or_zero().0 / unit;
    let whole = i128::from(wanted.0.max(1) / unit.max(1)).max(1);
    let exact: Vec<i128> =
        needs.iter().map(|need| i128::from(need.0 / unit) * i128::from(there)).collect();
    let mut shares: Vec<i64> = exact.iter().map(|share| (share / whole) as i64).collect();
    let mut by_remainder: Vec<usize> = (0..needs.len()).collect();
    by_remainder.sort_by_key(|&i| (std::cmp::Reverse(exact[i] % whole), i));
    let left = (there - shares.iter().sum::<i64>()).max(0) as usize;
    by_remainder.iter().take(left).for_each(|&i| shares[i] += 1);
    shares.into_iter().map(|share| Fixed(share * unit)).collect()
}

/// Moves what a location has beyond its own order-up-to level to one that would buy.
fn move_excess(
    world: &World<'_>,
    plan: &mut [PlanRow],
    facts: &[ItemFacts<'_>],
    taken: &[Transfer],
) -> Vec<Transfer> {
    let known =
        |location: &str| rows(&world.tables.locations).iter().any(|row| &*row.location == location);
    let mut given: BTreeMap<Key, Fixed> = BTreeMap::new();
    for transfer in taken {
        let giver = Key { sku: transfer.key.sku.clone(), location: transfer.from_location.clone() };
        *given.entry(giver).or_default() += transfer.quantity;
    }
    let sizes = Sizes::of(world);
    let mut found = Vec::new();
    let mut from = 0;
    while from < plan.len() {
        let to = from + plan[from..].partition_point(|row| row.key.sku == plan[from].key.sku);
        for receiver in from..to {
            let buys =
                plan[receiver].decision == Decision::Order && facts[receiver].supplied_by.is_none();
            if to - from < 2 || !buys || !known(&plan[receiver].key.location) {
                continue;
            }
            for giver in from..to {
                let need =
                    plan[receiver].sizing.as_ref().map_or(Fixed::ZERO, |sizing| sizing.needed);
                let out = given.get(&plan[giver].key).copied().unwrap_or_default();
                let excess = (excess(&plan[giver]) - out).or_zero();
                let quantity = whole(excess.min(need), need);
                let still_buys = plan[receiver].decision == Decision::Order;
                if giver == receiver
                    || quantity <= Fixed::ZERO
                    || !still_buys
                    || !known(&plan[giver].key.location)
                {
                    continue;
                }
                *given.entry(plan[giver].key.clone()).or_default() += quantity;
                found.push(receive(
                    &mut plan[receiver],
                    &facts[receiver],
                    &sizes,
                    (giver_name(&facts[giver]), quantity),
                ));
            }
        }
        from = to;
    }
    found
}

fn giver_name(facts: &ItemFacts<'_>) -> Text {
    facts.key.location.clone()
}

/// What a location has on hand beyond its order-up-to level: giving it away leaves all that it
/// plans to have.
fn excess(row: &PlanRow) -> Fixed {
    let Some(levels) = row.levels else { return Fixed::ZERO };
    let kept = Fixed::from_f64(levels.order_up_to_level.max(0.0).ceil()).unwrap_or(Fixed(i64::MAX));
    (free(row) - kept).or_zero()
}

/// In whole units where the need is whole.
fn whole(quantity: Fixed, need: Fixed) -> Fixed {
    if need.is_whole() {
        Fixed(quantity.0.div_euclid(Fixed::ONE.0) * Fixed::ONE.0)
    } else {
        quantity
    }
}

/// Takes a transfer off what the receiver buys.
fn receive(
    row: &mut PlanRow,
    facts: &ItemFacts<'_>,
    sizes: &Sizes,
    (from, quantity): (Text, Fixed),
) -> Transfer {
    let needed = row.sizing.as_ref().map_or(Fixed::ZERO, |sizing| sizing.needed);
    let rest = needed - quantity;
    if let Some((levels, stock)) = row.levels.zip(row.stock).filter(|_| rest > Fixed::ZERO) {
        let (decision, reason, sizing) = size(facts, sizes, (&levels, &stock), rest);
        (row.decision, row.reason, row.sizing) = (decision, reason, sizing);
    } else {
        (row.decision, row.reason) = (Decision::NoNeed, "transferred");
        row.sizing = Some(Sizing { quantity: Fixed::ZERO, ..Sizing::starting_with(needed) });
    }
    if let Some(sizing) = &mut row.sizing {
        sizing.needed = needed;
        sizing.steps.insert(0, (format!("transfer of {quantity} from {from}"), rest.or_zero()));
    }
    let reason = format!("excess at {from}; {} needs {needed}", row.key.location);
    Transfer { key: row.key.clone(), from_location: from, quantity, reason }
}
