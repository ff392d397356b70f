//! One item's plan: what is known of it, its levels and risk, the decision, and how much to order.

pub mod decide;
pub mod facts;
pub mod last_buy;
pub mod launch_limit;
pub mod lead_time_basis;
pub mod lead_times;
pub mod lots;
pub mod moq_and_packs;
pub mod offers;
pub mod order_dates;
pub mod row;
pub mod rules;
mod successive;
pub mod supplier_choice;

use rayon::prelude::*;

use self::decide::decide;
use self::facts::ItemFacts;
use self::supplier_choice::choose_supplier;
use super::open_order_advice::{LineAdvice, PreviousAdvice, advise, sort_advice};
use super::supplied_locations::{joint_demand, supplied_items};
use super::{PlanContext, PlannedItem};
use crate::demand::prepare::Prepared;
use crate::domain::counted::{Counted, OnItems};
use crate::forecast::Forecasts;

/// Items planned each by itself.
#[derive(Debug)]
pub struct PlannedAlone<'a> {
    /// The items, in their order.
    pub items: Vec<PlannedItem<'a>>,
    /// What to do about their open orders, sorted by order, line and item.
    pub advice: Vec<LineAdvice>,
}

/// What is known of each item, delivered by the supplier that is chosen for it.
#[must_use]
pub fn choose_suppliers<'a>(
    context: &PlanContext<'a>,
    prepared: &Prepared,
    forecasts: &Forecasts,
    items: &[usize],
) -> Vec<Box<ItemFacts<'a>>> {
    let facts = |index: &usize| {
        let distribution = forecasts.distribution(*index);
        Box::new(choose_supplier(context, &prepared.item(*index), &distribution))
    };

    items.par_iter().map(facts).collect()
}

/// Levels, risk and decision of each item, and advice on its open orders. A location that supplies
/// others plans for the sum of its demand and theirs.
#[must_use]
pub fn decide_each<'a>(
    context: &PlanContext<'a>,
    facts: Vec<Box<ItemFacts<'a>>>,
    forecasts: &Forecasts,
    previous: Option<&PreviousAdvice>,
    on_items: OnItems<'_>,
) -> PlannedAlone<'a> {
    let done = Counted::new(facts.len(), on_items);
    let supplied = supplied_items(&facts);
    let indices: Vec<usize> = facts.iter().map(|facts| facts.index).collect();

    let decided = |(at, facts): (usize, Box<ItemFacts<'a>>)| {
        let receivers = supplied.get(&at).map_or(&[][..], Vec::as_slice);
        let all = std::iter::once(&at).chain(receivers);
        let joint = (!receivers.is_empty()).then(|| {
            let own_and_theirs: Vec<_> =
                all.map(|at| forecasts.distribution(indices[*at])).collect();
            joint_demand(&own_and_theirs, context.settings.calendar.mean_days())
        });
        let demand = joint.unwrap_or_else(|| forecasts.distribution(facts.index));

        let row = decide(context, &facts, &demand, forecasts.model_name(facts.index));
        let row = Box::new(row);
        let item = PlannedItem { facts, row };
        let advice = advise(context, &item, &demand, previous);
        done.add(1);
        (item, advice)
    };
    let decided: Vec<_> = facts.into_par_iter().enumerate().map(decided).collect();

    let (items, advice): (Vec<_>, Vec<Vec<LineAdvice>>) = decided.into_iter().unzip();
    let mut advice: Vec<LineAdvice> = advice.into_iter().flatten().collect();
    sort_advice(&mut advice);
    PlannedAlone { items, advice }
}
