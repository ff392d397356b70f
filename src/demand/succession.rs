//! Items that follow others: a successor inherits the demand of what it replaces, which is then
//! planned once.

use std::collections::BTreeMap;

use super::stated::{ChangeSource, Changes, DemandChange};
use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::{Availability, CleanDemand, Item, ItemStatus};

/// One item that takes over from another at a location.
#[derive(Debug, Clone, PartialEq)]
pub struct Handover {
    /// Index of the item that is replaced, among the planned ones.
    pub from: usize,
    /// Index of its successor.
    pub to: usize,
    /// From this day on demand is the successor's, but for what [`run_down`](Self::run_down) says.
    pub day: Day,
    /// Whether the item is not bought any more: that day has come, and its successor is bought.
    pub is_replaced: bool,
    /// How what is left of the item is sold off after it; `None` where nothing is.
    pub run_down: Option<RunDown>,
}

/// How an item that is replaced is sold off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunDown {
    /// From this day on nothing of it is left.
    pub day: Day,
    /// The share of the demand of both that it serves until then, above 0 and at most 1.
    pub share: f64,
}

/// Every handover between planned items of one location. `items` are the rows of the items table in
/// the order of `keys`.
///
/// The day is the successor's launch date, else its first row, else the day after the last one of
/// what it replaces, else `as_of`. If two claim to replace one item, the first by sku does; no
/// item inherits from itself.
#[must_use]
pub fn handovers(
    keys: &[Key],
    items: &[Option<&Item>],
    demand: &CleanDemand,
    as_of: Day,
) -> Vec<Handover> {
    let mut taken = BTreeMap::new();

    for (to, (key, item)) in keys.iter().zip(items).enumerate() {
        let Some(item) = item.filter(|item| item.status != ItemStatus::Discontinued) else {
            continue;
        };
        let Some(replaced) = item.replaces.as_ref().filter(|sku| **sku != key.sku) else {
            continue;
        };
        let Ok(from) = keys.binary_search(&Key::new(replaced, &key.location)) else { continue };
        let first_row = || rows_of(demand, key).first().map(|at| demand.day[*at]);
        let last_day =
            || items[from].and_then(|item| item.end_date).map(|end| end.saturating_add(1));
        let day = item.launch_date.or_else(first_row).or_else(last_day).unwrap_or(as_of);
        taken.entry(from).or_insert(Handover { from, to, day, is_replaced: false, run_down: None });
    }

    // Items that replace each other in a circle have no first one: a handover that leads back to
    // its own successor is left out.
    let by_successor: BTreeMap<usize, usize> =
        taken.values().map(|handover| (handover.to, handover.from)).collect();
    taken.into_values().filter(|handover| !leads_back(&by_successor, handover.to)).collect()
}

fn leads_back(by_successor: &BTreeMap<usize, usize>, start: usize) -> bool {
    let mut at = start;

    for _ in 0..=by_successor.len() {
        match by_successor.get(&at) {
            Some(before) if *before == start => return true,
            Some(before) => at = *before,
            None => return false,
        }
    }
    true
}

/// Indices of an item's rows.
fn rows_of(demand: &CleanDemand, key: &Key) -> Vec<usize> {
    match demand.keys.binary_search(key) {
        Ok(at) => (demand.offsets[at]..demand.offsets[at + 1]).collect(),
        Err(_) => Vec::new(),
    }
}

/// An item and its predecessors, the newest first.
fn line(handovers: &[Handover], item: usize) -> Vec<usize> {
    let mut line = vec![item];
    while let Some(handover) = handovers.iter().find(|handover| Some(&handover.to) == line.last()) {
        line.push(handover.from);
    }
    line
}

