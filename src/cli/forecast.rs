//! `restock forecast`: what chosen items will sell, as a table.

use std::io::Write;
use std::process::ExitCode;

use super::Context;
use super::args::{ForecastArgs, TableFormat};
use crate::config::Settings;
use crate::domain::calendar::{Day, date_of};
use crate::error::{Error, Result};
use crate::forecast::{Forecasts, model_names};
use crate::io::load;
use crate::io::sinks::csv::{CsvSink, real};
use crate::pipeline::{Prepared, forecast_demand, prepare};
use crate::plan::facts::item;
use crate::report::outputs::stretches;

/// One row of the answer.
struct Row {
    sku: String,
    location: String,
    period_start: Day,
    buckets: usize,
    mean: f64,
    quantiles: Vec<f64>,
}

/// Forecasts as the night run does, and prints the chosen items.
///
/// # Errors
/// As the stages report them, and when no item is chosen.
pub(super) fn run(context: &Context, args: &ForecastArgs) -> Result<ExitCode> {
    let mut settings = context.settings()?;
    if let Some(horizon) = args.horizon {
        settings.forecast.horizon = horizon.clamp(1, 1_000);
    }
    if let Some(levels) = &args.quantiles {
        settings.forecast.quantiles = checked(levels)?;
    }
    if let Some(model) = &args.model {
        settings.forecast.model.clone_from(model);
    }
    check_model(&settings.forecast.model)?;
    let as_of = super::run::as_of(context, args.as_of.as_deref())?;
    let prepared = prepare(&settings, load(&settings, as_of, &())?);
    let chosen = chosen(&prepared, args)?;
    let (_, forecasts) = forecast_demand(&settings, &prepared);
    let rows = rows(&settings, &prepared, &forecasts, &chosen, args.total);
    let mut bytes = Vec::new();
    match args.format {
        TableFormat::Csv => csv(&mut bytes, &settings, &rows, args.total)?,
        TableFormat::Json => json(&mut bytes, &settings, &rows, args.total)?,
        TableFormat::Table => table(&mut bytes, &settings, &rows, args.total),
    }
    match &args.output {
        Some(path) => std::fs::write(path, bytes)
            .map_err(|cause| Error::usage(format!("cannot write {}", path.display())).because(cause))?,
        None => std::io::stdout().lock().write_all(&bytes).map_err(super::broken_pipe)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn checked(levels: &[f64]) -> Result<Vec<f64>> {
    let mut levels = levels.to_vec();
    if let Some(level) = levels.iter().find(|level| !(**level > 0.0 && **level < 1.0)) {
        return Err(Error::usage(format!("--quantiles holds {level}, which is not between 0 and 1")));
    }
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    Ok(levels)
}

/// A model by name must exist.
pub(super) fn check_model(model: &str) -> Result<()> {
    let names: Vec<String> = std::iter::once("auto").chain(model_names()).map(str::to_owned).collect();
    if names.iter().any(|name| name == model) {
        return Ok(());
    }
    let error =
        Error::usage(format!("no model is called {model}")).hint(format!("the models are {}", names.join(", ")));
    Err(crate::config::source::with_suggestion(error, model, &names))
}

/// The items that the patterns, the category and the location choose.
fn chosen(prepared: &Prepared, args: &ForecastArgs) -> Result<Vec<usize>> {
    let pattern = |text: &String| {
        glob::Pattern::new(text).map_err(|cause| Error::usage(format!("{text} is no pattern")).because(cause))
    };
    let patterns = args.skus.iter().map(pattern).collect::<Result<Vec<_>>>()?;
    let is_chosen = |at: &usize| {
        let key = &prepared.keys[*at];
        let category = item(&prepared.loaded.tables, &key.sku).and_then(|item| item.category.as_deref());
        (patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(&key.sku)))
            && args.category.as_deref().is_none_or(|wanted| category == Some(wanted))
            && args.location.as_deref().is_none_or(|wanted| &*key.location == wanted)
    };
    let chosen: Vec<usize> = (0..prepared.keys.len()).filter(is_chosen).collect();
    if chosen.is_empty() {
        return Err(Error::usage("no planned item is chosen").hint("patterns take `*`, `?` and `[ab]`: quote them"));
    }
    Ok(chosen)
}

fn rows(settings: &Settings, prepared: &Prepared, forecasts: &Forecasts, chosen: &[usize], total: bool) -> Vec<Row> {
    let as_of = prepared.loaded.as_of;
    let mut stretches = stretches(&settings.calendar, as_of, settings.forecast.horizon);
    let buckets = if total { stretches.len() } else { 1 };
    if total {
        let end = stretches.last().map_or(0, |stretch| stretch.2);
        stretches = vec![(as_of, 0, end)];
    }
    let mut rows = Vec::with_capacity(chosen.len() * stretches.len());
    for at in chosen {
        let law = forecasts.law(*at);
        for (day, from, to) in &stretches {
            let demand = law.total(*from, *to);
            rows.push(Row {
                sku: prepared.keys[*at].sku.to_string(),
                location: prepared.keys[*at].location.to_string(),
                period_start: *day,
                buckets,
                mean: demand.mean(),
                quantiles: settings.forecast.quantiles.iter().map(|level| demand.quantile(*level)).collect(),
            });
        }
    }
    rows
}

fn header(settings: &Settings, total: bool) -> Vec<String> {
    let mut header: Vec<String> = ["sku", "location", "period_start"].map(String::from).to_vec();
    if total {
        header.push("buckets".to_owned());
    }
    header.push("mean".to_owned());
    header.extend(settings.forecast.quantiles.iter().map(|level| format!("q{level}")));
    header
}

fn csv(out: &mut Vec<u8>, settings: &Settings, rows: &[Row], total: bool) -> Result<()> {
    let mut sink = CsvSink::new(out, &header(settings, total))?;
    for row in rows {
        sink.text(&row.sku).text(&row.location).date(row.period_start);
        if total {
            sink.whole(row.buckets as i64);
        }
        sink.real(row.mean);
        row.quantiles.iter().for_each(|value| {
            sink.real(*value);
        });
        sink.end()?;
    }
    sink.finish().map(drop)
}

fn json(out: &mut Vec<u8>, settings: &Settings, rows: &[Row], total: bool) -> Result<()> {
    let names = header(settings, total);
    let first = names.len() - settings.forecast.quantiles.len();
    let objects: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| {
            let mut object = serde_json::Map::new();
            object.insert("sku".into(), row.sku.as_str().into());
            object.insert("location".into(), row.location.as_str().into());
            object.insert("period_start".into(), date_of(row.period_start).to_string().into());
            if total {
                object.insert("buckets".into(), row.buckets.into());
            }
            object.insert("mean".into(), row.mean.into());
            for (name, value) in names[first..].iter().zip(&row.quantiles) {
                object.insert(name.clone(), (*value).into());
            }
            object.into()
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &objects)
        .map_err(|cause| Error::internal("cannot write JSON").because(cause))?;
    out.push(b'\n');
    Ok(())
}

fn table(out: &mut Vec<u8>, settings: &Settings, rows: &[Row], total: bool) {
    let mut lines = vec![header(settings, total)];
    for row in rows {
        let mut line = vec![row.sku.clone(), row.location.clone(), date_of(row.period_start).to_string()];
        if total {
            line.push(row.buckets.to_string());
        }
        line.push(real((row.mean * 100.0).round() / 100.0));
        line.extend(row.quantiles.iter().map(|value| real((value * 100.0).round() / 100.0)));
        lines.push(line);
    }
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
    for line in &lines {
        let fields = line.iter().zip(&widths).enumerate().map(|(column, (field, width))| match column {
            0..=2 => format!("{field:<width$}"),
            _ => format!("{field:>width$}"),
        });
        let text: Vec<String> = fields.collect();
        out.extend_from_slice(text.join("  ").trim_end().as_bytes());
        out.push(b'\n');
    }
}
