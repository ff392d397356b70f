//! The orders in the summary: by supplier, in all, and how long they last.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::style::heading;
use crate::config::Settings;
use crate::config::choices::Handover;
use crate::domain::finding::Code;
use crate::domain::fixed::Fixed;
use crate::domain::money::{decimals_of, money};
use crate::domain::wording::{counted, printable, shortened, wrapped};
use crate::pipeline::NightPlan;
use crate::plan::PlannedItem;
use crate::plan::orders::{LineState, OrderLine};

/// Suppliers that are listed by name, at most. Judgement: the summary fits on one screen.
const MAX_SUPPLIERS: usize = 12;
/// Characters of a line.
const WIDTH: usize = 80;
/// Days of a week.
const WEEK_DAYS: f64 = 7.0;

/// Lines and what they come to.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    lines: usize,
    /// Lines without a cost.
    unpriced: usize,
    value: Fixed,
}

impl Sum {
    fn add(&mut self, value: Option<Fixed>) {
        self.lines += 1;
        self.unpriced += usize::from(value.is_none());
        self.value += value.unwrap_or_default();
    }

    fn note(self) -> String {
        match self.unpriced {
            0 => String::new(),
            lines => format!("  ({lines} without a cost)"),
        }
    }
}

/// Of some lines, in the base currency.
fn in_base<'a>(lines: impl Iterator<Item = &'a OrderLine>) -> Sum {
    let mut sum = Sum::default();
    lines.for_each(|line| sum.add(line.base_total));
    sum
}

/// The orders, largest supplier first.
pub(super) fn write(
    out: &mut String,
    settings: &Settings,
    plan: &NightPlan<'_>,
) -> std::fmt::Result {
    if plan.book.lines.is_empty() {
        writeln!(out, "\nNo orders tonight.")?;
        return month(out, settings, plan);
    }

    let base = settings.currency.base.as_str();
    let mut by_supplier: BTreeMap<(&str, &str), (Sum, Vec<&OrderLine>)> = BTreeMap::new();
    for line in &plan.book.lines {
        let (sum, lines) = by_supplier.entry((&line.supplier, &line.currency)).or_default();
        sum.add(line.line_total);
        lines.push(line);
    }
    let mut listed: Vec<_> = by_supplier.into_iter().collect();
    // By what they come to in one currency; equal ones by name.
    listed.sort_by_key(|((name, currency), (_, lines))| {
        (std::cmp::Reverse(in_base(lines.iter().copied()).value), *name, *currency)
    });

    writeln!(out, "\n{}", heading(&format!("Orders{:>34}{:>16}", "lines", "value")))?;
    for ((supplier, currency), (sum, _)) in listed.iter().take(MAX_SUPPLIERS) {
        row(out, supplier, *sum, currency)?;
    }
    let rest = listed.get(MAX_SUPPLIERS..).unwrap_or_default();
    if !rest.is_empty() {
        let lines = rest.iter().flat_map(|(_, (_, lines))| lines.iter().copied());
        row(out, &format!("and {} more", rest.len()), in_base(lines), base)?;
    }
    if listed.len() > 1 {
        row(out, "total", in_base(plan.book.lines.iter()), base)?;
    }

    states(out, settings, &plan.book.lines)?;
    lasting(out, plan)?;
    for line in plan.findings.iter().filter(|finding| finding.code == Code::BudgetLine) {
        let text = format!("  budget: {}", line.message);
        writeln!(out, "{}", wrapped(&text, WIDTH, "    "))?;
    }
    month(out, settings, plan)
}

/// How the budget of the month stands, where no finding says it already.
fn month(out: &mut String, settings: &Settings, plan: &NightPlan<'_>) -> std::fmt::Result {
    let is_told = plan.findings.iter().any(|finding| finding.code == Code::BudgetLine);
    let Some(month) = plan.open_to_buy.filter(|_| !is_told) else { return Ok(()) };

    let base = settings.currency.base.as_str();
    let text = format!("  budget: {}", month.told(&|amount| money(amount, decimals_of(base))));
    writeln!(out, "{}", wrapped(&text, WIDTH, "    "))
}

