//! What was noticed about the data, and which rows were not used.

use std::collections::BTreeMap;

use serde::Serialize;

use super::run_tables::{Row, RunTables, rows};
use super::shown::{amount, count, name, sentence, word};
use crate::domain::fixed::Fixed;

/// Findings by code, and rows that were set aside.
#[derive(Serialize)]
pub(super) struct Data {
    findings: Vec<OfCode>,
    aside: Vec<Aside>,
}

/// What was found under a code.
#[derive(Serialize)]
struct OfCode {
    code: String,
    name: String,
    severity: String,
    count: String,
    example: String,
}

/// Rows of a table that were set aside for one reason.
#[derive(Serialize)]
struct Aside {
    table: String,
    reason: String,
    rows: String,
    units: String,
    value: String,
    example: String,
}

pub(super) fn section(run: &RunTables) -> Data {
    let mut by_code: BTreeMap<(u8, &str), Vec<Row<'_>>> = BTreeMap::new();
    for row in rows(&run.findings) {
        let severity =
            ["error", "warning", "info"].iter().position(|it| *it == row.text("severity"));
        let severity = severity.unwrap_or_default() as u8;
        by_code.entry((severity, row.text("code"))).or_default().push(row);
    }
    let findings = by_code.iter().map(|((_, code), found)| {
        let first = found[0];
        let (kind, message) = first.text("message").split_once(": ").unwrap_or_default();
        OfCode {
            code: name(code),
            name: word(kind),
            severity: name(first.text("severity")),
            count: count(found.len()),
            example: sentence(message),
        }
    });
    Data { findings: findings.collect(), aside: aside(run) }
}

/// What the manifest counts as set aside.
fn aside(run: &RunTables) -> Vec<Aside> {
    let counted = run.manifest.get("set_aside").and_then(|it| it.as_array());
    let rejects = || rows(&run.quarantine);
    counted
        .into_iter()
        .flatten()
        .map(|of| {
            let text = |name: &str| of.get(name).and_then(|it| it.as_str()).unwrap_or_default();
            let known_amount = |name: &str| {
                of.get(name).and_then(|it| it.as_str()).map(amount_of).unwrap_or_default()
            };
            let first = rejects()
                .find(|row| row.text("table") == text("table") && row.text("code") == text("code"));
            Aside {
                table: name(text("table")),
                reason: word(text("name")),
                rows: count(of.get("rows").and_then(|it| it.as_u64()).unwrap_or_default() as usize),
                units: known_amount("units"),
                value: known_amount("value"),
                example: first.map(|row| sentence(row.text("message"))).unwrap_or_default(),
            }
        })
        .collect()
}

/// An amount of the manifest as people read it.
fn amount_of(text: &str) -> String {
    let value = text.parse().ok().and_then(Fixed::from_f64);
    value.map_or_else(|| name(text), amount)
}
