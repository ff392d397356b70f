//! Expected values: the worked examples of Snyder & Shen (2019) as the test suite of stockpyl
//! states them, re-derived independently; tables of Zheng & Federgruen (1991); Silver (1976).

use proptest::prelude::*;

use super::eoq::{Break, EoqCosts, all_units, economic_order_quantity, incremental};
use super::fill_rate::{rsnq, sq_normal};
use super::joint::{JointItem, joint_replenishment};
use super::newsvendor::{normal_cost, normal_demand, poisson_demand};
use super::rq::{self, RqCosts};
use super::ss;
use super::wagner_whitin::lot_sizes;
use crate::inventory::lattice::{Grid, Lattice};
use crate::inventory::protection::DemandTotals;
use crate::inventory::simulation::Daily;
use crate::stats::loss::{normal_loss, poisson_loss, standard_normal_loss};

fn close(found: f64, expected: f64) {
    assert!((found / expected - 1.0).abs() < 1e-8, "{found} is not {expected}");
}

#[test]
fn newsvendor_levels_and_costs_are_those_of_the_book() {
    for (costs, (mean, sd), (level, cost)) in [
        ((0.18, 0.70), (50.0, 8.0), (56.60395592743389, 1.9976051931766445)),
        // Example 4.4: a base stock over a lead time of four periods and the review.
        ((0.18, 0.70), (250.0, 8.0 * 5.0_f64.sqrt()), (264.76689437415484, 4.466781004149577)),
        ((43.0, 79.0), (900.0, 60.0), (922.7214038234755, 2718.196781782411)),
        ((2.0, 18.0), (120.0, 10.0), (132.815515655446, 35.09966638649737)),
    ] {
        let found = normal_demand(costs, (mean, sd));
        close(found.0, level);
        close(found.1, cost);
        close(normal_cost(costs, (mean, sd), level), cost);
    }
    for (costs, mean, (level, cost)) in [
        ((1.0, 4.0), 6.0, (8, 3.570106945770941)),
        ((200.0, 270.0), 18.0, (19, 786.0884409351081)),
        ((0.08, 1.25), 90.0, (105, 1.5450188691551388)),
    ] {
        let found = poisson_demand(costs, mean);
        assert_eq!(found.0, level);
        close(found.1, cost);
    }
}

#[test]
fn reorder_point_and_quantity_are_the_optimum_of_federgruen_and_zheng() {
    for ((holding_cost, backorder_cost, order_cost, demand_rate), lead_time, (r, quantity, cost)) in [
        ((20.0, 150.0, 100.0, 1.5), 2.0, (3, 5, 107.92358063314978)),
        ((4.0, 28.0, 4.0, 12.0), 0.5, (6, 7, 28.24131284216915)),
    ] {
        let costs = RqCosts { order_cost, holding_cost, backorder_cost, demand_rate };
        let found = rq::poisson_optimum(costs, lead_time);
        assert_eq!((found.reorder_point, found.order_quantity), (r, quantity));
        close(found.cost, cost);
    }
    let costs =
        RqCosts { order_cost: 8.0, holding_cost: 0.225, backorder_cost: 7.5, demand_rate: 1300.0 };
    let lead_time_demand = (1300.0 / 12.0, 150.0 / 12.0_f64.sqrt());
    close(rq::normal_cost(costs, lead_time_demand, (126.8, 328.5)), 78.07116250928294);
    close(rq::normal_cost(costs, lead_time_demand, (100.0, 250.0)), 87.34647802817499);
}

