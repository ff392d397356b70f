//! Words of the electronic formats: units of measure, identifiers, characters.

use super::{Layout, Notes, Problems};
use crate::config::placeholders::Placeholder;
use crate::domain::gln::is_gln;
use crate::plan::orders::OrderLine;

/// Units of measure that shops write, their code in UN/ECE recommendation 20, and in X12, data
/// element 355. Longer lists are a matter of `map.uom`.
const UNITS: [(&[&str], &str, &str); 10] = [
    (
        &["", "pc", "pcs", "ea", "each", "piece", "pieces", "unit", "units", "st", "stk"],
        "C62",
        "EA",
    ),
    (&["stück", "nos", "pièce", "c62"], "C62", "EA"),
    (&["kg", "kgm", "kilogram"], "KGM", "KG"),
    (&["g", "gr", "grm", "gram"], "GRM", "GR"),
    (&["l", "ltr", "litre", "liter"], "LTR", "LT"),
    (&["m", "mtr", "metre", "meter"], "MTR", "MR"),
    (&["m2", "m²", "mtk", "sqm"], "MTK", "SM"),
    (&["pair", "pr", "paar"], "PR", "PR"),
    (&["set"], "SET", "ST"),
    (&["dozen", "dz", "dzn"], "DZN", "DZ"),
];

/// What a pack is called in each.
const PACK: (&str, &str) = ("XPK", "PK");

/// In which code list a unit is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnitCodes {
    /// UN/ECE recommendation 20.
    Unece,
    /// X12 data element 355.
    X12,
}

/// The code of what a line counts: the profile's word, else the usual one.
pub(super) fn unit_code(
    layout: &Layout<'_>,
    line: &OrderLine,
    codes: UnitCodes,
    problems: &mut Problems,
) -> String {
    let of = |(unece, x12): (&str, &str)| match codes {
        UnitCodes::Unece => unece.to_owned(),
        UnitCodes::X12 => x12.to_owned(),
    };
    if layout.is_in_packs(line) {
        return of(PACK);
    }

    let uom = line.uom.as_deref().unwrap_or_default().trim();
    if let Some(map) = layout.profile.map.get(&Placeholder::Uom)
        && let Some(code) = map.get(uom)
    {
        return code.clone();
    }
    let lower = uom.to_lowercase();
    let known = UNITS.iter().find(|(words, ..)| words.contains(&lower.as_str()));
    match known {
        Some((_, unece, x12)) => of((unece, x12)),
        None => {
            problems.insert(format!("`map.uom` has no code for the unit {uom:?}"));
            String::new()
        }
    }
}

/// A party's identifier, and who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identifier {
    pub(super) id: String,
    /// A qualifier of two characters that was written before it, as in `01:006927180`.
    pub(super) qualifier: Option<String>,
    pub(super) is_gln: bool,
}

impl Identifier {
    pub(super) fn of(text: &str) -> Self {
        let is_qualifier =
            |word: &str| word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
        match text.split_once(':').filter(|(word, _)| is_qualifier(word)) {
            Some((word, id)) => {
                let qualifier = Some(word.to_ascii_uppercase());
                Self { id: id.to_owned(), qualifier, is_gln: is_gln(id) }
            }
            None => Self { id: text.to_owned(), qualifier: None, is_gln: is_gln(text) },
        }
    }
}

/// The identifiers of both sides of an order, which the electronic formats cannot do without.
pub(super) struct Parties {
    pub(super) buyer: Identifier,
    pub(super) buyer_name: String,
    pub(super) supplier: Identifier,
}

/// The parties of an order; what is missing is a problem.
pub(super) fn parties(
    layout: &Layout<'_>,
    line: &OrderLine,
    problems: &mut Problems,
) -> Option<Parties> {
    let mut given = |value: &Option<String>, key: &str| {
        if value.is_none() {
            problems.insert(format!("`handover_buyer.{key}` is not given"));
        }
        value.clone()
    };
    let name = given(&layout.buyer.name, "name");
    let gln = given(&layout.buyer.gln, "gln");
    let map = layout.profile.map.get(&Placeholder::Supplier);
    let supplier = map.and_then(|map| map.get(&*line.supplier));
    if supplier.is_none() {
        problems.insert(format!(
            "`map.supplier` has no entry for {:?}, the identifier under which it takes orders",
            &*line.supplier
        ));
    }
    Some(Parties {
        buyer: Identifier::of(&gln?),
        buyer_name: name?,
        supplier: Identifier::of(supplier?),
    })
}

