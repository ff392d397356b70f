//! Rows, keys and files that programs spoil on their way: each is named, and what cannot be known
//! is not ordered.

use std::fmt::Write as _;
use std::path::Path;

use crate::misread::{AS_OF, iso, night, run_of, year};
use crate::shop::restock;

/// A year of 10 a day of each item, `date,sku,quantity` and what comes behind them.
fn sales(header: &str, items: &[&str]) -> String {
    items.iter().fold(format!("date,sku,quantity{header}\n"), |orders, item| {
        let (sku, rest) = item
            .split_once(',')
            .map_or((*item, String::new()), |(sku, rest)| (sku, format!(",{rest}")));
        let sold = year(iso, |_| format!("{sku},10{rest}")).replace(';', ",");
        orders + &sold
    })
}

/// The messages of the findings of one name.
fn found(dir: &Path, name: &str) -> Vec<String> {
    let start = format!("{name}: ");
    let all = run_of(dir, "exceptions.csv").into_iter().map(|row| row["message"].clone());
    all.filter_map(|message| message.strip_prefix(&start).map(str::to_owned)).collect()
}

const ITEMS: [&str; 6] = ["A", "B", "C", "D", "E", "F"];

/// The items of [`ITEMS`], bought of ACME.
fn items() -> String {
    let rows: String = ITEMS.iter().map(|sku| format!("{sku},ACME,2.00,10\n")).collect();
    format!("sku,supplier,unit_cost,lead_time_days\n{rows}")
}

