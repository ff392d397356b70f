//! Whether the lead times of an item's successive orders go together.

use std::collections::BTreeMap;

use crate::domain::calendar::Day;
use crate::domain::tables::Text;

/// Pairs of successive orders that weigh as much as what is believed before any is seen: that all
/// go together, so that no order overtakes another. Judgement: a correlation of so few pairs has a
/// standard error of a fifth.
const PRIOR_PAIRS: f64 = 20.0;

/// One order line that arrived.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrived<'a> {
    /// The supplier.
    pub(super) supplier: &'a Text,
    /// The sku and the location.
    pub(super) item: (&'a str, &'a str),
    /// The day on which it was ordered.
    pub(super) ordered_on: Day,
    /// Days that it took.
    pub(super) days: f64,
    /// Its part of the order, whose lines travel together.
    pub(super) share: f64,
}

/// The correlation of the lead times of an item's successive orders, 0 … 1, by supplier; suppliers
/// without a pair of them are left out.
///
/// Spearman's rank correlation over the pairs of all its items, so that items that always take
/// another time each go together as well; drawn to 1 where few pairs are seen, and where fewer
/// orders came before one placed earlier than would if each drew its own lead time: a truck that
/// brings the orders of a week together lets none overtake another.
pub(super) fn correlations(mut lines: Vec<Arrived<'_>>) -> BTreeMap<Text, f64> {
    lines.sort_by(|a, b| {
        let by_item = a.supplier.cmp(b.supplier).then(a.item.cmp(&b.item));
        let by_order = by_item.then(a.ordered_on.cmp(&b.ordered_on));
        by_order.then(a.days.total_cmp(&b.days)).then(a.share.total_cmp(&b.share))
    });

    let mut found = BTreeMap::new();
    for of_supplier in lines.chunk_by(|a, b| a.supplier == b.supplier) {
        let mut pairs = Vec::new();
        for of_item in of_supplier.chunk_by(|a, b| a.item == b.item) {
            let orders: Vec<Order> =
                of_item.chunk_by(|a, b| a.ordered_on == b.ordered_on).map(together).collect();
            pairs.extend(orders.windows(2).map(|two| Pair {
                earlier: two[0].days,
                later: two[1].days,
                apart: f64::from(two[1].ordered_on.saturating_sub(two[0].ordered_on)),
                weight: two[1].weight,
            }));
        }
        if let Some(line) = of_supplier.first().filter(|_| !pairs.is_empty()) {
            found.insert(line.supplier.clone(), believed(&pairs));
        }
    }
    found
}

/// An item's lines that were ordered on one day.
struct Order {
    ordered_on: Day,
    days: f64,
    weight: f64,
}

