//! The run that a command is about.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::config::Settings;
use crate::error::{Error, Result};
use crate::store::RunStore;

/// The folder of the run that is asked for, by its path or its name in `outputs.dir`; else of the
/// newest there.
///
/// # Errors
/// When there is no such run.
pub(super) fn folder(settings: &Settings, run: Option<&Path>) -> Result<PathBuf> {
    let dir = &settings.outputs_dir;
    match run {
        Some(run) => {
            let found = [run.to_path_buf(), dir.join(run)].into_iter().find(|path| path.is_dir());
            found.ok_or_else(|| {
                Error::usage(format!("there is no run {}", run.display()))
                    .hint(format!("runs are the folders of {}", dir.display()))
            })
        }
        None => {
            // Opening the store would make the folder.
            let store = dir.is_dir().then(|| RunStore::open(dir)).transpose()?;
            store.and_then(|store| store.previous(NaiveDate::MAX)).ok_or_else(|| {
                Error::data(format!("{} holds no run yet", dir.display()))
                    .hint("`restock run` makes one")
            })
        }
    }
}
