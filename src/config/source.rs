//! Where settings come from: built-in default < file < environment < flag.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::raw::RawConfig;
use super::schema;
use super::suggestions::{nearest, with_suggestion};
use crate::error::{Error, Result};

/// Everything beside the file that may set a key.
#[derive(Debug, Clone, Default)]
pub struct Overlay {
    /// `RESTOCK_…` variables of the environment.
    pub environment: Vec<(String, String)>,
    /// `--set key=value`, in the order given.
    pub flags: Vec<(String, String)>,
}

/// Variables that are no configuration keys; the last three are what hooks are given.
const RESERVED: &[&str] = &[
    "RESTOCK_CONFIG",
    "RESTOCK_LOG",
    "RESTOCK_USER",
    "RESTOCK_RUN_DIR",
    "RESTOCK_EXIT_CODE",
    "RESTOCK_AS_OF",
];

/// Parts of a key that is set by a flag, at most. Judgement: none of ours has more than five, and
/// the reader needs stack for each.
const MAX_KEY_PARTS: usize = 16;

/// Reads the configuration file, lays the environment and the flags over it, and says where
/// relative paths start.
///
/// # Errors
/// When the file cannot be read, is not TOML, or names a key that does not exist.
pub fn read(path: &Path, overlay: &Overlay) -> Result<(RawConfig, PathBuf)> {
    let text = std::fs::read_to_string(path).map_err(|cause| {
        Error::config(format!("cannot read the configuration {}", path.display()))
            .because(cause)
            .hint("`restock init` writes an annotated one; --config names another path")
    })?;

    let base = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."));
    let raw = parse(&text, &path.display().to_string(), overlay)?;
    Ok((raw, base.to_path_buf()))
}

/// Parses the text of a configuration; `name` is what messages call it.
///
/// # Errors
/// When it is not TOML, or names a key that does not exist.
pub fn parse(text: &str, name: &str, overlay: &Overlay) -> Result<RawConfig> {
    // The text is read by itself first, so that a mistake in it is reported with its line.
    let raw: RawConfig = toml::from_str(text).map_err(|cause| explain(&cause, name))?;

    let settings = overlay_settings(overlay)?;
    if settings.is_empty() {
        return Ok(raw);
    }

    let mut table: toml::Table = text.parse().map_err(|cause| explain(&cause, name))?;
    for (key, value, origin) in &settings {
        insert(&mut table, key, value)
            .map_err(|message| Error::config(format!("{origin}: {message}")))?;
    }
    RawConfig::deserialize(table).map_err(|cause| {
        let origins: Vec<&str> = settings.iter().map(|(_, _, origin)| origin.as_str()).collect();
        explain(&cause, &format!("{name} with {}", origins.join(", ")))
    })
}

/// The settings of the overlay as (dotted key, value, where it came from), the strongest last.
fn overlay_settings(overlay: &Overlay) -> Result<Vec<(String, String, String)>> {
    let known = schema::scalar_keys();
    let names: Vec<String> = known.iter().map(|key| variable_of(key)).collect();
    let mut settings = Vec::new();
    let mut variables = overlay.environment.clone();
    variables.sort();
    for (name, value) in variables {
        if !name.starts_with("RESTOCK_") || RESERVED.contains(&name.as_str()) {
            continue;
        }

        match names.iter().position(|known| *known == name) {
            Some(at) => {
                let origin = format!("environment variable {name}");
                settings.push((known[at].clone(), value, origin));
            }
            None => pass_over(&name, &names),
        }
    }

    for (key, value) in &overlay.flags {
        if key.split('.').count() > MAX_KEY_PARTS {
            let start: String = key.chars().take(40).collect();
            return Err(Error::usage(format!(
                "--set {start}…: a key has at most {MAX_KEY_PARTS} parts"
            )));
        }

        // A key into a table that the file names freely, such as inputs.orders.columns.sku, is left
        // to the reader.
        settings.push((key.clone(), value.clone(), format!("--set {key}={value}")));
    }

    Ok(settings)
}

/// Says that a variable sets nothing. The prefix is no property of ours: whatever else is called
/// restock on a machine has variables of the same form, and none of them may stop the night.
fn pass_over(name: &str, names: &[String]) {
    if is_service_link(name) {
        tracing::debug!("{name} is a service's address and no setting");
        return;
    }

    match nearest(name, names) {
        Some(near) => {
            tracing::warn!("no setting is called {name}, so it has no effect: meant {near}?");
        }
        None => tracing::warn!("no setting is called {name}, so it has no effect"),
    }
}

