//! Season profiles, pooled over the items of a group: weekdays for days, weeks or months of the
//! year otherwise.

use std::ops::Range;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::demand::in_weeks::InWeeks;
use crate::demand::origin::{ItemView, Origin};
use crate::domain::calendar::{BucketCalendar, BucketLength, SeasonPlace};

use super::own_years::{MOST_GROWTH, agreement, grown, growth, own_season, scale_to_mean_one};
use crate::stats::random::sample;

/// How many average blocks' worth of evidence a group's own profile needs to count as much as the
/// profile of all. Judgement: groups of a shop mostly share its season.
const GROUP_PRIOR_BLOCKS: f64 = 200.0;
/// The same for the profile of all against a flat one. Judgement: it matters for a handful of items
/// only.
const FLAT_PRIOR_BLOCKS: f64 = 10.0;
/// The same where a profile stands for itself: what was seen nowhere is as the prior has it.
const NO_PRIOR_BLOCKS: f64 = 1e-6;
/// Blocks of an item that are read, at most. Judgement: two years of weeks; older ones say less.
const MAX_BLOCKS: usize = 104;
/// Items that are read, at most, and how many at a time; the sample is the same at every origin.
/// Judgement: it bounds time.
const MAX_ITEMS: usize = 100_000;
const ITEMS_AT_ONCE: usize = 1_024;
const SAMPLE_KEY: u64 = 0x5EA5;
/// Units of a year for which its growth is believed by half. Judgement: with fewer, chance makes
/// half of what seems to have grown.
const HALF_GROWTH_UNITS: f64 = 50.0;
/// Groups beyond this many are not told apart. Judgement: it bounds memory.
const MAX_GROUPS: usize = 5_000;
/// A season position's demand stays within these, relative to an average bucket. Judgement.
const MIN_FACTOR: f64 = 0.05;
const MAX_FACTOR: f64 = 20.0;

/// Times that years are read with the profile found so far. Judgement: the sixth changes
/// little already.
const ROUNDS: usize = 6;
/// Part of a block that must be known of an item on sale, one over it. Judgement: half a year.
const PART_OF_BLOCK: usize = 2;
/// One extraordinary bucket must not become the season of all: this, or a quarter of the buckets of
/// a block, times the level is the most that it says. Judgement.
const MIN_MOST_RATIO: f64 = 6.0;

/// Usual demand of each season position relative to an average bucket (mean 1), by group of items.
///
/// Groups are locations for days (a shop has its week) and categories for weeks and months (a
/// product has its year).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeasonProfiles {
    by_location: bool,
    all: Vec<f64>,
    groups: Vec<Vec<f64>>,
}

impl SeasonProfiles {
    /// A profile without a season.
    #[must_use]
    pub fn flat(length: usize) -> Self {
        Self { by_location: false, all: vec![1.0; length], groups: Vec::new() }
    }

    /// The profile of an item's group, by season position.
    #[must_use]
    pub fn of(&self, item: &ItemView<'_>) -> &[f64] {
        self.groups.get(group_of(item, self.by_location)).unwrap_or(&self.all)
    }

    /// Learns the profiles from what is known at an origin.
    ///
    /// An item's last whole blocks (weeks, or years) each give the ratio of a bucket to the block's
    /// level λ, the units of the block over its usual demand; ratios are averaged with weight
    /// λ/(1+λ), the inverse of a count's relative variance, and shrunk toward the profile of all
    /// items, which is shrunk toward a flat one. As usual demand is what is being learnt, this is
    /// done [`ROUNDS`] times. Years need two blocks, so that one odd spring is not taken for a
    /// season; growth from one to the next is taken out of them, and what shows in each of them as
    /// an item's own ([`super::own_years`]): what is left is what the items have in common. What an
    /// item did not sell after it ended says nothing ([`ItemView::ended_after`]).
    #[must_use]
    pub fn learn(origin: &Origin<'_>) -> Self {
        Self::learn_of(origin, origin.calendar(), None)
    }

    /// The same of weeks of the year, where buckets are days, by how far the years agree: what a
    /// trend or a step leaves in one of them is no season of theirs.
    #[must_use]
    pub fn learn_in_weeks(origin: &Origin<'_>) -> Self {
        let weeks = BucketCalendar { length: BucketLength::Week, ..origin.calendar() };
        let mut whole = Self::learn_of(origin, weeks, None);
        let [odd, even] = [0, 1].map(|half| Self::learn_of(origin, weeks, Some(half)));
        draw_to_flat(&mut whole.all, &odd.all, &even.all);
        let groups = whole.groups.iter_mut().zip(odd.groups.iter().zip(&even.groups));
        groups.for_each(|(group, (odd, even))| draw_to_flat(group, odd, even));
        whole
    }

