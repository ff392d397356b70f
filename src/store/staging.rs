//! A run under construction, and its publication.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::ledger::{Ledger, Pending};
use super::{BUILDING, cannot, sync_dir};
use crate::domain::calendar::Day;
use crate::domain::digest::sha256;
use crate::domain::ledger::LedgerChanges;
use crate::error::{Error, Result};

/// The one file of a run that may differ between equal runs.
const TIMINGS: &str = "timings.json";

/// More files than this are brought to disk by one call for the whole file system: a letter to each
/// of 49,000 customers took 7 s one by one.
const MANY_FILES: usize = 1_000;

/// A run under construction. Dropped without being published, it leaves nothing.
#[derive(Debug)]
pub struct Staging {
    dir: PathBuf,
    name: String,
    path: PathBuf,
    /// Whether the ledger has its night already: it must not be removed then.
    is_promised: bool,
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
        Ok(Self { dir: dir.to_path_buf(), name: name.to_owned(), path, is_promised: false })
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
        self.seal()?;
        put_in_place(&self.dir, &self.name)
    }

    /// Gives the run its name and writes its night to the ledger: whenever the process dies, both
    /// are done or neither, once the folder was opened again.
    ///
    /// # Errors
    /// When the file system refuses; the ledger and the run that had the name are then as before,
    /// or the next run finishes what this one began.
    pub fn publish_with(
        self,
        ledger: &mut Ledger,
        night: Day,
        changes: &LedgerChanges,
    ) -> Result<Published> {
        self.seal()?;
        let manifest_sha256 = sha256_of(&self.path.join(super::MANIFEST))?;
        let pending = Pending { run: self.name.clone(), manifest_sha256 };
        ledger.write(night, changes, Some(&pending))?;

        // From here on the run exists: what follows is done again by whoever comes next.
        let mut this = self;
        this.is_promised = true;
        let published = put_in_place(&this.dir, &this.name)?;
        ledger.settle()?;
        Ok(published)
    }

    /// Brings every file to disk.
    fn seal(&self) -> Result<()> {
        let files = sync_all(&self.path)?;
        if !files.iter().any(|file| file == Path::new(super::MANIFEST)) {
            return Err(Error::internal(format!("the run {} has no manifest", self.name)));
        }
        sync_dir(&self.dir)
    }
}

/// Finishes a run whose night stands in the ledger and that its process could not give its name.
pub(super) fn finish(dir: &Path, ledger: &mut Ledger) -> Result<()> {
    let Some(Pending { run, manifest_sha256 }) = ledger.pending()? else { return Ok(()) };

    let building = dir.join(format!("{BUILDING}{run}"));
    let is_whole = |path: &Path| {
        sha256_of(&path.join(super::MANIFEST)).is_ok_and(|sha256| sha256 == manifest_sha256)
    };
    if is_whole(&building) {
        tracing::warn!(run, "finishing a run that was killed");
        put_in_place(dir, &run)?;
    } else if !is_whole(&dir.join(&run)) {
        tracing::warn!(run, "the ledger has a night whose run is gone; run it again");
    }
    ledger.settle()
}

/// Renames a run that is built and whole; one that had its name is kept.
fn put_in_place(dir: &Path, name: &str) -> Result<Published> {
    let (building, target) = (dir.join(format!("{BUILDING}{name}")), dir.join(name));

    let (outcome, kept) = if !target.exists() {
        (Outcome::New, None)
    } else if same_files(&walk(&building)?.0, &building, &target)? {
        fs::remove_dir_all(&building).map_err(|cause| cannot("remove", &building, cause))?;
        return Ok(Published { path: target, outcome: Outcome::Unchanged, kept: None });
    } else {
        let kept = free_name(dir, name);
        fs::rename(&target, &kept).map_err(|cause| cannot("rename", &target, cause))?;
        sync_dir(dir)?;
        (Outcome::Replaced, Some(kept))
    };

    fs::rename(&building, &target).map_err(|cause| cannot("rename", &building, cause))?;
    sync_dir(dir)?;
    Ok(Published { path: target, outcome, kept })
}

/// The first of `<name>.1`, `<name>.2` … above every one that is taken, so that the highest is the
/// newest.
fn free_name(dir: &Path, name: &str) -> PathBuf {
    let names = super::RunStore { dir: dir.to_path_buf() }.names().unwrap_or_default();
    let kept = super::newest_kept(&names);

    let highest = kept.iter().find(|(run, _)| run == name).map_or(0, |(_, number)| *number);
    dir.join(format!("{name}.{}", u64::from(highest) + 1))
}

/// SHA-256 of a file, in hexadecimal digits.
fn sha256_of(path: &Path) -> Result<String> {
    let bytes = fs::read(path).map_err(|cause| cannot("read", path, cause))?;
    Ok(sha256(&bytes))
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.is_promised
            && self.path.exists()
            && let Err(cause) = fs::remove_dir_all(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %cause, "cannot remove an unfinished run");
        }
    }
}

/// Brings all that the file system of a directory holds to disk; `false` where the system has no
/// call for it.
#[cfg(target_os = "linux")]
fn sync_file_system(root: &Path) -> Result<bool> {
    let opened = File::open(root).map_err(|cause| cannot("read", root, cause))?;
    match rustix::fs::syncfs(opened) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::NOSYS) => Ok(false),
        Err(cause) => Err(cannot("write", root, cause.into())),
    }
}

/// The same where the system has no call for it.
#[cfg(not(target_os = "linux"))]
fn sync_file_system(_: &Path) -> Result<bool> {
    Ok(false)
}

/// Brings everything below a directory to disk and lists its files by their path in it, sorted.
fn sync_all(root: &Path) -> Result<Vec<PathBuf>> {
    let (files, folders) = walk(root)?;
    if files.len() > MANY_FILES && sync_file_system(root)? {
        return Ok(files);
    }
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
