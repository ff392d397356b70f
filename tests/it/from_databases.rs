//! Tables that a query gives: typed values, read without a trace beside the database.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use rusqlite::Connection;

use crate::shop::{restock, rows, unit};

const AS_OF: &str = "2026-06-29";
const QUERY: &str = "query = \"select day as date, sku, quantity, price as unit_price from sales\"";

fn sales() -> Vec<(String, String, u64, f64)> {
    let first = chrono::NaiveDate::from_ymd_opt(2025, 9, 1).unwrap();
    (0..300_u64)
        .flat_map(|day| {
            let date = (first + chrono::Days::new(day)).to_string();
            ["00017", "17", "MUG, \"blue\""].into_iter().enumerate().map(move |(at, sku)| {
                let quantity = 1 + (unit(day * 5 + at as u64) * 9.0) as u64;
                (date.clone(), sku.to_owned(), quantity, 2.5 + at as f64 / 4.0)
            })
        })
        .collect()
}

/// A database of these sales, in the folder.
fn database(dir: &Path) -> Connection {
    let mut db = Connection::open(dir.join("shop 100%.sqlite")).unwrap();
    db.execute_batch("create table sales (day text, sku text, quantity integer, price real, note)")
        .unwrap();
    let tx = db.transaction().unwrap();
    for (day, sku, quantity, price) in sales() {
        let row = rusqlite::params![day, sku, quantity as i64, price];
        tx.execute("insert into sales values (?, ?, ?, ?, null)", row).unwrap();
    }
    tx.commit().unwrap();
    db
}

fn configure(dir: &Path, orders: &str) {
    fs::write(dir.join("stock.csv"), "sku,on_hand\n00017,5\n17,5\n").unwrap();
    let config = format!(
        "[outputs]\ndir = \"runs\"\npage = false\n[inputs.stock]\npath = \"stock.csv\"\n\
         [inputs.orders]\n{orders}\n"
    );
    fs::write(dir.join("restock.toml"), config).unwrap();
}

fn shop(more: &str) -> (tempfile::TempDir, Connection) {
    let dir = tempfile::tempdir().unwrap();
    let db = database(dir.path());
    configure(dir.path(), &format!("path = \"shop 100%.sqlite\"\n{more}"));
    (dir, db)
}

fn night(dir: &Path) -> (i32, String) {
    let output = restock(dir).args(["run", "--as-of", AS_OF]).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn plan(dir: &Path) -> String {
    let (code, said) = night(dir);
    assert_eq!(code, 0, "{said}");
    fs::read_to_string(dir.join("runs").join(AS_OF).join("plan.csv")).unwrap()
}

fn csv_plan() -> String {
    let dir = tempfile::tempdir().unwrap();
    let mut text = String::from("date,sku,quantity,unit_price\n");
    for (day, sku, quantity, price) in sales() {
        let sku = sku.replace('"', "\"\"");
        writeln!(text, "{day},\"{sku}\",{quantity},{price}").unwrap();
    }
    fs::write(dir.path().join("orders.csv"), text).unwrap();
    configure(dir.path(), "path = \"orders.csv\"");
    plan(dir.path())
}

/// The names in a folder but for what runs make.
fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "runs");
    names.sort();
    names
}

#[test]
fn a_query_gives_the_plan_of_its_rows_as_csv_and_leaves_no_trace() {
    let of_csv = csv_plan();
    for mode in ["delete", "wal"] {
        let (dir, db) = shop(QUERY);
        db.pragma_update(None, "journal_mode", mode).unwrap();
        db.close().unwrap();
        let before = names(dir.path());
        assert_eq!(plan(dir.path()), of_csv, "{mode}");
        assert_eq!(names(dir.path()), before, "{mode}");
    }
}

#[test]
fn a_database_that_its_writer_holds_open_is_read_as_it_stands() {
    let of_csv = csv_plan();
    let (dir, db) = shop(QUERY);
    db.pragma_update(None, "journal_mode", "wal").unwrap();
    // What stands in the log alone counts.
    db.execute_batch("update sales set quantity = quantity + 100 where sku = '17'").unwrap();
    assert_ne!(plan(dir.path()), of_csv);
    db.execute_batch("update sales set quantity = quantity - 100 where sku = '17'").unwrap();
    assert_eq!(plan(dir.path()), of_csv);

    // Without its index the log cannot be read, and making one would write beside the database.
    let left = tempfile::tempdir().unwrap();
    for name in ["shop 100%.sqlite", "shop 100%.sqlite-wal", "restock.toml", "stock.csv"] {
        fs::copy(dir.path().join(name), left.path().join(name)).unwrap();
    }
    let (code, said) = night(left.path());
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("write-ahead log without its index"), "{said}");
    assert!(!left.path().join("shop 100%.sqlite-shm").exists());
}

