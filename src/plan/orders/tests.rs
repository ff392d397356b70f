//! Tests of the order book on small made-up shops.

use std::path::Path;

use proptest::prelude::*;

use crate::config::Settings;
use crate::config::source::{Overlay, parse};
use crate::demand::classes::{Classes, abc, demand_class, xyz};
use crate::demand::prepare::PreparedItem;
use crate::domain::finding::Code;
use crate::domain::finding::Finding;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::{Item, Location, OpenOrder, PriceBreak, Stock, Supplier, Tables, Text};
use crate::forecast::demand_distribution::{DemandDistribution, Spread};
use crate::forecast::lot::Lot;
use crate::plan::item::decide::decide;
use crate::plan::item::facts::ItemFacts;
use crate::plan::item::row::PlanRow;
use crate::plan::open_order_advice::{Advice, PreviousAdvice, advise};
use crate::plan::transfers::{Transfer, move_stock};
use crate::plan::{Decision, PlanContext, PlannedItem, Reason};

use super::budget::hold_beyond_budget;
use super::containers::fill_containers;
use super::joint::join_orders;
use super::minimum_value::meet_minimum_values;
use super::{LineState, OrderBook};

const AS_OF: i32 = 20_000;
const SPREAD: Spread = Spread::alike(2.0);

/// One item of a made-up shop.
#[derive(Debug, Clone)]
struct Made {
    per_day: f64,
    on_hand: i64,
    moq: i64,
    pack: i64,
    cost: f64,
    location: &'static str,
}

const PLAIN: Made =
    Made { per_day: 2.0, on_hand: 5, moq: 0, pack: 0, cost: 10.0, location: "main" };

fn settings(text: &str) -> Settings {
    let raw = parse(text, "restock.toml", &Overlay::default()).expect("a valid configuration");
    Settings::resolve(raw, Path::new("/")).expect("valid settings")
}

fn units(value: i64) -> Fixed {
    Fixed::from_units(value)
}

fn tables(made: &[Made], supplier: Supplier) -> Tables {
    let sku = |at: usize| -> Text { format!("S{at:03}").as_str().into() };
    let items = made.iter().enumerate().map(|(at, made)| Item {
        sku: sku(at),
        supplier: Some(supplier.supplier.clone()),
        unit_cost: Fixed::from_f64(made.cost),
        unit_price: Fixed::from_f64(2.0 * made.cost),
        moq: Some(units(made.moq)),
        pack_size: Some(units(made.pack)),
        ..Item::default()
    });
    let stock = made.iter().enumerate().map(|(at, made)| Stock {
        key: Key { sku: sku(at), location: made.location.into() },
        on_hand: units(made.on_hand),
        allocated: Fixed::ZERO,
        backorders: None,
        counted_on: None,
    });
    Tables {
        items: Some(items.collect()),
        stock: Some(stock.collect()),
        suppliers: Some(vec![supplier]),
        ..Tables::default()
    }
}

fn supplier() -> Supplier {
    Supplier { supplier: "ACME".into(), lead_time_days: Some(7.0), ..Supplier::default() }
}

struct Outcome {
    keys: Vec<Key>,
    rows: Vec<PlanRow>,
    book: OrderBook,
    transfers: Vec<Transfer>,
    findings: Vec<Finding>,
}

/// An item that sold in the past, as the demand stage would hand it on.
fn prepared(index: usize, key: &Key) -> PreparedItem {
    let classes = Classes {
        abc: abc(&[Fixed::ONE], &[0])[0],
        xyz: xyz(&[1.0; 10]),
        demand_class: demand_class(&[1.0; 10]),
    };
    let key = key.clone();
    PreparedItem {
        index,
        key,
        classes,
        sold_at: None,
        has_history: true,
        never_sold: false,
        is_replaced: false,
        young: None,
    }
}

fn demand(per_day: f64) -> DemandDistribution {
    DemandDistribution::new((0..=60).map(|day| per_day * f64::from(day)).collect(), 7, SPREAD)
}

