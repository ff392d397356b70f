//! What is learnt from all items together before any one is forecast: season, levels, smoothing
//! rates, dispersions.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::effects::{self, Effects, ItemRows};
use super::last_year::LastYear;
use super::newcomers::Newcomers;
use super::own_years::own_year;
use super::season_profiles::SeasonProfiles;
use super::start_levels::{MAX_EVIDENCE, MIN_EVIDENCE, StartLevel, StartLevels};
use super::year_of_days::{self, YearOfDays};
use crate::demand::origin::{ItemView, Origin};
use crate::domain::calendar::BucketCalendar;
use crate::forecast::distribution::dispersion::{
    self, DispersionGrid, GRID_COUNT, Likelihoods, Past,
};
use crate::forecast::distribution::lot::Lot;
use crate::forecast::distribution::width::{LENGTHS, Widths};
use crate::forecast::level::history::{History, LevelPrior, sane};
use crate::forecast::level::smoothing::{RATE_COUNT, Smoothing, pooled_weights};
use crate::forecast::level::year::YearOfItem;
use crate::stats::random::sample;

/// How many classes of volume there are; every pooled figure is learnt for each. Judgement.
pub const CLASSES: usize = 5;
/// Items that pooled figures are learnt from, at most. Judgement: it bounds time; the figures are
/// means over items.
const SAMPLE_ITEMS: usize = 12_000;
/// Buckets whose rate says an item's volume, at least. Judgement: four weeks of days.
const VOLUME_BUCKETS: usize = 28;
/// Equal weights of the smoothing rates.
const EVEN_RATES: [f64; RATE_COUNT] = [1.0 / RATE_COUNT as f64; RATE_COUNT];
/// Items' worth of equal weights among the smoothing rates. Judgement.
const RATE_PRIOR_ITEMS: f64 = 4.0;
/// Items' worth of the usual weights among the dispersions. Judgement.
const DISPERSION_PRIOR_ITEMS: f64 = 2.0;

/// Days over which the level of a similar item is taken. Judgement: half a year, as long as it is
/// borrowed.
const BORROWED_DAYS: f64 = 182.0;

/// Pooled figures of a panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Priors {
    /// Season profiles.
    pub season: SeasonProfiles,
    /// What events, promotions and prices do.
    pub effects: Effects,
    /// What a new item's level is believed to be.
    levels: StartLevels,
    /// What the supplier changes of it.
    newcomers: Newcomers,
    /// Levels that part the classes of volume, in units a bucket.
    borders: [f64; CLASSES - 1],
    /// Weights of the smoothing rates, by class.
    rates: [[f64; RATE_COUNT]; CLASSES],
    /// Weights of the dispersions, by class and length of total.
    dispersions: Vec<Likelihoods>,
    /// Shapes of last year, where the season is not the year's already.
    last_year: LastYear,
    /// The year of items that are known for two, where buckets are days.
    year_of_days: Option<YearOfDays>,
}

/// What an item borrows from a similar one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Borrowed {
    /// Demand of an average bucket, in units.
    pub level: f64,
    /// How much it counts beside the item's own, 0 to 1.
    pub share: f64,
}

impl Borrowed {
    /// The level, as far as it counts, with one of the item's own.
    #[must_use]
    pub fn mixed_with(self, own: f64) -> f64 {
        own + self.share * (self.level - own)
    }
}

/// One item's history and its smoothing; a scratch buffer that is filled anew for each item.
#[derive(Debug, Clone, Default)]
pub struct Smoothed {
    /// The item's history.
    pub history: History,
    /// Its smoothing.
    pub smoothing: Smoothing,
    /// What events, promotions and prices did in each of its buckets; empty if there is none.
    pub factors: Vec<f64>,
    /// What is known of its year beside the season.
    pub year: YearOfItem,
}

impl Smoothed {
    /// What the item has done.
    #[must_use]
    pub fn past<'a>(&'a self, item: &'a ItemView<'a>) -> Past<'a> {
        let Self { history, smoothing, .. } = self;
        Past { item, history, smoothing, lot: Lot::of(item) }
    }
}

