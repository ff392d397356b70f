//! Texts as numbers: each different text gets the next one.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

/// Numbers of texts, in the order in which they were first met. One buffer holds all texts, one
/// after the other.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    bytes: String,
    /// Where each text ends.
    ends: Vec<usize>,
    /// A table with open addressing, a power of two long and at most half full. The upper 32 bits
    /// of a slot are those of the text's hash, so that most texts that differ need not be compared;
    /// the lower ones are the text's number + 1. A free slot is 0.
    slots: Vec<u64>,
    /// The number that was asked for last.
    last: Option<u32>,
}

impl Interner {
    /// A text by its number.
    pub(crate) fn get(&self, number: u32) -> &str {
        self.bytes.get(self.range(number)).unwrap_or_default()
    }

    /// How many texts there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    fn range(&self, number: u32) -> Range<usize> {
        let at = number as usize;
        let start = if at == 0 { 0 } else { self.ends.get(at - 1).copied().unwrap_or_default() };
        start..self.ends.get(at).copied().unwrap_or_default()
    }

    /// The number of a text, a new one where it was not met before.
    pub(crate) fn number(&mut self, text: &str) -> u32 {
        // The rows of an order often follow one another, with its number in each.
        if let Some(last) = self.last
            && self.get(last) == text
        {
            return last;
        }

        if self.slots.len() < 2 * (self.ends.len() + 1) {
            self.grow();
        }

        let hash = hash(text.as_bytes());
        let slot = self.slot_of(text, hash);
        let number = match self.slots[slot] {
            0 => {
                let number = self.ends.len() as u32;
                self.bytes.push_str(text);
                self.ends.push(self.bytes.len());
                self.slots[slot] = tagged(hash, number);
                number
            }
            taken => taken as u32 - 1,
        };

        self.last = Some(number);
        number
    }

    /// The slot that holds a text, or the free one where it belongs.
    fn slot_of(&self, text: &str, hash: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;

        loop {
            let taken = self.slots[slot];
            let is_it = || taken >> 32 == hash >> 32 && self.get(taken as u32 - 1) == text;
            if taken == 0 || is_it() {
                return slot;
            }

            slot = (slot + 1) & mask;
        }
    }

    fn grow(&mut self) {
        self.slots = vec![0; (self.slots.len() * 2).max(1 << 10)];

        for number in 0..self.ends.len() as u32 {
            let hash = hash(self.get(number).as_bytes());
            let slot = self.slot_of(self.get(number), hash);
            self.slots[slot] = tagged(hash, number);
        }
    }
}

/// A slot's content: the upper half of the hash, and the number + 1.
fn tagged(hash: u64, number: u32) -> u64 {
    hash >> 32 << 32 | u64::from(number + 1)
}

/// 2⁶⁴ divided by the golden ratio, made odd: its multiples spread evenly (Knuth, The Art of
/// Computer Programming, volume 3, section 6.4).
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// A quick mix of the bytes, eight at a time; it spreads texts over slots and appears in no output.
fn hash(bytes: &[u8]) -> u64 {
    let mut state = bytes.len() as u64;

    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        state = (state ^ u64::from_le_bytes(word)).wrapping_mul(GOLDEN);
        state ^= state >> 29;
    }

    state ^ (state >> 32)
}

/// Hashes small keys of numbers quickly.
#[derive(Debug, Default)]
pub(crate) struct Mix(u64);

impl Hasher for Mix {
    fn write(&mut self, bytes: &[u8]) {
        self.write_u64(hash(bytes));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_i64(&mut self, number: i64) {
        self.write_u64(number as u64);
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(23) ^ number).wrapping_mul(GOLDEN);
        self.0 ^= self.0 >> 32;
    }

    fn finish(&self) -> u64 {
        // The map looks at the highest and the lowest bits. Judgement: any odd factor with about as
        // many ones as zeros would do, since no output depends on the hash.
        self.0.wrapping_mul(0xD6E8_FEB8_6659_FD93).rotate_left(32)
    }
}

/// A map from small keys of numbers.
pub(crate) type NumberMap<K, V> = HashMap<K, V, BuildHasherDefault<Mix>>;

/// Texts that are looked at before the table is asked. Judgement: a few are skipped where the items
/// of a week follow one another, for those that were not sold in it.
const LOOKED_AT: usize = 6;
/// Texts after which it is judged whether looking ahead pays, and for how many more it is left off
/// where it does not. Judgement.
const JUDGED: u32 = 1 << 12;

/// The order in which texts come again: histories are often written period by period, and the items
/// of each in the same order. There the next text is found beside the last one, without a search
/// through a table of all of them.
#[derive(Debug, Default)]
pub(crate) struct Recurring {
    /// The text that comes after each; [`u32::MAX`] for none.
    next: Vec<u32>,
    last: Option<u32>,
    looked: u32,
    found: u32,
    /// Texts for which it is not looked ahead any more.
    left_off: u32,
}

