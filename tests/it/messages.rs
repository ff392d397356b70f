//! What people read: `check`, the summary, the log, help and what the commands say of themselves.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::{Days, NaiveDate};

use crate::shop::{restock, write_shop};

const DAY: &str = "2026-06-29";

/// Exit code, stdout and stderr.
fn said(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let output = restock(dir).args(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// A text without its line breaks, for sentences that are broken between words.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn date(days_before: u64) -> NaiveDate {
    DAY.parse::<NaiveDate>().unwrap() - Days::new(days_before)
}

type Tables = BTreeMap<&'static str, String>;

/// A shop without a fault: 30 items, each sold every fifth day of a year, in stock and listed.
fn clean() -> Tables {
    let mut orders = "date,sku,quantity,order_id,line\n".to_owned();
    for (number, days) in (1..=365).rev().enumerate() {
        for item in (0..30).filter(|item| (item + number) % 5 == 0) {
            orders += &format!("{},MUG-{item:02},{},O{number},{item}\n", date(days), 1 + item % 3);
        }
    }
    let mut items = "sku,supplier,unit_cost,unit_price\n".to_owned();
    let mut stock = "sku,on_hand\n".to_owned();
    for item in 0..30 {
        items += &format!("MUG-{item:02},ACME,2.50,5.00\n");
        stock += &format!("MUG-{item:02},40\n");
    }
    let suppliers = "supplier,lead_time_days\nACME,10\n".to_owned();
    Tables::from([("orders", orders), ("items", items), ("stock", stock), ("suppliers", suppliers)])
}

/// A shop's folder.
fn shop(tables: &Tables) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    // Few good rows stand beside the bad ones here.
    write_shop(dir.path(), tables, "[run]\nmax_bad_rows = 0.5");
    dir
}

/// What `check` says of a shop.
fn checked(tables: &Tables) -> String {
    let dir = shop(tables);
    let (code, out, err) = said(dir.path(), &["check", "--as-of", DAY]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    out
}

/// What the night says of a shop: exit code and summary.
fn night(tables: &Tables, more: &[&str]) -> (i32, String) {
    let dir = shop(tables);
    let args: Vec<&str> = ["run", "--as-of", DAY].iter().chain(more).copied().collect();
    let (code, _, err) = said(dir.path(), &args);
    (code, err)
}

fn with(mut tables: Tables, table: &'static str, rows: &str) -> Tables {
    tables.entry(table).or_default().push_str(rows);
    tables
}

/// Rows that cannot be read in three tables beside the orders, of which no one heard.
fn unread() -> Tables {
    let tables = with(clean(), "stock", "APO,'-\nNA,n/a\nWORD,many\n");
    let tables =
        with(tables, "purchase_orders", "po_number,supplier,sku,quantity,ordered_on,expected_on\n");
    let good: String =
        (0..30).map(|item| format!("P{item},ACME,MUG-{item:02},5,{},{DAY}\n", date(3))).collect();
    let tables = with(tables, "purchase_orders", &good);
    with(tables, "purchase_orders", &format!("P77,ACME,MUG-01,-5,{},{DAY}\n", date(3)))
}

#[test]
fn check_names_the_first_rows_of_every_table_that_cannot_be_used() {
    let out = flat(&checked(&unread()));
    for what in [
        "warning: 3 rows of stock set aside: bad_number (DQ002)",
        "stock.csv, row 32: `on_hand` = \"n/a\" is not a number",
        "stock.csv, row 33: `on_hand` = \"many\" is not a number",
        "hint: Set `decimal` for the input",
        "warning: 1 row of purchase_orders set aside: number_out_of_range (DQ006)",
        "purchase_orders.csv, row 31: `quantity` = -5",
        "4 rows cannot be read and are not used: 3 of stock, 1 of purchase_orders.",
    ] {
        assert!(out.contains(what), "no {what:?} in {out}");
    }
    assert!(!out.contains("inputs can be used"), "{out}");
}

#[test]
fn check_says_nothing_but_the_counts_where_nothing_is_wrong() {
    let out = checked(&clean());
    let words: Vec<Vec<&str>> = out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(words.contains(&vec!["orders", "orders.csv", "2,190", "2,190", "0"]), "{out}");
    assert!(words.contains(&vec!["stock", "stock.csv", "30", "30", "0"]), "{out}");
    assert_eq!(words.len(), 1 + 4 + 2, "{out}");
    assert!(out.ends_with("The configuration is valid and the inputs can be used.\n"), "{out}");
}

#[test]
fn check_shows_three_cases_of_a_kind_and_all_of_them_when_asked() {
    let bad =
        (0..5).map(|at| format!("{},MUG-01,{at} pcs,B{at},1\n", date(20))).collect::<String>();
    let dir = shop(&with(clean(), "orders", &bad));
    let shown = |args: &[&str]| {
        let out = flat(&said(dir.path(), args).1);
        let rows = (2191..2196).filter(|row| out.contains(&format!("orders.csv, row {row}: ")));
        (rows.count(), out.contains("and 2 more"))
    };
    assert_eq!(shown(&["check"]), (3, true));
    assert_eq!(shown(&["check", "-v"]), (5, false));
}

#[test]
fn check_names_the_file_of_a_pattern_and_the_row_of_a_json_file() {
    let dir = tempfile::tempdir().unwrap();
    let mut lines = String::new();
    for item in 0..40 {
        lines += &format!("{{\"sku\":\"A{item}\",\"on_hand\":5}}\n");
    }
    fs::write(dir.path().join("stock-1.ndjson"), &lines).unwrap();
    fs::write(dir.path().join("stock-2.ndjson"), lines.replace('A', "B") + "not json\n").unwrap();
    fs::write(dir.path().join("orders.csv"), format!("date,sku,quantity\n{},A1,3\n", date(9)))
        .unwrap();
    let config = "[inputs.orders]\npath = \"orders.csv\"\n\
                  [inputs.stock]\npath = \"stock-*.ndjson\"\n";
    fs::write(dir.path().join("restock.toml"), config).unwrap();
    let out = flat(&said(dir.path(), &["check"]).1);
    assert!(out.contains("stock stock-1.ndjson and 1 more 81 80 1"), "{out}");
    assert!(out.contains("1 row of stock set aside: malformed_row (DQ010)"), "{out}");
    assert!(out.contains("stock-2.ndjson, row 41: "), "{out}");
}

#[test]
fn check_does_not_call_inputs_usable_beside_one_that_stops_the_night() {
    let mut tables = clean();
    tables.insert("stock", "sku,on_hand\nMUG-01,many\n".to_owned());
    let dir = shop(&tables);
    let (code, out, err) = said(dir.path(), &["check", "--as-of", DAY]);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("1 of 1 rows of stock.csv cannot be used"), "{err}");
    assert!(!out.contains("configuration is valid"), "{out}");
}

