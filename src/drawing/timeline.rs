//! Figures over days: several in one picture, or each in a small one of its own.

use crate::domain::calendar::Day;

use super::curve::{large, large_svg};
use super::dates::drawn_day;
use super::look::Look;
use super::plot::{LINE, Plot, Point, Swatch, days};
use super::scale::Extent;
use super::svg::{Anchor, Area, Place, Spot, Svg};

/// Points of a line, at most: one every two pixels.
const MAX_POINTS: usize = 240;
/// Points up to which each is marked. Judgement: more run into each other.
const MAX_MARKED: usize = 30;
/// Names for which a large picture has room.
const MAX_NAMES: usize = 17;

/// Small pictures side by side. Judgement: three fit a screen and a sheet of paper.
const ACROSS: usize = 3;
/// Size of one small picture with what is written around it, pixels.
const WIDTH: f64 = 290.0;
const HEIGHT: f64 = 156.0;
/// Height of the title over all small pictures, pixels.
const HEAD: f64 = 40.0;

/// A figure on each of some days that follow each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Daily {
    /// What it is called.
    pub name: String,
    /// Its values, from the first day on.
    pub values: Vec<f64>,
}

/// Draws figures over the same days, from `first` on, in one picture.
#[must_use]
pub fn timeline(place: Place, title: &str, unit: &str, first: Day, lines: &[Daily]) -> String {
    let first = drawn_day(first);
    let length = lines.iter().map(|line| line.values.len()).max().unwrap_or(0);
    let last = first.saturating_add(Day::try_from(length).unwrap_or(Day::MAX));
    let values = lines.iter().flat_map(|line| line.values.iter().copied());

    let mut svg = large_svg(place, title);
    let up = Extent::from_zero(values);
    let mut plot = Plot::new(&mut svg, large(place), days(first, last), up);
    plot.grid();
    plot.dates_below();
    plot.names("", unit);

    let every = length.div_ceil(MAX_POINTS).max(1);
    for (at, line) in lines.iter().enumerate() {
        let is_shown = |day: usize| day.is_multiple_of(every) || day + 1 == line.values.len();
        let days = line.values.iter().enumerate().filter(|(day, _)| is_shown(*day));
        // A value is that of a day's end.
        let points = days.map(|(day, y)| Point { x: f64::from(first) + day as f64 + 1.0, y: *y });
        plot.line(Look::Line(at), &points.collect::<Vec<_>>());
    }

    let names = lines.iter().enumerate().take(MAX_NAMES);
    let entries = names.map(|(at, line)| (Swatch::Line(Look::Line(at)), line.name.as_str()));
    plot.legend_beside(&entries.collect::<Vec<_>>());
    svg.finish()
}

/// A figure on some days, as one small picture shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure<'a> {
    /// What it is called.
    pub title: &'a str,
    /// Its newest value, as it is written.
    pub newest: String,
    /// Its values by day.
    pub points: Vec<(Day, f64)>,
}

/// Draws each figure small, all over the same days, in one picture.
#[must_use]
pub fn small_multiples(
    place: Place,
    title: &str,
    (first, last): (Day, Day),
    figures: &[Figure<'_>],
) -> String {
    let down = figures.len().div_ceil(ACROSS) as f64;
    let mut svg = Svg::new(place, WIDTH * ACROSS as f64, HEAD + HEIGHT * down + 8.0, title);
    svg.heading(Spot { x: 12.0, y: 26.0 }, Anchor::Start, 15.0, title);

    let days = days(first, last);
    for (at, figure) in figures.iter().enumerate() {
        let left = WIDTH * (at % ACROSS) as f64;
        let top = HEAD + HEIGHT * (at / ACROSS) as f64;
        let corner = Spot { x: left + 12.0, y: top + LINE };
        svg.heading(corner, Anchor::Start, 12.0, figure.title);
        let newest = Spot { x: left + WIDTH - 26.0, ..corner };
        svg.heading(newest, Anchor::End, 12.0, &figure.newest);

        let area = Area {
            left: left + 50.0,
            right: left + WIDTH - 26.0,
            top: top + 34.0,
            bottom: top + HEIGHT - 28.0,
        };
        let up = Extent::from_zero(figure.points.iter().map(|(_, value)| *value));
        let mut plot = Plot::new(&mut svg, area, days, up);
        plot.grid();
        plot.dates_below();
        let points = figure.points.iter();
        let points: Vec<Point> =
            points.map(|(day, y)| Point { x: f64::from(drawn_day(*day)), y: *y }).collect();
        plot.line(Look::Line(0), &points);
        if points.len() <= MAX_MARKED {
            plot.dots(0, &points);
        }
    }
    svg.finish()
}
