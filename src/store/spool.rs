//! Folders for what commands print, until it is read.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::cannot;
use crate::error::Result;

/// Names tried for a folder of which others may be there. Judgement: one process needs one.
const NAMES_TRIED: u32 = 1_000;

/// A folder that only its owner may read, gone when this is dropped.
#[derive(Debug)]
pub struct Spool {
    dir: PathBuf,
}

impl Spool {
    /// Makes a folder whose name begins with `name`.
    ///
    /// # Errors
    /// When none can be made.
    pub fn within(parent: &Path, name: &str) -> Result<Self> {
        let mut number = 0;
        loop {
            let dir = parent.join(format!("{name}-{number}"));
            match private_folder(&dir) {
                Ok(()) => return Ok(Self { dir }),
                Err(cause)
                    if cause.kind() == io::ErrorKind::AlreadyExists && number < NAMES_TRIED =>
                {
                    number += 1;
                }
                Err(cause) => return Err(cannot("make", &dir, cause)),
            }
        }
    }

    /// Makes a folder of this very name.
    pub(super) fn at(dir: PathBuf) -> Result<Self> {
        private_folder(&dir).map_err(|cause| cannot("make", &dir, cause))?;
        Ok(Self { dir })
    }

    /// Where a file of that name belongs.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if let Err(cause) = fs::remove_dir_all(&self.dir) {
            tracing::warn!(path = %self.dir.display(), %cause, "cannot remove a spool");
        }
    }
}

/// Makes a folder that only its owner may read: it may hold what a database keeps from others.
fn private_folder(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}
