//! What the documents show is valid, and what they point to is there.

use std::fs;
use std::path::{Path, PathBuf};

use restock::config::resolve::Settings;
use restock::config::source::{Overlay, parse};
use restock::domain::finding::Code;
use restock::plan::{Decision, Reason};
use restock::report::columns::{DIFF, TABLES};

use crate::shop::restock;
use crate::source::{files_below, root, sources};

fn documents() -> Vec<(PathBuf, String)> {
    let docs = fs::read_dir(root().join("docs")).unwrap().flatten().map(|entry| entry.path());
    let mut paths: Vec<PathBuf> =
        docs.filter(|path| path.extension().is_some_and(|it| it == "md")).collect();
    paths.extend(["README.md", "CHANGELOG.md", "data/README.md"].map(|name| root().join(name)));
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(&path).unwrap())).collect()
}

/// The fenced blocks of a language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    text.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn every_configuration_in_the_documents_is_valid() {
    let mut count = 0;
    for (path, text) in documents() {
        for block in blocks(&text, "toml") {
            let raw = parse(block, "example", &Overlay::default());
            let settings = raw.and_then(|raw| Settings::resolve(raw, Path::new(".")));
            assert!(settings.is_ok(), "{}: {}\n{block}", path.display(), settings.unwrap_err());
            count += 1;
        }
    }
    assert!(count >= 4, "README.md shows how to read a bare CSV");
}

#[test]
fn every_link_to_a_file_leads_somewhere() {
    for (path, text) in documents() {
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let there = path.parent().unwrap().join(target);
            assert!(there.exists(), "{} links to {target}", path.display());
        }
    }
}

#[test]
fn the_exit_codes_are_those_of_the_code() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for code in [0, 1, 2, 3, 4, 70] {
        assert!(
            readme.contains(&format!("\n| {code} | ")),
            "README.md does not explain exit code {code}"
        );
    }
}

#[test]
fn the_inputs_page_has_every_table_and_every_column_of_the_sample() {
    let page = fs::read_to_string(root().join("docs/INPUTS.md")).unwrap();
    for (name, content) in restock::sample::files(restock::sample::SEED) {
        let table = name.strip_suffix(".csv").unwrap();
        let section =
            page.split("\n## ").find(|section| section.starts_with(&format!("`{table}`")));
        let section = section.unwrap_or_else(|| panic!("docs/INPUTS.md has no section on {table}"));
        for column in content.lines().next().unwrap().split(',') {
            assert!(
                section.contains(&format!("| `{column}` |")),
                "docs/INPUTS.md: {table} lacks {column}"
            );
        }
    }
}

#[test]
fn the_inputs_page_lists_every_code_and_no_other() {
    let page = fs::read_to_string(root().join("docs/INPUTS.md")).unwrap();
    let listed: Vec<&str> = page.lines().filter(|line| line.starts_with("| DQ")).collect();
    let row = |code: &Code| {
        let (id, name, severity) = (code.id(), code.name(), code.severity().as_str());
        format!("| {id} | `{name}` | {severity} | {} | {} |", code.meaning(), code.hint())
    };
    let expected: Vec<String> = Code::ALL.iter().map(row).collect();
    assert!(
        listed == expected,
        "docs/INPUTS.md is stale: cargo run --release --example make_sample"
    );
}

#[test]
fn every_code_is_raised_somewhere() {
    let sources = sources();
    for code in Code::ALL {
        let named = format!("Code::{code:?}");
        let is_end = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric());
        let raised = sources.iter().any(|source| {
            source
                .code
                .match_indices(&named)
                .any(|(at, _)| is_end(&source.code[at + named.len()..]))
        });
        assert!(raised, "nothing raises {} {}", code.id(), code.name());
    }
}

#[test]
fn the_sample_configuration_gives_as_many_tables_as_there_are() {
    let text = fs::read_to_string(root().join("config/restock.toml")).unwrap();
    let raw = parse(&text, "config/restock.toml", &Overlay::default()).unwrap();
    let names: Vec<&str> = raw.inputs.given().map(|(name, _)| name).collect();
    let schema = restock::config::schema::scalar_keys();
    let known =
        schema.iter().filter(|key| key.starts_with("inputs.") && key.ends_with(".path")).count();
    assert_eq!(names.len(), known);
}

