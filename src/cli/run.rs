//! `restock run`: the nightly job, or one shard of it.

use std::path::Path;
use std::process::ExitCode;

use super::Context;
use super::night::{Source, make};
use super::night_args::RunArgs;
use crate::domain::wording::counted;
use crate::error::{Error, Result};
use crate::parts::{FittedNight, Shard};

/// Runs every stage and publishes one run directory, or writes one part of a night.
///
/// # Errors
/// As the stages report them; nothing is published then.
pub(super) fn run(context: &Context, args: &RunArgs) -> Result<ExitCode> {
    match (args.shard, &args.fitted, &args.output) {
        (Some(shard), Some(fitted), Some(output)) => {
            let night = ToPlan { fitted, as_of: args.as_of.as_deref() };
            run_shard(context, shard, &night, output)
        }
        _ => make(context, &args.publish, Source::Inputs(args)),
    }
}

/// The night that a shard is of.
struct ToPlan<'a> {
    fitted: &'a Path,
    /// The day that it has to stand at; `None` for any.
    as_of: Option<&'a str>,
}

/// Forecasts and plans the items of one shard, each by itself, and writes the part.
fn run_shard(
    context: &Context,
    shard: Shard,
    ToPlan { fitted, as_of }: &ToPlan<'_>,
    output: &Path,
) -> Result<ExitCode> {
    let settings = context.settings()?;
    let night = context.busy("reading", || FittedNight::read(fitted, &settings, Some(shard)))?;
    let fitted_for = &night.manifest.as_of;
    if let Some(asked) = as_of.filter(|asked| asked != fitted_for) {
        let message = format!("--as-of {asked}: {} is fitted for {fitted_for}", fitted.display());
        return Err(Error::usage(message).hint("leave out --as-of, or fit again"));
    }

    let bar = context.progress("forecasting");
    let forecasts = night.forecasts(&settings, &|done, of| bar.share(done, of));
    bar.finish();
    let bar = context.progress("planning");
    let part = night.part(&settings, shard, forecasts, &|done, of| bar.share(done, of));
    bar.finish();
    part.write(output, night.made_from())?;

    if !context.quiet {
        let items = counted(part.index.len(), "item");
        super::voice::tell(&format!("Shard {shard}: {items}: {}\n", output.display()));
    }
    Ok(ExitCode::SUCCESS)
}
