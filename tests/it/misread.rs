//! Numbers, keys, dates and lines that were once misread in silence: what each is read as, or the
//! message that names it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use chrono::{Days, NaiveDate};

use crate::shop::{restock, rows, write_shop};

pub(crate) const AS_OF: &str = "2026-06-29";

/// A year of one row a day, each field as the closures write it.
pub(crate) fn year(date: impl Fn(NaiveDate) -> String, fields: impl Fn(u64) -> String) -> String {
    let first = NaiveDate::from_ymd_opt(2025, 6, 30).unwrap();
    (0..364_u64).fold(String::new(), |mut text, day| {
        writeln!(text, "{};{}", date(first + Days::new(day)), fields(day)).unwrap();
        text
    })
}

pub(crate) fn iso(date: NaiveDate) -> String {
    date.to_string()
}

/// Runs a night over tables; exit code, what was said, and where the run is.
pub(crate) fn night(
    tables: &[(&'static str, String)],
    settings: &str,
) -> (i32, String, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let tables: BTreeMap<&'static str, String> = tables.iter().cloned().collect();
    write_shop(dir.path(), &tables, "");
    let path = dir.path().join("restock.toml");
    let config = fs::read_to_string(&path).unwrap();
    let orders = "[inputs.orders]\npath = \"orders.csv\"\n";
    fs::write(&path, config.replace(orders, &format!("{orders}{settings}\n"))).unwrap();

    let output = restock(dir.path()).args(["run", "--as-of", AS_OF]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), said, dir)
}

pub(crate) fn run_of(dir: &Path, file: &str) -> Vec<BTreeMap<String, String>> {
    rows(&dir.join("runs").join(AS_OF).join(file))
}

/// Mean daily demand of each item of a night that must succeed.
fn means(dir: &tempfile::TempDir) -> BTreeMap<String, f64> {
    let rows = run_of(dir.path(), "plan.csv");
    rows.iter().map(|row| (row["sku"].clone(), row["mean_daily_demand"].parse().unwrap())).collect()
}

const HEADER: &str = "date;sku;quantity\n";

#[test]
fn weights_of_less_than_one_are_not_read_as_hundreds() {
    let weights = ["0,500", "0,750", "1,250"];
    let orders = |decimal: fn(&str) -> String| {
        let fields = |day: u64| format!("GOUDA;{}", decimal(weights[day as usize % 3]));
        format!("{HEADER}{}", year(iso, fields))
    };

    let comma = orders(str::to_owned);
    let (code, said, _) = night(&[("orders", comma.clone())], "delimiter = \";\"");
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("decimal = \",\"") && said.contains("0,500"), "{said}");

    let (code, said, dir) = night(&[("orders", comma)], "delimiter = \";\"\ndecimal = \",\"");
    assert_eq!(code, 0, "{said}");
    assert!((means(&dir)["GOUDA"] - 0.833).abs() < 0.1, "{:?}", means(&dir));

    let point = orders(|weight| weight.replace(',', "."));
    let (code, said, _) = night(&[("orders", point)], "delimiter = \";\"\ndecimal = \",\"");
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("decimal = \".\""), "{said}");

    // Only weights below one: every row is refused, with the hint.
    let small = format!("{HEADER}{}", year(iso, |_| "GOUDA;0,500".to_owned()));
    let (code, said, _) = night(&[("orders", small)], "delimiter = \";\"");
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("decimal"), "{said}");
}

#[test]
fn a_mark_that_nothing_settles_is_a_warning() {
    let doubt = |numbers: [&str; 3]| {
        let fields = |day: u64| format!("GOUDA;{}", numbers[day as usize % 3]);
        let orders = format!("{HEADER}{}", year(iso, fields));
        let (code, said, dir) = night(&[("orders", orders)], "delimiter = \";\"");
        assert_eq!(code, 0, "{said}");
        let found = run_of(dir.path(), "exceptions.csv");
        found.iter().filter(|row| row["code"] == "DQ091").count()
    };
    assert_eq!(doubt(["1,250", "2,000", "12"]), 1);
    assert_eq!(doubt(["1,250", "2000", "12"]), 1, "2000 is not grouped");
    assert_eq!(doubt(["1,250", "1,250.5", "12"]), 0);
    assert_eq!(doubt(["1250", "7", "12"]), 0);
}

