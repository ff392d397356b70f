//! Lot sizes for demand that is known and changes from period to period.

use super::assert_close;

/// Orders of each period, and what they cost together.
struct LotSizes {
    /// Units ordered in each period.
    orders: Vec<f64>,
    /// Cost of orders and stock, in money; purchases not counted.
    cost: f64,
}

/// The cheapest orders where K costs an order and h a unit held to the next period.
///
/// The last order before the end is in that period t which makes F(t) + K + h·Σ_{i≥t} (i − t)·d(i)
/// least, F(t) the least cost of the periods before. Source: Wagner & Whitin (1958); Snyder & Shen,
/// section 3.7, example 3.9.
fn lot_sizes(order_cost: f64, holding_cost: f64, demand: &[f64]) -> LotSizes {
    let periods = demand.len();
    // min_cost[t]: cost of the first t periods; last[t]: the period of the last order among them.
    let mut min_cost = vec![0.0; periods + 1];
    let mut last = vec![0; periods + 1];

    for end in 1..=periods {
        let (mut held, mut units) = (0.0, 0.0);
        min_cost[end] = f64::INFINITY;
        for start in (0..end).rev() {
            held += holding_cost * units;
            units += demand[start];
            let order = if units > 0.0 { order_cost } else { 0.0 };
            let cost = min_cost[start] + order + held;
            if cost < min_cost[end] {
                (min_cost[end], last[end]) = (cost, start);
            }
        }
    }

    let mut orders = vec![0.0; periods];
    let mut end = periods;
    while end > 0 {
        let start = last[end];
        orders[start] = demand[start..end].iter().sum();
        end = start;
    }

    LotSizes { orders, cost: min_cost[periods] }
}

#[test]
fn lot_sizes_are_those_of_wagner_and_whitin() {
    for (order_cost, holding_cost, demand, orders, cost) in [
        (500.0, 2.0, vec![90.0, 120.0, 80.0, 70.0], vec![210.0, 0.0, 150.0, 0.0], 1380.0),
        (120.0, 0.8, vec![150.0, 100.0, 80.0, 200.0], vec![150.0, 180.0, 0.0, 200.0], 424.0),
        (
            100.0,
            0.1,
            vec![730.0, 580.0, 445.0, 650.0, 880.0],
            vec![1310.0, 0.0, 1095.0, 0.0, 880.0],
            423.0,
        ),
    ] {
        let found = lot_sizes(order_cost, holding_cost, &demand);
        assert_eq!(found.orders, orders);
        assert_close(found.cost, cost);
    }
}
