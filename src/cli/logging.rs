//! The log on stderr.

use std::fmt;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, MakeWriter};
use tracing_subscriber::registry::LookupSpan;

use super::args::{GlobalArgs, LogFormat};
use crate::domain::finding::Severity;
use crate::domain::wording::printable;
use crate::report::style::in_colour_of;

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
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
    // A line that cannot be written is lost and stops nothing; saying so would panic.
    let log = log.log_internal_errors(false);

    // Only a second start can fail, and the first one's log serves as well.
    let _ = match args.log_format {
        LogFormat::Text => log.event_format(ForPeople).with_writer(Coloured).try_init(),
        LogFormat::Json => log.json().with_writer(std::io::stderr).try_init(),
    };
}

/// Stderr, with colours only where they are wanted.
struct Coloured;

impl MakeWriter<'_> for Coloured {
    type Writer = anstream::AutoStream<std::io::Stderr>;

    fn make_writer(&self) -> Self::Writer {
        anstream::stderr()
    }
}

/// A line as commands write theirs: `warning: …`.
struct ForPeople;

impl<S, N> FormatEvent<S, N> for ForPeople
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let word = match *event.metadata().level() {
            Level::ERROR => in_colour_of(Severity::Error, "error:"),
            Level::WARN => in_colour_of(Severity::Warning, "warning:"),
            Level::INFO => "info:".to_owned(),
            _ => "debug:".to_owned(),
        };
        let mut fields = String::new();
        context.format_fields(Writer::new(&mut fields), event)?;
        writeln!(writer, "{word} {}", printable(&fields))
    }
}
