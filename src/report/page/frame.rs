//! The document around the sections: its style, its script, and the policy that lets a browser run
//! nothing else and ask for nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The templates by name; `frame.html` is the document that the others fill.
const TEMPLATES: &[(&str, &str)] = &[
    ("frame.html", include_str!("templates/frame.html")),
    ("backtest.html", include_str!("templates/backtest.html")),
    ("page.html", include_str!("templates/page.html")),
    ("head.html", include_str!("templates/head.html")),
    ("decide.html", include_str!("templates/decide.html")),
    ("risk.html", include_str!("templates/risk.html")),
    ("customers.html", include_str!("templates/customers.html")),
    ("chase.html", include_str!("templates/chase.html")),
    ("excess.html", include_str!("templates/excess.html")),
    ("data.html", include_str!("templates/data.html")),
    ("items.html", include_str!("templates/items.html")),
    ("since.html", include_str!("templates/since.html")),
    ("suppliers.html", include_str!("templates/suppliers.html")),
    ("trust.html", include_str!("templates/trust.html")),
];

/// Which sections a document has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Template {
    /// Those of a run.
    Page,
    /// Those of a backtest.
    Backtest,
}

impl Template {
    fn name(self) -> &'static str {
        match self {
            Self::Page => "page.html",
            Self::Backtest => "backtest.html",
        }
    }
}

/// What a document says.
pub(crate) struct Document<'a, S> {
    /// Its title.
    pub(crate) title: &'a str,
    /// Its kind.
    pub(crate) template: Template,
    /// What its sections say, by name.
    pub(crate) sections: &'a S,
    /// What its script works on: JSON, gzipped, in base64.
    pub(crate) island: Option<&'a str>,
}

/// The document as one file that asks for no other.
///
/// # Errors
/// An internal error where a template is broken.
pub(crate) fn render<S: Serialize>(document: &Document<'_, S>) -> Result<String> {
    let broken = |cause: minijinja::Error| {
        Error::internal(format!("the page's template is broken: {cause:#}"))
    };
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    for (name, text) in TEMPLATES {
        environment.add_template(name, text).map_err(broken)?;
    }

    let style = &shipped(STYLE);
    let script = &if document.island.is_some() { shipped(SCRIPT) } else { String::new() };
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; img-src data:; base-uri 'none'; \
         form-action 'none'",
        if script.is_empty() { "'none'".to_owned() } else { source_of(script) },
        source_of(style)
    );
    let template = environment.get_template(document.template.name()).map_err(broken)?;
    let context = minijinja::context! {
        title => document.title,
        policy => policy,
        style => Value::from_safe_string(style.to_owned()),
        script => Value::from_safe_string(script.to_owned()),
        // Base64 has no character that ends a script.
        island => document.island.map(|island| Value::from_safe_string(island.to_owned())),
        ..Value::from_serialize(document.sections)
    };
    template.render(context).map_err(broken)
}

/// A text as the page has it: without what only those who work on it read.
fn shipped(text: &str) -> String {
    let lines = text.lines().map(str::trim);
    let read = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    read.flat_map(|line| [line, "\n"]).collect()
}

/// How a policy names an inline text that it allows.
fn source_of(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
