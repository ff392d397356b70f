//! The file of a state: a head by which it is known, and what a [`Written`] holds, compressed.
//!
//! The head is a frame that programs of zstd skip, so that `zstd -d` opens the file. It is text:
//! `restock state <format> <version>`.

use std::fmt;
use std::io::{BufWriter, Write};

use super::kept::{VERSION, Written};
use crate::error::{Error, Result};

/// Number of the layout of what is written. It rises with every change of a type that is kept:
/// `tests/it/state.rs` tells when.
pub(super) const FORMAT: u32 = 1;
/// With what the head begins.
const NAME: &str = "restock state";
/// What marks a frame that is skipped (RFC 8878, section 3.1.2).
const SKIPPED_FRAME: [u8; 4] = [0x50, 0x2A, 0x4D, 0x18];
/// How hard is compressed. Judgement: higher ones take many times as long for a tenth less.
const LEVEL: i32 = 3;
/// Bytes that are handed on at a time.
const BUFFER_BYTES: usize = 1 << 17;

/// Why bytes are no state.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It was never one.
    Foreign,
    /// Its layout is another.
    Format(String),
    /// It is not as it was written.
    Damaged(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("it is not the state of a run"),
            Self::Format(version) => write!(
                f,
                "restock {version} wrote it in a format that this one, {}, does not read",
                VERSION
            ),
            Self::Damaged(how) => write!(f, "it is not as it was written: {how}"),
        }
    }
}

/// Writes a state, a stretch of bytes after the other.
pub(super) fn encode<W: Write>(state: &Written<'_>, mut writer: W) -> Result<W> {
    let cannot = |cause: std::io::Error| Error::internal("cannot keep the state").because(cause);
    let head = format!("{NAME} {FORMAT} {}", VERSION);
    writer.write_all(&SKIPPED_FRAME).map_err(cannot)?;
    writer.write_all(&(head.len() as u32).to_le_bytes()).map_err(cannot)?;
    writer.write_all(head.as_bytes()).map_err(cannot)?;

    let mut packer = zstd::Encoder::new(writer, LEVEL).map_err(cannot)?;
    packer.include_checksum(true).map_err(cannot)?;
    let buffer = BufWriter::with_capacity(BUFFER_BYTES, packer);
    let buffer = postcard::to_io(state, buffer)
        .map_err(|cause| Error::internal("cannot keep the state").because(cause))?;
    let packer = buffer.into_inner().map_err(|cause| cannot(cause.into_error()))?;
    let mut writer = packer.finish().map_err(cannot)?;
    writer.flush().map_err(cannot)?;
    Ok(writer)
}

/// The version that wrote a state, and the state.
pub(super) fn decode(bytes: &[u8]) -> std::result::Result<(String, Written<'static>), Fault> {
    let (head, packed) = split(bytes).ok_or(Fault::Foreign)?;
    let mut words = head.strip_prefix(NAME).ok_or(Fault::Foreign)?.split_whitespace();
    let (format, version) = words.next().zip(words.next()).ok_or(Fault::Foreign)?;
    if format != FORMAT.to_string() {
        return Err(Fault::Format(version.to_owned()));
    }

    let plain = zstd::decode_all(packed).map_err(|cause| Fault::Damaged(cause.to_string()))?;
    let (state, rest) =
        postcard::take_from_bytes(&plain).map_err(|cause| Fault::Damaged(cause.to_string()))?;
    if !rest.is_empty() {
        return Err(Fault::Damaged(format!("{} bytes are left over", rest.len())));
    }
    Ok((version.to_owned(), state))
}

/// The head and what follows it.
fn split(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let rest = bytes.strip_prefix(&SKIPPED_FRAME)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (head, packed) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((std::str::from_utf8(head).ok()?, packed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headed(head: &str) -> Vec<u8> {
        let mut bytes = Vec::from(SKIPPED_FRAME);
        bytes.extend((head.len() as u32).to_le_bytes());
        bytes.extend(head.as_bytes());
        bytes
    }

    fn fault(bytes: &[u8]) -> Option<Fault> {
        decode(bytes).err()
    }

    #[test]
    fn what_is_no_state_is_told_from_another_format_and_from_a_damaged_one() {
        for foreign in [&b""[..], b"PAR1", &SKIPPED_FRAME, &headed("notes"), &headed(NAME)] {
            assert_eq!(fault(foreign), Some(Fault::Foreign));
        }
        let other = headed(&format!("{NAME} {} 9.9.9", FORMAT + 1));
        assert_eq!(fault(&other), Some(Fault::Format("9.9.9".to_owned())));
        let empty = headed(&format!("{NAME} {FORMAT} 9.9.9"));
        assert!(matches!(fault(&empty), Some(Fault::Damaged(_))));
    }
}
