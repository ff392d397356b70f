//! What a spreadsheet, a web page or a file system adds to a field and nobody sees.

use unicode_normalization::UnicodeNormalization;

use crate::domain::wording::is_invisible;

/// The field without invisible characters and without what keeps a spreadsheet from reading it as a
/// number; `None` if there is nothing to take away, or the bytes are no text.
pub(crate) fn cleaned(field: &[u8]) -> Option<String> {
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

/// Why a field holds no key, though something stands in it: a spreadsheet wrote an error there, or
/// took a long number for a quantity and lost its digits.
pub(super) fn lost_key(field: &[u8]) -> Option<&'static str> {
    let field = field.trim_ascii();
    match field.first()? {
        b'#' if is_error(std::str::from_utf8(field).ok()?) => {
            Some("an error of a spreadsheet in place of a key")
        }
        b'0'..=b'9' if is_exponent(field) => Some("a number whose digits a spreadsheet has lost"),
        _ => None,
    }
}

/// What spreadsheets write for a formula that failed: `#N/A`, `#REF!`, `#NAME?` and the like in
/// their languages (ECMA-376, part 1, section 18.17.3).
fn is_error(text: &str) -> bool {
    const WITHOUT_MARK: [&str; 5] = ["#N/A", "#NV", "#N/D", "#N/B", "#Н/Д"];
    let is_word = |word: &str| {
        let is_letter = |char: char| char.is_uppercase() || "/0¡¿".contains(char);
        word.chars().count() > 2 && word.chars().all(is_letter)
    };
    let marked = text.strip_prefix('#').and_then(|text| text.strip_suffix(['!', '?']));
    WITHOUT_MARK.contains(&text) || marked.is_some_and(is_word)
}

/// Whether a field is written as `4.00638E+12` is.
fn is_exponent(field: &[u8]) -> bool {
    let Some(at) = field.windows(2).position(|two| matches!(two, [b'E' | b'e', b'+'])) else {
        return false;
    };
    let (number, exponent) = (&field[..at], &field[at + 2..]);
    let is_digits = |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let is_number = match number {
        [first, b'.' | b',', rest @ ..] => first.is_ascii_digit() && is_digits(rest),
        _ => number.len() == 1,
    };
    is_number && (1..=2).contains(&exponent.len()) && is_digits(exponent)
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
    fn errors_and_lost_digits_are_no_keys() {
        for field in ["#N/A", "#NV", "#REF!", "#NAME?", "#DIV/0!", "#¡VALOR!", "#WERT!"] {
            assert!(lost_key(field.as_bytes()).is_some(), "{field}");
        }
        for field in ["4.00638E+12", "4,00638E+12", "1e+13", "5E+9"] {
            assert!(lost_key(field.as_bytes()).is_some(), "{field}");
        }
        for field in ["#1", "#BLUE", "#A!", "5E12", "12E+5", "4.E+12", "1E+123", "E+5", "#", ""] {
            assert_eq!(lost_key(field.as_bytes()), None, "{field}");
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