/// The columns of an output file on its page, in order; a column a level ends in `0.05 …`.
fn documented_columns(file: &str) -> Vec<String> {
    let page = fs::read_to_string(root().join("docs/OUTPUTS.md")).unwrap();
    let heading = format!("\n## `{file}`\n");
    let (_, rest) = page
        .split_once(heading.as_str())
        .unwrap_or_else(|| panic!("docs/OUTPUTS.md has no section on {file}"));
    let section = rest.split("\n## ").next().unwrap().split("\n# ").next().unwrap();
    let name = |line: &str| {
        let cell = line.strip_prefix("| `")?.split(" | ").next()?;
        Some(cell.replace('`', ""))
    };
    section.lines().filter_map(name).collect()
}

/// Whether the columns of a file are those of its page.
pub(crate) fn assert_documented(file: &str, columns: &[&str]) {
    let documented = documented_columns(file);
    let plain: Vec<&str> =
        documented.iter().map(String::as_str).filter(|name| !name.ends_with('…')).collect();
    let of_levels: Vec<&str> =
        documented.iter().filter_map(|name| name.strip_suffix("0.05 …")).collect();
    let is_of_level = |column: &str| {
        of_levels.iter().any(|prefix| {
            column.strip_prefix(prefix).is_some_and(|level| level.parse::<f64>().is_ok())
        })
    };
    let written: Vec<&str> =
        columns.iter().copied().filter(|column| !is_of_level(column)).collect();
    assert_eq!(written, plain, "docs/OUTPUTS.md: columns of {file}");
}

/// Whether every table of a folder of results is on the page, column by column.
pub(crate) fn assert_folder_documented(folder: &Path) -> usize {
    let tables = files_below(folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "csv"));
    let mut count = 0;
    for path in tables {
        let name = path.file_name().unwrap().to_str().unwrap();
        let section = match path.parent().unwrap().file_name().unwrap().to_str().unwrap() {
            // One file a supplier, with the columns of all orders.
            "purchase_orders" => "purchase_orders.csv",
            _ if name.starts_with("comparison_") => "comparison.csv",
            _ => name,
        };
        let mut reader = csv::Reader::from_path(&path).unwrap();
        assert_documented(section, &reader.headers().unwrap().iter().collect::<Vec<_>>());
        count += 1;
    }
    count
}

#[test]
fn the_outputs_page_has_the_columns_of_the_code_in_their_order() {
    for (file, columns) in TABLES {
        assert_documented(file, columns);
    }
    assert_documented("restock diff", DIFF);
}

#[test]
fn the_outputs_page_has_every_file_of_a_run_of_the_sample() {
    let shop = tempfile::tempdir().unwrap();
    restock(shop.path()).args(["init", "."]).assert().success();
    restock(shop.path()).args(["run", "--as-of", "2026-06-29", "--quiet"]).assert().success();
    let run = shop.path().join("runs/2026-06-29");
    assert!(assert_folder_documented(&run) >= TABLES.len());

    let page = fs::read_to_string(root().join("docs/OUTPUTS.md")).unwrap();
    for name in ["manifest.json", "timings.json"] {
        let text = fs::read_to_string(run.join(name)).unwrap();
        let keys: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
        for key in keys.keys() {
            assert!(page.contains(&format!("`{key}`")), "docs/OUTPUTS.md: {name} lacks {key}");
        }
    }
}

#[test]
fn every_decision_and_reason_is_on_the_page_for_planners_with_the_codes_own_words() {
    let page = fs::read_to_string(root().join("docs/DECISIONS.md")).unwrap();
    for decision in Decision::ALL {
        let heading = format!("\n## `{}`\n", decision.as_str());
        let section = page.split_once(&heading).unwrap_or_else(|| panic!("no section {heading}")).1;
        let section = section.split("\n## ").next().unwrap_or_default();
        let written: Vec<&str> = section.lines().filter(|line| line.starts_with("| `")).collect();

        let of_decision = Reason::ALL.iter().filter(|reason| reason.decision() == decision);
        let expected: Vec<String> = of_decision
            .map(|reason| format!("| `{reason}` | {} | {} |", reason.meaning(), reason.remedy()))
            .collect();
        assert_eq!(written, expected, "docs/DECISIONS.md: {}", decision.as_str());
    }
}
