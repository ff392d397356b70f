//! What is learnt from all items together before any one is forecast: season, levels, smoothing
//! rates, dispersions.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::effects::{self, Effects};
use super::features::Sums;
use super::history::{History, average_rate};
use super::newcomers::Newcomers;
use super::season::{Positions, SeasonProfiles};
use super::smoothing::{LevelPrior, RATE_COUNT, Smoothing, pooled_weights};
use super::spread::{self, GRID_COUNT, LENGTHS, SpreadGrid};
use crate::demand::panel::Panel;
use crate::stats::random;

/// How many classes of volume there are; every pooled figure is learnt for each.
pub const CLASSES: usize = 5;
/// Items that pooled figures are learnt from, at most.
const SAMPLE_ITEMS: usize = 12_000;

/// Pooled figures of a panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Priors {
    /// Season profiles.
    pub season: SeasonProfiles,
    /// What events, promotions and prices do.
    pub effects: Effects,
    /// What a new item's level is believed to be, by category; the last is for all others.
    levels: Vec<LevelPrior>,
    /// What the supplier changes of it.
    newcomers: Newcomers,
    /// Levels that part the classes of volume.
    borders: [f64; CLASSES - 1],
    /// Weights of the smoothing rates, by class.
    rates: [[f64; RATE_COUNT]; CLASSES],
    /// Weights of the dispersions, by class and length of total.
    dispersions: Vec<[[f64; GRID_COUNT]; LENGTHS]>,
}

/// Buffers of one worker.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// The item's history.
    pub history: History,
    /// Its smoothing.
    pub smoothing: Smoothing,
    /// What events, promotions and prices did in each of its buckets; empty where there is none.
    pub factors: Vec<f64>,
    /// Its running sums.
    pub sums: Sums,
    /// Features of one row.
    pub row: Vec<f64>,
    /// Features of all its rows ahead.
    pub rows: Vec<f64>,
    /// Predictions for them.
    pub predicted: Vec<f64>,
}

impl Priors {
    /// Learns from the panel without its last `cut` buckets.
    #[must_use]
    pub fn learn(panel: &Panel, cut: usize, positions: &Positions, seed: u64) -> Self {
        let season = SeasonProfiles::learn(panel, cut, positions);
        let items = sample(panel.len(), SAMPLE_ITEMS, seed);
        let mut priors = Self {
            season,
            effects: Effects::default(),
            levels: Vec::new(),
            newcomers: Newcomers::default(),
            borders: [0.0; CLASSES - 1],
            rates: [[1.0 / RATE_COUNT as f64; RATE_COUNT]; CLASSES],
            dispersions: vec![[[1.0 / GRID_COUNT as f64; GRID_COUNT]; LENGTHS]; CLASSES],
        };
        priors.levels = level_priors(panel, cut);
        priors.newcomers = Newcomers::learn(panel, cut, |item| {
            priors.level_of_category(panel.category[item]).level
        });
        if !panel.drivers.is_empty() {
            let items = sample(panel.len(), effects::SAMPLE_ITEMS, seed ^ 0xEFFE);
            priors.effects = Effects::learn(panel, cut, positions, &priors, &items);
        }
        let own: Vec<(f64, [f64; RATE_COUNT])> = items
            .par_iter()
            .map_init(Scratch::default, |scratch, item| {
                priors.smooth(panel, *item, cut, positions, scratch);
                (
                    scratch.history.rate(panel.calendar.season_length().max(28)),
                    scratch.smoothing.log_likelihood,
                )
            })
            .collect();
        let mut volumes: Vec<f64> =
            own.iter().map(|(volume, _)| *volume).filter(|v| *v > 0.0).collect();
        // Items that have not sold are always of the lowest class, however many there are.
        volumes.sort_by(f64::total_cmp);
        for (k, border) in priors.borders.iter_mut().enumerate() {
            *border = volumes.get(volumes.len() * (k + 1) / CLASSES).copied().unwrap_or(0.0);
        }
        for class in 0..CLASSES {
            let members: Vec<[f64; RATE_COUNT]> = own
                .iter()
                .filter(|(volume, _)| priors.class_of(*volume) == class)
                .map(|(_, l)| *l)
                .collect();
            priors.rates[class] = pooled_weights(&members, 4.0);
        }
        priors.learn_dispersions(panel, cut, positions, &items);
        priors
    }

    fn learn_dispersions(
        &mut self,
        panel: &Panel,
        cut: usize,
        positions: &Positions,
        items: &[usize],
    ) {
        let grid = SpreadGrid::new();
        let own: Vec<(usize, [[f64; GRID_COUNT]; LENGTHS])> = items
            .par_iter()
            .map_init(Scratch::default, |scratch, item| {
                let class = self.smooth(panel, *item, cut, positions, scratch);
                let mut out = [[0.0; GRID_COUNT]; LENGTHS];
                spread::log_likelihoods(&grid, &scratch.history, &scratch.smoothing, &mut out);
                (class, out)
            })
            .collect();
        for class in 0..CLASSES {
            for power in 0..LENGTHS {
                let members: Vec<[f64; GRID_COUNT]> = own
                    .iter()
                    .filter(|(c, l)| *c == class && l[power].iter().any(|x| *x != 0.0))
                    .map(|(_, l)| l[power])
                    .collect();
                // Where no item is long enough, the next shorter total says more than equal
                // weights.
                self.dispersions[class][power] = if members.len() < 20 && power > 0 {
                    self.dispersions[class][power - 1]
                } else {
                    pooled_weights(&members, 2.0)
                };
            }
        }
    }

