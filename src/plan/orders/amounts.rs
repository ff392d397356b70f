//! What order lines come to, in the supplier's currency and in the base currency.

use crate::domain::fixed::Fixed;
use crate::domain::money::decimals_of;
use crate::domain::tables::Text;
use crate::plan::context::PlanContext;
use crate::plan::item::facts::ItemFacts;

/// How amounts of an item's orders are written and what they are worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Amounts {
    /// The currency that its supplier is paid in.
    pub currency: Text,
    /// Decimals of that currency.
    pub decimals: u32,
    base_decimals: u32,
    rate: Option<f64>,
}

impl Amounts {
    /// Of an item, by the supplier that delivers it.
    #[must_use]
    pub fn of(context: &PlanContext<'_>, facts: &ItemFacts<'_>) -> Self {
        let base = &context.settings.currency.base;
        let stated = facts.offer.row.and_then(|row| row.currency.clone());
        let currency = stated.unwrap_or_else(|| context.base_currency.clone());
        Self {
            decimals: decimals_of(&currency),
            currency,
            base_decimals: decimals_of(base),
            rate: facts.currency_rate.get(),
        }
    }

    /// What a line comes to: rounded to the currency's decimals, so that lines add up to orders.
    #[must_use]
    pub fn line_total(&self, quantity: Fixed, unit_cost: Fixed) -> Fixed {
        quantity.times(unit_cost).rounded(self.decimals)
    }

    /// The same in the base currency; `None` where there is no rate.
    #[must_use]
    pub fn in_base(&self, total: Fixed) -> Option<Fixed> {
        let in_base = Fixed::clamped(total.to_f64() * self.rate?);
        Some(in_base.rounded(self.base_decimals))
    }
}
