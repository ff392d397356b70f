//! Rows of stock and of open orders that do not say which item they are about: cut short, or with a
//! field too many. One of their words may say it all the same; where none does, an item without
//! another row of stock is not taken to be sold out.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::choices::SkuCase;
use crate::domain::finding::{Code, Finding};
use crate::domain::key::Key;
use crate::domain::tables::{Doubt, Tables};
use crate::domain::wording::counted;
use crate::io::contract::STOCK;
use crate::io::records::cleaned;
use crate::io::values::cased;

/// How many words of a row are looked at. Judgement: a row has some dozen, and one that swallowed
/// others has theirs too.
const MAX_WORDS: usize = 10_000;

/// How many items a message names.
const NAMED: usize = 3;

/// What stands in a row between marks that separate fields.
#[derive(Debug, Default)]
pub(crate) struct Words {
    words: BTreeSet<String>,
    /// Whether these are all of the row's, and the row is one.
    are_all: bool,
}

impl Words {
    /// Of a row that cannot be taken apart, and swallowed so many lines.
    pub(super) fn of(text: &[u8], lost_lines: u64, case: SkuCase) -> Self {
        let is_mark = |byte: &u8| b",;\t|\n\"".contains(byte);
        let seen = |field: &[u8]| {
            let field = String::from_utf8_lossy(field.trim_ascii());
            cleaned(field.as_bytes()).unwrap_or_else(|| field.into_owned())
        };
        let mut words = BTreeSet::new();
        let mut are_all = lost_lines == 0;
        for word in text.split(is_mark).map(seen).filter(|word| !word.is_empty()) {
            if words.len() >= MAX_WORDS {
                are_all = false;
                break;
            }
            // A sku may be read in capitals, a location never.
            words.insert(cased(&word, case).into_owned());
            words.insert(word);
        }
        Self { words, are_all }
    }
}

/// A row of stock or open orders that names no item.
#[derive(Debug)]
pub(crate) struct Nameless {
    /// What is wrong with it, and where it is.
    pub(super) finding: Finding,
    pub(super) words: Words,
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
    // Whose row one of these may be that says nothing: that of any item without another.
    let lacking: Vec<&Key> = keys.iter().filter(|key| !tables.has_stock_record(key)).collect();

    let mut findings = Vec::with_capacity(nameless.len());
    let mut is_any_meant = false;
    for Nameless { finding, words } in nameless {
        let all = || words.words.iter().filter_map(|word| places.get(word.as_str())).flatten();
        let located = all().filter(|key| words.words.contains(&*key.location));
        let mut meant: Vec<&Key> = located.copied().collect();
        if meant.is_empty() {
            meant = all().copied().collect();
        }

        if finding.source.table == STOCK {
            // A word may be that of another column, and an item of its own all the same.
            let has_other = |key: &&Key| tables.stock_of(key).is_some();
            let is_unsure = !words.are_all || meant.iter().all(has_other);
            is_any_meant |= is_unsure;
            findings.push(of_stock(finding, &meant, is_unsure.then_some(lacking.len())));
            tables.unreadable_stock.extend(meant.into_iter().cloned());
        } else {
            let skus = meant.iter().map(|key| Some(key.sku.clone()));
            tables.doubts.extend(skus.map(|sku| Doubt { sku, ..Doubt::default() }));
            findings.push(of_orders(finding, &meant));
        }
    }

    if is_any_meant {
        tables.unreadable_stock.extend(lacking.into_iter().cloned());
    }
    if let Some(rows) = &mut tables.stock {
        rows.retain(|row| !tables.unreadable_stock.contains(&row.key));
    }
    findings
}

/// What follows from a row of stock; `lacking` is how many items have no other, where it may be
/// about any of them.
fn of_stock(finding: Finding, meant: &[&Key], lacking: Option<usize>) -> Finding {
    let rest = "what has no other row of stock is not ordered";
    let follows = match (meant.is_empty(), lacking.map(|items| counted(items, "item"))) {
        (false, None) => format!("it seems to be about {}, whose stock is unknown", named(meant)),
        (false, Some(items)) => format!(
            "it may be about {}, whose stock is unknown then, or about others: {rest} ({items})",
            named(meant)
        ),
        (true, items) => {
            let items = items.unwrap_or_default();
            format!("which item it is about cannot be said: {rest} ({items})")
        }
    };
    let message = format!("{}; {follows}", finding.message);
    Finding { code: Code::StockUnreadable, message, ..finding }
}

/// What follows from a row of open orders.
fn of_orders(finding: Finding, meant: &[&Key]) -> Finding {
    let follows = if meant.is_empty() {
        "which item it is about cannot be said, and it is not counted on".to_owned()
    } else {
        let names = named(meant);
        format!(
            "it seems to be about {names}; what it brings is not counted on, and order lines of it \
             need review"
        )
    };
    let message = format!("{}; {follows}", finding.message);
    Finding { code: Code::UnreadableField, message, ..finding }
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
        let row = Nameless { finding, words: Words::of(text, 0, SkuCase::Upper) };
        let said = resolve(vec![row], &keys(), &mut tables);
        let unknown = tables.unreadable_stock.iter().map(ToString::to_string).collect();
        (unknown, tables, said[0].message.clone())
    }

    #[test]
    fn where_the_words_are_those_of_others_too_what_has_no_other_row_is_not_ordered() {
        // A quantity that is another item's number, and a row that swallowed some.
        let keys = [Key::new("10", "main"), Key::new("MUG", "main")];
        let stock = Stock {
            key: keys[0].clone(),
            on_hand: Fixed::ONE,
            allocated: Fixed::ZERO,
            backorders: None,
            counted_on: None,
        };
        for (text, lost_lines) in [(&b"MU,10,x,y"[..], 0), (b"10,5\nP,5", 1)] {
            let finding = Finding::of_table(Code::UnreadableField, STOCK, "cut".to_owned());
            let words = Words::of(text, lost_lines, SkuCase::Keep);
            let mut tables = Tables { stock: Some(vec![stock.clone()]), ..Tables::default() };
            let said = resolve(vec![Nameless { finding, words }], &keys, &mut tables);
            assert!(tables.unreadable_stock.contains(&keys[1]), "{}", said[0].message);
            assert!(said[0].message.contains("or about others"), "{}", said[0].message);
        }
    }

    #[test]
    fn a_word_of_the_row_says_which_item_it_may_be_about() {
        let [a, c] =
            [("A", "south"), ("C", "north")].map(|(sku, at)| Key::new(sku, at).to_string());
        assert_eq!(unknown(b"c;north;;x", STOCK).0, [&*c]);
        assert_eq!(unknown(b"a;south;;x", STOCK).0, [a, c], "it has a row: the word may mislead");
        assert_eq!(unknown(b"\"A\",7", STOCK).0.len(), 3, "both places of it, and what has none");
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
