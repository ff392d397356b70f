//! The page of a run: what it says, what it never holds, and how it is made.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::shop::{restock, rows, unit, write_shop};

/// Names that are markup, formulas, very long, or turn what stands beside them.
const HOSTILE: [&str; 6] = [
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "A\u{202e}gnp.exe",
    "=cmd|' /C calc'!A0",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; ' \" `",
];

/// A shop of some items of two suppliers, with 30 weeks of orders until 2026-06-28.
fn tables() -> BTreeMap<&'static str, String> {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let long = "long ".repeat(2_000);
    let mut skus: Vec<String> = HOSTILE.iter().map(|name| (*name).to_owned()).collect();
    skus.extend(["plain-1".to_owned(), "plain-2".to_owned(), long.trim().to_owned()]);
    let mut orders = "date,sku,quantity,order_id\n".to_owned();
    let mut items = "sku,description,supplier,unit_cost,unit_price\n".to_owned();
    let mut stock = "sku,on_hand\n".to_owned();
    let first = chrono::NaiveDate::from_ymd_opt(2025, 12, 1).unwrap();
    for (at, sku) in skus.iter().enumerate() {
        let supplier = HOSTILE[at % 2];
        let text = HOSTILE[(at + 1) % HOSTILE.len()];
        let name = quoted(sku);
        writeln!(items, "{name},{},{},2.50,4", quoted(text), quoted(supplier)).unwrap();
        writeln!(stock, "{name},{}", 3 * at).unwrap();
        for day in (0..210).step_by(2) {
            let units = 1.0 + (6.0 * unit((at * 1000 + day) as u64)).floor();
            let date = first + chrono::Days::new(day as u64);
            writeln!(orders, "{date},{name},{units},S{at}-{day}").unwrap();
        }
    }
    let mut suppliers = "supplier,name,lead_time_days,min_order_value,email\n".to_owned();
    for supplier in &HOSTILE[..2] {
        let name = quoted(supplier);
        writeln!(suppliers, "{name},{name},9,5,{name}").unwrap();
    }
    BTreeMap::from([
        ("orders", orders),
        ("items", items),
        ("stock", stock),
        ("suppliers", suppliers),
    ])
}

const QUICK: &str = "[forecast]\nmodel = \"moving-average\"";

/// Runs a night in a new folder with these settings beside the quick ones.
fn night(settings: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write_shop(dir.path(), &tables(), &format!("{settings}\n{QUICK}"));
    run(dir.path(), &[]);
    dir
}

