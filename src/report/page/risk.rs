//! What customers wait for and what will run out, by the money at stake.

use serde::Serialize;

use super::PageSource;
use super::decide::{description, key_of};
use super::run_tables::{Row, RunTables, rows};
use super::shown::{amount, count, known, name, percent, sentence, units, word};
use crate::backorder::cause::CauseKind;
use crate::domain::fixed::Fixed;
use crate::plan::Reason;
use crate::report::columns::{SKU, STATUS, STOCKOUT_PROBABILITY};

/// Risks that are shown.
const MAX_SHOWN: usize = 50;
/// Risks that are gone and named.
const MAX_GONE: usize = 20;

/// What is at risk.
#[derive(Serialize)]
pub(super) struct Risk {
    shown: Vec<AtRisk>,
    /// How many more there are.
    more: Option<String>,
    /// Items of the last run that are at risk no more.
    gone: Vec<String>,
    more_gone: usize,
    #[serde(skip)]
    pub(super) waiting: usize,
    #[serde(skip)]
    pub(super) at_risk: usize,
    /// What is at stake in all, base money.
    #[serde(skip)]
    pub(super) value: Fixed,
}

/// An item at risk.
#[derive(Serialize)]
struct AtRisk {
    key: String,
    sku: String,
    location: String,
    text: String,
    supplier: String,
    waiting: String,
    probability: String,
    dates: String,
    units: String,
    value: String,
    cause: String,
    detail: String,
    action: String,
    status: String,
}

pub(super) fn section(source: &PageSource<'_>, run: &RunTables) -> Risk {
    let of_group = |group: &'static str| {
        rows(&run.risk).filter(move |row: &Row<'_>| row.text("group") == group)
    };
    let (waiting, at_risk) = (of_group("waiting"), of_group("at_risk"));
    let listed = rows(&run.risk).filter(|row| row.text("group") != "resolved");
    let gone = of_group("resolved").map(|row| name(row.text(SKU)));
    let gone: Vec<String> = gone.collect();
    let total = waiting.clone().count() + at_risk.clone().count();
    Risk {
        shown: listed.take(MAX_SHOWN).map(|row| shown(source, row)).collect(),
        more: (total > MAX_SHOWN).then(|| count(total - MAX_SHOWN)),
        more_gone: gone.len().saturating_sub(MAX_GONE),
        gone: gone.into_iter().take(MAX_GONE).collect(),
        waiting: waiting.count(),
        value: at_risk.clone().filter_map(|row| row.fixed("expected_short_value")).sum(),
        at_risk: at_risk.count(),
    }
}

fn shown(source: &PageSource<'_>, row: Row<'_>) -> AtRisk {
    let [p10, p50, p90] = ["p10", "p50", "p90"].map(|at| row.text(&format!("stockout_date_{at}")));
    let dates = match (p10, p90) {
        ("", _) => String::new(),
        (_, "") => format!("from {p10}"),
        _ => format!("{p10}\nto {p90}"),
    };
    let waits = row.number("waiting_units").filter(|units| *units > 0.0);
    let since = row.text("waiting_since");
    let share = row.number("cause_share").map(|share| format!(" {}", percent(share)));
    AtRisk {
        key: key_of(row),
        sku: name(row.text(SKU)),
        location: name(row.item().1),
        text: description(source, row),
        supplier: name(row.text("supplier")),
        waiting: match waits {
            None => String::new(),
            Some(waiting) if since.is_empty() => units(waiting),
            Some(waiting) => format!("{}\nsince {}", units(waiting), name(since)),
        },
        probability: known(row.number(STOCKOUT_PROBABILITY), percent),
        dates: if p50.is_empty() { dates } else { format!("{p50}\n{dates}") },
        units: known(row.number("expected_short_units"), units),
        value: known(row.fixed("expected_short_value"), amount),
        cause: format!("{}{}", word(row.text("cause")), share.unwrap_or_default()),
        detail: in_words(row.text("cause_detail")),
        action: sentence(row.text("action")),
        status: word(row.text(STATUS)),
    }
}

/// A detail with its words as people read them.
fn in_words(detail: &str) -> String {
    let causes = CauseKind::ALL.map(CauseKind::as_str);
    let reasons = Reason::ALL.iter().map(|reason| reason.as_str());
    let words = causes.into_iter().chain(reasons).filter(|word| word.contains('_'));
    sentence(&words.fold(detail.to_owned(), |text, own| text.replace(own, &word(own))))
}
