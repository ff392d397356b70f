//! The columns of every table of a run, in the order in which they are written: what writes a table
//! and what reads it back name them from here. `docs/OUTPUTS.md` tells what each holds.

use crate::io::sinks::cell::{Kind, TypedColumn};

/// Item.
pub const SKU: &str = "sku";
/// Where it is stocked.
pub const LOCATION: &str = "location";
/// Chance that stock runs out before the next order can arrive, 0–1.
pub const STOCKOUT_PROBABILITY: &str = "stockout_probability";
/// The stock-out probability that was told last.
pub const TOLD_PROBABILITY: &str = "told_probability";
/// Whether a risk is new, known or gone.
pub const STATUS: &str = "status";
/// The status of a risk that is gone.
pub const RESOLVED: &str = "resolved";
/// Units of an order line.
pub const QUANTITY: &str = "quantity";
/// The day that an order is written on.
pub const ORDER_DATE: &str = "order_date";
/// What may happen to an order line.
pub const STATE: &str = "state";
/// The day that a run stands at.
pub const DATE: &str = "date";
/// Number of a customer's order.
pub const ORDER_ID: &str = "order_id";
/// The day that the customer of a waiting line was told before tonight, by the shop or a run.
pub const PREVIOUS_PROMISE: &str = "previous_promise";
/// The day that the customer of a waiting line was told by a run, as of tonight.
pub const TOLD_DATE: &str = "told_date";
/// The kind of the last notice that the customer was written on it.
pub const TOLD_KIND: &str = "told_kind";
/// The day until which that notice asks for an answer.
pub const TOLD_RESPOND_BY: &str = "told_respond_by";
/// What no answer to it means.
pub const TOLD_SILENCE: &str = "told_silence";
/// The day that the shop itself stated when that was written.
pub const TOLD_STATED: &str = "stated_date";
/// Place of a waiting line in the queue.
pub const PLACE: &str = "place";
/// Number of a purchase order.
pub const PO_NUMBER: &str = "po_number";
/// Number of its line.
pub const LINE: &str = "line";
/// What to do about an open order line.
pub const ADVISED: &str = "advice";

/// The day on which the supplier was last asked for an open order line.
pub const CHASED_ON: &str = "chased_on";
/// Days by which the line was to come sooner then.
pub const CHASED_DAYS: &str = "chased_days";

/// `forecast.csv`; a column `q0.95` a quantile follows.
pub const FORECAST: &[&str] = &[SKU, LOCATION, "period_start", "mean"];

/// `plan.csv`.
pub const PLAN: &[&str] = &names(PLAN_COLUMNS);

/// The same with what each column holds.
pub const PLAN_COLUMNS: &[TypedColumn<'static>; 35] = &[
    (SKU, Kind::Text),
    (LOCATION, Kind::Text),
    ("supplier", Kind::Text),
    ("decision", Kind::Text),
    ("reason", Kind::Text),
    ("model", Kind::Text),
    ("demand_class", Kind::Text),
    ("abc", Kind::Text),
    ("xyz", Kind::Text),
    ("mean_daily_demand", Kind::Real),
    ("lead_time_mean_days", Kind::Real),
    ("lead_time_sd_days", Kind::Real),
    ("review_period_days", Kind::Whole),
    ("protection_days", Kind::Real),
    ("protection_demand_mean", Kind::Real),
    ("safety_stock", Kind::Real),
    ("reorder_point", Kind::Real),
    ("order_up_to_level", Kind::Real),
    ("on_hand", Kind::Units),
    ("allocated", Kind::Units),
    ("backorders", Kind::Units),
    ("on_order", Kind::Units),
    ("on_order_later", Kind::Units),
    ("inventory_position", Kind::Units),
    (STOCKOUT_PROBABILITY, Kind::Share),
    ("expected_short_units", Kind::Real),
    ("stockout_date_p10", Kind::Date),
    ("stockout_date_p50", Kind::Date),
    ("stockout_date_p90", Kind::Date),
    ("days_of_supply", Kind::Real),
    ("policy", Kind::Text),
    ("target", Kind::Text),
    ("needed_quantity", Kind::Units),
    ("order_quantity", Kind::Units),
    ("next_order_date", Kind::Date),
];