fn run(dir: &Path, more: &[&str]) {
    let args = ["run", "-q", "--as-of", "2026-06-29"];
    let output = restock(dir).args(args).args(more).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn page(dir: &Path) -> String {
    fs::read_to_string(dir.join("runs/2026-06-29/report.html")).unwrap()
}

/// The page without its data, style and script: what the templates wrote.
fn markup(page: &str) -> String {
    let body = page.split_once("<body>").unwrap().1;
    body.split_once("<script").unwrap().0.to_owned()
}

/// The data of the script.
fn data(page: &str) -> Value {
    let from = "<script type=\"application/gzip\" id=\"island\">";
    let island = page.split_once(from).unwrap().1.split_once('<').unwrap().0;
    let mut text = String::new();
    let bytes = STANDARD.decode(island).unwrap();
    flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Its items from that of the highest demand to that of the lowest, as the script orders them.
fn falling(data: &Value) -> Vec<usize> {
    let places = data["demand"].as_array().unwrap();
    let demand = |at: &usize| places[*at].as_f64().unwrap_or(-1.0);
    let mut falling: Vec<usize> = (0..places.len()).collect();
    falling.sort_by(|a, b| demand(b).total_cmp(&demand(a)));
    falling
}

/// Its order lines, field by field.
fn lines(data: &Value) -> Vec<Vec<String>> {
    let field = |column: &Value, row: usize| {
        column[0][column[1][row].as_u64().unwrap() as usize].as_str().unwrap().to_owned()
    };
    let of = |name: &str| data["lines"][name].as_array().unwrap();
    let falling = falling(data);
    let (mut at, mut last) = (0, BTreeMap::new());
    (0..of("at").len())
        .map(|row| {
            let mut fields: Vec<String> =
                of("columns").iter().map(|column| field(column, row)).collect();
            at += of("at")[row].as_u64().unwrap() as usize;
            let line = last.entry(fields[0].clone()).or_insert(0);
            *line += of("numbers")[row].as_i64().unwrap();
            fields.insert(1, line.to_string());
            if fields[2].is_empty() {
                let place = falling.iter().position(|it| *it == at).unwrap();
                fields[2] = data["numbers"]["order_quantity"][place].to_string();
            }
            fields
        })
        .collect()
}

#[test]
fn names_from_outside_are_text_and_nothing_else() {
    let dir = night("");
    let page = page(dir.path());
    let markup = markup(&page);
    assert_eq!(page.matches("<script").count(), 2, "the data and the script");
    for opened in ["<img", "<b>alert", "alert(1)</", "onerror=alert(1)>"] {
        assert!(!markup.contains(opened), "{opened}");
    }
    assert!(markup.contains("&lt;&#x2f;script&gt;&lt;script&gt;alert(1)"), "shown as text");
    assert!(markup.contains("{{ 7 * 7 }}{% raw %}"), "no template of its own");
    let turning = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert!(!markup.contains(turning), "nothing turns what stands beside it");
    let texts = markup.split('<').filter_map(|tag| Some(tag.split_once('>')?.1.len()));
    let longest = texts.max().unwrap();
    assert!(longest < 2_000, "a text of 10 kB is shortened, {longest}");
}

#[test]
fn a_page_runs_only_its_own_script_and_asks_for_nothing() {
    let dir = night("");
    let page = page(dir.path());
    let between = |from: &str, to: &str| {
        page.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned()
    };
    let policy = between("Content-Security-Policy\" content=\"", "\"").replace("&#x27;", "'");
    let policy = policy.replace("&#x2f;", "/");
    let named = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let (style, script) = (between("<style>", "</style>"), between("<script>", "</script>"));
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; script-src {}; style-src {}; img-src data:; base-uri 'none'; \
             form-action 'none'",
            named(&script),
            named(&style)
        )
    );
    let forbidden = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        " style=",
        "://",
        "new Function",
        "localStorage",
        "fetch(",
    ];
    let found: Vec<_> = forbidden.iter().filter(|text| page.contains(**text)).collect();
    assert!(found.is_empty(), "{found:?}");
    assert!(script.len() <= 25_000, "{} bytes of script", script.len());
}

