//! The folder of runs: one run at a time, each whole or absent, the last good one never lost.
//!
//! A run is built in the directory `.building-<name>` and renamed to `<name>` once every file is on
//! disk. Whenever the process dies, the folder holds the last good run under its name, or under
//! `<name>.N`, from where [`RunStore::recover`] puts it back.

mod folder;
pub mod ledger;
mod lock;
pub mod packed;
mod spool;
mod staging;

use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

pub use folder::Folder;
pub use ledger::Ledger;
pub use lock::RunLock;
pub use spool::Spool;
pub use staging::{Outcome, Published, Staging};

use crate::domain::calendar::{Day, day_of};
use crate::domain::ledger::LedgerChanges;
use crate::error::{Error, Result};

/// The names of runs under construction begin with this until they are whole.
const BUILDING: &str = ".building-";

/// The folder for what commands print, while a run reads it.
const SPOOL: &str = ".spool";

/// The file by which a directory is known as a whole run, and as one of ours.
pub const MANIFEST: &str = "manifest.json";

/// The folder of runs, `outputs.dir`.
#[derive(Debug, Clone)]
pub struct RunStore {
    dir: PathBuf,
}

impl RunStore {
    /// Opens the folder, making it if need be.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir).map_err(|cause| {
            Error::config(format!("cannot make the output folder {}", dir.display()))
                .because(cause)
                .hint("set `outputs.dir` to a folder that may be written to")
        })?;
        Ok(Self { dir: dir.to_path_buf() })
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Takes the folder for one run; held until dropped or the process ends.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`](crate::error::ErrorKind::Locked) while another run holds it.
    pub fn lock(&self) -> Result<RunLock> {
        RunLock::take(&self.dir)
    }

    /// A folder for what commands print, for one run. To be called under the lock, once the folder
    /// was tidied up.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn spool(&self) -> Result<Spool> {
        Spool::at(self.dir.join(SPOOL))
    }

    /// Tidies up after runs that were killed. To be called under the lock.
    ///
    /// A run whose night stands in the ledger gets its name. Others that were not finished are
    /// removed. If a run is missing while `<name>.N` exists,
    /// because the process died between the two renames of a replacement, the one with the highest
    /// N is renamed back.
    ///
    /// # Errors
    /// When the folder cannot be read or changed.
    pub fn recover(&self) -> Result<()> {
        if Ledger::is_in(&self.dir) {
            staging::finish(&self.dir, &mut Ledger::open(&self.dir)?)?;
        }

        let names = self.names()?;

        let is_left = |name: &&String| name.starts_with(BUILDING) || *name == SPOOL;
        for name in names.iter().filter(is_left) {
            let path = self.dir.join(name);
            tracing::info!(path = %path.display(), "removing what a killed run left");
            fs::remove_dir_all(&path).map_err(|cause| cannot("remove", &path, cause))?;
        }

        for (name, number) in newest_kept(&names) {
            let (kept, run) = (self.dir.join(format!("{name}.{number}")), self.dir.join(&name));

            if !run.exists() && is_whole(&kept) {
                tracing::warn!(
                    path = %run.display(),
                    "restoring the run that a killed one was replacing"
                );
                fs::rename(&kept, &run).map_err(|cause| cannot("rename", &kept, cause))?;
                sync_dir(&self.dir)?;
            }
        }
        Ok(())
    }

    /// Starts a run called `<as_of>` or `<as_of>-<label>`.
    ///
    /// # Errors
    /// When the name is not a run's name, or the folder cannot be written to.
    pub fn begin(&self, name: &str) -> Result<Staging> {
        if !is_run_name(name) {
            return Err(Error::usage(format!("`{name}` is no name for a run")).hint(format!(
                "a label is made of letters, digits, `_` and `-`, at most {MAX_LABEL_BYTES}"
            )));
        }
        Staging::begin(&self.dir, name)
    }

    /// The ledger of the folder, made if there is none yet. To be called under the lock.
    ///
    /// # Errors
    /// When it cannot be used, and when runs say that there was one: an empty ledger would order
    /// again what they ordered.
    pub fn ledger(&self) -> Result<Ledger> {
        let Some(run) = self.runs_with(ledger::LEDGER_TABLE).pop() else {
            return Ledger::open(&self.dir);
        };
        let lacks = |what: &str| {
            let file = self.dir.join(ledger::LEDGER_FILE);
            let message = format!("the ledger {} {what} {}", file.display(), run.display());
            Error::data(message).hint(ledger::WAY_BACK)
        };
        if !Ledger::is_in(&self.dir) {
            return Err(lacks("is gone or empty, and one was there for the run"));
        }
        let ledger = Ledger::open(&self.dir)?;
        let name = run.file_name().and_then(|name| name.to_str());
        let night = name.and_then(date_of_name).map(day_of);
        match ledger.newest_night()? {
            Some(newest) if Some(newest) >= night => Ok(ledger),
            _ => Err(lacks("is older than the run")),
        }
    }

    /// The ledger of the folder, for reading alone; `None` if there is none.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn ledger_to_read(&self) -> Result<Option<Ledger>> {
        Ledger::is_in(&self.dir).then(|| Ledger::open_to_read(&self.dir)).transpose()
    }

    /// Makes the ledger again of what each night wrote, oldest first; gives where the old file is
    /// kept. To be called under the lock.
    ///
    /// # Errors
    /// When it cannot be written; the old file is as it was then.
    pub fn rebuild_ledger(&self, nights: &[(Day, LedgerChanges)]) -> Result<Option<PathBuf>> {
        let new = self.dir.join(format!("{BUILDING}ledger"));
        if new.exists() {
            fs::remove_dir_all(&new).map_err(|cause| cannot("remove", &new, cause))?;
        }
        fs::create_dir(&new).map_err(|cause| cannot("make", &new, cause))?;
        let mut ledger = Ledger::open(&new)?;
        for (night, changes) in nights {
            ledger.write(*night, changes, None)?;
        }
        drop(ledger);

        let file = self.dir.join(ledger::LEDGER_FILE);
        let kept = file.exists().then(|| {
            let free = (1..).map(|at| self.dir.join(format!("{}.{at}", ledger::LEDGER_FILE)));
            free.into_iter().find(|path| !path.exists()).unwrap_or_else(|| file.clone())
        });
        if let Some(kept) = &kept {
            fs::rename(&file, kept).map_err(|cause| cannot("rename", &file, cause))?;
        }
        let built = new.join(ledger::LEDGER_FILE);
        fs::rename(&built, &file).map_err(|cause| cannot("rename", &built, cause))?;
        fs::remove_dir_all(&new).map_err(|cause| cannot("remove", &new, cause))?;
        sync_dir(&self.dir)?;
        Ok(kept)
    }

    /// The whole runs without a label that have a file, oldest first.
    #[must_use]
    pub fn runs_with(&self, file: &str) -> Vec<PathBuf> {
        let names = self.names().unwrap_or_default();
        let nightly = names.iter().filter(|name| date_of_name(name).is_some());
        let mut runs: Vec<PathBuf> = nightly.map(|name| self.dir.join(name)).collect();
        runs.sort();
        runs.retain(|run| is_whole(run) && run.join(file).is_file());
        runs
    }

    /// The newest whole run before `as_of`. Runs with a label and replaced ones do not count.
    #[must_use]
    pub fn previous(&self, as_of: NaiveDate) -> Option<PathBuf> {
        let names = self.names().ok()?;
        let before =
            names.iter().filter(|name| date_of_name(name).is_some_and(|date| date < as_of));

        // Names are ISO dates, so their order is the dates' order.
        let mut runs: Vec<PathBuf> = before.map(|name| self.dir.join(name)).collect();
        runs.sort();

        runs.into_iter().rev().find(|run| is_whole(run))
    }

    /// The names in the folder, sorted.
    fn names(&self) -> Result<Vec<String>> {
        let entries = fs::read_dir(&self.dir).map_err(|cause| cannot("read", &self.dir, cause))?;
        let mut names = Vec::new();

        for entry in entries {
            let entry = entry.map_err(|cause| cannot("read", &self.dir, cause))?;
            // A name that is not UTF-8 is not that of a run.
            names.extend(entry.file_name().into_string());
        }

        names.sort();
        Ok(names)
    }
}

/// For each run of which replaced ones are kept, the highest number.
fn newest_kept(names: &[String]) -> Vec<(String, u32)> {
    let mut newest = std::collections::BTreeMap::new();
    for (name, number) in names.iter().filter_map(|name| split_kept(name)) {
        let highest = newest.entry(name.to_owned()).or_insert(number);
        *highest = number.max(*highest);
    }
    newest.into_iter().collect()
}

/// `2026-06-29.3` is run `2026-06-29` kept as number 3.
fn split_kept(name: &str) -> Option<(&str, u32)> {
    let (run, number) = name.rsplit_once('.')?;
    let is_number = !number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && is_run_name(run) { Some((run, number.parse().ok()?)) } else { None }
}

/// The date of a run without a label.
fn date_of_name(name: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(name, "%Y-%m-%d").ok()?;
    (date.format("%Y-%m-%d").to_string() == name).then_some(date)
}

/// Whether this is `<as_of>` or `<as_of>-<label>`.
fn is_run_name(name: &str) -> bool {
    let Some((date, rest)) = name.split_at_checked(10) else { return false };
    let label = rest.strip_prefix('-');

    date_of_name(date).is_some() && (rest.is_empty() || label.is_some_and(is_label))
}

/// The longest label, bytes. Judgement: with the date and `.building-` before it, it fits the names
/// of every file system, and still a terminal.
pub const MAX_LABEL_BYTES: usize = 80;

/// Whether a text can be the label of a run.
#[must_use]
pub fn is_label(text: &str) -> bool {
    (1..=MAX_LABEL_BYTES).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// Whether a directory is a finished run.
fn is_whole(run: &Path) -> bool {
    run.join(MANIFEST).is_file()
}

/// Brings a directory's entries to disk, so that a rename outlives a power cut.
fn sync_entries(dir: &Path) -> std::io::Result<()> {
    // Windows cannot open a directory as a file, and writes its entries through by itself.
    if cfg!(unix) { fs::File::open(dir)?.sync_all() } else { Ok(()) }
}

/// The same in the folder of runs.
fn sync_dir(dir: &Path) -> Result<()> {
    sync_entries(dir).map_err(|cause| cannot("write", dir, cause))
}

/// A fault of the file system, with the path.
fn cannot(what: &str, path: &Path, cause: std::io::Error) -> Error {
    Error::internal(format!("cannot {what} {}", path.display()))
        .because(cause)
        .hint("check the permissions and the free space of `outputs.dir`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_named_by_its_date_and_perhaps_a_label() {
        for name in ["2026-06-29", "2026-06-29-what_if-2"] {
            assert!(is_run_name(name), "{name}");
        }
        for name in [
            "",
            "2026-6-29",
            "2026-02-30",
            "2026-06-29-",
            "2026-06-29.1",
            "2026-06-29-../x",
            "2026-06-29x",
            "ää26-06-29",
        ] {
            assert!(!is_run_name(name), "{name}");
        }
    }

    #[test]
    fn a_kept_run_has_a_plain_number() {
        assert_eq!(split_kept("2026-06-29.12"), Some(("2026-06-29", 12)));
        assert_eq!(split_kept("2026-06-29-x.1"), Some(("2026-06-29-x", 1)));
        for name in [
            "2026-06-29",
            "2026-06-29.",
            "2026-06-29.01",
            "2026-06-29.+1",
            "2026-06-29.99999999999",
            "x.1",
        ] {
            assert_eq!(split_kept(name), None, "{name}");
        }
    }
}
