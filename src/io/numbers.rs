//! Reads decimal numbers from text, exactly.

use crate::domain::finding::Code;
use crate::domain::fixed::{Fixed, LIMIT, SCALE};

/// Digits before the decimal mark that surely fit an `i64` in steps of 1/[`SCALE`].
const SAFE_DIGITS: usize = 12;

/// Marks that group thousands whatever the decimal mark is: a space, a no-break space, a thin and a
/// narrow no-break space, and the apostrophes.
const GROUP_MARKS: [char; 6] = [' ', '\u{A0}', '\u{2009}', '\u{202F}', '\'', '\u{2019}'];

/// Signs of money that may stand before or behind a number.
const MONEY_SIGNS: [char; 6] = ['$', '€', '£', '¥', '₹', '₩'];

/// The exact decimal that a trimmed text holds. It is rounded to four decimals, halves away from
/// zero.
pub(crate) fn fixed(text: &[u8], decimal: u8) -> Result<Fixed, Code> {
    if let Some(value) = plain(text, decimal) {
        return bounded(value);
    }

    let text = ungrouped(text, decimal)?;
    match plain(text.as_bytes(), b'.') {
        Some(value) => bounded(value),
        None => fixed_from_real(parsed(&text)?),
    }
}

fn bounded(value: i64) -> Result<Fixed, Code> {
    if value.unsigned_abs() <= (LIMIT * SCALE as f64) as u64 {
        Ok(Fixed::of_steps(value))
    } else {
        Err(Code::NumberOutOfRange)
    }
}

/// The exact decimal nearest to a real number.
pub(crate) fn fixed_from_real(value: f64) -> Result<Fixed, Code> {
    if !value.is_finite() {
        return Err(Code::NotFinite);
    }

    Fixed::from_f64(value).ok_or(Code::NumberOutOfRange)
}

/// The fast path: a sign, digits, and perhaps a decimal mark and more digits; `None` for anything
/// else.
fn plain(text: &[u8], decimal: u8) -> Option<i64> {
    let (negative, digits) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        (b'+', rest) => (false, rest),
        _ => (false, text),
    };

    let whole_length = digits.iter().position(|byte| *byte == decimal).unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(whole_length);
    let fraction = rest.get(1..).unwrap_or_default();

    if whole.len() > SAFE_DIGITS || whole.is_empty() && fraction.is_empty() {
        return None;
    }

    let mut value = 0_i64;
    for byte in whole {
        value = value * 10 + digit(*byte)?;
    }

    let mut step = SCALE;
    for (at, byte) in fraction.iter().enumerate() {
        let next = digit(*byte)?;
        match at {
            0..4 => {
                value = value * 10 + next;
                step /= 10;
            }
            4 => value += i64::from(next >= 5),
            _ => {}
        }
    }

    value *= step;
    Some(if negative { -value } else { value })
}

fn digit(byte: u8) -> Option<i64> {
    byte.is_ascii_digit().then(|| i64::from(byte - b'0'))
}

/// The real number that a trimmed text holds: finite, with thousands grouped or not, with an
/// exponent or not.
pub(crate) fn real(text: &[u8], decimal: u8) -> Result<f64, Code> {
    parsed(&ungrouped(text, decimal)?)
}

fn parsed(text: &str) -> Result<f64, Code> {
    let value: f64 = text.parse().map_err(|_| Code::BadNumber)?;
    if value.is_finite() { Ok(value) } else { Err(Code::NotFinite) }
}

/// The number as a program writes it: a `-` before it or nothing, no marks between thousands, a `.`
/// before decimals.
fn ungrouped(text: &[u8], decimal: u8) -> Result<String, Code> {
    let text = std::str::from_utf8(text).map_err(|_| Code::BadNumber)?;
    let (negative, digits) = without_sign(text).ok_or(Code::BadNumber)?;
    let (whole, fraction) = match digits.split_once(char::from(decimal)) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };

    let mut plain = String::with_capacity(text.len() + 1);
    if negative {
        plain.push('-');
    }
    push_whole(&mut plain, whole, if decimal == b'.' { ',' } else { '.' })?;
    if let Some(fraction) = fraction {
        plain.push('.');
        plain.push_str(fraction);
    }

    Ok(plain)
}

/// The digits and marks of a number, without its sign; `None` if it is no text or has two signs.
pub(crate) fn digits_of(text: &[u8]) -> Option<&str> {
    Some(without_sign(std::str::from_utf8(text).ok()?)?.1)
}

