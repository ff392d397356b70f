//! `restock merge`: the parts of a night, made one run.

use std::process::ExitCode;

use super::Context;
use super::night::{Source, make};
use super::night_args::MergeArgs;
use crate::error::Result;

/// Plans what crosses items on what the parts hold, and publishes the run.
///
/// # Errors
/// When parts are missing, doubled or foreign, and as the stages report them; nothing is published
/// then.
pub(super) fn run(context: &Context, args: &MergeArgs) -> Result<ExitCode> {
    make(context, &args.publish, Source::Parts(args))
}
