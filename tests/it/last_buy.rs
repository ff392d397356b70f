//! Items that are sold until a day that is known: the last order, and none after it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::shop::{restock, rows, unit, write_shop};

/// Days of history before the first night; both are Mondays.
const DAYS: u64 = 728;
/// From order to delivery, and from one order date to the next.
const LEAD_DAYS: u64 = 21;
const REVIEW_DAYS: u64 = 7;

fn date(day: u64) -> String {
    let first: chrono::NaiveDate = "2024-06-03".parse().unwrap();
    (first + chrono::Days::new(day)).to_string()
}

/// Units asked for on a day: two on average.
fn demand(day: u64) -> u64 {
    1 + u64::from(unit(day) < 0.5) * 2
}

/// One steady item on one night.
#[derive(Clone)]
struct Shop {
    night: u64,
    /// Last day on sale, counted from the first night.
    end: Option<u64>,
    price: Option<f64>,
    cost: f64,
    moq: u64,
    pack: u64,
    on_hand: u64,
    /// Units on order, and the day on which they come.
    open: Option<(u64, u64)>,
}

/// The first night, four weeks before the last day, with stock for five days.
fn shop() -> Shop {
    Shop {
        night: DAYS,
        end: Some(27),
        price: Some(10.0),
        cost: 4.0,
        moq: 0,
        pack: 0,
        on_hand: 10,
        open: None,
    }
}

impl Shop {
    fn write(&self, dir: &Path) {
        let mut orders = String::from("date,sku,quantity\n");
        for day in 0..self.night {
            writeln!(orders, "{},X,{}", date(day), demand(day)).unwrap();
        }
        let end = self.end.map(|end| date(DAYS + end)).unwrap_or_default();
        let price = self.price.map(|price| price.to_string()).unwrap_or_default();
        let items = format!(
            "sku,supplier,unit_cost,unit_price,end_date,moq,pack_size\n\
             X,ACME,{},{price},{end},{},{}\n",
            self.cost, self.moq, self.pack
        );
        let suppliers =
            format!("supplier,lead_time_days,review_period_days\nACME,{LEAD_DAYS},{REVIEW_DAYS}\n");
        let mut open = String::from("po_number,supplier,sku,quantity,ordered_on,expected_on\n");
        if let Some((units, day)) = self.open {
            let (ordered, expected) = (date(day - LEAD_DAYS), date(day));
            writeln!(open, "P1,ACME,X,{units},{ordered},{expected}").unwrap();
        }
        let tables = BTreeMap::from([
            ("orders", orders),
            ("items", items),
            ("suppliers", suppliers),
            ("purchase_orders", open),
            ("stock", format!("sku,on_hand\nX,{}\n", self.on_hand)),
        ]);
        write_shop(dir, &tables, "");
    }

    /// The item's row of the plan.
    fn planned(&self) -> BTreeMap<String, String> {
        let dir = tempfile::tempdir().unwrap();
        self.write(dir.path());
        let night = date(self.night);
        restock(dir.path()).args(["run", "--quiet", "--as-of", &night]).assert().success();
        rows(&dir.path().join("runs").join(night).join("plan.csv")).pop().unwrap()
    }