    /// Reads and smooths one item; returns its class.
    pub fn smooth(
        &self,
        panel: &Panel,
        item: usize,
        cut: usize,
        positions: &Positions,
        scratch: &mut Scratch,
    ) -> usize {
        scratch.history.load(panel, item, cut, positions, &self.season);
        scratch.factors.clear();
        if !panel.drivers.is_empty() {
            self.effects.put_into(panel, item, &mut scratch.history, &mut scratch.factors);
        }
        let prior = self.level_prior(panel, item);
        scratch.history.uncensor(prior);
        let class = self.class_of(scratch.history.rate(panel.calendar.season_length().max(28)));
        scratch.smoothing.run(&scratch.history, prior);
        scratch.smoothing.mix(&self.rates[class]);
        class
    }

    /// What events, promotions and prices do in the item's `len` buckets from `first` on; empty
    /// where none does anything.
    #[must_use]
    pub fn effects_ahead(&self, panel: &Panel, item: usize, first: i32, len: usize) -> Vec<f64> {
        let mut factors = Vec::new();
        if !panel.drivers.is_empty() {
            factors.resize(len, 1.0);
            self.effects.factors(panel, item, first, &mut factors);
        }
        factors
    }

    /// ln r by length of total of the item in `scratch`.
    #[must_use]
    pub fn log_dispersions(
        &self,
        grid: &SpreadGrid,
        class: usize,
        scratch: &Scratch,
    ) -> [f32; LENGTHS] {
        let mut own = [[0.0; GRID_COUNT]; LENGTHS];
        spread::log_likelihoods(grid, &scratch.history, &scratch.smoothing, &mut own);
        match self.dispersions.get(class) {
            Some(priors) => spread::log_dispersions(priors, &own),
            None => [0.0; LENGTHS],
        }
    }

    /// How wide demand usually is by its volume: the least volume of each class, and the mean of ln
    /// r by length of total.
    #[must_use]
    pub fn usual_dispersions(&self) -> Vec<(f64, [f32; LENGTHS])> {
        let least = std::iter::once(0.0).chain(self.borders);
        let none = [[0.0; GRID_COUNT]; LENGTHS];
        least
            .zip(&self.dispersions)
            .map(|(least, prior)| (least, spread::log_dispersions(prior, &none)))
            .collect()
    }

    /// What the item's level is believed to be before its first bucket.
    fn level_prior(&self, panel: &Panel, item: usize) -> LevelPrior {
        let of_category = self.level_of_category(panel.category[item]);
        let factor = self.newcomers.factor(panel, item);
        // The items' relative spread stays what it is in the category: evidence in buckets is shape
        // over level.
        let buckets = (of_category.buckets / factor).clamp(1e-3, 4.0);
        LevelPrior { level: of_category.level * factor, buckets }
    }

    fn level_of_category(&self, category: u32) -> LevelPrior {
        let none = LevelPrior { level: 0.0, buckets: 1e-3 };
        self.levels.get(category as usize).or(self.levels.last()).copied().unwrap_or(none)
    }

    fn class_of(&self, volume: f64) -> usize {
        self.borders.iter().filter(|border| volume >= **border).count()
    }
}

/// Gamma prior of the level by category from the items' rates: mean m and variance v among items
/// give evidence worth m/v buckets; categories are drawn towards all items with the weight of ten
/// items.
fn level_priors(panel: &Panel, cut: usize) -> Vec<LevelPrior> {
    let categories = 1 + panel.category.iter().copied().max().unwrap_or(0) as usize;
    let categories = if categories > 100_000 { 0 } else { categories };
    let mut sums = vec![[0.0f64; 3]; categories + 1];
    for item in 0..panel.len() {
        let series = panel.series(item).cut(cut);
        if series.demand.is_empty() {
            continue;
        }
        let rate = average_rate(&series).unwrap_or(0.0);
        let category = (panel.category[item] as usize).min(categories);
        for place in [category, categories] {
            sums[place][0] += 1.0;
            sums[place][1] += rate;
            sums[place][2] += rate * rate;
        }
    }
    let all = sums[categories];
    let mean_of_all = if all[0] > 0.0 { all[1] / all[0] } else { 0.0 };
    let square_of_all = if all[0] > 0.0 { all[2] / all[0] } else { 0.0 };
    sums.iter()
        .map(|[n, sum, squares]| {
            let level = (sum + 10.0 * mean_of_all) / (n + 10.0);
            let square = (squares + 10.0 * square_of_all) / (n + 10.0);
            let variance = (square - level * level).max(1e-12);
            LevelPrior { level, buckets: (level / variance).clamp(1e-3, 4.0) }
        })
        .collect()
}

/// At most `size` items, picked by hash, in order.
#[must_use]
pub fn sample(items: usize, size: usize, seed: u64) -> Vec<usize> {
    let share = size as f64 / items.max(1) as f64;
    (0..items).filter(|item| share >= 1.0 || random::unit(seed, *item as u64) < share).collect()
}
