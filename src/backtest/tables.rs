//! A backtest as tables: what programs read.

use std::collections::BTreeMap;

use crate::io::sinks::table::{SimpleTable, Values};

use super::compare::ComparisonRow;
use super::ledger::{Ledger, Tally};
use super::suite::Backtest;

/// Items listed as worst. Judgement: as many as a person goes through.
const WORST: usize = 50;

/// Every table with its name.
#[must_use]
pub fn all(found: &Backtest) -> Vec<(&'static str, SimpleTable)> {
    let mut tables = vec![
        ("comparison", comparison(&found.rows)),
        ("months", months(found)),
        ("groups", groups(found)),
        ("worst_items", worst_items(found)),
        ("service", promises(found)),
        ("reliability", reliability(found)),
        ("forecast_errors", forecast_errors(found)),
        ("orders", orders(found)),
    ];
    if !found.drawn.is_empty() {
        tables.push(("comparison_drawn", comparison(&found.drawn)));
    }

    for subset in &found.subsets {
        let name = if subset.name.contains("receipts") {
            "comparison_received"
        } else {
            "comparison_min_max"
        };
        tables.push((name, comparison(&subset.rows)));
    }

    tables
}

/// One row a policy.
#[must_use]
pub fn comparison(rows: &[ComparisonRow]) -> SimpleTable {
    SimpleTable::default()
        .with("policy", Values::Text(rows.iter().map(|row| row.name.clone()).collect()))
        .with("money", wholes(rows, |row| row.money.value))
        .with("money_low", wholes(rows, |row| row.money.low))
        .with("money_high", wholes(rows, |row| row.money.high))
        .with("more_than_restock", wholes(rows, |row| row.more_than_first.value))
        .with("more_low", wholes(rows, |row| row.more_than_first.low))
        .with("more_high", wholes(rows, |row| row.more_than_first.high))
        .with("holding", wholes(rows, |row| row.total.holding))
        .with("shortage", wholes(rows, |row| row.total.shortage))
        .with("ordering", wholes(rows, |row| row.total.ordering))
        .with("obsolete", wholes(rows, |row| row.total.obsolete))
        .with("fill_rate", reals(rows, |row| row.total.fill_rate()))
        .with("cycle_service", reals(rows, |row| row.total.cycle_service()))
        .with("ready_rate", reals(rows, |row| row.total.ready_rate()))
        .with("stock_value", wholes(rows, ComparisonRow::stock_value))
        .with(
            "restock_stock_at_equal_fill_rate",
            Values::Text(
                rows.iter()
                    .map(|row| row.first_at_equal_fill.map_or(String::new(), whole_text))
                    .collect(),
            ),
        )
        .with("turns", reals(rows, |row| row.total.turns()))
        .with("orders", Values::Whole(rows.iter().map(|row| row.orders as i64).collect()))
        .with("lines", wholes(rows, |row| row.total.lines))
}

/// A column of real numbers.
pub(super) fn reals<T>(rows: &[T], of: impl Fn(&T) -> f64) -> Values {
    Values::Real(rows.iter().map(of).collect())
}

/// A column of numbers rounded to whole ones.
pub(super) fn wholes<T>(rows: &[T], of: impl Fn(&T) -> f64) -> Values {
    Values::Whole(rows.iter().map(|row| of(row).round() as i64).collect())
}

fn whole_text(value: f64) -> String {
    (value.round() as i64).to_string()
}

/// Columns of sums, for tables of restock alone.
fn sums(table: SimpleTable, tallies: &[Tally]) -> SimpleTable {
    table
        .with("money", reals(tallies, Tally::money))
        .with("holding", reals(tallies, |tally| tally.holding))
        .with("shortage", reals(tallies, |tally| tally.shortage))
        .with("ordering", reals(tallies, |tally| tally.ordering))
        .with("obsolete", reals(tallies, |tally| tally.obsolete))
        .with("demand_units", reals(tallies, |tally| tally.demand))
        .with("short_units", reals(tallies, |tally| tally.short))
        .with("fill_rate", reals(tallies, Tally::fill_rate))
        .with("cycle_service", reals(tallies, Tally::cycle_service))
        .with("ready_rate", reals(tallies, Tally::ready_rate))
        .with("lines", reals(tallies, |tally| tally.lines))
}

/// One row a policy and month.
fn months(found: &Backtest) -> SimpleTable {
    let (mut names, mut policies, mut tallies) = (Vec::new(), Vec::new(), Vec::new());

    for entry in &found.entries {
        for (block, name) in found.stage.blocks.iter().enumerate() {
            names.push(name.clone());
            policies.push(entry.name.clone());
            tallies.push(entry.run.ledger.sum_of_block(block));
        }
    }

    let table = SimpleTable::default()
        .with("month", Values::Text(names))
        .with("policy", Values::Text(policies));
    sums(table, &tallies)
}

