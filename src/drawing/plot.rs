//! A rectangle with axes in a picture, and the shapes within it.

use crate::domain::calendar::Day;
use crate::domain::wording::shortened;

use super::dates::{date_ticks, drawn_day};
use super::look::{Look, SERIES};
use super::scale::{Extent, Scale};
use super::svg::{Anchor, Area, Path, Spot, Svg};

/// Pixels between ticks, at least, so that what is written beside them does not overlap.
const PIXELS_PER_NUMBER: f64 = 50.0;
const PIXELS_PER_DATE: f64 = 66.0;
const PIXELS_PER_HEIGHT: f64 = 32.0;
/// Height of a line of text, pixels.
pub(super) const LINE: f64 = 18.0;
/// Characters of a name in a legend, at most. Judgement: what stands beside a plot.
const MAX_NAME: usize = 32;
/// Radius of a mark, pixels.
const MARK: f64 = 4.0;
/// Radius of a dot on a line, pixels.
const DOT: f64 = 2.0;

/// A point in the values of the axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Upward.
    pub y: f64,
}

/// A value that holds from one day to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stretch {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) value: f64,
}

/// What a legend shows beside a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Swatch {
    /// A line.
    Line(Look),
    /// A mark of a series.
    Mark(usize),
    /// An area.
    Area(Look),
    /// The hatching of an area.
    Hatching,
}

/// A rectangle with axes.
pub(super) struct Plot<'s> {
    pub(super) svg: &'s mut Svg,
    pub(super) area: Area,
    x: Scale,
    y: Scale,
}

impl<'s> Plot<'s> {
    /// Axes over a rectangle; the heights become those of ticks.
    pub(super) fn new(svg: &'s mut Svg, area: Area, across: Extent, up: Extent) -> Self {
        let up = up.rounded(heights(&area));
        let (x, y) = (across.on(area.left, area.right), up.on(area.bottom, area.top));
        Self { svg, area, x, y }
    }

    /// The spot of a point.
    pub(super) fn spot(&self, point: Point) -> Spot {
        Spot { x: self.x.at(point.x), y: self.y.at(point.y) }
    }

    /// The baseline: zero, where it is shown.
    fn base(&self) -> f64 {
        self.y.at(0.0)
    }

    /// Lines at round heights with their figures, and the baseline.
    pub(super) fn grid(&mut self) {
        let Area { left, right, .. } = self.area;
        for tick in self.y.ticks(heights(&self.area)) {
            let y = self.y.at(tick.value);
            self.svg.line(Look::Grid, Spot { x: left, y }, Spot { x: right, y });
            self.svg.text(Spot { x: left - 6.0, y: y + 4.0 }, Anchor::End, &tick.text);
        }
        let y = self.base();
        self.svg.line(Look::Axis, Spot { x: left, y }, Spot { x: right, y });
    }

    /// Round numbers below.
    pub(super) fn numbers_below(&mut self) {
        let about = ((self.area.right - self.area.left) / PIXELS_PER_NUMBER) as usize;
        for tick in self.x.ticks(about) {
            self.tick_below(self.x.at(tick.value), &tick.text);
        }
    }

    /// Dates below, where what is across are days.
    pub(super) fn dates_below(&mut self) {
        let max = ((self.area.right - self.area.left) / PIXELS_PER_DATE) as usize;
        for tick in date_ticks(self.x.low() as Day, self.x.high() as Day, max) {
            self.tick_below(self.x.at(f64::from(tick.day)), &tick.text);
        }
    }

    fn tick_below(&mut self, x: f64, text: &str) {
        let bottom = self.area.bottom;
        self.svg.line(Look::Axis, Spot { x, y: bottom }, Spot { x, y: bottom + 4.0 });
        self.svg.text(Spot { x, y: bottom + 16.0 }, Anchor::Middle, text);
    }

    /// What the axes show: the one above the plot, the other below its figures.
    pub(super) fn names(&mut self, across: &str, up: &str) {
        let Area { left, right, top, bottom } = self.area;
        self.svg.text(Spot { x: left - 40.0, y: top - 12.0 }, Anchor::Start, up);
        let middle = f64::midpoint(left, right);
        self.svg.text(Spot { x: middle, y: bottom + 34.0 }, Anchor::Middle, across);
    }

