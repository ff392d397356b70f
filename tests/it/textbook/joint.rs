//! Joint replenishment: several items that share the cost of an order.

use proptest::prelude::*;

/// One item of a joint order.
#[derive(Clone, Copy, Debug)]
struct JointItem {
    /// k, cost of having the item on an order, in money.
    line_cost: f64,
    /// h, holding cost of one unit for one unit of time, in money.
    holding_cost: f64,
    /// d, units demanded in one unit of time.
    demand_rate: f64,
}

/// How often to order, and in which orders each item is.
struct JointPolicy {
    /// T, time between two orders.
    cycle_time: f64,
    /// Item i is in every mᵢ-th order.
    multiples: Vec<u32>,
    /// Cost of one unit of time, in money.
    cost: f64,
}

impl JointPolicy {
    /// The best cycle for given multiples, at a cost of √(2·(K + Σk/m)·Σhdm).
    fn of_multiples(order_cost: f64, items: &[JointItem], multiples: &[u32]) -> Self {
        let (mut orders, mut holding) = (order_cost, 0.0);
        for (item, m) in items.iter().zip(multiples) {
            orders += item.line_cost / f64::from(*m);
            holding += item.holding_cost * item.demand_rate * f64::from(*m);
        }

        Self {
            cycle_time: (2.0 * orders / holding).sqrt(),
            multiples: multiples.to_vec(),
            cost: (2.0 * orders * holding).sqrt(),
        }
    }
}

/// T below which one multiple more is better for an item: √(2k/(hd·m(m + 1))).
fn time_of_next_multiple(item: &JointItem, multiple: u32) -> f64 {
    let m = f64::from(multiple);
    (2.0 * item.line_cost / (item.holding_cost * item.demand_rate * m * (m + 1.0))).sqrt()
}

/// The cheapest cyclic policy: orders every T, item i in every mᵢ-th of them.
///
/// For given T the best mᵢ is the least with m(m + 1) ≥ 2k/(hdT²), so it changes only at T =
/// √(2k/(hd·m(m + 1))): walking down these values looks at every set of multiples that can be best,
/// until K/T alone costs more. All costs and demands are above 0. Source: Goyal (1974).
fn joint_replenishment(order_cost: f64, items: &[JointItem]) -> JointPolicy {
    let mut multiples = vec![1; items.len()];
    let mut best = JointPolicy::of_multiples(order_cost, items, &multiples);

    loop {
        let times = items.iter().zip(&multiples).map(|(item, m)| time_of_next_multiple(item, *m));
        let (next, time) = times
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
            .expect("there is an item");
        if order_cost / time > best.cost {
            return best;
        }

        multiples[next] += 1;
        let found = JointPolicy::of_multiples(order_cost, items, &multiples);
        if found.cost < best.cost {
            best = found;
        }
    }
}

#[test]
fn the_joint_policy_is_the_optimum_of_silver() {
    // Silver (1976), whose optimum costs 218.252.
    let items = [(1.87, 1736.0), (5.27, 656.0), (7.94, 558.0), (8.19, 170.0), (8.87, 142.0)]
        .map(|(line_cost, demand_rate)| JointItem { line_cost, holding_cost: 0.2, demand_rate });
    let found = joint_replenishment(10.0, &items);

    assert_eq!(found.multiples, [1, 1, 2, 3, 3]);
    assert!((found.cost - 218.252).abs() < 5e-4, "{}", found.cost);
    // At the best T half of the cost is that of orders: K + Σk/m = 26.79 every T.
    assert!((26.79 / found.cycle_time - found.cost / 2.0).abs() < 0.05, "{}", found.cycle_time);
}

proptest! {
    #[test]
    fn no_multiples_beat_the_joint_policy(
        costs in proptest::collection::vec((0.5_f64..20.0, 0.05_f64..2.0, 5.0_f64..500.0), 2..5),
        tried in proptest::collection::vec(1_u32..6, 4),
        order_cost in 1.0_f64..60.0,
    ) {
        let items: Vec<JointItem> = costs
            .iter()
            .map(|&(line_cost, holding_cost, demand_rate)| JointItem {
                line_cost,
                holding_cost,
                demand_rate,
            })
            .collect();
        let other = JointPolicy::of_multiples(order_cost, &items, &tried[..items.len()]);

        prop_assert!(joint_replenishment(order_cost, &items).cost <= other.cost + 1e-9);
    }
}
