//! The backorder desk through the front door: who gets what and when, why items run out, what is
//! written to whom, and whether promises are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};

use crate::shop::{restock, rows, unit, write_shop};

type Row = BTreeMap<String, String>;

const DAY: &str = "2026-06-29";

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn run(dir: &Path, as_of: &str) {
    restock(dir).args(["run", "--quiet", "--as-of", as_of]).assert().success();
}

fn table(dir: &Path, as_of: &str, name: &str) -> Vec<Row> {
    rows(&dir.join("runs").join(as_of).join(name))
}

/// The sample's tables and configuration in a folder of their own.
fn sample() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    restock(dir.path()).args(["init", "."]).assert().success();
    dir
}

fn values<'r>(rows: &'r [Row], column: &str) -> BTreeSet<&'r str> {
    rows.iter().map(|row| row[column].as_str()).collect()
}

#[test]
fn the_sample_has_every_cause_a_whole_order_a_limit_and_every_notice_of_a_first_night() {
    let shop = sample();
    run(shop.path(), DAY);
    let risks = table(shop.path(), DAY, "backorder_risk.csv");
    let causes = values(&risks, "cause");
    for cause in [
        "demand_surge",
        "demand_shift",
        "supplier_late",
        "supplier_outage",
        "record_in_doubt",
        "plan_too_thin",
        "not_ordered",
        "discontinued",
    ] {
        assert!(causes.contains(cause), "{cause} is not among {causes:?}");
    }

    // Two of its lines are there, the third is late: all wait for one day, and none is split.
    let promises = table(shop.path(), DAY, "promises.csv");
    let whole: Vec<&Row> = promises.iter().filter(|row| row["order_id"] == "T118901").collect();
    assert_eq!(whole.len(), 3);
    assert!(whole.iter().all(|row| row["allocated_quantity"] == "0"));
    assert_eq!(whole.iter().map(|row| &row["promise_p90"]).collect::<BTreeSet<_>>().len(), 1);
    assert_eq!(whole[0]["reason"], "waits_for_complete_order");
    assert_eq!(whole[2]["reason"], "open_order");

    let limits = table(shop.path(), DAY, "backorder_limits.csv");
    assert!(limits.iter().any(|row| !row["until"].is_empty()));
    let of = |sku: &str| limits.iter().find(|row| row["sku"] == sku).unwrap();
    assert_eq!(of("DI-1043")["accept_more_units"], "0", "nobody sells what is gone");

    let notices = table(shop.path(), DAY, "notices.csv");
    let kinds = values(&notices, "kind");
    for kind in [
        "delay_first",
        "delay_indefinite",
        "cannot_ship",
        "good_news",
        "chase",
        "digest",
        "refund_due",
    ] {
        assert!(kinds.contains(kind), "{kind} is not among {kinds:?}");
    }
    for notice in &notices {
        let file = shop.path().join("runs").join(DAY).join(&notice["file"]);
        assert!(file.is_file(), "{}", notice["file"]);
    }
}

