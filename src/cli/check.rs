//! `restock check`: is the configuration right, and can the inputs be used?

use std::fmt::Write;
use std::process::ExitCode;

use super::Context;
use super::args::CheckArgs;
use crate::domain::finding::Code;
use crate::error::Result;
use crate::io::{Loaded, SetAsideSums, load_all_problems};

/// Reads everything, writes nothing, and says what is wrong.
///
/// # Errors
/// The gravest problem of the inputs, once all are printed.
pub(super) fn run(context: &Context, args: &CheckArgs) -> Result<ExitCode> {
    if args.list {
        super::print(&list())?;
        return Ok(ExitCode::SUCCESS);
    }

    let settings = context.settings()?;
    let as_of = super::dates::as_of(context, args.as_of.as_deref())?;
    let progress = context.progress("reading");
    let (loaded, errors) = load_all_problems(&settings, as_of, &progress);
    progress.finish();
    if let Some(loaded) = &loaded {
        super::print(&report(loaded))?;
    }

    let mut errors = errors.into_iter();
    let Some(last) = errors.next_back() else { return Ok(ExitCode::SUCCESS) };
    // The last one is printed where every error of a command is.
    errors.for_each(|error| super::say(&error));
    Err(last)
}

/// What was read and what was set aside, by code.
fn report(loaded: &Loaded) -> String {
    let mut text = String::from("The configuration is valid and the inputs can be used.\n");
    for (code, SetAsideSums { rows, .. }) in &loaded.set_aside.by_code {
        // Writing to a String cannot fail.
        let unit = if *rows == 1 { "row" } else { "rows" };
        let (id, name, meaning) = (code.id(), code.name(), code.meaning());
        let _ = writeln!(text, "{rows:>9} {unit:<4}  {id} {name}: {meaning}");
        let _ = writeln!(text, "                {}", code.hint());
    }
    text
}

/// Every code as an aligned table.
fn list() -> String {
    let width = Code::ALL.iter().map(|code| code.name().len()).max().unwrap_or(0);
    let mut text = String::new();
    for code in Code::ALL {
        let severity = code.severity().as_str();
        let (id, name, meaning) = (code.id(), code.name(), code.meaning());
        let _ = writeln!(text, "{id}  {name:width$}  {severity:7}  {meaning} {}", code.hint());
    }
    text
}
