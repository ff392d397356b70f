//! The orders of the next 26 weeks and what falls due for them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use crate::shop::{restock, rows, write_shop};

/// Days of history before the first night; both are Mondays.
const DAYS: u64 = 3 * 364;
/// Days within which orders are projected.
const AHEAD: u64 = 182;

type Row = BTreeMap<String, String>;

fn day(day: u64) -> chrono::NaiveDate {
    let first: chrono::NaiveDate = "2023-06-05".parse().unwrap();
    first + chrono::Days::new(day)
}

fn date(of: u64) -> String {
    day(of).to_string()
}

/// The day of a date, counted from the first one of the history.
fn number(date: &str) -> u64 {
    let date: chrono::NaiveDate = date.parse().unwrap();
    (date - day(0)).num_days() as u64
}

/// Units asked for on a day: five on average, of SUMMER from one to nine with the year.
fn demand(sku: &str, day: u64) -> u64 {
    match sku {
        "SUMMER" => {
            let phase = (day % 364) as f64 / 364.0 * std::f64::consts::TAU;
            (5.0 + 4.0 * libm::cos(phase)).round() as u64
        }
        _ => [4, 5, 6, 5, 5, 4, 6][(day % 7) as usize],
    }
}

const SKUS: [&str; 6] = ["STEADY", "SUMMER", "ENDS", "MONTHU", "PHASE", "NOCOST"];

/// A shop whose items sell without any chance.
#[derive(Clone)]
struct Shop {
    night: u64,
    on_hand: BTreeMap<&'static str, u64>,
    /// Open lines: number, supplier, item, units, ordered and expected.
    open: Vec<(String, &'static str, &'static str, u64, u64, u64)>,
    suppliers: &'static str,
    closures: String,
    settings: &'static str,
}

const SUPPLIERS: &str = "supplier,lead_time_days,review_period_days,order_weekdays\n\
    WEEKLY,14,7,\nDAYS,10,,mon|thu\n";

fn shop() -> Shop {
    Shop {
        night: DAYS,
        on_hand: SKUS.map(|sku| (sku, 120)).into(),
        open: Vec::new(),
        suppliers: SUPPLIERS,
        closures: String::from("supplier,from,to\n"),
        settings: "[forecast]\nhorizon = 26",
    }
}

fn supplier(sku: &str) -> &'static str {
    if sku == "MONTHU" { "DAYS" } else { "WEEKLY" }
}

impl Shop {
    fn write(&self, dir: &Path) {
        let mut orders = String::from("date,sku,quantity\n");
        for at in 0..self.night {
            for sku in SKUS {
                writeln!(orders, "{},{sku},{}", date(at), demand(sku, at)).unwrap();
            }
        }
        let end = date(DAYS + 70);
        let mut items =
            String::from("sku,supplier,unit_cost,unit_price,pack_size,moq,status,end_date\n");
        for sku in SKUS {
            let cost = if sku == "NOCOST" { "" } else { "3.33" };
            let status = if sku == "PHASE" { "phase_out" } else { "active" };
            let end = if sku == "ENDS" { end.as_str() } else { "" };
            let pack = if sku == "MONTHU" { 1 } else { 10 };
            let supplier = supplier(sku);
            writeln!(items, "{sku},{supplier},{cost},9,{pack},,{status},{end}").unwrap();
        }
        let mut stock = String::from("sku,on_hand\n");
        for (sku, units) in &self.on_hand {
            writeln!(stock, "{sku},{units}").unwrap();
        }
        let mut open = String::from("po_number,supplier,sku,quantity,ordered_on,expected_on\n");
        for (number, supplier, sku, units, ordered, expected) in &self.open {
            let (ordered, expected) = (date(*ordered), date(*expected));
            writeln!(open, "{number},{supplier},{sku},{units},{ordered},{expected}").unwrap();
        }
        let tables = BTreeMap::from([
            ("orders", orders),
            ("items", items),
            ("suppliers", self.suppliers.to_owned()),
            ("closures", self.closures.clone()),
            ("purchase_orders", open),
            ("stock", stock),
        ]);
        write_shop(dir, &tables, self.settings);
    }

    /// The directory of the night's run, beside that which keeps it.
    fn run(&self) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        self.write(dir.path());
        let as_of = date(self.night);
        restock(dir.path()).args(["run", "-q", "--as-of", &as_of]).assert().success();
        let run = dir.path().join("runs").join(as_of);
        (dir, run)
    }
}

