//! Promises kept from end to end: the rows that were worst, measured from outside at each build.
//!
//! `cargo run --release --example service_grid` measures every cell.

mod harness;

use std::fmt::Write as _;
use std::fs;

use restock::domain::policy::Policy;
use restock::domain::target::Target;

use crate::shop::{restock, rows};

use harness::process::processes;
use harness::rows::{Row, rows_of};
use harness::terms::{Lead, Review, Terms};

/// Items in each shop. Judgement: the standard error of most shares is below a point.
const ITEMS: usize = 24;

/// A promise as it is held.
struct Held {
    process: &'static str,
    bucket: &'static str,
    review: Review,
    lead: Lead,
    policy: Policy,
    target: Target,
    /// The least share that must be achieved, in %.
    at_least: f64,
    /// The most stock that it may take, as a multiple of the oracle's.
    stock: f64,
}

const CYCLE: Target = Target::CycleServiceLevel(0.95);

/// A promise of 95 % of cycles in weekly buckets under `rsS`, but for what a row says otherwise.
const fn held(process: &'static str, days: (u32, u32), at_least: f64, stock: f64) -> Held {
    Held {
        process,
        bucket: "week",
        review: Review::Days(days.0),
        lead: Lead::Days(days.1),
        policy: Policy::ReorderUpTo,
        target: CYCLE,
        at_least,
        stock,
    }
}

/// What holds today, promise by promise, with room for the sampling error of one set of histories.
/// The aim is 94 for 95, 98.5 for 99 and stock of 1.25 times the oracle's in each: raise a row when
/// it is nearer to that.
const HELD: &[Held] = &[
    held("lumpy", (1, 2), 94.0, 1.5),
    held("lumpy", (1, 5), 94.0, 1.5),
    Held { bucket: "month", ..held("lumpy", (1, 5), 94.0, 1.5) },
    held("slow, 4 a year", (7, 14), 94.0, 1.4),
    // Three or four sales of two years, forgotten by half each half year.
    held("kilograms, twice a year", (1, 14), 50.0, 1.25),
    // The level is still on its way, and so the spread around it.
    held("woken", (7, 14), 94.0, 12.0),
    Held { target: Target::CycleServiceLevel(0.99), ..held("woken", (7, 14), 98.5, 25.0) },
    held("Poisson 2000", (7, 14), 94.0, 1.1),
    Held { policy: Policy::UpToLevel, ..held("Poisson 2000", (7, 14), 94.0, 1.25) },
    Held {
        bucket: "day",
        review: Review::MondayThursday,
        ..held("weekday profile", (1, 2), 94.0, 1.25)
    },
    Held { review: Review::MondayThursday, ..held("weekday profile", (1, 2), 93.0, 1.25) },
    Held { review: Review::EveryWeekday, ..held("weekday profile", (1, 2), 92.0, 1.25) },
    Held { lead: Lead::Varying, ..held("Poisson 5", (7, 10), 94.0, 1.25) },
    Held { lead: Lead::Overtaking, ..held("Poisson 5", (7, 5), 94.0, 1.1) },
    Held {
        lead: Lead::Overtaking,
        policy: Policy::UpToLevel,
        ..held("Poisson 5", (7, 5), 94.0, 1.15)
    },
    Held { review: Review::MondayThursday, ..held("Poisson 50", (1, 2), 94.0, 1.05) },
    Held { review: Review::MondayThursday, ..held("Poisson 2000", (1, 2), 93.0, 1.05) },
    Held { lead: Lead::OtherOverdue, ..held("Poisson 5", (1, 14), 94.0, 1.25) },
    Held { policy: Policy::UpToLevel, ..held("Poisson 5", (7, 14), 94.0, 1.4) },
    Held { target: Target::FillRate(0.95), ..held("Poisson 5", (7, 14), 94.0, 1.25) },
    Held { target: Target::ReadyRate(0.95), ..held("Poisson 5", (7, 14), 94.0, 1.25) },
    // A peak once a year of the calendar, which is no whole number of weeks.
    held("before the peak", (7, 14), 92.0, 1.25),
    Held { bucket: "day", ..held("before the peak", (7, 14), 94.0, 1.25) },
    held("in the peak", (7, 14), 94.0, 1.6),
    Held { bucket: "day", ..held("in the peak", (7, 14), 93.0, 1.7) },
    held("after the peak", (7, 14), 93.0, 1.25),
    held("trend", (7, 14), 85.0, 1.25),
];

