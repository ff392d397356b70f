//! Dates that cannot be true: they are named, and move nothing.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use chrono::Days;

use super::{Night, Shop, before};
use crate::shop::unit;

/// Twelve items of two suppliers, two years of uneven sales, receipts and open orders.
fn shop_of_two_suppliers(receipts_each: u64) -> Shop {
    let mut orders = String::from("date,sku,quantity,order_id\n");
    for day in 1..=730_u64 {
        for item in 0..12_u64 {
            if unit(day * 12 + item) < 0.4 {
                let units = 1 + (unit(day * 77 + item) * 4.0) as u64;
                writeln!(orders, "{},ITEM{item:02},{units},{day}-{item}", before(day)).unwrap();
            }
        }
    }

    let mut items = String::from("sku,supplier,unit_cost,unit_price,launch_date,end_date\n");
    let mut stock = String::from("sku,on_hand\n");
    let mut open = String::from("po_number,supplier,sku,quantity,ordered_on,expected_on\n");
    for item in 0..12_u64 {
        let supplier = if item < 6 { "NEAR" } else { "FAR" };
        writeln!(items, "ITEM{item:02},{supplier},3,7,,").unwrap();
        writeln!(stock, "ITEM{item:02},{}", 4 * item).unwrap();
        let (ordered, due) = (before(3 + item), before(0) + Days::new(10));
        writeln!(open, "OPEN{item},{supplier},ITEM{item:02},5,{ordered},{due}").unwrap();
    }

    let columns = "po_number,supplier,sku,quantity,ordered_on,received_on";
    let mut receipts = format!("{columns}\n");
    for number in 0..receipts_each {
        for (supplier, sku, days) in [("NEAR", "ITEM01", 6 + number % 3), ("FAR", "ITEM07", 40)] {
            let ordered = before(400 - 7 * number);
            let came = ordered + Days::new(days);
            writeln!(receipts, "{supplier}{number},{supplier},{sku},9,{ordered},{came}").unwrap();
        }
    }

    Shop::of_orders(orders)
        .table("items", items)
        .table("stock", stock)
        .table("purchase_orders", open)
        .table("receipts", receipts)
        .table("suppliers", "supplier,name\nNEAR,Near Ltd\nFAR,Far Ltd\n")
        .table("closures", "supplier,from,to\nFAR,2026-08-01,2026-08-14\n")
}

#[test]
fn one_date_that_cannot_be_true_moves_no_other_item() {
    // The table, the row, the item that may move, and where and how the row is named.
    let cases = [
        // An order long before all others: the date that stands for none, and mistyped years.
        ("orders", "1970-01-01,ITEM03,2,null", "", ("quarantine.csv", "DQ026")),
        ("orders", "2006-06-20,ITEM03,2,typed", "", ("quarantine.csv", "DQ026")),
        ("orders", "2016-06-20,ITEM09,900,typed", "", ("quarantine.csv", "DQ026")),
        ("orders", "2000-01-01,NEW,1,null", "NEW", ("quarantine.csv", "DQ026")),
        // A receipt that seems to have taken years.
        ("receipts", "P1,NEAR,ITEM02,9,1970-01-01,2026-06-10", "", ("exceptions.csv", "DQ062")),
        ("receipts", "P1,NEAR,ITEM02,9,2016-06-01,2026-06-10", "", ("exceptions.csv", "DQ062")),
        ("receipts", "P1,FAR,ITEM08,9,2025-04-28,2026-06-10", "", ("exceptions.csv", "DQ062")),
        ("receipts", "P1,FAR,ITEM08,9,2026-06-12,2026-06-10", "", ("quarantine.csv", "DQ005")),
        ("receipts", "P1,ELSE,ITEM08,9,1970-01-01,2026-06-10", "", ("exceptions.csv", "DQ062")),
        // An open order of half a century, or of a mistyped year.
        (
            "purchase_orders",
            "P1,NEAR,ITEM02,5,1970-01-01,2026-07-04",
            "ITEM02",
            ("exceptions.csv", "DQ062"),
        ),
        (
            "purchase_orders",
            "P1,NEAR,ITEM02,5,2016-06-25,2026-06-25",
            "ITEM02",
            ("exceptions.csv", "DQ062"),
        ),
        (
            "purchase_orders",
            "P1,FAR,ITEM08,5,2025-05-02,2026-06-21",
            "ITEM08",
            ("exceptions.csv", "DQ062"),
        ),
        // A closure that never ends, one that ends before it begins.
        ("closures", "NEAR,2026-07-04,2062-07-31", "", ("quarantine.csv", "DQ026")),
        ("closures", "FAR,2016-07-04,2026-07-31", "", ("quarantine.csv", "DQ026")),
        ("closures", "NEAR,2026-07-31,2026-07-04", "", ("quarantine.csv", "DQ005")),
    ];

    for receipts_each in [2, 12] {
        let shop = shop_of_two_suppliers(receipts_each);
        let plain = shop.planned();
        for (table, row, own, (file, code)) in cases {
            let night = shop.with_row(table, row).planned();
            let own = if own.is_empty() { "none" } else { own };
            let (expected, found) = (plain.plan_without(own), night.plan_without(own));
            let moved: Vec<_> = expected.iter().zip(&found).filter(|(a, b)| a != b).collect();
            assert!(moved.is_empty(), "{row}: {} moved, such as {:?}", moved.len(), moved[0]);
            assert_eq!(expected.len(), found.len(), "{row}");
            let told = |night: &Night| night.told(file, code).len();
            assert_eq!(told(&night), told(&plain) + 1, "{row} is not named");
        }
    }
}

