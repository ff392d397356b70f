//! Rows of stock and of open orders that do not say which item they are about: cut short, or with a
//! field too many. One of their words may say it all the same; where none does, an item without
//! another row of stock is not taken to be sold out.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::finding::{Code, Finding};
use crate::domain::key::Key;
use crate::domain::tables::{Doubt, Tables};
use crate::domain::wording::counted;
use crate::io::contract::STOCK;

/// How many words of a row are looked at. Judgement: a row has some dozen, and one that swallowed
/// others has those of the first.
const MAX_WORDS: usize = 1_000;

/// How many items a message names.
const NAMED: usize = 3;

/// What stands in a row between marks that separate fields.
pub(crate) type Words = BTreeSet<String>;

/// A row of stock or open orders that names no item.
#[derive(Debug)]
pub(crate) struct Nameless {
    /// What is wrong with it, and where it is.
    pub(super) finding: Finding,
    pub(super) words: Words,
}

/// The words of some texts.
pub(super) fn words<'a>(texts: impl IntoIterator<Item = &'a [u8]>) -> Words {
    let is_mark = |byte: &u8| b",;\t|\n\"".contains(byte);
    let fields = texts.into_iter().flat_map(|text| text.split(is_mark));
    let words = fields.map(|field| String::from_utf8_lossy(field.trim_ascii()).into_owned());
    words.filter(|word| !word.is_empty()).take(MAX_WORDS).collect()
}

/// Says which items such rows may be about: their stock is unknown, or their order lines need
/// review. `keys`, sorted, are the items with demand.
pub(crate) fn resolve(nameless: Vec<Nameless>, keys: &[Key], tables: &mut Tables) -> Vec<Finding> {
    if nameless.is_empty() {
        return Vec::new();
    }

    let mut places: BTreeMap<&str, Vec<&Key>> = BTreeMap::new();
    for key in keys {
        places.entry(&key.sku).or_default().push(key);
    }

    let meant = |words: &Words| -> Vec<&Key> {
        let all = || words.iter().filter_map(|word| places.get(word.as_str())).flatten().copied();
        let located: Vec<&Key> = all().filter(|key| words.contains(&*key.location)).collect();
        if located.is_empty() { all().collect() } else { located }
    };
    let findings = nameless.into_iter().map(|row| said(row, meant, keys, tables)).collect();
    if let Some(rows) = &mut tables.stock {
        rows.retain(|row| !tables.unreadable_stock.contains(&row.key));
    }
    findings
}

/// What follows from one such row.
fn said<'a>(
    row: Nameless,
    meant: impl Fn(&Words) -> Vec<&'a Key>,
    keys: &[Key],
    tables: &mut Tables,
) -> Finding {
    let Nameless { finding, words } = row;
    let meant = meant(&words);
    let names = named(&meant);

    let (code, follows) = match (finding.source.table, meant.is_empty()) {
        (STOCK, false) => {
            tables.unreadable_stock.extend(meant.into_iter().cloned());
            (Code::StockUnreadable, format!("it seems to be about {names}, whose stock is unknown"))
        }
        (STOCK, true) => {
            let lacking = keys.iter().filter(|key| !tables.has_stock_record(key));
            let lacking: Vec<Key> = lacking.cloned().collect();
            let items = counted(lacking.len(), "item");
            tables.unreadable_stock.extend(lacking);
            let follows = "which item it is about cannot be said: what has no other row of stock \
                           is not ordered";
            (Code::StockUnreadable, format!("{follows} ({items})"))
        }
        (_, false) => {
            let skus = meant.iter().map(|key| Some(key.sku.clone()));
            tables.doubts.extend(skus.map(|sku| Doubt { sku, ..Doubt::default() }));
            let follows = "what it brings is not counted on, and order lines of it need review";
            (Code::UnreadableField, format!("it seems to be about {names}; {follows}"))
        }
        (_, true) => {
            let follows = "which item it is about cannot be said, and it is not counted on";
            (Code::UnreadableField, follows.to_owned())
        }
    };
    Finding { code, message: format!("{}; {follows}", finding.message), ..finding }
}

/// The first items by name.
fn named(keys: &[&Key]) -> String {
    let names: Vec<String> = keys.iter().take(NAMED).map(ToString::to_string).collect();
    match keys.len().saturating_sub(NAMED) {
        0 => names.join(" and "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixed::Fixed;
    use crate::domain::tables::Stock;

    fn keys() -> Vec<Key> {
        [("A", "north"), ("A", "south"), ("B", "north"), ("C", "north")]
            .map(|(sku, location)| Key::new(sku, location))
            .to_vec()
    }

    fn tables() -> Tables {
        let stock = |key: &Key| Stock {
            key: key.clone(),
            on_hand: Fixed::ONE,
            allocated: Fixed::ZERO,
            backorders: None,
            counted_on: None,
        };
        let rows = keys().iter().filter(|key| &*key.sku != "C").map(stock).collect();
        Tables { stock: Some(rows), ..Tables::default() }
    }

    fn unknown(text: &[u8], table: &'static str) -> (Vec<String>, Tables, String) {
        let finding = Finding::of_table(Code::UnreadableField, table, "cut".to_owned());
        let mut tables = tables();
        let row = Nameless { finding, words: words([text]) };
        let said = resolve(vec![row], &keys(), &mut tables);
        let unknown = tables.unreadable_stock.iter().map(ToString::to_string).collect();
        (unknown, tables, said[0].message.clone())
    }

    #[test]
    fn a_word_of_the_row_says_which_item_it_may_be_about() {
        assert_eq!(unknown(b"A;south;;x", STOCK).0, [Key::new("A", "south").to_string()]);
        assert_eq!(unknown(b"\"A\",7", STOCK).0.len(), 2, "both places of it");
        let (unknown, tables, said) = unknown(b"PO1,B,north", "purchase_orders");
        assert!(unknown.is_empty());
        assert!(tables.doubts.iter().all(|doubt| doubt.sku.as_deref() == Some("B")));
        assert!(said.contains("order lines of it need review"), "{said}");
    }

    #[test]
    fn where_no_word_does_what_has_no_other_row_may_be_meant() {
        let (unknown, _, said) = unknown(b"7", STOCK);
        assert_eq!(unknown, [Key::new("C", "north").to_string()]);
        assert!(said.contains("(1 item)"), "{said}");
    }
}
