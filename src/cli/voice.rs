//! What is said beside the data: coloured text for people on stderr, or one JSON object a line.

use std::ffi::OsString;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value, json};

use super::args::{Color, LogFormat};
use crate::domain::finding::Severity;
use crate::domain::wording::{printable, printable_lines};
use crate::error::{Error, ErrorKind};
use crate::report::style::in_colour_of;

/// Whether stderr takes JSON objects only. It is known before anything can be said, so that what
/// goes wrong first is said in the right form, and a panic needs to ask nobody.
static IS_JSON: AtomicBool = AtomicBool::new(false);

/// Reads off the raw arguments how stderr is written, for what is said before they are understood.
pub(super) fn listen(args: impl Iterator<Item = OsString>) {
    let args: Vec<OsString> = args.collect();
    let is_spaced = args.windows(2).any(|pair| pair[0] == "--log-format" && pair[1] == "json");
    set_format(is_spaced || args.iter().any(|arg| arg == "--log-format=json"));
}

/// Takes over what the command line says.
pub(super) fn start(format: LogFormat, color: Color) {
    set_format(format == LogFormat::Json);
    match color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    }
    .write_global();
}

fn set_format(is_json: bool) {
    IS_JSON.store(is_json, Ordering::Relaxed);
}

/// Whether stderr takes JSON objects only.
pub(super) fn is_json() -> bool {
    IS_JSON.load(Ordering::Relaxed)
}

/// Says a text to people; a JSON log gets its own object from [`object`] instead.
pub(super) fn tell(text: &str) {
    if !is_json() {
        // If stderr is closed, nobody can be told, and that is no reason to fail.
        let _ = anstream::stderr().write_all(text.as_bytes());
    }
}

/// Writes one JSON object a line, in the form of the log's.
pub(super) fn object(level: &str, message: &str, more: Map<String, Value>) {
    let mut fields = Map::from_iter([("message".to_owned(), message.into())]);
    fields.extend(more);
    #[allow(clippy::disallowed_methods, reason = "each line of the log says when it was written")]
    let now = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let line = json!({ "timestamp": now, "level": level, "fields": fields, "target": "restock" });
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// An error, its causes and what to do about it.
pub(super) fn error(error: &Error) {
    let mut causes = Vec::new();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }

    if is_json() {
        let more = json!({
            "causes": causes, "hints": error.hints, "exit_code": error.exit_code(),
        });
        return object("ERROR", &error.to_string(), object_of(more));
    }

    // What is wrong with a configuration is shown with its lines, which are the user's own. Data
    // comes from others, who could forge further lines.
    let shown = |text: &str| match error.kind {
        ErrorKind::Config | ErrorKind::Usage => printable_lines(text),
        _ => printable(text).into_owned(),
    };

    let word = in_colour_of(Severity::Error, "error:");
    let mut text = format!("{word} {}\n", shown(&error.message));
    causes.iter().for_each(|cause| text.push_str(&format!("cause: {}\n", shown(cause))));
    error.hints.iter().for_each(|hint| text.push_str(&format!("hint: {}\n", shown(hint))));
    tell(&text);
}

/// What a panic says and where it was.
pub(super) fn defect(what: &str, location: &str) {
    let hint = "nothing was published; please report this with the command line";
    let message = format!("restock has a defect{location}: {what}");
    if is_json() {
        let more = json!({ "hints": [hint], "exit_code": 70 });
        return object("ERROR", &message, object_of(more));
    }
    let message = printable(&message);
    tell(&format!("{} {message}\nhint: {hint}\n", in_colour_of(Severity::Error, "error:")));
}

/// What clap has against the command line.
pub(super) fn usage(problem: &clap::Error) {
    if is_json() && problem.use_stderr() {
        let text = problem.render().to_string();
        let text = text.trim().strip_prefix("error: ").unwrap_or(text.trim());
        return object("ERROR", text, object_of(json!({ "exit_code": 2 })));
    }
    // clap hands help and version over as errors that go to stdout. Printing fails if whoever reads
    // our output has closed the pipe, as `head` does; they have seen what they wanted, so that is
    // no error.
    let _ = problem.print();
}

/// The fields of a JSON object.
pub(super) fn object_of(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
