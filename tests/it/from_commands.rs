//! Tables that commands print: all of it or nothing.

#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "how long a run waits for a command is the question")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::shop::{bytes, restock};

const AS_OF: &str = "2026-08-03";

fn orders() -> String {
    let mut orders = String::from("date,sku,quantity\n");
    let first = chrono::NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
    for day in 0..210_u64 {
        writeln!(orders, "{},A1,{}", first + chrono::Days::new(day), 3 + day * 7 % 5).unwrap();
    }
    orders
}

/// A shop whose orders come from a script of this text.
fn shop(script: &str, more: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("data.csv"), orders()).unwrap();
    fs::write(dir.path().join("stock.csv"), "sku,on_hand\nA1,2\n").unwrap();
    fs::write(dir.path().join("print.sh"), script).unwrap();
    configure(dir.path(), &format!("command = [\"sh\", \"print.sh\"]\n{more}"));
    dir
}

fn configure(dir: &Path, orders: &str) {
    let config = format!(
        "[outputs]\ndir = \"runs\"\npage = false\n[inputs.stock]\npath = \"stock.csv\"\n\
         [inputs.orders]\n{orders}\n"
    );
    fs::write(dir.join("restock.toml"), config).unwrap();
}

fn call(dir: &Path, args: &[&str]) -> (i32, String) {
    let temp = dir.join("temp");
    fs::create_dir_all(&temp).unwrap();
    let output = restock(dir).args(args).env("TMPDIR", &temp).output().unwrap();
    assert_eq!(fs::read_dir(&temp).unwrap().count(), 0, "something is left of {args:?}");
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn night(dir: &Path, more: &[&str]) -> (i32, String) {
    call(dir, &[&["run", "--as-of", AS_OF], more].concat())
}

fn run_of(dir: &Path) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    let (code, said) = night(dir, &[]);
    assert_eq!(code, 0, "{said}");
    bytes(&dir.join("runs").join(AS_OF))
}

/// A night that a command fails: what it says. Nothing is left of it.
fn refused(dir: &Path) -> String {
    let (code, said) = night(dir, &[]);
    assert_eq!(code, 3, "{said}");
    let left: Vec<_> = fs::read_dir(dir.join("runs")).unwrap().flatten().collect();
    let left: Vec<_> = left.iter().map(|entry| entry.file_name()).collect();
    let known = |name: &str| name == ".restock.lock" || name.starts_with("ledger.sqlite");
    assert!(left.iter().all(|name| known(name.to_str().unwrap())), "{left:?}");
    said
}

