//! `restock fit`: what crosses items, learnt once for all shards of a night.

use std::process::ExitCode;

use super::Context;
use super::clock::Clock;
use super::night_args::FitArgs;
use super::start::{Earlier, Start, ToRead, sha256_of};
use crate::error::Result;
use crate::forecast::{AcrossItems, groups};
use crate::parts::fitted::{PreviousNight, ToFit, write};
use crate::pipeline::learn;
use crate::store::RunStore;

/// Reads the inputs, learns what crosses items and writes both for the shards.
///
/// # Errors
/// As the stages report them; nothing is written then.
pub(super) fn run(context: &Context, args: &FitArgs) -> Result<ExitCode> {
    let mut clock = Clock::start();
    let settings = context.settings()?;
    let store = RunStore::open(&settings.outputs_dir)?;
    let _lock = store.lock()?;
    store.recover()?;
    let ledger = store.ledger()?;
    let read = ToRead { as_of: args.as_of.as_deref(), commands: &args.commands };
    let start = Start::from_inputs(
        context,
        settings,
        Earlier { store: &store, ledger: &ledger },
        &read,
        &mut clock,
    )?;

    let panel = start.prepared.histories.open();
    let learnt = || (learn(&start.settings, &start.prepared, &panel), groups(&panel));
    let (fitted, groups) = context.busy("learning", learnt);
    drop(panel);
    let sha256 = start.previous.as_ref().map(sha256_of).unwrap_or_default();
    let previous = start.previous.as_ref().map(|previous| PreviousNight {
        name: &previous.name,
        sha256: &sha256,
        advice: &previous.said.advice,
    });
    let night = ToFit {
        settings: &start.settings,
        inputs: &start.inputs,
        open_orders: &start.open_orders,
        prepared: &start.prepared,
        across: AcrossItems { fitted: &fitted, groups: &groups },
        order_now: args.order_now,
        ledger_sha256: &start.ledger_sha256,
        previous,
    };
    context.busy("writing", || write(&args.output, &night))?;

    if !context.quiet {
        let (items, seconds) = (start.prepared.keys.len(), clock.seconds());
        super::voice::tell(&format!(
            "Fitted {items} items in {seconds:.1} s: {}\n",
            args.output.display()
        ));
    }
    Ok(ExitCode::SUCCESS)
}