/// Runs a night with stock; why each of the items is not ordered, the state of its order line, and
/// the messages of one kind of finding.
fn decided(
    stock: &str,
    more: &[(&'static str, String)],
    finding: &str,
) -> (Vec<String>, Vec<String>, Vec<String>) {
    let mut tables = vec![
        ("orders", sales("", &ITEMS)),
        ("items", items()),
        ("stock", format!("sku,on_hand,bin\n{stock}")),
    ];
    tables.extend(more.iter().cloned());
    let (code, said, dir) = night(&tables, "");
    assert!(code == 0 || code == 1, "{said}");

    let plan = run_of(dir.path(), "plan.csv");
    let lines = run_of(dir.path(), "purchase_orders.csv");
    let state = |sku: &&str| {
        let line = lines.iter().find(|line| line["sku"] == **sku);
        line.map_or(String::new(), |line| line["state"].clone())
    };
    (
        plan.iter().map(|row| row["reason"].clone()).collect(),
        ITEMS.iter().map(state).collect(),
        found(dir.path(), finding),
    )
}

/// Rows of some items that nobody sells, so that one bad row is a small share.
fn others(columns: usize) -> String {
    (0..80).map(|at| format!("SOUND{at},5{}\n", ",".repeat(columns - 2))).collect()
}

#[test]
fn a_row_of_stock_that_was_cut_leaves_its_own_item_unknown() {
    let stock = |bad: &str| format!("A,0,\nB,0,\nC,0,\nD,0,\nE,0,\n{bad}{}", others(3));
    // One field too many: an item with another row, and one without.
    for bad in ["F,0,x,y\n", "F\n", "\"F\",0,\"x\"\",y,z\"\n,0,F,1\n"] {
        let (reasons, states, said) = decided(&stock(bad), &[], "stock_unreadable");
        assert_eq!(reasons[5], "stock_unreadable", "{bad:?}: {said:?}");
        assert!(states[..5].iter().all(|state| state == "suggested"), "{bad:?}: {states:?}");
        assert!(said[0].contains("about F"), "{said:?}");
    }

    let (reasons, states, said) = decided(&stock("F,0,\nB,7,x,y\n"), &[], "stock_unreadable");
    assert_eq!((reasons[1].as_str(), states[1].as_str()), ("stock_unreadable", ""), "{said:?}");
    assert_eq!(states[5], "suggested");
}

#[test]
fn where_nothing_says_which_item_was_cut_none_without_a_row_is_bought() {
    let stock = format!("A,0,\nB,0,\nC,0,\nD,0,\n,9,somewhere\n{}", others(3));
    let (reasons, states, said) = decided(&stock, &[], "stock_unreadable");
    assert_eq!(&reasons[4..6], ["stock_unreadable", "stock_unreadable"], "{said:?}");
    assert!(states[..4].iter().all(|state| state == "suggested"), "{states:?}");
    assert!(said[0].contains("(2 items)"), "{said:?}");
}

#[test]
fn an_open_order_that_was_cut_makes_orders_of_its_item_a_question() {
    let stock: String = ITEMS.iter().map(|sku| format!("{sku},0,\n")).collect();
    let header = "po_number,supplier,sku,quantity,ordered_on,expected_on\n";
    let sound: String =
        (0..80).map(|at| format!("P{at},ACME,OTHER,1,2026-06-20,2026-07-01\n")).collect();
    for bad in ["P9,ACME,C,500,2026-06-20,2026-07-01,late\n", "P9,ACME,C\n"] {
        let open = [("purchase_orders", format!("{header}{sound}{bad}"))];
        let (_, states, said) = decided(&stock, &open, "unreadable_field");
        assert_eq!(states[2], "needs_review", "{bad:?}: {said:?}");
        assert!(states.iter().filter(|state| *state == "suggested").count() == 5, "{states:?}");
        assert!(said[0].contains("it seems to be about C"), "{said:?}");
    }
}

#[test]
fn a_location_whose_stock_was_not_exported_is_not_bought_for() {
    let at = |place: &str| ITEMS.map(|sku| format!("{sku},{place}"));
    let (north, south) = (at("north"), at("south"));
    let all: Vec<&str> = north.iter().chain(&south).map(String::as_str).collect();
    let orders = sales(",location", &all);
    let stock: String = ITEMS.iter().map(|sku| format!("{sku},0,north\n")).collect();
    let tables = |more: &str| {
        let stock = format!("sku,on_hand,location\n{stock}{more}");
        vec![("orders", orders.clone()), ("items", items()), ("stock", stock)]
    };

    let ordered = |more: &str| {
        let (_, said, dir) = night(&tables(more), "");
        let lines = run_of(dir.path(), "purchase_orders.csv");
        let of = |place: &str| lines.iter().filter(|line| line["location"] == place).count();
        let gaps = found(dir.path(), "stock_incomplete").len();
        (of("north"), of("south"), gaps, said)
    };
    let (north, south, gaps, said) = ordered("");
    assert_eq!((north, south, gaps), (6, 0, 1), "{said}");
    // Where no place has its stock, all that is ordered is held, as in a shop of one.
    let none = vec![
        ("orders", orders.clone()),
        ("items", items()),
        ("stock", "sku,on_hand,location\n".to_owned()),
    ];
    let (code, said, dir) = night(&none, "");
    assert_eq!(code, 1, "{said}");
    let lines = run_of(dir.path(), "purchase_orders.csv");
    assert!(lines.len() == 12 && lines.iter().all(|line| line["state"] == "held"), "{said}");

    let (north, south, gaps, said) = ordered("A,0,south\nB,0,south\nC,0,south\n");
    assert_eq!((north, south, gaps), (6, 6, 0), "{said}");
}

/// The findings of one kind of a night over orders.
fn said_of(orders: String, settings: &str, finding: &str) -> Vec<String> {
    let (code, said, dir) = night(&[("orders", orders)], settings);
    assert_eq!(code, 0, "{said}");
    found(dir.path(), finding)
}

#[test]
fn a_status_that_sounds_like_a_cancellation_and_counts_is_named() {
    let with = |word: &str| {
        let of = |day: u64| if day.is_multiple_of(30) { word } else { "paid" };
        let fields = |day: u64| format!("A;2;{}", of(day));
        format!("date;sku;quantity;status\n{}", year(iso, fields))
    };
    for word in ["Storniert", "Annulée", "CANCELED_BY_CUSTOMER", "отменён", "wc-cancelled"]
    {
        let said = said_of(with(word), "delimiter = \";\"", "likely_cancelled");
        assert_eq!(said.len(), 1, "{word}");
        assert!(said[0].contains(&format!("13 rows with the status {word:?} count")), "{said:?}");
    }
    for word in ["cancelled", "Fulfilled", "done"] {
        assert!(said_of(with(word), "delimiter = \";\"", "likely_cancelled").is_empty(), "{word}");
    }
}

#[test]
fn a_rule_that_leaves_nothing_out_is_said() {
    let orders = || sales("", &["A", "B"]);
    let said = said_of(
        orders(),
        "exclude = [{ column = \"sku\", equals = \"b\" }, { column = \"sku\", equals = \"B\" }]",
        "idle_exclusion",
    );
    assert_eq!(said.len(), 1, "only the rule whose text is written otherwise: {said:?}");
    let second =
        "exclude = [{ column = \"sku\", matches = \"B*\" }, { column = \"sku\", equals = \"B\" }]";
    assert!(said_of(orders(), second, "idle_exclusion").is_empty(), "both hold of the same rows");
    let both = "exclude = [{ column = \"sku\", matches = \"B*\" }]";
    assert!(said_of(orders(), both, "idle_exclusion").is_empty());
}

#[test]
fn dates_that_two_formats_read_are_doubtful_only_where_they_differ() {
    // Sales of the first twelve days of each month: the day and the month can be changed about.
    let early = |format: &'static str| {
        let days = year(|date| date.format(format).to_string(), |_| "A;3".to_owned());
        let kept = days.lines().filter(|line| {
            let mut parts = line.split(['/', ';']);
            parts.next().unwrap_or("").parse::<u32>().is_ok_and(|part| part <= 12)
                && parts.next().unwrap_or("").parse::<u32>().is_ok_and(|part| part <= 12)
        });
        let kept: Vec<&str> = kept.collect();
        format!("date;sku;quantity\n{}\n", kept.join("\n"))
    };
    let list = "delimiter = \";\"\ndate_format = [\"%d/%m/%Y\", \"%m/%d/%Y\"]";
    let said = said_of(early("%d/%m/%Y"), list, "doubtful_dates");
    assert!(said.len() == 1 && said[0].contains("first on"), "{said:?}");

    // Formats that read them alike are in no doubt, nor is a file that another settles.
    let alike = "delimiter = \";\"\ndate_format = [\"%d/%m/%Y\", \"%-d/%-m/%Y\", \"%m/%d/%Y\"]";
    let rest = year(|date| date.format("%d/%m/%Y").to_string(), |_| "A;3".to_owned());
    let all = format!("date;sku;quantity\n{rest}");
    assert!(said_of(all.clone(), alike, "doubtful_dates").is_empty());
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("s1.csv"), early("%d/%m/%Y")).unwrap();
    std::fs::write(dir.path().join("s2.csv"), all).unwrap();
    let config = format!("[inputs.orders]\npath = \"s*.csv\"\n{list}\n");
    std::fs::write(dir.path().join("restock.toml"), config).unwrap();
    let output = restock(dir.path()).args(["run", "--as-of", AS_OF]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(found(dir.path(), "doubtful_dates").is_empty());

    let whole = format!(
        "date;sku;quantity\n{}",
        year(|date| date.format("%d/%m/%Y").to_string(), |_| "A;3".to_owned())
    );
    assert!(said_of(whole, list, "doubtful_dates").is_empty(), "days beyond 12 settle it");
}

#[test]
fn keys_that_a_spreadsheet_changed_are_told_and_its_errors_are_none() {
    let orders = sales("", &["00017", "00018", "19"]);
    let stock = "sku,on_hand\n17,5\n18.0,6\n19,7\n".to_owned();
    let (_, said, dir) = night(&[("orders", orders), ("stock", stock)], "");
    let same = found(dir.path(), "likely_same_key");
    assert_eq!(same.len(), 1, "{said}");
    assert!(same[0].contains("00017 (orders) and 17 (stock)"), "{same:?}");
    assert!(same[0].contains("so are 1 more"), "{same:?}");

    // Longer numbers lose their digits: what has no row of stock then is not sold out.
    let orders = sales("", &["4006381333931", "CUP"]);
    let stock = "sku,on_hand\n4.00638E+12,500\nCUP,500\n".to_owned();
    let sold = [("orders", orders), ("stock", stock)];
    let (_, said, dir) = night(&sold, "");
    let plan = run_of(dir.path(), "plan.csv");
    assert_eq!((&*plan[0]["sku"], &*plan[0]["reason"]), ("4006381333931", "stock_unreadable"));
    assert!(found(dir.path(), "stock_unreadable")[0].contains("lost"), "{said}");

    // A supplier that could not be looked up is none.
    let items = "sku,supplier,unit_cost\nA,#N/A,2\nB,#NV,2\nC,ACME,2\n".to_owned();
    let sold = [("orders", sales("", &["A", "B", "C"])), ("items", items)];
    let (_, said, dir) =
        night(&[&sold[..], &[("stock", "sku,on_hand\nA,0\nB,0\nC,0\n".to_owned())]].concat(), "");
    let lines = run_of(dir.path(), "purchase_orders.csv");
    assert!(lines.iter().all(|line| !line["supplier"].contains('#')), "{said}: {lines:#?}");
    assert_eq!(found(dir.path(), "unreadable_field").len(), 2, "{said}");

    let orders = sales("", &["A"]) + "2026-06-01,#N/A,4\n2026-06-02,#REF!,4\n";
    let (code, said, dir) = night(&[("orders", orders)], "");
    assert_eq!(code, 0, "{said}");
    assert_eq!(run_of(dir.path(), "quarantine.csv").len(), 2);
    assert!(run_of(dir.path(), "plan.csv").iter().all(|row| row["sku"] == "A"));
}

#[test]
fn a_price_that_ends_after_the_next_begins_is_told() {
    let said = |rows: &str| {
        let prices = format!("sku,from,to,unit_price,promotion\n{rows}");
        let (code, said, dir) = night(&[("orders", sales("", &["A"])), ("prices", prices)], "");
        assert_eq!(code, 0, "{said}");
        found(dir.path(), "prices_overlap")
    };
    let typed = said("A,2025-01-01,2026-12-31,5.60,\nA,2026-01-01,,5.90,\n");
    assert_eq!(typed, ["1 price begins before the one before it ends: A from 2026-01-01"]);
    assert!(said("A,2025-01-01,2025-12-31,5.60,\nA,2026-01-01,,5.90,\n").is_empty());
    let sale = "A,2025-01-01,,5.60,\nA,2026-03-01,2026-03-14,4.00,spring\n";
    assert!(said(sale).is_empty(), "a promotion lies within a price");
}

#[test]
fn an_accent_of_its_own_makes_no_other_item() {
    let orders = sales("", &["CAFÉ"]);
    let stock = "sku,on_hand\nCAFE\u{301},500\n".to_owned();
    let (code, said, dir) = night(&[("orders", orders), ("stock", stock)], "");
    assert_eq!(code, 0, "{said}");
    let plan = run_of(dir.path(), "plan.csv");
    assert_eq!((plan.len(), plan[0]["on_hand"].as_str()), (1, "500"));
}

#[test]
fn thousands_by_the_decimal_mark_are_doubtful() {
    let doubt = |numbers: [&str; 3]| {
        let fields = |day: u64| format!("A;{}", numbers[day as usize % 3]);
        let orders = format!("date;sku;quantity\n{}", year(iso, fields));
        said_of(orders, "delimiter = \";\"", "doubtful_marks")
    };
    let said = doubt(["1.250", "40", "2.000"]);
    assert!(said.len() == 1 && said[0].contains("a thousand times"), "{said:?}");
    assert!(doubt(["1.250", "0.400", "2.000"]).is_empty());
    assert!(doubt(["1.250", "40", "2.5"]).is_empty());
    assert!(doubt(["1.250", "40", "1250"]).is_empty());

    // Prices have three decimals now and then.
    let orders = sales("", &["A", "B"]);
    let items = "sku,unit_cost\nA,3.125\nB,2\n".to_owned();
    let (_, _, dir) = night(&[("orders", orders), ("items", items)], "");
    assert!(found(dir.path(), "doubtful_marks").is_empty());
}

#[test]
fn two_tills_that_number_alike_are_told_from_exports_that_overlap() {
    // Till 2 sells what till 1 sells under the same receipt on every third day.
    let till = |second: bool| {
        let mut text = String::from("date,sku,quantity,order_id\n");
        for (day, row) in year(iso, |_| String::new()).lines().enumerate() {
            let date = row.trim_end_matches(';');
            let sku = if second && day % 3 != 0 { "B" } else { "A" };
            writeln!(text, "{date},{sku},1,R{day}").unwrap();
        }
        text
    };
    let shared = |first: &str, second: &str| {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("s1.csv"), first).unwrap();
        std::fs::write(dir.path().join("s2.csv"), second).unwrap();
        let config = "[inputs.orders]\npath = \"s*.csv\"\n";
        std::fs::write(dir.path().join("restock.toml"), config).unwrap();
        let output = restock(dir.path()).args(["run", "--as-of", AS_OF]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let of = |name: &str| found(dir.path(), name).len();
        (of("repeated_row"), of("chance_repeats"))
    };
    let first = till(false);
    assert_eq!(shared(&first, &till(true)), (1, 1));
    // Three days of every day's export, that of the last cut by the hour.
    let hourly = |from: usize, to: usize| {
        (from..to).fold(String::from("date,sku,quantity,order_id\n"), |mut text, day| {
            let date = year(iso, |_| String::new());
            let date = date.lines().nth(day).unwrap().trim_end_matches(';').to_owned();
            let sold = if day + 1 == to { 4 } else { 10 };
            for order in 0..sold {
                writeln!(text, "{date},A,1,R{day}-{order}").unwrap();
            }
            text
        })
    };
    assert_eq!(shared(&hourly(0, 300), &hourly(297, 364)).1, 0);
    let overlapping: String = first
        .lines()
        .take(1)
        .chain(first.lines().skip(200))
        .fold(String::new(), |text, line| text + line + "\n");
    assert_eq!(shared(&first, &overlapping), (1, 0));
}