/// Takes the sign off a number: one before it, the one behind it that an ERP prints, or the
/// brackets of bookkeepers; and the sign of money. `None` if there are two signs.
fn without_sign(text: &str) -> Option<(bool, &str)> {
    let text = without_money(text);
    // Swiss prices end in a dash where there are no cents: `500.-`.
    if let Some(whole) = text.strip_suffix(['-', '–']).and_then(|text| text.strip_suffix('.')) {
        return (!whole.starts_with(['-', '+'])).then_some((false, whole));
    }

    let (negative, digits) = if let Some(rest) = text.strip_prefix('(') {
        (true, rest.strip_suffix(')')?)
    } else if let Some(rest) = text.strip_prefix(['-', '\u{2212}']) {
        (true, rest)
    } else if let Some(rest) = text.strip_prefix('+') {
        (false, rest)
    } else if let Some(rest) = text.strip_suffix(['-', '\u{2212}']) {
        (true, rest)
    } else {
        (false, text)
    };

    let digits = without_money(digits.trim());
    (!digits.starts_with(['-', '+'])).then_some((negative, digits))
}

fn without_money(text: &str) -> &str {
    let text = text.strip_prefix(MONEY_SIGNS).map_or(text, str::trim_start);
    text.strip_suffix(MONEY_SIGNS).map_or(text, str::trim_end)
}

/// Adds the digits before the decimal mark without the marks between thousands: all of one kind,
/// each followed by three digits. A grouped number never begins with 0: `0,500` is a half that is
/// read with the wrong decimal mark.
fn push_whole(plain: &mut String, whole: &str, group: char) -> Result<(), Code> {
    let is_mark = |mark: char| mark == group || GROUP_MARKS.contains(&mark);
    let Some(mark) = whole.chars().find(|mark| is_mark(*mark)) else {
        plain.push_str(whole);
        return Ok(());
    };

    for (number, part) in whole.split(mark).enumerate() {
        let fits = match number {
            0 => (1..=3).contains(&part.len()) && !part.starts_with('0'),
            _ => part.len() == 3,
        };
        if !fits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Code::BadNumber);
        }
        plain.push_str(part);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<String, Code> {
        fixed(text.as_bytes(), b'.').map(|value| value.to_string())
    }

    #[test]
    fn decimals_are_read_exactly() {
        for (text, value) in [
            ("6", "6"),
            ("-80995", "-80995"),
            ("+2.55", "2.55"),
            (".5", "0.5"),
            ("7.", "7"),
            ("0.00005", "0.0001"),
            ("-0.00005", "-0.0001"),
            ("1.99999", "2"),
            ("1e3", "1000"),
            ("1,234.50", "1234.5"),
            ("12,345,678", "12345678"),
            ("99,999,999,999.9999", "99999999999.9999"),
            ("1 200", "1200"),
            ("1\u{A0}200.5", "1200.5"),
            ("12\u{202F}345", "12345"),
            ("1'234.50", "1234.5"),
            ("1\u{2019}234\u{2019}567", "1234567"),
            ("5-", "-5"),
            ("1,234.50-", "-1234.5"),
            ("500.-", "500"),
            ("1'200.–", "1200"),
            ("(12)", "-12"),
            ("\u{2212}3", "-3"),
            ("$12.50", "12.5"),
            ("-€ 3", "-3"),
            ("1,200.00 £", "1200"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in
            ["", "-", ".", "abc", "1.2.3", "1,23", "12,34", ",5", "0x10", "1_000", "5 pcs", "--1"]
                .into_iter()
                .chain(["0,500", "-0,500", "012,345", "1 2", "1 234,567", "-5-", "(5", "(-5)", "$"])
                .chain(["1,234,56", "12 pcs 345", "1''234", "- 5-"])
        {
            assert_eq!(read(text), Err(Code::BadNumber), "{text}");
        }
        for text in ["NaN", "nan", "inf", "-Infinity", "1e999"] {
            assert_eq!(read(text), Err(Code::NotFinite), "{text}");
        }
        for text in ["999999999999", "-1e15", "123456789012345678901234567890"] {
            assert_eq!(read(text), Err(Code::NumberOutOfRange), "{text}");
        }
    }

    #[test]
    fn a_comma_can_be_the_decimal_mark() {
        assert_eq!(fixed(b"1,5", b','), Ok(Fixed::of_steps(15_000)));
        assert_eq!(fixed(b"1.234,5", b','), Ok(Fixed::of_steps(12_345_000)));
        assert_eq!(fixed(b"1.234,50-", b','), Ok(Fixed::of_steps(-12_345_000)));
        assert_eq!(fixed(b"1 234,5", b','), Ok(Fixed::of_steps(12_345_000)));
        for half in ["1.5", "0.500", "0.75"] {
            assert_eq!(fixed(half.as_bytes(), b','), Err(Code::BadNumber), "{half}");
        }
    }

    proptest! {
        #[test]
        fn a_decimal_reads_back_as_itself(
            raw in -9_000_000_000_000_000_i64..9_000_000_000_000_000,
        ) {
            let number = Fixed::of_steps(raw);
            prop_assert_eq!(fixed(number.to_string().as_bytes(), b'.'), Ok(number));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = (fixed(&bytes, b'.'), fixed(&bytes, b','), real(&bytes, b'.'));
        }
    }
}
