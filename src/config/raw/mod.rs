//! What serde reads from `restock.toml`: every key with its default, nothing checked beyond its
//! type.

mod handover;
mod inputs;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::choices::{
    Allocation, Encoding, FileFormat, Handover, HookOn, LeadTimeBasis, MissingStock, PackRounding,
    Regime, Returns, Rows, SkuCase, Spikes, SupplierChoice, TableForm, WeekStart,
};
pub use handover::{RawBuyer, RawHandover};
pub use inputs::{OneOrMany, RawExclude, RawInput, RawInputs};

use crate::domain::calendar::BucketLength;
use crate::domain::policy::{Policy, UnmetDemand};
use crate::domain::target::Target;

/// The whole configuration file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RawConfig {
    /// The run as a whole.
    pub run: RawRun,
    /// Where each table comes from.
    pub inputs: RawInputs,
    /// What counts as demand.
    pub demand: RawDemand,
    /// How demand is forecast.
    pub forecast: RawForecast,
    /// How stock is planned.
    pub plan: RawPlan,
    /// When an item is at risk.
    pub risk: RawRisk,
    /// How orders are built.
    pub purchasing: RawPurchasing,
    /// Customers who wait.
    pub backorders: RawBackorders,
    /// What is written to customers, suppliers and the team.
    pub notices: RawNotices,
    /// Money other than the base currency.
    pub currency: RawCurrency,
    /// Where results go.
    pub outputs: RawOutputs,
    /// Commands that follow a run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<RawHook>,
    /// How orders are laid out for suppliers and other systems: the first profile that matches an
    /// order's supplier takes it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub handover: Vec<RawHandover>,
    /// Who orders, as orders that are handed over say it.
    #[serde(skip_serializing_if = "RawBuyer::is_empty")]
    pub handover_buyer: RawBuyer,
}

/// `[run]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Run")]
#[serde(default, deny_unknown_fields)]
pub struct RawRun {
    /// What demand is summed into before it is forecast: day, week or month.
    pub bucket: BucketLength,
    /// First day of a week bucket.
    pub week_start: WeekStart,
    /// Seed of every random draw.
    pub seed: u64,
    /// An input older than this many days is reported as stale.
    pub max_age_days: u32,
    /// The share of a table's rows that may be unusable, or of the order rows that may be
    /// duplicates, before the run stops.
    pub max_bad_rows: f64,
}

impl Default for RawRun {
    fn default() -> Self {
        Self {
            bucket: BucketLength::Week,
            week_start: WeekStart::Monday,
            seed: 42,
            max_age_days: 2,
            max_bad_rows: 0.05,
        }
    }
}

/// `[demand]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Demand")]
#[serde(default, deny_unknown_fields)]
pub struct RawDemand {
    /// What a negative quantity that cancels no sale does: nothing, or it is taken off demand.
    pub returns: Returns,
    /// How many days after a sale a negative line of its customer, or of its order, may still
    /// cancel it.
    pub cancel_match_days: u32,
    /// Whether one-off spikes are damped before forecasting.
    pub spikes: Spikes,
    /// Whether SKUs are kept as written or turned to upper case.
    pub sku_case: SkuCase,
    /// Values of `orders.status` that mean: this line was cancelled.
    pub cancelled_statuses: Vec<String>,
}

impl Default for RawDemand {
    fn default() -> Self {
        Self {
            returns: Returns::Ignore,
            cancel_match_days: 7,
            spikes: Spikes::Damp,
            sku_case: SkuCase::Keep,
            cancelled_statuses: ["cancelled", "canceled", "void", "voided"]
                .map(String::from)
                .to_vec(),
        }
    }
}

/// `[forecast]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Forecast")]
#[serde(default, deny_unknown_fields)]
pub struct RawForecast {
    /// How many full buckets are forecast.
    pub horizon: usize,
    /// Which quantiles are written.
    pub quantiles: Vec<f64>,
    /// Which model: `auto` blends and chooses; otherwise a model by name.
    pub model: String,
}

impl Default for RawForecast {
    fn default() -> Self {
        Self {
            horizon: 13,
            quantiles: vec![0.05, 0.25, 0.5, 0.75, 0.95, 0.99],
            model: "auto".into(),
        }
    }
}

