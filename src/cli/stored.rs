//! Which stored runs a command line means: by folder or name, the newest, the one before another.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::config::Settings;
use crate::error::{Error, Result};
use crate::store::RunStore;

/// Characters of a date in the name of a run.
const DATE_CHARACTERS: usize = 10;

/// The folder of the run of this name or folder.
pub(super) fn named(settings: &Settings, run: &Path) -> Result<PathBuf> {
    let dir = &settings.outputs_dir;
    let found = [run.to_path_buf(), dir.join(run)].into_iter().find(|path| path.is_dir());
    found.ok_or_else(|| {
        Error::usage(format!("there is no run {}", run.display()))
            .hint(format!("runs are the folders of {}", dir.display()))
    })
}

/// The folder of the run that is asked for; else of the newest nightly run.
///
/// # Errors
/// When there is no such run.
pub(super) fn named_or_newest(settings: &Settings, run: Option<&Path>) -> Result<PathBuf> {
    run.map_or_else(|| newest(settings), |run| named(settings, run))
}

/// The newest nightly run.
pub(super) fn newest(settings: &Settings) -> Result<PathBuf> {
    nightly_before(settings, NaiveDate::MAX).ok_or_else(|| none(settings))
}

/// The two newest nightly runs; the newest one and what was tried beside it, where there is only
/// one.
pub(super) fn newest_two(settings: &Settings) -> Result<(PathBuf, PathBuf)> {
    let newest = newest(settings)?;
    let before = date_of(&newest).and_then(|date| nightly_before(settings, date));
    match before {
        Some(before) => Ok((before, newest)),
        None => match labelled(settings, &name_of(&newest)).pop() {
            Some(trial) => Ok((newest, trial)),
            None => Err(Error::data(format!("{} is the only run", newest.display()))
                .hint("`restock run --label NAME --set …` makes one to compare it with")),
        },
    }
}

/// The run that one is compared with: the nightly run of the same date for a labelled one, else the
/// newest nightly run before it.
pub(super) fn before(settings: &Settings, run: &Path) -> Result<PathBuf> {
    let (name, date) = (name_of(run), date_of(run));
    let is_labelled = name.len() > DATE_CHARACTERS;
    let same_night = settings.outputs_dir.join(name.get(..DATE_CHARACTERS).unwrap_or_default());
    if is_labelled && date.is_some() && same_night.join(MANIFEST).is_file() {
        return Ok(same_night);
    }
    date.and_then(|date| nightly_before(settings, date)).ok_or_else(|| {
        Error::usage(format!("there is no nightly run before {}", run.display()))
            .hint("name both runs: `restock diff A B`")
    })
}

/// The newest nightly run before a date that lies beside a run.
pub(super) fn night_before(run: &Path, date: NaiveDate) -> Option<PathBuf> {
    let whole = std::fs::canonicalize(run).ok()?;
    RunStore::open(whole.parent()?).ok()?.previous(date)
}

/// The file by which a folder is known as a whole run.
const MANIFEST: &str = "manifest.json";

fn nightly_before(settings: &Settings, date: NaiveDate) -> Option<PathBuf> {
    // Opening the store would make the folder.
    let dir = &settings.outputs_dir;
    let store = dir.is_dir().then(|| RunStore::open(dir).ok()).flatten()?;
    store.previous(date)
}

/// The whole runs of a night that have a label, by name.
fn labelled(settings: &Settings, night: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(&settings.outputs_dir).into_iter().flatten().flatten();
    let is_of_night = |path: &PathBuf| name_of(path).starts_with(&format!("{night}-"));
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| is_of_night(path) && path.join(MANIFEST).is_file())
        .collect();
    found.sort();
    found
}

/// The name of a run's folder.
pub(super) fn name_of(run: &Path) -> String {
    let whole = std::fs::canonicalize(run).unwrap_or_else(|_| run.to_path_buf());
    whole.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The date that the name of a run begins with.
fn date_of(run: &Path) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(name_of(run).get(..DATE_CHARACTERS)?, "%Y-%m-%d").ok()
}

fn none(settings: &Settings) -> Error {
    Error::data(format!("{} holds no run yet", settings.outputs_dir.display()))
        .hint("`restock run` makes one")
}
