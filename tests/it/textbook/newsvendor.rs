//! The newsvendor: one period, one order.

use restock::stats::loss::{normal_loss, poisson_loss};
use restock::stats::{normal, poisson};

use super::{NormalDemand, UnitCosts, assert_close};

/// A stock and what it is expected to cost.
struct Stock {
    level_units: f64,
    cost: f64,
}

/// S* = μ + σΦ⁻¹(p/(p + h)) and its cost (h + p)·φ(z)·σ, for normal demand. Source: Snyder & Shen,
/// eq. 4.17 and 4.24.
fn for_normal_demand(costs: UnitCosts, demand: NormalDemand) -> Stock {
    let both = costs.shortage + costs.holding;
    let z = normal::quantile(costs.shortage / both);

    Stock { level_units: demand.mean + z * demand.sd, cost: both * normal::density(z) * demand.sd }
}

/// The smallest whole S with P(D ≤ S) ≥ p/(p + h) and its cost h·E(S − D)⁺ + p·E(D − S)⁺, for
/// Poisson demand. Source: Snyder & Shen, section 4.3.2.7.
fn for_poisson_demand(costs: UnitCosts, mean: f64) -> Stock {
    let level = poisson::quantile(costs.shortage / (costs.shortage + costs.holding), mean);
    let short = poisson_loss(mean, level);
    let level_units = level as f64;

    Stock {
        level_units,
        cost: costs.holding * (level_units - mean + short) + costs.shortage * short,
    }
}

/// The cost of any level, for normal demand: h·E(S − D)⁺ + p·E(D − S)⁺.
fn normal_cost(costs: UnitCosts, demand: NormalDemand, level_units: f64) -> f64 {
    let short = normal_loss(demand.mean, demand.sd, level_units);
    costs.holding * (level_units - demand.mean + short) + costs.shortage * short
}

#[test]
fn newsvendor_levels_and_costs_for_normal_demand_are_those_of_the_book() {
    for ((holding, shortage), (mean, sd), level, cost) in [
        // Example 4.3.
        ((0.18, 0.70), (50.0, 8.0), 56.60395592743389, 1.9976051931766445),
        // Example 4.4: a base stock over a lead time of four periods and the review.
        ((0.18, 0.70), (250.0, 8.0 * 5.0_f64.sqrt()), 264.76689437415484, 4.466781004149577),
        ((43.0, 79.0), (900.0, 60.0), 922.7214038234755, 2718.196781782411),
        ((2.0, 18.0), (120.0, 10.0), 132.815515655446, 35.09966638649737),
    ] {
        let costs = UnitCosts { holding, shortage };
        let demand = NormalDemand { mean, sd };
        let found = for_normal_demand(costs, demand);

        assert_close(found.level_units, level);
        assert_close(found.cost, cost);
        assert_close(normal_cost(costs, demand, level), cost);
    }
}

#[test]
fn newsvendor_levels_and_costs_for_poisson_demand_are_those_of_the_book() {
    for ((holding, shortage), mean, level, cost) in [
        ((1.0, 4.0), 6.0, 8.0, 3.570106945770941),
        ((200.0, 270.0), 18.0, 19.0, 786.0884409351081),
        ((0.08, 1.25), 90.0, 105.0, 1.5450188691551388),
    ] {
        let found = for_poisson_demand(UnitCosts { holding, shortage }, mean);

        assert_eq!(found.level_units, level);
        assert_close(found.cost, cost);
    }
}
