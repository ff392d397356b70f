//! Lead times, open orders and order dates, through the front door: small tables, one run, its
//! files. All runs stand at Monday 2026-06-29 unless they say otherwise.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::shop::{restock, rows};

const DAY: &str = "2026-06-29";
const PURCHASES: &str = "po_number,supplier,sku,quantity,ordered_on,expected_on\n";
const RECEIPTS: &str = "po_number,supplier,sku,quantity,ordered_on,received_on\n";

type Row = BTreeMap<String, String>;

fn date(day: &str, days: i64) -> String {
    let day: chrono::NaiveDate = day.parse().unwrap();
    (day + chrono::Duration::days(days)).to_string()
}

/// A year of sales of as many units a day of each item, up to the day before.
fn sales(per_day: &[(&str, u32)], until: &str) -> String {
    let mut text = String::from("date,sku,quantity\n");
    for days in 1..=365 {
        for (sku, units) in per_day {
            writeln!(text, "{},{sku},{units}", date(until, -days)).unwrap();
        }
    }
    text
}

/// Thirty orders of an item, each received after as many days.
fn receipts(count: i64, sku: &str, days: i64) -> String {
    (0..count).fold(RECEIPTS.to_owned(), |mut text, at| {
        let ordered = date(DAY, -40 - 7 * at);
        writeln!(text, "R{at},S1,{sku},50,{ordered},{}", date(&ordered, days)).unwrap();
        text
    })
}

/// One open line of 200 units, ordered and expected so many days from today.
fn open_line(sku: &str, ordered: i64, expected: i64) -> String {
    format!("{PURCHASES}P1,S1,{sku},200,{},{}\n", date(DAY, ordered), date(DAY, expected))
}

struct Shop(tempfile::TempDir);

impl Shop {
    fn new(tables: &[(&str, String)]) -> Self {
        let shop = Self(tempfile::tempdir().unwrap());
        shop.write("restock.toml", "");
        tables.iter().for_each(|(name, text)| shop.table(name, text));
        shop
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    fn table(&self, name: &str, text: &str) {
        self.write(&format!("{name}.csv"), text);
        let config = fs::read_to_string(self.0.path().join("restock.toml")).unwrap();
        let key = format!("[inputs.{name}]\npath = \"{name}.csv\"\n");
        if !config.contains(&key) {
            self.write("restock.toml", &(config + &key));
        }
    }

    fn run(&self, day: &str, more: &[&str]) -> PathBuf {
        let args = [&["run", "--as-of", day, "--quiet"], more].concat();
        restock(self.0.path()).args(args).assert().success();
        self.0.path().join("runs").join(day)
    }

    fn plan_with(&self, more: &[&str]) -> BTreeMap<String, Row> {
        by_sku(&self.run(DAY, more))
    }

    fn plan(&self) -> BTreeMap<String, Row> {
        self.plan_with(&[])
    }

    fn said(&self, args: &[&str]) -> String {
        let output = restock(self.0.path()).args(args).assert().success().get_output().clone();
        String::from_utf8(output.stdout).unwrap()
    }
}

fn by_sku(run: &Path) -> BTreeMap<String, Row> {
    rows(&run.join("plan.csv")).into_iter().map(|row| (row["sku"].clone(), row)).collect()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} of {row:?}"))
}

fn findings(run: &Path, code: &str) -> Vec<String> {
    let of_code = |row: &Row| row["code"] == code;
    let found = rows(&run.join("exceptions.csv")).into_iter().filter(of_code);
    found.map(|row| row["message"].clone()).collect()
}

