//! Values one after another in a file: each as postcard with its length before it, all of them in
//! zstd. What is read is bounded by the largest value, not by the file.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::domain::digest::hex;
use crate::error::{Error, Result};

/// How hard is compressed. Judgement: the files are read once, and soon.
const LEVEL: i32 = 1;
/// Bytes that are handed on at a time.
const BUFFER_BYTES: usize = 1 << 17;

/// Hands bytes on and sums them up.
struct Summed<S> {
    inner: S,
    sum: Sha256,
}

impl<S> Summed<S> {
    fn new(inner: S) -> Self {
        Self { inner, sum: Sha256::new() }
    }

    fn sha256(self) -> String {
        hex(&self.sum.finalize())
    }
}

impl<S: Write> Write for Summed<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.sum.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<S: Read> Read for Summed<S> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.sum.update(&bytes[..read]);
        Ok(read)
    }
}

/// A file that values are written into.
pub struct Writer {
    path: PathBuf,
    packer: BufWriter<zstd::Encoder<'static, Summed<File>>>,
    bytes: Vec<u8>,
}

impl Writer {
    /// Begins a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(|cause| cannot_write(path, cause))?;
        let packer = zstd::Encoder::new(Summed::new(file), LEVEL)
            .map_err(|cause| cannot_write(path, cause))?;
        let packer = BufWriter::with_capacity(BUFFER_BYTES, packer);
        Ok(Self { path: path.to_path_buf(), packer, bytes: Vec::new() })
    }

    /// Adds a value.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn push<T: Serialize>(&mut self, value: &T) -> Result<()> {
        self.bytes.clear();
        postcard::to_io(value, &mut self.bytes)
            .map_err(|cause| cannot_write(&self.path, io::Error::other(cause)))?;
        let length = (self.bytes.len() as u64).to_le_bytes();
        self.packer
            .write_all(&length)
            .and_then(|()| self.packer.write_all(&self.bytes))
            .map_err(|cause| cannot_write(&self.path, cause))
    }

    /// Ends the file, which is on disk then; gives its SHA-256.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<String> {
        let path = self.path;
        let packer =
            self.packer.into_inner().map_err(|cause| cannot_write(&path, cause.into_error()))?;
        let file = packer.finish().map_err(|cause| cannot_write(&path, cause))?;
        file.inner.sync_all().map_err(|cause| cannot_write(&path, cause))?;
        Ok(file.sha256())
    }
}

fn cannot_write(path: &Path, cause: io::Error) -> Error {
    Error::internal(format!("cannot write {}", path.display()))
        .because(cause)
        .hint("check the permissions and the free space there")
}

/// A file that values are read back from, in their order.
pub struct Reader {
    path: PathBuf,
    unpacker: zstd::Decoder<'static, BufReader<Summed<File>>>,
    bytes: Vec<u8>,
}

impl Reader {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|cause| cannot_read(path, cause))?;
        let file = BufReader::with_capacity(BUFFER_BYTES, Summed::new(file));
        let unpacker =
            zstd::Decoder::with_buffer(file).map_err(|cause| cannot_read(path, cause))?;
        Ok(Self { path: path.to_path_buf(), unpacker, bytes: Vec::new() })
    }

    /// The next value.
    ///
    /// # Errors
    /// When there is none of the kind.
    pub fn read<T: DeserializeOwned>(&mut self) -> Result<T> {
        let mut length = [0; 8];
        let cut = |cause: io::Error| damaged(&self.path, &cause);
        self.unpacker.read_exact(&mut length).map_err(cut)?;
        let length = u64::from_le_bytes(length);

        self.bytes.clear();
        // Read as far as it goes: a length that is none must not ask for all memory.
        let read = (&mut self.unpacker).take(length).read_to_end(&mut self.bytes).map_err(cut)?;
        if read as u64 != length {
            return Err(damaged(&self.path, &"it ends too early"));
        }
        postcard::from_bytes(&self.bytes).map_err(|cause| damaged(&self.path, &cause))
    }

    /// Checks that nothing is left, and that the file is the one of this SHA-256.
    ///
    /// # Errors
    /// When it is not.
    pub fn finish(mut self, sha256: &str) -> Result<()> {
        let mut rest = Vec::new();
        self.unpacker.read_to_end(&mut rest).map_err(|cause| damaged(&self.path, &cause))?;
        if !rest.is_empty() {
            return Err(damaged(&self.path, &format!("{} bytes are left over", rest.len())));
        }
        let mut file = self.unpacker.finish();
        io::copy(&mut file, &mut io::sink()).map_err(|cause| cannot_read(&self.path, cause))?;
        match file.into_inner().sha256() == sha256 {
            true => Ok(()),
            false => Err(damaged(&self.path, &"its SHA-256 is not that of the manifest")),
        }
    }
}

fn cannot_read(path: &Path, cause: io::Error) -> Error {
    Error::data(format!("{} cannot be read", path.display())).because(cause)
}

fn damaged(path: &Path, how: &dyn std::fmt::Display) -> Error {
    Error::data(format!("{} is damaged: {how}", path.display()))
        .hint("make it again: the command that wrote it may be repeated at any time")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_what_is_cut_or_changed_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("values");
        let mut writer = Writer::create(&path).unwrap();
        writer.push(&"a".repeat(1_000)).unwrap();
        writer.push(&7_u8).unwrap();
        let sha256 = writer.finish().unwrap();
        assert_eq!(sha256, crate::domain::digest::sha256(&std::fs::read(&path).unwrap()));

        let read = |path: &Path| -> Result<(String, u8)> {
            let mut reader = Reader::open(path)?;
            let values = (reader.read()?, reader.read()?);
            reader.finish(&sha256).map(|()| values)
        };
        assert_eq!(read(&path).unwrap(), ("a".repeat(1_000), 7));

        let whole = std::fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(read(&path).unwrap_err().exit_code(), 3, "{cut} bytes");
        }
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            std::fs::write(&path, &changed).unwrap();
            assert_eq!(read(&path).unwrap_err().exit_code(), 3, "byte {at}");
        }
    }
}
