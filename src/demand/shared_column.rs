//! A column of values by bucket in which most items have the same as many others: every run of
//! values is held once.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher as _};

/// The values of each item, one a bucket. How many an item has is not held here.
///
/// ```
/// use restock::demand::shared_column::SharedColumn;
/// let mut column = SharedColumn::default();
/// column.push(&[0.5_f32, 1.0, 1.0]);
/// column.push(&[0.5, 1.0, 1.0]);
/// assert_eq!(column.of(1, 3), [0.5, 1.0, 1.0]);
/// assert_eq!(column.held(), 3);
/// ```
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct SharedColumn<T> {
    /// Where each item's values begin.
    starts: Vec<usize>,
    values: Vec<T>,
    /// Where runs of values stand, by their hash: start and length.
    #[serde(skip)]
    known: HashMap<u64, Vec<(usize, usize)>>,
    /// Whether runs may be held that no item has any more.
    #[serde(skip)]
    is_edited: bool,
}

/// A value that is told from others by its bits.
pub trait Bits: Copy {
    /// These bits.
    fn bits(self) -> u32;
}

impl Bits for f32 {
    fn bits(self) -> u32 {
        self.to_bits()
    }
}

impl Bits for bool {
    fn bits(self) -> u32 {
        u32::from(self)
    }
}

impl<T> Default for SharedColumn<T> {
    fn default() -> Self {
        let (starts, values, known) = (Vec::new(), Vec::new(), HashMap::new());
        Self { starts, values, known, is_edited: false }
    }
}

impl<T: Bits> FromIterator<Vec<T>> for SharedColumn<T> {
    fn from_iter<I: IntoIterator<Item = Vec<T>>>(items: I) -> Self {
        let mut column = Self::default();
        items.into_iter().for_each(|values| column.push(&values));
        column
    }
}

impl<T: Bits> SharedColumn<T> {
    /// Adds the values of the next item.
    pub fn push(&mut self, values: &[T]) {
        let start = self.place(values);
        self.starts.push(start);
    }

    /// The values of an item that has so many.
    #[must_use]
    pub fn of(&self, item: usize, len: usize) -> &[T] {
        let start = self.starts[item];
        &self.values[start..start + len]
    }

    /// Changes the values of an item that has so many, and of no other.
    pub fn edit(&mut self, item: usize, len: usize, change: impl FnOnce(&mut [T])) {
        let mut values = self.of(item, len).to_vec();
        change(&mut values);
        self.starts[item] = self.place(&values);
        self.is_edited = true;
    }

    /// Whether each of these items has as many values as are said.
    pub(super) fn holds(&self, mut lengths: impl Iterator<Item = usize>) -> bool {
        let are_held = self.starts.iter().all(|start| {
            let end = lengths.next().and_then(|length| start.checked_add(length));
            end.is_some_and(|end| end <= self.values.len())
        });
        are_held && lengths.next().is_none()
    }

    /// Forgets where runs of values stand: items that are added later share none of them. Of items
    /// with so many values each what is held is then the same, whatever was changed on the way.
    pub(super) fn close(&mut self, lengths: impl Iterator<Item = usize>) {
        if self.is_edited {
            let items = lengths.enumerate();
            *self = items.map(|(item, length)| self.of(item, length).to_vec()).collect();
        }
        self.known = HashMap::new();
        self.values.shrink_to_fit();
    }

    /// How many values are held for all items together.
    #[must_use]
    pub fn held(&self) -> usize {
        self.values.len()
    }

    /// Where these values stand: those of an earlier item, or added.
    fn place(&mut self, values: &[T]) -> usize {
        let mut hasher = DefaultHasher::new();
        values.iter().for_each(|value| hasher.write_u32(value.bits()));
        let same_hash = self.known.entry(hasher.finish()).or_default();
        let is_same = |(start, len): &&(usize, usize)| {
            let held = &self.values[*start..*start + *len];
            *len == values.len() && held.iter().zip(values).all(|(a, b)| a.bits() == b.bits())
        };
        if let Some((start, _)) = same_hash.iter().find(is_same) {
            return *start;
        }

        let start = self.values.len();
        self.values.extend_from_slice(values);
        same_hash.push((start, values.len()));
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_one_item_is_none_of_its_equals() {
        let mut column = SharedColumn::default();
        column.push(&[false, false]);
        column.push(&[false, false]);
        column.push(&[]);
        column.edit(1, 2, |values| values[1] = true);

        assert_eq!(column.of(0, 2), [false, false]);
        assert_eq!(column.of(1, 2), [false, true]);
        assert!(column.of(2, 0).is_empty());
        column.edit(0, 2, |values| values[1] = true);
        assert_eq!((column.of(0, 2), column.held()), (&[false, true][..], 4));
    }

    #[test]
    fn what_is_held_in_the_end_is_that_of_items_that_never_changed() {
        let mut changed = SharedColumn::default();
        [[false; 3], [true; 3], [false; 3]].iter().for_each(|values| changed.push(values));
        changed.edit(0, 3, |values| values[1] = true);
        changed.edit(2, 3, |values| values[2] = true);
        let items: Vec<Vec<bool>> = (0..3).map(|item| changed.of(item, 3).to_vec()).collect();
        changed.close([3; 3].into_iter());

        let mut plain: SharedColumn<bool> = items.into_iter().collect();
        plain.close([3; 3].into_iter());
        assert_eq!((changed.starts, changed.values), (plain.starts, plain.values));
    }

    #[test]
    fn values_that_only_compare_equal_are_told_apart() {
        let mut column = SharedColumn::default();
        column.push(&[0.0_f32]);
        column.push(&[-0.0_f32]);

        assert!(column.of(1, 1)[0].is_sign_negative());
    }
}