/// restock by class, demand class, supplier and location.
fn groups(found: &Backtest) -> SimpleTable {
    let stage = &found.stage;
    let mut of: BTreeMap<(&'static str, String), Tally> = BTreeMap::new();
    let ledger = &found.entries[0].run.ledger;

    for (item, key) in stage.keys.iter().enumerate() {
        let tally = of_item(ledger, item);
        let supplier = &stage.suppliers[stage.world.terms[item].supplier as usize];
        for (kind, name) in [
            ("abc", stage.classes[item].abc.as_str().to_owned()),
            ("demand_class", stage.classes[item].demand_class.as_str().to_owned()),
            ("supplier", supplier.to_string()),
            ("location", key.location.to_string()),
        ] {
            of.entry((kind, name)).or_default().add(&tally, 1.0);
        }
    }

    let table = SimpleTable::default()
        .with("group", Values::Text(of.keys().map(|(kind, _)| (*kind).to_owned()).collect()))
        .with("name", Values::Text(of.keys().map(|(_, name)| name.clone()).collect()));
    sums(table, &of.into_values().collect::<Vec<_>>())
}

/// What an item cost and how it was served.
#[must_use]
pub fn of_item(ledger: &Ledger, item: usize) -> Tally {
    let mut sum = Tally::default();
    (0..ledger.blocks()).for_each(|block| sum.add(ledger.at(item, block), 1.0));
    sum
}

/// The items that cost most, at most `max` of them, each with its sums.
#[must_use]
pub fn worst(found: &Backtest, max: usize) -> Vec<(usize, Tally)> {
    let ledger = &found.entries[0].run.ledger;
    let mut items: Vec<(usize, Tally)> =
        (0..ledger.items()).map(|item| (item, of_item(ledger, item))).collect();

    items.sort_by(|a, b| b.1.money().total_cmp(&a.1.money()).then(a.0.cmp(&b.0)));
    items.truncate(max);
    items
}

fn worst_items(found: &Backtest) -> SimpleTable {
    let worst = worst(found, WORST);
    let key = |item: usize| &found.stage.keys[item];
    let table = SimpleTable::default()
        .with(
            "sku",
            Values::Text(worst.iter().map(|(item, _)| key(*item).sku.to_string()).collect()),
        )
        .with(
            "location",
            Values::Text(worst.iter().map(|(item, _)| key(*item).location.to_string()).collect()),
        );
    sums(table, &worst.iter().map(|(_, tally)| *tally).collect::<Vec<_>>())
}

fn promises(found: &Backtest) -> SimpleTable {
    let rows = &found.promises;
    let verdicts = rows.iter().map(|row| if row.is_broken() { "not kept" } else { "kept" });
    SimpleTable::default()
        .with("abc", Values::Text(rows.iter().map(|row| row.class.to_owned()).collect()))
        .with("target", Values::Text(rows.iter().map(|row| row.target.clone()).collect()))
        .with("items", Values::Whole(rows.iter().map(|row| row.items as i64).collect()))
        .with("promised", reals(rows, |row| row.promised))
        .with("achieved", reals(rows, |row| row.achieved.value))
        .with("achieved_low", reals(rows, |row| row.achieved.low))
        .with("achieved_high", reals(rows, |row| row.achieved.high))
        .with("verdict", Values::Text(verdicts.map(str::to_owned).collect()))
}

fn reliability(found: &Backtest) -> SimpleTable {
    let bins = &found.reliability.bins;
    let tenth = |at: usize| format!("{:.1}–{:.1}", at as f64 / 10.0, (at + 1) as f64 / 10.0);
    SimpleTable::default()
        .with("told", Values::Text((0..bins.len()).map(tenth).collect()))
        .with("count", Values::Whole(bins.iter().map(|bin| bin.count as i64).collect()))
        .with("mean_told", Values::Real(bins.iter().map(|bin| bin.told).collect()))
        .with("came_true", Values::Real(bins.iter().map(|bin| bin.came_true).collect()))
}

fn forecast_errors(found: &Backtest) -> SimpleTable {
    let share = |at: usize| {
        found.errors.iter().map(move |sums| if sums[2] > 0.0 { sums[at] / sums[2] } else { 0.0 })
    };
    SimpleTable::default()
        .with("buckets_ahead", Values::Whole(vec![1, 2, 3]))
        .with("wape", Values::Real(share(0).collect()))
        .with("bias", Values::Real(share(1).collect()))
}

/// The orders that restock placed, night by night.
fn orders(found: &Backtest) -> SimpleTable {
    let (stage, orders) = (&found.stage, &found.orders);
    let key = |order: &super::run::Order| &stage.keys[order.item];
    SimpleTable::default()
        .with(
            "order_date",
            Values::Date(orders.iter().map(|(day, _)| stage.day_zero + *day as i32).collect()),
        )
        .with(
            "sku",
            Values::Text(orders.iter().map(|(_, order)| key(order).sku.to_string()).collect()),
        )
        .with(
            "location",
            Values::Text(orders.iter().map(|(_, order)| key(order).location.to_string()).collect()),
        )
        .with("quantity", Values::Real(orders.iter().map(|(_, order)| order.units).collect()))
}
