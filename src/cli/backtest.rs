//! `restock backtest`: the policy replayed on the past, in money.

use std::path::Path;
use std::process::ExitCode;

use super::Context;
use super::args::BacktestArgs;
use super::dates::day;
use super::fetch::{fetch, temporary};
use crate::backtest::build::Scenario;
use crate::backtest::last::left_for_later_nights;
use crate::backtest::nightly::Variant;
use crate::backtest::suite::{Backtest, backtest};
use crate::backtest::tune::tune;
use crate::backtest::{page, picture, report, tables};
use crate::domain::calendar::{Day, date_of};
use crate::domain::target::Target;
use crate::domain::wording::fitted;
use crate::error::{Error, Result};
use crate::io::sinks::{self, table::TableFormat};
use crate::io::{AsOf, Past};
use crate::report::last_backtest::LAST_BACKTEST_FILE;
use crate::report::page::PAGE_FILE;

/// Length of the replay unless `--from` says otherwise, days. Judgement: half a year holds many
/// order cycles of most items, and leaves history to learn from.
const REPLAY_DAYS: Day = 26 * 7;
/// Characters of a line.
const WIDTH: usize = 80;

/// Replays restock and simpler policies, and prints what each would have cost.
///
/// # Errors
/// As the stages report them, and when there is too little history.
pub(super) fn run(context: &Context, args: &BacktestArgs) -> Result<ExitCode> {
    if args.accuracy {
        return super::accuracy::run(context, args);
    }

    let mut settings = context.settings()?;
    let to = args.to.as_deref().map(|text| day("--to", text)).transpose()?;
    let may_run = !args.commands.no_commands;
    let _spool = fetch(context, &mut settings, may_run, temporary)?;
    let progress = context.progress("reading");
    let mut past = Past::read(&settings, AsOf::Newest { today: Some(context.today) }, &progress)?;
    progress.finish();

    let scenario = scenario(&settings, &past, args, to)?;
    let tuned = if args.tune {
        let bar = context.progress("tuning");
        let tuned = tune(&settings, &mut past, &scenario, &mut |done, of| bar.share(done, of))?;
        bar.finish();
        Some(tuned)
    } else {
        None
    };

    let extra: Vec<Variant> = tuned.iter().filter_map(|tuned| tuned.variant.clone()).collect();
    let bar = context.progress("replaying");
    let found =
        backtest(&settings, &mut past, &scenario, &extra, &mut |done, of| bar.share(done, of))?;
    bar.finish();

    let mut text = report::text(&found, &settings.currency.base);
    if let Some(tuned) = &tuned {
        text.push_str(&tuned.text());
    }

    let left = left_for_later_nights(&found, &settings.currency.base);
    // What was tried takes the place of nothing that the nights tell of.
    let usual = settings.backtest_dir.as_ref().filter(|_| left.is_some());
    if let Some(folder) = args.output.as_ref().or(usual) {
        write_folder(folder, &found, &text)?;
        if let Some(left) = &left {
            sinks::write_text(&folder.join(LAST_BACKTEST_FILE), &left.json()?)?;
        }
        sinks::write_text(&folder.join(PAGE_FILE), &page::html(&found, &settings)?)?;
        if let Some(tuned) = &tuned {
            sinks::write_text(&folder.join("tuned.toml"), &tuned.fragment)?;
            let mut bytes = Vec::new();
            tuned.evidence().write(TableFormat::Csv, &mut bytes)?;
            sinks::write_text(&folder.join("tuning.csv"), &String::from_utf8_lossy(&bytes))?;
        }
    }

    print_as(args.format, &found, &text)?;
    Ok(ExitCode::SUCCESS)
}

fn print_as(format: TableFormat, found: &Backtest, text: &str) -> Result<()> {
    match format {
        TableFormat::Table => super::print(&fitted(text, WIDTH)),
        TableFormat::Json => {
            let mut all = String::from("{");
            for (at, (name, table)) in tables::all(found).iter().enumerate() {
                let mut bytes = Vec::new();
                table.write(TableFormat::Json, &mut bytes)?;
                let rows = String::from_utf8_lossy(&bytes);
                all.push_str(&format!(
                    "{}\n\"{name}\": {}",
                    if at > 0 { "," } else { "" },
                    rows.trim_end()
                ));
            }

            let told = &found.reliability;
            all.push_str(&format!(
                ",\n\"brier\": {}, \"brier_of_base_rate\": {}\n}}\n",
                told.brier, told.brier_of_base_rate
            ));
            super::print(&all)
        }
        TableFormat::Csv | TableFormat::Parquet => {
            tables::comparison(&found.rows).write(format, &mut std::io::stdout())
        }
    }
}