#[test]
fn a_supplier_that_confirms_late_is_not_asked_for_the_same_need_every_night() {
    let shop = Shop::new(&[("items", "sku,supplier,lead_time_days\nA,S1,14\n".into())]);
    let mut purchases = PURCHASES.to_owned();
    let mut ordered = Vec::new();
    for night in 0..6 {
        let day = date(DAY, night);
        shop.table("orders", &sales(&[("A", 5)], &day));
        shop.table("stock", &format!("sku,on_hand\nA,{}\n", 60 - 5 * night));
        shop.table("purchase_orders", &purchases);
        let row = by_sku(&shop.run(&day, &[]))["A"].clone();
        let units = if row["decision"] == "order" { number(&row, "order_quantity") } else { 0.0 };
        ordered.push(units);
        if units > 0.0 {
            writeln!(purchases, "P{night},S1,A,{units},{day},{}", date(&day, 20)).unwrap();
        }
    }
    assert!(ordered[0] >= 50.0, "{ordered:?}");
    assert!(ordered[1..].iter().sum::<f64>() <= 50.0, "five days sell 25 units: {ordered:?}");
}

#[test]
fn what_is_ordered_for_a_day_far_ahead_is_no_cover_for_the_days_before() {
    let shop = Shop::new(&[
        ("orders", sales(&[("A", 5)], DAY)),
        ("items", "sku,supplier,lead_time_days\nA,S1,14\n".into()),
        ("stock", "sku,on_hand\nA,20\n".into()),
        ("purchase_orders", open_line("A", -2, 60)),
    ]);
    let row = &shop.plan()["A"];
    assert_eq!((row["on_order"].as_str(), row["on_order_later"].as_str()), ("0", "200"));
    shop.table("purchase_orders", &open_line("A", -2, 30));
    let row = &shop.plan()["A"];
    assert_eq!((row["on_order"].as_str(), row["on_order_later"].as_str()), ("200", "0"));
}

#[test]
fn one_late_line_moves_the_reorder_point_of_no_other_item() {
    let shop = Shop::new(&[
        ("orders", sales(&[("A", 5), ("B", 5)], DAY)),
        ("items", "sku,supplier,lead_time_days\nA,S1,14\nB,S1,14\n".into()),
        ("suppliers", "supplier,lead_time_days\nS1,14\n".into()),
        ("stock", "sku,on_hand\nA,30\nB,300\n".into()),
    ]);
    let usual = number(&shop.plan()["B"], "reorder_point");
    for items in ["sku,supplier,lead_time_days\nA,S1,14\nB,S1,14\n", "sku,supplier\nA,S1\nB,S1\n"] {
        shop.table("items", items);
        for late in [30, 60, 89] {
            shop.table("purchase_orders", &open_line("A", -14 - late, -late));
            let plan = shop.plan();
            assert_eq!(number(&plan["B"], "reorder_point"), usual, "{late} days late");
        }
    }
    // Ten orders that took fourteen days say more than one that takes longer.
    shop.table("receipts", &receipts(10, "A", 14));
    assert!(number(&shop.plan()["B"], "reorder_point") < 1.25 * usual);
}

#[test]
fn an_overdue_line_is_not_here_today() {
    let shop = Shop::new(&[
        ("orders", sales(&[("A", 5)], DAY)),
        ("items", "sku,supplier,lead_time_days\nA,S1,14\n".into()),
        ("stock", "sku,on_hand\nA,30\n".into()),
        ("purchase_orders", open_line("A", -19, -5)),
    ]);
    // Seven days from now: P(Poisson(35) > 30).
    let risk = number(&shop.plan()["A"], "stockout_probability");
    assert!((risk - 0.77).abs() < 0.03, "{risk}");
}

