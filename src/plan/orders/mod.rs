//! Purchase orders: tonight's order lines, grouped by supplier and location, within minimum order
//! values, containers and the budget.

use std::collections::BTreeMap;
use std::fmt;

use crate::config::choices::Handover;
use crate::domain::calendar::{Day, date_of};
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::names::order_names;
use crate::domain::tables::{OpenSource, Text};

use self::amounts::Amounts;
use super::PlannedItem;
use super::context::PlanContext;
use super::item::offers::UNASSIGNED;
use super::item::row::PlanRow;
use super::reason::Reason;

mod additions;
pub mod amounts;
pub mod budget;
pub mod containers;
pub mod handover;
pub mod joint;
pub mod minimum_value;
pub mod needs_review;
pub mod open_to_buy;
pub mod stock_record;
#[cfg(test)]
mod tests;

/// What may happen to an order line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineState {
    /// It may go out.
    Suggested,
    /// A person approved it on an earlier night; it goes out tonight.
    Approved,
    /// A person should look at it first.
    NeedsReview,
    /// The budget does not reach it or cannot tell what it costs, the order waits for its
    /// supplier's minimum value, or the stock table cannot be the whole.
    Held,
}

impl LineState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Suggested, Self::Approved, Self::NeedsReview, Self::Held];

    /// The word written in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Suggested => "suggested",
            Self::Approved => "approved",
            Self::NeedsReview => "needs_review",
            Self::Held => "held",
        }
    }

    /// Whether the line goes out with its run.
    #[must_use]
    pub fn goes_out(self, handover: Handover) -> bool {
        match handover {
            Handover::Auto => self.is_free(),
            Handover::Approve => self == Self::Approved,
        }
    }

    /// Whether nothing stands in the line's way but a person's approval, where one is asked for.
    #[must_use]
    pub fn is_free(self) -> bool {
        matches!(self, Self::Suggested | Self::Approved)
    }
}

/// Supplier and location: what one purchase order is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recipient {
    /// Who delivers.
    pub supplier: Text,
    /// Where to.
    pub location: Text,
}

impl Recipient {
    /// Of the order that an item would be written on.
    #[must_use]
    pub fn of(item: &PlannedItem<'_>) -> Self {
        Self { supplier: item.facts.offer.supplier.clone(), location: item.key().location.clone() }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for {}", self.supplier, self.location)
    }
}

/// What a buyer should know about an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFinding {
    /// The order; `None` where it is about all of them.
    pub recipient: Option<Recipient>,
    /// What was found.
    pub finding: Finding,
}

/// States of the orders that do not simply go out.
pub type OrderStates = BTreeMap<Recipient, LineState>;

/// One line of a purchase order.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderLine {
    /// Number of the order.
    pub po_number: Text,
    /// Number of the line within the order, from 1.
    pub line: u32,
    /// Who delivers.
    pub supplier: Text,
    /// Its name, where the suppliers table has one.
    pub supplier_name: Option<Text>,
    /// What is ordered.
    pub sku: Text,
    /// What the supplier calls it.
    pub supplier_sku: Option<Text>,
    /// Its description, where the items table has one.
    pub description: Option<Text>,
    /// Where to.
    pub location: Text,
    /// Stock units.
    pub quantity: Fixed,
    /// Unit of measure of the stock unit.
    pub uom: Option<Text>,
    /// Stock units of a pack; `None` where the item has no pack.
    pub pack_size: Option<Fixed>,
    /// Packs that the quantity makes.
    pub packs: Option<Fixed>,
    /// In the order's currency, per stock unit.
    pub unit_cost: Option<Fixed>,
    /// Currency of the order.
    pub currency: Text,
    /// Rounded to the currency's decimals, so that the lines add up to the order.
    pub line_total: Option<Fixed>,
    /// The same in the base currency.
    pub base_total: Option<Fixed>,
    /// Day on which it is ordered.
    pub order_day: Day,
    /// Day on which it is asked for.
    pub requested_day: Day,
    /// Whether it goes out.
    pub state: LineState,
}

/// Tonight's order lines, sorted by supplier, location and sku.
#[derive(Debug, Default)]
pub struct OrderBook {
    /// The lines.
    pub lines: Vec<OrderLine>,
    /// What a buyer should know.
    pub findings: Vec<OrderFinding>,
}

