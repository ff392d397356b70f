//! `diff`: what made the decisions of one run differ from those of another.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::shop::{restock, rows, unit, write_shop};

const CAUSES: [&str; 9] = [
    "demand",
    "models",
    "lead_time",
    "stock",
    "on_order",
    "terms",
    "settings",
    "version",
    "order_rules",
];
const DAYS: u64 = 300;
const ITEMS: u64 = 8;

type Tables = BTreeMap<&'static str, String>;

fn date(day: u64) -> String {
    let first = chrono::NaiveDate::from_ymd_opt(2025, 9, 1).unwrap();
    (first + chrono::Days::new(day)).to_string()
}

/// The day after the last order.
fn as_of() -> String {
    date(DAYS)
}

/// Eight items of two suppliers, each with stock, open orders and deliveries of the past.
fn tables() -> Tables {
    let mut orders = String::from("date,sku,quantity,unit_price\n");
    for day in 0..DAYS {
        for item in 0..ITEMS {
            let units = (unit(day << 8 | item) * (3.0 + item as f64)).floor();
            if units > 0.0 {
                writeln!(orders, "{},S{item},{units},9.5", date(day)).unwrap();
            }
        }
    }
    let mut items = String::from("sku,category,supplier,unit_cost,unit_price,moq,pack_size\n");
    let mut stock = String::from("sku,on_hand\n");
    let mut open = String::from("po_number,line,supplier,sku,quantity,ordered_on,expected_on\n");
    let mut receipts = String::from("po_number,supplier,sku,quantity,ordered_on,received_on\n");
    for item in 0..ITEMS {
        let supplier = ["ACME", "BOLT"][item as usize % 2];
        let category = ["garden", "tools", "paint"][item as usize % 3];
        writeln!(items, "S{item},{category},{supplier},{},9.5,{},{}", 2 + item, 5 * item, 1 + item)
            .unwrap();
        writeln!(stock, "S{item},{}", 30 * item).unwrap();
        let (ordered, due) = (date(DAYS - 10), date(DAYS + 3 + item));
        writeln!(open, "PO{item},1,{supplier},S{item},{},{ordered},{due}", 10 + item).unwrap();
        for order in 0..6 {
            let ordered = 20 + 40 * order;
            let took = 9 + (8.0 * unit(order << 5 | item)) as u64;
            writeln!(
                receipts,
                "R{order}{item},{supplier},S{item},20,{},{}",
                date(ordered),
                date(ordered + took)
            )
            .unwrap();
        }
    }
    let suppliers = "supplier,lead_time_days,lead_time_sd_days,order_cost,min_order_value\n\
                     ACME,12,3,20,\nBOLT,30,4,,150\n";
    BTreeMap::from([
        ("orders", orders),
        ("items", items),
        ("stock", stock),
        ("purchase_orders", open),
        ("receipts", receipts),
        ("suppliers", suppliers.to_owned()),
    ])
}

/// Without what crosses items, so that each is ordered what it needs.
fn plain() -> Tables {
    let mut tables = tables();
    let suppliers = "supplier,lead_time_days,lead_time_sd_days\nACME,12,3\nBOLT,30,4\n";
    tables.insert("suppliers", suppliers.to_owned());
    tables
}

fn run(dir: &Path, night: (&Tables, &str), args: &[&str]) {
    write_shop(dir, night.0, night.1);
    restock(dir).args(["run", "--quiet"]).args(args).assert().success();
}

fn diff(dir: &Path, args: &[&str]) -> Vec<BTreeMap<String, String>> {
    let output = restock(dir).args(["diff", "--format", "csv"]).args(args).assert().success();
    fs::write(dir.join("diff.csv"), &output.get_output().stdout).unwrap();
    rows(&dir.join("diff.csv"))
}

/// A decimal as a whole number of 10⁻⁹; empty is 0.
fn exact(text: &str) -> i128 {
    if text.is_empty() {
        return 0;
    }
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    assert!(part.len() <= 9, "{text}");
    sign * format!("{whole}{part:0<9}").parse::<i128>().unwrap()
}

/// Whether every row adds up, and says of both runs what their plans say.
fn assert_adds_up(dir: &Path, changes: &[BTreeMap<String, String>], (a, b): (&str, &str)) {
    let plan = |run: &str| -> BTreeMap<String, BTreeMap<String, String>> {
        let plan = rows(&dir.join("runs").join(run).join("plan.csv"));
        plan.into_iter().map(|row| (row["sku"].clone(), row)).collect()
    };
    let (before, after) = (plan(a), plan(b));
    for row in changes {
        let parts: i128 = CAUSES.iter().map(|cause| exact(&row[*cause])).sum();
        assert_eq!(parts, exact(&row["after"]) - exact(&row["before"]), "{row:?}");
        assert_eq!(row["version"], "0", "{row:?}");
        for (side, plan) in [("before", &before), ("after", &after)] {
            let written = plan.get(&row["sku"]).map_or("", |item| &item[&row["measure"]]);
            assert_eq!(exact(&row[side]), exact(written), "{row:?}");
        }
    }
    let skus: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for sku in skus {
        for measure in ["order_quantity", "reorder_point", "stockout_probability"] {
            let of = |plan: &BTreeMap<String, BTreeMap<String, String>>| {
                plan.get(sku).map_or(String::new(), |row| row[measure].clone())
            };
            let is_listed =
                changes.iter().any(|row| row["sku"] == **sku && row["measure"] == measure);
            assert_eq!(is_listed, of(&before) != of(&after), "{sku} {measure}");
        }
    }
}

