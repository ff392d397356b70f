//! `explain` and `forecast` are the night's own figures, item by item, where plans cross items:
//! locations that others supply, joint orders, minimum values, containers and overrides.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::shop::{restock, rows};

const SKUS: usize = 10;
const DAYS: u64 = 400;

/// A number from 0 to `below − 1` that only depends on what it is drawn for.
fn drawn(key: u64, below: u64) -> u64 {
    let mixed = (key ^ 0x9E37_79B9).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((mixed ^ (mixed >> 31)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 33) % below.max(1)
}

fn date(day: u64) -> String {
    let first = chrono::NaiveDate::from_ymd_opt(2025, 5, 26).unwrap();
    (first + chrono::Days::new(day)).to_string()
}

/// Orders of ten items at two locations, each with its own pace.
fn orders() -> String {
    let mut text = String::from("date,sku,quantity,location,unit_price\n");
    for day in 0..DAYS {
        for item in 0..SKUS as u64 {
            for (number, location) in ["depot", "shop"].into_iter().enumerate() {
                let key = day << 16 | item << 4 | number as u64;
                let units = drawn(key, 3 + item) / (1 + item % 3);
                if units > 0 {
                    writeln!(text, "{},S{item:02},{units},{location},9.5", date(day)).unwrap();
                }
            }
        }
    }
    text
}

/// The shop: `shop` is supplied by `depot`, but for two items that it buys itself.
fn write_shop(dir: &Path) {
    let mut items = String::from("sku,supplier,unit_cost,unit_price,moq,pack_size,weight_kg\n");
    let mut stock = String::from("sku,location,on_hand\n");
    for item in 0..SKUS {
        let supplier = ["ACME", "BOLT", "CRATE"][item % 3];
        writeln!(items, "S{item:02},{supplier},4,9.5,{},{},2", item * 3, 1 + item % 4).unwrap();
        writeln!(stock, "S{item:02},depot,{}", 20 + 13 * item).unwrap();
        writeln!(stock, "S{item:02},shop,{}", 3 * item).unwrap();
    }
    let files = [
        ("orders.csv", orders()),
        ("items.csv", items),
        ("stock.csv", stock),
        (
            "suppliers.csv",
            "supplier,lead_time_days,lead_time_sd_days,min_order_value,order_cost,\
             container_weight_kg,container_cost\n\
             ACME,9,2,900,15,,\nBOLT,14,3,,25,,\nCRATE,21,4,,,400,300\n"
                .to_owned(),
        ),
        (
            "locations.csv",
            "location,supplied_by,lead_time_days\ndepot,,\nshop,depot,2\n".to_owned(),
        ),
        ("item_locations.csv", "sku,location,supplier\nS01,shop,BOLT\nS04,shop,BOLT\n".to_owned()),
        (
            "overrides.csv",
            "sku,location,from,to,kind,value,reason,expires_on\n\
             S02,shop,2026-07-01,2026-07-20,add,60,campaign,2026-08-01\n\
             S05,,2026-07-06,2026-07-12,multiply,3,fair,2026-08-01\n"
                .to_owned(),
        ),
    ];
    let mut config = String::from("[outputs]\ndir = \"runs\"\n");
    for (name, text) in files {
        fs::write(dir.join(name), text).unwrap();
        let table = name.trim_end_matches(".csv");
        writeln!(config, "[inputs.{table}]\npath = \"{name}\"").unwrap();
    }
    fs::write(dir.join("restock.toml"), config).unwrap();
}

/// The run's directory.
fn run(dir: &Path) -> std::path::PathBuf {
    restock(dir).args(["run", "--quiet"]).assert().success();
    let runs = fs::read_dir(dir.join("runs")).unwrap().map(|entry| entry.unwrap().path());
    runs.filter(|path| path.is_dir()).max().expect("a run directory")
}

fn printed(dir: &Path, args: &[&str]) -> String {
    let output = restock(dir).args(args).assert().success().get_output().stdout.clone();
    String::from_utf8(output).unwrap()
}

/// What `explain` says of an item, in the form of `plan.csv`'s columns.
fn explained(text: &str) -> BTreeMap<&'static str, String> {
    let line = |start: &str| {
        let found = text.lines().find_map(|line| line.strip_prefix(start));
        found.unwrap_or_else(|| panic!("no line begins with {start:?}:\n{text}")).trim()
    };
    let word_after = |text: &str, before: &str| {
        let rest = text.split_once(before).unwrap_or_else(|| panic!("{before} in {text}")).1;
        rest.split([' ', ')']).next().unwrap_or_default().to_owned()
    };
    let (decision, target) = (line("decision"), line("target"));
    BTreeMap::from([
        ("decision", decision.split(' ').next().unwrap_or_default().to_owned()),
        ("reason", word_after(decision, "(")),
        ("order_quantity", word_after(decision, "): ")),
        ("reorder_point", word_after(target, "reorder point ")),
        ("order_up_to_level", word_after(line("             order up to"), "")),
        ("supplier", word_after(line("lead time"), "from ").trim_end_matches(';').to_owned()),
        ("inventory_position", word_after(line("position"), "on order = ")),
        ("stockout_probability", line("risk").split(' ').next().unwrap_or_default().to_owned()),
    ])
}

/// The same of a row of `plan.csv`.
fn planned(row: &BTreeMap<String, String>) -> BTreeMap<&'static str, String> {
    let number = |column: &str| row[column].parse::<f64>().unwrap_or(0.0);
    let is_ordered = row["decision"] == "order";
    BTreeMap::from([
        ("decision", row["decision"].clone()),
        ("reason", row["reason"].clone()),
        ("order_quantity", if is_ordered { row["order_quantity"].clone() } else { "0".to_owned() }),
        ("reorder_point", format!("{:.1}", number("reorder_point"))),
        ("order_up_to_level", format!("{:.1}", number("order_up_to_level"))),
        ("supplier", row["supplier"].clone()),
        ("inventory_position", row["inventory_position"].clone()),
        ("stockout_probability", format!("{:.1}", 100.0 * number("stockout_probability"))),
    ])
}

#[test]
fn explain_and_forecast_say_what_the_night_wrote_for_every_item() {
    let dir = tempfile::tempdir().unwrap();
    write_shop(dir.path());
    let run = run(dir.path());
    let plan = rows(&run.join("plan.csv"));
    assert_eq!(plan.len(), 2 * SKUS);

    let reasons: Vec<&str> = plan.iter().map(|row| row["reason"].as_str()).collect();
    for needed in ["supplied_by_location", "at_reorder_point", "above_reorder_point"] {
        assert!(reasons.contains(&needed), "the shop has no item that is {needed}: {reasons:?}");
    }
    let crossing = ["joins_order", "tops_up_order", "fills_container"];
    assert!(reasons.iter().any(|reason| crossing.contains(reason)), "{reasons:?}");

    for row in &plan {
        let text = printed(dir.path(), &["explain", &row["sku"], "--location", &row["location"]]);
        assert_eq!(explained(&text), planned(row), "{} at {}", row["sku"], row["location"]);
    }

    let written = fs::read_to_string(run.join("forecast.csv")).unwrap();
    let (header, _) = written.split_once('\n').unwrap();
    for sku in ["S00", "S02", "S05", "S09"] {
        let of_sku = written.lines().filter(|line| line.starts_with(sku));
        let expected: Vec<&str> = std::iter::once(header).chain(of_sku).collect();
        let shown = printed(dir.path(), &["forecast", sku, "--format", "csv"]);
        assert_eq!(shown.lines().collect::<Vec<_>>(), expected, "{sku}");
    }
}