/// Three items that sell steadily, each with an open order and a customer who waits.
fn waiting_shop(expected_on_of_b: &str) -> BTreeMap<&'static str, String> {
    let (mut orders, end) = (String::from("date,sku,quantity\n"), date("2026-06-28"));
    for week in 0..60_u64 {
        for sku in ["A", "B", "C"] {
            writeln!(orders, "{},{sku},{}", end - Days::new(7 * week), 6 + week % 3).unwrap();
        }
    }
    let mut receipts = String::from("po_number,supplier,sku,quantity,ordered_on,received_on\n");
    for order in 0..30_u64 {
        let ordered = end - Days::new(40 + 9 * order);
        let received = ordered + Days::new([9, 10, 10, 11, 12][(order % 5) as usize]);
        writeln!(receipts, "R{order},ACME,A,5,{ordered},{received}").unwrap();
    }
    BTreeMap::from([
        ("orders", orders),
        ("receipts", receipts),
        (
            "items",
            "sku,description,supplier,unit_cost,unit_price\nA,Blue mug,ACME,2,5\n\
             B,Red mug,ACME,2,5\nC,Green mug,ACME,2,5\n"
                .to_owned(),
        ),
        ("stock", "sku,on_hand\nA,0\nB,0\nC,0\n".to_owned()),
        ("suppliers", "supplier,lead_time_days,email\nACME,10,acme@example.com\n".to_owned()),
        (
            "purchase_orders",
            format!(
                "po_number,line,supplier,sku,quantity,ordered_on,expected_on\n\
                 P1,1,ACME,A,40,2026-06-24,2026-07-04\n\
                 P2,1,ACME,B,40,2026-06-24,{expected_on_of_b}\n\
                 P3,1,ACME,C,40,2026-06-24,2026-07-04\n"
            ),
        ),
        (
            "backorders",
            "order_id,line,customer,sku,quantity,ordered_on,promised_on\n\
             O1,1,Adams,A,3,2026-06-20,2026-07-10\nO2,1,Baker,B,3,2026-06-20,2026-07-10\n\
             O3,1,Clark,C,3,2026-06-20,2026-07-10\n"
                .to_owned(),
        ),
        (
            "customers",
            "customer,name,email,consumer\nAdams,Ms Adams,adams@example.com,false\n\
             Baker,Ms Baker,baker@example.com,false\nClark,Ms Clark,clark@example.com,false\n"
                .to_owned(),
        ),
    ])
}

#[test]
fn nothing_new_is_told_when_nothing_changed_and_a_late_delivery_touches_its_own_customer_only() {
    let shop = tempfile::tempdir().unwrap();
    write_shop(shop.path(), &waiting_shop("2026-07-04"), "");
    run(shop.path(), DAY);
    let customers = |day: &str| -> Vec<Row> {
        let all = table(shop.path(), day, "notices.csv");
        all.into_iter().filter(|row| row["audience"] == "customer").collect()
    };
    assert!(customers(DAY).is_empty(), "all promises hold: {:?}", customers(DAY));

    run(shop.path(), "2026-06-30");
    let risks = table(shop.path(), "2026-06-30", "backorder_risk.csv");
    assert_eq!(risks.len(), 3);
    assert_eq!(values(&risks, "status"), BTreeSet::from(["same"]));
    assert!(table(shop.path(), "2026-06-30", "notices.csv").is_empty());

    // The supplier moves one order by eleven days.
    write_shop(shop.path(), &waiting_shop("2026-07-15"), "");
    run(shop.path(), "2026-07-01");
    let told = customers("2026-07-01");
    let [notice] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((&*notice["kind"], &*notice["recipient"]), ("delay_first", "baker@example.com"));
    assert_eq!((&*notice["reference"], &*notice["old_date"]), ("O2", "2026-07-10"));
    let file = shop.path().join("runs/2026-07-01").join(&notice["file"]);
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains("Red mug") && text.contains("Ms Baker"), "{text}");
    for foreign in ["Adams", "Clark", "Blue", "Green", "O1", "O3"] {
        assert!(!text.contains(foreign), "{foreign}: {text}");
    }

    // It is told once; and once more when the new date slips too.
    run(shop.path(), "2026-07-02");
    assert!(customers("2026-07-02").is_empty());
    write_shop(shop.path(), &waiting_shop("2026-07-26"), "");
    run(shop.path(), "2026-07-03");
    let told = customers("2026-07-03");
    let [notice] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((&*notice["kind"], &*notice["reference"]), ("delay_renewed", "O2"));
}

