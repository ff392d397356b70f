//! How many decimals amounts of a currency have.

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
