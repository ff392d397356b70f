//! What changed from one night to another, and how much of it each cause made.
//!
//! The same decisions are made again with the arguments of the earlier night replaced by those of
//! the later one, one at a time and always in the order of [`CAUSES`]; a cause's part is what its
//! step changes. What a cause does only together with a later one is therefore the later one's.
//! The steps are those of items by themselves, before what crosses them; the last cause is what
//! the rules that cross them made of it on either night.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::exact::Exact;
use super::kept::{DecidedItem, StateView};
use super::stages::{Figures, Stages};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;

/// What a change can come from, in the order in which arguments are replaced.
pub const CAUSES: [&str; 9] = [
    "demand",
    "models",
    "lead_time",
    "stock",
    "on_order",
    "terms",
    "settings",
    "version",
    "order_rules",
];

/// What is compared, by the columns of `plan.csv`.
pub const MEASURES: [&str; 3] = ["order_quantity", "reorder_point", "stockout_probability"];

/// A figure of an item that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The item.
    pub key: Key,
    /// Which figure, as its place in [`MEASURES`].
    pub measure: usize,
    /// What it was; `None` where there was none.
    pub before: Option<Exact>,
    /// What it is; `None` where there is none.
    pub after: Option<Exact>,
    /// What each cause made of it, in the order of [`CAUSES`]. They add up to after − before, where
    /// none counts as 0.
    pub parts: [Exact; 9],
    /// Cost of a unit, base currency; 0 where it is not known.
    pub unit_cost: Fixed,
}

impl Change {
    /// After − before, where none counts as 0.
    #[must_use]
    pub fn difference(&self) -> Exact {
        self.after.unwrap_or_default() - self.before.unwrap_or_default()
    }

    /// Its size, in money where it is one of units.
    fn size(&self) -> Exact {
        let units = self.difference().abs();
        if self.measure == 2 { units } else { units.times(self.unit_cost) }
    }
}

/// What changed from one night to another.
#[derive(Debug, Clone, Default)]
pub struct Differences {
    /// Every change: of quantities first, then by how much.
    pub changes: Vec<Change>,
    /// What the quantities of all items cost before, at the unit costs of the later night.
    pub value_before: Exact,
    /// And after.
    pub value_after: Exact,
}

impl Differences {
    /// Compares two nights.
    #[must_use]
    pub fn between(before: StateView<'_>, after: StateView<'_>) -> Self {
        let pairs = pairs(before, after);
        let changed: Vec<&Pair<'_>> = pairs.iter().filter(|pair| pair.is_changed()).collect();
        let mut out = Self::of_values(&pairs);
        out.changes = explained(before, after, &changed);
        out.changes.sort_by(|a, b| {
            let order = |change: &Change| (change.measure, Reverse(change.size()));
            order(a).cmp(&order(b)).then_with(|| a.key.cmp(&b.key))
        });
        out
    }

    /// Compares two nights without a word on their changes.
    fn of_values(pairs: &[Pair<'_>]) -> Self {
        let mut out = Self::default();
        for pair in pairs {
            let (then, now) = (Shown::of(pair.before), Shown::of(pair.after));
            let cost = pair.unit_cost();
            out.value_before = out.value_before + then.values[0].times(cost);
            out.value_after = out.value_after + now.values[0].times(cost);
        }
        out
    }

    /// What each cause is worth in the quantities, in the order of [`CAUSES`].
    #[must_use]
    pub fn values(&self) -> [Exact; 9] {
        let mut values = [Exact::ZERO; 9];
        for change in self.changes.iter().filter(|change| change.measure == 0) {
            for (value, part) in values.iter_mut().zip(change.parts) {
                *value = *value + part.times(change.unit_cost);
            }
        }
        values
    }
}

/// The largest changes from one night to another.
#[derive(Debug, Clone, Default)]
pub struct Largest {
    /// They alone, by measure and then as they were chosen, with what the quantities of all items
    /// cost.
    pub differences: Differences,
    /// How many changes there are in all, by measure.
    pub changed: [usize; 3],
}

impl Largest {
    /// The `top` largest changes of each of these measures, as [`Differences::between`] has them;
    /// those that were to be expected come after all others. Only their items are planned again, so
    /// that it costs little however many there are.
    #[must_use]
    pub fn between(
        before: StateView<'_>,
        after: StateView<'_>,
        measures: &[usize],
        top: usize,
        is_expected: &dyn Fn(&Change) -> bool,
    ) -> Self {
        let pairs = pairs(before, after);
        let mut all: [Vec<Change>; 3] = Default::default();
        for change in pairs.iter().flat_map(|pair| pair.changes(|_| [Exact::ZERO; 9])) {
            all[change.measure].push(change);
        }
        let changed = [0, 1, 2].map(|measure| all[measure].len());
        let largest = |measure: &usize| {
            let mut changes = std::mem::take(&mut all[*measure]);
            // Where no cost is known, all changes of quantities weigh nothing: their units tell.
            changes.sort_by_cached_key(|change| {
                let size = (change.size(), change.difference().abs(), Reverse(change.key.clone()));
                (is_expected(change), Reverse(size))
            });
            changes.truncate(top);
            changes
        };
        let chosen: Vec<Change> = measures.iter().flat_map(largest).collect();

        let keys: BTreeSet<&Key> = chosen.iter().map(|change| &change.key).collect();
        let theirs: Vec<&Pair<'_>> = pairs.iter().filter(|pair| keys.contains(pair.key)).collect();
        let explained = explained(before, after, &theirs);
        let of = |change: &Change| {
            let is_same =
                |other: &&Change| (other.measure, &other.key) == (change.measure, &change.key);
            explained.iter().find(is_same).cloned()
        };
        let changes = chosen.iter().filter_map(of).collect();
        Self { differences: Differences { changes, ..Differences::of_values(&pairs) }, changed }
    }
}

/// The changes of these items with what each cause made of them.
fn explained(before: StateView<'_>, after: StateView<'_>, pairs: &[&Pair<'_>]) -> Vec<Change> {
    let is_on_both = |pair: &Pair<'_>| pair.before.is_some() && pair.after.is_some();
    let (both, one): (Vec<&Pair<'_>>, Vec<&Pair<'_>>) =
        pairs.iter().copied().partition(|pair| is_on_both(pair));
    let mut changes = Vec::new();
    for pair in one {
        let (then, now) = (Shown::of(pair.before), Shown::of(pair.after));
        changes.extend(pair.changes(|measure| {
            let mut parts = [Exact::ZERO; 9];
            parts[0] = now.values[measure] - then.values[measure];
            parts
        }));
    }
    if !both.is_empty() {
        let keys: Vec<&Key> = both.iter().map(|pair| pair.key).collect();
        let stages = Stages::of(before, after, &keys);
        for (at, pair) in both.iter().enumerate() {
            changes.extend(pair.changes(|measure| parts(&stages, at, pair, measure)));
        }
    }
    changes
}

/// An item on two nights; on one of them it may not be planned.
struct Pair<'a> {
    key: &'a Key,
    before: Option<&'a DecidedItem>,
    after: Option<&'a DecidedItem>,
}

impl Pair<'_> {
    fn unit_cost(&self) -> Fixed {
        let cost = |item: Option<&DecidedItem>| item.and_then(|item| item.unit_cost);
        cost(self.after).or(cost(self.before)).unwrap_or_default()
    }