/// The demand in which every successor has the rows of its predecessors in addition to its own.
#[must_use]
pub fn inherited(demand: CleanDemand, keys: &[Key], handovers: &[Handover]) -> CleanDemand {
    if handovers.is_empty() {
        return demand;
    }

    let mut all: Vec<&Key> =
        demand.keys.iter().chain(handovers.iter().map(|handover| &keys[handover.to])).collect();
    all.sort();
    all.dedup();

    let mut out = CleanDemand {
        offsets: vec![0],
        quarantined: demand.quarantined.clone(),
        ..CleanDemand::default()
    };

    for key in all {
        let line: Vec<&Key> = match keys.binary_search(key) {
            Ok(item) => line(handovers, item).into_iter().map(|item| &keys[item]).collect(),
            Err(_) => vec![key],
        };

        let mut rows: Vec<DayRow> =
            line.iter().flat_map(|member| rows_in(&demand, member)).collect();
        rows.sort_by_key(|row| (row.day, row.days));
        push_rows(&mut out, &rows);

        out.unit_price.push(line.iter().find_map(|member| price_of(&demand, member)));
        out.keys.push(key.clone());
        out.offsets.push(out.day.len());
    }

    out
}

/// One row of clean demand.
struct DayRow {
    day: Day,
    days: u8,
    quantity: Fixed,
}

fn rows_in(demand: &CleanDemand, key: &Key) -> Vec<DayRow> {
    rows_of(demand, key)
        .into_iter()
        .map(|at| DayRow {
            day: demand.day[at],
            days: demand.days[at],
            quantity: demand.quantity[at],
        })
        .collect()
}

/// Appends the rows of the next item; those of one day that cover as many days are summed.
fn push_rows(out: &mut CleanDemand, rows: &[DayRow]) {
    let begin = out.day.len();
    for row in rows {
        let is_same = out.day.len() > begin
            && out.day.last() == Some(&row.day)
            && out.days.last() == Some(&row.days);

        match out.quantity.last_mut().filter(|_| is_same) {
            Some(sum) => *sum += row.quantity,
            None => {
                out.day.push(row.day);
                out.days.push(row.days);
                out.quantity.push(row.quantity);
            }
        }
    }
}

/// The mean unit price of an item, if it has rows with one.
fn price_of(demand: &CleanDemand, key: &Key) -> Option<Fixed> {
    demand.unit_price.get(demand.keys.binary_search(key).ok()?).copied().flatten()
}

/// Rows of availability that successors inherit: those of their predecessors before the handover.
#[must_use]
pub fn inherited_availability(
    rows: &[Availability],
    keys: &[Key],
    handovers: &[Handover],
) -> Vec<Availability> {
    let mut out = Vec::new();
    for handover in handovers {
        for member in line(handovers, handover.from) {
            let before =
                rows.iter().filter(|row| row.key == keys[member] && row.date < handover.day);
            out.extend(
                before.map(|row| Availability { key: keys[handover.to].clone(), ..row.clone() }),
            );
        }
    }
    out
}

