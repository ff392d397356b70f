//! SHA-256, as it is written in outputs.

use sha2::{Digest as _, Sha256};

/// Bytes as lower-case hexadecimal digits.
///
/// ```
/// assert_eq!(restock::domain::digest::hex(&[0, 171]), "00ab");
/// ```
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
        .collect()
}

/// The SHA-256 of bytes, as lower-case hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
