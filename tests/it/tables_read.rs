//! Every table but the orders, where a row that is misread costs money: stock in bins, rows that
//! cannot be read, open orders twice or without dates, stock tables that are not the whole, and
//! what the availability table says of the past.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use chrono::{Days, NaiveDate};

use crate::shop::{restock, rows, write_shop};

const DAY: &str = "2026-06-29";

/// A row by column name.
type Row = BTreeMap<String, String>;

/// A shop's folder: its tables by name, and the settings in front of them.
struct Shop {
    dir: Rc<tempfile::TempDir>,
    tables: BTreeMap<&'static str, String>,
    settings: String,
}

/// What a night wrote and said, in the folder of its shop.
struct Night {
    _dir: Rc<tempfile::TempDir>,
    code: i32,
    said: String,
    run: PathBuf,
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Every day from one to before another.
fn days(from: &str, to: &str) -> impl Iterator<Item = NaiveDate> {
    let (from, to) = (day(from), day(to));
    (0..).map(move |at| from + Days::new(at)).take_while(move |date| *date < to)
}

impl Shop {
    /// Each sku sells 10 a day for a year, bought of ACME within 10 days at 2.00.
    fn selling(skus: &[&str]) -> Self {
        let mut orders = String::from("date,sku,quantity\n");
        for date in days("2025-06-30", DAY) {
            for sku in skus {
                writeln!(orders, "{date},{sku},10").unwrap();
            }
        }
        let items: String = skus.iter().map(|sku| format!("{sku},ACME,2.00\n")).collect();
        let tables = BTreeMap::from([
            ("orders", orders),
            ("items", format!("sku,supplier,unit_cost\n{items}")),
            ("suppliers", "supplier,lead_time_days\nACME,10\n".to_owned()),
        ]);
        Self { dir: Rc::new(tempfile::tempdir().unwrap()), tables, settings: String::new() }
    }

    fn with(mut self, table: &'static str, text: &str) -> Self {
        self.tables.insert(table, text.to_owned());
        self
    }

    fn set(mut self, settings: &str) -> Self {
        self.settings.push_str(settings);
        self
    }

    fn night_of(&self, as_of: &str) -> Night {
        write_shop(self.dir.path(), &self.tables, &self.settings);
        let output = restock(self.dir.path()).args(["run", "--as-of", as_of]).output().unwrap();
        Night {
            _dir: Rc::clone(&self.dir),
            code: output.status.code().unwrap(),
            said: String::from_utf8(output.stderr).unwrap(),
            run: self.dir.path().join("runs").join(as_of),
        }
    }

    /// The night of [`DAY`], which must succeed.
    fn night(&self) -> Night {
        let night = self.night_of(DAY);
        assert_eq!(night.code, 0, "{}", night.said);
        night
    }
}

impl Night {
    fn table(&self, name: &str) -> Vec<Row> {
        rows(&self.run.join(name))
    }

    fn plan(&self, sku: &str) -> Row {
        let mut plan = self.table("plan.csv").into_iter();
        plan.find(|row| row["sku"] == sku).unwrap_or_else(|| panic!("{sku} is not planned"))
    }

    fn number(&self, sku: &str, column: &str) -> f64 {
        let row = self.plan(sku);
        row[column].parse().unwrap_or_else(|_| panic!("{sku}: {column} = {:?}", row[column]))
    }

    fn decided(&self, sku: &str) -> (String, String) {
        let row = self.plan(sku);
        (row["decision"].clone(), row["reason"].clone())
    }

    /// State of an item's order line; empty if it has none.
    fn state(&self, sku: &str) -> String {
        let mut lines = self.table("purchase_orders.csv").into_iter();
        lines.find(|line| line["sku"] == sku).map_or(String::new(), |line| line["state"].clone())
    }