#[test]
fn the_summary_names_rows_of_every_table_and_the_text_of_what_is_no_number() {
    let aside = format!(
        "{d},MUG-01,12 pcs,B1,1\n{d},MUG-02,two,B2,1\n{d},MUG-03,7,B3,1\n{d},MUG-03,7,B3,1\n",
        d = date(20)
    );
    let tables = with(unread(), "orders", &aside);
    let (code, err) = night(&tables, &[]);
    assert_eq!(code, 0, "{err}");
    let words = flat(&err);
    for what in [
        "Set aside: 7 of ",
        "orders bad_number 2 row 2191 of orders.csv: `quantity` = \"12 pcs\" is not a number",
        "orders duplicate_line 1 7 0.00 EUR",
        "stock bad_number 3 row 31 of stock.csv",
        "purchase_orders number_out_of_range 1 row 31 of purchase_orders.csv",
    ] {
        assert!(words.contains(what), "no {what:?} in {err}");
    }
    assert!(!words.contains("bad_number 2 0 "), "{err}");
}

/// A quantity that is read counts, whatever else is wrong with the row.
#[test]
fn rows_refused_for_another_field_are_shown_in_units() {
    let mut tables = clean();
    let orders = tables["orders"].replace('\n', ",stock\n").replacen(",stock", ",fulfilment", 1);
    tables.insert("orders", orders);
    let row = format!(
        "{},MUG-01,4,B1,1,lent\n{0},MUG-01,,B2,1,stock\n{0},MUG-01,x,B3,1,stock\n",
        date(20)
    );
    let err = flat(&night(&with(tables, "orders", &row), &[]).1);
    assert!(err.contains("orders bad_choice 1 4 "), "{err}");
    let what = "orders bad_number 1 row 2193 of orders.csv: `quantity` = \"x\" is not a number";
    assert!(err.contains(what), "{err}");
    let what = "orders missing_value 1 row 2192 of orders.csv: `quantity` is empty";
    assert!(err.contains(what), "{err}");
}

