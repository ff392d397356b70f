//! The invariants of docs/ARCHITECTURE.md that can be read off the source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use crate::source::{Source, circles, file_uses, files_below, functions, part_uses, root, sources};

/// Longest source file, in lines of product code and comments.
const MAX_LINES: usize = 600;
/// Longest line, in characters.
const MAX_WIDTH: usize = 100;
/// Most parameters of a function, the members of a tuple counted one by one.
const MAX_PARAMETERS: usize = 5;

/// The parts of `src/` from the ground up: each may use those before it. `docs/ARCHITECTURE.md`
/// tells what each is for.
pub(crate) const LAYERS: [&str; 24] = [
    "error",
    "domain",
    "drawing",
    "stats",
    "config",
    "store",
    "sample",
    "io",
    "demand",
    "forecast",
    "inventory",
    "ledger",
    "plan",
    "backorder",
    "night",
    "pipeline",
    "parts",
    "state",
    "report",
    "handover",
    "backtest",
    "cli",
    "lib",
    "main",
];

/// Imports against the layers that stand today, as (who, whom). Take a line out when its import is
/// gone.
const UPWARD_TODAY: &[(&str, &str)] = &[];

/// Files that use each other today, by the first of each circle. Take a line out when its circle is
/// gone.
const CIRCLES_TODAY: &[&str] = &[];

/// Functions of more than five parameters today, as (file, name). Take a line out when it has five.
const LONG_LISTS_TODAY: &[(&str, &str)] = &[];

/// Where a word is used outside the places that may use it.
fn uses_outside(words: &[&str], places: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for Source { name, code, .. } in sources() {
        if places.iter().any(|place| name.starts_with(place)) {
            continue;
        }
        for line in code.lines().filter(|line| words.iter().any(|word| line.contains(word))) {
            found.push(format!("src/{name}: {}", line.trim()));
        }
    }
    found
}

fn assert_none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

/// What is found must be what the list of today's exceptions says: nothing more, and no entry that
/// is no longer needed.
fn assert_only_today<T: Ord + std::fmt::Debug>(found: BTreeSet<T>, today: BTreeSet<T>, rule: &str) {
    let more: Vec<&T> = found.difference(&today).collect();
    assert!(more.is_empty(), "{rule}: {more:#?}");
    let gone: Vec<&T> = today.difference(&found).collect();
    assert!(gone.is_empty(), "no exception any more, take it out of the list: {gone:#?}");
}

fn layer(part: &str) -> usize {
    let place = LAYERS.iter().position(|layer| *layer == part);
    place.unwrap_or_else(|| panic!("src/{part} has no place in LAYERS"))
}

#[test]
fn no_part_uses_one_of_a_higher_layer() {
    let uses = part_uses(&sources());
    let mut upward = BTreeSet::new();
    for (from, others) in &uses {
        upward.extend(
            others
                .keys()
                .filter(|to| layer(to) > layer(from))
                .map(|to| (from.as_str(), to.as_str())),
        );
    }
    let today = UPWARD_TODAY.iter().copied().collect();
    assert_only_today(upward, today, "imports against the layers");
}

#[test]
fn no_two_files_use_each_other() {
    let circles = circles(&file_uses(&sources()));
    let first: BTreeSet<&str> = circles.iter().map(|circle| circle[0].as_str()).collect();
    let today = CIRCLES_TODAY.iter().copied().collect();
    assert_only_today(first, today, &format!("files in a circle of {circles:?}"));
}

#[test]
fn no_function_has_more_than_five_parameters() {
    let sources = sources();
    let mut long = BTreeSet::new();
    for source in &sources {
        for function in functions(&source.code) {
            if function.parameters > MAX_PARAMETERS {
                long.insert((source.name.clone(), function.name));
            }
        }
    }
    let today = LONG_LISTS_TODAY.iter().map(|(file, name)| (file.to_string(), name.to_string()));
    assert_only_today(long, today.collect(), "functions of more than five parameters");
}

/// Files that may hold longer lines, and how many. There are none: a text is split with `\`.
const WIDE_LINES_TODAY: &[(&str, usize)] = &[];

#[test]
fn no_line_is_wider_than_a_hundred_characters() {
    let mut wide = BTreeMap::new();
    for folder in ["src", "tests", "benches", "examples"] {
        for path in files_below(&root().join(folder)) {
            // Written by npm, one hash a line; and by restock, as others want it.
            let is_golden = path.components().any(|part| part.as_os_str() == "goldens");
            if path.ends_with("package-lock.json") || is_golden {
                continue;
            }
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let count = text.lines().filter(|line| line.chars().count() > MAX_WIDTH).count();
            if count > 0 {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
                wide.insert(name, count);
            }
        }
    }
    let today: BTreeMap<&str, usize> = WIDE_LINES_TODAY.iter().copied().collect();
    let more: Vec<_> = wide
        .iter()
        .filter(|(file, count)| today.get(file.as_str()).copied().unwrap_or(0) < **count)
        .collect();
    assert!(more.is_empty(), "lines wider than {MAX_WIDTH} characters: {more:#?}");
    let gone: Vec<_> = today.keys().filter(|file| !wide.contains_key(**file)).collect();
    assert!(gone.is_empty(), "no wide line any more, take it out of the list: {gone:#?}");
}

