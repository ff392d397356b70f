//! Runs and decisions that are killed at random moments: the runs that are there are whole, the
//! ledger is as before or as after, and what is done again ends as if nothing had happened.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "how long a command takes says when to kill it, and how often that was in time"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate};

use crate::shop::{bytes, restock, rows, unit, write_shop};

/// The night of a number.
fn date(night: u64) -> String {
    (NaiveDate::from_ymd_opt(2026, 6, 30).unwrap() + Days::new(night)).to_string()
}

/// The tables as they stand on a night.
fn write(dir: &Path, night: u64) {
    let mut orders = "date,sku,quantity\n".to_owned();
    for day in 0..180_u64 {
        let date = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(day);
        for item in 0..6 {
            writeln!(orders, "{date},I{item},{}", 2 + item).unwrap();
        }
    }
    let (mut items, mut stock) =
        ("sku,supplier,unit_cost,lead_time_days\n".to_owned(), "sku,on_hand\n".to_owned());
    for item in 0..6 {
        writeln!(items, "I{item},S{},2,5", item % 2).unwrap();
        let units = (60.0 * unit(night * 6 + item)) as u64;
        writeln!(stock, "I{item},{units}").unwrap();
    }
    let tables = BTreeMap::from([("orders", orders), ("items", items), ("stock", stock)]);
    let settings = "[purchasing]\nhandover = \"approve\"\nmax_times_usual = 1000.0\n\
                    [forecast]\nmodel = \"moving-average\"";
    write_shop(dir, &tables, settings);
}

/// Decisions on the lines that a run suggests: every third is rejected, the others approved.
fn write_decisions(dir: &Path, run: &Path) {
    let mut text = "po_number,line,action\n".to_owned();
    for (at, line) in rows(&run.join("purchase_orders.csv")).iter().enumerate() {
        if line["state"] == "suggested" {
            let action = if at % 3 == 2 { "reject" } else { "approve" };
            writeln!(text, "{},{},{action}", line["po_number"], line["line"]).unwrap();
        }
    }
    fs::write(dir.join("decisions.csv"), text).unwrap();
}

/// Starts a command and kills it after a while, if it has not ended by then.
fn killed(dir: &Path, args: &[&str], after: Duration) -> bool {
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("restock"))
        .args(args)
        .current_dir(dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    let is_over = child.try_wait().unwrap().is_some();
    let _ = child.kill();
    child.wait().unwrap();
    !is_over
}

/// The ledger, event by event where a line has an order.
fn ledger(dir: &Path) -> String {
    let listed = restock(dir).args(["orders", "list", "--all", "--format", "csv"]).assert();
    String::from_utf8(listed.success().get_output().stdout.clone()).unwrap()
}

fn assert_whole(dir: &Path) {
    for entry in fs::read_dir(dir.join("runs")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && !name.starts_with('.') {
            assert!(path.join("manifest.json").exists(), "{name} is not whole");
            assert!(path.join("ledger.csv").exists(), "{name} is not whole");
        }
    }
}

/// Kills a run and a file of decisions on each of so many nights.
fn survive(nights: u64) {
    let (disturbed, undisturbed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (dir, other) = (disturbed.path(), undisturbed.path());
    let (mut kills, mut late) = (0, 0);
    let mut usual = Duration::from_millis(150);
    let mut usual_apply = Duration::from_millis(30);
    for night in 0..nights {
        write(dir, night);
        write(other, night);
        let day = date(night);
        let run = ["run", "-q", "--as-of", &day];
        let began = Instant::now();
        restock(other).args(run).assert().success();
        usual = usual.mul_f64(0.5) + began.elapsed().mul_f64(0.5);

        let after = usual.mul_f64(1.1 * unit(1_000_003 + night));
        let is_killed = killed(dir, &run, after);
        kills += u32::from(is_killed);
        late += u32::from(!is_killed);
        // Every fifth night what was killed is only looked at before it is done again.
        if night % 5 == 0 && dir.join("runs/ledger.sqlite").exists() {
            let _ = restock(dir).args(["orders", "list"]).output().unwrap();
        }
        if dir.join("runs").exists() {
            assert_whole(dir);
        }
        restock(dir).args(run).assert().success();
        let (ours, theirs) = (dir.join("runs").join(&day), other.join("runs").join(&day));
        assert_eq!(bytes(&ours), bytes(&theirs), "the run of {day}");
        assert_eq!(ledger(dir), ledger(other), "the ledger after {day}");

        write_decisions(dir, &ours);
        write_decisions(other, &theirs);
        let apply = ["orders", "apply", "decisions.csv", "-q"];
        let before = ledger(dir);
        let began = Instant::now();
        restock(other).args(apply).assert().success();
        usual_apply = usual_apply.mul_f64(0.5) + began.elapsed().mul_f64(0.5);
        let is_killed = killed(dir, &apply, usual_apply.mul_f64(1.1 * unit(2_000_003 + night)));
        kills += u32::from(is_killed);
        late += u32::from(!is_killed);
        let (now, after) = (ledger(dir), ledger(other));
        assert!(now == before || now == after, "half of the decisions of {day}");
        restock(dir).args(apply).assert().success();
        assert_eq!(ledger(dir), after, "the decisions of {day}");
    }
    println!("{kills} kills, {late} came too late");
    assert!(u64::from(kills) >= nights, "{kills} kills, {late} came too late");
}

#[test]
fn what_is_killed_leaves_both_the_runs_and_the_ledger_whole() {
    survive(6);
}

#[test]
#[ignore = "two minutes: cargo test --release --test it -- --ignored kills"]
fn two_hundred_kills_leave_both_the_runs_and_the_ledger_whole() {
    survive(140);
}
