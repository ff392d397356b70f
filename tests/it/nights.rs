//! Sixty nights of a small shop whose purchasing system loads orders late, under other numbers,
//! in part, changed, in packs or never, and whose suppliers may deliver before an order was seen:
//! nothing is bought twice, and nothing is forgotten, by the shop's own books.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use chrono::{Days, NaiveDate};

use crate::shop::{restock, rows, unit, write_shop};

const ITEMS: usize = 12;
const NIGHTS: u64 = 60;
const LEAD_DAYS: i64 = 9;
const PACK: i64 = 6;
/// Nights after which what was handed over and never seen is needed again (the default).
const CONFIRM_DAYS: i64 = 7;

/// What the purchasing system does with a line that it is handed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// Loads it at once under our number.
    Prompt,
    /// Loads it after some days, with our number as the reference.
    Late,
    /// Loads it under a number of its own.
    NumberLost,
    /// Loads twice as much.
    Doubled,
    /// Loads half of it.
    Halved,
    /// It comes in two parts.
    InParts,
    /// Its table counts packs, and our number is lost.
    InPacks,
    /// It comes before it was ever seen.
    Early,
    /// Loads it, and cancels it four days later.
    Cancelled,
    /// Never loads it.
    Never,
}

const FATES: [Fate; 10] = [
    Fate::Prompt,
    Fate::Late,
    Fate::NumberLost,
    Fate::Doubled,
    Fate::Halved,
    Fate::InParts,
    Fate::InPacks,
    Fate::Early,
    Fate::Cancelled,
    Fate::Never,
];

/// An order in the real world.
#[derive(Debug, Clone)]
struct Order {
    number: String,
    reference: String,
    item: usize,
    fate: Fate,
    placed: i64,
    /// First night on which the table has it.
    loaded: i64,
    /// When units come, and how many.
    arrivals: Vec<(i64, i64)>,
    /// The day on which it is cancelled.
    gone: i64,
}

impl Order {
    /// Units still to come at the start of a day.
    fn open(&self, day: i64) -> i64 {
        if day >= self.gone {
            return 0;
        }
        self.arrivals.iter().filter(|(on, _)| *on >= day).map(|(_, units)| units).sum()
    }

    /// What the table says at the start of a day; `None` if it does not have it.
    fn listed(&self, day: i64) -> Option<i64> {
        let is_there = day >= self.loaded && self.open(day) > 0 && self.fate != Fate::Never;
        is_there.then(|| match self.fate {
            Fate::InPacks => self.open(day) / PACK,
            _ => self.open(day),
        })
    }
}

/// The shop and its purchasing system.
struct World {
    dir: tempfile::TempDir,
    stock: Vec<i64>,
    sales: String,
    receipts: String,
    orders: Vec<Order>,
}

fn date(day: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 5).unwrap() + Days::new(day.unsigned_abs())
}

/// Units that an item sells on a day.
fn sold(item: usize, day: i64) -> i64 {
    let draw = unit(7 + item as u64 * 100_003 + day.unsigned_abs() * 31);
    (draw * (2.0 + item as f64)) as i64
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            dir: tempfile::tempdir().unwrap(),
            stock: (0..ITEMS).map(|item| 20 + 8 * item as i64).collect(),
            sales: "date,sku,quantity\n".to_owned(),
            receipts: "po_number,supplier,sku,quantity,ordered_on,received_on,reference\n"
                .to_owned(),
            orders: Vec::new(),
        };
        for day in 0..START {
            world.sell(day);
        }
        world
    }

    fn sell(&mut self, day: i64) {
        for item in 0..ITEMS {
            let units = sold(item, day);
            if units > 0 {
                writeln!(self.sales, "{},I{item:02},{units}", date(day)).unwrap();
            }
            if day >= START {
                self.stock[item] -= units;
            }
        }
    }

    /// What comes during a day.
    fn receive(&mut self, day: i64) {
        for order in &self.orders {
            if day >= order.gone || order.fate == Fate::Never {
                continue;
            }
            for (_, units) in order.arrivals.iter().filter(|(on, _)| *on == day) {
                self.stock[order.item] += units;
                let listed = if order.fate == Fate::InPacks { units / PACK } else { *units };
                writeln!(
                    self.receipts,
                    "{},ACME,I{:02},{listed},{},{},{}",
                    order.number,
                    order.item,
                    date(order.placed),
                    date(day),
                    order.reference
                )
                .unwrap();
            }
        }
    }

    /// What is really there and on its way; an order that the purchasing system has dropped is not.
    fn position(&self, item: usize, day: i64) -> i64 {
        let of_item = self.orders.iter().filter(|it| it.item == item && it.fate != Fate::Never);
        self.stock[item] + of_item.map(|order| order.open(day)).sum::<i64>()
    }

    fn night(&self, day: i64) -> std::path::PathBuf {
        let mut items = "sku,supplier,unit_cost,pack_size,lead_time_days\n".to_owned();
        let mut stock = "sku,on_hand\n".to_owned();
        for item in 0..ITEMS {
            writeln!(items, "I{item:02},ACME,2,{PACK},{LEAD_DAYS}").unwrap();
            writeln!(stock, "I{item:02},{}", self.stock[item]).unwrap();
        }
        let mut open =
            "po_number,supplier,sku,quantity,ordered_on,expected_on,reference\n".to_owned();
        for order in &self.orders {
            if let Some(units) = order.listed(day) {
                writeln!(
                    open,
                    "{},ACME,I{:02},{units},{},{},{}",
                    order.number,
                    order.item,
                    date(order.placed),
                    date(order.placed + LEAD_DAYS),
                    order.reference
                )
                .unwrap();
            }
        }
        let tables = BTreeMap::from([
            ("orders", self.sales.clone()),
            ("items", items),
            ("stock", stock),
            ("purchase_orders", open),
            ("receipts", self.receipts.clone()),
        ]);
        let settings = "[purchasing]\njoint_orders = false\nmax_times_usual = 1000.0\n\
                        [forecast]\nmodel = \"moving-average\"";
        write_shop(self.dir.path(), &tables, settings);
        let as_of = date(day).to_string();
        restock(self.dir.path()).args(["run", "-q", "--as-of", &as_of]).assert().success();
        self.dir.path().join("runs").join(as_of)
    }

    /// The purchasing system takes what was handed over.
    fn take(&mut self, run: &Path, day: i64) {
        let path = run.join("purchase_orders/ACME.csv");
        let lines = if path.exists() { rows(&path) } else { Vec::new() };
        for line in lines {
            let item: usize = line["sku"][1..].parse().unwrap();
            let units: i64 = line["quantity"].parse().unwrap();
            let at = self.orders.len();
            let fate = FATES[at % FATES.len()];
            let (ours, theirs) = (line["po_number"].clone(), format!("ERP{at:04}"));
            let (number, reference) = match fate {
                Fate::Prompt | Fate::InParts => (ours, String::new()),
                Fate::NumberLost | Fate::InPacks => (theirs, String::new()),
                _ => (theirs, ours),
            };
            let units = match fate {
                Fate::Doubled => 2 * units,
                Fate::Halved => units / 2,
                _ => units,
            };
            let due = day + LEAD_DAYS;
            let arrivals = match fate {
                Fate::InParts => vec![(due, units / 3), (due + 4, units - units / 3)],
                Fate::Early => vec![(day + 1, units)],
                _ => vec![(due, units)],
            };
            let loaded = match fate {
                Fate::Late => day + 4,
                Fate::Early => i64::MAX,
                _ => day + 1,
            };
            let gone = if fate == Fate::Cancelled { day + 5 } else { i64::MAX };
            self.orders.push(Order {
                number,
                reference,
                item,
                fate,
                placed: day,
                loaded,
                arrivals,
                gone,
            });
        }
    }
}

