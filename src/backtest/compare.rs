//! Policies side by side, each with the range that chance gives its difference.

use rayon::prelude::*;

use crate::stats::random;

use super::ledger::{Ledger, Tally};
use super::run::Replay;

/// Draws of the bootstrap. Judgement: ten draws lie beyond each end of a 95 % range.
const DRAWS: usize = 400;

/// One policy's replay, with its name.
#[derive(Debug)]
pub struct Entry {
    /// What tables call it.
    pub name: String,
    /// Its replay.
    pub run: Replay,
    /// Whether it knows what no planner can.
    pub has_foresight: bool,
}

/// A figure with the range that holds it in 95 of 100 draws.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Interval {
    /// The figure as replayed.
    pub value: f64,
    /// 2.5 of 100 draws lie below.
    pub low: f64,
    /// 2.5 of 100 draws lie above.
    pub high: f64,
}

/// One row of the comparison.
#[derive(Debug, Clone)]
pub struct ComparisonRow {
    /// The policy.
    pub name: String,
    /// All items and all scored days.
    pub total: Tally,
    /// All costs, money.
    pub money: Interval,
    /// Its costs less those of the first policy, on the same draws, money.
    pub more_than_first: Interval,
    /// Orders placed.
    pub orders: u64,
    /// How many items it is about.
    pub items: usize,
    /// The first policy's mean stock value at this row's fill rate, read off the
    /// stock-against-service curve.
    pub first_at_equal_fill: Option<f64>,
    /// Whether it knows what no planner can.
    pub has_foresight: bool,
}

impl ComparisonRow {
    /// Mean value of the stock.
    #[must_use]
    pub fn stock_value(&self) -> f64 {
        mean_value(&self.total, self.items)
    }
}

fn mean_value(total: &Tally, items: usize) -> f64 {
    if total.days > 0.0 { total.value_days / total.days * items as f64 } else { 0.0 }
}

/// Compares policies on chosen items; the first is what the others are held against. `curve` are
/// runs of the first policy at other targets.
#[must_use]
pub fn compare(
    entries: &[&Entry],
    curve: &[&Replay],
    chosen: &[bool],
    seed: u64,
) -> Vec<ComparisonRow> {
    let Some(first) = entries.first() else { return Vec::new() };

    let is_chosen = |item: usize| chosen.get(item).copied().unwrap_or(false);
    let items = chosen.iter().filter(|is| **is).count();
    let draws = draws(entries, chosen, seed);

    let points: Vec<CurvePoint> = curve
        .iter()
        .chain([&&first.run])
        .map(|run| {
            let total = run.ledger.sum(is_chosen);
            CurvePoint { fill_rate: total.fill_rate(), stock_value: mean_value(&total, items) }
        })
        .collect();

    let is_on_curve = |entry: &Entry| {
        points.len() < 3
            || std::ptr::eq(entry, *first)
            || curve.iter().any(|run| std::ptr::eq(*run, &entry.run))
    };

    entries
        .iter()
        .enumerate()
        .map(|(at, entry)| {
            let total = entry.run.ledger.sum(is_chosen);
            let first_money = first.run.ledger.sum(is_chosen).money();
            let own: Vec<f64> = draws.iter().map(|draw| draw[at]).collect();
            let difference: Vec<f64> = draws.iter().map(|draw| draw[at] - draw[0]).collect();
            ComparisonRow {
                name: entry.name.clone(),
                money: interval(total.money(), own),
                more_than_first: interval(total.money() - first_money, difference),
                orders: entry.run.ledger.orders,
                items,
                first_at_equal_fill: if is_on_curve(entry) {
                    None
                } else {
                    read_off(&points, total.fill_rate())
                },
                has_foresight: entry.has_foresight,
                total,
            }
        })
        .collect()
}

/// Money of every policy in each draw. A draw takes items and blocks of time with replacement, the
/// same for all policies.
fn draws(entries: &[&Entry], chosen: &[bool], seed: u64) -> Vec<Vec<f64>> {
    let items: Vec<usize> = (0..chosen.len()).filter(|item| chosen[*item]).collect();
    let blocks = entries.first().map_or(0, |entry| entry.run.ledger.blocks());
    if items.is_empty() || blocks == 0 {
        return Vec::new();
    }

    let money: Vec<Vec<f64>> =
        entries.iter().map(|entry| by_cell(&entry.run.ledger, &items)).collect();
    (0..DRAWS as u64)
        .into_par_iter()
        .map(|draw| {
            let mut item_weights = vec![0.0; items.len()];
            for k in 0..items.len() {
                item_weights[picked(seed, draw << 32 | k as u64, items.len())] += 1.0;
            }

            let mut block_weights = vec![0.0; blocks];
            for k in 0..blocks {
                block_weights[picked(seed, draw << 32 | 1 << 31 | k as u64, blocks)] += 1.0;
            }

            money.iter().map(|cells| weighted_sum(cells, &item_weights, &block_weights)).collect()
        })
        .collect()
}

