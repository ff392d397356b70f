//! The summary that a person reads at seven in the morning.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::backorders;
use super::ledger;
use super::money_ahead;
use super::order_totals;
use super::set_aside;
use super::style::{heading, in_colour_of};
use crate::config::Settings;
use crate::config::choices::MissingStock;
use crate::demand::histories::Histories;
use crate::demand::prepare::Prepared;
use crate::domain::calendar::{BucketLength, Day, date_of};
use crate::domain::finding::{Code, Finding, Severity};
use crate::domain::fixed::Fixed;
use crate::domain::money::{decimals_of, money};
use crate::domain::tables::Tables;
use crate::domain::wording::{counted, grouped, wrapped};
use crate::io::Loaded;
use crate::pipeline::NightPlan;
use crate::plan::orders::{LineState, OrderLine};
use crate::plan::{Decision, PlannedItem, decisions};

/// Risks that are listed by name, at most. Judgement: the summary fits on one screen.
const MAX_LISTED: usize = 8;
/// Characters of a line.
const WIDTH: usize = 80;

/// The summary as lines of text.
#[must_use]
pub fn text(
    settings: &Settings,
    inputs: &Loaded,
    prepared: &Prepared,
    plan: &NightPlan<'_>,
) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_all(&mut out, settings, inputs, prepared, plan);
    out
}

fn write_all(
    out: &mut String,
    settings: &Settings,
    inputs: &Loaded,
    prepared: &Prepared,
    plan: &NightPlan<'_>,
) -> std::fmt::Result {
    if let Some(gap) = plan.held_for() {
        let is_approved = |line: &OrderLine| line.state == LineState::Approved;
        let what = match plan.book.lines.iter().any(is_approved) {
            true => "Nothing but what was approved earlier goes out tonight",
            false => "Nothing goes out tonight",
        };
        writeln!(out, "{what}: {gap}. Every order line is held.")?;
    }
    assumed(out, settings, inputs, prepared, plan)?;

    let counts = decisions(&plan.entries);
    let count = |decision| counts.get(&decision).copied().unwrap_or(0);
    let line = format!(
        "{}  {} planned: {} to order, {} {}, {} need nothing, {} blocked, {} quarantined",
        date_of(inputs.as_of),
        counted(plan.entries.len(), "item"),
        count(Decision::Order),
        count(Decision::Waits),
        if count(Decision::Waits) == 1 { "waits" } else { "wait" },
        count(Decision::NoNeed),
        count(Decision::Blocked),
        count(Decision::Quarantined),
    );
    writeln!(out, "{}", heading(&wrapped(&line, WIDTH, "            ")))?;
    if let Some(line) = ledger::not_seen_yet(settings, plan) {
        writeln!(out, "{}", wrapped(&line, WIDTH, "  "))?;
    }

    order_totals::write(out, settings, plan)?;
    waiting(out, settings, plan)?;
    money_ahead::summary(out, settings, inputs.as_of, plan)?;
    backorders::write(out, settings, plan)?;
    set_aside::write(out, settings, inputs)?;
    findings(out, plan)
}

/// What was assumed in place of the tables that are not given.
fn assumed(
    out: &mut String,
    settings: &Settings,
    inputs: &Loaded,
    prepared: &Prepared,
    plan: &NightPlan<'_>,
) -> std::fmt::Result {
    let tables = &inputs.tables;
    let mut missing = Vec::new();

    if tables.stock.is_none() {
        let held = plan.entries.iter().filter_map(|entry| {
            let PlannedItem { facts, row } = entry.planned()?;
            Some((row.levels.order_up_to_level, facts.unit_cost.or(facts.unit_price)))
        });
        let (mut units, mut money) = (0.0, 0.0);
        for (level, worth) in held {
            units += level;
            money += level * worth.map_or(0.0, Fixed::to_f64);
        }
        let what = match settings.plan.missing_stock {
            MissingStock::Unknown => {
                "stock is unknown, so levels are computed and nothing is ordered"
            }
            MissingStock::Zero => {
                "every item counts as out of stock (`plan.missing_stock`), for an opening order"
            }
        };
        let text = format!(
            "No stock table: {what}. Fully stocked the plan holds {} units, {} {} at cost or else \
             price.",
            grouped(format!("{units:.0}")),
            grouped(format!("{money:.0}")),
            settings.currency.base
        );
        writeln!(out, "{}", wrapped(&text, WIDTH, "  "))?;
        missing.push("stock (what is on hand: turns levels into orders)");
    }

    if tables.items.is_none() {
        missing.push("items (supplier, cost, MOQ, pack size: orders by supplier, in money)");
    }

    let untold =
        plan.entries.iter().filter(|entry| !states_lead_time(tables, &entry.key().sku)).count();
    if tables.suppliers.is_none() && tables.receipts.is_none() && untold > 0 {
        let whose = if untold == plan.entries.len() {
            "every lead time".to_owned()
        } else {
            format!("{untold} lead times")
        };
        let days = settings.plan.lead_time_days;
        let verb = if untold == plan.entries.len() { "is" } else { "are" };
        let text = format!("No suppliers or receipts: {whose} {verb} taken to be {days} days.");
        writeln!(out, "{}", wrapped(&text, WIDTH, "  "))?;
        missing.push("receipts or suppliers (lead times: safety stock of the right size)");
    }

    if !missing.is_empty() {
        let text = format!("History: {}", history(&prepared.histories));
        writeln!(out, "{}", wrapped(&text, WIDTH, "  "))?;
        let text = format!("Tables that would help most, in order: {}.", missing.join("; "));
        writeln!(out, "{}", wrapped(&text, WIDTH, "  "))?;
        writeln!(out)?;
    }
    Ok(())
}

