//! The main figures of the review over time: as a table for a terminal, and as small pictures side
//! by side in one SVG file that refers to no others.

use std::fmt::Write;

use crate::backorder::review::ReviewRow;
use crate::domain::calendar::{Day, date_of};
use crate::domain::fixed::Fixed;
use crate::io::sinks::table::{SimpleTable, Values};

/// Pictures side by side. Judgement: three fit a screen and a sheet of paper.
const ACROSS: usize = 3;
/// Size of one picture with what is written around it, pixels.
const WIDTH: f64 = 280.0;
const HEIGHT: f64 = 150.0;
/// What is left around the plot of one picture, pixels: title above, dates below, figures beside.
const LEFT: f64 = 52.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 26.0;
/// Height of the title over all pictures, pixels.
const HEAD: f64 = 40.0;
/// The colour of a plot. Judgement: dark on white.
const COLOUR: &str = "#0b6e4f";
/// Points up to which each is marked. Judgement: more run into each other.
const MAX_MARKED: usize = 30;

/// What the numbers of a figure are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Plain,
    Money,
    Percent,
}

/// A figure that is shown.
struct Trend {
    column: &'static str,
    title: &'static str,
    unit: Unit,
    of: fn(&ReviewRow) -> Option<f64>,
}

fn whole(count: Option<i64>) -> Option<f64> {
    count.map(|count| count as f64)
}

fn money(amount: Option<Fixed>) -> Option<f64> {
    amount.map(|amount| amount.to_f64())
}

fn percent(share: Option<f64>) -> Option<f64> {
    share.map(|share| 100.0 * share)
}

fn promises_kept(row: &ReviewRow) -> Option<f64> {
    let due = row.promises_due.filter(|due| *due > 0)?;
    Some(100.0 * row.promises_kept? as f64 / due as f64)
}

const TRENDS: &[Trend] = &[
    Trend {
        column: "out_of_stock",
        title: "Items out of stock",
        unit: Unit::Plain,
        of: |row| whole(row.items_out_of_stock),
    },
    Trend {
        column: "in_stock_%",
        title: "Days in stock, last 28, %",
        unit: Unit::Percent,
        of: |row| percent(row.in_stock_share_28d),
    },
    Trend {
        column: "waiting_lines",
        title: "Lines waiting",
        unit: Unit::Plain,
        of: |row| whole(row.waiting_lines),
    },
    Trend {
        column: "waiting_value",
        title: "Waiting, money",
        unit: Unit::Money,
        of: |row| money(row.waiting_value),
    },
    Trend {
        column: "oldest_days",
        title: "Oldest line waiting, days",
        unit: Unit::Plain,
        of: |row| whole(row.waiting_oldest_days),
    },
    Trend {
        column: "promises_kept_%",
        title: "Promises kept, %",
        unit: Unit::Percent,
        of: promises_kept,
    },
    Trend {
        column: "at_risk",
        title: "Items at risk",
        unit: Unit::Plain,
        of: |row| whole(row.at_risk_items),
    },
    Trend {
        column: "at_risk_value",
        title: "At risk, money",
        unit: Unit::Money,
        of: |row| money(row.at_risk_value),
    },
    Trend {
        column: "overdue",
        title: "Open order lines overdue",
        unit: Unit::Plain,
        of: |row| whole(row.overdue_lines),
    },
    Trend {
        column: "on_time_%",
        title: "Deliveries on time in full, 90 days, %",
        unit: Unit::Percent,
        of: |row| percent(row.on_time_in_full_90d),
    },
    Trend {
        column: "excess_value",
        title: "Excess, money",
        unit: Unit::Money,
        of: |row| money(row.excess_value),
    },
    Trend {
        column: "dead_stock",
        title: "Dead stock, money",
        unit: Unit::Money,
        of: |row| money(row.dead_stock_value),
    },
    Trend {
        column: "order_value",
        title: "Ordered, money",
        unit: Unit::Money,
        of: |row| money(row.order_value),
    },
    Trend {
        column: "error_%",
        title: "Forecast error, four periods, %",
        unit: Unit::Percent,
        of: |row| percent(row.forecast_error_4b),
    },
    Trend {
        column: "bias_%",
        title: "Forecast bias, four periods, %",
        unit: Unit::Percent,
        of: |row| percent(row.forecast_bias_4b),
    },
];

/// The main figures, one row a run; those that no run knows are left out.
#[must_use]
pub fn table(rows: &[ReviewRow]) -> SimpleTable {
    let days = rows.iter().map(|row| row.date).collect();
    let mut table = SimpleTable::default().with("date", Values::Date(days));
    for trend in TRENDS {
        let values: Vec<Option<f64>> = rows.iter().map(trend.of).collect();
        if values.iter().any(Option::is_some) {
            let shown = |value: Option<f64>| value.map_or(f64::NAN, |value| trend.unit.read(value));
            let values = values.into_iter().map(shown).collect();
            table = table.with(trend.column, Values::Real(values));
        }
    }
    table
}

impl Unit {
    /// As people read it: money in whole units, shares to a tenth of a percent.
    fn read(self, value: f64) -> f64 {
        match self {
            Self::Percent => (value * 10.0).round() / 10.0,
            Self::Plain | Self::Money => value.round(),
        }
    }
}

