//! Which policies a backtest replays, and everything that it finds.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::config::Settings;
use crate::domain::policy::UnmetDemand;
use crate::domain::target::{CostTarget, Target};
use crate::error::Result;
use crate::io::Past;
use crate::plan::Reason;
use crate::stats::normal;

use super::build::{Scenario, Stage, build};
use super::compare::{ComparisonRow, Entry, compare};
use super::nightly::{self, NightlyRuns, Variant};
use super::policies::{CoverWeeks, Foresight, MinMax, Received, RootOfMean, Textbook};
use super::run::{Order, OrderPolicy, Replay, replay};
use super::service::{Promise, Reliability, promises, reliability};
use super::shop::ReplayedShop;

/// Weeks beyond lead time and review period that the cover policies hold. Judgement: from too
/// little to too much for most shops.
const MORE_WEEKS: [f64; 5] = [0.0, 1.0, 2.0, 4.0, 8.0];

/// Service levels of the stock-against-service curve. Judgement: the range that shops choose from.
const LEVELS: [f64; 4] = [0.85, 0.92, 0.97, 0.99];

/// Shortage costs of the curve for a cost target, as multiples of the configured one. Judgement.
const SHORTAGE_FACTORS: [f64; 4] = [0.5, 0.7, 1.4, 2.0];

/// Weights of a lost unit on the curve for a cost target if unmet demand is lost. Judgement: 1 is
/// the full loss.
const LOST_WEIGHTS: [f64; 4] = [0.35, 0.5, 0.7, 1.0];

/// Policies on some of the items: those that the policy has figures for.
#[derive(Debug)]
pub struct Subset {
    /// What the items have in common.
    pub name: String,
    /// How many there are.
    pub items: usize,
    /// restock first, then the policy.
    pub rows: Vec<ComparisonRow>,
}

/// Everything that a backtest found.
#[derive(Debug)]
pub struct Backtest {
    /// The replayed shop, and what is known of its items.
    pub stage: Stage,
    /// The replays, restock with these settings first.
    pub entries: Vec<Entry>,
    /// The comparison, in the order of `entries`.
    pub rows: Vec<ComparisonRow>,
    /// How many of `rows`, from the first, are restock at some target: the stock-against-service
    /// curve.
    pub restock_rows: usize,
    /// Comparisons on some of the items.
    pub subsets: Vec<Subset>,
    /// The comparison in the shop whose unknown demand was drawn; empty if all is known.
    pub drawn: Vec<ComparisonRow>,
    /// Orders of restock, each with its day.
    pub orders: Vec<(usize, Order)>,
    /// Promised against achieved service.
    pub promises: Vec<Promise>,
    /// Stock-out probabilities against what happened.
    pub reliability: Reliability,
    /// How many items a person would have had to release on some night, by the reason.
    pub blocked: BTreeMap<Reason, usize>,
    /// Units short of these items.
    pub short_of_blocked: f64,
    /// Errors of the forecast means one, two and three buckets ahead, units: Σ|error|, Σ error,
    /// Σ demand.
    pub errors: [[f64; 3]; 3],
    /// What was replayed.
    pub scenario: Scenario,
}

