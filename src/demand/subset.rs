//! Some of the planned items alone, and subsets brought together again: what shards of a night
//! read.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::panel::SimilarTo;
use super::prepare::Prepared;
use crate::domain::key::Key;

/// Some of the items of a shop.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Subset {
    /// Which they are, by their index among all; ascending.
    pub index: Vec<usize>,
    /// What is known of them. What is said of the shop as a whole is left out; launches are not
    /// written.
    pub prepared: Prepared,
}

impl Subset {
    /// These items alone; the indices ascend.
    #[must_use]
    pub fn of(prepared: &Prepared, index: Vec<usize>) -> Self {
        let places: Vec<(usize, usize)> = index.iter().map(|at| (0, *at)).collect();
        let whole = Source { index: None, prepared };
        Self { prepared: taken(&[whole], &places), index }
    }

    /// The same without the items that are not wanted.
    #[must_use]
    pub fn retain(self, is_wanted: impl Fn(&Key) -> bool) -> Self {
        let kept = self.prepared.keys.iter().enumerate().filter(|(_, key)| is_wanted(key));
        let places: Vec<(usize, usize)> = kept.map(|(at, _)| (0, at)).collect();
        if places.len() == self.index.len() {
            return self;
        }
        let index = places.iter().map(|(_, at)| self.index[*at]).collect();
        let whole = Source { index: Some(&self.index), prepared: &self.prepared };
        Self { prepared: taken(&[whole], &places), index }
    }

    /// Subsets without an item in common, as one; `None` if there are none.
    #[must_use]
    pub fn together(parts: &[Self]) -> Option<Self> {
        let mut places: Vec<(usize, usize, usize)> = Vec::new();
        for (part, subset) in parts.iter().enumerate() {
            places.extend(subset.index.iter().enumerate().map(|(at, index)| (*index, part, at)));
        }
        places.sort_unstable();
        let index = places.iter().map(|(index, ..)| *index).collect();
        let places: Vec<(usize, usize)> =
            places.into_iter().map(|(_, part, at)| (part, at)).collect();
        let sources: Vec<Source<'_>> = parts
            .iter()
            .map(|part| Source { index: Some(&part.index), prepared: &part.prepared })
            .collect();
        (!sources.is_empty()).then(|| Self { prepared: taken(&sources, &places), index })
    }
}

/// Where items are taken from.
struct Source<'a> {
    /// The index among all of each; `None` where these are all.
    index: Option<&'a [usize]>,
    prepared: &'a Prepared,
}

impl Source<'_> {
    /// The index among all of one.
    fn index_of(&self, at: usize) -> usize {
        self.index.map_or(at, |index| index[at])
    }
}

/// The items at these places, each a source and an index within it, in this order; the first source
/// says what crosses them.
fn taken(sources: &[Source<'_>], places: &[(usize, usize)]) -> Prepared {
    let first = sources[0].prepared;
    let mut out = Prepared {
        as_of: first.as_of,
        keys: Vec::with_capacity(places.len()),
        histories: first.histories.without_items(),
        classes: Vec::with_capacity(places.len()),
        sold_at: Vec::with_capacity(places.len()),
        changes: Default::default(),
        launches: Arc::clone(&first.launches),
        quarantined: Vec::new(),
        bundles: Vec::new(),
        taken: Vec::new(),
        longest_reach_days: first.longest_reach_days,
        findings: Vec::new(),
    };

    let mut similar: Vec<(usize, usize, f64)> = Vec::new();
    let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
    let is_any_similar = sources.iter().any(|from| !from.prepared.histories.similar.is_empty());
    for (to, (source, at)) in places.iter().enumerate() {
        let from = &sources[*source];
        let prepared = from.prepared;
        out.keys.push(prepared.keys[*at].clone());
        out.classes.push(prepared.classes[*at]);
        out.sold_at.push(prepared.sold_at[*at]);
        out.changes.copy_item(to, &prepared.changes, *at);
        out.histories.push_item_of(&prepared.histories, *at);
        if is_any_similar {
            numbers.insert(from.index_of(*at), to);
            let other = prepared.histories.similar.get(at);
            similar.extend(other.map(|other| (to, from.index_of(other.item), other.factor)));
        }
    }
    // A similar item is of the same family, so that it is here too.
    let known = |(to, other, factor): (usize, usize, f64)| {
        numbers.get(&other).map(|item| (to, SimilarTo { item: *item, factor }))
    };
    out.histories.items_mut().similar = similar.into_iter().filter_map(known).collect();
    out
}
