//! Chooses on earlier replays what may be chosen: the target's level (or what a lost unit weighs),
//! the order cycle, the review period and the forecasting model, one at a time.

use crate::config::Settings;
use crate::domain::calendar::{Day, date_of};
use crate::domain::models::ModelChoice;
use crate::domain::policy::{Policy, UnmetDemand};
use crate::domain::target::{CostTarget, Target};
use crate::error::{Error, Result};
use crate::io::Past;
use crate::io::sinks::table::{SimpleTable, Values};

use super::build::{Scenario, build};
use super::nightly::{self, Variant};

/// Longest earlier replay, days. Judgement: half a year, twice over, still fits usual histories.
const MAX_DAYS: Day = 26 * 7;

/// Shortest earlier replay, days. Judgement: a shorter one shows few order cycles.
const MIN_DAYS: Day = 8 * 7;

/// History that an earlier replay needs before it, days. Judgement: half a year to forecast from.
const HISTORY_DAYS: Day = 26 * 7;

/// Levels of service that are tried. Judgement, like all that follow: a coarse grid, since two
/// earlier replays cannot tell close settings apart.
const LEVELS: [f64; 6] = [0.80, 0.85, 0.90, 0.95, 0.97, 0.99];

/// Multiples of the shortage cost that are tried.
const SHORTAGE_FACTORS: [f64; 4] = [0.5, 0.7, 1.4, 2.0];

/// Weights of a lost unit that are tried.
const LOST_WEIGHTS: [f64; 6] = [0.35, 0.42, 0.5, 0.6, 0.85, 1.0];

/// Multiples of the order cycle that are tried.
const CYCLES: [f64; 2] = [2.0, 4.0];

/// Multiples of the review period that are tried if orders cost something. The order days are among
/// the present ones.
const REVIEWS: [u32; 2] = [2, 4];

/// Models that are tried in place of the blend.
const MODELS: [&str; 3] = ["smoothing", "trailing", "trees"];

/// One setting that was tried, and what it cost in each earlier replay.
#[derive(Debug, Clone)]
pub struct Tried {
    /// The setting in words.
    pub name: String,
    /// All costs in each replay, money.
    pub money: Vec<f64>,
    /// Fill rate in each replay.
    pub fill_rate: Vec<f64>,
}

impl Tried {
    fn new(candidate: &TuningCandidate) -> Self {
        Self { name: candidate.variant.name.clone(), money: Vec::new(), fill_rate: Vec::new() }
    }

    /// Whether it cost less in every replay.
    fn is_better_than(&self, other: &Self) -> bool {
        self.money.iter().zip(&other.money).all(|(own, other)| own < other)
    }

    fn total(&self) -> f64 {
        self.money.iter().sum()
    }
}

/// What was chosen, and why.
#[derive(Debug, Clone)]
pub struct Tuned {
    /// The chosen settings; `None` if the present ones stay.
    pub variant: Option<Variant>,
    /// A fragment for `restock.toml`.
    pub fragment: String,
    /// What was tried; the first are the present settings.
    pub tried: Vec<Tried>,
    /// The earlier replays.
    pub windows: Vec<TuningWindow>,
}

/// The days of an earlier replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TuningWindow {
    /// First day; the beginning of a bucket.
    pub from: Day,
    /// The day after the last one.
    pub to: Day,
}

/// A candidate: its variant, and the lines of a configuration that make it.
struct TuningCandidate {
    variant: Variant,
    lines: String,
}

impl TuningCandidate {
    /// The settings with a change.
    fn new(settings: &Settings, name: &str, lines: String, change: &dyn Fn(&mut Settings)) -> Self {
        let mut other = settings.clone();
        change(&mut other);
        Self { variant: Variant::of(name, &other), lines }
    }
}