#[test]
fn the_page_says_what_the_tables_say() {
    let dir = night("");
    let run = dir.path().join("runs/2026-06-29");
    let page = page(dir.path());
    let data = data(&page);
    let plan = rows(&run.join("plan.csv"));
    let skus: Vec<&str> = plan.iter().map(|row| row["sku"].as_str()).collect();
    assert_eq!(data["sku"], Value::from(skus));
    let orders = rows(&run.join("purchase_orders.csv"));
    assert!(orders.len() >= 5, "{orders:?}");
    let of_page: BTreeSet<String> =
        lines(&data).iter().map(|line| format!("{}:{} {}", line[0], line[1], line[2])).collect();
    let of_table: BTreeSet<String> = orders
        .iter()
        .map(|row| format!("{}:{} {}", row["po_number"], row["line"], row["quantity"]))
        .collect();
    assert_eq!(of_page, of_table);

    let total: f64 = orders.iter().map(|row| row["line_total"].parse::<f64>().unwrap()).sum();
    let said = format!("{} order lines in 2 orders, {:.0} EUR", orders.len(), total.round());
    assert!(markup(&page).contains(&said), "{said}");

    // The last week of the item with the highest demand, which is drawn first, as the orders have
    // it.
    let demand = |row: &&BTreeMap<String, String>| row["mean_daily_demand"].parse::<f64>().unwrap();
    let highest = plan.iter().rev().max_by(|a, b| demand(a).total_cmp(&demand(b))).unwrap();
    let drawn = &data["drawn"];
    assert_eq!(drawn["period"], "a week");
    let length = drawn["units"][1][0].as_u64().unwrap() as usize;
    let code = drawn["units"][0].as_str().unwrap().as_bytes()[length - 1];
    let steps = f64::from(code - if code > 92 { 36 } else { 35 });
    let last = steps * drawn["step"][0].as_f64().unwrap();
    let mut table = csv::Reader::from_path(dir.path().join("orders.csv")).unwrap();
    let week = "2026-06-22".."2026-06-29";
    let sold: f64 = table
        .records()
        .map(Result::unwrap)
        .filter(|row| row[1] == highest["sku"] && week.contains(&&row[0]))
        .map(|row| row[2].parse::<f64>().unwrap())
        .sum();
    assert_eq!(last, sold);
}

#[test]
fn a_page_is_the_same_whoever_makes_it_and_with_any_number_of_threads() {
    let dir = night("");
    let first = page(dir.path());
    let again = |more: &[&str]| {
        let args = ["report", "--output", "again.html"];
        let output = restock(dir.path()).args(args).args(more).output().unwrap();
        assert!(output.status.success());
        fs::read_to_string(dir.path().join("again.html")).unwrap()
    };
    assert!(first == again(&[]), "made again from what the run kept");
    assert!(first == again(&["--threads", "1"]) && first == again(&["--threads", "2"]));

    let report = dir.path().join("runs/2026-06-29/report.html");
    fs::remove_file(&report).unwrap();
    let output = restock(dir.path()).arg("report").output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert_eq!(dir.path().join(told), report, "the path is told");
    assert!(first == page(dir.path()));
}

#[test]
fn a_run_without_a_page_is_whole_and_its_page_can_be_made_later() {
    let dir = tempfile::tempdir().unwrap();
    write_shop(dir.path(), &tables(), QUICK);
    run(dir.path(), &["--set", "outputs.page=false"]);
    let report = dir.path().join("runs/2026-06-29/report.html");
    assert!(!report.exists());
    assert!(restock(dir.path()).arg("report").output().unwrap().status.success());
    assert!(report.exists());

    fs::remove_file(dir.path().join("runs/2026-06-29/state.bin.zst")).unwrap();
    let output = restock(dir.path()).arg("report").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("state.bin.zst") && said.contains("restock run --as-of"), "{said}");
}

#[test]
fn a_decision_can_be_made_on_what_the_ledger_still_lets_one_decide() {
    let asked = night("[purchasing]\nhandover = \"approve\"");
    let all = lines(&data(&page(asked.path())));
    assert!(all.len() >= 5 && all.iter().all(|line| line[5] == "suggested"), "{all:?}");
    assert!(markup(&page(asked.path())).contains("A line goes out when somebody approves it."));

    // What a browser would save is taken, and the next page shows it.
    let mut decisions = "po_number,line,action,revision,quantity,until,reason\n".to_owned();
    let actions = ["approve,1,,,", "edit,1,7,,fewer", "reject,1,,2026-08-01,not now"];
    for (line, action) in all.iter().zip(actions) {
        writeln!(decisions, "{},{},{action}", line[0], line[1]).unwrap();
    }
    fs::write(asked.path().join("decisions.csv"), decisions).unwrap();
    let applied =
        restock(asked.path()).args(["orders", "apply", "decisions.csv"]).output().unwrap();
    assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
    run(asked.path(), &[]);
    let after = page(asked.path());
    let states = lines(&data(&after));
    assert_eq!(states.iter().filter(|line| line[3] == "approved").count(), 2, "{states:?}");
    let shown = markup(&after);
    for said in ["approved and sent, 7 in place of", "rejected until 2026-08-01", "not now"] {
        assert!(shown.contains(said), "{said}");
    }
}

