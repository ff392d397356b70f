//! Season profiles, pooled over the items of a group: weekdays for days, weeks or months of the
//! year otherwise.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::demand::origin::{ItemView, Origin};
use crate::domain::calendar::BucketLength;

/// How many average blocks' worth of evidence a group's own profile needs to count as much as the
/// profile of all. Judgement: groups of a shop mostly share its season.
const GROUP_PRIOR_BLOCKS: f64 = 200.0;
/// The same for the profile of all against a flat one. Judgement: it matters for a handful of items
/// only.
const FLAT_PRIOR_BLOCKS: f64 = 10.0;
/// Blocks of an item that are read, at most. Judgement: two years of weeks; older ones say less.
const MAX_BLOCKS: usize = 104;
/// Groups beyond this many are not told apart. Judgement: it bounds memory.
const MAX_GROUPS: usize = 5_000;
/// A season position's demand stays within these, relative to an average bucket. Judgement.
const MIN_FACTOR: f64 = 0.05;
const MAX_FACTOR: f64 = 20.0;

/// Times that levels of years are read with the profile found so far. Judgement: the third changes
/// little already.
const ROUNDS: usize = 3;
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
    /// season. What an item did not sell after it ended says nothing ([`ItemView::ended_after`]).
    #[must_use]
    pub fn learn(origin: &Origin<'_>) -> Self {
        let calendar = origin.calendar();
        let length = calendar.season_length();
        let by_location = calendar.length == BucketLength::Day;
        let groups = if by_location { origin.locations() } else { origin.categories() };
        let groups = if groups > MAX_GROUPS { 0 } else { groups };

        let mut out = Self { by_location, ..Self::flat(length) };
        let rounds = if by_location { 1 } else { ROUNDS };
        for _ in 0..rounds {
            out = out.improved(origin, groups);
        }
        out
    }

    /// The profiles from levels that are read with these ones.
    fn improved(&self, origin: &Origin<'_>, groups: usize) -> Self {
        let length = self.all.len();
        let blocks_needed = if self.by_location { 4 } else { 2 };
        // The last place holds what belongs to no group.
        let mut sums = vec![SeasonSums::new(length); groups + 1];
        for item in origin.items() {
            let known = item.series.demand.len();
            let blocks = known / length;
            if blocks < blocks_needed {
                continue;
            }

            let end = if self.by_location { known } else { item.ended_after(length) };
            let sums = &mut sums[group_of(&item, self.by_location).min(groups)];
            for block in 1..=blocks.min(MAX_BLOCKS) {
                let from = known - block * length;
                sums.add(&item, self.of(&item), from..(from + length).min(end));
            }
        }

        Self::from_sums(sums, self.by_location)
    }

    fn from_sums(mut sums: Vec<SeasonSums>, by_location: bool) -> Self {
        let length = sums.first().map_or(0, |group| group.ratio.len());
        let mut total = SeasonSums::new(length);
        for group in &sums {
            total.merge(group);
        }
        sums.pop();

        let flat = vec![1.0; length];
        let all = smoothed(total.profile(&flat, FLAT_PRIOR_BLOCKS));
        let groups = sums.iter().map(|s| smoothed(s.profile(&all, GROUP_PRIOR_BLOCKS))).collect();
        Self { by_location, all, groups }
    }
}

/// Number of the group that an item's season is learnt in.
fn group_of(item: &ItemView<'_>, by_location: bool) -> usize {
    (if by_location { item.location } else { item.category }) as usize
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
    /// `usual` is the usual demand of each season position.
    fn add(&mut self, item: &ItemView<'_>, usual: &[f64], part: Range<usize>) {
        let series = item.series;
        let is_known = |step: &usize| series.exposure[*step] >= 1.0 && !series.censored[*step];
        let position = |step: usize| usize::from(item.positions.of(item.bucket(step)));

        let (mut units, mut weight, mut buckets) = (0.0, 0.0, 0);
        for step in part.clone().filter(is_known) {
            units += series.demand[step];
            weight += usual.get(position(step)).copied().unwrap_or(1.0);
            buckets += 1;
        }
        let level = units / weight;
        if PART_OF_BLOCK * buckets < self.ratio.len() || !level.is_finite() || level <= 0.0 {
            return;
        }

        let weight = level / (1.0 + level);
        let most = MIN_MOST_RATIO.max(self.ratio.len() as f64 / 4.0);
        for step in part.filter(is_known) {
            let position = position(step);
            if let Some(ratio) = self.ratio.get_mut(position) {
                *ratio += weight * (series.demand[step] / level).min(most);
                self.weight[position] += weight;
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

        let mean = profile.iter().sum::<f64>() / profile.len().max(1) as f64;
        profile.iter_mut().for_each(|factor| *factor /= mean);
        profile
    }
}

/// A year of weeks is smoothed over neighbours (¼, ½, ¼); shorter seasons are kept.
fn smoothed(profile: Vec<f64>) -> Vec<f64> {
    let n = profile.len();
    if n < 52 {
        return profile;
    }

    (0..n)
        .map(|i| 0.25 * profile[(i + n - 1) % n] + 0.5 * profile[i] + 0.25 * profile[(i + 1) % n])
        .collect()
}