/// `[plan]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Plan")]
#[serde(default, deny_unknown_fields)]
pub struct RawPlan {
    /// How orders are triggered and sized.
    pub policy: Policy,
    /// Lead time where no table says better, days.
    pub lead_time_days: f64,
    /// Its standard deviation, days.
    pub lead_time_sd_days: Option<f64>,
    /// What lead times go by where one is stated and receipts say otherwise: what is stated, what
    /// is learnt from receipts, or both, receipts weighing more as they grow in number.
    pub lead_time: LeadTimeBasis,
    /// Days between order dates of a supplier that states none.
    pub review_period_days: u32,
    /// An order covers at least this many days of mean demand.
    pub order_cycle_days: f64,
    /// What happens to demand that cannot be served. Without it, it waits; but where the
    /// availability table shows that demand was lost, the past counts as at least what was sold.
    pub unmet_demand: Option<UnmetDemand>,
    /// What a missing stock table means.
    pub missing_stock: MissingStock,
    /// What is there once an order has arrived lasts at most so many days of mean demand; the order
    /// is cut to it, and blocked where the least order alone lasts longer.
    pub max_cover_days: f64,
    /// The service target.
    pub target: Target,
    /// What one order costs, in the base currency; with `holding_cost_per_year` it sizes orders by
    /// EOQ.
    pub order_cost: Option<f64>,
    /// What holding stock costs a year, as a share of unit cost.
    pub holding_cost_per_year: Option<f64>,
    /// Under a `cost` target with lost sales: what a lost unit weighs against one that would wait,
    /// above 0 and at most 1. Without it 1/√(1 + lead time / review period).
    pub lost_unit_weight: Option<f64>,
    /// Exceptions: the first rule that matches and names a field decides it.
    #[serde(rename = "rule")]
    pub rules: Vec<RawRule>,
}

impl Default for RawPlan {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            lead_time_days: 14.0,
            lead_time_sd_days: None,
            lead_time: LeadTimeBasis::Mixed,
            review_period_days: 1,
            order_cycle_days: 7.0,
            unmet_demand: None,
            missing_stock: MissingStock::Unknown,
            max_cover_days: 365.0,
            target: Target::CycleServiceLevel(0.95),
            order_cost: None,
            holding_cost_per_year: None,
            lost_unit_weight: None,
            rules: Vec::new(),
        }
    }
}

/// `[[plan.rule]]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Rule")]
#[serde(default, deny_unknown_fields)]
pub struct RawRule {
    /// Which items; all tests that are given must hold.
    #[serde(rename = "match")]
    pub matches: RawRuleMatch,
    /// The service target of these items.
    pub target: Option<Target>,
    /// Their policy.
    pub policy: Option<Policy>,
    /// Their lead time, days.
    pub lead_time_days: Option<f64>,
    /// Its standard deviation, days.
    pub lead_time_sd_days: Option<f64>,
    /// What it goes by: `stated`, `learnt` or `mixed`.
    pub lead_time: Option<LeadTimeBasis>,
    /// Days between their order dates.
    pub review_period_days: Option<u32>,
    /// Days of mean demand that an order covers at least.
    pub order_cycle_days: Option<f64>,
    /// The longest that stock may last once an order has arrived, days.
    pub max_cover_days: Option<f64>,
    /// What a lost unit weighs against one that would wait.
    pub lost_unit_weight: Option<f64>,
}

/// Which items a rule is for. Text tests take patterns: `*` any text, `?` one character, `[ab]` one
/// of a set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "RuleMatch")]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "the names say it; in the schema a comment would be noise")]
pub struct RawRuleMatch {
    pub sku: Option<String>,
    pub location: Option<String>,
    pub category: Option<String>,
    pub supplier: Option<String>,
    pub status: Option<String>,
    /// `A`, `B` or `C`.
    pub abc: Option<String>,
    /// `X`, `Y` or `Z`.
    pub xyz: Option<String>,
    /// `smooth`, `erratic`, `intermittent`, `lumpy` or `new`.
    pub demand_class: Option<String>,
}

/// `[risk]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Risk")]
#[serde(default, deny_unknown_fields)]
pub struct RawRisk {
    /// An item is at risk from this stock-out probability on.
    pub min_probability: f64,
    /// What is expected to be short must be worth this much, in the base currency, for the item to
    /// be listed; items below are counted.
    pub min_value: f64,
}

impl Default for RawRisk {
    fn default() -> Self {
        Self { min_probability: 0.10, min_value: 0.0 }
    }
}

/// `[backorders]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Backorders")]
#[serde(default, deny_unknown_fields)]
pub struct RawBackorders {
    /// Who is served first among customers who wait.
    pub allocation: Allocation,
    /// How many days an order may wait under the policy `limit`, where neither its item nor its
    /// customer says.
    pub limit_days: f64,
}

impl Default for RawBackorders {
    fn default() -> Self {
        Self { allocation: Allocation::Keep, limit_days: 30.0 }
    }
}

/// `[notices]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Notices")]
#[serde(default, deny_unknown_fields)]
pub struct RawNotices {
    /// The rules for customers whose country nobody states.
    pub default_regime: Regime,
    /// Days from shipment to delivery.
    pub transit_days: u32,
    /// Where customers cancel: an address or a telephone number that is free for them. Required
    /// for notices to consumers in the United States.
    pub cancel_by: Option<String>,
    /// A folder with texts of your own, one file a kind of notice; those that it lacks are ours.
    pub templates: Option<String>,
}

