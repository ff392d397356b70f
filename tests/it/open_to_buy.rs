//! A budget a month: what it has left by the ledger and the tables, over nights and over the turn
//! of a month.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use restock::domain::calendar::{date_of, day_of};

use crate::shop::{restock, rows, write_shop};

type Shop = BTreeMap<&'static str, String>;

const OPEN: &str = "po_number,supplier,sku,quantity,ordered_on,expected_on,reference\n";
const CAME: &str = "po_number,supplier,sku,quantity,ordered_on,received_on\n";

/// Eight items that sell every day and have nothing left; Z is only bought.
fn shop() -> Shop {
    let mut orders = "date,sku,quantity\n".to_owned();
    let mut items = "sku,supplier,unit_cost,unit_price,lead_time_days\nZ,ACME,10,20,5\n".to_owned();
    let mut stock = "sku,on_hand\nZ,5000\n".to_owned();
    for item in 0..8 {
        writeln!(items, "S{item},ACME,{},{},5", 2 + item, 2 * (3 + item)).unwrap();
        writeln!(stock, "S{item},0").unwrap();
    }
    let today = day_of(restock::sample::AS_OF);
    for day in today - 200..today {
        let date = date_of(day);
        for item in 0..8 {
            writeln!(orders, "{date},S{item},{}", 1 + item % 3).unwrap();
        }
    }
    Shop::from([("orders", orders), ("items", items), ("stock", stock)])
}

/// Makes a night; gives the words of its summary.
fn night(dir: &Path, day: &str, more: &[&str]) -> String {
    let output = restock(dir).args(["run", "--as-of", day]).args(more).assert().success();
    let text = String::from_utf8(output.get_output().stderr.clone()).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the lines of a night in some states come to.
fn value(dir: &Path, day: &str, states: &[&str]) -> f64 {
    let lines = rows(&dir.join("runs").join(day).join("purchase_orders.csv"));
    let lines = lines.iter().filter(|line| states.contains(&line["state"].as_str()));
    lines.map(|line| line["line_total"].parse::<f64>().unwrap()).sum()
}

/// The number after some words of a text.
fn after(text: &str, words: &str) -> f64 {
    let rest = text.split_once(words).unwrap_or_else(|| panic!("no {words:?} in {text}")).1;
    let number = rest.trim().split(' ').next().unwrap();
    number.replace(',', "").trim_end_matches(';').parse().unwrap()
}

fn findings(dir: &Path, day: &str, code: &str) -> Vec<String> {
    let found = rows(&dir.join("runs").join(day).join("exceptions.csv"));
    found.into_iter().filter(|row| row["code"] == code).map(|row| row["message"].clone()).collect()
}

#[test]
fn a_month_spends_what_it_has_each_order_once_and_the_next_begins_anew() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let mut tables = shop();
    // 30 of this month, 10 of them came; 99 of last month; and what nobody knows the cost of.
    let open = format!(
        "{OPEN}P1,ACME,Z,20,2026-06-10,2026-08-01,\nP0,ACME,Z,99,2026-05-31,2026-08-01,\n\
         P2,ACME,Q,5,2026-06-11,2026-08-01,\n"
    );
    let came = format!(
        "{CAME}P1,ACME,Z,10,2026-06-10,2026-06-20\nP3,ACME,S1,40,2026-06-01,2026-06-06\n\
         P4,ACME,S1,40,2026-05-28,2026-06-02\n"
    );
    tables.insert("purchase_orders", open.clone());
    tables.insert("receipts", came);
    let settings = "[purchasing]\nbudget_per_month = 700\n";
    write_shop(dir, &tables, settings);

    // 30 × 10 and 40 × 3.
    let said = night(dir, "2026-06-29", &[]);
    assert_eq!(after(&said, "of the month's 700.00"), 420.0);
    assert!(said.contains("(3 lines, of which 1 without a cost count as nothing)"), "{said}");
    let (first, held) =
        (value(dir, "2026-06-29", &["suggested"]), value(dir, "2026-06-29", &["held"]));
    assert!(first > 100.0 && first <= 280.0 && held > 0.0, "{first} of {held}");
    let left = 280.0 - first;
    let over = findings(dir, "2026-06-29", "DQ050");
    assert!(over.iter().all(|said| said.contains("what is left of the month's budget, 280.00")));
    let line = &findings(dir, "2026-06-29", "DQ072")[0];
    assert!(line.contains("280.00 left of the month's budget buys"), "{line}");
    assert!(line.ends_with(&format!("and {left:.2} are left after it")), "{line} {left}");

    // What went out counts the next night, in its ledger or in the table, and once.
    let said = night(dir, "2026-06-30", &[]);
    assert_eq!(after(&said, "of the month's 700.00"), 420.0 + first);
    let before = fs::read(dir.join("runs/2026-06-30/purchase_orders.csv")).unwrap();
    let sent = rows(&dir.join("runs/2026-06-29/purchase_orders.csv"));
    let mut seen = open;
    for (at, line) in sent.iter().filter(|line| line["state"] == "suggested").enumerate() {
        let (sku, quantity, number) = (&line["sku"], &line["quantity"], &line["po_number"]);
        let expected = &line["requested_date"];
        writeln!(seen, "E{at},ACME,{sku},{quantity},2026-06-29,{expected},{number}").unwrap();
    }
    fs::write(dir.join("purchase_orders.csv"), seen).unwrap();
    let said = night(dir, "2026-06-30", &[]);
    assert_eq!(after(&said, "of the month's 700.00"), 420.0 + first);
    assert_eq!(fs::read(dir.join("runs/2026-06-30/purchase_orders.csv")).unwrap(), before);
    let second = value(dir, "2026-06-30", &["suggested"]);
    assert!(second <= left, "{second} of {left}");

    // In July there is all of it again, and what was held goes out.
    let said = night(dir, "2026-07-01", &[]);
    assert_eq!(after(&said, "of the month's 700.00"), 0.0);
    assert!(value(dir, "2026-07-01", &["suggested"]) > left);
}

