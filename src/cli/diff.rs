//! `restock diff`: what changed from one run to another, and what made each change.

use std::path::PathBuf;
use std::process::ExitCode;

use super::args::{DiffArgs, DiffFormat};
use super::{Context, stored};
use crate::config::Settings;
use crate::error::Result;
use crate::report::differences::{Compared, csv, json, text};
use crate::state::differences::Differences;

/// Compares two stored runs.
///
/// # Errors
/// When there are no two, or one of them kept nothing that this version reads.
pub(super) fn run(context: &Context, args: &DiffArgs) -> Result<ExitCode> {
    context.without_changed_settings()?;
    let (before, after) = runs(&context.settings()?, args)?;
    let then = crate::state::read(&before)?;
    let now = crate::state::read(&after)?;
    let differences =
        context.busy("planning again", || Differences::between(then.view(), now.view()));

    match args.format {
        DiffFormat::Csv => super::print(&String::from_utf8_lossy(&csv(&differences)?))?,
        DiffFormat::Json => super::print(&json(&differences))?,
        DiffFormat::Table => {
            let (before, after) = (stored::name_of(&before), stored::name_of(&after));
            let currency = &now.settings.currency.base;
            let runs = Compared { before: &before, after: &after, currency };
            super::print_styled(&text(&differences, &runs, args.top))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The folders of the run before and the run after.
fn runs(settings: &Settings, args: &DiffArgs) -> Result<(PathBuf, PathBuf)> {
    match (&args.before, &args.after) {
        (Some(before), Some(after)) => {
            Ok((stored::named(settings, before)?, stored::named(settings, after)?))
        }
        (Some(run), None) => {
            let run = stored::named(settings, run)?;
            Ok((stored::before(settings, &run)?, run))
        }
        _ => stored::newest_two(settings),
    }
}
