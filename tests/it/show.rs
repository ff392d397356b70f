//! `restock show`: the tables of a run.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use crate::shop::restock;

const ORDERS: &str = "\
po_number,line,supplier,supplier_name,sku,supplier_sku,description,location,quantity,uom,pack_size,\
packs,unit_cost,currency,line_total,order_date,requested_date,state
P1,1,NORDIC,Nordic,007,,\"mug, blue\",depot,9,,,,1.50,EUR,13.50,2026-06-29,2026-07-09,suggested
P1,2,NORDIC,Nordic,MUG-2,,mug,shop,100,,,,2,EUR,200.00,2026-06-29,2026-07-09,held
P2,1,HARBOUR,Harbour,CUP-1,,\u{1b}[31mcup,depot,20,,,,,USD,,2026-06-29,2026-08-09,needs_review
P2,2,HARBOUR,Harbour,CUP-2,,cup,depot,30,,,,1,USD,30.00,2026-06-29,2026-08-09,suggested
";
const PLAN: &str = "\
sku,location,supplier,decision,abc,order_quantity
007,depot,NORDIC,order,A,9
MUG-2,shop,NORDIC,order,B,100
CUP-1,depot,HARBOUR,order,B,20
CUP-2,depot,HARBOUR,blocked,C,
";
const EXCESS: &str = "\
sku,location,on_hand,excess_units,excess_value,months_of_supply,action
MUG-2,shop,50,20,40.00,12.5,return
CUP-2,depot,5,2,100.25,,sell
";
const PROMISES: &str = "\
order_id,line,customer,sku,location,quantity,allocated_quantity,promise_p50,promise_p90,reason
0042,1,C1,007,depot,3,0,2026-07-09,2026-07-15,open_order
";
const FINDINGS: &str = "\
code,severity,table,file,row,sku,location,message
DQ032,error,stock,stock.csv,10,007,depot,unknown_item: 007 at depot
DQ001,warning,orders,orders.csv,9,,,missing_column: x
";

/// A folder with a configuration and one run of these tables.
fn shop() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("runs/2026-06-29");
    fs::create_dir_all(&run).unwrap();
    fs::write(dir.path().join("restock.toml"), "[outputs]\ndir = \"runs\"\n").unwrap();
    for (file, text) in [
        ("purchase_orders.csv", ORDERS),
        ("plan.csv", PLAN),
        ("excess.csv", EXCESS),
        ("promises.csv", PROMISES),
        ("exceptions.csv", FINDINGS),
        ("manifest.json", "{}"),
    ] {
        fs::write(run.join(file), text).unwrap();
    }
    dir
}