    /// The findings of one name.
    fn findings(&self, name: &str) -> Vec<Row> {
        let start = format!("{name}: ");
        let all = self.table("exceptions.csv").into_iter();
        all.filter(|row| row["message"].starts_with(&start)).collect()
    }

    /// The message of the one finding of a name.
    fn finding(&self, name: &str) -> String {
        let found = self.findings(name);
        assert_eq!(found.len(), 1, "{name}: {found:#?}");
        found[0]["message"].clone()
    }
}

/// A stock table of many sound rows and some more lines.
fn stock_of_many(header: &str, more: &str) -> String {
    let columns = header.matches(',').count() - 1;
    let sound: String = (0..80).map(|at| format!("SOUND{at},5{}\n", ",".repeat(columns))).collect();
    format!("{header}\n{sound}{more}")
}

fn blocked() -> (String, String) {
    ("blocked".to_owned(), "stock_unreadable".to_owned())
}

#[test]
fn stock_of_several_bins_adds_up_and_equal_rows_count_once() {
    let cases: [(&str, f64); 4] = [
        ("MUG,A1,60\nMUG,A2,9\nMUG,B1,50\n", 119.0),
        // The same bin exported twice.
        ("MUG,A1,60\nMUG,A1,60\nMUG,A2,9\n", 69.0),
        // Two bins that hold as many.
        ("MUG,A1,60\nMUG,A2,60\n", 120.0),
        // A bin that was overdrawn.
        ("MUG,A1,60\nMUG,A2,-10\nCUP,A1,7\n", 50.0),
    ];
    for (rows, on_hand) in cases {
        let shop = Shop::selling(&["MUG"]);
        let night = shop.with("stock", &format!("sku,bin,on_hand\n{rows}")).night();
        assert_eq!(night.number("MUG", "on_hand"), on_hand, "{rows}");
        assert!(night.finding("stock_adds_up").contains("1 item has several rows"), "{rows}");
    }
}

#[test]
fn what_is_held_and_owed_adds_up_with_the_stock() {
    let stock = "sku,lot,on_hand,allocated,backorders,counted_on\n\
                 MUG,L1,60,5,,2026-06-28\nMUG,L2,9,,2,2026-06-28\nMUG,L3,50,6,1,2026-06-20\n";
    let night = Shop::selling(&["MUG"]).with("stock", stock).night();
    let of = |column| night.number("MUG", column);
    assert_eq!((of("on_hand"), of("allocated"), of("backorders")), (119.0, 11.0, 3.0));
    assert_eq!(of("inventory_position"), 105.0);
    // Counts of several days are not told from bins; the finding says so.
    assert!(night.finding("stock_adds_up").contains("export the newest alone"));
}

#[test]
fn stock_that_cannot_be_read_is_unknown_and_not_bought_again() {
    let bad = "NA,n/a,\nPCS,12 pcs,\nQ,?,\nDATED,12,last week\n";
    let skus = ["NA", "PCS", "Q", "DATED", "GOOD"];
    let good = format!("GOOD,0,\n{bad}");
    let stock = stock_of_many("sku,on_hand,counted_on", &good);
    for settings in ["", "[plan]\nmissing_stock = \"zero\"\n"] {
        let night = Shop::selling(&skus).with("stock", &stock).set(settings).night();
        for sku in &skus[..4] {
            assert_eq!(night.decided(sku), blocked(), "{sku}");
            let row = night.plan(sku);
            for column in [
                "on_hand",
                "allocated",
                "on_order",
                "inventory_position",
                "stockout_probability",
                "days_of_supply",
                "needed_quantity",
                "order_quantity",
            ] {
                assert_eq!(row[column], "", "{sku}: {column}");
            }
            assert!(night.number(sku, "reorder_point") > 100.0, "its levels are known");
            assert_eq!(night.state(sku), "");
        }
        assert_eq!(night.state("GOOD"), "suggested");
        assert_eq!(night.findings("missing_stock").len(), 0);

        let told = night.findings("stock_unreadable");
        let na = told.iter().find(|row| row["sku"] == "NA").unwrap();
        assert_eq!((na["file"].as_str(), na["row"].as_str()), ("stock.csv", "82"));
        assert!(na["message"].contains("`on_hand` = \"n/a\""), "{na:?}");
        assert_eq!((told.len(), na["severity"].as_str()), (4, "error"));
    }
}

#[test]
fn one_bin_that_cannot_be_read_makes_the_stock_of_its_item_unknown() {
    let stock = stock_of_many("sku,on_hand,bin", "MUG,40,A1\nMUG,?,A2\n,7,A3\nCUP,0,A1\n");
    let night = Shop::selling(&["MUG", "CUP"]).with("stock", &stock).night();
    assert_eq!(night.decided("MUG"), blocked());
    assert_eq!(night.state("CUP"), "suggested");
    // A row without an item concerns nobody that could be named.
    let told = night.findings("stock_unreadable");
    let nameless: Vec<&Row> = told.iter().filter(|row| row["sku"].is_empty()).collect();
    assert!(nameless.len() == 1 && nameless[0]["row"] == "83", "{told:#?}");
}

#[test]
fn a_location_is_not_bought_for_while_the_stock_that_supplies_it_is_unknown() {
    let orders = Shop::selling(&["MUG"]).tables["orders"].replace("\n", ",shop\n");
    let orders = orders.replacen("quantity,shop", "quantity,location", 1);
    let stock = stock_of_many("sku,on_hand,location", "MUG,n/a,depot\nMUG,0,shop\n")
        .replace(",5,\n", ",5,depot\n");
    let night = Shop::selling(&["MUG"])
        .with("orders", orders.trim_end_matches(",shop"))
        .with("stock", &stock)
        .with("locations", "location,supplied_by,lead_time_days\ndepot,,\nshop,depot,2\n")
        .night();
    let plan = night.table("plan.csv");
    let of = |location: &str| {
        let row = plan.iter().find(|row| row["sku"] == "MUG" && row["location"] == location);
        row.unwrap()["reason"].clone()
    };
    assert_eq!(of("depot"), "stock_unreadable");
    assert_eq!(of("shop"), "supplying_location_is_short");
}

/// Items of many sound rows and some more lines.
fn items_of_many(header: &str, more: &str) -> String {
    let commas = ",".repeat(header.matches(',').count() - 1);
    let sound: String = (0..80).map(|at| format!("SOUND{at},ACME{commas}\n")).collect();
    format!("{header}\n{sound}{more}")
}

#[test]
fn a_field_that_cannot_be_read_does_not_lose_the_item() {
    let items = items_of_many(
        "sku,supplier,lead_time_days,weight_kg",
        "SLOW,ACME,4000,\nHEAVY,ACME,,heavy\nPLAIN,ACME,,\n",
    );
    let night = Shop::selling(&["SLOW", "HEAVY", "PLAIN"])
        .with("items", &items)
        .with("stock", "sku,on_hand\nSLOW,0\nHEAVY,0\nPLAIN,0\n")
        .night();
    for sku in ["SLOW", "HEAVY"] {
        assert_eq!(night.plan(sku)["order_quantity"], night.plan("PLAIN")["order_quantity"]);
        assert_eq!(night.number(sku, "lead_time_mean_days"), 10.0, "its supplier's");
        assert_eq!(night.state(sku), "suggested", "{sku}");
    }
    assert_eq!(night.findings("unknown_item").len(), 0);
    let told = night.findings("unreadable_field");
    let slow = told.iter().find(|row| row["sku"] == "SLOW").unwrap();
    assert_eq!((slow["file"].as_str(), slow["row"].as_str()), ("items.csv", "81"));
    assert!(slow["message"].contains("`lead_time_days` = 4000"), "{slow:?}");
    assert_eq!(told.len(), 2);
}

#[test]
fn lines_need_review_where_what_could_not_be_read_bears_on_them() {
    let header = "sku,supplier,unit_cost,status,end_date,moq,pack_size,max_stock";
    let cases = [
        ("COST", "2€50,,,,,"),
        ("STATUS", ",gone,,,,"),
        ("END", ",,some day,,,"),
        ("MOQ", ",,,a dozen,,"),
        ("PACK", ",,,,box of 6,"),
    ];
    let mut lines: String =
        cases.iter().map(|(sku, rest)| format!("{sku},ACME,{rest}\n")).collect();
    lines += "MAX,ACME,,,,,,40 or so\nPLAIN,ACME,,,,,,\n";
    let items = items_of_many(header, &lines).replace("SOUND", "OTHER");
    let items = format!(
        "{items}{}",
        (80..160).map(|at| format!("OTHER{at},ACME,,,,,,\n")).collect::<String>()
    );
    let skus = ["COST", "STATUS", "END", "MOQ", "PACK", "MAX", "PLAIN"];
    let stock: String = skus.iter().map(|sku| format!("{sku},0\n")).collect();
    let night = Shop::selling(&skus)
        .with("items", &items)
        .with("stock", &format!("sku,on_hand\n{stock}"))
        .night();
    for sku in &skus[..6] {
        assert_eq!(night.state(sku), "needs_review", "{sku}");
    }
    assert_eq!(night.state("PLAIN"), "suggested");
    assert_eq!(night.findings("unreadable_field").len(), 6);
}

#[test]
fn terms_of_a_supplier_or_of_a_location_that_cannot_be_read_are_looked_at() {
    let others: String = (0..40).map(|at| format!("S{at},10,\n")).collect();
    let suppliers =
        format!("supplier,lead_time_days,min_order_value\n{others}ACME,10,some\nBOLT,10,\n");
    let places: String = (0..40).map(|at| format!("OTHER{at},main,,\n")).collect();
    let places = format!("sku,location,max_stock,active\n{places}CUP,main,full,\n");
    let night = Shop::selling(&["MUG", "PAN", "CUP"])
        .with("items", "sku,supplier,unit_cost\nMUG,ACME,2\nPAN,BOLT,2\nCUP,BOLT,2\n")
        .with("suppliers", &suppliers)
        .with("item_locations", &places)
        .with("stock", "sku,on_hand\nMUG,0\nPAN,0\nCUP,0\n")
        .night();
    let states = ["MUG", "PAN", "CUP"].map(|sku| night.state(sku));
    assert_eq!(states, ["needs_review", "suggested", "needs_review"]);
}

#[test]
fn units_on_their_way_do_not_vanish_with_a_bad_date() {
    let others: String =
        (0..40).map(|at| format!("X{at},1,ACME,SOUND{at},1,2026-06-22,2026-07-02\n")).collect();
    let header = "po_number,line,supplier,sku,quantity,ordered_on,expected_on";
    let open = format!(
        "{header}\n{others}P1,1,ACME,DATED,200,2026-06-22,2026-07-02\n\
         P2,1,ACME,UNDATED,200,2026-06-22,\nP3,1,ACME,SOON,200,2026-06-22,soon\n\
         P4,1,ACME,ONCE,200,,2026-07-02\n"
    );
    let skus = ["DATED", "UNDATED", "SOON", "ONCE"];
    let stock: String = skus.iter().map(|sku| format!("{sku},0\n")).collect();
    let night = Shop::selling(&skus)
        .with("purchase_orders", &open)
        .with("stock", &format!("sku,on_hand\n{stock}"))
        .night();
    for sku in skus {
        assert_eq!(night.number(sku, "on_order"), 200.0, "{sku}");
        let columns = ["order_quantity", "stockout_date_p50"];
        for column in columns {
            assert_eq!(night.plan(sku)[column], night.plan("DATED")[column], "{sku}: {column}");
        }
    }
    let undated: Vec<String> =
        night.findings("undated_order").iter().map(|row| row["sku"].clone()).collect();
    assert_eq!(undated, ["ONCE", "SOON", "UNDATED"]);
    assert!(night.finding("unreadable_field").contains("`expected_on` = \"soon\""));
}

#[test]
fn units_on_their_way_that_cannot_be_read_make_the_order_a_question() {
    let others: String = (0..40).map(|at| format!("X{at},ACME,SOUND{at},1,2026-06-22\n")).collect();
    let open = format!(
        "po_number,supplier,sku,quantity,ordered_on\n{others}\
         P1,ACME,MUG,?,2026-06-22\nP2,,CUP,200,2026-06-22\n"
    );
    let night = Shop::selling(&["MUG", "CUP", "PAN"])
        .with("purchase_orders", &open)
        .with("stock", "sku,on_hand\nMUG,0\nCUP,0\nPAN,0\n")
        .night();
    let states = ["MUG", "CUP", "PAN"].map(|sku| night.state(sku));
    assert_eq!(states, ["needs_review", "needs_review", "suggested"]);
    let told = night.findings("unreadable_field");
    let mug = told.iter().find(|row| row["sku"] == "MUG").unwrap();
    assert_eq!((mug["file"].as_str(), mug["row"].as_str()), ("purchase_orders.csv", "41"));
    assert!(mug["message"].contains("`quantity` = \"?\""), "{mug:?}");
}

#[test]
fn the_same_line_of_a_purchase_order_counts_once() {
    let header = "po_number,line,supplier,sku,quantity,ordered_on,expected_on\n";
    let line = "P1,1,ACME,MUG,150,2026-06-22,2026-07-02\n";
    let cases = [
        (format!("{line}{line}"), 150.0),
        (line.replace("P1,1", "P1,").repeat(3), 150.0),
        (format!("{line}{}", line.replace("P1,1", "P1,2")), 300.0),
        (format!("{line}{}", line.replace("07-02", "07-09")), 300.0),
        (format!("{line}{}", line.replace("150", "40")), 190.0),
    ];
    for (open, on_order) in cases {
        let night = Shop::selling(&["MUG"])
            .with("purchase_orders", &format!("{header}{open}"))
            .with("stock", "sku,on_hand\nMUG,0\n")
            .night();
        assert_eq!(night.number("MUG", "on_order"), on_order, "{open}");
        let aside = night.table("quarantine.csv");
        let twice = aside.iter().filter(|row| row["message"].starts_with("duplicate_line"));
        let read = open.lines().count();
        let used = open.lines().collect::<std::collections::BTreeSet<_>>().len();
        assert_eq!(twice.count(), read - used, "{open}");
    }
}

/// Five items that sell, and one that is out of season.
const SELLING: [&str; 5] = ["A", "B", "C", "D", "E"];

fn assert_all_held(night: &Night, said: &str) {
    assert_eq!(night.code, 1, "{}", night.said);
    let lines = night.table("purchase_orders.csv");
    assert!(!lines.is_empty() && lines.iter().all(|line| line["state"] == "held"), "{lines:#?}");
    let first = night.said.lines().find(|line| !line.contains("WARN")).unwrap_or_default();
    assert!(first.contains(said) && first.contains("held"), "{}", night.said);
    let found = night.findings("stock_incomplete");
    assert!(found.len() == 1 && found[0]["severity"] == "error", "{found:#?}");
    assert!(found[0]["message"].contains(said), "{found:#?}");
}

#[test]
fn a_stock_table_that_misses_most_of_what_sells_orders_nothing() {
    let night = |stock: &str| {
        Shop::selling(&SELLING).with("stock", &format!("sku,on_hand\n{stock}")).night_of(DAY)
    };
    assert_all_held(&night(""), "no row for 5 of the 5 items");
    assert_all_held(&night("A,0\nB,0\nOLD,3\nOLDER,3\n"), "no row for 3 of the 5 items");

    let most = night("A,0\nB,0\nC,0\n");
    assert_eq!(most.code, 0, "{}", most.said);
    assert_eq!((most.state("A").as_str(), most.state("E").as_str()), ("suggested", "suggested"));
    assert_eq!(most.findings("missing_stock").len(), 2);
}

#[test]
fn a_stock_table_of_far_fewer_rows_than_last_night_orders_nothing() {
    let rest: String = (0..20).map(|at| format!("OLD{at},3\n")).collect();
    let sold: String = SELLING.iter().map(|sku| format!("{sku},0\n")).collect();
    // What waits for approval is not on order on the next night.
    let shop = Shop::selling(&SELLING)
        .with("stock", &format!("sku,on_hand\n{sold}{rest}"))
        .set("[purchasing]\nhandover = \"approve\"\n");
    let before = shop.night_of("2026-06-28");
    assert_eq!(before.code, 0, "{}", before.said);

    let shop = shop.with("stock", &format!("sku,on_hand\n{sold}OLD0,3\n"));
    assert_all_held(&shop.night_of(DAY), "6 rows and had 25 last time");
    // Once it has been seen, so many rows are what is to be expected.
    let after = shop.night_of("2026-06-30");
    assert_eq!(after.code, 0, "{}", after.said);
}

#[test]
fn order_rows_that_cover_more_than_a_bucket_are_refused() {
    let months: String = (0..40)
        .map(|at| {
            let date = day("2023-02-01") + chrono::Months::new(at);
            format!("{date},MUG,300\n")
        })
        .collect();
    let orders = format!("date,sku,quantity\n{months}");
    let outcome = |rows: &str, bucket: &str, command: &str| {
        let shop = Shop::selling(&["MUG"]).with("orders", &orders);
        write_shop(shop.dir.path(), &shop.tables, &format!("[run]\nbucket = \"{bucket}\"\n"));
        let config = shop.dir.path().join("restock.toml");
        let text = fs::read_to_string(&config).unwrap();
        let rows = format!("path = \"orders.csv\"\nrows = \"{rows}\"\n");
        fs::write(&config, text.replace("path = \"orders.csv\"\n", &rows)).unwrap();
        let output = restock(shop.dir.path()).args([command, "--as-of", DAY]).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    for (rows, bucket) in [("month", "week"), ("month", "day"), ("week", "day")] {
        for command in ["run", "check"] {
            let (code, said) = outcome(rows, bucket, command);
            assert_eq!(code, 2, "{rows} {bucket}: {said}");
            assert!(said.contains(&format!("set bucket = \"{rows}\"")), "{said}");
        }
    }
    for (rows, bucket) in [("month", "month"), ("week", "week"), ("week", "month")] {
        let (code, said) = outcome(rows, bucket, "check");
        assert_eq!(code, 0, "{rows} {bucket}: {said}");
    }
}

/// The shop of an item that is sold out for thirteen weeks of the last half year and sells `units`
/// a day then, 50 on other days.
fn sold_out(units: u32) -> Shop {
    let gaps = [("2025-09-01", "2025-10-06"), ("2025-11-03", "2025-12-29")];
    let is_out =
        |date: NaiveDate| gaps.iter().any(|(from, to)| (day(from)..day(to)).contains(&date));
    let mut orders = String::from("date,sku,quantity\n");
    let mut availability = String::from("date,sku,in_stock\n");
    for date in days("2024-12-30", "2026-01-05") {
        let quantity = if is_out(date) { units } else { 50 };
        if quantity > 0 {
            writeln!(orders, "{date},AMOX,{quantity}").unwrap();
        }
        if is_out(date) {
            writeln!(availability, "{date},AMOX,0").unwrap();
        }
    }
    Shop::selling(&["AMOX"])
        .with("orders", &orders)
        .with("availability", &availability)
        .with("stock", "sku,on_hand\nAMOX,300\n")
}

#[test]
fn days_off_sale_without_orders_are_no_days_without_demand() {
    let mean = |shop: Shop| {
        let night = shop.night_of("2026-01-05");
        assert_eq!(night.code, 0, "{}", night.said);
        (night.number("AMOX", "mean_daily_demand"), night)
    };
    let (found, night) = mean(sold_out(0));
    assert!((45.0..=55.0).contains(&found), "{found}");
    assert!(night.finding("sales_were_lost").contains("1 item was off sale on 91 days"));
    assert!(night.number("AMOX", "stockout_probability") > 0.9);
    // A few that waited change nothing.
    assert!((45.0..=55.0).contains(&mean(sold_out(5)).0));

    // What somebody states holds, and is told where it makes the table useless.
    let (stated, night) = mean(sold_out(0).set("[plan]\nunmet_demand = \"backorder\"\n"));
    assert!(stated < 30.0, "{stated}");
    assert!(night.finding("sales_were_lost").contains("the table has no effect"));
    let (lost, night) = mean(sold_out(0).set("[plan]\nunmet_demand = \"lost\"\n"));
    assert!((45.0..=55.0).contains(&lost), "{lost}");
    assert_eq!(night.findings("sales_were_lost").len(), 0);

    // Where orders went on they are the demand.
    let (waited, night) = mean(sold_out(20));
    assert!(waited < 40.0, "{waited}");
    assert_eq!(night.findings("sales_were_lost").len(), 0);
}

#[test]
fn keys_that_differ_by_case_only_are_told_over_all_tables() {
    let night = Shop::selling(&["MUG", "PAN"])
        .with("items", "sku,supplier\nMUG,ACME\nPAN,Acme\nmug,ACME\n")
        .with("suppliers", "supplier,lead_time_days\nACME,10\n")
        .with("locations", "location,name\nMain,Main house\n")
        .with(
            "purchase_orders",
            "po_number,supplier,sku,quantity,ordered_on\nP1,acme,MUG,5,2026-06-22\n",
        )
        .with("stock", "sku,on_hand\nMUG,0\nPAN,0\n")
        .night();
    let told: Vec<String> =
        night.findings("differs_by_case").iter().map(|row| row["message"].clone()).collect();
    let said = |parts: &[&str]| told.iter().any(|one| parts.iter().all(|part| one.contains(part)));
    assert!(said(&["SKUs", "MUG (orders)", "mug (items)"]), "{told:#?}");
    assert!(
        said(&["suppliers", "ACME (suppliers)", "Acme (items)", "acme (purchase_orders)"]),
        "{told:#?}"
    );
    assert!(said(&["locations", "Main (locations)", "main (orders)"]), "{told:#?}");
    assert_eq!(told.len(), 3);
}

#[test]
fn a_maximum_of_nothing_is_none() {
    for none in ["0", "-1", ""] {
        let night = Shop::selling(&["MUG"])
            .with("items", &format!("sku,supplier,min_stock,max_stock\nMUG,ACME,{none},{none}\n"))
            .with("stock", "sku,on_hand\nMUG,0\n")
            .night();
        assert_eq!(night.decided("MUG").0, "order", "{none}");
        assert!(night.number("MUG", "order_quantity") > 100.0, "{none}");
        assert_eq!(night.findings("unreadable_field").len(), 0, "{none}");
    }
}

#[test]
fn a_run_folder_of_no_manifest_leaves_the_comparison_of_rows_out() {
    let stock: String = SELLING.iter().map(|sku| format!("{sku},0\n")).collect();
    let shop = Shop::selling(&SELLING).with("stock", &format!("sku,on_hand\n{stock}"));
    let before = shop.night_of("2026-06-28");
    fs::write(Path::new(&before.run).join("manifest.json"), "{\"inputs\": 3}").unwrap();
    assert_eq!(shop.night_of(DAY).code, 0);
}
