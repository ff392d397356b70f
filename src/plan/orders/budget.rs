//! The budget, of a run or what is left of the month: spent where it helps most.

use std::collections::BTreeMap;

use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::money::decimals_of;
use crate::domain::wording::counted;
use crate::ledger::Opening;
use crate::plan::PlannedItem;
use crate::plan::context::PlanContext;

use super::open_to_buy::OpenToBuy;
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

/// Holds the lines that the budget does not reach, and those whose cost is not known. Lines are
/// ranked by what ordering them tonight saves in shortage, per unit of money; where that is equal,
/// in the order of the book.
///
/// Of a budget a run and one a month the one counts that has less left. How the month stands
/// after tonight; `None` where no budget a month is set.
pub fn hold_beyond_budget(
    context: &PlanContext<'_>,
    items: &[PlannedItem<'_>],
    book: &mut OrderBook,
    ledger: Option<&Opening>,
) -> Option<OpenToBuy> {
    let mut month = OpenToBuy::of(context, ledger);
    let run = context.settings.purchasing.budget.map(Fixed::clamped);
    let left = month.map(|month| month.left());
    let budget = match (run, left) {
        (Some(run), Some(left)) => run.min(left),
        (run, left) => run.or(left)?,
    };
    let decimals = decimals_of(&context.settings.currency.base);
    let money = |amount: Fixed| amount.with_decimals(decimals);
    let unpriced: Vec<usize> = (0..book.lines.len())
        .filter(|at| book.lines[*at].state != LineState::Held)
        .filter(|at| book.lines[*at].base_total.is_none())
        .collect();
    let ranked = ranked(items, book);
    let (bought, held) = fill(ranked.iter().collect(), budget);
    if let Some(month) = &mut month {
        month.tonight = bought.iter().map(|candidate| candidate.cost).sum();
    }
    if held.is_empty() && unpriced.is_empty() {
        return month;
    }

    // The month's where it has no more left than the run.
    let of_month = month.filter(|month| month.left() == budget);
    let called = match of_month {
        Some(month) => format!("what is left of the month's budget, {}", money(month.left())),
        None => format!("the budget of {}", money(budget)),
    };
    let reach = Reach { book, bought: &bought, held: &held, unpriced: unpriced.len() };
    let mut message = reach.message(of_month.is_some(), budget, &money);
    if let Some(month) = &month {
        message = format!("{message}; {}", month.told(&money));
    }
    let mut findings = vec![Finding::of_table(Code::BudgetLine, "purchasing", message)];
    let mut note = |at: usize, message: String| {
        let line = &book.lines[at];
        let key = Key { sku: line.sku.clone(), location: line.location.clone() };
        findings.push(Finding::about(Code::OverBudget, "purchasing", &key, message));
    };
    for candidate in &held {
        let message = format!(
            "{} of {} does not fit {called}; it would save {:.2} of shortage",
            money(candidate.cost),
            book.lines[candidate.at].sku,
            candidate.benefit
        );
        note(candidate.at, message);
    }
    for &at in &unpriced {
        let line = &book.lines[at];
        let message = format!(
            "{} of {} have no cost, so that {called} cannot tell whether it reaches them",
            line.quantity, line.sku
        );
        note(at, message);
    }

    let held = held.iter().map(|candidate| candidate.at).chain(unpriced);
    let held: Vec<usize> = held.collect();
    held.into_iter().for_each(|at| book.lines[at].state = LineState::Held);
    let of_all = |finding| OrderFinding { recipient: None, finding };
    book.findings.extend(findings.into_iter().map(of_all));
    month
}

/// The lines that are not held already and have a cost, the most worth per unit of money first.
fn ranked(items: &[PlannedItem<'_>], book: &OrderBook) -> Vec<RankedLine> {
    let benefit = |item: &PlannedItem<'_>| {
        let short_units = item.row.risk.map(|risk| risk.expected_short_units);
        item.row.waiting_cost.get().or(short_units)
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
        .filter_map(|(at, line)| {
            let benefit = benefits.get(&(&*line.sku, &*line.location)).copied().unwrap_or(0.0);
            Some(RankedLine { at, cost: line.base_total?, benefit })
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

/// How far a budget reaches.
struct Reach<'a> {
    book: &'a OrderBook,
    bought: &'a [&'a RankedLine],
    held: &'a [&'a RankedLine],
    /// Lines whose cost is not known.
    unpriced: usize,
}

impl Reach<'_> {
    /// Where the budget stops, and what more money would buy.
    fn message(&self, is_of_month: bool, budget: Fixed, money: &dyn Fn(Fixed) -> String) -> String {
        let spent: Fixed = self.bought.iter().map(|candidate| candidate.cost).sum();
        let mut parts = vec![format!(
            "{}{} buys {} of {} for {}",
            money(budget),
            if is_of_month { " left of the month's budget" } else { "" },
            self.bought.len(),
            counted(self.bought.len() + self.held.len() + self.unpriced, "line"),
            money(spent),
        )];
        match self.unpriced {
            0 => {}
            1 => parts.push("1 line without a cost is held".to_owned()),
            lines => parts.push(format!("{lines} lines without a cost are held")),
        }
        if let Some(first) = self.held.first() {
            parts.push(format!(
                "the first that it does not reach is {}, which saves {:.4} of shortage per unit of \
                 money",
                self.book.lines[first.at].sku,
                first.worth(),
            ));
            parts.push(self.more(money));
        }

        parts.join("; ")
    }

    /// What more money would buy.
    fn more(&self, money: &dyn Fn(Fixed) -> String) -> String {
        let (next, _) = fill(self.held.to_vec(), Fixed::from_units(NEXT_MONEY));
        if next.is_empty() {
            return format!("the next {NEXT_MONEY} would buy no line whole");
        }

        let name = |candidate: &&RankedLine| {
            format!("{} {}", self.book.lines[candidate.at].sku, money(candidate.cost))
        };
        let names: Vec<String> = next.iter().take(NAMED).map(name).collect();
        let rest = match next.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let saving: f64 = next.iter().map(|candidate| candidate.benefit).sum();
        format!("the next {NEXT_MONEY} would buy {}{rest}, and save {saving:.2}", names.join(", "))
    }
}
