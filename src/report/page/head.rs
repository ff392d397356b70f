//! The head: which run this is, the night in a sentence, and what it had to assume.

use serde::Serialize;

use super::PageSource;
use super::customers::Customers;
use super::decide::Decide;
use super::risk::Risk;
use super::run_tables::{RunTables, rows};
use super::shown::{amount, finding};
use crate::config::choices::MissingStock;
use crate::domain::calendar::date_of;
use crate::domain::fixed::Fixed;
use crate::domain::tables::Tables;
use crate::domain::wording::counted;
use crate::report::columns::STATE;

/// What the head says.
#[derive(Serialize)]
pub(super) struct Head<'a> {
    /// Name of the run.
    name: &'a str,
    as_of: String,
    version: &'a str,
    /// The first digits of the configuration's hash.
    config: String,
    /// The night in a sentence, part by part.
    said: Vec<String>,
    /// Why nothing goes out, where nothing does.
    held: Vec<String>,
    /// What was assumed in place of tables that are not given.
    assumed: Vec<String>,
    /// Where the sections are, which stays in sight.
    places: [Place; 10],
}

/// A section, with what in it waits for somebody.
#[derive(Serialize)]
struct Place {
    section: &'static str,
    title: &'static str,
    count: usize,
}

/// Sections that the sentence counts.
#[derive(Clone, Copy)]
pub(super) struct Counted<'a> {
    pub(super) decide: &'a Decide,
    pub(super) risk: &'a Risk,
    pub(super) customers: &'a Customers,
}

pub(super) fn section<'a>(
    source: &PageSource<'a>,
    run: &RunTables,
    counted: Counted<'_>,
) -> Head<'a> {
    let config = run.manifest.get("config_sha256").and_then(|it| it.as_str()).unwrap_or_default();
    Head {
        name: source.name,
        as_of: date_of(source.state.as_of).to_string(),
        version: source.state.version,
        config: config.chars().take(8).collect(),
        said: said(source, counted),
        held: held(run),
        assumed: assumed(source),
        places: places(counted),
    }
}

/// The sections of the page, in its order.
fn places(of: Counted<'_>) -> [Place; 10] {
    let review = of.decide.orders.iter().map(|order| order.review_count).sum();
    let place = |section, title, count| Place { section, title, count };
    [
        place("decide", "Decide", review),
        place("risk", "At risk", of.risk.waiting + of.risk.at_risk),
        place("customers", "Customers", of.customers.slipping_count),
        place("since", "Since the last run", 0),
        place("chase", "Chase", 0),
        place("suppliers", "Suppliers", 0),
        place("excess", "Excess", 0),
        place("data", "Data", 0),
        place("items", "All items", 0),
        place("trust", "Trust", 0),
    ]
}

/// The night in a sentence.
fn said(source: &PageSource<'_>, of: Counted<'_>) -> Vec<String> {
    let base = &source.state.settings.currency.base;
    let orders = &of.decide.orders;
    let value: Fixed = orders.iter().map(|order| order.base_value).sum();
    let lines: usize = orders.iter().map(|order| order.line_count).sum();
    let review: usize = orders.iter().map(|order| order.review_count).sum();
    let mut said = Vec::new();
    said.push(match orders.len() {
        0 => "no orders tonight".to_owned(),
        count => format!(
            "{} in {}, {} {base}",
            counted(lines, "order line"),
            counted(count, "order"),
            amount(value)
        ),
    });
    if review > 0 {
        said.push(format!("{review} of them need a person"));
    }
    let Risk { waiting, at_risk, value, .. } = of.risk;
    if *waiting > 0 {
        said.push(format!("customers wait for {}", counted(*waiting, "item")));
    }
    said.push(match at_risk {
        0 => "nothing is about to run out".to_owned(),
        count => {
            format!("{} will run out, {} {base} at stake", counted(*count, "item"), amount(*value))
        }
    });
    if of.customers.slipping_count > 0 {
        said.push(match of.customers.slipping_count {
            1 => "1 promise slips".to_owned(),
            count => format!("{count} promises slip"),
        });
    }
    said.push(match source.state.newest_order {
        None => "there is no order history".to_owned(),
        Some(newest) => match source.state.as_of - newest {
            ..=1 => "data is of yesterday".to_owned(),
            days => format!("data is {days} days old"),
        },
    });
    said
}

/// What stops every line, in the words of its findings.
fn held(run: &RunTables) -> Vec<String> {
    let mut states = rows(&run.orders).map(|row| row.text(STATE));
    let is_held = run.orders.rows() > 0 && states.all(|state| state == "held");
    if !is_held {
        return Vec::new();
    }
    let errors = rows(&run.findings).filter(|row| row.text("severity") == "error");
    let of_night = errors.filter(|row| row.item() == ("", ""));
    of_night.map(|row| finding(row.text("message"))).collect()
}

/// What was assumed in place of tables that are not given.
fn assumed(source: &PageSource<'_>) -> Vec<String> {
    let settings = source.state.settings;
    let Tables { stock, items, suppliers, receipts, purchase_orders, .. } = source.state.tables;
    let mut assumed = Vec::new();
    if stock.is_none() {
        assumed.push(match settings.plan.missing_stock {
            MissingStock::Unknown => {
                "No stock table: levels are computed and nothing is ordered.".to_owned()
            }
            MissingStock::Zero => {
                "No stock table: every item counts as out of stock, as for an opening order."
                    .to_owned()
            }
        });
    }
    if items.is_none() {
        assumed.push("No items table: no costs, packs or suppliers are known.".to_owned());
    }
    if suppliers.is_none() && receipts.is_none() {
        let days = settings.plan.lead_time_days;
        assumed.push(format!("No suppliers or receipts: lead times are taken to be {days} days."));
    }
    if purchase_orders.is_none() {
        assumed.push(
            "No table of open orders: only what restock suggested itself counts as on order."
                .to_owned(),
        );
    }
    assumed
}