/// The index below `count` that a draw picks.
fn picked(seed: u64, index: u64, count: usize) -> usize {
    let unit = random::unit(seed ^ 0xB007, index);
    ((unit * count as f64) as usize).min(count - 1)
}

/// Sum of the money of each item and block, which are the rows and columns of `cells`.
fn weighted_sum(cells: &[f64], item_weights: &[f64], block_weights: &[f64]) -> f64 {
    cells
        .chunks_exact(block_weights.len())
        .zip(item_weights)
        .filter(|(_, weight)| **weight > 0.0)
        .map(|(row, weight)| {
            let of_item: f64 =
                row.iter().zip(block_weights).map(|(money, weight)| money * weight).sum();
            weight * of_item
        })
        .sum()
}

/// Money of each item and block, item by item.
fn by_cell(ledger: &Ledger, items: &[usize]) -> Vec<f64> {
    items
        .iter()
        .flat_map(|item| (0..ledger.blocks()).map(|block| ledger.at(*item, block).money()))
        .collect()
}

/// The range that holds 95 of 100 draws, around what was replayed.
#[must_use]
pub fn interval(value: f64, mut draws: Vec<f64>) -> Interval {
    if draws.is_empty() {
        return Interval { value, low: value, high: value };
    }

    draws.sort_by(f64::total_cmp);
    let at = |level: f64| draws[((draws.len() - 1) as f64 * level).round() as usize];
    Interval { value, low: at(0.025), high: at(0.975) }
}

/// A point of the stock-against-service curve.
#[derive(Debug, Clone, Copy)]
struct CurvePoint {
    fill_rate: f64,
    /// Mean value of the stock, money.
    stock_value: f64,
}

/// The value of the stock at a fill rate, between the two nearest points of a curve; `None` outside
/// it.
fn read_off(points: &[CurvePoint], fill_rate: f64) -> Option<f64> {
    let mut points = points.to_vec();
    points.sort_by(|a, b| {
        a.fill_rate.total_cmp(&b.fill_rate).then(a.stock_value.total_cmp(&b.stock_value))
    });
    let (low, high) = points
        .windows(2)
        .map(|pair| (pair[0], pair[1]))
        .find(|(low, high)| low.fill_rate <= fill_rate && fill_rate <= high.fill_rate)?;

    if high.fill_rate > low.fill_rate {
        let rise = (high.stock_value - low.stock_value) * (fill_rate - low.fill_rate);
        Some(low.stock_value + rise / (high.fill_rate - low.fill_rate))
    } else {
        Some(low.stock_value)
    }
}

/// A share with its range over draws of items: achieved service of chosen items.
#[must_use]
pub fn share_over_items(
    ledger: &Ledger,
    items: &[usize],
    of: impl Fn(&Tally) -> f64 + Sync,
    seed: u64,
) -> Interval {
    let own: Vec<Tally> = items.iter().map(|item| ledger.of_item(*item)).collect();

    let mut all = Tally::default();
    own.iter().for_each(|tally| all.add(tally, 1.0));

    let draws: Vec<f64> = (0..DRAWS as u64)
        .into_par_iter()
        .map(|draw| {
            let mut sum = Tally::default();
            for k in 0..own.len() {
                let unit = random::unit(seed ^ 0x5A4E, draw << 32 | k as u64);
                sum.add(&own[((unit * own.len() as f64) as usize).min(own.len() - 1)], 1.0);
            }
            of(&sum)
        })
        .collect();
    interval(of(&all), draws)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stock_at_equal_fill_rate_lies_between_the_points_around_it() {
        let points = [(0.9, 10.0), (0.98, 30.0), (0.95, 20.0)]
            .map(|(fill_rate, stock_value)| CurvePoint { fill_rate, stock_value });
        assert!(read_off(&points, 0.925).is_some_and(|stock| (stock - 15.0).abs() < 1e-9));
        assert_eq!(read_off(&points, 0.99), None);
    }

    #[test]
    fn an_interval_holds_95_of_100_draws() {
        let found = interval(50.0, (0..=100).map(f64::from).collect());
        assert_eq!((found.low, found.high), (3.0, 98.0));
    }
}
