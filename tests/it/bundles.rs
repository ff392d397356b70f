//! Bundles, through the command line: a shop that sells them plans like the same shop whose orders
//! were taken apart by hand.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use restock::domain::calendar::{Day, date_of};

use crate::shop::{restock, rows, unit, write_shop};

type Shop = BTreeMap<&'static str, String>;

/// 2026-06-29, on which the shop stands.
const TODAY: Day = 20_633;
/// 2026-04-01: from then on a KIT takes three A.
const CHANGE: Day = 20_544;
const BUNDLES: [&str; 4] = ["KIT", "SET", "BIG", "OLD"];
const COMPONENTS: &str = "sku,component,quantity,from,to
KIT,A,2,,2026-03-31
KIT,A,3,2026-04-01,
KIT,B,1,,
SET,KIT,1,,
SET,C,0.5,,
SET,D,1,,
BIG,SET,2,,
BIG,A,1,,
OLD,E,4,,2025-12-31
OLD,E,5,2026-01-01,
";

/// What one of a sku takes on a day, as somebody with a pencil works it out.
fn by_hand(sku: &str, day: Day) -> Vec<(&'static str, f64)> {
    let a = if day < CHANGE { 2.0 } else { 3.0 };
    match sku {
        "KIT" => vec![("A", a), ("B", 1.0)],
        "SET" => vec![("A", a), ("B", 1.0), ("C", 0.5), ("D", 1.0)],
        "BIG" => vec![("A", 2.0 * a + 1.0), ("B", 2.0), ("C", 1.0), ("D", 2.0)],
        "OLD" => vec![("E", if day < 20_454 { 4.0 } else { 5.0 })],
        _ => Vec::new(),
    }
}

/// An order line; `of` is the day whose components count: for what is sent back that of the sale.
struct Line {
    day: Day,
    of: Day,
    order: String,
    sku: &'static str,
    location: &'static str,
    quantity: f64,
}

fn lines() -> Vec<Line> {
    let mut lines = Vec::new();
    let skus = ["A", "B", "C", "E", "KIT", "SET", "BIG", "OLD"];
    let share = [0.7, 0.3, 0.2, 0.5, 0.5, 0.25, 0.08, 0.1];
    for day in TODAY - 500..TODAY {
        for (at, (sku, share)) in skus.into_iter().zip(share).enumerate() {
            for (place, location) in ["main", "web"].into_iter().enumerate() {
                let key = (day as u64) << 8 | (at as u64) << 4 | place as u64;
                if unit(key) > share * if place == 0 { 1.0 } else { 0.6 } {
                    continue;
                }
                let quantity = (1.0 + 4.0 * unit(key ^ 0xABCD)).floor();
                let order = format!("{day}-{at}-{place}");
                lines.push(Line { day, of: day, order: order.clone(), sku, location, quantity });
                // Some are cancelled soon, some come back in part and late.
                let back = match (unit(key ^ 0x5555) * 20.0) as u32 {
                    0 => Some((day + 3, quantity)),
                    1 if quantity > 1.0 => Some((day + 20, 1.0)),
                    _ => None,
                };
                if let Some((when, units)) = back.filter(|(when, _)| *when < TODAY) {
                    let quantity = -units;
                    lines.push(Line { day: when, of: day, order, sku, location, quantity });
                }
            }
        }
    }
    lines
}

/// The orders; `is_apart`: with components in the place of bundles. Only sales of single items have
/// a price.
fn orders(is_apart: bool) -> String {
    let mut text = "date,sku,quantity,location,order_id,customer,unit_price\n".to_owned();
    for line in lines() {
        let (date, order, location) = (date_of(line.day), &line.order, line.location);
        let parts = if is_apart { by_hand(line.sku, line.of) } else { Vec::new() };
        if parts.is_empty() {
            let price = if BUNDLES.contains(&line.sku) { "499" } else { "9.50" };
            let (sku, quantity) = (line.sku, line.quantity);
            writeln!(text, "{date},{sku},{quantity},{location},{order},C-{order},{price}").unwrap();
        }
        for (sku, each) in parts {
            let quantity = line.quantity * each;
            writeln!(text, "{date},{sku},{quantity},{location},{order},C-{order},").unwrap();
        }
    }
    text
}

const ITEMS: &str = "sku,supplier,unit_cost,unit_price,pack_size,category
A,ACME,2,4,6,parts
B,ACME,5,9,1,parts
C,BOLT,1,3,1,parts
D,BOLT,7,,1,parts
E,BOLT,3,5,10,parts
KIT,,,20,,kits
SET,,,30,,kits
BIG,,,50,,kits
OLD,,,8,,kits
";

