//! `restock forecast`: what chosen items will sell, as a table.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use super::Context;
use super::args::ForecastArgs;
use super::chart::{LEVELS, chart};
use super::chosen::Chosen;
use super::fetch::{fetch, temporary};
use crate::config::Settings;
use crate::config::resolve::model_choice;
use crate::demand::prepare::Prepared;
use crate::domain::calendar::date_of;
use crate::domain::tables::Tables;
use crate::domain::wording::counted;
use crate::error::{Error, Result};
use crate::forecast::Forecasts;
use crate::io::load;
use crate::io::sinks::replace_file;
use crate::io::sinks::table::{SimpleTable, TableFormat, Values};
use crate::pipeline::{foresee, prepare};
use crate::report::outputs::stretches;

/// Buckets of history in a chart, at most. Judgement: with a horizon of 13 they fit a terminal of
/// 80 columns.
const MAX_SHOWN: usize = 52;

/// Forecasts as the night run does, and prints the chosen items.
///
/// # Errors
/// As the stages report them, and when no item is chosen.
pub(super) fn run(context: &Context, args: &ForecastArgs) -> Result<ExitCode> {
    let format = format_of(args)?;
    let mut settings = context.settings()?;
    if let Some(horizon) = args.horizon {
        settings.forecast.horizon = horizon.clamp(1, 1_000);
    }
    if let Some(levels) = &args.quantiles {
        settings.forecast.quantiles = checked(levels)?;
    }
    if let Some(model) = &args.model {
        settings.forecast.model = model_choice("--model", model)?;
    }

    let as_of = super::dates::as_of(context, args.as_of.as_deref())?;
    let may_run = !args.commands.no_commands;
    let _spool = fetch(context, &mut settings, may_run, temporary)?;
    let mut inputs = load(&settings, as_of, &())?;
    super::dates::check(&settings, &inputs, args.as_of.as_deref())?;
    let prepared = prepare(&settings, &mut inputs);
    let chosen = chosen(&prepared, &inputs.tables, args)?;
    let (_, forecasts) = foresee(&settings, &prepared, Some(&chosen));

    let mut bytes = Vec::new();
    let for_people = format == TableFormat::Table && args.output.is_none();
    let at_terminal = for_people && std::io::stdout().is_terminal();
    if let ([item], true) = (chosen.as_slice(), args.chart || at_terminal) {
        let drawn = drawn(&settings, &prepared, &forecasts, *item);
        if for_people {
            bytes.extend(drawn.into_bytes());
        } else {
            super::voice::tell(&drawn);
        }
    }
    let asked = Asked { chosen: &chosen, is_total: args.total, format };
    if args.total && format == TableFormat::Table {
        bytes.extend(title(&settings, &prepared).into_bytes());
    }
    answer(&settings, &prepared, &forecasts, &asked).write(format, &mut bytes)?;

    match &args.output {
        Some(path) => replace_file(path, &bytes)?,
        None => std::io::stdout().lock().write_all(&bytes).map_err(super::broken_pipe)?,
    }

    Ok(ExitCode::SUCCESS)
}

/// What the sums over the horizon are of.
fn title(settings: &Settings, prepared: &Prepared) -> String {
    let buckets = stretches(&settings.calendar, prepared.as_of, settings.forecast.horizon).len();
    let length = format!("{:?}", settings.calendar.length).to_lowercase();
    format!("Demand of {} from {} on\n", counted(buckets, &length), date_of(prepared.as_of))
}

/// One item's chart.
fn drawn(settings: &Settings, prepared: &Prepared, forecasts: &Forecasts, item: usize) -> String {
    let history = prepared.histories.history(item);
    let series = history.series();
    let shown = series.demand.len().saturating_sub(MAX_SHOWN);
    let distribution = forecasts.distribution_to_horizon(item);
    let stretches = stretches(&settings.calendar, prepared.as_of, settings.forecast.horizon);
    let ahead: Vec<[f64; LEVELS.len()]> = stretches
        .iter()
        .map(|(_, from, to)| {
            let total = distribution.total(*from, *to);
            LEVELS.map(|level| total.quantile(level))
        })
        .collect();

    let first = date_of(settings.calendar.start_of(series.first_bucket + shown as i32)).to_string();
    let begin = date_of(prepared.as_of).to_string();
    let last = stretches.last().map_or_else(String::new, |(day, _, _)| date_of(*day).to_string());
    chart(&series.demand[shown..], &ahead, [&first, &begin, &last])
}