/// Plans and orders; each stock row is an item with the mean of the made one it belongs to.
fn order(settings: &Settings, tables: &Tables, per_day: &[f64]) -> Outcome {
    let context = PlanContext::new(settings, tables, AS_OF, false);
    let keys: Vec<Key> = tables.stock.iter().flatten().map(|row| row.key.clone()).collect();
    let planned = |(index, key): (usize, &Key)| {
        let facts = ItemFacts::gather(&context, &prepared(index, key));
        let row = decide(&context, &facts, &demand(per_day[index]), "");
        PlannedItem { facts: Box::new(facts), row: Box::new(row) }
    };
    let mut items: Vec<PlannedItem<'_>> = keys.iter().enumerate().map(planned).collect();

    let (transfers, mut findings) = move_stock(&context, &mut items);
    join_orders(&context, &mut items);
    let (states, of_minimum) = meet_minimum_values(&context, &mut items);
    let of_containers = fill_containers(&context, &mut items, &states);
    let mut book = OrderBook::write(&context, &items, &states);
    hold_beyond_budget(&context, &items, &mut book, None);

    let of_orders = book.findings.iter().chain(&of_minimum).chain(&of_containers);
    findings.extend(of_orders.map(|found| found.finding.clone()));
    let rows = items.into_iter().map(|item| *item.row).collect();
    Outcome { keys, rows, book, transfers, findings }
}

fn shop(settings: &Settings, made: &[Made], supplier: Supplier) -> Outcome {
    let per_day: Vec<f64> = made.iter().map(|made| made.per_day).collect();
    order(settings, &tables(made, supplier), &per_day)
}

/// What all lines come to.
fn total(book: &OrderBook) -> Fixed {
    book.lines.iter().map(|line| line.line_total.unwrap_or_default()).sum()
}

fn has(outcome: &Outcome, code: Code) -> bool {
    outcome.findings.iter().any(|finding| finding.code == code)
}

#[test]
fn an_order_too_small_is_topped_up_with_what_is_needed_soonest() {
    // One item must be ordered; of two idle ones the first runs down to its reorder point days
    // before the other.
    let made = [PLAIN, Made { on_hand: 60, ..PLAIN }, Made { on_hand: 200, ..PLAIN }];
    let settings = settings("[purchasing]\njoint_orders = false");
    let alone = shop(&settings, &made, supplier());
    let value = total(&alone.book);
    let least = value + units(60);
    let outcome = shop(&settings, &made, Supplier { min_order_value: Some(least), ..supplier() });
    assert!(has(&outcome, Code::ToppedUp), "{:?}", outcome.findings);
    let total = total(&outcome.book);
    assert!(total >= least && total <= least + units(10));
    assert!(outcome.book.lines.iter().all(|line| line.state == LineState::Suggested));
    assert!(
        outcome.book.lines.iter().all(|line| &*line.sku != "S002"),
        "the third is not needed soon"
    );
}

#[test]
fn an_order_waits_where_topping_up_costs_more() {
    let made = [Made { on_hand: 11, per_day: 1.0, ..PLAIN }];
    let expensive = Supplier { min_order_value: Some(units(3_000)), ..supplier() };
    let outcome = shop(&settings("[plan]\nlead_time_days = 7"), &made, expensive);
    assert_eq!(outcome.rows[0].decision(), Decision::Order);
    assert!(has(&outcome, Code::WaitsForMinimum), "{:?}", outcome.findings);
    assert!(outcome.book.lines.iter().all(|line| line.state == LineState::Held));
}

/// A shop whose items weigh 1 kg, of a supplier whose container takes `weight_kg` and costs `cost`.
fn shipped(made: &[Made], weight_kg: f64, cost: Option<i64>) -> Outcome {
    let container = Supplier {
        container_weight_kg: Some(weight_kg),
        container_cost: cost.map(units),
        ..supplier()
    };
    let mut tables = tables(made, container);
    tables.items.iter_mut().flatten().for_each(|item| item.weight_kg = 1.0.into());
    let per_day: Vec<f64> = made.iter().map(|made| made.per_day).collect();
    order(&settings("[purchasing]\njoint_orders = false"), &tables, &per_day)
}

