//! Minimum order values: an order that is too small is topped up with what will be needed soonest,
//! or waits.

use std::collections::BTreeMap;

use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::money::decimals_of;
use crate::plan::PlannedItem;
use crate::plan::context::PlanContext;
use crate::plan::item::moq_and_packs::SizeSettings;
use crate::plan::reason::Reason;

use super::additions::{Additions, MAX_STEPS, apply};
use super::{LineState, OrderFinding, OrderStates, Orders, Recipient, approved_tonight};

/// Tops up or holds the orders below their supplier's minimum value, whichever costs less; the
/// states of the orders that do not simply go out.
///
/// Topping up costs the holding of each added pack for the days it is early. Waiting costs what
/// runs short between the arrival of tonight's order and of one placed at the next order date.
#[must_use]
pub fn meet_minimum_values(
    context: &PlanContext<'_>,
    items: &mut [PlannedItem<'_>],
) -> (OrderStates, Vec<OrderFinding>) {
    let sizes = SizeSettings::of(context.settings);
    let orders = Orders::group(items);
    let approved = approved_tonight(items);
    let value = |(at, units): &(usize, Fixed)| {
        units.times(items[*at].facts.unit_cost_at(*units).unwrap_or_default())
    };
    let values: BTreeMap<Recipient, Fixed> =
        approved.iter().map(|(to, lines)| (to.clone(), lines.iter().map(value).sum())).collect();
    let (mut states, mut findings) = (OrderStates::new(), Vec::new());
    for (recipient, ordered) in &orders.ordered {
        let base = &context.settings.currency.base;
        let goes_out = values.get(recipient).copied().unwrap_or_default();
        let Some(mut small) = SmallOrder::of(items, base, recipient, ordered) else { continue };
        small.value += goes_out;
        if small.value >= small.min_value {
            continue;
        }

        let outcome = small.settle(items, &sizes, orders.idle(recipient));
        if let Some(state) = outcome.state {
            states.insert(recipient.clone(), state);
        }
        findings.push(OrderFinding {
            recipient: Some(recipient.clone()),
            finding: Finding::of_table(outcome.code, "suppliers", outcome.message),
        });
    }

    (states, findings)
}

/// An order below its supplier's minimum value.
struct SmallOrder<'a> {
    recipient: &'a Recipient,
    /// Items on the order, by their index in the plan.
    ordered: &'a [usize],
    /// What it comes to, in the supplier's currency.
    value: Fixed,
    /// What it has to come to.
    min_value: Fixed,
    /// Decimals of that currency.
    decimals: u32,
}

/// What becomes of an order.
struct Settlement {
    /// `None` where it goes out.
    state: Option<LineState>,
    code: Code,
    message: String,
}

impl<'a> SmallOrder<'a> {
    fn of(
        items: &[PlannedItem<'_>],
        base_currency: &str,
        recipient: &'a Recipient,
        ordered: &'a [usize],
    ) -> Option<Self> {
        let supplier = ordered.first().and_then(|at| items[*at].facts.offer.row)?;
        let min_value = supplier.min_order_value.filter(|value| *value > Fixed::ZERO)?;
        let decimals = decimals_of(supplier.currency.as_deref().unwrap_or(base_currency));
        let value: Fixed = ordered.iter().map(|at| line_value(&items[*at], decimals)).sum();

        let order = Self { recipient, ordered, value, min_value, decimals };
        (value < min_value).then_some(order)
    }

    /// Tops the order up, or lets it wait; what is added is written into `items`.
    fn settle(
        &self,
        items: &mut [PlannedItem<'_>],
        sizes: &SizeSettings,
        idle: &[usize],
    ) -> Settlement {
        let short = format!(
            "the order of {} comes to {}, below the minimum order value of {}",
            self.recipient,
            self.money(self.value),
            self.money(self.min_value)
        );
        let waiting: Option<f64> =
            self.ordered.iter().map(|at| items[*at].row.waiting_cost.get()).sum();

        match (self.top_up(items, sizes, idle), waiting) {
            (Some(top_up), waiting) if waiting.is_none_or(|waiting| top_up.cost <= waiting) => {
                let (what, cost) = (top_up.names(), top_up.cost);
                let step = format!("minimum order value {}", self.money(self.min_value));
                apply(&top_up.into_added(), items, &step, Reason::TopsUpOrder);
                let against = waiting.map_or_else(String::new, |cost| {
                    format!("; waiting would cost {cost:.2} in shortage")
                });
                Settlement {
                    state: None,
                    code: Code::ToppedUp,
                    message: format!(
                        "{short}: topped up with {what} for {cost:.2} of holding{against}"
                    ),
                }
            }
            (top_up, Some(waiting)) => {
                let against = top_up.map_or_else(
                    || "nothing could top it up".to_owned(),
                    |top_up| format!("topping up would cost {:.2} of holding", top_up.cost),
                );
                Settlement {
                    state: Some(LineState::Held),
                    code: Code::WaitsForMinimum,
                    message: format!(
                        "{short}: it waits, for {waiting:.2} of expected shortage; {against}"
                    ),
                }
            }
            _ => Settlement {
                state: Some(LineState::NeedsReview),
                code: Code::MinOrderValue,
                message: format!("{short}; nothing could top it up"),
            },
        }
    }

    fn money(&self, value: Fixed) -> String {
        value.with_decimals(self.decimals)
    }

    /// Adds pack after pack of what will be needed soonest, until the value is reached; `None`
    /// where the items' limits do not allow it.
    fn top_up<'p>(
        &self,
        items: &'p [PlannedItem<'p>],
        sizes: &SizeSettings,
        idle: &[usize],
    ) -> Option<Additions<'p>> {
        let mut additions = Additions::of(sizes, items, self.ordered.iter().chain(idle).copied());
        let mut missing = self.min_value - self.value;
        for _ in 0..MAX_STEPS {
            let pack = additions.soonest()?;
            let facts = &items[pack.at].facts;
            let worth = |quantity: Fixed| {
                facts.unit_cost_at(quantity).map_or(Fixed::ZERO, |cost| quantity.times(cost))
            };
            missing = missing - (worth(pack.before + pack.units) - worth(pack.before));
            additions.take(&pack);
            if missing <= Fixed::ZERO {
                return Some(additions);
            }
        }

        None
    }
}

/// What an item's line comes to in the supplier's currency.
fn line_value(item: &PlannedItem<'_>, decimals: u32) -> Fixed {
    let quantity = item.row.sized_units();
    let unit_cost = item.facts.unit_cost_at(quantity);

    unit_cost.map_or(Fixed::ZERO, |cost| quantity.times(cost).rounded(decimals))
}