fn checked(levels: &[f64]) -> Result<Vec<f64>> {
    let mut levels = levels.to_vec();
    if let Some(level) = levels.iter().find(|level| !(**level > 0.0 && **level < 1.0)) {
        return Err(Error::usage(format!(
            "--quantiles holds {level}, which is not between 0 and 1"
        )));
    }

    levels.sort_by(f64::total_cmp);
    levels.dedup();
    Ok(levels)
}

/// The items that the patterns, the category and the location choose.
fn chosen(prepared: &Prepared, tables: &Tables, args: &ForecastArgs) -> Result<Vec<usize>> {
    let named = super::chosen::by_sku(prepared, &args.skus)?.items_only(prepared)?;
    let items = match args.category.as_deref() {
        None => named,
        Some(wanted) => of_category(prepared, tables, named, wanted)?,
    };
    let chosen = Chosen { items, bundles: Vec::new() };
    Ok(super::chosen::at_location(prepared, chosen, args.location.as_deref())?.items)
}

/// Those of some items that have a category.
fn of_category(
    prepared: &Prepared,
    tables: &Tables,
    items: Vec<usize>,
    wanted: &str,
) -> Result<Vec<usize>> {
    let category =
        |at: &usize| tables.item(&prepared.keys[*at].sku).and_then(|item| item.category.as_deref());
    let chosen: Vec<usize> =
        items.iter().copied().filter(|at| category(at) == Some(wanted)).collect();
    if chosen.is_empty() {
        return Err(super::chosen::none("category", wanted, items.iter().filter_map(category)));
    }
    Ok(chosen)
}

/// What the answer is about, and who reads it.
struct Asked<'a> {
    chosen: &'a [usize],
    is_total: bool,
    format: TableFormat,
}

/// The format that is asked for: by name, or by the ending of the file that is written.
fn format_of(args: &ForecastArgs) -> Result<TableFormat> {
    if let Some(format) = args.format {
        return Ok(format);
    }
    let Some(path) = &args.output else { return Ok(TableFormat::Table) };

    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    match ending.as_str() {
        "csv" => Ok(TableFormat::Csv),
        "json" => Ok(TableFormat::Json),
        "parquet" => Ok(TableFormat::Parquet),
        _ => {
            let message = format!("the ending of {} names no format", path.display());
            Err(Error::usage(message)
                .hint("end it with .csv, .json or .parquet, or say --format csv"))
        }
    }
}

/// The answer as a table: one row an item and bucket, or one an item for the sum over the horizon.
fn answer(
    settings: &Settings,
    prepared: &Prepared,
    forecasts: &Forecasts,
    asked: &Asked<'_>,
) -> SimpleTable {
    let as_of = prepared.as_of;
    let mut stretches = stretches(&settings.calendar, as_of, settings.forecast.horizon);
    let buckets = stretches.len() as i64;
    if asked.is_total {
        let end = stretches.last().map_or(0, |stretch| stretch.2);
        stretches = vec![(as_of, 0, end)];
    }

    let levels = &settings.forecast.quantiles;
    let (mut skus, mut locations, mut starts, mut means) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut quantiles: Vec<Vec<f64>> = vec![Vec::new(); levels.len()];
    for at in asked.chosen {
        let distribution = forecasts.distribution_to_horizon(*at);
        for (day, from, to) in &stretches {
            let demand = distribution.total(*from, *to);
            skus.push(prepared.keys[*at].sku.to_string());
            locations.push(prepared.keys[*at].location.to_string());
            starts.push(*day);
            means.push(shown(demand.mean(), asked.format));
            for (column, level) in quantiles.iter_mut().zip(levels) {
                column.push(shown(demand.quantile(*level), asked.format));
            }
        }
    }

    let rows = skus.len();
    let mut table = SimpleTable::default()
        .with("sku", Values::Text(skus))
        .with("location", Values::Text(locations));
    // A person reads above the table what is the same in each row.
    let is_said_above = asked.is_total && asked.format == TableFormat::Table;
    if !is_said_above {
        table = table.with("period_start", Values::Date(starts));
    }
    if asked.is_total && !is_said_above {
        table = table.with("buckets", Values::Whole(vec![buckets; rows]));
    }
    table = table.with("mean", Values::Real(means));
    for (level, column) in levels.iter().zip(quantiles) {
        table = table.with(&format!("q{level}"), Values::Real(column));
    }
    table
}

/// People read two decimals; programs get every digit that the run's own files have.
fn shown(value: f64, format: TableFormat) -> f64 {
    if format == TableFormat::Table { (value * 100.0).round() / 100.0 } else { value }
}