fn weight(outcome: &Outcome) -> f64 {
    outcome.book.lines.iter().map(|line| line.quantity.to_f64()).sum()
}

#[test]
fn a_container_is_filled_with_what_is_needed_soonest() {
    let made = [PLAIN, Made { on_hand: 60, ..PLAIN }, Made { on_hand: 200, ..PLAIN }];
    let alone = weight(&shipped(&made, 1e6, None));
    // Room for sixty more, and freight of 1 a unit against about 2 a year of holding.
    let outcome = shipped(&made, alone + 60.0, Some((alone + 60.0) as i64));
    assert!(has(&outcome, Code::ContainerFilled), "{:?}", outcome.findings);
    assert_eq!(weight(&outcome), alone + 60.0);
    assert!(
        outcome.book.lines.iter().all(|line| &*line.sku != "S002"),
        "the third is not needed soon"
    );
    assert!(outcome.rows[1].sizing.as_ref().unwrap().trail().contains("full containers"));
}

#[test]
fn a_container_goes_partly_empty_where_filling_costs_more_than_freight() {
    let made = [PLAIN, Made { on_hand: 200, ..PLAIN }];
    let alone = weight(&shipped(&made, 1e6, None));
    let cheap = shipped(&[made[1].clone(), Made { on_hand: 30, ..PLAIN }], 1e6, Some(1));
    assert!(!has(&cheap, Code::ContainerFilled), "a millionth of the freight pays for no day");
    let unpriced = shipped(&made, 0.8 * alone, None);
    let room = |finding: &&Finding| finding.code == Code::ContainerRoom;
    let said = unpriced.findings.iter().find(room).expect("an overflow is said");
    assert!(
        said.message.contains("takes 1.25 containers") && said.message.contains("2 are shipped"),
        "{}",
        said.message
    );
    assert_eq!(weight(&unpriced), alone, "without a cost nothing is added");
}

#[test]
fn advice_that_was_given_stands_until_the_line_comes_well_within_the_tolerance() {
    let settings = settings("[purchasing]\nadvice_tolerance_days = 6");
    let advised = |due: i32, before: Option<Advice>| {
        // Ten units at two a day are needed after some days; the line comes later.
        let mut tables = tables(&[Made { on_hand: 20, ..PLAIN }], supplier());
        let key = tables.stock.as_ref().unwrap()[0].key.clone();
        tables.purchase_orders = Some(vec![OpenOrder {
            po_number: "P1".into(),
            line: None,
            supplier: "ACME".into(),
            key: key.clone(),
            quantity: units(50),
            received: Fixed::ZERO,
            ordered_on: Some(AS_OF - 1),
            expected_on: Some(AS_OF + due),
            reference: None,
            source: Default::default(),
        }]);
        let context = PlanContext::new(&settings, &tables, AS_OF, false);
        let facts = ItemFacts::gather(&context, &prepared(0, &key));
        let row = decide(&context, &facts, &demand(2.0), "");
        let before = before.map(|told| {
            PreviousAdvice::from([(("P1".to_owned(), String::new(), key.clone()), told)])
        });
        let item = PlannedItem { facts: Box::new(facts), row: Box::new(row) };
        advise(&context, &item, &demand(2.0), before.as_ref())[0].advice
    };
    let first = (1..60)
        .find(|due| advised(*due, None) == Advice::Expedite)
        .expect("late enough to be hurried");
    assert_eq!(advised(first - 1, None), Advice::Keep);
    assert_eq!(
        advised(first - 1, Some(Advice::Expedite)),
        Advice::Expedite,
        "told yesterday, still told"
    );
    assert_eq!(advised(first - 4, Some(Advice::Expedite)), Advice::Keep);
    assert_eq!(advised(first - 1, Some(Advice::Postpone)), Advice::Keep);
}