#[test]
fn what_creeps_up_by_little_each_night_is_told_once_it_is_far_from_what_was_told() {
    let shop = tempfile::tempdir().unwrap();
    write_shop(shop.path(), &waiting_shop("2026-07-04"), "");
    run(shop.path(), DAY);
    let file = shop.path().join("runs").join(DAY).join("backorder_risk.csv");
    let night_after_told = |less: f64| -> Vec<Row> {
        let header = csv::Reader::from_path(&file).unwrap().headers().unwrap().clone();
        let mut written = csv::Writer::from_writer(Vec::new());
        written.write_record(&header).unwrap();
        for row in rows(&file) {
            let told = row["stockout_probability"].parse::<f64>().unwrap() - less;
            let cell = |name: &str| match name {
                "told_probability" => format!("{told:.4}"),
                name => row[name].clone(),
            };
            written.write_record(header.iter().map(cell)).unwrap();
        }
        fs::write(&file, written.into_inner().unwrap()).unwrap();
        run(shop.path(), "2026-06-30");
        table(shop.path(), "2026-06-30", "backorder_risk.csv")
    };

    let near = night_after_told(0.03);
    assert_eq!(values(&near, "status"), BTreeSet::from(["same"]));
    let told = |rows: &[Row]| -> BTreeMap<String, String> {
        rows.iter().map(|row| (row["sku"].clone(), row["told_probability"].clone())).collect()
    };
    assert_eq!(told(&near), told(&rows(&file)), "what was told stands");

    let far = night_after_told(0.07);
    assert_eq!(values(&far, "status"), BTreeSet::from(["worse"]));
    assert!(far.iter().all(|row| row["told_probability"] == row["stockout_probability"]));
}

#[test]
fn a_day_that_the_shop_states_anew_goes_before_what_was_told() {
    let shop = tempfile::tempdir().unwrap();
    write_shop(shop.path(), &waiting_shop("2026-07-15"), "");
    run(shop.path(), DAY);
    let of_customers = |day: &str| -> Vec<Row> {
        let all = table(shop.path(), day, "notices.csv");
        all.into_iter().filter(|row| row["audience"] == "customer").collect()
    };
    assert_eq!(of_customers(DAY).len(), 1);

    // The shop has agreed on another day with its customer; the supplier slips within it.
    let mut tables = waiting_shop("2026-07-25");
    let waiting = tables["backorders"]
        .replace("O2,1,Baker,B,3,2026-06-20,2026-07-10", "O2,1,Baker,B,3,2026-06-20,2026-08-05");
    tables.insert("backorders", waiting);
    write_shop(shop.path(), &tables, "");
    run(shop.path(), "2026-06-30");
    assert!(of_customers("2026-06-30").is_empty(), "{:?}", of_customers("2026-06-30"));
    let promises = table(shop.path(), "2026-06-30", "promises.csv");
    assert_eq!(promises[1]["previous_promise"], "2026-08-05");
}

#[test]
fn a_line_that_is_to_be_paid_back_is_served_last() {
    let shop = tempfile::tempdir().unwrap();
    let mut tables = waiting_shop("2026-07-04");
    tables.insert("stock", "sku,on_hand\nA,1\nB,0\nC,0\n".to_owned());
    tables.insert(
        "backorders",
        "order_id,customer,sku,quantity,ordered_on,promised_on,country\n\
         U,Un,A,1,2026-05-01,2026-06-10,US\nE,En,A,1,2026-06-20,2026-07-12,DE\n"
            .to_owned(),
    );
    tables.remove("customers");
    write_shop(shop.path(), &tables, "[notices]\ncancel_by = \"shop@example.com\"");
    run(shop.path(), DAY);
    let refunds = table(shop.path(), DAY, "notices.csv");
    assert!(refunds.iter().any(|row| row["kind"] == "refund_due" && row["reference"] == "U"));

    run(shop.path(), "2026-06-30");
    let promises = table(shop.path(), "2026-06-30", "promises.csv");
    let [e, u] = promises.as_slice() else { panic!("{promises:?}") };
    assert_eq!((&*e["allocated_quantity"], &*u["allocated_quantity"]), ("1", "0"));
}

