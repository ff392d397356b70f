//! Excess and the review through the command line, over several runs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::shop::{bytes, restock, rows, unit, write_shop};

/// First day of the history, a Monday.
const FIRST: &str = "2024-06-03";
/// Days of history on the first night, which is a Monday too.
const DAYS: u64 = 728;

fn date(day: u64) -> String {
    let first: chrono::NaiveDate = FIRST.parse().unwrap();
    (first + chrono::Days::new(day)).to_string()
}

/// Two units a day of each of three items; `OLD` sold in the first year only.
fn tables(days: u64) -> BTreeMap<&'static str, String> {
    let mut orders = String::from("date,sku,quantity,unit_price\n");
    for day in 0..days {
        for (number, sku) in ["LEAN", "MUCH", "PLAN"].into_iter().enumerate() {
            let units = 1 + u64::from(unit(day << 4 | number as u64) < 0.5) * 2;
            writeln!(orders, "{},{sku},{units},10", date(day)).unwrap();
        }
        if day < 300 && day % 3 == 0 {
            writeln!(orders, "{},OLD,1,10", date(day)).unwrap();
            writeln!(orders, "{},GONE,1,10", date(day)).unwrap();
        }
    }
    let items = "sku,supplier,unit_cost,unit_price,status\n\
        LEAN,ACME,4,10,active\nMUCH,ACME,4,10,active\nPLAN,ACME,4,10,active\n\
        OLD,ACME,4,10,active\nGONE,ACME,3,10,discontinued\n";
    let stock = "sku,on_hand\nLEAN,0\nMUCH,2000\nPLAN,1900\nOLD,40\nGONE,30\n";
    let open = format!(
        "po_number,line,supplier,sku,quantity,ordered_on,expected_on\n\
         P1,1,ACME,PLAN,300,{},{}\nP2,1,ACME,LEAN,60,{},{}\n",
        date(DAYS - 5),
        date(DAYS + 9),
        date(DAYS - 30),
        date(DAYS - 2)
    );
    let backorders = format!(
        "order_id,line,customer,sku,quantity,ordered_on,promised_on,unit_price\n\
         C1,1,K1,LEAN,3,{},,10\nC2,1,K2,LEAN,1,{},,8\n",
        date(DAYS - 10),
        date(DAYS - 4)
    );
    BTreeMap::from([
        ("orders", orders),
        ("items", items.to_owned()),
        ("stock", stock.to_owned()),
        ("purchase_orders", open),
        ("backorders", backorders),
    ])
}

const SETTINGS: &str = "[plan]\nlead_time_days = 14\n";

fn run(dir: &Path, day: u64) -> std::path::PathBuf {
    write_shop(dir, &tables(day), SETTINGS);
    restock(dir).args(["run", "--quiet", "--as-of", &date(day)]).assert().success();
    dir.join("runs").join(date(day))
}

fn by_sku(path: &Path) -> BTreeMap<String, BTreeMap<String, String>> {
    rows(path).into_iter().map(|row| (row["sku"].clone(), row)).collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} is {:?}", row[column]))
}

#[test]
fn excess_is_what_a_year_does_not_need_and_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let run = run(dir.path(), DAYS);
    let found = by_sku(&run.join("excess.csv"));
    assert_eq!(found.keys().collect::<Vec<_>>(), ["GONE", "MUCH", "OLD", "PLAN"]);

    // Two a day for 365 days of cover: about 730 are worth keeping.
    let much = &found["MUCH"];
    assert!((number(much, "excess_units") - 1_270.0).abs() < 60.0, "{much:?}");
    assert_eq!(number(much, "excess_value"), 4.0 * number(much, "excess_units"));
    assert!((number(much, "months_of_supply") - 33.0).abs() < 2.0, "{much:?}");
    assert!(much["action"].starts_with("return ") && much["action"].contains(" ACME"), "{much:?}");

    let (old, gone) = (&found["OLD"], &found["GONE"]);
    // The plan itself may want one of an item that sold in a year before.
    assert!(number(old, "excess_units") >= 39.0, "{old:?}");
    assert_eq!(gone["excess_units"], "30");
    assert!(old["action"].contains("nothing was sold for a year"), "{old:?}");
    assert_eq!(old["months_of_supply"], "");
    assert!(gone["action"].starts_with("write off 30 units"), "{gone:?}");

    // What is said of an open order is what the advice on it says.
    let advice = rows(&run.join("open_order_advice.csv"));
    let said = &advice.iter().find(|row| row["po_number"] == "P1").unwrap()["advice"];
    assert!(found["PLAN"]["action"].starts_with(&format!("{said} 300 units of P1")), "{found:?}");
    assert!(["cancel", "postpone"].contains(&said.as_str()), "{said}");

    let plan = by_sku(&run.join("plan.csv"));
    for (sku, row) in &found {
        let there = number(&plan[sku], "on_hand") + number(&plan[sku], "on_order");
        assert!(number(row, "excess_units") <= there, "{sku}");
    }
}

