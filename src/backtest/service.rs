//! What was promised against what was achieved, and whether stock-out probabilities can be
//! believed.

use std::collections::BTreeMap;

use crate::domain::target::Target;

use super::build::Stage;
use super::compare::{Interval, share_over_items};
use super::ledger::{Ledger, Tally};
use super::nightly::Told;

/// Bins of the reliability table: tenths of the probability.
const BINS: usize = 10;

/// One class and target: the service that is promised and what the replay gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Promise {
    /// ABC class.
    pub class: &'static str,
    /// The target as written.
    pub target: String,
    /// How many items there are.
    pub items: usize,
    /// The share that is promised.
    pub promised: f64,
    /// The share achieved, over draws of items.
    pub achieved: Interval,
}

impl Promise {
    /// Whether what was achieved is below the promise by more than chance explains.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.achieved.high < self.promised
    }
}

/// Promised against achieved service of each class and target. A cost target promises no share, and
/// an item that nobody asked for neither kept nor broke a promise, however often it was reviewed.
#[must_use]
pub fn promises(stage: &Stage, ledger: &Ledger, seed: u64) -> Vec<Promise> {
    let mut groups: BTreeMap<(&'static str, String), Group> = BTreeMap::new();
    for (item, target) in stage.targets.iter().enumerate() {
        let key = (stage.classes[item].abc.as_str(), target.to_string());
        groups.entry(key).or_insert(Group { target: *target, items: Vec::new() }).items.push(item);
    }

    groups
        .into_iter()
        .filter_map(|((class, name), group)| promise(ledger, class, name, &group, seed))
        .collect()
}

/// Items of one class and target.
struct Group {
    target: Target,
    items: Vec<usize>,
}

fn promise(
    ledger: &Ledger,
    class: &'static str,
    target: String,
    group: &Group,
    seed: u64,
) -> Option<Promise> {
    let (promised, of): (f64, fn(&Tally) -> f64) = match group.target {
        Target::CycleServiceLevel(level) => (level, Tally::cycle_service),
        Target::FillRate(level) => (level, Tally::fill_rate),
        Target::ReadyRate(level) => (level, Tally::ready_rate),
        Target::Cost(_) => return None,
    };

    let is_asked_for = |item: &usize| ledger.of_item(*item).demand > 0.0;
    let items: Vec<usize> = group.items.iter().copied().filter(is_asked_for).collect();
    if items.is_empty() {
        return None;
    }

    let achieved = share_over_items(ledger, &items, of, seed);
    Some(Promise { class, target, items: items.len(), promised, achieved })
}

/// Stock-out probabilities between two tenths, and what came of them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bin {
    /// How many were told.
    pub count: usize,
    /// Their mean.
    pub told: f64,
    /// The share that came true.
    pub came_true: f64,
}

/// How far stock-out probabilities can be believed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reliability {
    /// By tenth of the probability told.
    pub bins: [Bin; BINS],
    /// Mean squared difference between probability and outcome.
    pub brier: f64,
    /// The same if the overall share were told every time.
    pub brier_of_base_rate: f64,
    /// How many were told.
    pub count: usize,
}

/// The reliability table of what was told.
///
/// Brier score: mean of (p − o)² over probabilities p and outcomes o in {0, 1} (Brier 1950).
#[must_use]
pub fn reliability(told: &[Told]) -> Reliability {
    let mut found = Reliability { count: told.len(), ..Reliability::default() };
    if told.is_empty() {
        return found;
    }

    let base = told.iter().map(outcome).sum::<f64>() / told.len() as f64;

    for entry in told {
        let bin = &mut found.bins[((entry.probability * BINS as f64) as usize).min(BINS - 1)];
        bin.count += 1;
        bin.told += entry.probability;
        bin.came_true += outcome(entry);

        let (error, base_error) = (entry.probability - outcome(entry), base - outcome(entry));
        found.brier += error * error;
        found.brier_of_base_rate += base_error * base_error;
    }

    for bin in found.bins.iter_mut().filter(|bin| bin.count > 0) {
        bin.told /= bin.count as f64;
        bin.came_true /= bin.count as f64;
    }

    found.brier /= told.len() as f64;
    found.brier_of_base_rate /= told.len() as f64;

    found
}

/// 1 if the stock-out came, else 0.
fn outcome(told: &Told) -> f64 {
    f64::from(u8::from(told.came_true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reviews_of_an_item_that_nobody_asks_for_keep_no_promise() {
        let mut ledger = Ledger::new(2, 1);
        *ledger.at_mut(0, 0) =
            Tally { demand: 40.0, cycles: 10.0, cycles_kept: 8.0, ..Tally::default() };
        *ledger.at_mut(1, 0) = Tally { cycles: 10.0, cycles_kept: 10.0, ..Tally::default() };
        let group = |items| Group { target: Target::CycleServiceLevel(0.95), items };

        let found = promise(&ledger, "A", String::new(), &group(vec![0, 1]), 1).unwrap();
        assert_eq!((found.items, found.achieved.value), (1, 0.8));
        assert!(promise(&ledger, "A", String::new(), &group(vec![1]), 1).is_none());
    }

    #[test]
    fn the_brier_score_is_that_of_hand_arithmetic() {
        let told = |probability, came_true| Told { item: 0, probability, came_true };
        let found =
            reliability(&[told(0.1, false), told(0.15, false), told(0.8, true), told(1.0, false)]);

        assert!((found.brier - (0.01 + 0.0225 + 0.04 + 1.0) / 4.0).abs() < 1e-12);
        assert_eq!(
            (found.bins[1].count, found.bins[9].count, found.bins[9].came_true),
            (2, 1, 0.0)
        );
        assert!((found.brier_of_base_rate - 0.25 * 0.75).abs() < 1e-12);
    }
}
