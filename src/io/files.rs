//! Which files an input names, and their bytes: hashed, decompressed and decoded as they stream by.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use encoding_rs::{Decoder, DecoderResult};
use flate2::read::MultiGzDecoder;
use sha2::{Digest as _, Sha256};

use super::Progress;
use crate::config::choices::{Encoding, FileFormat};
use crate::config::formats::{Packing, kind_of};
use crate::config::settings::InputSource;
use crate::domain::digest::hex;
use crate::error::{Error, Result};

/// Bytes that the decompressing thread hands over at once. Judgement: large enough that handing
/// over costs nothing beside parsing.
const BLOCK_BYTES: usize = 1 << 18;

/// Blocks that may wait; together with [`BLOCK_BYTES`] it bounds the memory of a file being read to
/// 2 MiB. Judgement.
const BLOCKS_WAITING: usize = 8;

/// One file of an input.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    /// Table of the contract.
    pub(crate) table: &'static str,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Its path as the configuration writes it.
    pub(crate) name: Arc<str>,
    pub(crate) format: FileFormat,
    pub(crate) packing: Packing,
}

/// The files of an input, sorted by path, each once.
///
/// # Errors
/// When a file is missing, a pattern matches nothing, or an ending is unknown.
pub(crate) fn expand(source: &InputSource) -> Result<Vec<SourceFile>> {
    if source.command.is_some() && source.paths.is_empty() {
        return Err(Error::internal(format!("{}: its command has not run", source.table)));
    }

    let mut files = Vec::new();
    for (written, path) in source.written.iter().zip(&source.paths) {
        let is_pattern = written.contains(['*', '?', '[']) && !path.exists();
        let found =
            if is_pattern { matches_of(source.table, written, path)? } else { vec![path.clone()] };

        for path in found {
            let name =
                if is_pattern { written_name(written, source, &path) } else { written.clone() };
            let packed = if source.command.is_some() { "" } else { name.as_str() };
            let (format, packing) = kind_of(source.table, packed, &source.input)?;

            files.push(SourceFile {
                table: source.table,
                path,
                name: name.into(),
                format,
                packing,
            });
        }
    }

    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}

fn matches_of(table: &str, written: &str, path: &Path) -> Result<Vec<PathBuf>> {
    let pattern = path.to_string_lossy();
    let found = glob::glob(&pattern).map_err(|cause| {
        Error::config(format!("`inputs.{table}.path` = {written:?} is no file pattern"))
            .because(cause)
    })?;

    let mut paths = Vec::new();
    for entry in found {
        paths.push(entry.map_err(|cause| {
            Error::data(format!("{table}: cannot list {written}")).because(cause)
        })?);
    }
    paths.extend(matches_beyond_unicode(path));
    // A match that is neither a folder nor a file, such as a link to a file that is gone, stays: it
    // was meant, and opening it says what is wrong.
    paths.retain(|path| !path.is_dir());

    if paths.is_empty() {
        return Err(Error::data(format!("{table}: no file matches {written}"))
            .hint(format!("looked in {}", path.parent().unwrap_or(path).display())));
    }

    Ok(paths)
}

/// Files that match a pattern but for the bytes of their names that are no UTF-8, which `glob`
/// would leave out without a word: a name written as Windows-1252 by an older system.
fn matches_beyond_unicode(pattern: &Path) -> Vec<PathBuf> {
    let (Some(folders), Some(name)) = (pattern.parent(), pattern.file_name()) else {
        return Vec::new();
    };
    let folders = if folders.as_os_str().is_empty() { Path::new(".") } else { folders };
    let Ok(name) = glob::Pattern::new(&name.to_string_lossy()) else { return Vec::new() };
    let is_beyond = |path: &PathBuf| {
        let own = path.file_name().unwrap_or_default();
        own.to_str().is_none() && name.matches(&own.to_string_lossy())
    };

    let folders = glob::glob(&folders.to_string_lossy());
    let folders = folders.into_iter().flatten().flatten();
    folders
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .filter(is_beyond)
        .collect()
}

