//! What changed from one night to another, and how much of it each cause made.
//!
//! The same decisions are made again with the arguments of the earlier night replaced by those of
//! the later one, one at a time and always in the order of [`CAUSES`]; a cause's part is what its
//! step changes. What a cause does only together with a later one is therefore the later one's.
//! The steps are those of items by themselves, before what crosses them; the last cause is what
//! the rules that cross them made of it on either night.

use std::collections::BTreeMap;

use super::exact::Exact;
use super::kept::{DecidedItem, State};
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
    pub fn between(before: &State, after: &State) -> Self {
        let pairs = pairs(&before.decided, &after.decided);
        let mut out = Self::default();
        let mut both = Vec::new();
        for pair in &pairs {
            let (then, now) = (Shown::of(pair.before), Shown::of(pair.after));
            let cost = pair.unit_cost();
            out.value_before = out.value_before + then.values[0].times(cost);
            out.value_after = out.value_after + now.values[0].times(cost);
            if then.shown == now.shown {
                continue;
            }
            match pair.before.zip(pair.after) {
                Some(_) => both.push(pair),
                None => out.changes.extend(pair.changes(|measure| {
                    let mut parts = [Exact::ZERO; 9];
                    parts[0] = now.values[measure] - then.values[measure];
                    parts
                })),
            }
        }

        if !both.is_empty() {
            let keys: Vec<&Key> = both.iter().map(|pair| pair.key).collect();
            let stages = Stages::of(before, after, &keys);
            for (at, pair) in both.iter().enumerate() {
                out.changes.extend(pair.changes(|measure| parts(&stages, at, pair, measure)));
            }
        }
        out.changes.sort_by(|a, b| {
            let order = |change: &Change| (change.measure, std::cmp::Reverse(change.size()));
            order(a).cmp(&order(b)).then_with(|| a.key.cmp(&b.key))
        });
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
            item.stockout_probability.map(Exact::of_share),
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
fn pairs<'a>(before: &'a [DecidedItem], after: &'a [DecidedItem]) -> Vec<Pair<'a>> {
    let mut pairs: BTreeMap<&Key, Pair<'a>> = BTreeMap::new();
    for item in before {
        let key = &item.key;
        pairs.insert(key, Pair { key, before: Some(item), after: None });
    }
    for item in after {
        let key = &item.key;
        pairs.entry(key).or_insert(Pair { key, before: None, after: None }).after = Some(item);
    }
    pairs.into_values().collect()
}
