//! Writes results.

pub mod csv;
pub mod names;
pub mod table;

use std::path::Path;

use crate::error::{Error, Result};

/// Makes a folder and those above it.
///
/// # Errors
/// When it cannot be made.
pub fn create_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|cause| {
        Error::internal(format!("cannot make the folder {}", path.display())).because(cause)
    })
}

/// Writes a whole text file.
///
/// # Errors
/// When it cannot be written.
pub fn write_text(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text)
        .map_err(|cause| Error::internal(format!("cannot write {}", path.display())).because(cause))
}
