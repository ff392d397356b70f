//! The order book: tonight's order lines, grouped by supplier and location, within minimum order
//! values, containers and the budget.

use std::collections::BTreeMap;

use crate::domain::calendar::{Day, date_of};
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::tables::Text;

use super::facts::{ItemFacts, World};
use super::offers::UNASSIGNED;
use super::row::{Decision, PlanRow};

mod additions;
mod budget;
mod containers;
mod joint;
mod minimum;
#[cfg(test)]
mod tests;

/// What may happen to an order line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineState {
    /// It may go out.
    Suggested,
    /// A person should look at it first.
    NeedsReview,
    /// The budget does not reach it, or the order waits for its supplier's minimum value.
    Held,
}

impl LineState {
    /// The word written in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Suggested => "suggested",
            Self::NeedsReview => "needs_review",
            Self::Held => "held",
        }
    }
}

/// One line of a purchase order.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct OrderLine {
    pub po_number: String,
    pub line: u32,
    pub supplier: Text,
    pub supplier_name: Option<Text>,
    pub sku: Text,
    pub supplier_sku: Option<Text>,
    pub description: Option<Text>,
    pub location: Text,
    pub quantity: Fixed,
    pub uom: Option<Text>,
    /// Empty where the item has no pack.
    pub pack_size: Option<Fixed>,
    pub packs: Option<Fixed>,
    /// In the order's currency.
    pub unit_cost: Option<Fixed>,
    pub currency: Text,
    /// Rounded to the currency's cents, so that the lines add up to the order.
    pub line_total: Option<Fixed>,
    /// The same in the base currency.
    pub base_total: Option<Fixed>,
    pub order_day: Day,
    pub requested_day: Day,
    pub state: LineState,
}

/// Tonight's order lines, sorted by supplier, location and sku.
#[derive(Debug, Default)]
pub struct OrderBook {
    /// The lines.
    pub lines: Vec<OrderLine>,
    /// What a buyer should know.
    pub findings: Vec<Finding>,
}

impl OrderBook {
    /// Builds tonight's order lines of all items that are to be ordered from a supplier; `facts`
    /// stand beside `plan`.
    ///
    /// Items that will soon be needed join, orders below a minimum value are topped up or wait,
    /// containers are filled, and the budget is spent where it helps most; what that changes is
    /// written back to the plan.
    #[must_use]
    pub fn build(world: &World<'_>, plan: &mut [PlanRow], facts: &[ItemFacts<'_>]) -> Self {
        let mut book = Self::default();
        let orders = Orders::group(plan, facts);
        joint::join(world, plan, facts, &orders);
        let orders = Orders::group(plan, facts);
        let waiting =
            minimum::meet_minimum_values(world, (plan, facts), &orders, &mut book.findings);
        let orders = Orders::group(plan, facts);
        containers::fill_containers(world, (plan, facts), (&orders, &waiting), &mut book.findings);
        for row in plan.iter().filter(|row| row.decision == Decision::Order) {
            let Some(facts) = row.panel_item.and_then(|item| facts.get(item)) else { continue };
            let Some(sizing) = row.sizing.as_ref().filter(|_| facts.supplied_by.is_none()) else {
                continue;
            };
            let mut line = line(world, row, facts, sizing.quantity);
            if let Some(state) = waiting.get(&(row.supplier.clone(), row.key.location.clone())) {
                line.state = *state;
            }
            book.lines.push(line);
            book.note_what_is_missing(row, facts);
        }
        book.lines.sort_by(|a, b| {
            (&a.supplier, &a.location, &a.sku).cmp(&(&b.supplier, &b.location, &b.sku))
        });
        book.number();
        budget::hold_beyond_budget(world, plan, &mut book);
        book
    }

    fn note_what_is_missing(&mut self, row: &PlanRow, facts: &ItemFacts<'_>) {
        let mut add = |code, what: &str| {
            self.findings.push(Finding::about(
                code,
                "items",
                facts.key,
                format!("{} has no {what}", row.key),
            ));
        };
        if facts.offer.supplier.as_ref() == UNASSIGNED {
            add(Code::NoSupplier, "supplier");
        }
        if facts.unit_cost.is_none() {
            add(Code::NoCost, "unit cost");
        }
    }

    /// Order numbers and line numbers.
    fn number(&mut self) {
        let mut lines: BTreeMap<String, u32> = BTreeMap::new();
        for line in &mut self.lines {
            let date = date_of(line.order_day).format("%y%m%d");
            line.po_number = format!("{date}-{}-{}", line.supplier, line.location);
            let count = lines.entry(line.po_number.clone()).or_insert(0);
            *count += 1;
            line.line = *count;
        }
    }

    /// The total of each order in its own currency; lines without a cost count nothing.
    #[must_use]
    pub fn totals(&self) -> BTreeMap<&str, Fixed> {
        let mut totals = BTreeMap::new();
        for line in &self.lines {
            *totals.entry(line.po_number.as_str()).or_default() +=
                line.line_total.unwrap_or_default();
        }
        totals
    }
}

