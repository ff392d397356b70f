//! `restock run --metrics`: the figures of a run for Prometheus; and `restock show` on a whole run.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::shop::{restock, rows};

/// A file in the text format of Prometheus: each sample by name and labels.
type Samples = BTreeMap<(String, BTreeMap<String, String>), f64>;

/// Reads the text format, and refuses what a strict reader would.
fn parse(text: &str) -> Samples {
    assert!(text.ends_with('\n'), "the last line has no end");
    let (mut samples, mut seen) = (Samples::new(), BTreeSet::new());
    let (mut helped, mut family) = (String::new(), String::new());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(!help.is_empty() && seen.insert(name.to_owned()), "{line}");
            helped = name.to_owned();
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!((name, kind), (helped.as_str(), "gauge"), "{line}");
            family = name.to_owned();
        } else {
            let (name, labels, value) = sample(line);
            assert_eq!(name, family, "{line}: no sample of the family above it");
            let number: f64 = value.parse().unwrap_or_else(|_| panic!("{line}"));
            assert!(number.is_finite(), "{line}");
            assert!(samples.insert((name, labels), number).is_none(), "twice: {line}");
        }
    }
    samples
}

fn is_name(text: &str) -> bool {
    let is_first = |c: char| c == '_' || c.is_ascii_alphabetic();
    text.starts_with(is_first) && text.chars().all(|c| is_first(c) || c.is_ascii_digit())
}

/// Name, labels and value of a line.
fn sample(line: &str) -> (String, BTreeMap<String, String>, String) {
    let end = line.find(['{', ' ']).unwrap();
    let (name, mut rest) = line.split_at(end);
    assert!(is_name(name) && name.starts_with("restock_"), "{line}");
    let mut labels = BTreeMap::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        loop {
            let (label, after) = rest.split_once("=\"").unwrap();
            assert!(is_name(label), "{line}");
            let (mut value, mut chars) = (String::new(), after.char_indices());
            let end = loop {
                match chars.next().unwrap() {
                    (at, '"') => break at,
                    (_, '\\') => match chars.next().unwrap().1 {
                        'n' => value.push('\n'),
                        escaped @ ('\\' | '"') => value.push(escaped),
                        other => panic!("{line}: \\{other}"),
                    },
                    (_, plain) => value.push(plain),
                }
            };
            assert!(labels.insert(label.to_owned(), value).is_none(), "{line}");
            rest = &after[end + 1..];
            match rest.strip_prefix(',') {
                Some(more) => rest = more,
                None => break,
            }
        }
        rest = rest.strip_prefix('}').unwrap();
    }
    let value = rest.strip_prefix(' ').unwrap();
    assert!(!value.contains(' '), "{line}");
    (name.to_owned(), labels, value.to_owned())
}

fn of(samples: &Samples, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    samples.get(&(format!("restock_{name}"), labels.collect())).copied()
}

fn metrics(dir: &Path) -> Samples {
    parse(&fs::read_to_string(dir.join("restock.prom")).unwrap())
}

const RUN: [&str; 6] = ["run", "--as-of", "2026-06-29", "-q", "--metrics", "restock.prom"];