impl Recurring {
    /// The number of a text among `texts`, a new one where it was not met before.
    pub(crate) fn number(&mut self, texts: &mut Interner, text: &str) -> u32 {
        let Some(last) = self.last else { return self.search(texts, text) };
        if texts.get(last) == text {
            return last;
        }
        if self.left_off > 0 {
            self.left_off -= 1;
            return self.search(texts, text);
        }

        self.looked += 1;
        if self.looked == JUDGED {
            let pays = 4 * self.found > JUDGED;
            self.left_off = if pays { 0 } else { 16 * JUDGED };
            (self.looked, self.found) = (0, 0);
        }
        let mut at = last;
        for _ in 0..LOOKED_AT {
            at = self.after(at);
            if at == u32::MAX {
                break;
            }
            if texts.get(at) == text {
                self.found += 1;
                self.last = Some(at);
                return at;
            }
        }

        let number = self.search(texts, text);
        // One that has no place yet goes between the last and what came after it.
        if self.after(number) == u32::MAX {
            let after = self.after(last);
            self.put(number, after);
            self.put(last, number);
        }
        number
    }

    fn search(&mut self, texts: &mut Interner, text: &str) -> u32 {
        let number = texts.number(text);
        self.last = Some(number);
        number
    }

    fn after(&self, number: u32) -> u32 {
        self.next.get(number as usize).copied().unwrap_or(u32::MAX)
    }

    fn put(&mut self, number: u32, next: u32) {
        let at = number as usize;
        if self.next.len() <= at {
            self.next.resize(at + 1, u32::MAX);
        }
        self.next[at] = next;
    }
}

/// Numbers of pairs of numbers, such as items: a sku at a location.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    pairs: Vec<(u32, u32)>,
    /// The first pair of each first number: its second one, and the pair's; [`u32::MAX`] for none.
    firsts: Vec<(u32, u32)>,
    /// The further ones.
    others: NumberMap<(u32, u32), u32>,
}

impl Pairs {
    /// All pairs, by number.
    pub(crate) fn all(&self) -> &[(u32, u32)] {
        &self.pairs
    }

    /// The number of a pair, a new one where it was not met before.
    pub(crate) fn number(&mut self, pair: (u32, u32)) -> u32 {
        let (first, second) = (pair.0 as usize, pair.1);
        let next = self.pairs.len() as u32;
        let number = match self.firsts.get(first).copied() {
            Some((known, number)) if number != u32::MAX => match known == second {
                true => number,
                false => *self.others.entry(pair).or_insert(next),
            },
            _ => {
                if self.firsts.len() <= first {
                    self.firsts.resize(first + 1, (u32::MAX, u32::MAX));
                }
                self.firsts[first] = (second, next);
                next
            }
        };
        if number == next {
            self.pairs.push(pair);
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equal_texts_and_only_they_share_a_number(
            texts in proptest::collection::vec("[a-c]{0,3}", 0..200),
        ) {
            let mut interner = Interner::default();
            let numbers: Vec<u32> = texts.iter().map(|text| interner.number(text)).collect();
            for (text, number) in texts.iter().zip(&numbers) {
                prop_assert_eq!(interner.get(*number), text);
            }

            let different: std::collections::BTreeSet<_> = texts.iter().collect();
            let numbers: std::collections::BTreeSet<_> = numbers.into_iter().collect();

            prop_assert_eq!(numbers.len(), different.len());
        }
    }

    #[test]
    fn texts_that_recur_have_the_numbers_that_a_search_gives() {
        let weeks = [
            vec!["a", "b", "c", "d"],
            vec!["a", "d", "e"],
            vec!["b", "c", "b", "e", "e"],
            vec!["x", "a", "y", "b", "z", "c", "d", "e"],
            vec!["e", "d", "c", "b", "a"],
        ];
        let (mut texts, mut searched) = (Interner::default(), Interner::default());
        let mut recurring = Recurring::default();
        for text in weeks.concat().repeat(3) {
            assert_eq!(recurring.number(&mut texts, text), searched.number(text));
        }

        let (looked, found) = (recurring.looked, recurring.found);
        for text in weeks[0].repeat(100) {
            recurring.number(&mut texts, text);
        }
        // Each but the first of a week is found beside the one before it.
        assert!(4 * (recurring.found - found) >= 3 * (recurring.looked - looked) - 4);
    }

    #[test]
    fn where_nothing_recurs_it_is_left_off_to_look_ahead() {
        let (mut texts, mut recurring) = (Interner::default(), Recurring::default());
        for at in 0..2 * JUDGED {
            let text = (1_000.0 * crate::stats::random::unit(7, u64::from(at))).floor();
            recurring.number(&mut texts, &text.to_string());
        }
        assert!(recurring.left_off > 0);
    }

    proptest! {
        #[test]
        fn equal_pairs_and_only_they_share_a_number(
            pairs in proptest::collection::vec((0_u32..5, 0_u32..4), 0..60),
        ) {
            let mut numbered = Pairs::default();
            for pair in &pairs {
                let number = numbered.number(*pair);
                prop_assert_eq!(numbered.all()[number as usize], *pair);
            }
            let different: std::collections::BTreeSet<_> = pairs.iter().collect();
            prop_assert_eq!(numbered.all().len(), different.len());
        }
    }
}