/// Tables as CSV, pictures as SVG, and the report as text.
fn write_folder(folder: &Path, found: &Backtest, text: &str) -> Result<()> {
    sinks::create_folder(folder)?;
    for (name, table) in tables::all(found) {
        let mut bytes = Vec::new();
        table.write(TableFormat::Csv, &mut bytes)?;
        sinks::write_text(&folder.join(format!("{name}.csv")), &String::from_utf8_lossy(&bytes))?;
    }

    for (name, picture) in picture::all(found) {
        sinks::write_text(&folder.join(name), &picture)?;
    }
    sinks::write_text(&folder.join("report.txt"), text)
}

fn scenario(
    settings: &crate::config::Settings,
    past: &Past,
    args: &BacktestArgs,
    to: Option<Day>,
) -> Result<Scenario> {
    let Some((first, newest)) = past.days() else {
        return Err(Error::data("orders: no row can be used, so there is nothing to replay"));
    };

    let calendar = &settings.calendar;
    let end = to.unwrap_or(newest + 1).min(newest + 1);
    let to = calendar.start_of(calendar.bucket_of(end));
    let from = match &args.from {
        Some(text) => day("--from", text)?,
        None => to - REPLAY_DAYS.min((to - first) / 3),
    };

    // The replay begins with a bucket: items are forecast anew at the beginning of each.
    let begun = calendar.start_of(calendar.bucket_of(from));
    let from = if begun == from { from } else { calendar.start_of(calendar.bucket_of(from) + 1) };
    if from <= first || from >= to {
        return Err(Error::usage(format!(
            "a replay from {} to {} has nothing to stand on",
            date_of(from),
            date_of(to)
        ))
        .hint(format!(
            "orders cover {} to {}; leave history before --from",
            date_of(first),
            date_of(newest)
        )));
    }

    if !(args.demand > 0.0 && args.demand <= 100.0) {
        return Err(Error::usage(format!("--demand {} is not between 0 and 100", args.demand)));
    }
    if !(0.0..=520.0).contains(&args.start_cover) {
        return Err(Error::usage(format!(
            "--start-cover {} is not between 0 and 520 weeks",
            args.start_cover
        )));
    }

    Ok(Scenario {
        from,
        to,
        unscored_days: args.unscored_days.map(|days| days as Day),
        start_cover_weeks: args.start_cover,
        sample: args.sample.map(|items| items as usize),
        demand_factor: args.demand,
        outages: args.outage.iter().map(|text| outage(text)).collect::<Result<_>>()?,
        without_moq: args.no_moq,
        with_curve: !args.no_curve,
        targets: targets(settings.plan.target, &args.targets)?,
    })
}

/// The targets of the curve, each once: a level is one of the kind that is set.
fn targets(own: Target, given: &[String]) -> Result<Vec<Target>> {
    let mut targets: Vec<Target> = Vec::new();
    for text in given {
        let text = text.trim();
        let target = match (text.contains('='), own) {
            (true, _) => text.to_owned(),
            (false, Target::CycleServiceLevel(_)) => format!("cycle_service_level={text}"),
            (false, Target::FillRate(_)) => format!("fill_rate={text}"),
            (false, Target::ReadyRate(_)) => format!("ready_rate={text}"),
            (false, Target::Cost(_)) => {
                let message =
                    format!("--targets {text}: `plan.target` is a cost and has no levels");
                return Err(Error::usage(message).hint("write a target: fill_rate=0.98"));
            }
        };
        let target = target
            .parse()
            .map_err(|cause: String| Error::usage(format!("--targets {text}: {cause}")))?;
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    Ok(targets)
}

/// A supplier, and the first and last day on which it delivers nothing.
fn outage(text: &str) -> Result<(String, Day, Day)> {
    let (supplier, days) = text.rsplit_once(':').ok_or_else(|| unreadable_outage(text))?;
    let (from, to) = days.split_once("..").ok_or_else(|| unreadable_outage(text))?;
    Ok((supplier.trim().to_owned(), day("--outage", from)?, day("--outage", to)?))
}

fn unreadable_outage(text: &str) -> Error {
    Error::usage(format!("--outage {text} cannot be read"))
        .hint("write SUPPLIER:2026-03-02..2026-04-12")
}