    fn learn_of(origin: &Origin<'_>, calendar: BucketCalendar, half: Option<usize>) -> Self {
        let length = calendar.season_length();
        let by_location = calendar.length == BucketLength::Day;
        let groups = if by_location { origin.locations() } else { origin.categories() };
        let groups = if groups > MAX_GROUPS { 0 } else { groups };

        let mut out = Self { by_location, ..Self::flat(length) };
        let rounds = if by_location { 1 } else { ROUNDS };
        for round in 0..rounds {
            let reading = Reading { is_learnt: round > 0, is_last: round + 1 == rounds, half };
            out = out.improved(origin, groups, reading);
        }
        out
    }

    /// The profiles from levels that are read with these ones, and from what is no item's own
    /// beside them where these are more than a beginning.
    fn improved(&self, origin: &Origin<'_>, groups: usize, reading: Reading) -> Self {
        let length = self.all.len();
        let is_in_weeks = origin.calendar().length == BucketLength::Day && !self.by_location;
        let items = sample(origin.len(), MAX_ITEMS, SAMPLE_KEY);
        let parts: Vec<Vec<(usize, SeasonSums)>> = items
            .par_chunks(ITEMS_AT_ONCE)
            .map_init(InWeeks::default, |weeks, chunk| {
                let sums_of = |index: &usize| {
                    let item = origin.item(*index);
                    let item = if is_in_weeks { weeks.view(&item) } else { item };
                    self.sums_of(&item, reading)
                };
                chunk.iter().filter_map(sums_of).collect()
            })
            .collect();
        // The last place holds what belongs to no group.
        let mut sums = vec![SeasonSums::new(length); groups + 1];
        for (group, own) in parts.into_iter().flatten() {
            sums[group.min(groups)].merge(&own);
        }

        Self::from_sums(sums, self.by_location, reading.is_last)
    }

    /// What an item says of the season of its group, and which that is; `None` where it is not
    /// known for long enough, or what moved it was larger than a season.
    fn sums_of(&self, item: &ItemView<'_>, reading: Reading) -> Option<(usize, SeasonSums)> {
        let length = self.all.len();
        let (known, season) = (item.series.demand.len(), self.of(item));
        let blocks = (known / length).min(MAX_BLOCKS);
        if blocks < if self.by_location { 4 } else { 2 } {
            return None;
        }

        let end = if self.by_location { known } else { item.ended_after(length) };
        let part = |block: usize| {
            let from = known - (blocks - block) * length;
            from..(from + length).min(end)
        };
        let own = if reading.is_learnt { own_season(item, season) } else { None };
        let own = own.unwrap_or_else(|| vec![1.0; length]);
        let usual = Usual { season, own: &own, growth: 0.0 };
        let levels: Vec<Level> = (0..blocks).map(|block| usual.level(item, part(block))).collect();
        let of_levels: Vec<f64> = levels.iter().map(|level| level.per_bucket).collect();

        let mut sums = SeasonSums::new(length);
        for block in 0..blocks {
            let around = levels[block.saturating_sub(1)..(block + 2).min(blocks)].iter();
            let units = around.map(|level| level.units).fold(f64::INFINITY, f64::min);
            let believed = units / (units + HALF_GROWTH_UNITS);
            let growth = match self.by_location {
                true => 0.0,
                false => believed * growth(&of_levels, block),
            };
            if growth.abs() > MOST_GROWTH {
                return None;
            }
            if reading.half.is_none_or(|half| (blocks - block) % 2 == half) {
                sums.add(item, &Usual { growth, ..usual }, part(block));
            }
        }
        Some((group_of(item, self.by_location), sums))
    }

    /// Draws the profiles to one another and smooths them, but where they are read once more: round
    /// by round that would hand the season over to the items' own years.
    fn from_sums(mut sums: Vec<SeasonSums>, by_location: bool, is_last: bool) -> Self {
        let length = sums.first().map_or(0, |group| group.ratio.len());
        let mut total = SeasonSums::new(length);
        for group in &sums {
            total.merge(group);
        }
        sums.pop();

        let flat = vec![1.0; length];
        let drawn = |sums: &SeasonSums, prior: &[f64], blocks: f64| match is_last {
            true => smoothed(sums.profile(prior, blocks)),
            false => sums.profile(prior, NO_PRIOR_BLOCKS),
        };
        let all = drawn(&total, &flat, FLAT_PRIOR_BLOCKS);
        let groups = sums.iter().map(|sums| drawn(sums, &all, GROUP_PRIOR_BLOCKS)).collect();
        Self { by_location, all, groups }
    }
}

/// How the items are read in a round.
#[derive(Debug, Clone, Copy)]
struct Reading {
    /// Whether the profiles are more than a beginning.
    is_learnt: bool,
    /// Whether what is found stands.
    is_last: bool,
    /// Every second block alone, counted from the last one.
    half: Option<usize>,
}