/// Two nights of one day that differ in this alone: what changed.
fn changed(edit: impl Fn(&mut Tables), settings: &str) -> Vec<BTreeMap<String, String>> {
    let dir = tempfile::tempdir().unwrap();
    let day = as_of();
    let mut tables = plain();
    run(dir.path(), (&tables, ""), &["--as-of", &day, "--label", "a"]);
    edit(&mut tables);
    run(dir.path(), (&tables, settings), &["--as-of", &day, "--label", "b"]);

    let (a, b) = (format!("{day}-a"), format!("{day}-b"));
    let changes = diff(dir.path(), &[&a, &b]);
    assert!(changes.iter().any(|row| row["measure"] == "order_quantity"), "{changes:?}");
    assert_adds_up(dir.path(), &changes, (&a, &b));
    changes
}

/// Whether one cause made all of every change.
fn assert_alone(changes: &[BTreeMap<String, String>], cause: &str) {
    for row in changes {
        assert_eq!(exact(&row[cause]), exact(&row["after"]) - exact(&row["before"]), "{row:?}");
        assert!(CAUSES.iter().all(|other| *other == cause || row[*other] == "0"), "{row:?}");
    }
}

/// Puts another row in the place of one that begins like this.
fn put(tables: &mut Tables, table: &'static str, begins: &str, row: &str) {
    let lines = tables[table].lines();
    let lines = lines.map(|line| if line.starts_with(begins) { row } else { line });
    let text: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    tables.insert(table, text.join("\n") + "\n");
}

#[test]
fn one_changed_argument_is_the_cause_of_all_that_changed() {
    let stock = changed(|tables| put(tables, "stock", "S2,", "S2,3"), "");
    assert!(stock.iter().all(|row| row["sku"] == "S2"), "{stock:?}");
    assert_alone(&stock, "stock");

    let open = changed(|tables| put(tables, "purchase_orders", "PO1,", ""), "");
    assert!(open.iter().all(|row| row["sku"] == "S1"), "{open:?}");
    assert_alone(&open, "on_order");

    let lead_time = changed(|tables| put(tables, "suppliers", "ACME,", "ACME,25,3"), "");
    assert!(lead_time.len() > 4, "{lead_time:?}");
    assert_alone(&lead_time, "lead_time");

    let terms = changed(
        |tables| put(tables, "items", "S1,", "S1,tools,BOLT,3,9.5,500,2"),
        "[plan]\nmax_cover_days = 3000\n",
    );
    let of_terms: i128 = terms.iter().map(|row| exact(&row["terms"]).abs()).sum();
    assert!(of_terms > 0, "{terms:?}");

    let settings = changed(|_| (), "[plan]\norder_cycle_days = 60\n");
    assert_alone(&settings, "settings");
}

#[test]
fn more_demand_is_demand_and_a_new_item_is_all_demand() {
    let changes = changed(
        |tables| {
            let mut orders = tables["orders"].clone();
            for day in DAYS - 40..DAYS {
                writeln!(orders, "{},S0,25,9.5", date(day)).unwrap();
                writeln!(orders, "{},A-NEW,4,9.5", date(day)).unwrap();
            }
            tables.insert("orders", orders);
            let items = tables["items"].clone() + "A-NEW,a new category,ACME,3,9.5,,\n";
            tables.insert("items", items);
            tables.insert("stock", tables["stock"].clone() + "A-NEW,1\n");
        },
        "",
    );
    let part = |row: &BTreeMap<String, String>, cause: &str| exact(&row[cause]);
    for row in changes.iter().filter(|row| row["sku"] == "A-NEW") {
        assert_eq!(part(row, "demand"), part(row, "after"), "{row:?}");
        assert!(row["before"].is_empty());
    }
    let level =
        |row: &&BTreeMap<String, String>| row["sku"] == "S0" && row["measure"] == "reorder_point";
    let level = changes.iter().find(level).expect("a changed reorder point");
    assert!(part(level, "demand") > 0, "{level:?}");
    assert!(["lead_time", "stock", "on_order", "terms"].iter().all(|it| level[*it] == "0"));
}