#[test]
fn a_stated_holding_cost_lets_the_economic_retention_time_decide() {
    let dir = tempfile::tempdir().unwrap();
    let settings = format!("{SETTINGS}holding_cost_per_year = 2.0\n");
    write_shop(dir.path(), &tables(DAYS), &settings);
    restock(dir.path()).args(["run", "--quiet"]).assert().success();
    let found = by_sku(&dir.path().join("runs").join(date(DAYS)).join("excess.csv"));
    // Half a year and half an order; two a day.
    let kept = 2_000.0 - number(&found["MUCH"], "excess_units");
    assert!((350.0..410.0).contains(&kept), "{kept}");
}

#[test]
fn the_review_goes_on_from_run_to_run_and_a_rerun_has_one_row() {
    let dir = tempfile::tempdir().unwrap();
    for day in [DAYS, DAYS + 1, DAYS + 7] {
        run(dir.path(), day);
    }
    let run = run(dir.path(), DAYS + 7);
    let review = rows(&run.join("review.csv"));
    let dates: Vec<&str> = review.iter().map(|row| row["date"].as_str()).collect();
    assert_eq!(dates, [date(DAYS), date(DAYS + 1), date(DAYS + 7)]);

    let first = &review[0];
    assert_eq!(first["items_planned"], "5");
    assert_eq!(first["items_out_of_stock"], "1");
    assert_eq!((first["waiting_lines"].as_str(), first["waiting_units"].as_str()), ("2", "4"));
    assert_eq!(first["waiting_value"], "38.00");
    assert_eq!(first["waiting_oldest_days"], "10");
    assert_eq!(first["waiting_mean_days"], "7");
    assert_eq!((first["overdue_lines"].as_str(), first["overdue_value"].as_str()), ("1", "240.00"));
    assert_eq!(first["on_time_in_full_90d"], "0.0000");
    assert_eq!(first["in_stock_share_28d"], "0.8000");
    assert_eq!((first["promises_due"].as_str(), first["period_start"].as_str()), ("", ""));
    let excess: f64 =
        rows(&run.join("excess.csv")).iter().map(|row| number(row, "excess_value")).sum();
    assert!((number(&review[2], "excess_value") - excess).abs() < 0.005);
    let shares: f64 = first
        .iter()
        .filter(|(name, _)| name.starts_with("share_"))
        .map(|(_, share)| share.parse::<f64>().unwrap())
        .sum();
    assert!((shares - 1.0).abs() < 0.001, "{first:?}");

    // The week that began on the first night is whole on the last, and only there.
    assert_eq!((review[1]["period_start"].as_str(), &review[2]["period_start"]), ("", &date(DAYS)));
    let demand: f64 = (DAYS..DAYS + 7)
        .flat_map(|day| (0..3).map(move |number| (day, number)))
        .map(|(day, number)| if unit(day << 4 | number) < 0.5 { 3.0 } else { 1.0 })
        .sum();
    assert!((number(&review[2], "period_demand") - demand).abs() < 0.5, "{demand}");
    assert!(number(&review[2], "period_absolute_error") < demand);
    let manifest = fs::read_to_string(run.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["forecast_run"], date(DAYS));
    let hash = |name: &str| manifest["previous_run_sha256"][name].as_str().map(str::len);
    assert_eq!((hash("review.csv"), hash("forecast.csv")), (Some(64), Some(64)));

    // The same night again changes nothing.
    let before = bytes(&run);
    self::run(dir.path(), DAYS + 7);
    assert_eq!(bytes(&run), before);
}

