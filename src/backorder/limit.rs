//! How long and how much customers may wait, as items and customers say.

use crate::domain::fixed::Fixed;
use crate::domain::tables::{BackorderPolicy, Customer, Item};

/// How long and how much may wait.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Limit {
    /// Units of the item that may wait in all; `None` if any.
    pub item_units: Option<Fixed>,
    /// Units of the item that one customer may wait for; `None` if any.
    pub customer_units: Option<Fixed>,
    /// Days that an order may wait; `None` if any.
    pub days: Option<f64>,
    /// Whether nothing may wait at all.
    pub denies: bool,
}

impl Limit {
    /// What an item and a customer say; `None` where any order may wait. The item's policy goes
    /// before the customer's; a limit that is stated without a policy counts as the policy `limit`.
    #[must_use]
    pub fn of_line(
        item: Option<&Item>,
        customer: Option<&Customer>,
        usual_days: f64,
    ) -> Option<Self> {
        let item_units = item.and_then(|item| item.backorder_limit_units);
        let customer_units = customer.and_then(|customer| customer.backorder_limit_units);
        let stated_days = item
            .and_then(|item| item.backorder_limit_days.get())
            .or_else(|| customer?.backorder_limit_days);
        let is_stated = item_units.is_some() || customer_units.is_some() || stated_days.is_some();
        let policy = item
            .and_then(|item| item.backorder_policy)
            .or_else(|| customer?.backorder_policy)
            .unwrap_or(if is_stated { BackorderPolicy::Limit } else { BackorderPolicy::Allow });

        match policy {
            BackorderPolicy::Allow => None,
            BackorderPolicy::Deny => Some(Self { denies: true, ..Self::default() }),
            BackorderPolicy::Limit => {
                let days = Some(stated_days.unwrap_or(usual_days));
                Some(Self { item_units, customer_units, days, denies: false })
            }
        }
    }
}
