//! Reads decimal numbers from text, exactly.

use crate::domain::finding::Code;
use crate::domain::fixed::{Fixed, LIMIT, SCALE};

/// Digits before the decimal mark that surely fit an `i64` in steps of 1/[`SCALE`].
const SAFE_DIGITS: usize = 12;

/// The exact decimal that a trimmed text holds. It is rounded to four decimals, halves away from
/// zero.
pub(crate) fn fixed(text: &[u8], decimal: u8) -> Result<Fixed, Code> {
    if let Some(value) = plain(text, decimal) {
        return if value.unsigned_abs() <= (LIMIT * SCALE as f64) as u64 {
            Ok(Fixed(value))
        } else {
            Err(Code::NumberOutOfRange)
        };
    }

    fixed_from_real(real(text, decimal)?)
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
    let text = std::str::from_utf8(text).map_err(|_| Code::BadNumber)?;
    let group = if decimal == b'.' { ',' } else { '.' };

    let (whole, fraction) = match text.split_once(char::from(decimal)) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };

    let mut plain = ungrouped(whole, group).ok_or(Code::BadNumber)?;
    if let Some(fraction) = fraction {
        plain.push('.');
        plain.push_str(fraction);
    }

    let value: f64 = plain.parse().map_err(|_| Code::BadNumber)?;
    if value.is_finite() { Ok(value) } else { Err(Code::NotFinite) }
}

/// Takes grouping marks out of `1,234,567`; `None` if they do not stand between groups of
/// three.
fn ungrouped(whole: &str, group: char) -> Option<String> {
    if !whole.contains(group) {
        return Some(whole.to_owned());
    }

    let mut parts = whole.split(group);
    let first = parts.next()?.trim_start_matches(['-', '+']);

    let groups_fit =
        parts.all(|part| part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit()));
    let first_fits =
        (1..=3).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_digit());

    (groups_fit && first_fits).then(|| whole.replace(group, ""))
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
        ] {
            assert_eq!(read(text).as_deref(), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in
            ["", "-", ".", "abc", "1.2.3", "1,23", "12,34", ",5", "0x10", "1_000", "5 pcs", "--1"]
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
        assert_eq!(fixed(b"1,5", b','), Ok(Fixed(15_000)));
        assert_eq!(fixed(b"1.234,5", b','), Ok(Fixed(12_345_000)));
        assert_eq!(fixed(b"1.5", b','), Err(Code::BadNumber));
    }

    proptest! {
        #[test]
        fn a_decimal_reads_back_as_itself(
            raw in -9_000_000_000_000_000_i64..9_000_000_000_000_000,
        ) {
            prop_assert_eq!(fixed(Fixed(raw).to_string().as_bytes(), b'.'), Ok(Fixed(raw)));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = (fixed(&bytes, b'.'), fixed(&bytes, b','), real(&bytes, b'.'));
        }
    }
}
