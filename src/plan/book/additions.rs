//! What an order can take on: pack after pack of what will be needed soonest.

use std::collections::BTreeMap;

use crate::domain::fixed::Fixed;
use crate::plan::facts::ItemFacts;
use crate::plan::row::{Decision, PlanRow, Sizing};
use crate::plan::sizing::{Sizes, least_order, upper_limit};

use super::days_to_need;

const DAYS_PER_YEAR: f64 = 365.0;

/// An item that packs can be added to.
struct Candidate {
    at: usize,
    /// Ordered so far.
    quantity: Fixed,
    /// The most that may be ordered, within cover, maximum stock and shelf life.
    most: Fixed,
}

/// The packs that are added to one order, and what being early costs.
pub(super) struct Additions<'a> {
    plan: &'a [PlanRow],
    facts: &'a [ItemFacts<'a>],
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
    /// The item's place in the plan.
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
        sizes: &Sizes,
        (plan, facts): (&'a [PlanRow], &'a [ItemFacts<'a>]),
        items: impl Iterator<Item = usize>,
    ) -> Self {
        let candidates = items.filter_map(|at| candidate(at, &plan[at], &facts[at])).collect();
        Self {
            plan,
            facts,
            holding_share: sizes.holding_share,
            candidates,
            added: BTreeMap::new(),
            cost: 0.0,
        }
    }

    /// The next pack of the item that will be needed soonest among those whose limits allow one;
    /// where two are needed on the same day, of the first.
    pub(super) fn soonest(&self) -> Option<Addition> {
        let next = |(place, one): (usize, &Candidate)| {
            let units = pack(one, &self.facts[one.at]);
            let days = days_to_need(&self.plan[one.at], one.quantity.to_f64());
            (one.quantity + units <= one.most).then_some((days, place, units))
        };
        let soonest = self.candidates.iter().enumerate().filter_map(next);
        let (_, candidate, units) =
            soonest.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))?;
        let one = &self.candidates[candidate];
        let early_days =
            days_to_need(&self.plan[one.at], one.quantity.to_f64() + 0.5 * units.to_f64());
        let unit_cost = self.facts[one.at].unit_cost.map_or(0.0, Fixed::to_f64);
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
        self.candidates[pack.candidate].most = Fixed::ZERO;
    }

    /// What was added, in words.
    pub(super) fn names(&self) -> String {
        let names: Vec<String> = self
            .added
            .iter()
            .map(|(at, units)| format!("{units} of {}", self.plan[*at].key.sku))
            .collect();
        names.join(", ")
    }

    /// Units added, by place in the plan.
    pub(super) fn into_added(self) -> BTreeMap<usize, Fixed> {
        self.added
    }
}

/// Writes what was added into the plan: `step` names it in each item's arithmetic, `reason` is that
/// of items that would not have been ordered.
pub(super) fn apply(
    added: &BTreeMap<usize, Fixed>,
    plan: &mut [PlanRow],
    (step, reason): (&str, &'static str),
) {
    for (&at, &units) in added {
        let row = &mut plan[at];
        if row.decision != Decision::Order {
            row.decision = Decision::Order;
            row.reason = reason;
            row.sizing = Some(Sizing::starting_with(Fixed::ZERO));
        }
        if let Some(sizing) = &mut row.sizing {
            sizing.step(step.to_owned(), sizing.quantity + units);
        }
    }
}

/// The next addition to a candidate: its MOQ first, then pack by pack.
fn pack(one: &Candidate, facts: &ItemFacts<'_>) -> Fixed {
    let pack = if facts.offer.pack_size > Fixed::ZERO { facts.offer.pack_size } else { Fixed::ONE };
    if one.quantity == Fixed::ZERO { least_order(facts) } else { pack }
}

fn candidate(at: usize, row: &PlanRow, facts: &ItemFacts<'_>) -> Option<Candidate> {
    let (levels, stock) = (row.levels?, row.stock?);
    facts.unit_cost?;
    let quantity = row
        .sizing
        .as_ref()
        .filter(|_| row.decision == Decision::Order)
        .map_or(Fixed::ZERO, |s| s.quantity);
    let cover = Fixed::from_f64(facts.max_cover_days * levels.mean_daily_demand)?
        - stock.inventory_position.or_zero();
    let limit = upper_limit(facts, &levels).map(|(_, limit)| limit - stock.inventory_position);
    Some(Candidate { at, quantity, most: limit.map_or(cover, |limit| limit.min(cover)) })
}
