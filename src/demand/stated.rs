//! What people state about the demand ahead: overrides of analysts, and the last day an item is on
//! sale.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::calendar::Day;
use crate::domain::finding::{Code, Finding};
use crate::domain::key::Key;
use crate::domain::tables::{Item, Override, OverrideKind, Text};

/// A change to the forecast of one item over a stretch of days.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct DemandChange {
    /// First day, counted from `as_of`.
    pub from_day: u32,
    /// The day after the last, counted from `as_of`; [`DemandChange::FOREVER`] for no end.
    pub to_day: u32,
    /// What it does.
    pub kind: OverrideKind,
    /// Units over the whole stretch, or the factor, without a unit.
    pub value: f64,
    /// Where it comes from.
    pub source: ChangeSource,
}

/// Where a change comes from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum ChangeSource {
    /// The item's `end_date`.
    EndDate(Day),
    /// The item is not on sale before this day.
    Launch(Day),
    /// Another item takes over.
    SucceededBy {
        /// Its sku.
        #[serde(with = "crate::domain::shared_text")]
        successor: Text,
        /// From this day on.
        day: Day,
    },
    /// What is left of the item that it replaces is sold first.
    SoldFirst {
        /// The sku of that item.
        #[serde(with = "crate::domain::shared_text")]
        predecessor: Text,
        /// From this day on nothing of it is left.
        day: Day,
    },
    /// A row of `overrides`.
    Override {
        /// Why.
        #[serde(with = "crate::domain::shared_text")]
        reason: Text,
        /// From this day on it has no effect.
        expires_on: Day,
    },
}

impl DemandChange {
    /// The `to_day` of a change without an end.
    pub const FOREVER: u32 = u32::MAX;

    /// No demand from `from_day` to the day before `to_day`.
    pub(super) fn no_demand(from_day: u32, to_day: u32, source: ChangeSource) -> Self {
        Self { from_day, to_day, kind: OverrideKind::Multiply, value: 0.0, source }
    }

    /// Whether it says that there is demand, whatever the history.
    #[must_use]
    pub fn states_demand(&self) -> bool {
        matches!(self.source, ChangeSource::Override { .. })
            && self.kind != OverrideKind::Multiply
            && self.value > 0.0
    }

    /// Changes are applied in this order: what ends an item, then `set`, `multiply` and `add`.
    fn rank(&self) -> u8 {
        match (&self.source, self.kind) {
            (
                ChangeSource::EndDate(_)
                | ChangeSource::Launch(_)
                | ChangeSource::SucceededBy { .. }
                | ChangeSource::SoldFirst { .. },
                _,
            ) => 0,
            (_, OverrideKind::Set) => 1,
            (_, OverrideKind::Multiply) => 2,
            (_, OverrideKind::Add) => 3,
        }
    }
}

/// The changes of all items that have any.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Changes {
    by_item: BTreeMap<usize, Vec<DemandChange>>,
    #[serde(with = "crate::domain::shared_text")]
    inherits: BTreeMap<usize, Text>,
    /// Items that others replace by now.
    replaced: BTreeSet<usize>,
}

impl Changes {
    /// The changes of an item, in the order in which they are applied.
    #[must_use]
    pub fn of(&self, item: usize) -> &[DemandChange] {
        self.by_item.get(&item).map_or(&[], Vec::as_slice)
    }

    /// The sku whose demand an item inherits.
    #[must_use]
    pub fn inherits(&self, item: usize) -> Option<&Text> {
        self.inherits.get(&item)
    }

    /// Whether another item replaces this one by now: it is not bought any more.
    #[must_use]
    pub fn is_replaced(&self, item: usize) -> bool {
        self.replaced.contains(&item)
    }

    /// Says of an item what others say of one of theirs.
    pub(super) fn copy_item(&mut self, to: usize, other: &Self, from: usize) {
        if let Some(changes) = other.by_item.get(&from) {
            self.by_item.insert(to, changes.clone());
        }
        if let Some(predecessor) = other.inherits.get(&from) {
            self.inherits.insert(to, predecessor.clone());
        }
        if other.replaced.contains(&from) {
            self.replaced.insert(to);
        }
    }

    /// Says that another item replaces this one by now.
    pub(super) fn replace(&mut self, item: usize) {
        self.replaced.insert(item);
    }

    /// Says that an item inherits the demand of another.
    pub fn inherit(&mut self, item: usize, predecessor: Text) {
        self.inherits.insert(item, predecessor);
    }

    /// Adds a change to an item.
    pub fn add(&mut self, item: usize, change: DemandChange) {
        let changes = self.by_item.entry(item).or_default();
        changes.push(change);
        changes.sort_by(|a, b| {
            (a.rank(), a.from_day, a.to_day)
                .cmp(&(b.rank(), b.from_day, b.to_day))
                .then(a.value.total_cmp(&b.value))
        });
    }

    /// Adds every override that has an effect on or after `as_of`; gives findings about those that
    /// name no planned item.
    pub fn add_overrides(&mut self, keys: &[Key], as_of: Day, rows: &[Override]) -> Vec<Finding> {
        let mut orphans: BTreeMap<Key, Vec<&str>> = BTreeMap::new();
        for row in rows {
            let items = items_of(keys, row);
            if items.is_empty() {
                let key = Key::new(&row.sku, row.location.as_deref().unwrap_or_default());
                orphans.entry(key).or_default().push(&row.reason);
            }

            let Some(change) = change_of(row, as_of) else { continue };
            for item in items {
                self.add(item, change.clone());
            }
        }
        orphans.iter().map(|(key, reasons)| orphaned(key, reasons)).collect()
    }

