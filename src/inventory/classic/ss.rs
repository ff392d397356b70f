//! The (s, S) policy in periodic review.

use crate::stats::loss::poisson_loss;
use crate::stats::poisson;

/// An (s, S) policy of whole units and its cost for one period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SsPolicy {
    /// s: at or below it, order.
    pub reorder_point: i64,
    /// S: up to it.
    pub order_up_to: i64,
    /// Cost of one period.
    pub cost: f64,
}

/// The exact optimum for Poisson demand of a period and orders that arrive at once.
///
/// With G(y) = h·E(y − D)⁺ + p·E(D − y)⁺, m(j) the expected number of periods the position spends j
/// below S before the next order, the cost is c(s, S) = [K + Σ_{j<S−s} m(j)G(S − j)]/Σ m(j). For a
/// lead time of L periods give the demand of L + 1 periods to G; here it is one. Source: Zheng &
/// Federgruen (1991), with the correction of 1992.
///
/// ```
/// use restock::inventory::classic::ss::poisson_optimum;
/// // The paper's table: h = 1, p = 9, K = 64.
/// let found = poisson_optimum((1.0, 9.0), 64.0, 10.0);
/// assert_eq!((found.reorder_point, found.order_up_to), (6, 40));
/// assert!((found.cost - 35.022).abs() < 5e-4);
/// ```
#[must_use]
pub fn poisson_optimum((holding, backorder): (f64, f64), order_cost: f64, mean: f64) -> SsPolicy {
    let rate = |y: i64| {
        let short = if y < 0 { mean - y as f64 } else { poisson_loss(mean, y.unsigned_abs()) };
        holding * (y as f64 - mean + short) + backorder * short
    };
    let mut best = 0;
    while rate(best + 1) < rate(best) {
        best += 1;
    }
    let mut visits = Visits::new(mean);
    let mut cost = |s: i64, top: i64| {
        let (mut sum, mut periods) = (order_cost, 0.0);
        for j in 0..(top - s).max(1) {
            let m = visits.at(j as usize);
            sum += m * rate(top - j);
            periods += m;
        }
        sum / periods
    };
    let (mut s, mut top) = (best - 1, best);
    while cost(s, top) > rate(s) {
        s -= 1;
    }
    let mut least = cost(s, top);
    let mut candidate = top + 1;
    while rate(candidate) <= least {
        if cost(s, candidate) < least {
            top = candidate;
            while cost(s, top) <= rate(s + 1) {
                s += 1;
            }
            least = cost(s, top);
        }
        candidate += 1;
    }
    SsPolicy { reorder_point: s, order_up_to: top, cost: least }
}

/// m(0) = 1/(1 − p(0)), m(j) = Σ_{i=1…j} p(i)·m(j − i)/(1 − p(0)).
struct Visits {
    masses: Vec<f64>,
    mean: f64,
    values: Vec<f64>,
}

impl Visits {
    fn new(mean: f64) -> Self {
        let none = poisson::probability(0, mean);
        Self { masses: vec![none], mean, values: vec![1.0 / (1.0 - none)] }
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
