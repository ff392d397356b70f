//! What the marks in a column of numbers say: whether `1,250` is a thousand or one and a quarter.

use crate::io::numbers;
use crate::io::values::shown;

/// What is known of one column's marks after some rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    /// Numbers such as `1,250`: one mark that may group thousands or be a decimal mark.
    doubtful: u64,
    first_doubtful: Option<Seen>,
    /// The first number whose mark can only be a decimal mark: `0,500`, `1,25`.
    decimal: Option<Seen>,
    /// Whether a number shows that the mark groups thousands: `1,234,567`, `1,234.50`, or another
    /// mark before decimals, `12.5`. One of a thousand or more without a mark shows nothing.
    is_settled: bool,
    /// What the decimal mark itself says.
    decimals: Decimals,
}

/// Whether a decimal mark is one. Where some numbers are whole and all others have three digits
/// behind it, as in `12` and `1.250`, it may group thousands.
#[derive(Debug, Clone, Default)]
struct Decimals {
    doubtful: u64,
    first_doubtful: Option<Seen>,
    /// Whether a number below a thousand is written without a mark: a program that writes three
    /// decimals writes them always.
    has_whole: bool,
    /// Whether a number shows that it is a decimal mark, as `0.250` and `1.5` do, or that thousands
    /// are not grouped by it, as `1250` and `1,250` do.
    is_settled: bool,
}

/// A number and the row it stands in.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) row: u64,
    /// As messages show it.
    pub(super) text: String,
}

/// What the marks of a column mean.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Nothing is in doubt.
    Clear,
    /// So many numbers could mean a thousandth of what they are read as; the first of them.
    Doubtful(u64, Seen),
    /// So many numbers could mean a thousand times what they are read as; the first of them.
    DoubtfulDecimals(u64, Seen),
    /// The numbers are written with the other decimal mark, as this one shows.
    OtherDecimal(Seen),
}

impl Marks {
    /// Looks at one number; `decimal` is the decimal mark that is set.
    pub(super) fn see(&mut self, row: u64, text: &[u8], decimal: u8) {
        self.decimals.see(row, text.trim_ascii(), decimal);
        if self.is_settled || text.len() < 3 {
            return;
        }

        let group = if decimal == b'.' { b',' } else { b'.' };
        if !text.iter().any(|byte| matches!(byte, b'.' | b',')) {
            return;
        }

        let text = text.trim_ascii();
        let Some(digits) = numbers::digits_of(text) else { return };
        let digits = digits.as_bytes();
        if !digits.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',')) {
            return;
        }

        let mut parts = digits.split(|byte| *byte == group);
        let first = parts.next().unwrap_or_default();
        let (Some(second), None) = (parts.next(), parts.next()) else {
            // The decimal mark alone, or several marks between thousands.
            self.is_settled = true;
            return;
        };

        let seen = || Some(Seen { row, text: shown(text) });
        if second.contains(&decimal) {
            self.is_settled = true;
        } else if second.len() == 3 && (1..=3).contains(&first.len()) && first[0] != b'0' {
            self.doubtful += 1;
            self.first_doubtful = self.first_doubtful.take().or_else(seen);
        } else {
            self.decimal = self.decimal.take().or_else(seen);
        }
    }

    /// Takes over what the marks of the rows that follow say.
    pub(super) fn join(&mut self, later: Self) {
        self.doubtful += later.doubtful;
        self.first_doubtful = self.first_doubtful.take().or(later.first_doubtful);
        self.decimal = self.decimal.take().or(later.decimal);
        self.is_settled |= later.is_settled;
        self.decimals.join(later.decimals);
    }

    /// What the column's marks mean, once all of its numbers were seen.
    pub(super) fn verdict(self) -> Verdict {
        match (self.first_doubtful, self.decimal) {
            (Some(_), Some(decimal)) if !self.is_settled => Verdict::OtherDecimal(decimal),
            (Some(first), None) if !self.is_settled => Verdict::Doubtful(self.doubtful, first),
            _ => self.decimals.verdict(),
        }
    }
}