/// One small picture a figure, over the days of the runs; figures that no run knows have none.
/// `base` is the currency of the money.
#[must_use]
pub fn picture(base: &str, rows: &[ReviewRow]) -> String {
    let known: Vec<(&Trend, Vec<(Day, f64)>)> = TRENDS
        .iter()
        .map(|trend| {
            let point = |row: &ReviewRow| Some((row.date, (trend.of)(row)?));
            (trend, rows.iter().filter_map(point).collect::<Vec<_>>())
        })
        .filter(|(_, points)| !points.is_empty())
        .collect();

    let down = known.len().div_ceil(ACROSS);
    let (width, height) = (WIDTH * ACROSS as f64, HEAD + HEIGHT * down as f64 + 8.0);
    let title = match (rows.first(), rows.last()) {
        (Some(first), Some(last)) => {
            format!("{} to {}, money in {base}", date_of(first.date), date_of(last.date))
        }
        _ => "No run".to_owned(),
    };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"10\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"15\">{}</text>\n",
        escaped(&title)
    );
    let days = (rows.first().map_or(0, |row| row.date), rows.last().map_or(0, |row| row.date));
    for (at, (trend, points)) in known.iter().enumerate() {
        let x = WIDTH * (at % ACROSS) as f64;
        let y = HEAD + HEIGHT * (at / ACROSS) as f64;
        // Writing to a String cannot fail.
        let _ = writeln!(out, "<g transform=\"translate({x} {y})\">");
        let _ = draw(&mut out, trend, points, days);
        out.push_str("</g>\n");
    }
    out.push_str("</svg>\n");
    out
}

/// Draws one figure: its title, its last value, a grid of three lines and the plot.
fn draw(
    out: &mut String,
    trend: &Trend,
    points: &[(Day, f64)],
    (first, last): (Day, Day),
) -> std::fmt::Result {
    let (low, high) = extent(points);
    let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    let days = f64::from((last - first).max(1));
    let x = |day: Day| LEFT + (right - LEFT) * f64::from(day - first) / days;
    let y = |value: f64| bottom - (bottom - TOP) * (value - low) / (high - low);

    let newest = points.last().map_or(0.0, |(_, value)| *value);
    writeln!(
        out,
        "<text x=\"{LEFT}\" y=\"22\" font-size=\"12\">{}</text>\n\
         <text x=\"{right}\" y=\"22\" font-size=\"12\" text-anchor=\"end\" \
         fill=\"{COLOUR}\">{}</text>",
        escaped(trend.title),
        short(trend.unit.read(newest))
    )?;
    for step in 0..=2 {
        let value = low + (high - low) * f64::from(step) / 2.0;
        writeln!(
            out,
            "<line x1=\"{LEFT}\" x2=\"{right}\" y1=\"{0:.1}\" y2=\"{0:.1}\" stroke=\"#ddd\"/>\n\
             <text x=\"{1:.1}\" y=\"{2:.1}\" text-anchor=\"end\" fill=\"#555\">{3}</text>",
            y(value),
            LEFT - 5.0,
            y(value) + 3.5,
            short(value)
        )?;
    }
    writeln!(
        out,
        "<text x=\"{LEFT}\" y=\"{0:.1}\" fill=\"#555\">{1}</text>\n\
         <text x=\"{right}\" y=\"{0:.1}\" text-anchor=\"end\" fill=\"#555\">{2}</text>",
        bottom + 14.0,
        date_of(first),
        date_of(last)
    )?;

    let places: Vec<String> =
        points.iter().map(|(day, value)| format!("{:.1},{:.1}", x(*day), y(*value))).collect();
    writeln!(
        out,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{COLOUR}\" stroke-width=\"1.5\"/>",
        places.join(" ")
    )?;
    for (day, value) in points.iter().filter(|_| points.len() <= MAX_MARKED) {
        writeln!(
            out,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"2\" fill=\"{COLOUR}\"/>",
            x(*day),
            y(*value)
        )?;
    }
    Ok(())
}

/// From 0, or below it, to the largest value; never nothing.
fn extent(points: &[(Day, f64)]) -> (f64, f64) {
    let low = points.iter().map(|(_, value)| *value).fold(0.0, f64::min);
    let high = points.iter().map(|(_, value)| *value).fold(0.0, f64::max);

    if high > low { (low, high) } else { (low, low + 1.0) }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// A number in few digits.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 1e6 => format!("{:.1}M", value / 1e6),
        size if size >= 1e4 => format!("{:.0}k", value / 1e3),
        size if size >= 10.0 || value.fract() == 0.0 => format!("{:.0}", value + 0.0),
        _ => format!("{value:.1}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<ReviewRow> {
        let row = |day: Day, out: i64| ReviewRow {
            date: 20_000 + day,
            items_out_of_stock: Some(out),
            excess_value: Some(Fixed::from_units(12_345)),
            on_time_in_full_90d: Some(0.875),
            ..ReviewRow::default()
        };
        vec![row(0, 4), row(7, 2), row(14, 0)]
    }

    #[test]
    fn figures_that_no_run_knows_are_left_out() {
        let mut bytes = Vec::new();
        table(&rows()).write(crate::io::sinks::table::TableFormat::Table, &mut bytes).unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "date        out_of_stock  on_time_%  excess_value\n\
             2024-10-04             4       87.5         12345\n\
             2024-10-11             2       87.5         12345\n\
             2024-10-18             0       87.5         12345\n"
        );
    }

    #[test]
    fn a_picture_has_a_plot_a_figure_and_its_days_from_left_to_right() {
        let drawn = picture("EUR", &rows());
        assert_eq!(drawn.matches("<polyline").count(), 3);
        assert!(drawn.contains("points=\"52.0,34.0 159.0,79.0 266.0,124.0\""), "{drawn}");
        assert!(drawn.contains("2024-10-04 to 2024-10-18, money in EUR"));
        assert!(!drawn.contains("NaN") && !drawn.contains("inf"));
        assert!(picture("EUR", &[]).contains("No run"));
        assert!(!picture("EUR", &rows()[..1]).contains("NaN"));
    }
}
