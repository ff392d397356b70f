//! What changed from one run to another: every row for programs, the largest for people.

use serde_json::{Map, Value};

use super::columns::DIFF;
use super::style::heading;
use crate::domain::money::decimals_of;
use crate::domain::money::money;
use crate::domain::wording::{counted, grouped, printable, shortened, wrapped};
use crate::error::Result;
use crate::io::sinks::csv::CsvSink;
use crate::state::differences::{CAUSES, Change, Differences, MEASURES};
use crate::state::exact::Exact;

/// Characters of a line.
const WIDTH: usize = 80;
/// Characters of an item's name, at most.
const ITEM_WIDTH: usize = 22;
/// Characters of a figure, mostly.
const FIGURE_WIDTH: usize = 9;
/// Characters of the causes of a change, a mark that there are more left out.
const CAUSES_WIDTH: usize = WIDTH - ITEM_WIDTH - 2 * FIGURE_WIDTH - 6 - 3;

/// Two runs by name, and what their money is counted in.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// Name of the run before.
    pub before: &'a str,
    /// Name of the run after.
    pub after: &'a str,
    /// The base currency of the run after.
    pub currency: &'a str,
}

/// Every change as CSV.
///
/// # Errors
/// When a row cannot be written.
pub fn csv(differences: &Differences) -> Result<Vec<u8>> {
    let mut sink = CsvSink::new(Vec::new(), DIFF)?;
    for change in &differences.changes {
        sink.text(&change.key.sku).text(&change.key.location).text(MEASURES[change.measure]);
        for value in [change.before, change.after] {
            sink.text(&shown(value));
        }
        for part in &change.parts {
            sink.text(&part.to_string());
        }
        sink.end()?;
    }
    sink.finish()
}

/// Every change as one array of objects.
#[must_use]
pub fn json(differences: &Differences) -> String {
    let number = |value: Exact| {
        let text = value.to_string();
        text.parse::<i64>().map_or_else(|_| Value::from(value.to_f64()), Value::from)
    };
    let object = |change: &Change| {
        let mut object = Map::new();
        let texts = [&*change.key.sku, &*change.key.location, MEASURES[change.measure]];
        let values = texts.into_iter().map(Value::from);
        let figures = [change.before, change.after].map(|it| it.map_or(Value::Null, number));
        let parts = change.parts.iter().map(|part| number(*part));
        for (name, value) in DIFF.iter().zip(values.chain(figures).chain(parts)) {
            object.insert((*name).to_owned(), value);
        }
        Value::Object(object)
    };
    let objects: Vec<Value> = differences.changes.iter().map(object).collect();
    format!("{:#}\n", Value::from(objects))
}

/// What changed in all, what each cause is worth, and the first `top` changes, by measure.
#[must_use]
pub fn text(differences: &Differences, runs: &Compared<'_>, top: usize) -> String {
    let mut out = summary(differences, runs);
    let changes = &differences.changes;
    let shown = &changes[..top.min(changes.len())];
    for of_measure in shown.chunk_by(|a, b| a.measure == b.measure) {
        let measure = MEASURES[of_measure[0].measure];
        let header = line([measure, "before", "after", "because of"]);
        out += &format!("\n{}\n", heading(&header));
        for change in of_measure {
            out += &row(change);
            out.push('\n');
        }
    }
    if changes.len() > shown.len() {
        let left = changes.len() - shown.len();
        out += &format!("and {} more: --format csv has all\n", grouped(left));
    }
    out
}

/// One line of the table.
fn line([item, before, after, causes]: [&str; 4]) -> String {
    format!("{item:<ITEM_WIDTH$}  {before:>FIGURE_WIDTH$}  {after:>FIGURE_WIDTH$}  {causes}")
}

fn summary(differences: &Differences, runs: &Compared<'_>) -> String {
    let changed = MEASURES.iter().enumerate().filter_map(|(measure, name)| {
        let rows = differences.changes.iter().filter(|change| change.measure == measure).count();
        (rows > 0).then(|| format!("{name} of {}", counted(grouped(rows), "item")))
    });
    let changed: Vec<String> = changed.collect();
    let changed = if changed.is_empty() { "nothing".to_owned() } else { changed.join(", ") };
    let title = format!("{} → {}", printable(runs.before), printable(runs.after));
    let changed = wrapped(&format!("Changed: {changed}"), WIDTH, "  ");
    let mut out = format!("{}\n{changed}\n", heading(&title));

    let decimals = decimals_of(runs.currency);
    let shown = |value: Exact| money(value.to_money(), decimals);
    out += &format!(
        "Order quantities at unit cost: {} → {} {}\n",
        shown(differences.value_before),
        shown(differences.value_after),
        runs.currency
    );
    let values = differences.values();
    for (cause, value) in CAUSES.iter().zip(values).filter(|(_, value)| !value.is_zero()) {
        let text = shown(value);
        let sign = if text.starts_with('-') { "" } else { "+" };
        out += &format!("  {cause:<12}{:>16}\n", format!("{sign}{text}"));
    }
    out
}

/// A change in a line, with the causes that it has room for, the largest first.
fn row(change: &Change) -> String {
    let mut parts: Vec<(Exact, &str)> =
        change.parts.iter().copied().zip(CAUSES).filter(|(part, _)| !part.is_zero()).collect();
    parts.sort_by_key(|(part, _)| std::cmp::Reverse(part.abs()));

    let mut causes = String::new();
    for (at, (part, cause)) in parts.iter().enumerate() {
        let sign = if *part > Exact::ZERO { "+" } else { "" };
        let said = format!("{cause} {sign}{}", rounded(*part));
        let gap = if at > 0 { ", " } else { "" };
        if at > 0 && causes.chars().count() + said.len() + gap.len() > CAUSES_WIDTH {
            causes += ", …";
            break;
        }
        causes += &format!("{gap}{said}");
    }
    let item = shortened(&format!("{} {}", change.key.sku, change.key.location), ITEM_WIDTH);
    let figures = [change.before, change.after].map(shown);
    line([&item, &figures[0], &figures[1], &causes])
}

fn shown(value: Option<Exact>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// With as many digits as a line has room for.
fn rounded(value: Exact) -> String {
    Exact::of_real(value.to_f64()).to_string()
}
