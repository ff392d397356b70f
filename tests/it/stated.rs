//! What people state about demand, through the command line on the sample shop.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

const DAY: &str = "2026-06-29";

fn restock(dir: &Path, args: &[&str]) -> String {
    let mut command = Command::cargo_bin("restock").unwrap();
    let output = command.current_dir(dir).env_remove("RESTOCK_CONFIG").args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn shop() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    restock(dir.path(), &["init", "."]);
    dir
}

fn forecast_of(dir: &Path, sku: &str) -> String {
    restock(dir, &["forecast", sku, "--as-of", DAY, "--format", "csv"])
}

#[test]
fn a_forecast_of_one_item_is_the_nightly_runs() {
    let shop = shop();
    restock(shop.path(), &["run", "--as-of", DAY, "--quiet"]);
    let nightly =
        fs::read_to_string(shop.path().join("runs").join(DAY).join("forecast.csv")).unwrap();
    // One of them with an override.
    for sku in ["CO-1001", "GA-1004"] {
        let wanted: Vec<&str> = nightly
            .lines()
            .enumerate()
            .filter(|(at, l)| *at == 0 || l.starts_with(sku))
            .map(|(_, l)| l)
            .collect();
        assert!(wanted.len() > 10);
        assert_eq!(forecast_of(shop.path(), sku).lines().collect::<Vec<_>>(), wanted);
    }
}

#[test]
fn an_override_moves_forecast_and_explanation_until_it_expires() {
    let shop = shop();
    let path = shop.path().join("data/overrides.csv");
    let header = "sku,location,from,to,kind,value,reason,expires_on\n";
    fs::write(&path, header).unwrap();
    let plain = forecast_of(shop.path(), "CO-1001");
    fs::write(&path, format!("{header}CO-1001,,2026-07-06,2026-07-12,add,500,Fair,2026-06-29\n"))
        .unwrap();
    assert_eq!(forecast_of(shop.path(), "CO-1001"), plain, "it had expired");
    fs::write(&path, format!("{header}CO-1001,,2026-07-06,2026-07-12,add,500,Fair,2026-07-13\n"))
        .unwrap();
    let moved = forecast_of(shop.path(), "CO-1001");
    for (before, after) in plain.lines().zip(moved.lines()) {
        assert_eq!(before != after, before.contains(",2026-07-06,"), "{before} became {after}");
        if before != after {
            let mean = |line: &str| line.split(',').nth(3).unwrap().parse::<f64>().unwrap();
            assert!((mean(after) - mean(before) - 500.0).abs() < 0.01);
        }
    }
    let explained = restock(shop.path(), &["explain", "CO-1001", "--as-of", DAY]);
    assert!(
        explained.contains("override     add 500, 2026-07-06 to 2026-07-12: demand"),
        "{explained}"
    );
    // Lines are broken between words.
    let words = explained.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("Fair (until 2026-07-13)"), "{explained}");
}

#[test]
fn an_override_of_an_unknown_item_is_a_finding() {
    let shop = shop();
    let path = shop.path().join("data/overrides.csv");
    let row = "NO-SUCH,,2026-07-06,2026-07-12,add,500,Fair,2026-07-13\n";
    fs::write(&path, fs::read_to_string(&path).unwrap() + row).unwrap();
    restock(shop.path(), &["run", "--as-of", DAY, "--quiet"]);
    let findings =
        fs::read_to_string(shop.path().join("runs").join(DAY).join("exceptions.csv")).unwrap();
    let of_item: Vec<&str> = findings.lines().filter(|line| line.contains("NO-SUCH")).collect();
    assert!(of_item.len() == 1 && of_item[0].starts_with("DQ053,"), "{of_item:?}");
}

#[test]
fn a_successor_inherits_and_what_it_replaces_is_not_planned_twice() {
    let shop = shop();
    let (old, new) = ("CE-1004", "CE-2004");
    let items = shop.path().join("data/items.csv");
    let with = fs::read_to_string(&items).unwrap();
    let mean = |sku: &str| -> f64 {
        forecast_of(shop.path(), sku)
            .lines()
            .skip(1)
            .map(|l| l.split(',').nth(3).unwrap().parse::<f64>().unwrap())
            .sum()
    };
    let inherited = mean(new);
    assert!(inherited > 0.0 && mean(old) == 0.0);
    let explained = restock(shop.path(), &["explain", new, "--as-of", DAY]);
    assert!(explained.contains("inherits     the demand history of CE-1004"), "{explained}");
    // Without the link the successor knows its own weeks only.
    fs::write(&items, with.replace(",2026-02-01,,CE-1004,", ",2026-02-01,,,")).unwrap();
    let alone = restock(shop.path(), &["explain", new, "--as-of", DAY]);
    let weeks = |text: &str| {
        text.split("demand       ")
            .nth(1)
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .parse::<u32>()
            .unwrap()
    };
    assert!(weeks(&explained) > weeks(&alone), "{explained}\n{alone}");
}
