//! How much of an excess is worth keeping.

/// What keeping, selling off and buying again cost.
struct RetentionCosts {
    /// Price of a unit bought again, in money.
    unit_price: f64,
    /// What a unit brings now, in money.
    salvage_value: f64,
    /// Cost of one order, in money.
    order_cost: f64,
    /// Holding cost of a year, as a share of the price.
    holding_share: f64,
}

/// t₀, the years of demand worth keeping: (P − V + C/Q)/(P·F) + Q/(2D).
///
/// Source: Tersine & Toelle (1984); Silver, Pyke & Thomas, section 7.6.
fn economic_retention_years(
    costs: &RetentionCosts,
    order_quantity: f64,
    yearly_demand: f64,
) -> f64 {
    let saved = costs.unit_price - costs.salvage_value + costs.order_cost / order_quantity;

    saved / (costs.unit_price * costs.holding_share) + order_quantity / (2.0 * yearly_demand)
}

#[test]
fn an_excess_is_worth_keeping_as_long_as_the_formula_says() {
    // Bought at 10, sold off at 4, orders of 50 at 20 each, a quarter of the price a year, 200 a
    // year.
    let costs = RetentionCosts {
        unit_price: 10.0,
        salvage_value: 4.0,
        order_cost: 20.0,
        holding_share: 0.25,
    };
    let years = economic_retention_years(&costs, 50.0, 200.0);
    assert!((years - (6.4 / 2.5 + 0.125)).abs() < 1e-12, "{years}");
}