#[test]
fn thousands_and_signs_are_read_as_people_write_them() {
    for (written, units) in [
        ("1 200", 1_200.0),
        ("1\u{A0}200", 1_200.0),
        ("1\u{202F}200", 1_200.0),
        ("1'200", 1_200.0),
        ("1’200.00", 1_200.0),
        ("'1200", 1_200.0),
        ("=\"1200\"", 1_200.0),
        ("\u{200B}1200", 1_200.0),
    ] {
        let field = written.replace('"', "\"\"");
        let orders = format!("{HEADER}{}", year(iso, |_| format!("A;\"{field}\"")));
        let (code, said, dir) = night(&[("orders", orders)], "delimiter = \";\"");
        assert_eq!(code, 0, "{written:?}: {said}");
        assert!((means(&dir)["A"] / units - 1.0).abs() < 0.01, "{written:?}: {:?}", means(&dir));
    }

    // A sale of 9 and a return of 4 that an ERP and a bookkeeper write each in their way.
    for negative in ["4-", "(4)", "\u{2212}4", "4,000.00-"] {
        let fields = |day: u64| format!("A;{}", if day.is_multiple_of(2) { "9" } else { negative });
        let orders = format!("{HEADER}{}", year(iso, fields));
        let (code, said, dir) = night(&[("orders", orders)], "delimiter = \";\"");
        assert_eq!(code, 0, "{negative:?}: {said}");
        let aside = run_of(dir.path(), "quarantine.csv");
        assert!(aside.iter().all(|row| row["code"] == "DQ015"), "{negative:?}: {aside:?}");
        assert_eq!(aside.len(), 182, "{negative:?}");
    }
}

#[test]
fn keys_that_look_alike_are_one() {
    let spellings =
        ["00017", "=\"00017\"", "'00017", "\u{200B}00017", "00017\u{1F}", "\u{FEFF}00017"];
    let fields = |day: u64| {
        let spelling = spellings[day as usize % spellings.len()].replace('"', "\"\"");
        format!("\"{spelling}\";6")
    };
    let orders = format!("{HEADER}{}", year(iso, fields));
    let (code, said, dir) = night(&[("orders", orders)], "delimiter = \";\"");
    assert_eq!(code, 0, "{said}");
    let means = means(&dir);
    assert_eq!(means.keys().collect::<Vec<_>>(), ["00017"], "{means:?}");
    assert!((means["00017"] - 6.0).abs() < 0.01, "{means:?}");
    let found = run_of(dir.path(), "exceptions.csv");
    let cleaned: Vec<_> = found.iter().filter(|row| row["code"] == "DQ090").collect();
    assert_eq!(cleaned.len(), 1, "{found:?}");
    assert!(cleaned[0]["message"].contains("303 fields of `sku`"), "{cleaned:?}");
}

#[test]
fn headers_and_sums_among_the_rows_are_no_items() {
    let mut orders = String::from(HEADER);
    orders += &year(iso, |day| match day {
        100 | 200 => "A;6\ndate;sku;quantity".to_owned(),
        150 => "A;6\nTotal;;9999\n;;9999".to_owned(),
        250 => "A;6\n;A Summe;9999".to_owned(),
        _ => "A;6".to_owned(),
    });
    orders += "Total\n;;\nGrand total;;123456\n";
    let stock = "sku,on_hand\nA,40\nTotal,40\n,40\nsku,on_hand\n".to_owned();
    let (code, said, dir) = night(&[("orders", orders), ("stock", stock)], "delimiter = \";\"");
    assert_eq!(code, 0, "{said}");
    let plan = run_of(dir.path(), "plan.csv");
    assert_eq!(plan.len(), 1, "{plan:?}");
    assert_eq!((plan[0]["sku"].as_str(), plan[0]["on_hand"].as_str()), ("A", "40"));
    assert!((means(&dir)["A"] - 6.0).abs() < 0.01);
    let aside = run_of(dir.path(), "quarantine.csv");
    let of = |code: &str| aside.iter().filter(|row| row["code"] == code).count();
    assert_eq!((of("DQ023"), of("DQ024"), aside.len()), (3, 7, 10), "{aside:?}");
}