#[test]
fn a_lock_is_waited_for_and_then_told() {
    let (dir, db) = shop(QUERY);
    db.execute_batch("begin exclusive; update sales set quantity = 1").unwrap();
    let (code, said) = night(dir.path());
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("is locked: another program writes to it"), "{said}");
    assert!(!dir.path().join("runs").join(AS_OF).exists());
}

#[test]
fn null_is_empty_and_a_blob_costs_its_row() {
    let (dir, db) = shop(
        "query = \"select day as date, sku, iif(rowid = 3, x'0102', quantity) as quantity, \
         null as unit_price from sales\"",
    );
    db.close().unwrap();
    plan(dir.path());
    let aside = rows(&dir.path().join("runs").join(AS_OF).join("quarantine.csv"));
    assert_eq!(aside.len(), 1);
    assert_eq!((aside[0]["row"].as_str(), aside[0]["code"].as_str()), ("3", "DQ110"));
    assert!(aside[0]["message"].contains("`quantity` holds bytes that are no text"));
}

#[test]
fn only_one_select_that_ends_is_answered() {
    let endless = "with recursive n(i) as (select 1 union all select i + 1 from n) \
                   select '2026-01-01' as date, 'A' as sku, count(*) as quantity from n";
    for (query, code, what) in [
        ("delete from sales returning day as date, sku, quantity", 2, "would change the database"),
        ("select 1; select 2", 2, "holds several statements"),
        ("selct 1", 2, "is refused: near \\\"selct\\\": syntax error"),
        ("select day from sale", 2, "no such table: sale"),
        ("attach 'x.sqlite' as x", 2, "gives no rows"),
        ("", 2, "gives no rows"),
        ("select day as date, sku from sales", 3, "has no column `quantity`"),
        ("select day as date, sku, quantity from sales where 0", 3, "has a header and no rows"),
        (endless, 3, "gave no end to its query within 1 s"),
    ] {
        let (dir, db) = shop(&format!("timeout_s = 1\nquery = \"{query}\""));
        db.close().unwrap();
        let (got, said) = night(dir.path());
        assert_eq!(got, code, "{query}: {said}");
        assert!(said.contains(&what.replace("\\\"", "\"")), "{query}: {said}");
        assert!(said.contains("hint: "), "{query}: {said}");
        assert!(said.contains("orders"), "{query}: {said}");
        assert!(!dir.path().join("runs").join(AS_OF).exists(), "{query}");
        assert_eq!(names(dir.path()), ["restock.toml", "shop 100%.sqlite", "stock.csv"]);
    }
}

#[test]
fn what_is_no_database_is_refused() {
    for (bytes, what) in
        [(&b"date,sku,quantity\n2026-01-01,A,1\n"[..], "is no SQLite file"), (&b""[..], "is empty")]
    {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("shop.db"), bytes).unwrap();
        configure(dir.path(), &format!("path = \"shop.db\"\n{QUERY}"));
        let (code, said) = night(dir.path());
        assert_eq!(code, 3, "{said}");
        assert!(said.contains("orders: shop.db") && said.contains(what), "{said}");
    }
}

#[test]
fn settings_that_do_not_go_together_are_refused() {
    for (orders, what) in [
        ("", "neither `inputs.orders.path` nor `inputs.orders.command` is set"),
        ("path = \"a.csv\"\ncommand = [\"cat\"]", "are set, and one source is enough"),
        ("command = []", "`inputs.orders.command` names no program"),
        ("path = \"a.csv\"\nquery = \"select 1\"", "a.csv is no SQLite file"),
        ("command = [\"cat\"]\nquery = \"select 1\"", "is no SQLite file"),
        ("path = \"a.sqlite\"", "a.sqlite is a database, and no `query` is set"),
        ("path = \"a.csv\"\nsheet = \"S\"", "a.csv is no workbook"),
        ("command = [\"cat\"]\nsheet = \"S\"", "is no workbook"),
        ("path = \"a.csv\"\ntimeout_s = 5", "`inputs.orders.timeout_s` has nothing to end"),
        ("command = [\"cat\"]\ntimeout_s = 0", "`inputs.orders.timeout_s` = 0 is not between"),
        ("path = \"a.dat\"", "the ending of a.dat names no known format"),
        ("path = \"a.xls\"", "save it as .xlsx"),
        ("path = \"a.csv\"\nformat = \"sqlite\"", "unknown variant `sqlite`"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        configure(dir.path(), orders);
        let (code, said) = night(dir.path());
        assert_eq!(code, 2, "{orders}: {said}");
        assert!(said.contains(what), "{orders}: {said}");
    }

    // A format that is set makes up for an ending that says nothing.
    let dir = tempfile::tempdir().unwrap();
    let mut text = String::from("date\tsku\tquantity\n");
    for (day, sku, quantity, _) in sales() {
        writeln!(text, "{day}\t{}\t{quantity}", sku.replace('"', "")).unwrap();
    }
    fs::write(dir.path().join("orders.dat"), text).unwrap();
    configure(dir.path(), "path = \"orders.dat\"\nformat = \"tsv\"");
    assert!(plan(dir.path()).contains("00017,main"));
}
