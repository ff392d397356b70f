//! Whole runs on the sample shop.

use std::fs;
use std::path::Path;

use crate::shop::{bytes, restock, rows};

/// The sample shop in a folder of its own.
fn shop() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    restock(dir.path()).args(["init", "."]).assert().success();
    dir
}

const DAY: &str = "2026-06-29";

#[test]
fn a_run_ends_every_item_in_one_decision_and_its_orders_add_up() {
    let shop = shop();
    restock(shop.path()).args(["run", "--as-of", DAY]).assert().success();
    let run = shop.path().join("runs").join(DAY);

    let plan = rows(&run.join("plan.csv"));
    assert!(plan.iter().all(|row| {
        ["order", "waits", "no_need", "blocked", "quarantined"].contains(&row["decision"].as_str())
    }));
    assert!(plan.iter().all(|row| !row["reason"].is_empty()));
    let mut keys: Vec<_> = plan.iter().map(|row| (&row["sku"], &row["location"])).collect();
    let planned = keys.len();
    keys.dedup();
    assert_eq!(keys.len(), planned, "an item stands in the plan twice");

    let lines = rows(&run.join("purchase_orders.csv"));
    let ordered = plan.iter().filter(|row| row["decision"] == "order").count();
    assert_eq!(lines.len(), ordered, "every ordered item has one line");
    for line in &lines {
        let (quantity, pack): (f64, f64) =
            (line["quantity"].parse().unwrap(), line["pack_size"].parse().unwrap_or(1.0));
        assert!((quantity / pack).fract().abs() < 1e-9, "{line:?} is no multiple of its pack");
        if let (Ok(cost), Ok(total)) =
            (line["unit_cost"].parse::<f64>(), line["line_total"].parse::<f64>())
        {
            assert!((quantity * cost - total).abs() < 0.005 + 1e-9, "{line:?} does not multiply");
        }
    }
    // One file a supplier, together the lines that go out; a supplier's name cannot lead out of
    // the folder.
    let mut by_supplier = 0;
    for entry in fs::read_dir(run.join("purchase_orders")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-'), "{name}");
        by_supplier += rows(&path).len();
    }
    let sent = lines.iter().filter(|line| line["state"] == "suggested").count();
    assert_eq!(by_supplier, sent);
    assert!(
        lines.iter().all(|line| !line["supplier_name"].starts_with('=')),
        "a name is a formula"
    );
}

#[test]
fn rows_in_are_rows_used_and_rows_set_aside() {
    let shop = shop();
    restock(shop.path()).args(["run", "--as-of", DAY]).assert().success();
    let manifest =
        fs::read_to_string(shop.path().join("runs").join(DAY).join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let inputs = manifest["inputs"].as_array().unwrap();
    assert_eq!(inputs.len(), 18);
    for input in inputs {
        let aside: u64 = input["set_aside"]
            .as_object()
            .unwrap()
            .values()
            .map(|rows| rows.as_u64().unwrap())
            .sum();
        assert_eq!(
            input["rows"].as_u64().unwrap(),
            input["used"].as_u64().unwrap() + aside,
            "{input}"
        );
    }
}

#[test]
fn one_thread_and_two_give_the_same_bytes_and_a_rerun_changes_nothing() {
    let shop = shop();
    let run = shop.path().join("runs").join(DAY);
    restock(shop.path()).args(["--threads", "1", "run", "--as-of", DAY]).assert().success();
    let first = bytes(&run);
    restock(shop.path()).args(["--threads", "2", "run", "--as-of", DAY]).assert().success();
    assert_eq!(bytes(&run), first);
    assert!(
        !shop.path().join("runs").join(format!("{DAY}.1")).exists(),
        "an equal rerun kept the old run"
    );
}

#[test]
fn bad_input_names_the_file_and_leaves_no_run() {
    let shop = shop();
    let orders = shop.path().join("data/orders.csv");
    let cases: [(&str, Option<&[u8]>); 4] = [
        ("missing", None),
        ("empty", Some(b"")),
        ("header only", Some(b"date,sku,quantity\n")),
        ("misspelt column", Some(b"date,skuu,quantity\n2026-06-01,a,1\n")),
    ];
    for (case, content) in cases {
        match content {
            Some(content) => fs::write(&orders, content).unwrap(),
            None => fs::remove_file(&orders).unwrap(),
        }
        let output = restock(shop.path()).args(["run", "--as-of", DAY]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{case}: {said}");
        assert!(said.contains("orders.csv"), "{case}: {said}");
        assert!(!shop.path().join("runs").join(DAY).exists(), "{case} left a run");
    }
}

#[test]
fn forecast_and_explain_answer_for_one_item() {
    let shop = shop();
    let forecast = restock(shop.path())
        .args([
            "forecast",
            "CO-1001",
            "--location",
            "depot",
            "--as-of",
            DAY,
            "--horizon",
            "4",
            "--format",
            "csv",
        ])
        .output()
        .unwrap();
    let text = String::from_utf8(forecast.stdout).unwrap();
    assert_eq!(text.lines().count(), 5, "{text}");
    assert!(text.starts_with("sku,location,period_start,mean,q0.05,"), "{text}");
    let explain =
        restock(shop.path()).args(["explain", "CO-1001", "--as-of", DAY]).output().unwrap();
    let text = String::from_utf8(explain.stdout).unwrap();
    assert!(text.contains("reorder point") && text.contains("decision"), "{text}");
}

#[test]
fn the_previous_run_is_read_by_the_names_of_its_columns() {
    let shop = shop();
    let runs = shop.path().join("runs");
    let night = |day: &str| restock(shop.path()).args(["run", "--as-of", day]).output().unwrap();
    assert!(night("2026-06-28").status.success());
    assert!(night(DAY).status.success());
    let mut compared = bytes(&runs.join(DAY));

    // A column more, in front of all others.
    let risks = runs.join("2026-06-28/backorder_risk.csv");
    let text = fs::read_to_string(&risks).unwrap();
    assert!(text.lines().count() > 1, "nothing was at risk");
    let inserted: String =
        text.lines().map(|line| format!("{line}\n")).map(|line| format!("more,{line}")).collect();
    fs::write(&risks, inserted).unwrap();
    fs::remove_dir_all(runs.join(DAY)).unwrap();
    assert!(night(DAY).status.success());
    let mut again = bytes(&runs.join(DAY));
    // The manifest holds the hash of what was read.
    for files in [&mut compared, &mut again] {
        assert!(files.remove(Path::new("manifest.json")).is_some());
    }
    assert!(again == compared, "an inserted column changed the comparison");
}