#[test]
fn a_shelf_that_waits_for_an_overdue_order_heads_the_risks_and_the_order_is_hurried() {
    let shop = Shop::new(&[
        ("orders", sales(&[("AXLE", 10), ("BOLT", 10)], DAY)),
        ("items", "sku,supplier,lead_time_days\nAXLE,S1,14\nBOLT,S1,14\n".into()),
        ("stock", "sku,on_hand\nAXLE,20\nBOLT,300\n".into()),
    ]);
    for with_receipts in [false, true] {
        if with_receipts {
            shop.table("receipts", &receipts(30, "AXLE", 14));
        }
        for late in [1, 7, 14, 60, 80] {
            shop.table("purchase_orders", &open_line("AXLE", -14 - late, -late));
            let run = shop.run(DAY, &[]);
            let plan = by_sku(&run);
            assert!(number(&plan["AXLE"], "stockout_probability") > 0.99, "{late} days late");
            assert_eq!(rows(&run.join("backorder_risk.csv"))[0]["sku"], "AXLE");
            let advice = &rows(&run.join("open_order_advice.csv"))[0];
            assert_eq!(advice["advice"], "expedite", "{advice:?}");
            let reorder_point = number(&plan["BOLT"], "reorder_point");
            assert!((160.0..200.0).contains(&reorder_point), "{reorder_point}, {late} days late");
        }
    }
}

#[test]
fn several_overdue_orders_of_one_supplier_are_its_outage_whoever_is_asked_next() {
    let lines: String =
        (1..=4).map(|at| format!("P{at},S2,A,60,2026-06-01,2026-06-15\n")).collect();
    let shop = Shop::new(&[
        ("orders", sales(&[("A", 10)], DAY)),
        ("items", "sku,supplier,lead_time_days\nA,S1,14\n".into()),
        ("stock", "sku,on_hand\nA,20\n".into()),
        ("purchase_orders", PURCHASES.to_owned() + &lines),
    ]);
    let risk = &rows(&shop.run(DAY, &[]).join("backorder_risk.csv"))[0];
    assert_eq!(risk["cause"], "supplier_outage", "{risk:?}");
}

#[test]
fn the_later_an_order_is_the_greater_is_the_risk() {
    let items = "sku,supplier,lead_time_days,lead_time_sd_days\nAXLE,S1,15,3\n";
    let shop = Shop::new(&[
        ("orders", sales(&[("AXLE", 10)], DAY)),
        ("items", items.into()),
        ("stock", "sku,on_hand\nAXLE,20\n".into()),
    ]);
    let risks: Vec<f64> = [0, 2, 4, 7, 14, 30]
        .map(|late| {
            shop.table("purchase_orders", &open_line("AXLE", -15 - late, -late));
            number(&shop.plan()["AXLE"], "stockout_probability")
        })
        .to_vec();
    assert!(risks.windows(2).all(|pair| pair[1] >= pair[0] - 0.02), "{risks:?}");
    assert!(risks[0] < 0.6 && risks[5] > 0.7, "{risks:?}");
}

#[test]
fn an_items_own_spread_counts_whatever_its_supplier_delivers() {
    let items = "sku,supplier,lead_time_days,lead_time_sd_days\nA,S1,14,5\nB,S1,,\n";
    let shop = Shop::new(&[
        ("orders", sales(&[("A", 10), ("B", 10)], DAY)),
        ("items", items.into()),
        ("stock", "sku,on_hand\nA,220\nB,220\n".into()),
    ]);
    let alone = number(&shop.plan()["A"], "reorder_point");
    assert!((240.0..255.0).contains(&alone), "{alone}");
    shop.table("purchase_orders", &open_line("A", -3, 11));
    assert_eq!(number(&shop.plan()["A"], "reorder_point"), alone);
    shop.table("receipts", &receipts(30, "B", 14));
    shop.table("suppliers", "supplier,lead_time_days,lead_time_sd_days\nS1,14,1\n");
    assert_eq!(number(&shop.plan()["A"], "reorder_point"), alone);
}