#[test]
fn the_lesser_of_both_budgets_counts_and_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    write_shop(dir, &shop(), "[purchasing]\nbudget_per_month = 5000\nbudget = 150\n");
    night(dir, "2026-06-29", &[]);
    let over = findings(dir, "2026-06-29", "DQ050");
    assert!(!over.is_empty() && over.iter().all(|said| said.contains("the budget of 150.00")));
    let line = &findings(dir, "2026-06-29", "DQ072")[0];
    assert!(line.contains("150.00 buys") && line.contains("of the month's 5000.00 0.00 were"));
    assert!(value(dir, "2026-06-29", &["suggested"]) <= 150.0);

    // Where everything fits nothing is found, and the summary tells of the month.
    let plenty = ["--set", "purchasing.budget=9000", "--label", "plenty"];
    let said = night(dir, "2026-06-29", &plenty);
    let all = value(dir, "2026-06-29-plenty", &["suggested"]);
    assert!(findings(dir, "2026-06-29-plenty", "DQ072").is_empty());
    assert_eq!(after(&said, "lines), and"), 5000.0 - all);

    // A plan of a few items is that of the night.
    let explained = |more: &[&str]| {
        let args = [&["explain", "S3", "--as-of", "2026-06-29"], more].concat();
        let output = restock(dir).args(args).assert().success();
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    };
    let tight = explained(&["--set", "purchasing.budget_per_month=20"]);
    assert!(tight.contains("DQ050") && tight.contains("month's"), "{tight}");
    assert!(!explained(&["--set", "purchasing.budget=9000"]).contains("DQ050"));
}

#[test]
fn a_line_takes_of_the_month_once_it_is_approved_and_gives_it_back_when_cancelled() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let settings = "[purchasing]\nbudget_per_month = 5000\nhandover = \"approve\"\n";
    write_shop(dir, &shop(), settings);
    night(dir, "2026-06-29", &[]);
    let ordered = |day: &str| after(&night(dir, day, &[]), "of the month's 5,000.00");
    assert_eq!(ordered("2026-06-30"), 0.0);
    let all = value(dir, "2026-06-30", &["suggested"]);

    let decide = |args: &[&str]| drop(restock(dir).arg("orders").args(args).assert().success());
    decide(&["approve", "260629-ACME-main", "--by", "ann", "--on", "2026-06-30"]);
    let lines = rows(&dir.join("runs/2026-06-30/purchase_orders.csv"));
    let one = &lines[0];
    assert!(lines.iter().all(|line| line["po_number"] == "260629-ACME-main"));
    let name = format!("{}:{}", one["po_number"], one["line"]);
    decide(&["cancel", &name, "--by", "ann", "--on", "2026-06-30"]);
    let price: f64 = one["line_total"].parse().unwrap();
    let now = ordered("2026-06-30");
    assert!((now - (all - price)).abs() < 0.005, "{now}, {all} less {price}");
}