#[test]
fn fail_on_sees_rows_that_were_set_aside() {
    assert_eq!(night(&clean(), &["--fail-on", "warning"]).0, 0);
    let bad_stock = with(clean(), "stock", "NA,n/a\n");
    assert_eq!(night(&bad_stock, &["--fail-on", "warning"]).0, 1);
    assert_eq!(night(&bad_stock, &["--fail-on", "error"]).0, 1, "its item is not ordered");
    let twice = with(clean(), "items", "MUG-01,ACME,2.50,5.00\n");
    assert_eq!(night(&twice, &["--fail-on", "warning"]).0, 1);
    assert_eq!(night(&twice, &["--fail-on", "error"]).0, 0);
    assert_eq!(night(&twice, &[]).0, 0);
}

#[test]
fn errors_of_the_summary_are_named() {
    let rows = format!("{d},ZZ-404,2,B1,1\n{d},ZZ-405,2,B2,1\n", d = date(20));
    let stock = "ZZ-404,1\nZZ-405,1\n";
    let tables = with(with(clean(), "orders", &rows), "stock", stock);
    let err = night(&tables, &[]).1;
    let findings = flat(err.split("Findings: ").nth(1).unwrap());
    assert!(findings.starts_with("2 errors, "), "{err}");
    assert!(findings.contains("unknown_item 2 first ZZ-404"), "{err}");
}

/// The message of each finding that `check` shows under a code.
fn messages(out: &str, code: &str) -> Vec<String> {
    let Some(rest) = out.split(&format!(": {code} (DQ")).nth(1) else { return Vec::new() };
    let cases = rest.split("\n  hint: ").next().unwrap().split("\n    ").skip(1);
    // A case goes on in lines that begin further to the right.
    let mut said: Vec<String> = Vec::new();
    for case in cases {
        match case.strip_prefix("  ") {
            Some(more) => said.last_mut().unwrap().push_str(&format!(" {}", flat(more))),
            None => said.push(flat(case)),
        }
    }
    said
}

#[test]
fn amounts_of_zero_are_said_once_a_column() {
    let rows = "FREE-1,ACME,0,5.00\nFREE-2,ACME,0.00,4.00\nNONE-1,ACME,,4.00\n";
    let out = checked(&with(clean(), "items", rows));
    let said = messages(&out, "zero_amount");
    assert_eq!(said, ["`unit_cost` is 0 in 2 of 33 rows: FREE-1, FREE-2"], "{out}");
    assert_eq!(messages(&out, "no_cost"), ["no unit cost for 1 of 33 items: NONE-1"], "{out}");
}

#[test]
fn skus_that_look_like_no_products_are_named_and_few_others() {
    let row = |sku: &str| format!("{},{sku},1,X{sku},1\n", date(20));
    let odd = ["SHIPPING", "Late fee", "ADJUST"].map(row).concat();
    let fine = ["COFFEE", "TIP-1001", "TEA"].map(row).concat();
    let listed = "COFFEE,ACME,2,4\nTEA,ACME,2,4\nTIP-1001,ACME,2,4\n";
    let tables = with(with(clean(), "orders", &(odd + &fine)), "items", listed);
    let named: Vec<String> = messages(&checked_all(&tables), "no_product");
    let named: Vec<&str> = named.iter().map(|text| text.split(" main:").next().unwrap()).collect();
    assert_eq!(named, ["ADJUST", "Late fee", "SHIPPING"]);

    // Where nearly all skus hold a digit, one that no table knows and that holds none is odd.
    let named = messages(&checked_all(&with(clean(), "orders", &row("M"))), "no_product");
    assert!(named.len() == 1 && named[0].starts_with("M main: "), "{named:?}");

    // A shop whose skus are words has no rule that a word could break, but shelves.
    let words = "date,sku,quantity\n2026-06-01,cup,3\n2026-06-01,discount,3\n2026-06-02,tip,4\n";
    let tables = Tables::from([
        ("orders", words.to_owned()),
        ("stock", "sku,on_hand\ncup,4\ntip,9\n".to_owned()),
    ]);
    let named = messages(&checked_all(&tables), "no_product");
    assert_eq!(named.len(), 1, "{named:?}");
    assert!(named[0].starts_with("discount main: "), "{named:?}");
}

/// What `check -v` says of a shop.
fn checked_all(tables: &Tables) -> String {
    let dir = shop(tables);
    said(dir.path(), &["check", "-v", "--as-of", DAY]).1
}

