//! Pictures of a backtest, as SVG files that refer to no others.

use std::fmt::Write;

use super::compare::{ComparisonRow, Entry};
use super::shop::ReplayedShop;
use super::suite::Backtest;

/// Size and margins of a picture, pixels. Judgement: the right margin holds the legend.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 90.0;
const RIGHT: f64 = 200.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 50.0;

/// Colours of the plots, one after the other. Judgement: told apart on white.
const COLOURS: [&str; 8] =
    ["#0b6e4f", "#c0392b", "#2c5aa0", "#b7791f", "#6b4c9a", "#00838f", "#8d6e63", "#5f6b6d"];

/// A line or a row of points.
struct Plot {
    name: String,
    points: Vec<Point>,
    is_line: bool,
}

/// A point in the units of the axes.
#[derive(Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
}

/// One picture.
struct Chart<'a> {
    title: &'a str,
    x_title: &'a str,
    y_title: &'a str,
    extent: Extent,
    plots: &'a [Plot],
}

/// Which values the axes of a picture show.
enum Extent {
    /// From 0 to a little above the largest.
    Data,
    /// Fill rates: upward from the lowest to 100 %.
    FillRate,
    /// From 0 to 100 %, both.
    Percent,
}

/// Every picture with its file name.
#[must_use]
pub fn all(found: &Backtest) -> Vec<(&'static str, String)> {
    vec![
        ("curve.svg", curve(found)),
        ("money.svg", money(found)),
        ("reliability.svg", reliability(found)),
    ]
}

/// Mean stock against fill rate: restock at several targets as a line, the other policies as
/// points.
fn curve(found: &Backtest) -> String {
    let mut line: Vec<Point> = found.rows[..found.restock_rows].iter().map(curve_point).collect();
    line.sort_by(|a, b| a.x.total_cmp(&b.x));

    let mut plots = vec![Plot { name: "restock".into(), points: line, is_line: true }];
    let others = found.rows[found.restock_rows..].iter().filter(|row| !row.has_foresight);
    plots.extend(others.map(|row| Plot {
        name: row.name.clone(),
        points: vec![curve_point(row)],
        is_line: false,
    }));

    draw(&Chart {
        title: "Stock against service",
        x_title: "mean value of the stock",
        y_title: "fill rate, %",
        extent: Extent::FillRate,
        plots: &plots,
    })
}

fn curve_point(row: &ComparisonRow) -> Point {
    Point { x: row.stock_value(), y: 100.0 * row.total.fill_rate() }
}

/// Money spent since the first scored day.
fn money(found: &Backtest) -> String {
    let shop = &found.stage.world;
    let shown =
        found.entries.iter().enumerate().filter(|(at, _)| *at == 0 || *at >= found.restock_rows);
    let plots: Vec<Plot> = shown.map(|(_, entry)| spending(shop, entry)).collect();

    draw(&Chart {
        title: "Money over time",
        x_title: "weeks scored",
        y_title: "holding, shortage, orders and waste",
        extent: Extent::Data,
        plots: &plots,
    })
}

fn spending(shop: &ReplayedShop, entry: &Entry) -> Plot {
    let mut sum = 0.0;
    let points = (shop.scored_from..shop.days)
        .map(|day| {
            sum += entry.run.money_by_day[day];
            Point { x: (day + 1 - shop.scored_from) as f64 / 7.0, y: sum }
        })
        .collect();
    Plot { name: entry.name.clone(), points, is_line: true }
}

/// Stock-out probabilities told against what came of them.
fn reliability(found: &Backtest) -> String {
    let bins = found.reliability.bins.iter().filter(|bin| bin.count > 0);
    let points = bins.map(|bin| Point { x: 100.0 * bin.told, y: 100.0 * bin.came_true }).collect();
    let diagonal = vec![Point { x: 0.0, y: 0.0 }, Point { x: 100.0, y: 100.0 }];
    let plots = [
        Plot { name: "perfect".into(), points: diagonal, is_line: true },
        Plot { name: "restock".into(), points, is_line: false },
    ];

    draw(&Chart {
        title: "Stock-out probabilities",
        x_title: "told, %",
        y_title: "came true, %",
        extent: Extent::Percent,
        plots: &plots,
    })
}

