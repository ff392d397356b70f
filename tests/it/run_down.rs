//! Items that another one replaces: what is left is sold first, and the successor is bought for
//! what comes after.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::shop::{restock, rows, unit, write_shop};

/// Days of history; the night is a Monday.
const DAYS: u64 = 728;

fn date(day: u64) -> String {
    let first: chrono::NaiveDate = "2024-06-03".parse().unwrap();
    (first + chrono::Days::new(day)).to_string()
}

/// OLD sold two a day, and NEW replaces it.
#[derive(Clone, Copy, Default)]
struct Shop {
    /// Units of OLD on hand and on order.
    on_hand: u64,
    on_order: u64,
    /// Days before the night on which NEW was launched and took three of four sales; `None`: no day
    /// is set, and it has not sold.
    launched: Option<u64>,
    /// Last day on sale of OLD, counted from the night; 0: none.
    end: i64,
}

impl Shop {
    fn write(self, dir: &Path) {
        let mut orders = String::from("date,sku,quantity\n");
        for day in 0..DAYS {
            let is_both = self.launched.is_some_and(|before| day >= DAYS - before);
            let sku = if is_both && unit(day) < 0.75 { "NEW" } else { "OLD" };
            writeln!(orders, "{},{sku},2", date(day)).unwrap();
        }
        let launch = self.launched.map(|before| date(DAYS - before)).unwrap_or_default();
        let end = match self.end {
            0 => String::new(),
            end => date(DAYS.checked_add_signed(end).unwrap()),
        };
        let items = format!(
            "sku,supplier,unit_cost,unit_price,launch_date,end_date,replaces\n\
             OLD,ACME,4,10,,{end},\nNEW,ACME,4,10,{launch},,OLD\n"
        );
        let open = format!(
            "po_number,supplier,sku,quantity,ordered_on,expected_on\n{}",
            match self.on_order {
                0 => String::new(),
                units => format!("P1,ACME,OLD,{units},{},{}\n", date(DAYS - 7), date(DAYS + 7)),
            }
        );
        let tables = BTreeMap::from([
            ("orders", orders),
            ("items", items),
            ("suppliers", "supplier,lead_time_days,review_period_days\nACME,14,7\n".to_owned()),
            ("purchase_orders", open),
            ("stock", format!("sku,on_hand\nOLD,{}\nNEW,0\n", self.on_hand)),
        ]);
        write_shop(dir, &tables, "");
    }

    /// What the plan says of OLD and of NEW, and what `explain` says of NEW.
    fn night(self) -> ([BTreeMap<String, String>; 2], String) {
        let dir = tempfile::tempdir().unwrap();
        self.write(dir.path());
        let [new, old] = plan_of(dir.path());
        let told = restock(dir.path()).args(["explain", "NEW"]).output().unwrap();
        ([old, new], String::from_utf8(told.stdout).unwrap())
    }

    fn units_of_new(self) -> f64 {
        let ([old, new], _) = self.night();
        assert_eq!((&*old["reason"], &*old["order_quantity"]), ("replaced", ""), "{old:?}");
        new["order_quantity"].parse().unwrap_or(0.0)
    }
}

/// Runs the night of a shop: the rows of its plan, NEW's first.
fn plan_of(dir: &Path) -> [BTreeMap<String, String>; 2] {
    let night = date(DAYS);
    restock(dir).args(["run", "-q", "--as-of", &night]).assert().success();
    rows(&dir.join("runs").join(&night).join("plan.csv")).try_into().unwrap()
}

#[test]
fn a_successor_without_a_day_is_bought_for_what_comes_after_its_predecessor_is_gone() {
    let shop = Shop::default();
    let alone = shop.units_of_new();
    assert!((42.0..70.0).contains(&alone), "two a day for three weeks and more: {alone}");

    // 120 units last for 60 days, an order of tonight and of next week for three weeks.
    assert_eq!(Shop { on_hand: 120, ..shop }.units_of_new(), 0.0);
    // What is on order may come when the shelf has long been empty.
    let some = Shop { on_hand: 20, ..shop }.units_of_new();
    assert_eq!(Shop { on_hand: 20, on_order: 100, ..shop }.units_of_new(), some);
    // 20 units last for ten days: what NEW is bought for is less by these, as far as that is sure.
    let less = alone - some;
    assert!((8.0..=20.0).contains(&less), "{less} less than {alone}");

    let (_, told) = Shop { on_hand: 120, ..shop }.night();
    assert!(
        told.contains("what is left of OLD serves 100 % of its demand until 2026-07-"),
        "{told}"
    );
}

