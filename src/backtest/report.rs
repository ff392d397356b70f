//! All policies replayed and put side by side.

use std::io::Write;

use crate::config::Settings;
use crate::error::Result;
use crate::io::Past;
use crate::io::sinks::table::{SimpleTable, TableFormat, Values};

use super::build::{Scenario, Stage, build};
use super::compare::{Entry, Row, compare};
use super::nightly::{self, Variant};
use super::policies::{Cover, Foresight, RootOfMean, Textbook};
use super::run::{Policy, replay};

/// A backtest.
#[derive(Debug)]
pub struct Backtest {
    /// The world.
    pub stage: Stage,
    /// The comparison.
    pub rows: Vec<Row>,
    /// Forecast errors.
    pub errors: [[f64; 3]; 3],
}

/// Replays every policy.
///
/// # Errors
/// As the pipeline reports them.
pub fn replay_all(
    settings: &Settings,
    past: &mut Past,
    scenario: &Scenario,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Backtest> {
    let stage = build(settings, past, scenario)?;
    let variants = vec![Variant { name: "restock".into(), settings: settings.clone(), target: None }];
    let nightly = nightly::replay(&stage, past, &variants, scenario, progress)?;
    let mut entries: Vec<Entry> = nightly
        .runs
        .into_iter()
        .zip(&variants)
        .map(|(run, variant)| Entry { name: variant.name.clone(), run, has_foresight: false })
        .collect();
    let mut add = |name: &str, policy: &mut dyn Policy, has_foresight: bool| {
        let run = replay(&stage.world, scenario.start_cover_weeks, policy);
        entries.push(Entry { name: name.to_owned(), run, has_foresight });
    };
    for weeks in [2.0, 3.0, 4.0, 6.0, 8.0] {
        add(&format!("cover {weeks} weeks"), &mut Cover { weeks }, false);
    }
    add("mean, projected, + 0.725 root", &mut RootOfMean { factor: 0.725 }, false);
    add("textbook z 1.645", &mut Textbook { z: 1.645 }, false);
    add("perfect foresight", &mut Foresight { world: &stage.world }, true);
    let chosen = vec![true; stage.world.len()];
    let rows = compare(&entries, &[], &chosen, settings.run.seed);
    Ok(Backtest { rows, stage, errors: nightly.errors })
}

impl Backtest {
    /// Prints the comparison.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn print(&self, format: TableFormat, writer: &mut (impl Write + Send)) -> Result<()> {
        let real = |of: &dyn Fn(&Row) -> f64| Values::Real(self.rows.iter().map(of).collect());
        let table = SimpleTable::default()
            .with("policy", Values::Text(self.rows.iter().map(|row| row.name.clone()).collect()))
            .with("money", real(&|row| row.money.value))
            .with("low", real(&|row| row.money.low))
            .with("high", real(&|row| row.money.high))
            .with("holding", real(&|row| row.total.holding))
            .with("shortage", real(&|row| row.total.shortage))
            .with("ordering", real(&|row| row.total.ordering))
            .with("fill", real(&|row| row.total.fill_rate()))
            .with("cycle", real(&|row| row.total.cycle_service()))
            .with("ready", real(&|row| row.total.ready_rate()));
        table.write(format, writer)?;
        let shares: Vec<f64> = self.errors.iter().map(|sums| sums[0] / sums[2].max(1e-9)).collect();
        let bias: Vec<f64> = self.errors.iter().map(|sums| sums[1] / sums[2].max(1e-9)).collect();
        let _ = writeln!(writer, "WAPE {shares:?} bias {bias:?}");
        Ok(())
    }
}