/// The names of columns.
const fn names<const N: usize>(columns: &[TypedColumn<'static>; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut at = 0;
    while at < N {
        names[at] = columns[at].0;
        at += 1;
    }
    names
}

/// `purchase_orders.csv` and each file of `purchase_orders/`.
pub const ORDER: &[&str] = &[
    PO_NUMBER,
    LINE,
    "supplier",
    "supplier_name",
    SKU,
    "supplier_sku",
    "description",
    LOCATION,
    QUANTITY,
    "uom",
    "pack_size",
    "packs",
    "unit_cost",
    "currency",
    "line_total",
    ORDER_DATE,
    "requested_date",
    STATE,
];

/// `backorder_risk.csv`.
pub const RISK: &[&str] = &[
    SKU,
    LOCATION,
    "group",
    "description",
    "supplier",
    "supplier_email",
    "on_hand",
    "waiting_units",
    "waiting_since",
    STOCKOUT_PROBABILITY,
    "stockout_date_p10",
    "stockout_date_p50",
    "stockout_date_p90",
    "expected_short_units",
    "expected_short_value",
    "currency",
    "cause",
    "cause_share",
    "cause_detail",
    "action",
    "action_probability",
    "next_arrival",
    "next_po_number",
    "next_order_date",
    "tonight_quantity",
    STATUS,
    TOLD_PROBABILITY,
];

/// `promises.csv`.
pub const PROMISE: &[&str] = &[
    ORDER_ID,
    LINE,
    "customer",
    SKU,
    LOCATION,
    "quantity",
    "allocated_quantity",
    "promise_p50",
    "promise_p90",
    PREVIOUS_PROMISE,
    "within_limit",
    "reason",
    "alternative",
    TOLD_DATE,
    TOLD_KIND,
    TOLD_RESPOND_BY,
    TOLD_SILENCE,
    TOLD_STATED,
    PLACE,
];

/// `backorder_limits.csv`.
pub const LIMIT: &[&str] = &[SKU, LOCATION, "accept_more_units", "until"];

/// `notices.csv`.
pub const NOTICE: &[&str] = &[
    "audience",
    "kind",
    "recipient",
    "subject",
    "reference",
    SKU,
    "old_date",
    "new_date",
    "regime",
    "send_by",
    "respond_by",
    "silence_means",
    "refund_by",
    "file",
];

/// `excess.csv`.
pub const EXCESS: &[&str] =
    &[SKU, LOCATION, "on_hand", "excess_units", "excess_value", "months_of_supply", "action"];

/// `review.csv`.
pub const REVIEW: &[&str] = &[
    DATE,
    "items_planned",
    "items_out_of_stock",
    "waiting_lines",
    "waiting_units",
    "waiting_value",
    "waiting_oldest_days",
    "waiting_mean_days",
    "at_risk_items",
    "at_risk_value",
    "share_demand_surge",
    "share_demand_shift",
    "share_supplier_late",
    "share_supplier_outage",
    "share_record_in_doubt",
    "share_plan_too_thin",
    "share_not_ordered",
    "share_discontinued",
    "excess_value",
    "dead_stock_value",
    "overdue_lines",
    "overdue_value",
    "on_time_in_full_90d",
    "promises_due",
    "promises_kept",
    "order_lines",
    "order_value",
    "in_stock_share_28d",
    "forecast_error_4b",
    "forecast_bias_4b",
    "period_start",
    "period_demand",
    "period_absolute_error",
    "period_error",
    "edits_judged",
    "edits_better",
    "edits_value_added",
];

/// `edits.csv`.
pub const EDIT: &[&str] = &[
    PO_NUMBER,
    LINE,
    SKU,
    LOCATION,
    "by",
    "reason",
    "decided_on",
    "suggested_quantity",
    "ordered_quantity",
    "unit_cost",
    "from",
    "to",
    "expected_demand",
    "implied_demand",
    "demand",
    "value_added_units",
    "value_added",
];

/// `open_order_advice.csv`.
pub const ADVICE: &[&str] =
    &[PO_NUMBER, LINE, SKU, LOCATION, ADVISED, "by_days", "reason", CHASED_ON, CHASED_DAYS];

/// `ledger.csv`.
pub const LEDGER: &[&str] = &LEDGER_COLUMNS;

/// The same, as they are read back together.
pub const LEDGER_COLUMNS: [&str; 21] = [
    PO_NUMBER,
    LINE,
    "revision",
    "supplier",
    SKU,
    LOCATION,
    QUANTITY,
    "unit_cost",
    STATE,
    "since",
    "sent_on",
    "matched",
    "reason",
    "until",
    "by",
    "first_night",
    "requested_date",
    "currency",
    "base_total",
    "pack_size",
    "suggested_quantity",
];

/// `transfers.csv`.
pub const TRANSFER: &[&str] = &[SKU, "from_location", "to_location", "quantity", "reason"];

/// `projected_orders.csv`.
pub const PROJECTED: &[&str] =
    &["supplier", SKU, LOCATION, ORDER_DATE, "arrival_date", QUANTITY, "value"];

/// `cash.csv`.
pub const CASH: &[&str] =
    &["week_start", "supplier", "currency", "due_open", "due_tonight", "due_projected"];

/// `constraint_costs.csv`.
pub const CONSTRAINT: &[&str] = &["supplier", SKU, "constraint", "yearly_cost", "comment"];

/// `exceptions.csv` and `quarantine.csv`.
pub const FINDING: &[&str] =
    &["code", "severity", "table", "file", "row", SKU, LOCATION, "message"];

/// What `restock diff` prints.
pub const DIFF: &[&str] = &[
    SKU,
    LOCATION,
    "measure",
    "before",
    "after",
    "demand",
    "models",
    "lead_time",
    "stock",
    "on_order",
    "terms",
    "settings",
    "version",
    "order_rules",
];

/// Every table of a run with its columns, quantiles of `forecast.csv` left out.
pub const TABLES: [(&str, &[&str]); 18] = [
    ("forecast.csv", FORECAST),
    ("plan.csv", PLAN),
    ("purchase_orders.csv", ORDER),
    ("backorder_risk.csv", RISK),
    ("promises.csv", PROMISE),
    ("backorder_limits.csv", LIMIT),
    ("notices.csv", NOTICE),
    ("excess.csv", EXCESS),
    ("review.csv", REVIEW),
    ("edits.csv", EDIT),
    ("open_order_advice.csv", ADVICE),
    ("ledger.csv", LEDGER),
    ("transfers.csv", TRANSFER),
    ("projected_orders.csv", PROJECTED),
    ("cash.csv", CASH),
    ("constraint_costs.csv", CONSTRAINT),
    ("exceptions.csv", FINDING),
    ("quarantine.csv", FINDING),
];