/// Whether a variable is one that Kubernetes and Docker give to every container about each service
/// beside it, such as `RESTOCK_PORT_80_TCP_ADDR` for a service called `restock`.
fn is_service_link(name: &str) -> bool {
    let ends = ["_SERVICE_HOST", "_SERVICE_PORT", "_PORT"].iter().any(|end| name.ends_with(end));
    let of_port = ["_SERVICE_PORT_", "_PORT_"].iter().any(|middle| name.contains(middle));
    ends || of_port
}

/// The environment variable of a dotted key: `plan.lead_time_days` is
/// `RESTOCK_PLAN_LEAD_TIME_DAYS`.
#[must_use]
pub fn variable_of(key: &str) -> String {
    format!("RESTOCK_{}", key.replace('.', "_").to_uppercase())
}

/// Puts a value under a dotted key, making the tables on the way. What is not TOML by itself is
/// taken as text.
fn insert(table: &mut toml::Table, key: &str, value: &str) -> Result<(), String> {
    let parsed = format!("value = {value}")
        .parse::<toml::Table>()
        .ok()
        .and_then(|mut table| table.remove("value"));
    let value = parsed.unwrap_or_else(|| toml::Value::String(value.to_owned()));

    let (parents, last) = key
        .rsplit_once('.')
        .ok_or_else(|| format!("`{key}` is not a key such as plan.lead_time_days"))?;
    let mut here = table;
    for part in parents.split('.') {
        let entry = here.entry(part).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        here = entry.as_table_mut().ok_or_else(|| format!("`{part}` of `{key}` is not a table"))?;
    }

    here.insert(last.to_owned(), value);
    Ok(())
}

/// Turns a TOML error into ours: with the place, and the nearest key for one that is unknown.
fn explain(cause: &toml::de::Error, name: &str) -> Error {
    let text = cause.to_string();
    let error = Error::config(format!("{name}: {}", text.trim_end()));

    let message = cause.message();
    let Some(rest) = message.strip_prefix("unknown field `") else { return error };
    let Some((unknown, expected)) = rest.split_once('`') else { return error };
    let names: Vec<String> = expected.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    with_suggestion(error, unknown, &names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn an_unknown_key_is_answered_with_the_nearest_one() {
        let error =
            parse("[plan]\nlead_time_dayz = 3\n", "restock.toml", &Overlay::default()).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert_eq!(error.hints, ["did you mean `lead_time_days`?"]);
        assert!(error.message.contains("line 2"), "{}", error.message);
    }

    #[test]
    fn a_flag_beats_the_environment_and_the_environment_beats_the_file() {
        let file = "[plan]\nlead_time_days = 3\norder_cycle_days = 4\n[run]\nseed = 1\n";
        let overlay = Overlay {
            environment: vec![
                set("RESTOCK_PLAN_LEAD_TIME_DAYS", "5"),
                set("RESTOCK_PLAN_ORDER_CYCLE_DAYS", "6"),
            ],
            flags: vec![set("plan.lead_time_days", "7")],
        };
        let raw = parse(file, "restock.toml", &overlay).unwrap();
        assert_eq!(
            (raw.plan.lead_time_days, raw.plan.order_cycle_days, raw.run.seed),
            (7.0, 6.0, 1)
        );
    }

    #[test]
    fn a_variable_that_is_no_setting_changes_nothing() {
        let names = ["RESTOCK_RUN_SEAD", "RESTOCK_PORT", "RESTOCK_SERVICE_HOST", "RESTOCK_", "X"];
        let environment = names.map(|name| set(name, "5")).to_vec();
        let raw = parse("", "restock.toml", &Overlay { environment, flags: vec![] }).unwrap();
        assert_eq!(raw.run.seed, RawConfig::default().run.seed);
    }

    #[test]
    fn a_key_of_a_flag_has_few_parts() {
        let deep = vec!["a"; 50_000].join(".");
        let overlay = Overlay { environment: vec![], flags: vec![set(&deep, "1")] };
        let error = parse("", "restock.toml", &overlay).unwrap_err();
        assert!(error.exit_code() == 2 && error.message.len() < 200, "{error}");
    }

    #[test]
    fn text_needs_no_quotes_in_a_flag() {
        let overlay = Overlay {
            environment: vec![],
            flags: vec![set("run.bucket", "day"), set("outputs.dir", "x y")],
        };
        let raw = parse("", "restock.toml", &overlay).unwrap();
        assert_eq!(raw.outputs.dir, "x y");
    }
}
