//! One run at a time in a folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};

/// The file that is locked. It is never removed: only the lock on it says that a run is going on.
const LOCK_FILE: &str = ".restock.lock";

/// The lock on a folder. The system releases it when this is dropped or the process dies, whatever
/// it dies of.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

impl RunLock {
    pub(super) fn take(dir: &Path) -> Result<Self> {
        let path = dir.join(LOCK_FILE);
        let opened = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = opened.map_err(|cause| super::cannot("write", &path, cause))?;

        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::new(
                ErrorKind::Locked,
                format!("another run is writing to {}", dir.display()),
            )
            .hint("wait for it to end, or give this run another `outputs.dir`")),
            Err(TryLockError::Error(cause)) => Err(super::cannot("lock", &path, cause)),
        }
    }
}