/// First night; before it there is history only.
const START: i64 = 182;

#[test]
fn nothing_is_bought_twice_and_nothing_is_forgotten_in_sixty_nights() {
    let mut world = World::new();
    let mut seen: BTreeMap<Fate, usize> = BTreeMap::new();
    for day in START..START + NIGHTS as i64 {
        let run = world.night(day);
        let lines = rows(&run.join("purchase_orders.csv"));
        for row in rows(&run.join("plan.csv")) {
            let item: usize = row["sku"][1..].parse().unwrap();
            let number = |name: &str| row[name].parse::<f64>().unwrap();
            let position = world.position(item, day) as f64;
            let line = lines.iter().find(|line| line["sku"] == row["sku"]);

            // Bought twice: more is ordered though what is there and on its way suffices.
            if let Some(line) = line {
                assert!(
                    position <= number("reorder_point") + 1e-6,
                    "{}: {line:?} at a true position of {position}, {row:?}",
                    date(day)
                );
            }
            // Forgotten: less than the reorder point, nothing suggested, and no order of which the
            // night cannot know yet that it was lost.
            let may_still_be_loaded = |order: &&Order| {
                order.item == item
                    && match order.fate {
                        Fate::Never => day - order.placed <= CONFIRM_DAYS,
                        // In the table on the night before for the last time, and given one more.
                        Fate::Cancelled => day < order.gone + 2,
                        _ => false,
                    }
            };
            if position <= number("reorder_point") - 1.0 && line.is_none() {
                let lost = world.orders.iter().find(may_still_be_loaded);
                let of_item: Vec<&Order> =
                    world.orders.iter().filter(|order| order.item == item).collect();
                assert!(
                    lost.is_some(),
                    "{}: {position} and no order, {row:?}, {of_item:?}",
                    date(day)
                );
            }
        }
        world.take(&run, day);
        world.receive(day);
        world.sell(day);
    }

    for order in &world.orders {
        *seen.entry(order.fate).or_default() += 1;
    }
    assert_eq!(seen.len(), FATES.len(), "{seen:?}");
    assert!(world.orders.len() >= 60, "{seen:?}");

    // What the ledger says became of each kind.
    let last = date(START + NIGHTS as i64 - 1).to_string();
    let listed = restock(world.dir.path())
        .args(["orders", "list", "--all", "--format", "csv"])
        .assert()
        .success();
    let listed = String::from_utf8(listed.get_output().stdout.clone()).unwrap();
    let path = world.dir.path().join("listed.csv");
    std::fs::write(&path, listed).unwrap();
    let ledger = rows(&path);
    assert_eq!(ledger.len(), world.orders.len(), "one line of the ledger for each order");
    let old = |order: &&Order| order.placed + LEAD_DAYS + 8 < START + NIGHTS as i64;
    for order in world.orders.iter().filter(old) {
        let is_it = |row: &&BTreeMap<String, String>| {
            row["sku"] == format!("I{:02}", order.item)
                && row["first_night"] == date(order.placed).to_string()
        };
        let row = ledger.iter().find(is_it).unwrap();
        let expected = match order.fate {
            Fate::Never => "expired",
            Fate::Cancelled => "cancelled",
            _ => "received",
        };
        assert_eq!(row["state"], expected, "{:?} on {last}: {row:?}", order.fate);
    }
}