impl Decimals {
    fn see(&mut self, row: u64, text: &[u8], decimal: u8) {
        if self.is_settled || text.is_empty() || self.has_whole && text.len() < 3 {
            return;
        }

        let digits = text.strip_prefix(b"-").unwrap_or(text);
        let mut parts = digits.split(|byte| *byte == decimal);
        let whole = parts.next().unwrap_or_default();
        if !whole.iter().all(u8::is_ascii_digit) {
            // A mark between thousands, or no number.
            self.is_settled |= whole.iter().any(|byte| matches!(byte, b',' | b'.'));
            return;
        }
        match (whole.len(), parts.next()) {
            (1..=3, None) => self.has_whole = true,
            (1..=3, Some(fraction)) if fraction.len() == 3 && whole[0] != b'0' => {
                self.doubtful += 1;
                let seen = || Some(Seen { row, text: shown(text) });
                self.first_doubtful = self.first_doubtful.take().or_else(seen);
            }
            _ => self.is_settled = true,
        }
    }

    fn join(&mut self, later: Self) {
        self.doubtful += later.doubtful;
        self.first_doubtful = self.first_doubtful.take().or(later.first_doubtful);
        self.has_whole |= later.has_whole;
        self.is_settled |= later.is_settled;
    }

    fn verdict(self) -> Verdict {
        match self.first_doubtful {
            Some(first) if self.has_whole && !self.is_settled => {
                Verdict::DoubtfulDecimals(self.doubtful, first)
            }
            _ => Verdict::Clear,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(numbers: &[&str]) -> &'static str {
        let mut marks = Marks::default();
        for (row, number) in numbers.iter().enumerate() {
            marks.see(row as u64, number.as_bytes(), b'.');
        }
        match marks.verdict() {
            Verdict::Clear => "clear",
            Verdict::Doubtful(..) => "doubtful",
            Verdict::DoubtfulDecimals(..) => "doubtful decimals",
            Verdict::OtherDecimal(_) => "other decimal",
        }
    }

    #[test]
    fn one_mark_alone_is_doubtful_until_another_number_settles_it() {
        assert_eq!(verdict(&["1,250", "12", "-3,000"]), "doubtful");
        assert_eq!(verdict(&["1,250", "1250"]), "doubtful", "one of the two is not grouped");
        assert_eq!(verdict(&["€ 1,250", "(2,000)", "3,000-"]), "doubtful");
        assert_eq!(verdict(&["1,250", "12.5"]), "clear");
        assert_eq!(verdict(&["1,234,567", "1,250"]), "clear");
        assert_eq!(verdict(&["1,250", "1,234.50"]), "clear");
        assert_eq!(verdict(&["12", "999", "x,yyy"]), "clear");
    }

    #[test]
    fn three_decimals_beside_whole_numbers_may_be_thousands() {
        assert_eq!(verdict(&["1.250", "12", "-3.000"]), "doubtful decimals");
        assert_eq!(verdict(&["1.250", "12", "1250"]), "clear", "thousands stand without a mark");
        assert_eq!(verdict(&["1.250", "12", "1.5"]), "clear");
        assert_eq!(verdict(&["1.250", "12", "0.250"]), "clear");
        assert_eq!(verdict(&["1.250", "12.000", "3.500"]), "clear", "three decimals always");
        assert_eq!(verdict(&["1.250", "12", "1,000"]), "clear");
    }

    #[test]
    fn a_mark_that_groups_nothing_shows_that_the_others_do_not_either() {
        assert_eq!(verdict(&["0,500", "1,250"]), "other decimal");
        assert_eq!(verdict(&["1,250", "12,5"]), "other decimal");
        assert_eq!(verdict(&["0,500", "0,750"]), "clear", "each is refused by itself");
        assert_eq!(verdict(&["0,500", "1,250", "1250"]), "other decimal");
        assert_eq!(verdict(&["0,500", "1,250", "1.5"]), "clear", "0,500 is a slip");
    }
}