fn of_item<'a>(rows: &'a [Row], sku: &str) -> Vec<&'a Row> {
    rows.iter().filter(|row| row["sku"] == sku).collect()
}

fn units(rows: &[&Row]) -> f64 {
    rows.iter().map(|row| row["quantity"].parse::<f64>().unwrap()).sum()
}

fn tonight(run: &Path, sku: &str) -> f64 {
    let orders = rows(&run.join("purchase_orders.csv"));
    units(&of_item(&orders, sku))
}

#[test]
fn projected_orders_buy_what_sells_on_order_dates_and_nothing_that_ends() {
    let mut shop = shop();
    let closed = (DAYS + 42, DAYS + 55);
    writeln!(shop.closures, "DAYS,{},{}", date(closed.0), date(closed.1)).unwrap();
    let (_dir, run) = shop.run();
    let projected = rows(&run.join("projected_orders.csv"));
    let plan = rows(&run.join("plan.csv"));

    // What is bought is what is sold, but for what is there more or less at the end.
    let steady = of_item(&projected, "STEADY");
    let level = |name: &str| of_item(&plan, "STEADY")[0][name].parse::<f64>().unwrap();
    let (low, high) = (level("reorder_point"), level("order_up_to_level"));
    let position = 120.0 + tonight(&run, "STEADY");
    let left = position + units(&steady) - 5.0 * AHEAD as f64;
    let one_order = units(&steady) / steady.len() as f64;
    assert!(left >= low - one_order - 35.0 && left <= high + 10.0, "{left}: {low} to {high}");

    for row in &projected {
        let (ordered, arrives) = (number(&row["order_date"]), number(&row["arrival_date"]));
        assert!(ordered > DAYS && ordered < DAYS + AHEAD, "{row:?}");
        let units: u64 = row["quantity"].parse().unwrap();
        match row["supplier"].as_str() {
            "WEEKLY" => assert_eq!((ordered % 7, arrives - ordered, units % 10), (0, 14, 0)),
            _ => {
                assert!([0, 3].contains(&(ordered % 7)), "{row:?}");
                assert!(!(closed.0..=closed.1).contains(&ordered), "{row:?}");
                assert!(!(closed.0..=closed.1).contains(&arrives), "{row:?}");
                // Ten days on which the supplier works.
                let shut = (ordered + 1..=arrives).filter(|at| (closed.0..=closed.1).contains(at));
                assert_eq!(arrives - ordered - shut.count() as u64, 10, "{row:?}");
            }
        }
        let value: f64 = row["value"].parse().unwrap_or(f64::NAN);
        assert_eq!(row["sku"] == "NOCOST", value.is_nan());
        assert!(value.is_nan() || (value - 3.33 * units as f64).abs() < 0.006);
    }
    let sorted: Vec<_> = projected
        .iter()
        .map(|row| ["supplier", "sku", "location", "order_date"].map(|name| row[name].clone()))
        .collect();
    assert!(sorted.is_sorted());

    // Two weeks without an order date are bought for on the last one whose order arrives before.
    let monthu = of_item(&projected, "MONTHU");
    let largest = monthu.iter().max_by_key(|row| row["quantity"].parse::<u64>().unwrap()).unwrap();
    let around = number(&largest["order_date"]);
    assert!(around + 14 >= closed.0 && around < closed.0, "{largest:?}");

    assert!(of_item(&projected, "PHASE").is_empty());
    let ends = of_item(&projected, "ENDS");
    let last = ends.iter().map(|row| number(&row["arrival_date"])).max().unwrap();
    assert!(last < DAYS + 70, "arrives on day {}", last - DAYS);
    let bought = 120.0 + tonight(&run, "ENDS") + units(&ends);
    assert!((bought - 5.0 * 71.0).abs() <= 40.0, "{bought} for {}", 5 * 71);

    // What is bought for the summer is what is forecast, far less when it is over.
    let forecast = rows(&run.join("forecast.csv"));
    let forecast = of_item(&forecast, "SUMMER");
    let asked_for: f64 = forecast.iter().map(|row| row["mean"].parse::<f64>().unwrap()).sum();
    let summer = of_item(&projected, "SUMMER");
    let left = 120.0 + tonight(&run, "SUMMER") + units(&summer) - asked_for;
    let low: f64 = of_item(&plan, "SUMMER")[0]["reorder_point"].parse().unwrap();
    assert!(forecast.len() == 26 && left > 0.0 && left < low, "{left} of {asked_for}, {low}");
    let (first, second): (Vec<&Row>, Vec<&Row>) =
        summer.iter().copied().partition(|row| number(&row["order_date"]) < DAYS + AHEAD / 2);
    assert!(units(&second) < 0.75 * units(&first), "{} {}", units(&first), units(&second));
}

