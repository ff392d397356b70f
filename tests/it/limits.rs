//! Limits, money and words of the plan, on shops of a few items that sell the same every day.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::shop::{restock, rows, write_shop};

const DAY: &str = "2026-06-29";

/// A shop: its tables by name, and settings in front of them.
struct Shop {
    tables: BTreeMap<&'static str, String>,
    settings: String,
}

/// A row by column name.
type Row = BTreeMap<String, String>;

/// What a night wrote and said.
struct Outcome {
    dir: tempfile::TempDir,
    said: String,
}

/// Orders of a year and a bit: what sells on each day, counted from the first.
fn daily<'a>(sold: impl Fn(u64) -> Vec<(&'a str, u32)>) -> String {
    let first = chrono::NaiveDate::from_ymd_opt(2025, 5, 5).unwrap();
    let mut orders = String::from("date,sku,quantity\n");
    for day in 0..420 {
        let date = first + chrono::Days::new(day);
        for (sku, units) in sold(day) {
            writeln!(orders, "{date},{sku},{units}").unwrap();
        }
    }
    orders
}

impl Shop {
    /// Each item sells so many a day for a year and a bit, supplied within 10 days.
    fn selling(items: &[(&str, u32)]) -> Self {
        let orders = daily(|_| items.to_vec());
        let suppliers = "supplier,lead_time_days\nACME,10\n".to_owned();
        let tables = BTreeMap::from([("orders", orders), ("suppliers", suppliers)]);
        Self { tables, settings: String::new() }
    }

    fn with(mut self, table: &'static str, text: &str) -> Self {
        self.tables.insert(table, text.to_owned());
        self
    }

    fn set(mut self, settings: &str) -> Self {
        self.settings.push_str(settings);
        self
    }

    fn run(&self) -> Outcome {
        let dir = tempfile::tempdir().unwrap();
        write_shop(dir.path(), &self.tables, &self.settings);
        let output = restock(dir.path()).args(["run", "--as-of", DAY]).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(output.status.success(), "{said}");
        Outcome { dir, said }
    }
}

impl Outcome {
    fn table(&self, name: &str) -> Vec<Row> {
        rows(&self.path(name))
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.dir.path()).join("runs").join(DAY).join(name)
    }

    fn plan(&self, sku: &str) -> Row {
        let plan = self.table("plan.csv");
        plan.into_iter().find(|row| row["sku"] == sku).unwrap_or_else(|| panic!("{sku}?"))
    }

    fn number(&self, sku: &str, column: &str) -> f64 {
        self.plan(sku)[column].parse().unwrap_or(0.0)
    }

    /// Decision, reason and quantity of an item.
    fn decided(&self, sku: &str) -> (String, String, f64) {
        let row = self.plan(sku);
        let quantity = row["order_quantity"].parse().unwrap_or(0.0);
        (row["decision"].clone(), row["reason"].clone(), quantity)
    }

    /// Messages of the findings of one name.
    fn findings(&self, name: &str) -> Vec<String> {
        let start = format!("{name}: ");
        let all = self.table("exceptions.csv").into_iter();
        all.filter_map(|row| row["message"].strip_prefix(&start).map(str::to_owned)).collect()
    }
}

/// Items that sell 2 a day, each with its limits and stock.
fn limited(policy: &str, items: &str) -> Outcome {
    let skus = ["ONLYMIN", "ONLYMAX", "SWAP", "MAXZERO", "MINZERO"].map(|sku| (sku, 1));
    let stock = "sku,on_hand\nONLYMIN,30\nONLYMAX,3\nSWAP,3\nMAXZERO,3\nMINZERO,3\n";
    Shop::selling(&skus)
        .with("items", &format!("sku,supplier,min_stock,max_stock,moq\n{items}"))
        .with("stock", stock)
        .set(&format!("[plan]\npolicy = \"{policy}\"\n"))
        .run()
}

#[test]
fn a_limit_that_stands_alone_holds_and_the_maximum_holds_over_the_minimum() {
    let items = "ONLYMIN,ACME,50,,\nONLYMAX,ACME,,20,24\nSWAP,ACME,50,30,\n\
                 MAXZERO,ACME,10,0,\nMINZERO,ACME,0,,\n";
    for policy in ["min_max", "rsS", "rS"] {
        let night = limited(policy, items);
        let (decision, _, quantity) = night.decided("ONLYMIN");
        assert_eq!(decision, "order", "{policy}");
        assert!(quantity >= 20.0, "{policy}: {quantity}");
        let reorder_point = night.number("ONLYMIN", "reorder_point");
        assert!(policy == "rS" || reorder_point == 50.0, "{policy}: {reorder_point}");

        let (decision, reason, _) = night.decided("ONLYMAX");
        assert_eq!((&*decision, &*reason), ("blocked", "max_stock_reached"), "{policy}");

        let (decision, _, quantity) = night.decided("SWAP");
        assert_eq!((&*decision, quantity), ("order", 27.0), "{policy}");
        let told = night.findings("limits_conflict");
        assert!(told.len() == 1 && told[0].contains("the maximum holds"), "{told:?}");

        let (decision, _, quantity) = night.decided("MAXZERO");
        assert!(decision == "order" && quantity >= 7.0, "{policy}: {decision} {quantity}");
        assert_eq!(night.decided("MINZERO").0, "order", "{policy}");
    }
}