#[test]
fn a_price_break_is_taken_where_a_year_costs_less_and_left_where_it_does_not() {
    let settings = settings("[plan]\norder_cost = 10\nholding_cost_per_year = 0.2");
    let mut tables = tables(&[PLAIN], supplier());
    let mut with_break = |min_quantity, cost: f64| {
        let unit_cost = Fixed::from_f64(cost).unwrap();
        let row =
            PriceBreak { supplier: "ACME".into(), sku: "S000".into(), min_quantity, unit_cost };
        tables.price_breaks = Some(vec![row]);
        order(&settings, &tables, &[2.0]).rows.remove(0).sizing.unwrap()
    };
    let taken = with_break(units(150), 9.0);
    assert_eq!(taken.quantity, units(150), "{}", taken.trail());
    assert!(taken.trail().contains("price break 150 at 9"));
    let left = with_break(units(700), 9.99);
    assert!(left.quantity < units(150), "{}", left.trail());
}

#[test]
fn places_share_what_their_supplier_has_and_excess_moves_before_more_is_bought() {
    let settings = settings("");
    let location = |name: &str, from: Option<&str>| Location {
        location: name.into(),
        name: None,
        supplied_by: from.map(Text::from),
        lead_time_days: Some(1.0),
    };
    let stock = |location: &str, on_hand: i64| Stock {
        key: Key { sku: "S000".into(), location: location.into() },
        on_hand: units(on_hand),
        allocated: Fixed::ZERO,
        backorders: None,
        counted_on: None,
    };
    let mut tables = tables(&[PLAIN], supplier());
    tables.stock = Some(vec![stock("a", 0), stock("b", 0), stock("depot", 12)]);
    tables.locations = Some(vec![
        location("a", Some("depot")),
        location("b", Some("depot")),
        location("depot", None),
    ]);
    let supplied = order(&settings, &tables, &[2.0, 4.0, 0.5]);
    let sent: Fixed = supplied.transfers.iter().map(|transfer| transfer.quantity).sum();
    assert_eq!(sent, units(12), "{:?}", supplied.transfers);
    assert!(supplied.transfers[0].quantity < supplied.transfers[1].quantity);
    assert!(has(&supplied, Code::SupplyShort));
    assert!(supplied.book.lines.iter().all(|line| &*line.location == "depot"));

    tables.locations =
        Some(vec![location("a", None), location("b", None), location("depot", None)]);
    tables.stock = Some(vec![stock("a", 0), stock("b", 500), stock("depot", 40)]);
    let moved = order(&settings, &tables, &[2.0, 2.0, 2.0]);
    assert!(
        moved
            .transfers
            .iter()
            .any(|transfer| &*transfer.key.location == "a" && &*transfer.from_location == "b")
    );
    assert!(moved.book.lines.iter().all(|line| &*line.location != "a"), "what moves is not bought");
}

#[test]
fn what_two_locations_give_a_third_is_no_more_than_it_needs() {
    let mut tables = tables(&[PLAIN], supplier());
    let location = |name: &str| Location {
        location: name.into(),
        name: None,
        supplied_by: None,
        lead_time_days: None,
    };
    let stock = |location: &str, on_hand: i64| Stock {
        key: Key { sku: "S000".into(), location: location.into() },
        on_hand: units(on_hand),
        allocated: Fixed::ZERO,
        backorders: None,
        counted_on: None,
    };
    tables.locations = Some(vec![location("a"), location("b"), location("c")]);
    tables.stock = Some(vec![stock("a", 0), stock("b", 60), stock("c", 500)]);

    let outcome = order(&settings(""), &tables, &[2.0, 2.0, 2.0]);
    let received: Fixed = outcome.transfers.iter().map(|transfer| transfer.quantity).sum();
    assert_eq!(outcome.transfers.len(), 2, "{:?}", outcome.transfers);
    assert_eq!(received, outcome.rows[0].sizing.as_ref().unwrap().needed);
    assert_eq!(outcome.rows[0].reason, Reason::Transferred);
}

