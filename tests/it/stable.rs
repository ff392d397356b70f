//! Orders that are on their way are not ordered again: on the same day, and on the next one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::shop::{restock, rows, unit};

const TODAY: &str = "2026-06-29";
const TOMORROW: &str = "2026-06-30";
const DAYS: u64 = 420;
const ITEMS: u64 = 36;

/// A number from 0 to 1 that only depends on what it is drawn for.
fn drawn(item: u64, day: u64, salt: u64) -> f64 {
    unit(item << 40 | day << 8 | salt)
}

/// Mean demand of an item: from one in three weeks to a dozen a day.
fn per_day(item: u64) -> f64 {
    0.05 * libm::pow(1.17, item as f64)
}

/// Items that sell in whole units on some days, with every kind of quantity and limit; the supplier
/// of a third is punctual, the others are not.
fn write_shop(dir: &Path) {
    let first = chrono::NaiveDate::from_ymd_opt(2026, 6, 29).unwrap() - chrono::Days::new(DAYS);
    let mut orders = String::from("date,sku,quantity\n");
    for day in 0..DAYS {
        let date = first + chrono::Days::new(day);
        for item in 0..ITEMS {
            let mean = per_day(item);
            let size = 1.0 + (4.0 * drawn(item, day, 1)).floor();
            let is_sold = drawn(item, day, 2) < (mean / 2.5).min(0.9);
            let more = if mean > 2.0 { (mean * drawn(item, day, 3)).floor() } else { 0.0 };
            if is_sold || day == 0 {
                writeln!(orders, "{date},S{item:02},{}", size + more).unwrap();
            }
        }
    }

    let mut items = String::from(
        "sku,supplier,unit_cost,unit_price,moq,pack_size,min_stock,max_stock,shelf_life_days\n",
    );
    let mut stock = String::from("sku,on_hand\n");
    for item in 0..ITEMS {
        let mean = per_day(item);
        let weeks = |weeks: f64| (7.0 * weeks * mean).ceil().max(1.0).to_string();
        let (mut moq, mut pack, mut min, mut max, mut life) = Default::default();
        match item % 9 {
            1 => pack = "6".to_owned(),
            2 => pack = weeks(3.0),
            3 => moq = weeks(5.0),
            4 => (moq, pack) = (weeks(4.0), "4".to_owned()),
            5 => max = weeks(4.0),
            6 => (min, max) = (weeks(3.0), weeks(6.0)),
            7 => (min, pack) = (weeks(5.0), "10".to_owned()),
            8 => life = "40".to_owned(),
            _ => {}
        }
        let supplier = ["PROMPT", "LATE", "LATER"][(item / 9 + item) as usize % 3];
        writeln!(items, "S{item:02},{supplier},4,9.5,{moq},{pack},{min},{max},{life}").unwrap();
        let on_hand = (20.0 * mean * drawn(item, 0, 4)).floor();
        writeln!(stock, "S{item:02},{on_hand}").unwrap();
    }
    let suppliers = "supplier,lead_time_days,lead_time_sd_days,order_cost\n\
                     PROMPT,9,0,\nLATE,12,4,\nLATER,25,9,20\n";
    for (name, text) in [
        ("orders.csv", orders.as_str()),
        ("items.csv", &items),
        ("stock.csv", &stock),
        ("suppliers.csv", suppliers),
    ] {
        fs::write(dir.join(name), text).unwrap();
    }
}

/// The plan of a day by item.
type Plan = BTreeMap<String, BTreeMap<String, String>>;