#[test]
fn s_and_order_up_to_level_are_those_of_the_table_of_zheng_and_federgruen() {
    for (mean, s, top, cost) in [
        (10.0, 6, 40, 35.022),
        (15.0, 10, 49, 42.698),
        (20.0, 14, 62, 49.173),
        (25.0, 19, 56, 54.262),
        (30.0, 23, 66, 57.819),
        (35.0, 28, 77, 61.215),
        (40.0, 33, 87, 64.512),
        (45.0, 37, 97, 67.776),
        (50.0, 42, 108, 70.975),
        (55.0, 47, 118, 74.149),
        (60.0, 52, 129, 77.306),
        (65.0, 56, 75, 78.518),
        (70.0, 62, 81, 79.037),
        (75.0, 67, 86, 79.554),
        (21.0, 15, 65, 50.406),
        (22.0, 16, 68, 51.632),
        (23.0, 17, 52, 52.757),
        (24.0, 18, 54, 53.518),
        (51.0, 43, 110, 71.611),
        (52.0, 44, 112, 72.246),
        (59.0, 51, 126, 76.679),
        (61.0, 52, 131, 77.929),
        (63.0, 54, 73, 78.287),
        (64.0, 55, 74, 78.402),
    ] {
        let found = ss::poisson_optimum((1.0, 9.0), 64.0, mean);
        assert_eq!((found.reorder_point, found.order_up_to), (s, top), "mean {mean}");
        assert!((found.cost - cost).abs() < 5.1e-4, "mean {mean}: {} is not {cost}", found.cost);
    }
}

#[test]
fn lot_sizes_are_those_of_wagner_and_whitin() {
    for ((order_cost, holding_cost), demand, orders, cost) in [
        ((500.0, 2.0), vec![90.0, 120.0, 80.0, 70.0], vec![210.0, 0.0, 150.0, 0.0], 1380.0),
        ((120.0, 0.8), vec![150.0, 100.0, 80.0, 200.0], vec![150.0, 180.0, 0.0, 200.0], 424.0),
        (
            (100.0, 0.1),
            vec![730.0, 580.0, 445.0, 650.0, 880.0],
            vec![1310.0, 0.0, 1095.0, 0.0, 880.0],
            423.0,
        ),
    ] {
        let found = lot_sizes(order_cost, holding_cost, &demand);
        assert_eq!(found.0, orders);
        close(found.1, cost);
    }
}

#[test]
fn losses_are_those_of_the_book() {
    for (k, loss) in
        [(-1.4, 1.4366681427084653), (0.3, 0.26676124211720986), (3.1, 0.00026724909522301415)]
    {
        close(standard_normal_loss(k), loss);
    }
    close(normal_loss(8.0, 3.0, 11.0), 0.24994641176305887);
}

/// E(X − y)⁺ of a law of whole units.
fn loss(law: &Lattice, y: u64) -> f64 {
    law.expected_shortage(y as f64)
}

#[test]
fn fill_rates_are_exact() {
    for (s, fill) in
        [(60.0, 0.2755790076317187), (100.0, 0.5787413913650508), (140.0, 0.839738042055994)]
    {
        close(sq_normal((100.0, 50.0), s, 20.0), fill);
    }
    for (mean, days, policy, fill) in [
        (5.0, (4, 1), (22, 20), 0.8888338050564873),
        (5.0, (4, 5), (45, 20), 0.9792975658456644),
        (0.3, (10, 1), (4, 2), 0.8446245063817716),
        (0.3, (10, 7), (6, 1), 0.8748550441723969),
    ] {
        let poisson = |days: u32, y: u64| poisson_loss(mean * f64::from(days), y);
        close(rsnq(days, policy, mean * f64::from(days.1), poisson), fill);
    }
    // A negative binomial of mean 0.5 and variance 2 a day: of shape 1/6 a day, so that totals have
    // the same scale.
    let shape = 0.25 / 1.5;
    let total = |days: u32| {
        let grid = Grid { step: 1.0, points: 400, is_count: true };
        let r = shape * f64::from(days);
        let mut masses = vec![libm::pow(0.25, r)];
        for k in 1..400 {
            let k = f64::from(k);
            masses.push(masses[masses.len() - 1] * (r + k - 1.0) / k * 0.75);
        }
        Lattice::from_masses(grid, masses)
    };
    for (days, policy, fill) in
        [((10, 1), (9, 5), 0.8349457580329983), ((10, 7), (13, 5), 0.8856180408488431)]
    {
        let laws = [total(days.0), total(days.0 + days.1)];
        let found = rsnq(days, policy, 0.5 * f64::from(days.1), |t, y| {
            loss(&laws[usize::from(t > days.0)], y)
        });
        close(found, fill);
    }
}

