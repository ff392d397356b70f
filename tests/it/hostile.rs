//! Inputs that are wrong on purpose: what the night does with each, through the binary.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command as Process, Stdio};

use crate::shop::{bytes, restock, rows};

const DAY: &str = "2026-06-29";

/// A shop of six items with a year of weekly orders, an items, a stock and a suppliers table.
struct Shop {
    orders: Vec<u8>,
    items: Vec<u8>,
    stock: Vec<u8>,
    suppliers: Vec<u8>,
    config: String,
}

impl Shop {
    fn new() -> Self {
        let mut orders = String::from("date,sku,quantity,order_id,line\n");
        let first = chrono::NaiveDate::from_ymd_opt(2025, 6, 30).unwrap();
        for week in 0..52_u64 {
            for item in 0..6_u64 {
                let date = first + chrono::Days::new(7 * week + item);
                orders +=
                    &format!("{date},A{item},{},W{week},{item}\n", 3 + (week * 7 + item * 5) % 9);
            }
        }
        let mut items = String::from("sku,description,supplier,unit_cost,unit_price\n");
        let mut stock = String::from("sku,on_hand\n");
        for item in 0..6 {
            items += &format!("A{item},Thing {item},ACME,2.50,5.00\n");
            stock += &format!("A{item},{}\n", 4 * item);
        }
        Self {
            orders: orders.into_bytes(),
            items: items.into_bytes(),
            stock: stock.into_bytes(),
            suppliers: b"supplier,name,lead_time_days\nACME,Acme Ltd,10\n".to_vec(),
            config: ["orders", "items", "stock", "suppliers"]
                .map(|table| format!("[inputs.{table}]\npath = \"{table}.csv\"\n"))
                .concat(),
        }
    }

    fn write(&self) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let files = [
            ("orders.csv", self.orders.as_slice()),
            ("items.csv", &self.items),
            ("stock.csv", &self.stock),
            ("suppliers.csv", &self.suppliers),
            ("restock.toml", self.config.as_bytes()),
        ];
        for (name, content) in files {
            fs::write(dir.path().join(name), content).unwrap();
        }
        dir
    }
}

/// Runs the night in a folder: exit code and what was said.
fn night(dir: &Path) -> (i32, String) {
    let output = restock(dir).args(["run", "--as-of", DAY]).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// The run that a shop gives; it must succeed.
fn run_of(shop: &Shop) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = shop.write();
    let (code, said) = night(dir.path());
    assert_eq!(code, 0, "{said}");
    let run = dir.path().join("runs").join(DAY);
    (dir, run)
}

/// Decision and reason of an item.
fn decision(run: &Path, sku: &str) -> (String, String) {
    let plan = rows(&run.join("plan.csv"));
    let row =
        plan.iter().find(|row| row["sku"] == sku).unwrap_or_else(|| panic!("{sku} is not planned"));
    (row["decision"].clone(), row["reason"].clone())
}

