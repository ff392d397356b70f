//! What each MOQ, pack size and minimum order value costs a year, against ordering freely.

use std::collections::BTreeMap;

use crate::domain::calendar::DAYS_PER_YEAR;
use crate::domain::fixed::Fixed;
use crate::domain::tables::Text;

use super::PlannedItem;
use super::item::facts::ItemFacts;
use super::orders::Recipient;

/// Yearly costs below this are left out, base money: they are written to two decimals, and round to
/// nothing.
const MIN_COST: f64 = 0.005;

/// A constraint of a supplier that can cost money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Constraint {
    /// A minimum value of whole orders.
    MinOrderValue,
    /// A minimum quantity of an item.
    Moq,
    /// An item comes in packs.
    PackSize,
}

impl Constraint {
    /// The word written in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MinOrderValue => "min_order_value",
            Self::Moq => "moq",
            Self::PackSize => "pack_size",
        }
    }
}

/// One constraint and its yearly price.
#[derive(Debug, Clone, PartialEq)]
pub struct ConstraintCost {
    /// Whose constraint it is.
    pub supplier: Text,
    /// The item; `None` for a constraint on whole orders.
    pub sku: Option<Text>,
    /// Which one it is.
    pub constraint: Constraint,
    /// What it costs a year, base money.
    pub yearly_cost: Fixed,
    /// The figures behind it.
    pub comment: String,
}

/// Supplier, item and constraint.
type Constrained = (Text, Option<Text>, Constraint);

/// Cost and comment of each.
#[derive(Default)]
struct ConstraintSums(BTreeMap<Constrained, (f64, String)>);

impl ConstraintSums {
    fn add(&mut self, key: Constrained, cost: f64, comment: &str) {
        let (sum, comments) = self.0.entry(key).or_default();
        *sum += cost;
        if !comments.is_empty() {
            comments.push_str("; ");
        }
        comments.push_str(comment);
    }
}

/// Items by the supplier that delivers them, sorted; those of one as they are given.
#[must_use]
pub fn by_supplier<'a>(
    items: impl Iterator<Item = &'a PlannedItem<'a>>,
) -> Vec<Vec<&'a PlannedItem<'a>>> {
    let mut suppliers: BTreeMap<&Text, Vec<&PlannedItem<'_>>> = BTreeMap::new();
    for item in items {
        suppliers.entry(&item.facts.offer.supplier).or_default().push(item);
    }
    suppliers.into_values().collect()
}

