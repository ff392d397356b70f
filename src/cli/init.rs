//! `restock init`: an annotated configuration and a shop to try it on.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use super::args::InitArgs;
use crate::error::{Error, Result};
use crate::sample;

/// Writes `restock.toml` and `data/`, and overwrites nothing.
///
/// # Errors
/// When one of the files is there already, or cannot be written.
pub(super) fn run(args: &InitArgs, quiet: bool) -> Result<ExitCode> {
    let mut files: Vec<(PathBuf, String)> =
        vec![(args.dir.join("restock.toml"), sample::config_for_init())];
    let data = args.dir.join("data");
    files.extend(
        sample::files(sample::SEED).into_iter().map(|(name, text)| (data.join(name), text)),
    );

    if let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(Error::usage(format!(
            "{} is there already; nothing was written",
            path.display()
        ))
        .hint("name another folder: `restock init shop`"));
    }

    fs::create_dir_all(&data)
        .map_err(|cause| Error::usage(format!("cannot make {}", data.display())).because(cause))?;
    for (path, text) in &files {
        // `create_new` refuses a file that has appeared since the check above.
        File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(
            |cause| Error::usage(format!("cannot write {}", path.display())).because(cause),
        )?;
    }

    if !quiet {
        eprintln!("Wrote restock.toml and {} tables into {}.", files.len() - 1, args.dir.display());
        eprintln!("Next: restock run --config {}", args.dir.join("restock.toml").display());
    }
    Ok(ExitCode::SUCCESS)
}
