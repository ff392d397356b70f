//! Demand on a location that supplies others: its own and theirs.

use std::collections::BTreeMap;

use crate::domain::key::Key;
use crate::forecast::demand_distribution::{DemandDistribution, Spread};
use crate::forecast::lot::Lot;
use crate::forecast::width::{Width, Widths};

use super::item::facts::ItemFacts;

/// For each item that supplies others, the items that it supplies; both as positions in `facts`,
/// which are sorted by key.
#[must_use]
pub fn supplied_items(facts: &[Box<ItemFacts<'_>>]) -> BTreeMap<usize, Vec<usize>> {
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
#[must_use]
pub fn joint_demand(distributions: &[DemandDistribution], bucket_days: f64) -> DemandDistribution {
    let horizon = distributions.iter().map(DemandDistribution::horizon_days).max().unwrap_or(0);
    let sum = |of: &dyn Fn(&DemandDistribution) -> f64| distributions.iter().map(of).sum::<f64>();
    let lot = joint_lot(distributions);
    let width = |days: f64| {
        let days = days.round().max(1.0) as u32;
        let mean = sum(&|demand| demand.total(0, days).mean());
        let excess = sum(&|demand| demand.total(0, days).variance()) - lot.units() * mean;
        let dispersion = if excess > 0.0 { mean * mean / excess } else { 1e8 };
        Width { log_dispersion: libm::log(dispersion.clamp(1e-4, 1e8)) as f32, sd: 0.0 }
    };

    let widths = Widths {
        of_day: Some(width(1.0)),
        of_buckets: std::array::from_fn(|power| width(bucket_days * f64::from(1_u32 << power))),
        later: distributions.iter().map(DemandDistribution::later).fold(0.0, f32::max),
    };
    let cumulated = (0..=horizon).map(|days| sum(&|demand| demand.total(0, days).mean())).collect();
    DemandDistribution::new(cumulated, 7, Spread { bucket_days, widths, lot })
}

/// What demand of several locations comes in: single units where all count, else the smallest lot.
fn joint_lot(distributions: &[DemandDistribution]) -> Lot {
    if distributions.iter().all(DemandDistribution::is_count) {
        return Lot::single(true);
    }
    let lots = distributions.iter().map(|demand| demand.lot().units());
    Lot::of_quantity(lots.fold(f64::INFINITY, f64::min))
}
