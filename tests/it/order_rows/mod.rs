//! What becomes of order rows: which are one line, which are one row of several files, which cancel
//! which, and what a single odd value may move.

mod bounds;
mod dates;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use chrono::{Days, NaiveDate};

use crate::shop::{restock, rows, unit};

const DAY: &str = "2026-06-29";

/// A row by column name.
type Row = BTreeMap<String, String>;

/// The date this many days before the day that nights stand at.
fn before(days: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 29).unwrap() - Days::new(days)
}

/// Files of a shop, and the inputs that name them.
#[derive(Clone, Default)]
struct Shop {
    files: BTreeMap<String, String>,
    config: String,
}

/// What a night wrote and said.
struct Night {
    dir: tempfile::TempDir,
    code: i32,
    said: String,
}

impl Shop {
    /// A shop of these orders.
    fn of_orders(orders: impl Into<String>) -> Self {
        Self::default().table("orders", orders)
    }

    /// Orders in several files that one pattern names.
    fn of_files<'a>(files: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let mut shop = Self::default().set("[inputs.orders]\npath = \"orders*.csv\"\n");
        for (name, text) in files {
            shop.files.insert(name.to_owned(), text);
        }
        shop
    }

    fn table(mut self, name: &str, text: impl Into<String>) -> Self {
        self.files.insert(format!("{name}.csv"), text.into());
        self.set(&format!("[inputs.{name}]\npath = \"{name}.csv\"\n"))
    }

    fn set(mut self, settings: &str) -> Self {
        self.config.push_str(settings);
        self
    }

    /// The same with one more row in a table.
    fn with_row(&self, table: &str, row: &str) -> Self {
        let mut shop = self.clone();
        let text = shop.files.get_mut(&format!("{table}.csv")).unwrap();
        text.push_str(row);
        text.push('\n');
        shop
    }

    fn night(&self) -> Night {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in &self.files {
            fs::write(dir.path().join(name), text).unwrap();
        }
        fs::write(dir.path().join("restock.toml"), &self.config).unwrap();
        Night::in_folder(dir, "restock.toml")
    }

    /// A night that was planned.
    fn planned(&self) -> Night {
        let night = self.night();
        assert_eq!(night.code, 0, "{}", night.said);
        night
    }
}

impl Night {
    fn in_folder(dir: tempfile::TempDir, config: &str) -> Self {
        let output =
            restock(dir.path()).args(["run", "--config", config, "--as-of", DAY]).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        Self { dir, code: output.status.code().unwrap(), said }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("runs").join(DAY).join(name)
    }

    fn table(&self, name: &str) -> Vec<Row> {
        rows(&self.path(name))
    }

    fn number(&self, sku: &str, column: &str) -> f64 {
        let plan = self.table("plan.csv");
        let row = plan.iter().find(|row| row["sku"] == sku).unwrap_or_else(|| panic!("{sku}?"));
        row[column].parse().unwrap_or(0.0)
    }

