//! Approved lines, written for suppliers and counted as handed over.

use std::collections::BTreeMap;
use std::process::ExitCode;

use super::Desk;
use super::args::ExportArgs;
use crate::cli::Context;
use crate::cli::voice::tell;
use crate::domain::calendar::Day;
use crate::domain::ledger::{LedgerLine, LineStatus, Standing};
use crate::domain::names::safe_names;
use crate::domain::wording::counted;
use crate::error::{Error, Result};
use crate::io::sinks::{create_folder, replace_file};
use crate::plan::orders::OrderLine;
use crate::plan::orders::handover::order_line;
use crate::report::outputs::orders_csv;

/// Writes one file a supplier. The files are there before the ledger says so: a process that is
/// killed in between leaves approved lines that are written again under the same numbers.
pub(super) fn export(context: &Context, args: &ExportArgs) -> Result<ExitCode> {
    let mut desk = Desk::open(context)?;
    let day = desk.day(context, &args.who)?;
    let lines = args.which.of(desk.ledger.all_lines()?)?;
    // What was handed over already can be written again by its number.
    let is_named = !args.which.orders.is_empty();
    let is_wanted = |status: LineStatus| {
        status == LineStatus::Approved || is_named && status == LineStatus::Sent
    };
    let lines: Vec<LedgerLine> =
        lines.into_iter().filter(|line| is_wanted(line.standing.status)).collect();
    if lines.is_empty() {
        return Err(Error::usage("none of these lines is approved")
            .hint("`restock orders approve` approves suggested ones"));
    }

    let handed_over: Vec<LedgerLine> =
        lines.iter().map(|line| sent(line, day, day - desk.night, &args.who.by)).collect();
    let names = safe_names(lines.iter().map(|line| &*line.terms.supplier));
    let mut by_supplier: BTreeMap<&str, Vec<OrderLine>> = BTreeMap::new();
    for line in &handed_over {
        let sent_on = line.standing.sent_on.unwrap_or(day);
        let order = order_line(line, sent_on, line.standing.requested_on);
        by_supplier.entry(&line.terms.supplier).or_default().push(order);
    }
    if args.output.exists() && !args.output.is_dir() {
        return Err(Error::usage(format!("{} is no folder", args.output.display())));
    }
    create_folder(&args.output)?;
    let path_of = |supplier: &str| args.output.join(format!("{}.csv", names[supplier]));
    if let Some(path) = by_supplier.keys().map(|supplier| path_of(supplier)).find(|it| it.exists())
    {
        // What was handed over before may lie in it and not have been sent yet.
        return Err(Error::usage(format!("{} is there already", path.display()))
            .hint("give --output a new folder"));
    }
    for (supplier, orders) in &by_supplier {
        replace_file(&path_of(supplier), &orders_csv(orders)?)?;
    }

    let is_new =
        |(before, _): &(&LedgerLine, &LedgerLine)| before.standing.status == LineStatus::Approved;
    let events = lines.iter().zip(&handed_over).filter(is_new).map(|(_, after)| after.clone());
    desk.ledger.decide(desk.night, &events.collect::<Vec<_>>())?;
    if !context.quiet {
        let files = counted(by_supplier.len(), "file");
        tell(&format!("{} in {files}: {}\n", counted(lines.len(), "line"), args.output.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// A line after it was handed over; one that was before stays as it is.
fn sent(line: &LedgerLine, day: Day, later_days: Day, by: &str) -> LedgerLine {
    let now = &line.standing;
    if now.status != LineStatus::Approved {
        return line.clone();
    }
    let standing = Standing {
        status: LineStatus::Sent,
        since: day,
        sent_on: Some(day),
        requested_on: now.requested_on.saturating_add(later_days),
        by: by.into(),
        ..now.clone()
    };
    LedgerLine { standing, ..line.clone() }
}
