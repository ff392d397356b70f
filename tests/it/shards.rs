//! One night in shards is the night of one process, to the byte; parts that do not make one night
//! are refused by name.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::shop::{bytes, restock, rows};

/// The night of the sample.
const NIGHT: &str = "runs/2026-06-29";

/// The sample shop.
fn sample() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    succeed(dir.path(), &["init", "."]);
    dir
}

fn succeed(dir: &Path, args: &[&str]) {
    restock(dir).args(args).assert().success();
}

/// What a command says that cannot use its data.
fn refusal(dir: &Path, args: &[&str]) -> String {
    let refused = restock(dir).args(args).assert().code(3);
    String::from_utf8_lossy(&refused.get_output().stderr).into_owned()
}

fn fit(dir: &Path, more: &[&str]) {
    succeed(dir, &[&["fit", "--output", "fitted"], more].concat());
}

fn run_shard(dir: &Path, number: u32, of: u32) {
    let (shard, output) = (format!("{number}/{of}"), format!("parts/{number}"));
    succeed(dir, &["run", "--shard", &shard, "--fitted", "fitted", "--output", &output]);
}

/// Takes a run away, with the ledger and all beside it.
fn take(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let run = bytes(&dir.join(NIGHT));
    fs::remove_dir_all(dir.join("runs")).unwrap();
    run
}