#[test]
fn whatever_the_policy_and_the_bucket_what_sells_is_bought() {
    let cost =
        "target = { cost = { holding = 0.25, shortage = 1.0, per = \"year\", as = \"share\" } }";
    let lost: &str = &format!("[plan]\npolicy = \"rS\"\nunmet_demand = \"lost\"\n{cost}");
    let settings = [
        "[run]\nbucket = \"day\"",
        "[run]\nbucket = \"month\"",
        "[plan]\npolicy = \"rS\"",
        "[plan]\npolicy = \"rsnQ\"",
        "[plan]\norder_cost = 40\nholding_cost_per_year = 0.25",
        lost,
    ];
    for settings in settings {
        let dir = tempfile::tempdir().unwrap();
        Shop { settings: "", ..shop() }.write(dir.path());
        let config = dir.path().join("restock.toml");
        let inputs = std::fs::read_to_string(&config).unwrap();
        std::fs::write(&config, format!("{inputs}\n{settings}\n")).unwrap();
        let as_of = date(DAYS);
        restock(dir.path()).args(["run", "-q", "--as-of", &as_of]).assert().success();

        let run = dir.path().join("runs").join(as_of);
        let projected = rows(&run.join("projected_orders.csv"));
        for sku in ["STEADY", "MONTHU"] {
            let later = of_item(&projected, sku);
            let left = 120.0 + tonight(&run, sku) + units(&later) - 5.0 * AHEAD as f64;
            let largest =
                later.iter().map(|row| row["quantity"].parse().unwrap()).fold(0.0, f64::max);
            // Stock for the lead time and the review, and at most one order more.
            assert!(left > 20.0 && left < 150.0 + largest, "{settings}: {left} of {sku} are left");
        }
    }
}

#[test]
fn projected_orders_are_those_that_the_nights_then_write() {
    let (_dir, run) = shop().run();
    let projected = rows(&run.join("projected_orders.csv"));

    let mut shop = shop();
    let mut real: BTreeMap<&str, Vec<(u64, u64)>> = BTreeMap::new();
    let nights: Vec<u64> = (DAYS..DAYS + 56).filter(|at| [0, 3].contains(&(at % 7))).collect();
    for (at, night) in nights.iter().enumerate() {
        shop.night = *night;
        let (_dir, run) = shop.run();
        for line in rows(&run.join("purchase_orders.csv")) {
            let sku = SKUS.into_iter().find(|sku| *sku == line["sku"]).unwrap();
            let units: u64 = line["quantity"].parse().unwrap();
            let expected = number(&line["requested_date"]);
            let number = line["po_number"].clone();
            shop.open.push((number, supplier(sku), sku, units, *night, expected));
            if *night > DAYS {
                real.entry(sku).or_default().push((*night, units));
            }
        }
        // The days until the next night: what arrives is there before the day's demand.
        let next = nights.get(at + 1).copied().unwrap_or(*night + 4);
        for today in *night..next {
            for (.., sku, units, _, _) in shop.open.iter().filter(|line| line.5 == today) {
                *shop.on_hand.get_mut(sku).unwrap() += units;
            }
            shop.open.retain(|line| line.5 != today);
            for (sku, units) in &mut shop.on_hand {
                *units = units.saturating_sub(demand(sku, today));
            }
        }
    }

    for sku in ["STEADY", "SUMMER", "MONTHU", "NOCOST"] {
        let of_eight_weeks: Vec<(u64, f64)> = of_item(&projected, sku)
            .iter()
            .map(|row| (number(&row["order_date"]), row["quantity"].parse().unwrap()))
            .filter(|(at, _)| *at < DAYS + 56)
            .collect();
        let came = &real[sku];
        let said: f64 = of_eight_weeks.iter().map(|(_, units)| units).sum();
        let wrote: f64 = came.iter().map(|(_, units)| *units as f64).sum();
        println!("{sku}: projected {said} {of_eight_weeks:?}, written {wrote} {came:?}");
        let one = wrote / came.len() as f64;
        assert!((said - wrote).abs() <= (0.15 * wrote).max(one), "{sku}: {said} for {wrote}");
        let (first_said, first_wrote) = (of_eight_weeks[0].0, came[0].0);
        assert!(first_said.abs_diff(first_wrote) <= 7, "{sku}: {first_said} for {first_wrote}");
    }
}

