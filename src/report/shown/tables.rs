//! Which tables of a run are shown, and what their columns hold.

use crate::backorder::cause::CauseKind;
use crate::config::choices::ABC_CLASSES;
use crate::plan::Decision;
use crate::plan::orders::LineState;
use crate::report::columns;

/// A table that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Listed {
    /// Order lines: purchase_orders.csv.
    Orders,
    /// Who waits and what will run out: backorder_risk.csv.
    Risk,
    /// Stock beyond what is worth keeping: excess.csv.
    Excess,
    /// Every item with its decision: plan.csv.
    Items,
    /// Lines of customers who wait: promises.csv.
    Promises,
    /// What was noticed: exceptions.csv.
    Findings,
    /// Orders that are expected later: projected_orders.csv.
    Projected,
    /// What falls due each week: cash.csv.
    Cash,
}

/// A column with few words, and what may stand in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    /// The column.
    pub column: &'static str,
    /// The words.
    pub words: Vec<&'static str>,
}

impl Listed {
    /// Each table.
    pub const ALL: [Self; 8] = [
        Self::Orders,
        Self::Risk,
        Self::Excess,
        Self::Items,
        Self::Promises,
        Self::Findings,
        Self::Projected,
        Self::Cash,
    ];

    /// What the command line calls it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Risk => "risk",
            Self::Excess => "excess",
            Self::Items => "items",
            Self::Promises => "promises",
            Self::Findings => "findings",
            Self::Projected => "projected",
            Self::Cash => "cash",
        }
    }

    /// Its file in a run directory.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::Orders => "purchase_orders.csv",
            Self::Risk => "backorder_risk.csv",
            Self::Excess => "excess.csv",
            Self::Items => "plan.csv",
            Self::Promises => "promises.csv",
            Self::Findings => "exceptions.csv",
            Self::Projected => "projected_orders.csv",
            Self::Cash => "cash.csv",
        }
    }

    /// Its columns as this version writes them.
    #[must_use]
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Orders => columns::ORDER,
            Self::Risk => columns::RISK,
            Self::Excess => columns::EXCESS,
            Self::Items => columns::PLAN,
            Self::Promises => columns::PROMISE,
            Self::Findings => columns::FINDING,
            Self::Projected => columns::PROJECTED,
            Self::Cash => columns::CASH,
        }
    }

    /// The columns that a terminal shows where none are asked for. Judgement: what one decides by,
    /// as far as lines of 80 characters hold it.
    #[must_use]
    pub fn selection(self) -> &'static [&'static str] {
        match self {
            Self::Orders => {
                &["supplier", "sku", "location", "quantity", "line_total", "currency", "state"]
            }
            Self::Risk => &[
                "sku",
                "location",
                "group",
                "stockout_probability",
                "stockout_date_p50",
                "expected_short_value",
                "cause",
            ],
            Self::Excess => {
                &["sku", "location", "excess_units", "excess_value", "months_of_supply", "action"]
            }
            Self::Items => &[
                "sku",
                "location",
                "decision",
                "reason",
                "inventory_position",
                "reorder_point",
                "order_quantity",
            ],
            Self::Promises => &["order_id", "sku", "location", "quantity", "promise_p90", "reason"],
            Self::Findings => &["code", "severity", "sku", "location", "message"],
            Self::Projected => columns::PROJECTED,
            Self::Cash => columns::CASH,
        }
    }

    /// Whether a column holds numbers. Keys are none, whatever they look like.
    #[must_use]
    pub fn is_number(self, column: &str) -> bool {
        let numbers: &[&str] = match self {
            Self::Orders => &["line", "quantity", "pack_size", "packs", "unit_cost", "line_total"],
            Self::Risk => &[
                "on_hand",
                "waiting_units",
                "stockout_probability",
                "expected_short_units",
                "expected_short_value",
                "cause_share",
                "action_probability",
                "tonight_quantity",
            ],
            Self::Excess => &["on_hand", "excess_units", "excess_value", "months_of_supply"],
            Self::Items => PLAN_NUMBERS,
            Self::Promises => &["quantity", "allocated_quantity", "place"],
            Self::Findings => &["row"],
            Self::Projected => &["quantity", "value"],
            Self::Cash => &["due_open", "due_tonight", "due_projected"],
        };
        numbers.contains(&column)
    }

    /// The column of money that is summed below the rows.
    #[must_use]
    pub fn value(self) -> Option<&'static str> {
        match self {
            Self::Orders => Some("line_total"),
            Self::Risk => Some("expected_short_value"),
            Self::Excess => Some("excess_value"),
            Self::Projected => Some("value"),
            Self::Items | Self::Promises | Self::Findings | Self::Cash => None,
        }
    }

    /// The tables that have a column, by what the command line calls them.
    #[must_use]
    pub fn with_column(column: &str) -> Vec<&'static str> {
        let has = |table: &Self| table.columns().contains(&column);
        Self::ALL.into_iter().filter(has).map(Self::word).collect()
    }
}

const PLAN_NUMBERS: &[&str] = &[
    "mean_daily_demand",
    "lead_time_mean_days",
    "lead_time_sd_days",
    "review_period_days",
    "protection_days",
    "protection_demand_mean",
    "safety_stock",
    "reorder_point",
    "order_up_to_level",
    "on_hand",
    "allocated",
    "backorders",
    "on_order",
    "on_order_later",
    "inventory_position",
    "stockout_probability",
    "expected_short_units",
    "days_of_supply",
    "needed_quantity",
    "order_quantity",
];

/// The words of a column that has few: of `abc`, `decision`, `state` and `cause`.
#[must_use]
pub fn vocabulary(column: &str) -> Option<Vocabulary> {
    let states = LineState::ALL;
    let (column, words) = match column {
        "abc" => ("abc", ABC_CLASSES.to_vec()),
        "decision" => ("decision", Decision::ALL.map(Decision::as_str).to_vec()),
        "state" => ("state", states.map(LineState::as_str).to_vec()),
        "cause" => ("cause", CauseKind::ALL.map(CauseKind::as_str).to_vec()),
        _ => return None,
    };
    Some(Vocabulary { column, words })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_of_a_table_is_a_column_of_it() {
        for table in Listed::ALL {
            let columns = table.columns();
            for name in table.selection().iter().chain(table.value().iter()) {
                assert!(columns.contains(name), "{} has no {name}", table.file());
            }
            assert!(table.value().is_none_or(|value| table.is_number(value)));
            let is_known = columns::TABLES.contains(&(table.file(), columns));
            assert!(is_known, "{} has other columns", table.file());
        }
        assert!(PLAN_NUMBERS.iter().all(|name| columns::PLAN.contains(name)));
    }
}