    /// A line through points, with a gap where one is no number.
    pub(super) fn line(&mut self, look: Look, points: &[Point]) {
        let mut path = Path::default();
        let mut is_drawing = false;
        for point in points {
            let is_known = point.x.is_finite() && point.y.is_finite();
            match (is_known, is_drawing) {
                (true, true) => path.line_to(self.spot(*point)),
                (true, false) => path.move_to(self.spot(*point)),
                (false, _) => {}
            }
            is_drawing = is_known;
        }
        self.svg.path(look, &path);
    }

    /// A mark of a series, with a text for whoever points at it.
    pub(super) fn mark(&mut self, series: usize, point: Point, hint: &str) {
        if point.x.is_finite() && point.y.is_finite() {
            let form = mark_form(series, self.spot(point));
            self.svg.path_with_hint(Look::Points(series), &form, hint);
        }
    }

    /// Small dots of a series, all in one shape.
    pub(super) fn dots(&mut self, series: usize, points: &[Point]) {
        let mut path = Path::default();
        for point in points.iter().filter(|point| point.x.is_finite() && point.y.is_finite()) {
            path.add_circle(self.spot(*point), DOT);
        }
        self.svg.path(Look::Points(series), &path);
    }

    /// Bars, all in one shape.
    pub(super) fn bars(&mut self, bars: &[Stretch]) {
        let mut path = Path::default();
        let base = self.base();
        for bar in bars.iter().filter(|bar| bar.value > 0.0) {
            let (left, right) = self.bar_edges(bar);
            // Whatever there was shows, however little.
            let top = self.y.at(bar.value).min(base - 1.0);
            path.move_to(Spot { x: left, y: base });
            path.vertical_to(top);
            path.horizontal_to(right);
            path.vertical_to(base);
            path.close();
        }
        self.svg.path(Look::Bar, &path);
    }

    /// The sides of a bar: a fifth of its stretch, at most two pixels, is left between two.
    fn bar_edges(&self, bar: &Stretch) -> (f64, f64) {
        let (left, right) = (self.x.at(bar.from), self.x.at(bar.to));
        let gap = ((right - left) * 0.1).min(1.0);
        (left + gap, right - gap)
    }

    /// Hatching above bars: there was more, nobody knows how much.
    pub(super) fn hatching_above(&mut self, bars: &[Stretch]) {
        let mut path = Path::default();
        for bar in bars {
            let (left, right) = self.bar_edges(bar);
            let bottom = self.y.at(bar.value.max(0.0));
            hatch(&mut path, Area { left, right, top: self.area.top, bottom });
        }
        self.svg.path(Look::Censored, &path);
    }

    /// The area between lows and highs, in steps.
    pub(super) fn band(&mut self, look: Look, lows: &[Stretch], highs: &[Stretch]) {
        let Some(first) = highs.first() else { return };
        let mut path = Path::default();
        path.move_to(Spot { x: self.x.at(first.from), y: self.y.at(first.value) });
        for high in highs {
            path.vertical_to(self.y.at(high.value));
            path.horizontal_to(self.x.at(high.to));
        }
        for low in lows.iter().rev() {
            path.vertical_to(self.y.at(low.value));
            path.horizontal_to(self.x.at(low.from));
        }
        path.close();
        self.svg.path(look, &path);
    }

    /// A line in steps.
    pub(super) fn steps(&mut self, look: Look, stretches: &[Stretch]) {
        let Some(first) = stretches.first() else { return };
        let mut path = Path::default();
        path.move_to(Spot { x: self.x.at(first.from), y: self.y.at(first.value) });
        for stretch in stretches {
            path.vertical_to(self.y.at(stretch.value));
            path.horizontal_to(self.x.at(stretch.to));
        }
        self.svg.path(look, &path);
    }

