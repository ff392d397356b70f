//! What was decided for an item in a few sentences, for those who plan it.

use super::explain::Explained;
use crate::domain::calendar::{Day, date_of, day_of};
use crate::domain::fixed::Fixed;
use crate::domain::money::{decimals_of, money as grouped_money};
use crate::domain::policy::Policy;
use crate::domain::wording::counted;
use crate::plan::orders::{LineState, OrderLine};
use crate::plan::{Decision, PlannedItem, Reason};

use chrono::{Datelike, Months};

/// Days of supply from which on they are told in weeks. Judgement: two weeks.
const IN_WEEKS: f64 = 14.0;

impl Explained<'_> {
    /// What was decided, why, how long stock lasts, when an order arrives, what it costs, and what
    /// the same month of last year sold.
    pub(super) fn paragraph(&self, item: &PlannedItem<'_>) -> String {
        let mut said = vec![opening(item)];
        said.extend(cover(item));
        if matches!(item.row.decision(), Decision::Order | Decision::Waits) {
            said.push(Self::arrival(item));
            said.extend(self.cost(item));
        }
        said.extend(self.last_year(item));
        said.join(" ")
    }

    /// When an order of the next order date is expected.
    fn arrival(item: &PlannedItem<'_>) -> String {
        let day = date_of(item.row.requested_day);
        match item.row.is_ordered() {
            true => format!("Expected to arrive on {day}."),
            false => {
                format!("Ordered on {}, it would arrive on {day}.", date_of(item.row.order_day))
            }
        }
    }

    /// What the order costs, and whether it goes out.
    fn cost(&self, item: &PlannedItem<'_>) -> Option<String> {
        let base = &self.settings.currency.base;
        let line = self.line(item);
        let Some(line) = line else {
            let cost = item.row.sized_units().times(item.facts.unit_cost?);
            let is_bought = item.row.reason != Reason::SuppliedByLocation;
            return is_bought.then(|| format!("It would cost {}.", money(cost, base)));
        };
        let cost = line.line_total.map(|total| format!("costs {}", money(total, &line.currency)));
        let state = match line.state {
            LineState::Suggested => None,
            LineState::Approved => Some("goes out tonight, as it was approved earlier"),
            LineState::NeedsReview => Some("needs review before it goes out"),
            LineState::Held => Some("is held"),
        };
        let said: Vec<&str> = cost.as_deref().into_iter().chain(state).collect();
        (!said.is_empty()).then(|| format!("It {}.", said.join(" and ")))
    }

    /// The line of tonight's orders that the item is on.
    fn line(&self, item: &PlannedItem<'_>) -> Option<&OrderLine> {
        let key = item.key();
        self.plan
            .book
            .lines
            .iter()
            .find(|line| line.sku == key.sku && line.location == key.location)
    }

    /// What the month in which an order would arrive sold a year earlier.
    fn last_year(&self, item: &PlannedItem<'_>) -> Option<String> {
        let histories = &self.prepared.histories;
        let then = date_of(item.row.requested_day).checked_sub_months(Months::new(12))?;
        let first = day_of(then.with_day(1)?);
        let end = day_of(then.with_day(1)?.checked_add_months(Months::new(1))?);
        let history = histories.history(item.facts.index);
        let series = history.series();
        let known_from = histories.calendar.start_of(series.first_bucket);
        if first < known_from || end > self.prepared.as_of {
            return None;
        }

        let by_day = |day: Day| histories.units_on(item.facts.index, day);
        let units: Option<f64> = (first..end).map(by_day).sum();
        let units = units.unwrap_or_else(|| {
            let starts = |at: usize| histories.calendar.start_of(series.first_bucket + at as i32);
            let of_month = series.demand.iter().enumerate();
            of_month.filter(|(at, _)| (first..end).contains(&starts(*at))).map(|it| it.1).sum()
        });
        let units = Fixed::clamped(units).rounded(1);
        Some(format!("Last year's {} sold {units}.", then.format("%B")))
    }
}

/// What was decided and why.
fn opening(item: &PlannedItem<'_>) -> String {
    let (row, facts) = (&item.row, &item.facts);
    let units = row.sized_units();
    let (position, level, name) = compared(item);
    let supplier = &facts.offer.supplier;
    let how = if facts.policy == Policy::UpToLevel { "below" } else { "at or below" };
    let plainly = |text: &str| text.replace('`', "");
    match (row.decision(), row.reason) {
        (Decision::Order, Reason::AtReorderPoint) => {
            format!(
                "Ordered {units} from {supplier} because the position of {position} is {how} the \
                 {name} of {level}."
            )
        }
        (Decision::Order, Reason::SuppliedByLocation) => {
            format!("Moved {units} from another location. {}", plainly(row.reason.meaning()))
        }
        (Decision::Order, reason) => {
            format!("Ordered {units} from {supplier}. {}", plainly(reason.meaning()))
        }
        (Decision::Waits, _) => format!(
            "Waits with {units}: the position of {position} is {how} the {name} of {level}, and \
             {supplier} takes no order tonight."
        ),
        (Decision::NoNeed, Reason::AboveReorderPoint) => format!(
            "Nothing is ordered because the position of {position} suffices: the {name} is {level}."
        ),
        (Decision::NoNeed, reason) => {
            format!("Nothing is ordered. {}", plainly(reason.meaning()))
        }
        (_, reason) => format!(
            "Blocked until somebody acts. {} {}",
            plainly(reason.meaning()),
            plainly(reason.remedy())
        ),
    }
}

/// The position, and the level that it is compared with: its figure and its name.
fn compared(item: &PlannedItem<'_>) -> (String, String, &'static str) {
    let levels = &item.row.levels;
    let position = item.row.stock.map(|stock| stock.inventory_position.rounded(1).to_string());
    let (level, name) = match item.facts.policy {
        Policy::UpToLevel => (levels.order_up_to_level, "order-up-to level"),
        _ => (levels.reorder_point, "reorder point"),
    };
    let level = Fixed::clamped(level).rounded(1).to_string();
    (position.unwrap_or_else(|| "an unknown number".to_owned()), level, name)
}

/// How long free stock lasts.
fn cover(item: &PlannedItem<'_>) -> Option<String> {
    let risk = item.row.risk?;
    let days = risk.days_of_supply.get()?;
    Some(if days <= 0.0 {
        "No stock is left.".to_owned()
    } else if days < IN_WEEKS {
        format!("{} of stock left.", counted(format!("{days:.1}"), "day"))
    } else {
        format!("{} of stock left.", counted(format!("{:.1}", days / 7.0), "week"))
    })
}

/// Money as people read it.
fn money(amount: Fixed, currency: &str) -> String {
    format!("{} {currency}", grouped_money(amount, decimals_of(currency)))
}
