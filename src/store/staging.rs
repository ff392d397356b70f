//! A run under construction, and its publication.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{BUILDING, cannot, sync_dir};
use crate::error::{Error, Result};

/// The one file of a run that may differ between equal runs.
const TIMINGS: &str = "timings.json";

/// A run under construction. Dropped without being published, it leaves nothing.
#[derive(Debug)]
pub struct Staging {
    dir: PathBuf,
    name: String,
    path: PathBuf,
}

/// Where a run was published, and what was there before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The run's directory.
    pub path: PathBuf,
    /// What became of it.
    pub outcome: Outcome,
    /// Where the run that it replaced is kept.
    pub kept: Option<PathBuf>,
}

/// What publishing a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// No run of the name was there.
    New,
    /// The run of the name had the same bytes and was left alone.
    Unchanged,
    /// The run of the name had other bytes and is kept as `<name>.N`.
    Replaced,
}

impl Staging {
    pub(super) fn begin(dir: &Path, name: &str) -> Result<Self> {
        let path = dir.join(format!("{BUILDING}{name}"));
        if path.exists() {
            fs::remove_dir_all(&path).map_err(|cause| cannot("remove", &path, cause))?;
        }

        fs::create_dir(&path).map_err(|cause| cannot("make", &path, cause))?;
        Ok(Self { dir: dir.to_path_buf(), name: name.to_owned(), path })
    }

    /// The directory to write the run's files into.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the run its name once all its files are written.
    ///
    /// # Errors
    /// When the file system refuses; a run that had the name is kept, under it or as `<name>.N`.
    pub fn publish(self) -> Result<Published> {
        let target = self.dir.join(&self.name);
        let files = sync_all(&self.path)?;

        if !files.iter().any(|file| file == Path::new(super::MANIFEST)) {
            return Err(Error::internal(format!("the run {} has no manifest", self.name)));
        }

        let (outcome, kept) = if !target.exists() {
            (Outcome::New, None)
        } else if same_files(&files, &self.path, &target)? {
            return Ok(Published { path: target, outcome: Outcome::Unchanged, kept: None });
        } else {
            let kept = self.free_name();
            fs::rename(&target, &kept).map_err(|cause| cannot("rename", &target, cause))?;
            sync_dir(&self.dir)?;
            (Outcome::Replaced, Some(kept))
        };

        fs::rename(&self.path, &target).map_err(|cause| cannot("rename", &self.path, cause))?;
        sync_dir(&self.dir)?;
        Ok(Published { path: target, outcome, kept })
    }

    /// The first of `<name>.1`, `<name>.2` … above every one that is taken, so that the highest is
    /// the newest.
    fn free_name(&self) -> PathBuf {
        let names = super::RunStore { dir: self.dir.clone() }.names().unwrap_or_default();
        let kept = super::newest_kept(&names);

        let highest =
            kept.iter().find(|(name, _)| *name == self.name).map_or(0, |(_, number)| *number);

        self.dir.join(format!("{}.{}", self.name, u64::from(highest) + 1))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if self.path.exists()
            && let Err(cause) = fs::remove_dir_all(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %cause, "cannot remove an unfinished run");
        }
    }
}

/// Brings everything below a directory to disk and lists its files by their path in it, sorted.
fn sync_all(root: &Path) -> Result<Vec<PathBuf>> {
    let (files, folders) = walk(root)?;
    for file in &files {
        let path = root.join(file);
        // Windows syncs only what is open for writing.
        let opened = File::options().read(true).append(true).open(&path);
        opened.and_then(|file| file.sync_all()).map_err(|cause| cannot("write", &path, cause))?;
    }

    for folder in &folders {
        sync_dir(&root.join(folder))?;
    }

    Ok(files)
}

/// The files and the folders below a directory, by their path in it; files sorted.
fn walk(root: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let (mut files, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    let mut next = 0;

    while let Some(folder) = folders.get(next).cloned() {
        next += 1;
        let path = root.join(&folder);
        for entry in fs::read_dir(&path).map_err(|cause| cannot("read", &path, cause))? {
            let entry = entry.map_err(|cause| cannot("read", &path, cause))?;
            let kind = entry.file_type().map_err(|cause| cannot("read", &path, cause))?;
            let inside = folder.join(entry.file_name());
            if kind.is_dir() { folders.push(inside) } else { files.push(inside) }
        }
    }

    files.sort();
    Ok((files, folders))
}

/// Whether two directories hold the same files with the same bytes, timings aside.
fn same_files(ours: &[PathBuf], new: &Path, old: &Path) -> Result<bool> {
    let theirs = walk(old)?.0;

    if !ours.iter().filter(is_compared).eq(theirs.iter().filter(is_compared)) {
        return Ok(false);
    }

    for file in ours.iter().filter(is_compared) {
        let (a, b) = (new.join(file), old.join(file));
        if !same_bytes(&a, &b).map_err(|cause| cannot("read", &b, cause))? {
            return Ok(false);
        }
    }

    Ok(true)
}

/// Whether a file must be the same in equal runs.
fn is_compared(file: &&PathBuf) -> bool {
    file.as_path() != Path::new(TIMINGS)
}

/// Whether two files have the same bytes.
fn same_bytes(a: &Path, b: &Path) -> std::io::Result<bool> {
    let (mut a, mut b) = (File::open(a)?, File::open(b)?);
    if a.metadata()?.len() != b.metadata()?.len() {
        return Ok(false);
    }

    let (mut left, mut right) = (Vec::new(), Vec::new());

    loop {
        // A piece at a time, since two forecasts of many items may not fit in memory together.
        left.clear();
        right.clear();
        (&mut a).take(PIECE_BYTES).read_to_end(&mut left)?;
        (&mut b).take(PIECE_BYTES).read_to_end(&mut right)?;

        if left != right {
            return Ok(false);
        }

        if left.is_empty() {
            return Ok(true);
        }
    }
}

/// How much of two files is compared at a time, bytes. Judgement: a usual size of a buffer.
const PIECE_BYTES: u64 = 1 << 20;
