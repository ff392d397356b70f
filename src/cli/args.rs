//! The command line: what clap reads, and the help that it shows.

use std::path::PathBuf;

use clap::builder::RangedU64ValueParser;
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

use super::formats::ReportFormat;
use super::night_args::{CommandsArgs, FitArgs, MergeArgs, RunArgs};
use super::orders::args::OrdersArgs;
use crate::io::sinks::table::TableFormat;
use crate::report::shown::tables::Listed;
use crate::report::shown::view::Condition;

/// Forecasts demand, plans safety stock and reorder points, flags backorders and writes purchase
/// orders.
#[derive(Debug, Parser)]
#[command(
    name = "restock",
    version,
    propagate_version = true,
    after_help = "Exit codes: 0 done, 1 findings at or above --fail-on, 2 usage or\n\
                  configuration, 3 input data, 4 another run holds the lock, 70 internal\n\
                  error.\n\n\
                  Start with `restock init shop`, then `cd shop` and `restock run`."
)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Common options")]
pub struct GlobalArgs {
    /// The configuration [default: restock.toml, else config/restock.toml]
    #[arg(long, global = true, value_name = "PATH", env = "RESTOCK_CONFIG")]
    pub config: Option<PathBuf>,
    /// Set a configuration key, such as plan.lead_time_days=10; may be repeated
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub set: Vec<(String, String)>,
    /// Threads to work with [default: one a core]; results do not depend on it
    #[arg(
        long,
        global = true,
        value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..)
    )]
    pub threads: Option<u16>,
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// How the log on stderr is written
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// When to colour what is said; NO_COLOR counts for auto
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub color: Color,
}

/// When colour and weight are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Also into files and pipes.
    Always,
    /// Never.
    Never,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write an annotated restock.toml and a sample shop to try it on
    #[command(after_help = "Examples:\n  restock init shop && cd shop && restock run\n  \
                            restock init --empty mine\n  \
                            restock init --preset shopify shop")]
    Init(InitArgs),
    /// Check the configuration and the inputs; write nothing
    #[command(after_help = "Examples:\n  restock check\n  restock check -v | less\n  \
                            restock check --list")]
    Check(CheckArgs),
    /// Run the nightly job and write one run directory
    #[command(after_help = "Examples:\n  restock run --as-of today --log-format json\n  \
                            restock run --label trial --set plan.lead_time_days=21\n  \
                            restock run --fail-on error --metrics restock.prom")]
    Run(RunArgs),
    /// Learn what crosses items, for a night that is run in shards
    #[command(after_help = SHARD_EXAMPLES)]
    Fit(FitArgs),
    /// Make one run of the parts of a night
    #[command(after_help = SHARD_EXAMPLES)]
    Merge(MergeArgs),
    /// Print forecasts
    #[command(
        after_help = "Examples:\n  restock forecast 'MUG-*' --total --quantiles 0.5,0.95\n  \
                            restock forecast MUG-01 --location MAIN --chart\n  \
                            restock forecast --category garden --output garden.csv"
    )]
    Forecast(ForecastArgs),
    /// Show how items' orders came about
    #[command(after_help = "Examples:\n  restock explain MUG-01 --location MAIN\n  \
                            restock explain MUG-01 'CUP-*'\n  \
                            restock explain MUG-01 --run 2026-06-29 --format json")]
    Explain(ExplainArgs),
    /// Show what changed from one run to another, and what made each change
    #[command(after_help = "Examples:\n  restock diff\n  \
                            restock diff 2026-06-28 2026-06-29 --format csv\n  \
                            restock diff 2026-06-29-trial")]
    Diff(DiffArgs),
    /// Write the page of a run again, or show how the shop's figures went from run to run
    #[command(after_help = "Examples:\n  restock report --open\n  \
                            restock report 2026-06-29 --output monday.html\n  \
                            restock report --trends --last 52 --output trends.svg\n  \
                            restock report --trends 2026-06-29 --format csv\n  \
                            restock report --edits")]
    Report(ReportArgs),
    /// List order lines over nights, and approve, edit, reject or cancel them
    #[command(after_help = "Examples:\n  restock orders list --supplier NORDIC\n  \
                            restock orders approve 260629-NORDIC-main\n  \
                            restock orders apply decisions.csv")]
    Orders(OrdersArgs),
    /// Show the tables of a run: orders, risks, excess, items, promises, findings
    #[command(after_help = SHOW_EXAMPLES)]
    Show(ShowArgs),
    /// Replay the policy on the past, in money, beside simpler ones
    #[command(after_help = BACKTEST_EXAMPLES)]
    Backtest(BacktestArgs),
    /// Print the JSON schema of restock.toml
    #[command(after_help = "Example:\n  restock schema > restock.schema.json")]
    Schema,
    /// Print the completions for a shell
    #[command(after_help = "Example:\n  restock completions bash > /etc/bash_completion.d/restock")]
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for each command
    #[command(
        after_help = "Examples:\n  restock man | man -l -\n  restock man --output-dir man/man1"
    )]
    Man(ManArgs),
}

