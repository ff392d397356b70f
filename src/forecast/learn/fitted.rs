//! The fitted stage: everything that crosses items, as plain data.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::blend::Blend;
use super::origins::{self, Observation, Window};
use super::training::{self, Purpose};
use crate::demand::origin::Origin;
use crate::demand::panel::Panel;
use crate::demand::positions::Positions;
use crate::domain::calendar::{BucketCalendar, BucketLength};
use crate::domain::models::ModelChoice;
use crate::forecast::distribution::calibrate::{Calibration, Said};
use crate::forecast::distribution::dispersion::DispersionGrid;
use crate::forecast::distribution::width::LENGTHS;
use crate::forecast::item::{Ahead, Learnt};
use crate::forecast::models::across::Pooled;
use crate::forecast::models::local::LocalModel;
use crate::forecast::models::members::{NAMES, POOLED_NAMES};
use crate::forecast::settings::ForecastSettings;
use crate::forecast::shared::groups::Groups;
use crate::forecast::shared::priors::{CLASSES, Priors};
use crate::stats::random::unit;

/// Observations of a class and length that a calibration is learnt from, at most. Judgement: it
/// bounds time.
const MAX_SAID: usize = 1_500;
/// Seed of which of them. Any number does.
const THINNING: u64 = 0x0B5E_44ED;
/// Buckets ahead that models are trained for and origins evaluated on, at most. Judgement: later
/// ones are forecast alike.
const MAX_TRAINED_STEPS: usize = 64;
/// Horizons of history before the oldest origin from which on models are learnt there rather than
/// at the newest one. Judgement.
const MIN_HORIZONS_LEARNT: usize = 6;
/// Days before it, where seasons are of years: models that saw less than two of them say less than
/// tonight's, and all widths become those of their errors. On Favorita's weeks 114–140 with four
/// horizons and no more than 95 weeks, 0.8 of two weeks covers 87.1 % and the replay costs
/// 1,956,700; learnt at the newest origin 84.9 % and 1,920,041.
const LEAST_DAYS_LEARNT: f64 = 728.0;

/// Pooled parameters, blend and calibration of a panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// Pooled figures learnt up to `as_of`.
    pub(in crate::forecast) priors: Priors,
    /// Models that learn across items.
    pub(in crate::forecast) pooled: Pooled,
    /// Weights of the models.
    pub(in crate::forecast) blend: Blend,
    /// Calibration by class.
    pub(in crate::forecast) calibration: Vec<Calibration>,
}

impl Fitted {
    /// Learns the pooled figures, then the blend and the calibration from origins inside the panel.
    /// Whole buckets are read alone, so that all nights within a bucket learn the same.
    #[must_use]
    pub fn learn(panel: &Panel, settings: &ForecastSettings) -> Self {
        let steps = settings.steps_learnt(panel);
        let positions = Positions::new(panel, steps + 1);
        let latest = Origin::latest(panel, &positions).at_whole_bucket();
        let lesson = Lesson::new(latest, steps, settings);

        // Neither half reads the other's results, and a tree keeps less than one core busy.
        let ((blend, calibration), (priors, pooled)) =
            rayon::join(|| lesson.measure(), || lesson.learn(&lesson.latest, Purpose::Tonight));
        Self { priors, pooled, blend, calibration }
    }
}

/// What is learnt from.
struct Lesson<'a> {
    latest: Origin<'a>,
    /// Series of groups of items: an item sees them up to its origin.
    groups: Groups,
    /// Buckets ahead that models across items are trained for.
    steps: usize,
    settings: &'a ForecastSettings,
}

impl<'a> Lesson<'a> {
    fn new(latest: Origin<'a>, steps: usize, settings: &'a ForecastSettings) -> Self {
        let steps = steps.clamp(1, MAX_TRAINED_STEPS);
        Self { latest, groups: Groups::learn(&latest), steps, settings }
    }

    /// The pooled figures and models, from what was known at an origin.
    fn learn(&self, origin: &Origin<'_>, purpose: Purpose) -> (Priors, Pooled) {
        let seed = self.settings.seed;
        let priors = Priors::learn(origin, seed);
        let pooled = match &self.settings.model {
            ModelChoice::Named(name) if !POOLED_NAMES.contains(&name.as_str()) => {
                Pooled::untrained(origin.calendar().length, LocalModel::from_name(name))
            }
            _ => {
                let lesson = training::Lesson { steps: self.steps, purpose, seed };
                lesson.train(origin, &priors, &self.groups)
            }
        };
        (priors, pooled)
    }

    /// The blend and the calibration, from origins inside the histories.
    fn measure(&self) -> (Blend, Vec<Calibration>) {
        let observations = self.observations();

        let blend = match &self.settings.model {
            ModelChoice::Auto => Blend::learn(&observations),
            ModelChoice::Named(name) => {
                Blend::only(NAMES.iter().position(|n| n == name).unwrap_or(0))
            }
        };

        let bucket_days = self.latest.calendar().mean_days();
        let of_class = |class| Calibration::learn(&said(&observations, class, &blend), bucket_days);
        let calibration = (0..CLASSES).into_par_iter().map(of_class).collect();
        (blend, calibration)
    }