impl Priors {
    /// Learns from what is known at an origin.
    #[must_use]
    pub fn learn(origin: &Origin<'_>, seed: u64) -> Self {
        let (levels, starts) = StartLevels::learn(origin);
        let level = |item: &ItemView<'_>| levels.of(item).map_or(0.0, StartLevel::level);
        let newcomers = Newcomers::learn(origin, level, &starts);
        let mut priors = Self {
            season: SeasonProfiles::learn(origin),
            effects: Effects::default(),
            levels,
            newcomers,
            borders: [0.0; CLASSES - 1],
            rates: [EVEN_RATES; CLASSES],
            dispersions: vec![[[1.0 / GRID_COUNT as f64; GRID_COUNT]; LENGTHS]; CLASSES],
            last_year: LastYear::learn(origin),
            year_of_days: YearOfDays::learn(origin),
        };
        priors.learn_effects(origin, seed);

        let items = sample(origin.len(), SAMPLE_ITEMS, seed);
        priors.learn_rates(origin, &items);
        priors.learn_dispersions(origin, &items);
        priors
    }

    /// Learns what events, promotions and prices do: each round reads the histories with what was
    /// found so far taken out.
    fn learn_effects(&mut self, origin: &Origin<'_>, seed: u64) {
        if origin.driver_names().is_empty() {
            return;
        }

        let items = sample(origin.len(), effects::SAMPLE_ITEMS, seed ^ 0xEFFE);
        for _ in 0..effects::ROUNDS {
            let rows: Vec<ItemRows> = items
                .par_iter()
                .map_init(Smoothed::default, |buffer, index| {
                    let item = origin.item(*index);
                    self.smooth(&item, buffer);
                    ItemRows::read(&item, &self.effects, &buffer.history, &buffer.smoothing)
                })
                .collect();
            self.effects = Effects::learn(origin, rows);
        }
    }

    /// Learns the borders of the classes, then the weights of the smoothing rates in each.
    fn learn_rates(&mut self, origin: &Origin<'_>, items: &[usize]) {
        let own: Vec<(f64, [f64; RATE_COUNT])> = items
            .par_iter()
            .map_init(Smoothed::default, |buffer, index| {
                let item = origin.item(*index);
                self.smooth(&item, buffer);
                (volume(&buffer.history, item.calendar), buffer.smoothing.log_likelihood)
            })
            .collect();

        // Items that have not sold are always of the lowest class, however many there are.
        let mut volumes: Vec<f64> =
            own.iter().map(|(volume, _)| *volume).filter(|v| *v > 0.0).collect();
        volumes.sort_by(f64::total_cmp);
        for (k, border) in self.borders.iter_mut().enumerate() {
            *border = volumes.get(volumes.len() * (k + 1) / CLASSES).copied().unwrap_or(0.0);
        }

        for class in 0..CLASSES {
            let members: Vec<[f64; RATE_COUNT]> = own
                .iter()
                .filter(|(volume, _)| self.class_of(*volume) == class)
                .map(|(_, log_likelihood)| *log_likelihood)
                .collect();
            self.rates[class] = pooled_weights(&members, EVEN_RATES, RATE_PRIOR_ITEMS);
        }
    }

    fn learn_dispersions(&mut self, origin: &Origin<'_>, items: &[usize]) {
        let bucket_days = origin.calendar().mean_days();
        let grid = DispersionGrid::new(bucket_days);
        let own: Vec<(usize, Likelihoods)> = items
            .par_iter()
            .map_init(Smoothed::default, |buffer, index| {
                let item = origin.item(*index);
                let class = self.smooth(&item, buffer);
                let mut out = [[0.0; GRID_COUNT]; LENGTHS];
                dispersion::log_likelihoods(&grid, &buffer.past(&item), &mut out);
                (class, out)
            })
            .collect();

        for class in 0..CLASSES {
            for length in 0..LENGTHS {
                let members: Vec<[f64; GRID_COUNT]> = own
                    .iter()
                    .filter(|(c, l)| *c == class && l[length].iter().any(|x| *x != 0.0))
                    .map(|(_, l)| l[length])
                    .collect();
                // Where few items are long enough, the next shorter total says more than what most
                // demand is like.
                let start = match length {
                    0 => dispersion::usual_weights(1.0),
                    1 => dispersion::usual_weights(bucket_days),
                    _ => self.dispersions[class][length - 1],
                };
                self.dispersions[class][length] =
                    pooled_weights(&members, start, DISPERSION_PRIOR_ITEMS);
            }
        }
    }

