//! Lot sizes for demand that is known and changes from period to period.

/// Units to order in each period, and their cost, purchases not counted.
///
/// K costs an order, h a unit held to the next period. The last order before the end is in that
/// period t which makes F(t) + K + h·Σ_{i≥t} (i − t)·d(i) least, F(t) the least cost of the periods
/// before. Source: Wagner & Whitin (1958); Snyder & Shen, section 3.7, example 3.9.
///
/// ```
/// use restock::inventory::classic::wagner_whitin::lot_sizes;
/// let (orders, cost) = lot_sizes(500.0, 2.0, &[90.0, 120.0, 80.0, 70.0]);
/// assert_eq!(orders, [210.0, 0.0, 150.0, 0.0]);
/// assert_eq!(cost, 1380.0);
/// ```
#[must_use]
pub fn lot_sizes(order_cost: f64, holding_cost: f64, demand: &[f64]) -> (Vec<f64>, f64) {
    let periods = demand.len();
    // least[t]: cost of the first t periods; last[t]: the period of the last order among them.
    let mut least = vec![0.0; periods + 1];
    let mut last = vec![0; periods + 1];
    for end in 1..=periods {
        let (mut held, mut units) = (0.0, 0.0);
        least[end] = f64::INFINITY;
        for start in (0..end).rev() {
            held += holding_cost * units;
            units += demand[start];
            let order = if units > 0.0 { order_cost } else { 0.0 };
            let cost = least[start] + order + held;
            if cost < least[end] {
                (least[end], last[end]) = (cost, start);
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
    (orders, least[periods])
}