    /// No demand for an item before its launch.
    pub fn add_launch(&mut self, item: usize, as_of: Day, launch: Day) {
        let Some(to_day) = launch.checked_sub(as_of).and_then(|days| u32::try_from(days).ok())
        else {
            return;
        };

        if to_day > 0 {
            self.add(item, DemandChange::no_demand(0, to_day, ChangeSource::Launch(launch)));
        }
    }

    /// Ends the demand of an item after its last day on sale.
    pub fn add_end(&mut self, item: usize, as_of: Day, row: &Item) {
        let Some(end) = row.end_date else { return };
        let from_day = i64::from(end) + 1 - i64::from(as_of);

        let from_day = from_day.clamp(0, i64::from(u32::MAX - 1)) as u32;
        let source = ChangeSource::EndDate(end);

        self.add(item, DemandChange::no_demand(from_day, DemandChange::FOREVER, source));
    }
}

/// The planned items that an override is about: those of its sku, at its location or at every one.
fn items_of(keys: &[Key], row: &Override) -> Vec<usize> {
    let first = keys.partition_point(|key| *key.sku < *row.sku);
    let of_sku = keys[first..].iter().take_while(|key| key.sku == row.sku);

    of_sku.enumerate().filter(|(_, key)| is_about(row, key)).map(|(at, _)| first + at).collect()
}

/// Whether an override is about an item.
fn is_about(row: &Override, key: &Key) -> bool {
    row.sku == key.sku && row.location.as_ref().is_none_or(|location| *location == key.location)
}

/// Whether an override has an effect on or after `as_of`.
fn is_in_force(row: &Override, as_of: Day) -> bool {
    row.expires_on > as_of && row.to >= as_of.max(row.from)
}

/// Whether a person states something of an item's demand on or after `as_of`.
pub(super) fn is_stated(rows: &[Override], key: &Key, as_of: Day) -> bool {
    rows.iter().any(|row| is_about(row, key) && is_in_force(row, as_of))
}

/// What an override does from `as_of` on; `None` if it has expired or is over. Of units stated for
/// a stretch that has begun, the part that falls on the days left is still ahead.
fn change_of(row: &Override, as_of: Day) -> Option<DemandChange> {
    if !is_in_force(row, as_of) {
        return None;
    }

    let begins = row.from.max(as_of);
    let days_left = f64::from(row.to) - f64::from(begins) + 1.0;
    let days_stated = f64::from(row.to) - f64::from(row.from) + 1.0;
    let value = if row.kind == OverrideKind::Multiply {
        row.value
    } else {
        row.value * days_left / days_stated
    };

    Some(DemandChange {
        from_day: begins.checked_sub(as_of)? as u32,
        to_day: row.to.checked_sub(as_of)?.checked_add(1)? as u32,
        kind: row.kind,
        value,
        source: ChangeSource::Override { reason: row.reason.clone(), expires_on: row.expires_on },
    })
}

/// Overrides of an item that is not planned, by their reasons.
fn orphaned(key: &Key, reasons: &[&str]) -> Finding {
    let message = match reasons {
        [reason] => {
            format!("an override ({reason}) names an item that is not planned; it has no effect")
        }
        reasons => format!(
            "{} overrides ({}) name an item that is not planned; they have no effect",
            reasons.len(),
            reasons.join("; ")
        ),
    };
    Finding::about(Code::OrphanRow, "overrides", key, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sku: &str, from: Day, to: Day, kind: OverrideKind, value: f64) -> Override {
        Override {
            sku: sku.into(),
            location: None,
            from,
            to,
            kind,
            value,
            reason: "why".into(),
            expires_on: 1_000,
        }
    }

    fn keys() -> Vec<Key> {
        ["a", "b", "b", "c"]
            .into_iter()
            .zip(["main", "depot", "shop", "main"])
            .map(|(s, l)| Key::new(s, l))
            .collect()
    }

    #[test]
    fn an_override_without_a_location_is_about_every_one() {
        let mut changes = Changes::default();
        let findings =
            changes.add_overrides(&keys(), 100, &[row("b", 100, 106, OverrideKind::Set, 70.0)]);

        assert!(findings.is_empty());
        let lengths: Vec<usize> = (0..4).map(|item| changes.of(item).len()).collect();
        assert_eq!(lengths, [0, 1, 1, 0]);
    }

    #[test]
    fn an_expired_override_and_one_that_is_over_have_no_effect() {
        let mut changes = Changes::default();
        let mut rows =
            [row("a", 90, 120, OverrideKind::Add, 5.0), row("a", 80, 99, OverrideKind::Add, 5.0)];
        rows[0].expires_on = 100;

        assert!(changes.add_overrides(&keys(), 100, &rows).is_empty());
        assert_eq!(changes, Changes::default());
    }

    #[test]
    fn of_a_stretch_that_has_begun_the_days_left_count() {
        let change = change_of(&row("a", 90, 109, OverrideKind::Add, 40.0), 105).unwrap();
        assert_eq!((change.from_day, change.to_day, change.value), (0, 5, 10.0));
    }

    #[test]
    fn an_override_of_an_item_that_is_not_planned_is_a_finding() {
        let mut changes = Changes::default();
        let findings =
            changes.add_overrides(&keys(), 100, &[row("zz", 100, 106, OverrideKind::Set, 70.0)]);

        assert_eq!(
            findings.iter().map(|finding| finding.code).collect::<Vec<_>>(),
            [Code::OrphanRow]
        );
    }
}
