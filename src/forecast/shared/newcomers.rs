//! What is believed of an item that has hardly sold, beside its category and price band: its
//! supplier.
//!
//! The factor of a supplier is Σ rates / Σ rates expected by category and band over its items with
//! a history, shrunk toward 1 by the weight of ten items. The sale that opened an item's history
//! was tried as a second factor and foretold nothing.

use serde::{Deserialize, Serialize};

use crate::demand::origin::{ItemView, Origin};

/// Items' worth of evidence that a factor of 1 counts for. Judgement.
const PRIOR_ITEMS: f64 = 10.0;
/// Buckets of history after which an item says what a supplier's items sell. Judgement.
const MIN_BUCKETS: usize = 4;
/// An item's rate counts as this many times the expected one at most: one item that sells a hundred
/// times the usual must not speak for its supplier. Judgement.
const MAX_RATE: f64 = 10.0;
/// Suppliers beyond this many are not told apart. Judgement: it bounds memory.
const MAX_SUPPLIERS: usize = 20_000;
/// Bounds of a supplier's factor. Judgement.
const MIN_FACTOR: f64 = 0.1;
const MAX_FACTOR: f64 = 10.0;

/// Factors on the level of a new item, by number of the supplier; empty if there is one supplier
/// only.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Newcomers(Vec<f64>);

/// What a supplier's items sold and were expected to sell.
#[derive(Clone, Copy, Default)]
struct SupplierSums {
    items: f64,
    rate: f64,
    expected: f64,
}

impl Newcomers {
    /// Learns the factors from what is known at an origin; `level` is what is expected of an item
    /// already, in units a bucket, and `starts` what each says of how items start.
    pub(super) fn learn(
        origin: &Origin<'_>,
        level: impl Fn(&ItemView<'_>) -> f64,
        starts: &[Option<f64>],
    ) -> Self {
        let suppliers = origin.suppliers();
        if !(2..=MAX_SUPPLIERS).contains(&suppliers) {
            return Self::default();
        }

        let mut sums = vec![SupplierSums::default(); suppliers];
        for item in origin.items() {
            if item.series.demand.len() < MIN_BUCKETS {
                continue;
            }
            let Some(Some(rate)) = starts.get(item.index) else { continue };

            let (sums, expected) = (&mut sums[item.supplier as usize], level(&item));
            sums.items += 1.0;
            sums.rate += rate.min(MAX_RATE * expected);
            sums.expected += expected;
        }
        Self(sums.into_iter().map(SupplierSums::factor).collect())
    }

    /// What an item's level is multiplied by.
    pub(super) fn factor(&self, supplier: u32) -> f64 {
        self.0.get(supplier as usize).copied().unwrap_or(1.0)
    }
}

impl SupplierSums {
    fn factor(self) -> f64 {
        if self.expected <= 0.0 {
            return 1.0;
        }
        let prior = PRIOR_ITEMS * self.expected / self.items;
        ((self.rate + prior) / (self.expected + prior)).clamp(MIN_FACTOR, MAX_FACTOR)
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
        let settings = ForecastSettings::ahead(panel.calendar, 4, ModelChoice::Auto);
        let forecasts = forecast(&panel, &fit(&panel, &settings), &settings);
        let (small, large) = (forecasts.bucket_means(120)[0], forecasts.bucket_means(121)[0]);
        assert!(small < 5.0 && large > 12.0, "{small} {large}");
    }
}
