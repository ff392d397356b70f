//! `restock man`: manual pages.

use std::process::ExitCode;

use super::args::ManArgs;
use super::completions::without_repeats;
use crate::error::{Error, Result};

/// Prints the manual page, or writes one for each command into a folder.
///
/// # Errors
/// When they cannot be written.
pub(super) fn run(args: &ManArgs) -> Result<ExitCode> {
    if let Some(dir) = &args.output_dir {
        std::fs::create_dir_all(dir).map_err(cannot_write)?;
        clap_mangen::generate_to(without_repeats(), dir).map_err(cannot_write)?;
    } else {
        let mut page = Vec::new();
        clap_mangen::Man::new(without_repeats()).render(&mut page).map_err(cannot_write)?;
        super::print(&String::from_utf8_lossy(&page))?;
    }

    Ok(ExitCode::SUCCESS)
}

fn cannot_write(cause: std::io::Error) -> Error {
    Error::usage("cannot write the manual pages").because(cause)
}
