//! The main figures of the review over time: as a table for a terminal, and as small pictures side
//! by side in one SVG file that refers to no others.

use crate::backorder::review::ReviewRow;
use crate::domain::calendar::date_of;
use crate::domain::fixed::Fixed;
use crate::drawing::scale::short;
use crate::drawing::svg::Place;
use crate::drawing::timeline::{Figure, small_multiples};
use crate::io::sinks::table::{SimpleTable, Values};

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
pub fn picture(place: Place, base: &str, rows: &[ReviewRow]) -> String {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return small_multiples(place, "No run", (0, 0), &[]);
    };
    let figures: Vec<Figure<'_>> = TRENDS.iter().filter_map(|trend| figure(trend, rows)).collect();
    let title = format!("{} to {}, money in {base}", date_of(first.date), date_of(last.date));
    small_multiples(place, &title, (first.date, last.date), &figures)
}

/// A figure on the days on which it was known.
fn figure<'a>(trend: &Trend, rows: &[ReviewRow]) -> Option<Figure<'a>> {
    let point = |row: &ReviewRow| Some((row.date, (trend.of)(row)?));
    let points: Vec<_> = rows.iter().filter_map(point).collect();
    let newest = points.last()?.1;
    Some(Figure { title: trend.title, newest: short(trend.unit.read(newest)), points })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<ReviewRow> {
        let row = |day: i32, out: i64| ReviewRow {
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
        let drawn = picture(Place::File, "EUR", &rows());
        assert_eq!(drawn.matches("class=\"s1\"").count(), 3);
        // The items out of stock fall from 4 to 0.
        assert!(drawn.contains(" d=\"M50 74L157 121L264 168\""), "{drawn}");
        assert!(drawn.contains("2024-10-04 to 2024-10-18, money in EUR"));
        assert!(drawn.contains(">7 Oct</text>") && drawn.contains(">12k</text>"), "{drawn}");
        assert!(!drawn.contains("NaN") && !drawn.contains("inf"));
        assert!(picture(Place::File, "EUR", &[]).contains("No run"));
        assert!(!picture(Place::File, "EUR", &rows()[..1]).contains("NaN"));
    }
}
