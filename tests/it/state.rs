//! What a run keeps of its decisions: `explain --run` reads it, and nothing else does harm to it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::shop::{bytes, restock, rows};
use crate::source::sources;

const DAY: &str = "2026-06-29";
const STATE: &str = "state.bin.zst";

/// The sample shop after a night.
fn night() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    restock(dir.path()).args(["init", "."]).assert().success();
    restock(dir.path()).args(["run", "--as-of", DAY, "--quiet"]).assert().success();
    dir
}

fn printed(dir: &Path, args: &[&str]) -> String {
    let output = restock(dir).args(args).assert().success().get_output().stdout.clone();
    String::from_utf8(output).unwrap()
}

/// A field of `explain --format json` as `plan.csv` writes it.
fn written(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn a_run_is_explained_from_what_it_kept_figure_by_figure() {
    let shop = night();
    let computed = printed(shop.path(), &["explain", "GI-1040", "CE-10*", "--as-of", DAY]);
    // Without its inputs, so that they cannot have been read.
    fs::remove_dir_all(shop.path().join("data")).unwrap();
    let stored = printed(shop.path(), &["explain", "GI-1040", "CE-10*", "--run"]);
    assert!(computed == stored, "{computed}\n{stored}");
    assert!(stored.contains("\nWaits with "), "{stored}");

    let args = ["explain", "*", "--run", DAY, "--format", "json"];
    let objects: Vec<Value> = serde_json::from_str(&printed(shop.path(), &args)).unwrap();
    let plan = rows(&shop.path().join("runs").join(DAY).join("plan.csv"));
    let planned: Vec<_> = plan.iter().filter(|row| row["decision"] != "quarantined").collect();
    assert_eq!(objects.len(), planned.len());
    for (object, row) in objects.iter().zip(planned) {
        assert_eq!(object["run"], DAY);
        for (column, value) in row {
            let said = written(&object[column]);
            let is_same =
                said == *value || said.parse::<f64>().is_ok_and(|said| value.parse() == Ok(said));
            assert!(is_same, "{column} of {row:?}: {said}");
        }
        let summary = object["summary"].as_str().unwrap();
        let begins = match row["decision"].as_str() {
            "order" => "Ordered ",
            "waits" => "Waits ",
            "no_need" => "Nothing is ordered",
            _ => "Blocked ",
        };
        assert!(summary.starts_with(begins) && !summary.contains('`'), "{summary}");
    }
}

#[test]
fn a_state_that_cannot_be_read_says_why_and_what_to_do() {
    let shop = night();
    let state = shop.path().join("runs").join(DAY).join(STATE);
    let good = fs::read(&state).unwrap();
    let said = || {
        let output = restock(shop.path()).args(["explain", "GI-1040", "--run"]).output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        String::from_utf8(output.stderr).unwrap()
    };

    let mut damaged = good.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x10;
    for bytes in [damaged, good[..good.len() - 9].to_vec()] {
        fs::write(&state, bytes).unwrap();
        let said = said();
        assert!(said.contains("it is not as it was written"), "{said}");
        assert!(said.contains("make the run again"), "{said}");
    }
    fs::write(&state, b"PAR1").unwrap();
    assert!(said().contains("it is not the state of a run"));
    let text = String::from_utf8_lossy(&good[8..40]).into_owned();
    let head = text.split(env!("CARGO_PKG_VERSION")).next().unwrap().to_owned();
    assert!(head.starts_with("restock state "), "{head}");
    let mut other = good.clone();
    other[8 + "restock state ".len()] = b'0';
    fs::write(&state, other).unwrap();
    assert!(said().contains("in a format that this one"), "{}", said());
    fs::remove_file(&state).unwrap();
    assert!(said().contains("it is missing"));
}

#[test]
fn the_same_night_keeps_the_same_bytes_on_any_number_of_threads() {
    let shop = night();
    let before = bytes(&shop.path().join("runs").join(DAY));
    assert!(before.contains_key(Path::new(STATE)));
    let args = ["run", "--as-of", DAY, "--quiet", "--label", "one", "--threads", "1"];
    restock(shop.path()).args(args).assert().success();
    let after = bytes(&shop.path().join("runs").join(format!("{DAY}-one")));
    assert!(before[Path::new(STATE)] == after[Path::new(STATE)]);
}

#[test]
fn findings_name_only_tables_that_are_known_when_they_are_read_back() {
    let known = restock::domain::finding::FINDING_TABLES;
    for table in restock::io::contract::TABLES {
        assert!(known.contains(&table.name), "{}", table.name);
    }
}

/// The definitions of the types that can be kept, without what only people read.
fn kept_types() -> String {
    let mut found = String::new();
    for source in sources() {
        let is_kept = ["domain/", "demand/", "forecast/", "plan/", "state/"];
        if !is_kept.iter().any(|folder| source.name.starts_with(folder)) {
            continue;
        }
        let mut lines = source.code.lines();
        while let Some(line) = lines.next() {
            let mut derived = line.trim().to_owned();
            if !derived.starts_with("#[derive(") {
                continue;
            }
            while !derived.ends_with(")]") {
                derived += lines.next().unwrap().trim();
            }
            if !derived.contains("Serialize") || !derived.contains("Deserialize") {
                continue;
            }
            for line in lines.by_ref() {
                if !line.trim().is_empty() && !line.trim().starts_with("//") {
                    found += line.trim();
                    found.push('\n');
                }
                if line == "}" || line.ends_with(");") {
                    break;
                }
            }
        }
    }
    found
}

/// SHA-256 of the types that are kept, at the format number of `src/state/file.rs`.
const LAYOUT: (&str, u32) = ("4838a907ca9eeea9bb4899af7e782056732dfcf53525c93a12e5239afdde1f6e", 1);

#[test]
fn a_changed_layout_has_a_new_format_number() {
    let types = kept_types();
    assert!(types.contains("pub struct PanelItems {") && types.contains("pub struct Stock {"));
    let file = sources().into_iter().find(|source| source.name == "state/file.rs").unwrap();
    assert!(file.code.contains(&format!("FORMAT: u32 = {};", LAYOUT.1)));
    assert_eq!(
        restock::io::sha256(types.as_bytes()),
        LAYOUT.0,
        "a type that runs keep has changed: raise FORMAT in src/state/file.rs (once a release), \
         and write this SHA-256 and that number into LAYOUT"
    );
}
