//! Text in other encodings than UTF-8.

use std::collections::BTreeSet;

use encoding_rs::WINDOWS_1252;

/// A text in Windows code page 1252, and the characters that it lacks, each of which became `?`.
///
/// ```
/// use restock::io::sinks::encoded::windows_1252;
/// let (bytes, replaced) = windows_1252("ä€→");
/// assert_eq!(bytes, [0xe4, 0x80, b'?']);
/// assert!(replaced.contains(&'→'));
/// ```
#[must_use]
pub fn windows_1252(text: &str) -> (Vec<u8>, BTreeSet<char>) {
    let mut bytes = Vec::with_capacity(text.len());
    let mut replaced = BTreeSet::new();
    for character in text.chars() {
        let mut buffer = [0; 4];
        let (encoded, _, is_lost) = WINDOWS_1252.encode(character.encode_utf8(&mut buffer));
        if is_lost {
            replaced.insert(character);
            bytes.push(b'?');
        } else {
            bytes.extend_from_slice(&encoded);
        }
    }
    (bytes, replaced)
}