fn together(lines: &[Arrived<'_>]) -> Order {
    Order {
        ordered_on: lines[0].ordered_on,
        days: lines.iter().map(|line| line.days).sum::<f64>() / lines.len() as f64,
        weight: lines.iter().map(|line| line.share).sum::<f64>().min(1.0),
    }
}

/// Two successive orders of an item.
#[derive(Debug, Clone, Copy)]
struct Pair {
    /// Days that the earlier one took, and the later one.
    earlier: f64,
    later: f64,
    /// Days from one to the other.
    apart: f64,
    weight: f64,
}

/// What is believed of these pairs.
fn believed(pairs: &[Pair]) -> f64 {
    let seen: f64 = pairs.iter().map(|pair| pair.weight).sum();
    let rank = rank_correlation(pairs).clamp(0.0, 1.0);
    let apart = (1.0 - rank) * overtaken_share(pairs);
    (seen * (1.0 - apart) + PRIOR_PAIRS) / (seen + PRIOR_PAIRS)
}

/// Orders that came before one placed earlier, as a share of those that would if each drew its own
/// lead time, 0 … 1.
fn overtaken_share(pairs: &[Pair]) -> f64 {
    let overtakes = |pair: &&Pair| pair.later + pair.apart < pair.earlier;
    let came: f64 = pairs.iter().filter(overtakes).map(|pair| pair.weight).sum();

    // In whole days, and each number of them once: a supplier may have a million receipts.
    let mut orders_by_days: BTreeMap<u64, f64> = BTreeMap::new();
    let mut pairs_by_apart: BTreeMap<u64, f64> = BTreeMap::new();
    for pair in pairs {
        for days in [pair.earlier, pair.later] {
            *orders_by_days.entry(days.round() as u64).or_default() += 1.0;
        }
        *pairs_by_apart.entry(pair.apart as u64).or_default() += pair.weight;
    }
    let mut quicker: Vec<(u64, f64)> = Vec::with_capacity(orders_by_days.len());
    let mut orders = 0.0;
    for (days, here) in &orders_by_days {
        quicker.push((*days, orders));
        orders += here;
    }
    let quicker_than = |days: u64| {
        let at = quicker.partition_point(|(other, _)| *other < days);
        quicker.get(at).map_or(orders, |(_, orders)| *orders)
    };
    let chance = |apart: u64| {
        let longer = orders_by_days.range(apart..);
        longer.map(|(days, here)| here * quicker_than(days - apart)).sum::<f64>() / orders / orders
    };
    let awaited: f64 = pairs_by_apart.iter().map(|(apart, weight)| weight * chance(*apart)).sum();
    if awaited > 0.0 { (came / awaited).min(1.0) } else { 0.0 }
}

/// Spearman's correlation, equal values at the middle of their ranks; 1 where nothing varies.
fn rank_correlation(pairs: &[Pair]) -> f64 {
    let mut weights: Vec<(f64, f64)> = pairs
        .iter()
        .flat_map(|pair| [(pair.earlier, pair.weight), (pair.later, pair.weight)])
        .collect();
    weights.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut ranks: Vec<(f64, f64)> = Vec::new();
    let mut below = 0.0;
    for equal in weights.chunk_by(|a, b| a.0 == b.0) {
        let weight: f64 = equal.iter().map(|value| value.1).sum();
        ranks.push((equal[0].0, below + 0.5 * weight));
        below += weight;
    }
    let middle = 0.5 * below;
    let rank = |days: f64| {
        let at = ranks.partition_point(|(value, _)| *value < days);
        ranks.get(at).map_or(0.0, |(_, rank)| rank - middle)
    };

    let (mut both, mut each) = (0.0, 0.0);
    for pair in pairs {
        let (a, b) = (rank(pair.earlier), rank(pair.later));
        both += pair.weight * a * b;
        each += 0.5 * pair.weight * (a * a + b * b);
    }
    if each > 0.0 { both / each } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn correlation(items: &[(&str, &[f64])]) -> f64 {
        let supplier: Text = "ACME".into();
        let lines = items.iter().flat_map(|(sku, days)| {
            let supplier = &supplier;
            (0..).zip(*days).map(move |(at, days)| Arrived {
                supplier,
                item: (sku, "main"),
                ordered_on: 7 * at,
                days: *days,
                share: 1.0,
            })
        });
        correlations(lines.collect())[&supplier]
    }

    /// 5 or 25 days, as the binary digits of a number decide.
    fn drawn(mut digits: u64, orders: usize) -> Vec<f64> {
        let mut days = Vec::new();
        for _ in 0..orders {
            digits = digits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            days.push(if digits >> 62 == 0 { 25.0 } else { 5.0 });
        }
        days
    }

    #[test]
    fn orders_that_each_draw_their_own_lead_time_hardly_go_together() {
        let days = drawn(7, 200);
        let found = correlation(&[("a", &days)]);
        assert!(found < 0.25, "{found}");
        let few = correlation(&[("a", &days[..6])]);
        assert!(few > 0.75, "{few}");
    }

    #[test]
    fn items_that_always_take_another_time_go_together() {
        let (quick, slow) = ([5.0; 100], [25.0; 100]);
        assert!(correlation(&[("a", &quick), ("b", &slow)]) > 0.99);
        assert_eq!(correlation(&[("a", &quick)]), 1.0);
    }

    #[test]
    fn a_truck_that_brings_the_orders_of_a_week_lets_none_overtake_another() {
        // Ordered every third and fourth day in turn, all come together.
        let supplier: Text = "ACME".into();
        let lines = (0..200).map(|at| Arrived {
            supplier: &supplier,
            item: ("a", "main"),
            ordered_on: 7 * (at / 2) + 3 * (at % 2),
            days: if at % 2 == 0 { 4.0 } else { 1.0 },
            share: 1.0,
        });
        assert_eq!(correlations(lines.collect())[&supplier], 1.0);
    }

    #[test]
    fn what_makes_one_order_late_makes_the_next_one_late_as_well() {
        let strikes: Vec<f64> = (0..200).map(|at| if at % 20 < 6 { 25.0 } else { 5.0 }).collect();
        assert!(correlation(&[("a", &strikes)]) > 0.5);
    }
}
