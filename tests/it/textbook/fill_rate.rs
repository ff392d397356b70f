//! Fill rates of stated policies: the share of units served at once.

use restock::inventory::lattice::{Grid, Lattice};
use restock::stats::loss::{poisson_loss, standard_normal_loss};

use super::{NormalDemand, assert_close};

/// A reorder point and an order quantity, in units.
struct ReorderPolicy {
    reorder_point: f64,
    order_quantity: f64,
}

/// A policy of whole units, looked at in every review period.
#[derive(Clone, Copy)]
struct ReviewedPolicy {
    lead_time_days: u32,
    review_days: u32,
    reorder_point: u64,
    order_quantity: u64,
}

/// Fill rate of (s, Q) in continuous review for normal lead-time demand: 1 − (σ/Q)·[G(k) − G(k +
/// Q/σ)], k = (s − μ)/σ.
///
/// The second loss is what shortages of the cycle before leave; without it a small Q gives
/// nonsense. Source: Silver, Pyke & Thomas, section 6.7.4; Hadley & Whitin (1963).
fn in_continuous_review(demand: NormalDemand, policy: &ReorderPolicy) -> f64 {
    let NormalDemand { mean, sd } = demand;
    let k = (policy.reorder_point - mean) / sd;
    let quantity = policy.order_quantity;

    1.0 - sd / quantity * (standard_normal_loss(k) - standard_normal_loss(k + quantity / sd))
}

/// Fill rate of (R, s, nQ) for demand in whole units: at each review at or below s, multiples of Q
/// are ordered until above s.
///
/// `loss(t, y)` is E(X_t − y)⁺ of the demand X_t of t days, `mean` the demand of a review period: β
/// = 1 − mean over y = s + 1 … s + Q of [loss(L + R, y) − loss(L, y)]/mean. Source: van Donselaar &
/// Broekmeulen (2013).
fn in_periodic_review(policy: ReviewedPolicy, mean: f64, loss: impl Fn(u32, u64) -> f64) -> f64 {
    let ReviewedPolicy { lead_time_days, review_days, reorder_point, order_quantity } = policy;
    let short: f64 = (reorder_point + 1..=reorder_point + order_quantity)
        .map(|y| loss(lead_time_days + review_days, y) - loss(lead_time_days, y))
        .sum();

    1.0 - short / order_quantity as f64 / mean
}

/// Total of independent negative binomial days of mean 0.5 and variance 2: of shape 1/6 a day, so
/// that totals have the same scale.
fn negative_binomial_total(days: u32) -> Lattice {
    let grid = Grid { step: 1.0, points: 400, is_count: true };
    let shape = 0.25 / 1.5 * f64::from(days);

    let mut mass = libm::pow(0.25, shape);
    let mut masses = vec![mass];
    for k in (1..400).map(f64::from) {
        mass *= (shape + k - 1.0) / k * 0.75;
        masses.push(mass);
    }

    Lattice::from_masses(grid, masses)
}

#[test]
fn fill_rates_in_continuous_review_are_exact() {
    let demand = NormalDemand { mean: 100.0, sd: 50.0 };
    for (reorder_point, fill_rate) in
        [(60.0, 0.2755790076317187), (100.0, 0.5787413913650508), (140.0, 0.839738042055994)]
    {
        let policy = ReorderPolicy { reorder_point, order_quantity: 20.0 };
        assert_close(in_continuous_review(demand, &policy), fill_rate);
    }
}

#[test]
fn fill_rates_in_periodic_review_of_poisson_demand_are_exact() {
    for (per_day, (lead_time_days, review_days), (reorder_point, order_quantity), fill_rate) in [
        (5.0, (4, 1), (22, 20), 0.8888338050564873),
        (5.0, (4, 5), (45, 20), 0.9792975658456644),
        (0.3, (10, 1), (4, 2), 0.8446245063817716),
        (0.3, (10, 7), (6, 1), 0.8748550441723969),
    ] {
        let policy = ReviewedPolicy { lead_time_days, review_days, reorder_point, order_quantity };
        let mean = per_day * f64::from(review_days);
        let found =
            in_periodic_review(policy, mean, |days, y| poisson_loss(per_day * f64::from(days), y));
        assert_close(found, fill_rate);
    }
}

#[test]
fn fill_rates_in_periodic_review_of_scattered_demand_are_exact() {
    for ((lead_time_days, review_days), (reorder_point, order_quantity), fill_rate) in
        [((10, 1), (9, 5), 0.8349457580329983), ((10, 7), (13, 5), 0.8856180408488431)]
    {
        let policy = ReviewedPolicy { lead_time_days, review_days, reorder_point, order_quantity };
        let before = negative_binomial_total(lead_time_days);
        let until = negative_binomial_total(lead_time_days + review_days);
        let found = in_periodic_review(policy, 0.5 * f64::from(review_days), |days, y| {
            let total = if days > lead_time_days { &until } else { &before };
            total.expected_shortage(y as f64)
        });
        assert_close(found, fill_rate);
    }
}
