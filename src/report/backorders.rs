//! Backorders in the summary: who waits, what will run out, and what to do.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::style::heading;
use crate::backorder::risk::{RiskGroup, RiskRow};
use crate::config::Settings;
use crate::domain::calendar::{Day, date_of};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::money::{decimals_of, money};
use crate::domain::wording::{counted, shortened, wrapped};
use crate::pipeline::NightPlan;
use crate::plan::PlanEntry;

/// Items of each group that are listed by name, at most. Judgement: the summary fits on one screen.
const MAX_LISTED: usize = 6;
/// Characters of a line.
const WIDTH: usize = 80;
/// Characters of an item's name.
const NAME_WIDTH: usize = 24;

/// Who waits and what will run out, worst first.
pub(super) fn write(
    out: &mut String,
    settings: &Settings,
    plan: &NightPlan<'_>,
) -> std::fmt::Result {
    let risks = &plan.desk.risks;
    let of = |group| risks.rows.iter().filter(move |row| row.group == group).collect::<Vec<_>>();
    waiting(out, plan, &of(RiskGroup::Waiting))?;
    if plan.entries.iter().filter_map(PlanEntry::planned).any(|item| item.row.risk.is_some()) {
        at_risk(out, &of(RiskGroup::AtRisk))?;
    }

    if risks.unlisted > 0 {
        let base = settings.currency.base.as_str();
        let value = money(Fixed::clamped(risks.unlisted_value), decimals_of(base));
        let items = counted(risks.unlisted, "item");
        let text = format!(
            "  {items} more with less than `risk.min_value` at stake each, {value} {base} in all"
        );
        writeln!(out, "{}", wrapped(&text, WIDTH, "    "))?;
    }
    Ok(())
}

/// Items that customers wait for, with the day by which all that is waited for should have shipped.
fn waiting(out: &mut String, plan: &NightPlan<'_>, rows: &[&RiskRow]) -> std::fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }

    // The last promise of each item; none where one of its lines has none.
    let mut promised: BTreeMap<&Key, Option<Day>> = BTreeMap::new();
    for promise in &plan.desk.promises {
        let day = promise.ships.map(|ships| ships.p90);
        let last = promised.entry(&promise.row.key).or_insert(day);
        *last = last.zip(day).map(|(a, b)| a.max(b));
    }

    let title = format!("Customers wait for {}", counted(rows.len(), "item"));
    let columns = format!("{title:<32}{:>10}{:>13}{:>14}", "units", "since", "shipped by");
    writeln!(out, "\n{}", heading(&columns))?;
    let date =
        |day: Option<Day>| day.map_or_else(|| "-".to_owned(), |day| date_of(day).to_string());
    for row in rows.iter().take(MAX_LISTED) {
        let ships = promised.get(&row.key).copied().flatten();
        writeln!(
            out,
            "  {:<30}{:>10}{:>13}{:>14}",
            shortened(&row.key.to_string(), 30),
            row.waiting_units.to_string(),
            date(row.waiting_since),
            date(ships)
        )?;
        told(out, row)?;
    }
    rest(out, rows.len())
}

fn at_risk(out: &mut String, rows: &[&RiskRow]) -> std::fmt::Result {
    if rows.is_empty() {
        return writeln!(out, "\nNothing is at risk of running out before an order can land.");
    }

    let title = format!("At risk: {}", counted(rows.len(), "item"));
    let columns = format!("{title:<26}{:>10}{:>10}{:>12}  cause", "P(short)", "units", "50 % by");
    writeln!(out, "\n{}", heading(&columns))?;
    for row in rows.iter().take(MAX_LISTED) {
        let date = row.risk.stockout_dates[1]
            .map_or_else(|| "-".to_owned(), |day| date_of(day).to_string());
        writeln!(
            out,
            "  {:<24}{:>8.0} %{:>10.1}{date:>12}  {}",
            shortened(&format!("{} {}", row.key.sku, row.key.location), NAME_WIDTH),
            row.risk.stockout_probability * 100.0,
            row.risk.expected_short_units,
            row.cause.kind.as_str(),
        )?;
        told(out, row)?;
    }
    rest(out, rows.len())
}

/// Why, and what to do.
fn told(out: &mut String, row: &RiskRow) -> std::fmt::Result {
    let why = format!("      {}", row.cause.detail);
    writeln!(out, "{}", wrapped(&why, WIDTH, "      "))?;
    let act = format!("      → {}", row.action.text);
    writeln!(out, "{}", wrapped(&act, WIDTH, "        "))
}

fn rest(out: &mut String, rows: usize) -> std::fmt::Result {
    if rows > MAX_LISTED {
        writeln!(out, "  and {} more in backorder_risk.csv", rows - MAX_LISTED)?;
    }
    Ok(())
}