/// Exit code, stdout and stderr of `restock show …`.
fn show(dir: &Path, args: &str) -> (i32, String, String) {
    let output = restock(dir).arg("show").args(args.split(' ')).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// The skus that are shown, in their order.
fn skus(dir: &Path, args: &str) -> Vec<String> {
    let (code, out, err) = show(dir, &format!("{args} --format csv --columns sku"));
    assert_eq!(code, 0, "{args}: {err}");
    out.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn a_table_for_people_has_its_main_columns_and_says_what_it_comes_to() {
    let shop = shop();
    let (code, out, err) = show(shop.path(), "orders");
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(
        out,
        "                                      line_\n\
         supplier  sku    location  quantity   total  currency  state\n\
         NORDIC    007    depot            9   13.50  EUR       suggested\n\
         NORDIC    MUG-2  shop           100  200.00  EUR       held\n\
         HARBOUR   CUP-1  depot           20          USD       needs_review\n\
         HARBOUR   CUP-2  depot           30   30.00  USD       suggested\n\
         4 of 4 rows; line_total 213.50 EUR + 30.00 USD (1 row without one)\n"
    );
    // Amounts without a currency are in the base currency.
    let (_, out, _) = show(shop.path(), "excess 2026-06-29 --top 1");
    assert!(out.ends_with("1 of 2 rows; excess_value 40.00 EUR\n"), "{out}");
    let (_, out, _) = show(shop.path(), "excess runs/2026-06-29 --where sku=nothing");
    assert!(out.ends_with("\n0 of 2 rows\n"), "{out}");
    // What comes from others moves no cursor.
    let (_, out, _) = show(shop.path(), "orders --columns sku,description");
    assert!(out.contains("\\u{1b}[31mcup") && !out.contains('\u{1b}'), "{out}");
}

#[test]
fn rows_are_chosen_by_patterns_words_and_conditions() {
    let shop = shop();
    let dir = shop.path();
    assert_eq!(skus(dir, "orders --sku MUG-* --sku 007"), ["007", "MUG-2"]);
    assert_eq!(skus(dir, "orders --supplier H* --location depot"), ["CUP-1", "CUP-2"]);
    assert_eq!(skus(dir, "orders --state held,needs_review"), ["MUG-2", "CUP-1"]);
    assert_eq!(skus(dir, "orders --state s*"), ["007", "CUP-2"]);
    assert_eq!(skus(dir, "items --decision blocked"), ["CUP-2"]);
    assert_eq!(skus(dir, "orders --where quantity>9 --where quantity<=30"), ["CUP-1", "CUP-2"]);
    assert_eq!(skus(dir, "orders --where requested_date<2026-08-01"), ["007", "MUG-2"]);
    assert_eq!(skus(dir, "orders --where unit_cost="), ["CUP-1"]);
    assert_eq!(skus(dir, "findings --where severity!=error"), ["\"\""]);
    // By what the plan says of the row's item.
    assert_eq!(skus(dir, "orders --abc A,C"), ["007", "CUP-2"]);
    assert_eq!(skus(dir, "excess --supplier HARBOUR"), ["CUP-2"]);
    assert_eq!(skus(dir, "promises --abc A"), ["007"]);
    assert_eq!(skus(dir, "findings --supplier NORDIC"), ["007"]);
}

#[test]
fn rows_are_sorted_as_what_they_are_and_cut() {
    let shop = shop();
    let dir = shop.path();
    assert_eq!(skus(dir, "orders --sort quantity"), ["007", "CUP-1", "CUP-2", "MUG-2"]);
    assert_eq!(skus(dir, "orders --sort -line_total"), ["MUG-2", "CUP-2", "007", "CUP-1"]);
    assert_eq!(skus(dir, "orders --sort line_total"), ["007", "CUP-2", "MUG-2", "CUP-1"]);
    assert_eq!(skus(dir, "orders --sort sku --desc --top 2"), ["MUG-2", "CUP-2"]);
    let (_, out, _) = show(dir, "orders --location depot --sort -quantity --top 2");
    assert!(out.contains("\n2 of 3 that match, of 4 rows; line_total 30.00 USD (1 row"), "{out}");
}

#[test]
fn programs_get_every_column_and_each_value_as_it_was_written() {
    let shop = shop();
    let dir = shop.path();
    assert_eq!(show(dir, "orders --format csv").1, ORDERS);
    let (_, out, _) = show(dir, "orders --format json");
    assert!(out.contains("\"unit_cost\":1.50,"), "{out}");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
    assert_eq!(rows[0]["sku"], "007");
    assert_eq!(rows[0]["line_total"], 13.5);
    assert!(rows[0]["supplier_sku"].is_null() && rows[2]["line_total"].is_null());
    let (_, out, _) = show(dir, "promises --format json");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
    assert_eq!((&rows[0]["order_id"], &rows[0]["line"]), (&"0042".into(), &"1".into()));

    assert_eq!(show(dir, "items --columns abc,sku --output items.json"), (0, "".into(), "".into()));
    let text = fs::read_to_string(dir.join("items.json")).unwrap();
    assert!(text.starts_with("[\n{\"abc\":\"A\",\"sku\":\"007\"},"), "{text}");
}

#[test]
fn what_is_asked_for_wrongly_is_answered_with_what_was_meant() {
    let shop = shop();
    let dir = shop.path();
    for (args, told) in [
        ("orders --sort quantty", "did you mean `quantity`?"),
        ("orders --columns sku,stat", "did you mean `state`?"),
        ("items --where abcd=A", "did you mean `abc`?"),
        ("items --state held", "`restock show orders` has it"),
        ("orders --cause demand_surge", "`restock show risk` has it"),
        ("risk --decision order", "`restock show items` has it"),
        ("orders --state suggestd", "did you mean `suggested`?"),
        ("items --abc D", "it is one of A, B, C"),
        ("orders --where quantity>many", "holds numbers"),
        ("orders --where quantity", "COLUMN=VALUE"),
        ("orders --output orders.xls", ".csv or .json"),
        ("orders 2026-06-30", "there is no run"),
        ("order", "orders"),
    ] {
        // The tables of a run that lacks one are looked at first.
        fs::write(dir.join("runs/2026-06-29/backorder_risk.csv"), "sku,location\n").unwrap();
        let (code, out, err) = show(dir, args);
        assert_eq!((code, out.as_str()), (2, ""), "{args}: {err}");
        assert!(err.contains(told), "{args}: {err}");
    }
    // A night without rows of a supplier is none that failed.
    let (code, out, err) = show(dir, "orders --supplier NORDIK --format csv");
    assert_eq!((code, out.lines().count()), (0, 1));
    assert!(err.contains("meant `NORDIC`?"), "{err}");
}

#[test]
fn a_table_that_is_missing_or_damaged_is_named_with_what_to_do() {
    let shop = shop();
    let path = shop.path().join("runs/2026-06-29/purchase_orders.csv");
    let cases = [ORDERS.replace(',', ";"), format!("{ORDERS}more,fields\n"), String::new()];
    for broken in cases.iter().map(Some).chain([None]) {
        match broken {
            Some(text) => fs::write(&path, text).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let (code, out, err) = show(shop.path(), "orders");
        assert_eq!((code, out.as_str()), (3, ""), "{broken:?}");
        assert!(err.contains("purchase_orders.csv: it ") && err.contains("hint: "), "{err}");
    }
    fs::remove_file(shop.path().join("runs/2026-06-29/plan.csv")).unwrap();
    let (code, _, err) = show(shop.path(), "excess --abc A");
    assert!(code == 3 && err.contains("plan.csv: it is missing"), "{err}");

    fs::remove_dir_all(shop.path().join("runs")).unwrap();
    let (code, _, err) = show(shop.path(), "orders");
    assert!(code == 3 && err.contains("holds no run yet"), "{err}");
    assert!(!shop.path().join("runs").exists(), "showing made a folder");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let shop = shop();
    let path = shop.path().join("runs/2026-06-29/excess.csv");
    let row = "MUG-2,shop,50,20,40.00,12.5,return\n";
    fs::write(&path, format!("{}{}", EXCESS, row.repeat(50_000))).unwrap();
    let program = assert_cmd::cargo::cargo_bin("restock");
    let mut command = std::process::Command::new(program);
    command.current_dir(shop.path()).env_remove("RESTOCK_CONFIG");
    command.args(["show", "excess", "--format", "csv"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
