//! `restock explain`: how one item's order came about.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::ExitCode;

use super::Context;
use super::args::ExplainArgs;
use crate::config::Settings;
use crate::demand::drivers::Mark;
use crate::demand::stated::{ChangeSource, DemandChange};
use crate::domain::calendar::date_of;
use crate::domain::fixed::Fixed;
use crate::domain::tables::OverrideKind;
use crate::error::{Error, Result};
use crate::forecast::{Fitted, Forecasts};
use crate::io::load;
use crate::pipeline::{Prepared, forecast_chosen, plan_item, prepare};
use crate::plan::row::PlanRow;
use crate::plan::together::ordered_together;

/// Events and promotions that are listed, at most.
const LISTED: usize = 8;
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
    let found = |at: &usize| {
        let key = &prepared.keys[*at];
        *key.sku == *args.sku
            && args.location.as_deref().is_none_or(|place| place == &*key.location)
    };
    let items: Vec<usize> = (0..prepared.keys.len()).filter(found).collect();
    if items.is_empty() {
        let names: Vec<String> = prepared.keys.iter().map(|key| key.sku.to_string()).collect();
        let error = Error::usage(format!("{} is not planned", args.sku));
        return Err(crate::config::source::with_suggestion(error, &args.sku, &names));
    }
    let together = |at: &usize| ordered_together(&prepared.loaded.tables, &prepared.keys, *at);
    let forecast: BTreeSet<usize> = items.iter().flat_map(together).collect();
    let (fitted, forecasts) =
        forecast_chosen(&settings, &prepared, &forecast.into_iter().collect::<Vec<_>>());
    let mut out = std::io::stdout().lock();
    for at in items {
        let (row, findings) = plan_item(&settings, &prepared, &forecasts, at);
        let moves = moves(&settings, &prepared, &fitted, at);
        write!(out, "{}", trail(&prepared, &forecasts, &row, &moves))
            .map_err(super::broken_pipe)?;
        for finding in &findings {
            writeln!(out, "  {} {}: {}", finding.code.id(), finding.code.name(), finding.message)
                .map_err(super::broken_pipe)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Events, promotions and prices that move the buckets ahead, with what they do to demand.
fn moves(settings: &Settings, prepared: &Prepared, fitted: &Fitted, item: usize) -> Vec<String> {
    let (panel, calendar) = (&prepared.panel, &settings.calendar);
    let first = calendar.bucket_of(panel.as_of);
    let ahead = first..first + settings.forecast.horizon as i32;
    let line = |mark: &Mark| {
        let factor = fitted.effect_of(mark, panel.category[item]);
        let from = date_of(calendar.start_of(mark.first.max(first)).max(panel.as_of));
        let name = panel.drivers.names().get(mark.driver as usize)?;
        let moves =
            mark.last >= ahead.start && mark.first < ahead.end && (factor - 1.0).abs() >= 0.005;
        moves.then(|| format!("moved by     {name}, from {from}: demand × {factor:.2}"))
    };
    let mut lines: Vec<String> =
        panel.drivers.of(panel.location[item], item).filter_map(line).collect();
    lines.truncate(LISTED);
    lines
}

/// What people state about an item's demand, each with its reason and what it moves.
fn changes(prepared: &Prepared, forecasts: &Forecasts, item: usize) -> Vec<String> {
    let as_of = prepared.loaded.as_of;
    let changes = forecasts.changes(item);
    let line = |(at, change): (usize, &DemandChange)| {
        let first = date_of(as_of.saturating_add_unsigned(change.from_day));
        let (what, why) = match &change.source {
            ChangeSource::EndDate(end) => {
                return format!("end          no demand after {}", date_of(*end));
            }
            ChangeSource::Launch(day) => {
                return format!("launch       no demand before {}", date_of(*day));
            }
            ChangeSource::SucceededBy { successor, day } => {
                return format!(
                    "end          {successor} takes over its demand from {} on",
                    date_of(*day)
                );
            }
            ChangeSource::Override { reason, expires_on } => {
                let what = match change.kind {
                    OverrideKind::Set => format!("set {}", shown(change.value)),
                    OverrideKind::Add => format!("add {}", shown(change.value)),
                    OverrideKind::Multiply => format!("multiply by {}", change.value),
                };
                (what, format!("{reason} (until {})", date_of(*expires_on)))
            }
        };
        let last = date_of(as_of.saturating_add_unsigned(change.to_day.saturating_sub(1)));
        let mean = |changes: &[DemandChange]| {
            forecasts.law_with(item, changes).total(change.from_day, change.to_day).mean()
        };
        let (before, after) = (mean(&changes[..at]), mean(&changes[..=at]));
        format!("override     {what}, {first} to {last}: demand {before:.1} -> {after:.1}; {why}")
    };
    let inherited = prepared
        .changes
        .inherits(item)
        .map(|sku| format!("inherits     the demand history of {sku}"));
    inherited.into_iter().chain(changes.iter().enumerate().map(line)).collect()
}

/// Units with at most one decimal.
fn shown(units: f64) -> String {
    let rounded = (units * 10.0).round() / 10.0;
    format!("{rounded}")
}

/// The arithmetic of one item, line by line.
fn trail(prepared: &Prepared, forecasts: &Forecasts, row: &PlanRow, moves: &[String]) -> String {
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
    lines.extend_from_slice(moves);
    if let Some(item) = row.panel_item {
        lines.extend(changes(prepared, forecasts, item));
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
            row.target,
            row.policy,
            levels.reorder_point,
            levels.protection_demand_mean,
            levels.safety_stock
        ));
        lines.push(format!("             order up to {:.1}", levels.order_up_to_level));
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
        lines.push(format!("quantity     {}", sizing.trail()));
    }
    let ordered = row.sizing.as_ref().map_or(Fixed::ZERO, |sizing| sizing.quantity);
    let ordered = if row.decision == crate::plan::Decision::Order { ordered } else { Fixed::ZERO };
    lines.push(format!("decision     {} ({}): {ordered} units", row.decision.as_str(), row.reason));
    lines.join("\n") + "\n"
}