const SHARD_EXAMPLES: &str = "Examples:
  restock fit --output fitted
  restock run --shard 0/2 --fitted fitted --output parts/0
  restock run --shard 1/2 --fitted fitted --output parts/1
  restock merge parts/*

The shards may run in any order, on any machines that see the folders, and be
repeated. The run is that of `restock run`, to the byte, for any number of
shards. docs/SCALE.md tells when that is worth it.";

const SHOW_EXAMPLES: &str = "Examples:
  restock show orders --supplier NORDIC
  restock show orders --state needs_review --sort -line_total --top 20
  restock show risk --abc A --where 'stockout_probability>=0.5'
  restock show items --decision blocked --columns sku,location,reason,on_hand
  restock show excess 2026-06-29 --sort -excess_value --format csv
  restock show findings --where severity=error

Patterns take * and ?: quote them. A filter that is repeated takes the rows of
any of its values; different filters have to hold together. A table without
suppliers or classes takes those of the item in plan.csv. Rows stand in the
order of the run's file unless --sort says otherwise. Columns that are not
shown can be tested and sorted by as well: docs/OUTPUTS.md explains each.";

const BACKTEST_EXAMPLES: &str = "Examples:
  restock backtest
  restock backtest --from 2026-01-05 --sample 500 --output backtest
  restock backtest --set plan.lead_time_days=28 --demand 1.2
  restock backtest --outage NORDIC:2026-03-02..2026-04-12
  restock backtest --targets 0.90,0.95,0.98
  restock backtest --tune --output tuned
  restock backtest --accuracy --origins 4 --output accuracy

What is charged: a target `cost` as it is written; else holding_cost_per_year
(0.25) of the unit cost for stock, and the margin for each unit that is not
served at once; order_cost for each order line; the cost of units that outlive
their shelf life. The first days, in which no order of the replay can have
arrived, are not scored.";

/// `restock init`
#[derive(Debug, Clone, Args)]
pub struct InitArgs {
    /// Where to write; made if it does not exist
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// Write a template for your own tables, and no sample
    #[arg(long)]
    pub empty: bool,
    /// Write the configuration for the exports of a system, and no sample
    #[arg(long, value_name = "NAME", conflicts_with = "empty")]
    pub preset: Option<Preset>,
}

/// What `restock init --preset` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// The exports of Shopify's admin
    Shopify,
    /// What the lists of Odoo export
    Odoo,
    /// What the lists and reports of ERPNext export
    Erpnext,
    /// WooCommerce's export of products, and a query for its sales
    Woocommerce,
    /// A list of sales and nothing else
    Bare,
}

/// `restock check`
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// List every code a finding can have, and nothing else
    #[arg(long)]
    pub list: bool,
    /// The day the run would stand at: a date, or today [default: the day after the newest order]
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// What the configuration may start
    #[command(flatten)]
    pub commands: CommandsArgs,
}

/// `restock forecast`
#[derive(Debug, Clone, Args)]
pub struct ForecastArgs {
    /// SKUs, with * and ? as wildcards [default: all]
    #[arg(value_name = "SKU-PATTERN")]
    pub skus: Vec<String>,
    /// Only items of this category
    #[arg(long)]
    pub category: Option<String>,
    /// Only this location
    #[arg(long)]
    pub location: Option<String>,
    /// How many buckets ahead [default: forecast.horizon]
    #[arg(
        long,
        value_name = "BUCKETS",
        value_parser = RangedU64ValueParser::<usize>::new().range(1..=1000)
    )]
    pub horizon: Option<usize>,
    /// Which quantiles [default: forecast.quantiles]
    #[arg(long, value_delimiter = ',', value_name = "LEVELS")]
    pub quantiles: Option<Vec<f64>>,
    /// The model to use [default: forecast.model]
    #[arg(long)]
    pub model: Option<String>,
    /// One row an item: the sum over the horizon
    #[arg(long)]
    pub total: bool,
    /// Draw history and forecast of the one chosen item; a table for a terminal has it anyway
    #[arg(long)]
    pub chart: bool,
    /// How to write the rows [default: by the ending of --output, else table]
    #[arg(long, value_enum)]
    pub format: Option<TableFormat>,
    /// Write to a file instead of stdout: .csv, .json or .parquet
    #[arg(long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// The day the forecast stands at: a date, or today [default: the day after the newest order]
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// What the configuration may start
    #[command(flatten)]
    pub commands: CommandsArgs,
}

/// `restock backtest`
#[derive(Debug, Clone, Args)]
pub struct BacktestArgs {
    /// Measure the forecasts instead of the policy, at days of the past
    #[arg(long)]
    pub accuracy: bool,
    /// With --accuracy: which models [default: auto, its members, seasonal-naive and
    /// moving-average]
    #[arg(long, value_delimiter = ',', value_name = "NAMES", requires = "accuracy")]
    pub models: Option<Vec<String>>,
    /// With --accuracy: how many days of the past, a horizon apart
    #[arg(
        long,
        value_name = "N",
        default_value_t = 3,
        requires = "accuracy",
        value_parser = clap::value_parser!(u8).range(1..=50)
    )]
    pub origins: u8,
    /// The first day that is replayed [default: 26 weeks before the end, or a third of the history]
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// The day after the last one [default: the day after the newest order]
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
    /// Replay so many items, picked by hash of their key
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub sample: Option<u32>,
    /// Days at the start that are not scored [default: each item's own lead time and review period]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=1_500))]
    pub unscored_days: Option<u32>,
    /// The stock that every policy starts with, in weeks of mean demand
    #[arg(long, value_name = "WEEKS", default_value_t = 4.0)]
    pub start_cover: f64,
    /// What if demand had been so many times what it was
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub demand: f64,
    /// What if a supplier had delivered nothing for a while; may be repeated
    #[arg(long, value_name = "SUPPLIER:FROM..TO")]
    pub outage: Vec<String>,
    /// What if there were no minimum order quantities
    #[arg(long)]
    pub no_moq: bool,
    /// Leave out restock at other targets: faster
    #[arg(long)]
    pub no_curve: bool,
    /// Replay restock at just these targets beside the settings: levels such as 0.95,0.98 of the
    /// kind that is set, or targets such as fill_rate=0.98
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "TARGETS",
        conflicts_with_all = ["no_curve", "accuracy"]
    )]
    pub targets: Vec<String>,
    /// Choose the target's level (or lost_unit_weight), order cycle, review period or model on two
    /// replays before --from, and replay that too
    #[arg(long)]
    pub tune: bool,
    /// Write the tables and pictures into this folder [default: outputs.backtest, for a replay of
    /// what was]
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// How to print the comparison
    #[arg(long, value_enum, default_value_t = TableFormat::Table)]
    pub format: TableFormat,
    /// What the configuration may start
    #[command(flatten)]
    pub commands: CommandsArgs,
}

/// `restock explain`
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// Items, or patterns such as 'MUG-*'
    #[arg(value_name = "SKU", required = true)]
    pub skus: Vec<String>,
    /// Only this location
    #[arg(long)]
    pub location: Option<String>,
    /// The day the plan stands at: a date, or today [default: the day after the newest order]
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Explain what a run decided, from what it kept: its folder, or its name in outputs.dir; the
    /// newest if none is named
    #[arg(long, value_name = "RUN", conflicts_with = "as_of")]
    pub run: Option<Option<PathBuf>>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text)]
    pub format: ExplainFormat,
    /// What the configuration may start
    #[command(flatten)]
    pub commands: CommandsArgs,
}

/// How the way to an order is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExplainFormat {
    /// For people.
    Text,
    /// One array of an object an item: figures as in plan.csv, and the same lines.
    Json,
}

/// `restock diff`
#[derive(Debug, Clone, Args)]
pub struct DiffArgs {
    /// The run before: its folder, or its name in outputs.dir. One run alone is compared with the
    /// one before it [default: the two newest]
    #[arg(value_name = "A")]
    pub before: Option<PathBuf>,
    /// The run after
    #[arg(value_name = "B")]
    pub after: Option<PathBuf>,
    /// How to write the rows; a table for a terminal has the first ones only
    #[arg(long, value_enum, default_value_t = DiffFormat::Table)]
    pub format: DiffFormat,
    /// How many rows a table for a terminal has
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub top: usize,
}

/// How differences are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For a terminal: the largest, and what each cause is worth.
    Table,
    /// Every row.
    Csv,
    /// Every row, one array of objects.
    Json,
}

/// `restock report`
#[derive(Debug, Clone, Args)]
#[command(group(ArgGroup::new("figures").args(["trends", "edits"])))]
pub struct ReportArgs {
    /// A run: its folder, or its name in outputs.dir [default: the newest there]
    #[arg(value_name = "RUN")]
    pub run: Option<PathBuf>,
    /// Open the page in a browser
    #[arg(long, conflicts_with_all = ["trends", "edits"])]
    pub open: bool,
    /// Not the page but the figures of review.csv, one row a run
    #[arg(long)]
    pub trends: bool,
    /// Not the page but what people's decisions about order lines did, one row a person and reason
    #[arg(long)]
    pub edits: bool,
    /// How many runs, the newest
    #[arg(
        long,
        value_name = "N",
        default_value_t = 13,
        requires = "trends",
        value_parser = RangedU64ValueParser::<usize>::new().range(1..=100_000)
    )]
    pub last: usize,
    /// How to write the figures [default: by the ending of --output, else table]
    #[arg(long, value_enum, requires = "figures")]
    pub format: Option<ReportFormat>,
    /// Write to a file: the page instead of the run's report.html, the figures instead of stdout
    /// (.csv, .json, or .svg for a picture)
    #[arg(long, value_name = "PATH")]
    pub output: Option<PathBuf>,
}

/// `restock show`
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    /// Which table
    #[arg(value_enum, value_name = "TABLE")]
    pub table: Listed,
    /// A run: its folder, or its name in outputs.dir [default: the newest there]
    #[arg(value_name = "RUN")]
    pub run: Option<PathBuf>,
    /// Only these SKUs, with * and ? as wildcards; may be repeated, as all filters
    #[arg(long, value_name = "PATTERN")]
    pub sku: Vec<String>,
    /// Only these locations
    #[arg(long, value_name = "PATTERN")]
    pub location: Vec<String>,
    /// Only these suppliers
    #[arg(long, value_name = "PATTERN")]
    pub supplier: Vec<String>,
    /// Only items of these classes, such as A,B
    #[arg(long, value_name = "CLASSES", value_delimiter = ',')]
    pub abc: Vec<String>,
    /// Of items: only these decisions, such as order,waits
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    pub decision: Vec<String>,
    /// Of orders: only lines in these states, such as held,needs_review
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    pub state: Vec<String>,
    /// Of risks: only these causes, such as supplier_late
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    pub cause: Vec<String>,
    /// Only rows of which this holds: COLUMN=VALUE, or with !=, <, <=, > or >=
    #[arg(long = "where", value_name = "CONDITION", value_parser = condition)]
    pub conditions: Vec<Condition>,
    /// Sort by a column, with a - before it from the greatest down; what is empty comes last
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// Sort from the greatest down
    #[arg(long, requires = "sort")]
    pub desc: bool,
    /// Only the first so many rows
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    /// These columns [default: all; of a table for a terminal the main ones]
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub columns: Option<Vec<String>>,
    /// How to write them [default: by the ending of --output, else table]
    #[arg(long, value_enum)]
    pub format: Option<ReportFormat>,
    /// Write to a file instead of stdout: .csv or .json
    #[arg(long, value_name = "PATH")]
    pub output: Option<PathBuf>,
}

/// `restock completions`
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// `restock man`
#[derive(Debug, Clone, Args)]
pub struct ManArgs {
    /// Write a page for each command into this folder
    #[arg(long, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) =
        text.split_once('=').ok_or("write KEY=VALUE, such as plan.lead_time_days=10")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

fn condition(text: &str) -> Result<Condition, String> {
    Condition::of(text)
        .ok_or_else(|| "write COLUMN=VALUE, or one of !=, <, <=, > and >= between them".to_owned())
}