impl Held {
    fn terms(&self) -> Terms {
        let Self { review, lead, policy, target, .. } = *self;
        Terms { review, lead, policy, target }
    }
}

/// What was measured of rows of one process and one length of buckets, side by side.
fn measured_together(rows: &[&Held]) -> Vec<Row> {
    let processes = processes();
    let process = processes.iter().find(|process| process.name == rows[0].process).unwrap();
    let terms: Vec<Terms> = rows.iter().map(|held| held.terms()).collect();

    rows_of(process, rows[0].bucket, &terms, ITEMS)
}

#[test]
fn promises_are_kept_from_the_history_to_the_simulated_shelf() {
    let together = |a: &Held, b: &Held| a.process == b.process && a.bucket == b.bucket;
    let mut sorted: Vec<&Held> = HELD.iter().collect();
    sorted.sort_by_key(|held| (held.process, held.bucket));

    let mut broken = Vec::new();
    for group in sorted.chunk_by(|a, b| together(a, b)) {
        for row in measured_together(group) {
            let is_of = |held: &&&Held| held.terms() == row.terms;
            let held = group.iter().find(is_of).expect("a row for each that is held");
            let achieved = 100.0 * row.found.achieved;
            if achieved < held.at_least || row.found.stock_ratio() > held.stock {
                broken.push(row.line());
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Levels of a cost target are those of least cost by the day, whatever the length of a bucket.
#[test]
fn a_cost_target_charges_by_the_day_in_buckets_of_weeks() {
    let processes = processes();
    let process = processes.iter().find(|process| process.name == "Poisson 5").unwrap();
    let charged = |every: &str| Terms {
        review: Review::Days(7),
        lead: Lead::Days(2),
        policy: Policy::UpToLevel,
        target: format!("cost=holding:0.7;shortage:6.3;per:week;as:money{every}").parse().unwrap(),
    };

    let both = rows_of(process, "week", &[charged(""), charged(";charge_every:week")], ITEMS);
    let [by_day, by_week] = [&both[0], &both[1]].map(|row| row.found.achieved);
    assert!(by_day > 0.93, "least cost is {by_day} of the cost");
    assert!(by_week < 0.88, "least cost is {by_week} of the cost charged by the week");
}

/// Two sales a year and 90 days on the way: a lost unit costs what it would cost to keep one for
/// two years, and a stock of two costs least.
#[test]
fn an_item_that_seldom_sells_is_ordered_where_its_sales_would_be_lost() {
    let folder = tempfile::tempdir().unwrap();
    let first = chrono::NaiveDate::from_ymd_opt(2023, 6, 26).unwrap();
    let mut orders = String::from("date,sku,quantity\n");
    let mut items = String::from("sku,supplier,unit_cost,unit_price\n");
    let mut stock = String::from("sku,on_hand\n");
    for item in 0..20_u64 {
        writeln!(items, "I{item:02},ACME,4,6.4").unwrap();
        writeln!(stock, "I{item:02},0").unwrap();
        writeln!(orders, "{first},I{item:02},0").unwrap();
        for sale in 0..6 {
            let day = first + chrono::Days::new(180 * sale + 7 * ((item * 7 + sale * 5) % 25));
            writeln!(orders, "{day},I{item:02},1").unwrap();
        }
    }
    let config = "[plan]\npolicy = \"rS\"\nlead_time_days = 90\nunmet_demand = \"lost\"\n\
        target = { cost = { holding = 0.25, shortage = 1.0, per = \"year\", as = \"share\" } }\n\
        [outputs]\ndir = \"runs\"\n[inputs.orders]\npath = \"orders.csv\"\n\
        [inputs.items]\npath = \"items.csv\"\n[inputs.stock]\npath = \"stock.csv\"\n";
    for (name, text) in [
        ("orders.csv", orders.as_str()),
        ("items.csv", &items),
        ("stock.csv", &stock),
        ("restock.toml", config),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }

    restock(folder.path()).args(["run", "--as-of", "2026-06-22", "--quiet"]).assert().success();
    let plan = rows(&folder.path().join("runs/2026-06-22/plan.csv"));
    for row in &plan {
        let ordered: f64 = row["order_quantity"].parse().unwrap_or(0.0);
        assert!((1.0..=3.0).contains(&ordered), "{row:?}");
    }
}
