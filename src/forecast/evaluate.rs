//! Rolling origins inside the panel: what each model said before windows whose demand is known.

use rayon::prelude::*;

use super::members::{self, MEMBERS, Rates};
use super::priors::{Priors, Scratch, sample};
use super::spread::{LENGTHS, SpreadGrid};
use super::training::{Ahead, Lookups, Pooled};
use crate::demand::panel::Panel;

/// Items that origins are evaluated on, at most.
const SAMPLE_ITEMS: usize = 3_000;
/// Origins, at most.
const ORIGINS: usize = 7;

/// One stretch of buckets at an earlier origin: what the models said of it and what came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// Class of volume of the item at the origin.
    pub class: u8,
    /// The stretch has 2^power buckets.
    pub power: u8,
    /// First bucket of the stretch, counted from the origin.
    pub step: u16,
    /// Whether the item's demand comes in whole units.
    pub is_count: bool,
    /// ln r of a total of this length.
    pub log_dispersion: f32,
    /// Mean demand of the stretch by model.
    pub means: [f32; MEMBERS],
    /// What was demanded.
    pub actual: f64,
}

/// The origins to look back to, as buckets before the panel's end: each has `horizon` known buckets
/// after it and a history of some length before it, and none overlaps another by more than three
/// quarters.
#[must_use]
pub fn origins(panel: &Panel, horizon: usize) -> Vec<usize> {
    let longest = panel.offsets.windows(2).map(|w| w[1].saturating_sub(w[0])).max().unwrap_or(0);
    let horizon = horizon.max(1);
    let room = longest.saturating_sub(horizon);
    let least_history = 8.max(horizon / 2);
    let stride = horizon.div_ceil(4).max(1);
    (0..ORIGINS)
        .map(|k| horizon + k * stride)
        .take_while(|cut| room + horizon >= cut + least_history)
        .collect()
}

/// What is under evaluation: everything that was learnt before the origins.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Pooled figures.
    pub priors: &'a Priors,
    /// Pooled models.
    pub pooled: &'a Pooled,
    /// What is looked up by bucket.
    pub look: &'a Lookups,
}

/// What the models said at each origin of each sampled item.
#[must_use]
pub fn observe(
    panel: &Panel,
    candidate: Candidate<'_>,
    horizon: usize,
    seed: u64,
) -> Vec<Observation> {
    let cuts = origins(panel, horizon);
    let items = sample(panel.len(), SAMPLE_ITEMS, seed ^ 0x5EED);
    let grid = SpreadGrid::new();
    let per_item: Vec<Vec<Observation>> = items
        .par_iter()
        .map_init(
            || (Scratch::default(), Rates::default()),
            |(scratch, rates), item| {
                let mut out = Vec::new();
                for cut in &cuts {
                    let at = Origin { item: *item, cut: *cut, horizon };
                    at.observe(panel, candidate, &grid, (scratch, rates), &mut out);
                }
                out
            },
        )
        .collect();
    per_item.into_iter().flatten().collect()
}

/// One item at one earlier origin.
struct Origin {
    item: usize,
    cut: usize,
    horizon: usize,
}

impl Origin {
    fn observe(
        &self,
        panel: &Panel,
        candidate: Candidate<'_>,
        grid: &SpreadGrid,
        (scratch, rates): (&mut Scratch, &mut Rates),
        out: &mut Vec<Observation>,
    ) {
        let (item, horizon) = (self.item, self.horizon);
        let Candidate { priors, pooled, look } = candidate;
        let series = panel.series(item);
        let known = series.demand.len().saturating_sub(self.cut);
        if known < 4 || self.cut < horizon {
            return;
        }
        let class = priors.smooth(panel, item, self.cut, &look.positions, scratch);
        let log_dispersions = priors.log_dispersions(grid, class, scratch);
        let profile = priors.season.of(panel, item);
        let bucket = |step: usize| series.first_bucket + (known + step) as i32;
        let positions: Vec<u8> = (0..horizon).map(|s| look.positions.of(bucket(s))).collect();
        let factors: Vec<f64> = positions
            .iter()
            .map(|p| profile.get(usize::from(*p)).copied().unwrap_or(1.0))
            .collect();
        let month_phases: Vec<f64> = (0..horizon).map(|s| look.month_phase(bucket(s))).collect();
        let ahead = Ahead {
            positions: &positions,
            factors: &factors,
            month_phases: &month_phases,
            begun: false,
            category: panel.category[item],
            groups: look.groups.of(panel, item),
        };
        members::resize(rates, horizon);
        members::rates(scratch, panel.calendar.season_length(), pooled, &ahead, rates);
        if let Some(model) = pooled.local {
            members::put_local(
                model,
                &scratch.history,
                panel.calendar.season_length(),
                &ahead,
                rates,
            );
        }
        let effects = priors.effects_ahead(panel, item, bucket(0), horizon);
        let usual = |step: usize| {
            factors[step]
                * f64::from(series.exposure[known + step])
                * effects.get(step).copied().unwrap_or(1.0)
        };
        let mut push = |power: usize, from: usize, to: usize| {
            if series.censored[known + from..known + to].iter().any(|c| *c) {
                return;
            }
            let means = std::array::from_fn(|m| {
                (from..to).map(|s| rates[m][s] * usual(s)).sum::<f64>() as f32
            });
            out.push(Observation {
                class: class as u8,
                power: power as u8,
                step: from as u16,
                is_count: series.is_count,
                log_dispersion: log_dispersions[power],
                means,
                actual: series.demand[known + from..known + to].iter().sum(),
            });
        };
        for step in (0..horizon).step_by(horizon.div_ceil(7).max(1)) {
            push(0, step, step + 1);
        }
        for power in 1..LENGTHS {
            if 1 << power <= horizon {
                push(power, 0, 1 << power);
            }
        }
    }
}
