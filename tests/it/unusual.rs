//! New items, bulk orders and runs without demand, through the command line on small made-up shops.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{Days, NaiveDate};

use crate::shop::{restock, rows, write_shop};

/// The night stands at the start of this day, a Monday.
const DAY: &str = "2026-06-29";
/// Days of history.
const LENGTH: u64 = 504;

/// A shop: its order rows, and its other tables by name.
struct Shop {
    orders: String,
    tables: BTreeMap<&'static str, String>,
    settings: String,
}

/// What a night wrote.
struct Outcome {
    dir: tempfile::TempDir,
    plan: BTreeMap<String, BTreeMap<String, String>>,
    findings: Vec<BTreeMap<String, String>>,
}

/// Whole numbers that look random and never change.
fn dice(seed: u64, at: u64, below: u64) -> u64 {
    let mut x = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ at.wrapping_mul(0xD1B5_4A32_D192_ED03);
    x = (x ^ (x >> 31)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (x ^ (x >> 29)) % below
}

impl Shop {
    /// Twenty-five items that each sell about once in three days, one to four units.
    fn of_steady_items() -> Self {
        let tables = BTreeMap::from([("suppliers", "supplier,lead_time_days\nACME,10\n".into())]);
        let orders = String::from("date,sku,quantity,order_id,unit_price\n");
        let mut shop = Self { orders, tables, settings: String::new() };
        for item in 0..25 {
            for day in (0..LENGTH).filter(|day| dice(item, *day, 3) == 0) {
                shop.sell(&format!("OLD{item:02}"), day, 1 + dice(item + 99, day, 4));
            }
        }
        shop
    }

    /// A sale so many days after the first day of the shop.
    fn sell(&mut self, sku: &str, day: u64, units: u64) {
        let end: NaiveDate = DAY.parse().unwrap();
        let date = end - Days::new(LENGTH - day);
        writeln!(self.orders, "{date},{sku},{units},{sku}-{day},2.5").unwrap();
    }

    fn with(mut self, table: &'static str, text: &str) -> Self {
        self.tables.insert(table, text.to_owned());
        self
    }

    fn set(mut self, settings: &str) -> Self {
        self.settings.push_str(settings);
        self
    }

    /// A night with this much on hand of the items that are asked about, plenty of the steady ones
    /// and nothing of the rest.
    fn night(&self, on_hand: &[(&str, u32)]) -> Outcome {
        let dir = tempfile::tempdir().unwrap();
        let mut units: BTreeMap<&str, u32> = BTreeMap::new();
        for sku in self.orders.lines().skip(1).filter_map(|row| row.split(',').nth(1)) {
            units.insert(sku, if sku.starts_with("OLD") { 500 } else { 0 });
        }
        units.extend(on_hand.iter().copied());
        let mut stock = String::from("sku,on_hand\n");
        for (sku, units) in units {
            writeln!(stock, "{sku},{units}").unwrap();
        }
        let mut tables = self.tables.clone();
        tables.insert("orders", self.orders.clone());
        tables.insert("stock", stock);

        write_shop(dir.path(), &tables, &self.settings);
        restock(dir.path()).args(["run", "--as-of", DAY, "--quiet"]).assert().success();

        let run = dir.path().join("runs").join(DAY);
        let plan = rows(&run.join("plan.csv"));
        let plan = plan.into_iter().map(|row| (row["sku"].clone(), row)).collect();
        let findings = rows(&run.join("exceptions.csv"));
        Outcome { dir, plan, findings }
    }
}

impl Outcome {
    fn number(&self, sku: &str, column: &str) -> f64 {
        self.plan[sku][column].parse().unwrap_or(0.0)
    }

    /// Messages of the findings of one name about an item.
    fn told(&self, name: &str, sku: &str) -> Vec<String> {
        let start = format!("{name}: ");
        let own = self.findings.iter().filter(|row| row["sku"] == sku);
        own.filter_map(|row| row["message"].strip_prefix(&start).map(str::to_owned)).collect()
    }

    fn explained(&self, sku: &str) -> String {
        let args = ["explain", sku, "--as-of", DAY];
        let output = restock(self.dir.path()).args(args).output().unwrap();
        // Lines are broken between words.
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// A week has seven days.
fn sells_daily(shop: &mut Shop, sku: &str, days: std::ops::Range<u64>, units: u64) {
    for day in days {
        shop.sell(sku, day, 1 + dice(7, day, 2 * units - 1));
    }
}

#[test]
fn one_item_of_fuel_lifts_no_new_item() {
    let mut shop = Shop::of_steady_items();
    for day in 0..LENGTH {
        shop.sell("FUEL", day, 15_000 + dice(5, day, 9_000));
    }
    shop.sell("NEW", LENGTH - 1, 1);
    let night = shop.night(&[("FUEL", 900_000), ("NEW", 0)]);

    let (mean, ordered) =
        (night.number("NEW", "mean_daily_demand"), night.number("NEW", "order_quantity"));
    assert!(mean > 0.1 && mean < 2.0, "the others sell 0.8 a day: {mean}");
    assert!(ordered > 0.0 && ordered <= 60.0, "{ordered}");
    let told = night.explained("NEW");
    assert!(told.contains("a week before its own sales count, as 26 items"), "{told}");
}

#[test]
fn a_new_item_is_believed_to_sell_as_its_price_band_does() {
    let mut shop = Shop::of_steady_items();
    for item in 0..25 {
        sells_daily(&mut shop, &format!("CHEAP{item:02}"), 0..LENGTH, 20);
    }
    shop.orders = shop.orders.lines().fold(String::new(), |mut text, line| {
        let cheap = line.contains(",CHEAP");
        let line = if cheap { line.replace(",2.5", ",0.05") } else { line.to_owned() };
        text.push_str(&line);
        text.push('\n');
        text
    });
    shop.sell("NEW", LENGTH - 1, 1);
    let mean = shop.night(&[("NEW", 0)]).number("NEW", "mean_daily_demand");
    assert!(mean < 5.0, "items of its price sell 0.8 a day, others 20: {mean}");
}

#[test]
fn what_new_items_start_with_says_how_a_new_one_starts() {
    // Items of long standing sell 8 a week, those launched later 1 in two weeks.
    let mut shop = Shop::of_steady_items();
    for item in 0..40 {
        let first = 120 + 5 * item;
        for day in (first..LENGTH).step_by(14) {
            shop.sell(&format!("LAUNCH{item:02}"), day, 1);
        }
    }
    shop.sell("NEW", LENGTH - 1, 1);
    let night = shop.night(&[("NEW", 0)]);
    let mean = night.number("NEW", "mean_daily_demand");
    assert!(mean < 0.2, "launches sell 0.07 a day: {mean}");
    let told = night.explained("NEW");
    assert!(told.contains("price band started"), "{told}");
}

#[test]
fn an_order_of_a_young_item_is_bounded_by_what_launches_sold() {
    let mut shop = Shop::of_steady_items();
    for item in 0..40 {
        for day in (120 + 5 * item..LENGTH).filter(|day| dice(item + 300, *day, 14) == 0) {
            shop.sell(&format!("LAUNCH{item:02}"), day, 1);
        }
    }
    shop.sell("NEW", LENGTH - 1, 1);
    let shop = shop.set("[plan]\ntarget = { cycle_service_level = 0.999999 }\n");
    let night = shop.night(&[("NEW", 0)]);
    let ordered = night.number("NEW", "order_quantity");
    assert!(ordered > 0.0 && ordered <= 10.0, "launches sold 1.5 in three weeks: {ordered}");
    let told = night.told("beyond_launches", "NEW");
    assert!(told.len() == 1 && told[0].contains("comparable launches sold"), "{told:?}");

    // What a person states is no matter of launches.
    let stated = "sku,location,from,to,kind,value,reason,expires_on\n\
                  NEW,,2026-06-29,2026-07-26,set,200,Fair,2026-07-27\n";
    let night = shop.with("overrides", stated).night(&[("NEW", 0)]);
    assert!(night.number("NEW", "order_quantity") > 50.0);
}

#[test]
fn one_bulk_order_is_not_stocked_for_and_one_that_recurs_is() {
    let mut shop = Shop::of_steady_items();
    for day in (60..LENGTH).step_by(60) {
        shop.sell("FEW", day, 3);
        shop.sell("OFTEN", day, 3);
        shop.sell("OFTEN", day + 20, 900 + day);
    }
    shop.sell("FEW", LENGTH - 70, 900);
    let night = shop.night(&[("FEW", 0), ("OFTEN", 0)]);
    let few = night.number("FEW", "order_up_to_level");
    assert!(few <= 15.0, "three units every two months: {few}");
    let told = night.told("spike", "FEW");
    assert!(told.len() == 1 && told[0].contains("900 units ordered on 2026-04-20"), "{told:?}");
    assert!(night.number("OFTEN", "mean_daily_demand") > 5.0);
    assert!(night.told("spike", "OFTEN").is_empty());

    let kept = shop.set("[demand]\nspikes = \"keep\"\n").night(&[("FEW", 0), ("OFTEN", 0)]);
    assert!(kept.number("FEW", "mean_daily_demand") > 0.5);
    assert!(kept.told("spike", "FEW").is_empty());
}

#[test]
fn a_run_of_zeros_at_the_end_is_named_by_the_stock_record() {
    let mut shop = Shop::of_steady_items();
    for sku in ["EMPTY", "LIES", "WAITED"] {
        sells_daily(&mut shop, sku, 0..LENGTH - 42, 5);
    }
    let waiting = "order_id,sku,quantity,ordered_on\n1,WAITED,2,2026-06-20\n";
    let shop = shop.with("backorders", waiting);
    let night = shop.night(&[("EMPTY", 0), ("LIES", 40), ("WAITED", 0)]);

    for sku in ["EMPTY", "WAITED"] {
        let mean = night.number(sku, "mean_daily_demand");
        assert!((3.0..7.5).contains(&mean), "{sku} sold 5 a day: {mean}");
        assert!(night.number(sku, "order_quantity") > 30.0);
        let told = night.told("suspected_stockout", sku);
        assert!(told.len() == 1 && told[0].contains("counts as sold out"), "{told:?}");
    }
    assert!(night.number("LIES", "mean_daily_demand") < 1.0);
    let told = night.told("may_have_ended", "LIES");
    assert!(told.len() == 1 && told[0].contains("40 lie there unsold"), "{told:?}");
}

#[test]
fn a_run_of_zeros_in_the_middle_is_a_stockout_where_demand_went_on() {
    let mut shop = Shop::of_steady_items();
    sells_daily(&mut shop, "GAP", 0..LENGTH - 63, 5);
    sells_daily(&mut shop, "GAP", LENGTH - 14..LENGTH, 5);
    let night = shop.night(&[("GAP", 10)]);
    let mean = night.number("GAP", "mean_daily_demand");
    assert!((4.0..6.5).contains(&mean), "it sold 5 a day before and after: {mean}");
    let told = night.told("suspected_stockout", "GAP");
    assert!(told.len() == 1 && told[0].contains("demand went on"), "{told:?}");
}

#[test]
fn a_season_that_ended_a_year_ago_too_is_named_and_no_stockout() {
    // A year before these six weeks it did not sell for six weeks either.
    let mut shop = Shop::of_steady_items();
    sells_daily(&mut shop, "SEASON", 0..LENGTH - 406, 5);
    sells_daily(&mut shop, "SEASON", LENGTH - 364..LENGTH - 42, 5);
    let night = shop.night(&[("SEASON", 0)]);
    let told = night.told("off_season", "SEASON");
    assert!(told.len() == 1, "{told:?}");
    assert!(night.number("SEASON", "mean_daily_demand") < 2.0);
}

#[test]
fn a_new_item_borrows_from_the_one_it_is_similar_to() {
    let mut shop = Shop::of_steady_items();
    sells_daily(&mut shop, "MODEL", 0..LENGTH, 20);
    shop.sell("NEW", LENGTH - 1, 1);
    sells_daily(&mut shop, "GROWN", 100..LENGTH, 2);
    let shop = shop.with(
        "items",
        "sku,supplier,similar_to,similar_factor\nMODEL,ACME,,\nNEW,ACME,MODEL,0.5\n\
         NEWER,ACME,MODEL,\nGROWN,ACME,MODEL,1\n",
    );
    let night = shop.night(&[("MODEL", 0), ("NEW", 0), ("NEWER", 0), ("GROWN", 0)]);
    let mean = |sku: &str| night.number(sku, "mean_daily_demand");
    let (of_model, new) = (mean("MODEL"), mean("NEW"));
    assert!((0.4..0.6).contains(&(new / of_model)), "{new} of {of_model}");
    assert!((0.8..1.2).contains(&(mean("NEWER") / of_model)), "{}", mean("NEWER"));
    assert_eq!(night.plan["NEWER"]["decision"], "order");
    assert!(mean("GROWN") < 3.0, "it has a history of its own: {}", mean("GROWN"));
    assert!(night.explained("NEW").contains("of its level are that of MODEL × 0.5"));
}
