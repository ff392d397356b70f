//! Rows that sum others up, and lines that only decorate: known by their text.

/// What reports write in front of a sum, in lower case. SAP lists mark sums of each level with as
/// many stars.
const TOTALS: [&str; 26] = [
    "total",
    "totals",
    "grand total",
    "subtotal",
    "sub-total",
    "sub total",
    "sum",
    "summe",
    "gesamt",
    "gesamtsumme",
    "gesamtergebnis",
    "zwischensumme",
    "endsumme",
    "ergebnis",
    "total général",
    "total general",
    "sous-total",
    "somme",
    "totale",
    "totale generale",
    "totaal",
    "suma",
    "*",
    "**",
    "***",
    "result",
];

/// The longest text that is held against the list, bytes. Judgement: `Total` and a name.
const MAX_BYTES: usize = 80;

/// Whether the field is what a report writes in front of a sum, and nothing else.
pub(super) fn is_total(field: &[u8]) -> bool {
    let field = field.trim_ascii();
    if field.is_empty() || field.len() > MAX_BYTES {
        return false;
    }

    let Ok(text) = std::str::from_utf8(field) else { return false };
    let text = text.trim_end_matches([':', '.']);
    TOTALS.iter().any(|total| text.eq_ignore_ascii_case(total))
}

/// Whether the field begins or ends with such a text: `Total MUG-01`, `MUG-01 Total`.
pub(super) fn names_total(field: &[u8]) -> bool {
    let field = field.trim_ascii();
    if is_total(field) {
        return true;
    }
    if field.len() > MAX_BYTES {
        return false;
    }

    let Ok(text) = std::str::from_utf8(field) else { return false };
    let text = text.to_lowercase();
    TOTALS.iter().any(|total| {
        let before = text.strip_prefix(total).is_some_and(|rest| rest.starts_with([' ', ':']));
        before || text.strip_suffix(total).is_some_and(|rest| rest.ends_with(' '))
    })
}

/// Whether a record says nothing: empty fields, or a line of dashes.
pub(super) fn is_blank<'a>(fields: impl Iterator<Item = &'a [u8]>) -> bool {
    let mut dashes = 0;
    for field in fields {
        for byte in field {
            match byte {
                b'-' | b'=' | b'_' | b'+' | b'|' => dashes += 1,
                b' ' | b'\t' | b'\r' | b'\n' => {}
                _ => return false,
            }
        }
    }

    // Judgement: one or two dashes may stand for a value, a line of them for none.
    dashes == 0 || dashes > 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_known_by_their_text() {
        for text in
            ["Total", "TOTALS:", " grand total ", "Summe", "*", "Total général", "Sous-total"]
        {
            assert!(is_total(text.as_bytes()), "{text}");
        }
        for text in ["MUG-01", "", "Totally", "TOTAL-GYM", "Sum41", "Total Gym"] {
            assert!(!is_total(text.as_bytes()), "{text}");
        }
        assert!(names_total("MUG-01 Total".as_bytes()));
        assert!(names_total("Summe: 2026".as_bytes()));
        assert!(!names_total("Totally".as_bytes()));
    }

    #[test]
    fn a_line_of_dashes_or_of_nothing_is_blank() {
        let blank = |line: &str| is_blank(line.split(',').map(str::as_bytes));
        assert!(blank(",,,"));
        assert!(blank("-----,----"));
        assert!(blank(" ,\t"));
        assert!(!blank("-,,"));
        assert!(!blank(",0"));
    }
}
