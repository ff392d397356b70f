//! The stock that is expected of an item, day by day.

use crate::domain::calendar::Day;

use super::dates::drawn_day;
use super::look::Look;
use super::plot::{Plot, Point, Swatch, days};
use super::scale::{Extent, short};
use super::svg::{Area, Place, Svg};

/// Size of the picture, pixels.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 200.0;
/// Days shown, at most. Judgement: two years.
const MAX_DAYS: usize = 730;

/// An item's stock from a day on.
#[derive(Debug)]
pub struct ProjectedStock<'a> {
    /// What the picture shows.
    pub title: &'a str,
    /// The first day.
    pub from: Day,
    /// Stock at the beginning of the first day, units.
    pub on_hand: f64,
    /// Expected stock at the end of each day, units; less than nothing is owed.
    pub ends: &'a [f64],
    /// What arrives at the beginning of a day, units.
    pub arrivals: &'a [(Day, f64)],
    /// The reorder point, units.
    pub reorder_point: Option<f64>,
}

/// Draws expected stock as a line that steps up where something arrives.
#[must_use]
pub fn projected_stock(told: &ProjectedStock<'_>) -> String {
    let from = drawn_day(told.from);
    let ends = &told.ends[..told.ends.len().min(MAX_DAYS)];
    let last = f64::from(from) + ends.len() as f64;
    let shown = told.arrivals.iter().filter(|(day, units)| {
        (f64::from(from)..last).contains(&f64::from(*day)) && units.is_finite() && *units > 0.0
    });
    let arrivals: Vec<(Day, f64)> = shown.copied().collect();
    let arriving =
        |day: Day| arrivals.iter().filter(|(at, _)| *at == day).map(|(_, units)| units).sum();

    let mut line = vec![Point { x: f64::from(from), y: told.on_hand }];
    let mut steps = Vec::new();
    let mut stock = told.on_hand;
    for (day, end) in (from..).zip(ends) {
        let arrived: f64 = arriving(day);
        let x = f64::from(day);
        if arrived > 0.0 {
            let after = Point { x, y: stock + arrived };
            line.push(after);
            steps.push((after, arrived));
        }
        line.push(Point { x: x + 1.0, y: *end });
        stock = *end;
    }

    let heights = line.iter().map(|point| point.y).chain(told.reorder_point);
    let up = Extent::from_zero(heights);
    let across = days(from, from.saturating_add(ends.len() as Day));
    let mut svg = Svg::new(Place::Page, WIDTH, HEIGHT, told.title);
    let area = Area { left: 48.0, right: WIDTH - 24.0, top: 34.0, bottom: HEIGHT - 26.0 };
    let mut plot = Plot::new(&mut svg, area, across, up);
    plot.grid();
    plot.dates_below();

    if let Some(y) = told.reorder_point.filter(|y| y.is_finite()) {
        let ends = [f64::from(from), last.max(f64::from(from) + 1.0)];
        plot.line(Look::Line(1), &ends.map(|x| Point { x, y }));
    }
    plot.line(Look::Line(0), &line);
    for (at, units) in steps {
        plot.mark(2, at, &format!("{} arrive", short(units)));
    }

    let mut entries = vec![(Swatch::Line(Look::Line(0)), "expected stock")];
    if told.reorder_point.is_some() {
        entries.push((Swatch::Line(Look::Line(1)), "reorder point"));
    }
    if !arrivals.is_empty() {
        entries.push((Swatch::Mark(2), "arrival"));
    }
    plot.legend_above(130.0, &entries);
    svg.finish()
}