#[test]
fn the_figures_are_those_of_the_run_and_a_failed_one_keeps_the_last_success() {
    let shop = tempfile::tempdir().unwrap();
    let dir = shop.path();
    restock(dir).args(["init", "."]).assert().success();
    restock(dir).args(RUN).assert().success();
    let run = dir.join("runs/2026-06-29");
    let samples = metrics(dir);

    let plan = rows(&run.join("plan.csv"));
    assert_eq!(of(&samples, "items", &[]), Some(plan.len() as f64));
    for decision in ["order", "waits", "no_need", "blocked", "quarantined"] {
        let count = plan.iter().filter(|row| row["decision"] == decision).count();
        let said = of(&samples, "items_by_decision", &[("decision", decision)]);
        assert_eq!(said, Some(count as f64), "{decision}");
    }
    let lines = rows(&run.join("purchase_orders.csv"));
    for state in ["suggested", "needs_review", "held"] {
        let of_state: Vec<_> = lines.iter().filter(|line| line["state"] == state).collect();
        let said = of(&samples, "order_lines", &[("state", state)]);
        assert_eq!(said, Some(of_state.len() as f64), "{state}");
        let euros = of_state.iter().filter(|line| line["currency"] == "EUR");
        let value: f64 = euros.map(|line| line["line_total"].parse().unwrap_or(0.0)).sum();
        let said = of(&samples, "order_value", &[("currency", "EUR"), ("state", state)]);
        assert!((said.unwrap() - value).abs() < 1e-6, "{state}");
    }
    let review = rows(&run.join("review.csv")).pop().unwrap();
    for name in ["at_risk_items", "at_risk_value", "waiting_lines", "waiting_units"] {
        assert_eq!(of(&samples, name, &[]), review[name].parse().ok(), "{name}");
    }
    let findings = rows(&run.join("exceptions.csv"));
    let said: f64 = samples
        .iter()
        .filter(|((name, _), _)| name == "restock_findings")
        .map(|(_, count)| count)
        .sum();
    assert_eq!(said, findings.len() as f64);
    let manifest: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(run.join("manifest.json")).unwrap()).unwrap();
    for input in manifest["inputs"].as_array().unwrap() {
        let table = input["table"].as_str().unwrap();
        assert_eq!(of(&samples, "input_rows", &[("table", table)]), input["rows"].as_f64());
        for (code, rows) in input["set_aside"].as_object().unwrap() {
            // Number and name.
            let labels = [("table", table), ("code", code.split(' ').nth(1).unwrap())];
            assert_eq!(of(&samples, "input_rows_set_aside", &labels), rows.as_f64(), "{input}");
        }
    }
    assert_eq!(of(&samples, "as_of_timestamp_seconds", &[]), Some(1_782_691_200.0));
    assert!(of(&samples, "stage_duration_seconds", &[("stage", "plan")]).is_some());
    let success = of(&samples, "last_success_timestamp_seconds", &[]);
    assert_eq!(success, of(&samples, "last_run_timestamp_seconds", &[]));
    assert_eq!(of(&samples, "last_run_success", &[]), Some(1.0));

    // Each table is shown as it was written.
    for (table, file) in [
        ("orders", "purchase_orders.csv"),
        ("risk", "backorder_risk.csv"),
        ("excess", "excess.csv"),
        ("items", "plan.csv"),
        ("promises", "promises.csv"),
        ("findings", "exceptions.csv"),
    ] {
        let shown = restock(dir).args(["show", table, "--format", "csv"]).output().unwrap();
        assert!(shown.stdout == fs::read(run.join(file)).unwrap(), "{file}");
        let json = restock(dir).args(["show", table, "--format", "json"]).output().unwrap();
        let json: Vec<serde_json::Value> = serde_json::from_slice(&json.stdout).unwrap();
        assert_eq!(json.len(), rows(&run.join(file)).len(), "{file}");
        let text = restock(dir).args(["show", table]).output().unwrap();
        let text = String::from_utf8(text.stdout).unwrap();
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }

    fs::remove_file(dir.join("data/orders.csv")).unwrap();
    restock(dir).args(RUN).assert().code(3);
    let failed = metrics(dir);
    assert_eq!(of(&failed, "last_success_timestamp_seconds", &[]), success);
    assert_eq!(of(&failed, "last_run_success", &[]), Some(0.0));
    assert_eq!(of(&failed, "last_run_exit_code", &[]), Some(3.0));
    assert_eq!(of(&failed, "items", &[]), None);
    // So does one after it that does not even get to its configuration.
    fs::write(dir.join("restock.toml"), "[nonsense").unwrap();
    restock(dir).args(RUN).assert().code(2);
    assert_eq!(of(&metrics(dir), "last_success_timestamp_seconds", &[]), success);
    assert_eq!(of(&metrics(dir), "last_run_exit_code", &[]), Some(2.0));
}

#[test]
fn a_failed_run_without_a_file_before_it_has_no_last_success() {
    let dir = tempfile::tempdir().unwrap();
    for before in [None, Some("not a metric\n\u{0}")] {
        if let Some(text) = before {
            fs::write(dir.path().join("restock.prom"), text).unwrap();
        }
        restock(dir.path()).args(RUN).assert().code(2);
        let samples = metrics(dir.path());
        assert_eq!(of(&samples, "last_success_timestamp_seconds", &[]), None);
        assert_eq!(of(&samples, "last_run_exit_code", &[]), Some(2.0));
        let left = fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(left, 1, "something is left beside the file");
    }
}