/// Amounts of a column of `cash.csv` in hundredths, by supplier.
fn cents(cash: &[Row], supplier: &str, column: &str) -> i64 {
    let of_supplier = cash.iter().filter(|row| row["supplier"] == supplier);
    of_supplier.map(|row| hundredths(&row[column])).sum()
}

fn hundredths(amount: &str) -> i64 {
    let (whole, part) = amount.split_once('.').unwrap();
    assert_eq!(part.len(), 2, "{amount}");
    whole.parse::<i64>().unwrap() * 100 + part.parse::<i64>().unwrap()
}

const TERMS: &str = "supplier,lead_time_days,review_period_days,order_weekdays,\
    currency,payment_days,deposit_share\n\
    WEEKLY,14,7,,EUR,30,0.333\nDAYS,10,,mon|thu,USD,,\n";

#[test]
fn cash_falls_due_by_the_terms_and_no_cent_is_lost() {
    let mut shop = shop();
    shop.suppliers = TERMS;
    shop.settings = "[currency]\nbase = \"EUR\"\nrates = { USD = 0.9 }";
    // Stock for a few days, so that much is ordered tonight.
    shop.on_hand.values_mut().for_each(|units| *units = 7);
    let open = |number: &str, sku, units, ordered, expected| {
        (number.to_owned(), supplier(sku), sku, units, ordered, expected)
    };
    shop.open = vec![
        open("P1", "STEADY", 41, DAYS - 10, DAYS + 4),
        // Overdue by a week.
        open("P2", "SUMMER", 29, DAYS - 21, DAYS - 7),
        open("P3", "NOCOST", 13, DAYS - 3, DAYS + 11),
        open("P4", "MONTHU", 17, DAYS - 3, DAYS + 7),
    ];
    let (dir, run) = shop.run();
    let (cash, lines) = (rows(&run.join("cash.csv")), rows(&run.join("purchase_orders.csv")));
    let projected = rows(&run.join("projected_orders.csv"));

    let keys: Vec<_> =
        cash.iter().map(|row| ["week_start", "supplier", "currency"].map(|it| &row[it])).collect();
    assert!(keys.is_sorted() && keys.iter().collect::<BTreeSet<_>>().len() == cash.len());
    for row in &cash {
        assert_eq!(number(&row["week_start"]) % 7, 0, "{row:?}");
        assert!(number(&row["week_start"]) >= DAYS, "{row:?} lies in the past");
        let due = ["due_open", "due_tonight", "due_projected"].map(|name| hundredths(&row[name]));
        assert!(due.iter().any(|due| *due != 0), "{row:?}");
        assert_eq!(row["currency"], if row["supplier"] == "DAYS" { "USD" } else { "EUR" });
    }

    for supplier in ["WEEKLY", "DAYS"] {
        let of_supplier = |row: &&Row| row["supplier"] == supplier;
        let priced = lines.iter().filter(of_supplier).filter(|row| !row["line_total"].is_empty());
        let sent: i64 = priced.clone().map(|row| hundredths(&row["line_total"])).sum();
        assert!(sent > 0 && priced.clone().all(|row| row["state"] == "suggested"));
        assert_eq!(cents(&cash, supplier, "due_tonight"), sent, "{supplier}");

        // 3.33 a unit, whole cents.
        let later = projected.iter().filter(of_supplier).filter(|row| row["sku"] != "NOCOST");
        let units: i64 = later.map(|row| row["quantity"].parse::<i64>().unwrap()).sum();
        assert_eq!(cents(&cash, supplier, "due_projected"), 333 * units, "{supplier}");
    }
    // The deposit of tonight's in this week, each line's rounded by itself; the rest two weeks and
    // thirty days later.
    let weekly = lines.iter().filter(|row| row["supplier"] == "WEEKLY");
    let totals = weekly.filter(|row| !row["line_total"].is_empty());
    let deposits: i64 =
        totals.map(|row| (hundredths(&row["line_total"]) as f64 * 0.333).round() as i64).sum();
    let due_in = |supplier: &str, week: u64, column: &str| {
        let of_week: Vec<Row> =
            cash.iter().filter(|row| row["week_start"] == date(DAYS + 7 * week)).cloned().collect();
        cents(&of_week, supplier, column)
    };
    assert_eq!(due_in("WEEKLY", 0, "due_tonight"), deposits);
    let sent = cents(&cash, "WEEKLY", "due_tonight");
    assert_eq!(due_in("WEEKLY", (14 + 30) / 7, "due_tonight"), sent - deposits);
    // Without terms all is due when the goods arrive.
    assert_eq!(due_in("DAYS", 1, "due_open"), 17 * 333);

    // The deposits of open orders were paid when they were ordered; the overdue one is due by the
    // day on which it is expected now.
    let rest = |units: i64| units * 333 - ((units * 333) as f64 * 0.333).round() as i64;
    assert_eq!(cents(&cash, "WEEKLY", "due_open"), rest(41) + rest(29));
    assert_eq!(due_in("WEEKLY", (4 + 30) / 7, "due_open"), rest(41));
    assert_eq!(due_in("WEEKLY", (7 + 30) / 7, "due_open"), rest(29));

    // The summary adds up what falls due within four weeks, in the base currency.
    let soon = |row: &&Row| number(&row["week_start"]) < DAYS + 28;
    let in_base: f64 = cash
        .iter()
        .filter(soon)
        .map(|row| {
            let due = ["due_open", "due_tonight", "due_projected"];
            let due: i64 = due.into_iter().map(|name| hundredths(&row[name])).sum();
            due as f64 / 100.0 * if row["currency"] == "USD" { 0.9 } else { 1.0 }
        })
        .sum();
    let again = restock(dir.path()).args(["run", "--as-of", &date(DAYS)]).assert().success();
    let summary = String::from_utf8_lossy(&again.get_output().stderr).replace(',', "");
    let said = format!("Money ahead: {in_base:.2} EUR fall due within 4 weeks");
    assert!(summary.contains(&said), "{said} is not in {summary}");

    let found = rows(&run.join("exceptions.csv"));
    let found: Vec<_> = found.iter().filter(|row| row["code"] == "DQ125").collect();
    let [found] = found.as_slice() else { panic!("{found:?}") };
    let (tonight, later) = (tonight(&run, "NOCOST"), of_item(&projected, "NOCOST"));
    let said = format!(
        "1 open line of 13 units, 1 tonight line of {tonight} units, {} projected lines of {} \
         units",
        later.len(),
        units(&later)
    );
    assert!(found["message"].contains(&said), "{} instead of {said}", found["message"]);
}

