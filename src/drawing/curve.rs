//! One policy at several levels as a curve, and others as points beside it.

use super::look::Look;
use super::plot::{Plot, Point, Swatch};
use super::scale::{Extent, short};
use super::svg::{Anchor, Area, Place, Spot, Svg};

/// Size of a large picture, pixels. Judgement: a third is left for the legend.
pub(super) const WIDTH: f64 = 760.0;
pub(super) const HEIGHT: f64 = 400.0;

/// What stands for a policy, with what it is called.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedPoint {
    /// What the legend or a hint calls it.
    pub name: String,
    /// Where it is.
    pub at: Point,
}

/// A curve and points.
#[derive(Debug)]
pub struct Curve<'a> {
    /// What the picture shows.
    pub title: &'a str,
    /// What lies across, and what upward.
    pub axes: [&'a str; 2],
    /// What the curve is called.
    pub name: &'a str,
    /// Its points, in any order.
    pub curve: &'a [NamedPoint],
    /// The points beside it.
    pub others: &'a [NamedPoint],
}

/// The rectangle of a large picture that holds its plot, beside it the legend.
pub(super) fn large(place: Place) -> Area {
    let top = match place {
        Place::File => 66.0,
        Place::Page => 36.0,
    };
    Area { left: 64.0, right: WIDTH - 226.0, top, bottom: HEIGHT - 46.0 }
}

/// A large picture with its title.
pub(super) fn large_svg(place: Place, title: &str) -> Svg {
    let mut svg = Svg::new(place, WIDTH, HEIGHT, title);
    if place == Place::File {
        svg.heading(Spot { x: 24.0, y: 28.0 }, Anchor::Start, 15.0, title);
    }
    svg
}

/// Draws a curve.
#[must_use]
pub fn curve(place: Place, told: &Curve<'_>) -> String {
    let all = || told.curve.iter().chain(told.others).map(|point| point.at);
    let across = Extent::from_zero(all().map(|point| point.x)).rounded(6);
    let up = Extent::of(all().map(|point| point.y));

    let mut svg = large_svg(place, told.title);
    let mut plot = Plot::new(&mut svg, large(place), across, up);
    plot.grid();
    plot.numbers_below();
    plot.names(told.axes[0], told.axes[1]);

    let mut line: Vec<Point> = told.curve.iter().map(|point| point.at).collect();
    line.sort_by(|a, b| a.x.total_cmp(&b.x));
    plot.line(Look::Line(0), &line);
    told.curve.iter().for_each(|point| plot.mark(0, point.at, &hint(point)));
    for (at, point) in told.others.iter().enumerate() {
        plot.mark(at + 1, point.at, &hint(point));
    }

    let others = told.others.iter().enumerate();
    let mut entries = vec![(Swatch::Line(Look::Line(0)), told.name)];
    entries.extend(others.map(|(at, point)| (Swatch::Mark(at + 1), point.name.as_str())));
    plot.legend_beside(&entries);
    svg.finish()
}

fn hint(point: &NamedPoint) -> String {
    format!("{}: {} at {}", point.name, short(point.at.y), short(point.at.x))
}
