//! `restock report`: the page of a run, and how the shop's figures went from run to run.

use std::path::Path;
use std::process::ExitCode;

use super::args::ReportArgs;
use super::formats::ReportFormat;
use super::night_before::NightBefore;
use super::{Context, stored};
use crate::backorder::review::ReviewRow;
use crate::config::Settings;
use crate::domain::calendar::date_of;
use crate::domain::money::decimals_of;
use crate::drawing::svg::Place;
use crate::error::{Error, Result};
use crate::io::sinks::replace_file;
use crate::io::sinks::table::TableFormat;
use crate::report::edits::{self, EDITS_FILE};
use crate::report::page::{self, PageSource};
use crate::report::review::{self, REVIEW_FILE};
use crate::report::trends;
use crate::state;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text(ReportFormat),
    Picture,
}

/// Writes the page of a run, the newest rows of its review, or what people's decisions did.
///
/// # Errors
/// When there is no such run, or what it kept cannot be read.
pub(super) fn run(context: &Context, args: &ReportArgs) -> Result<ExitCode> {
    if args.edits {
        edits_by_person(context, args)
    } else if args.trends {
        review_figures(context, args)
    } else {
        write_page(context, args)
    }
}

/// Makes the page of a run again from what it kept.
fn write_page(context: &Context, args: &ReportArgs) -> Result<ExitCode> {
    let settings = context.settings()?;
    context.without_changed_settings()?;
    let dir = stored::named_or_newest(&settings, args.run.as_deref())?;
    let name = stored::name_of(&dir);
    let state = state::read(&dir)?;
    let night = stored::night_before(&dir, date_of(state.prepared.as_of));
    let before = NightBefore::read(night, state.prepared.keys.len());
    let before = before.as_before();
    let source = PageSource { dir: &dir, name: &name, state: state.view(), before };
    let html = context.busy("drawing", || page::html(&source))?;

    let path = args.output.clone().unwrap_or_else(|| dir.join(page::PAGE_FILE));
    replace_file(&path, html.as_bytes())?;
    super::print(&format!("{}\n", path.display()))?;
    if args.open {
        open::that_detached(&path).map_err(|cause| {
            Error::usage(format!("no program opens {}", path.display()))
                .because(cause)
                .hint("open it in a browser")
        })?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the newest rows of a run's review, or writes them to a file.
fn review_figures(context: &Context, args: &ReportArgs) -> Result<ExitCode> {
    let shape = shape(args)?;
    let settings = context.settings()?;
    let path = stored::named_or_newest(&settings, args.run.as_deref())?.join(REVIEW_FILE);
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

/// Prints what people's decisions about order lines did, or writes it to a file.
fn edits_by_person(context: &Context, args: &ReportArgs) -> Result<ExitCode> {
    let format = text_format(args.format, args.output.as_deref(), ".csv or .json")?;
    let settings = context.settings()?;
    let path = stored::named_or_newest(&settings, args.run.as_deref())?.join(EDITS_FILE);
    let (rows, _) = edits::read(&path).map_err(|cause| {
        Error::data(format!("{}: {cause}", path.display()))
            .hint("runs of a version before this one have no such table; make a new run")
    })?;

    let table = edits::by_person(&rows);
    let mut bytes = Vec::new();
    match format {
        ReportFormat::Csv => table.write(TableFormat::Csv, &mut bytes)?,
        ReportFormat::Json => table.write(TableFormat::Json, &mut bytes)?,
        ReportFormat::Table if table.rows() == 0 => {
            let open = rows.len();
            bytes.extend(format!("no decision can be judged yet; {open} remembered\n").bytes());
        }
        ReportFormat::Table => table.write(TableFormat::Table, &mut bytes)?,
    }
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
        Shape::Picture => trends::picture(Place::File, base, rows).into_bytes(),
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
    let ending = args.output.as_deref().map(ending).unwrap_or_default();
    if args.format.is_none() && ending == "svg" {
        return Ok(Shape::Picture);
    }
    text_format(args.format, args.output.as_deref(), ".csv, .json or .svg").map(Shape::Text)
}

/// The same among the formats of text; `endings` are those that an error offers.
///
/// # Errors
/// When the ending names no format.
pub(super) fn text_format(
    format: Option<ReportFormat>,
    output: Option<&Path>,
    endings: &str,
) -> Result<ReportFormat> {
    let Some(path) = output.filter(|_| format.is_none()) else {
        return Ok(format.unwrap_or(ReportFormat::Table));
    };
    match ending(path).as_str() {
        "csv" => Ok(ReportFormat::Csv),
        "json" => Ok(ReportFormat::Json),
        _ => {
            let message = format!("the ending of {} names no format", path.display());
            Err(Error::usage(message).hint(format!("end it with {endings}, or say --format csv")))
        }
    }
}

fn ending(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}