/// The location's identifier.
pub(super) fn location_id(
    layout: &Layout<'_>,
    line: &OrderLine,
    problems: &mut Problems,
) -> Identifier {
    let Some(map) = layout.profile.map.get(&Placeholder::Location) else {
        let id = line.location.to_string();
        return Identifier { is_gln: is_gln(&id), id, qualifier: None };
    };
    match map.get(&*line.location) {
        Some(word) => Identifier::of(word),
        None => {
            problems.insert(format!("`map.location` has no entry for {:?}", &*line.location));
            Identifier::of("")
        }
    }
}

/// Letters of Latin scripts as ASCII writes them.
const LATIN: [(&str, &str); 41] = [
    ("äæ", "ae"),
    ("öœ", "oe"),
    ("ü", "ue"),
    ("ÄÆ", "Ae"),
    ("ÖŒ", "Oe"),
    ("Ü", "Ue"),
    ("ß", "ss"),
    ("àáâãåāąă", "a"),
    ("ÀÁÂÃÅĀĄĂ", "A"),
    ("çćč", "c"),
    ("ÇĆČ", "C"),
    ("ďđð", "d"),
    ("ĎĐÐ", "D"),
    ("èéêëēęě", "e"),
    ("ÈÉÊËĒĘĚ", "E"),
    ("ğģ", "g"),
    ("ĞĢ", "G"),
    ("ìíîïīįı", "i"),
    ("ÌÍÎÏĪĮİ", "I"),
    ("ķ", "k"),
    ("łļľ", "l"),
    ("ŁĻĽ", "L"),
    ("ñńņň", "n"),
    ("ÑŃŅŇ", "N"),
    ("òóôõøőō", "o"),
    ("ÒÓÔÕØŐŌ", "O"),
    ("řŕ", "r"),
    ("ŘŔ", "R"),
    ("śšşș", "s"),
    ("ŚŠŞȘ", "S"),
    ("ùúûūůűų", "u"),
    ("ÙÚÛŪŮŰŲ", "U"),
    ("ťțţ", "t"),
    ("ŤȚŢ", "T"),
    ("ýÿ", "y"),
    ("Ý", "Y"),
    ("źżž", "z"),
    ("ŹŻŽ", "Z"),
    ("–—−", "-"),
    ("‘’´`", "'"),
    ("“”„", "\""),
];

/// A text in the characters of X12: printable ASCII without the separators.
pub(super) fn x12_text(text: &str, notes: &mut Notes) -> String {
    let mut written = String::with_capacity(text.len());
    for character in text.chars() {
        let is_plain = matches!(character, ' '..='~') && !matches!(character, '*' | '~' | '>');
        if is_plain {
            written.push(character);
            continue;
        }
        let latin = LATIN.iter().find(|(letters, _)| letters.contains(character));
        let word = latin.map(|(_, word)| *word).unwrap_or(match character {
            '*' => "x",
            '~' => "-",
            '>' => ")",
            _ if character.is_whitespace() || character.is_control() => " ",
            _ => "?",
        });
        notes.text(format!("`{}` became `{word}`", character.escape_debug()));
        written.push_str(word);
    }
    written.trim().to_owned()
}

/// A text without what XML 1.0 cannot hold.
pub(super) fn xml_text(text: &str, notes: &mut Notes) -> String {
    let is_allowed = |c: char| {
        matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
            || c >= '\u{10000}'
    };
    if text.chars().all(is_allowed) {
        return text.to_owned();
    }
    for character in text.chars().filter(|c| !is_allowed(*c)) {
        notes.text(format!("`{}` was left out", character.escape_debug()));
    }
    text.chars().filter(|c| is_allowed(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_in_the_characters_of_a_format() {
        let mut notes = Notes::default();
        let written = x12_text("Größe 10*20 – Żółć~ 東\n", &mut notes);
        assert_eq!(written, "Groesse 10x20 - Zolc- ?");
        for note in ["`*` became `x`", "`東` became `?`"] {
            assert!(notes.texts.contains(note), "{:?}", notes.texts);
        }
        let mut notes = Notes::default();
        assert_eq!(xml_text("a\u{0}b\u{fffe}c\td", &mut notes), "abc\td");
        assert_eq!(notes.texts.len(), 2);
    }

    #[test]
    fn an_identifier_may_say_who_gave_it() {
        let of = |text: &str| {
            let found = Identifier::of(text);
            (found.qualifier.unwrap_or_default(), found.id, found.is_gln)
        };
        assert_eq!(of("01:006927180"), ("01".into(), "006927180".into(), false));
        assert_eq!(of("4012345000009"), (String::new(), "4012345000009".into(), true));
        assert_eq!(of("ACME:1"), (String::new(), "ACME:1".into(), false));
    }
}