#[test]
fn a_damaged_review_is_named_and_one_that_an_older_version_lacks_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let first = run(dir.path(), DAYS);
    fs::remove_file(first.join("review.csv")).unwrap();
    let second = run(dir.path(), DAYS + 1);
    let named = |run: &Path| {
        let findings = rows(&run.join("exceptions.csv"));
        findings.iter().filter(|row| row["message"].contains("review.csv")).count()
    };
    assert_eq!((named(&second), rows(&second.join("review.csv")).len()), (0, 1));

    fs::write(second.join("review.csv"), "date,items_planned\n").unwrap();
    let third = run(dir.path(), DAYS + 2);
    assert_eq!((named(&third), rows(&third.join("review.csv")).len()), (1, 1));
}

#[test]
fn promises_that_fell_due_are_kept_where_the_line_waits_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let first = run(dir.path(), DAYS);
    let told = format!(
        "order_id,line,sku,location,previous_promise,told_date,told_kind,told_respond_by,\
         told_silence,stated_date,place\nC1,1,LEAN,main,,{0},,,,,1\n\
         C9,1,LEAN,main,{0},,,,,,2\nC8,,LEAN,main,{0},{1},,,,,3\nC7,1,MUCH,main,,,,,,,4\n",
        date(DAYS),
        date(DAYS + 1)
    );
    fs::write(first.join("promises.csv"), told).unwrap();
    let second = run(dir.path(), DAYS + 1);
    let row = rows(&second.join("review.csv")).pop().unwrap();
    assert_eq!((row["promises_due"].as_str(), row["promises_kept"].as_str()), ("2", "1"));
}

#[test]
fn trends_are_shown_as_a_table_csv_json_and_a_picture() {
    let dir = tempfile::tempdir().unwrap();
    let report = |args: &[&str]| {
        let mut command = restock(dir.path());
        command.args(["report"]).args(args);
        let output = command.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    write_shop(dir.path(), &tables(DAYS), SETTINGS);
    assert_eq!(report(&["--trends"]).0, 3, "there is no run yet");
    assert!(!dir.path().join("runs").exists());
    for day in [DAYS, DAYS + 1] {
        run(dir.path(), day);
    }

    assert_eq!(report(&["--last", "3"]).0, 2, "trends have to be asked for");
    let newest =
        fs::read_to_string(dir.path().join("runs").join(date(DAYS + 1)).join("review.csv"));
    assert_eq!(report(&["--trends", "--format", "csv"]), (0, newest.unwrap()));
    let (code, table) = report(&["--trends"]);
    assert!(code == 0 && table.starts_with("date ") && table.contains("excess_value"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    let (_, older) = report(&["--trends", &date(DAYS), "--format", "json"]);
    let older: serde_json::Value = serde_json::from_str(&older).unwrap();
    assert_eq!(older.as_array().unwrap().len(), 1);
    assert_eq!(older[0]["waiting_value"], 38.0);
    assert_eq!(older[0]["promises_due"], serde_json::Value::Null);
    let (_, last) = report(&["--trends", "--last", "1", "--format", "csv"]);
    assert_eq!(last.lines().count(), 2);

    assert_eq!(report(&["--trends", "--output", "trends.svg"]), (0, String::new()));
    let picture = fs::read_to_string(dir.path().join("trends.svg")).unwrap();
    assert!(picture.starts_with("<svg ") && picture.contains("Items out of stock"), "{picture}");
    assert_eq!(report(&["--trends", "--output", "trends.xls"]).0, 2);
    assert_eq!(report(&["--trends", "2020-01-01"]).0, 2);
}
