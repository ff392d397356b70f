//! What a night stood on and what it decided, kept in its run directory: from it a decision is
//! explained, or compared with another night's, without reading an input or forecasting again.

mod file;

use std::borrow::Cow;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::config::Settings;
use crate::demand::prepare::Prepared;
use crate::domain::calendar::Day;
use crate::domain::finding::Finding;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::stock_coverage::StockCoverage;
use crate::domain::tables::{CleanDemand, Tables};
use crate::error::{Error, Result};
use crate::forecast::{Fitted, Forecasts};
use crate::io::{Loaded, SetAside, bytes_of, sinks};
use crate::night::{Night, PreviousRun, Scope, Tonight};
use crate::plan::open_order_advice::PreviousAdvice;

/// The file of a run directory that holds its state.
pub const STATE_FILE: &str = "state.bin.zst";

/// What is done where a state cannot be used.
const HINT: &str = "make the run again with this version: `restock run --as-of` its date";

/// What a run stood on and what it decided.
#[derive(Debug)]
pub struct State {
    /// The version of the program that made it.
    pub version: String,
    /// Its settings. Paths of inputs start where the program does.
    pub settings: Settings,
    /// Its tables but those that only histories are made of and customers are told by; no orders.
    pub inputs: Loaded,
    /// Its items and their histories.
    pub prepared: Prepared,
    /// What was learnt across items.
    pub fitted: Fitted,
    /// The demand ahead.
    pub forecasts: Forecasts,
    /// Whether the night was an order date whatever the suppliers' calendars said.
    pub order_now: bool,
    /// What the run before it said, as far as its plan read that.
    pub previous: PreviousRun,
    /// What was decided, by item; sorted.
    pub decided: Vec<DecidedItem>,
}

/// What was decided for one planned item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecidedItem {
    /// The item.
    pub key: Key,
    /// Units sized by itself; `None` where nothing was.
    pub own_quantity: Option<Fixed>,
    /// Units after what crosses items: `order_quantity` of the plan.
    pub order_quantity: Option<Fixed>,
    /// Its reorder point, units.
    pub reorder_point: f64,
    /// The chance that it runs short; `None` where it is not known.
    pub stockout_probability: Option<f64>,
    /// Cost of a unit, base currency; `None` where it is not known.
    pub unit_cost: Option<Fixed>,
}

/// What a night asks and gives beside its inputs, to be kept.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'a> {
    /// Which items there are.
    pub prepared: &'a Prepared,
    /// What was found.
    pub night: &'a Night<'a>,
    /// Whether it was an order date whatever the suppliers' calendars said.
    pub order_now: bool,
    /// What the run before it said.
    pub previous: Option<&'a PreviousRun>,
}

/// The state as it is written: the order of these fields is that of the bytes.
#[derive(Serialize, Deserialize)]
struct Written<'a> {
    settings: Cow<'a, str>,
    as_of: Day,
    newest_order: Option<Day>,
    tables: Cow<'a, Tables>,
    findings: Cow<'a, [Finding]>,
    stock_coverage: StockCoverage,
    prepared: Cow<'a, Prepared>,
    fitted: Cow<'a, Fitted>,
    forecasts: Cow<'a, Forecasts>,
    order_now: bool,
    is_compared: bool,
    advice: Cow<'a, PreviousAdvice>,
    previous_stock_rows: Option<u64>,
    decided: Vec<DecidedItem>,
}

/// Writes the state of a night into its run directory.
///
/// # Errors
/// When the file cannot be written.
pub fn write(dir: &Path, settings: &Settings, inputs: &Loaded, kept: &Kept<'_>) -> Result<()> {
    let Kept { prepared, night, order_now, previous } = *kept;
    let written = Written {
        settings: settings.as_toml().into(),
        as_of: inputs.as_of,
        newest_order: inputs.newest_order,
        tables: Cow::Borrowed(&inputs.tables),
        findings: inputs.findings.as_slice().into(),
        stock_coverage: inputs.stock_coverage,
        prepared: Cow::Borrowed(prepared),
        fitted: Cow::Borrowed(&night.fitted),
        forecasts: Cow::Borrowed(&night.forecasts),
        order_now,
        is_compared: previous.is_some(),
        advice: previous.map_or_else(Cow::default, |run| Cow::Borrowed(&run.advice)),
        previous_stock_rows: previous.and_then(|run| run.stock_rows),
        decided: decided(night),
    };

    sinks::write_bytes(&dir.join(STATE_FILE), &file::encode(&written)?)
}

/// What a night decided, by item.
fn decided(night: &Night<'_>) -> Vec<DecidedItem> {
    let planned = night.plan.entries.iter().filter_map(|entry| entry.planned());
    let own = night.plan.own_quantities.iter();
    planned
        .zip(own)
        .map(|(item, own_quantity)| DecidedItem {
            key: item.key().clone(),
            own_quantity: *own_quantity,
            order_quantity: item.row.quantity(),
            reorder_point: item.row.levels.reorder_point,
            stockout_probability: item.row.risk.map(|risk| risk.stockout_probability),
            unit_cost: item.facts.unit_cost,
        })
        .collect()
}

/// Reads the state of the run in a directory.
///
/// # Errors
/// A data error where the run kept none, or one that this version cannot read.
pub fn read(dir: &Path) -> Result<State> {
    let path = dir.join(STATE_FILE);
    let about = |message: String| Error::data(format!("{}: {message}", path.display())).hint(HINT);
    let bytes = bytes_of(&path).map_err(|cause| about(cause.message))?;
    let (version, written) = file::decode(&bytes).map_err(|fault| about(fault.to_string()))?;
    let settings = Settings::of_toml(&written.settings)
        .map_err(|cause| about(format!("its settings are not read: {}", cause.message)))?;

    let prepared = written.prepared.into_owned().with_launches();
    let forecasts = written.forecasts.into_owned().with_changes(prepared.changes.clone());
    let advice = written.advice.into_owned();
    let stock_rows = written.previous_stock_rows;
    Ok(State {
        version,
        settings,
        inputs: Loaded {
            as_of: written.as_of,
            demand: CleanDemand::default(),
            tables: written.tables.into_owned(),
            rejects: Vec::new(),
            findings: written.findings.into_owned(),
            inputs: Vec::new(),
            newest_order: written.newest_order,
            rows_ahead: None,
            set_aside: SetAside::default(),
            stock_coverage: written.stock_coverage,
        },
        prepared,
        fitted: written.fitted.into_owned(),
        forecasts,
        order_now: written.order_now,
        previous: PreviousRun { advice, stock_rows, ..PreviousRun::default() },
        decided: written.decided,
    })
}

impl State {
    /// What that night was asked, for these items.
    #[must_use]
    pub fn asked<'a>(&'a self, scope: Scope<'a>) -> Tonight<'a> {
        Tonight {
            scope,
            order_now: self.order_now,
            previous: Some(&self.previous),
            ..Tonight::plain()
        }
    }
}
