//! Numbers of the GS1 system.

/// Whether a text is a Global Location Number: 13 digits, the last of which checks the others.
/// Source: GS1 General Specifications, section 7.9, check digit calculation.
///
/// ```
/// use restock::domain::gln::is_gln;
/// assert!(is_gln("4012345000009"));
/// assert!(!is_gln("4012345000008"));
/// assert!(!is_gln("401234500000"));
/// ```
#[must_use]
pub fn is_gln(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(10)).collect();
    let weighted = digits.iter().rev().enumerate();
    let sum: u32 = weighted.map(|(at, digit)| digit * if at % 2 == 0 { 1 } else { 3 }).sum();
    text.len() == 13 && digits.len() == 13 && sum.is_multiple_of(10)
}
