//! What falls due each week: for open orders, for tonight's and for those that are expected.
//!
//! A supplier's deposit is due on the day of the order, the rest `payment_days` after the goods
//! arrived, which is when they are invoiced. Amounts stay in the supplier's currency.

use std::collections::{BTreeMap, BTreeSet};

use super::PlannedItem;
use super::context::PlanContext;
use super::item::facts::{ItemFacts, OpenLineFacts};
use super::item::offers::offer_of;
use super::orders::{LineState, OrderBook, OrderLine};
use super::projection::ProjectedItem;
use crate::domain::calendar::{BucketCalendar, BucketLength, Day};
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::money::decimals_of;
use crate::domain::tables::{OpenSource, Text};
use crate::domain::wording::counted;

/// What falls due in one week to one supplier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashRow {
    /// First day of the week.
    pub week_start: Day,
    /// Who is paid.
    pub supplier: Text,
    /// In which currency.
    pub currency: Text,
    /// What falls due for each kind of order, in that currency.
    pub due: [Fixed; KINDS],
}

/// Which orders an amount is due for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Open ones.
    Open,
    /// Tonight's that go out.
    Tonight,
    /// Those that are expected later.
    Projected,
}

/// How many kinds there are.
pub const KINDS: usize = 3;
/// What each kind is called, in its order.
const KIND_NAMES: [&str; KINDS] = ["open", "tonight", "projected"];

/// What falls due, sorted by week, supplier and currency, and what is left out for want of a cost.
#[must_use]
pub fn cash(
    context: &PlanContext<'_>,
    items: &[PlannedItem<'_>],
    book: &OrderBook,
    projected: &[ProjectedItem],
) -> (Vec<CashRow>, Option<Finding>) {
    let mut payments = Payments::new(context);
    let handover = context.settings.purchasing.handover;
    let sent = book.lines.iter().filter(|line| line.state.goes_out(handover));
    sent.clone().for_each(|line| payments.tonight(line));

    // A line that was approved earlier is open, and one of tonight's if it goes out tonight.
    let approved: BTreeSet<(&str, String)> = sent
        .filter(|line| line.state == LineState::Approved)
        .map(|line| (&*line.po_number, line.line.to_string()))
        .collect();
    let is_sent = |line: &OpenLineFacts<'_>| {
        let row = line.row;
        let name = (&*row.po_number, row.line.as_deref().unwrap_or_default().to_owned());
        row.source == OpenSource::Approved && approved.contains(&name)
    };
    for item in items {
        let open = item.facts.open_lines.iter().filter(|line| !is_sent(line));
        open.for_each(|line| payments.open(&item.facts, line));
    }
    projected.iter().for_each(|item| payments.projected(item));

    (payments.rows(), payments.finding())
}

/// How a supplier is paid.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Terms {
    /// Days from the arrival until the rest is due.
    payment_days: u32,
    /// Part of a line that is due with the order, 0–1.
    deposit_share: Fixed,
}

/// A line as it is paid.
#[derive(Debug, Clone, Copy)]
struct Bill {
    kind: Due,
    total: Fixed,
    /// The day on which the deposit is due; `None` where it is paid already.
    deposit_on: Option<Day>,
    arrives_on: Day,
}

/// Numbers weeks from that of `as_of` on.
#[derive(Debug, Clone, Copy)]
struct Weeks {
    calendar: BucketCalendar,
    first: i32,
}

impl Weeks {
    /// The week of a day; of one before `as_of` the first.
    fn of(self, day: Day) -> usize {
        usize::try_from(self.calendar.bucket_of(day) - self.first).unwrap_or(0)
    }
}

/// What falls due to one supplier in one currency, week by week.
#[derive(Debug)]
struct Account {
    terms: Terms,
    decimals: u32,
    weeks: Vec<[Fixed; KINDS]>,
}

impl Account {
    /// Adds a line: its deposit, and the rest, which is all that the deposit leaves.
    fn add(&mut self, bill: Bill, weeks: Weeks) {
        let deposit = bill.total.times(self.terms.deposit_share).rounded(self.decimals);
        if let Some(day) = bill.deposit_on {
            self.due(bill.kind, weeks.of(day), deposit);
        }
        let day = bill.arrives_on.saturating_add_unsigned(self.terms.payment_days);
        self.due(bill.kind, weeks.of(day), bill.total - deposit);
    }

    fn due(&mut self, kind: Due, week: usize, amount: Fixed) {
        if self.weeks.len() <= week {
            self.weeks.resize(week + 1, [Fixed::ZERO; KINDS]);
        }
        self.weeks[week][kind as usize] += amount;
    }
}

struct Payments<'a> {
    context: &'a PlanContext<'a>,
    weeks: Weeks,
    accounts: BTreeMap<(Text, Text), Account>,
    /// Lines without a cost by kind, and their units.
    missing: [(u64, Fixed); KINDS],
}

impl<'a> Payments<'a> {
    fn new(context: &'a PlanContext<'a>) -> Self {
        let calendar = BucketCalendar { length: BucketLength::Week, ..context.settings.calendar };
        Self {
            context,
            weeks: Weeks { calendar, first: calendar.bucket_of(context.as_of) },
            accounts: BTreeMap::new(),
            missing: [(0, Fixed::ZERO); KINDS],
        }
    }

