//! `restock show`: the tables of a run, filtered, sorted and cut as asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;

use super::Context;
use super::args::ShowArgs;
use super::formats::ReportFormat;
use super::stored::named_or_newest;
use crate::config::settings::TextTest;
use crate::config::suggestions::{near, with_suggestion};
use crate::error::{Error, Result};
use crate::io::sinks::replace_file;
use crate::io::{WholeTable, read_columns, read_table};
use crate::report::columns::{LOCATION, SKU};
use crate::report::shown::layout::{Counts, Shown};
use crate::report::shown::tables::{Listed, vocabulary};
use crate::report::shown::view::{Condition, View, number};

/// Columns that any table with items takes from the plan where it has none.
const OF_PLAN: [&str; 2] = ["supplier", "abc"];
/// Names that are suggested, at most. Judgement: what one looks through at a glance.
const SUGGESTED: usize = 3;

/// Prints rows of a run's table, or writes them to a file.
///
/// # Errors
/// When there is no such run, its table cannot be read, or it has no column that is asked for.
pub(super) fn run(context: &Context, args: &ShowArgs) -> Result<ExitCode> {
    let format = super::report::text_format(args.format, args.output.as_deref(), ".csv or .json")?;
    let settings = context.settings()?;
    let folder = named_or_newest(&settings, args.run.as_deref())?;
    let listed = args.table;

    let path = folder.join(listed.file());
    let table = read_table(&path, listed.columns()[0]).map_err(|error| damaged(&path, &error))?;
    let all = table.rows();
    let mut view = View::of(table);
    for filter in filters(args).iter().filter(|filter| !filter.given.is_empty()) {
        keep(&mut view, &folder, listed, filter)?;
    }
    for condition in &args.conditions {
        let column = view.column(&condition.column)?;
        let is_number = listed.is_number(&condition.column);
        comparable(condition, is_number)?;
        view.keep(column, |field| condition.holds(field, is_number));
    }
    if let Some(sort) = &args.sort {
        let (name, is_descending) = match sort.strip_prefix('-') {
            Some(name) => (name, true),
            None => (sort.as_str(), args.desc),
        };
        let column = view.column(name)?;
        view.sort(column, listed.is_number(name), is_descending);
    }
    let matching = view.rows.len();
    view.rows.truncate(args.top.unwrap_or(usize::MAX));

    let columns = columns(&view, args, format)?;
    let shown = Shown { listed, view: &view, columns: &columns };
    let bytes = match format {
        ReportFormat::Csv => shown.csv()?,
        ReportFormat::Json => shown.json().into_bytes(),
        ReportFormat::Table => {
            let counts = Counts { matching, all };
            format!("{}{}", shown.text(), shown.footer(counts, &settings.currency.base))
                .into_bytes()
        }
    };
    match &args.output {
        Some(path) => replace_file(path, &bytes)?,
        None => super::print(&String::from_utf8_lossy(&bytes))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The error of a table that cannot be read.
fn damaged(path: &Path, cause: &Error) -> Error {
    Error::data(format!("{}: {cause}", path.display())).hint(
        "the table is not as a run wrote it: `restock run --as-of DATE` writes that day again, and \
         keeps this folder as DATE.1",
    )
}

/// What has to hold of a column: what any of these texts or patterns takes.
struct Filter<'a> {
    name: &'static str,
    given: &'a [String],
}

/// The filters that have an option of their own.
fn filters(args: &ShowArgs) -> [Filter<'_>; 7] {
    [
        (SKU, &args.sku),
        (LOCATION, &args.location),
        ("supplier", &args.supplier),
        ("abc", &args.abc),
        ("decision", &args.decision),
        ("state", &args.state),
        ("cause", &args.cause),
    ]
    .map(|(name, given): (_, &Vec<String>)| Filter { name, given })
}

/// Keeps the rows whose field, or whose item's field in the plan, passes.
fn keep(view: &mut View, folder: &Path, listed: Listed, filter: &Filter<'_>) -> Result<()> {
    let Filter { name, given } = *filter;
    check_words(name, given)?;
    let passes = |field: &str| given.iter().any(|text| is_meant(text, field));
    let before: BTreeSet<String>;
    if let Some(column) = view.table.position(name) {
        before = fields(view, column);
        view.keep(column, passes);
    } else if OF_PLAN.contains(&name) {
        let (sku, location) = (view.column(SKU)?, view.column(LOCATION)?);
        let of_items = of_plan(folder, name)?;
        before = of_items.values().cloned().collect();
        let table = &view.table;
        view.rows.retain(|row| {
            let key = (table.field(*row, sku).to_owned(), table.field(*row, location).to_owned());
            of_items.get(&key).is_some_and(|field| passes(field))
        });
    } else {
        let tables = Listed::with_column(name);
        let message = format!("{} have no `{name}` to filter by", listed.word());
        return Err(Error::usage(message).hint(match tables.as_slice() {
            [one] => format!("`restock show {one}` has it"),
            more => format!("these have it: {}", more.join(", ")),
        }));
    }
    if view.rows.is_empty() && vocabulary(name).is_none() {
        given.iter().for_each(|text| suggest(name, text, &before));
    }
    Ok(())
}

/// Whether a field is what a text says, or what it says as a pattern.
fn is_meant(text: &str, field: &str) -> bool {
    text == field || TextTest::of(text).matches(field)
}

/// Refuses what can hold for no word that the column may have.
fn check_words(name: &str, given: &[String]) -> Result<()> {
    let Some(vocabulary) = vocabulary(name) else { return Ok(()) };
    for text in given {
        if !vocabulary.words.iter().any(|word| is_meant(text, word)) {
            let words: Vec<String> = vocabulary.words.iter().map(|word| (*word).into()).collect();
            let error = Error::usage(format!("no `{name}` is {text}"));
            return Err(with_suggestion(error, text, &words)
                .hint(format!("it is one of {}, or a pattern of them", words.join(", "))));
        }
    }
    Ok(())
}

/// A field of every item of the plan, by sku and location.
fn of_plan(folder: &Path, name: &'static str) -> Result<BTreeMap<(String, String), String>> {
    let path = folder.join(Listed::Items.file());
    let table = read_columns(&path, [SKU, LOCATION, name]).map_err(|it| damaged(&path, &it))?;
    Ok(table.rows.into_iter().map(|[sku, location, field]| ((sku, location), field)).collect())
}

fn fields(view: &View, column: usize) -> BTreeSet<String> {
    view.rows.iter().map(|row| view.table.field(*row, column).to_owned()).collect()
}

/// Says what may have been meant where nothing has a name. That is no error: a night may well have
/// no row of a supplier.
fn suggest(name: &str, text: &str, names: &BTreeSet<String>) {
    let plain = text.replace(['*', '?', '[', ']'], "");
    let near = near(&plain, names.iter().map(String::as_str), SUGGESTED);
    let quoted: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
    if !quoted.is_empty() {
        let text = format!("no row has the {name} {text}: meant {}?", quoted.join(" or "));
        tracing::warn!("{text}");
    }
}

/// Refuses to ask whether a number is above what is none.
fn comparable(condition: &Condition, is_number: bool) -> Result<()> {
    if is_number && condition.is_of_order() && number(&condition.value).is_none() {
        let Condition { column, value, .. } = condition;
        return Err(Error::usage(format!("`{column}` holds numbers, and `{value}` is none")));
    }
    Ok(())
}

/// Where the columns stand that are asked for: else all for programs, and for people those that
/// they decide by.
fn columns(view: &View, args: &ShowArgs, format: ReportFormat) -> Result<Vec<usize>> {
    if let Some(names) = &args.columns {
        return names.iter().map(|name| view.column(name.trim())).collect();
    }
    let table: &WholeTable = &view.table;
    if format != ReportFormat::Table {
        return Ok((0..table.columns.len()).collect());
    }
    // A run of another version may lack one.
    Ok(args.table.selection().iter().filter_map(|name| table.position(name)).collect())
}