fn made() -> impl Strategy<Value = Made> {
    (0.05_f64..8.0, 0_i64..120, 0_i64..60, 0_i64..25, 0.5_f64..40.0).prop_map(
        |(per_day, on_hand, moq, pack, cost)| Made {
            per_day,
            on_hand,
            moq,
            pack,
            cost,
            location: "main",
        },
    )
}

#[test]
fn a_need_beyond_the_longest_cover_is_cut_to_it_and_said() {
    // Three days of cover at 2 a day from the arrival on, which is a week from now.
    let rule = settings("[plan]\nmax_cover_days = 3");
    let outcome = shop(&rule, &[Made { on_hand: 0, pack: 6, ..PLAIN }], supplier());
    let sizing = outcome.rows[0].sizing.as_ref().unwrap();
    assert_eq!(
        (outcome.rows[0].decision(), sizing.quantity),
        (Decision::Order, units(24)),
        "{}",
        sizing.trail()
    );
    assert!(sizing.needed > units(24));
    let (code, message) = sizing.unmet_constraint.as_ref().expect("what gave way is said");
    assert!(
        *code == Code::CoverLimits && message.contains("24 are ordered: at 2.00 a day"),
        "{message}"
    );
    // With that on its way nothing more is ordered.
    let full = shop(&rule, &[Made { on_hand: 24, pack: 6, ..PLAIN }], supplier());
    assert!(full.book.lines.is_empty());
}

#[test]
fn a_least_order_that_outlasts_the_limit_is_blocked_unless_the_stock_is_asked_for_by_name() {
    let made = [Made { on_hand: 0, pack: 50, per_day: 0.05, ..PLAIN }];
    let outcome = shop(&settings(""), &made, supplier());
    assert_eq!(outcome.rows[0].reason, Reason::CoverExceedsLimit);
    let mut tables = tables(&made, supplier());
    tables.items.as_mut().unwrap()[0].min_stock = Some(units(3));
    let asked = order(&settings(""), &tables, &[0.05]);
    assert_eq!(asked.book.lines[0].quantity, units(50));
}

