//! Trust: what was promised beside what came of it, what went into the run, and how to read its
//! numbers.

use serde::Serialize;
use serde_json::Value;

use super::run_tables::{Row, RunTables, rows};
use super::{PageSource, shown};
use crate::drawing::reliability::{Told, reliability};
use crate::drawing::svg::Place;
use crate::report::columns::DATE;
use crate::report::last_backtest::LastBacktest;
use crate::report::review::{self, REVIEW_FILE};
use crate::report::trends;

/// Runs that a mean is taken over, at most. Judgement: a season of a shop that runs every week.
const MEAN_RUNS: usize = 13;
/// Runs whose figures are drawn, at most. Judgement: a year of a shop that runs every week.
const DRAWN_RUNS: usize = 52;
/// Inputs that are listed, at most. Judgement: every table has a file, and some have several.
const MAX_INPUTS: usize = 24;
/// Digits of a SHA-256 that are shown: as many as tell one file from another.
const DIGITS: usize = 12;

/// What trust stands on.
#[derive(Serialize)]
pub(super) struct Trust {
    /// The day of the newest run.
    newest: String,
    /// That of the one before; empty where there is none.
    before: String,
    /// How many runs the mean is of.
    runs: String,
    figures: Vec<Achieved>,
    /// Every figure of the review over the last runs; nothing to draw of one run.
    trends: Option<String>,
    /// What the last backtest found, where there is one.
    backtest: Option<Replayed>,
    facts: Vec<Fact>,
    inputs: Vec<Input>,
    more_inputs: String,
    terms: [Term; 12],
}

/// A figure over runs; an empty text is not known.
#[derive(Serialize)]
struct Achieved {
    title: &'static str,
    newest: String,
    before: String,
    mean: String,
}

/// A line of the manifest.
#[derive(Serialize)]
struct Fact {
    title: &'static str,
    value: String,
}

/// A file that went in.
#[derive(Serialize)]
struct Input {
    table: String,
    path: String,
    rows: String,
    used: String,
    sha256: String,
}

/// A word and its meaning.
#[derive(Serialize)]
struct Term {
    word: &'static str,
    meaning: &'static str,
}

/// What a mean over runs is of.
enum Mean {
    /// The runs that know it, each as much as another.
    OfRuns,
    /// The first figure of all runs over the second of all: a share of what was counted.
    OfCounts(&'static str, &'static str),
}

/// A figure that is shown.
struct Shown {
    title: &'static str,
    column: &'static str,
    mean: Mean,
}

const SHOWN: [Shown; 5] = [
    Shown {
        title: "Promises to customers kept, of those that fell due",
        column: "promises_kept",
        mean: Mean::OfCounts("promises_kept", "promises_due"),
    },
    Shown { title: "Days in stock, last 28", column: "in_stock_share_28d", mean: Mean::OfRuns },
    Shown {
        title: "Forecast error, four periods",
        column: "forecast_error_4b",
        mean: Mean::OfRuns,
    },
    Shown {
        title: "Forecast bias, four periods; above 0 where the forecast was too high",
        column: "forecast_bias_4b",
        mean: Mean::OfRuns,
    },
    Shown {
        title: "Suppliers’ deliveries on time in full, 90 days",
        column: "on_time_in_full_90d",
        mean: Mean::OfRuns,
    },
];

pub(super) fn section(source: &PageSource<'_>, run: &RunTables) -> Trust {
    // They are sorted by date, the oldest first.
    let rows: Vec<Row<'_>> = rows(&run.review).collect();
    let last = &rows[rows.len().saturating_sub(MEAN_RUNS)..];
    let newest = rows.last().copied();
    let before = rows.len().checked_sub(2).map(|at| rows[at]);
    let date =
        |row: Option<Row<'_>>| row.map_or_else(String::new, |row| shown::name(row.text(DATE)));

    let inputs = run.manifest["inputs"].as_array().map_or(&[][..], Vec::as_slice);
    Trust {
        newest: date(newest),
        before: date(before),
        runs: shown::count(last.len()),
        figures: SHOWN.iter().map(|figure| figure.achieved(newest, before, last)).collect(),
        trends: drawn(source),
        backtest: replayed(source),
        facts: facts(&run.manifest),
        inputs: inputs.iter().take(MAX_INPUTS).map(Input::of).collect(),
        more_inputs: match inputs.len().saturating_sub(MAX_INPUTS) {
            0 => String::new(),
            more => format!("{} more files: manifest.json lists them.", shown::count(more)),
        },
        terms: TERMS,
    }
}

/// The figures of the review, as a picture; of one run there is nothing to draw.
fn drawn(source: &PageSource<'_>) -> Option<String> {
    let (rows, _) = review::read(&source.dir.join(REVIEW_FILE)).ok()?;
    let rows = &rows[rows.len().saturating_sub(DRAWN_RUNS)..];
    let base = &source.state.settings.currency.base;
    (rows.len() > 1).then(|| trends::picture(Place::Page, base, rows))
}

/// What the last backtest found of probabilities and promises.
#[derive(Serialize)]
struct Replayed {
    what: String,
    version: String,
    /// Told probabilities against what came of them.
    picture: String,
    told: Vec<ToldLine>,
    promises: Vec<PromiseLine>,
}

/// Probabilities of one tenth.
#[derive(Serialize)]
struct ToldLine {
    told: String,
    came_true: String,
    count: String,
}

/// One class and target.
#[derive(Serialize)]
struct PromiseLine {
    class: String,
    target: String,
    items: String,
    promised: String,
    achieved: String,
    range: String,
    verdict: String,
}

