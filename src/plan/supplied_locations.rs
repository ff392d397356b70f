//! Demand on a location that supplies others: its own and theirs.

use std::collections::BTreeMap;

use crate::domain::key::Key;
use crate::forecast::demand_distribution::{DemandDistribution, Spread};

use super::item::facts::ItemFacts;

/// Lengths, as powers of two of buckets, for which the spread of a sum is worked out. Judgement:
/// 128 buckets are beyond any protected time of weeks.
const LENGTHS: u32 = 8;

/// For each item that supplies others, the items that it supplies; both as positions in `facts`,
/// which are sorted by key.
#[must_use]
pub fn supplied_items(facts: &[ItemFacts<'_>]) -> BTreeMap<usize, Vec<usize>> {
    let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, item) in facts.iter().enumerate() {
        let Some(from) = &item.supplied_by else { continue };

        let giver = Key { sku: item.key.sku.clone(), location: from.clone() };
        if let Ok(giver) = facts.binary_search_by(|facts| facts.key.cmp(&giver)) {
            found.entry(giver).or_default().push(at);
        }
    }

    found
}

/// The demand of several locations together, which are taken to be independent: means and variances
/// add up.
#[derive(Debug)]
pub struct JointDemand {
    cumulated: Vec<f64>,
    log_dispersion: Vec<f32>,
    bucket_days: f64,
    is_count: bool,
}

impl JointDemand {
    /// The sum of these demands, told in buckets of this mean length.
    #[must_use]
    pub fn new(distributions: &[DemandDistribution<'_>], bucket_days: f64) -> Self {
        let horizon = distributions.iter().map(DemandDistribution::horizon_days).max().unwrap_or(0);
        let mean = |days: u32| {
            distributions.iter().map(|distribution| distribution.total(0, days).mean()).sum::<f64>()
        };
        let is_count = distributions.iter().all(|distribution| distribution.total(0, 1).is_count());
        let log_dispersion = (0..LENGTHS).map(|power| {
            let days = (bucket_days * f64::from(1_u32 << power)).round().max(1.0) as u32;
            let (mean, variance) = (
                mean(days),
                distributions
                    .iter()
                    .map(|distribution| distribution.total(0, days).variance())
                    .sum::<f64>(),
            );
            let excess = if is_count { variance - mean } else { variance };
            let dispersion = if excess > 0.0 { mean * mean / excess } else { 1e8 };
            libm::log(dispersion.clamp(1e-4, 1e8)) as f32
        });
        let log_dispersion = log_dispersion.collect();
        Self { cumulated: (0..=horizon).map(mean).collect(), log_dispersion, bucket_days, is_count }
    }

    /// The distribution of the sum.
    #[must_use]
    pub fn distribution(&self) -> DemandDistribution<'_> {
        let spread = Spread {
            bucket_days: self.bucket_days,
            log_dispersion: &self.log_dispersion,
            calibration: &[],
            is_count: self.is_count,
        };
        DemandDistribution::new(self.cumulated.clone(), 7, spread)
    }
}
