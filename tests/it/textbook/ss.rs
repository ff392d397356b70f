//! The (s, S) policy in periodic review.

use restock::stats::loss::poisson_loss;
use restock::stats::poisson;

use super::UnitCosts;

/// An (s, S) policy of whole units.
struct SsPolicy {
    /// s: at or below it, order.
    reorder_point: i64,
    /// S: up to it.
    order_up_to: i64,
    /// Cost of one period, in money.
    cost: f64,
}

/// Costs and Poisson demand of one period, for orders that arrive at once.
struct Periods {
    /// h and p.
    unit_costs: UnitCosts,
    /// K, cost of one order, in money.
    order_cost: f64,
    /// Mean demand of a period, in units.
    mean: f64,
    visits: Visits,
}

impl Periods {
    fn new(unit_costs: UnitCosts, order_cost: f64, mean: f64) -> Self {
        Self { unit_costs, order_cost, mean, visits: Visits::new(mean) }
    }

    /// G(y) = h·E(y − D)⁺ + p·E(D − y)⁺.
    fn rate(&self, y: i64) -> f64 {
        let mean = self.mean;
        let short = if y < 0 { mean - y as f64 } else { poisson_loss(mean, y.unsigned_abs()) };
        self.unit_costs.holding * (y as f64 - mean + short) + self.unit_costs.shortage * short
    }

    /// c(s, S) = [K + Σ_{j<S−s} m(j)G(S − j)]/Σ m(j).
    fn cost(&mut self, s: i64, top: i64) -> f64 {
        let (mut sum, mut periods) = (self.order_cost, 0.0);
        for j in 0..(top - s).max(1) {
            let m = self.visits.at(j as usize);
            sum += m * self.rate(top - j);
            periods += m;
        }

        sum / periods
    }

    /// The exact optimum. For a lead time of L periods give the demand of L + 1 periods to G; here
    /// it is one. Source: Zheng & Federgruen (1991), with the correction of 1992.
    fn optimum(&mut self) -> SsPolicy {
        let mut best = 0;
        while self.rate(best + 1) < self.rate(best) {
            best += 1;
        }

        let (mut s, mut top) = (best - 1, best);
        while self.cost(s, top) > self.rate(s) {
            s -= 1;
        }

        let mut min_cost = self.cost(s, top);
        let mut candidate = top + 1;
        while self.rate(candidate) <= min_cost {
            if self.cost(s, candidate) < min_cost {
                top = candidate;
                while self.cost(s, top) <= self.rate(s + 1) {
                    s += 1;
                }
                min_cost = self.cost(s, top);
            }
            candidate += 1;
        }

        SsPolicy { reorder_point: s, order_up_to: top, cost: min_cost }
    }
}

/// m(j), the expected number of periods that the position spends j below S before the next order:
/// m(0) = 1/(1 − p(0)), m(j) = Σ_{i=1…j} p(i)·m(j − i)/(1 − p(0)).
struct Visits {
    masses: Vec<f64>,
    mean: f64,
    values: Vec<f64>,
}

impl Visits {
    fn new(mean: f64) -> Self {
        let no_demand = poisson::probability(0, mean);
        Self { masses: vec![no_demand], mean, values: vec![1.0 / (1.0 - no_demand)] }
    }

    fn at(&mut self, j: usize) -> f64 {
        while self.values.len() <= j {
            let k = self.values.len();
            self.masses.push(poisson::probability(k as u64, self.mean));
            let sum: f64 = (1..=k).map(|i| self.masses[i] * self.values[k - i]).sum();
            self.values.push(sum * self.values[0]);
        }

        self.values[j]
    }
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
        let unit_costs = UnitCosts { holding: 1.0, shortage: 9.0 };
        let found = Periods::new(unit_costs, 64.0, mean).optimum();

        assert_eq!((found.reorder_point, found.order_up_to), (s, top), "mean {mean}");
        assert!((found.cost - cost).abs() < 5.1e-4, "mean {mean}: {} is not {cost}", found.cost);
    }
}
