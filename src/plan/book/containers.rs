//! Containers, trucks, pallets: an order ships in whole ones, and the room in the last one is
//! filled where that pays.

use std::collections::BTreeMap;

use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::tables::Supplier;
use crate::plan::facts::{ItemFacts, World};
use crate::plan::row::PlanRow;
use crate::plan::sizing::Sizes;

use super::additions::{Additions, apply};
use super::{LineState, Orders, Recipient};

/// Packs that may be added to one order before it is left to a person.
const MOST_STEPS: usize = 20_000;
/// Sums of weights are not exact; this share of a container is no overflow.
const ROUNDING: f64 = 1e-9;
/// A last container with less room than this is full.
const FULL: f64 = 0.02;

/// Fills the room in the last container of each order whose supplier ships in containers, and says
/// how full they are.
///
/// A pack that takes the share v of a container saves v·K of freight, K the cost of one container,
/// when it rides in room that would be shipped empty instead of in a later container; it costs its
/// holding for the days it is early. Packs are added as they will be needed, soonest first, while
/// they save more than they cost, within cover, maximum stock and shelf life. An order that waits
/// for its supplier's minimum value is left alone.
pub(super) fn fill_containers(
    world: &World<'_>,
    (plan, facts): (&mut [PlanRow], &[ItemFacts<'_>]),
    (orders, states): (&Orders, &BTreeMap<Recipient, LineState>),
    findings: &mut Vec<Finding>,
) {
    for (recipient, ordered) in &orders.ordered {
        if states.get(recipient) == Some(&LineState::Held) {
            continue;
        }
        let first = ordered.first().map(|at| &facts[*at]);
        let Some(container) =
            first.and_then(|facts| Container::of(facts.offer.row?, facts.currency_rate?))
        else {
            continue;
        };
        let idle = orders.idle.get(recipient).map_or(&[][..], Vec::as_slice);
        let shipment = Shipment::of(plan, facts, ordered);
        let taken = container.share(shipment.load);
        if taken <= 0.0 {
            continue;
        }
        let count = (taken - ROUNDING).ceil().max(1.0);
        let filled = container.fill(
            &Sizes::of(world),
            (plan, facts),
            (ordered, idle),
            (shipment.load, count),
        );
        let order = format!(
            "the order of {} for {} takes {taken:.2} {container}",
            recipient.0, recipient.1
        );
        let shipped =
            if count > 1.0 { format!("{count} are shipped") } else { "one is shipped".to_owned() };
        let unknown = match shipment.unknown {
            0 => String::new(),
            lines => format!("; {lines} lines without weight or volume count nothing"),
        };
        let finding = match filled {
            Some(filled) => {
                let message = format!(
                    "{order}, {shipped}: filled to {:.2} with {} for {:.2} of holding, against {:.2} of freight{unknown}",
                    filled.taken,
                    filled.additions.names(),
                    filled.additions.cost,
                    filled.freight
                );
                let added = filled.additions.into_added();
                apply(&added, plan, (&format!("{count} full containers"), "fills_container"));
                Finding::of_table(Code::ContainerFilled, "suppliers", message)
            }
            None if count - taken > FULL => {
                let last = 100.0 * (taken - (count - 1.0));
                let why = if container.cost.is_none() {
                    "no `container_cost` is given"
                } else {
                    "nothing pays to fill it"
                };
                let message =
                    format!("{order}, {shipped}, the last one {last:.0} % full: {why}{unknown}");
                Finding::of_table(Code::ContainerRoom, "suppliers", message)
            }
            None => continue,
        };
        findings.push(finding);
    }
}

/// Weight and volume.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Load {
    weight_kg: f64,
    volume_m3: f64,
}

impl Load {
    /// Of some units of an item; what is not known counts nothing.
    fn of(facts: &ItemFacts<'_>, units: Fixed) -> Self {
        let of_one = |figure: Option<f64>| units.to_f64() * figure.unwrap_or(0.0);
        let item = facts.item;
        Self {
            weight_kg: of_one(item.and_then(|item| item.weight_kg)),
            volume_m3: of_one(item.and_then(|item| item.volume_m3)),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            weight_kg: self.weight_kg + other.weight_kg,
            volume_m3: self.volume_m3 + other.volume_m3,
        }
    }
}

/// What an order weighs so far, and how many of its lines say nothing about that.
struct Shipment {
    load: Load,
    unknown: usize,
}

impl Shipment {
    fn of(plan: &[PlanRow], facts: &[ItemFacts<'_>], ordered: &[usize]) -> Self {
        let mut shipment = Self { load: Load::default(), unknown: 0 };
        for &at in ordered {
            let units = plan[at].sizing.as_ref().map_or(Fixed::ZERO, |sizing| sizing.quantity);
            let load = Load::of(&facts[at], units);
            shipment.unknown += usize::from(load == Load::default());
            shipment.load = shipment.load.plus(load);
        }
        shipment
    }
}

/// What one container holds and costs.
#[derive(Debug, Clone, Copy)]
struct Container {
    weight_kg: Option<f64>,
    volume_m3: Option<f64>,
    /// In base money.
    cost: Option<f64>,
}

impl std::fmt::Display for Container {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("containers of ")?;
        match (self.weight_kg, self.volume_m3) {
            (Some(weight), Some(volume)) => write!(f, "{weight} kg and {volume} m³"),
            (Some(weight), None) => write!(f, "{weight} kg"),
            (None, volume) => write!(f, "{} m³", volume.unwrap_or(0.0)),
        }
    }
}

/// An order with its containers filled.
struct Filled<'a> {
    additions: Additions<'a>,
    /// Containers taken after filling.
    taken: f64,
    /// Freight of what was added, had it been shipped later.
    freight: f64,
}

