//! Shapes of the year that many items share: a mixture of multinomials over the weeks.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Year;
use super::weeks::{Weeks, neighbours};

/// Shapes that are looked for beside the shop's own. Source: on Favorita 6, 12 and 24 forecast
/// alike; on Online Retail 6 leave Christmas items a quarter higher.
const CLUSTERS: usize = 12;
/// Items that a shape needs. Judgement.
const ITEMS_PER_CLUSTER: usize = 8;
/// Share of the weeks that must be known of an item that shapes are learnt from. Judgement.
const MIN_KNOWN_SHARE: f64 = 0.9;
/// Rounds of k-means that begin, and of expectation–maximisation that follow. Judgement: shapes
/// hardly move by then.
const FIRST_ROUNDS: usize = 8;
const ROUNDS: usize = 10;
/// Weight of the shop's shape in each of the others. Judgement.
const SHOP_WEIGHT: f64 = 50.0;
/// An item weighs the root of its units over their dispersion, at most of these. Judgement.
const MAX_COUNTED: f64 = 2_000.0;
/// Least share of items that a shape is taken to have. Judgement.
const MIN_SHARE: f64 = 1e-4;
/// Least demand of a week, relative to the mean. Judgement.
const MIN_SHAPE: f64 = 0.02;

/// Shapes of the year, the shop's own last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Clusters {
    shapes: Vec<Shape>,
}

/// Usual demand of each week, relative to their mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Shape {
    usual: Vec<f64>,
    logs: Vec<f64>,
    /// ln of the share of items that have it.
    log_share: f64,
    /// Its last weeks over the same ones a year before.
    growth: f64,
}

impl Shape {
    fn new(usual: Vec<f64>, share: f64, year: usize) -> Self {
        let logs = usual.iter().map(|usual| libm::log(*usual)).collect();
        let overlap = usual.len().saturating_sub(year).max(1);
        let sum = |weeks: &[f64]| weeks.iter().sum::<f64>();
        let growth = sum(&usual[usual.len() - overlap..]) / sum(&usual[..overlap]);
        Self { usual, logs, log_share: libm::log(share.max(MIN_SHARE)), growth }
    }

    fn usual_at(&self, place: Place, at: usize) -> f64 {
        let (week, is_beyond) = place.of(at);
        self.usual[week] * if is_beyond { self.growth } else { 1.0 }
    }

    fn log_at(&self, place: Place, at: usize) -> f64 {
        let (week, is_beyond) = place.of(at);
        self.logs[week] + if is_beyond { libm::log(self.growth) } else { 0.0 }
    }
}

/// One item in the learning.
struct Learner<'a> {
    weeks: &'a Weeks,
    mean: f64,
    weight: f64,
}

impl Clusters {
    /// Learns the shapes; `None` without an item whose year is known. `is_smoothed` says whether
    /// neighbours are alike, as weeks are and months are not.
    pub(super) fn learn(items: &[Weeks], year: &Year) -> Option<Self> {
        let is_smoothed = year.is_smoothed;
        let learners: Vec<Learner<'_>> = items.iter().filter_map(Learner::new).collect();
        let count = learners.first()?.weeks.units.len();
        let everyone = vec![1.0; learners.len()];
        let shop = centre(&learners, &everyone, &vec![1.0; count], is_smoothed);

        let clusters = CLUSTERS.min(learners.len() / ITEMS_PER_CLUSTER);
        let of_items = first_shares(&learners, clusters, is_smoothed);
        let mut out = Self { shapes: Vec::new() };
        out.put(&learners, &of_items, &shop, year);
        for _ in 0..ROUNDS {
            let place = Place { later: 0, count, year: year.weeks };
            let shares: Vec<Vec<f64>> =
                learners.par_iter().map(|learner| out.shares(learner.weeks, place)).collect();
            out.put(&learners, &shares, &shop, year);
        }
        Some(out)
    }

    /// Takes the shapes from how far each item belongs to each; the last is the shop's, and stays.
    fn put(&mut self, learners: &[Learner<'_>], shares: &[Vec<f64>], shop: &[f64], year: &Year) {
        let clusters = shares.first().map_or(1, Vec::len);
        let shape = |cluster: usize| {
            let own: Vec<f64> = shares.iter().map(|own| own[cluster]).collect();
            let share = own.iter().sum::<f64>() / own.len() as f64;
            let usual = if cluster + 1 == clusters {
                shop.to_vec()
            } else {
                centre(learners, &own, shop, year.is_smoothed)
            };
            Shape::new(usual, share, year.weeks)
        };
        self.shapes = (0..clusters).map(shape).collect();
    }

    /// How far an item belongs to each shape: the likelihood of its weeks as parts of its year,
    /// tempered by their dispersion.
    fn shares(&self, weeks: &Weeks, place: Place) -> Vec<f64> {
        let total = weeks.total();
        let log_likelihood = |shape: &Shape| {
            let (mut known, mut units) = (0.0, 0.0);
            for at in 0..weeks.units.len() {
                known += weeks.known[at] * shape.usual_at(place, at);
                units += weeks.units[at] * shape.log_at(place, at);
            }
            let whole = if total > 0.0 { total * libm::log(known.max(1e-9)) } else { 0.0 };
            shape.log_share + (units - whole) / weeks.dispersion
        };
        let logs: Vec<f64> = self.shapes.iter().map(log_likelihood).collect();
        let best = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let shares: Vec<f64> = logs.iter().map(|log| libm::exp(log - best)).collect();
        let sum: f64 = shares.iter().sum();
        shares.into_iter().map(|share| share / sum).collect()
    }

    /// The shape of an item's weeks as those like it have it. They end `later` weeks after those
    /// that the shapes were learnt from: what lies beyond these is as it was a year before, and
    /// grown since as the last weeks have.
    pub(super) fn shape_of(&self, weeks: &Weeks, later: usize, year: usize) -> Vec<f64> {
        let count = weeks.units.len();
        let place = Place { later, count, year };
        let shares = self.shares(weeks, place);
        let usual = |at: usize| {
            let of = |(share, shape): (&f64, &Shape)| share * shape.usual_at(place, at);
            shares.iter().zip(&self.shapes).map(of).sum()
        };
        (0..count).map(usual).collect()
    }
}

/// Where an item's weeks stand in the shapes.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// Weeks that they end after those of the shapes.
    later: usize,
    /// How many they are, and those of the shapes.
    count: usize,
    /// Weeks of a year.
    year: usize,
}

