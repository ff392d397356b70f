//! The orders and the money ahead: `projected_orders.csv`, `cash.csv`, and their line of the
//! summary.

use std::fmt::Write;
use std::path::Path;

use super::columns::{CASH, PROJECTED};
use crate::config::Settings;
use crate::domain::calendar::{Day, date_of};
use crate::domain::fixed::Fixed;
use crate::domain::money::{decimals_of, money};
use crate::domain::wording::wrapped;
use crate::error::Result;
use crate::io::sinks::csv::CsvSink;
use crate::pipeline::NightPlan;
use crate::plan::cash::{Due, KINDS};

/// Days that the summary looks ahead: four weeks.
const SUMMARY_DAYS: Day = 28;
/// Characters of a line.
const WIDTH: usize = 80;

/// Writes the tables into the directory; values of projected orders have the base currency's
/// decimals.
pub(super) fn write(dir: &Path, decimals: u32, plan: &NightPlan<'_>) -> Result<()> {
    projected_orders(dir, decimals, plan)?;
    cash(dir, plan)
}

fn projected_orders(dir: &Path, decimals: u32, plan: &NightPlan<'_>) -> Result<()> {
    let mut sink = CsvSink::create(&dir.join("projected_orders.csv"), PROJECTED)?;
    let mut dates = Dates::default();
    for item in &plan.projected {
        for order in &item.orders {
            sink.text(&item.supplier).text(&item.key.sku).text(&item.key.location);
            sink.text(dates.of(order.order_day));
            sink.text(dates.of(order.arrival_day)).fixed(order.quantity);
            let value = order.line_total.and_then(|total| item.amounts.in_base(total));
            sink.money(value, decimals).end()?;
        }
    }

    sink.finish().map(drop)
}

/// Days as they are written: each is made once, since half a year of orders has few of them.
#[derive(Default)]
struct Dates {
    first: Day,
    texts: Vec<String>,
}

impl Dates {
    fn of(&mut self, day: Day) -> &str {
        if self.texts.is_empty() || day < self.first {
            (self.first, self.texts) = (day, Vec::new());
        }
        let at = (day - self.first) as usize;
        while self.texts.len() <= at {
            self.texts.push(date_of(self.first + self.texts.len() as Day).to_string());
        }
        &self.texts[at]
    }
}

fn cash(dir: &Path, plan: &NightPlan<'_>) -> Result<()> {
    let mut sink = CsvSink::create(&dir.join("cash.csv"), CASH)?;
    for row in &plan.cash {
        let decimals = decimals_of(&row.currency);
        sink.date(row.week_start).text(&row.supplier).guarded(&row.currency);
        row.due.iter().for_each(|due| {
            sink.money(*due, decimals);
        });
        sink.end()?;
    }

    sink.finish().map(drop)
}

/// What falls due soon, in the base currency, as far as there are rates.
pub(super) fn summary(
    out: &mut String,
    settings: &Settings,
    as_of: Day,
    plan: &NightPlan<'_>,
) -> std::fmt::Result {
    if plan.cash.is_empty() {
        return Ok(());
    }

    let base = settings.currency.base.as_str();
    let rate = |currency: &str| match currency == base {
        true => Some(1.0),
        false => settings.currency.rates.get(currency).copied(),
    };
    let soon = plan.cash.iter().filter(|row| row.week_start < as_of + SUMMARY_DAYS);
    let mut due = [0.0; KINDS];
    for row in soon {
        let rate = rate(&row.currency).unwrap_or(0.0);
        due.iter_mut().zip(&row.due).for_each(|(sum, due)| *sum += rate * due.to_f64());
    }

    let shown = |amount: f64| money(Fixed::clamped(amount), decimals_of(base));
    let of = |kind: Due| shown(due[kind as usize]);
    let text = format!(
        "Money ahead: {} {base} fall due within 4 weeks: {} for open orders, {} for tonight's and \
         {} for later ones (cash.csv)",
        shown(due.iter().sum()),
        of(Due::Open),
        of(Due::Tonight),
        of(Due::Projected)
    );
    writeln!(out, "{}", wrapped(&text, WIDTH, "  "))
}
