//! Numbers and days as text, exactly as the format machinery of the standard library would write
//! them, put at the end of a line without an allocation: a night writes tens of millions.

use chrono::Datelike;

use crate::domain::calendar::{Day, date_of};
use crate::domain::fixed::{Fixed, SCALE};

/// Powers of ten that are needed.
const TENS: [u64; 16] = {
    let mut tens = [1; 16];
    let mut at = 1;
    while at < tens.len() {
        tens[at] = 10 * tens[at - 1];
        at += 1;
    }
    tens
};

/// Real numbers of these sizes are written by whole numbers alone; others are rare.
const USUAL: std::ops::Range<f64> = 1e-8..1e15;
/// Digits of a real number.
const REAL_DIGITS: i32 = 6;
/// Decimals of a share.
const SHARE_DECIMALS: i32 = 4;

/// Adds a whole number.
pub(super) fn push_whole(line: &mut Vec<u8>, number: i64) {
    if number < 0 {
        line.push(b'-');
    }
    push_digits(line, number.unsigned_abs());
}

fn push_digits(line: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    line.extend_from_slice(&digits[first..]);
}

/// Adds a number with leading zeros.
fn push_padded(line: &mut Vec<u8>, number: u64, digits: usize) {
    for at in (0..digits).rev() {
        line.push(b'0' + (number / TENS[at] % 10) as u8);
    }
}

/// Adds a decimal, which carries no zeros at its end.
pub(super) fn push_fixed(line: &mut Vec<u8>, value: Fixed) {
    let (whole, mut part) = parts(value);
    push_sign(line, value);
    push_digits(line, whole);
    let mut digits = 4;
    if part == 0 {
        return;
    }
    while part.is_multiple_of(10) {
        part /= 10;
        digits -= 1;
    }
    line.push(b'.');
    push_padded(line, part, digits);
}

/// Adds a decimal, rounded to so many decimals, at most 4.
pub(super) fn push_money(line: &mut Vec<u8>, value: Fixed, decimals: u32) {
    let rounded = value.rounded(decimals);
    let (whole, part) = parts(rounded);
    push_sign(line, rounded);
    push_digits(line, whole);
    let decimals = decimals.min(4) as usize;
    if decimals > 0 {
        line.push(b'.');
        push_padded(line, part / TENS[4 - decimals], decimals);
    }
}

fn push_sign(line: &mut Vec<u8>, value: Fixed) {
    if value < Fixed::ZERO {
        line.push(b'-');
    }
}

fn parts(value: Fixed) -> (u64, u64) {
    let steps = value.steps().unsigned_abs();
    (steps / SCALE.unsigned_abs(), steps % SCALE.unsigned_abs())
}

/// Adds a share with 4 decimals.
pub(super) fn push_share(line: &mut Vec<u8>, share: f64) {
    // A negative 0 is written as 0.
    let share = share + 0.0;
    if !(0.0..1e6).contains(&share) {
        line.extend_from_slice(format!("{share:.4}").as_bytes());
        return;
    }
    // What is less than half of the last decimal need not be worked out.
    let steps = if share < 1e-5 { 0 } else { scaled(share, SHARE_DECIMALS).nearest() };
    push_digits(line, steps / TENS[SHARE_DECIMALS as usize]);
    line.push(b'.');
    push_padded(line, steps % TENS[SHARE_DECIMALS as usize], SHARE_DECIMALS as usize);
}

/// Adds a real number with 6 significant digits, without an exponent where it is of a usual size;
/// nothing where it is not finite.
pub(super) fn push_real(line: &mut Vec<u8>, value: f64) {
    let size = value.abs();
    let whole = size as u64;
    if value < 0.0 && USUAL.contains(&size) {
        line.push(b'-');
    }
    if whole < TENS[REAL_DIGITS as usize] && whole as f64 == size {
        push_digits(line, whole);
    } else if USUAL.contains(&size) {
        push_significant(line, size);
    } else if size.is_finite() {
        push_unusual(line, value);
    }
}

/// The shortest decimal that reads back as the number rounded to 6 digits.
fn push_unusual(line: &mut Vec<u8>, value: f64) {
    let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    let is_plain = (1e-9..1e21).contains(&rounded.abs());
    let text = if is_plain { rounded.to_string() } else { format!("{rounded:e}") };
    line.extend_from_slice(text.as_bytes());
}

/// Adds the 6 digits of a number of a usual size. No two decimals of so few digits are the same
/// real number, so that they are the shortest that read back as it.
fn push_significant(line: &mut Vec<u8>, size: f64) {
    // About the exponent of ten, of which that of two is known; never too high.
    let exponent_of_two = (size.to_bits() >> 52) as i32 - 1023;
    let mut exponent = (exponent_of_two * 1233) >> 12;
    let mut digits = scaled(size, REAL_DIGITS - 1 - exponent);
    if digits.whole >= TENS[REAL_DIGITS as usize] {
        exponent += 1;
        digits = scaled(size, REAL_DIGITS - 1 - exponent);
    }
    let mut digits = digits.nearest();
    if digits == TENS[REAL_DIGITS as usize] {
        digits /= 10;
        exponent += 1;
    }

    let mut decimals = REAL_DIGITS - 1 - exponent;
    while decimals > 0 && digits.is_multiple_of(10) {
        digits /= 10;
        decimals -= 1;
    }
    match usize::try_from(decimals) {
        Ok(0) => push_digits(line, digits),
        // Of a small number the zeros behind the point are more than its digits.
        Ok(decimals) => {
            let ten = TENS[decimals];
            push_digits(line, digits / ten);
            line.push(b'.');
            push_padded(line, digits % ten, decimals);
        }
        Err(_) => push_digits(line, digits * TENS[decimals.unsigned_abs() as usize]),
    }
}

