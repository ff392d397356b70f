//! Minimum order values: an order that is too small is topped up with what will be needed soonest,
//! or waits.

use std::collections::BTreeMap;

use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::plan::facts::{ItemFacts, World};
use crate::plan::row::PlanRow;
use crate::plan::sizing::Sizes;

use super::additions::{Additions, apply};
use super::{LineState, Orders, Recipient};

/// Packs that may be added to one order before it is left to a person.
const MOST_STEPS: usize = 20_000;

/// Tops up or holds the orders below their supplier's minimum value, whichever costs less; the
/// state of the lines of the orders that do not simply go out.
///
/// Topping up costs the holding of each added pack for the days it is early. Waiting costs what
/// runs short between the arrival of tonight's order and of one placed at the next order date.
pub(super) fn meet_minimum_values(
    world: &World<'_>,
    (plan, facts): (&mut [PlanRow], &[ItemFacts<'_>]),
    orders: &Orders,
    findings: &mut Vec<Finding>,
) -> BTreeMap<Recipient, LineState> {
    let mut states = BTreeMap::new();
    for (recipient, ordered) in &orders.ordered {
        let Some(supplier) = ordered.first().and_then(|at| facts[*at].offer.row) else { continue };
        let Some(least) = supplier.min_order_value.filter(|least| *least > Fixed::ZERO) else {
            continue;
        };
        let value: Fixed = ordered.iter().map(|at| value(&plan[*at], &facts[*at])).sum();
        if value >= least {
            continue;
        }
        let idle = orders.idle.get(recipient).map_or(&[][..], Vec::as_slice);
        let top_up = top_up(&Sizes::of(world), (plan, facts), (ordered, idle), least - value);
        let waiting = ordered.iter().map(|at| plan[*at].waiting_cost).sum::<Option<f64>>();
        let order = format!("the order of {} for {}", recipient.0, recipient.1);
        let short = format!(
            "{order} comes to {}, below the minimum order value of {}",
            money(value),
            money(least)
        );
        let (code, message) = match (top_up, waiting) {
            (Some(top_up), waiting) if waiting.is_none_or(|waiting| top_up.cost <= waiting) => {
                let (what, cost) = (top_up.names(), top_up.cost);
                let step = format!("minimum order value {}", money(least));
                apply(&top_up.into_added(), plan, (&step, "tops_up_order"));
                let against = waiting.map_or_else(String::new, |cost| {
                    format!("; waiting would cost {cost:.2} in shortage")
                });
                (
                    Code::ToppedUp,
                    format!("{short}: topped up with {what} for {cost:.2} of holding{against}"),
                )
            }
            (top_up, Some(waiting)) => {
                states.insert(recipient.clone(), LineState::Held);
                let against = top_up.map_or_else(
                    || "nothing could top it up".to_owned(),
                    |top_up| format!("topping up would cost {:.2} of holding", top_up.cost),
                );
                (
                    Code::WaitsForMinimum,
                    format!("{short}: it waits, for {waiting:.2} of expected shortage; {against}"),
                )
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

/// Adds pack after pack of what will be needed soonest, until the value is reached; none where the
/// items' limits do not allow it.
fn top_up<'a>(
    sizes: &Sizes,
    (plan, facts): (&'a [PlanRow], &'a [ItemFacts<'a>]),
    (ordered, idle): (&[usize], &[usize]),
    missing: Fixed,
) -> Option<Additions<'a>> {
    let mut additions = Additions::of(sizes, (plan, facts), ordered.iter().chain(idle).copied());
    let mut missing = missing;
    for _ in 0..MOST_STEPS {
        let pack = additions.soonest()?;
        let worth = |quantity: Fixed| {
            facts[pack.at].unit_cost_at(quantity).map_or(Fixed::ZERO, |cost| quantity.times(cost))
        };
        missing = missing - (worth(pack.before + pack.units) - worth(pack.before));
        additions.take(&pack);
        if missing <= Fixed::ZERO {
            return Some(additions);
        }
    }
    None
}