#[test]
fn a_stated_lead_time_beats_receipts_where_a_person_says_so() {
    let shop = Shop::new(&[
        ("orders", sales(&[("A", 10)], DAY)),
        ("items", "sku,supplier\nA,S1\n".into()),
        ("suppliers", "supplier,lead_time_days,lead_time_until\nS1,42,\n".into()),
        ("stock", "sku,on_hand\nA,220\n".into()),
        ("receipts", receipts(40, "A", 20)),
    ]);
    let days = |more: &[&str]| number(&shop.plan_with(more)["A"], "lead_time_mean_days");
    let mixed = days(&[]);
    assert!((20.5..26.0).contains(&mixed), "{mixed}");
    let told = findings(&shop.run(DAY, &[]), "DQ058");
    assert!(told.len() == 1 && told[0].contains("42") && told[0].contains("20.0"), "{told:?}");

    assert_eq!(days(&["--set", "plan.lead_time=stated"]), 42.0);
    assert_eq!(days(&["--set", "plan.lead_time=learnt"]), 20.0);
    let said = |set: &str| shop.said(&["explain", "A", "--as-of", DAY, "--set", set]);
    let of = |word: &str| said(&format!("plan.lead_time={word}"));
    assert!(of("stated").contains("as stated, 42 days"), "{}", of("stated"));
    assert!(of("learnt").contains("learnt from 40 orders"), "{}", of("learnt"));
    assert!(of("mixed").contains("42 days stated, mixed with 40 orders"), "{}", of("mixed"));

    // Until a day, that day included.
    let until = |days: i64| {
        let day = date(DAY, days);
        shop.table("suppliers", &format!("supplier,lead_time_days,lead_time_until\nS1,42,{day}\n"));
    };
    until(0);
    assert_eq!(days(&[]), 42.0);
    assert_eq!(findings(&shop.run(DAY, &[]), "DQ058"), [""; 0]);
    until(-1);
    assert_eq!(days(&[]), mixed);

    // By a rule, for the supplier's items alone.
    let config = fs::read_to_string(shop.0.path().join("restock.toml")).unwrap();
    let rule = "[[plan.rule]]\nmatch = { supplier = \"S1\" }\nlead_time = \"stated\"\n";
    shop.write("restock.toml", &(config + rule));
    assert_eq!(days(&[]), 42.0);
}

#[test]
fn a_closure_stops_the_suppliers_clock() {
    let shop = Shop::new(&[
        ("orders", sales(&[("A", 10), ("B", 10)], DAY)),
        ("items", "sku,supplier\nA,S1\nB,S2\n".into()),
        ("suppliers", "supplier,lead_time_days,business_days\nS1,20,\nS2,5,true\n".into()),
        ("closures", "supplier,from,to\nS1,2026-07-04,2026-07-31\n".into()),
        ("stock", "sku,on_hand\nA,320\nB,5\n".into()),
    ]);
    let run = shop.run(DAY, &[]);
    let lines = rows(&run.join("purchase_orders.csv"));
    let requested: Vec<&str> = lines.iter().map(|line| line["requested_date"].as_str()).collect();
    assert_eq!(requested, ["2026-08-16", "2026-07-06"]);
    let row = &by_sku(&run)["A"];
    assert!(number(row, "stockout_probability") > 0.999);
    assert!((number(row, "expected_short_units") - 160.0).abs() < 10.0, "{row:?}");
    // Forty-nine days until tomorrow's order would come, not the closure twice.
    let reorder_point = number(row, "reorder_point");
    assert!((490.0..580.0).contains(&reorder_point), "{reorder_point}");

    // A date inside the closure is no date; one that knows of it stands.
    for (expected, comes) in [(10, 33), (35, 35)] {
        shop.table("purchase_orders", &open_line("A", -10, expected));
        let advice = &rows(&shop.run(DAY, &[]).join("open_order_advice.csv"))[0];
        assert!(advice["reason"].contains(&format!("expected in {comes} days")), "{advice:?}");
    }
}

