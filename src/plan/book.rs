//! The order book: tonight's order lines, grouped by supplier and location, within minimum order values and the budget.

use std::collections::BTreeMap;

use crate::domain::calendar::{Day, date_of};
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::tables::Text;

use super::facts::{ItemFacts, World, rows};
use super::offers::UNASSIGNED;
use super::row::{Decision, PlanRow};

/// What may happen to an order line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineState {
    /// It may go out.
    Suggested,
    /// A person should look at it first.
    NeedsReview,
    /// The budget does not reach it.
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
    /// Builds the order lines of all items that are to be ordered; `facts` stand beside `rows`.
    #[must_use]
    pub fn build(world: &World<'_>, plan: &[PlanRow], facts: &[ItemFacts<'_>]) -> Self {
        let mut book = Self::default();
        let ordered = plan.iter().filter(|row| row.decision == Decision::Order);
        for row in ordered {
            let Some(facts) = row.panel_item.and_then(|item| facts.get(item)) else { continue };
            let Some(sizing) = &row.sizing else { continue };
            book.lines.push(line(world, row, facts, sizing.quantity));
            if facts.offer.supplier.as_ref() == UNASSIGNED {
                book.findings.push(Finding::about(
                    Code::NoSupplier,
                    "items",
                    facts.key,
                    format!("{} has no supplier", row.key),
                ));
            }
            if facts.unit_cost.is_none() {
                book.findings.push(Finding::about(
                    Code::NoCost,
                    "items",
                    facts.key,
                    format!("{} has no unit cost", row.key),
                ));
            }
        }
        book.lines.sort_by(|a, b| (&a.supplier, &a.location, &a.sku).cmp(&(&b.supplier, &b.location, &b.sku)));
        book.number();
        book.check_minimum_values(world);
        book.hold_beyond_budget(world, plan);
        book
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
            *totals.entry(line.po_number.as_str()).or_default() += line.line_total.unwrap_or_default();
        }
        totals
    }

    /// Orders below their supplier's minimum order value need a person's look.
    fn check_minimum_values(&mut self, world: &World<'_>) {
        let least: BTreeMap<&str, Fixed> = rows(&world.tables.suppliers)
            .iter()
            .filter_map(|row| Some((&*row.supplier, row.min_order_value?)))
            .collect();
        let totals: BTreeMap<String, Fixed> = self.totals().into_iter().map(|(po, sum)| (po.to_owned(), sum)).collect();
        let mut told = None;
        for line in &mut self.lines {
            let Some((least, total)) = least.get(&*line.supplier).zip(totals.get(&line.po_number)) else { continue };
            if total >= least {
                continue;
            }
            line.state = LineState::NeedsReview;
            if told.as_ref() != Some(&line.po_number) {
                let message = format!(
                    "order {} comes to {} {}, below the minimum order value of {}",
                    line.po_number,
                    total.with_decimals(2),
                    line.currency,
                    least.with_decimals(2)
                );
                self.findings.push(Finding::of_table(Code::MinOrderValue, "suppliers", message));
                told = Some(line.po_number.clone());
            }
        }
    }

    /// Holds the lines that the budget does not reach: the expected shortage avoided per unit of money decides who is
    /// first, then the key.
    fn hold_beyond_budget(&mut self, world: &World<'_>, plan: &[PlanRow]) {
        let Some(budget) = world.settings.purchasing.budget.and_then(Fixed::from_f64) else { return };
        let short: BTreeMap<(&str, &str), f64> = plan
            .iter()
            .filter_map(|row| {
                let risk = row.risk?;
                Some((
                    (&*row.key.sku, &*row.key.location),
                    risk.expected_short_value.unwrap_or(risk.expected_short_units),
                ))
            })
            .collect();
        let benefit = |line: &OrderLine| {
            let saved = short.get(&(&*line.sku, &*line.location)).copied().unwrap_or(0.0);
            saved / line.base_total.map_or(1.0, |total| total.to_f64().max(0.01))
        };
        let mut order: Vec<usize> = (0..self.lines.len()).collect();
        order.sort_by(|a, b| benefit(&self.lines[*b]).total_cmp(&benefit(&self.lines[*a])).then(a.cmp(b)));
        let mut spent = Fixed::ZERO;
        for at in order {
            let line = &mut self.lines[at];
            let cost = line.base_total.unwrap_or_default();
            if spent + cost <= budget {
                spent += cost;
                continue;
            }
            line.state = LineState::Held;
            let message = format!(
                "{} of {} does not fit the budget of {}",
                cost.with_decimals(2),
                line.sku,
                budget.with_decimals(2)
            );
            let key = crate::domain::key::Key { sku: line.sku.clone(), location: line.location.clone() };
            self.findings.push(Finding::about(Code::OverBudget, "purchasing", &key, message));
        }
    }
}

/// One order line, priced at the break its quantity reaches.
fn line(world: &World<'_>, row: &PlanRow, facts: &ItemFacts<'_>, quantity: Fixed) -> OrderLine {
    let offer = &facts.offer;
    let unit_cost = price_at(world, &offer.supplier, &row.key.sku, quantity).or(offer.unit_cost);
    let line_total = unit_cost.map(|cost| quantity.times(cost).rounded(2));
    let base_total =
        line_total.and_then(|total| Some(Fixed::from_f64(total.to_f64() * facts.currency_rate?)?.rounded(2)));
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

/// The unit cost of the highest price break that the quantity reaches.
fn price_at(world: &World<'_>, supplier: &str, sku: &str, quantity: Fixed) -> Option<Fixed> {
    rows(&world.tables.price_breaks)
        .iter()
        .filter(|row| &*row.supplier == supplier && &*row.sku == sku && row.min_quantity <= quantity)
        .max_by_key(|row| row.min_quantity)
        .map(|row| row.unit_cost)
}
