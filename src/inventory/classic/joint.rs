//! Joint replenishment: several items that share the cost of an order.

/// One item of a joint order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JointItem {
    /// k, cost of having the item on an order.
    pub line_cost: f64,
    /// h, holding cost of one unit for one unit of time.
    pub holding_cost: f64,
    /// d, units demanded in one unit of time.
    pub demand_rate: f64,
}

/// How often to order, and in which orders each item is.
#[derive(Clone, Debug, PartialEq)]
pub struct JointPolicy {
    /// T, time between two orders.
    pub cycle_time: f64,
    /// Item i is in every mᵢ-th order.
    pub multiples: Vec<u32>,
    /// Cost of one unit of time.
    pub cost: f64,
}

/// Multiples beyond which an item is no longer looked at.
const MOST_MULTIPLE: u32 = 10_000;

/// The cheapest cyclic policy: orders every T, item i in every mᵢ-th of them.
///
/// For given multiples the cost is √(2·(K + Σk/m)·Σhdm). For given T the best mᵢ is the least with
/// m(m + 1) ≥ 2k/(hdT²), so it changes only at T = √(2k/(hd·m(m + 1))): walking down these values
/// looks at every set of multiples that can be best, until K/T alone costs more. Source: Goyal
/// (1974); example of Silver (1976), whose optimum is 218.252. None without items or where a cost
/// or demand is not above 0.
///
/// ```
/// use restock::inventory::classic::joint::{JointItem, joint_replenishment};
/// let silver = [(1.87, 1736.0), (5.27, 656.0), (7.94, 558.0), (8.19, 170.0), (8.87, 142.0)];
/// let items = silver.map(|(line_cost, demand_rate)| JointItem { line_cost, holding_cost: 0.2, demand_rate });
/// let found = joint_replenishment(10.0, &items).unwrap();
/// assert_eq!(found.multiples, [1, 1, 2, 3, 3]);
/// assert!((found.cost - 218.252).abs() < 5e-4);
/// ```
#[must_use]
pub fn joint_replenishment(order_cost: f64, items: &[JointItem]) -> Option<JointPolicy> {
    let positive = |x: f64| x > 0.0 && x.is_finite();
    let usable = |i: &JointItem| {
        positive(i.holding_cost * i.demand_rate) && i.line_cost >= 0.0 && i.line_cost.is_finite()
    };
    if items.is_empty() || !positive(order_cost) || !items.iter().all(usable) {
        return None;
    }
    let mut multiples = vec![1; items.len()];
    let mut best = policy(order_cost, items, &multiples);
    loop {
        // The next item whose multiple grows as T falls.
        let changes = |(item, m): (&JointItem, &u32)| {
            let m = f64::from(*m);
            (2.0 * item.line_cost / (item.holding_cost * item.demand_rate * m * (m + 1.0))).sqrt()
        };
        let next = items
            .iter()
            .zip(&multiples)
            .map(changes)
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        let Some((at, time)) =
            next.filter(|(at, time)| *time > 0.0 && multiples[*at] < MOST_MULTIPLE)
        else {
            break;
        };
        if order_cost / time > best.cost {
            break;
        }
        multiples[at] += 1;
        let found = policy(order_cost, items, &multiples);
        if found.cost < best.cost {
            best = found;
        }
    }
    Some(best)
}

fn policy(order_cost: f64, items: &[JointItem], multiples: &[u32]) -> JointPolicy {
    let (mut orders, mut holding) = (order_cost, 0.0);
    for (item, m) in items.iter().zip(multiples) {
        orders += item.line_cost / f64::from(*m);
        holding += item.holding_cost * item.demand_rate * f64::from(*m);
    }
    JointPolicy {
        cycle_time: (2.0 * orders / holding).sqrt(),
        multiples: multiples.to_vec(),
        cost: (2.0 * orders * holding).sqrt(),
    }
}