#[test]
fn an_item_that_never_sold_is_not_stocked_but_for_its_minimum() {
    let settings = settings("");
    let decided = |min_stock: Option<Fixed>, never_sold: bool| {
        let mut tables = tables(&[Made { on_hand: 0, per_day: 0.01, ..PLAIN }], supplier());
        tables.items.as_mut().unwrap()[0].min_stock = min_stock;
        let context = PlanContext::new(&settings, &tables, AS_OF, false);
        let key = tables.stock.as_ref().unwrap()[0].key.clone();
        let item = PreparedItem { never_sold, ..prepared(0, &key) };
        let facts = ItemFacts::gather(&context, &item);
        let row = decide(&context, &facts, &demand(0.01), "");
        (row.reason, row.levels.order_up_to_level)
    };
    assert_eq!(decided(None, true), (Reason::NoDemand, 0.0));
    assert!(decided(None, false).1 > 0.0);
    assert_eq!(decided(Some(units(4)), true).1, 4.0);
    assert_eq!(decided(Some(units(4)), true).0.decision(), Decision::Order);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn orders_are_whole_packs_and_never_below_the_moq(
        made in proptest::collection::vec(made(), 1..12),
        min_value in 0_i64..3_000,
        rounding in 0_usize..3,
    ) {
        let rounding = ["up", "nearest", "down"][rounding];
        let settings = settings(&format!("[purchasing]\npack_rounding = \"{rounding}\""));
        let few = Supplier {
            min_order_value: Some(units(min_value)),
            order_cost: Some(units(20)),
            ..supplier()
        };
        let outcome = shop(&settings, &made, few);
        for line in &outcome.book.lines {
            let at: usize = line.sku[1..].parse().unwrap();
            prop_assert!(line.quantity >= units(made[at].moq));
            let pack = units(made[at].pack).steps();
            prop_assert!(pack <= 0 || line.quantity.steps() % pack == 0);
            prop_assert!(line.quantity > Fixed::ZERO);
        }
    }

    #[test]
    fn no_order_lifts_stock_beyond_the_longest_cover(
        made in proptest::collection::vec(made(), 1..8),
        days in 5_i64..500,
    ) {
        let settings = settings(&format!("[plan]\nmax_cover_days = {days}"));
        let outcome = shop(&settings, &made, supplier());
        for (at, row) in outcome.rows.iter().enumerate().filter(|(_, row)| row.is_ordered()) {
            let (levels, stock) = (row.levels.clone(), row.stock.unwrap());
            let quantity = row.sizing.as_ref().unwrap().quantity.to_f64();
            let least = made[at].moq.max(made[at].pack).max(1) as f64;
            let least = least + made[at].pack as f64;
            // A week until it arrives.
            let top = (days as f64 + 7.0) * levels.mean_daily_demand + least;
            prop_assert!(stock.inventory_position.to_f64() + quantity <= top + 1e-3);
        }
    }

    #[test]
    fn filling_never_takes_one_more_container(
        made in proptest::collection::vec(made(), 1..10),
        weight_kg in 20.0_f64..2_000.0,
        cost in 1_i64..5_000,
    ) {
        let alone = shipped(&made, weight_kg, None);
        let filled = shipped(&made, weight_kg, Some(cost));
        let (before, after) = (weight(&alone) / weight_kg, weight(&filled) / weight_kg);
        prop_assert!(after >= before && after <= before.ceil() + 1e-9);
        for line in &filled.book.lines {
            let at = filled.keys.iter().position(|key| key.sku == line.sku).unwrap();
            let covered = line.quantity.to_f64() / filled.rows[at].levels.mean_daily_demand;
            prop_assert!(covered <= 365.0 + 1e-3, "{covered} days");
        }
    }

    #[test]
    fn a_budget_is_never_exceeded(
        made in proptest::collection::vec(made(), 1..12),
        budget in 0_i64..4_000,
    ) {
        let settings = settings(&format!("[purchasing]\nbudget = {budget}"));
        let outcome = shop(&settings, &made, supplier());
        let out = outcome.book.lines.iter().filter(|line| line.state != LineState::Held);
        let spent: Fixed = out.filter_map(|line| line.base_total).sum();
        prop_assert!(spent <= units(budget));
    }

    #[test]
    fn a_transfer_never_starves_its_giver(
        per_day in proptest::collection::vec(0.1_f64..6.0, 3),
        on_hand in proptest::collection::vec(0_i64..300, 3),
        pack in 1_i64..60,
        max_stock in 20_i64..200,
    ) {
        let settings = settings("");
        let mut tables = tables(&[PLAIN], supplier());
        let item = &mut tables.items.as_mut().unwrap()[0];
        (item.pack_size, item.max_stock) = (Some(units(pack)), Some(units(max_stock)));
        let names = ["a", "b", "c"];
        let stock = |at: usize| Stock {
            key: Key { sku: "S000".into(), location: names[at].into() },
            on_hand: units(on_hand[at]),
            allocated: Fixed::ZERO,
            backorders: None,
            counted_on: None,
        };
        tables.stock = Some((0..3).map(stock).collect());
        let location = |name: &&str| Location {
            location: (*name).into(),
            name: None,
            supplied_by: None,
            lead_time_days: None,
        };
        tables.locations = Some(names.iter().map(location).collect());
        let outcome = order(&settings, &tables, &per_day);
        for (key, row) in outcome.keys.iter().zip(&outcome.rows) {
            let sum = |side: fn(&Transfer) -> &Text| -> Fixed {
                let of_location = outcome.transfers.iter().filter(|t| *side(t) == key.location);
                of_location.map(|transfer| transfer.quantity).sum()
            };
            let (given, received) = (sum(|t| &t.from_location), sum(|t| &t.key.location));
            let kept = row.stock.unwrap().on_hand - given;
            prop_assert!(given == Fixed::ZERO || kept.to_f64() >= row.levels.order_up_to_level);
            let needed = row.sizing.as_ref().map_or(Fixed::ZERO, |sizing| sizing.needed);
            prop_assert!(received <= needed, "{key} needs {needed} and receives {received}");

            let bought = if row.is_ordered() { row.sized_units() } else { Fixed::ZERO };
            let after = row.stock.unwrap().inventory_position + received + bought;
            prop_assert!(bought == Fixed::ZERO || after <= units(max_stock), "{key} has {after}");
        }
    }

    #[test]
    fn an_open_order_counts_whenever_it_is_due_unless_it_was_ordered_for_a_far_day(
        ordered in 1_i32..400,
        due in -300_i32..300,
    ) {
        let mut tables = tables(&[PLAIN], supplier());
        let key = tables.stock.as_ref().unwrap()[0].key.clone();
        tables.purchase_orders = Some(vec![OpenOrder {
            po_number: "P1".into(),
            line: None,
            supplier: "ACME".into(),
            key,
            quantity: units(50),
            received: Fixed::ZERO,
            ordered_on: Some(AS_OF - ordered),
            expected_on: Some(AS_OF + due), reference: None, source: Default::default() }]);
        let row = order(&settings(""), &tables, &[2.0]).rows[0].clone();
        let (stock, lead_time_days) = (row.stock.unwrap(), row.levels.lead_time_mean_days);
        prop_assert_eq!(stock.on_hand, units(5));
        prop_assert_eq!(stock.inventory_position, units(5) + stock.on_order);
        // Whenever it is due it counts, but for one that is dead and one that was ordered for a
        // day beyond any delay.
        let is_call_off = f64::from(due) > lead_time_days + 1.0
            && f64::from(ordered + due) > 2.0 * lead_time_days + 1.0 + 7.0;
        let is_dead = f64::from(-due) > (2.0 * lead_time_days).max(90.0);
        let expected = match (is_call_off, is_dead) {
            (true, _) => (Fixed::ZERO, units(50)),
            (_, true) => (Fixed::ZERO, Fixed::ZERO),
            _ => (units(50), Fixed::ZERO),
        };
        prop_assert_eq!((stock.on_order, stock.on_order_later), expected);
    }

    #[test]
    fn an_order_is_never_more_than_sells_within_the_shelf_life(
        per_day in 0.2_f64..6.0,
        days in 3.0_f64..60.0,
        moq in 0_i64..40,
    ) {
        let mut tables = tables(&[Made { per_day, moq, on_hand: 0, ..PLAIN }], supplier());
        tables.items.as_mut().unwrap()[0].shelf_life_days = days.into();
        let outcome = order(&settings(""), &tables, &[per_day]);
        for line in &outcome.book.lines {
            prop_assert!(line.quantity.to_f64() <= (days + 7.0) * per_day + 1e-3);
        }
    }

    #[test]
    fn ten_times_the_demand_stock_and_packs_is_about_ten_times_the_order(
        per_day in 1.0_f64..4.0,
        on_hand in 0_i64..10,
    ) {
        // Of a quantity that is not counted, with its relative spread held: levels scale with the
        // unit of measure.
        let quantity = |per_day: f64, on_hand: f64| {
            let spread = Spread { lot: Lot::of_quantity(0.1 * per_day), ..Spread::alike(2.0) };
            let cumulative = (0..=60).map(|day| per_day * f64::from(day)).collect();
            let distribution = DemandDistribution::new(cumulative, 7, spread);
            let settings = settings("");
            let mut tables = tables(&[PLAIN], supplier());
            tables.stock.as_mut().unwrap()[0].on_hand = Fixed::from_f64(on_hand).unwrap();
            let context = PlanContext::new(&settings, &tables, AS_OF, false);
            let key = tables.stock.as_ref().unwrap()[0].key.clone();
            let facts = ItemFacts::gather(&context, &prepared(0, &key));
            decide(&context, &facts, &distribution, "").levels.order_up_to_level
        };
        let one = quantity(per_day, on_hand as f64);
        let ten = quantity(10.0 * per_day, 10.0 * on_hand as f64);
        prop_assert!((ten - 10.0 * one).abs() < 1e-6 * ten);
    }
}