#[test]
fn who_is_served_first_is_as_the_shop_sets_it() {
    let served = |allocation: &str| -> Vec<String> {
        let shop = tempfile::tempdir().unwrap();
        let settings = format!("[backorders]\nallocation = \"{allocation}\"");
        let mut tables = waiting_shop("2026-07-04");
        tables.insert("stock", "sku,on_hand\nA,6\nB,0\nC,0\n".to_owned());
        let mut waiting = "order_id,customer,sku,quantity,ordered_on,promised_on,priority\n\
                           O1,Adams,A,3,2026-06-20,2026-07-10,\n"
            .to_owned();
        tables.insert("backorders", waiting.clone());
        write_shop(shop.path(), &tables, &settings);
        run(shop.path(), DAY);

        // On the next day one is owed an earlier date, and one goes before all others.
        waiting +=
            "EARLY,Baker,A,3,2026-06-29,2026-06-30,\nVIP,Clark,A,3,2026-06-29,2026-07-20,1\n";
        tables.insert("backorders", waiting);
        write_shop(shop.path(), &tables, &settings);
        run(shop.path(), "2026-06-30");
        let promises = table(shop.path(), "2026-06-30", "promises.csv");
        let has_its_units = |row: &&Row| row["allocated_quantity"] == "3";
        promises.iter().filter(has_its_units).map(|row| row["order_id"].clone()).collect()
    };
    assert_eq!(served("keep"), ["O1", "VIP"]);
    assert_eq!(served("redistribute"), ["EARLY", "VIP"]);
    assert_eq!(served("last"), ["EARLY", "O1"]);
}

#[test]
fn a_target_that_is_too_low_is_told_with_the_next_one_and_what_it_would_do() {
    let shop = tempfile::tempdir().unwrap();
    let mut orders = String::from("date,sku,quantity\n");
    for day in 1..700_u64 {
        let units = (0..8).filter(|part| unit(8 * day + part) < 0.25).count();
        writeln!(orders, "{},A,{units}", date(DAY) - Days::new(day)).unwrap();
    }
    let tables = BTreeMap::from([("orders", orders), ("stock", "sku,on_hand\nA,34\n".to_owned())]);
    let settings = "[plan]\nlead_time_days = 14\nreview_period_days = 1\n\
                    target = { cycle_service_level = 0.6 }";
    write_shop(shop.path(), &tables, settings);
    run(shop.path(), DAY);
    let risks = table(shop.path(), DAY, "backorder_risk.csv");
    let [risk] = risks.as_slice() else { panic!("{risks:?}") };
    assert_eq!(risk["cause"], "plan_too_thin");
    let action = &risk["action"];
    let told =
        action.strip_prefix("if this happens often, raise the item's target from 60 to 90 %, for ");
    let (units, effect) = told.and_then(|told| told.split_once(" units more in stock: ")).unwrap();
    let percents: Vec<f64> =
        effect.split(" → ").map(|text| text.trim_end_matches(" %").parse().unwrap()).collect();
    assert!((3..=9).contains(&units.parse::<u32>().unwrap()), "{action}");
    assert!(percents[0] > percents[1] + 5.0 && percents[1] <= 10.0, "{action}");
}

#[test]
fn rows_in_another_order_give_the_same_promises() {
    let shop = tempfile::tempdir().unwrap();
    let mut tables = waiting_shop("2026-07-04");
    write_shop(shop.path(), &tables, "");
    run(shop.path(), DAY);
    let before = fs::read(shop.path().join("runs").join(DAY).join("promises.csv")).unwrap();

    let text = &tables["backorders"];
    let (header, lines) = text.split_once('\n').unwrap();
    let reversed: Vec<&str> = lines.lines().rev().collect();
    tables.insert("backorders", format!("{header}\n{}\n", reversed.join("\n")));
    write_shop(shop.path(), &tables, "");
    run(shop.path(), DAY);
    assert!(before == fs::read(shop.path().join("runs").join(DAY).join("promises.csv")).unwrap());
}

/// A delivery of the sample's receipts.
struct Delivery {
    row: Row,
    ordered_on: NaiveDate,
    promised_on: NaiveDate,
    received_on: NaiveDate,
}

fn deliveries() -> Vec<Delivery> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/receipts.csv");
    let delivery = |row: Row| {
        let day = |name: &str| row[name].parse().ok();
        let (ordered_on, promised_on) = (day("ordered_on")?, day("promised_on")?);
        Some(Delivery { ordered_on, promised_on, received_on: day("received_on")?, row })
    };
    rows(&path).into_iter().filter_map(delivery).collect()
}