#[test]
fn a_bad_row_is_set_aside_by_its_number_and_changes_nothing_else() {
    let (_dir, clean) = run_of(&Shop::new());
    let long = [b"2026-06-01,".as_slice(), &b"x".repeat(10_000_000), b",1,,\n"].concat();
    let cases: [(&[u8], &str); 11] = [
        (b"2026-06-01,A1,NaN,,\n", "not_finite"),
        (b"2026-06-01,A1,inf,,\n", "not_finite"),
        (b"2026-06-01,A1,-Infinity,,\n", "not_finite"),
        (b"2026-06-01,A1,1e400,,\n", "not_finite"),
        (b"2026-06-01,A1,1e30,,\n", "number_out_of_range"),
        (b"2026-06-01,A1,three,,\n", "bad_number"),
        (b"9999-12-31,A1,1,,\n", "date_out_of_range"),
        (b"2026-02-30,A1,1,,\n", "bad_date"),
        (b"2026-06-01,A\xFF1,1,,\n", "invalid_bytes"),
        (b"2026-06-01,A1\n", "ragged_row"),
        (&long, "field_too_long"),
    ];
    for (row, code) in cases {
        let mut shop = Shop::new();
        shop.orders.extend(row);
        let (_dir, run) = run_of(&shop);
        let aside = rows(&run.join("quarantine.csv"));
        let aside: Vec<_> = aside.iter().filter(|row| row["table"] == "orders").collect();
        assert_eq!(aside.len(), 1, "{code}: {aside:?}");
        assert!(
            aside[0]["row"] == "313" && aside[0]["message"].starts_with(code),
            "{code}: {:?}",
            aside[0]
        );
        assert!(
            aside[0]["file"] == "orders.csv" && aside[0]["message"].len() < 300,
            "{code}: {:?}",
            aside[0]
        );
        for file in ["forecast.csv", "plan.csv", "purchase_orders.csv", "backorder_risk.csv"] {
            assert_eq!(
                fs::read(run.join(file)).unwrap(),
                fs::read(clean.join(file)).unwrap(),
                "{code} changed {file}"
            );
        }
    }
}

#[test]
fn too_many_bad_rows_stop_the_night_before_anything_is_written() {
    let mut shop = Shop::new();
    shop.orders.extend(b"2026-06-01,A1,many,,\n".repeat(40));
    let dir = shop.write();
    let (code, said) = night(dir.path());
    assert_eq!(code, 3, "{said}");
    assert!(
        said.contains("orders.csv") && said.contains("313") && said.contains("hint:"),
        "{said}"
    );
    assert!(!dir.path().join("runs").join(DAY).exists());
}

#[test]
fn files_that_cannot_be_read_stop_the_night_by_name() {
    let cases: [(&str, &[u8]); 6] = [
        ("orders.csv", b"\xFF\xFEd\0a\0t\0e\0"),
        ("orders.csv.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03cut off"),
        ("orders.csv.zst", b"no zstandard at all"),
        ("orders.parquet", b"PAR1 and nothing else"),
        ("orders.xlsx", b"PK"),
        ("orders.ods", b"PK"),
    ];
    for (name, content) in cases {
        let mut shop = Shop::new();
        shop.config = shop.config.replace("orders.csv", name);
        let dir = shop.write();
        fs::write(dir.path().join(name), content).unwrap();
        let (code, said) = night(dir.path());
        let expected = if name.ends_with("ods") { 2 } else { 3 };
        assert_eq!(code, expected, "{name}: {said}");
        assert!(said.starts_with("error: ") && said.contains(name), "{name}: {said}");
        assert!(!dir.path().join("runs").join(DAY).exists(), "{name} left a run");
    }
}

#[test]
fn configuration_faults_exit_with_2_and_name_the_key() {
    let cases = [
        ("[inputs.orders]\npath = \"orders.csv\"\n[plan]\nlead_time_day = 3\n", "lead_time_days"),
        ("[inputs.orders]\npath = \"orders.csv\"\n[plan]\nlead_time_days = -3\n", "lead_time_days"),
        (
            "[inputs.orders]\npath = \"orders.csv\"\n[plan]\n\
             target = { cycle_service_level = 1.5 }\n",
            "target",
        ),
        ("[inputs.orders]\npath = \"orders.csv\"\n[run]\nbucket = \"fortnight\"\n", "bucket"),
        (
            "[inputs.orders]\npath = \"orders.csv\"\n[forecast]\nmodel = \"smothing\"\n",
            "did you mean `smoothing`",
        ),
        (
            "[inputs.orders]\npath = \"orders.csv\"\n[[plan.rule]]\n\
             match = { status = \"phased_out\" }\npolicy = \"rS\"\n",
            "did you mean `phase_out`",
        ),
        ("[inputs.orders]\npath = \"orders.csv\"\n[run\n", "restock.toml"),
        ("[run]\nseed = 1\n", "orders"),
    ];
    for (config, named) in cases {
        let mut shop = Shop::new();
        shop.config = config.to_owned();
        let dir = shop.write();
        let (code, said) = night(dir.path());
        assert_eq!(code, 2, "{config}: {said}");
        assert!(said.contains(named), "{config}: {said}");
        assert!(!dir.path().join("runs").join(DAY).exists(), "{config} left a run");
    }
}