    fn is_changed(&self) -> bool {
        Shown::of(self.before).shown != Shown::of(self.after).shown
    }

    /// The figures that changed, with their parts.
    fn changes(&self, parts: impl Fn(usize) -> [Exact; 9]) -> Vec<Change> {
        let (then, now) = (Shown::of(self.before), Shown::of(self.after));
        let change = |measure: usize| Change {
            key: self.key.clone(),
            measure,
            before: then.shown[measure],
            after: now.shown[measure],
            parts: parts(measure),
            unit_cost: self.unit_cost(),
        };
        let is_changed = |measure: &usize| then.shown[*measure] != now.shown[*measure];
        (0..MEASURES.len()).filter(is_changed).map(change).collect()
    }
}

/// The figures of an item as its run wrote them.
#[derive(Default)]
struct Shown {
    /// `None` where the run wrote none.
    shown: [Option<Exact>; 3],
    /// The same, none as 0.
    values: Figures,
    /// What it needed by itself.
    own: Figures,
}

impl Shown {
    fn of(item: Option<&DecidedItem>) -> Self {
        let Some(item) = item else { return Self::default() };
        let shown = [
            item.order_quantity.map(Exact::of_fixed),
            Some(Exact::of_real(item.reorder_point)),
            item.stockout_probability.get().map(Exact::of_share),
        ];
        let values = shown.map(Option::unwrap_or_default);
        let own = item.own_quantity.map_or(Exact::ZERO, Exact::of_fixed);
        Self { shown, values, own: [own, values[1], values[2]] }
    }
}

/// What each cause made of a figure of the item at a place among those planned again.
fn parts(stages: &Stages, at: usize, pair: &Pair<'_>, measure: usize) -> [Exact; 9] {
    let (then, now) = (Shown::of(pair.before), Shown::of(pair.after));
    let of = |figures: &[Figures]| figures[at][measure];
    let steps = [
        &stages.earlier,
        &stages.demand,
        &stages.models,
        &stages.lead_time,
        &stages.stock,
        &stages.on_order,
        &stages.terms,
        &stages.settings,
    ]
    .map(|figures| of(figures));

    let mut parts = [Exact::ZERO; 9];
    for (part, step) in parts.iter_mut().zip(steps.windows(2)) {
        *part = step[1] - step[0];
    }
    parts[7] = (steps[0] - then.own[measure]) + (now.own[measure] - steps[7]);
    let total = now.values[measure] - then.values[measure];
    parts[8] = total - (now.own[measure] - then.own[measure]);
    parts
}

/// All items of two nights, sorted.
fn pairs<'a>(before: StateView<'a>, after: StateView<'a>) -> Vec<Pair<'a>> {
    let mut pairs: BTreeMap<&Key, Pair<'a>> = BTreeMap::new();
    for (key, item) in before.items() {
        pairs.insert(key, Pair { key, before: Some(item), after: None });
    }
    for (key, item) in after.items() {
        pairs.entry(key).or_insert(Pair { key, before: None, after: None }).after = Some(item);
    }
    pairs.into_values().collect()
}
