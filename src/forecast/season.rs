//! Season profiles, pooled over the items of a group: weekdays for days, weeks or months of the
//! year otherwise.

use serde::{Deserialize, Serialize};

use crate::demand::panel::Panel;
use crate::domain::calendar::BucketLength;

/// How many average blocks' worth of evidence a group's own profile needs to count as much as the
/// profile of all.
const GROUP_PRIOR_BLOCKS: f64 = 200.0;
/// The same for the profile of all against a flat one.
const FLAT_PRIOR_BLOCKS: f64 = 10.0;

/// Season positions of a stretch of buckets, looked up once for all items.
#[derive(Debug, Clone)]
pub struct Positions {
    first: i32,
    of: Vec<u8>,
}

impl Positions {
    /// Positions of every bucket from the panel's oldest to `ahead` past its last.
    #[must_use]
    pub fn new(panel: &Panel, ahead: usize) -> Self {
        let longest =
            panel.offsets.windows(2).map(|w| w[1].saturating_sub(w[0])).max().unwrap_or(0);
        let last = panel.last_bucket();
        let first = last + 1 - longest as i32;
        let of = (first..=last + ahead as i32 + 1)
            .map(|b| panel.calendar.season_position(b) as u8)
            .collect();
        Self { first, of }
    }

    /// The position of a bucket; 0 outside the stretch.
    #[must_use]
    pub fn of(&self, bucket: i32) -> u8 {
        usize::try_from(bucket - self.first).ok().and_then(|i| self.of.get(i)).copied().unwrap_or(0)
    }
}

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

    /// The profile of an item's group.
    #[must_use]
    pub fn of(&self, panel: &Panel, item: usize) -> &[f64] {
        let group = if self.by_location { panel.location[item] } else { panel.category[item] };
        self.groups.get(group as usize).unwrap_or(&self.all)
    }

    /// Learns the profiles from the panel without its last `cut` buckets.
    ///
    /// An item's last whole blocks (weeks, or years) each give the ratio of a bucket to the block's
    /// mean m; ratios are averaged with weight m/(1+m), the inverse of a count's relative variance,
    /// and drawn towards the profile of all items, which is drawn towards a flat one. Years need
    /// two blocks, so that one odd spring is not taken for a season.
    #[must_use]
    pub fn learn(panel: &Panel, cut: usize, positions: &Positions) -> Self {
        let length = panel.calendar.season_length();
        let by_location = panel.calendar.length == BucketLength::Day;
        let blocks_needed = if by_location { 4 } else { 2 };
        let groups = 1 + if by_location { &panel.location } else { &panel.category }
            .iter()
            .copied()
            .max()
            .unwrap_or(0) as usize;
        let groups = if groups > 5_000 { 0 } else { groups };
        let mut sums = vec![Sums::new(length); groups + 1];
        for item in 0..panel.len() {
            let series = panel.series(item).cut(cut);
            let group =
                if by_location { panel.location[item] } else { panel.category[item] } as usize;
            let blocks = series.demand.len() / length;
            if blocks < blocks_needed {
                continue;
            }
            let end = series.demand.len();
            for block in 1..=blocks.min(104) {
                let from = end - block * length;
                let demand = &series.demand[from..from + length];
                let first = series.first_bucket + from as i32;
                let exposure = &series.exposure[from..from + length];
                if exposure.iter().any(|e| *e < 1.0)
                    || series.censored[from..from + length].iter().any(|c| *c)
                {
                    continue;
                }
                let place = if group < groups { group } else { groups };
                sums[place].add(demand, |i| usize::from(positions.of(first + i as i32)));
            }
        }
        Self::from_sums(sums, by_location, length)
    }

    fn from_sums(mut sums: Vec<Sums>, by_location: bool, length: usize) -> Self {
        let mut total = Sums::new(length);
        for group in &sums {
            total.merge(group);
        }
        let all = smoothed(total.profile(&vec![1.0; length], FLAT_PRIOR_BLOCKS));
        sums.pop();
        let groups = sums.iter().map(|s| smoothed(s.profile(&all, GROUP_PRIOR_BLOCKS))).collect();
        Self { by_location, all, groups }
    }
}

/// Weighted sums of the ratios of buckets to their block's mean.
#[derive(Debug, Clone)]
struct Sums {
    ratio: Vec<f64>,
    weight: Vec<f64>,
}

impl Sums {
    fn new(length: usize) -> Self {
        Self { ratio: vec![0.0; length], weight: vec![0.0; length] }
    }

    fn add(&mut self, demand: &[f64], position: impl Fn(usize) -> usize) {
        let mean = demand.iter().sum::<f64>() / demand.len() as f64;
        if !mean.is_finite() || mean <= 0.0 {
            return;
        }
        let weight = mean / (1.0 + mean);
        for (i, units) in demand.iter().enumerate() {
            if let Some(at) = self.ratio.get_mut(position(i)) {
                // One extraordinary bucket must not become the season of all: six times the mean is
                // the most it says.
                *at += weight * (units / mean).min(6.0f64.max(demand.len() as f64 / 4.0));
                self.weight[position(i)] += weight;
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        for i in 0..self.ratio.len() {
            self.ratio[i] += other.ratio[i];
            self.weight[i] += other.weight[i];
        }
    }

    /// The profile drawn towards `prior`, scaled to mean 1.
    fn profile(&self, prior: &[f64], prior_blocks: f64) -> Vec<f64> {
        let mut profile: Vec<f64> = (0..self.ratio.len())
            .map(|i| (self.ratio[i] + prior_blocks * prior[i]) / (self.weight[i] + prior_blocks))
            .map(|x| x.clamp(0.05, 20.0))
            .collect();
        let mean = profile.iter().sum::<f64>() / profile.len().max(1) as f64;
        profile.iter_mut().for_each(|x| *x /= mean);
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
