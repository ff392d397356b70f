//! `restock backtest --accuracy`: how good the forecasts would have been.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use super::Context;
use super::args::BacktestArgs;
use super::fetch::{fetch, temporary};
use crate::backtest::accuracy::{Accuracy, AccuracyPlan, CLASSES, TOTAL_LEVELS, accuracy};
use crate::backtest::scores::Score;
use crate::config::Settings;
use crate::config::resolve::model_choice;
use crate::domain::calendar::date_of;
use crate::domain::wording::{counted, fitted};
use crate::error::{Error, Result};
use crate::forecast::BlendWeights;
use crate::io::sinks::table::{SimpleTable, TableFormat, Values};
use crate::io::{AsOf, Past};

/// Models that are measured unless others are named: the blend, its members and two that everyone
/// knows.
const MODELS: [&str; 8] = [
    "auto",
    "smoothing",
    "trailing",
    "trend",
    "linear",
    "trees",
    "seasonal-naive",
    "moving-average",
];
/// Items measured at an origin, unless `--sample` says otherwise. Judgement: enough
/// for figures of each class, few enough to wait for.
const SAMPLE_ITEMS: u32 = 3_000;
/// Characters of a line.
const WIDTH: usize = 80;
/// Index of the class of all items.
const ALL: usize = CLASSES.len() - 1;
/// Shares of the blend below this are not printed: they round to 0 %.
const MIN_SHOWN_SHARE: f64 = 0.005;
/// Index in `TOTAL_LEVELS` of the level that the closing words judge, 95 %.
const JUDGED: usize = 2;

/// Forecasts at days of the past, prints what they were worth, and writes the tables into
/// `--output`.
///
/// # Errors
/// As the stages report them, and when there is too little history.
pub(super) fn run(context: &Context, args: &BacktestArgs) -> Result<ExitCode> {
    let mut settings = context.settings()?;
    let models = args.models.clone().unwrap_or_else(|| MODELS.map(str::to_owned).to_vec());
    for model in &models {
        model_choice("--models", model)?;
    }

    let to = args.to.as_deref().map(|text| super::dates::day("--to", text)).transpose()?;
    let may_run = !args.commands.no_commands;
    let _spool = fetch(context, &mut settings, may_run, temporary)?;
    let progress = context.progress("reading");
    let mut past = Past::read(&settings, AsOf::Newest { today: Some(context.today) }, &progress)?;
    progress.finish();
    let (_, newest) = past.days().ok_or_else(|| Error::data("orders: no row can be used"))?;

    let plan = AccuracyPlan {
        models,
        origins: usize::from(args.origins),
        items: args.sample.unwrap_or(SAMPLE_ITEMS) as usize,
        end: to.unwrap_or(newest + 1).min(newest + 1),
    };

    let bar = context.progress("forecasting the past");
    let found = accuracy(&settings, &mut past, &plan, &mut |done, of| bar.share(done, of))?;
    bar.finish();

    if let Some(dir) = &args.output {
        write_tables(&found, dir)?;
    }
    super::print(&fitted(&text(&settings, &found), WIDTH))?;
    Ok(ExitCode::SUCCESS)
}

fn text(settings: &Settings, found: &Accuracy) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = header(&mut out, settings, found)
        .and_then(|()| models(&mut out, found))
        .and_then(|()| classes(&mut out, found))
        .and_then(|()| totals(&mut out, found))
        .and_then(|()| blend(&mut out, found))
        .and_then(|()| writeln!(out, "\n{}", meaning(settings, found)));
    out
}

fn header(out: &mut String, settings: &Settings, found: &Accuracy) -> std::fmt::Result {
    let length = format!("{:?}", settings.calendar.length).to_lowercase();
    let days: Vec<String> = found.origins.iter().map(|day| date_of(*day).to_string()).collect();
    writeln!(
        out,
        "{} items, {} {length}s ahead from {}; each forecast knew only what is dated before it\n",
        found.items,
        settings.forecast.horizon,
        days.join(", ")
    )?;

    if found.season == 1 && settings.calendar.season_length() > 1 {
        writeln!(
            out,
            "MASE is scaled by steps of one {length}: there is less than a season of history\n"
        )?;
    }
    Ok(())
}

fn models(out: &mut String, found: &Accuracy) -> std::fmt::Result {
    writeln!(
        out,
        "{:<16}{:>8}{:>8}{:>8}{:>9}{:>8}",
        "model", "WQL", "MASE", "RMSSE", "WAPE", "bias"
    )?;

    for (name, classes) in found.models.iter().zip(&found.buckets) {
        let Some(score) = classes[ALL].last() else { continue };
        writeln!(
            out,
            "{name:<16}{:>8.4}{:>8.3}{:>8.3}{:>8.1} %{:>6.1} %",
            score.wql(),
            score.mase(),
            score.rmsse(),
            100.0 * score.wape(),
            100.0 * score.bias()
        )?;
    }
    Ok(())
}