#[test]
fn a_moq_is_not_excused_by_the_minimum_stock_that_it_comes_with() {
    let night = |moq: &str, min: &str| {
        Shop::selling(&[("BULK", 5)])
            .with("items", &format!("sku,supplier,moq,min_stock\nBULK,ACME,{moq},{min}\n"))
            .with("stock", "sku,on_hand\nBULK,10\n")
            .run()
    };
    let huge = night("3000", "40");
    assert_eq!(huge.decided("BULK").1, "cover_exceeds_limit");
    let told = huge.findings("cover_exceeds_limit");
    let all_figures = ["nothing is ordered", "MOQ 3000", "600 days", "365 days"];
    assert!(all_figures.iter().all(|part| told[0].contains(part)), "{told:?}");
    // What is asked for by name may last as long as it likes.
    let asked = night("", "4000");
    assert_eq!(asked.decided("BULK").0, "order");
    assert!(asked.decided("BULK").2 >= 3_990.0, "{:?}", asked.decided("BULK"));
}

#[test]
fn a_cap_says_what_it_is_the_cap_of() {
    let night = Shop::selling(&[("CAPPED", 5), ("SPOILS", 5)])
        .with("items", "sku,supplier,max_stock,shelf_life_days\nCAPPED,ACME,60,\nSPOILS,ACME,,2\n")
        .with("stock", "sku,on_hand\nCAPPED,7\nSPOILS,7\n")
        .run();
    assert_eq!(night.decided("CAPPED").2, 53.0);
    let told = night.findings("max_stock_limits").join("\n");
    for part in
        ["maximum stock is 60 and the position 7", "53 are ordered", "sell within the shelf life"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn the_cost_of_an_order_is_converted_as_the_cost_of_a_unit_is() {
    let night = |money: &str, unit_cost: u32, order_cost: u32| {
        let suppliers =
            format!("supplier,lead_time_days,currency,order_cost\nACME,10,{money},{order_cost}\n");
        Shop::selling(&[("WIDGET", 4)])
            .with("suppliers", &suppliers)
            .with("items", &format!("sku,supplier,unit_cost\nWIDGET,ACME,{unit_cost}\n"))
            .with("stock", "sku,on_hand\nWIDGET,0\n")
            .set("[plan]\nholding_cost_per_year = 0.2\n[currency]\nrates = { JPY = 0.00625 }\n")
            .run()
            .number("WIDGET", "order_up_to_level")
    };
    // 100 and 10 in euros.
    assert_eq!(night("JPY", 16_000, 1_600), night("EUR", 100, 10));
}

#[test]
fn a_reorder_point_is_that_of_the_gap_that_is_used() {
    // An order cost asks for more than half of what may be covered: the gap is cut, and the reorder
    // point has to be that of the smaller gap.
    let night = |order_cost: &str, cycle_days: u32| {
        Shop::selling(&[("WIDGET", 4)])
            .with("items", "sku,supplier,unit_cost\nWIDGET,ACME,1\n")
            .with("stock", "sku,on_hand\nWIDGET,0\n")
            .set(&format!(
                "[plan]\ntarget = {{ fill_rate = 0.95 }}\nmax_cover_days = 20\n\
                 order_cycle_days = {cycle_days}\n{order_cost}"
            ))
            .run()
    };
    let cut = night("order_cost = 50\nholding_cost_per_year = 0.2\n", 5);
    let same = night("", 10);
    for column in ["reorder_point", "order_up_to_level"] {
        assert_eq!(cut.number("WIDGET", column), same.number("WIDGET", column), "{column}");
    }
}

#[test]
fn a_budget_holds_what_it_cannot_weigh_and_no_sum_wraps() {
    let night = Shop::selling(&[("CHEAP", 1), ("DEAR", 1), ("FREE", 1)])
        .with(
            "items",
            "sku,supplier,unit_cost\nCHEAP,ACME,0.1\nDEAR,ACME,900000000000\nFREE,ACME,\n",
        )
        .with("stock", "sku,on_hand\nCHEAP,0\nDEAR,0\nFREE,0\n")
        .set("[purchasing]\nbudget = 10\n")
        .run();
    let states: BTreeMap<String, String> = night
        .table("purchase_orders.csv")
        .into_iter()
        .map(|line| (line["sku"].clone(), line["state"].clone()))
        .collect();
    let of = |sku: &str| states[sku].as_str();
    assert_eq!((of("CHEAP"), of("DEAR"), of("FREE")), ("suggested", "held", "held"));
    assert!(night.said.contains("1 of 3 lines"), "{}", night.said);
    assert!(night.said.contains("2 lines are held"), "{}", night.said);
    assert!(night.findings("over_budget").iter().any(|said| said.contains("no cost")));

    // 1,100 rows of the largest quantity on one day, and a need beyond it.
    let row = "2026-06-28,HUGE,900000000000\n";
    let orders = format!("date,sku,quantity\n2026-05-01,HUGE,5\n{}", row.repeat(1_100));
    let night = Shop::selling(&[])
        .with("orders", &orders)
        .with("items", "sku,supplier\nHUGE,ACME\n")
        .with("stock", "sku,on_hand\nHUGE,0\n")
        .run();
    assert!(night.number("HUGE", "mean_daily_demand") > 0.0);
    assert_ne!(night.decided("HUGE").1, "no_demand");
}

#[test]
fn classes_go_by_base_money_and_not_by_what_is_unknown() {
    let items = [("EURO", 2), ("YEN", 2), ("POOR", 1), ("UNPRICED", 1), ("UNKNOWN", 900)];
    let night = Shop::selling(&items)
        .with("suppliers", "supplier,lead_time_days,currency\nACME,10,\nTOKYO,10,JPY\n")
        .with(
            "items",
            "sku,supplier,category,unit_cost\nEURO,ACME,tools,100\nYEN,TOKYO,tools,16000\n\
             POOR,ACME,screws,0.5\nUNPRICED,ACME,screws,\n",
        )
        .with("stock", "sku,on_hand\nEURO,0\nYEN,0\nPOOR,0\nUNPRICED,0\n")
        .set("[currency]\nrates = { JPY = 0.00625 }\n")
        .run();
    let classes = items.map(|(sku, _)| night.plan(sku)["abc"].clone());
    assert_eq!(classes, ["A", "A", "C", "C", "C"]);
    let told = night.findings("worth_unknown");
    assert!(told.len() == 1 && told[0].contains("UNPRICED"), "{told:?}");

    let lines = night.table("purchase_orders.csv");
    let total =
        |sku: &str| lines.iter().find(|line| line["sku"] == sku).unwrap()["line_total"].clone();
    assert!(!total("YEN").contains('.') && total("EURO").ends_with(".00"), "{lines:?}");
}

#[test]
fn a_season_is_over_only_where_the_weeks_after_the_arrival_are_known() {
    for days in [340, 364, 420] {
        let night = Shop::selling(&[("EVEN", 10)])
            .with("suppliers", &format!("supplier,lead_time_days\nACME,{days}\n"))
            .with("items", "sku,supplier,unit_cost\nEVEN,ACME,1\n")
            .with("stock", "sku,on_hand\nEVEN,0\n")
            .set("[plan]\nmax_cover_days = 3000\n")
            .run();
        assert_eq!(night.findings("season_over"), [] as [String; 0], "{days}");
    }
}

#[test]
fn a_line_that_needs_review_says_what_the_past_supports() {
    let night = Shop::selling(&[("WIDGET", 3)])
        .with("items", "sku,supplier,unit_cost,pack_size\nWIDGET,ACME,1,10\n")
        .with("stock", "sku,on_hand\nWIDGET,5\n")
        .with(
            "overrides",
            "sku,location,from,to,kind,value,reason,expires_on\n\
             WIDGET,,2026-07-01,2026-07-07,add,900,fair,2026-08-01\n",
        )
        .run();
    let told = night.findings("beyond_experience");
    assert_eq!(told.len(), 1, "{}", night.said);
    // What was sold in the best of these days less the five that are there, in packs of ten.
    let sold: f64 = told[0]
        .split("never more than ")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let packs = ((sold - 5.0) / 10.0).ceil() * 10.0;
    assert!(told[0].contains(&format!("{packs} would do")), "{told:?}");
}

#[test]
fn the_summary_says_how_long_the_book_lasts_and_stays_on_one_screen() {
    let skus: Vec<String> = (0..15).map(|at| format!("W{at:02}")).collect();
    let items: Vec<(&str, u32)> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
    let (mut table, mut stock) =
        (String::from("sku,supplier,unit_cost\n"), String::from("sku,on_hand\n"));
    for (at, sku) in skus.iter().enumerate() {
        writeln!(table, "{sku},SUP{at:02},2").unwrap();
        writeln!(stock, "{sku},0").unwrap();
    }
    let suppliers: String = (0..15).map(|at| format!("SUP{at:02},10\n")).collect();
    let shop = Shop::selling(&items)
        .with("items", &table)
        .with("suppliers", &format!("supplier,lead_time_days\n{suppliers}"));

    let night = shop.run_with_stock(&stock);
    let named = night.said.matches("  SUP").count();
    assert_eq!(named, 12, "{}", night.said);
    assert!(night.said.contains("  and 3 more"), "{}", night.said);
    let lines = night.table("purchase_orders.csv");
    let units: f64 = lines.iter().map(|line| line["quantity"].parse::<f64>().unwrap()).sum();
    let weekly: f64 =
        7.0 * skus.iter().map(|sku| night.number(sku, "mean_daily_demand")).sum::<f64>();
    let weeks = format!("{:.1}", units / weekly);
    let weeks = weeks.trim_end_matches(".0");
    let told = format!("this book = {weeks} weeks of sales; stock after it = {weeks} weeks");
    assert!(night.said.contains(&told), "{told}\n{}", night.said);

    let opening = shop.set("[plan]\nmissing_stock = \"zero\"\n").run();
    assert!(opening.said.contains("counts as out of stock"), "{}", opening.said);
    assert!(!opening.said.contains("nothing is ordered"), "{}", opening.said);
}

impl Shop {
    /// A night on this stock.
    fn run_with_stock(&self, stock: &str) -> Outcome {
        let mut tables = self.tables.clone();
        tables.insert("stock", stock.to_owned());
        Self { tables, settings: self.settings.clone() }.run()
    }
}

#[test]
fn prices_that_rise_with_the_quantity_and_costs_that_are_rounded_away_are_told() {
    let night = Shop::selling(&[("WIDGET", 3), ("SCREW", 3)])
        .with("items", "sku,supplier,unit_cost\nWIDGET,ACME,44\nSCREW,ACME,0.00004\n")
        .with("stock", "sku,on_hand\nWIDGET,0\nSCREW,100\n")
        .with(
            "price_breaks",
            "supplier,sku,min_quantity,unit_cost\nACME,WIDGET,110,44.5\nACME,WIDGET,500,0.5\n",
        )
        .set("[plan]\norder_cost = 9000\nholding_cost_per_year = 0.001\nmax_cover_days = 40\n")
        .run();
    let told = night.findings("rising_price_break");
    assert!(told.len() == 1 && told[0].contains("44.5, and 44 below"), "{told:?}");
    assert!(night.decided("WIDGET").2 < 110.0, "{:?}", night.decided("WIDGET"));
    let told = night.findings("cost_rounded");
    assert!(told.len() == 1 && told[0].contains("SCREW is 0.00004"), "{told:?}");
}

#[test]
fn an_order_far_beyond_what_a_young_item_sold_is_looked_at() {
    let orders = daily(|day| match day {
        ..395 => vec![("OLD", 10)],
        _ => vec![("OLD", 10), ("YOUNG", 10)],
    });
    let held = |min_stock: u32| -> Vec<String> {
        let night = Shop::selling(&[])
            .with("orders", &orders)
            .with(
                "items",
                &format!(
                    "sku,supplier,unit_cost,min_stock\nOLD,ACME,2,{min_stock}\n\
                     YOUNG,ACME,2,{min_stock}\n"
                ),
            )
            .with("stock", "sku,on_hand\nOLD,0\nYOUNG,0\n")
            .run();
        let rows = night.table("exceptions.csv").into_iter();
        let held = rows.filter(|row| row["message"].starts_with("beyond_experience"));
        held.map(|row| row["sku"].clone()).collect()
    };
    assert_eq!(held(20), [] as [String; 0]);
    assert_eq!(held(600), ["OLD", "YOUNG"]);
}

#[test]
fn an_item_that_another_replaced_is_not_suspected_of_a_stockout() {
    let orders = daily(|day| match day {
        ..300 => vec![("OLD", 5), ("OTHER", 5), ("EMPTY", 5)],
        _ => vec![("NEW", 5), ("OTHER", 5)],
    });
    let night = Shop::selling(&[])
        .with("orders", &orders)
        .with(
            "items",
            "sku,supplier,status,replaces\nOLD,ACME,discontinued,\nNEW,ACME,active,OLD\n\
             OTHER,ACME,active,\nEMPTY,ACME,active,\n",
        )
        .with("stock", "sku,on_hand\nOLD,0\nNEW,50\nOTHER,50\nEMPTY,0\n")
        .run();
    let suspected: Vec<String> = night
        .table("exceptions.csv")
        .into_iter()
        .filter(|row| {
            let names = ["suspected_stockout", "may_have_ended"];
            names.iter().any(|name| row["message"].starts_with(name))
        })
        .map(|row| row["sku"].clone())
        .collect();
    assert_eq!(suspected, ["EMPTY"]);
}