impl Default for RawNotices {
    fn default() -> Self {
        Self { default_regime: Regime::None, transit_days: 3, cancel_by: None, templates: None }
    }
}

/// `[purchasing]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Purchasing")]
#[serde(default, deny_unknown_fields)]
pub struct RawPurchasing {
    /// The most that one run may spend, in the base currency.
    pub budget: Option<f64>,
    /// The most that the runs of a calendar month may spend together, in the base currency, with
    /// what else was ordered in it.
    pub budget_per_month: Option<f64>,
    /// Which way a needed quantity is rounded to whole packs.
    pub pack_rounding: PackRounding,
    /// Which of an item's suppliers delivers it.
    pub supplier_choice: SupplierChoice,
    /// Whether items that will soon be needed join an order that is written anyway, where that
    /// saves an order.
    pub joint_orders: bool,
    /// Whether excess at a location of the `locations` table is moved before more is bought for
    /// another.
    pub transfers: bool,
    /// Open orders that come this many days too early or too late are left as they are.
    pub advice_tolerance_days: u32,
    /// Who hands orders over: the run, or a person who approves them.
    pub handover: Handover,
    /// What was handed over and is not in the table of open orders after so many days counts no
    /// more.
    pub confirm_within_days: u32,
    /// A rejected line is suggested again once its need has grown by this share.
    pub reopen_growth: f64,
    /// The most that one run may order before all its lines are held, in the base currency.
    pub max_order_value: Option<f64>,
    /// All lines are held, too, where a run orders more than this many times the largest of the
    /// last 28 nights.
    pub max_times_usual: f64,
    /// Lines beyond these limits wait for a person.
    pub auto_approve: RawAutoApprove,
}

/// `[purchasing.auto_approve]`: what goes out without a person.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "AutoApprove")]
#[serde(default, deny_unknown_fields)]
pub struct RawAutoApprove {
    /// Orders up to this value, in the base currency.
    pub max_value: Option<f64>,
    /// Lines up to this many times the most that was ordered of the item before.
    pub max_times_usual: Option<f64>,
    /// Orders to suppliers that have delivered before, or have an open order.
    pub known_suppliers_only: bool,
}

impl Default for RawPurchasing {
    fn default() -> Self {
        Self {
            budget: None,
            budget_per_month: None,
            pack_rounding: PackRounding::Up,
            supplier_choice: SupplierChoice::Rank,
            joint_orders: true,
            transfers: true,
            advice_tolerance_days: 4,
            handover: Handover::Auto,
            confirm_within_days: 7,
            reopen_growth: 0.5,
            max_order_value: None,
            max_times_usual: 3.0,
            auto_approve: RawAutoApprove::default(),
        }
    }
}

/// `[currency]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Currency")]
#[serde(default, deny_unknown_fields)]
pub struct RawCurrency {
    /// The currency of all prices and costs that name none.
    pub base: String,
    /// What one unit of another currency is worth in the base currency.
    pub rates: BTreeMap<String, f64>,
}

impl Default for RawCurrency {
    fn default() -> Self {
        Self { base: "EUR".into(), rates: BTreeMap::new() }
    }
}

/// `[outputs]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Outputs")]
#[serde(default, deny_unknown_fields)]
pub struct RawOutputs {
    /// Where run directories are made.
    pub dir: String,
    /// Whether each run writes its page, `report.html`.
    pub page: bool,
    /// Whether each run keeps a copy of what it read, in its folder `inputs/`.
    pub keep_inputs: bool,
    /// Where `restock backtest` writes what it finds unless told otherwise, and where a run looks
    /// for how far its promises came true, to show it on its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backtest: Option<String>,
    /// In what form forecast and plan are written: `forecast.csv` and `plan.csv`, or
    /// `forecast.parquet` and `plan.parquet` in their place.
    pub format: TableForm,
}

impl Default for RawOutputs {
    fn default() -> Self {
        Self {
            dir: "runs".into(),
            page: true,
            keep_inputs: false,
            backtest: None,
            format: TableForm::Csv,
        }
    }
}

/// `[[hooks]]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Hook")]
#[serde(deny_unknown_fields)]
pub struct RawHook {
    /// After which runs: `done` (a run directory was published, exit code 0 or 1), `findings`
    /// (exit code 1) or `failed` (any other).
    pub on: HookOn,
    /// The program and its arguments; no shell reads them. A program with a `/` in its name starts
    /// at this file, another one is looked up.
    pub command: Vec<String>,
    /// After so many seconds it is ended, with all that it started.
    #[serde(default = "hook_timeout_s")]
    pub timeout_s: u32,
}

fn hook_timeout_s() -> u32 {
    60
}