#[test]
fn while_both_sell_what_is_left_serves_its_share() {
    let launched = Shop { launched: Some(60), ..Shop::default() };
    let alone = launched.units_of_new();
    let beside = Shop { on_hand: 400, ..launched }.units_of_new();
    let share = beside / alone;
    assert!((0.6..0.9).contains(&share), "{beside} of {alone}: a quarter of the sales are OLD's");

    // Ten days say nothing of shares yet: NEW is bought as if it were alone.
    let young = Shop { launched: Some(10), ..launched };
    assert_eq!(Shop { on_hand: 400, ..young }.units_of_new(), young.units_of_new());

    // After its last day on sale what is left of OLD serves nobody.
    let ended = Shop { on_hand: 400, end: -5, ..launched };
    let ([old, new], _) = ended.night();
    assert_eq!(old["reason"], "discontinued");
    assert_eq!(new["order_quantity"].parse::<f64>().unwrap(), alone);
}

#[test]
fn before_a_launch_that_is_set_the_old_item_is_bought_as_ever() {
    let dir = tempfile::tempdir().unwrap();
    Shop { on_hand: 10, ..Shop::default() }.write(dir.path());
    let items = format!(
        "sku,supplier,unit_cost,unit_price,launch_date,replaces\n\
         OLD,ACME,4,10,,\nNEW,ACME,4,10,{},OLD\n",
        date(DAYS + 90)
    );
    std::fs::write(dir.path().join("items.csv"), items).unwrap();
    let bought = plan_of(dir.path()).map(|row| (row["sku"].clone(), row["decision"] == "order"));
    assert_eq!(bought, [("NEW".to_owned(), false), ("OLD".to_owned(), true)]);
}

#[test]
fn stock_that_cannot_be_read_is_not_sold_first() {
    let dir = tempfile::tempdir().unwrap();
    let shop = Shop { on_hand: 120, ..Shop::default() };
    shop.write(dir.path());
    let stock = "sku,on_hand\nOLD,120\nOLD,12O\nNEW,0\n";
    std::fs::write(dir.path().join("stock.csv"), stock).unwrap();
    let config = std::fs::read_to_string(dir.path().join("restock.toml")).unwrap();
    let config = format!("{config}[run]\nmax_bad_rows = 0.9\n");
    std::fs::write(dir.path().join("restock.toml"), config).unwrap();
    let [new, _] = plan_of(dir.path());
    let alone = Shop::default().units_of_new();
    assert_eq!(new["order_quantity"].parse::<f64>().unwrap_or(0.0), alone, "{new:?}");
}

#[test]
fn who_waits_for_an_item_that_is_replaced_still_gets_it() {
    let dir = tempfile::tempdir().unwrap();
    Shop { on_order: 100, ..Shop::default() }.write(dir.path());
    let night = date(DAYS);
    let waiting = format!(
        "order_id,sku,quantity,ordered_on,promised_on,country\nB1,OLD,10,{},{},US\n",
        date(DAYS - 3),
        date(DAYS + 40)
    );
    std::fs::write(dir.path().join("backorders.csv"), waiting).unwrap();
    let config = std::fs::read_to_string(dir.path().join("restock.toml")).unwrap();
    let config = format!(
        "{config}[inputs.backorders]\npath = \"backorders.csv\"\n\
         [notices]\ncancel_by = \"shop@example.com\"\n"
    );
    std::fs::write(dir.path().join("restock.toml"), config).unwrap();
    restock(dir.path()).args(["run", "-q", "--as-of", &night]).assert().success();

    let run = dir.path().join("runs").join(&night);
    let promises = rows(&run.join("promises.csv"));
    assert_eq!(promises[0]["reason"], "open_order", "{promises:?}");
    let told = rows(&run.join("notices.csv"));
    let mut of_customers = told.iter().filter(|notice| notice["audience"] == "customer");
    assert!(of_customers.all(|notice| notice["kind"] == "good_news"), "{told:?}");
    let advice = rows(&run.join("open_order_advice.csv"));
    assert!(advice.iter().all(|line| line["advice"] != "cancel"), "{advice:?}");
}
