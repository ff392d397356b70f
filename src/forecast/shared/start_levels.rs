//! How much a new item is believed to sell: what comparable items sold when they were new, by
//! category and price band.
//!
//! A few items that sell a thousand times the usual, such as fuel in a grocery, must not lift what
//! is believed of all others: the rates of a group are cut at its 0.9 quantile, and items are
//! compared within their price band.

use serde::{Deserialize, Serialize};

use crate::demand::launches::is_launch;
use crate::demand::origin::{ItemView, Origin};
use crate::demand::panel::Series;
use crate::forecast::level::history::{LevelPrior, sane};

/// Items' worth of evidence that the level of the wider group counts for. Judgement.
const PRIOR_ITEMS: f64 = 10.0;
/// Categories beyond this many are not told apart. Judgement: it bounds memory.
const MAX_CATEGORIES: usize = 100_000;
/// Buckets of evidence that a level before any demand is worth. Judgement: four buckets of its own
/// must outweigh what is believed of an item.
pub(super) const MIN_EVIDENCE: f64 = 1e-3;
pub(super) const MAX_EVIDENCE: f64 = 4.0;
/// Days after its launch over which an item says how items start. Judgement: a quarter.
const START_DAYS: f64 = 91.0;
/// Days of history below which an item says little of how items start. Judgement: four weeks.
const MIN_DAYS: f64 = 28.0;
/// Launches from which on they alone say how items of their group start, at most items of long
/// standing beside them otherwise. Judgement: as many as the wider group counts for.
const MIN_LAUNCHES: usize = 10;
/// Quantile at which the rates of a group are cut. Judgement: low enough that a tenth of a group
/// may be of another kind.
const CUT_LEVEL: f64 = 0.9;
/// A group of few items says at most so many times the level of the wider one. Judgement.
const MAX_OF_FEW: f64 = 10.0;
/// Bounds of how launches start over what items of long standing sell. Judgement.
const MIN_START: f64 = 0.05;
const MAX_START: f64 = 2.0;

/// What a new item's level is believed to be.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct StartLevels {
    /// By category; the last is for all others.
    by_category: Vec<StartLevel>,
    /// By category and price band, sorted.
    by_band: Vec<((u32, u32), StartLevel)>,
}

/// What a new item of a group is believed to sell, and whom that goes by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StartLevel {
    /// The belief, in units a bucket.
    pub(in crate::forecast) prior: LevelPrior,
    /// Items of the group that it goes by.
    pub items: u32,
    /// Whether these were new within the history themselves.
    pub are_launches: bool,
    /// Which items these are.
    pub scope: Scope,
}

/// The group of items that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// Every item.
    All,
    /// Those of the category.
    Category,
    /// Those of the category and the price band.
    CategoryAndBand,
}

/// How an item sold: when it was new, or on average where it was there from the beginning.
#[derive(Debug, Clone, Copy)]
struct Start {
    /// Units in an average bucket.
    rate: f64,
    is_launch: bool,
}

impl StartLevel {
    /// What it is believed to sell in an average bucket, in units.
    #[must_use]
    pub fn level(&self) -> f64 {
        self.prior.level
    }
}

impl StartLevels {
    /// Learns from what is known at an origin; also gives what each item says of how items start,
    /// in units a bucket.
    pub(super) fn learn(origin: &Origin<'_>) -> (Self, Vec<Option<f64>>) {
        let starts = starts(origin);
        let rates = starts.iter().map(|start| start.map(|start| start.rate)).collect();
        let none = LevelPrior { level: 0.0, buckets: MIN_EVIDENCE };
        let none = StartLevel { prior: none, items: 0, are_launches: false, scope: Scope::All };

        let categories = origin.categories();
        let categories = if categories > MAX_CATEGORIES { 0 } else { categories };
        let mut members: Vec<((u32, u32), Start)> = origin
            .items()
            .zip(&starts)
            .filter_map(|(item, start)| {
                let category = (item.category as usize).min(categories) as u32;
                Some(((category, item.worth_band), (*start)?))
            })
            .collect();
        members.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.rate.total_cmp(&b.1.rate)));

        let all = level_of(&members, &none, Scope::All);
        let mut by_category = vec![all; categories + 1];
        let mut by_band = Vec::new();
        for of_category in members.chunk_by(|a, b| a.0.0 == b.0.0) {
            let category = of_category[0].0.0 as usize;
            if category < categories {
                by_category[category] = level_of(of_category, &all, Scope::Category);
            }
            let parent = by_category[category];
            for of_band in of_category.chunk_by(|a, b| a.0 == b.0) {
                let level = level_of(of_band, &parent, Scope::CategoryAndBand);
                by_band.push((of_band[0].0, level));
            }
        }
        (Self { by_category, by_band }, rates)
    }

    /// What is believed of an item like this one.
    pub(super) fn of(&self, item: &ItemView<'_>) -> Option<&StartLevel> {
        self.of_group(item.category, item.worth_band)
    }

    /// What is believed of an item of a category and price band.
    pub(super) fn of_group(&self, category: u32, band: u32) -> Option<&StartLevel> {
        let last = self.by_category.len().checked_sub(1)?;
        let category = (category as usize).min(last);
        let group = (category as u32, band);
        match self.by_band.binary_search_by_key(&group, |(group, _)| *group) {
            Ok(at) => self.by_band.get(at).map(|(_, level)| level),
            Err(_) => self.by_category.get(category),
        }
    }
}

