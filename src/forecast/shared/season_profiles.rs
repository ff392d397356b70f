//! Season profiles, pooled over the items of a group: weekdays for days, weeks or months of the
//! year otherwise.

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
    /// mean m; ratios are averaged with weight m/(1+m), the inverse of a count's relative variance,
    /// and shrunk toward the profile of all items, which is shrunk toward a flat one. Years need
    /// two blocks, so that one odd spring is not taken for a season.
    #[must_use]
    pub fn learn(origin: &Origin<'_>) -> Self {
        let calendar = origin.calendar();
        let length = calendar.season_length();
        let by_location = calendar.length == BucketLength::Day;
        let blocks_needed = if by_location { 4 } else { 2 };
        let groups = if by_location { origin.locations() } else { origin.categories() };
        let groups = if groups > MAX_GROUPS { 0 } else { groups };

        // The last place holds what belongs to no group.
        let mut sums = vec![SeasonSums::new(length); groups + 1];
        for item in origin.items() {
            let known = item.series.demand.len();
            let blocks = known / length;
            if blocks < blocks_needed {
                continue;
            }

            let sums = &mut sums[group_of(&item, by_location).min(groups)];
            for block in 1..=blocks.min(MAX_BLOCKS) {
                sums.add(&item, known - block * length);
            }
        }

        Self::from_sums(sums, by_location)
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

    /// Adds the block that begins `from` buckets after an item's first one; leaves it out if a
    /// part of it is not covered or censored.
    fn add(&mut self, item: &ItemView<'_>, from: usize) {
        let block = from..from + self.ratio.len();
        let demand = &item.series.demand[block.clone()];
        if item.series.exposure[block.clone()].iter().any(|share| *share < 1.0)
            || item.series.censored[block].iter().any(|censored| *censored)
        {
            return;
        }
        let mean = demand.iter().sum::<f64>() / demand.len() as f64;
        if !mean.is_finite() || mean <= 0.0 {
            return;
        }

        let weight = mean / (1.0 + mean);
        for (step, units) in demand.iter().enumerate() {
            let position = usize::from(item.positions.of(item.bucket(from + step)));
            if let Some(ratio) = self.ratio.get_mut(position) {
                // One extraordinary bucket must not become the season of all: six times the mean is
                // the most it says.
                *ratio += weight * (units / mean).min(6.0f64.max(demand.len() as f64 / 4.0));
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
