//! The economic order quantity, also with planned backorders.
//!
//! Notation of Snyder & Shen, *Fundamentals of Supply Chain Theory*, 2nd edition (2019). The unit
//! of time is the caller's choice, as long as it is one for all rates; money is in any currency.

/// What an order costs, what stock costs and how much is demanded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EoqCosts {
    /// K, cost of one order, in money.
    pub order_cost: f64,
    /// h, holding cost of one unit for one unit of time, in money.
    pub holding_cost: f64,
    /// λ, units demanded in one unit of time.
    pub demand_rate: f64,
}

/// An order quantity and its cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrderQuantity {
    /// Q, in units.
    pub units: f64,
    /// Cost of orders, stock and backorders in one unit of time, in money; purchases not counted.
    pub cost: f64,
}

/// An order quantity of which a part is sold before it arrives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlannedBackorders {
    /// Q and its cost.
    pub order: OrderQuantity,
    /// x, the share of Q that waits for it, from 0 to 1.
    pub backordered_share: f64,
}

/// Q* = √(2Kλ/h), at a cost of √(2Kλh). Source: Harris (1913); Snyder & Shen, eq. 3.4 and 3.5,
/// example 3.1.
///
/// ```
/// use restock::inventory::eoq::{EoqCosts, economic_order_quantity};
///
/// let costs = EoqCosts { order_cost: 8.0, holding_cost: 0.225, demand_rate: 1300.0 };
/// let found = economic_order_quantity(costs);
/// assert!((found.units / 304.046_780_026_436_8 - 1.0).abs() < 1e-12);
/// assert!((found.cost / 68.410_525_505_948_29 - 1.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn economic_order_quantity(costs: EoqCosts) -> OrderQuantity {
    let EoqCosts { order_cost, holding_cost, demand_rate } = costs;

    OrderQuantity {
        units: (2.0 * order_cost * demand_rate / holding_cost).sqrt(),
        cost: (2.0 * order_cost * demand_rate * holding_cost).sqrt(),
    }
}

/// With planned backorders at p a unit and unit of time: Q* = √(2Kλ(h + p)/(hp)), of which the
/// share x = h/(h + p) is backordered. Source: Snyder & Shen, eq. 3.27 to 3.29, example 3.8.
///
/// ```
/// use restock::inventory::eoq::{EoqCosts, with_backorders};
///
/// let costs = EoqCosts { order_cost: 8.0, holding_cost: 0.225, demand_rate: 1300.0 };
/// let found = with_backorders(costs, 5.0);
/// assert!((found.order.units / 310.812_555_158_964_64 - 1.0).abs() < 1e-12);
/// assert!((found.order.cost / 66.921_363_550_973_25 - 1.0).abs() < 1e-12);
/// assert!((found.backordered_share / 0.043_062_200_956_937_8 - 1.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn with_backorders(costs: EoqCosts, backorder_cost: f64) -> PlannedBackorders {
    let plain = economic_order_quantity(costs);
    let both = costs.holding_cost + backorder_cost;
    let stretch = (both / backorder_cost).sqrt();

    PlannedBackorders {
        order: OrderQuantity { units: plain.units * stretch, cost: plain.cost / stretch },
        backordered_share: costs.holding_cost / both,
    }
}