fn classes(out: &mut String, found: &Accuracy) -> std::fmt::Result {
    writeln!(out, "\n{:<16}{:>9}{:>10}  least quantile loss", "class", "forecasts", "auto WQL")?;
    let auto = found.models.iter().position(|model| model == "auto").unwrap_or(0);
    for (class, name) in CLASSES.iter().enumerate() {
        let (Some((best, loss)), Some(score)) =
            (found.best(class), found.buckets[auto][class].last())
        else {
            continue;
        };
        writeln!(
            out,
            "{name:<16}{:>9}{:>10.4}  {} ({loss:.4})",
            score.forecasts,
            score.wql(),
            found.models[best]
        )?;
    }
    Ok(())
}

fn totals(out: &mut String, found: &Accuracy) -> std::fmt::Result {
    write!(out, "\n{:<24}", format!("total ahead ({})", found.models[0]))?;
    for level in TOTAL_LEVELS {
        write!(out, "{:>14}", format!("{level} covers"))?;
    }
    writeln!(out)?;

    for (index, length) in found.lengths.iter().enumerate() {
        let score = &found.totals[0][ALL][index];
        write!(out, "{:<24}", counted(length, "bucket"))?;
        for level in 0..TOTAL_LEVELS.len() {
            write!(out, "{:>14.3}", score.covered(level))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn blend(out: &mut String, found: &Accuracy) -> std::fmt::Result {
    if found.blend.is_empty() {
        return Ok(());
    }

    writeln!(out, "\nwhat the blend weighs, by volume")?;
    for BlendWeights { least_units, shares, .. } in &found.blend {
        let mut shares: Vec<&(&str, f64)> =
            shares.iter().filter(|(_, weight)| *weight >= MIN_SHOWN_SHARE).collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1));
        let shares: Vec<String> =
            shares.iter().map(|(name, weight)| format!("{name} {:.0} %", weight * 100.0)).collect();
        writeln!(out, "  from {least_units:.3} units a bucket: {}", shares.join(", "))?;
    }
    Ok(())
}

/// What the figures mean, in a sentence or two.
fn meaning(settings: &Settings, found: &Accuracy) -> String {
    if found.best(ALL).is_none() {
        return "Nothing could be measured.".to_owned();
    }
    let Some(own) = found.buckets[0][ALL].last() else { return String::new() };

    let bias = 100.0 * own.bias();
    let tendency = if bias > 0.0 { "too high" } else { "too low" };
    format!(
        "{}{}In sum its forecasts were {:.1} % {tendency}.",
        comparison(found, own),
        coverage(settings, found),
        bias.abs()
    )
}

/// How the first model compares with the best of the others; nothing if there are none.
fn comparison(found: &Accuracy, own: &Score) -> String {
    let Some((best, loss)) = found.best(ALL).filter(|_| found.models.len() > 1) else {
        return String::new();
    };
    let name = &found.models[0];
    if best != 0 {
        let behind = 100.0 * (own.wql() / loss - 1.0);
        let other = &found.models[best];
        return format!("On these days {other} was better than {name} by {behind:.1} %. ");
    }

    let others = (1..found.models.len())
        .filter_map(|model| found.buckets[model][ALL].last().map(Score::wql));
    let next = others.fold(f64::INFINITY, f64::min);
    let ahead = if next.is_finite() { 100.0 * (1.0 - loss / next) } else { 0.0 };
    format!("On these days {name} was the best model overall, {ahead:.1} % better than the next. ")
}

/// Whether the 95 % quantile of the first model covered 95 % of the totals over a lead time.
fn coverage(settings: &Settings, found: &Accuracy) -> String {
    let reach = settings.plan.lead_time_days / settings.calendar.mean_days();
    let index =
        found.lengths.iter().rposition(|length| (*length as f64) <= reach.max(1.0)).unwrap_or(0);
    let score = &found.totals[0][ALL][index];
    let covered = 100.0 * score.covered(JUDGED);

    // A point, or three standard errors where fewer totals were measured.
    let tolerance = (300.0 * (0.95 * 0.05 / score.forecasts.max(1.0)).sqrt()).max(1.0);
    let verdict = match covered - 95.0 {
        gap if gap < -tolerance => "which promises more service than it keeps",
        gap if gap > tolerance => "which holds more stock than it needs",
        _ => "as it should",
    };

    let length = found.lengths[index];
    format!(
        "The 95 % quantile of {} covered {covered:.1} % of what came, {verdict}. ",
        counted(length, "bucket")
    )
}

/// Writes the tables of what was measured into a folder, which is made if it does not exist.
fn write_tables(found: &Accuracy, dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir).map_err(|cause| cannot_write(dir, cause))?;

    for (name, table) in [
        ("accuracy.csv", buckets_table(found)),
        ("coverage.csv", totals_table(found)),
        ("blend.csv", blend_table(found)),
    ] {
        let mut bytes = Vec::new();
        table.write(TableFormat::Csv, &mut bytes)?;
        std::fs::write(dir.join(name), bytes).map_err(|cause| cannot_write(dir, cause))?;
    }

    Ok(())
}

