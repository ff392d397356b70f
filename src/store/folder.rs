//! A folder that is there whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{MANIFEST, sync_entries};
use crate::error::{Error, Result};

/// A folder while it is filled. Dropped before it is put in place, it leaves nothing.
#[derive(Debug)]
pub struct Folder {
    /// Where it will be.
    target: PathBuf,
    /// Where it is meanwhile: beside it.
    building: PathBuf,
}

impl Folder {
    /// Begins a folder that will stand at `target`; one of ours that stands there is replaced.
    ///
    /// # Errors
    /// Where something else stands there, and where nothing can be written.
    pub fn begin(target: &Path) -> Result<Self> {
        if target.exists() && !is_ours(target) {
            let message = format!("{} is there and holds something else", target.display());
            return Err(Error::usage(message).hint("name an empty or a new folder"));
        }
        let folder = Self { target: target.to_path_buf(), building: beside(target, "building")? };
        folder.clear()?;
        fs::create_dir_all(&folder.building)
            .map_err(|cause| cannot("make", &folder.building, cause))?;
        Ok(folder)
    }

    /// Where to write.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.building
    }

    /// Puts it in its place.
    ///
    /// # Errors
    /// When the file system refuses; what stood there is then as it was, or beside it.
    pub fn publish(self) -> Result<()> {
        sync(&self.building)?;
        let old = beside(&self.target, "old")?;
        if self.target.exists() {
            remove(&old)?;
            fs::rename(&self.target, &old).map_err(|cause| cannot("rename", &old, cause))?;
        }
        fs::rename(&self.building, &self.target)
            .map_err(|cause| cannot("rename", &self.target, cause))?;
        remove(&old)?;
        self.target.parent().filter(|above| !above.as_os_str().is_empty()).map_or(Ok(()), sync)
    }

    fn clear(&self) -> Result<()> {
        remove(&self.building)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next one that is begun here.
        let _ = self.clear();
    }
}

/// Whether a folder is empty, or one that [`Folder`] wrote.
fn is_ours(path: &Path) -> bool {
    let is_empty = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
    is_empty || path.join(MANIFEST).is_file()
}

/// A hidden name beside a folder.
fn beside(target: &Path, what: &str) -> Result<PathBuf> {
    let name = target.file_name().ok_or_else(|| {
        let message = format!("{} is no name for a folder", target.display());
        Error::usage(message).hint("name a new folder, such as parts/0")
    })?;
    Ok(target.with_file_name(format!(".{}.{what}", name.to_string_lossy())))
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cannot("remove", path, cause)),
        _ => Ok(()),
    }
}

fn sync(dir: &Path) -> Result<()> {
    sync_entries(dir).map_err(|cause| cannot("write", dir, cause))
}

fn cannot(what: &str, path: &Path, cause: io::Error) -> Error {
    Error::internal(format!("cannot {what} {}", path.display()))
        .because(cause)
        .hint("check the permissions and the free space there")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_whole_or_absent_and_replaces_none_but_its_own_kind() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("parts/0");
        let write = |text: &str, is_published: bool| {
            let folder = Folder::begin(&target).unwrap();
            fs::write(folder.path().join(MANIFEST), text).unwrap();
            if is_published {
                folder.publish().unwrap();
            }
        };

        write("one", false);
        assert!(!target.exists());
        write("one", true);
        write("two", false);
        assert_eq!(fs::read_to_string(target.join(MANIFEST)).unwrap(), "one");
        write("three", true);
        assert_eq!(fs::read_to_string(target.join(MANIFEST)).unwrap(), "three");
        let beside: Vec<_> = fs::read_dir(dir.path().join("parts")).unwrap().collect();
        assert_eq!(beside.len(), 1, "something is left beside it");

        let other = dir.path().join("mine");
        fs::create_dir(&other).unwrap();
        fs::write(other.join("letter.txt"), "dear").unwrap();
        assert_eq!(Folder::begin(&other).unwrap_err().exit_code(), 2);
        assert_eq!(Folder::begin(Path::new("/")).unwrap_err().exit_code(), 2);
    }
}
