//! Open to buy: what a month's budget has left after what was ordered in the month already.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use chrono::{Datelike, Months};

use crate::domain::calendar::{Day, date_of, day_of};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::ledger::LineStatus;
use crate::domain::lookups::rows;
use crate::domain::money::decimals_of;
use crate::domain::tables::{OpenSource, Text};
use crate::domain::wording::counted;
use crate::ledger::Opening;
use crate::plan::context::PlanContext;
use crate::plan::item::facts::currency_rate;
use crate::plan::item::offers::{offer, offer_of};

/// A month's budget on a night, in base money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenToBuy {
    /// The budget of the month.
    pub budget: Fixed,
    /// What was ordered in the month before tonight.
    pub ordered: Fixed,
    /// In how many lines.
    pub lines: usize,
    /// How many of these have no cost and count as nothing.
    pub unpriced: usize,
    /// What tonight's lines take that the budget reaches.
    pub tonight: Fixed,
}

/// One order of the purchasing system's: supplier, units, and whether it was ordered this month.
struct SeenOrder<'a> {
    supplier: &'a Text,
    units: Fixed,
    is_of_month: bool,
}

impl OpenToBuy {
    /// What was ordered in the calendar month of tonight: lines that were handed over in it, or are
    /// approved and still to go out, and what the tables of open orders and receipts have beside
    /// them that was ordered in it, each once. `None` where no budget a month is set.
    #[must_use]
    pub fn of(context: &PlanContext<'_>, ledger: Option<&Opening>) -> Option<Self> {
        let budget = Fixed::clamped(context.settings.purchasing.budget_per_month?);
        let mut open =
            Self { budget, ordered: Fixed::ZERO, lines: 0, unpriced: 0, tonight: Fixed::ZERO };

        let month = month_of(context.as_of);
        let mut ours: BTreeSet<(&Text, &Key)> = BTreeSet::new();
        for line in ledger.iter().flat_map(|opening| opening.lines.values()) {
            let standing = &line.standing;
            let is_ordered = match standing.status {
                LineStatus::Approved => true,
                LineStatus::Sent | LineStatus::Confirmed | LineStatus::Received => {
                    month.contains(&standing.sent_on.unwrap_or(standing.since))
                }
                LineStatus::Suggested
                | LineStatus::Rejected
                | LineStatus::Cancelled
                | LineStatus::Expired => continue,
            };
            ours.insert((&standing.matched, &line.terms.key));
            if is_ordered {
                open.add(standing.base_total);
            }
        }

        for ((number, key), order) in seen_orders(context, &month) {
            let is_new = order.is_of_month && order.units > Fixed::ZERO;
            if is_new && !ours.contains(&(number, key)) {
                open.add(value(context, key, &order));
            }
        }
        Some(open)
    }

    fn add(&mut self, value: Option<Fixed>) {
        self.lines += 1;
        self.unpriced += usize::from(value.is_none());
        self.ordered += value.unwrap_or_default();
    }

    /// What is left for tonight.
    #[must_use]
    pub fn left(&self) -> Fixed {
        (self.budget - self.ordered).or_zero()
    }

    /// What is left after tonight.
    #[must_use]
    pub fn left_after(&self) -> Fixed {
        (self.left() - self.tonight).or_zero()
    }

    /// How the month stands, in words.
    #[must_use]
    pub fn told(&self, money: &dyn Fn(Fixed) -> String) -> String {
        let unpriced = match self.unpriced {
            0 => String::new(),
            lines => format!(", of which {lines} without a cost count as nothing"),
        };
        format!(
            "of the month's {} {} were ordered before tonight ({}{unpriced}), and {} are left \
             after it",
            money(self.budget),
            money(self.ordered),
            counted(self.lines, "line"),
            money(self.left_after())
        )
    }
}

/// The days of the calendar month of a day.
fn month_of(day: Day) -> Range<Day> {
    let date = date_of(day);
    let first = date.with_day(1).unwrap_or(date);
    let next = first.checked_add_months(Months::new(1)).unwrap_or(date);
    day_of(first)..day_of(next)
}

/// What the tables of open orders and receipts have, by their number and item: what came and what
/// is to come of one order add up. It is of the month where any row of it is.
fn seen_orders<'a>(
    context: &PlanContext<'a>,
    month: &Range<Day>,
) -> BTreeMap<(&'a Text, &'a Key), SeenOrder<'a>> {
    let mut seen = BTreeMap::new();
    let mut add = |number: &'a Text, key: &'a Key, row: (&'a Text, Fixed, Option<Day>)| {
        let (supplier, units, ordered_on) = row;
        let order = seen.entry((number, key)).or_insert(SeenOrder {
            supplier,
            units: Fixed::ZERO,
            is_of_month: false,
        });
        order.units += units;
        order.is_of_month |= ordered_on.is_some_and(|day| month.contains(&day));
    };

    let tables = context.tables;
    let of_table = |source: OpenSource| source == OpenSource::Table;
    for row in rows(&tables.purchase_orders).iter().filter(|row| of_table(row.source)) {
        add(&row.po_number, &row.key, (&row.supplier, row.quantity, row.ordered_on));
    }
    for row in rows(&tables.receipts) {
        add(&row.po_number, &row.key, (&row.supplier, row.quantity, Some(row.ordered_on)));
    }
    seen
}

/// What an order is worth in base money: at the supplier's cost of its quantity, else at the cost
/// that the item has otherwise. `None` where none is known, or its currency has no rate.
fn value(context: &PlanContext<'_>, key: &Key, order: &SeenOrder<'_>) -> Option<Fixed> {
    let (settings, tables) = (context.settings, context.tables);
    let theirs = offer_of(tables, &key.sku, order.supplier.clone());
    let offer = if theirs.unit_cost.is_some() { theirs } else { offer(tables, key) };
    let steps = context.price_steps(&offer.supplier, &key.sku);
    let reached = steps.iter().rev().find(|(least, _)| *least <= order.units);
    let unit_cost = reached.map(|(_, cost)| *cost).or(offer.unit_cost)?;

    let total = order.units.times(unit_cost).to_f64() * currency_rate(settings, &offer)?;
    Some(Fixed::clamped(total).rounded(decimals_of(&settings.currency.base)))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn a_month_ends_where_the_next_begins_leap_years_and_december_too() {
        let day = |y, m, d| day_of(NaiveDate::from_ymd_opt(y, m, d).unwrap_or_default());
        assert_eq!(month_of(day(2024, 2, 29)), day(2024, 2, 1)..day(2024, 3, 1));
        assert_eq!(month_of(day(2025, 12, 1)), day(2025, 12, 1)..day(2026, 1, 1));
    }
}
