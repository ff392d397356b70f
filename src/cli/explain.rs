//! `restock explain`: how one item's order came about.

use std::io::Write;
use std::process::ExitCode;

use super::Context;
use super::args::ExplainArgs;
use crate::domain::calendar::date_of;
use crate::domain::fixed::Fixed;
use crate::error::{Error, Result};
use crate::io::load;
use crate::pipeline::{Prepared, forecast_demand, plan, prepare};
use crate::plan::row::PlanRow;

/// Buckets of history that are shown.
const SHOWN: usize = 13;

/// Plans as the night run does, and prints the trail of one item.
///
/// # Errors
/// As the stages report them, and for an item that is not planned.
pub(super) fn run(context: &Context, args: &ExplainArgs) -> Result<ExitCode> {
    let settings = context.settings()?;
    let as_of = super::run::as_of(context, args.as_of.as_deref())?;
    let prepared = prepare(&settings, load(&settings, as_of, &())?);
    let found = |row: &PlanRow| {
        *row.key.sku == *args.sku && args.location.as_deref().is_none_or(|place| place == &*row.key.location)
    };
    let (_, forecasts) = forecast_demand(&settings, &prepared);
    let planned = plan(&settings, &prepared, &forecasts, false, None);
    let rows: Vec<&PlanRow> = planned.rows.iter().filter(|row| found(row)).collect();
    if rows.is_empty() {
        let names: Vec<String> = prepared.keys.iter().map(|key| key.sku.to_string()).collect();
        let error = Error::usage(format!("{} is not planned", args.sku));
        return Err(crate::config::source::with_suggestion(error, &args.sku, &names));
    }
    let mut out = std::io::stdout().lock();
    for row in rows {
        write!(out, "{}", trail(&prepared, row)).map_err(super::broken_pipe)?;
        for finding in planned.findings.iter().filter(|finding| finding.key.as_ref() == Some(&row.key)) {
            writeln!(out, "  {} {}: {}", finding.code.id(), finding.code.name(), finding.message)
                .map_err(super::broken_pipe)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The arithmetic of one item, line by line.
fn trail(prepared: &Prepared, row: &PlanRow) -> String {
    let mut lines = vec![format!("{}  on {}", row.key, date_of(prepared.loaded.as_of))];
    if let Some(item) = row.panel_item {
        let series = prepared.panel.series(item);
        let recent = &series.demand[series.demand.len().saturating_sub(SHOWN)..];
        let numbers: Vec<String> = recent.iter().map(|units| format!("{units:.0}")).collect();
        let length = format!("{:?}", prepared.panel.calendar.length).to_lowercase();
        lines.push(format!(
            "demand       {} {length}s of history; the last {}: {}",
            series.demand.len(),
            recent.len(),
            numbers.join(" ")
        ));
    }
    if let Some(classes) = row.classes {
        let shape = classes.demand_class.as_str();
        lines.push(format!(
            "class        {}{}, {shape}; model {}",
            classes.abc.as_str(),
            classes.xyz.as_str(),
            row.model
        ));
    }
    if let Some(levels) = row.levels {
        let (lead, sd) = (levels.lead_time_mean_days, levels.lead_time_sd_days);
        lines.push(format!(
            "lead time    {lead:.1} days ± {sd:.1} from {}; order dates every {} days",
            row.supplier, levels.review_period_days
        ));
        lines.push(format!(
            "protection   {:.1} days: demand of {:.1} expected (a day: {:.2})",
            levels.protection_days, levels.protection_demand_mean, levels.mean_daily_demand
        ));
        lines.push(format!(
            "target       {} under {}: reorder point {:.1} = {:.1} + safety stock {:.1}",
            row.target, row.policy, levels.reorder_point, levels.protection_demand_mean, levels.safety_stock
        ));
        lines.push(format!("             order up to {:.1}", levels.order_up_to_level));
        if let Some(lost) = levels.expected_lost_units {
            lines.push(format!(
                "             {lost:.1} units of demand are expected to be lost before an order arrives; the level counts on it"
            ));
        }
    }
    match row.stock {
        Some(stock) => lines.push(format!(
            "position     {} on hand - {} allocated - {} backorders + {} on order = {} ({} comes later)",
            stock.on_hand,
            stock.allocated,
            stock.backorders,
            stock.on_order,
            stock.inventory_position,
            stock.on_order_later
        )),
        None => lines.push("position     unknown: there is no stock record".to_owned()),
    }
    if let Some(risk) = row.risk {
        lines.push(format!(
            "risk         {:.1} % to run short before an order can land; {:.2} units short expected",
            risk.stockout_probability * 100.0,
            risk.expected_short_units
        ));
    }
    if let Some(sizing) = &row.sizing {
        let mut steps = format!("need {}", sizing.needed);
        for (name, quantity) in &sizing.steps {
            steps.push_str(&format!(" -> {name} -> {quantity}"));
        }
        lines.push(format!("quantity     {steps}"));
    }
    let ordered = row.sizing.as_ref().map_or(Fixed::ZERO, |sizing| sizing.quantity);
    let ordered = if row.decision == crate::plan::Decision::Order { ordered } else { Fixed::ZERO };
    lines.push(format!("decision     {} ({}): {ordered} units", row.decision.as_str(), row.reason));
    lines.join("\n") + "\n"
}
