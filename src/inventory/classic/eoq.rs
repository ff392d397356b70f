//! The economic order quantity, with planned backorders and with price breaks.

/// What an order costs, what stock costs and how much is demanded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EoqCosts {
    /// K, cost of one order.
    pub order_cost: f64,
    /// h, holding cost of one unit for one unit of time.
    pub holding_cost: f64,
    /// λ, units demanded in one unit of time.
    pub demand_rate: f64,
}

/// An order quantity and its cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrderQuantity {
    /// Q, in units.
    pub units: f64,
    /// Cost of one unit of time.
    pub cost: f64,
}

/// Q* = √(2Kλ/h), at a cost of √(2Kλh). Source: Harris (1913); Snyder & Shen, eq. 3.4 and 3.5,
/// example 3.1.
///
/// ```
/// use restock::inventory::classic::eoq::{EoqCosts, economic_order_quantity};
/// let found = economic_order_quantity(EoqCosts { order_cost: 8.0, holding_cost: 0.225, demand_rate: 1300.0 });
/// assert!((found.units / 304.046_780_026_436_8 - 1.0).abs() < 1e-12);
/// assert!((found.cost / 68.410_525_505_948_29 - 1.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn economic_order_quantity(costs: EoqCosts) -> OrderQuantity {
    let EoqCosts { order_cost, holding_cost, demand_rate } = costs;
    let units = (2.0 * order_cost * demand_rate / holding_cost).sqrt();
    OrderQuantity { units, cost: (2.0 * order_cost * demand_rate * holding_cost).sqrt() }
}

/// With planned backorders at p a unit and unit of time: Q* = √(2Kλ(h + p)/(hp)), of which the
/// share x = h/(h + p) is backordered; returns both. Source: Snyder & Shen, eq. 3.27 to 3.29,
/// example 3.8.
///
/// ```
/// use restock::inventory::classic::eoq::{EoqCosts, with_backorders};
/// let costs = EoqCosts { order_cost: 8.0, holding_cost: 0.225, demand_rate: 1300.0 };
/// let (found, share) = with_backorders(costs, 5.0);
/// assert!((found.units / 310.812_555_158_964_64 - 1.0).abs() < 1e-12);
/// assert!((share / 0.043_062_200_956_937_8 - 1.0).abs() < 1e-12);
/// assert!((found.cost / 66.921_363_550_973_25 - 1.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn with_backorders(costs: EoqCosts, backorder_cost: f64) -> (OrderQuantity, f64) {
    let plain = economic_order_quantity(costs);
    let stretch = ((costs.holding_cost + backorder_cost) / backorder_cost).sqrt();
    let quantity = OrderQuantity { units: plain.units * stretch, cost: plain.cost / stretch };
    (quantity, costs.holding_cost / (costs.holding_cost + backorder_cost))
}

/// A price from a quantity on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Break {
    /// Least quantity.
    pub from_units: f64,
    /// Cost of a unit.
    pub unit_cost: f64,
}

/// Order quantity where every unit of an order costs what its quantity reaches; breaks rise from 0,
/// holding costs the share i of a unit's cost. Cost of Q at unit cost c: cλ + Kλ/Q + icQ/2,
/// purchases included. None without breaks.
///
/// Source: Snyder & Shen, section 3.4.2, example 3.6.
///
/// ```
/// use restock::inventory::classic::eoq::{Break, all_units};
/// let breaks = [(0.0, 0.75), (400.0, 0.72), (800.0, 0.68)].map(|(from_units, unit_cost)| Break { from_units, unit_cost });
/// let found = all_units(8.0, 1300.0, 0.3, &breaks).unwrap();
/// assert_eq!(found.units, 800.0);
/// assert!((found.cost - 978.6).abs() < 1e-10);
/// ```
#[must_use]
pub fn all_units(
    order_cost: f64,
    demand_rate: f64,
    holding_share: f64,
    breaks: &[Break],
) -> Option<OrderQuantity> {
    let candidates = breaks.iter().map(|part| {
        let holding_cost = holding_share * part.unit_cost;
        let best =
            economic_order_quantity(EoqCosts { order_cost, holding_cost, demand_rate }).units;
        // Above a break's range a lower price holds, which is looked at by itself and is never
        // dearer.
        let units = best.max(part.from_units);
        let cost = part.unit_cost * demand_rate
            + order_cost * demand_rate / units
            + holding_cost * units / 2.0;
        OrderQuantity { units, cost }
    });
    let reached = |found: &OrderQuantity| price(breaks, found.units);
    candidates
        .map(|found| {
            let unit_cost = reached(&found);
            let holding_cost = holding_share * unit_cost;
            let cost = unit_cost * demand_rate
                + order_cost * demand_rate / found.units
                + holding_cost * found.units / 2.0;
            OrderQuantity { cost, ..found }
        })
        .min_by(|a, b| a.cost.total_cmp(&b.cost))
}

fn price(breaks: &[Break], units: f64) -> f64 {
    breaks
        .iter()
        .rev()
        .find(|part| part.from_units <= units)
        .map_or(f64::INFINITY, |part| part.unit_cost)
}

/// Order quantity where only the units beyond a break are cheaper: an order of Q in the range from
/// b at c costs c̄ + cQ with c̄ what the units below b cost more. Cost: cλ + (K + c̄)λ/Q + i(c̄ +
/// cQ)/2. None without breaks.
///
/// Source: Snyder & Shen, section 3.4.3.
///
/// ```
/// use restock::inventory::classic::eoq::{Break, incremental};
/// let breaks = [(0.0, 0.75), (400.0, 0.72), (800.0, 0.68)].map(|(from_units, unit_cost)| Break { from_units, unit_cost });
/// let found = incremental(8.0, 1300.0, 0.3, &breaks).unwrap();
/// // The first range: 304 units for 1,043.41; the second's 491 would cost 1,043.78, the third's 814 would cost 1,056.67.
/// assert!((found.units - 304.046_78).abs() < 1e-4 && (found.cost - 1_043.410_53).abs() < 1e-4);
/// ```
#[must_use]
pub fn incremental(
    order_cost: f64,
    demand_rate: f64,
    holding_share: f64,
    breaks: &[Break],
) -> Option<OrderQuantity> {
    let mut more = 0.0;
    let mut best: Option<OrderQuantity> = None;
    for (at, part) in breaks.iter().enumerate() {
        if let Some(before) = at.checked_sub(1).and_then(|at| breaks.get(at)) {
            more += (before.unit_cost - part.unit_cost) * part.from_units;
        }
        let holding_cost = holding_share * part.unit_cost;
        let units = (2.0 * (order_cost + more) * demand_rate / holding_cost).sqrt();
        let until = breaks.get(at + 1).map_or(f64::INFINITY, |next| next.from_units);
        if units < part.from_units || units >= until {
            continue;
        }
        let cost = part.unit_cost * demand_rate
            + (order_cost + more) * demand_rate / units
            + holding_share * (more + part.unit_cost * units) / 2.0;
        if best.is_none_or(|best| cost < best.cost) {
            best = Some(OrderQuantity { units, cost });
        }
    }
    best
}
