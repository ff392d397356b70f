//! The budget: spent where it helps most.

use std::collections::BTreeMap;

use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::plan::PlannedItem;
use crate::plan::context::PlanContext;

use super::{LineState, OrderBook, OrderFinding};

/// More money that a buyer may ask for, in base money. Judgement: a round sum.
const NEXT_MONEY: i64 = 1_000;
/// Lines that are named in what it would buy. Judgement: what one reads at a glance.
const NAMED: usize = 5;

/// What a line costs and saves.
struct RankedLine {
    /// Its index in the order book.
    at: usize,
    /// Base money.
    cost: Fixed,
    /// What ordering it tonight saves in shortage: base money where a price is known, else units.
    benefit: f64,
}

impl RankedLine {
    /// Saving per unit of money.
    fn worth(&self) -> f64 {
        self.benefit / self.cost.to_f64().max(0.01)
    }
}

/// Holds the lines that the budget does not reach. Lines are ranked by what ordering them tonight
/// saves in shortage, per unit of money; where that is equal, in the order of the book.
pub fn hold_beyond_budget(
    context: &PlanContext<'_>,
    items: &[PlannedItem<'_>],
    book: &mut OrderBook,
) {
    let Some(budget) = context.settings.purchasing.budget.and_then(Fixed::from_f64) else { return };
    let ranked = ranked(items, book);
    let (bought, held) = fill(ranked.iter().collect(), budget);
    let Some(first) = held.first() else { return };

    let mut findings = vec![Finding::of_table(
        Code::BudgetLine,
        "purchasing",
        budget_message(book, budget, &bought, &held, first),
    )];
    for candidate in &held {
        let line = &book.lines[candidate.at];
        let message = format!(
            "{} of {} does not fit the budget of {}; it would save {:.2} of shortage",
            candidate.cost.with_decimals(2),
            line.sku,
            budget.with_decimals(2),
            candidate.benefit
        );
        let key = Key { sku: line.sku.clone(), location: line.location.clone() };
        findings.push(Finding::about(Code::OverBudget, "purchasing", &key, message));
    }

    held.iter().for_each(|candidate| book.lines[candidate.at].state = LineState::Held);
    let of_all = |finding| OrderFinding { recipient: None, finding };
    book.findings.extend(findings.into_iter().map(of_all));
}

/// The lines that are not held already, the most worth per unit of money first.
fn ranked(items: &[PlannedItem<'_>], book: &OrderBook) -> Vec<RankedLine> {
    let benefit = |item: &PlannedItem<'_>| {
        let short_units = item.row.risk.map(|risk| risk.expected_short_units);
        item.row.waiting_cost.or(short_units)
    };
    let benefits: BTreeMap<(&str, &str), f64> = items
        .iter()
        .filter_map(|item| Some(((&*item.key().sku, &*item.key().location), benefit(item)?)))
        .collect();

    let mut ranked: Vec<RankedLine> = book
        .lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.state != LineState::Held)
        .map(|(at, line)| RankedLine {
            at,
            cost: line.base_total.unwrap_or_default(),
            benefit: benefits.get(&(&*line.sku, &*line.location)).copied().unwrap_or(0.0),
        })
        .collect();
    ranked.sort_by(|a, b| b.worth().total_cmp(&a.worth()).then(a.at.cmp(&b.at)));

    ranked
}

/// The lines that an amount buys, in their order, and the rest; a line that does not fit is passed
/// over.
fn fill(ranked: Vec<&RankedLine>, amount: Fixed) -> (Vec<&RankedLine>, Vec<&RankedLine>) {
    let mut left = amount;
    ranked.into_iter().partition(|candidate| {
        let fits = candidate.cost <= left;
        if fits {
            left = left - candidate.cost;
        }
        fits
    })
}

/// Where the budget stops, and what more money would buy.
fn budget_message(
    book: &OrderBook,
    budget: Fixed,
    bought: &[&RankedLine],
    held: &[&RankedLine],
    first: &RankedLine,
) -> String {
    let spent: Fixed = bought.iter().map(|candidate| candidate.cost).sum();
    let reached = format!(
        "{} buys {} of {} lines for {}; the first that it does not reach is {}, which saves {:.4} \
         of shortage per unit of money",
        budget.with_decimals(2),
        bought.len(),
        bought.len() + held.len(),
        spent.with_decimals(2),
        book.lines[first.at].sku,
        first.worth(),
    );

    let (next, _) = fill(held.to_vec(), Fixed::from_units(NEXT_MONEY));
    if next.is_empty() {
        return format!("{reached}; the next {NEXT_MONEY} would buy no line whole");
    }
    let name = |candidate: &&RankedLine| {
        format!("{} {}", book.lines[candidate.at].sku, candidate.cost.with_decimals(2))
    };
    let names: Vec<String> = next.iter().take(NAMED).map(name).collect();
    let rest = match next.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let saving: f64 = next.iter().map(|candidate| candidate.benefit).sum();
    format!(
        "{reached}; the next {NEXT_MONEY} would buy {}{rest}, and save {saving:.2}",
        names.join(", ")
    )
}
