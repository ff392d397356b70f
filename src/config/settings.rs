//! Settings as the code works with them: every value in range, every word one of its vocabulary,
//! every pattern read, every path absolute. Nothing of what serde reads is left in them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use glob::Pattern;

use super::choices::{
    Allocation, CountedIn, Encoding, FileFormat, Handover, HandoverEncoding, HandoverFormat,
    HookOn, LeadTimeBasis, MissingStock, OneFilePer, OrderFields, PackRounding, Regime, Returns,
    Rows, SkuCase, Spikes, SupplierChoice, TableForm,
};
use super::placeholders::{Placeholder, Template};
use crate::domain::calendar::BucketCalendar;
use crate::domain::models::ModelChoice;
use crate::domain::policy::{Policy, UnmetDemand};
use crate::domain::target::Target;

/// The settings of one run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How demand is bucketed.
    pub calendar: BucketCalendar,
    /// `[run]`
    pub run: Run,
    /// Where each given table comes from, in the contract's order.
    pub inputs: Vec<InputSource>,
    /// `[demand]`
    pub demand: Demand,
    /// `[forecast]`
    pub forecast: Forecast,
    /// `[plan]`
    pub plan: Plan,
    /// `[risk]`
    pub risk: Risk,
    /// `[purchasing]`
    pub purchasing: Purchasing,
    /// `[backorders]`
    pub backorders: Backorders,
    /// `[notices]`
    pub notices: Notices,
    /// `[currency]`
    pub currency: Currency,
    /// Where run directories are made.
    pub outputs_dir: PathBuf,
    /// Whether each run writes its page.
    pub writes_page: bool,
    /// Whether each run keeps a copy of what it read.
    pub keeps_inputs: bool,
    /// Where the last backtest lies.
    pub backtest_dir: Option<PathBuf>,
    /// In what form forecast and plan are written.
    pub table_form: TableForm,
    /// Commands that follow a run, in the order in which they run.
    pub hooks: Vec<Hook>,
    /// How orders are laid out for others; the first that matches a supplier takes its orders.
    pub handover: Vec<HandoverProfile>,
    /// Who orders.
    pub buyer: Buyer,
    /// The whole configuration as canonical TOML, paths as written: what the manifest's hash is
    /// taken of.
    pub canonical: String,
}

/// What holding stock costs a year, as a share of its cost, where costs are compared and none is
/// stated: the middle of the usual 20 to 30 % (Silver, Pyke & Thomas, *Inventory and Production
/// Management in Supply Chains*, section 2.5).
const USUAL_HOLDING_SHARE: f64 = 0.25;

impl Settings {
    /// The source of a table, if it is given.
    #[must_use]
    pub fn input(&self, table: &str) -> Option<&InputSource> {
        self.inputs.iter().find(|source| source.table == table)
    }

    /// What holding stock costs a year, as a share of its cost, for comparing order quantities.
    #[must_use]
    pub fn holding_share(&self) -> f64 {
        self.plan.holding_cost_per_year.filter(|share| *share > 0.0).unwrap_or(USUAL_HOLDING_SHARE)
    }
}

/// The run as a whole; its bucket is in [`Settings::calendar`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Run {
    /// Seed of every random draw.
    pub seed: u64,
    /// An input older than this many days is reported as stale.
    pub max_age_days: u32,
    /// The share of a file's rows that may be unusable before the run stops, 0–1.
    pub max_bad_rows: f64,
}

/// Where one table comes from, and how to read it.
#[derive(Debug, Clone)]
pub struct InputSource {
    /// The table's name in the contract.
    pub table: &'static str,
    /// Paths or globs as written, for messages; or the command as one line.
    pub written: Vec<String>,
    /// The paths, made absolute against the configuration file's directory. Of a command it is the
    /// file that holds what it printed; there is none before it has run.
    pub paths: Vec<PathBuf>,
    /// The program that prints the table, which no shell reads, and its arguments; `None` if the
    /// table lies in files.
    pub command: Option<Vec<String>>,
    /// How to read them.
    pub input: Input,
}

