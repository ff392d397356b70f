//! A lost or damaged ledger, made again from what the runs wrote of it.

use std::process::ExitCode;

use super::args::RebuildArgs;
use crate::cli::Context;
use crate::cli::voice::tell;
use crate::domain::calendar::date_of;
use crate::domain::wording::counted;
use crate::error::{Error, Result};
use crate::report::ledger::nights;
use crate::store::RunStore;
use crate::store::ledger::LEDGER_TABLE;

/// Makes the ledger again. A ledger that can be used is left alone unless that is asked for; the
/// old file is kept beside the new one.
pub(super) fn rebuild(context: &Context, args: &RebuildArgs) -> Result<ExitCode> {
    let store = RunStore::open(&context.settings()?.outputs_dir)?;
    let _lock = store.lock()?;
    let is_whole = matches!(store.ledger_to_read(), Ok(Some(_)));
    if is_whole && !args.force {
        return Err(Error::usage("the ledger can be used: there is nothing to make again").hint(
            "--force does it all the same; what was decided since the newest run is lost then",
        ));
    }

    let runs = store.runs_with(LEDGER_TABLE);
    let nights = nights(&runs)?;
    let Some((newest, _)) = nights.last() else {
        return Err(Error::data(format!(
            "no run in {} has a {LEDGER_TABLE}",
            store.dir().display()
        ))
        .hint("without one the ledger begins anew with the next run, once its file is removed"));
    };
    let kept = store.rebuild_ledger(&nights)?;
    if !context.quiet {
        let lines: usize = nights.iter().map(|(_, changes)| changes.lines.len()).sum();
        let mut text = format!(
            "The ledger is made again from {}: {}, up to {}. What was decided since is lost: look \
             at the open lines.\n",
            counted(runs.len(), "run"),
            counted(lines, "event"),
            date_of(*newest)
        );
        if let Some(kept) = kept {
            text += &format!("The old file is kept as {}\n", kept.display());
        }
        tell(&text);
    }
    Ok(ExitCode::SUCCESS)
}
