//! Containers, trucks, pallets: an order ships in whole ones, and the room in the last one is
//! filled where that pays.

use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::tables::Supplier;
use crate::plan::PlannedItem;
use crate::plan::context::PlanContext;
use crate::plan::item::facts::ItemFacts;
use crate::plan::item::moq_and_packs::SizeSettings;
use crate::plan::reason::Reason;

use super::additions::{Additions, MAX_STEPS, apply};
use super::{LineState, OrderFinding, OrderStates, Orders, Recipient, approved_tonight};

/// Sums of weights are not exact; this share of a container is no overflow.
const ROUNDING: f64 = 1e-9;
/// A last container with less room than this is full. Judgement: two per cent is within the error
/// of stated weights and volumes.
const FULL: f64 = 0.02;

/// Fills the room in the last container of each order whose supplier ships in containers, and says
/// how full they are.
///
/// A pack that takes the share v of a container saves v·K of freight, K the cost of one container,
/// when it rides in room that would be shipped empty instead of in a later container; it costs its
/// holding for the days it is early. Packs are added as they will be needed, soonest first, while
/// they save more than they cost, within cover, maximum stock and shelf life. What was approved
/// earlier and goes out with the order rides along. An order that waits
/// for its supplier's minimum value is left alone.
#[must_use]
pub fn fill_containers(
    context: &PlanContext<'_>,
    items: &mut [PlannedItem<'_>],
    states: &OrderStates,
) -> Vec<OrderFinding> {
    let sizes = SizeSettings::of(context.settings);
    let orders = Orders::group(items);
    let approved = approved_tonight(items);
    let mut findings = Vec::new();
    for (recipient, ordered) in &orders.ordered {
        if states.get(recipient) == Some(&LineState::Held) {
            continue;
        }
        let goes_out = approved.get(recipient).map_or(&[][..], Vec::as_slice);
        let Some(shipment) = Shipment::of(items, recipient, (ordered, goes_out)) else { continue };

        let filled = shipment.fill(items, &sizes, orders.idle(recipient));
        let finding = match filled {
            Some(filled) => {
                let finding = shipment.filled_finding(&filled);
                let step = format!("{} full containers", shipment.count);
                apply(&filled.additions.into_added(), items, &step, Reason::FillsContainer);
                finding
            }
            None if shipment.count - shipment.taken > FULL => shipment.room_finding(),
            None => continue,
        };
        findings.push(OrderFinding { recipient: Some(recipient.clone()), finding });
    }

    findings
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
            weight_kg: of_one(item.and_then(|item| item.weight_kg.get())),
            volume_m3: of_one(item.and_then(|item| item.volume_m3.get())),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            weight_kg: self.weight_kg + other.weight_kg,
            volume_m3: self.volume_m3 + other.volume_m3,
        }
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

/// An order that is shipped in containers.
struct Shipment<'a> {
    recipient: &'a Recipient,
    /// Items on the order, by their index in the plan.
    ordered: &'a [usize],
    container: Container,
    /// What it weighs and measures so far.
    load: Load,
    /// Lines that say nothing about that.
    unknown_lines: usize,
    /// Containers that the load takes, a fraction included.
    taken: f64,
    /// Whole containers that are shipped.
    count: f64,
}

/// What an order with its containers filled takes on.
struct Filled<'a> {
    additions: Additions<'a>,
    /// Containers taken after filling.
    taken: f64,
    /// Freight of what was added, had it been shipped later, base money.
    freight: f64,
}

impl<'a> Shipment<'a> {
    /// `None` for an order that takes no containers. Lines that were approved earlier and go out
    /// with it, an item and units each, ride along.
    fn of(
        items: &[PlannedItem<'_>],
        recipient: &'a Recipient,
        (ordered, approved): (&'a [usize], &[(usize, Fixed)]),
    ) -> Option<Self> {
        let first = ordered.first().map(|at| &items[*at].facts)?;
        let container = Container::of(first.offer.row?, first.currency_rate.get()?)?;

        let (mut load, mut unknown_lines) = (Load::default(), 0);
        let tonight = ordered.iter().map(|at| (*at, items[*at].row.sized_units()));
        for (at, units) in tonight.chain(approved.iter().copied()) {
            let of_line = Load::of(&items[at].facts, units);
            unknown_lines += usize::from(of_line == Load::default());
            load = load.plus(of_line);
        }

        let taken = container.share(load);
        let count = (taken - ROUNDING).ceil().max(1.0);
        let shipment = Self { recipient, ordered, container, load, unknown_lines, taken, count };
        (taken > 0.0).then_some(shipment)
    }

    /// Fills the containers; `None` where nothing is added.
    fn fill<'p>(
        &self,
        items: &'p [PlannedItem<'p>],
        sizes: &SizeSettings,
        idle: &[usize],
    ) -> Option<Filled<'p>> {
        let cost = self.container.cost?;
        let is_measured =
            |at: &usize| self.container.share(Load::of(&items[*at].facts, Fixed::ONE)) > 0.0;
        let chosen = self.ordered.iter().chain(idle).copied().filter(is_measured);
        let mut additions = Additions::of(sizes, items, chosen);

        let (mut load, mut freight, mut is_filled) = (self.load, 0.0, false);
        for _ in 0..MAX_STEPS {
            let Some(pack) = additions.soonest() else { break };
            let more = Load::of(&items[pack.at].facts, pack.units);
            let saved = self.container.share(more) * cost;
            let fits = self.container.share(load.plus(more)) <= self.count + ROUNDING;
            if !fits || pack.holding >= saved {
                additions.close(&pack);
                continue;
            }
            additions.take(&pack);
            (load, freight, is_filled) = (load.plus(more), freight + saved, true);
        }

        is_filled.then(|| Filled { additions, taken: self.container.share(load), freight })
    }

    fn filled_finding(&self, filled: &Filled<'_>) -> Finding {
        let message = format!(
            "{}: filled to {:.2} with {} for {:.2} of holding, against {:.2} of freight{}",
            self.described(),
            filled.taken,
            filled.additions.names(),
            filled.additions.cost,
            filled.freight,
            self.unknown()
        );
        Finding::of_table(Code::ContainerFilled, "suppliers", message)
    }

    fn room_finding(&self) -> Finding {
        let last = 100.0 * (self.taken - (self.count - 1.0));
        let why = match self.container.cost {
            None => "no `container_cost` is given",
            Some(_) => "nothing pays to fill it",
        };
        let message =
            format!("{}, the last one {last:.0} % full: {why}{}", self.described(), self.unknown());
        Finding::of_table(Code::ContainerRoom, "suppliers", message)
    }

    fn described(&self) -> String {
        let shipped = if self.count > 1.0 {
            format!("{} are shipped", self.count)
        } else {
            "one is shipped".to_owned()
        };
        format!(
            "the order of {} takes {:.2} {}, {shipped}",
            self.recipient, self.taken, self.container
        )
    }

    fn unknown(&self) -> String {
        match self.unknown_lines {
            0 => String::new(),
            1 => "; 1 line without weight or volume counts nothing".to_owned(),
            lines => format!("; {lines} lines without weight or volume count nothing"),
        }
    }
}

impl Container {
    /// `None` where the supplier states neither weight nor volume.
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
        let by_weight = self.weight_kg.map_or(0.0, |max| load.weight_kg / max);
        let by_volume = self.volume_m3.map_or(0.0, |max| load.volume_m3 / max);

        by_weight.max(by_volume)
    }
}
