//! Which items stay together: families, and the shard that each belongs to.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::domain::tables::{Tables, Text};

/// One of `of` parts of the items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    /// Its number, from 0.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

/// Shards that a night may have. Judgement: a part of fewer than some thousand items costs more to
/// start than to plan.
const MAX_SHARDS: u32 = 1_000_000;

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let hint =
            || format!("`{text}` is no shard; write 0/4 … 3/4 for the four parts of a night");
        let (number, of) = text.split_once('/').ok_or_else(hint)?;
        let (number, of) = number.parse().ok().zip(of.parse().ok()).ok_or_else(hint)?;
        if number >= of || of > MAX_SHARDS {
            return Err(hint());
        }
        Ok(Self { number, of })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// Skus that go together because one follows another, is made of it, or is said to sell like it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Families {
    /// The first sku of the family of each that is not its own first.
    first: BTreeMap<String, String>,
}

impl Families {
    /// The families of the tables: successors, bundles with their components, and items with the
    /// one that they are similar to.
    #[must_use]
    pub fn of(tables: &Tables) -> Self {
        let mut ties = Ties::default();
        for item in rows(&tables.items) {
            let others = [&item.replaces, &item.similar_to];
            others.into_iter().flatten().for_each(|other| ties.tie(&item.sku, other));
        }
        for row in rows(&tables.components) {
            ties.tie(&row.sku, &row.component);
        }
        ties.families()
    }

    /// The first sku, bytewise, of the family of one.
    #[must_use]
    pub fn first<'a>(&'a self, sku: &'a str) -> &'a str {
        self.first.get(sku).map_or(sku, |first| first)
    }

    /// The shard, of so many, that an item belongs to: CRC-32 (IEEE 802.3) of the UTF-8 bytes of
    /// its family's first sku, by the remainder. Its locations do not part.
    #[must_use]
    pub fn shard(&self, key: &Key, of: u32) -> u32 {
        shard_of(self.first(&key.sku), of)
    }

    /// The table of families: each sku whose family begins with another, and that one.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &str)> {
        self.first.iter().map(|(sku, first)| (sku.as_str(), first.as_str()))
    }
}

/// The shard of a family by its first sku.
///
/// ```
/// use restock::parts::families::shard_of;
/// assert_eq!(shard_of("123456789", 7), 0xCBF4_3926_u32 % 7); // the check value of CRC-32
/// ```
#[must_use]
pub fn shard_of(first_sku: &str, of: u32) -> u32 {
    crc32fast::hash(first_sku.as_bytes()).checked_rem(of).unwrap_or(0)
}

/// Skus that are tied, as a forest whose roots are the first ones.
#[derive(Debug, Default)]
struct Ties {
    above: BTreeMap<Text, Text>,
}

impl Ties {
    fn tie(&mut self, one: &Text, other: &Text) {
        let (one, other) = (self.root(one), self.root(other));
        match one.cmp(&other) {
            std::cmp::Ordering::Less => drop(self.above.insert(other, one)),
            std::cmp::Ordering::Greater => drop(self.above.insert(one, other)),
            std::cmp::Ordering::Equal => {}
        }
    }

    /// The root above a sku; what lies on the way is hung right below it.
    fn root(&mut self, sku: &Text) -> Text {
        let mut way = Vec::new();
        let mut at = sku.clone();
        while let Some(above) = self.above.get(&at) {
            way.push(std::mem::replace(&mut at, above.clone()));
        }
        for below in way {
            self.above.insert(below, at.clone());
        }
        at
    }

    fn families(mut self) -> Families {
        let skus: Vec<Text> = self.above.keys().cloned().collect();
        let first = skus.iter().map(|sku| (sku.to_string(), self.root(sku).to_string())).collect();
        Families { first }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::bundles::Component;
    use crate::domain::fixed::Fixed;
    use crate::domain::tables::Item;

    #[test]
    fn what_follows_is_made_of_or_sells_like_another_is_one_family() {
        let item = |sku: &str, replaces: Option<&str>, similar: Option<&str>| Item {
            sku: sku.into(),
            replaces: replaces.map(Text::from),
            similar_to: similar.map(Text::from),
            ..Item::default()
        };
        let component = |sku: &str, component: &str| Component {
            sku: sku.into(),
            component: component.into(),
            quantity: Fixed::ONE,
            from: None,
            to: None,
        };
        let tables = Tables {
            items: Some(vec![
                item("d", Some("e"), None),
                item("c", None, Some("d")),
                item("x", None, None),
                item("z", Some("z"), None),
            ]),
            components: Some(vec![component("set", "b"), component("set", "e")]),
            ..Tables::default()
        };

        let families = Families::of(&tables);
        for sku in ["b", "c", "d", "e", "set"] {
            assert_eq!(families.first(sku), "b", "{sku}");
        }
        assert_eq!((families.first("x"), families.first("z")), ("x", "z"));
        assert_eq!(families.rows().count(), 4);
        for of in [1, 2, 7] {
            let shard = |sku, location| families.shard(&Key::new(sku, location), of);
            assert_eq!(shard("set", "north"), shard("c", "south"));
        }
    }

    #[test]
    fn a_shard_is_one_of_those_there_are() {
        assert_eq!("6/7".parse(), Ok(Shard { number: 6, of: 7 }));
        for text in ["", "7/7", "1", "-1/2", "0/0", "1/2/3", "a/b", "0/99999999"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