    fn account(&mut self, supplier: &Text, currency: &Text) -> &mut Account {
        let row = self.context.tables.supplier(supplier);
        self.accounts.entry((supplier.clone(), currency.clone())).or_insert_with(|| Account {
            terms: Terms {
                payment_days: row.and_then(|row| row.payment_days).unwrap_or_default(),
                deposit_share: row.and_then(|row| row.deposit_share).unwrap_or_default(),
            },
            decimals: decimals_of(currency),
            weeks: Vec::new(),
        })
    }

    /// Notes a line that nobody knows the cost of.
    fn miss(&mut self, kind: Due, units: Fixed) {
        let (lines, missing) = &mut self.missing[kind as usize];
        *lines += 1;
        *missing += units;
    }

    fn tonight(&mut self, line: &OrderLine) {
        let Some(total) = line.line_total else {
            return self.miss(Due::Tonight, line.quantity);
        };
        let deposit_on = Some(line.order_day);
        let bill = Bill { kind: Due::Tonight, total, deposit_on, arrives_on: line.requested_day };
        let weeks = self.weeks;
        self.account(&line.supplier, &line.currency).add(bill, weeks);
    }

    /// An open line, at the cost that its supplier has tonight. A line that is not counted on any
    /// more is not paid.
    fn open(&mut self, facts: &ItemFacts<'_>, line: &OpenLineFacts<'_>) {
        let Some(arrival) = &line.arrival else { return };
        let (context, row) = (self.context, line.row);
        let unit_cost = unit_cost(context, facts, line);
        let Some(unit_cost) = unit_cost else { return self.miss(Due::Open, row.quantity) };

        let supplier = context.tables.supplier(&row.supplier);
        let base = || context.settings.currency.base.as_str().into();
        let currency = supplier.and_then(|row| row.currency.clone()).unwrap_or_else(base);
        // An order of an earlier day was paid its deposit then.
        let is_to_come = row.source == OpenSource::Approved || row.ordered_on.is_some();
        let deposit_on = Some(line.ordered_on).filter(|day| is_to_come && *day >= context.as_of);
        let bill = Bill {
            kind: Due::Open,
            total: row.quantity.times(unit_cost).rounded(decimals_of(&currency)),
            deposit_on,
            arrives_on: context.as_of.saturating_add_unsigned(arrival.mean().round() as u32),
        };
        let weeks = self.weeks;
        self.account(&row.supplier, &currency).add(bill, weeks);
    }

    fn projected(&mut self, item: &ProjectedItem) {
        let weeks = self.weeks;
        let unknown = item.orders.iter().filter(|order| order.line_total.is_none());
        unknown.for_each(|order| self.miss(Due::Projected, order.quantity));

        let account = self.account(&item.supplier, &item.amounts.currency);
        for order in &item.orders {
            let Some(total) = order.line_total else { continue };
            let deposit_on = Some(order.order_day);
            let arrives_on = order.arrival_day;
            account.add(Bill { kind: Due::Projected, total, deposit_on, arrives_on }, weeks);
        }
    }

    /// Every week in which something falls due.
    fn rows(&self) -> Vec<CashRow> {
        let Weeks { calendar, first } = self.weeks;
        let mut rows: Vec<CashRow> = Vec::new();
        for ((supplier, currency), account) in &self.accounts {
            let weeks = account.weeks.iter().enumerate();
            for (week, due) in weeks.filter(|(_, due)| due.iter().any(|due| *due != Fixed::ZERO)) {
                rows.push(CashRow {
                    week_start: calendar.start_of(first + week as i32),
                    supplier: supplier.clone(),
                    currency: currency.clone(),
                    due: *due,
                });
            }
        }
        rows.sort_by(|a, b| {
            let name = (a.week_start, &a.supplier, &a.currency);
            name.cmp(&(b.week_start, &b.supplier, &b.currency))
        });
        rows
    }

    /// What is left out for want of a cost, said once.
    fn finding(&self) -> Option<Finding> {
        let missing = self.missing.iter().zip(KIND_NAMES).filter(|((lines, _), _)| *lines > 0);
        let parts: Vec<String> = missing
            .map(|((lines, units), kind)| {
                let lines = counted(lines, &format!("{kind} line"));
                format!("{lines} of {}", counted(units, "unit"))
            })
            .collect();
        let message = format!("cash.csv lacks {}, whose cost is not known", parts.join(", "));
        (!parts.is_empty()).then(|| Finding::of_table(Code::CashIncomplete, "purchasing", message))
    }
}

/// What a unit of an open line costs in its supplier's currency.
fn unit_cost(
    context: &PlanContext<'_>,
    facts: &ItemFacts<'_>,
    line: &OpenLineFacts<'_>,
) -> Option<Fixed> {
    let (supplier, quantity) = (&line.row.supplier, line.row.quantity);
    if *supplier == facts.offer.supplier {
        return facts.unit_cost_at(quantity);
    }
    let steps = context.price_steps(supplier, &facts.key.sku).iter().rev();
    let reached = steps.filter(|(least, _)| *least <= quantity).map(|(_, cost)| *cost).next();
    let own = || offer_of(context.tables, &facts.key.sku, supplier.clone()).unit_cost;
    reached.or_else(own)
}