/// Draws a profile to a flat one by how far those of its halves agree, at mean 1.
fn draw_to_flat(profile: &mut [f64], odd: &[f64], even: &[f64]) {
    let trust = agreement(odd.iter().zip(even).map(|(a, b)| (libm::log(*a), libm::log(*b))));
    profile.iter_mut().for_each(|factor| *factor = libm::pow(*factor, trust));
    scale_to_mean_one(profile);
}

/// Number of the group that an item's season is learnt in.
fn group_of(item: &ItemView<'_>, by_location: bool) -> usize {
    (if by_location { item.location } else { item.category }) as usize
}

/// Whether a bucket is covered in whole and not censored.
fn is_known(item: &ItemView<'_>, step: usize) -> bool {
    item.series.exposure[step] >= 1.0 && !item.series.censored[step]
}

fn place_of(item: &ItemView<'_>, step: usize) -> Option<SeasonPlace> {
    item.positions.place(item.bucket(step))
}

/// Usual demand of an item's buckets at level 1.
#[derive(Clone, Copy)]
struct Usual<'a> {
    /// Its group's, by season position.
    season: &'a [f64],
    /// Its own beside that.
    own: &'a [f64],
    /// Growth over the block, in logarithms.
    growth: f64,
}

/// The level of a block.
struct Level {
    /// Units of the buckets that are known, and how many these are.
    units: f64,
    buckets: usize,
    /// Units of an average bucket.
    per_bucket: f64,
}

impl Usual<'_> {
    /// What is no season of the group, of a bucket so far into its block.
    fn apart_from_season(&self, place: SeasonPlace, bucket: usize) -> f64 {
        let own = place.usual(self.own);
        if self.growth == 0.0 { own } else { own * grown(self.growth, bucket, self.own.len()) }
    }

    fn level(&self, item: &ItemView<'_>, part: Range<usize>) -> Level {
        let (mut units, mut weight, mut buckets) = (0.0, 0.0, 0);
        let begin = part.start;
        for step in part.filter(|step| is_known(item, *step)) {
            let Some(place) = place_of(item, step) else { continue };
            units += item.series.demand[step];
            weight += place.usual(self.season) * self.apart_from_season(place, step - begin);
            buckets += 1;
        }
        Level { units, buckets, per_bucket: units / weight }
    }
}

/// Weighted sums of the ratios of buckets to their block's mean, by season position.
#[derive(Debug, Clone)]
struct SeasonSums {
    ratio: Vec<f64>,
    weight: Vec<f64>,
}

impl SeasonSums {
    fn new(length: usize) -> Self {
        Self { ratio: vec![0.0; length], weight: vec![0.0; length] }
    }

    /// Adds the part of a block in which the item was on sale, buckets counted from its first one:
    /// those of them that are covered in whole and not censored; leaves it out if these are few.
    fn add(&mut self, item: &ItemView<'_>, usual: &Usual<'_>, part: Range<usize>) {
        let Level { per_bucket: level, buckets, .. } = usual.level(item, part.clone());
        if PART_OF_BLOCK * buckets < self.ratio.len() || !level.is_finite() || level <= 0.0 {
            return;
        }

        let weight = level / (1.0 + level);
        let most = MIN_MOST_RATIO.max(self.ratio.len() as f64 / 4.0);
        let begin = part.start;
        for step in part.filter(|step| is_known(item, *step)) {
            let Some(place) = place_of(item, step) else { continue };
            let apart = usual.apart_from_season(place, step - begin);
            let ratio = (item.series.demand[step] / (level * apart)).min(most);
            for (position, part) in place.parts() {
                self.ratio[position] += part * weight * ratio;
                self.weight[position] += part * weight;
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        for i in 0..self.ratio.len() {
            self.ratio[i] += other.ratio[i];
            self.weight[i] += other.weight[i];
        }
    }

    /// The profile shrunk toward `prior`, scaled to mean 1.
    fn profile(&self, prior: &[f64], prior_blocks: f64) -> Vec<f64> {
        let mut profile: Vec<f64> = (0..self.ratio.len())
            .map(|i| (self.ratio[i] + prior_blocks * prior[i]) / (self.weight[i] + prior_blocks))
            .map(|factor| factor.clamp(MIN_FACTOR, MAX_FACTOR))
            .collect();

        scale_to_mean_one(&mut profile);
        profile
    }
}

/// A year of weeks is smoothed over neighbours (¼, ½, ¼), so that one week's promotions are not its
/// season; shorter seasons are kept.
fn smoothed(profile: Vec<f64>) -> Vec<f64> {
    let n = profile.len();
    if n < 52 {
        return profile;
    }

    (0..n)
        .map(|i| 0.25 * profile[(i + n - 1) % n] + 0.5 * profile[i] + 0.25 * profile[(i + 1) % n])
        .collect()
}
