//! Numbers in messages, with their noun, and texts of others on a terminal.

use std::borrow::Cow;
use std::fmt::Display;

/// A number and what it counts: one of it, or several.
///
/// ```
/// use restock::domain::wording::counted;
/// assert_eq!(counted(1, "day"), "1 day");
/// assert_eq!(counted(30, "day"), "30 days");
/// assert_eq!(counted("0.5", "unit"), "0.5 units");
/// ```
#[must_use]
pub fn counted(count: impl Display, noun: &str) -> String {
    let count = count.to_string();
    let plural = if count == "1" { "" } else { "s" };

    format!("{count} {noun}{plural}")
}

/// A whole number with its digits in groups of three.
///
/// ```
/// use restock::domain::wording::grouped;
/// assert_eq!(grouped(1234567), "1,234,567");
/// assert_eq!(grouped(999), "999");
/// ```
#[must_use]
pub fn grouped(number: impl Display) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A text, from outside too, in lines of at most so many characters, broken between words; every
/// line but the first begins with `indent`. A word that is longer than a line has one of its own.
///
/// ```
/// use restock::domain::wording::wrapped;
/// assert_eq!(wrapped("one two three", 9, "  "), "one two\n  three");
/// assert_eq!(wrapped("one", 2, "  "), "one");
/// assert_eq!(wrapped("now 5 % off", 6, ""), "now\n5 %\noff");
/// ```
#[must_use]
pub fn wrapped(text: &str, width: usize, indent: &str) -> String {
    let text = printable(text);
    let start = text.len() - text.trim_start_matches(' ').len();
    let mut out = text[..start].to_owned();
    let mut used = start;
    let mut is_first = true;
    let mut words = text[start..].split(' ').peekable();
    while let Some(first) = words.next() {
        // A number stays with its per cent.
        let sign = words.next_if(|next| next.starts_with('%'));
        let word = sign.map_or_else(|| first.to_owned(), |sign| format!("{first} {sign}"));
        let length = word.chars().count();
        if !is_first && used + 1 + length > width {
            out.push('\n');
            out.push_str(indent);
            used = indent.chars().count();
        } else if !is_first {
            out.push(' ');
            used += 1;
        }
        out.push_str(&word);
        used += length;
        is_first = false;
    }
    out
}

/// A text whose sentences are broken to lines of at most so many characters. What stands in
/// columns, apart by several spaces, stays as it is.
///
/// ```
/// use restock::domain::wording::fitted;
/// assert_eq!(fitted("  a b c\n1   2   3\n", 5), "  a b\n    c\n1   2   3\n");
/// ```
#[must_use]
pub fn fitted(text: &str, width: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let plain = line.trim_start_matches(' ');
        if line.chars().count() > width && !plain.contains("  ") {
            let indent = " ".repeat(line.len() - plain.len() + 2);
            out.push_str(&wrapped(line, width, &indent));
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

/// A text from outside as a terminal may show it, of at most so many characters: the beginning of a
/// longer one, and a mark that it goes on.
#[must_use]
pub fn shortened(text: &str, width: usize) -> String {
    let text = printable(text);
    if text.chars().count() <= width {
        return text.into_owned();
    }

    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// The same of a path: of a longer one the end, which tells files apart.
#[must_use]
pub fn shortened_path(path: &str, width: usize) -> String {
    let path = printable(path);
    let length = path.chars().count();
    if length <= width {
        return path.into_owned();
    }
    let end: String = path.chars().skip(length + 1 - width.max(1)).collect();
    format!("…{end}")
}

/// A text from outside as a terminal may show it: one line, in which a character that moves the
/// cursor, changes colours or the direction of writing, or shows nothing is written as its code.
///
/// ```
/// use restock::domain::wording::printable;
/// assert_eq!(printable("MUG-01, größe L"), "MUG-01, größe L");
/// assert_eq!(printable("A\u{1b}[2J\nerror: x"), "A\\u{1b}[2J\\nerror: x");
/// ```
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unprintable) {
        return Cow::Borrowed(text);
    }

    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            _ if is_unprintable(character) => shown.extend(character.escape_unicode()),
            _ => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

/// The same for a text of several lines of our own.
#[must_use]
pub fn printable_lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

/// Whether a character controls a terminal, or shows nothing by itself.
fn is_unprintable(character: char) -> bool {
    character.is_control() || is_invisible(character)
}

/// Whether a character is not to be seen though it is no blank: marks of direction, joiners, marks
/// of byte order, tags.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}
