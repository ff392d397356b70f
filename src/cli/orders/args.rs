//! The command line of `restock orders`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::formats::ReportFormat;
use crate::domain::ledger::LineStatus;

/// `restock orders`
#[derive(Debug, Clone, Args)]
pub struct OrdersArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: OrdersCommand,
}

/// What can be done with order lines.
#[derive(Debug, Clone, Subcommand)]
pub enum OrdersCommand {
    /// List lines: open ones, or those that are asked for
    #[command(after_help = "Examples:\n  restock orders list --supplier NORDIC\n  \
                            restock orders list --state suggested --format csv\n  \
                            restock orders list --all --sku 'MUG-*'")]
    List(ListArgs),
    /// Show what became of a line, event by event
    #[command(after_help = "Examples:\n  restock orders show 260629-NORDIC-main\n  \
                            restock orders show 260629-NORDIC-main:3")]
    Show(ShowArgs),
    /// Let suggested lines go out
    #[command(after_help = "Examples:\n  restock orders approve 260629-NORDIC-main\n  \
                            restock orders approve --supplier NORDIC --by ann\n  \
                            restock orders approve --all")]
    Approve(DecideArgs),
    /// Let a suggested line go out with another quantity, in stock units
    #[command(after_help = "Example:\n  restock orders edit 260629-NORDIC-main:3 \
                            --quantity 24 --reason 'promotion is off'")]
    Edit(EditArgs),
    /// Take lines off the suggestions, until a date or until the need has grown
    #[command(after_help = "Example:\n  restock orders reject 260629-NORDIC-main:3 \
                            --until 2026-08-01 --reason 'shop is closed'")]
    Reject(RejectArgs),
    /// Take back lines that were approved or handed over; their need shows again
    #[command(after_help = "Example:\n  restock orders cancel 260629-NORDIC-main:3 \
                            --reason 'supplier has none'")]
    Cancel(DecideArgs),
    /// Write approved lines, one file a supplier, and count them as handed over
    #[command(after_help = "Examples:\n  restock orders export --output to-send\n  \
                            restock orders export 260629-NORDIC-main --output to-send\n  \
                            restock orders export --profile odoo --output to-import")]
    Export(ExportArgs),
    /// Apply a file of decisions, all of it or nothing
    #[command(after_help = APPLY_HELP)]
    Apply(ApplyArgs),
    /// Make a lost or damaged ledger again from the runs' ledger.csv
    #[command(after_help = "Example:\n  restock orders rebuild")]
    Rebuild(RebuildArgs),
}

const APPLY_HELP: &str = "Columns: po_number,line,action, and where they are needed
revision,quantity,until,reason,by. Actions: approve, edit (quantity), reject
(until), cancel. A decision on an older revision is refused, unless nothing
differs.

Example:
  restock orders apply decisions.csv";

/// Which lines.
#[derive(Debug, Clone, Default, Args)]
pub struct WhichArgs {
    /// Orders, or single lines such as 260629-NORDIC-main:3
    #[arg(value_name = "ORDER[:LINE]")]
    pub orders: Vec<String>,
    /// Only this supplier
    #[arg(long)]
    pub supplier: Option<String>,
    /// Only this location
    #[arg(long)]
    pub location: Option<String>,
    /// Only these skus, with * and ? as wildcards
    #[arg(long, value_name = "SKU-PATTERN")]
    pub sku: Option<String>,
}

/// `restock orders list`
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    /// Which lines.
    #[command(flatten)]
    pub which: WhichArgs,
    /// Only lines that are so far; may be repeated
    #[arg(long, value_enum)]
    pub state: Vec<LineStatus>,
    /// Lines that ended, too
    #[arg(long)]
    pub all: bool,
    /// How to write them
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub format: ReportFormat,
}

/// `restock orders show`
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    /// An order, or a line of it such as 260629-NORDIC-main:3
    #[arg(value_name = "ORDER[:LINE]", required = true)]
    pub orders: Vec<String>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub format: ReportFormat,
}

/// Who decides, and why.
#[derive(Debug, Clone, Args)]
pub struct WhoArgs {
    /// Why
    #[arg(long, default_value = "")]
    pub reason: String,
    /// Who decides
    #[arg(long, env = "RESTOCK_USER", default_value = "unnamed")]
    pub by: String,
    /// The day of the decision: a date, or today [default: the ledger's newest night]
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
}

/// `restock orders approve` and `restock orders cancel`
#[derive(Debug, Clone, Args)]
pub struct DecideArgs {
    /// Which lines.
    #[command(flatten)]
    pub which: WhichArgs,
    /// Every line that can be
    #[arg(long)]
    pub all: bool,
    /// Who, and why.
    #[command(flatten)]
    pub who: WhoArgs,
}

/// `restock orders edit`
#[derive(Debug, Clone, Args)]
pub struct EditArgs {
    /// The line, such as 260629-NORDIC-main:3
    #[arg(value_name = "ORDER:LINE")]
    pub line: String,
    /// Stock units to order
    #[arg(long, value_name = "UNITS")]
    pub quantity: String,
    /// Who, and why.
    #[command(flatten)]
    pub who: WhoArgs,
}

/// `restock orders reject`
#[derive(Debug, Clone, Args)]
pub struct RejectArgs {
    /// Which lines.
    #[command(flatten)]
    pub which: WhichArgs,
    /// The day from which they may be suggested again [default: once the need has grown by
    /// purchasing.reopen_growth]
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
    /// Who, and why.
    #[command(flatten)]
    pub who: WhoArgs,
}

/// `restock orders export`
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// Which lines.
    #[command(flatten)]
    pub which: WhichArgs,
    /// Write one file a supplier into this folder
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Lay them out by this hand-over profile
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Who, and why.
    #[command(flatten)]
    pub who: WhoArgs,
}

/// `restock orders apply`
#[derive(Debug, Clone, Args)]
pub struct ApplyArgs {
    /// The file of decisions
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Who decides, where a row does not say.
    #[command(flatten)]
    pub who: WhoArgs,
}

/// `restock orders rebuild`
#[derive(Debug, Clone, Args)]
pub struct RebuildArgs {
    /// Also where the ledger can be used: what was decided since the newest run is lost then
    #[arg(long)]
    pub force: bool,
}