#[test]
fn the_checks_see_all_code() {
    let sources = sources();
    let of = |name: &str| &sources.iter().find(|source| source.name == name).unwrap().code;
    assert!(of("config/raw/mod.rs").contains("struct RawConfig"));
    // Its tests are declared before the rest of its code.
    assert!(of("plan/orders/mod.rs").contains("pub struct OrderBook"));
}

#[test]
fn only_io_knows_polars() {
    assert_none(&uses_outside(&["polars"], &["io/"]), "Polars is used outside io/");
}

#[test]
fn only_config_knows_what_serde_reads() {
    assert_none(
        &uses_outside(&["config::raw"], &["config/"]),
        "raw settings are used outside config/",
    );
    let sources = sources();
    let settings = sources.iter().find(|source| source.name == "config/settings.rs").unwrap();
    assert!(!settings.code.contains("raw"), "Settings hold something raw");
}

#[test]
fn only_the_pooled_models_know_linfa_and_forust() {
    let found = uses_outside(&["linfa", "forust", "ndarray"], &["forecast/models/pooled"]);
    assert_none(&found, "linfa and forust are used outside forecast/models/pooled.rs");
}

/// The folders and files of forecast/, from the bottom to the top.
const FORECAST_LAYERS: [&str; 6] = ["level", "distribution", "shared", "models", "item", "learn"];

#[test]
fn each_layer_of_the_forecast_knows_only_those_below() {
    let mut found = Vec::new();
    for (at, layer) in FORECAST_LAYERS.iter().enumerate() {
        let place = format!("src/forecast/{layer}");
        for above in &FORECAST_LAYERS[at + 1..] {
            let uses =
                uses_outside(&[&format!("forecast::{above}"), &format!("super::{above}::")], &[]);
            found.extend(uses.into_iter().filter(|line| line.starts_with(&place)));
        }
    }
    assert_none(&found, "a layer of forecast/ reaches up");
}

#[test]
fn only_measuring_reads_what_came_after_an_origin() {
    let may = ["demand/origin.rs", "forecast/learn/origins.rs"];
    assert_none(&uses_outside(&[".outcome("], &may), "an outcome is read by a model");
}

#[test]
fn only_commands_print() {
    let words = ["println!", "print!(", "eprintln!", "eprint!(", "dbg!("];
    assert_none(&uses_outside(&words, &["cli/", "main.rs"]), "printed outside cli/");
}

#[test]
fn only_commands_ask_for_the_time() {
    let words = ["SystemTime::now", "Instant::now", "Local::now", "Utc::now"];
    assert_none(&uses_outside(&words, &["cli/"]), "the clock is read outside cli/");
}

#[test]
fn only_commands_read_the_environment() {
    let words = ["std::env", "env::var", "env::args", "current_dir("];
    assert_none(
        &uses_outside(&words, &["cli/", "main.rs"]),
        "the environment is read outside cli/",
    );
}

#[test]
fn files_are_touched_in_four_folders_only() {
    let words = ["std::fs", "File::open", "File::create", "OpenOptions", "read_dir("];
    let found = uses_outside(&words, &["io/", "store/", "cli/", "config/"]);
    assert_none(&found, "files are touched outside io/, store/, cli/ and config/");
}

#[test]
fn maths_and_models_know_no_tables_of_the_outside() {
    let found: Vec<String> =
        uses_outside(&["crate::io", "crate::cli", "crate::store"], &["io/", "cli/", "store/"])
            .into_iter()
            .filter(|line| {
                ["stats", "forecast", "inventory", "domain", "demand"]
                    .iter()
                    .any(|f| line.starts_with(&format!("src/{f}/")))
            })
            .collect();
    assert_none(&found, "a pure stage reaches into io/, cli/ or store/");
}

#[test]
fn no_file_is_too_long() {
    let too_long: Vec<String> = sources()
        .into_iter()
        .map(|source| (source.lines(), source.name))
        .filter(|(lines, _)| *lines > MAX_LINES)
        .map(|(lines, name)| format!("src/{name}: {lines} lines"))
        .collect();
    assert_none(&too_long, "a file is longer than 600 lines without its tests");
}

#[test]
fn every_folder_of_the_source_is_in_the_code_map() {
    let map = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    for entry in
        fs::read_dir(root().join("src")).unwrap().flatten().filter(|entry| entry.path().is_dir())
    {
        let has_source = files_below(&entry.path())
            .iter()
            .any(|path| path.extension().is_some_and(|it| it == "rs"));
        let heading = format!("### `src/{}`", entry.file_name().to_str().unwrap());
        assert!(
            !has_source || map.contains(&heading),
            "docs/ARCHITECTURE.md has no section {heading}"
        );
    }
}

#[test]
fn nothing_names_the_machine_it_was_written_on() {
    let ours = ["src", "tests", "docs", "config", "deploy", "examples", "benches", "data", ".ci"];
    let mut files: Vec<PathBuf> =
        ours.iter().flat_map(|folder| files_below(&root().join(folder))).collect();
    files.extend(
        ["README.md", "CHANGELOG.md", "Cargo.toml", "deny.toml", "justfile"]
            .map(|name| root().join(name)),
    );
    for path in files.iter().filter(|path| !path.ends_with("architecture.rs")) {
        let Ok(text) = fs::read_to_string(path) else { continue };
        for place in ["/work/", "/root/", "/home/"] {
            assert!(!text.contains(place), "{} names {place}", path.display());
        }
    }
}
