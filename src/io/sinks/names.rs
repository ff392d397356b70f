//! File names made of keys.

use crate::io::sha256;

/// A name that is safe as a file name everywhere: letters, digits, `_` and `-` are kept, other
/// bytes become `_`; then eight digits of the name's SHA-256 tell apart keys that would look alike.
///
/// ```
/// use restock::io::sinks::names::file_name;
/// assert_eq!(file_name("ACME-01"), "ACME-01");
/// assert!(file_name("../../etc/x").starts_with("______etc_x_"));
/// ```
#[must_use]
pub fn file_name(key: &str) -> String {
    if !key.is_empty() && key.bytes().all(is_kept) {
        return key.to_owned();
    }

    let kept: String = key
        .bytes()
        .map(|byte| if is_kept(byte) { char::from(byte) } else { '_' })
        .take(100)
        .collect();

    let hash: String = sha256(key.as_bytes()).chars().take(8).collect();
    format!("{kept}_{hash}")
}

fn is_kept(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}
