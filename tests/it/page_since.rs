//! The page's sections on what moved since the last run, on suppliers and on trust.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use restock::domain::fixed::Fixed;
use restock::state;
use restock::state::differences::{Change, Differences, Largest};
use restock::state::exact::Exact;

use crate::shop::{restock, rows, unit, write_shop};

const DAYS: u64 = 300;
const ITEMS: u64 = 30;
/// A supplier's key that would be markup, a path of a name, and a name that would be markup.
const HOSTILE: &str = "\"><img src=x onerror=alert(1)>";

type Tables = BTreeMap<&'static str, String>;

fn date(day: u64) -> String {
    let first = chrono::NaiveDate::from_ymd_opt(2025, 9, 1).unwrap();
    (first + chrono::Days::new(day)).to_string()
}

/// Items of two suppliers, and one of a third whose name is hostile.
fn tables() -> Tables {
    let mut orders = String::from("date,sku,quantity,unit_price\n");
    for day in 0..DAYS + 2 {
        for item in 0..ITEMS {
            let units = (unit(day << 8 | item) * (3.0 + item as f64)).floor();
            if units > 0.0 {
                writeln!(orders, "{},S{item:02},{units},9.5", date(day)).unwrap();
            }
        }
    }
    let mut items = String::from("sku,description,supplier,unit_cost,unit_price\n");
    let mut stock = String::from("sku,on_hand\n");
    for item in 0..ITEMS {
        let supplier = if item == 0 {
            "\"\"\"><img src=x onerror=alert(1)>\""
        } else {
            ["ACME", "BOLT"][item as usize % 2]
        };
        writeln!(items, "S{item:02},Part {item},{supplier},{},9.5", 2 + item % 5).unwrap();
        writeln!(stock, "S{item:02},{}", 20 * item).unwrap();
    }
    let suppliers = "supplier,name,lead_time_days,lead_time_sd_days,currency\n\
                     ACME,Acme & Sons,12,3,\nBOLT,</td></table><script>x</script>,30,,USD\n";
    // Of ACME, promised for the last 90 days: one on its day, one late, one in part, one overdue.
    let receipts = [
        ("R1", "ACME", "S02", 200, 210, 211),
        ("R2", "ACME", "S04", 240, 252, 250),
        ("R3", "ACME", "S06", 260, 270, 271),
        ("R4", "BOLT", "S01", 230, 259, 260),
    ];
    let mut received =
        String::from("po_number,supplier,sku,quantity,ordered_on,received_on,promised_on\n");
    for (order, supplier, sku, ordered, came, promised) in receipts {
        let [ordered, came, promised] = [ordered, came, promised].map(date);
        writeln!(received, "{order},{supplier},{sku},10,{ordered},{came},{promised}").unwrap();
    }
    let open = format!(
        "po_number,line,supplier,sku,quantity,ordered_on,expected_on\n\
         R3,1,ACME,S06,10,{},{}\nP5,1,ACME,S08,4,{},{}\nP6,1,BOLT,S03,20,{},{}\n",
        date(260),
        date(DAYS + 20),
        date(280),
        date(295),
        date(290),
        date(DAYS + 9)
    );
    BTreeMap::from([
        ("orders", orders),
        ("items", items),
        ("stock", stock),
        ("suppliers", suppliers.to_owned()),
        ("receipts", received),
        ("purchase_orders", open),
    ])
}

const SETTINGS: &str = "[currency]\nbase = \"EUR\"\nrates = { USD = 0.5 }\n\
                        [purchasing]\nhandover = \"approve\"\n";

fn run(dir: &Path, tables: &Tables, day: u64) -> String {
    write_shop(dir, tables, SETTINGS);
    restock(dir).args(["run", "--quiet", "--as-of", &date(day)]).assert().success();
    page(dir, day)
}

fn page(dir: &Path, day: u64) -> String {
    fs::read_to_string(dir.join("runs").join(date(day)).join("report.html")).unwrap()
}

/// A section of a page.
fn section<'a>(page: &'a str, name: &str) -> &'a str {
    let start = page.find(&format!("<section id=\"{name}\"")).unwrap();
    &page[start..start + page[start..].find("</section>").unwrap()]
}