    fn printed(&self, args: &[&str]) -> String {
        let dir = tempfile::tempdir().unwrap();
        self.write(dir.path());
        let night = date(self.night);
        let output = restock(dir.path()).args(args).args(["--as-of", &night]).output().unwrap();
        assert!(output.status.success(), "{args:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

fn said(row: &BTreeMap<String, String>) -> (&str, &str) {
    (&row["decision"], &row["reason"])
}

fn ordered(row: &BTreeMap<String, String>) -> f64 {
    let is_ordered = row["decision"] == "order";
    if is_ordered { row["order_quantity"].parse().unwrap() } else { 0.0 }
}

#[test]
fn the_last_order_leads_to_the_quantile_at_the_critical_ratio() {
    let shop = shop();
    let row = shop.planned();
    assert_eq!(said(&row), ("order", "last_buy"), "{row:?}");

    // A margin of 6 beside a cost of 4: 6 / (6 + 4) = 0.6 of the four weeks' demand.
    let args =
        ["forecast", "X", "--total", "--horizon", "4", "--quantiles", "0.6", "--format", "csv"];
    let forecast = shop.printed(&args);
    let total: f64 =
        forecast.lines().nth(1).unwrap().split(',').next_back().unwrap().parse().unwrap();
    assert!((50.0..66.0).contains(&total), "{forecast}");
    assert_eq!(ordered(&row), total - 10.0, "{row:?}");
    assert_eq!(row["order_up_to_level"].parse::<f64>().unwrap(), total);

    let told = shop.printed(&["explain", "X"]);
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    let step = format!("last buy: demand until {} at level 0.60", date(DAYS + 27));
    assert!(told.contains(&step) && told.contains("order (last_buy)"), "{told}");
}

#[test]
fn a_higher_price_never_buys_less_and_none_that_earns_nothing_buys_at_all() {
    let quantities: Vec<f64> = [3.0, 4.0, 4.4, 6.0, 10.0, 40.0, 4_000.0]
        .map(|price| ordered(&Shop { price: Some(price), ..shop() }.planned()))
        .to_vec();
    assert!(quantities.windows(2).all(|pair| pair[0] <= pair[1]), "{quantities:?}");
    assert_eq!(quantities[..2], [0.0, 0.0]);
    assert!(quantities[6] > quantities[3] && quantities[3] > 0.0, "{quantities:?}");

    // Without a price the target's level takes the place of the ratio: 0.95.
    let by_target = ordered(&Shop { price: None, ..shop() }.planned());
    assert_eq!(by_target, ordered(&Shop { price: Some(80.0), ..shop() }.planned()));
}

#[test]
fn packs_are_rounded_to_what_earns_most_and_a_minimum_that_loses_is_not_ordered() {
    let need = ordered(&shop().planned());
    let pack = (0.8 * need).round();
    assert_eq!(ordered(&Shop { pack: pack as u64, ..shop() }.planned()), pack);
    let small = Shop { pack: 6, ..shop() }.planned();
    assert!((ordered(&small) - need).abs() <= 6.0 && ordered(&small) % 6.0 == 0.0, "{small:?}");

    let row = Shop { moq: 500, ..shop() }.planned();
    assert_eq!(said(&row), ("no_need", "last_buy_loses"));
    assert_eq!(row["order_quantity"], "0");
    // Where a unit costs next to nothing the same minimum earns more than it leaves.
    let cheap = Shop { moq: 100, cost: 0.2, ..shop() }.planned();
    assert_eq!((said(&cheap), ordered(&cheap)), (("order", "last_buy"), 100.0));
}

#[test]
fn nothing_is_ordered_after_the_last_order() {
    let bought = ordered(&shop().planned()) as u64;
    let comes = DAYS + LEAD_DAYS;
    let mut on_hand = shop().on_hand;
    for night in DAYS + 1..=DAYS + 30 {
        on_hand = on_hand.saturating_sub(demand(night - 1));
        // A delivery of the day before has been unloaded.
        on_hand += if night == comes + 1 { bought } else { 0 };
        if ![1, 3, 7, 14, 21, 26, 28, 30].contains(&(night - DAYS)) {
            continue;
        }
        let open = (night <= comes).then_some((bought, comes));
        let row = Shop { night, on_hand, open, ..shop() }.planned();
        assert_eq!(row["decision"], "no_need", "{} nights later: {row:?}", night - DAYS);
        assert_eq!(row["reason"] == "discontinued", night > DAYS + 27, "{row:?}");
    }
}

#[test]
fn an_end_that_is_far_away_changes_nothing_and_one_order_covers_what_is_left_of_a_near_one() {
    let endless = Shop { end: None, ..shop() }.planned();
    assert_eq!(said(&endless), ("order", "at_reorder_point"));
    let far = Shop { end: Some(300), ..shop() }.planned();
    assert_eq!((said(&far), ordered(&far)), (said(&endless), ordered(&endless)));

    // A later order could still come, and would find nothing left to cover.
    let near = Shop { end: Some(34), ..shop() }.planned();
    assert_eq!(said(&near), ("order", "last_buy"), "{near:?}");
    let moq = Shop { end: Some(60), moq: 150, ..shop() }.planned();
    assert_eq!(said(&moq), ("order", "last_buy"), "{moq:?}");
    // An order that comes on the last day or later serves nobody.
    let late = Shop { end: Some(21), ..shop() }.planned();
    assert_eq!((said(&late).0, ordered(&late)), ("no_need", 0.0), "{late:?}");
}