/// Supplier and location: what one purchase order is for.
pub(super) type Recipient = (Text, Text);

/// The places in the plan of the items of each order, and of those that could join it.
#[derive(Debug, Default)]
pub(super) struct Orders {
    /// Items that are ordered tonight.
    pub(super) ordered: BTreeMap<Recipient, Vec<usize>>,
    /// Items of the same supplier and location that could be ordered tonight and need not.
    pub(super) idle: BTreeMap<Recipient, Vec<usize>>,
}

impl Orders {
    fn group(plan: &[PlanRow], facts: &[ItemFacts<'_>]) -> Self {
        let mut orders = Self::default();
        for (at, (row, facts)) in plan.iter().zip(facts).enumerate() {
            if facts.supplied_by.is_some() {
                continue;
            }
            let recipient = (row.supplier.clone(), row.key.location.clone());
            if row.decision == Decision::Order {
                orders.ordered.entry(recipient).or_default().push(at);
            } else if row.reason == "above_reorder_point"
                && facts.supply.first_order_day == 0
                && facts.currency_rate.is_some()
                && row.levels.is_some_and(|levels| levels.mean_daily_demand > 0.0)
            {
                orders.idle.entry(recipient).or_default().push(at);
            }
        }
        orders
    }
}

/// Days until an item's position, with some more units, is down to its reorder point at mean
/// demand.
pub(super) fn days_to_need(row: &PlanRow, more_units: f64) -> f64 {
    let (Some(levels), Some(stock)) = (row.levels, row.stock) else { return f64::INFINITY };
    let above = stock.inventory_position.to_f64() + more_units - levels.reorder_point;
    if levels.mean_daily_demand > 0.0 {
        (above / levels.mean_daily_demand).max(0.0)
    } else {
        f64::INFINITY
    }
}

/// One order line, priced at the break its quantity reaches.
fn line(world: &World<'_>, row: &PlanRow, facts: &ItemFacts<'_>, quantity: Fixed) -> OrderLine {
    let offer = &facts.offer;
    let unit_cost = facts.unit_cost_at(quantity);
    let line_total = unit_cost.map(|cost| quantity.times(cost).rounded(2));
    let base_total = line_total
        .and_then(|total| Some(Fixed::from_f64(total.to_f64() * facts.currency_rate?)?.rounded(2)));
    let pack_size = Some(offer.pack_size).filter(|pack| *pack > Fixed::ZERO);
    OrderLine {
        po_number: String::new(),
        line: 0,
        supplier: offer.supplier.clone(),
        supplier_name: offer.row.and_then(|row| row.name.clone()),
        sku: row.key.sku.clone(),
        supplier_sku: offer.supplier_sku.clone(),
        description: facts.item.and_then(|item| item.description.clone()),
        location: row.key.location.clone(),
        quantity,
        uom: facts.item.and_then(|item| item.uom.clone()),
        packs: pack_size.map(|pack| Fixed::from_units(quantity.0 / pack.0)),
        pack_size,
        unit_cost,
        currency: offer
            .row
            .and_then(|row| row.currency.clone())
            .unwrap_or_else(|| world.settings.currency.base.as_str().into()),
        line_total,
        base_total,
        order_day: world.as_of,
        requested_day: row.requested_day,
        state: LineState::Suggested,
    }
}