fn row(out: &mut String, name: &str, sum: Sum, currency: &str) -> std::fmt::Result {
    let value = money(sum.value, decimals_of(currency));
    let name = shortened(name, 32);
    let currency = printable(currency);
    writeln!(out, "  {name:<32}{:>6}{value:>16} {currency}{}", sum.lines, sum.note())
}

/// What goes out, what needs a person and what is held, where that is not all one.
fn states(out: &mut String, settings: &Settings, lines: &[OrderLine]) -> std::fmt::Result {
    let base = settings.currency.base.as_str();
    let of = |state| in_base(lines.iter().filter(move |line| line.state == state));
    let [suggested, approved, needs_review, held] = LineState::ALL.map(of);
    let is_asked = settings.purchasing.handover == Handover::Approve;
    if suggested.lines == lines.len() && !is_asked {
        return Ok(());
    }

    let part = |sum: Sum, one: &str, more: &str| {
        let verb = if sum.lines == 1 { one } else { more };
        let value = money(sum.value, decimals_of(base));
        let counted = counted(sum.lines, "line");
        (sum.lines > 0).then(|| format!("{counted} {verb} ({value} {base}{})", sum.note()))
    };
    let parts = [
        match is_asked {
            true => part(suggested, "waits for approval", "wait for approval"),
            false => part(suggested, "goes out", "go out"),
        },
        part(approved, "approved earlier goes out", "approved earlier go out"),
        part(needs_review, "needs review", "need review"),
        part(held, "is held", "are held"),
    ];
    let text = format!("  {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "));
    writeln!(out, "{}", wrapped(&text, WIDTH, "    "))
}

/// How many weeks of sales the book is, and what is there and on its way with it: at cost over the
/// items whose cost is known, or in units where none is. Lines that are held are left out.
fn lasting(out: &mut String, plan: &NightPlan<'_>) -> std::fmt::Result {
    let planned: Vec<&PlannedItem<'_>> =
        plan.entries.iter().filter_map(|entry| entry.planned()).collect();
    let knows_costs = planned.iter().any(|item| item.facts.unit_cost.is_some());
    let worth = |item: &PlannedItem<'_>| match item.facts.unit_cost {
        Some(cost) => cost.to_f64(),
        None if knows_costs => 0.0,
        None => 1.0,
    };

    let held: BTreeSet<(&str, &str)> = plan
        .book
        .lines
        .iter()
        .filter(|line| line.state == LineState::Held)
        .map(|line| (&*line.sku, &*line.location))
        .collect();
    let (mut weekly, mut book, mut stock) = (0.0, 0.0, 0.0);
    for item in planned {
        let key = item.key();
        // What a location that others supply sells counts there already.
        if item.facts.supplied_by.is_none() {
            weekly += WEEK_DAYS * item.row.levels.mean_daily_demand * worth(item);
            let is_bought = item.row.is_ordered() && !held.contains(&(&*key.sku, &*key.location));
            if is_bought {
                book += item.row.sized_units().to_f64() * worth(item);
            }
        }
        let there = item.row.stock.map_or(Fixed::ZERO, |stock| {
            (stock.inventory_position + stock.on_order_later).or_zero()
        });
        stock += there.to_f64() * worth(item);
    }

    if weekly <= 0.0 {
        return Ok(());
    }
    let apart = if held.is_empty() { "" } else { " less held lines" };
    writeln!(
        out,
        "  this book{apart} = {} of sales; stock after it = {}",
        weeks(book / weekly),
        weeks((stock + book) / weekly)
    )
}

fn weeks(number: f64) -> String {
    counted(format!("{number:.1}").trim_end_matches(".0"), "week")
}