/// The last backtest, as the run kept it.
fn replayed(source: &PageSource<'_>) -> Option<Replayed> {
    let LastBacktest { replayed, version, told, promises } =
        LastBacktest::read(source.dir).ok()??;
    let points: Vec<Told> = told
        .iter()
        .map(|row| Told { told: row.told, came_true: row.came_true, count: row.count })
        .collect();
    let told = told.iter().map(|row| ToldLine {
        told: share(row.told),
        came_true: share(row.came_true),
        count: shown::count(row.count),
    });
    let promises = promises.iter().map(|row| PromiseLine {
        class: shown::name(&row.class),
        target: shown::name(&row.target),
        items: shown::count(row.items),
        promised: share(row.promised),
        achieved: share(row.achieved),
        range: format!("{} to {}", share(row.low), share(row.high)),
        verdict: shown::name(&row.verdict),
    });
    Some(Replayed {
        what: shown::sentence(&replayed),
        version: shown::name(&version),
        picture: reliability(Place::Page, "Stock-out probabilities", &points),
        told: told.collect(),
        promises: promises.collect(),
    })
}

impl Shown {
    fn achieved(
        &self,
        newest: Option<Row<'_>>,
        before: Option<Row<'_>>,
        last: &[Row<'_>],
    ) -> Achieved {
        let of = |row: Option<Row<'_>>| row.and_then(|row| self.of_row(row)).unwrap_or_default();
        Achieved {
            title: self.title,
            newest: of(newest),
            before: of(before),
            mean: self.of_runs(last).unwrap_or_default(),
        }
    }

    fn of_row(&self, row: Row<'_>) -> Option<String> {
        match self.mean {
            Mean::OfRuns => Some(share(row.number(self.column)?)),
            Mean::OfCounts(part, whole) => Some(part_of(row.number(part)?, row.number(whole)?)),
        }
    }

    fn of_runs(&self, rows: &[Row<'_>]) -> Option<String> {
        match self.mean {
            Mean::OfRuns => {
                let known: Vec<f64> =
                    rows.iter().filter_map(|row| row.number(self.column)).collect();
                let sum: f64 = known.iter().sum();
                (!known.is_empty()).then(|| share(sum / known.len() as f64))
            }
            Mean::OfCounts(part, whole) => {
                let known = rows.iter().filter_map(|row| row.number(part).zip(row.number(whole)));
                let counts: Vec<(f64, f64)> = known.collect();
                let sum = counts.iter().fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
                (!counts.is_empty()).then(|| part_of(sum.0, sum.1))
            }
        }
    }
}

/// A share in per cent with a decimal: of these figures tenths are news.
fn share(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// A count of another one, and the share that it is.
fn part_of(part: f64, whole: f64) -> String {
    let counts = format!("{} of {}", shown::units(part), shown::units(whole));
    if whole > 0.0 { format!("{counts} ({})", share(part / whole)) } else { counts }
}

/// The manifest in brief.
fn facts(manifest: &Value) -> Vec<Fact> {
    let text = |name: &str| match &manifest[name] {
        Value::String(text) => shown::name(text),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let hash = |name: &str| text(name).chars().take(DIGITS).collect();
    vec![
        Fact { title: "Version of restock", value: text("version") },
        Fact { title: "Configuration, SHA-256", value: hash("config_sha256") },
        Fact { title: "Ledger at the start of the night, SHA-256", value: hash("ledger_sha256") },
        Fact { title: "Seed", value: text("seed") },
        Fact { title: "Compared with the run", value: text("previous_run") },
    ]
}

impl Input {
    fn of(input: &Value) -> Self {
        let text = |name: &str| input[name].as_str().unwrap_or_default();
        let count = |name: &str| {
            let number = input[name].as_u64().and_then(|number| usize::try_from(number).ok());
            number.map(shown::count).unwrap_or_default()
        };
        Self {
            table: shown::name(text("table")),
            path: shown::name(text("path")),
            rows: count("rows"),
            used: count("used"),
            sha256: text("sha256").chars().take(DIGITS).collect(),
        }
    }
}

const TERMS: [Term; 12] = [
    Term {
        word: "position",
        meaning: "on hand − allocated − what customers wait for + on order: what an item has, with \
                  all that is on its way",
    },
    Term {
        word: "reorder point",
        meaning: "an order is needed when the position is at or below this",
    },
    Term {
        word: "safety stock",
        meaning: "the reorder point less the demand expected until the order after this one could \
                  arrive",
    },
    Term {
        word: "P(short)",
        meaning: "stock-out probability: that some demand finds no stock before an order placed on \
                  the next order date could arrive, with nothing ordered tonight",
    },
    Term {
        word: "P10, P50, P90 of a date",
        meaning: "the first day by which it has happened with a probability of 10, 50 or 90 %",
    },
    Term {
        word: "cover",
        meaning: "free stock (on hand − allocated − what customers wait for) over mean daily \
                  demand, in days",
    },
    Term {
        word: "demand surge, demand shift",
        meaning: "the last two weeks sold more than the item’s own former forecast exceeds once in \
                  twenty; the last eight weeks did, and not by their last two alone",
    },
    Term {
        word: "supplier late, supplier outage",
        meaning: "it would not run short had every overdue line come on its day; an outage where \
                  four lines of the supplier or more are overdue",
    },
    Term {
        word: "record in doubt",
        meaning: "a negative stock record, or none in a stock table that is given, may hide \
                  anything: count it",
    },
    Term {
        word: "not ordered",
        meaning: "it would not run short had the position been at the reorder point",
    },
    Term {
        word: "plan too thin",
        meaning: "all went to plan: what is left is the risk that the target accepts",
    },
    Term { word: "discontinued", meaning: "the item is not reordered any more" },
];