#[test]
fn a_missing_key_is_not_taken_for_a_sum() {
    let mut orders = String::from(HEADER);
    orders += &year(iso, |day| if day == 9 { ";6".to_owned() } else { "A;6".to_owned() });
    let mut stock = "sku,on_hand,note\nA,40,\n,12,blue\n".to_owned();
    (0..20).for_each(|item| stock += &format!("B{item},1,\n"));
    let (code, said, dir) = night(&[("orders", orders), ("stock", stock)], "delimiter = \";\"");
    assert_eq!(code, 0, "{said}");
    let aside = run_of(dir.path(), "quarantine.csv");
    assert!(aside.iter().all(|row| row["code"] == "DQ001"), "{aside:?}");
    assert_eq!(aside.len(), 2);
}

#[test]
fn titles_above_the_header_are_passed_over_and_said() {
    let rows = year(iso, |_| "A;6".to_owned());
    for (titles, settings) in [
        ("Sales report\n\nfrom;2025\n", ""),
        ("sku list\nof the year\n", ""),
        ("date;sku;quantity of last year\nx;y\n", "skip_rows = 2"),
    ] {
        let orders = format!("{titles}{HEADER}{rows}");
        let (code, said, dir) =
            night(&[("orders", orders)], &format!("delimiter = \";\"\n{settings}"));
        assert_eq!(code, 0, "{titles:?}: {said}");
        assert!((means(&dir)["A"] - 6.0).abs() < 0.01, "{titles:?}");
        let found = run_of(dir.path(), "exceptions.csv");
        let said = found.iter().filter(|row| row["code"] == "DQ092").count();
        assert_eq!(said, usize::from(settings.is_empty()), "{titles:?}");
    }
}

#[test]
fn rows_lose_or_gain_empty_fields_at_their_end() {
    let header = "date;sku;quantity;customer;unit_price;note\n";
    let orders = header.to_owned()
        + &year(iso, |day| match day % 3 {
            0 => "A;6;;;;;;".to_owned(),
            1 => "A;6".to_owned(),
            _ => "A;6;kim;2.5;x".to_owned(),
        });
    let (code, said, dir) = night(&[("orders", orders)], "delimiter = \";\"");
    assert_eq!(code, 0, "{said}");
    assert!((means(&dir)["A"] - 6.0).abs() < 0.01, "{:?}", means(&dir));

    // What lacks a required field, or has one too many that is not empty, is still ragged.
    let orders = header.to_owned()
        + &year(iso, |day| match day {
            7 => "A".to_owned(),
            8 => "A;6;kim;2.5;x;7".to_owned(),
            _ => "A;6;kim;2.5;x".to_owned(),
        });
    let (code, said, dir) = night(&[("orders", orders)], "delimiter = \";\"");
    assert_eq!(code, 0, "{said}");
    let aside = run_of(dir.path(), "quarantine.csv");
    assert_eq!(aside.iter().filter(|row| row["code"] == "DQ009").count(), 2, "{aside:?}");
}

#[test]
fn order_fields_are_filled_down_within_an_order_only() {
    let header = "order_id;date;status;sku;quantity\n";
    let rows = year(
        |date| format!("{};{date}", date.format("%y%m%d")),
        |day| {
            let status = if day % 2 == 0 { "cancelled" } else { "" };
            let order = format!("O{day}");
            format!("{status};A;6\n{order};;;A;6").replace(&order, "")
        },
    );
    // The second line of each order names no order, no date and no status.
    let settings = "delimiter = \";\"\nfill_down = [\"order_id\", \"date\", \"status\"]";
    let (code, said, dir) = night(&[("orders", format!("{header}{rows}"))], settings);
    assert_eq!(code, 0, "{said}");
    let aside = run_of(dir.path(), "quarantine.csv");
    assert_eq!(aside.len(), 364, "two lines of each second order");
    assert!((means(&dir)["A"] - 6.0).abs() < 0.3, "{:?}", means(&dir));

    let (code, said, _) = night(
        &[("orders", format!("{header}{rows}"))],
        "delimiter = \";\"\nfill_down = \"Financial Status\"",
    );
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("Financial Status"), "{said}");
}