/// How the files of a table are read.
#[derive(Debug, Clone)]
pub struct Input {
    /// How their rows are written; `None` if their endings say it.
    pub format: Option<FileFormat>,
    /// The worksheet of a workbook; `None` for the first that is not hidden.
    pub sheet: Option<String>,
    /// What is asked of an SQLite file.
    pub query: Option<String>,
    /// After how long a command or a query is ended.
    pub timeout: Duration,
    /// Which of the file's columns holds which of ours, by our name.
    pub columns: BTreeMap<String, String>,
    /// How dates are written, as in strftime, or `serial` for the day numbers of spreadsheets; one
    /// that fits all dates of a file reads them, else the first that fits a field. Empty for ISO
    /// 8601.
    pub date_formats: Vec<String>,
    /// Where the shop is: a moment counts on its day there; `None` takes dates as written.
    pub time_zone: Option<chrono_tz::Tz>,
    /// Lines before the header; `None` to look for it.
    pub skip_rows: Option<u32>,
    /// The files' own columns whose empty fields take what stands above them.
    pub fill_down: Vec<String>,
    /// The files' character encoding.
    pub encoding: Encoding,
    /// What separates the fields of a CSV file, an ASCII character; `None` for what the file's
    /// ending says.
    pub delimiter: Option<char>,
    /// The decimal mark: `.` or `,`.
    pub decimal: char,
    /// What one row covers, from its date on.
    pub rows: Rows,
    /// The location of every row, for a file without a location column; `None` if it is not stated.
    pub location: Option<String>,
    /// Rows that are not wanted, by the files' own column names.
    pub exclude: Vec<Exclude>,
}

/// Rows to leave out: those whose column satisfies all tests that are given.
#[derive(Debug, Clone)]
pub struct Exclude {
    /// The files' own column name.
    pub column: String,
    /// The whole field equals one of these; `None` if it is not tested, as with the two below.
    pub equals: Option<Vec<String>>,
    /// The field matches one of these.
    pub matches: Option<Vec<Pattern>>,
    /// The field is a number below this.
    pub below: Option<f64>,
}

/// What counts as demand.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    /// What a negative quantity that cancels no sale does.
    pub returns: Returns,
    /// How many days after a sale a negative line may still cancel it.
    pub cancel_match_days: u32,
    /// Whether one-off spikes are damped before forecasting.
    pub spikes: Spikes,
    /// Whether SKUs are kept as written or turned to upper case.
    pub sku_case: SkuCase,
    /// Values of `orders.status` that mean: this line was cancelled.
    pub cancelled_statuses: Vec<String>,
}

/// How demand is forecast.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// How many full buckets are forecast, 1–1000.
    pub horizon: usize,
    /// Which quantiles are written: each above 0 and below 1, ascending, none twice.
    pub quantiles: Vec<f64>,
    /// Which model.
    pub model: ModelChoice,
}

/// How stock is planned.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How orders are triggered and sized.
    pub policy: Policy,
    /// Lead time where no table says better, days.
    pub lead_time_days: f64,
    /// Its standard deviation, days; `None` if it is not stated.
    pub lead_time_sd_days: Option<f64>,
    /// What lead times go by where one is stated and receipts say otherwise.
    pub lead_time: LeadTimeBasis,
    /// Days between order dates of a supplier that states none.
    pub review_period_days: u32,
    /// An order covers at least this many days of mean demand.
    pub order_cycle_days: f64,
    /// What happens to demand that cannot be served.
    pub unmet_demand: UnmetDemand,
    /// Whether somebody has stated that.
    pub states_unmet_demand: bool,
    /// What a missing stock table means.
    pub missing_stock: MissingStock,
    /// An order that would last longer than this is blocked, days.
    pub max_cover_days: f64,
    /// The service target.
    pub target: Target,
    /// What one order costs, in the base currency; `None` if it is not stated.
    pub order_cost: Option<f64>,
    /// What holding stock costs a year, as a share of unit cost; `None` if it is not stated.
    pub holding_cost_per_year: Option<f64>,
    /// What a lost unit weighs against one that would wait, above 0 and at most 1.
    pub lost_unit_weight: Option<f64>,
    /// Exceptions: the first rule that matches and names a field decides it.
    pub rules: Vec<Rule>,
}