#[test]
fn lead_times_that_are_long_or_late_are_believed() {
    let shop = shop_of_two_suppliers(12);
    let plain = shop.planned();
    for (row, sku) in [
        // Half a year late, and once as long as a year where 100 days are stated.
        ("P1,NEAR,ITEM02,9,2025-12-01,2026-06-10", "ITEM02"),
        ("P1,FAR,ITEM08,9,2025-12-01,2026-06-10", "ITEM08"),
    ] {
        let night = shop.with_row("receipts", row).planned();
        assert_eq!(night.told("exceptions.csv", "DQ062").len(), 0, "{row}");
        let days = |night: &Night| night.number(sku, "lead_time_mean_days");
        assert!(days(&night) > days(&plain), "{row}: {} {}", days(&plain), days(&night));
    }

    let stated = Shop { config: shop.config.replace("suppliers.csv", "terms.csv"), ..shop };
    let mut stated = stated;
    let terms = "supplier,lead_time_days\nNEAR,100\nFAR,40\n".to_owned();
    stated.files.insert("terms.csv".to_owned(), terms);
    let night = stated.with_row("receipts", "P1,NEAR,ITEM02,9,2025-05-01,2026-06-10").planned();
    assert_eq!(night.told("exceptions.csv", "DQ062").len(), 0);
}

#[test]
fn a_history_with_a_gap_is_kept_where_it_is_no_handful_of_rows() {
    // A shop that was closed for three years, and one that began a year before with one item.
    let mut closed = String::from("date,sku,quantity\n");
    for day in (1..=300).chain(1_400..=1_700) {
        writeln!(closed, "{},TEE,1", before(day)).unwrap();
    }
    assert_eq!(Shop::of_orders(closed).planned().used("orders"), 601);

    let mut early = String::from("date,sku,quantity\n2025-01-10,TEE,1\n");
    for day in 1..=100 {
        writeln!(early, "{},CUP,1", before(day)).unwrap();
    }
    assert_eq!(Shop::of_orders(early).planned().used("orders"), 101);
}

#[test]
fn a_launch_long_before_the_first_order_row_is_not_years_without_demand() {
    let shop = shop_of_two_suppliers(2);
    let plain = shop.planned();
    for launch in ["1970-01-01", "2016-03-01", "2021-05-12"] {
        let mut launched = shop.clone();
        let items = launched.files.get_mut("items.csv").unwrap();
        *items = items.replace("ITEM04,NEAR,3,7,,", &format!("ITEM04,NEAR,3,7,{launch},"));
        let night = launched.planned();
        assert_eq!(night.plan_without("ITEM04"), plain.plan_without("ITEM04"), "{launch}");
        let mean = |night: &Night| night.number("ITEM04", "mean_daily_demand");
        assert!((mean(&night) / mean(&plain) - 1.0).abs() < 0.05, "{launch}");
    }
}

/// Copies a folder's files.
fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            continue;
        }
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn null_dates_in_the_sample_move_nothing() {
    let night = |rows: &[(&str, &str)]| {
        let dir = tempfile::tempdir().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        copy_files(&root.join("data"), &dir.path().join("data"));
        copy_files(&root.join("config"), &dir.path().join("config"));
        for (table, row) in rows {
            let path = dir.path().join("data").join(format!("{table}.csv"));
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, format!("{}\n{row}\n", text.trim_end())).unwrap();
        }
        let night = Night::in_folder(dir, "config/restock.toml");
        assert_eq!(night.code, 0, "{}", night.said);
        night
    };

    let plain = night(&[]);
    let odd = night(&[
        ("receipts", "PO9,LINDEN,TX-1028,depot,10,1970-01-01,2026-06-10,2026-06-10,false"),
        ("orders", "W9,1,1970-01-01,PA-1016,1,15.10,depot,web,,shipped,,"),
        ("closures", "LINDEN,2026-07-04,2062-07-31"),
    ]);
    assert_eq!(plain.plan_without("none"), odd.plan_without("none"));
    assert_eq!(odd.told("exceptions.csv", "DQ062").len(), 1);
    assert_eq!(odd.told("quarantine.csv", "DQ026").len(), 2);
}
