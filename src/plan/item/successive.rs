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
/// another time each go together as well; drawn to 1 where few pairs are seen.
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
            let orders: Vec<(f64, f64)> =
                of_item.chunk_by(|a, b| a.ordered_on == b.ordered_on).map(together).collect();
            let successive = orders.windows(2).map(|two| (two[0].0, two[1].0, two[1].1));
            pairs.extend(successive);
        }
        if let Some(line) = of_supplier.first().filter(|_| !pairs.is_empty()) {
            found.insert(line.supplier.clone(), believed(&pairs));
        }
    }
    found
}

/// Days and weight of an item's lines that were ordered on one day.
fn together(lines: &[Arrived<'_>]) -> (f64, f64) {
    let days = lines.iter().map(|line| line.days).sum::<f64>() / lines.len() as f64;
    (days, lines.iter().map(|line| line.share).sum::<f64>().min(1.0))
}

/// What is believed of these pairs: days of the earlier order, of the later one, and a weight.
fn believed(pairs: &[(f64, f64, f64)]) -> f64 {
    let seen: f64 = pairs.iter().map(|pair| pair.2).sum();
    let rank = rank_correlation(pairs).clamp(0.0, 1.0);
    (seen * rank + PRIOR_PAIRS) / (seen + PRIOR_PAIRS)
}

/// Spearman's correlation, equal values at the middle of their ranks; 1 where nothing varies.
fn rank_correlation(pairs: &[(f64, f64, f64)]) -> f64 {
    let mut weights: Vec<(f64, f64)> =
        pairs.iter().flat_map(|(a, b, weight)| [(*a, *weight), (*b, *weight)]).collect();
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
    for (a, b, weight) in pairs {
        let (a, b) = (rank(*a), rank(*b));
        both += weight * a * b;
        each += 0.5 * weight * (a * a + b * b);
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
    fn what_makes_one_order_late_makes_the_next_one_late_as_well() {
        let strikes: Vec<f64> = (0..200).map(|at| if at % 20 < 6 { 25.0 } else { 5.0 }).collect();
        assert!(correlation(&[("a", &strikes)]) > 0.5);
    }
}