/// The constraints that cost something of the items of one supplier, sorted by sku and constraint.
/// An item's locations are summed.
///
/// With Q₀ the quantity that would be ordered freely, taken to be the economic one, ordering Q
/// costs h·c·(Q − Q₀)²/2Q more a year: what the EOQ cost K·D/Q + h·c·Q/2 rises by.
#[must_use]
pub fn constraint_costs(holding_share: f64, items: &[&PlannedItem<'_>]) -> Vec<ConstraintCost> {
    let mut sums = ConstraintSums::default();
    let mut by_order: BTreeMap<Recipient, Purchases> = BTreeMap::new();
    for item in items {
        let Some(free) = FreeOrder::of(item) else { continue };

        add_item_constraints(&mut sums, item, &free, holding_share);
        by_order.entry(Recipient::of(item)).or_default().add(&item.facts, &free);
    }
    for (recipient, purchases) in by_order {
        let Some((cost, comment)) = purchases.minimum_value_cost(holding_share) else { continue };

        let comment = format!("{}: {comment}", recipient.location);
        sums.add((recipient.supplier, None, Constraint::MinOrderValue), cost, &comment);
    }

    sums.0
        .into_iter()
        .filter_map(|((supplier, sku, constraint), (cost, comment))| {
            let yearly_cost = Fixed::from_f64(cost)?.rounded(2);
            Some(ConstraintCost { supplier, sku, constraint, yearly_cost, comment })
        })
        .collect()
}

/// How an item would be ordered without constraints.
struct FreeOrder {
    /// Units of an order.
    quantity: f64,
    /// Base money a unit.
    unit_cost: f64,
    /// Units a day.
    mean_daily_demand: f64,
    /// Days from one order date to the next.
    review_days: f64,
}

impl FreeOrder {
    /// `None` for an item that is not bought, does not sell, or whose cost is not known.
    fn of(item: &PlannedItem<'_>) -> Option<Self> {
        let levels = &item.row.levels;
        let unit_cost = item.facts.unit_cost?.to_f64();
        let mean_daily_demand = levels.mean_daily_demand;
        if item.facts.supplied_by.is_some() || mean_daily_demand <= 0.0 {
            return None;
        }

        let review_days = f64::from(levels.review_period_days.max(1));
        let quantity = (levels.order_up_to_level - levels.reorder_point)
            .max(mean_daily_demand * review_days)
            .max(1e-9);
        Some(Self { quantity, unit_cost, mean_daily_demand, review_days })
    }
}

fn add_item_constraints(
    sums: &mut ConstraintSums,
    item: &PlannedItem<'_>,
    free: &FreeOrder,
    holding_share: f64,
) {
    let offer = &item.facts.offer;
    let quantities = [
        (Constraint::Moq, offer.moq.to_f64().max(free.quantity)),
        (Constraint::PackSize, in_packs(free.quantity, offer.pack_size)),
    ];
    for (constraint, quantity) in quantities {
        let excess = quantity - free.quantity;
        let cost = holding_share * free.unit_cost * excess * excess / (2.0 * quantity);
        if cost < MIN_COST {
            continue;
        }

        let yearly = free.mean_daily_demand * DAYS_PER_YEAR;
        let comment = format!(
            "orders of {quantity:.0} instead of {:.1}: {:.1} a year instead of {:.1}",
            free.quantity,
            yearly / quantity,
            yearly / free.quantity
        );
        let key = (offer.supplier.clone(), Some(item.key().sku.clone()), constraint);
        sums.add(key, cost, &comment);
    }
}

fn in_packs(quantity: f64, pack: Fixed) -> f64 {
    let pack = pack.to_f64();
    if pack > 0.0 { (quantity / pack - 1e-9).ceil().max(1.0) * pack } else { quantity }
}

/// What is bought from one supplier for one location.
#[derive(Debug, Default)]
struct Purchases {
    /// Base money a day.
    money_per_day: f64,
    /// Mean number of lines at one order date.
    lines: f64,
    /// Days from one order date to the next.
    review_days: f64,
    /// Base money an order; `None` if there is no minimum.
    min_order_value: Option<f64>,
    /// Base money an order.
    order_cost: f64,
}

impl Purchases {
    fn add(&mut self, facts: &ItemFacts<'_>, free: &FreeOrder) {
        self.money_per_day += free.mean_daily_demand * free.unit_cost;
        self.lines += (free.mean_daily_demand * free.review_days / free.quantity).min(1.0);
        self.review_days = free.review_days;

        let row = facts.offer.row;
        let min_value = row.and_then(|row| row.min_order_value).map(Fixed::to_f64);
        self.min_order_value =
            min_value.map(|value| value * facts.currency_rate.get().unwrap_or(1.0));
        self.order_cost = facts.supplier_order_cost().unwrap_or(0.0);
    }

    /// Holding of the half of what each order is larger by, less the orders saved. An order date
    /// without any line has the probability exp(−lines).
    fn minimum_value_cost(&self, holding_share: f64) -> Option<(f64, String)> {
        let min_value = self.min_order_value.filter(|value| *value > 0.0)?;
        let yearly = self.money_per_day * DAYS_PER_YEAR;
        let orders = DAYS_PER_YEAR / self.review_days.max(1.0) * (1.0 - libm::exp(-self.lines));
        let usual = yearly / orders;
        if !(usual.is_finite() && usual < min_value) {
            return None;
        }

        let fewer = orders - yearly / min_value;
        let cost = holding_share * (min_value - usual) / 2.0 - self.order_cost * fewer;
        let comment = format!(
            "orders of {min_value:.0} instead of {usual:.0}: {:.1} a year instead of {orders:.1}",
            yearly / min_value
        );
        (cost >= MIN_COST).then_some((cost, comment))
    }
}