/// Runs a night on a shop with these settings and open orders: its plan, and its orders as open
/// ones.
fn night(dir: &Path, config: &str, day: &str, open: &str) -> (Plan, String) {
    let mut text = format!("{config}\n[outputs]\ndir = \"runs\"\n");
    for table in ["orders", "items", "stock", "suppliers", "purchase_orders"] {
        writeln!(text, "[inputs.{table}]\npath = \"{table}.csv\"").unwrap();
    }
    fs::write(dir.join("restock.toml"), text).unwrap();
    let header = "po_number,line,supplier,sku,quantity,ordered_on,expected_on\n";
    fs::write(dir.join("purchase_orders.csv"), format!("{header}{open}")).unwrap();
    let _ = fs::remove_dir_all(dir.join("runs"));
    restock(dir).args(["run", "--quiet", "--as-of", day]).assert().success();

    let run = dir.join("runs").join(day);
    let mut ordered = open.to_owned();
    for line in rows(&run.join("purchase_orders.csv")) {
        let of = |column: &str| line[column].clone();
        let (number, line, supplier) = (of("po_number"), of("line"), of("supplier"));
        let (sku, quantity, expected) = (of("sku"), of("quantity"), of("requested_date"));
        writeln!(ordered, "{number},{line},{supplier},{sku},{quantity},{day},{expected}").unwrap();
    }
    let plan = rows(&run.join("plan.csv"));
    (plan.into_iter().map(|row| (row["sku"].clone(), row)).collect(), ordered)
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or(0.0)
}

fn ordered(plan: &Plan) -> BTreeSet<&str> {
    let is_ordered = |row: &&BTreeMap<String, String>| row["decision"] == "order";
    plan.values().filter(is_ordered).map(|row| row["sku"].as_str()).collect()
}

/// What is wrong with a night under these settings and the ones after it.
fn faults(dir: &Path, config: &str) -> Vec<String> {
    let (first, open) = night(dir, config, TODAY, "");
    let skus = ordered(&first);
    assert!(skus.len() > 8, "only {} are ordered under {config}", skus.len());

    let mut faults = Vec::new();
    let (again, _) = night(dir, config, TODAY, &open);
    for sku in ordered(&again) {
        faults.push(format!(
            "{sku}: {} ordered, and {} more on the same day",
            first[sku]["order_quantity"], again[sku]["order_quantity"]
        ));
    }

    // Without a sale a day moves levels by about what it would have sold. Less is no fault: where
    // packs or multiples are large a small step can ask for a whole one.
    let (next, _) = night(dir, config, TOMORROW, &open);
    for sku in ordered(&next).intersection(&skus) {
        let row = &next[*sku];
        let mean = number(row, "mean_daily_demand");
        let missing = number(row, "reorder_point") - number(row, "inventory_position");
        let more = missing.min(number(row, "order_quantity"));
        if more > 3.0 + 2.0 * mean {
            faults.push(format!(
                "{sku}: {} ordered, and {more} more on the next day at {mean} a day",
                first[*sku]["order_quantity"]
            ));
        }
    }

    let told = config.replace("\n", " ");
    faults.into_iter().map(|fault| format!("{told}: {fault}")).collect()
}

#[test]
fn what_was_ordered_is_not_ordered_again() {
    let dir = tempfile::tempdir().unwrap();
    write_shop(dir.path());
    let cost =
        "target = { cost = { holding = 0.3, shortage = 1.0, per = \"year\", as = \"share\" } }";
    let service = "target = { cycle_service_level = 0.95 }";
    let fill = "target = { fill_rate = 0.97 }\norder_cost = 8\nholding_cost_per_year = 0.25";
    let lost = "unmet_demand = \"lost\"";
    let weekly = "review_period_days = 7";
    let cases = [
        ("rsS", vec![service], "up"),
        ("rsS", vec![service, "max_cover_days = 20"], "up"),
        ("rsS", vec![fill, "max_cover_days = 20", lost], "down"),
        ("rsS", vec![fill, weekly], "nearest"),
        ("rsnQ", vec![service], "down"),
        ("rsnQ", vec![cost, "max_cover_days = 30"], "up"),
        ("rS", vec![service], "down"),
        ("rS", vec![service, "max_cover_days = 20"], "nearest"),
        ("rS", vec![cost, lost], "up"),
        ("rS", vec![cost, lost, weekly], "down"),
        ("rS", vec![cost, lost, "max_cover_days = 20"], "nearest"),
        ("min_max", vec![service], "down"),
        ("min_max", vec![cost, "max_cover_days = 20"], "up"),
    ];

    let faults: Vec<String> = cases
        .into_iter()
        .flat_map(|(policy, settings, rounding)| {
            let config = format!(
                "[forecast]\nmodel = \"smoothing\"\n[purchasing]\npack_rounding = \"{rounding}\"\n\
                 [plan]\npolicy = \"{policy}\"\n{}",
                settings.join("\n")
            );
            faults(dir.path(), &config)
        })
        .collect();
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}