impl Container {
    /// None where the supplier states neither weight nor volume.
    fn of(supplier: &Supplier, currency_rate: f64) -> Option<Self> {
        let (weight_kg, volume_m3) = (supplier.container_weight_kg, supplier.container_volume_m3);
        weight_kg.or(volume_m3)?;
        let cost = supplier
            .container_cost
            .map(|cost| cost.to_f64() * currency_rate)
            .filter(|cost| *cost > 0.0);
        Some(Self { weight_kg, volume_m3, cost })
    }

    /// Containers that a load takes, by weight or by volume, whichever is more.
    fn share(&self, load: Load) -> f64 {
        let by = |load: f64, most: Option<f64>| most.map_or(0.0, |most| load / most);
        by(load.weight_kg, self.weight_kg).max(by(load.volume_m3, self.volume_m3))
    }

    /// Fills `count` containers that carry `load` already; none where nothing is added.
    fn fill<'a>(
        &self,
        sizes: &Sizes,
        (plan, facts): (&'a [PlanRow], &'a [ItemFacts<'a>]),
        (ordered, idle): (&[usize], &[usize]),
        (load, count): (Load, f64),
    ) -> Option<Filled<'a>> {
        let cost = self.cost?;
        let (mut load, mut freight, mut is_filled) = (load, 0.0, false);
        let measured = |at: &usize| self.share(Load::of(&facts[*at], Fixed::ONE)) > 0.0;
        let items = ordered.iter().chain(idle).copied().filter(measured);
        let mut additions = Additions::of(sizes, (plan, facts), items);
        for _ in 0..MOST_STEPS {
            let Some(pack) = additions.soonest() else { break };
            let more = Load::of(&facts[pack.at], pack.units);
            let saved = self.share(more) * cost;
            if self.share(load.plus(more)) > count + ROUNDING || pack.holding >= saved {
                additions.close(&pack);
                continue;
            }
            additions.take(&pack);
            (load, freight, is_filled) = (load.plus(more), freight + saved, true);
        }
        is_filled.then(|| Filled { additions, taken: self.share(load), freight })
    }
}