/// The shop, with bundles or taken apart.
fn shop(is_apart: bool) -> Shop {
    let mut stock = "sku,location,on_hand\n".to_owned();
    for (sku, main, web) in [("A", 60, 3), ("B", 20, 9), ("C", 8, 2), ("D", 1, 4), ("E", 90, 0)] {
        writeln!(stock, "{sku},main,{main}\n{sku},web,{web}").unwrap();
    }
    let mut open = "po_number,supplier,sku,quantity,ordered_on,expected_on,location\n\
         P1,ACME,A,30,2026-06-20,2026-07-02,main\n"
        .to_owned();
    let mut waiting = "order_id,customer,sku,location,quantity,ordered_on,unit_price\n\
         W1,C1,A,web,2,2026-06-25,4\n"
        .to_owned();
    let mut overrides = "sku,location,from,to,kind,value,reason,expires_on\n\
         E,main,2026-07-06,2026-07-12,multiply,2,fair,2026-08-01\n"
        .to_owned();
    let mut prices =
        "sku,from,to,unit_price,promotion\nE,2026-02-02,2026-02-15,4,sale\n".to_owned();
    let mut availability = "date,sku,location,in_stock\n".to_owned();
    for day in 20_500..20_507 {
        writeln!(availability, "{},A,main,0", date_of(day)).unwrap();
    }
    if is_apart {
        waiting += "W2,C2,A,main,9,2026-06-20,\nW2,C2,B,main,3,2026-06-20,\n\
             W3,C3,A,web,4,2026-03-30,\nW3,C3,B,web,2,2026-03-30,\nW3,C3,C,web,1,2026-03-30,\n\
             W3,C3,D,web,2,2026-03-30,\n";
        overrides += "A,main,2026-07-06,2026-07-12,add,30,order,2026-08-01\n\
             B,main,2026-07-06,2026-07-12,add,10,order,2026-08-01\n";
    } else {
        stock += "KIT,main,7\n";
        open += "P9,ASSEMBLY,KIT,5,2026-06-20,2026-07-02,main\n";
        waiting += "W2,C2,KIT,main,3,2026-06-20,20\nW3,C3,SET,web,2,2026-03-30,30\n";
        overrides += "KIT,main,2026-07-06,2026-07-12,add,10,order,2026-08-01\n\
             SET,main,2026-07-06,2026-07-12,set,90,guess,2026-08-01\n";
        prices += "KIT,2026-02-02,2026-02-15,15,sale\nKIT,2026-07-06,2026-07-12,15,sale\n";
        for day in 20_400..20_460 {
            writeln!(availability, "{},KIT,main,0", date_of(day)).unwrap();
        }
    }
    let mut tables = Shop::from([
        ("orders", orders(is_apart)),
        ("items", ITEMS.to_owned()),
        ("stock", stock),
        ("purchase_orders", open),
        ("backorders", waiting),
        ("overrides", overrides),
        ("prices", prices),
        ("availability", availability),
    ]);
    if !is_apart {
        tables.insert("components", COMPONENTS.to_owned());
    }
    tables
}

fn run(dir: &Path, tables: &Shop, settings: &str) -> PathBuf {
    write_shop(dir, tables, settings);
    restock(dir).args(["run", "--quiet", "--as-of", "2026-06-29"]).assert().success();
    dir.join("runs/2026-06-29")
}

/// The lines of a CSV file that are not about bundles.
fn without_bundles(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let is_bundle = |line: &str| BUNDLES.iter().any(|sku| line.starts_with(&format!("{sku},")));
    text.lines().filter(|line| !is_bundle(line)).map(str::to_owned).collect()
}

fn assert_equal_plans(settings: &str) {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let bundled = run(folders[0].path(), &shop(false), settings);
    let apart = run(folders[1].path(), &shop(true), settings);
    for file in ["plan.csv", "forecast.csv", "purchase_orders.csv", "excess.csv", "promises.csv"] {
        let [found, wanted] = [&bundled, &apart].map(|run| without_bundles(&run.join(file)));
        assert!(file == "excess.csv" || wanted.len() > 3, "{file} says something: {wanted:#?}");
        for (found, wanted) in found.iter().zip(&wanted) {
            assert_eq!(found, wanted, "{file} under {settings:?}");
        }
        assert_eq!(found.len(), wanted.len(), "{file}");
    }
    let risk = "backorder_risk.csv";
    assert_eq!(without_bundles(&bundled.join(risk)), without_bundles(&apart.join(risk)));
    let bundles: Vec<_> = rows(&bundled.join("plan.csv"))
        .into_iter()
        .filter(|row| BUNDLES.contains(&row["sku"].as_str()))
        .collect();
    assert_eq!(bundles.len(), 8, "each at both places");
    for row in bundles {
        let said = ["decision", "reason", "order_quantity", "on_hand"].map(|name| &*row[name]);
        assert_eq!(said, ["no_need", "bundle", "", ""]);
    }
}

