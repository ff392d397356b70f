//! How amounts of money are written: how many decimals they have, and their thousands.

use super::fixed::Fixed;
use super::wording::grouped;

/// Currencies whose amounts have no decimals, and those with three. Source: ISO 4217, list one,
/// minor units; Iceland's króna and the CFA and CFP francs are written without any.
const WITHOUT: [&str; 17] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
    "VUV", "XAF", "XOF", "XPF",
];
const WITH_THREE: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// Decimals of an amount of money in this currency, by its three letters.
///
/// ```
/// use restock::domain::money::decimals_of;
/// assert_eq!(["EUR", "JPY", "KWD"].map(decimals_of), [2, 0, 3]);
/// ```
#[must_use]
pub fn decimals_of(currency: &str) -> u32 {
    let is_among = |codes: &[&str]| codes.iter().any(|code| code.eq_ignore_ascii_case(currency));
    match (is_among(&WITHOUT), is_among(&WITH_THREE)) {
        (true, _) => 0,
        (_, true) => 3,
        _ => 2,
    }
}

/// An amount with groups of three digits.
///
/// ```
/// use restock::domain::fixed::Fixed;
/// use restock::domain::money::money;
/// assert_eq!(money(Fixed::from_units(1_234_567), 2), "1,234,567.00");
/// assert_eq!(money(Fixed::from_units(-999), 2), "-999.00");
/// assert_eq!(money(Fixed::from_units(800_000), 0), "800,000");
/// ```
#[must_use]
pub fn money(amount: Fixed, decimals: u32) -> String {
    let text = amount.with_decimals(decimals);
    let (whole, part) = text.split_once('.').map_or((&*text, None), |(w, p)| (w, Some(p)));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let part = part.map(|part| format!(".{part}")).unwrap_or_default();

    format!("{sign}{}{part}", grouped(digits))
}