#[test]
fn what_a_command_prints_gives_the_plan_of_the_file() {
    let printed = shop("cat data.csv; echo a warning >&2; cat", "");
    let (code, said) = night(printed.path(), &["-v"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("orders: a warning"), "{said}");
    let printed = bytes(&printed.path().join("runs").join(AS_OF));

    let file = shop("", "");
    configure(file.path(), "path = \"data.csv\"");
    let file = run_of(file.path());
    for name in ["plan.csv", "forecast.csv", "purchase_orders.csv"] {
        let name = Path::new(name);
        assert!(printed[name] == file[name], "{}", name.display());
    }
    let manifest = String::from_utf8_lossy(&printed[Path::new("manifest.json")]).into_owned();
    let sha256 = restock::io::sha256(orders().as_bytes());
    assert!(manifest.contains("\"path\": \"sh print.sh\"") && manifest.contains(&sha256));
}

#[test]
fn whatever_ends_a_command_but_success_ends_the_night() {
    for (script, what) in [
        ("cat data.csv; echo the reason >&2; exit 7", "failed with exit status: 7: the reason"),
        ("cat data.csv; kill -9 $$", "failed with signal: 9"),
        ("exit 1", "failed with exit status: 1"),
        ("", "sh print.sh is empty"),
        ("head -c 100 data.csv | tr , ' '", "has no column `date`"),
    ] {
        let said = refused(shop(script, "").path());
        assert!(said.contains("orders: ") && said.contains("sh print.sh"), "{said}");
        assert!(said.contains(what) && said.contains("hint: "), "{said}");
    }
    let dir = shop("", "");
    configure(dir.path(), "command = [\"./no-such-program\", \"--all\"]");
    let said = refused(dir.path());
    assert!(said.contains("no-such-program --all` cannot be started"), "{said}");
}

#[test]
fn a_command_that_takes_too_long_is_ended_with_all_that_it_started() {
    // The second one has ended itself, and what it started still holds its output.
    for script in [
        "cat data.csv; (sleep 4; touch outlived) & wait",
        "cat data.csv; (sleep 4; touch outlived) & exit 0",
        "yes | head -c 100000000 >&2; sleep 100",
    ] {
        let dir = shop(script, "timeout_s = 1");
        let begun = Instant::now();
        let said = refused(dir.path());
        assert!(said.contains("was ended after 1 s, its `timeout_s`"), "{said}");
        assert!(begun.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_secs(4));
        assert!(!dir.path().join("outlived").exists(), "what it started went on");
    }
}

#[test]
fn a_flood_of_words_is_cut_and_a_flood_of_columns_refused() {
    let dir = shop("yes complaint | head -n 200000 >&2; cat data.csv", "");
    let (code, said) = night(dir.path(), &["-v"]);
    assert_eq!(code, 0);
    assert!(said.contains("orders: and 199000 more lines"));
    assert_eq!(said.matches("complaint").count(), 1_000);

    let columns = "i=0; while [ $i -lt 17000 ]; do printf 'c%s,' $i; i=$((i + 1)); done; echo";
    let said = refused(shop(columns, "").path());
    assert!(said.contains("begins with a line of 17001 fields; the most is 16384"), "{said}");
}

#[test]
fn every_command_that_reads_inputs_runs_them_or_refuses_them() {
    let dir = shop("echo called >> calls; cat data.csv", "");
    for args in [
        &["check", "--as-of", AS_OF][..],
        &["forecast", "--as-of", AS_OF],
        &["explain", "A1", "--as-of", AS_OF],
        &["backtest", "--no-curve"],
        &["backtest", "--accuracy", "--models", "seasonal-naive"],
        &["run", "--as-of", AS_OF],
    ] {
        let _ = fs::remove_file(dir.path().join("calls"));
        let (code, said) = call(dir.path(), &[args, &["--no-commands"]].concat());
        assert_eq!(code, 2, "{args:?}: {said}");
        assert!(said.contains("`inputs.orders` is a command, and --no-commands is given"));
        assert!(said.contains("hint: "), "{said}");
        assert!(!dir.path().join("calls").exists(), "{args:?}");

        let (code, said) = call(dir.path(), args);
        assert_eq!(code, 0, "{args:?}: {said}");
        let calls = fs::read_to_string(dir.path().join("calls")).unwrap();
        assert_eq!(calls, "called\n", "{args:?}");
    }
}

#[test]
fn a_command_is_called_once_though_its_dates_are_looked_at_twice() {
    let script = "echo called >> calls; sed 's/2026-\\(..\\)-\\(..\\)/\\2.\\1.2026/' data.csv";
    let dir = shop(script, "date_format = [\"%m.%d.%Y\", \"%d.%m.%Y\"]");
    run_of(dir.path());
    assert_eq!(fs::read_to_string(dir.path().join("calls")).unwrap(), "called\n");
}

#[test]
fn what_a_killed_run_left_of_its_commands_is_removed() {
    let dir = shop("cat data.csv", "");
    let spool = dir.path().join("runs/.spool");
    fs::create_dir_all(&spool).unwrap();
    fs::write(spool.join("orders.csv"), "half a").unwrap();
    run_of(dir.path());
    assert!(!spool.exists());
}

#[test]
fn inputs_are_kept_with_the_run_and_can_be_read_again() {
    let dir = shop("cat data.csv", "");
    fs::write(dir.path().join("more-1.csv"), "sku,unit_cost\nA1,2\n").unwrap();
    fs::write(dir.path().join("more-2.csv"), "sku,unit_cost\nA2,3\n").unwrap();
    let config = dir.path().join("restock.toml");
    let text = fs::read_to_string(&config).unwrap();
    let text = text.replace("page = false", "page = false\nkeep_inputs = true");
    fs::write(&config, text + "[inputs.items]\npath = \"more-*.csv\"\n").unwrap();
    let run = run_of(dir.path());
    let kept: Vec<&str> = run.keys().filter_map(|name| name.to_str()).collect();
    let kept: Vec<&str> =
        kept.into_iter().filter_map(|name| name.strip_prefix("inputs/")).collect();
    assert_eq!(kept, ["items-1.csv.zst", "items-2.csv.zst", "orders.csv.zst", "stock.csv.zst"]);
    let orders_kept = &run[Path::new("inputs/orders.csv.zst")];
    assert_eq!(zstd::decode_all(orders_kept.as_slice()).unwrap(), orders().as_bytes());

    // The same night from what was kept.
    let again = tempfile::tempdir().unwrap();
    let inputs = again.path().join("inputs");
    fs::create_dir(&inputs).unwrap();
    for name in kept {
        fs::write(inputs.join(name), &run[&Path::new("inputs").join(name)]).unwrap();
    }
    fs::write(
        again.path().join("restock.toml"),
        "[outputs]\npage = false\n[inputs.orders]\npath = \"inputs/orders.csv.zst\"\n\
         [inputs.stock]\npath = \"inputs/stock.csv.zst\"\n\
         [inputs.items]\npath = \"inputs/items-*.csv.zst\"\n",
    )
    .unwrap();
    assert!(run_of(again.path())[Path::new("plan.csv")] == run[Path::new("plan.csv")]);
    // Kept by wish alone.
    let without = shop("cat data.csv", "");
    assert!(run_of(without.path()).keys().all(|name| !name.starts_with("inputs")));
}

#[test]
fn commands_may_print_other_formats() {
    let orders = orders();
    let mut json = String::new();
    for line in orders.lines().skip(1) {
        let [date, sku, quantity] = line.split(',').collect::<Vec<_>>()[..] else { panic!() };
        writeln!(json, "{{\"date\":\"{date}\",\"sku\":\"{sku}\",\"quantity\":{quantity}}}")
            .unwrap();
    }
    let of_csv = run_of(shop("cat data.csv", "").path());
    for (name, text) in [("ndjson", json), ("tsv", orders.replace(',', "\t"))] {
        let dir = shop("cat data.out", &format!("format = \"{name}\""));
        fs::write(dir.path().join("data.out"), text).unwrap();
        let run = run_of(dir.path());
        assert!(run[Path::new("plan.csv")] == of_csv[Path::new("plan.csv")], "{name}");
    }
    let dir = shop("cat data.csv", "format = \"xlsx\"");
    assert!(refused(dir.path()).contains("is no .xlsx workbook"));
    let dir = shop("cat data.csv", "format = \"parquet\"");
    assert!(refused(dir.path()).contains("cannot be read as Parquet"));
}