#[test]
fn a_unit_that_jumps_is_said_and_growth_is_not() {
    let line =
        |sku: &str, days: u64, units: u64| format!("{},{sku},{units},{sku}{days},1\n", date(days));
    let mut rows = String::new();
    for days in (1..=60_u64).rev() {
        rows += &line("PACK-1", days, if days > 25 { 24 } else { 1 });
        rows += &line("EACH-1", days, if days > 10 { 2 } else { 24 });
        rows += &line("GROW-1", days, 1 + (60 - days) / 8);
        rows += &line("LUMP-1", days, if days % 7 < 3 { 120 } else { 2 });
    }
    let listed: String =
        ["PACK-1", "EACH-1", "GROW-1", "LUMP-1"].map(|sku| format!("{sku},ACME,2,4\n")).concat();
    let tables = with(with(clean(), "orders", &rows), "items", &listed);
    let said = messages(&checked_all(&tables), "units_jump");
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("EACH-1 main: a line was of 2 until "), "{said:?}");
    assert!(said[1].starts_with("PACK-1 main: a line was of 24 until "), "{said:?}");
    assert!(said[1].contains(" and is of 1 since "), "{said:?}");
}

#[test]
fn what_tables_lack_of_each_other_is_said_with_its_share() {
    let sold = format!("{d},ZZ-1,300,B1,1\n{d},ZZ-2,65,B2,1\n", d = date(20));
    let tables = with(with(clean(), "orders", &sold), "items", "MUG-77,,2,4\n");
    let out = checked(&tables);
    let of = |code| messages(&out, code);
    let unknown = "sold and are not in the table: 2 of 32 items: ZZ-1, ZZ-2; 7.7 % of the units \
                   sold";
    assert_eq!(of("unknown_item"), [unknown], "{out}");
    assert_eq!(of("missing_stock").len(), 1, "{out}");
    assert_eq!(of("no_supplier"), ["no supplier for 1 of 31 items: MUG-77"], "{out}");
}

#[test]
fn rows_that_tell_of_days_to_come_are_said() {
    let receipts = format!(
        "po_number,supplier,sku,quantity,ordered_on,received_on\n\
         P1,ACME,MUG-01,5,{},{}\nP2,ACME,MUG-01,5,{},2062-06-03\n",
        date(30),
        date(20),
        date(30)
    );
    let tables = with(clean(), "receipts", &receipts);
    let said = messages(&checked(&tables), "future_date");
    let expected = "`received_on` lies after 2026-06-29 in 1 of 2 rows: P2 on 2062-06-03";
    assert_eq!(said, [expected]);
}

#[test]
fn a_forecast_takes_its_format_from_the_ending_of_the_file() {
    let dir = shop(&clean());
    let written = |name: &str, more: &[&str]| {
        let args: Vec<&str> =
            ["forecast", "MUG-01", "--output", name].iter().chain(more).copied().collect();
        let (code, _, err) = said(dir.path(), &args);
        assert_eq!(code, 0, "{err}");
        fs::read(dir.path().join(name)).unwrap()
    };
    assert!(written("f.csv", &[]).starts_with(b"sku,location,period_start,mean"));
    let json: serde_json::Value = serde_json::from_slice(&written("f.JSON", &[])).unwrap();
    assert_eq!(json[0]["sku"], "MUG-01");
    assert!(written("f.parquet", &[]).starts_with(b"PAR1"));
    assert!(written("g.csv", &["--format", "json"]).starts_with(b"["));
    assert!(written("plain", &["--format", "table"]).starts_with(b"sku "));

    for name in ["f.xlsx", "f"] {
        let (code, _, err) = said(dir.path(), &["forecast", "MUG-01", "--output", name]);
        assert_eq!(code, 2, "{err}");
        assert!(err.contains("names no format") && err.contains("--format csv"), "{err}");
        assert!(!dir.path().join(name).exists());
    }
}