/// A text of `drawn`, each item's part of it as numbers, in the order in which they stand.
fn parts(drawn: &Value, kind: &str, worth: &str) -> Vec<Vec<f64>> {
    let text = drawn[kind][0].as_str().unwrap().as_bytes();
    let mut from = 0;
    let lengths = drawn[kind][1].as_array().unwrap().iter().zip(drawn[worth].as_array().unwrap());
    let part = |(length, step): (&Value, &Value)| {
        let codes = &text[from..from + length.as_u64().unwrap() as usize];
        from += codes.len();
        let steps = |code: &u8| f64::from(code - if *code > 92 { 36 } else { 35 });
        codes.iter().map(|code| steps(code) * step.as_f64().unwrap()).collect()
    };
    lengths.map(part).collect()
}

#[test]
fn with_many_items_a_bar_is_of_two_weeks_and_each_item_has_its_own() {
    const ITEMS: usize = 10_040;
    let sku = |at: usize| format!("S{at:05}");
    let sold = |at: usize, week: usize| (unit((at * 64 + week) as u64) * 9.0).floor() as u32;
    let mut orders = "date,sku,quantity\n".to_owned();
    let mut stock = "sku,on_hand\n".to_owned();
    let first = chrono::NaiveDate::from_ymd_opt(2026, 4, 27).unwrap();
    for at in 0..ITEMS {
        writeln!(stock, "{},{}", sku(at), at % 7).unwrap();
        // Nine weeks, or seven; the last forty items never sold.
        let weeks = if at >= ITEMS - 40 { 0 } else { 9 - 2 * (at % 2) };
        for week in 9 - weeks..9 {
            let date = first + chrono::Days::new(7 * week as u64);
            // The first week of an item is its first bucket.
            let units = sold(at, week).max(u32::from(week + weeks == 9));
            writeln!(orders, "{date},{},{units}", sku(at)).unwrap();
        }
    }
    let dir = tempfile::tempdir().unwrap();
    write_shop(dir.path(), &BTreeMap::from([("orders", orders), ("stock", stock)]), QUICK);
    run(dir.path(), &[]);

    let page = page(dir.path());
    let data = data(&page);
    let drawn = &data["drawn"];
    assert_eq!(
        (&drawn["period"], data["sku"].as_array().unwrap().len()),
        (&"2 weeks".into(), ITEMS)
    );
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    let past: Vec<&str> =
        drawn["past"].as_array().unwrap().iter().map(|day| day.as_str().unwrap()).collect();
    assert_eq!(past, ["2026-04-20", "2026-05-04", "2026-05-18", "2026-06-01", "2026-06-15"]);
    assert!(drawn["ahead"]["days"].as_array().unwrap().iter().all(|days| days == 14));

    let first = |at: usize| 2 * (at % 2);
    let bars = |name: &str| -> Vec<f64> {
        let at: usize = name[1..].parse().unwrap();
        // The sale that opens a history is no evidence of the rate, and in no bucket.
        let week = |week: usize| if week == first(at) { 0 } else { sold(at, week) };
        let weeks: Vec<f64> = match at {
            at if at >= ITEMS - 40 => Vec::new(),
            _ => (first(at)..9).map(|at| week(at).into()).collect(),
        };
        weeks.rchunks(2).rev().map(|bar| bar.iter().sum()).collect()
    };
    let units = parts(drawn, "units", "step");
    for (place, at) in falling(&data).iter().enumerate() {
        let name = data["sku"][*at].as_str().unwrap();
        assert_eq!(units[place], bars(name), "{name}");
    }

    // Inside a week: what has passed of it stands apart, and is not counted among whole ones.
    restock(dir.path()).args(["run", "-q", "--as-of", "2026-07-01"]).assert().success();
    let page = fs::read_to_string(dir.path().join("runs/2026-07-01/report.html")).unwrap();
    let data = self::data(&page);
    let drawn = &data["drawn"];
    let later: Vec<&str> =
        drawn["past"].as_array().unwrap().iter().map(|day| day.as_str().unwrap()).collect();
    assert_eq!(later, [&past[..], &["2026-06-29"]].concat());
    let days: Vec<u64> =
        drawn["ahead"]["days"].as_array().unwrap().iter().map(|it| it.as_u64().unwrap()).collect();
    assert!(days[0] == 5 && days.len() > 1 && days[1..].iter().all(|days| *days == 14), "{days:?}");
    let units = parts(drawn, "units", "step");
    for (place, at) in falling(&data).iter().enumerate() {
        let name = data["sku"][*at].as_str().unwrap();
        let mut bars = bars(name);
        if !bars.is_empty() {
            bars.push(0.0);
        }
        assert_eq!(units[place], bars, "{name}");
    }
}