#[test]
fn a_format_that_fits_every_row_goes_before_the_order_of_the_list() {
    let american = |date: NaiveDate| date.format("%m/%d/%Y").to_string();
    let orders = format!("{HEADER}{}", year(american, |_| "A;6".to_owned()));
    let settings = "delimiter = \";\"\ndate_format = [\"%d/%m/%Y\", \"%m/%d/%Y\"]";
    let (code, said, dir) = night(&[("orders", orders)], settings);
    assert_eq!(code, 0, "{said}");
    assert!((means(&dir)["A"] - 6.0).abs() < 0.01, "{:?}", means(&dir));
    let first = &run_of(dir.path(), "plan.csv")[0];
    assert_eq!(first["demand_class"], "smooth");
}

#[test]
fn a_time_zone_must_exist() {
    let (code, said, _) = night(
        &[("orders", format!("{HEADER}{}", year(iso, |_| "A;6".to_owned())))],
        "delimiter = \";\"\ntime_zone = \"America/New York\"",
    );
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("America/New_York"), "{said}");
}

#[test]
fn a_quote_that_hides_rows_behind_another_is_found() {
    let header = "date;sku;quantity;note\n";
    let swallowing = |first: u64, last: u64| {
        header.to_owned()
            + &year(iso, |day| match day {
                _ if day == first || day == last => "A;6;\"19 inch".to_owned(),
                _ => "A;6;".to_owned(),
            })
    };
    let (code, said, _) = night(&[("orders", swallowing(100, 200))], "delimiter = \";\"");
    assert_eq!(code, 3, "a hundred of 364 rows are gone: {said}");
    let (code, said, dir) = night(&[("orders", swallowing(100, 103))], "delimiter = \";\"");
    assert_eq!(code, 0, "{said}");
    let aside = run_of(dir.path(), "quarantine.csv");
    assert!(aside.iter().any(|row| row["code"] == "DQ009"), "{aside:?}");

    // Notes of several lines are notes.
    let notes = header.to_owned() + &year(iso, |_| "A;6;\"one\ntwo; three\"".to_owned());
    let (code, said, dir) = night(&[("orders", notes)], "delimiter = \";\"");
    assert_eq!(code, 0, "{said}");
    assert!((means(&dir)["A"] - 6.0).abs() < 0.01);
}

#[test]
fn columns_named_anew_in_another_order_stop_the_night() {
    let orders = "date;sku;quantity;order_id\n".to_owned()
        + &year(iso, |day| match day {
            200 => "A;6;1\ndate;sku;order_id;quantity".to_owned(),
            _ => format!("A;6;{day}"),
        });
    let (code, said, _) = night(&[("orders", orders)], "delimiter = \";\"");
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("in another order"), "{said}");
}

#[test]
fn columns_that_are_nearly_ours_or_there_twice_are_said() {
    let rows = year(iso, |_| "A;6;cancelled;9".to_owned());
    for (header, named) in
        [("date;sku;quantity;Status;x\n", "Status"), ("date;sku;quantity;x;quantity\n", "quantity")]
    {
        let (code, said, dir) =
            night(&[("orders", format!("{header}{rows}"))], "delimiter = \";\"");
        assert_eq!(code, 0, "{said}");
        let found = run_of(dir.path(), "exceptions.csv");
        let said: Vec<_> = found.iter().filter(|row| row["code"] == "DQ093").collect();
        assert!(said.len() == 1 && said[0]["message"].contains(named), "{found:?}");
    }
}

#[test]
fn names_that_hold_a_word_for_sums_are_no_sums() {
    let orders = format!("{HEADER}{}", year(iso, |_| "TOTAL;6".to_owned()));
    let items = "sku,description,supplier\nTOTAL,Dim Sum,Total Oils\nA,Total Care,Total Oils\n";
    let stock = "sku,on_hand,note\nTOTAL,40,x\nA,4,Total Care\n,5,Dim Sum\n";
    let po = "po_number,supplier,sku,quantity,ordered_on,expected_on\n\
              P1,Total Oils,A,200,,2026-07-10\n";
    let tables = [
        ("orders", orders),
        ("items", items.to_owned()),
        ("stock", stock.to_owned()),
        ("purchase_orders", po.to_owned()),
    ];
    let (code, said, dir) = night(&tables, "delimiter = \";\"");
    assert_eq!(code, 0, "{said}");
    let plan = run_of(dir.path(), "plan.csv");
    let of = |sku: &str| plan.iter().find(|row| row["sku"] == sku).unwrap();
    assert_eq!(of("A")["on_order"], "200");
    let mean: f64 = of("TOTAL")["mean_daily_demand"].parse().unwrap();
    assert!((mean - 6.0).abs() < 0.01, "{mean}");
    // A stock row that says nothing but TOTAL and a number is one, though.
    let aside = run_of(dir.path(), "quarantine.csv");
    assert!(aside.iter().all(|row| row["code"] != "DQ024" || row["table"] == "stock"));
}

