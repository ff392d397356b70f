//! Weight and colour of what is said to people. Whoever prints takes them out where stderr is no
//! terminal or nobody wants them.

use anstyle::{AnsiColor, Style};

use crate::domain::finding::Severity;

/// A heading, bold.
#[must_use]
pub fn heading(text: &str) -> String {
    styled(Style::new().bold(), text)
}

/// A text in the colour of a severity: errors red, warnings yellow, notes as they are.
#[must_use]
pub fn in_colour_of(severity: Severity, text: &str) -> String {
    match severity {
        Severity::Error => styled(AnsiColor::Red.on_default().bold(), text),
        Severity::Warning => styled(AnsiColor::Yellow.on_default(), text),
        Severity::Info => text.to_owned(),
    }
}

fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