/// States that what is replaced has no demand from its handover on, or from the day on which
/// nothing of it is left; and a successor none before it, or less while that is sold.
pub fn add_handovers(changes: &mut Changes, keys: &[Key], handovers: &[Handover], as_of: Day) {
    let ahead = |day: Day| {
        let day = i64::from(day) - i64::from(as_of);
        day.clamp(0, i64::from(u32::MAX - 1)) as u32
    };
    for handover in handovers {
        let (old, new) = (&keys[handover.from].sku, &keys[handover.to].sku);
        let day = handover.run_down.map_or(handover.day, |run_down| run_down.day);

        let source = ChangeSource::SucceededBy { successor: new.clone(), day };
        let none = DemandChange::no_demand(ahead(day), DemandChange::FOREVER, source);
        changes.add(handover.from, none);
        changes.inherit(handover.to, old.clone());
        if handover.is_replaced {
            changes.replace(handover.from);
        }
        if let Some(run_down) = handover.run_down {
            let source = ChangeSource::SoldFirst { predecessor: old.clone(), day };
            let none = DemandChange::no_demand(0, ahead(day), source);
            changes.add(handover.to, DemandChange { value: 1.0 - run_down.share, ..none });
        } else if ahead(day) > 0 {
            let source = ChangeSource::Launch(day);
            changes.add(handover.to, DemandChange::no_demand(0, ahead(day), source));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Vec<Key> {
        ["new", "newer", "old"].map(|sku| Key::new(sku, "main")).to_vec()
    }

    fn item(sku: &str, replaces: Option<&str>, launch_date: Option<Day>) -> Item {
        Item { sku: sku.into(), replaces: replaces.map(Into::into), launch_date, ..Item::default() }
    }

    fn demand() -> CleanDemand {
        let units = |units: &[i64]| units.iter().map(|units| Fixed::from_units(*units)).collect();
        CleanDemand {
            keys: vec![Key::new("new", "main"), Key::new("old", "main")],
            offsets: vec![0, 2, 5],
            day: vec![50, 60, 10, 20, 50],
            days: vec![1; 5],
            quantity: units(&[4, 4, 7, 7, 7]),
            unit_price: vec![None, Some(Fixed::from_units(3))],
            ..CleanDemand::default()
        }
    }

    fn found(items: &[Item; 3]) -> Vec<Handover> {
        let [a, b, c] = items;
        handovers(&keys(), &[Some(a), Some(b), Some(c)], &demand(), 70)
    }

    #[test]
    fn a_successor_carries_the_demand_of_its_whole_line() {
        let items = [
            item("new", Some("old"), None),
            item("newer", Some("new"), Some(90)),
            item("old", None, None),
        ];
        let handovers = found(&items);

        assert_eq!(
            handovers.iter().map(|h| (h.from, h.to, h.day)).collect::<Vec<_>>(),
            [(0, 1, 90), (2, 0, 50)]
        );
        let all = inherited(demand(), &keys(), &handovers);
        assert_eq!(all.keys, keys());
        let days = |at: usize| all.day[all.offsets[at]..all.offsets[at + 1]].to_vec();
        assert_eq!(
            (days(0), days(1), days(2)),
            (vec![10, 20, 50, 60], vec![10, 20, 50, 60], vec![10, 20, 50])
        );
        assert_eq!(all.quantity[2], Fixed::from_units(11));
        assert_eq!(all.unit_price, vec![Some(Fixed::from_units(3)); 3]);
    }

    #[test]
    fn demand_is_planned_once_at_a_handover() {
        let items = [
            item("new", Some("old"), Some(84)),
            item("newer", None, None),
            item("old", None, None),
        ];
        let mut changes = Changes::default();
        add_handovers(&mut changes, &keys(), &found(&items), 70);
        let stretches = |at: usize| {
            changes.of(at).iter().map(|change| (change.from_day, change.to_day)).collect::<Vec<_>>()
        };

        assert_eq!(
            (stretches(0), stretches(2)),
            (vec![(0, 14)], vec![(14, DemandChange::FOREVER)])
        );
        assert_eq!(changes.inherits(0).map(|sku| &**sku), Some("old"));
    }

    #[test]
    fn circles_and_two_claims_end_in_at_most_one_handover() {
        let circle = [
            item("new", Some("old"), None),
            item("newer", None, None),
            item("old", Some("new"), None),
        ];

        assert_eq!(found(&circle), []);
        let claims = [
            item("new", Some("old"), None),
            item("newer", Some("old"), None),
            item("old", None, None),
        ];
        assert_eq!(found(&claims).iter().map(|h| h.to).collect::<Vec<_>>(), [0]);
        let own =
            [item("new", Some("new"), None), item("newer", None, None), item("old", None, None)];
        assert_eq!(found(&own), []);
    }

    #[test]
    fn demand_without_handovers_is_left_as_it_is() {
        assert_eq!(inherited(demand(), &keys(), &[]), demand());
    }
}