#[test]
fn the_square_root_rule_is_short_by_these_factors() {
    // √[(1/h)·Σ(1 + iα)²]: the standard deviation of a total under simple exponential smoothing
    // over σ√h.
    for (alpha, horizon, ratio) in [
        (0.1, 4, 1.1554220008291343),
        (0.1, 8, 1.3693063937629153),
        (0.1, 13, 1.6431676725154984),
        (0.2, 4, 1.319090595827292),
        (0.2, 8, 1.7606816861659011),
        (0.2, 13, 2.32379000772445),
        (0.3, 4, 1.4882876066137216),
        (0.3, 8, 2.1621748310439655),
        (0.3, 13, 3.0166206257996713),
    ] {
        let sum: f64 =
            (0..horizon).map(|i| (1.0 + f64::from(i) * alpha) * (1.0 + f64::from(i) * alpha)).sum();
        close((sum / f64::from(horizon)).sqrt(), ratio);
    }
}

#[test]
fn the_mixture_over_lead_times_has_the_moments_of_hadley_and_whitin() {
    // Poisson 10 a day, 5 days or 25 with probability 0.2: mean 90, variance 6,490.
    let demand = Daily::poisson(10.0, 30);
    let (mut mean, mut square) = (0.0, 0.0);
    for (days, weight) in [(5, 0.8), (25, 0.2)] {
        let (m, v) = demand.moments(0, days);
        mean += weight * m;
        square += weight * (v + m * m);
    }
    assert!((mean - 90.0).abs() < 1e-5 && (square - mean * mean - 6490.0).abs() < 1e-2, "{mean}");
}

proptest! {
    #[test]
    fn no_quantity_beats_the_one_with_price_breaks(order_cost in 1.0_f64..50.0, rate in 10.0_f64..2000.0, tried in 1.0_f64..3000.0) {
        let breaks = [(0.0, 2.0), (200.0, 1.9), (500.0, 1.7)].map(|(from_units, unit_cost)| Break { from_units, unit_cost });
        let price = |q: f64| if q >= 500.0 { 1.7 } else if q >= 200.0 { 1.9 } else { 2.0 };
        let all = |q: f64| price(q) * rate + order_cost * rate / q + 0.2 * price(q) * q / 2.0;
        prop_assert!(all_units(order_cost, rate, 0.2, &breaks).unwrap().cost <= all(tried) + 1e-9);
        let paid = |q: f64| 2.0 * q.min(200.0) + 1.9 * (q.min(500.0) - 200.0).max(0.0) + 1.7 * (q - 500.0).max(0.0);
        let some = |q: f64| paid(q) * rate / q + order_cost * rate / q + 0.2 * paid(q) / 2.0;
        prop_assert!(incremental(order_cost, rate, 0.2, &breaks).unwrap().cost <= some(tried) + 1e-9);
    }

    #[test]
    fn no_multiples_beat_the_joint_policy(
        costs in proptest::collection::vec((0.5_f64..20.0, 0.05_f64..2.0, 5.0_f64..500.0), 2..5),
        tried in proptest::collection::vec(1_u32..6, 4), order_cost in 1.0_f64..60.0,
    ) {
        let items: Vec<JointItem> = costs
            .iter()
            .map(|&(line_cost, holding_cost, demand_rate)| JointItem { line_cost, holding_cost, demand_rate })
            .collect();
        let (mut orders, mut holding) = (order_cost, 0.0);
        for (item, m) in items.iter().zip(&tried) {
            orders += item.line_cost / f64::from(*m);
            holding += item.holding_cost * item.demand_rate * f64::from(*m);
        }
        let found = joint_replenishment(order_cost, &items).unwrap();
        prop_assert!(found.cost <= (2.0 * orders * holding).sqrt() + 1e-9);
    }

    #[test]
    fn an_order_quantity_costs_least(order_cost in 0.5_f64..50.0, holding_cost in 0.01_f64..5.0, tried in 0.5_f64..4.0) {
        let costs = EoqCosts { order_cost, holding_cost, demand_rate: 300.0 };
        let found = economic_order_quantity(costs);
        let units = tried * found.units;
        prop_assert!(found.cost <= order_cost * 300.0 / units + holding_cost * units / 2.0 + 1e-9);
    }
}