#[test]
fn a_shop_with_bundles_plans_like_the_one_whose_orders_were_taken_apart_by_hand() {
    assert_equal_plans("[demand]\nreturns = \"net\"\n");
    assert_equal_plans("[demand]\nreturns = \"ignore\"\n[run]\nbucket = \"day\"\n");
    assert_equal_plans(
        "[plan]\nunmet_demand = \"lost\"\n[run]\nbucket = \"month\"\n[demand]\nspikes = \"keep\"\n",
    );
}

#[test]
fn a_replay_of_the_past_takes_bundles_apart_each_night() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    for (folder, is_apart) in folders.iter().zip([false, true]) {
        write_shop(folder.path(), &shop(is_apart), "");
        restock(folder.path())
            .args(["backtest", "--from", "2026-03-02", "--to", "2026-05-31", "--no-curve"])
            .args(["--output", "found"])
            .assert()
            .success();
    }
    for file in ["comparison.csv", "months.csv"] {
        let [found, wanted] =
            [0, 1].map(|at| fs::read_to_string(folders[at].path().join("found").join(file)));
        assert_eq!(found.unwrap(), wanted.unwrap(), "{file}");
    }
}

/// Units of E at main that the last year's sales of OLD took, where returns are ignored.
fn of_e_in_old() -> f64 {
    let all = lines();
    let is_cancelled = |sale: &Line| {
        let back = |line: &&Line| line.order == sale.order && line.quantity == -sale.quantity;
        all.iter().filter(back).any(|line| line.day <= sale.day + 7)
    };
    let is_told = |line: &&Line| {
        let is_here = (line.sku, line.location) == ("OLD", "main");
        is_here && line.day >= TODAY - 365 && line.quantity > 0.0 && !is_cancelled(line)
    };
    all.iter().filter(is_told).map(|line| line.quantity * by_hand("OLD", line.day)[0].1).sum()
}

/// A line of a text, without its label's spaces and line breaks.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn explain(dir: &Path, args: &[&str]) -> String {
    let output = restock(dir).arg("explain").args(args).assert().success();
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

