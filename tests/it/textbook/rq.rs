//! The (r, Q) policy in continuous review: at r, order Q.

use restock::stats::loss::{poisson_loss, standard_normal_second_loss};

use super::{NormalDemand, assert_close};

/// Costs and demand of an (r, Q) policy.
#[derive(Clone, Copy)]
struct RqCosts {
    /// K, cost of one order, in money.
    order_cost: f64,
    /// h, holding cost of one unit for one unit of time, in money.
    holding_cost: f64,
    /// p, cost of one unit backordered for one unit of time, in money.
    backorder_cost: f64,
    /// λ, units demanded in one unit of time.
    demand_rate: f64,
}

/// Expected cost of one unit of time, for normal lead-time demand: [Kλ + ∫ g(y) dy over r … r +
/// Q]/Q with g(y) = h·(y − μ) + (h + p)·E(X − y)⁺. Source: Zheng (1992); Snyder & Shen, eq. 5.7.
fn normal_cost(costs: RqCosts, lead_time_demand: NormalDemand, r: f64, quantity: f64) -> f64 {
    let RqCosts { order_cost, holding_cost, backorder_cost, demand_rate } = costs;
    let NormalDemand { mean, sd } = lead_time_demand;
    let (low, high) = (r - mean, r + quantity - mean);

    let short =
        sd * sd * (standard_normal_second_loss(low / sd) - standard_normal_second_loss(high / sd));
    let held = holding_cost * (high * high - low * low) / 2.0;

    (order_cost * demand_rate + held + (holding_cost + backorder_cost) * short) / quantity
}

/// An (r, Q) policy of whole units.
struct RqPolicy {
    /// r.
    reorder_point: i64,
    /// Q.
    order_quantity: u64,
    /// Cost of one unit of time, in money.
    cost: f64,
}

/// The exact optimum for Poisson demand: positions are added to {r + 1 … r + Q} in order of their
/// cost, as long as that lowers the mean. Source: Federgruen & Zheng (1992); Snyder & Shen, section
/// 5.6, example 5.8.
fn poisson_optimum(costs: RqCosts, lead_time: f64) -> RqPolicy {
    let mean = costs.demand_rate * lead_time;
    let rate = |y: i64| {
        let short = if y < 0 { mean - y as f64 } else { poisson_loss(mean, y.unsigned_abs()) };
        costs.holding_cost * (y as f64 - mean + short) + costs.backorder_cost * short
    };

    let mut best = 0;
    while rate(best + 1) < rate(best) {
        best += 1;
    }

    let (mut low, mut high) = (best, best);
    let mut sum = costs.order_cost * costs.demand_rate + rate(best);
    loop {
        let count = (high - low + 1) as f64;
        let (below, above) = (rate(low - 1), rate(high + 1));
        let next = below.min(above);
        // A cost that is not a number ends the search.
        if next.is_nan() || next >= sum / count {
            return RqPolicy {
                reorder_point: low - 1,
                order_quantity: (high - low + 1) as u64,
                cost: sum / count,
            };
        }

        sum += next;
        if below <= above { low -= 1 } else { high += 1 }
    }
}

#[test]
fn reorder_point_and_quantity_are_the_optimum_of_federgruen_and_zheng() {
    let first =
        RqCosts { order_cost: 100.0, holding_cost: 20.0, backorder_cost: 150.0, demand_rate: 1.5 };
    let second =
        RqCosts { order_cost: 4.0, holding_cost: 4.0, backorder_cost: 28.0, demand_rate: 12.0 };

    for (costs, lead_time, (r, quantity, cost)) in
        [(first, 2.0, (3, 5, 107.92358063314978)), (second, 0.5, (6, 7, 28.24131284216915))]
    {
        let found = poisson_optimum(costs, lead_time);
        assert_eq!((found.reorder_point, found.order_quantity), (r, quantity));
        assert_close(found.cost, cost);
    }
}

#[test]
fn costs_of_reorder_point_and_quantity_are_those_of_the_book() {
    let costs =
        RqCosts { order_cost: 8.0, holding_cost: 0.225, backorder_cost: 7.5, demand_rate: 1300.0 };
    let demand = NormalDemand { mean: 1300.0 / 12.0, sd: 150.0 / 12.0_f64.sqrt() };

    assert_close(normal_cost(costs, demand, 126.8, 328.5), 78.07116250928294);
    assert_close(normal_cost(costs, demand, 100.0, 250.0), 87.34647802817499);
}