impl OrderBook {
    /// Writes a line for every item that is ordered from a supplier.
    #[must_use]
    pub fn write(
        context: &PlanContext<'_>,
        items: &[PlannedItem<'_>],
        states: &OrderStates,
    ) -> Self {
        let mut book = Self::default();
        for item in items.iter().filter(|item| item.row.is_ordered()) {
            let Some(sizing) =
                item.row.sizing.as_ref().filter(|_| item.facts.supplied_by.is_none())
            else {
                continue;
            };
            let recipient = Recipient::of(item);
            let mut line = line(context, item, sizing.quantity);
            line.state = states.get(&recipient).copied().unwrap_or(line.state);
            book.lines.push(line);
            book.note_what_is_missing(item, &recipient);
        }
        book.lines.sort_by(|a, b| {
            (&a.supplier, &a.location, &a.sku).cmp(&(&b.supplier, &b.location, &b.sku))
        });
        book.number(items);

        book
    }

    /// Holds every line.
    pub fn hold(&mut self) {
        self.lines.iter_mut().for_each(|line| line.state = LineState::Held);
    }

    fn note_what_is_missing(&mut self, item: &PlannedItem<'_>, recipient: &Recipient) {
        let mut add = |code, what: &str| {
            let message = format!("{} has no {what}", item.key());
            self.findings.push(OrderFinding {
                recipient: Some(recipient.clone()),
                finding: Finding::about(code, "items", item.key(), message),
            });
        };

        if recipient.supplier.as_ref() == UNASSIGNED {
            add(Code::NoSupplier, "supplier");
        }
        if item.facts.unit_cost.is_none() {
            add(Code::NoCost, "unit cost");
        }
    }

    /// Order numbers and line numbers. What could be ordered counts for the names as well as what
    /// is, so that an order is not called otherwise because of what else is ordered tonight.
    fn number(&mut self, items: &[PlannedItem<'_>]) {
        let recipients: Vec<Recipient> = items.iter().map(Recipient::of).collect();
        let names = order_names(recipients.iter().map(|it| (&*it.supplier, &*it.location)));

        // The lines of an order share its number.
        let mut orders: BTreeMap<(Day, &str), (Text, u32)> = BTreeMap::new();
        for line in &mut self.lines {
            let name = &names[&(&*line.supplier, &*line.location)];
            let (number, lines) = orders.entry((line.order_day, name)).or_insert_with(|| {
                let date = date_of(line.order_day).format("%y%m%d");
                (format!("{date}-{name}").into(), 0)
            });
            *lines += 1;
            (line.po_number, line.line) = (number.clone(), *lines);
        }
    }
}

/// The items of each order, and those that could join it, by their index in the plan.
#[derive(Debug, Default)]
pub(super) struct Orders {
    /// Items that are ordered tonight.
    pub(super) ordered: BTreeMap<Recipient, Vec<usize>>,
    /// Items of the same supplier and location that could be ordered tonight and need not.
    pub(super) idle: BTreeMap<Recipient, Vec<usize>>,
}

impl Orders {
    fn group(items: &[PlannedItem<'_>]) -> Self {
        let mut orders = Self::default();
        for (at, item) in items.iter().enumerate() {
            if item.facts.supplied_by.is_some() {
                continue;
            }
            if item.row.is_ordered() {
                orders.ordered.entry(Recipient::of(item)).or_default().push(at);
            } else if could_be_ordered(item) {
                orders.idle.entry(Recipient::of(item)).or_default().push(at);
            }
        }

        orders
    }

    /// Items that could join an order.
    fn idle(&self, recipient: &Recipient) -> &[usize] {
        self.idle.get(recipient).map_or(&[], Vec::as_slice)
    }
}

/// Lines that were approved earlier and go out with tonight's orders: the index of the item and its
/// units, by order.
fn approved_tonight(items: &[PlannedItem<'_>]) -> BTreeMap<Recipient, Vec<(usize, Fixed)>> {
    let mut approved: BTreeMap<Recipient, Vec<(usize, Fixed)>> = BTreeMap::new();
    let takes_orders = |item: &PlannedItem<'_>| item.facts.supply.first_order_day == 0;
    for (at, item) in items.iter().enumerate().filter(|(_, item)| takes_orders(item)) {
        for line in item.facts.open_lines.iter().map(|line| line.row) {
            if line.source == OpenSource::Approved {
                let location = item.key().location.clone();
                let recipient = Recipient { supplier: line.supplier.clone(), location };
                approved.entry(recipient).or_default().push((at, line.quantity));
            }
        }
    }
    approved
}

/// Whether an item that is not needed yet could be ordered tonight.
fn could_be_ordered(item: &PlannedItem<'_>) -> bool {
    item.row.reason == Reason::AboveReorderPoint
        && item.facts.supply.first_order_day == 0
        && item.facts.currency_rate.get().is_some()
        && item.row.levels.mean_daily_demand > 0.0
}

/// Days until an item's position, with some more units, is down to its reorder point at mean
/// demand.
pub(super) fn days_to_need(row: &PlanRow, more_units: f64) -> f64 {
    let Some(stock) = row.stock else { return f64::INFINITY };
    let above = stock.inventory_position.to_f64() + more_units - row.levels.reorder_point;
    if row.levels.mean_daily_demand > 0.0 {
        (above / row.levels.mean_daily_demand).max(0.0)
    } else {
        f64::INFINITY
    }
}

/// One order line, priced at the break its quantity reaches.
fn line(context: &PlanContext<'_>, item: &PlannedItem<'_>, quantity: Fixed) -> OrderLine {
    let (facts, offer) = (&item.facts, &item.facts.offer);
    let unit_cost = facts.unit_cost_at(quantity);
    let amounts = Amounts::of(context, facts);
    let line_total = unit_cost.map(|cost| amounts.line_total(quantity, cost));
    let base_total = line_total.and_then(|total| amounts.in_base(total));
    let pack_size = Some(offer.pack_size).filter(|pack| *pack > Fixed::ZERO);

    OrderLine {
        po_number: Text::default(),
        line: 0,
        supplier: offer.supplier.clone(),
        supplier_name: offer.row.and_then(|row| row.name.clone()),
        sku: facts.key.sku.clone(),
        supplier_sku: offer.supplier_sku.clone(),
        description: facts.item.and_then(|item| item.description.clone()),
        location: facts.key.location.clone(),
        quantity,
        uom: facts.item.and_then(|item| item.uom.clone()),
        packs: pack_size.map(|pack| Fixed::from_units(quantity.steps() / pack.steps())),
        pack_size,
        unit_cost,
        currency: amounts.currency,
        line_total,
        base_total,
        order_day: context.as_of,
        requested_day: item.row.requested_day,
        state: LineState::Suggested,
    }
}
