//! Countries, as far as it matters where a customer is.

/// Members of the European Union: code of ISO 3166-1, its three-letter code, English name. Source:
/// the Union's list of its 27 members, as of 2020-02-01.
const EU_MEMBERS: [(&str, &str, &str); 27] = [
    ("AT", "AUT", "Austria"),
    ("BE", "BEL", "Belgium"),
    ("BG", "BGR", "Bulgaria"),
    ("CY", "CYP", "Cyprus"),
    ("CZ", "CZE", "Czechia"),
    ("DE", "DEU", "Germany"),
    ("DK", "DNK", "Denmark"),
    ("EE", "EST", "Estonia"),
    ("ES", "ESP", "Spain"),
    ("FI", "FIN", "Finland"),
    ("FR", "FRA", "France"),
    ("GR", "GRC", "Greece"),
    ("HR", "HRV", "Croatia"),
    ("HU", "HUN", "Hungary"),
    ("IE", "IRL", "Ireland"),
    ("IT", "ITA", "Italy"),
    ("LT", "LTU", "Lithuania"),
    ("LU", "LUX", "Luxembourg"),
    ("LV", "LVA", "Latvia"),
    ("MT", "MLT", "Malta"),
    ("NL", "NLD", "Netherlands"),
    ("PL", "POL", "Poland"),
    ("PT", "PRT", "Portugal"),
    ("RO", "ROU", "Romania"),
    ("SE", "SWE", "Sweden"),
    ("SI", "SVN", "Slovenia"),
    ("SK", "SVK", "Slovakia"),
];

/// The same for countries outside the Union that exports often spell out, and other names of
/// members.
const OTHER_NAMES: [(&str, &str, &str); 9] = [
    ("US", "USA", "United States"),
    ("US", "U.S.A.", "United States of America"),
    ("GB", "GBR", "United Kingdom"),
    ("GB", "UK", "Great Britain"),
    ("CH", "CHE", "Switzerland"),
    ("NO", "NOR", "Norway"),
    ("CA", "CAN", "Canada"),
    ("CZ", "CZE", "Czech Republic"),
    ("GR", "EL", "Hellas"),
];

/// The two-letter code of a country that is written as two letters, as three or, if it is known
/// here, by its English name; `None` for any other text.
///
/// ```
/// use restock::domain::countries::code_of;
/// assert_eq!(code_of("us").as_deref(), Some("US"));
/// assert_eq!(code_of(" Germany ").as_deref(), Some("DE"));
/// assert_eq!(code_of("EL").as_deref(), Some("GR"));
/// assert_eq!(code_of("1st floor"), None);
/// ```
#[must_use]
pub fn code_of(text: &str) -> Option<String> {
    let text = text.trim();
    let is_named = |(_, long, name): &&(&str, &str, &str)| {
        text.eq_ignore_ascii_case(long) || text.eq_ignore_ascii_case(name)
    };
    if let Some((code, ..)) = OTHER_NAMES.iter().chain(&EU_MEMBERS).find(is_named) {
        return Some((*code).to_owned());
    }

    let is_code = text.len() == 2 && text.chars().all(|letter| letter.is_ascii_alphabetic());
    is_code.then(|| text.to_ascii_uppercase())
}

/// Whether a country is a member of the European Union, by its two-letter code.
#[must_use]
pub fn is_eu_member(code: &str) -> bool {
    EU_MEMBERS.iter().any(|(member, ..)| *member == code)
}

/// Whether a code is that of the United States.
#[must_use]
pub fn is_united_states(code: &str) -> bool {
    code == "US"
}