#[test]
fn a_sum_or_a_header_between_lines_of_an_order_fills_nothing_down() {
    let header = "order_id;date;sku;quantity\n";
    let rows = year(
        |date| format!("{};{date}", date.format("%y%m%d")),
        |day| match day {
            50 | 90 => "A;6\norder_id;date;sku;quantity\n;;;999\n;;A;6".to_owned(),
            _ => "A;6\n;;A;6".to_owned(),
        },
    );
    let settings = "delimiter = \";\"\nfill_down = [\"order_id\", \"date\", \"sku\"]";
    let (code, said, dir) = night(&[("orders", format!("{header}{rows}"))], settings);
    assert_eq!(code, 0, "{said}");
    assert!((means(&dir)["A"] - 12.0).abs() < 0.1, "{:?}", means(&dir));
}

#[test]
fn numbered_orders_of_typed_sources_are_told_apart() {
    let lines: String = (0..364_u64)
        .map(|day| {
            let date = NaiveDate::from_ymd_opt(2025, 6, 30).unwrap() + Days::new(day);
            let status = match day {
                5 => ",\"status\":\"cancelled\"",
                _ => "",
            };
            format!(
                "{{\"date\":\"{date}\",\"sku\":\"A\",\"quantity\":6,\"order_id\":{day}{status}}}\n"
            )
        })
        .collect();
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("orders.ndjson"), lines).unwrap();
    let config = "[outputs]\ndir = \"runs\"\n[inputs.orders]\npath = \"orders.ndjson\"\n\
                  fill_down = \"status\"\n";
    fs::write(dir.path().join("restock.toml"), config).unwrap();
    let output = restock(dir.path()).args(["run", "--as-of", AS_OF]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(run_of(dir.path(), "quarantine.csv").len(), 1);
}

#[test]
fn returns_beyond_sales_beside_an_availability_table_stop_nothing() {
    let orders =
        format!("{HEADER}{}", year(iso, |day| format!("A;{}", if day < 9 { 2 } else { -1 })));
    let availability = "date,sku,in_stock\n2026-01-05,A,0.5\n".to_owned();
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("orders.csv"), orders).unwrap();
    fs::write(dir.path().join("availability.csv"), availability).unwrap();
    let config = "[demand]\nreturns = \"net\"\n[inputs.orders]\npath = \"orders.csv\"\n\
                  delimiter = \";\"\n[inputs.availability]\npath = \"availability.csv\"\n";
    fs::write(dir.path().join("restock.toml"), config).unwrap();
    let output = restock(dir.path()).args(["run", "--as-of", AS_OF]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_price_that_cannot_be_read_does_not_unmake_the_sale() {
    let sales = |price: fn(u64) -> &'static str| {
        year(iso, move |day| format!("TEA;{};{}", 3 + day % 4, price(day)))
    };
    let header = "date;sku;quantity;unit_price\n";
    let run = |rows: String| {
        let (code, said, dir) =
            night(&[("orders", format!("{header}{rows}"))], "delimiter = \";\"");
        assert_eq!(code, 0, "{said}");
        dir
    };
    let plain = run(sales(|_| "2.50"));
    let odd = run(sales(|day| if day % 50 == 7 { "ask" } else { "2.50" }));
    assert_eq!(means(&odd), means(&plain));
    assert_eq!(run_of(odd.path(), "quarantine.csv").len(), 0);
    let found = run_of(odd.path(), "exceptions.csv");
    let found = found.iter().find(|row| row["message"].starts_with("unreadable_field")).unwrap();
    assert!(
        found["message"].contains("\"ask\"") && found["message"].contains("8 rows"),
        "{found:?}"
    );
}
