//! Orders as ANSI X12 850, version 4010.
//!
//! One interchange a supplier, one functional group in it, one transaction set an order. What is
//! left over from the clock is fixed: the time of an interchange is midnight of the order's day.

use super::codes::{Identifier, Parties, UnitCodes, location_id, parties, unit_code, x12_text};
use super::documents::Document;
use super::sheets::address_lines;
use super::values::name_of;
use super::{Layout, Notes, Problems};
use crate::domain::calendar::{Day, date_of};
use crate::domain::digest::sha256;
use crate::domain::fixed::Fixed;
use crate::domain::money::decimals_of;
use crate::plan::orders::OrderLine;

/// Longest texts of data elements in version 4010: the number of an order (324), a reference (127),
/// a name (93), an address line (166), a description (352), an item's number (234), and an
/// identifier of an interchange (I06).
const MAX_NUMBER: usize = 22;
const MAX_REFERENCE: usize = 30;
const MAX_NAME: usize = 60;
const MAX_ADDRESS: usize = 55;
const MAX_DESCRIPTION: usize = 80;
const MAX_ITEM: usize = 48;
const MAX_INTERCHANGE_ID: usize = 15;
/// An identification code of a party (67).
const MAX_PARTY_ID: usize = 80;
/// The shortest of either.
const MIN_ID: usize = 2;
/// Digits of a hash total (347).
const MAX_HASH_TOTAL: usize = 10;

/// The interchanges of some documents.
pub(super) fn interchanges(
    layout: &Layout<'_>,
    documents: &[Document<'_>],
    problems: &mut Problems,
    notes: &mut Notes,
) -> Vec<u8> {
    let mut segments = Segments { text: String::new(), count: 0, notes, problems };
    for group in documents.chunk_by(|a, b| a.head().supplier == b.head().supplier) {
        let head = group[0].head();
        let Some(parties) = parties(layout, head, segments.problems) else {
            // All that is missing is said at once.
            for line in group.iter().flat_map(|document| &document.lines) {
                location_id(layout, line, segments.problems);
                unit_code(layout, line, UnitCodes::X12, segments.problems);
            }
            continue;
        };
        let (sender, receiver) = (&parties.buyer, &parties.supplier);
        check_length(sender, MAX_INTERCHANGE_ID, segments.problems);
        check_length(receiver, MAX_INTERCHANGE_ID, segments.problems);

        let control = control_number(head.order_day, &group[0].number);
        let day = date_of(head.order_day);
        let (short, long) = (day.format("%y%m%d").to_string(), day.format("%Y%m%d").to_string());
        let (from, to) = (padded(&sender.id), padded(&receiver.id));
        let (of_sender, of_receiver) = (interchange_of(sender), interchange_of(receiver));
        let blank = " ".repeat(10);
        segments.fixed(&format!(
            "ISA*00*{blank}*00*{blank}*{of_sender}*{from}*{of_receiver}*{to}*{short}*0000*U*00401*\
             {control:09}*0*P*>"
        ));
        let (from, to, control_text) = (&sender.id, &receiver.id, control.to_string());
        segments.put(&["GS", "PO", from, to, &long, "0000", &control_text, "X", "004010"]);
        for (at, document) in group.iter().enumerate() {
            order(layout, document, &parties, &mut segments, at + 1);
        }
        segments.put(&["GE", &group.len().to_string(), &control_text]);
        segments.fixed(&format!("IEA*1*{control:09}"));
    }
    segments.text.into_bytes()
}

/// An identifier that its element cannot hold is a problem: cut, it would be another one.
fn check_length(id: &Identifier, most: usize, problems: &mut Problems) {
    if !(MIN_ID..=most).contains(&id.id.len()) || !id.id.is_ascii() {
        problems.insert(format!(
            "the identifier {:?} has not {MIN_ID} to {most} characters of X12",
            id.id
        ));
    }
}

/// The control number of an interchange: nine digits, of which four count days and five are of the
/// SHA-256 of the order's number. An order that is written again has the same, as a repetition
/// should; orders of one day to one supplier differ in the five, but for one in 100,000 pairs.
fn control_number(day: Day, number: &str) -> u32 {
    let hash = sha256(number.as_bytes());
    let digits = u32::from_str_radix(&hash[..8], 16).unwrap_or(0) % 100_000;
    let days = u32::try_from(day.rem_euclid(10_000)).unwrap_or(0);
    (days * 100_000 + digits).max(1)
}

fn padded(id: &str) -> String {
    format!("{id:<MAX_INTERCHANGE_ID$}")
}

/// Who gave an identifier, in the words of an interchange's header (I05).
fn interchange_of(party: &Identifier) -> &str {
    match &party.qualifier {
        Some(qualifier) => qualifier,
        None if party.is_gln => "07",
        None => "ZZ",
    }
}

/// The same in those of a party (66).
fn party_of(party: &Identifier) -> &'static str {
    match party.qualifier.as_deref() {
        Some("01") => "1",
        _ if party.is_gln => "UL",
        _ => "92",
    }
}