fn cannot_write(dir: &Path, cause: std::io::Error) -> Error {
    Error::usage(format!("cannot write into {}", dir.display())).because(cause)
}

/// One row a model, class and group of steps.
fn buckets_table(found: &Accuracy) -> SimpleTable {
    let (mut models, mut classes) = (Vec::new(), Vec::new());
    let (mut from, mut to, mut scores) = (Vec::new(), Vec::new(), Vec::new());
    for (model, by_class) in found.models.iter().zip(&found.buckets) {
        for (class, by_steps) in CLASSES.iter().zip(by_class) {
            for (steps, score) in
                found.steps.iter().zip(by_steps).filter(|(_, score)| score.forecasts > 0.0)
            {
                models.push(model.clone());
                classes.push((*class).to_owned());
                from.push(steps.0 as i64);
                to.push(steps.1 as i64);
                scores.push(score);
            }
        }
    }

    let mut table = SimpleTable::default()
        .with("model", Values::Text(models))
        .with("demand_class", Values::Text(classes))
        .with("from_step", Values::Whole(from))
        .with("to_step", Values::Whole(to))
        .with("forecasts", column(&scores, |score| score.forecasts))
        .with("mase", column(&scores, Score::mase))
        .with("rmsse", column(&scores, Score::rmsse))
        .with("wape", column(&scores, Score::wape))
        .with("bias", column(&scores, Score::bias))
        .with("wql", column(&scores, Score::wql));

    for (index, level) in found.levels.iter().enumerate() {
        table = table
            .with(&format!("pinball{level}"), column(&scores, |score| score.pinball(index)))
            .with(&format!("covered{level}"), column(&scores, |score| score.covered(index)))
            .with(
                &format!("covered_plain{level}"),
                column(&scores, |score| score.covered_plain(index)),
            );
    }

    table
}

/// One figure of each score.
fn column(scores: &[&Score], of: impl Fn(&Score) -> f64) -> Values {
    Values::Real(scores.iter().map(|score| of(score)).collect())
}

/// One row a model, class, length of total and level.
fn totals_table(found: &Accuracy) -> SimpleTable {
    let (mut models, mut classes, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
    let (mut levels, mut counts, mut covered, mut plain) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (model, by_class) in found.models.iter().zip(&found.totals) {
        for (class, by_length) in CLASSES.iter().zip(by_class) {
            for (length, score) in
                found.lengths.iter().zip(by_length).filter(|(_, score)| score.forecasts > 0.0)
            {
                for (index, level) in TOTAL_LEVELS.iter().enumerate() {
                    models.push(model.clone());
                    classes.push((*class).to_owned());
                    lengths.push(*length as i64);
                    levels.push(*level);
                    counts.push(score.forecasts);
                    covered.push(score.covered(index));
                    plain.push(score.covered_plain(index));
                }
            }
        }
    }

    SimpleTable::default()
        .with("model", Values::Text(models))
        .with("demand_class", Values::Text(classes))
        .with("buckets", Values::Whole(lengths))
        .with("level", Values::Real(levels))
        .with("forecasts", Values::Real(counts))
        .with("covered", Values::Real(covered))
        .with("covered_plain", Values::Real(plain))
}

/// One row a class of volume and model.
fn blend_table(found: &Accuracy) -> SimpleTable {
    let (mut classes, mut least_units) = (Vec::new(), Vec::new());
    let (mut models, mut weights) = (Vec::new(), Vec::new());
    for of_class in &found.blend {
        for (model, weight) in &of_class.shares {
            classes.push(of_class.class as i64);
            least_units.push(of_class.least_units);
            models.push((*model).to_owned());
            weights.push(*weight);
        }
    }

    SimpleTable::default()
        .with("volume_class", Values::Whole(classes))
        .with("least_units_a_bucket", Values::Real(least_units))
        .with("model", Values::Text(models))
        .with("weight", Values::Real(weights))
}