#[test]
fn what_does_not_go_out_tonight_is_expected_later_and_bad_terms_cost_themselves() {
    let mut shop = shop();
    shop.suppliers = "supplier,lead_time_days,review_period_days,order_weekdays,\
        currency,payment_days,deposit_share\n\
        WEEKLY,14,7,,EUR,soon,1.5\nDAYS,10,,mon|thu,EUR,30,0\n";
    shop.on_hand.values_mut().for_each(|units| *units = 7);
    let (_dir, run) = shop.run();
    let cash = rows(&run.join("cash.csv"));
    let lines = rows(&run.join("purchase_orders.csv"));
    let left_out = rows(&run.join("exceptions.csv"));
    let of_terms = |row: &&Row| row["table"] == "suppliers" && row["row"] == "1";
    assert_eq!(left_out.iter().filter(of_terms).count(), 2, "{left_out:?}");
    // Without readable terms all is due on arrival.
    let sent: i64 = lines
        .iter()
        .filter(|row| row["supplier"] == "WEEKLY" && !row["line_total"].is_empty())
        .map(|row| hundredths(&row["line_total"]))
        .sum();
    let due: Vec<Row> =
        cash.iter().filter(|row| row["week_start"] == date(DAYS + 14)).cloned().collect();
    assert_eq!(cents(&due, "WEEKLY", "due_tonight"), sent);

    // Nothing is sent that nobody approves: it is due later.
    shop.settings = "[purchasing]\nhandover = \"approve\"";
    let (_dir, waiting) = shop.run();
    let cash = rows(&waiting.join("cash.csv"));
    assert_eq!(cents(&cash, "WEEKLY", "due_tonight") + cents(&cash, "DAYS", "due_tonight"), 0);
    let (now, then) = (rows(&run.join("projected_orders.csv")), waiting);
    let then = rows(&then.join("projected_orders.csv"));
    let first = of_item(&then, "STEADY")[0];
    assert_eq!(first["order_date"], date(DAYS + 7));
    let more = units(&of_item(&then, "STEADY")) - units(&of_item(&now, "STEADY"));
    let sent = tonight(&run, "STEADY");
    assert!((more - sent).abs() <= 40.0, "{more} more are expected later, {sent} were ordered");
}