/// An exception from what `[plan]` says, for the items that it matches; a field is `None` if the
/// rule leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct Rule {
    /// Which items; all tests that are given must hold.
    pub matches: RuleMatch,
    /// The service target of these items.
    pub target: Option<Target>,
    /// Their policy.
    pub policy: Option<Policy>,
    /// Their lead time, days.
    pub lead_time_days: Option<f64>,
    /// Its standard deviation, days.
    pub lead_time_sd_days: Option<f64>,
    /// What it goes by.
    pub lead_time: Option<LeadTimeBasis>,
    /// Days between their order dates.
    pub review_period_days: Option<u32>,
    /// An order covers at least this many days of mean demand.
    pub order_cycle_days: Option<f64>,
    /// The longest cover an order may buy, days.
    pub max_cover_days: Option<f64>,
    /// What a lost unit weighs against one that would wait, above 0 and at most 1.
    pub lost_unit_weight: Option<f64>,
}

/// Which items a rule is for; `None` where a rule does not ask.
#[derive(Debug, Clone, Default)]
pub struct RuleMatch {
    /// Of the item's sku.
    pub sku: Option<TextTest>,
    /// Of its location.
    pub location: Option<TextTest>,
    /// Of its category; an item without one has the empty text.
    pub category: Option<TextTest>,
    /// Of the supplier that delivers it.
    pub supplier: Option<TextTest>,
    /// Of its status in `items`.
    pub status: Option<WordTest>,
    /// Of its ABC class.
    pub abc: Option<WordTest>,
    /// Of its XYZ class.
    pub xyz: Option<WordTest>,
    /// Of the shape of its demand.
    pub demand_class: Option<WordTest>,
}

/// A test of a text that may be anything.
#[derive(Debug, Clone)]
pub enum TextTest {
    /// Patterns of `*`, `?` and `[…]`.
    Pattern(Pattern),
    /// What is no pattern, such as a lone `[`, is compared as it is.
    Exact(String),
}

impl TextTest {
    /// Reads what a person wrote.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Pattern::new(text).map_or_else(|_| Self::Exact(text.to_owned()), Self::Pattern)
    }

    /// Whether a value passes.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        match self {
            Self::Pattern(pattern) => pattern.matches(value),
            Self::Exact(text) => text == value,
        }
    }
}

/// A test of a word of a known vocabulary: the words that pass, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordTest {
    words: Vec<&'static str>,
}

impl WordTest {
    /// The words of a vocabulary that a text or pattern names; `None` where it names none of them
    /// and could never hold.
    #[must_use]
    pub fn of(text: &str, vocabulary: &'static [&'static str]) -> Option<Self> {
        let test = TextTest::of(text);
        let words: Vec<_> = vocabulary.iter().copied().filter(|word| test.matches(word)).collect();
        (!words.is_empty()).then_some(Self { words })
    }

    /// Whether a value passes.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        self.words.contains(&value)
    }
}

/// When an item is at risk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Risk {
    /// An item is at risk from this stock-out probability on, 0–1.
    pub min_probability: f64,
    /// What is expected to be short must be worth this much for the item to be listed, base
    /// currency.
    pub min_value: f64,
}

/// Customers who wait.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backorders {
    /// Who is served first.
    pub allocation: Allocation,
    /// How many days an order may wait under the policy `limit`.
    pub limit_days: f64,
}

/// What is written to customers, suppliers and the team.
#[derive(Debug, Clone, PartialEq)]
pub struct Notices {
    /// The rules for customers whose country nobody states.
    pub default_regime: Regime,
    /// Days from shipment to delivery.
    pub transit_days: u32,
    /// Where customers cancel; `None` if nobody states it.
    pub cancel_by: Option<String>,
    /// A folder with texts of the user's own.
    pub templates: Option<PathBuf>,
    /// These texts by file name, once they are read.
    pub texts: BTreeMap<String, String>,
}

