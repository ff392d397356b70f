//! Pictures of a backtest.

use crate::domain::calendar::Day;
use crate::drawing::curve::{Curve, NamedPoint, curve};
use crate::drawing::plot::Point;
use crate::drawing::reliability::{Told, reliability};
use crate::drawing::svg::Place;
use crate::drawing::timeline::{Daily, timeline};

use super::compare::{ComparisonRow, Entry};
use super::shop::ReplayedShop;
use super::suite::Backtest;

/// Every picture with its file name.
#[must_use]
pub fn all(found: &Backtest) -> Vec<(&'static str, String)> {
    vec![
        ("curve.svg", of_service(Place::File, found)),
        ("money.svg", of_money(Place::File, found)),
        ("reliability.svg", of_reliability(Place::File, found)),
    ]
}

/// Mean stock against fill rate: restock at several targets as a line, the other policies as
/// points. Perfect foresight is no policy, and would squeeze the rest.
#[must_use]
pub fn of_service(place: Place, found: &Backtest) -> String {
    let (own, others) = found.rows.split_at(found.restock_rows);
    let own: Vec<NamedPoint> = own.iter().map(named_point).collect();
    let others = others.iter().filter(|row| !row.has_foresight);

    curve(
        place,
        &Curve {
            title: "Stock against service",
            axes: ["mean value of the stock", "fill rate, %"],
            name: "restock",
            curve: &own,
            others: &others.map(named_point).collect::<Vec<_>>(),
        },
    )
}

fn named_point(row: &ComparisonRow) -> NamedPoint {
    let at = Point { x: row.stock_value(), y: 100.0 * row.total.fill_rate() };
    NamedPoint { name: row.name.clone(), at }
}

/// Money spent since the first scored day.
#[must_use]
pub fn of_money(place: Place, found: &Backtest) -> String {
    let shop = &found.stage.world;
    let shown =
        found.entries.iter().enumerate().filter(|(at, _)| *at == 0 || *at >= found.restock_rows);
    let lines: Vec<Daily> = shown.map(|(_, entry)| spending(shop, entry)).collect();

    let first = found.stage.day_zero + shop.scored_from as Day;
    timeline(place, "Money over time", "holding, shortage, orders and waste", first, &lines)
}

fn spending(shop: &ReplayedShop, entry: &Entry) -> Daily {
    let mut sum = 0.0;
    let values = (shop.scored_from..shop.days)
        .map(|day| {
            sum += entry.run.money_by_day[day];
            sum
        })
        .collect();
    Daily { name: entry.name.clone(), values }
}

/// Stock-out probabilities told against what came of them.
#[must_use]
pub fn of_reliability(place: Place, found: &Backtest) -> String {
    let bins = found.reliability.bins.iter();
    let told: Vec<Told> = bins
        .map(|bin| Told { told: bin.told, came_true: bin.came_true, count: bin.count })
        .collect();
    reliability(place, "Stock-out probabilities", &told)
}
