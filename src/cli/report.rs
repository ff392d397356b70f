//! `restock report`: how the shop's figures went from run to run.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;

use super::Context;
use super::args::ReportArgs;
use super::formats::ReportFormat;
use crate::backorder::review::ReviewRow;
use crate::config::Settings;
use crate::domain::money::decimals_of;
use crate::error::{Error, Result};
use crate::io::sinks::replace_file;
use crate::io::sinks::table::TableFormat;
use crate::report::review::{self, REVIEW_FILE};
use crate::report::trends;
use crate::store::RunStore;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text(ReportFormat),
    Picture,
}

/// Prints the newest rows of a run's review, or writes them to a file.
///
/// # Errors
/// When there is no such run, or its review cannot be read.
pub(super) fn run(context: &Context, args: &ReportArgs) -> Result<ExitCode> {
    if !args.trends {
        return Err(Error::usage(
            "`restock report` shows trends only, and they were not asked for",
        )
        .hint("write `restock report --trends`"));
    }
    let shape = shape(args)?;
    let settings = context.settings()?;
    let path = folder(&settings, args)?.join(REVIEW_FILE);
    let (rows, _) = review::read(&path).map_err(|cause| {
        Error::data(format!("{}: {cause}", path.display()))
            .hint("runs of a version before this one have no review; make a new run")
    })?;
    let rows = &rows[rows.len().saturating_sub(args.last)..];

    let bytes = written(&settings, shape, rows)?;
    match &args.output {
        Some(path) => replace_file(path, &bytes)?,
        None => super::print(&String::from_utf8_lossy(&bytes))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn written(settings: &Settings, shape: Shape, rows: &[ReviewRow]) -> Result<Vec<u8>> {
    let base = settings.currency.base.as_str();
    let decimals = decimals_of(base);
    Ok(match shape {
        Shape::Picture => trends::picture(base, rows).into_bytes(),
        Shape::Text(ReportFormat::Csv) => review::csv(decimals, rows)?,
        Shape::Text(ReportFormat::Json) => review::json(decimals, rows).into_bytes(),
        Shape::Text(ReportFormat::Table) => {
            let mut bytes = Vec::new();
            trends::table(rows).write(TableFormat::Table, &mut bytes)?;
            bytes
        }
    })
}

/// By name, or by the ending of the file that is written.
fn shape(args: &ReportArgs) -> Result<Shape> {
    if let Some(format) = args.format {
        return Ok(Shape::Text(format));
    }
    let Some(path) = &args.output else { return Ok(Shape::Text(ReportFormat::Table)) };

    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    match ending.as_str() {
        "csv" => Ok(Shape::Text(ReportFormat::Csv)),
        "json" => Ok(Shape::Text(ReportFormat::Json)),
        "svg" => Ok(Shape::Picture),
        _ => {
            let message = format!("the ending of {} names no format", path.display());
            Err(Error::usage(message).hint("end it with .csv, .json or .svg, or say --format csv"))
        }
    }
}

/// The folder of the run that is asked for, else of the newest.
fn folder(settings: &Settings, args: &ReportArgs) -> Result<PathBuf> {
    let dir = &settings.outputs_dir;
    match &args.run {
        Some(run) => {
            let found = [run.clone(), dir.join(run)].into_iter().find(|path| path.is_dir());
            found.ok_or_else(|| {
                Error::usage(format!("there is no run {}", run.display()))
                    .hint(format!("runs are the folders of {}", dir.display()))
            })
        }
        None => {
            // Opening the store would make the folder.
            let store = dir.is_dir().then(|| RunStore::open(dir)).transpose()?;
            store.and_then(|store| store.previous(NaiveDate::MAX)).ok_or_else(|| {
                Error::data(format!("{} holds no run yet", dir.display()))
                    .hint("`restock run` makes one")
            })
        }
    }
}