#[test]
fn of_very_many_orders_those_with_something_to_decide_and_the_largest_are_shown_with_their_lines() {
    let mut tables: BTreeMap<&str, String> = BTreeMap::from([
        ("orders", "date,sku,quantity\n".to_owned()),
        ("items", "sku,supplier,unit_cost\n".to_owned()),
        ("stock", "sku,on_hand\n".to_owned()),
        ("receipts", "po_number,supplier,sku,quantity,ordered_on,received_on\n".to_owned()),
    ]);
    let first = chrono::NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
    for at in 0..140 {
        let mut add = |table: &str, row: String| tables.get_mut(table).unwrap().push_str(&row);
        add("items", format!("I{at:03},SUP{at:03},{}\n", 1 + at));
        add("stock", format!("I{at:03},0\n"));
        // Of the two cheapest nothing was ever received: small orders that need a person.
        if at > 1 {
            add("receipts", format!("R{at},SUP{at:03},I{at:03},9,2026-02-02,2026-02-16\n"));
        }
        for week in 0..25 {
            let day = first + chrono::Days::new(7 * week);
            add("orders", format!("{day},I{at:03},{}\n", 5 + (at + week) % 3));
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let known = "[purchasing.auto_approve]\nknown_suppliers_only = true\n";
    write_shop(dir.path(), &tables, &format!("{known}{QUICK}"));
    run(dir.path(), &[]);

    let markup = markup(&page(dir.path()));
    let orders = rows(&dir.path().join("runs/2026-06-29/purchase_orders.csv"));
    assert_eq!(orders.len(), 140);
    let is_whole = |row: &BTreeMap<String, String>| {
        markup.contains(&format!("<article class=\"order\" data-po=\"{}\"", row["po_number"]))
    };
    assert_eq!(orders.iter().filter(|row| is_whole(row)).count(), 80);
    for row in &orders {
        assert!(markup.contains(&row["po_number"]), "{} is nowhere", row["po_number"]);
    }
    let asked = |row: &&BTreeMap<String, String>| row["state"] == "needs_review";
    assert_eq!(orders.iter().filter(asked).count(), 2);
    assert!(orders.iter().filter(asked).all(is_whole), "one that needs a person is brief");
    let value = |row: &BTreeMap<String, String>| row["line_total"].parse::<f64>().unwrap();
    let (whole, brief): (Vec<_>, Vec<_>) =
        orders.iter().filter(|row| !asked(row)).partition(|row| is_whole(row));
    let least = whole.iter().map(|row| value(row)).fold(f64::INFINITY, f64::min);
    assert!(brief.iter().all(|row| value(row) <= least), "a larger one is brief");
    assert!(markup.contains("140 order lines in 140 orders"), "the head counts all");
}