/// The rows of a table of a section, by its caption's beginning: the texts of their cells.
fn table(section: &str, caption: &str) -> Vec<Vec<String>> {
    let start = section.find(&format!("<caption>{caption}")).unwrap();
    let table = &section[start..start + section[start..].find("</table>").unwrap()];
    let body = &table[table.find("<tbody>").unwrap()..];
    let text = |cell: &str| {
        let words = cell.split('<').filter_map(|part| part.split_once('>'));
        let text: String = words.map(|(_, text)| text).collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let cells = |row: &str| {
        let ends = row.split("</td>").flat_map(|cell| cell.split("</th>"));
        let mut texts: Vec<String> = ends.map(text).collect();
        texts.pop();
        texts
    };
    let rows = body.split("<tr").skip(1);
    rows.map(|row| cells(row.split("</tr>").next().unwrap())).collect()
}

#[test]
fn movers_are_named_with_what_made_them() {
    let dir = tempfile::tempdir().unwrap();
    let mut tables = tables();
    run(dir.path(), &tables, DAYS);
    // Of the next night: an item's stock is gone, another one costs the same and comes later.
    let stock = tables["stock"].replace("S29,580\n", "S29,3\n").replace("S28,560\n", "S28,2\n");
    tables.insert("stock", stock);
    let page = run(dir.path(), &tables, DAYS + 1);

    let since = section(&page, "since");
    let [before, after] = [DAYS, DAYS + 1].map(date);
    assert!(since.contains(&format!("restock diff {before} {after}")), "{since}");
    let plan = |day: &str, sku: &str, column: &str| -> String {
        let plan = rows(&dir.path().join("runs").join(day).join("plan.csv"));
        plan.iter().find(|row| row["sku"] == sku).unwrap()[column].clone()
    };
    let value = table(since, "Largest movers of order value");
    let risk = table(since, "Largest movers of stock-out risk");
    assert!((2..=20).contains(&value.len()) && (2..=20).contains(&risk.len()));
    for sku in ["S29", "S28"] {
        let number = &sku[1..];
        let item = format!("{sku} main · Part {number}");
        let row = value.iter().find(|row| row[0] == item).unwrap();
        let ordered = plan(&after, sku, "order_quantity");
        assert_eq!((row[1].as_str(), row[2].replace(',', "")), ("none", ordered), "{row:?}");
        assert!(row[4].starts_with("stock and customers who wait +"), "{row:?}");
        let row = risk.iter().find(|row| row[0] == item).unwrap();
        assert!(row[3].starts_with("stock and customers who wait +"), "{row:?}");
        let share: f64 = plan(&after, sku, "stockout_probability").parse().unwrap();
        assert!(share > 0.9 && (row[2] == "100 %" || row[2] == "&gt;99 %"), "{row:?} {share}");
    }
    // 435 units of S28 at 5 are more than 665 of S29 at 6 dollars.
    assert!(value[0][0].starts_with("S28 "), "the most money first: {value:?}");
    assert!(value[0][3].starts_with('+'), "{value:?}");
}

#[test]
fn the_first_night_and_one_whose_state_is_damaged_say_why_nothing_is_compared() {
    let dir = tempfile::tempdir().unwrap();
    let tables = tables();
    let page = run(dir.path(), &tables, DAYS);
    let first = section(&page, "since");
    assert!(first.contains("<p>This is the first night: there is none"), "{first}");
    assert!(!first.contains("<table>"));

    let state = dir.path().join("runs").join(date(DAYS)).join("state.bin.zst");
    fs::write(&state, "a state no more").unwrap();
    let page = run(dir.path(), &tables, DAYS + 1);
    let since = section(&page, "since");
    assert!(since.contains("cannot be read") && since.contains(&date(DAYS)), "{since}");
    assert!(since.contains("it is not the state of a run"), "{since}");
    assert!(!since.contains("state.bin.zst"), "where it lies is no matter of the page's: {since}");
}

#[test]
fn a_scorecard_is_what_one_counts_by_hand() {
    let dir = tempfile::tempdir().unwrap();
    let tables = tables();
    let page = run(dir.path(), &tables, DAYS);
    let cards = table(section(&page, "suppliers"), "Lead times");
    let card = |supplier: &str| {
        cards.iter().find(|row| row[0].split(' ').next() == Some(supplier)).unwrap()
    };

    let tonight = |supplier: &str| {
        let lines = rows(&dir.path().join("runs").join(date(DAYS)).join("purchase_orders.csv"));
        let lines: Vec<_> = lines.into_iter().filter(|line| line["supplier"] == supplier).collect();
        let total = lines.iter().map(|line| line["line_total"].parse::<f64>().unwrap());
        (lines.len().to_string(), total.sum::<f64>())
    };
    let grouped = |amount: f64| {
        let whole = format!("{amount:.0}");
        match whole.len() {
            0..=3 => whole,
            length => format!("{},{}", &whole[..length - 3], &whole[length - 3..]),
        }
    };
    let acme = card("ACME");
    // Orders took 10, 12 and 10 days. R1 came in time; R2 came late, R3 in part, P5 not at all.
    let (lines, value) = tonight("ACME");
    let expected = [
        "ACME Acme &amp; Sons",
        "12 ± 3",
        "10.7 ± 1.2",
        "3",
        "25 %",
        "4",
        "2",
        // 10 of S06 at 3 and 4 of S08 at 5.
        "50",
        "1",
        &lines,
        &grouped(value),
        "",
    ];
    assert_eq!(acme, &expected);
    // BOLT states no spread, and has one order: a spread is not known, which is not 0. Its costs
    // are in dollars: 20 of S03 at 5 are 100 of them.
    let bolt = card("BOLT");
    let (lines, value) = tonight("BOLT");
    let expected = ["30", "29", "1", "100 %", "1", "1", "50", "0", &lines, &grouped(value / 2.0)];
    assert_eq!(bolt[1..11], expected);
    // Of the third nothing is known but what is ordered tonight.
    let third = cards.iter().find(|row| row[0].contains("img")).unwrap();
    assert_eq!(third[1..9], ["—", "—", "—", "—", "—", "0", "—", "0"]);

    let review = rows(&dir.path().join("runs").join(date(DAYS)).join("review.csv"));
    let review = review.last().unwrap();
    assert_eq!(review["on_time_in_full_90d"], "0.4000", "2 of 5 of both");
    assert_eq!(review["overdue_lines"], "1");
}

#[test]
fn hostile_names_of_suppliers_are_texts() {
    let dir = tempfile::tempdir().unwrap();
    let page = run(dir.path(), &tables(), DAYS);
    assert!(!page.contains("<img") && !page.contains("<script>x"), "{page}");
    let suppliers = section(&page, "suppliers");
    assert!(suppliers.contains("&lt;img src=x onerror=alert(1)&gt;"), "{suppliers}");
    assert!(suppliers.contains("&lt;script&gt;x"), "{suppliers}");
    assert!(HOSTILE.starts_with('"'));
}

#[test]
fn trust_has_the_review_and_what_went_in() {
    let dir = tempfile::tempdir().unwrap();
    let tables = tables();
    run(dir.path(), &tables, DAYS);
    let page = run(dir.path(), &tables, DAYS + 1);
    let trust = section(&page, "trust");
    let figures = table(trust, "Promised and achieved");
    let on_time = figures.last().unwrap();
    let review = rows(&dir.path().join("runs").join(date(DAYS + 1)).join("review.csv"));
    let shares: Vec<f64> = review
        .iter()
        .map(|row| 100.0 * row["on_time_in_full_90d"].parse::<f64>().unwrap())
        .collect();
    let mean = (shares[0] + shares[1]) / 2.0;
    let expected = [shares[1], shares[0], mean].map(|share| format!("{share:.1} %"));
    assert_eq!(on_time[1..], expected, "{figures:?}");
    // Nobody waits, so that nothing was promised: unknown, and not 0.
    assert_eq!(figures[0][1..], ["—", "—", "—"], "{figures:?}");

    let manifest =
        fs::read_to_string(dir.path().join("runs").join(date(DAYS + 1)).join("manifest.json"))
            .unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let inputs = table(trust, "Inputs");
    let files = manifest["inputs"].as_array().unwrap();
    assert_eq!(inputs.len(), files.len());
    for (row, file) in inputs.iter().zip(files) {
        assert_eq!(row[0], file["table"].as_str().unwrap());
        assert_eq!(row[2].replace(',', ""), file["rows"].to_string());
    }
    for term in ["position", "reorder point", "safety stock", "P(short)", "cover"] {
        assert!(trust.contains(&format!("<b>{term}</b>")), "{term}");
    }
}

/// The same shop with a second location, which the first one supplies.
fn two_locations() -> Tables {
    let mut tables = tables();
    let with = |text: &str, other: u64| {
        let mut lines = text.lines();
        let mut out = format!("{},location\n", lines.next().unwrap());
        for (at, line) in lines.enumerate() {
            let place = if (at as u64).is_multiple_of(other) { "shop" } else { "main" };
            writeln!(out, "{line},{place}").unwrap();
        }
        out
    };
    for (table, other) in [("orders", 3), ("receipts", 9), ("purchase_orders", 9)] {
        let text = with(&tables[table], other);
        tables.insert(table, text);
    }
    // Both are counted.
    let stock = with(&tables["stock"], u64::MAX).replace(",shop\n", ",main\n");
    let in_shop: String = (0..ITEMS).map(|at| format!("S{at:02},3,shop\n")).collect();
    tables.insert("stock", stock + &in_shop);
    let locations = "location,supplied_by,lead_time_days\nmain,,\nshop,main,2\n";
    tables.insert("locations", locations.to_owned());
    tables
}

#[test]
fn the_largest_changes_are_explained_as_among_all_of_them() {
    let dir = tempfile::tempdir().unwrap();
    let mut tables = two_locations();
    run(dir.path(), &tables, DAYS);
    let stock = tables["stock"].replace("S29,580,", "S29,3,").replace("S20,400,", "S20,20,");
    tables.insert("stock", stock);
    let suppliers = tables["suppliers"].replace("ACME,Acme & Sons,12", "ACME,Acme & Sons,19");
    tables.insert("suppliers", suppliers);
    let written = run(dir.path(), &tables, DAYS + 1);

    let night = |day| state::read(&dir.path().join("runs").join(date(day))).unwrap();
    let (before, after) = (night(DAYS), night(DAYS + 1));
    let all = Differences::between(before.view(), after.view());
    for top in [1, 3, 20] {
        let largest = Largest::between(before.view(), after.view(), &[0, 2], top, &|_| false);
        let some = &largest.differences;
        assert_eq!((some.value_before, some.value_after), (all.value_before, all.value_after));
        let of = |measure: usize| all.changes.iter().filter(move |it| it.measure == measure);
        assert_eq!(largest.changed, [0, 1, 2].map(|measure| of(measure).count()));
        assert!(largest.changed.iter().all(|changed| *changed > 20), "{:?}", largest.changed);
        assert_eq!(some.changes.len(), 2 * top);
        let size = |change: &Change| {
            let by = if change.measure == 0 { change.unit_cost } else { Fixed::ONE };
            change.difference().abs().times(by)
        };
        // Those of one size stand in another order.
        for measure in [0, 2] {
            let expected: Vec<Exact> = of(measure).take(top).map(size).collect();
            let chosen = some.changes.iter().filter(|change| change.measure == measure);
            assert_eq!(chosen.map(size).collect::<Vec<_>>(), expected);
        }
        for change in &some.changes {
            let same = of(change.measure).find(|other| other.key == change.key);
            assert_eq!(Some(change), same);
            let parts: Exact = change.parts.iter().copied().sum();
            assert_eq!(parts, change.difference());
        }
    }

    restock(dir.path()).args(["report", &date(DAYS + 1)]).assert().success();
    assert!(page(dir.path(), DAYS + 1) == written, "the page made again is the page of the run");
}
