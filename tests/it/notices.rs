//! Notices of whole runs: what suppliers and the team are told, once; texts of the user's own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::{Days, NaiveDate};

use crate::shop::{restock, rows, write_shop};

const DAY: &str = "2026-06-29";
const NEXT: &str = "2026-06-30";
const THIRD: &str = "2026-07-01";

/// A year of weekly orders of one item, enough stock of it, and one open order.
fn tables(expected_on: &str, on_hand: u32) -> BTreeMap<&'static str, String> {
    let end: NaiveDate = "2026-06-28".parse().unwrap();
    let mut orders = String::from("date,sku,quantity\n");
    for week in 0..52_u64 {
        orders += &format!("{},A1,{}\n", end - Days::new(7 * week), 6 + week % 3);
    }
    BTreeMap::from([
        ("orders", orders),
        ("items", "sku,description,supplier,unit_cost\nA1,Blue mug,ACME,2.50\n".to_owned()),
        ("stock", format!("sku,on_hand\nA1,{on_hand}\n")),
        (
            "suppliers",
            "supplier,name,lead_time_days,email\nACME,Acme Ltd,10,acme@example.com\n".to_owned(),
        ),
        (
            "purchase_orders",
            format!(
                "po_number,line,supplier,sku,quantity,ordered_on,expected_on\n\
                 P1,1,ACME,A1,40,2026-06-10,{expected_on}\n"
            ),
        ),
    ])
}

fn run(dir: &Path, day: &str) {
    restock(dir).args(["run", "--as-of", day, "--quiet"]).assert().success();
}

/// The notices of a run of a kind.
fn of_kind(dir: &Path, day: &str, kind: &str) -> Vec<BTreeMap<String, String>> {
    let all = rows(&dir.join("runs").join(day).join("notices.csv"));
    all.into_iter().filter(|row| row["kind"] == kind).collect()
}

#[test]
fn a_supplier_is_asked_once_for_an_overdue_line_and_again_when_a_new_date_passes() {
    let shop = tempfile::tempdir().unwrap();
    write_shop(shop.path(), &tables("2026-06-26", 20), "");
    run(shop.path(), DAY);
    let [chase] = of_kind(shop.path(), DAY, "chase").try_into().unwrap();
    assert_eq!((chase["audience"].as_str(), chase["reference"].as_str()), ("supplier", "ACME"));
    assert_eq!((&*chase["recipient"], &*chase["sku"]), ("acme@example.com", "A1"));
    assert_eq!(chase["file"], "notices/chase-ACME.txt");
    let text = fs::read_to_string(shop.path().join("runs").join(DAY).join(&chase["file"])).unwrap();
    assert!(text.contains("Order P1, line 1: 40 x Blue mug (A1)"), "{text}");
    assert!(text.contains("expected on 26 June 2026 and is 3 days overdue"), "{text}");
    assert_eq!(of_kind(shop.path(), DAY, "digest").len(), 1);

    // The same night again says the same; the next one has nothing new.
    run(shop.path(), DAY);
    assert!(!shop.path().join("runs").join(format!("{DAY}.1")).exists());
    run(shop.path(), NEXT);
    assert!(of_kind(shop.path(), NEXT, "chase").is_empty());
    let advice = rows(&shop.path().join("runs").join(NEXT).join("open_order_advice.csv"));
    assert_eq!(advice[0]["chased_on"], DAY);

    // The supplier names another date, which passes too.
    write_shop(shop.path(), &tables("2026-06-30", 20), "");
    run(shop.path(), THIRD);
    assert_eq!(of_kind(shop.path(), THIRD, "chase").len(), 1);
}

#[test]
fn a_night_without_news_writes_no_notice() {
    let shop = tempfile::tempdir().unwrap();
    write_shop(shop.path(), &tables("2026-07-05", 60), "");
    run(shop.path(), DAY);
    run(shop.path(), NEXT);
    let notices = rows(&shop.path().join("runs").join(NEXT).join("notices.csv"));
    assert!(notices.is_empty(), "{notices:?}");
}

#[test]
fn a_text_of_the_users_own_is_used_and_a_broken_one_stops_every_command() {
    let shop = tempfile::tempdir().unwrap();
    let settings = "[notices]\ntemplates = \"own\"";
    write_shop(shop.path(), &tables("2026-06-26", 20), settings);
    fs::create_dir(shop.path().join("own")).unwrap();
    let template = |text: &str| fs::write(shop.path().join("own/chase.txt"), text).unwrap();

    template("Subject: =Fragen an {{ supplier }}\nWo bleibt {{ lines[0].po_number }}?\n");
    run(shop.path(), DAY);
    let [chase] = of_kind(shop.path(), DAY, "chase").try_into().unwrap();
    assert_eq!(chase["subject"], "'=Fragen an ACME");
    let text = fs::read_to_string(shop.path().join("runs").join(DAY).join(&chase["file"])).unwrap();
    assert_eq!(text, "Wo bleibt P1?\n");

    template("Hello\n{% for line in lines %}\n{{ line.po_nummer }}\n{% endfor %}\n");
    for command in [["check", "--as-of", DAY], ["run", "--as-of", NEXT]] {
        let output = restock(shop.path()).args(command).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("chase.txt, line 3"), "{said}");
    }
}
