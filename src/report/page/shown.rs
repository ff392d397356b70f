//! Figures and names as the page shows them.

use crate::domain::fixed::Fixed;
use crate::domain::money::{decimals_of, money as grouped_money};
use crate::domain::tables::Tables;
use crate::domain::wording::{grouped, printable, shortened};

/// Characters of a name or description, at most. Judgement: two lines of a column.
const MAX_NAME: usize = 80;
/// Characters of a sentence with texts from outside in it, at most.
const MAX_SENTENCE: usize = 400;

/// What stands where nothing is known.
pub(super) const UNKNOWN: &str = "–";

/// A name from outside: one line, nothing in it that moves what stands beside it.
pub(super) fn name(text: &str) -> String {
    shortened(&printable(text), MAX_NAME)
}

/// A supplier as people call it, with its code.
pub(super) fn supplier(tables: &Tables, code: &str) -> String {
    let row = tables.supplier(code);
    match row.and_then(|row| row.name.as_deref()).filter(|shown| !shown.is_empty()) {
        Some(shown) => format!("{} ({})", name(shown), name(code)),
        None => name(code),
    }
}

/// A sentence with texts from outside in it.
pub(super) fn sentence(text: &str) -> String {
    shortened(&printable(text), MAX_SENTENCE)
}

/// A word of the tables as people read it: `needs_review` as `needs review`.
pub(super) fn word(text: &str) -> String {
    name(text).replace('_', " ")
}

/// The message of a finding: its name in words, then what was found.
pub(super) fn finding(message: &str) -> String {
    match message.split_once(": ") {
        Some((kind, found)) => format!("{}: {}", word(kind), sentence(found)),
        None => sentence(message),
    }
}

/// A text of our own for the terminal, without the marks of code.
pub(super) fn plain(text: &str) -> String {
    text.replace('`', "")
}

/// An amount in whole units of its currency; the tables have the cents.
pub(super) fn amount(value: Fixed) -> String {
    grouped_money(value.rounded(0), 0)
}

/// An amount with its currency's decimals.
pub(super) fn money(value: Fixed, currency: &str) -> String {
    grouped_money(value, decimals_of(currency))
}

/// A number of rows.
pub(super) fn count(number: usize) -> String {
    grouped(number)
}

/// A probability in per cent.
pub(super) fn percent(share: f64) -> String {
    match 100.0 * share {
        p if p > 0.0 && p < 1.0 => "<1 %".to_owned(),
        p if p > 99.0 && p < 100.0 => ">99 %".to_owned(),
        p => format!("{p:.0} %"),
    }
}

/// Units that are ordered: all of their digits.
pub(super) fn exact(units: Fixed) -> String {
    let text = units.to_string();
    grouped_money(units, text.split_once('.').map_or(0, |(_, part)| part.len() as u32))
}

/// Units, in as many digits as one reads.
pub(super) fn units(value: f64) -> String {
    let decimals = u32::from(value.abs() < 100.0);
    let text = grouped_money(Fixed::clamped(value).rounded(decimals), decimals);
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// What is known as it is shown, or the mark that nothing is.
pub(super) fn known<T>(value: Option<T>, show: impl Fn(T) -> String) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), show)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_digits_that_one_reads() {
        let shown = [0.0, 0.25, 7.0, 99.94, 1234.5, -3.0].map(units);
        assert_eq!(shown, ["0", "0.3", "7", "99.9", "1,235", "-3"]);
        let shown = [0.0, 0.004, 0.5, 0.996, 1.0].map(percent);
        assert_eq!(shown, ["0 %", "<1 %", "50 %", ">99 %", "100 %"]);
        assert_eq!(known(None, units), "–");
        let ordered = [1234.5, 0.25, 20.0].map(|units| exact(Fixed::clamped(units)));
        assert_eq!(ordered, ["1,234.5", "0.25", "20"]);
    }

    #[test]
    fn what_would_turn_the_text_beside_it_is_shown_as_its_code() {
        assert_eq!(name("A\u{202e}b"), "A\\u{202e}b");
        assert_eq!(name(&"x".repeat(10_000)).chars().count(), MAX_NAME);
    }
}
