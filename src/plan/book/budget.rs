//! The budget: spent where it helps most.

use std::collections::BTreeMap;

use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::plan::facts::World;
use crate::plan::row::PlanRow;

use super::{LineState, OrderBook};

/// More money that a buyer may ask for.
const NEXT: i64 = 1_000;
/// Lines that are named in what it would buy.
const NAMED: usize = 5;

/// Holds the lines that the budget does not reach. Lines are ranked by what ordering them tonight
/// saves in shortage, per unit of money; where that is equal, by key.
pub(super) fn hold_beyond_budget(world: &World<'_>, plan: &[PlanRow], book: &mut OrderBook) {
    let Some(budget) = world.settings.purchasing.budget.and_then(Fixed::from_f64) else { return };
    let saved: BTreeMap<(&str, &str), f64> = plan
        .iter()
        .filter_map(|row| {
            let short = || row.risk.map(|risk| risk.expected_short_units);
            Some(((&*row.key.sku, &*row.key.location), row.waiting_cost.or_else(short)?))
        })
        .collect();
    let benefit = |at: usize| {
        saved.get(&(&*book.lines[at].sku, &*book.lines[at].location)).copied().unwrap_or(0.0)
    };
    let cost = |at: usize| book.lines[at].base_total.unwrap_or_default();
    let worth = |at: usize| benefit(at) / cost(at).to_f64().max(0.01);
    let mut ranked: Vec<usize> =
        (0..book.lines.len()).filter(|at| book.lines[*at].state != LineState::Held).collect();
    ranked.sort_by(|a, b| worth(*b).total_cmp(&worth(*a)).then(a.cmp(b)));
    let (bought, held) = fill(&ranked, &cost, budget);
    if held.is_empty() {
        return;
    }
    let (next, _) = fill(&held, &cost, Fixed::from_units(NEXT));
    let spent: Fixed = bought.iter().map(|at| cost(*at)).sum();
    let names: Vec<String> = next
        .iter()
        .take(NAMED)
        .map(|at| format!("{} {}", book.lines[*at].sku, cost(*at).with_decimals(2)))
        .collect();
    let rest = if next.len() > NAMED {
        format!(" and {} more", next.len() - NAMED)
    } else {
        String::new()
    };
    let saving: f64 = next.iter().map(|at| benefit(*at)).sum();
    let first = held[0];
    let mut message = format!(
        "{} buys {} of {} lines for {}; the first that it does not reach is {}, which saves {:.4} of \
         shortage per unit of money",
        budget.with_decimals(2),
        bought.len(),
        ranked.len(),
        spent.with_decimals(2),
        book.lines[first].sku,
        worth(first),
    );
    if next.is_empty() {
        message.push_str(&format!("; the next {NEXT} would buy no line whole"));
    } else {
        message.push_str(&format!(
            "; the next {NEXT} would buy {}{rest}, and save {saving:.2}",
            names.join(", ")
        ));
    }
    let mut findings = vec![Finding::of_table(Code::BudgetLine, "purchasing", message)];
    for &at in &held {
        let line = &book.lines[at];
        let message = format!(
            "{} of {} does not fit the budget of {}; it would save {:.2} of shortage",
            cost(at).with_decimals(2),
            line.sku,
            budget.with_decimals(2),
            benefit(at)
        );
        let key = Key { sku: line.sku.clone(), location: line.location.clone() };
        findings.push(Finding::about(Code::OverBudget, "purchasing", &key, message));
    }
    book.findings.extend(findings);
    held.into_iter().for_each(|at| book.lines[at].state = LineState::Held);
}

/// The lines that an amount buys, in their order, and the rest; a line that does not fit is passed
/// over.
fn fill(
    ranked: &[usize],
    cost: &impl Fn(usize) -> Fixed,
    amount: Fixed,
) -> (Vec<usize>, Vec<usize>) {
    let mut left = amount;
    ranked.iter().partition(|at| {
        let fits = cost(**at) <= left;
        if fits {
            left = left - cost(**at);
        }
        fits
    })
}