#[test]
fn explain_says_how_many_can_be_made_and_what_came_through_bundles() {
    let dir = tempfile::tempdir().unwrap();
    run(dir.path(), &shop(false), "");
    let args = ["SET", "--location", "web", "--as-of", "2026-06-29"];
    let said = words(&explain(dir.path(), &args));
    // A: 3 there, 6 waited for (W1, W3); B: 9, 2 waited for; C: 2, 1 waited for; D: 4, 2.
    for part in [
        "0 can be made from free stock; A gives out first",
        "component 3 × A: 0 free, enough for 0",
        "component 1 × B: 7 free, enough for 7",
        "component 0.5 × C: 1 free, enough for 2",
        "component 1 × D: 2 free, enough for 2",
        "decision no_need (bundle)",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let stored = words(&explain(dir.path(), &["SET", "--location", "web", "--run"]));
    assert_eq!(stored, said);

    let json = explain(dir.path(), &["KIT", "--run", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let main = &json[0];
    assert_eq!((&main["sku"], &main["location"]), (&"KIT".into(), &"main".into()));
    // 60 A less the 9 of W2, by 3; 20 B less 3.
    assert_eq!(main["can_be_made"], 17);
    assert_eq!(main["components"][0]["quantity"], 3.0);
    assert!(words(&main["trail"].to_string()).contains("DQ122 bundle_stocked: 7 on hand, 5 on"));

    let said = words(&explain(dir.path(), &["D", "--location", "main", "--as-of", "2026-06-29"]));
    assert!(said.contains("(100 %) were sold in bundles: SET ") && said.contains("BIG "), "{said}");
    let said = words(&explain(dir.path(), &["E", "--location", "main", "--run"]));
    assert!(said.contains(&format!("were sold in bundles: OLD {}", of_e_in_old())), "{said}");

    let refused = restock(dir.path()).args(["forecast", "KIT", "--as-of", "2026-06-29"]).assert();
    let refused = refused.code(2).get_output().stderr.clone();
    assert!(String::from_utf8_lossy(&refused).contains("KIT is a bundle"), "{refused:?}");
}

/// A small shop: A and B sell every day, K, L, M every other day.
fn small(components: &str) -> Shop {
    let mut orders = "date,sku,quantity\n".to_owned();
    for day in TODAY - 120..TODAY {
        let date = date_of(day);
        writeln!(orders, "{date},A,3\n{date},B,1").unwrap();
        if day % 2 == 0 {
            writeln!(orders, "{date},K,1\n{date},L,2\n{date},M,1").unwrap();
        }
    }
    Shop::from([
        ("orders", orders),
        ("stock", "sku,on_hand\nA,0\nB,0\nK,0\nL,0\nM,0\n".to_owned()),
        ("components", components.to_owned()),
    ])
}

fn plan_of(run: &Path) -> BTreeMap<String, BTreeMap<String, String>> {
    rows(&run.join("plan.csv")).into_iter().map(|row| (row["sku"].clone(), row)).collect()
}

fn findings_of(run: &Path, code: &str) -> Vec<String> {
    let found = rows(&run.join("exceptions.csv")).into_iter().filter(|row| row["code"] == code);
    found.map(|row| format!("{} {} {}", row["severity"], row["sku"], row["message"])).collect()
}

#[test]
fn bundles_in_a_circle_or_nested_too_deep_are_blocked_and_all_others_planned() {
    let dir = tempfile::tempdir().unwrap();
    let circle = "sku,component,quantity\nK,L,1\nL,K,2\nM,A,2\n";
    let found = run(dir.path(), &small(circle), "");
    let plan = plan_of(&found);
    for sku in ["K", "L"] {
        assert_eq!(plan[sku]["reason"], "components_unresolved");
        assert_eq!(plan[sku]["decision"], "blocked");
    }
    assert_eq!((&*plan["M"]["reason"], &*plan["A"]["decision"]), ("bundle", "order"));
    let rate: f64 = plan["A"]["mean_daily_demand"].parse().unwrap();
    assert!((rate - 4.0).abs() < 0.2, "three a day and every other day a bundle of two: {rate}");
    let said = findings_of(&found, "DQ120");
    assert!(said.len() == 2 && said[0].contains("error K") && said[0].contains("K > L > K"));

    // Itself, deeper than eight, and a bundle that holds one of these.
    let mut deep = "sku,component,quantity\nL,L,1\nM,L,1\nK,n1,1\n".to_owned();
    for level in 1..9 {
        writeln!(deep, "n{level},n{},1", level + 1).unwrap();
    }
    let found = run(dir.path(), &small(&deep), "");
    let plan = plan_of(&found);
    for sku in ["K", "L", "M"] {
        assert_eq!(plan[sku]["reason"], "components_unresolved", "{sku}");
    }
    let said = findings_of(&found, "DQ120");
    assert!(said.iter().any(|said| said.contains("M > L > L")), "{said:?}");
    assert!(said.iter().any(|said| said.contains("nested more than 8 deep: K > n1")), "{said:?}");
    let failing = ["run", "--quiet", "--as-of", "2026-06-29", "--fail-on", "error"];
    restock(dir.path()).args(failing).assert().code(1);

    // One level less is fine.
    let found = run(dir.path(), &small(&deep.replace("K,n1,1", "K,n2,1")), "");
    assert_eq!(plan_of(&found)["K"]["reason"], "bundle");
    assert!(plan_of(&found).contains_key("n9"), "planned though it has no order of its own");
}

#[test]
fn rows_that_cannot_be_used_are_set_aside_and_the_case_of_skus_is_as_everywhere() {
    let dir = tempfile::tempdir().unwrap();
    let table = "sku,component,quantity,from,to\n\
        k,a,2,,\nK,B,0,,\nK,B,-1,,\nK,B,two,,\nK,,1,,\nL,A,1,2026-05-01,2026-04-01\nM,b,2,,\n\
        M,b,2,,\n";
    let settings = "[demand]\nsku_case = \"upper\"\n";
    let found = run(dir.path(), &small(table), settings);
    let plan = plan_of(&found);
    let reasons = ["K", "L", "M"].map(|sku| plan[sku]["reason"].as_str());
    assert_eq!(reasons, ["bundle", "at_reorder_point", "bundle"]);
    let rate = |sku: &str| plan[sku]["mean_daily_demand"].parse::<f64>().unwrap();
    assert!((rate("A") - 4.0).abs() < 0.2 && (rate("B") - 2.0).abs() < 0.2);
    let set_aside = rows(&found.join("quarantine.csv"));
    let codes: Vec<&str> = set_aside.iter().map(|row| row["code"].as_str()).collect();
    assert_eq!(codes.len(), 6, "{set_aside:?}");
    assert!(set_aside.iter().all(|row| row["table"] == "components"));
    assert!(set_aside.iter().any(|row| row["message"].contains("bundle takes more than nothing")));
    // How much of B a sale of K takes is not known: nobody buys B without a look.
    let said = findings_of(&found, "DQ028");
    assert!(said.iter().any(|it| it.contains("without B, and order lines of B need review")));
    let state_of_b = |found: &Path| {
        let lines = rows(&found.join("purchase_orders.csv"));
        lines.into_iter().find(|line| line["sku"] == "B").map(|line| line["state"].clone())
    };
    assert_eq!(state_of_b(&found).as_deref(), Some("needs_review"));

    // A bundle that is written otherwise than it is sold has no effect, which is said.
    let found = run(dir.path(), &small("sku,component,quantity\nk,A,2\n"), "");
    assert_eq!(state_of_b(&found).as_deref(), Some("suggested"));
    assert_eq!(plan_of(&found)["K"]["reason"], "at_reorder_point");
    assert!(findings_of(&found, "DQ031")[0].contains("K (orders) and k (components)"));

    // Two rows of one component that differ add up, and it is said.
    let table = "sku,component,quantity,from\nK,A,2,\nK,A,1,2026-01-01\n";
    let found = run(dir.path(), &small(table), settings);
    let rate: f64 = plan_of(&found)["A"]["mean_daily_demand"].parse().unwrap();
    assert!((rate - 4.5).abs() < 0.2, "{rate}");
    let said = findings_of(&found, "DQ121");
    assert!(said[0].contains("from 2026-01-01 on: 2 and 1 add up"), "{said:?}");
}

#[test]
fn a_sale_on_a_day_without_components_is_its_own_and_of_no_use_to_a_bundle_of_tonight() {
    let dir = tempfile::tempdir().unwrap();
    // K is a bundle since a month, L was one until then, M will be one.
    let table = "sku,component,quantity,from,to\n\
        K,A,2,2026-06-01,\nL,A,2,,2026-05-31\nM,A,2,2026-07-01,\n";
    let found = run(dir.path(), &small(table), "[run]\nbucket = \"day\"\n");
    let plan = plan_of(&found);
    let reasons = ["K", "L", "M"].map(|sku| plan[sku]["reason"].as_str());
    assert_eq!(reasons, ["bundle", "at_reorder_point", "at_reorder_point"]);
    let said = findings_of(&found, "DQ124");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].contains("warning K")
            && said[0].contains("46 sold between 2026-03-02 and 2026-05-31"),
        "{said:?}"
    );
    let told = words(&explain(dir.path(), &["A", "--run"]));
    // 14 sales of K since June, 46 of two L before; 120 days of 3.
    assert!(told.contains("212 of 572 units of the last year"), "{told}");
    assert!(told.contains("in bundles: L 184, K 28"), "{told}");
}

#[test]
fn what_is_said_of_a_bundle_and_not_of_its_components_is_a_finding() {
    let dir = tempfile::tempdir().unwrap();
    let found = run(dir.path(), &shop(false), "");
    let said = findings_of(&found, "DQ123");
    let tables = ["overrides", "availability", "prices"];
    assert_eq!(said.len(), tables.len(), "{said:?}");
    assert!(said.iter().any(|said| said.contains("1 row of 1 bundle (SET)")), "{said:?}");
    assert!(said.iter().any(|said| said.contains("60 rows of 1 bundle (KIT)")), "{said:?}");
    let said = findings_of(&found, "DQ122");
    assert!(said.len() == 1 && said[0].contains("7 on hand, 5 on order of the bundle itself"));
    // Nobody is asked for the supplier or the cost of what is never bought.
    let check = restock(dir.path()).args(["check", "--as-of", "2026-06-29", "-v"]).assert();
    let check = String::from_utf8_lossy(&check.get_output().stdout).into_owned();
    assert!(check.contains("DQ122"), "{check}");
    assert!(!check.contains("no supplier for") && !check.contains("no unit cost for"), "{check}");
    let advice = rows(&found.join("open_order_advice.csv"));
    assert!(advice.iter().all(|row| row["sku"] != "KIT"), "{advice:?}");
}
