//! Figures and names as the page shows them.

use crate::domain::fixed::Fixed;
use crate::domain::money::{decimals_of, money as grouped_money};
use crate::domain::wording::{grouped, printable, shortened};

/// Characters of a name or description, at most. Judgement: two lines of a column.
const MAX_TEXT: usize = 80;
/// Characters of a sentence with texts from outside in it, at most.
const MAX_SENTENCE: usize = 400;

/// A name from outside: one line, nothing in it that moves what stands beside it.
pub(super) fn name(text: &str) -> String {
    shortened(&printable(text), MAX_TEXT)
}

/// A sentence with texts from outside in it.
pub(super) fn sentence(text: &str) -> String {
    shortened(&printable(text), MAX_SENTENCE)
}

/// An amount in whole units of its currency, since the table has the cents.
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

/// Units, in as many digits as one reads.
pub(super) fn units(value: f64) -> String {
    let decimals = u32::from(value.abs() < 100.0);
    let text = grouped_money(Fixed::clamped(value).rounded(decimals), decimals);
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}