/// The path of a match as the configuration would write it: without the directory that relative
/// paths start at.
fn written_name(written: &str, source: &InputSource, path: &Path) -> String {
    let full = path.to_string_lossy().into_owned();
    let pattern = source.written.iter().zip(&source.paths).find(|(name, _)| *name == written);
    let base = pattern.and_then(|(_, pattern)| {
        pattern.to_string_lossy().strip_suffix(written).map(str::to_owned)
    });

    match base.and_then(|base| full.strip_prefix(&base).map(str::to_owned)) {
        Some(name) if !name.is_empty() => name,
        _ => full,
    }
}

impl SourceFile {
    /// An error about this file.
    pub(crate) fn error(&self, what: &str) -> Error {
        Error::data(format!("{}: {} {what}", self.table, self.name))
    }

    /// The file, and its size at this moment.
    pub(super) fn open(&self) -> Result<(File, u64)> {
        let cannot = |cause: io::Error| {
            let missing = cause.kind() == io::ErrorKind::NotFound;
            let error = self
                .error(if missing { "does not exist" } else { "cannot be opened" })
                .because(cause);
            error.hint(format!("looked for {}", self.path.display()))
        };

        // Opening a pipe waits for somebody who writes into it, and some devices have no end: the
        // night would hang, and hold its lock.
        let facts = std::fs::metadata(&self.path).map_err(cannot)?;
        if facts.is_dir() {
            return Err(self
                .error("is a directory")
                .hint(format!("name the files in it: {}/*.csv", self.name)));
        }
        if !facts.is_file() {
            return Err(self
                .error("is a pipe, a device or a socket")
                .hint("an input is a file: write what comes from there into one first"));
        }

        let file = File::open(&self.path).map_err(cannot)?;
        let size = file.metadata().map_err(cannot)?.len();
        Ok((file, size))
    }

    /// The file opened for random access, and the hash of its bytes.
    pub(crate) fn open_hashed(&self, progress: &dyn Progress) -> Result<(File, FileHash)> {
        let (mut file, size) = self.open()?;
        let mut hashing = Hashing::new((&mut file).take(size + 1));
        let mut block = vec![0; BLOCK_BYTES];

        loop {
            match hashing
                .read(&mut block)
                .map_err(|cause| self.error("cannot be read").because(cause))?
            {
                0 => break,
                bytes => progress.advance(bytes as u64),
            }
        }

        let hash = hashing.finish();
        hash.check(size).map_err(|what| self.error(&what))?;
        io::Seek::rewind(&mut file).map_err(|cause| self.error("cannot be read").because(cause))?;

        Ok((file, hash))
    }

    /// The file's text, decompressed and decoded on a thread of its own.
    pub(crate) fn open_text<'p>(
        &self,
        encoding: Encoding,
        progress: &'p dyn Progress,
    ) -> Result<TextStream<'p>> {
        let (file, size) = self.open()?;
        let counted = Arc::new(AtomicU64::new(0));
        let (sender, blocks) = sync_channel(BLOCKS_WAITING);
        let (packing, count) = (self.packing, Arc::clone(&counted));

        let thread = std::thread::Builder::new()
            .name("restock-read".into())
            // One byte more than there is would show that the file grows, without reading on for as
            // long as somebody writes.
            .spawn(move || pump(file.take(size + 1), packing, encoding, &count, &sender))
            .map_err(|cause| Error::internal("cannot start a thread").because(cause))?;

        Ok(TextStream {
            blocks,
            block: Vec::new(),
            at: 0,
            counted,
            reported: 0,
            progress,
            size,
            thread: Some(thread),
        })
    }
}

/// Size and SHA-256 of a file's bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FileHash {
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

impl FileHash {
    /// Says if as many bytes were read as there were when the file was opened. A file that is
    /// written meanwhile gives a part of its rows, and nothing in them tells.
    fn check(&self, size: u64) -> Result<(), String> {
        let bytes = self.bytes;
        match bytes.cmp(&size) {
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Less => {
                Err(format!("was cut while it was read: {bytes} of its {size} bytes were there"))
            }
            std::cmp::Ordering::Greater => {
                Err(format!("has grown beyond its {size} bytes while it was read"))
            }
        }
    }
}

