//! Which rules govern what a customer who waits must be told.

use std::collections::BTreeMap;

use crate::config::choices::Regime;
use crate::domain::countries::{is_eu_member, is_united_states};
use crate::domain::lookups::rows;
use crate::domain::tables::{Backorder, Customer, Tables};

/// The rows of `customers`, by customer.
#[derive(Debug, Default)]
pub struct Customers<'a> {
    rows: BTreeMap<&'a str, &'a Customer>,
}

impl<'a> Customers<'a> {
    /// Of the tables.
    #[must_use]
    pub fn of(tables: &'a Tables) -> Self {
        Self { rows: rows(&tables.customers).iter().map(|row| (&*row.customer, row)).collect() }
    }

    /// The row of the customer of a waiting line.
    #[must_use]
    pub fn of_line(&self, line: &Backorder) -> Option<&'a Customer> {
        self.rows.get(line.customer.as_deref()?).copied()
    }
}

/// The rules for a waiting line: of the country that the customer's row names, else the line's,
/// else those that are set for customers of whom nobody states it. They protect consumers; a
/// customer is one unless its row says otherwise.
#[must_use]
pub fn regime_of(line: &Backorder, customer: Option<&Customer>, default: Regime) -> Regime {
    if customer.is_some_and(|customer| customer.consumer == Some(false)) {
        return Regime::None;
    }
    let of_customer = customer.and_then(|customer| customer.country.as_deref());
    match of_customer.or(line.country.as_deref()) {
        Some(country) if is_united_states(country) => Regime::Us435,
        Some(country) if is_eu_member(country) => Regime::Eu201183,
        Some(_) => Regime::None,
        None => default,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backorder::notices::samples::line;

    #[test]
    fn the_customers_row_beats_the_line_and_the_line_the_setting() {
        let of = |customer: Option<(&str, Option<bool>)>, country: &str, default| {
            let customer = customer.map(|(country, consumer)| Customer {
                country: Some(country.into()).filter(|_| !country.is_empty()),
                consumer,
                ..Customer::default()
            });
            let mut line = line("1", "A1");
            line.country = Some(country.into()).filter(|_| !country.is_empty());
            regime_of(&line, customer.as_ref(), default)
        };
        assert_eq!(of(None, "US", Regime::None), Regime::Us435);
        assert_eq!(of(None, "DE", Regime::None), Regime::Eu201183);
        assert_eq!(of(None, "CH", Regime::Us435), Regime::None);
        assert_eq!(of(None, "", Regime::Eu201183), Regime::Eu201183);
        assert_eq!(of(Some(("DE", None)), "US", Regime::None), Regime::Eu201183);
        assert_eq!(of(Some(("", Some(true))), "US", Regime::None), Regime::Us435);
    }

    #[test]
    fn a_business_is_protected_by_neither_law() {
        for country in ["US", "DE", ""] {
            let mut line = line("1", "A1");
            line.country = Some(country.into()).filter(|_| !country.is_empty());
            let business = Customer { consumer: Some(false), ..Customer::default() };
            for default in [Regime::None, Regime::Us435, Regime::Eu201183] {
                assert_eq!(regime_of(&line, Some(&business), default), Regime::None);
            }
        }
    }
}