/// Where values lie on the drawing.
struct Frame {
    x_max: f64,
    y_min: f64,
    y_max: f64,
}

impl Frame {
    fn of(chart: &Chart<'_>) -> Self {
        let points = || chart.plots.iter().flat_map(|plot| plot.points.iter());
        let x_max = points().map(|point| point.x).fold(1e-9, f64::max) * 1.02;

        match chart.extent {
            Extent::Data => {
                let y_max = points().map(|point| point.y).fold(1e-9, f64::max) * 1.02;
                Self { x_max, y_min: 0.0, y_max }
            }
            Extent::FillRate => {
                let y_min = points().map(|point| point.y).fold(100.0, f64::min).floor();
                Self { x_max, y_min, y_max: 100.0 }
            }
            Extent::Percent => Self { x_max: 100.0, y_min: 0.0, y_max: 100.0 },
        }
    }

    fn x(&self, value: f64) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * value / self.x_max
    }

    fn y(&self, value: f64) -> f64 {
        let span = (self.y_max - self.y_min).max(1e-9);
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - self.y_min) / span
    }
}

fn draw(chart: &Chart<'_>) -> String {
    let frame = Frame::of(chart);
    let title = chart.title;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"16\">{title}</text>\n"
    );

    draw_axes(&mut out, chart, &frame);
    for (at, plot) in chart.plots.iter().enumerate() {
        draw_plot(&mut out, plot, at, &frame);
    }
    out.push_str("</svg>\n");

    out
}

/// Draws the grid with its figures, and what the axes show. Writing to a String cannot fail.
fn draw_axes(out: &mut String, chart: &Chart<'_>, frame: &Frame) {
    for step in 0..=4 {
        let share = f64::from(step) / 4.0;
        let across = frame.x_max * share;
        let up = frame.y_min + (frame.y_max - frame.y_min) * share;

        let _ = write!(
            out,
            "<line x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{1:.1}\" y2=\"{1:.1}\" stroke=\"#ddd\"/>\n\
             <text x=\"{2:.1}\" y=\"{3:.1}\" text-anchor=\"end\">{4}</text>\n\
             <text x=\"{5:.1}\" y=\"{6:.1}\" text-anchor=\"middle\">{7}</text>\n",
            WIDTH - RIGHT,
            frame.y(up),
            LEFT - 6.0,
            frame.y(up) + 4.0,
            short(up),
            frame.x(across),
            HEIGHT - BOTTOM + 18.0,
            short(across),
        );
    }

    let _ = write!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n\
         <text transform=\"translate(16 {:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
        (LEFT + WIDTH - RIGHT) / 2.0,
        HEIGHT - 12.0,
        chart.x_title,
        (TOP + HEIGHT - BOTTOM) / 2.0,
        chart.y_title,
    );
}

/// Draws one plot and its name in the legend. Writing to a String cannot fail.
fn draw_plot(out: &mut String, plot: &Plot, at: usize, frame: &Frame) {
    let colour = COLOURS[at % COLOURS.len()];
    if plot.is_line {
        let points: Vec<String> = plot
            .points
            .iter()
            .map(|point| format!("{:.1},{:.1}", frame.x(point.x), frame.y(point.y)))
            .collect();
        let _ = writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            points.join(" ")
        );
    }

    if !plot.is_line || plot.points.len() < 12 {
        for point in &plot.points {
            let _ = writeln!(
                out,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\" fill=\"{colour}\"/>",
                frame.x(point.x),
                frame.y(point.y)
            );
        }
    }

    let _ = writeln!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{}</text>",
        WIDTH - RIGHT + 12.0,
        TOP + 18.0 * at as f64,
        escaped(&plot.name)
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// A number in few digits.
fn short(value: f64) -> String {
    match value.abs() {
        v if v >= 1e6 => format!("{:.1}M", value / 1e6),
        v if v >= 1e4 => format!("{:.0}k", value / 1e3),
        v if v >= 10.0 => format!("{value:.0}"),
        _ => format!("{value:.1}"),
    }
}