#[test]
fn of_duplicate_items_one_is_taken_whatever_their_order() {
    let other = b"A1,Another thing,ACME,3.50,7.00\n";
    let mut first = Shop::new();
    let header = first.items.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    first.items.splice(header..header, *other);
    let mut last = Shop::new();
    last.items.extend(other);
    let ((_one, first), (_two, last)) = (run_of(&first), run_of(&last));
    for file in ["plan.csv", "purchase_orders.csv"] {
        assert_eq!(
            fs::read(first.join(file)).unwrap(),
            fs::read(last.join(file)).unwrap(),
            "{file}"
        );
    }
    let aside = rows(&first.join("quarantine.csv"));
    assert!(
        aside
            .iter()
            .any(|row| row["table"] == "items" && row["message"].starts_with("duplicate_key")),
        "{aside:?}"
    );
}

#[test]
fn stock_of_an_unknown_item_is_planned_and_blocked() {
    let mut shop = Shop::new();
    shop.stock.extend(b"GHOST,5\n");
    let (_dir, run) = run_of(&shop);
    assert_eq!(decision(&run, "GHOST"), ("blocked".to_owned(), "unknown_item".to_owned()));
    assert!(rows(&run.join("exceptions.csv")).iter().any(|row| row["sku"] == "GHOST"));
}

#[test]
fn negative_stock_counts_as_none_with_that_many_backorders() {
    let mut shop = Shop::new();
    shop.stock = b"sku,on_hand\nA0,-7\nA1,4\nA2,8\nA3,12\nA4,16\nA5,20\n".to_vec();
    let (_dir, run) = run_of(&shop);
    let plan = rows(&run.join("plan.csv"));
    let row = plan.iter().find(|row| row["sku"] == "A0").unwrap();
    assert_eq!((row["backorders"].as_str(), row["inventory_position"].as_str()), ("7", "-7"));
    assert_eq!(row["decision"], "order");
    let said: Vec<String> = rows(&run.join("exceptions.csv"))
        .into_iter()
        .filter(|row| row["sku"] == "A0" && row["code"] == "DQ033")
        .map(|row| row["message"].clone())
        .collect();
    assert_eq!(said, ["negative_stock: on_hand is -7; it counts as 0 with 7 backorders"]);
}

/// A shop with many faults at once: stock below 0, items without supplier, cost or row, a supplier
/// without row, one paid in unknown money, limits that cannot hold, overrides of nothing, returns
/// beyond sales, a discontinued item that sells, open orders long overdue.
fn dirty() -> Shop {
    let mut shop = Shop::new();
    shop.config += "[demand]\nreturns = \"net\"\n\
        [inputs.overrides]\npath = \"overrides.csv\"\n\
        [inputs.purchase_orders]\npath = \"purchase_orders.csv\"\n";
    shop.items = b"sku,supplier,unit_cost,unit_price,status,min_stock,max_stock\n\
        A0,ACME,2.5,5,active,,\n\
        A1,,2.5,5,active,,\n\
        A2,NOBODY,,,active,,\n\
        A3,YENS,2.5,5,active,9,4\n\
        A4,ACME,,5,discontinued,,\n"
        .to_vec();
    shop.stock = b"sku,on_hand\nA0,-7\nA1,-2\nA2,0\nA3,0\nA4,3\nGHOST,5\n".to_vec();
    shop.suppliers =
        b"supplier,name,lead_time_days,currency\nACME,Acme,10,EUR\nYENS,Yens,10,JPY\n".to_vec();
    shop.orders.extend(b"2026-06-23,A0,-400,R1,1\n2026-06-23,A1,-400,R2,1\n");
    shop
}

