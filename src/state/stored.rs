//! The state in the directory of its run.

use std::borrow::Cow;
use std::path::Path;

use super::file;
use super::kept::{DecidedItem, State, StateView, VERSION, Written, WrittenLedger};
use crate::config::Settings;
use crate::demand::prepare::Prepared;
use crate::domain::tables::CleanDemand;
use crate::error::{Error, Result};
use crate::forecast::{Fitted, Forecasts};
use crate::io::{Loaded, SetAside, bytes_of, sinks};
use crate::ledger::Opening;
use crate::night::{NightPlan, PreviousRun};

/// The file of a run directory that holds its state.
pub const STATE_FILE: &str = "state.bin.zst";

/// What is done where a state cannot be used.
const HINT: &str = "make the run again with this version: `restock run --as-of` its date";

/// What a night asks and gives beside its inputs, to be kept.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'a> {
    /// Which items there are.
    pub prepared: &'a Prepared,
    /// What was learnt across items.
    pub fitted: &'a Fitted,
    /// The demand ahead.
    pub forecasts: &'a Forecasts,
    /// Whether it was an order date whatever the suppliers' calendars said.
    pub order_now: bool,
    /// What the run before it said.
    pub previous: Option<&'a PreviousRun>,
    /// What became of the orders of earlier nights.
    pub ledger: Option<&'a Opening>,
    /// What was decided, by prepared item: [`decided`].
    pub decided: &'a [DecidedItem],
}

impl<'a> Kept<'a> {
    /// The same as one that was read back shows it.
    #[must_use]
    pub fn view(&self, settings: &'a Settings, inputs: &'a Loaded) -> StateView<'a> {
        StateView {
            version: VERSION,
            as_of: inputs.as_of,
            newest_order: inputs.newest_order,
            settings,
            tables: &inputs.tables,
            prepared: self.prepared,
            fitted: self.fitted,
            forecasts: self.forecasts,
            order_now: self.order_now,
            ledger: self.ledger,
            decided: self.decided,
        }
    }
}

/// Writes the state of a night into its run directory.
///
/// # Errors
/// When the file cannot be written.
pub fn write(dir: &Path, settings: &Settings, inputs: &Loaded, kept: &Kept<'_>) -> Result<()> {
    let Kept { prepared, fitted, forecasts, order_now, previous, ledger, decided } = *kept;
    let written = Written {
        settings: settings.as_toml().into(),
        as_of: inputs.as_of,
        newest_order: inputs.newest_order,
        tables: Cow::Borrowed(&inputs.tables),
        findings: inputs.findings.as_slice().into(),
        stock_coverage: inputs.stock_coverage,
        prepared: Cow::Borrowed(prepared),
        fitted: Cow::Borrowed(fitted),
        forecasts: Cow::Borrowed(forecasts),
        order_now,
        is_compared: previous.is_some(),
        advice: previous.map_or_else(Cow::default, |run| Cow::Borrowed(&run.advice)),
        previous_stock_rows: previous.and_then(|run| run.stock_rows),
        ledger: ledger.map(WrittenLedger::of),
        decided: Cow::Borrowed(decided),
    };

    file::encode(&written, sinks::create_file(&dir.join(STATE_FILE))?).map(drop)
}

/// What a night decided, by prepared item: it planned all of them.
#[must_use]
pub fn decided(plan: &NightPlan<'_>) -> Vec<DecidedItem> {
    let planned = plan.entries.iter().filter_map(|entry| entry.planned());
    let mut decided = Vec::with_capacity(plan.own_quantities.len());
    for (item, own_quantity) in planned.zip(&plan.own_quantities) {
        decided.push(DecidedItem {
            own_quantity: *own_quantity,
            order_quantity: item.row.quantity(),
            reorder_point: item.row.levels.reorder_point,
            stockout_probability: item.row.risk.map(|risk| risk.stockout_probability).into(),
            unit_cost: item.facts.unit_cost,
        });
    }
    decided
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
    if written.decided.len() != prepared.keys.len() {
        return Err(about("what was decided does not fit its items".to_owned()));
    }
    let forecasts = written.forecasts.into_owned().with_changes(prepared.changes.clone());
    let advice = written.advice.into_owned();
    let stock_rows = written.previous_stock_rows;
    let previous = PreviousRun { advice, stock_rows, ..PreviousRun::default() };
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
        previous: written.is_compared.then_some(previous),
        ledger: written.ledger.map(WrittenLedger::into_opening),
        decided: written.decided.into_owned(),
    })
}
