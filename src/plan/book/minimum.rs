//! Minimum order values: an order that is too small is topped up with what will be needed soonest, or waits.

use std::collections::BTreeMap;

use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::plan::facts::{ItemFacts, World};
use crate::plan::row::{Decision, PlanRow, Sizing};
use crate::plan::sizing::{Sizes, upper_limit};

use super::{LineState, Orders, Recipient, days_to_need};

const DAYS_PER_YEAR: f64 = 365.0;
/// Packs that may be added to one order before it is left to a person.
const MOST_STEPS: usize = 20_000;

/// Tops up or holds the orders below their supplier's minimum value, whichever costs less; the state of the lines of the
/// orders that do not simply go out.
///
/// Topping up costs the holding of each added pack for the days it is early. Waiting costs what runs short between the
/// arrival of tonight's order and of one placed at the next order date.
pub(super) fn meet_minimum_values(
    world: &World<'_>,
    (plan, facts): (&mut [PlanRow], &[ItemFacts<'_>]),
    orders: &Orders,
    findings: &mut Vec<Finding>,
) -> BTreeMap<Recipient, LineState> {
    let mut states = BTreeMap::new();
    for (recipient, ordered) in &orders.ordered {
        let Some(supplier) = ordered.first().and_then(|at| facts[*at].offer.row) else { continue };
        let Some(least) = supplier.min_order_value.filter(|least| *least > Fixed::ZERO) else { continue };
        let value: Fixed = ordered.iter().map(|at| value(&plan[*at], &facts[*at])).sum();
        if value >= least {
            continue;
        }
        let idle = orders.idle.get(recipient).map_or(&[][..], Vec::as_slice);
        let top_up = TopUp::find(&Sizes::of(world), (plan, facts), (ordered, idle), least - value);
        let waiting = ordered.iter().map(|at| plan[*at].waiting_cost).sum::<Option<f64>>();
        let order = format!("the order of {} for {}", recipient.0, recipient.1);
        let short = format!("{order} comes to {}, below the minimum order value of {}", money(value), money(least));
        let (code, message) = match (top_up, waiting) {
            (Some(top_up), waiting) if waiting.is_none_or(|waiting| top_up.cost <= waiting) => {
                let what = top_up.names(plan);
                top_up.apply(plan, least);
                let against =
                    waiting.map_or_else(String::new, |cost| format!("; waiting would cost {cost:.2} in shortage"));
                (Code::ToppedUp, format!("{short}: topped up with {what} for {:.2} of holding{against}", top_up.cost))
            }
            (top_up, Some(waiting)) => {
                states.insert(recipient.clone(), LineState::Held);
                let against = top_up.map_or_else(
                    || "nothing could top it up".to_owned(),
                    |top_up| format!("topping up would cost {:.2} of holding", top_up.cost),
                );
                (Code::WaitsForMinimum, format!("{short}: it waits, for {waiting:.2} of expected shortage; {against}"))
            }
            _ => {
                states.insert(recipient.clone(), LineState::NeedsReview);
                (Code::MinOrderValue, format!("{short}; nothing could top it up"))
            }
        };
        findings.push(Finding::of_table(code, "suppliers", message));
    }
    states
}

fn money(value: Fixed) -> String {
    value.with_decimals(2)
}

/// What an item's line comes to in the supplier's currency.
fn value(row: &PlanRow, facts: &ItemFacts<'_>) -> Fixed {
    let quantity = row.sizing.as_ref().map_or(Fixed::ZERO, |sizing| sizing.quantity);
    facts.unit_cost_at(quantity).map_or(Fixed::ZERO, |cost| quantity.times(cost).rounded(2))
}

/// Packs to add, and what being early costs, in base money.
struct TopUp {
    added: BTreeMap<usize, Fixed>,
    cost: f64,
}

/// An item that packs can be added to.
struct Candidate {
    at: usize,
    /// Ordered so far.
    quantity: Fixed,
    /// The most that may be ordered.
    most: Fixed,
}

impl TopUp {
    /// Adds pack after pack to the item that will be needed soonest, until the value is reached; none where the items'
    /// limits do not allow it.
    fn find(
        sizes: &Sizes,
        (plan, facts): (&[PlanRow], &[ItemFacts<'_>]),
        (ordered, idle): (&[usize], &[usize]),
        missing: Fixed,
    ) -> Option<Self> {
        let mut candidates: Vec<Candidate> =
            ordered.iter().chain(idle).filter_map(|at| candidate(*at, &plan[*at], &facts[*at])).collect();
        let mut top_up = Self { added: BTreeMap::new(), cost: 0.0 };
        let mut missing = missing;
        for _ in 0..MOST_STEPS {
            let days = |one: &Candidate| days_to_need(&plan[one.at], one.quantity.to_f64());
            let fits = |one: &&mut Candidate| one.quantity + pack(one, &facts[one.at]) <= one.most;
            let next =
                candidates.iter_mut().filter(fits).min_by(|a, b| days(a).total_cmp(&days(b)).then(a.at.cmp(&b.at)))?;
            let facts = &facts[next.at];
            let added = pack(next, facts);
            let early_days = days_to_need(&plan[next.at], next.quantity.to_f64() + 0.5 * added.to_f64());
            let unit_cost = facts.unit_cost.map_or(0.0, Fixed::to_f64);
            top_up.cost += sizes.holding_share * unit_cost * added.to_f64() * early_days / DAYS_PER_YEAR;
            let before = facts.unit_cost_at(next.quantity).map_or(Fixed::ZERO, |cost| next.quantity.times(cost));
            next.quantity += added;
            let after = facts.unit_cost_at(next.quantity).map_or(Fixed::ZERO, |cost| next.quantity.times(cost));
            *top_up.added.entry(next.at).or_default() += added;
            missing = missing - (after - before);
            if missing <= Fixed::ZERO {
                return Some(top_up);
            }
        }
        None
    }

    fn names(&self, plan: &[PlanRow]) -> String {
        let names: Vec<String> =
            self.added.iter().map(|(at, units)| format!("{units} of {}", plan[*at].key.sku)).collect();
        names.join(", ")
    }

    fn apply(&self, plan: &mut [PlanRow], least: Fixed) {
        for (&at, &units) in &self.added {
            let row = &mut plan[at];
            if row.decision != Decision::Order {
                row.decision = Decision::Order;
                row.reason = "tops_up_order";
                row.sizing = Some(Sizing::starting_with(Fixed::ZERO));
            }
            if let Some(sizing) = &mut row.sizing {
                sizing.step(format!("minimum order value {}", money(least)), sizing.quantity + units);
            }
        }
    }
}

/// The next addition to a candidate: its MOQ first, then pack by pack.
fn pack(one: &Candidate, facts: &ItemFacts<'_>) -> Fixed {
    let pack = if facts.offer.pack_size > Fixed::ZERO { facts.offer.pack_size } else { Fixed::ONE };
    if one.quantity == Fixed::ZERO { facts.offer.moq.max(pack).up_to_multiple(pack) } else { pack }
}

fn candidate(at: usize, row: &PlanRow, facts: &ItemFacts<'_>) -> Option<Candidate> {
    let (levels, stock) = (row.levels?, row.stock?);
    facts.unit_cost?;
    let quantity = row.sizing.as_ref().filter(|_| row.decision == Decision::Order).map_or(Fixed::ZERO, |s| s.quantity);
    let cover = Fixed::from_f64(facts.max_cover_days * levels.mean_daily_demand)? - stock.inventory_position.or_zero();
    let limit = upper_limit(facts, &levels).map(|(_, limit)| limit - stock.inventory_position);
    Some(Candidate { at, quantity, most: limit.map_or(cover, |limit| limit.min(cover)) })
}