#[test]
fn no_two_findings_speak_of_the_same_fact() {
    let shop = dirty();
    let dir = shop.write();
    let overrides = "sku,location,from,to,kind,value,reason,expires_on\n\
        NO-SUCH,,2026-07-06,2026-07-12,add,5,Fair,2026-07-13\n\
        NO-SUCH,,2026-07-13,2026-07-19,add,5,Feast,2026-07-20\n";
    fs::write(dir.path().join("overrides.csv"), overrides).unwrap();
    let open = "po_number,line,supplier,sku,quantity,ordered_on,expected_on\n\
        P1,1,ACME,A0,5,2024-01-01,2024-01-11\n\
        P2,1,ACME,A0,6,2026-06-01,2026-06-20\n\
        P3,1,ACME,A0,7,2026-06-01,2026-06-21\n";
    fs::write(dir.path().join("purchase_orders.csv"), open).unwrap();
    let (code, said) = night(dir.path());
    assert_eq!(code, 0, "{said}");

    let found = rows(&dir.path().join("runs").join(DAY).join("exceptions.csv"));
    let mut facts = std::collections::BTreeSet::new();
    for row in &found {
        // Each open order line is a fact of its own, and what concerns no item is one by what it
        // says.
        let is_of_a_line = ["DQ039", "DQ051"].contains(&row["code"].as_str());
        let said = if is_of_a_line || row["sku"].is_empty() { row["message"].as_str() } else { "" };
        let fact = (&row["code"], &row["table"], &row["sku"], &row["location"], said);
        assert!(facts.insert(fact), "said twice: {row:?}");
    }
    for (code, sku) in [
        ("DQ032", "GHOST"),
        ("DQ033", "A0"),
        ("DQ039", "A0"),
        ("DQ041", "A2"),
        ("DQ044", "A3"),
        ("DQ047", "A0"),
        ("DQ048", "A4"),
        ("DQ051", "A0"),
        ("DQ053", "NO-SUCH"),
        ("DQ076", "A3"),
    ] {
        assert!(
            found.iter().any(|row| row["code"] == code && row["sku"] == sku),
            "{code} of {sku} is missing in {found:#?}"
        );
    }
    let of_nobody = found.iter().filter(|row| row["sku"] == "A1" && row["table"] == "suppliers");
    assert_eq!(of_nobody.count(), 0, "an item without a supplier has no supplier without a row");
}

#[test]
fn an_item_without_any_demand_of_its_own_is_not_ordered() {
    let mut shop = Shop::new();
    shop.items.extend(b"NEW1,Never sold,ACME,2.50,5.00\n");
    shop.stock.extend(b"NEW1,0\n");
    let (_dir, run) = run_of(&shop);
    assert_eq!(decision(&run, "NEW1"), ("blocked".to_owned(), "no_history".to_owned()));
}

#[test]
fn a_name_can_neither_leave_the_folder_nor_become_a_formula() {
    let mut shop = Shop::new();
    shop.items =
        b"sku,description,supplier,unit_cost\nA0,\"=HYPERLINK(\"\"http://x\"\")\",../../etc/x,2\n\
        A1,@SUM(1),/etc/passwd,2\nA2,+1,CON,2\nA3,-1,..,2\nA4,\"\tx\",A B,2\nA5,ok,\xC3\x9Cber,2\n"
            .to_vec();
    shop.stock = b"sku,on_hand\nA0,0\nA1,0\nA2,0\nA3,0\nA4,0\nA5,0\n".to_vec();
    shop.suppliers =
        b"supplier,name\n../../etc/x,=1+1\n/etc/passwd,p\nCON,c\n..,d\nA B,e\n\xC3\x9Cber,u\n"
            .to_vec();
    let (dir, run) = run_of(&shop);
    let lines = rows(&run.join("purchase_orders.csv"));
    assert_eq!(lines.len(), 6, "each item is ordered");
    for line in &lines {
        for column in ["description", "supplier_name"] {
            assert!(!line[column].starts_with(['=', '+', '-', '@', '\t', '\r']), "{line:?}");
        }
    }
    let files: Vec<_> = fs::read_dir(run.join("purchase_orders")).unwrap().collect();
    assert_eq!(files.len(), 6, "one file a supplier");
    let beside: Vec<_> =
        fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(beside.len(), 6, "something was written outside of the run: {beside:?}");
}

