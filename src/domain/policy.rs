//! The policy that turns an inventory position into an order, and what becomes of demand that finds
//! no stock.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When an item is ordered and up to which level. `s` is the reorder point, `S` the order-up-to
/// level, `R` the days between two order dates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Policy {
    /// At an order date, when the inventory position is at or below `s`: order up to `S`.
    #[default]
    #[serde(rename = "rsS")]
    ReorderUpTo,
    /// At an order date, when the inventory position is at or below `s`: order multiples of `Q`
    /// until above `s`.
    #[serde(rename = "rsnQ")]
    ReorderMultiple,
    /// At every order date: order up to `S`.
    #[serde(rename = "rS")]
    UpToLevel,
    /// As `rsS`, with `s` and `S` as the planner gave them.
    #[serde(rename = "min_max")]
    MinMax,
}

impl Policy {
    /// All policies, in the order in which messages list them.
    pub const ALL: [Policy; 4] =
        [Policy::ReorderUpTo, Policy::ReorderMultiple, Policy::UpToLevel, Policy::MinMax];

    /// The name in the configuration and in `plan.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Policy::ReorderUpTo => "rsS",
            Policy::ReorderMultiple => "rsnQ",
            Policy::UpToLevel => "rS",
            Policy::MinMax => "min_max",
        }
    }

    /// Whether the policy waits for a reorder point; `rS` does not.
    pub fn has_reorder_point(self) -> bool {
        self != Policy::UpToLevel
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Policy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = text.trim();
        Policy::ALL.into_iter().find(|policy| policy.name() == wanted).ok_or_else(|| {
            format!("there is no policy '{wanted}'; it is one of rsS, rsnQ, rS, min_max")
        })
    }
}

/// What a customer does whose demand finds no stock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnmetDemand {
    /// Waits: the unit is delivered later, and orders are the demand.
    #[default]
    Backorder,
    /// Goes elsewhere: the unit is never sold, and sales understate demand while stock is out.
    Lost,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_reads_back_the_name_it_writes() {
        for policy in Policy::ALL {
            assert_eq!(policy.name().parse::<Policy>(), Ok(policy));
            let json = serde_json::to_string(&policy).expect("a name serialises");
            assert_eq!(json, format!("\"{policy}\""));
        }
        assert!("rss".parse::<Policy>().is_err());
    }
}
