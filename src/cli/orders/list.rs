//! Lines of the ledger, listed, and the history of single ones.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::args::{ListArgs, ShowArgs, WhichArgs};
use crate::cli::Context;
use crate::cli::formats::ReportFormat;
use crate::domain::calendar::{Day, date_of};
use crate::domain::fixed::Fixed;
use crate::domain::ledger::{LedgerLine, Standing};
use crate::domain::money::{decimals_of, money};
use crate::domain::wording::{counted, printable, shortened};
use crate::error::Result;
use crate::io::sinks::table::{SimpleTable, TableFormat, Values};
use crate::report::ledger::csv;
use crate::report::style::heading;

/// Characters of a reason in a list. Judgement: the line fits a terminal of a usual width.
const REASON_WIDTH: usize = 28;

/// Prints the lines that are asked for.
pub(super) fn list(context: &Context, args: &ListArgs) -> Result<ExitCode> {
    let ledger = super::to_read(context)?;
    let night = ledger.newest_night()?.unwrap_or(Day::MIN);
    let lines = args.which.of(ledger.all_lines()?)?;
    let is_asked = |line: &LedgerLine| match args.state.is_empty() {
        true => args.all || !args.which.orders.is_empty() || !line.standing.is_over(night),
        false => args.state.contains(&line.standing.status),
    };
    let lines: Vec<&LedgerLine> = lines.iter().filter(|line| is_asked(line)).collect();

    match args.format {
        ReportFormat::Csv => crate::cli::print(&String::from_utf8_lossy(&csv(&lines)?))?,
        ReportFormat::Json => {
            let lines: Vec<Value> = lines.iter().map(|line| object(line)).collect();
            crate::cli::print(&format!("{:#}\n", Value::from(lines)))?;
        }
        ReportFormat::Table => table(&lines, &context.settings()?.currency.base)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn table(lines: &[&LedgerLine], base: &str) -> Result<()> {
    if lines.is_empty() {
        return crate::cli::print("No such line.\n");
    }
    let texts =
        |of: fn(&LedgerLine) -> String| Values::Text(lines.iter().map(|line| of(line)).collect());
    let values: Vec<String> = lines.iter().map(|line| value_of(line)).collect();
    let width = values.iter().map(String::len).max().unwrap_or(0);
    let values = values.iter().map(|value| format!("{value:>width$}")).collect();
    let table = SimpleTable::default()
        .with("line", texts(LedgerLine::label))
        .with("state", texts(|line| line.standing.status.to_string()))
        .with("sku", texts(|line| line.terms.key.sku.to_string()))
        .with("quantity", texts(|line| format!("{:>8}", line.standing.quantity.to_string())))
        .with("value", Values::Text(values))
        .with("since", Values::Date(lines.iter().map(|line| line.standing.since).collect()))
        .with("reason", texts(|line| shortened(&line.standing.reason, REASON_WIDTH)));
    let mut bytes = Vec::new();
    table.write(TableFormat::Table, &mut bytes)?;

    let total: Fixed = lines.iter().filter_map(|line| line.standing.base_total).sum();
    let text = format!(
        "{}{}, worth {} {base}\n",
        String::from_utf8_lossy(&bytes),
        counted(lines.len(), "line"),
        money(total, decimals_of(base))
    );
    crate::cli::print(&text)
}

/// What a line costs, in the supplier's currency.
fn value_of(line: &LedgerLine) -> String {
    let currency = &line.terms.currency;
    line.standing.unit_cost.map_or_else(String::new, |cost| {
        let decimals = decimals_of(currency);
        let total = line.standing.quantity.times(cost).rounded(decimals);
        format!("{} {currency}", money(total, decimals))
    })
}

/// Prints what became of lines, event by event.
pub(super) fn show(context: &Context, args: &ShowArgs) -> Result<ExitCode> {
    let ledger = super::to_read(context)?;
    let which = WhichArgs { orders: args.orders.clone(), ..WhichArgs::default() };
    let lines = which.of(ledger.all_lines()?)?;
    let mut shown = Vec::new();
    for line in &lines {
        shown.push((line, ledger.history(&line.name())?));
    }

    match args.format {
        ReportFormat::Table => {
            let texts: Vec<String> =
                shown.iter().map(|(line, history)| told(line, history)).collect();
            crate::cli::print_styled(&texts.join("\n"))?;
        }
        ReportFormat::Csv => {
            let events = shown.iter().flat_map(|(line, history)| {
                history.iter().map(|(_, standing)| LedgerLine {
                    standing: standing.clone(),
                    ..(*line).clone()
                })
            });
            let events: Vec<LedgerLine> = events.collect();
            let bytes = csv(&events.iter().collect::<Vec<_>>())?;
            crate::cli::print(&String::from_utf8_lossy(&bytes))?;
        }
        ReportFormat::Json => {
            let lines = shown.iter().map(|(line, history)| {
                let mut object = object(line);
                let events = history.iter().map(|(night, standing)| {
                    let mut event = standing_object(standing);
                    event["night"] = date_of(*night).to_string().into();
                    event
                });
                object["events"] = events.collect();
                object
            });
            let lines: Vec<Value> = lines.collect();
            crate::cli::print(&format!("{:#}\n", Value::from(lines)))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A line and its events, for people.
fn told(line: &LedgerLine, history: &[(Day, Standing)]) -> String {
    let terms = &line.terms;
    let name = terms.description.as_deref().map_or(String::new(), |name| format!("  {name}"));
    let title = format!("{}  {}{name}  from {}", line.label(), terms.key, terms.supplier);
    let mut text = heading(&printable(&title)) + "\n";
    for (_, standing) in history {
        let mut event = format!(
            "  {}  {:<9}  {:>8}",
            date_of(standing.since),
            standing.status,
            standing.quantity.to_string()
        );
        if let Some(cost) = standing.unit_cost {
            event.push_str(&format!(" at {cost} {}", terms.currency));
        }
        if !standing.matched.is_empty() {
            event.push_str(&format!("  as {}", standing.matched));
        }
        if let Some(until) = standing.until {
            event.push_str(&format!("  until {}", date_of(until)));
        }
        if !standing.by.is_empty() {
            event.push_str(&format!("  by {}", standing.by));
        }
        if !standing.reason.is_empty() {
            event.push_str(&format!("  ({})", standing.reason));
        }
        text += &printable(&event);
        text.push('\n');
    }
    text
}

fn object(line: &LedgerLine) -> Value {
    let terms = &line.terms;
    let mut object = standing_object(&line.standing);
    object["po_number"] = (*line.po_number).into();
    object["line"] = line.line.into();
    object["supplier"] = (*terms.supplier).into();
    object["sku"] = (*terms.key.sku).into();
    object["location"] = (*terms.key.location).into();
    object["description"] = terms.description.as_deref().into();
    object["currency"] = (*terms.currency).into();
    object["first_night"] = date_of(line.first_night).to_string().into();
    object
}

fn standing_object(standing: &Standing) -> Value {
    json!({
        "state": standing.status.as_str(),
        "since": date_of(standing.since).to_string(),
        "revision": standing.revision,
        "quantity": number(Some(standing.quantity)),
        "unit_cost": number(standing.unit_cost),
        "base_total": number(standing.base_total),
        "requested_date": date_of(standing.requested_on).to_string(),
        "sent_on": standing.sent_on.map(|day| date_of(day).to_string()),
        "matched": &*standing.matched,
        "reason": &*standing.reason,
        "until": standing.until.map(|day| date_of(day).to_string()),
        "by": &*standing.by,
    })
}

/// An exact decimal as a number of JSON.
fn number(value: Option<Fixed>) -> Value {
    value.map_or(Value::Null, |value| {
        value.to_string().parse::<serde_json::Number>().map_or(Value::Null, Value::Number)
    })
}
