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
        // Histories are often written item by item, so the last text is the likeliest.
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

/// Numbers of pairs of numbers, such as items: a sku at a location.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    numbers: NumberMap<(u32, u32), u32>,
    pairs: Vec<(u32, u32)>,
    last: Option<u32>,
}

impl Pairs {
    /// All pairs, by number.
    pub(crate) fn all(&self) -> &[(u32, u32)] {
        &self.pairs
    }

    /// The number of a pair, a new one where it was not met before.
    pub(crate) fn number(&mut self, pair: (u32, u32)) -> u32 {
        if let Some(last) = self.last
            && self.pairs[last as usize] == pair
        {
            return last;
        }

        let next = self.pairs.len() as u32;
        let number = *self.numbers.entry(pair).or_insert(next);
        if number == next {
            self.pairs.push(pair);
        }

        self.last = Some(number);
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
}