/// Replays candidates on two stretches before `scenario.from`, and takes the one that cost least
/// over both, if it also cost less than the present settings in each.
///
/// # Errors
/// When the history before `scenario.from` is too short, with what would be enough.
pub fn tune(
    settings: &Settings,
    past: &mut Past,
    scenario: &Scenario,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Tuned> {
    let first = past.days().map_or(scenario.from, |(first, _)| first);
    let windows = windows(settings, first, scenario.from, scenario.to - scenario.from)?;

    let mut candidates = Vec::new();
    let mut tried: Vec<Tried> = Vec::new();
    for (number, window) in windows.iter().enumerate() {
        let earlier = Scenario {
            from: window.from,
            to: window.to,
            demand_factor: 1.0,
            outages: Vec::new(),
            ..scenario.clone()
        };
        let stage = build(settings, past, &earlier)?;

        if number == 0 {
            let orders_cost = stage.world.terms.iter().any(|terms| terms.charges.order_line > 0.0);
            candidates = self::candidates(settings, orders_cost);
            tried.extend(candidates.iter().map(Tried::new));
        }

        let variants: Vec<Variant> =
            candidates.iter().map(|candidate| candidate.variant.clone()).collect();
        let mut share = |done: usize, of: usize| progress(number * of + done, windows.len() * of);
        let found = nightly::replay_all(&stage, past, &variants, &earlier, &mut share)?;

        for (tried, run) in tried.iter_mut().zip(&found.runs) {
            let total = run.ledger.sum(|_| true);
            tried.money.push(total.money());
            tried.fill_rate.push(total.fill_rate());
        }
    }

    let best = best(&tried);
    let chosen = &candidates[best];

    let fragment = match best {
        0 => "# The present settings cost least on the earlier replays; nothing to change.\n"
            .to_owned(),
        _ => format!(
            "# Chosen by restock backtest --tune on replays before {}.\n{}",
            date_of(scenario.from),
            chosen.lines
        ),
    };

    let variant =
        (best > 0).then(|| Variant { name: "restock, tuned".into(), ..chosen.variant.clone() });
    Ok(Tuned { variant, fragment, tried, windows })
}

/// The candidate that cost least over all windows, of those that cost less than the first in each;
/// else the first.
fn best(tried: &[Tried]) -> usize {
    let Some(present) = tried.first() else { return 0 };

    (1..tried.len())
        .filter(|at| tried[*at].is_better_than(present))
        .min_by(|a, b| tried[*a].total().total_cmp(&tried[*b].total()).then(a.cmp(b)))
        .unwrap_or(0)
}

/// Two stretches, one after the other, before the reported one. Each begins with a bucket.
fn windows(
    settings: &Settings,
    first: Day,
    from: Day,
    reported_days: Day,
) -> Result<Vec<TuningWindow>> {
    let calendar = &settings.calendar;
    let room = from - first - HISTORY_DAYS;
    let length = MAX_DAYS.min(reported_days.max(MIN_DAYS)).min(room / 2);

    if length < MIN_DAYS {
        let enough = date_of(first + HISTORY_DAYS + 2 * MIN_DAYS);
        return Err(Error::usage(format!(
            "the history before {} is too short to tune on: {} days, {} are needed",
            date_of(from),
            from - first,
            HISTORY_DAYS + 2 * MIN_DAYS
        ))
        .hint(format!(
            "orders from {} on would be enough, or --from {enough} or later",
            date_of(from - HISTORY_DAYS - 2 * MIN_DAYS)
        )));
    }

    let middle = calendar.start_of(calendar.bucket_of(from - length));
    let start = calendar.start_of(calendar.bucket_of(middle - length));
    Ok(vec![TuningWindow { from: start, to: middle }, TuningWindow { from: middle, to: from }])
}

/// The present settings first, then those that are tried.
fn candidates(settings: &Settings, orders_cost: bool) -> Vec<TuningCandidate> {
    let present = Variant::of("present settings", settings);
    let mut all = vec![TuningCandidate { variant: present, lines: String::new() }];
    let mut add = |name: String, lines: String, change: &dyn Fn(&mut Settings)| {
        all.push(TuningCandidate::new(settings, &name, lines, change));
    };

    let plan = &settings.plan;
    match plan.target {
        Target::Cost(_) if plan.unmet_demand == UnmetDemand::Lost => {
            for weight in LOST_WEIGHTS {
                let lines = format!("[plan]\nlost_unit_weight = {weight}\n");
                add(format!("lost_unit_weight {weight}"), lines, &|other| {
                    other.plan.lost_unit_weight = Some(weight)
                });
            }
        }
        target => {
            for (name, target) in other_targets(target) {
                let lines = format!("[plan]\ntarget = {}\n", inline(target));
                add(name, lines, &|other| other.plan.target = target);
            }
        }
    }
    let has_cycle = matches!(plan.policy, Policy::ReorderUpTo | Policy::ReorderMultiple)
        && plan.order_cycle_days > 0.0;
    for factor in CYCLES.into_iter().filter(|_| has_cycle) {
        let days = plan.order_cycle_days * factor;
        let lines = format!("[plan]\norder_cycle_days = {days}\n");
        add(format!("order_cycle_days {days}"), lines, &|other| other.plan.order_cycle_days = days);
    }

    // If an order costs nothing, ordering on every order day never costs more.
    for factor in REVIEWS.into_iter().filter(|_| orders_cost) {
        let days = plan.review_period_days.max(1) * factor;
        let lines = format!("[plan]\nreview_period_days = {days}\n");
        add(format!("review_period_days {days}"), lines, &|other| {
            other.plan.review_period_days = days
        });
    }
    for model in MODELS.into_iter().filter(|_| settings.forecast.model == ModelChoice::Auto) {
        let lines = format!("[forecast]\nmodel = \"{model}\"\n");
        add(format!("model {model}"), lines, &|other| {
            other.forecast.model = ModelChoice::Named(model.to_owned())
        });
    }
    all
}

/// Targets that are tried in place of `plan.target`; rules and items keep their own.
fn other_targets(target: Target) -> Vec<(String, Target)> {
    match target {
        Target::CycleServiceLevel(own) => at_levels(own, Target::CycleServiceLevel),
        Target::FillRate(own) => at_levels(own, Target::FillRate),
        Target::ReadyRate(own) => at_levels(own, Target::ReadyRate),
        Target::Cost(cost) => SHORTAGE_FACTORS
            .into_iter()
            .map(|factor| {
                let target = Target::Cost(CostTarget { shortage: cost.shortage * factor, ..cost });
                (format!("shortage × {factor}"), target)
            })
            .collect(),
    }
}

/// The levels that are tried in place of a target's own, which are not within 0.004 of it.
fn at_levels(own: f64, of: fn(f64) -> Target) -> Vec<(String, Target)> {
    let others = LEVELS.into_iter().filter(|level| (level - own).abs() > 0.004);
    others.map(|level| (of(level).to_string(), of(level))).collect()
}

/// A target as the configuration writes it.
fn inline(target: Target) -> String {
    match target {
        Target::CycleServiceLevel(level) => format!("{{ cycle_service_level = {level} }}"),
        Target::FillRate(level) => format!("{{ fill_rate = {level} }}"),
        Target::ReadyRate(level) => format!("{{ ready_rate = {level} }}"),
        Target::Cost(_) => {
            // The text form is `cost=holding:…;shortage:…;per:…;as:…`.
            let text = target.to_string();
            let parts =
                text.trim_start_matches("cost=").split(';').filter_map(|part| part.split_once(':'));
            let fields: Vec<String> = parts
                .map(|(name, value)| match name {
                    "per" | "as" | "charge_every" => format!("{name} = \"{value}\""),
                    _ => format!("{name} = {value}"),
                })
                .collect();
            format!("{{ cost = {{ {} }} }}", fields.join(", "))
        }
    }
}

impl Tuned {
    /// What was tried, as a table.
    #[must_use]
    pub fn evidence(&self) -> SimpleTable {
        let (mut names, mut from, mut to) = (Vec::new(), Vec::new(), Vec::new());
        let (mut money, mut fill_rate) = (Vec::new(), Vec::new());

        for tried in &self.tried {
            for (at, window) in self.windows.iter().enumerate() {
                names.push(tried.name.clone());
                from.push(window.from);
                to.push(window.to - 1);
                money.push(tried.money.get(at).copied().unwrap_or(0.0).round() as i64);
                fill_rate.push(tried.fill_rate.get(at).copied().unwrap_or(0.0));
            }
        }

        SimpleTable::default()
            .with("setting", Values::Text(names))
            .with("from", Values::Date(from))
            .with("to", Values::Date(to))
            .with("money", Values::Whole(money))
            .with("fill_rate", Values::Real(fill_rate))
    }

    /// What was chosen and why, for a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::from("\nTuned on earlier replays alone:\n");

        for tried in &self.tried {
            let money: Vec<String> =
                tried.money.iter().map(|money| format!("{money:>12.0}")).collect();
            text.push_str(&format!("  {:<44}{}\n", tried.name, money.join("")));
        }

        text.push_str(&self.fragment);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::source::{Overlay, parse};

    fn settings(text: &str) -> Settings {
        let text = format!("[inputs.orders]\npath = \"o.csv\"\n{text}");
        let raw = parse(&text, "restock.toml", &Overlay::default()).unwrap();
        Settings::resolve(raw, std::path::Path::new("/")).unwrap()
    }

    #[test]
    fn every_fragment_is_a_configuration_that_makes_its_candidate() {
        for text in [
            "",
            "[plan]\ntarget = { fill_rate = 0.9 }\npolicy = \"rS\"\n",
            "[plan]\ntarget = { cost = { holding = 0.2, shortage = 1.0, per = \"week\", \
             as = \"money\", charge_every = \"week\" } }\n",
            "[plan]\nunmet_demand = \"lost\"\n\
             target = { cost = { holding = 0.2, shortage = 1.0, per = \"year\", \
             as = \"share\" } }\n",
        ] {
            let tried = candidates(&settings(text), true);
            for candidate in &tried[1..] {
                let (made, own) = (settings(&candidate.lines), &candidate.variant.settings);

                if candidate.lines.contains("target") {
                    assert_eq!(made.plan.target, own.plan.target);
                } else if candidate.lines.contains("order_cycle_days") {
                    assert_eq!(made.plan.order_cycle_days, own.plan.order_cycle_days);
                } else if candidate.lines.contains("lost_unit_weight") {
                    assert_eq!(made.plan.lost_unit_weight, own.plan.lost_unit_weight);
                } else if candidate.lines.contains("review_period_days") {
                    assert_eq!(made.plan.review_period_days, own.plan.review_period_days);
                } else {
                    assert_eq!(made.forecast.model, own.forecast.model);
                    assert_ne!(made.forecast.model, ModelChoice::Auto);
                }
            }

            let is_tried =
                |part: &str| tried.iter().any(|candidate| candidate.lines.contains(part));
            assert!(is_tried("review_period_days") && is_tried("model"));
        }
    }

    #[test]
    fn a_longer_review_is_tried_only_where_orders_cost_something() {
        let tried = candidates(&settings(""), false);
        assert!(!tried.iter().any(|candidate| candidate.lines.contains("review_period_days")));
    }

    #[test]
    fn a_short_history_is_refused_with_what_would_be_enough() {
        let error = windows(&settings(""), 18_000, 18_200, 100).unwrap_err();
        assert!(error.message.contains("294 are needed"), "{}", error.message);
        assert!(!error.hints.is_empty());
        let found = windows(&settings(""), 17_000, 18_201, 100).unwrap();
        assert!(found[0].to == found[1].from && found[1].to == 18_201);
        assert!(found[0].from >= 17_000 + HISTORY_DAYS);
    }

    #[test]
    fn a_candidate_must_be_cheaper_in_every_replay() {
        let tried = |money: [f64; 2]| Tried {
            name: String::new(),
            money: money.to_vec(),
            fill_rate: vec![0.9; 2],
        };

        assert_eq!(best(&[tried([10.0, 10.0]), tried([1.0, 11.0]), tried([9.0, 9.5])]), 2);
        assert_eq!(best(&[tried([10.0, 10.0]), tried([1.0, 11.0])]), 0);
    }
}