#[test]
fn near_skus_are_suggested_and_several_are_taken() {
    let dir = shop(&clean());
    for command in ["explain", "forecast"] {
        let (code, out, err) = said(dir.path(), &[command, "MUG-01", "MUG-88"]);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains("MUG-88 is not planned"), "{err}");
        assert!(err.contains("did you mean `MUG-08` or `MUG-18` or `MUG-28`?"), "{err}");
        let (_, _, err) = said(dir.path(), &[command, "17"]);
        assert!(err.contains("did you mean `MUG-17`?"), "{err}");
        let (_, _, err) = said(dir.path(), &[command, "MUG-01", "--location", "mian"]);
        assert!(err.contains("did you mean `main`?"), "{err}");
    }

    let bad = shop(&with(clean(), "orders", &format!("{},NEW-1,many,N1,1\n", date(9))));
    let (code, _, err) = said(bad.path(), &["explain", "NEW-1"]);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("NEW-1 is quarantined: no row of it can be used"), "{err}");

    let (code, out, err) = said(dir.path(), &["explain", "MUG-01", "MUG-1?"]);
    assert_eq!(code, 0, "{err}");
    let heads = out.lines().filter(|line| line.ends_with(&format!("  on {DAY}")));
    assert_eq!(heads.count(), 11, "{out}");
    let (code, out, _) = said(dir.path(), &["forecast", "MUG-01", "MUG-02", "--total"]);
    assert_eq!((code, out.lines().count()), (0, 4), "{out}");
    assert!(out.starts_with("Demand of 13 weeks from 2026-06-29 on\n"), "{out}");
}

/// The objects on stderr; everything there has to be one.
fn objects(err: &str) -> Vec<serde_json::Value> {
    let parse = |line: &str| -> serde_json::Value {
        serde_json::from_str(line).unwrap_or_else(|cause| panic!("{cause}: {line:?}"))
    };
    err.lines().map(parse).collect()
}

#[test]
fn a_json_log_holds_objects_and_nothing_else() {
    let dir = shop(&unread());
    let (code, _, err) = said(dir.path(), &["run", "--log-format", "json", "--as-of", DAY]);
    assert_eq!(code, 0, "{err}");
    let published = objects(&err)
        .into_iter()
        .find(|line| line["fields"]["message"] == "run published")
        .unwrap_or_else(|| panic!("{err}"));
    let fields = &published["fields"];
    // Items whose stock row cannot be read are planned too, and blocked.
    assert_eq!((&fields["items"], &fields["as_of"]), (&33.into(), &DAY.into()), "{err}");
    assert_eq!(fields["set_aside"]["stock"]["bad_number"], 3, "{err}");
    assert_eq!(published["level"], "INFO");

    let cases: [(&[&str], i32); 6] = [
        (&["run", "--as-of", "soon"], 2),
        (&["run", "--config", "nothing.toml"], 2),
        (&["explain", "MUG-88"], 2),
        (&["fly"], 2),
        (&["run", "--set", "inputs.orders.path=gone.csv"], 3),
        (&["init", "."], 2),
    ];
    for (args, expected) in cases {
        for format in [&["--log-format", "json"][..], &["--log-format=json"]] {
            let args: Vec<&str> = args.iter().chain(format).copied().collect();
            let (code, out, err) = said(dir.path(), &args);
            assert_eq!((code, out.as_str()), (expected, ""), "{args:?}: {err}");
            let lines = objects(&err);
            assert_eq!(lines.len(), 1, "{args:?}: {err}");
            assert_eq!(lines[0]["level"], "ERROR", "{err}");
            assert_eq!(lines[0]["fields"]["exit_code"], expected, "{err}");
            assert!(lines[0]["timestamp"].as_str().unwrap().ends_with('Z'), "{err}");
        }
    }
    let (_, _, err) = said(dir.path(), &["explain", "MUG-88", "--log-format", "json"]);
    let hint = objects(&err)[0]["fields"]["hints"][0].as_str().unwrap().to_owned();
    assert!(hint.starts_with("did you mean"), "{hint}");
}

#[test]
fn colour_is_used_where_it_is_asked_for_and_never_in_a_pipe() {
    let dir = shop(&clean());
    let run = |more: &[&str]| {
        let args: Vec<&str> = ["run", "--as-of", DAY].iter().chain(more).copied().collect();
        said(dir.path(), &args).2
    };
    let (plain, never) = (run(&[]), run(&["--color", "never"]));
    assert!(!plain.contains('\u{1b}') && !never.contains('\u{1b}'), "{plain}");
    let always = run(&["--color", "always"]);
    assert!(always.contains("\u{1b}[1mOrders") || always.contains("\u{1b}[1m2026"), "{always}");
    let error = said(dir.path(), &["explain", "none", "--color", "always"]).2;
    assert!(error.contains("\u{1b}[31m") || error.contains("\u{1b}[1m\u{1b}[31merror:"), "{error}");
    for file in fs::read_dir(dir.path().join("runs").join(DAY)).unwrap().flatten() {
        // Of what is packed, any byte may be one.
        if file.path().is_file() && file.file_name() != "state.bin.zst" {
            assert!(!fs::read(file.path()).unwrap().contains(&0x1b), "{:?}", file.path());
        }
    }
}