    /// Reads and smooths one item; returns its class.
    pub fn smooth(&self, item: &ItemView<'_>, buffer: &mut Smoothed) -> usize {
        let Smoothed { history, smoothing, factors, year } = buffer;
        let season = self.season.of(item);
        history.load(item, season);
        let is_last_years = self.last_year.is_known();
        *year = match &self.year_of_days {
            Some(year) if !is_last_years || year_of_days::is_known_for_two(item) => year.of(item),
            _ if is_last_years => self.last_year.of(item),
            _ => own_year(item, season),
        };
        history.weigh(year);
        factors.clear();
        if item.has_drivers() {
            self.effects.put_into(item, history, factors);
        }

        let prior = self.level_prior(item);
        history.uncensor(prior);
        let own = volume(history, item.calendar);
        let volume = self.borrowed(item).map_or(own, |level| level.mixed_with(own));
        let class = self.class_of(volume);
        smoothing.run(history, prior);
        smoothing.mix(&self.rates[class]);
        class
    }

    /// What events, promotions and prices do in the item's `len` buckets from number `first` on;
    /// empty if no table says anything.
    #[must_use]
    pub fn effects_ahead(&self, item: &ItemView<'_>, first: i32, len: usize) -> Vec<f64> {
        let mut factors = Vec::new();
        if item.has_drivers() {
            factors.resize(len, 1.0);
            self.effects.factors(item, first, &mut factors);
        }
        factors
    }

    /// How wide totals of the item in `buffer` are.
    #[must_use]
    pub fn widths(&self, grid: &DispersionGrid, class: usize, past: &Past<'_>) -> Widths {
        let mut own = [[0.0; GRID_COUNT]; LENGTHS];
        dispersion::log_likelihoods(grid, past, &mut own);

        let priors = self.dispersions.get(class).or(self.dispersions.last());
        let days_are_known = past.item.dated.is_some();
        priors
            .map_or_else(Widths::default, |priors| dispersion::widths(priors, &own, days_are_known))
    }

    /// How wide demand usually is by its volume: the least volume of each class, in units a bucket,
    /// and how wide its totals are.
    #[must_use]
    pub fn usual_widths(&self) -> Vec<(f64, Widths)> {
        let least = std::iter::once(0.0).chain(self.borders);
        let none = [[0.0; GRID_COUNT]; LENGTHS];
        least
            .zip(&self.dispersions)
            .map(|(least, prior)| (least, dispersion::widths(prior, &none, false)))
            .collect()
    }

    /// What the item's level is believed to be before its first bucket.
    fn level_prior(&self, item: &ItemView<'_>) -> LevelPrior {
        if let Some(borrowed) = self.borrowed(item) {
            let buckets = (MAX_EVIDENCE * borrowed.share).max(MIN_EVIDENCE);
            return LevelPrior { level: borrowed.level, buckets };
        }
        let none = LevelPrior { level: 0.0, buckets: MIN_EVIDENCE };
        let of_group = self.levels.of(item).map_or(none, |start| start.prior);
        let factor = self.newcomers.factor(item.supplier);
        // The items' relative spread stays what it is in the group: evidence in buckets is shape
        // over level.
        let buckets = (of_group.buckets / factor).clamp(MIN_EVIDENCE, MAX_EVIDENCE);
        LevelPrior { level: of_group.level * factor, buckets }
    }

    /// The level that an item borrows from a similar one: that of its last half year, without the
    /// season that both share.
    #[must_use]
    pub fn borrowed(&self, item: &ItemView<'_>) -> Option<Borrowed> {
        let similar = item.similar?;
        let season = self.season.of(item);
        let series = similar.series;
        let recent = (BORROWED_DAYS / item.calendar.mean_days()).ceil() as usize;
        let (mut units, mut weight) = (0.0, 0.0);
        for at in (series.demand.len().saturating_sub(recent)..series.demand.len())
            .filter(|at| !series.censored[*at])
        {
            let factor = item.positions.usual(season, series.first_bucket + at as i32);
            units += sane(series.demand[at]);
            weight += f64::from(series.exposure[at]) * factor;
        }
        let level = similar.factor * units / weight;
        (weight > 0.0).then_some(Borrowed { level, share: similar.share })
    }

    /// What a new item of a category, price band and supplier is believed to sell in an average
    /// bucket, in units, and whom that goes by.
    #[must_use]
    pub fn start(&self, category: u32, band: u32, supplier: u32) -> Option<(f64, StartLevel)> {
        let start = self.levels.of_group(category, band)?;
        Some((start.level() * self.newcomers.factor(supplier), *start))
    }

    fn class_of(&self, volume: f64) -> usize {
        self.borders.iter().filter(|border| volume >= **border).count()
    }
}

/// Units of an average bucket in the latest season, or four weeks of days: what an item is classed
/// by.
fn volume(history: &History, calendar: BucketCalendar) -> f64 {
    history.rate(calendar.season_length().max(VOLUME_BUCKETS))
}