/// The deliveries that were open on a day as the tables of that day, with a customer for each.
fn shop_of(day: NaiveDate, deliveries: &[Delivery]) -> BTreeMap<&'static str, String> {
    let mut receipts =
        String::from("po_number,supplier,sku,quantity,ordered_on,promised_on,received_on\n");
    let mut open = String::from("po_number,line,supplier,sku,quantity,ordered_on,expected_on\n");
    let mut waiting = String::from("order_id,sku,quantity,ordered_on\n");
    let (mut orders, mut items, mut stock) = (
        String::from("date,sku,quantity\n"),
        String::from("sku,supplier\n"),
        String::from("sku,on_hand\n"),
    );

    let mut skus = BTreeSet::new();
    for (number, delivery) in deliveries.iter().enumerate() {
        let Delivery { row, ordered_on, promised_on, received_on } = delivery;
        let sku = format!("{}@{}", row["sku"], row["location"]);
        let (po_number, supplier, quantity) =
            (&row["po_number"], &row["supplier"], &row["quantity"]);
        if *received_on < day {
            writeln!(
                receipts,
                "{po_number},{supplier},{sku},{quantity},{ordered_on},{promised_on},{received_on}"
            )
            .unwrap();
        } else if *ordered_on < day {
            writeln!(
                open,
                "{po_number},{number},{supplier},{sku},{quantity},{ordered_on},{promised_on}"
            )
            .unwrap();
            let before = day - Days::new(30);
            writeln!(waiting, "O{number:05},{sku},{quantity},{before}").unwrap();
            if skus.insert(sku.clone()) {
                writeln!(items, "{sku},{supplier}").unwrap();
                writeln!(stock, "{sku},0").unwrap();
                writeln!(orders, "{},{sku},1", day - Days::new(9)).unwrap();
            }
        }
    }
    BTreeMap::from([
        ("orders", orders),
        ("items", items),
        ("stock", stock),
        ("receipts", receipts),
        ("purchase_orders", open),
        ("backorders", waiting),
    ])
}

#[test]
fn promises_are_kept_as_often_as_they_say_where_receipts_say_what_came() {
    let deliveries = deliveries();
    let last = deliveries.iter().map(|delivery| delivery.received_on).max().unwrap();
    let (mut lines, mut by_p50, mut by_p90) = (0, 0.0, 0.0);
    for fortnight in 2..22 {
        let day = last - Days::new(14 * fortnight);
        let shop = tempfile::tempdir().unwrap();
        write_shop(shop.path(), &shop_of(day, &deliveries), "");
        run(shop.path(), &day.to_string());

        let mut owed: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for row in table(shop.path(), &day.to_string(), "promises.csv") {
            owed.entry(row["sku"].clone()).or_default().push(row);
        }
        for (sku, claims) in owed {
            // What came of the lines that were open, in the order in which it came.
            let mut came: Vec<(NaiveDate, f64)> = deliveries
                .iter()
                .filter(|it| format!("{}@{}", it.row["sku"], it.row["location"]) == sku)
                .filter(|it| it.ordered_on < day && it.received_on >= day)
                .map(|it| (it.received_on, it.row["quantity"].parse().unwrap()))
                .collect();
            came.sort_by_key(|(day, _)| *day);

            let mut claimed = 0.0;
            for claim in claims {
                claimed += claim["quantity"].parse::<f64>().unwrap();
                let mut there = 0.0;
                let shipped = came.iter().find(|(_, units)| {
                    there += units;
                    there >= claimed
                });
                let shipped = shipped.unwrap().0;
                let kept = |promised: &str| f64::from(u8::from(shipped <= date(promised)));
                lines += 1;
                by_p50 += kept(&claim["promise_p50"]);
                by_p90 += kept(&claim["promise_p90"]);
            }
        }
    }

    let (by_p50, by_p90) = (by_p50 / f64::from(lines), by_p90 / f64::from(lines));
    assert!(lines > 500, "{lines} lines");
    assert!((0.45..=0.55).contains(&by_p50), "P50 held {by_p50:.3} of {lines}");
    assert!((0.87..=0.945).contains(&by_p90), "P90 held {by_p90:.3} of {lines}");
}