    /// What the models said before windows whose demand is known.
    fn observations(&self) -> Vec<Observation> {
        let longest = self.latest.longest();
        let horizon = evaluated_horizon(self.steps, longest);
        let origins = origins::origins(longest, horizon);
        let (Some(newest), Some(oldest)) = (origins.first(), origins.last()) else {
            return Vec::new();
        };

        // Learnt before the oldest origin where enough is left, so that no origin's window was seen
        // in training.
        let calendar = self.latest.calendar();
        let is_long = longest - oldest >= least_learnt(calendar, longest, horizon);
        let learnt_at = self.latest.back(if is_long { *oldest } else { *newest });
        let (priors, pooled) = self.learn(&learnt_at, Purpose::Rehearsal);

        let windows: Vec<Window<'_>> =
            origins.iter().map(|back| self.window(*back, horizon)).collect();
        let grid = DispersionGrid::new(learnt_at.calendar().mean_days());
        let pooled = pooled.models();
        let learnt = Learnt { priors: &priors, pooled: &pooled, grid: &grid };
        origins::observe(&windows, &learnt, self.settings.seed)
    }

    /// The window of `horizon` buckets that begins so many buckets before the histories' end.
    fn window(&self, buckets_back: usize, horizon: usize) -> Window<'_> {
        let origin = self.latest.back(buckets_back);
        Window { origin, ahead: Ahead::new(&origin, horizon, &self.groups), horizon }
    }
}

/// Buckets that are forecast at earlier origins: whole doublings, so that the horizon lies between
/// two calibrated lengths; a third of the history at most, so that what is learnt before the
/// origins has something to learn from.
fn evaluated_horizon(horizon: usize, longest: usize) -> usize {
    let room = (longest / 3).max(1);
    let limit = if room.is_power_of_two() { room } else { room.next_power_of_two() / 2 };
    horizon.clamp(1, MAX_TRAINED_STEPS).next_power_of_two().min(limit)
}

/// Buckets before the oldest origin from which on models are learnt there. Days have a season of
/// the year only where two are known.
fn least_learnt(calendar: BucketCalendar, longest: usize, horizon: usize) -> usize {
    let two_years = (LEAST_DAYS_LEARNT / calendar.mean_days()).ceil() as usize;
    let has_no_season = calendar.length == BucketLength::Day && longest < two_years;
    (MIN_HORIZONS_LEARNT * horizon).max(if has_no_season { 0 } else { two_years })
}

/// What the blend said of a class, thinned to about a bounded number for each length.
fn said(observations: &[Observation], class: usize, blend: &Blend) -> Vec<Said> {
    let of_kind = |(length, is_ahead): (usize, bool)| {
        let is_meant = |o: &&Observation| {
            usize::from(o.class) == class
                && usize::from(o.length) == length
                && (o.step > 0) == is_ahead
        };
        let own: Vec<&Observation> = observations.iter().filter(is_meant).collect();
        // By chance and not every so many: each item adds as many, of the same origins and steps.
        let kept = MAX_SAID as f64 / own.len().max(1) as f64;
        let is_kept = move |at: usize| unit(THINNING, at as u64) < kept;
        own.into_iter().enumerate().filter(move |(at, _)| is_kept(*at)).map(|(_, o)| o)
    };

    // Only single buckets are read ahead.
    let kinds = (0..LENGTHS).map(|length| (length, false)).chain([(1, true)]);
    kinds
        .flat_map(of_kind)
        .map(|o| Said {
            length: usize::from(o.length),
            step: usize::from(o.step),
            mean: blend.mean_of(o),
            width: o.width,
            lot: o.lot,
            actual: o.actual,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::tests::{panel, sell_more_in_last};
    use crate::stats::random;

    /// Forty products at four locations.
    fn shop() -> Panel {
        let demand = |item: u64, week: u64| (20.0 * random::unit(item, week)).floor();
        let histories: Vec<Vec<f64>> =
            (0..160).map(|item| (0..140).map(|week| demand(item, week)).collect()).collect();

        let mut panel = panel(BucketLength::Week, &histories);
        panel.product = (0..160).map(|item| item % 40).collect();
        panel.location = (0..160).map(|item| item / 40).collect();
        panel
    }

    #[test]
    fn what_comes_after_an_origin_changes_nothing_that_is_said_at_it() {
        let settings = ForecastSettings::ahead(shop().calendar, 8, ModelChoice::Auto);
        let said = |panel: &Panel| {
            let positions = Positions::new(panel, 8);
            let lesson = Lesson::new(Origin::latest(panel, &positions), 8, &settings);
            let observations = lesson.observations();
            assert!(observations.iter().any(|o| o.means[4] != o.means[0]), "no trees were grown");
            let of = |o: &Observation| (o.class, o.length, o.step, o.width, o.means);
            observations.iter().map(of).collect::<Vec<_>>()
        };

        let before = shop();
        let mut after = before.clone();
        // The newest origin has the horizon after it.
        sell_more_in_last(&mut after, 8);
        assert!(said(&before) == said(&after));
    }
}
