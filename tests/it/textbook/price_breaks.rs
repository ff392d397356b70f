//! The economic order quantity with price breaks.

use proptest::prelude::*;
use restock::inventory::eoq::{EoqCosts, OrderQuantity, economic_order_quantity};

/// A price from a quantity on.
#[derive(Clone, Copy)]
struct Break {
    /// Least quantity, in units.
    from_units: f64,
    /// Cost of a unit, in money.
    unit_cost: f64,
}

/// What is ordered at a price that depends on the quantity.
#[derive(Clone, Copy)]
struct Purchase {
    /// K, cost of one order, in money.
    order_cost: f64,
    /// λ, units demanded in one unit of time.
    demand_rate: f64,
    /// i, holding cost for one unit of time, as a share of a unit's cost.
    holding_share: f64,
}

impl Purchase {
    /// Cost of a unit of time where every unit costs the same: cλ + Kλ/Q + icQ/2.
    fn cost(self, unit_cost: f64, units: f64) -> f64 {
        unit_cost * self.demand_rate
            + self.order_cost * self.demand_rate / units
            + self.holding_share * unit_cost * units / 2.0
    }
}

/// Order quantity where every unit of an order costs what its quantity reaches; breaks rise from 0.
/// `None` without breaks. Source: Snyder & Shen, section 3.4.2, example 3.6.
fn all_units(purchase: Purchase, breaks: &[Break]) -> Option<OrderQuantity> {
    let Purchase { order_cost, demand_rate, holding_share } = purchase;

    breaks
        .iter()
        .map(|part| {
            let holding_cost = holding_share * part.unit_cost;
            let costs = EoqCosts { order_cost, holding_cost, demand_rate };
            let units = economic_order_quantity(costs).units.max(part.from_units);

            // A quantity above the break's range has the lower price of the range it is in.
            OrderQuantity { units, cost: purchase.cost(price(breaks, units), units) }
        })
        .min_by(|a, b| a.cost.total_cmp(&b.cost))
}

/// The price that a quantity reaches.
fn price(breaks: &[Break], units: f64) -> f64 {
    let reached = breaks.iter().rev().find(|part| part.from_units <= units);
    reached.map_or(f64::INFINITY, |part| part.unit_cost)
}

/// Order quantity where only the units beyond a break are cheaper: an order of Q in the range from
/// b at c costs c̄ + cQ with c̄ what the units below b cost more. Cost: cλ + (K + c̄)λ/Q + i(c̄ +
/// cQ)/2. `None` without breaks. Source: Snyder & Shen, section 3.4.3.
fn incremental(purchase: Purchase, breaks: &[Break]) -> Option<OrderQuantity> {
    let Purchase { order_cost, demand_rate, holding_share } = purchase;
    let mut dearer_below = 0.0;
    let mut found: Option<OrderQuantity> = None;

    for (at, part) in breaks.iter().enumerate() {
        if let Some(before) = at.checked_sub(1).and_then(|at| breaks.get(at)) {
            dearer_below += (before.unit_cost - part.unit_cost) * part.from_units;
        }
        let of_an_order = order_cost + dearer_below;
        let holding_cost = holding_share * part.unit_cost;
        let costs = EoqCosts { order_cost: of_an_order, holding_cost, demand_rate };
        let units = economic_order_quantity(costs).units;

        let until = breaks.get(at + 1).map_or(f64::INFINITY, |next| next.from_units);
        if units < part.from_units || units >= until {
            continue;
        }

        let cost = part.unit_cost * demand_rate
            + of_an_order * demand_rate / units
            + holding_share * (dearer_below + part.unit_cost * units) / 2.0;
        if found.is_none_or(|best| cost < best.cost) {
            found = Some(OrderQuantity { units, cost });
        }
    }

    found
}

fn breaks<const N: usize>(parts: [(f64, f64); N]) -> [Break; N] {
    parts.map(|(from_units, unit_cost)| Break { from_units, unit_cost })
}

#[test]
fn quantities_with_price_breaks_are_those_of_the_book() {
    let purchase = Purchase { order_cost: 8.0, demand_rate: 1300.0, holding_share: 0.3 };
    let breaks = breaks([(0.0, 0.75), (400.0, 0.72), (800.0, 0.68)]);

    let found = all_units(purchase, &breaks).unwrap();
    assert_eq!(found.units, 800.0);
    assert!((found.cost - 978.6).abs() < 1e-10);

    // The first range: 304 units for 1,043.41; the second's 491 would cost 1,043.78, the third's
    // 814 would cost 1,056.67.
    let found = incremental(purchase, &breaks).unwrap();
    assert!((found.units - 304.046_78).abs() < 1e-4);
    assert!((found.cost - 1_043.410_53).abs() < 1e-4);
}

proptest! {
    #[test]
    fn no_quantity_beats_the_one_with_price_breaks(
        order_cost in 1.0_f64..50.0,
        demand_rate in 10.0_f64..2000.0,
        tried in 1.0_f64..3000.0,
    ) {
        let purchase = Purchase { order_cost, demand_rate, holding_share: 0.2 };
        let breaks = breaks([(0.0, 2.0), (200.0, 1.9), (500.0, 1.7)]);

        let all = purchase.cost(price(&breaks, tried), tried);
        prop_assert!(all_units(purchase, &breaks).unwrap().cost <= all + 1e-9);

        let paid = 2.0 * tried.min(200.0)
            + 1.9 * (tried.min(500.0) - 200.0).max(0.0)
            + 1.7 * (tried - 500.0).max(0.0);
        let some = paid * demand_rate / tried + order_cost * demand_rate / tried + 0.2 * paid / 2.0;
        prop_assert!(incremental(purchase, &breaks).unwrap().cost <= some + 1e-9);
    }

    #[test]
    fn an_economic_order_quantity_costs_least(
        order_cost in 0.5_f64..50.0,
        holding_cost in 0.01_f64..5.0,
        tried in 0.5_f64..4.0,
    ) {
        let found =
            economic_order_quantity(EoqCosts { order_cost, holding_cost, demand_rate: 300.0 });
        let units = tried * found.units;

        let cost = order_cost * 300.0 / units + holding_cost * units / 2.0;
        prop_assert!(found.cost <= cost + 1e-9);
    }
}
