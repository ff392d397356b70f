//! A shop whose items have one process, and the library's night over it: the path of `restock run`
//! from the cleaned rows on.

use std::path::Path;

use restock::config::Settings;
use restock::config::source::{self, Overlay};
use restock::demand::prepare::Prepared;
use restock::domain::calendar::Day;
use restock::domain::fixed::Fixed;
use restock::domain::key::Key;
use restock::domain::policy::Policy;
use restock::domain::stock_coverage::StockCoverage;
use restock::domain::tables::{
    CleanDemand, Item, OpenOrder, Receipt, Stock, Supplier, Tables, Text,
};
use restock::forecast::Forecasts;
use restock::io::{Loaded, SetAside};
use restock::pipeline::{Foreseen, Tonight, foresee, plan, prepare};
use restock::stats::random::stream;

use super::process::{Law, Process};
use super::shelf::Level;
use super::terms::{Lead, Review, Terms};

/// The day of the night: Monday 2026-06-22, an order date of every schedule.
const AS_OF: Day = 20_626;
/// Receipts from which lead times are learnt.
const RECEIPTS: Day = 200;
/// The longest lead time of any terms.
const LONGEST_LEAD_DAYS: f64 = 90.0;
const SUPPLIER: &str = "ACME";
/// An item of the same supplier that is not measured.
const OTHER: &str = "OTHER";
/// Days of mean demand in an order, the program's default.
const ORDER_CYCLE_DAYS: f64 = 7.0;

/// A shop at the start of a night, with its forecasts.
pub(crate) struct Shop {
    settings: Settings,
    loaded: Loaded,
    prepared: Prepared,
    forecasts: Forecasts,
    items: usize,
    process: Process,
}

/// What the plan of a night says of the measured items.
pub(crate) struct Planned {
    /// Levels of each item.
    pub(crate) levels: Vec<Level>,
    /// Units ordered of each item.
    pub(crate) ordered: Vec<f64>,
}

fn sku(item: usize) -> String {
    format!("I{item:04}")
}

fn fixed(units: f64) -> Fixed {
    Fixed::from_f64(units).unwrap_or_default()
}

/// Q of `rsnQ` and the least gap of `rsS`: a week's mean demand, whole where units are counted.
pub(crate) fn week_of_demand(law: &Law) -> f64 {
    let week = (0..28).map(|day| law.mean(day)).sum::<f64>() / 28.0 * ORDER_CYCLE_DAYS;
    if law.is_count() { (week - 1e-9).ceil().max(1.0) } else { (week * 1000.0).ceil() / 1000.0 }
}

impl Shop {
    /// The shop as it stands so many days after the day of the night, its items' demand forecast in
    /// buckets of this length.
    pub(crate) fn open(process: &Process, bucket: &str, items: usize, days_later: Day) -> Self {
        let text = format!("[run]\nbucket = \"{bucket}\"\n");
        let raw = source::parse(&text, "restock.toml", &Overlay::default()).unwrap();
        let settings = Settings::resolve(raw, Path::new("/")).unwrap();

        let mut loaded = Loaded {
            as_of: AS_OF + days_later,
            demand: demand(process, items, days_later),
            tables: Tables::default(),
            rejects: Vec::new(),
            findings: Vec::new(),
            inputs: Vec::new(),
            newest_order: Some(AS_OF + days_later - 1),
            rows_ahead: None,
            set_aside: SetAside::default(),
            stock_coverage: StockCoverage::default(),
        };
        let keys = loaded.demand.keys.clone();
        let stocked =
            |key: &Key| Item { sku: key.sku.clone(), supplier: Some(SUPPLIER.into()), ..item() };
        loaded.tables.items = Some(keys.iter().map(stocked).collect());
        loaded.tables.stock = Some(keys.iter().map(empty_shelf).collect());
        // How far is forecast follows from the longest lead time.
        let longest = Supplier { lead_time_days: Some(LONGEST_LEAD_DAYS), ..Supplier::default() };
        loaded.tables.suppliers = Some(vec![longest]);

        let prepared = prepare(&settings, &mut loaded);
        let (_, forecasts) = foresee(&settings, &prepared, None);
        Self { settings, loaded, prepared, forecasts, items, process: process.clone() }
    }

    /// The night's levels and orders under these terms, with empty shelves.
    pub(crate) fn plan(&mut self, terms: &Terms) -> Planned {
        self.settings.plan.policy = terms.policy;
        self.settings.plan.target = terms.target;

        let as_of = self.loaded.as_of;
        let tables = &mut self.loaded.tables;
        tables.suppliers = Some(vec![supplier(terms)]);
        tables.receipts = terms.lead.is_learnt().then(|| receipts(terms.lead, as_of));
        tables.purchase_orders = (terms.lead == Lead::OtherOverdue).then(|| vec![overdue(as_of)]);
        for (at, item) in tables.items.iter_mut().flatten().enumerate() {
            let law = &self.process.laws[at % self.process.laws.len()];
            let multiple = fixed(week_of_demand(law));
            item.pack_size = (terms.policy == Policy::ReorderMultiple).then_some(multiple);
        }

        self.planned()
    }

