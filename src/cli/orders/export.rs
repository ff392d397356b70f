//! Approved lines, written for suppliers and counted as handed over.

use std::collections::BTreeMap;
use std::process::ExitCode;

use super::Desk;
use super::args::ExportArgs;
use crate::cli::Context;
use crate::cli::voice::tell;
use crate::config::suggestions::with_suggestion;
use crate::domain::calendar::Day;
use crate::domain::finding::Code;
use crate::domain::ledger::{LedgerLine, LineStatus, Standing};
use crate::domain::names::safe_names;
use crate::domain::wording::counted;
use crate::error::{Error, Result};
use crate::handover;
use crate::io::load_named_tables;
use crate::io::sinks::{create_folder, replace_file};
use crate::plan::orders::OrderLine;
use crate::plan::orders::handover::order_line;
use crate::report::outputs::orders_csv;

/// Writes one file a supplier, or those of a profile. The files are there before the ledger says
/// so: a process that is killed in between leaves approved lines that are written again under the
/// same numbers.
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
    let as_order = |line: &LedgerLine| {
        let sent_on = line.standing.sent_on.unwrap_or(day);
        order_line(line, sent_on, line.standing.requested_on)
    };
    let orders: Vec<OrderLine> = handed_over.iter().map(as_order).collect();
    let files = match &args.profile {
        Some(name) => by_profile(context, name, &orders)?,
        None => by_supplier(&orders)?,
    };
    if args.output.exists() && !args.output.is_dir() {
        return Err(Error::usage(format!("{} is no folder", args.output.display())));
    }
    create_folder(&args.output)?;
    let path_of = |name: &str| args.output.join(name);
    if let Some(path) = files.iter().map(|(name, _)| path_of(name)).find(|it| it.exists()) {
        // What was handed over before may lie in it and not have been sent yet.
        return Err(Error::usage(format!("{} is there already", path.display()))
            .hint("give --output a new folder"));
    }
    for (name, bytes) in &files {
        replace_file(&path_of(name), bytes)?;
    }

    let is_new =
        |(before, _): &(&LedgerLine, &LedgerLine)| before.standing.status == LineStatus::Approved;
    let events = lines.iter().zip(&handed_over).filter(is_new).map(|(_, after)| after.clone());
    desk.ledger.decide(desk.night, &events.collect::<Vec<_>>())?;
    if !context.quiet {
        let files = counted(files.len(), "file");
        tell(&format!("{} in {files}: {}\n", counted(lines.len(), "line"), args.output.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Files by name.
type Files = Vec<(String, Vec<u8>)>;

/// One file a supplier, with the columns of a run's orders.
fn by_supplier(orders: &[OrderLine]) -> Result<Files> {
    let names = safe_names(orders.iter().map(|line| &*line.supplier));
    let mut of_supplier: BTreeMap<&str, Vec<OrderLine>> = BTreeMap::new();
    for line in orders {
        of_supplier.entry(&line.supplier).or_default().push(line.clone());
    }
    let file = |(supplier, lines): (&str, Vec<OrderLine>)| {
        Ok((format!("{}.csv", names[supplier]), orders_csv(&lines)?))
    };
    of_supplier.into_iter().map(file).collect()
}

/// The files of a hand-over profile. All of them or none: what cannot be written is no half order.
fn by_profile(context: &Context, name: &str, orders: &[OrderLine]) -> Result<Files> {
    let settings = context.settings()?;
    let Some(profile) = settings.handover.iter().find(|profile| profile.name == name) else {
        let names: Vec<String> =
            settings.handover.iter().map(|profile| profile.name.clone()).collect();
        let error = Error::usage(format!("no hand-over profile is called {name}"));
        return Err(match names.is_empty() {
            true => error.hint("the configuration has none: [[handover]]"),
            false => with_suggestion(error, name, &names)
                .hint(format!("the profiles are {}", names.join(", "))),
        });
    };
    let tables = load_named_tables(&settings, &["items", "suppliers", "locations"])?;
    let lines: Vec<&OrderLine> = orders.iter().collect();
    let handed = handover::lay_out_by(profile, &settings, &tables, &lines)?;
    for finding in &handed.findings {
        match finding.code {
            Code::HandoverNotWritten => return Err(Error::config(finding.message.clone())),
            _ => tracing::warn!("{}: {}", finding.code.name(), finding.message),
        }
    }
    Ok(handed.files.into_iter().map(|file| (file.name, file.bytes)).collect())
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
