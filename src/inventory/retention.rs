//! How long stock is worth keeping.

/// What the economic retention time depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetentionTerms {
    /// P: cost of buying a unit again, money.
    pub unit_cost: f64,
    /// What a unit fetches if it goes at once, money.
    pub salvage: f64,
    /// P·F: what holding a unit costs a year, money; above 0.
    pub holding_per_year: f64,
    /// C: what one order costs, money.
    pub order_cost: f64,
    /// Q: units of a usual order; above 0.
    pub order_units: f64,
    /// R: units demanded a year; above 0.
    pub yearly_units: f64,
}

impl RetentionTerms {
    /// The economic retention time in years: units that sell later than this cost more to hold
    /// than to buy again.
    ///
    /// t₀ = (P − Ps + C/Q) / (P·F) + Q / (2R), with Ps the salvage of a unit.
    /// Source: Tersine & Toelle (1984), *Optimum stock levels for excess inventory items*, Journal
    /// of Operations Management 4(3), 245–258.
    ///
    /// A unit that costs 10, fetches 2 and is held for 2.5 a year, in orders of 100 at 50 each, of
    /// which 500 a year are sold: (10 − 2 + 0.5) / 2.5 + 100 / 1000 = 3.5 years.
    ///
    /// ```
    /// use restock::inventory::retention::RetentionTerms;
    /// let terms = RetentionTerms {
    ///     unit_cost: 10.0,
    ///     salvage: 2.0,
    ///     holding_per_year: 2.5,
    ///     order_cost: 50.0,
    ///     order_units: 100.0,
    ///     yearly_units: 500.0,
    /// };
    /// assert!((terms.years() - 3.5).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn years(&self) -> f64 {
        let saved = self.unit_cost - self.salvage + self.order_cost / self.order_units;
        saved.max(0.0) / self.holding_per_year + self.order_units / (2.0 * self.yearly_units)
    }
}
