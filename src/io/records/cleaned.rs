//! What a spreadsheet, a web page or a file system adds to a field and nobody sees.

use unicode_normalization::UnicodeNormalization;

use crate::domain::wording::is_invisible;

/// The field without invisible characters and without what keeps a spreadsheet from reading it as a
/// number; `None` if there is nothing to take away, or the bytes are no text.
pub(super) fn cleaned(field: &[u8]) -> Option<String> {
    let field = field.trim_ascii();
    let is_plain = !matches!(field.first(), Some(b'=' | b'\''))
        && field.iter().all(|byte| matches!(byte, b' '..=b'~'));
    if is_plain {
        return None;
    }

    let text = std::str::from_utf8(field).ok()?;
    // One letter can be written as one character or as a letter and its accent.
    let visible: String = text.chars().filter_map(visible).nfc().collect();
    let cleaned = unwrapped(visible.trim());
    (cleaned != text).then_some(cleaned)
}

/// A character as it is seen: white space of any kind as a space, what has no width as nothing.
fn visible(char: char) -> Option<char> {
    match char {
        '\t' | '\n' | '\r' | '\u{A0}' | '\u{2007}' | '\u{202F}' => Some(' '),
        _ if char.is_control() || is_invisible(char) => None,
        _ => Some(char),
    }
}

/// The text in `="00017"`, and the text behind the apostrophe of `'00017`.
fn unwrapped(text: &str) -> String {
    if let Some(quoted) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        return quoted.replace("\"\"", "\"").trim().to_owned();
    }

    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(|char: char| "=+-@".contains(char) || is_digit(char)) => {
            rest.to_owned()
        }
        _ => text.to_owned(),
    }
}

fn is_digit(char: char) -> bool {
    char.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_taken_away() {
        for (field, text) in [
            ("=\"00017\"", "00017"),
            ("=\"a\"\"b\"", "a\"b"),
            ("'00017", "00017"),
            ("'-4", "-4"),
            ("\u{200B}MUG\u{FEFF}", "MUG"),
            ("MUG\u{1F}01", "MUG01"),
            ("MUG\u{A0}01", "MUG 01"),
            (" MUG\t01 ", "MUG 01"),
            ("\u{200B}", ""),
            ("Cafe\u{301}", "Café"),
        ] {
            assert_eq!(cleaned(field.as_bytes()).as_deref(), Some(text), "{field:?}");
        }
    }

    #[test]
    fn what_is_seen_stays() {
        for field in ["MUG-01", "", "Größe 3", "=A1", "'n beetje", "O'Neill", "日本"] {
            assert_eq!(cleaned(field.as_bytes()), None, "{field:?}");
        }
        assert_eq!(cleaned(b"\xFFMUG"), None);
    }
}
