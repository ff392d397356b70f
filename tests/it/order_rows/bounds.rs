//! Bounds: of rows that are listed, of shares, and of sums.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Shop, before};

#[test]
fn bad_rows_without_number_are_listed_up_to_a_bound_and_counted_beyond_it() {
    let mut orders = String::from("date,sku,quantity\n");
    (1..=60).for_each(|day| writeln!(orders, "{},TEE,1", before(day)).unwrap());
    orders.push_str(&"2026-06-01,TEE,many\n".repeat(90_000));
    orders.push_str(&"someday,TEE,1\n".repeat(60_000));
    let night = Shop::of_orders(orders).set("[run]\nmax_bad_rows = 1.0\n").planned();

    let listed: BTreeMap<String, usize> =
        night.table("quarantine.csv").into_iter().fold(BTreeMap::new(), |mut counts, row| {
            *counts.entry(row["code"].clone()).or_default() += 1;
            counts
        });
    let expected = [("DQ002", 90_000), ("DQ003", 10_000), ("DQ063", 1)];
    assert_eq!(listed, BTreeMap::from(expected.map(|(code, rows)| (code.to_owned(), rows))));
    let told = night.told("exceptions.csv", "DQ063");
    assert!(told.len() == 1 && told[0].contains("50000 more rows"), "{told:?}");
    assert!(told[0].contains("50000 bad_date"), "{told:?}");
    assert_eq!(night.used("orders"), 60);
}

#[test]
fn a_share_says_nothing_of_a_handful_of_rows() {
    let mut orders = String::from("date,sku,quantity\n");
    (1..=60).for_each(|day| writeln!(orders, "{},TEE,1", before(day)).unwrap());
    let shop = Shop::of_orders(orders);
    let closures = |good: usize, bad: usize| {
        let good: String = (0..good).map(|at| format!("S{at},2026-07-01,2026-07-05\n")).collect();
        let bad: String = (0..bad).map(|at| format!("B{at},soon,2026-07-05\n")).collect();
        shop.clone().table("closures", format!("supplier,from,to\n{good}{bad}")).night()
    };

    for (good, bad, code) in [(1, 1, 0), (0, 2, 3), (1, 18, 0), (18, 2, 3), (19, 1, 0), (0, 25, 3)]
    {
        let night = closures(good, bad);
        assert_eq!(night.code, code, "{good} good, {bad} bad: {}", night.said);
    }
}

#[test]
fn a_table_is_judged_as_a_whole_and_a_file_that_is_wholly_lost_stops_the_night() {
    let file = |first: u64, quantity: &str, bad: usize| {
        let mut orders = String::from("date,sku,quantity\n");
        (first..first + 30)
            .for_each(|day| writeln!(orders, "{},TEE,{quantity}", before(day)).unwrap());
        orders.push_str(&"2026-06-01,TEE,many\n".repeat(bad));
        orders
    };
    let mut shop = Shop::of_files([("orders-1.csv", file(1, "1", 3))]);
    assert_eq!(shop.night().code, 3, "3 of 33");
    for number in 2..=40 {
        let name = format!("orders-{number}.csv");
        shop.files.insert(name, file(30 * number, "1", 0));
    }
    assert_eq!(shop.night().code, 0, "3 of 1203");

    shop.files.insert("orders-7.csv".to_owned(), file(210, "x", 0));
    let night = shop.night();
    assert_eq!(night.code, 3, "30 of 1203, and all of one file");
    assert!(night.said.contains("30 of 30 rows of orders-7.csv"), "{}", night.said);
}

#[test]
fn sums_beyond_all_bounds_saturate_and_are_said() {
    let mut orders = String::from("date,sku,quantity,unit_price\n");
    for at in 0..1_100 {
        writeln!(orders, "{},HUGE,900000000000,1", before(1 + at % 360)).unwrap();
    }
    (1..=360).for_each(|day| writeln!(orders, "{},TEE,2,1", before(day)).unwrap());
    let night = Shop::of_orders(orders)
        .table("stock", "sku,on_hand\nHUGE,0\nTEE,0\n")
        .table("items", "sku,supplier,unit_cost\nHUGE,S,9000\nTEE,S,1\n")
        .set("[purchasing]\nbudget = 100\n")
        .planned();

    assert_eq!(night.told("exceptions.csv", "DQ006").len(), 1);
    assert!(night.number("HUGE", "mean_daily_demand") > 1e11);
    let plan = night.table("plan.csv");
    let reasons: BTreeSet<&str> = plan.iter().map(|row| row["reason"].as_str()).collect();
    assert!(!reasons.contains("no_demand"), "{reasons:?}");
    assert!((night.number("TEE", "mean_daily_demand") - 2.0).abs() < 0.1);
    // What costs more than can be counted fits no budget.
    let orders = night.table("purchase_orders.csv");
    assert!(orders.iter().all(|row| row["sku"] != "HUGE" || row["state"] == "held"), "{orders:?}");
}
