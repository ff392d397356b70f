//! What an order can take on: pack after pack of what will be needed soonest.

use std::collections::BTreeMap;

use crate::domain::calendar::DAYS_PER_YEAR;
use crate::domain::fixed::Fixed;
use crate::plan::PlannedItem;
use crate::plan::item::moq_and_packs::{SizeSettings, upper_limit};
use crate::plan::item::row::Sizing;
use crate::plan::reason::Reason;

use super::days_to_need;

/// Packs that may be added to one order before it is left to a person. Judgement: no order that
/// people check by hand is longer.
pub(super) const MAX_STEPS: usize = 20_000;

/// An item that packs can be added to.
struct Candidate {
    /// Its index in the plan.
    at: usize,
    /// Ordered so far.
    quantity: Fixed,
    /// The most that may be ordered, within cover, maximum stock and shelf life.
    max_quantity: Fixed,
}

impl Candidate {
    /// `None` where stock or cost is not known.
    fn of(at: usize, item: &PlannedItem<'_>) -> Option<Self> {
        let (facts, levels, stock) = (&item.facts, &item.row.levels, item.row.stock?);
        facts.unit_cost?;
        let quantity = if item.row.is_ordered() { item.row.sized_units() } else { Fixed::ZERO };

        let position = stock.inventory_position;
        let cover =
            Fixed::from_f64(facts.max_cover_days * levels.mean_daily_demand)? - position.or_zero();
        let room = upper_limit(facts, levels).map(|limit| limit.units() - position);
        Some(Self { at, quantity, max_quantity: room.map_or(cover, |room| room.min(cover)) })
    }

    /// The next addition: the least order first, then pack by pack.
    fn next_units(&self, item: &PlannedItem<'_>) -> Fixed {
        if self.quantity == Fixed::ZERO { item.facts.min_order() } else { item.facts.pack_units() }
    }
}

/// The packs that are added to one order, and what being early costs.
pub(super) struct Additions<'a> {
    items: &'a [PlannedItem<'a>],
    holding_share: f64,
    candidates: Vec<Candidate>,
    added: BTreeMap<usize, Fixed>,
    /// Holding of what was added for the days it is early, base money.
    pub(super) cost: f64,
}

/// One pack that could be added.
#[derive(Debug, Clone, Copy)]
pub(super) struct Addition {
    candidate: usize,
    /// The item's index in the plan.
    pub(super) at: usize,
    /// Ordered of the item before.
    pub(super) before: Fixed,
    /// Units of the pack.
    pub(super) units: Fixed,
    /// Holding of the pack for the days it is early, base money.
    pub(super) holding: f64,
}

impl<'a> Additions<'a> {
    /// Of the items ordered tonight and of those that could be; the ones whose cost is not known
    /// take no part.
    pub(super) fn of(
        sizes: &SizeSettings,
        items: &'a [PlannedItem<'a>],
        chosen: impl Iterator<Item = usize>,
    ) -> Self {
        Self {
            items,
            holding_share: sizes.holding_share,
            candidates: chosen.filter_map(|at| Candidate::of(at, &items[at])).collect(),
            added: BTreeMap::new(),
            cost: 0.0,
        }
    }

    /// The next pack of the item that will be needed soonest among those whose limits allow one;
    /// where two are needed on the same day, of the first.
    pub(super) fn soonest(&self) -> Option<Addition> {
        let next = |(candidate, one): (usize, &Candidate)| {
            let item = &self.items[one.at];
            let units = one.next_units(item);
            let days = days_to_need(&item.row, one.quantity.to_f64());
            (one.quantity + units <= one.max_quantity).then_some((days, candidate, units))
        };
        let fitting = self.candidates.iter().enumerate().filter_map(next);
        let (_, candidate, units) =
            fitting.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))?;

        let one = &self.candidates[candidate];
        let item = &self.items[one.at];
        let early_days = days_to_need(&item.row, one.quantity.to_f64() + 0.5 * units.to_f64());
        let unit_cost = item.facts.unit_cost.map_or(0.0, Fixed::to_f64);
        let holding = self.holding_share * unit_cost * units.to_f64() * early_days / DAYS_PER_YEAR;

        Some(Addition { candidate, at: one.at, before: one.quantity, units, holding })
    }

    /// Adds a pack.
    pub(super) fn take(&mut self, pack: &Addition) {
        self.candidates[pack.candidate].quantity += pack.units;
        self.cost += pack.holding;
        *self.added.entry(pack.at).or_default() += pack.units;
    }

    /// No more of this item.
    pub(super) fn close(&mut self, pack: &Addition) {
        self.candidates[pack.candidate].max_quantity = Fixed::ZERO;
    }

    /// What was added, in words.
    pub(super) fn names(&self) -> String {
        let name =
            |(at, units): (&usize, &Fixed)| format!("{units} of {}", self.items[*at].key().sku);
        let names: Vec<String> = self.added.iter().map(name).collect();

        names.join(", ")
    }

    /// Units added, by index in the plan.
    pub(super) fn into_added(self) -> BTreeMap<usize, Fixed> {
        self.added
    }
}

/// Writes what was added into the plan: `step` names it in each item's arithmetic, `reason` is that
/// of items that would not have been ordered.
pub(super) fn apply(
    added: &BTreeMap<usize, Fixed>,
    items: &mut [PlannedItem<'_>],
    step: &str,
    reason: Reason,
) {
    for (&at, &units) in added {
        let row = &mut items[at].row;
        if !row.is_ordered() {
            row.reason = reason;
            row.sizing = Some(Box::new(Sizing::starting_with(Fixed::ZERO)));
        }
        if let Some(sizing) = &mut row.sizing {
            sizing.step(step.to_owned(), sizing.quantity + units);
        }
    }
}