#[test]
fn init_names_its_folder_and_its_shop_begins_without_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    let (code, _, err) = said(dir.path(), &["init", "shop"]);
    assert_eq!(code, 0, "{err}");
    let folder = fs::canonicalize(dir.path().join("shop")).unwrap();
    assert!(err.contains(&format!("into {}.\n", folder.display())), "{err}");
    assert!(err.contains("Next: cd shop && restock run\n"), "{err}");

    let (code, _, err) = said(&folder, &["run"]);
    assert_eq!(code, 0, "{err}");
    assert!(err.starts_with("2026-06-29  ") && !err.contains("warning:"), "{err}");
    assert_narrow("the summary", &err);
}

#[test]
fn init_empty_writes_a_template_that_check_takes_from_there() {
    let dir = tempfile::tempdir().unwrap();
    let (code, _, err) = said(dir.path(), &["init", "--empty", "mine"]);
    assert_eq!(code, 0, "{err}");
    let folder = dir.path().join("mine");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no sample data");
    let (code, _, err) = said(&folder, &["check"]);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("orders.csv does not exist"), "{err}");

    let orders = "Day;Article;Pieces\n01.06.2026;A1;3\n02.06.2026;A1;4\n";
    fs::write(folder.join("orders.csv"), orders).unwrap();
    let path = folder.join("restock.toml");
    let config = fs::read_to_string(&path).unwrap();
    let columns = "columns = { date = \"date\", sku = \"sku\", quantity = \"quantity\" }";
    let mine = "columns = { date = \"Day\", sku = \"Article\", quantity = \"Pieces\" }";
    assert!(config.contains(columns), "{config}");
    let config = config.replacen(columns, mine, 1).replacen("#delimiter", "delimiter", 1);
    fs::write(&path, config.replacen("#date_format", "date_format", 1)).unwrap();
    let (code, out, err) = said(&folder, &["check"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("the inputs can be used."), "{out}");
}

/// Whether no line is wider than a terminal of 80 columns.
fn assert_narrow(what: &str, text: &str) {
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{what}: {line:?}");
    }
}

#[test]
fn what_commands_print_of_the_sample_fits_eighty_columns() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(said(dir.path(), &["init", "."]).0, 0);
    for args in [
        &["check"][..],
        &["explain", "GI-1040", "TX-1028", "001103"],
        &["forecast", "GI-1040"],
        &["forecast", "GI-*", "--total"],
    ] {
        let (code, out, err) = said(dir.path(), args);
        assert_eq!(code, 0, "{args:?}: {err}");
        assert_narrow(&args.join(" "), &out);
    }
}

const COMMANDS: [&str; 15] = [
    "init",
    "check",
    "run",
    "fit",
    "merge",
    "forecast",
    "explain",
    "diff",
    "report",
    "orders",
    "show",
    "backtest",
    "schema",
    "completions",
    "man",
];

#[test]
fn help_shows_a_commands_own_options_first_and_fits_eighty_columns() {
    let dir = tempfile::tempdir().unwrap();
    for command in COMMANDS {
        let mut help = restock(dir.path());
        let output = help.env("COLUMNS", "80").args(["help", command]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let common = text.find("\nCommon options:\n").unwrap_or_else(|| panic!("{text}"));
        for option in ["--as-of", "--fail-on", "--output", "--list", "--empty", "--format"] {
            let line = format!("\n      {option}");
            let is_before = text.find(&line).is_none_or(|at| at < common);
            assert!(is_before, "{command}: {option} is not before {text}");
        }
        assert!(text.find("--config").unwrap() > common, "{text}");
        assert!(text.contains("\nExample"), "{text}");
        assert_narrow(command, &text);
    }
}

#[test]
fn completions_and_manuals_do_not_repeat_the_common_options() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(said(dir.path(), &["man", "--output-dir", "pages"]).0, 0);
    let page = |name: &str| fs::read_to_string(dir.path().join("pages").join(name)).unwrap();
    assert!(page("restock.1").contains("\\-\\-threads"));
    assert!(!page("restock-run.1").contains("\\-\\-threads"));
    assert!(page("restock-run.1").contains("fail\\-on"));
    let fish = said(dir.path(), &["completions", "fish"]).1;
    assert_eq!(fish.matches("-l threads").count(), 1, "{fish}");
}