    /// An upright line through the plot, with a head above it.
    pub(super) fn upright(&mut self, x: f64) {
        let Area { top, bottom, .. } = self.area;
        let x = self.x.at(x);
        self.svg.line(Look::Axis, Spot { x, y: top - 4.0 }, Spot { x, y: bottom });
        let head = [(0.0, -2.0), (-4.0, -8.0), (4.0, -8.0)];
        let head = head.map(|(right, down)| Spot { x: x + right, y: top + down });
        self.svg.path(Look::Bar, &Path::within(&head));
    }

    /// Names in a column beside the plot.
    pub(super) fn legend_beside(&mut self, entries: &[(Swatch, &str)]) {
        let x = self.area.right + 16.0;
        for (at, entry) in entries.iter().enumerate() {
            let y = self.area.top + 4.0 + LINE * at as f64;
            legend_entry(self.svg, Spot { x, y }, entry);
        }
    }

    /// Names in a row above the plot, one beginning every so many pixels.
    pub(super) fn legend_above(&mut self, every: f64, entries: &[(Swatch, &str)]) {
        for (at, entry) in entries.iter().enumerate() {
            let x = self.area.left + every * at as f64;
            legend_entry(self.svg, Spot { x, y: self.area.top - 16.0 }, entry);
        }
    }
}

/// Ticks upward that a rectangle has room for.
fn heights(area: &Area) -> usize {
    ((area.bottom - area.top) / PIXELS_PER_HEIGHT) as usize
}

/// An extent of days, whole and within some thousand years.
pub(super) fn days(first: Day, last: Day) -> Extent {
    Extent::new(f64::from(drawn_day(first)), f64::from(drawn_day(last)))
}

fn legend_entry(svg: &mut Svg, at: Spot, (swatch, name): &(Swatch, &str)) {
    let right = at.x + 20.0;
    let area = Area { left: at.x, right, top: at.y - 5.0, bottom: at.y + 5.0 };
    match swatch {
        Swatch::Line(look) => svg.line(*look, at, Spot { x: right, ..at }),
        Swatch::Mark(series) => {
            let form = mark_form(*series, Spot { x: at.x + 10.0, ..at });
            svg.path(Look::Points(*series), &form);
        }
        Swatch::Area(look) => svg.path(*look, &rectangle(area)),
        Swatch::Hatching => {
            let mut path = Path::default();
            hatch(&mut path, area);
            svg.path(Look::Censored, &path);
        }
    }
    let text = shortened(name, MAX_NAME);
    svg.text(Spot { x: right + 6.0, y: at.y + 4.0 }, Anchor::Start, &text);
}

fn rectangle(Area { left, right, top, bottom }: Area) -> Path {
    Path::within(&[
        Spot { x: left, y: bottom },
        Spot { x: left, y: top },
        Spot { x: right, y: top },
        Spot { x: right, y: bottom },
    ])
}

/// The mark of a series: a circle, square, triangle or diamond, so that colour is not all that
/// tells two apart, and those of the same colour differ in form.
fn mark_form(series: usize, at: Spot) -> Path {
    let corner = |x: f64, y: f64| Spot { x: at.x + x * MARK, y: at.y + y * MARK };
    match (series + series / SERIES) % 4 {
        0 => Path::circle(at, MARK),
        1 => Path::within(&[
            corner(-0.9, -0.9),
            corner(0.9, -0.9),
            corner(0.9, 0.9),
            corner(-0.9, 0.9),
        ]),
        2 => Path::within(&[corner(0.0, -1.1), corner(1.1, 0.9), corner(-1.1, 0.9)]),
        _ => Path::within(&[
            corner(0.0, -1.3),
            corner(1.3, 0.0),
            corner(0.0, 1.3),
            corner(-1.3, 0.0),
        ]),
    }
}

/// Slanted lines over a rectangle, from its left to its right side.
fn hatch(path: &mut Path, Area { left, right, top, bottom }: Area) {
    /// Pixels between two lines. Judgement: seen as grey from afar, as lines from near.
    const APART: f64 = 5.0;

    let width = right - left;
    let mut y = bottom;
    while y > top {
        // The last line ends at the upper side.
        let rise = width.min(y - top);
        path.move_to(Spot { x: left, y });
        path.line_to(Spot { x: left + rise, y: y - rise });
        y -= APART;
    }
}