    /// How many rows of a table (of all its files) were used.
    fn used(&self, table: &str) -> u64 {
        let manifest = fs::read_to_string(self.path("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        let inputs = manifest["inputs"].as_array().unwrap();
        let of_table = inputs.iter().filter(|input| input["table"] == table);
        of_table.map(|input| input["used"].as_u64().unwrap()).sum()
    }

    /// The messages of a file of findings under a code.
    fn told(&self, file: &str, code: &str) -> Vec<String> {
        let of_code = self.table(file).into_iter().filter(|row| row["code"] == code);
        of_code.map(|row| row["message"].clone()).collect()
    }

    /// The lines of plan.csv, but those of one sku.
    fn plan_without(&self, sku: &str) -> Vec<String> {
        let plan = fs::read_to_string(self.path("plan.csv")).unwrap();
        let own = format!("{sku},");
        plan.lines().filter(|line| !line.starts_with(&own)).map(str::to_owned).collect()
    }
}

// Which rows are one line.

/// Five receipts a day for a year, numbered anew every morning.
fn till(sku: impl Fn(u64, u64) -> String) -> String {
    let mut orders = String::from("date,order_id,line,sku,quantity\n");
    for day in 1..=364 {
        for receipt in 1..=5 {
            writeln!(orders, "{},{receipt:04},1,{},1", before(day), sku(day, receipt)).unwrap();
        }
    }
    orders
}

#[test]
fn numbers_that_begin_anew_every_day_stop_the_night() {
    for orders in [
        till(|_, _| "TEE".to_owned()),
        till(|_, receipt| format!("SKU{receipt}")),
        till(|day, receipt| format!("SKU{}", (7 * day + 3 * receipt) % 40)),
    ] {
        let night = Shop::of_orders(orders).night();
        assert_eq!(night.code, 3, "{}", night.said);
        assert!(
            night.said.contains("of 1820 rows have the order_id, line and sku"),
            "{}",
            night.said
        );
        assert!(night.said.contains("columns = { line = \"\" }"), "{}", night.said);
        assert!(!night.path("plan.csv").exists());
    }
}

#[test]
fn without_the_line_every_receipt_counts_as_the_message_says() {
    let config = "[inputs.orders]\npath = \"orders.csv\"\ncolumns = { line = \"\" }\n";
    let mut shop = Shop::default().set(config);
    shop.files.insert("orders.csv".to_owned(), till(|_, _| "TEE".to_owned()));
    let night = shop.planned();
    assert_eq!(night.used("orders"), 1820);
    assert!((night.number("TEE", "mean_daily_demand") - 5.0).abs() < 0.2);
}

#[test]
fn a_line_number_that_is_the_same_on_every_line_makes_no_duplicates() {
    let mut orders = String::from("date,order_id,line,sku,quantity\n");
    for day in 1..=200 {
        for sku in ["A", "B", "C"] {
            writeln!(orders, "{},SO{day},10,{sku},2", before(day)).unwrap();
        }
    }
    let night = Shop::of_orders(orders).planned();
    assert_eq!(night.used("orders"), 600);
}

#[test]
fn a_few_duplicates_are_set_aside_and_a_small_table_has_no_shares() {
    let mut orders = String::from("date,order_id,line,sku,quantity\n");
    for day in 1..=100 {
        writeln!(orders, "{},{day},1,A,2", before(day)).unwrap();
    }
    let few = Shop::of_orders(orders).with_row("orders", &format!("{},7,1,A,3", before(7)));
    let night = few.planned();
    assert_eq!((night.used("orders"), night.told("quarantine.csv", "DQ016").len()), (100, 1));

    let small = "date,order_id,line,sku,quantity\n2026-06-01,1,1,A,2\n2026-06-02,1,1,A,2\n";
    assert_eq!(Shop::of_orders(small).planned().used("orders"), 1);
}

// Which rows are one row of several files.

/// An export of some days: three orders a day without line numbers.
fn export(days: std::ops::RangeInclusive<u64>) -> String {
    let mut orders = String::from("date,order_id,sku,quantity\n");
    for day in days.rev() {
        for order in 1..=3 {
            writeln!(orders, "{},{day}-{order},TEE,1", before(day)).unwrap();
        }
    }
    orders
}

#[test]
fn exports_that_overlap_count_each_order_once() {
    let files =
        [("orders-1.csv", 100..=300), ("orders-2.csv", 50..=300), ("orders-3.csv", 1..=300)];
    let shop = Shop::of_files(files.map(|(name, days)| (name, export(days))));
    let night = shop.planned();

    assert_eq!(night.used("orders"), 900);
    assert!((night.number("TEE", "mean_daily_demand") - 3.0).abs() < 0.1);
    assert_eq!(night.told("quarantine.csv", "DQ025").len(), 3 * (201 + 251));
    let told = night.told("exceptions.csv", "DQ025");
    assert!(told.len() == 1 && told[0].contains("1356 rows"), "{told:?}");
}

#[test]
fn a_row_counts_as_often_as_in_the_file_that_has_most_of_it() {
    let file = |name: &str, times: usize| {
        let header = "date,order_id,sku,quantity\n";
        format!("{header}{}2026-06-20,{name},TEE,1\n", "2026-06-10,X,TEE,1\n".repeat(times))
    };
    for (a, b, most) in [(2, 2, 2), (1, 2, 2), (3, 0, 3), (1, 1, 1)] {
        let files = [("orders-a.csv", file("A", a)), ("orders-b.csv", file("B", b))];
        // Each file has a row of its own in addition.
        assert_eq!(Shop::of_files(files).planned().used("orders"), most + 2, "{a} and {b}");
    }
}

#[test]
fn rows_that_differ_or_name_no_order_stay_where_they_are() {
    let file = |row: &str| format!("date,order_id,sku,quantity\n{row}\n");
    for (a, b) in [
        ("2026-06-10,X,TEE,1", "2026-06-10,X,TEE,2"),
        ("2026-06-10,X,TEE,1", "2026-06-11,X,TEE,1"),
        ("2026-06-10,X,TEE,1", "2026-06-10,Y,TEE,1"),
        ("2026-06-10,,TEE,1", "2026-06-10,,TEE,1 "),
    ] {
        let files = [("orders-a.csv", file(a)), ("orders-b.csv", file(b))];
        assert_eq!(Shop::of_files(files).planned().used("orders"), 2, "{a} and {b}");
    }
}

#[test]
fn a_copy_of_a_file_is_not_read_again() {
    let orders = || {
        let mut orders = String::from("date,sku,quantity\n");
        (1..=200).for_each(|day| writeln!(orders, "{},TEE,3", before(day)).unwrap());
        orders
    };
    let shop = Shop::of_files([("orders.csv", orders()), ("orders (1).csv", orders())]);
    let night = shop.planned();
    assert!((night.number("TEE", "mean_daily_demand") - 3.0).abs() < 0.1);
    let told = night.told("exceptions.csv", "DQ061");
    assert!(told.len() == 1 && told[0].contains("orders (1).csv"), "{told:?}");
    assert!(told[0].contains("orders.csv holds the same bytes"), "{told:?}");

    // A third file of the same size that holds something else is read.
    let other = orders().replace(",TEE,", ",CUP,");
    let mut shop = shop;
    shop.files.insert("orders (2).csv".to_owned(), other);
    assert_eq!(shop.planned().used("orders"), 400);

    // So it is with every table.
    let open = "po_number,supplier,sku,quantity,ordered_on,expected_on\n\
                P1,S,TEE,150,2026-06-25,2026-07-05\n";
    let mut shop = Shop::of_orders(orders())
        .set("[inputs.purchase_orders]\npath = [\"open.csv\", \"open-copy.csv\"]\n")
        .table("stock", "sku,on_hand\nTEE,5\n");
    for name in ["open.csv", "open-copy.csv"] {
        shop.files.insert(name.to_owned(), open.to_owned());
    }
    assert_eq!(shop.planned().number("TEE", "on_order"), 150.0);
}

// Which rows cancel which.

#[test]
fn strangers_returns_cancel_no_sale() {
    let minimal = "date,sku,quantity\n2026-06-10,TEE,1\n2026-06-20,TEE,1\n2026-06-24,TEE,-1\n";
    let night = Shop::of_orders(minimal).planned();
    assert_eq!(night.used("orders"), 2);
    assert_eq!(night.told("quarantine.csv", "DQ015").len(), 1);

    // Three sales of 1 a day; a third of them comes back after 4 to 14 days.
    let mut orders = String::from("date,sku,quantity\n");
    for day in 1..=364_u64 {
        for sale in 0..3_u64 {
            writeln!(orders, "{},TEE,1", before(day)).unwrap();
            let after = 4 + (unit(day * 3 + sale) * 11.0) as u64;
            if sale == 0 && day > after {
                writeln!(orders, "{},TEE,-1", before(day - after)).unwrap();
            }
        }
    }
    let gross = Shop::of_orders(orders.clone()).planned();
    let net = Shop::of_orders(orders).set("[demand]\nreturns = \"net\"\n").planned();
    assert!((gross.number("TEE", "mean_daily_demand") - 3.0).abs() < 0.1);
    assert!((net.number("TEE", "mean_daily_demand") - 2.0).abs() < 0.2);
}

#[test]
fn a_return_finds_its_sale_by_customer_or_else_by_order() {
    let header = "date,sku,quantity,customer,order_id";
    let cases = [
        // By customer, up to a week after.
        ("2026-06-10,TEE,1,ann,1", "2026-06-17,TEE,-1,ann,9", 0),
        ("2026-06-10,TEE,1,ann,1", "2026-06-18,TEE,-1,ann,9", 1),
        ("2026-06-10,TEE,1,ann,1", "2026-06-12,TEE,-1,bob,9", 1),
        // Without a customer by the order.
        ("2026-06-10,TEE,1,,1", "2026-06-17,TEE,-1,,1", 0),
        ("2026-06-10,TEE,1,ann,1", "2026-06-12,TEE,-1,,1", 0),
        ("2026-06-10,TEE,1,,1", "2026-06-12,TEE,-1,,2", 1),
        ("2026-06-10,TEE,1,,1", "2026-06-18,TEE,-1,,1", 1),
        ("2026-06-10,TEE,1,,", "2026-06-12,TEE,-1,,", 1),
        ("2026-06-10,TEE,1,ann,1", "2026-06-12,TEE,-1,,", 1),
    ];
    for (sale, back, used) in cases {
        let orders = format!("{header}\n2026-06-01,TEE,5,zoe,0\n{sale}\n{back}\n");
        assert_eq!(Shop::of_orders(orders).planned().used("orders"), used + 1, "{sale} {back}");
    }
}