/// Passes bytes on, from a reader or to a writer, and hashes and counts them.
pub(crate) struct Hashing<R> {
    inner: R,
    hasher: Sha256,
    bytes: u64,
    counted: Option<Arc<AtomicU64>>,
}

impl<R> Hashing<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self { inner, hasher: Sha256::new(), bytes: 0, counted: None }
    }

    /// What bytes were passed on to, and what they were.
    pub(crate) fn into_parts(self) -> (R, FileHash) {
        let hash = FileHash { bytes: self.bytes, sha256: hex(&self.hasher.finalize()) };
        (self.inner, hash)
    }

    pub(crate) fn finish(self) -> FileHash {
        self.into_parts().1
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..bytes]);
        self.bytes += bytes as u64;

        if let Some(counted) = &self.counted {
            counted.store(self.bytes, Ordering::Relaxed);
        }

        Ok(bytes)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let bytes = self.inner.write(buffer)?;
        self.hasher.update(&buffer[..bytes]);
        self.bytes += bytes as u64;
        Ok(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

type Block = io::Result<Vec<u8>>;

/// Reads, unpacks and decodes a file into blocks; ends early if the receiver has been dropped.
fn pump(
    file: impl Read,
    packing: Packing,
    encoding: Encoding,
    counted: &Arc<AtomicU64>,
    blocks: &SyncSender<Block>,
) -> FileHash {
    let mut hashing = Hashing::new(file);
    hashing.counted = Some(Arc::clone(counted));

    if let Err(cause) = pump_text(&mut hashing, packing, encoding, blocks) {
        let _ = blocks.send(Err(cause));
    } else {
        // What a decoder leaves unread, such as padding behind the last member, still belongs to
        // the file's hash.
        let mut rest = vec![0; BLOCK_BYTES];
        while hashing.read(&mut rest).is_ok_and(|bytes| bytes > 0) {}
    }

    hashing.finish()
}

fn pump_text(
    raw: &mut dyn Read,
    packing: Packing,
    encoding: Encoding,
    blocks: &SyncSender<Block>,
) -> io::Result<()> {
    let mut text: Box<dyn Read + '_> = match packing {
        Packing::Plain => Box::new(raw),
        Packing::Gzip => Box::new(MultiGzDecoder::new(BufReader::with_capacity(BLOCK_BYTES, raw))),
        Packing::Zstd => Box::new(zstd::stream::read::Decoder::new(raw)?),
    };

    let mut decoder = None;
    let mut first = true;
    loop {
        let mut block = vec![0; BLOCK_BYTES];
        let bytes = fill(&mut text, &mut block)?;
        block.truncate(bytes);
        if std::mem::take(&mut first) {
            decoder = utf16_decoder(&block);
            without_mark(&mut block);
        }

        let is_last = bytes == 0;
        if let Some(decoder) = &mut decoder {
            block = decoded(decoder, &block, is_last);
        } else if encoding == Encoding::Windows1252 && !block.is_ascii() {
            // A one-byte encoding: blocks can be decoded each by itself.
            block = encoding_rs::WINDOWS_1252
                .decode_without_bom_handling(&block)
                .0
                .into_owned()
                .into_bytes();
        }

        if !block.is_empty() && blocks.send(Ok(block)).is_err() || is_last {
            return Ok(());
        }
    }
}

/// A decoder for a text that begins as UTF-16 does: with its byte-order mark, or with a letter of
/// which every other byte is 0.
fn utf16_decoder(block: &[u8]) -> Option<Decoder> {
    let encoding = match block {
        [0xFF, 0xFE, ..] | [1..=255, 0, 1..=255, 0, ..] => encoding_rs::UTF_16LE,
        [0xFE, 0xFF, ..] | [0, 1..=255, 0, 1..=255, ..] => encoding_rs::UTF_16BE,
        _ => return None,
    };
    Some(encoding.new_decoder_with_bom_removal())
}

