//! `manifest.json`: what went into a run and what came out, so that it can be made again.

use std::collections::BTreeMap;

use serde::Serialize;

use super::previous::Previous;
use super::set_aside;
use crate::config::Settings;
use crate::domain::calendar::date_of;
use crate::io::Loaded;
use crate::io::sha256;
use crate::pipeline::NightPlan;
use crate::plan::decisions;

#[derive(Serialize)]
struct Manifest<'a> {
    version: &'static str,
    config_sha256: String,
    seed: u64,
    as_of: String,
    order_now: bool,
    previous_run: Option<&'a str>,
    previous_run_sha256: Option<&'a BTreeMap<&'static str, String>>,
    forecast_run: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ledger_sha256: Option<&'a str>,
    inputs: Vec<ManifestInput<'a>>,
    set_aside: Vec<ManifestAside>,
    rows_out: BTreeMap<&'static str, usize>,
    decisions: BTreeMap<&'static str, usize>,
}

/// What was asked of a run beside its configuration and inputs.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Whether the night was an order date whatever the suppliers' calendars say.
    pub order_now: bool,
    /// The run that it is compared with.
    pub previous: Option<&'a Previous>,
    /// SHA-256 of the ledger as it stood at the start of the night.
    pub ledger_sha256: Option<&'a str>,
}

#[derive(Serialize)]
struct ManifestInput<'a> {
    table: &'static str,
    path: &'a str,
    bytes: u64,
    rows: u64,
    used: u64,
    set_aside: BTreeMap<String, u64>,
    sha256: &'a str,
}

/// Rows of a table that were set aside for one reason.
#[derive(Serialize)]
struct ManifestAside {
    table: &'static str,
    code: &'static str,
    name: &'static str,
    rows: u64,
    /// What rows of orders come to, where their quantities can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    units: Option<String>,
    /// The same in base money.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

fn set_aside(inputs: &Loaded) -> Vec<ManifestAside> {
    let of = |count: set_aside::AsideCount| {
        let sums = inputs.set_aside.by_code.get(&count.code);
        let sums = sums.filter(|sums| count.table == "orders" && sums.unread < sums.rows);
        ManifestAside {
            table: count.table,
            code: count.code.id(),
            name: count.code.name(),
            rows: count.rows,
            units: sums.map(|sums| sums.units.to_string()),
            value: sums.map(|sums| sums.money.to_string()),
        }
    };
    set_aside::counts(&inputs.inputs).into_iter().map(of).collect()
}

/// The manifest as pretty JSON.
#[must_use]
pub fn json(
    settings: &Settings,
    inputs: &Loaded,
    plan: &NightPlan<'_>,
    asked: &Asked<'_>,
) -> String {
    let files = inputs.inputs.iter().map(|input| ManifestInput {
        table: input.table,
        path: &input.path_as_written,
        bytes: input.bytes,
        rows: input.rows,
        used: input.used,
        set_aside: input
            .set_aside
            .iter()
            .map(|(code, rows)| (format!("{} {}", code.id(), code.name()), *rows))
            .collect(),
        sha256: &input.sha256,
    });

    let manifest = Manifest {
        version: env!("CARGO_PKG_VERSION"),
        config_sha256: sha256(settings.canonical.as_bytes()),
        seed: settings.run.seed,
        as_of: date_of(inputs.as_of).to_string(),
        order_now: asked.order_now,
        previous_run: asked.previous.map(|previous| previous.name.as_str()),
        previous_run_sha256: asked.previous.map(|previous| &previous.read),
        forecast_run: asked.previous.and_then(|previous| previous.forecast_run.as_deref()),
        ledger_sha256: asked.ledger_sha256,
        inputs: files.collect(),
        set_aside: set_aside(inputs),
        rows_out: BTreeMap::from([
            ("plan", plan.entries.len()),
            ("purchase_orders", plan.book.lines.len()),
            ("backorder_risk", plan.desk.risks.rows.len()),
            ("promises", plan.desk.promises.len()),
            ("exceptions", plan.findings.len()),
            ("quarantine", inputs.rejects.len()),
        ]),
        decisions: decisions(&plan.entries)
            .into_iter()
            .map(|(decision, count)| (decision.as_str(), count))
            .collect(),
    };

    // A tree of texts and numbers always serialises.
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
    format!("{text}\n")
}