#[test]
fn a_run_that_was_tried_is_compared_with_that_of_its_night() {
    let dir = tempfile::tempdir().unwrap();
    let day = as_of();
    run(dir.path(), (&plain(), ""), &["--as-of", &day]);
    let set = "plan.order_cycle_days=60";
    restock(dir.path())
        .args(["run", "--quiet", "--as-of", &day, "--label", "x", "--set", set])
        .assert()
        .success();

    let alone = diff(dir.path(), &[]);
    assert_alone(&alone, "settings");
    assert_eq!(alone, diff(dir.path(), &[&format!("{day}-x")]));
    let table = restock(dir.path()).args(["diff", "--top", "1"]).assert().success();
    let table = String::from_utf8(table.get_output().stdout.clone()).unwrap();
    assert!(table.starts_with(&format!("{day} → {day}-x")), "{table}");
    assert!(table.contains("settings") && table.contains("more: --format csv has all"), "{table}");

    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");

    let json = restock(dir.path()).args(["diff", "--format", "json"]).assert().success();
    let json: serde_json::Value = serde_json::from_slice(&json.get_output().stdout).unwrap();
    assert_eq!(json.as_array().unwrap().len(), alone.len());
    assert_eq!(json[0]["measure"], "order_quantity");

    let refused = restock(dir.path()).args(["diff", "--set", set]).assert().code(2);
    let said = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
    assert!(said.contains("a run that is kept has its own settings"), "{said}");
    let lonely = restock(dir.path()).args(["diff", &day]).assert().code(2);
    let said = String::from_utf8(lonely.get_output().stderr.clone()).unwrap();
    assert!(said.contains("no nightly run before"), "{said}");
}

/// Another night: some arguments drawn anew. Gives its settings and its day.
fn another(tables: &mut Tables, seed: u64) -> (String, String) {
    let drawn = |what: u64| unit(seed << 16 | what);
    let item = (drawn(0) * ITEMS as f64) as u64;
    let supplier = ["ACME", "BOLT"][item as usize % 2];
    if drawn(1) < 0.5 {
        put(tables, "stock", &format!("S{item},"), &format!("S{item},{:.0}", 90.0 * drawn(2)));
    }
    if drawn(3) < 0.4 {
        put(tables, "purchase_orders", &format!("PO{item},"), "");
    }
    if drawn(4) < 0.4 {
        let (days, sd) = (5.0 + 60.0 * drawn(5), 9.0 * drawn(6));
        let terms = if supplier == "ACME" { "20," } else { ",150" };
        let row = format!("{supplier},{days:.0},{sd:.1},{terms}");
        put(tables, "suppliers", &format!("{supplier},"), &row);
    }
    if drawn(7) < 0.4 {
        let (cost, moq) = (1.0 + 8.0 * drawn(8), 60.0 * drawn(9));
        let category = ["garden", "a first category"][usize::from(drawn(10) < 0.5)];
        let row = format!("S{item},{category},{supplier},{cost:.2},9.5,{moq:.0},3");
        put(tables, "items", &format!("S{item},"), &row);
    }
    if drawn(11) < 0.3 {
        let receipts = tables["receipts"].clone()
            + &format!("R9,{supplier},S{item},20,{},{}\n", date(250), date(290));
        tables.insert("receipts", receipts);
    }
    if drawn(12) < 0.4 {
        let orders = tables["orders"].clone()
            + &format!("{},S{item},{:.0},9.5\n", date(DAYS - 1), 1.0 + 40.0 * drawn(13));
        tables.insert("orders", orders);
    }
    if drawn(14) < 0.3 {
        let orders = tables["orders"].clone() + &format!("{},X1,7,9.5\n", date(DAYS - 3));
        tables.insert("orders", orders);
        tables.insert("items", tables["items"].clone() + "X1,brushes,BOLT,3,9.5,,\n");
    }
    let settings = match (drawn(15) * 6.0) as u64 {
        0 => "[plan]\norder_cycle_days = 40\n",
        1 => "[plan]\ntarget = { cycle_service_level = 0.8 }\n",
        2 => "[purchasing]\nbudget = 300\n",
        3 => "[forecast]\nmodel = \"trailing\"\n",
        _ => "",
    };
    (settings.to_owned(), date(DAYS + (3.0 * drawn(16)) as u64))
}

/// Compares so many pairs of nights drawn at random; gives how many figures changed.
fn compared_pairs(seeds: std::ops::Range<u64>) -> usize {
    let mut count = 0;
    for seed in seeds {
        let dir = tempfile::tempdir().unwrap();
        let (mut tables, day) = (tables(), as_of());
        run(dir.path(), (&tables, ""), &["--as-of", &day, "--label", "a"]);
        let (settings, other) = another(&mut tables, seed);
        run(dir.path(), (&tables, &settings), &["--as-of", &other, "--label", "b"]);

        let (a, b) = (format!("{day}-a"), format!("{other}-b"));
        let changes = diff(dir.path(), &[&a, &b]);
        assert_adds_up(dir.path(), &changes, (&a, &b));
        count += changes.len();
    }
    count
}

#[test]
fn the_parts_of_every_change_add_up_to_it() {
    assert!(compared_pairs(0..20) > 100);
}

/// The same for a thousand pairs, or as many as `PAIRS` says.
#[allow(clippy::disallowed_methods, reason = "whoever runs it says how many pairs")]
#[test]
#[ignore = "takes some minutes"]
fn the_parts_of_a_thousand_nights_add_up() {
    let pairs = std::env::var("PAIRS").ok().and_then(|text| text.parse().ok());
    let changes = compared_pairs(100..100 + pairs.unwrap_or(1_000));
    eprintln!("{changes} changed figures add up");
}