fn order(
    layout: &Layout<'_>,
    document: &Document<'_>,
    parties: &Parties,
    segments: &mut Segments<'_>,
    set: usize,
) {
    let head = document.head();
    let iso = |day: Day| date_of(day).format("%Y%m%d").to_string();
    let set = format!("{set:04}");
    segments.count = 0;
    segments.put(&["ST", "850", &set]);
    let number = segments.number(&document.number);
    segments.put(&["BEG", "00", "SA", &number, "", &iso(head.order_day)]);
    segments.put(&["CUR", "BY", &head.currency]);
    let supplier = segments.cut(&head.supplier, MAX_REFERENCE);
    segments.put(&["REF", "IA", &supplier]);
    if document.number != number {
        let whole = segments.cut(&document.number, MAX_REFERENCE);
        segments.put(&["REF", "CR", &whole]);
    }
    if document.is_of_one_day() {
        segments.put(&["DTM", "002", &iso(head.requested_day)]);
    }

    let location = location_id(layout, head, segments.problems);
    check_length(&location, MAX_PARTY_ID, segments.problems);
    segments.party("BY", &parties.buyer_name, &parties.buyer);
    let address = address_lines(layout.buyer.address.as_deref());
    for part in address.chunks(2) {
        let mut lines = part.iter().map(|line| segments.cut(line, MAX_ADDRESS)).collect::<Vec<_>>();
        lines.insert(0, "N3".to_owned());
        segments.put(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    }
    if let Some(country) = layout.buyer.country.as_deref() {
        segments.put(&["N4", "", "", "", country]);
    }
    segments.party("SE", name_of(head), &parties.supplier);
    segments.party("ST", &layout.location_name(head), &location);

    for line in &document.lines {
        item(layout, line, segments);
        if !document.is_of_one_day() {
            segments.put(&["DTM", "002", &iso(line.requested_day)]);
        }
    }

    let quantities: Fixed = document.lines.iter().map(|line| layout.quantity(line)).sum();
    let hash = Some(quantities.to_string()).filter(|hash| hash.len() <= MAX_HASH_TOTAL);
    let lines = document.lines.len().to_string();
    segments.put(&["CTT", &lines, &hash.unwrap_or_default()]);
    if let Some(total) = document.total() {
        segments.put(&["AMT", "TT", &total.with_decimals(decimals_of(&head.currency))]);
    }
    // Itself counts, too.
    let count = (segments.count + 1).to_string();
    segments.put(&["SE", &count, &set]);
}

fn item(layout: &Layout<'_>, line: &OrderLine, segments: &mut Segments<'_>) {
    let unit = unit_code(layout, line, UnitCodes::X12, segments.problems);
    let number = line.line.to_string();
    let quantity = layout.quantity(line).to_string();
    let cost = layout.cost(line).map(|cost| cost.to_string()).unwrap_or_default();
    let mut elements: Vec<String> =
        ["PO1", &number, &quantity, &unit, &cost, ""].map(str::to_owned).to_vec();
    let numbers = [
        ("VP", line.supplier_sku.as_deref()),
        ("BP", Some(&*line.sku)),
        (gtin_qualifier(layout.gtin(line)), layout.gtin(line)),
    ];
    for (qualifier, number) in numbers {
        let Some(number) = number.filter(|number| !number.is_empty()) else { continue };
        if number.chars().count() > MAX_ITEM {
            segments.problems.insert(format!("{number:?} has more than {MAX_ITEM} characters"));
        }
        elements.push(qualifier.to_owned());
        let written = x12_text(number, segments.notes);
        if written != number {
            segments.notes.key(format!("{number:?} became {written:?}"));
        }
        elements.push(written);
    }
    segments.put(&elements.iter().map(String::as_str).collect::<Vec<_>>());
    if let Some(description) = line.description.as_deref().filter(|text| !text.is_empty()) {
        let text = segments.cut(description, MAX_DESCRIPTION);
        segments.put(&["PID", "F", "", "", "", &text]);
    }
}

/// What kind of article number it is, by its length.
fn gtin_qualifier(gtin: Option<&str>) -> &'static str {
    match gtin.map(str::len) {
        Some(12) => "UP",
        Some(14) => "UK",
        _ => "EN",
    }
}

