//! Rolling origins inside the histories: what each model said before windows whose demand is known.

use rayon::prelude::*;

use crate::demand::origin::Origin;
use crate::demand::panel::Series;
use crate::forecast::distribution::lot::Lot;
use crate::forecast::distribution::width::{BUCKET_LENGTHS, Width};
use crate::forecast::item::{Ahead, ItemForecast, Learnt, Scratch, forecast_item};
use crate::forecast::models::members::MEMBERS;
use crate::stats::random::sample;

/// Items that origins are evaluated on, at most. Judgement: it bounds time.
const SAMPLE_ITEMS: usize = 3_000;
/// Origins, at most. Judgement: it bounds time.
const ORIGINS: usize = 7;
/// Buckets of history that an item is evaluated from, at least. Judgement.
const MIN_HISTORY: usize = 4;
/// Single buckets of a window that are read, at most. Judgement: more are alike.
const SINGLE_BUCKETS: usize = 7;
/// Single days of a window's first bucket that are read, counted from its first. Judgement: more
/// are alike.
const SINGLE_DAYS: [i32; 3] = [0, 2, 4];

/// One stretch of buckets at an earlier origin: what the models said of it and what came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// Class of volume of the item at the origin.
    pub class: u8,
    /// Length of the stretch: 0 is one day, n is 2^(n − 1) buckets.
    pub length: u8,
    /// First bucket of the stretch, counted from the origin.
    pub step: u16,
    /// What the item's demand comes in.
    pub lot: Lot,
    /// How wide a total of this length is.
    pub width: Width,
    /// Mean demand of the stretch by model.
    pub means: [f32; MEMBERS],
    /// What was demanded.
    pub actual: f64,
}

/// The origins to look back to, as buckets before the histories' end: each has `horizon` known
/// buckets after it and a history of some length before it, and none overlaps another by more than
/// three quarters. `longest` is the number of buckets of the longest history.
#[must_use]
pub fn origins(longest: usize, horizon: usize) -> Vec<usize> {
    let horizon = horizon.max(1);
    let room = longest.saturating_sub(horizon);
    let min_history = 8.max(horizon / 2);
    let stride = horizon.div_ceil(4).max(1);
    (0..ORIGINS)
        .map(|k| horizon + k * stride)
        .take_while(|buckets_back| room + horizon >= buckets_back + min_history)
        .collect()
}

/// An earlier origin and the window after it.
#[derive(Debug, Clone)]
pub struct Window<'a> {
    /// Where forecasts are made.
    pub origin: Origin<'a>,
    /// The buckets that they are held against.
    pub ahead: Ahead<'a>,
    /// How many these are.
    pub horizon: usize,
}

/// What the models said of each sampled item in each window. `learnt` is what was learnt before
/// them.
#[must_use]
pub fn observe(windows: &[Window<'_>], learnt: &Learnt<'_>, seed: u64) -> Vec<Observation> {
    let items = windows.first().map_or(0, |window| window.origin.len());
    let items = sample(items, SAMPLE_ITEMS, seed ^ 0x5EED);
    let per_item: Vec<Vec<Observation>> = items
        .par_iter()
        .map_init(Scratch::default, |scratch, index| {
            let mut out = Vec::new();
            for window in windows {
                window.observe(*index, learnt, scratch, &mut out);
            }
            out
        })
        .collect();
    per_item.into_iter().flatten().collect()
}

impl Window<'_> {
    fn observe(
        &self,
        index: usize,
        learnt: &Learnt<'_>,
        scratch: &mut Scratch,
        out: &mut Vec<Observation>,
    ) {
        let item = self.origin.item(index);
        let outcome = self.origin.outcome(index);
        if item.series.demand.len() < MIN_HISTORY || outcome.demand.len() < self.horizon {
            return;
        }

        let forecast = forecast_item(&item, learnt, &self.ahead, scratch);
        for step in (0..self.horizon).step_by(self.horizon.div_ceil(SINGLE_BUCKETS).max(1)) {
            out.extend(observation(&forecast, &outcome, step, 0));
        }
        for power in (1..BUCKET_LENGTHS).filter(|power| 1 << power <= self.horizon) {
            out.extend(observation(&forecast, &outcome, 0, power));
        }
        for day in SINGLE_DAYS {
            let of_day = self.origin.outcome_of_day(index, day);
            let bucket = of_day.and_then(|_| observation(&forecast, &outcome, 0, 0));
            let known = of_day.zip(bucket).zip(forecast.widths.of_day);
            out.extend(known.map(|(((actual, share), bucket), width)| Observation {
                length: 0,
                means: bucket.means.map(|mean| mean * share as f32),
                width,
                actual,
                ..bucket
            }));
        }
    }
}

/// The stretch of 2^power buckets from `from` on; `None` if demand of a part of it is only a lower
/// bound.
fn observation(
    forecast: &ItemForecast,
    outcome: &Series<'_>,
    from: usize,
    power: usize,
) -> Option<Observation> {
    let stretch = from..from + (1 << power);
    if outcome.censored[stretch.clone()].iter().any(|censored| *censored) {
        return None;
    }

    let usual = |step: usize| forecast.usual[step] * f64::from(outcome.exposure[step]);
    let mean = |model: usize| -> f64 {
        stretch.clone().map(|step| forecast.rates[model][step] * usual(step)).sum()
    };
    Some(Observation {
        class: forecast.class as u8,
        length: power as u8 + 1,
        step: from as u16,
        lot: forecast.lot,
        width: forecast.widths.of_buckets[power],
        means: std::array::from_fn(|model| mean(model) as f32),
        actual: outcome.demand[stretch.clone()].iter().sum(),
    })
}