#[test]
fn receipts_across_a_closure_count_open_days_only() {
    let mut received = RECEIPTS.to_owned();
    for at in 0..20 {
        let ordered = date("2026-03-01", at);
        writeln!(received, "R{at},S1,A,50,{ordered},{}", date(&ordered, 44)).unwrap();
    }
    let shop = Shop::new(&[
        ("orders", sales(&[("A", 10)], DAY)),
        ("items", "sku,supplier\nA,S1\n".into()),
        ("suppliers", "supplier,lead_time_days\nS1,14\n".into()),
        ("closures", "supplier,from,to\nS1,2026-03-22,2026-04-10\n".into()),
        ("receipts", received),
        ("stock", "sku,on_hand\nA,220\n".into()),
    ]);
    let days = number(&shop.plan()["A"], "lead_time_mean_days");
    assert!((20.0..24.5).contains(&days), "24 days without the 20 closed ones: {days}");
}

#[test]
fn an_open_order_without_a_date_comes_after_the_usual_lead_time() {
    let shop = Shop::new(&[
        ("orders", sales(&[("A", 10)], DAY)),
        ("items", "sku,supplier,lead_time_days\nA,S1,14\n".into()),
        ("stock", "sku,on_hand\nA,20\n".into()),
        ("purchase_orders", format!("{PURCHASES}P2,S1,A,200,2026-06-22,\n")),
    ]);
    let run = shop.run(DAY, &[]);
    assert_eq!(by_sku(&run)["A"]["on_order"], "200");
    let told = findings(&run, "DQ057");
    assert!(told.len() == 1 && told[0].contains("2026-07-06"), "{told:?}");
    // Without the column it is the same.
    shop.table(
        "purchase_orders",
        "po_number,supplier,sku,quantity,ordered_on\nP2,S1,A,200,2026-06-22\n",
    );
    assert_eq!(by_sku(&shop.run(DAY, &[]))["A"]["on_order"], "200");
}

#[test]
fn what_is_needed_on_another_day_than_its_order_date_waits_for_it() {
    let shop = Shop::new(&[
        ("orders", sales(&[("A", 10), ("B", 10), ("C", 10)], DAY)),
        ("items", "sku,supplier,unit_cost\nA,S1,2\nB,S2,2\nC,S1,2\n".into()),
        ("suppliers", "supplier,lead_time_days,order_weekdays\nS1,14,thu\nS2,14,mon|thu\n".into()),
        ("stock", "sku,on_hand\nA,20\nB,20\nC,900\n".into()),
    ]);
    let plan = shop.plan();
    let said = |sku: &str| {
        let row = &plan[sku];
        (row["decision"].as_str(), row["reason"].as_str(), row["next_order_date"].as_str())
    };
    assert_eq!(said("A"), ("waits", "not_order_day", "2026-07-02"));
    assert_eq!(said("B"), ("order", "at_reorder_point", "2026-07-02"));
    assert_eq!(said("C"), ("no_need", "above_reorder_point", "2026-07-02"));
    assert!(number(&plan["A"], "order_quantity") > 100.0);

    let args = ["run", "--as-of", DAY, "--label", "said"];
    let output = restock(shop.0.path()).args(args).assert().success().get_output().clone();
    let summary = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(summary.contains("1 to order, 1 waits, 1 need nothing"), "{summary}");
    let units = number(&plan["A"], "order_quantity");
    let book = summary.lines().find(|line| line.trim_start().starts_with("2026-07-02"));
    let money = format!("{:.2} EUR", 2.0 * units);
    assert!(book.is_some_and(|book| book.contains(&money)), "{summary}");
}

#[test]
fn stock_out_dates_are_told_whatever_the_bucket() {
    let shop = Shop::new(&[
        ("orders", sales(&[("A", 10)], DAY)),
        ("items", "sku,supplier,lead_time_days\nA,S1,14\n".into()),
        ("stock", "sku,on_hand\nA,600\n".into()),
    ]);
    for bucket in ["day", "week", "month"] {
        let plan = shop.plan_with(&["--set", &format!("run.bucket={bucket}")]);
        let last = plan["A"]["stockout_date_p90"].as_str();
        assert!(("2026-08-20".."2026-09-28").contains(&last), "{bucket}: {last}");
    }
}
