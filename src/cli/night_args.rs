//! The command line of what makes a run: in one process, or in shards.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::parts::Shard;
use crate::store::{MAX_LABEL_BYTES, is_label};

/// `restock run`
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// The day the run stands at: a date, or today [default: the day after the newest order]
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Order today whatever the suppliers' order dates
    #[arg(long)]
    pub order_now: bool,
    /// What is published, and what follows
    #[command(flatten)]
    pub publish: PublishArgs,
    /// Plan one shard of a night alone, such as 0/4, and write a part for `restock merge`
    #[arg(
        long,
        value_name = "I/N",
        requires_all = ["fitted", "output"],
        conflicts_with_all = ["order_now", "label", "fail_on", "metrics"]
    )]
    pub shard: Option<Shard>,
    /// With --shard: the fitted night, as `restock fit` wrote it
    #[arg(long, value_name = "DIR", requires = "shard")]
    pub fitted: Option<PathBuf>,
    /// With --shard: where to write the part
    #[arg(long, value_name = "DIR", requires = "shard")]
    pub output: Option<PathBuf>,
}

/// What is published, and what follows.
#[derive(Debug, Clone, Args)]
pub struct PublishArgs {
    /// Write a run beside the nightly one, never taken for the previous run
    #[arg(long, value_parser = label)]
    pub label: Option<String>,
    /// Exit with 1 when a finding is at or above this severity
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Never)]
    pub fail_on: FailOn,
    /// Write the run's figures for Prometheus, also when the run fails
    #[arg(long, value_name = "PATH")]
    pub metrics: Option<PathBuf>,
    /// What the configuration may start
    #[command(flatten)]
    pub commands: CommandsArgs,
}

/// `restock fit`
#[derive(Debug, Clone, Args)]
pub struct FitArgs {
    /// The day the night stands at: a date, or today [default: the day after the newest order]
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Order today whatever the suppliers' order dates
    #[arg(long)]
    pub order_now: bool,
    /// Where to write; a fitted night that stands there is replaced
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// What the configuration may start
    #[command(flatten)]
    pub commands: CommandsArgs,
}

/// `restock merge`
#[derive(Debug, Clone, Args)]
pub struct MergeArgs {
    /// The parts of all shards, in any order
    #[arg(value_name = "PART", required = true)]
    pub parts: Vec<PathBuf>,
    /// The fitted night [default: where it stood when the shards ran]
    #[arg(long, value_name = "DIR")]
    pub fitted: Option<PathBuf>,
    /// What is published, and what follows
    #[command(flatten)]
    pub publish: PublishArgs,
}

/// What the configuration may start.
#[derive(Debug, Clone, Args)]
pub struct CommandsArgs {
    /// Run no command that the configuration names: no hook, and no input
    #[arg(long)]
    pub no_commands: bool,
}

/// From which severity on findings make the exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Never.
    Never,
    /// Any finding.
    Info,
    /// A warning or an error.
    Warning,
    /// An error.
    Error,
}

fn label(text: &str) -> Result<String, String> {
    if is_label(text) {
        Ok(text.to_owned())
    } else {
        Err(format!("a label is made of letters, digits, `_` and `-`, at most {MAX_LABEL_BYTES}"))
    }
}
