//! What a backtest leaves for the pages of the nights after it.

use super::report::{judged, replayed};
use super::service::{Bin, Promise};
use super::suite::Backtest;
use crate::report::last_backtest::{LastBacktest, MAX_ROWS, PromisedService, ToldTenth};

/// What was promised and told, and what came of it; of very many classes and targets those of most
/// items. `None` where the replay was of a world that was
/// not: what if demand were higher, a supplier out, a minimum dropped.
#[must_use]
pub fn left_for_later_nights(found: &Backtest, currency: &str) -> Option<LastBacktest> {
    let scenario = &found.scenario;
    let is_what_was =
        scenario.demand_factor == 1.0 && scenario.outages.is_empty() && !scenario.without_moq;
    let mut promises: Vec<&Promise> = found.promises.iter().collect();
    promises.sort_by_key(|row| std::cmp::Reverse(row.items));
    promises.truncate(MAX_ROWS);
    promises.sort_by_key(|row| (row.class, &row.target));
    let left = LastBacktest {
        replayed: replayed(found, currency),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        told: found.reliability.bins.iter().filter(|bin| bin.count > 0).map(told).collect(),
        promises: promises.into_iter().map(promised).collect(),
    };
    (is_what_was && left.is_plausible()).then_some(left)
}

fn told(bin: &Bin) -> ToldTenth {
    ToldTenth { count: bin.count, told: bin.told, came_true: bin.came_true }
}

fn promised(row: &Promise) -> PromisedService {
    PromisedService {
        class: row.class.to_owned(),
        target: row.target.clone(),
        items: row.items,
        promised: row.promised,
        achieved: row.achieved.value,
        low: row.achieved.low,
        high: row.achieved.high,
        verdict: judged(row).to_owned(),
    }
}