/// Replays every policy and compares them; `extra` are other ways for restock to decide, in
/// addition to these settings.
///
/// # Errors
/// As the pipeline reports them.
pub fn backtest(
    settings: &Settings,
    past: &mut Past,
    scenario: &Scenario,
    extra: &[Variant],
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Backtest> {
    let stage = build(settings, past, scenario)?;

    let mut variants = vec![Variant::of("restock", settings)];
    variants.extend(extra.iter().cloned());
    let extra_rows = variants.len();
    if scenario.with_curve {
        variants.extend(curve(settings, &scenario.targets));
    }

    let restock_rows = variants.len();
    if stage.drawn.is_some() {
        variants.push(Variant { is_drawn: true, ..Variant::of("restock", settings) });
    }

    let NightlyRuns { mut runs, orders, told, blocked, errors } =
        nightly::replay_all(&stage, past, &variants, scenario, progress)?;

    let drawn_run = if stage.drawn.is_some() { runs.pop() } else { None };

    let mut entries: Vec<Entry> = runs
        .into_iter()
        .zip(&variants)
        .map(|(run, variant)| Entry { name: variant.name.clone(), run, has_foresight: false })
        .collect();
    entries.extend(simple_runs(&stage.world, settings, scenario));

    let all = vec![true; stage.world.len()];
    let curve: Vec<&Replay> =
        entries[extra_rows..restock_rows].iter().map(|entry| &entry.run).collect();
    let rows = compare(&entries.iter().collect::<Vec<_>>(), &curve, &all, settings.run.seed);

    let drawn = match (&stage.drawn, drawn_run) {
        (Some(shop), Some(run)) => {
            let mut entries = vec![Entry { name: "restock".into(), run, has_foresight: false }];
            entries.extend(simple_runs(shop, settings, scenario));
            compare(&entries.iter().collect::<Vec<_>>(), &[], &all, settings.run.seed)
        }
        _ => Vec::new(),
    };

    let promises = promises(&stage, &entries[0].run.ledger, settings.run.seed);
    let ever: BTreeSet<usize> = blocked.values().flatten().copied().collect();
    let short_of_blocked = entries[0].run.ledger.sum(|item| ever.contains(&item)).short;
    let subsets = subsets(&stage, &entries[0], &curve, scenario, settings.run.seed);

    Ok(Backtest {
        subsets,
        blocked: blocked.into_iter().map(|(reason, items)| (reason, items.len())).collect(),
        short_of_blocked,
        reliability: reliability(&told),
        promises,
        stage,
        entries,
        rows,
        restock_rows,
        drawn,
        orders,
        errors,
        scenario: scenario.clone(),
    })
}

/// Variants of the stock-against-service curve: the targets that are asked for, else other levels
/// of the same kind of service, or other weights of a shortage.
fn curve(settings: &Settings, targets: &[Target]) -> Vec<Variant> {
    if !targets.is_empty() {
        let at =
            |target: &Target| Variant::with_target(&format!("restock {target}"), settings, *target);
        return targets.iter().map(at).collect();
    }
    match settings.plan.target {
        Target::Cost(_) if settings.plan.unmet_demand == UnmetDemand::Lost => LOST_WEIGHTS
            .into_iter()
            .map(|weight| Variant::with_lost_weight(settings, weight))
            .collect(),
        Target::Cost(cost) => {
            let other = |factor: f64| {
                let target = Target::Cost(CostTarget { shortage: cost.shortage * factor, ..cost });
                Variant::with_target(&format!("restock shortage × {factor}"), settings, target)
            };
            SHORTAGE_FACTORS.into_iter().map(other).collect()
        }
        Target::CycleServiceLevel(own) => at_levels(settings, own, Target::CycleServiceLevel),
        Target::FillRate(own) => at_levels(settings, own, Target::FillRate),
        Target::ReadyRate(own) => at_levels(settings, own, Target::ReadyRate),
    }
}

fn at_levels(settings: &Settings, own: f64, of: fn(f64) -> Target) -> Vec<Variant> {
    let others = LEVELS.into_iter().filter(|level| (level - own).abs() > 0.004);
    others
        .map(|level| Variant::with_target(&format!("restock {}", of(level)), settings, of(level)))
        .collect()
}

/// Policies that need no forecast, each in its own replay.
fn simple_runs(shop: &ReplayedShop, settings: &Settings, scenario: &Scenario) -> Vec<Entry> {
    let weeks = usual_weeks(shop);

    let mut policies: Vec<(String, Box<dyn OrderPolicy + Send + '_>)> = Vec::new();
    for more in MORE_WEEKS {
        let weeks = weeks + more;
        policies.push((format!("cover {weeks} weeks"), Box::new(CoverWeeks { weeks })));
    }

    let z = safety_factor(settings.plan.target, shop);
    policies.push((format!("textbook μ + {z:.2}·σ·√(L+R)"), Box::new(Textbook { z })));

    if shop.terms.iter().all(|terms| terms.unmet == UnmetDemand::Lost) {
        policies.push((
            "mean, projected, + 0.725·√mean".into(),
            Box::new(RootOfMean { factor: 0.725 }),
        ));
    }

    policies.push(("perfect foresight".into(), Box::new(Foresight { shop })));
    policies
        .into_par_iter()
        .map(|(name, mut policy)| {
            let run = replay(shop, scenario.start_cover_weeks, policy.as_mut());
            let has_foresight = name == "perfect foresight";
            Entry { name, run, has_foresight }
        })
        .collect()
}

/// Lead time and review period of the median item, weeks, rounded up.
fn usual_weeks(shop: &ReplayedShop) -> f64 {
    let mut waits: Vec<f64> =
        shop.terms.iter().map(|terms| terms.review_days as f64 + terms.lead_time.mean()).collect();
    waits.sort_by(f64::total_cmp);

    (waits.get(waits.len() / 2).copied().unwrap_or(7.0) / 7.0).ceil().max(1.0)
}

/// The z of the textbook policy: that of the target's level; of a cost target that of the median
/// ratio p/(p + h) of its costs of shortage and holding.
fn safety_factor(target: Target, shop: &ReplayedShop) -> f64 {
    let level = match target {
        Target::CycleServiceLevel(level) | Target::FillRate(level) | Target::ReadyRate(level) => {
            level
        }
        Target::Cost(_) => {
            let mut ratios: Vec<f64> = shop
                .terms
                .iter()
                .map(|terms| {
                    let charges = &terms.charges;
                    let holding = charges.holding_per_day * terms.review_days.max(1) as f64;
                    let shortage = charges.short_unit
                        + charges.waiting_per_day * terms.review_days.max(1) as f64;
                    shortage / (shortage + holding)
                })
                .filter(|ratio| ratio.is_finite())
                .collect();
            ratios.sort_by(f64::total_cmp);
            ratios.get(ratios.len() / 2).copied().unwrap_or(0.95)
        }
    };

    normal::quantile(level.clamp(0.5, 0.9999))
}

/// Policies that have figures for some items only, compared with restock on these.
fn subsets(
    stage: &Stage,
    first: &Entry,
    curve: &[&Replay],
    scenario: &Scenario,
    seed: u64,
) -> Vec<Subset> {
    let beside =
        Beside { stage, first, curve, start_cover_weeks: scenario.start_cover_weeks, seed };
    let mut found = Vec::new();

    let has_levels = stage.levels.iter().map(Option::is_some).collect();
    let mut policy = MinMax { levels: stage.levels.clone() };
    found.extend(beside.subset(
        "items with a minimum and maximum",
        "minimum and maximum of today",
        has_levels,
        &mut policy,
    ));

    if let Some(deliveries) = &stage.deliveries {
        let mut chosen = vec![false; stage.world.len()];
        deliveries
            .iter()
            .filter(|(_, day, _)| *day >= stage.world.from)
            .for_each(|(item, _, _)| chosen[*item] = true);
        let mut policy = Received { deliveries: deliveries.clone() };
        found.extend(beside.subset(
            "items with receipts",
            "what was really received",
            chosen,
            &mut policy,
        ));
    }

    found
}

/// What a policy for some of the items is compared with, and how.
struct Beside<'a> {
    stage: &'a Stage,
    /// restock with these settings.
    first: &'a Entry,
    curve: &'a [&'a Replay],
    start_cover_weeks: f64,
    seed: u64,
}

impl Beside<'_> {
    /// Replays a policy and compares it on the chosen items; `None` if there are none.
    fn subset(
        &self,
        name: &str,
        label: &str,
        chosen: Vec<bool>,
        policy: &mut dyn OrderPolicy,
    ) -> Option<Subset> {
        let items = chosen.iter().filter(|is| **is).count();
        if items == 0 {
            return None;
        }

        let run = replay(&self.stage.world, self.start_cover_weeks, policy);
        let other = Entry { name: label.to_owned(), run, has_foresight: false };
        let rows = compare(&[self.first, &other], self.curve, &chosen, self.seed);
        Some(Subset { name: name.to_owned(), items, rows })
    }
}
