//! What to do about open purchase orders: keep, expedite, postpone or cancel.

use std::collections::BTreeMap;

use crate::domain::calendar::Day;
use crate::domain::key::Key;
use crate::domain::tables::{OpenSource, Text};
use crate::domain::wording::counted;
use crate::forecast::demand_distribution::DemandDistribution;

use super::PlannedItem;
use super::context::PlanContext;
use super::item::facts::{ItemFacts, OpenLineFacts};

/// Part of `advice_tolerance_days` within which a line must come before advice that was given is
/// taken back. Judgement: half, so that a line at the border does not change from night to night.
const TAKEN_BACK_AT: f64 = 0.5;
/// Part of `max_cover_days` within which the need of a line that was to be cancelled must lie
/// before the advice is taken back. Judgement, for the same reason.
const STILL_CANCELLED: f64 = 0.9;
/// Days ahead that a need is looked for beyond the longest cover. Judgement: a season.
const LOOK_AHEAD_DAYS: u32 = 120;

/// What to do about an open order line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Advice {
    /// Leave it as it is.
    Keep,
    /// Ask for an earlier date.
    Expedite,
    /// Ask for a later date.
    Postpone,
    /// It is not needed any more, or not counted on.
    Cancel,
}

impl Advice {
    /// The word written in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Expedite => "expedite",
            Self::Postpone => "postpone",
            Self::Cancel => "cancel",
        }
    }
}

impl std::str::FromStr for Advice {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Keep, Self::Expedite, Self::Postpone, Self::Cancel]
            .into_iter()
            .find(|one| one.as_str() == text)
            .ok_or(())
    }
}

/// What the previous run advised, by order, line and item; lines without a number have an empty
/// one.
pub type PreviousAdvice = BTreeMap<(String, String, Key), Advice>;

/// When a supplier was last asked for an open line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Chased {
    /// The day.
    pub on: Day,
    /// Days by which the line was to come sooner; 0 where it was only overdue.
    pub days: u32,
}

/// When suppliers were last asked for lines, as the previous run says, by the same names.
pub type PreviousChases = BTreeMap<(String, String, Key), Chased>;

/// Advice on one open line.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LineAdvice {
    /// Number of the order.
    #[serde(with = "crate::domain::shared_text")]
    pub po_number: Text,
    /// Number of the line; `None` where the table has none.
    #[serde(with = "crate::domain::shared_text")]
    pub line: Option<Text>,
    /// The item.
    pub key: Key,
    /// What to do.
    pub advice: Advice,
    /// Days earlier (expedite) or later (postpone).
    pub by_days: Option<u32>,
    /// Why, with the figures.
    pub reason: String,
    /// When the supplier was last asked for it, tonight included; `None` if never.
    pub chased: Option<Chased>,
}

/// Advice on the open lines of an item, in the order in which they come.
///
/// A line is needed on the first day on which demand, at the target's level, exceeds the stock and
/// what comes before it. Lines that come within `advice_tolerance_days` of that day are kept, and
/// advice that the previous run gave stands until the line comes within half of that, so that
/// advice does not change from night to night; the days of an expedited or postponed line are told
/// in whole tolerances only.
#[must_use]
pub fn advise(
    context: &PlanContext<'_>,
    item: &PlannedItem<'_>,
    demand: &DemandDistribution,
    previous: Option<&PreviousAdvice>,
) -> Vec<LineAdvice> {
    let facts = &item.facts;
    let mut lines: Vec<&OpenLineFacts<'_>> = facts.open_lines.iter().collect();
    lines.sort_by(|a, b| {
        comes_in_days(a).total_cmp(&comes_in_days(b)).then_with(|| name(a).cmp(&name(b)))
    });

    let Some(stock) = item.row.stock else { return Vec::new() };
    let mut supplied_units = stock.free().to_f64();
    let mut found = Vec::with_capacity(lines.len());
    for line in lines {
        let number = line.row.line.as_deref().unwrap_or_default().to_owned();
        let name = (line.row.po_number.to_string(), number, facts.key.clone());
        let told = previous.and_then(|told| told.get(&name)).copied();

        let need = Need { demand, supplied_units };
        let advised = Advised::on(context, facts, line, &need, told);
        if advised.advice != Advice::Cancel {
            supplied_units += line.row.quantity.to_f64();
        }
        found.push(LineAdvice {
            po_number: line.row.po_number.clone(),
            line: line.row.line.clone(),
            key: facts.key.clone(),
            advice: advised.advice,
            by_days: advised.by_days,
            reason: advised.reason,
            chased: None,
        });
    }

    found
}

/// Sorts advice by order, line and item.
pub fn sort_advice(advice: &mut [LineAdvice]) {
    advice.sort_by(|a, b| (&a.po_number, &a.line, &a.key).cmp(&(&b.po_number, &b.line, &b.key)));
}