impl Place {
    /// Which week of the shapes a week is; beyond their end the one a year before.
    fn of(self, at: usize) -> (usize, bool) {
        let week = at + self.later;
        if week < self.count { (week, false) } else { (week - self.year, true) }
    }
}

impl<'a> Learner<'a> {
    fn new(weeks: &'a Weeks) -> Option<Self> {
        let known = weeks.known_weeks();
        let total = weeks.total();
        let is_known = known >= MIN_KNOWN_SHARE * weeks.units.len() as f64;
        if !is_known || total <= 0.0 || !total.is_finite() {
            return None;
        }
        let weight = (total / weeks.dispersion).min(MAX_COUNTED).sqrt();
        Some(Self { weeks, mean: total / known, weight })
    }

    /// Roots of the smoothed weeks relative to their mean: distances between them are about as
    /// large wherever they lie.
    fn roots(&self, is_smoothed: bool) -> Vec<f64> {
        let weeks = self.weeks;
        let root = |at: usize| {
            let (mut units, mut known) = (0.0, 0.0);
            for (near, part) in neighbours(at, weeks.units.len(), is_smoothed) {
                units += part * weeks.units[near];
                known += part * weeks.known[near];
            }
            if known > 0.0 { (units / known / self.mean).sqrt() } else { 1.0 }
        };
        (0..weeks.units.len()).map(root).collect()
    }
}

/// The shape of the items by how far each belongs to it, drawn to the shop's.
fn centre(learners: &[Learner<'_>], own: &[f64], shop: &[f64], is_smoothed: bool) -> Vec<f64> {
    let mut units: Vec<f64> = shop.iter().map(|usual| SHOP_WEIGHT * usual).collect();
    let mut known = vec![SHOP_WEIGHT; shop.len()];
    for (learner, share) in learners.iter().zip(own) {
        let weight = share * learner.weight;
        for at in 0..shop.len() {
            units[at] += weight * learner.weeks.units[at] / learner.mean;
            known[at] += weight * learner.weeks.known[at];
        }
    }

    let raw: Vec<f64> = units.iter().zip(&known).map(|(y, e)| y / e).collect();
    let smoothed = if is_smoothed { over_neighbours(&raw) } else { raw };
    smoothed.into_iter().map(|usual| usual.max(MIN_SHAPE)).collect()
}

/// ¼, ½, ¼, never around the year's end: a smoothing across it would mix growth in.
fn over_neighbours(values: &[f64]) -> Vec<f64> {
    let last = values.len() - 1;
    let at = |at: usize| {
        0.25 * values[at.saturating_sub(1)] + 0.5 * values[at] + 0.25 * values[(at + 1).min(last)]
    };
    (0..=last).map(at).collect()
}

/// How far each item belongs to each shape to begin with, the shop's last: k-means from items that
/// lie far apart, the heaviest first.
fn first_shares(learners: &[Learner<'_>], clusters: usize, is_smoothed: bool) -> Vec<Vec<f64>> {
    let points: Vec<Vec<f64>> = learners.iter().map(|own| own.roots(is_smoothed)).collect();
    let mut centres: Vec<Vec<f64>> = Vec::with_capacity(clusters);
    let mut nearest = vec![f64::INFINITY; points.len()];
    while centres.len() < clusters {
        let far = |item: usize| learners[item].weight * nearest[item].min(1e9);
        let next = (0..points.len()).fold(0, |best, i| if far(i) > far(best) { i } else { best });
        for (distance, point) in nearest.iter_mut().zip(&points) {
            *distance = distance.min(distance_of(point, &points[next]));
        }
        centres.push(points[next].clone());
    }

    let mut of_item = vec![0; points.len()];
    for _ in 0..FIRST_ROUNDS {
        of_item = points.par_iter().map(|point| nearest_of(point, &centres)).collect();
        for (cluster, centre) in centres.iter_mut().enumerate() {
            let mut sum = vec![0.0; centre.len()];
            let mut weight = 0.0;
            for (item, point) in points.iter().enumerate().filter(|(i, _)| of_item[*i] == cluster) {
                weight += learners[item].weight;
                sum.iter_mut().zip(point).for_each(|(s, x)| *s += learners[item].weight * x);
            }
            if weight > 0.0 {
                *centre = sum.into_iter().map(|s| s / weight).collect();
            }
        }
    }

    let shares = |own: &usize| {
        let mut shares = vec![0.0; clusters + 1];
        shares[if clusters == 0 { 0 } else { *own }] = 1.0;
        shares
    };
    of_item.iter().map(shares).collect()
}

fn distance_of(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum()
}

fn nearest_of(point: &[f64], centres: &[Vec<f64>]) -> usize {
    let distance = |cluster: usize| distance_of(point, &centres[cluster]);
    (0..centres.len()).fold(0, |best, c| if distance(c) < distance(best) { c } else { best })
}
