//! `restock init`: an annotated configuration and a shop to try it on, or a configuration for one's
//! own tables or for the exports of a system.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::args::InitArgs;
use super::{presets, template, voice};
use crate::error::{Error, Result};
use crate::sample;

/// Writes `restock.toml` and `data/`, or a configuration alone, and overwrites nothing.
///
/// # Errors
/// When one of the files is there already, or cannot be written.
pub(super) fn run(args: &InitArgs, quiet: bool) -> Result<ExitCode> {
    let config = args.dir.join("restock.toml");
    let files: Vec<(PathBuf, String)> = if let Some(preset) = args.preset {
        vec![(config, presets::text(preset).to_owned())]
    } else if args.empty {
        vec![(config, template::text())]
    } else {
        let data = args.dir.join("data");
        let tables = sample::files(sample::SEED);
        let tables = tables.into_iter().map(|(name, text)| (data.join(name), text));
        std::iter::once((config, sample::config_for_init())).chain(tables).collect()
    };

    if let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(Error::usage(format!(
            "{} is there already; nothing was written",
            path.display()
        ))
        .hint("name another folder: `restock init shop`"));
    }

    for (path, text) in &files {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|cause| {
            Error::usage(format!("cannot make {}", folder.display())).because(cause)
        })?;
        // `create_new` refuses a file that has appeared since the check above.
        File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(
            |cause| Error::usage(format!("cannot write {}", path.display())).because(cause),
        )?;
    }

    if !quiet {
        voice::tell(&told(args, files.len() - 1));
    }
    Ok(ExitCode::SUCCESS)
}

/// What was written where, and what to do next.
fn told(args: &InitArgs, tables: usize) -> String {
    let folder = fs::canonicalize(&args.dir).unwrap_or_else(|_| args.dir.clone());
    let step = match args.dir.components().eq(Path::new(".").components()) {
        true => String::new(),
        false => format!("cd {} && ", args.dir.display()),
    };
    if let Some(preset) = args.preset {
        return format!(
            "Wrote restock.toml into {}.\nNext: {}, then {step}restock check\n",
            folder.display(),
            presets::first_step(preset)
        );
    }
    if args.empty {
        return format!(
            "Wrote restock.toml into {}.\nNext: name your files in it, then {step}restock check\n",
            folder.display()
        );
    }
    format!(
        "Wrote restock.toml and {tables} tables into {}.\nNext: {step}restock run\n",
        folder.display()
    )
}
