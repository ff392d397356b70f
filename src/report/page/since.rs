//! Since the last run: what moved most against the night before, and what made it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::run_tables::{Row, RunTables, rows};
use super::{Before, PageSource, shown};
use crate::domain::fixed::Fixed;
use crate::report::columns::STATE;
use crate::state::StateView;
use crate::state::differences::{Change, Largest};
use crate::state::exact::Exact;

/// Movers of each kind. Judgement: what one reads to the end.
const MOVERS: usize = 20;
/// Causes that are named, at most. Judgement: a cell of two lines.
const MAX_CAUSES: usize = 3;
/// Of the largest cause, the part from which another one is named. Judgement: what is less would
/// not be asked about.
const MIN_PART: f64 = 0.05;
/// The measures that are shown, as places in [`MEASURES`](crate::state::differences::MEASURES).
const QUANTITY: usize = 0;
const PROBABILITY: usize = 2;
/// The causes as the page calls them, in the order of
/// [`CAUSES`](crate::state::differences::CAUSES).
const CAUSES: [&str; 9] = [
    "demand",
    "what was learnt across items",
    "lead times",
    "stock and customers who wait",
    "what is on order",
    "terms and other tables",
    "settings",
    "another version",
    "rules across items",
];

/// What moved.
#[derive(Serialize)]
pub(super) struct Since {
    /// Why there is no night to compare with; else nothing.
    missing: String,
    moved: Option<Moved>,
}

#[derive(Serialize)]
struct Moved {
    /// Name of the night before.
    before: String,
    after: String,
    currency: String,
    /// Whether any cost is known, so that quantities have a value.
    has_costs: bool,
    value_before: String,
    value_after: String,
    quantities_changed: String,
    probabilities_changed: String,
    quantities: Vec<Mover>,
    probabilities: Vec<Mover>,
}

/// An item whose figure changed.
#[derive(Serialize)]
struct Mover {
    /// How the script names the item.
    key: String,
    sku: String,
    location: String,
    description: String,
    before: String,
    after: String,
    /// What the change of a quantity costs; empty where no cost is known.
    value: String,
    causes: String,
}

pub(super) fn section(source: &PageSource<'_>, run: &RunTables) -> Since {
    match source.before {
        Before::Night { name, state } => {
            Since { missing: String::new(), moved: Some(moved(source, run, (name, state))) }
        }
        Before::Unknown(why) => Since { missing: shown::sentence(why), moved: None },
    }
}

fn moved(source: &PageSource<'_>, run: &RunTables, night: (&str, StateView<'_>)) -> Moved {
    let ((name, before), after) = (night, source.state);
    // What was ordered and is on its way now is ordered no more: that is no news.
    let is_on_its_way =
        |row: &Row<'_>| matches!(row.text(STATE), "sent" | "confirmed" | "received");
    let ordered: BTreeSet<_> = rows(&run.ledger).filter(is_on_its_way).map(Row::item).collect();
    let is_expected = |change: &Change| {
        let is_gone = change.measure == QUANTITY && change.after.unwrap_or_default().is_zero();
        is_gone && ordered.contains(&(&*change.key.sku, &*change.key.location))
    };
    let measures = [QUANTITY, PROBABILITY];
    let largest = Largest::between(before, after, &measures, MOVERS, &is_expected);
    let of = |measure: usize| {
        let changes = largest.differences.changes.iter();
        let changes = changes.filter(|change| change.measure == measure);
        changes.map(|change| Mover::of(change, after)).collect()
    };
    Moved {
        before: shown::name(name),
        after: shown::name(source.name),
        currency: shown::name(&after.settings.currency.base),
        has_costs: [before, after]
            .iter()
            .any(|night| night.decided.iter().any(|item| item.unit_cost.is_some())),
        value_before: shown::amount(largest.differences.value_before.to_money()),
        value_after: shown::amount(largest.differences.value_after.to_money()),
        quantities_changed: shown::count(largest.changed[QUANTITY]),
        probabilities_changed: shown::count(largest.changed[PROBABILITY]),
        quantities: of(QUANTITY),
        probabilities: of(PROBABILITY),
    }
}

impl Mover {
    fn of(change: &Change, after: StateView<'_>) -> Self {
        let item = after.tables.item(&change.key.sku);
        let description = item.and_then(|item| item.description.as_deref()).unwrap_or_default();
        let is_quantity = change.measure == QUANTITY;
        let figure = |value: Option<Exact>| match (value.map(Exact::to_f64), is_quantity) {
            (Some(value), true) => shown::units(value),
            (Some(value), false) => shown::percent(value),
            (None, true) => "none".to_owned(),
            (None, false) => "—".to_owned(),
        };
        let is_worth = is_quantity && change.unit_cost > Fixed::ZERO;
        let value = change.difference().times(change.unit_cost).to_money();
        Self {
            key: format!("{}\n{}", change.key.sku, change.key.location),
            sku: shown::name(&change.key.sku),
            location: shown::name(&change.key.location),
            description: shown::name(description),
            before: figure(change.before),
            after: figure(change.after),
            value: if is_worth { signed(&shown::amount(value)) } else { String::new() },
            causes: causes(change),
        }
    }
}

/// What made a change, the largest first.
fn causes(change: &Change) -> String {
    let mut parts: Vec<(Exact, &str)> =
        change.parts.iter().copied().zip(CAUSES).filter(|(part, _)| !part.is_zero()).collect();
    parts.sort_by_key(|(part, _)| std::cmp::Reverse(part.abs()));
    let least = MIN_PART * parts.first().map_or(0.0, |(part, _)| part.abs().to_f64());

    let is_named = |(part, _): &&(Exact, &str)| part.abs().to_f64() >= least;
    let named = parts.iter().filter(is_named).take(MAX_CAUSES);
    let named: Vec<String> = named
        .map(|(part, cause)| {
            let part = part.to_f64();
            match change.measure {
                PROBABILITY => format!("{cause} {} points", signed(&shown::units(100.0 * part))),
                _ => format!("{cause} {}", signed(&shown::units(part))),
            }
        })
        .collect();
    let rest = if named.len() < parts.len() { ", and others" } else { "" };
    format!("{}{rest}", named.join(", "))
}

/// A figure with its sign, where it has one.
fn signed(text: &str) -> String {
    let is_plain = text.starts_with('-') || text == "0";
    if is_plain { text.to_owned() } else { format!("+{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::key::Key;

    fn change(measure: usize, parts: [f64; 9]) -> Change {
        let parts = parts.map(Exact::of_real);
        Change {
            key: Key::new("A", "main"),
            measure,
            before: None,
            after: Some(parts.iter().copied().sum()),
            parts,
            unit_cost: Fixed::ZERO,
        }
    }

    #[test]
    fn causes_are_named_by_their_size_and_small_ones_are_left_out() {
        let units = change(0, [-25.0, 3.0, 0.0, 0.0, -71.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(causes(&units), "what is on order -71, demand -25, and others");
        let units = change(0, [0.0, 0.0, 0.0, 0.0, 0.0, 1_200.0, 0.0, 0.0, 200.0]);
        assert_eq!(causes(&units), "terms and other tables +1,200, rules across items +200");
        let risk = change(2, [0.9219, -0.0003, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(causes(&risk), "demand +92.2 points, and others");
    }
}