/// How each item sold; those of long standing as if they were new, by how launches start.
fn starts(origin: &Origin<'_>) -> Vec<Option<Start>> {
    let first_of_shop = origin.first_bucket();
    let bucket_days = origin.calendar().mean_days();
    let read = |min_days: f64| -> Vec<Option<Start>> {
        let of_item = |item: ItemView<'_>| {
            let is_launch = is_launch(item.series.first_bucket, first_of_shop, bucket_days);
            let days = if is_launch { START_DAYS } else { f64::INFINITY };
            let rate = rate_of_first(&item.series, days / bucket_days, min_days / bucket_days)?;
            Some(Start { rate, is_launch })
        };
        origin.items().map(of_item).collect()
    };
    let mut starts = read(MIN_DAYS);
    if starts.iter().flatten().count() < MIN_LAUNCHES {
        starts = read(0.0);
    }

    let rates_of = |is_launch: bool| -> Vec<f64> {
        let meant = starts.iter().flatten().filter(|start| start.is_launch == is_launch);
        meant.map(|start| start.rate).collect()
    };
    let (launches, standing) = (rates_of(true), rates_of(false));
    if launches.len() >= 2 * MIN_LAUNCHES {
        let usual = mean_cut(standing);
        let scale = if usual > 0.0 { mean_cut(launches) / usual } else { 1.0 };
        let scale = scale.clamp(MIN_START, MAX_START);
        for start in starts.iter_mut().flatten().filter(|start| !start.is_launch) {
            start.rate *= scale;
        }
    }
    starts
}

/// Demand of an average bucket of the first so many, in units; `None` if fewer than `least` count.
/// Buckets that are only known to be at least what was sold are left out.
fn rate_of_first(series: &Series<'_>, buckets: f64, least: f64) -> Option<f64> {
    let (mut units, mut exposure) = (0.0, 0.0);
    for at in (0..series.demand.len()).filter(|at| !series.censored[*at]) {
        if exposure >= buckets {
            break;
        }
        units += sane(series.demand[at]);
        exposure += f64::from(series.exposure[at]);
    }
    (exposure > 0.0 && exposure >= least).then(|| units / exposure)
}

/// The value that rates of a group are cut at; of those above 0 where hardly any is.
fn cut(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    let at_level = |rates: &[f64]| {
        let rank = CUT_LEVEL * rates.len().saturating_sub(1) as f64;
        rates.get(rank.floor() as usize).copied().unwrap_or(0.0)
    };
    let of_all = at_level(rates);
    if of_all > 0.0 {
        return of_all;
    }
    at_level(&rates[rates.partition_point(|rate| *rate <= 0.0)..])
}

fn mean_cut(mut rates: Vec<f64>) -> f64 {
    let cut = cut(&mut rates);
    rates.iter().map(|rate| rate.min(cut)).sum::<f64>() / rates.len().max(1) as f64
}

/// Gamma prior of the level of a group: mean m and variance v of the rates among its items, cut,
/// give evidence worth m/v buckets. It is shrunk toward the wider group's with the weight of ten
/// items.
fn level_of(members: &[((u32, u32), Start)], wider: &StartLevel, scope: Scope) -> StartLevel {
    let launches = members.iter().filter(|(_, start)| start.is_launch).count();
    let are_launches = launches >= MIN_LAUNCHES;
    let is_meant = |start: &Start| start.is_launch || !are_launches;
    let mut rates: Vec<f64> =
        members.iter().filter(|(_, start)| is_meant(start)).map(|(_, start)| start.rate).collect();
    if rates.is_empty() {
        return *wider;
    }

    let mut most = cut(&mut rates);
    if rates.len() < MIN_LAUNCHES && wider.items > 0 {
        most = most.min(MAX_OF_FEW * wider.prior.level);
    }
    let items = rates.len() as f64;
    let sum: f64 = rates.iter().map(|rate| rate.min(most)).sum();
    let squares: f64 = rates.iter().map(|rate| rate.min(most) * rate.min(most)).sum();

    let prior_items = if wider.items > 0 { PRIOR_ITEMS } else { 0.0 };
    let LevelPrior { level: wide, buckets } = wider.prior;
    let wide_square = wide * wide + wide / buckets.max(MIN_EVIDENCE);
    let level = (sum + prior_items * wide) / (items + prior_items);
    let square = (squares + prior_items * wide_square) / (items + prior_items);
    let variance = (square - level * level).max(1e-12);
    let evidence = (level / variance).clamp(MIN_EVIDENCE, MAX_EVIDENCE);
    StartLevel {
        prior: LevelPrior { level, buckets: evidence },
        items: rates.len() as u32,
        are_launches,
        scope,
    }
}
