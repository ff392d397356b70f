//! `[[hooks]]`: commands that follow a run.

#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "how long a run waits for its hooks is the question")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::shop::{restock, write_shop};

/// A small shop with these hooks, and a script that they may call.
fn shop(hooks: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let mut orders = String::from("date,sku,quantity\n");
    for week in 0..30 {
        let date = chrono::NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
        let date = date + chrono::Duration::days(7 * week);
        writeln!(orders, "{date},A1,{}", 3 + week % 4).unwrap();
    }
    write_shop(dir.path(), &BTreeMap::from([("orders", orders)]), "");
    let config = dir.path().join("restock.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("{text}\n{hooks}")).unwrap();
    let script = "echo \"$1 $RESTOCK_EXIT_CODE $RESTOCK_AS_OF $RESTOCK_RUN_DIR\" >> said.txt\n\
                  echo to stdout; echo to stderr >&2; cat\n";
    fs::write(dir.path().join("tell.sh"), script).unwrap();
    dir
}

fn hook(on: &str, command: &str) -> String {
    format!("[[hooks]]\non = \"{on}\"\ncommand = {command}\ntimeout_s = 5\n")
}

const TELL: &str = "[\"sh\", \"tell.sh\", \"a b\"]";

/// Exit code and stderr of a run that writes `restock.prom`.
fn run(dir: &Path, more: &[&str]) -> (i32, String) {
    let args = ["run", "--as-of", "2026-08-03", "--metrics", "restock.prom"];
    let output = restock(dir).args(args).args(more).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn said(dir: &Path) -> String {
    fs::read_to_string(dir.join("said.txt")).unwrap_or_default()
}

fn failures(dir: &Path) -> String {
    let text = fs::read_to_string(dir.join("restock.prom")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("restock_hook_failures "));
    line.unwrap().to_owned()
}

#[test]
fn a_hook_is_told_how_the_run_ended_and_what_it_says_is_logged() {
    let shop = shop(&[hook("done", TELL), hook("failed", TELL), hook("findings", TELL)].concat());
    let dir = shop.path();
    let (code, err) = run(dir, &["-v"]);
    assert_eq!(code, 0, "{err}");
    let runs = fs::canonicalize(dir.join("runs/2026-08-03")).unwrap();
    let lines = said(dir);
    let path = lines.trim_end().strip_prefix("a b 0 2026-08-03 ").unwrap();
    assert_eq!(fs::canonicalize(path).unwrap(), runs, "{lines}");
    assert!(Path::new(path).is_absolute());
    assert!(err.contains("hook: to stdout") && err.contains("hook: to stderr"), "{err}");
    assert_eq!(failures(dir), "0");

    fs::remove_file(dir.join("said.txt")).unwrap();
    assert_eq!(run(dir, &["--fail-on", "info"]).0, 1);
    assert_eq!(said(dir).matches("a b 1 2026-08-03 /").count(), 2, "{}", said(dir));

    fs::remove_file(dir.join("said.txt")).unwrap();
    fs::remove_file(dir.join("orders.csv")).unwrap();
    assert_eq!(run(dir, &[]).0, 3);
    assert_eq!(said(dir), "a b 3  \n", "no day and no directory are known");
}

#[test]
fn no_hook_can_fail_the_run() {
    let hooks = [
        hook("done", "[\"sh\", \"-c\", \"echo the reason >&2; exit 7\"]"),
        hook("done", "[\"./no-such-program\"]"),
        hook("done", TELL),
    ];
    let shop = shop(&hooks.concat());
    let (code, err) = run(shop.path(), &[]);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("exit status: 7: the reason"), "{err}");
    assert!(err.contains("no-such-program` cannot be started"), "{err}");
    assert_eq!(said(shop.path()).lines().count(), 1, "the hooks after it did not run");
    assert_eq!(failures(shop.path()), "2");
    assert!(shop.path().join("runs/2026-08-03/manifest.json").is_file());
}

#[test]
fn a_hook_that_takes_too_long_is_ended_with_all_that_it_started() {
    let command = "[\"sh\", \"-c\", \"(sleep 4; touch outlived) & echo $$; wait\"]";
    let text = hook("done", command).replace("timeout_s = 5", "timeout_s = 1");
    let shop = shop(&text);
    let begun = Instant::now();
    let (code, err) = run(shop.path(), &[]);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("was ended after 1 s"), "{err}");
    assert!(begun.elapsed() < Duration::from_secs(60));
    assert_eq!(failures(shop.path()), "1");
    std::thread::sleep(Duration::from_secs(5));
    assert!(!shop.path().join("outlived").exists(), "what it started went on");
}

#[test]
fn what_a_hook_leaves_running_does_not_hold_the_run_up() {
    let command = "[\"sh\", \"-c\", \"sleep 30 & exit 0\"]";
    let text = hook("done", command).replace("timeout_s = 5", "timeout_s = 25");
    let shop = shop(&text);
    let begun = Instant::now();
    let (code, err) = run(shop.path(), &[]);
    assert_eq!((code, failures(shop.path()).as_str()), (0, "0"), "{err}");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn hooks_can_be_refused_and_call_restock_themselves() {
    let program = assert_cmd::cargo::cargo_bin("restock");
    let command = format!("[{:?}, \"show\", \"items\", \"--format\", \"csv\"]", program.to_str());
    let command = command.replace("Some(", "").replace(")", "");
    let shop = shop(&hook("done", &command));
    let (code, err) = run(shop.path(), &["--no-commands", "-v"]);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("is not run: --no-commands") && !err.contains("hook: "), "{err}");

    let (code, err) = run(shop.path(), &["-v"]);
    assert_eq!((code, failures(shop.path()).as_str()), (0, "0"), "{err}");
    assert!(err.contains("hook: A1,main,"), "{err}");
    assert!(!err.contains("no setting is called"), "{err}");
}
