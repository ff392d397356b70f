//! What is believed of an item that has hardly sold, beside its category: its supplier.
//!
//! The factor of a supplier is Σ rates / Σ rates expected by category over its items with a
//! history, drawn towards 1 by the weight of ten items. The sale that opened an item's history was
//! tried as a second factor and foretold nothing.

use serde::{Deserialize, Serialize};

use super::history::average_rate;
use crate::demand::panel::Panel;

/// Items' worth of evidence that a factor of 1 counts for.
const PRIOR_ITEMS: f64 = 10.0;
/// Buckets of history after which an item says what a supplier's items sell.
const LEAST_BUCKETS: usize = 4;
/// Suppliers beyond this many are not told apart.
const MAX_SUPPLIERS: usize = 20_000;

/// Factors on the level of a new item, by number of the supplier; none where there is one supplier
/// only.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Newcomers(Vec<f64>);

/// What a supplier's items sold and were expected to sell.
#[derive(Clone, Copy, Default)]
struct Sums {
    items: f64,
    rate: f64,
    expected: f64,
}

impl Newcomers {
    /// Learns the factors from the panel without its last `cut` buckets; `level` is what is
    /// expected of an item already.
    pub(super) fn learn(panel: &Panel, cut: usize, level: impl Fn(usize) -> f64) -> Self {
        let suppliers = 1 + panel.supplier.iter().copied().max().unwrap_or(0) as usize;
        if !(2..=MAX_SUPPLIERS).contains(&suppliers) {
            return Self::default();
        }
        let mut sums = vec![Sums::default(); suppliers];
        for item in 0..panel.len() {
            let series = panel.series(item).cut(cut);
            let Some(rate) = average_rate(&series).filter(|_| series.demand.len() >= LEAST_BUCKETS)
            else {
                continue;
            };
            let (sums, expected) = (&mut sums[panel.supplier[item] as usize], level(item));
            sums.items += 1.0;
            // One item that sells a hundred times the usual must not speak for its supplier.
            sums.rate += rate.min(10.0 * expected);
            sums.expected += expected;
        }
        Self(sums.into_iter().map(Sums::factor).collect())
    }

    /// What an item's level is multiplied by.
    pub(super) fn factor(&self, panel: &Panel, item: usize) -> f64 {
        self.0.get(panel.supplier[item] as usize).copied().unwrap_or(1.0)
    }
}

impl Sums {
    fn factor(self) -> f64 {
        if self.expected <= 0.0 {
            return 1.0;
        }
        let prior = PRIOR_ITEMS * self.expected / self.items;
        ((self.rate + prior) / (self.expected + prior)).clamp(0.1, 10.0)
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::calendar::BucketLength;
    use crate::forecast::{ForecastSettings, ModelChoice, fit, forecast, tests};

    #[test]
    fn a_new_item_borrows_from_its_supplier() {
        // Old items of two suppliers, the second selling eight times as much; the last two items
        // are new, one of each.
        let level = |item: usize| if item.is_multiple_of(2) { 2.0 } else { 16.0 };
        let mut histories: Vec<Vec<f64>> = (0..120).map(|item| vec![level(item); 60]).collect();
        histories.extend([vec![], vec![]]);
        let mut panel = tests::panel(BucketLength::Week, &histories);
        panel.supplier = (0..122).map(|item| item % 2).collect();
        let settings =
            ForecastSettings { horizon: 4, seed: 1, model: ModelChoice::Auto, planning_days: 20 };
        let forecasts = forecast(&panel, &fit(&panel, &settings), &settings);
        let (small, large) = (forecasts.bucket_means(120)[0], forecasts.bucket_means(121)[0]);
        assert!(small < 5.0 && large > 12.0, "{small} {large}");
    }
}