/// Mean days until a line comes; infinite for a line that is not counted on any more.
fn comes_in_days(line: &OpenLineFacts<'_>) -> f64 {
    line.arrival.as_ref().map_or(f64::INFINITY, |arrival| arrival.mean())
}

fn name<'a>(line: &OpenLineFacts<'a>) -> (&'a Text, &'a Option<Text>) {
    (&line.row.po_number, &line.row.line)
}

/// What is to be served, and what serves it before a line comes.
struct Need<'a> {
    demand: &'a DemandDistribution,
    /// Free stock and the lines that come before.
    supplied_units: f64,
}

/// Advice with its figures.
struct Advised {
    advice: Advice,
    by_days: Option<u32>,
    reason: String,
}

impl Advised {
    fn on(
        context: &PlanContext<'_>,
        facts: &ItemFacts<'_>,
        line: &OpenLineFacts<'_>,
        need: &Need<'_>,
        previous: Option<Advice>,
    ) -> Self {
        let Some(arrival) = &line.arrival else {
            let late: Day = context.as_of.saturating_sub(line.expected_on);
            return Self::cancel(format!(
                "{} overdue, and not counted on any more",
                counted(late, "day")
            ));
        };
        let tolerance = context.settings.purchasing.advice_tolerance_days;
        let within = |advice: Advice| match previous {
            Some(told) if told == advice => (TAKEN_BACK_AT * f64::from(tolerance)) as u32,
            _ => tolerance,
        };

        let comes = arrival.mean().round() as u32;
        let max_days = facts.max_cover_days as u32 + comes + LOOK_AHEAD_DAYS;
        let needed = need.first_day(level(facts), max_days);
        let is_ending = facts.is_ending(context.as_of);
        let share = if previous == Some(Advice::Cancel) { STILL_CANCELLED } else { 1.0 };
        let longest = share * facts.max_cover_days;
        let never = needed.is_none_or(|day| f64::from(day) > f64::from(comes) + longest);

        match needed {
            _ if is_ending && (never || need.demand.mean_per_day() <= 0.0) => {
                Self::cancel("the item is not sold on, and what there is suffices".to_owned())
            }
            _ if never && facts.has_history => {
                Self::cancel(format!("not needed within {longest:.0} days of its arrival"))
            }
            Some(day) if day + within(Advice::Expedite) < comes => Self {
                advice: Advice::Expedite,
                by_days: Some(in_tolerances(comes - day, tolerance)),
                reason: format!("expected in {}, needed in {day}", counted(comes, "day")),
            },
            // What was ordered days ago was wanted then, alone or to fill an order.
            Some(day)
                if line.row.source == OpenSource::Table
                    && day > comes + lasting_days(facts, within(Advice::Postpone)) =>
            {
                Self {
                    advice: Advice::Postpone,
                    by_days: Some(in_tolerances(day - comes, tolerance)),
                    reason: format!("expected in {}, not needed for {day}", counted(comes, "day")),
                }
            }
            Some(day) => {
                Self::keep(format!("expected in {}, needed in {day}", counted(comes, "day")))
            }
            None => Self::keep(format!("expected in {}", counted(comes, "day"))),
        }
    }

    fn cancel(reason: String) -> Self {
        Self { advice: Advice::Cancel, by_days: None, reason }
    }

    fn keep(reason: String) -> Self {
        Self { advice: Advice::Keep, by_days: None, reason }
    }
}

impl Need<'_> {
    /// The first day by whose end demand exceeds the supply with more than 1 − level; `None` within
    /// `max_days` days.
    fn first_day(&self, level: f64, max_days: u32) -> Option<u32> {
        if self.supplied_units < 0.0 {
            return Some(0);
        }
        let is_exceeded = |day: u32| self.demand.total(0, day + 1).cdf(self.supplied_units) < level;
        if !is_exceeded(max_days) {
            return None;
        }

        let (mut low, mut high) = (0, max_days);
        while low < high {
            let middle = low + (high - low) / 2;
            if is_exceeded(middle) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Some(low)
    }
}

/// Days in whole tolerances, at least one.
fn in_tolerances(days: u32, tolerance: u32) -> u32 {
    let step = tolerance.max(1);
    (days / step).max(1) * step
}

/// Early by less than an order cycle and a review is how the policy works, not a mistake.
fn lasting_days(facts: &ItemFacts<'_>, tolerance: u32) -> u32 {
    tolerance
        .saturating_add(facts.supply.review_period_days)
        .saturating_add(facts.order_cycle_days.ceil() as u32)
}

/// The probability with which the item's target wants demand served.
fn level(facts: &ItemFacts<'_>) -> f64 {
    facts.target.level().clamp(0.5, 0.99)
}