/// A block as UTF-8. What is no character becomes a byte that is no text either, so that it costs
/// its field and not the file.
fn decoded(decoder: &mut Decoder, mut block: &[u8], is_last: bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(2 * block.len() + 16);
    loop {
        let filled = text.len();
        text.resize(filled + 2 * block.len() + 16, 0);
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(block, &mut text[filled..], is_last);
        text.truncate(filled + written);
        block = &block[read..];

        match result {
            DecoderResult::InputEmpty => return text,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => text.push(0xFF),
        }
    }
}

/// Removes the byte-order mark of UTF-8.
fn without_mark(block: &mut Vec<u8>) {
    if block.starts_with(&[0xEF, 0xBB, 0xBF]) {
        block.drain(..3);
    }
}

/// Reads until the buffer is full or the input ends.
fn fill(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(bytes) => filled += bytes,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }

    Ok(filled)
}

/// A file's text as it arrives from its thread.
pub(crate) struct TextStream<'p> {
    blocks: Receiver<Block>,
    block: Vec<u8>,
    /// Index of the block's first byte that was not consumed.
    at: usize,
    /// Bytes of the file that the thread has read.
    counted: Arc<AtomicU64>,
    /// How many of these were told to `progress`.
    reported: u64,
    progress: &'p dyn Progress,
    /// Bytes of the file when it was opened.
    size: u64,
    thread: Option<JoinHandle<FileHash>>,
}

impl TextStream<'_> {
    /// Reads on to the end of the file, and gives its hash.
    pub(crate) fn finish(mut self) -> Result<FileHash> {
        while let Ok(block) = self.blocks.recv() {
            block.map_err(|cause| Error::data("cannot read to the end").because(cause))?;
        }
        self.report();

        let thread = self.thread.take();
        let joined = thread.map(JoinHandle::join).transpose();
        let hash =
            joined.ok().flatten().ok_or_else(|| Error::internal("the reading thread failed"))?;
        hash.check(self.size).map_err(Error::data)?;
        Ok(hash)
    }

    fn report(&mut self) {
        let counted = self.counted.load(Ordering::Relaxed);
        self.progress.advance(counted.saturating_sub(self.reported));
        self.reported = counted;
    }
}

impl BufRead for TextStream<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.block.len() {
            self.block = self.blocks.recv().unwrap_or_else(|_| Ok(Vec::new()))?;
            self.at = 0;
            self.report();
        }

        Ok(&self.block[self.at..])
    }

    fn consume(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.block.len());
    }
}

impl Read for TextStream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let bytes = available.len().min(buffer.len());

        buffer[..bytes].copy_from_slice(&available[..bytes]);
        self.consume(bytes);
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use super::*;

    /// More than may wait between the threads, so that the file is still being read when a test
    /// changes it.
    const BYTES: usize = 4 * BLOCK_BYTES * BLOCKS_WAITING;

    /// Opens a file, changes it, and reads it to the end.
    fn read_while(change: impl FnOnce(&Path)) -> Result<FileHash> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("orders.csv");
        std::fs::write(&path, vec![b'x'; BYTES]).unwrap();
        let file = SourceFile {
            table: "orders",
            path: path.clone(),
            name: "orders.csv".into(),
            format: FileFormat::Csv,
            packing: Packing::Plain,
        };
        let text = file.open_text(Encoding::Utf8, &())?;
        change(&path);
        text.finish()
    }

    #[test]
    fn a_file_that_is_cut_or_grows_while_it_is_read_is_refused() {
        let whole = read_while(|_| ()).unwrap();
        assert_eq!(whole.bytes, BYTES as u64);

        let cut = read_while(|path| {
            let file = OpenOptions::new().write(true).open(path).unwrap();
            file.set_len(3 * (BYTES as u64) / 4).unwrap();
        });
        let error = cut.unwrap_err();
        assert!(error.exit_code() == 3 && error.message.contains("was cut"), "{error}");

        let grown = read_while(|path| {
            let mut file = OpenOptions::new().append(true).open(path).unwrap();
            file.write_all(b"more").unwrap();
        });
        let error = grown.unwrap_err();
        assert!(error.exit_code() == 3 && error.message.contains("has grown"), "{error}");
    }
}