/// Names of the files that differ.
fn different(one: &BTreeMap<PathBuf, Vec<u8>>, other: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<String> {
    let names = one.keys().chain(other.keys()).filter(|name| one.get(*name) != other.get(*name));
    names.map(|name| name.display().to_string()).collect()
}

#[test]
fn a_night_in_shards_is_that_of_one_process() {
    let dir = sample();
    let dir = dir.path();
    succeed(dir, &["run"]);
    let whole = take(dir);

    fit(dir, &[]);
    for of in [1, 2, 7] {
        (0..of).rev().for_each(|number| run_shard(dir, number, of));
        // A part that is made again is the same part.
        let first = bytes(&dir.join("parts/0"));
        run_shard(dir, 0, of);
        assert_eq!(different(&first, &bytes(&dir.join("parts/0"))), [""; 0]);

        let mut args = vec!["merge".to_owned()];
        args.extend((0..of).map(|number| format!("parts/{}", (number + 1) % of)));
        restock(dir).args(args).assert().success();
        assert_eq!(different(&whole, &take(dir)), [""; 0], "{of} shards");
        fs::remove_dir_all(dir.join("parts")).unwrap();
    }
}

/// Without that table stock-outs of the past are found in the histories, which are changed then.
#[test]
fn a_night_in_shards_keeps_the_same_without_a_table_of_availability() {
    let dir = sample();
    let dir = dir.path();
    let text = fs::read_to_string(dir.join("restock.toml")).unwrap();
    let begin = text.find("[inputs.availability]").unwrap();
    let end = begin + text[begin..].find("\n[").unwrap() + 1;
    fs::write(dir.join("restock.toml"), format!("{}{}", &text[..begin], &text[end..])).unwrap();
    succeed(dir, &["run"]);
    let whole = take(dir);

    fit(dir, &[]);
    (0..2).for_each(|number| run_shard(dir, number, 2));
    succeed(dir, &["merge", "parts/0", "parts/1"]);
    assert_eq!(different(&whole, &take(dir)), [""; 0]);
}

#[test]
fn a_later_night_in_shards_reads_the_ledger_and_the_run_before() {
    let dir = sample();
    let dir = dir.path();
    let text = fs::read_to_string(dir.join("restock.toml")).unwrap();
    assert!(text.contains("supplier_choice = \"rank\""));
    fs::write(dir.join("restock.toml"), text.replace("= \"rank\"", "= \"cost\"")).unwrap();
    // Several suppliers offer what the sample buys.
    let mut offers = fs::read_to_string(dir.join("data/item_suppliers.csv")).unwrap();
    let header: Vec<String> =
        offers.lines().next().unwrap().split(',').map(str::to_owned).collect();
    for (at, item) in rows(&dir.join("data/items.csv")).iter().take(60).enumerate() {
        let cell = |name: &String| match name.as_str() {
            "sku" => item["sku"].clone(),
            "supplier" => ["KILNHOUSE", "GREENACRE", "FERRUM"][at % 3].to_owned(),
            "unit_cost" => format!("{:.2}", 0.2 + at as f64 / 100.0),
            _ => String::new(),
        };
        let row: Vec<String> = header.iter().map(cell).collect();
        offers.push_str(&format!("{}\n", row.join(",")));
    }
    fs::write(dir.join("data/item_suppliers.csv"), offers).unwrap();

    succeed(dir, &["run", "--as-of", "2026-06-28"]);
    let runs = dir.join("runs");
    let kept = dir.join("kept");
    copy(&runs, &kept);
    succeed(dir, &["run", "--as-of", "2026-06-29", "--order-now"]);
    let whole = take(dir);

    copy(&kept, &runs);
    fit(dir, &["--as-of", "2026-06-29", "--order-now"]);
    (0..3).for_each(|number| run_shard(dir, number, 3));
    let merge = ["merge", "parts/0", "parts/1", "parts/2"];
    succeed(dir, &merge);
    let again = bytes(&dir.join(NIGHT));
    assert_eq!(different(&whole, &again), [""; 0]);

    // Merged once more it is the same run.
    let said = restock(dir).args(merge).assert().success();
    let said = String::from_utf8_lossy(&said.get_output().stderr).into_owned();
    assert!(said.contains("Unchanged run"), "{said}");

    // The run before it has gone, so that its advice is not what the shards read.
    fs::remove_dir_all(runs.join("2026-06-28")).unwrap();
    let said = refusal(dir, &merge);
    assert!(said.contains("has changed since fitted was fitted"), "{said}");
}

#[test]
fn parts_that_make_no_night_are_refused_by_name() {
    let dir = sample();
    let dir = dir.path();
    fit(dir, &[]);
    (0..2).for_each(|number| run_shard(dir, number, 2));
    copy(&dir.join("parts/1"), &dir.join("twice"));

    let says = |args: &[&str], what: &[&str]| {
        let said = refusal(dir, args);
        for what in what {
            assert!(said.contains(what), "{args:?}: {said}");
        }
    };
    says(&["merge", "parts/1"], &["missing: shard 0/2"]);
    says(&["merge", "parts/0", "parts/1", "twice"], &["shard 1/2 is there twice", "twice"]);
    says(&["merge", "parts/0", "data"], &["data is no folder", "restock run --shard"]);
    says(&["merge", "parts/0", "fitted"], &["fitted was not written by `restock run --shard`"]);
    let set = ["--set", "plan.lead_time_days=9", "merge", "parts/0", "parts/1"];
    says(&set, &["fitted with another configuration"]);

    // A shard of another number of shards, of another night, and of another configuration.
    run_shard(dir, 2, 3);
    says(&["merge", "parts/0", "parts/1", "parts/2"], &["parts/2 is shard 2/3", "one number"]);
    fit(dir, &["--as-of", "2026-06-28"]);
    says(&["merge", "parts/0", "parts/1"], &["parts/0 does not belong", "another day"]);
    run_shard(dir, 1, 2);
    fit(dir, &[]);
    says(&["merge", "parts/0", "parts/1"], &["parts/1 does not belong", "another day"]);
    let set = ["--set", "plan.lead_time_days=9"];
    fit(dir, &set);
    let shard = ["run", "--shard", "1/2", "--fitted", "fitted", "--output", "parts/1"];
    says(&shard, &["fitted with another configuration"]);
    succeed(dir, &[&shard[..], &set].concat());
    fit(dir, &[]);
    says(&["merge", "parts/0", "parts/1"], &["parts/1 does not belong", "another configuration"]);

    // Damaged on its way.
    run_shard(dir, 1, 2);
    let file = dir.join("parts/1/part.bin.zst");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    says(&["merge", "parts/0", "parts/1"], &["part.bin.zst is damaged"]);
    assert!(!dir.join(NIGHT).exists(), "a refused merge published something");

    // Nothing of somebody else's is overwritten.
    let said = restock(dir).args(["fit", "--output", "data"]).assert().code(2);
    let said = String::from_utf8_lossy(&said.get_output().stderr).into_owned();
    assert!(said.contains("data is there and holds something else"), "{said}");
}

/// Copies a folder with all in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &target),
            false => drop(fs::copy(&path, &target).unwrap()),
        }
    }
}
