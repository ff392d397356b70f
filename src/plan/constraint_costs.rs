//! What each MOQ, pack size and minimum order value costs a year, against ordering freely.

use std::collections::BTreeMap;

use crate::domain::fixed::Fixed;
use crate::domain::tables::Text;

use super::facts::{ItemFacts, World};
use super::row::PlanRow;

const DAYS_PER_YEAR: f64 = 365.0;

/// One constraint and its yearly price, in base money.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct ConstraintCost {
    pub supplier: Text,
    /// Empty for a constraint on whole orders.
    pub sku: Option<Text>,
    pub constraint: &'static str,
    pub yearly_cost: Fixed,
    pub comment: String,
}

/// The constraints that cost something, sorted by supplier, sku and constraint; `facts` stand
/// beside `plan`. An item's locations are summed.
///
/// With Q₀ the quantity that would be ordered freely, taken to be the economic one, ordering Q
/// costs h·c·(Q − Q₀)²/2Q more a year: what the EOQ cost K·D/Q + h·c·Q/2 rises by.
#[must_use]
pub fn constraint_costs(
    world: &World<'_>,
    plan: &[PlanRow],
    facts: &[ItemFacts<'_>],
) -> Vec<ConstraintCost> {
    let holding = world.settings.holding_share();
    let mut sums: BTreeMap<(Text, Option<Text>, &'static str), (f64, String)> = BTreeMap::new();
    let mut suppliers: BTreeMap<(Text, Text), Purchases> = BTreeMap::new();
    for (row, facts) in plan.iter().zip(facts) {
        let Some((levels, unit_cost)) = row.levels.zip(facts.unit_cost) else { continue };
        if facts.supplied_by.is_some() || levels.mean_daily_demand <= 0.0 {
            continue;
        }
        let (unit_cost, offer) = (unit_cost.to_f64(), &facts.offer);
        let review = f64::from(levels.review_period_days.max(1));
        let free = (levels.order_up_to_level - levels.reorder_point)
            .max(levels.mean_daily_demand * review)
            .max(1e-9);
        for (constraint, quantity) in
            [("moq", offer.moq.to_f64().max(free)), ("pack_size", in_packs(free, offer.pack_size))]
        {
            let cost =
                holding * unit_cost * (quantity - free) * (quantity - free) / (2.0 * quantity);
            if cost < 0.005 {
                continue;
            }
            let yearly = levels.mean_daily_demand * DAYS_PER_YEAR;
            let comment = format!(
                "orders of {quantity:.0} instead of {free:.1}: {:.1} a year instead of {:.1}",
                yearly / quantity,
                yearly / free
            );
            let entry = sums
                .entry((row.supplier.clone(), Some(row.key.sku.clone()), constraint))
                .or_default();
            entry.0 += cost;
            entry.1 = if entry.1.is_empty() { comment } else { format!("{}; {comment}", entry.1) };
        }
        let purchases =
            suppliers.entry((row.supplier.clone(), row.key.location.clone())).or_default();
        purchases.add(
            facts,
            levels.mean_daily_demand * unit_cost,
            (levels.mean_daily_demand * review / free).min(1.0),
            review,
        );
    }
    for ((supplier, location), purchases) in &suppliers {
        let Some((cost, comment)) = purchases.minimum_value_cost(holding) else { continue };
        let entry = sums.entry((supplier.clone(), None, "min_order_value")).or_default();
        entry.0 += cost;
        let comment = format!("{location}: {comment}");
        entry.1 = if entry.1.is_empty() { comment } else { format!("{}; {comment}", entry.1) };
    }
    let row = |((supplier, sku, constraint), (cost, comment)): (
        (Text, Option<Text>, &'static str),
        (f64, String),
    )| {
        let yearly_cost = Fixed::from_f64(cost)?.rounded(2);
        Some(ConstraintCost { supplier, sku, constraint, yearly_cost, comment })
    };
    sums.into_iter().filter_map(row).collect()
}

fn in_packs(quantity: f64, pack: Fixed) -> f64 {
    let pack = pack.to_f64();
    if pack > 0.0 { (quantity / pack - 1e-9).ceil().max(1.0) * pack } else { quantity }
}

/// What is bought from one supplier for one location.
#[derive(Debug, Default)]
struct Purchases {
    money_per_day: f64,
    /// Mean number of lines at one order date.
    lines: f64,
    review_days: f64,
    /// In base money.
    least: Option<f64>,
    order_cost: f64,
}

impl Purchases {
    fn add(&mut self, facts: &ItemFacts<'_>, money_per_day: f64, lines: f64, review_days: f64) {
        self.money_per_day += money_per_day;
        self.lines += lines;
        self.review_days = review_days;
        let row = facts.offer.row;
        self.least = row
            .and_then(|row| row.min_order_value)
            .map(|least| least.to_f64() * facts.currency_rate.unwrap_or(1.0));
        self.order_cost = row.and_then(|row| row.order_cost).map_or(0.0, Fixed::to_f64);
    }

    /// Holding of the half of what each order is larger by, less the orders saved. An order date
    /// without any line has the probability exp(−lines).
    fn minimum_value_cost(&self, holding: f64) -> Option<(f64, String)> {
        let least = self.least.filter(|least| *least > 0.0)?;
        let yearly = self.money_per_day * DAYS_PER_YEAR;
        let orders = DAYS_PER_YEAR / self.review_days.max(1.0) * (1.0 - libm::exp(-self.lines));
        let usual = yearly / orders;
        if !(usual.is_finite() && usual < least) {
            return None;
        }
        let fewer = orders - yearly / least;
        let cost = holding * (least - usual) / 2.0 - self.order_cost * fewer;
        let comment = format!(
            "orders of {least:.0} instead of {usual:.0}: {:.1} a year instead of {orders:.1}",
            yearly / least
        );
        (cost >= 0.005).then_some((cost, comment))
    }
}
