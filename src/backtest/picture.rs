//! Pictures of a backtest, as SVG that needs nothing beside it.

use std::fmt::Write;

use super::suite::Backtest;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 90.0;
const RIGHT: f64 = 200.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 50.0;
const COLOURS: [&str; 8] =
    ["#0b6e4f", "#c0392b", "#2c5aa0", "#b7791f", "#6b4c9a", "#00838f", "#8d6e63", "#5f6b6d"];

/// A line or a row of points.
struct Plot {
    name: String,
    points: Vec<(f64, f64)>,
    is_line: bool,
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
    let point = |row: &super::compare::Row| (row.stock_value(), 100.0 * row.total.fill_rate());
    let mut line: Vec<(f64, f64)> = found.rows[..found.restock_rows].iter().map(point).collect();
    line.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut plots = vec![Plot { name: "restock".into(), points: line, is_line: true }];
    let others = found.rows[found.restock_rows..].iter().filter(|row| !row.has_foresight);
    plots.extend(others.map(|row| Plot {
        name: row.name.clone(),
        points: vec![point(row)],
        is_line: false,
    }));
    draw("Stock against service", ("mean value of the stock", "fill rate, %"), &plots, None)
}

/// Money spent since the first scored day.
fn money(found: &Backtest) -> String {
    let world = &found.stage.world;
    let plot = |entry: &super::compare::Entry| {
        let mut sum = 0.0;
        let points = (world.scored_from..world.days)
            .map(|day| {
                sum += entry.run.money_by_day[day];
                ((day + 1 - world.scored_from) as f64 / 7.0, sum)
            })
            .collect();
        Plot { name: entry.name.clone(), points, is_line: true }
    };
    let shown =
        found.entries.iter().enumerate().filter(|(at, _)| *at == 0 || *at >= found.restock_rows);
    let plots: Vec<Plot> = shown.map(|(_, entry)| plot(entry)).collect();
    draw("Money over time", ("weeks scored", "holding, shortage, orders and waste"), &plots, None)
}

/// Stock-out probabilities told against what came of them.
fn reliability(found: &Backtest) -> String {
    let bins = found.reliability.bins.iter().filter(|bin| bin.count > 0);
    let points = bins.map(|bin| (100.0 * bin.told, 100.0 * bin.came_true)).collect();
    let plots = [
        Plot { name: "perfect".into(), points: vec![(0.0, 0.0), (100.0, 100.0)], is_line: true },
        Plot { name: "restock".into(), points, is_line: false },
    ];
    draw("Stock-out probabilities", ("told, %", "came true, %"), &plots, Some((100.0, 100.0)))
}

fn draw(title: &str, axes: (&str, &str), plots: &[Plot], most: Option<(f64, f64)>) -> String {
    let all = || plots.iter().flat_map(|plot| plot.points.iter());
    let (x_most, y_most) = most.unwrap_or_else(|| {
        (
            all().map(|p| p.0).fold(1e-9, f64::max) * 1.02,
            all().map(|p| p.1).fold(1e-9, f64::max) * 1.02,
        )
    });
    let y_least = if axes.1.starts_with("fill") {
        all().map(|p| p.1).fold(100.0, f64::min).floor()
    } else {
        0.0
    };
    let y_most = if axes.1.starts_with("fill") { 100.0 } else { y_most };
    let x = |value: f64| LEFT + (WIDTH - LEFT - RIGHT) * value / x_most;
    let y = |value: f64| {
        let span = (y_most - y_least).max(1e-9);
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - y_least) / span
    };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"{LEFT}\" y=\"24\" \
         font-size=\"16\">{title}</text>\n"
    );
    for step in 0..=4 {
        let share = f64::from(step) / 4.0;
        let (across, up) = (x_most * share, y_least + (y_most - y_least) * share);
        let _ = write!(
            out,
            "<line x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{1:.1}\" y2=\"{1:.1}\" stroke=\"#ddd\"/>\n<text x=\"{2:.1}\" y=\"{3:.1}\" \
             text-anchor=\"end\">{4}</text>\n<text x=\"{5:.1}\" y=\"{6:.1}\" text-anchor=\"middle\">{7}</text>\n",
            WIDTH - RIGHT,
            y(up),
            LEFT - 6.0,
            y(up) + 4.0,
            short(up),
            x(across),
            HEIGHT - BOTTOM + 18.0,
            short(across),
        );
    }
    let _ = write!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n<text transform=\"translate(16 {:.1}) rotate(-90)\" \
         text-anchor=\"middle\">{}</text>\n",
        (LEFT + WIDTH - RIGHT) / 2.0,
        HEIGHT - 12.0,
        axes.0,
        (TOP + HEIGHT - BOTTOM) / 2.0,
        axes.1,
    );
    for (at, plot) in plots.iter().enumerate() {
        let colour = COLOURS[at % COLOURS.len()];
        if plot.is_line {
            let points: Vec<String> =
                plot.points.iter().map(|p| format!("{:.1},{:.1}", x(p.0), y(p.1))).collect();
            let _ = writeln!(
                out,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
                points.join(" ")
            );
        }
        if !plot.is_line || plot.points.len() < 12 {
            for p in &plot.points {
                let _ = writeln!(
                    out,
                    "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\" fill=\"{colour}\"/>",
                    x(p.0),
                    y(p.1)
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
    out.push_str("</svg>\n");
    out
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
