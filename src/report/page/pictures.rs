//! Pictures of an item that somebody has to decide on, for where no script runs.

use super::PageSource;
use super::ahead::{Ahead, Period};
use super::history::History;
use super::run_tables::Row;
use super::shown::name;
use crate::domain::calendar::Day;
use crate::domain::lookups;
use crate::drawing::fan::{Fan, fan};
use crate::drawing::projected_stock::{ProjectedStock, projected_stock};
use crate::report::columns::QUANTITY;

/// What the pictures are drawn from.
pub(super) struct Pictures<'a> {
    pub(super) source: PageSource<'a>,
    pub(super) history: History<'a>,
    pub(super) ahead: Ahead<'a>,
}

impl<'a> Pictures<'a> {
    pub(super) fn of(source: &PageSource<'a>) -> Self {
        let history = History::of(source.state.prepared);
        Self { source: *source, history, ahead: Ahead::of(source) }
    }

    /// The demand of an item, past and ahead, and its stock as it is expected to go with a line of
    /// tonight's orders.
    pub(super) fn of_line(&self, line: Row<'_>, plan: Row<'_>) -> Vec<String> {
        let Some(index) = self.history.index(line.item()) else { return Vec::new() };
        let periods = self.ahead.periods(index);
        let mut pictures = vec![self.demand(line, index, &periods)];
        pictures.extend(self.stock(line, plan, &periods));
        pictures
    }

    fn demand(&self, line: Row<'_>, index: usize, periods: &[Period]) -> String {
        let histories = &self.source.state.prepared.histories;
        let (units, censored) = self.history.drawn(index);
        // The rest of a bucket that has begun is no bar's equal.
        let begun = usize::from(histories.as_of_is_inside_bucket());
        let ahead: Vec<[f64; 5]> = periods.iter().skip(begun).map(|it| it.quantiles).collect();
        fan(&Fan {
            title: &format!("Demand of {} and its forecast", name(line.item().0)),
            calendar: histories.calendar,
            begin: histories.last_bucket() + 1,
            history: &units,
            censored: &censored,
            ahead: &ahead,
        })
    }

    fn stock(&self, line: Row<'_>, plan: Row<'_>, periods: &[Period]) -> Option<String> {
        let as_of = self.source.state.as_of;
        let on_hand = plan.number("on_hand")?;
        let owed = ["allocated", "backorders"].map(|column| plan.number(column).unwrap_or(0.0));
        let free = on_hand - owed.iter().sum::<f64>();
        let arrivals = self.arrivals(line, plan);
        let mut stock = free;
        let mut ends = Vec::new();
        for period in periods {
            for _ in 0..period.days {
                let today = as_of + ends.len() as Day;
                let of_today = arrivals.iter().filter(|(day, _)| *day == today);
                stock += of_today.map(|(_, units)| units).sum::<f64>();
                stock -= period.mean / f64::from(period.days);
                ends.push(stock);
            }
        }
        Some(projected_stock(&ProjectedStock {
            title: &format!("Expected stock of {}", name(line.item().0)),
            from: as_of,
            on_hand: free,
            ends: &ends,
            arrivals: &arrivals,
            reorder_point: plan.number("reorder_point"),
        }))
    }

    /// Open orders and the line of tonight's, each on the day on which it is expected.
    fn arrivals(&self, line: Row<'_>, plan: Row<'_>) -> Vec<(Day, f64)> {
        let state = self.source.state;
        let usual = plan.number("lead_time_mean_days").unwrap_or(0.0).round() as Day;
        let is_of_item = |key: &crate::domain::key::Key| (&*key.sku, &*key.location) == line.item();
        let open = lookups::rows(&state.tables.purchase_orders).iter();
        let open = open.filter(|row| is_of_item(&row.key)).map(|row| {
            let day = row.expected_on.unwrap_or(state.as_of.saturating_add(usual));
            (day.max(state.as_of), row.quantity.to_f64())
        });
        let tonight = line.day("requested_date").zip(line.number(QUANTITY));
        open.chain(tonight).collect()
    }
}