/// How long the history is, and what it cannot support.
fn history(histories: &Histories) -> String {
    let longest = histories.longest();
    let (unit, year) = match histories.calendar.length {
        BucketLength::Day => ("days", 365),
        BucketLength::Week => ("weeks", 52),
        BucketLength::Month => ("months", 12),
    };

    let season = match longest {
        n if n > 2 * year => "",
        n if n > year => {
            ", too short for a yearly season of an item's own: levels follow what the whole shop \
             did last year"
        }
        _ => ", too short for a yearly season",
    };

    format!("{longest} {unit} at most{season}.")
}

/// The books of the next order dates, as far as they are known tonight: what is needed, and has to
/// wait for them.
fn waiting(out: &mut String, settings: &Settings, plan: &NightPlan<'_>) -> std::fmt::Result {
    let planned = plan.entries.iter().filter_map(|entry| entry.planned());
    let mut books: BTreeMap<Day, (usize, usize, Fixed)> = BTreeMap::new();
    for item in planned.filter(|item| item.row.decision() == Decision::Waits) {
        let units = item.row.sized_units();
        let cost = item.facts.unit_cost_at(units).zip(item.facts.currency_rate.get());
        let value =
            cost.and_then(|(cost, rate)| Fixed::from_f64(units.times(cost).to_f64() * rate));
        let book = books.entry(item.next_order_day()).or_default();
        book.0 += 1;
        book.1 += usize::from(value.is_none());
        book.2 += value.unwrap_or_default();
    }
    if books.is_empty() {
        return Ok(());
    }

    writeln!(out, "\n{}", heading(&format!("Waiting for{:>29}{:>16}", "lines", "value")))?;
    for (day, (lines, unpriced, total)) in books.iter().take(MAX_LISTED) {
        let note = match unpriced {
            0 => String::new(),
            count => format!("  ({count} without a cost)"),
        };
        let date = date_of(*day).to_string();
        let base = &settings.currency.base;
        writeln!(
            out,
            "  {date:<32}{lines:>6}{:>16} {base}{note}",
            money(*total, decimals_of(base))
        )?;
    }
    if books.len() > MAX_LISTED {
        writeln!(out, "  and {} later dates (plan.csv)", books.len() - MAX_LISTED)?;
    }
    Ok(())
}

/// Whether the tables state the lead time of an item by itself.
fn states_lead_time(tables: &Tables, sku: &str) -> bool {
    tables.item(sku).is_some_and(|item| item.lead_time_days.get().is_some())
        || tables.item_suppliers_of(sku).iter().any(|row| row.lead_time_days.is_some())
}

/// How many findings of each severity there are, and which the errors are.
fn findings(out: &mut String, plan: &NightPlan<'_>) -> std::fmt::Result {
    let line = format!(
        "Findings: {}, {}, {} (exceptions.csv)",
        counted(findings_of(plan, Severity::Error), "error"),
        counted(findings_of(plan, Severity::Warning), "warning"),
        counted(findings_of(plan, Severity::Info), "note")
    );
    writeln!(out, "\n{}", heading(&line))?;

    let mut errors: BTreeMap<Code, Vec<&Finding>> = BTreeMap::new();
    for finding in plan.findings.iter().filter(|found| found.code.severity() == Severity::Error) {
        errors.entry(finding.code).or_default().push(finding);
    }
    for (code, found) in errors {
        let first = found.iter().find_map(|finding| finding.key.as_ref());
        let first = first.map_or_else(|| found[0].message.clone(), ToString::to_string);
        let which = if found.len() == 1 { first } else { format!("first {first}") };
        let text = format!("  {:<38}{:>8}  {which}", code.name(), found.len());
        let text = wrapped(&text, WIDTH, &" ".repeat(50));
        writeln!(out, "{}", in_colour_of(Severity::Error, &text))?;
    }
    Ok(())
}

/// How many findings have a severity.
fn findings_of(plan: &NightPlan<'_>, severity: Severity) -> usize {
    plan.findings.iter().filter(|finding| finding.code.severity() == severity).count()
}
