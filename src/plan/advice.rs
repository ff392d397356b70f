//! What to do about open purchase orders: keep, expedite, postpone or cancel.

use std::collections::BTreeMap;

use crate::domain::calendar::Day;
use crate::domain::key::Key;
use crate::domain::tables::{ItemStatus, Text};
use crate::domain::target::Target;
use crate::forecast::law::DemandLaw;

use super::facts::{ItemFacts, OpenLineFacts, World};
use super::row::PlanRow;

/// Advice that was given is taken back only when the line comes within this share of the tolerance.
const TAKEN_BACK_AT: f64 = 0.5;
/// An order that was to be cancelled stays so until its need comes this much nearer than the limit.
const STILL_CANCELLED: f64 = 0.9;
/// Days ahead that a need is looked for beyond the longest cover.
const LOOK_AHEAD_DAYS: u32 = 120;

/// The contract's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Advice {
    Keep,
    Expedite,
    Postpone,
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

/// Advice on one open line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct LineAdvice {
    pub po_number: Text,
    pub line: Option<Text>,
    pub key: Key,
    pub advice: Advice,
    /// Days earlier (expedite) or later (postpone).
    pub by_days: Option<u32>,
    pub reason: String,
}

/// Advice on the open lines of an item, in the order in which they come.
///
/// A line is needed on the first day on which demand, at the target's level, exceeds the stock and
/// what comes before it. Lines that come within `advice_tolerance_days` of that day are kept, and
/// advice that the previous run gave stands until the line comes within half of that, so that
/// advice does not change from night to night; the days of an expedited or postponed line are told
/// beyond doubt by whole tolerances only.
#[must_use]
pub fn advice(
    world: &World<'_>,
    facts: &ItemFacts<'_>,
    row: &PlanRow,
    law: &DemandLaw<'_>,
    previous: Option<&PreviousAdvice>,
) -> Vec<LineAdvice> {
    let mut lines: Vec<&OpenLineFacts<'_>> = facts.open_lines.iter().collect();
    let comes = |line: &OpenLineFacts<'_>| {
        line.arrival.as_ref().map_or(f64::INFINITY, |arrival| arrival.mean())
    };
    lines.sort_by(|a, b| comes(a).total_cmp(&comes(b)).then_with(|| place(a).cmp(&place(b))));
    let Some(stock) = row.stock else { return Vec::new() };
    let mut supplied = (stock.on_hand - stock.allocated - stock.backorders).to_f64();
    let mut found = Vec::with_capacity(lines.len());
    for line in lines {
        let number = line.row.line.as_deref().unwrap_or_default().to_owned();
        let told = previous
            .and_then(|told| told.get(&(line.row.po_number.to_string(), number, row.key.clone())));
        let (advice, by_days, reason) = one(world, facts, law, (line, supplied, told.copied()));
        if advice != Advice::Cancel {
            supplied += line.row.quantity.to_f64();
        }
        let (po_number, number) = (line.row.po_number.clone(), line.row.line.clone());
        found.push(LineAdvice {
            po_number,
            line: number,
            key: row.key.clone(),
            advice,
            by_days,
            reason,
        });
    }
    found
}

fn place<'a>(line: &OpenLineFacts<'a>) -> (&'a Text, &'a Option<Text>) {
    (&line.row.po_number, &line.row.line)
}

fn one(
    world: &World<'_>,
    facts: &ItemFacts<'_>,
    law: &DemandLaw<'_>,
    (line, supplied, previous): (&OpenLineFacts<'_>, f64, Option<Advice>),
) -> (Advice, Option<u32>, String) {
    let tolerance = world.settings.purchasing.advice_tolerance_days;
    let within = |advice: Advice| match previous {
        Some(told) if told == advice => (TAKEN_BACK_AT * f64::from(tolerance)) as u32,
        _ => tolerance,
    };
    let Some(arrival) = &line.arrival else {
        let late: Day = world.as_of.saturating_sub(line.row.expected_on);
        return (Advice::Cancel, None, format!("{late} days overdue, and not counted on any more"));
    };
    let comes = arrival.mean().round() as u32;
    let most = facts.max_cover_days as u32 + comes + LOOK_AHEAD_DAYS;
    let needed = first_needed(law, supplied, level(facts), most);
    let ending =
        matches!(facts.status(world.as_of), ItemStatus::Discontinued | ItemStatus::PhaseOut);
    let longest =
        if previous == Some(Advice::Cancel) { STILL_CANCELLED } else { 1.0 } * facts.max_cover_days;
    let never = needed.is_none_or(|day| f64::from(day) > f64::from(comes) + longest);
    match needed {
        _ if ending && (never || law.mean_per_day() <= 0.0) => {
            (Advice::Cancel, None, "the item is not sold on, and what there is suffices".to_owned())
        }
        _ if never && facts.has_history => {
            (Advice::Cancel, None, format!("not needed within {longest:.0} days of its arrival"))
        }
        Some(day) if day + within(Advice::Expedite) < comes => {
            let by = told(comes - day, tolerance);
            (Advice::Expedite, Some(by), format!("expected in {comes} days, needed in {day}"))
        }
        Some(day) if day > comes + lasting(facts, within(Advice::Postpone)) => {
            let by = told(day - comes, tolerance);
            (Advice::Postpone, Some(by), format!("expected in {comes} days, not needed for {day}"))
        }
        Some(day) => (Advice::Keep, None, format!("expected in {comes} days, needed in {day}")),
        None => (Advice::Keep, None, format!("expected in {comes} days")),
    }
}

/// Days in whole tolerances.
fn told(days: u32, tolerance: u32) -> u32 {
    let step = tolerance.max(1);
    (days / step).max(1) * step
}

/// Early by less than an order cycle and a review is how the policy works, not a mistake.
fn lasting(facts: &ItemFacts<'_>, tolerance: u32) -> u32 {
    tolerance
        .saturating_add(facts.supply.review_period_days)
        .saturating_add(facts.order_cycle_days.ceil() as u32)
}

/// The probability with which the item's target wants demand served.
fn level(facts: &ItemFacts<'_>) -> f64 {
    let level = match facts.target {
        Target::CycleServiceLevel(level) | Target::FillRate(level) | Target::ReadyRate(level) => {
            level
        }
        Target::Cost(cost) => cost.shortage / (cost.shortage + cost.holding),
    };
    level.clamp(0.5, 0.99)
}

/// The first day by whose end demand exceeds the supply with more than 1 − level; none within
/// `most` days.
fn first_needed(law: &DemandLaw<'_>, supplied: f64, level: f64, most: u32) -> Option<u32> {
    if supplied < 0.0 {
        return Some(0);
    }
    let exceeded = |day: u32| law.total(0, day + 1).cdf(supplied) < level;
    if !exceeded(most) {
        return None;
    }
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = low + (high - low) / 2;
        if exceeded(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(low)
}