/// A number in whole steps, and what is left.
struct Scaled {
    whole: u64,
    /// What is left beside a half of a step.
    rest: std::cmp::Ordering,
}

impl Scaled {
    /// The nearest whole number, the even one of two.
    fn nearest(self) -> u64 {
        let is_up = self.rest.is_gt() || self.rest.is_eq() && self.whole % 2 == 1;
        self.whole + u64::from(is_up)
    }
}

/// A number times ten to a power, exactly. It is from 10⁻⁸ to 10¹⁵, and the product below 10⁷.
fn scaled(size: f64, power: i32) -> Scaled {
    let bits = size.to_bits();
    let mantissa = (bits & ((1 << 52) - 1)) | 1 << 52;
    // The number is `mantissa` / 2^`shift`.
    let shift = 1075 - (bits >> 52) as u32;
    let tens = TENS[power.unsigned_abs() as usize];
    if power >= 0 {
        let product = u128::from(mantissa) * u128::from(tens);
        let whole = product >> shift;
        let rest = (product - (whole << shift)).cmp(&(1 << (shift - 1)));
        Scaled { whole: whole as u64, rest }
    } else {
        let divisor = u128::from(tens) << shift;
        let (whole, rest) = (u128::from(mantissa) / divisor, u128::from(mantissa) % divisor);
        Scaled { whole: whole as u64, rest: (2 * rest).cmp(&divisor) }
    }
}

/// Adds a day as an ISO date.
pub(super) fn push_date(line: &mut Vec<u8>, day: Day) {
    let date = date_of(day);
    match u64::try_from(date.year()) {
        Ok(year @ 0..=9999) => {
            push_padded(line, year, 4);
            line.push(b'-');
            push_padded(line, u64::from(date.month()), 2);
            line.push(b'-');
            push_padded(line, u64::from(date.day()), 2);
        }
        _ => line.extend_from_slice(date.to_string().as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(push: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut line = Vec::new();
        push(&mut line);
        String::from_utf8(line).unwrap()
    }

    fn real(value: f64) -> String {
        written(|line| push_real(line, value))
    }

    /// A real number by the standard library alone.
    fn plain_real(value: f64) -> String {
        written(|line| push_unusual(line, value))
    }

    #[test]
    fn halves_and_edges_are_written_as_the_standard_library_does() {
        let mut values = vec![999_999.5, 9_999_995.0, 99_999.95, 1e-8, 9.999_999e14, 1e15, 1e-9];
        // Numbers that lie in the middle of two of 6 digits.
        values.extend((0..4_000).map(|at| f64::from(at) + 100_000.5));
        values.extend((0..4_000).map(|at| 5.0 * f64::from(at) + 1_000_000.0));
        values.extend((0..4_000).map(|at| (f64::from(at) + 0.5) / 64.0 + 1024.0));
        values.extend((-8..15).map(f64::from).map(|power| libm::pow(10.0, power)));
        for value in values.into_iter().flat_map(|value| [value, value.next_up(), -value]) {
            assert_eq!(real(value), plain_real(value), "{value:e}");
        }
        assert_eq!(real(-0.0), "0");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn real_numbers_are_those_of_the_standard_library(value in any::<f64>()) {
            // Of all patterns of bits some are no number, and none is 0.
            let is_number = value.is_finite() && value != 0.0;
            let expected = if is_number { plain_real(value) } else { real(value) };
            prop_assert_eq!(real(value), expected);
        }

        #[test]
        fn so_are_those_of_usual_sizes(digits in -9_999_999_i64..9_999_999, power in -8..9) {
            let value = digits as f64 * libm::pow(10.0, f64::from(power));
            let expected = if digits == 0 { "0".to_owned() } else { plain_real(value) };
            prop_assert_eq!(real(value), expected);
        }

        #[test]
        fn so_are_shares(share in -0.1_f64..3.0, steps in 0_u32..40_000) {
            for share in [share, f64::from(steps) / 20_000.0, share * 1e-4, share * 1e5] {
                let text = written(|line| push_share(line, share));
                prop_assert_eq!(text, format!("{:.4}", share + 0.0));
            }
        }

        #[test]
        fn so_are_decimals_whole_numbers_and_days(
            raw in any::<i64>(),
            small in -100_000_i64..100_000,
            day in any::<i32>(),
            near in -40_000..40_000,
        ) {
            for raw in [raw, small] {
                let value = Fixed::of_steps(raw);
                prop_assert_eq!(written(|line| push_fixed(line, value)), value.to_string());
                for decimals in 0..6 {
                    let text = written(|line| push_money(line, value, decimals));
                    prop_assert_eq!(text, value.with_decimals(decimals));
                }
                prop_assert_eq!(written(|line| push_whole(line, raw)), raw.to_string());
            }
            for day in [day, near] {
                prop_assert_eq!(written(|line| push_date(line, day)), date_of(day).to_string());
            }
        }
    }
}