/// How orders are built.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Purchasing {
    /// The maximum that one run may spend, in the base currency; `None` if there is no limit.
    pub budget: Option<f64>,
    /// The maximum that a calendar month may spend; `None` if there is no limit.
    pub budget_per_month: Option<f64>,
    /// Which way a needed quantity is rounded to whole packs.
    pub pack_rounding: PackRounding,
    /// Which of an item's suppliers delivers it.
    pub supplier_choice: SupplierChoice,
    /// Whether items that will soon be needed join an order that is written anyway.
    pub joint_orders: bool,
    /// Whether excess at one location is moved before more is bought for another.
    pub transfers: bool,
    /// Open orders that come this many days too early or too late are left as they are.
    pub advice_tolerance_days: u32,
    /// Who hands orders over.
    pub handover: Handover,
    /// Days after which what was handed over, and is in no table of open orders, counts no more.
    pub confirm_within_days: u32,
    /// Share by which the need of a rejected line has to grow before it is suggested again.
    pub reopen_growth: f64,
    /// The most that one run may order before all lines are held, in the base currency.
    pub max_order_value: Option<f64>,
    /// Times the largest of the last nights beyond which all lines are held.
    pub max_times_usual: f64,
    /// What goes out without a person.
    pub auto_approve: AutoApprove,
}

impl Purchasing {
    /// Whether lines compete for money, so that the plan of one depends on all others.
    #[must_use]
    pub fn has_budget(&self) -> bool {
        self.budget.is_some() || self.budget_per_month.is_some()
    }
}

/// What goes out without a person; beyond it a line waits for one.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AutoApprove {
    /// The most that one order is worth, in the base currency.
    pub max_value: Option<f64>,
    /// Times the most that was ordered of the item before.
    pub max_times_usual: Option<f64>,
    /// Whether its supplier must have delivered before, or have an open order.
    pub known_suppliers_only: bool,
}

/// Money other than the base currency.
#[derive(Debug, Clone, PartialEq)]
pub struct Currency {
    /// The currency of all prices and costs that name none.
    pub base: String,
    /// What one unit of another currency is worth in the base currency, above 0.
    pub rates: BTreeMap<String, f64>,
}

/// A command that follows a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// After which runs.
    pub on: HookOn,
    /// The program, which no shell reads, and its arguments; at least the program.
    pub command: Vec<String>,
    /// After how long it is ended.
    pub timeout: Duration,
}

/// A layout in which orders are handed over.
#[derive(Debug, Clone)]
pub struct HandoverProfile {
    /// What it is called; no two have the same name.
    pub name: String,
    /// Whose orders it takes, by supplier; at least one.
    pub suppliers: Vec<TextTest>,
    /// How they are laid out.
    pub format: HandoverFormat,
    /// Name of each file, without its ending; of a scope that a file has one value of.
    pub file: Template,
    /// The ending, without the point; empty if there is none.
    pub ending: String,
    /// What one file holds.
    pub one_file_per: OneFilePer,
    /// On which rows fields of the order stand.
    pub order_fields: OrderFields,
    /// What stands before and behind an order's number.
    pub number: (String, String),
    /// What quantities and costs are of.
    pub counted_in: CountedIn,
    /// The most lines of an order, at least 1.
    pub max_lines: Option<usize>,
    /// How dates are written, as in strftime.
    pub date_format: String,
    /// The decimal mark: `.` or `,`.
    pub decimal: char,
    /// What separates fields, an ASCII character.
    pub delimiter: char,
    /// The encoding of text.
    pub encoding: HandoverEncoding,
    /// A second line of headers, one a column; empty if there is none.
    pub second_header: Vec<String>,
    /// Other words for values.
    pub map: BTreeMap<Placeholder, BTreeMap<String, String>>,
    /// Headers and their texts; empty if none are given.
    pub columns: Vec<(String, Template)>,
}

impl HandoverProfile {
    /// Whether it takes the orders of a supplier.
    #[must_use]
    pub fn takes(&self, supplier: &str) -> bool {
        self.suppliers.iter().any(|test| test.matches(supplier))
    }
}

/// Who orders; `None` where nobody says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Buyer {
    /// Name of the company.
    pub name: Option<String>,
    /// Its Global Location Number, 13 digits with a right check digit.
    pub gln: Option<String>,
    /// Its address.
    pub address: Option<String>,
    /// Its country, two letters.
    pub country: Option<String>,
    /// The currency it orders in.
    pub currency: Option<String>,
}
