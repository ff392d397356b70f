//! Writes results.

pub mod cell;
pub mod csv;
mod digits;
pub mod encoded;
pub mod table;
pub mod table_file;
pub mod xlsx;

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::error::{Error, Result};

/// Makes a folder and those above it.
///
/// # Errors
/// When it cannot be made.
pub fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|cause| {
        Error::internal(format!("cannot make the folder {}", path.display())).because(cause)
    })
}

/// A new file.
///
/// # Errors
/// When it cannot be made.
pub fn create_file(path: &Path) -> Result<fs::File> {
    fs::File::create(path)
        .map_err(|cause| Error::internal(format!("cannot write {}", path.display())).because(cause))
}

/// Writes a whole text file.
///
/// # Errors
/// When it cannot be written.
pub fn write_text(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text)
        .map_err(|cause| Error::internal(format!("cannot write {}", path.display())).because(cause))
}

/// Writes a whole file of bytes.
///
/// # Errors
/// When it cannot be written.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes)
        .map_err(|cause| Error::internal(format!("cannot write {}", path.display())).because(cause))
}

/// Writes a whole file that somebody else may be reading: beside it first, then renamed, so that
/// under its name there are the old bytes or the new ones, never a part. What is no file, such as
/// `/dev/stdout`, is written to as it is.
///
/// # Errors
/// When it cannot be written; the old file is as it was then.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let cannot =
        |cause: io::Error| Error::usage(format!("cannot write {}", path.display())).because(cause);

    // A link stays one, and what it leads to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let old = fs::metadata(&target).ok();
    if old.as_ref().is_some_and(|old| !old.is_file()) {
        return fs::write(&target, bytes).map_err(cannot);
    }

    let part = target.with_file_name(format!(".restock-{}.part", std::process::id()));

    let write = || {
        let mut file = fs::File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        if let Some(old) = old {
            file.set_permissions(old.permissions())?;
        }
        fs::rename(&part, &target)
    };
    write().map_err(|cause| {
        // What is left of it is of use to nobody; that it cannot be removed either changes nothing.
        let _ = fs::remove_file(&part);
        cannot(cause)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_or_left_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f.csv");
        for text in ["new", "newer"] {
            replace_file(&path, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "something is left beside it");

        let error = replace_file(&dir.path().join("none/f.csv"), b"x").unwrap_err();
        assert_eq!(error.exit_code(), 2);
    }
}