    /// The share of items that are ordered once more tonight when what was ordered is on its way,
    /// confirmed for days after the next order's arrival.
    pub(crate) fn ordered_again(&mut self, terms: &Terms) -> f64 {
        let first = self.plan(terms);
        let as_of = self.loaded.as_of;
        let days = terms.lead.stated_days() + terms.review.days() + 6;
        let line = |(item, units): (usize, &f64)| OpenOrder {
            expected_on: Some(as_of + days as Day),
            quantity: fixed(*units),
            received: Fixed::ZERO,
            ..open_line(&sku(item), as_of)
        };
        let lines = first.ordered.iter().enumerate().filter(|(_, units)| **units > 0.0).map(line);
        self.loaded.tables.purchase_orders = Some(lines.collect());

        let again = self.planned().ordered;
        again.iter().filter(|units| **units > 0.0).count() as f64 / again.len() as f64
    }

    fn planned(&self) -> Planned {
        let (prepared, forecasts) = (&self.prepared, &self.forecasts);
        let foreseen = Foreseen { prepared, across: None, forecasts };
        let night = plan(&self.settings, &self.loaded, &foreseen, &Tonight::plain());

        let rows = night.entries.iter().filter_map(|entry| entry.planned()).take(self.items);
        let (mut levels, mut ordered) = (Vec::new(), Vec::new());
        for planned in rows {
            let found = &planned.row.levels;
            levels.push(Level {
                reorder_point: found.reorder_point,
                order_up_to_level: found.order_up_to_level,
            });
            let units = planned.row.sized_units().to_f64();
            ordered.push(if planned.row.is_ordered() { units } else { 0.0 });
        }
        assert_eq!(levels.len(), self.items, "the measured items come first");

        Planned { levels, ordered }
    }
}

fn item() -> Item {
    Item { unit_cost: Some(Fixed::from_units(4)), ..Item::default() }
}

fn empty_shelf(key: &Key) -> Stock {
    Stock {
        key: key.clone(),
        on_hand: Fixed::ZERO,
        allocated: Fixed::ZERO,
        backorders: None,
        counted_on: None,
    }
}

fn supplier(terms: &Terms) -> Supplier {
    let (review_period_days, order_weekdays) = match terms.review {
        Review::Days(days) => (Some(days), 0),
        Review::EveryWeekday => (Some(1), 0),
        Review::MondayThursday => (None, 0b1001),
    };

    Supplier {
        supplier: SUPPLIER.into(),
        lead_time_days: Some(f64::from(terms.lead.stated_days())),
        lead_time_sd_days: Some(0.0),
        review_period_days,
        order_weekdays,
        ..Supplier::default()
    }
}

/// Deliveries of another item, one every second day.
fn receipts(lead: Lead, as_of: Day) -> Vec<Receipt> {
    let mut random = stream(42, b"receipts");
    let rows = (0..RECEIPTS).map(|number| {
        let ordered_on = as_of - 30 - 2 * number;
        Receipt {
            po_number: format!("PO{number:03}").into(),
            supplier: SUPPLIER.into(),
            key: Key::new(OTHER, "main"),
            quantity: Fixed::from_units(10),
            ordered_on,
            received_on: ordered_on + lead.draw(&mut random) as Day,
            promised_on: None,
            expedited: false,
            reference: None,
        }
    });
    rows.collect()
}

fn overdue(as_of: Day) -> OpenOrder {
    OpenOrder { expected_on: Some(as_of - 60), ..open_line(OTHER, as_of - 74) }
}

fn open_line(sku: &str, ordered_on: Day) -> OpenOrder {
    OpenOrder {
        po_number: format!("PO-{sku}").into(),
        line: None,
        supplier: SUPPLIER.into(),
        key: Key::new(sku, "main"),
        quantity: Fixed::from_units(10),
        received: Fixed::ZERO,
        ordered_on: Some(ordered_on),
        expected_on: Some(ordered_on),
        reference: None,
        source: Default::default(),
    }
}

/// The orders of the shop: of each item from its first day on, and of what stands beside it.
fn demand(process: &Process, items: usize, days_later: Day) -> CleanDemand {
    let mut demand = CleanDemand { offsets: vec![0], ..CleanDemand::default() };
    let end = AS_OF + days_later;
    for item in 0..items {
        let law = &process.laws[item % process.laws.len()];
        add_item(&mut demand, &sku(item), (law, process.history_days), end);
    }

    add_item(&mut demand, OTHER, (&Law::poisson(5.0), 364), end);
    if process.has_company {
        let laws = [
            Law::poisson(0.3),
            Law::poisson(1.5),
            Law::poisson(8.0),
            Law::negative_binomial(0.5, 2.0),
            Law::negative_binomial(4.0, 20.0),
        ];
        for other in 0..2 * items {
            let law = &laws[other % laws.len()];
            add_item(&mut demand, &format!("P{other:04}"), (law, 728), end);
        }
    }

    demand
}

/// Adds an item's orders: one row a day, one with nothing on its first day where nothing sold then.
fn add_item(demand: &mut CleanDemand, sku: &str, history: (&Law, Day), end: Day) {
    let (law, days) = history;
    let mut random = stream(42, sku.as_bytes());
    let first = AS_OF - days;
    for day in first..end {
        let units = law.draw(day - AS_OF, &mut random);
        if units > 0.0 || day == first {
            demand.day.push(day);
            demand.days.push(1);
            demand.quantity.push(fixed(units));
        }
    }
    demand.keys.push(Key { sku: Text::from(sku), location: "main".into() });
    demand.offsets.push(demand.day.len());
    demand.unit_price.push(None);
}