/// Segments as they are written, and how many.
struct Segments<'n> {
    text: String,
    count: usize,
    notes: &'n mut Notes,
    problems: &'n mut Problems,
}

impl Segments<'_> {
    /// A segment of fixed widths.
    fn fixed(&mut self, segment: &str) {
        self.text.push_str(segment);
        self.text.push_str("~\n");
        self.count += 1;
    }

    /// A segment of elements, without the empty ones at its end.
    fn put(&mut self, elements: &[&str]) {
        let cleaned: Vec<String> =
            elements.iter().map(|element| x12_text(element, self.notes)).collect();
        let filled = cleaned.iter().rposition(|element| !element.is_empty()).map_or(0, |at| at + 1);
        self.fixed(&cleaned[..filled].join("*"));
    }

    fn party(&mut self, role: &str, name: &str, id: &Identifier) {
        let name = self.cut(name, MAX_NAME);
        let number = self.cut(&id.id, MAX_PARTY_ID);
        self.put(&["N1", role, &name, party_of(id), &number]);
    }

    /// A text in the format's characters, cut to what an element takes.
    fn cut(&mut self, text: &str, most: usize) -> String {
        let text = x12_text(text, self.notes);
        if text.len() <= most {
            return text;
        }
        self.notes.text(format!("{text:?} was cut to {most} characters"));
        // ASCII by now.
        text[..most].trim().to_owned()
    }

    /// The order's number: a longer one than the format takes keeps its start, and eight digits of
    /// its SHA-256 follow.
    fn number(&mut self, number: &str) -> String {
        let plain = x12_text(number, self.notes);
        if plain.len() <= MAX_NUMBER {
            return plain;
        }
        let short = format!("{}-{}", &plain[..MAX_NUMBER - 9], &sha256(number.as_bytes())[..8]);
        self.notes.text(format!(
            "{number} has more than {MAX_NUMBER} characters and is called {short} there"
        ));
        short
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_numbers_are_of_nine_digits_and_follow_from_the_order() {
        let number = control_number(20_633, "260629-ACME-main");
        assert_eq!(number / 100_000, 633);
        assert_eq!(number, control_number(20_633, "260629-ACME-main"));
        assert_ne!(number, control_number(20_633, "260629-ACME-depot"));
        assert!(control_number(-1, "") <= 999_999_999 && control_number(0, "") > 0);
    }

    #[test]
    fn a_long_number_stays_one_of_its_own() {
        let (mut notes, mut problems) = (Notes::default(), Problems::new());
        let (text, count) = (String::new(), 0);
        let mut segments = Segments { text, count, notes: &mut notes, problems: &mut problems };
        let one = segments.number("260629-HARBOURLINE-depot");
        let other = segments.number("260629-HARBOURLINE-depot-2");
        assert_eq!((one.len(), other.len()), (22, 22));
        assert_ne!(one, other);
        assert_eq!(segments.number("260629-ACME-main"), "260629-ACME-main");
        assert_eq!(notes.texts.len(), 2);
    }
}