#[test]
fn shuffled_rows_give_the_same_plans_orders_and_forecasts() {
    let shop = Shop::new();
    let (_dir, straight) = run_of(&shop);
    let mut shuffled = Shop::new();
    for table in [&mut shuffled.orders, &mut shuffled.items, &mut shuffled.stock] {
        let text = String::from_utf8(std::mem::take(table)).unwrap();
        let (header, body) = text.split_once('\n').unwrap();
        let mut lines: Vec<&str> = body.lines().collect();
        // A fixed permutation that leaves no order behind.
        lines.sort_by_key(|line| {
            line.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)))
        });
        *table = format!("{header}\n{}\n", lines.join("\n")).into_bytes();
    }
    let (_other, shuffled) = run_of(&shuffled);
    let (mut one, mut other) = (bytes(&straight), bytes(&shuffled));
    for files in [&mut one, &mut other] {
        files.retain(|path, _| {
            // What names rows of inputs, and their hashes; the page says these too.
            let of_inputs = ["quarantine.csv", "exceptions.csv", "manifest.json", "report.html"];
            !of_inputs.contains(&path.to_str().unwrap())
        });
    }
    assert!(one.len() >= 5 && one == other);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let dir = Shop::new().write();
    let mut child = Process::new(env!("CARGO_BIN_EXE_restock"))
        .args(["forecast", "--as-of", DAY, "--horizon", "200", "--format", "csv"])
        .current_dir(dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    assert!(!said.contains("error"), "{said}");
}

#[test]
fn forecasts_are_written_as_parquet_too() {
    let dir = Shop::new().write();
    let out = dir.path().join("forecast.parquet");
    let args = ["forecast", "--as-of", DAY, "--format", "parquet", "--output", "forecast.parquet"];
    restock(dir.path()).args(args).assert().success();
    let content = fs::read(&out).unwrap();
    assert!(content.starts_with(b"PAR1") && content.ends_with(b"PAR1"));
}

/// Someone once pasted a path into the supplier code; it must not become one in a file name, and
/// its name no formula in a spreadsheet.
#[test]
fn a_supplier_called_like_a_path_stays_in_its_folder() {
    for code in ["../../fernbank", "/etc/fernbank", "..", "a/../../../b", "..\\fernbank"] {
        let mut shop = Shop::new();
        let named = |table: &[u8]| {
            String::from_utf8(table.to_vec()).unwrap().replace(",ACME,", &format!(",{code},"))
        };
        shop.items = named(&shop.items).into_bytes();
        shop.suppliers =
            format!("supplier,name,lead_time_days\n{code},=Fernbank & Co,10\n").into_bytes();
        let (dir, run) = run_of(&shop);

        let orders = rows(&run.join("purchase_orders.csv"));
        assert!(!orders.is_empty(), "{code}: nothing is ordered");
        for line in &orders {
            assert_eq!(line["supplier"], code);
            assert_eq!(line["supplier_name"], "'=Fernbank & Co");
        }
        let files: Vec<_> = fs::read_dir(run.join("purchase_orders")).unwrap().flatten().collect();
        assert_eq!(files.len(), 1, "{code}: {files:?}");
        assert_eq!(rows(&files[0].path()), orders, "{code}");
        let around: Vec<_> = fs::read_dir(dir.path()).unwrap().flatten().collect();
        assert_eq!(around.len(), 6, "{code}: {around:?}");
    }
}
