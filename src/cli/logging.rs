//! The log on stderr.

use tracing_subscriber::EnvFilter;

use super::args::{GlobalArgs, LogFormat};

/// Starts the log: warnings, more with -v, errors only with -q. `filter`, from `RESTOCK_LOG`,
/// decides where it is given.
pub(super) fn start(args: &GlobalArgs, filter: Option<&str>) {
    let level = match (args.quiet, args.verbose) {
        (true, _) => "restock=error",
        (_, 0) if args.log_format == LogFormat::Json => "restock=info",
        (_, 0) => "restock=warn",
        (_, 1) => "restock=info",
        _ => "restock=debug",
    };

    let filter = EnvFilter::new(filter.filter(|filter| !filter.is_empty()).unwrap_or(level));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false);

    // Only a second start can fail, and the first one's log serves as well.
    let _ = match args.log_format {
        LogFormat::Text => log.without_time().with_target(false).try_init(),
        LogFormat::Json => log.json().try_init(),
    };
}
