//! What the forecasting stage is asked for.

use crate::config::Settings;
use crate::demand::panel::Panel;
use crate::domain::calendar::{BucketCalendar, BucketLength};
use crate::domain::models::ModelChoice;

/// Buckets or days ahead, at most. Judgement: ten years of days; it bounds memory.
const MAX_AHEAD: usize = 4_000;
/// Days that planning reads of a forecast, at most; later ones repeat the last season. Judgement: a
/// year and a month.
const MAX_PLANNED_DAYS: f64 = 400.0;

/// Days over which the rate is taken that goes on where no model is asked. Judgement: four weeks
/// hold each weekday four times, and no single bucket decides.
const HELD_DAYS: f64 = 28.0;

/// Days ahead that are learnt for, at least, so that long totals are known too. Judgement: four
/// weeks of days, a quarter of weeks, a year of months.
fn least_learnt_days(length: BucketLength) -> u32 {
    match length {
        BucketLength::Day => 28,
        BucketLength::Week => 91,
        BucketLength::Month => 365,
    }
}

/// What the forecasting stage needs to know beside the panel.
#[derive(Debug, Clone)]
pub struct ForecastSettings {
    /// Full buckets ahead.
    pub horizon: usize,
    /// Seed of everything random.
    pub seed: u64,
    /// Which models may be used.
    pub model: ModelChoice,
    /// Days ahead that are learnt for: what most items are planned for.
    pub learnt_days: u32,
    /// Days ahead that planning reads; what is written never changes what is planned.
    pub planning_days: u32,
}

impl ForecastSettings {
    /// Days from `as_of` within which later orders are projected. The contract's: 26 weeks.
    pub const PROJECTED_DAYS: u32 = 26 * 7;

    /// As the settings of a run say; `longest_reach_days` is what the tables let planning read of
    /// any item.
    #[must_use]
    pub fn of(settings: &Settings, longest_reach_days: f64) -> Self {
        let plan = &settings.plan;
        let reach_days =
            plan.lead_time_days + f64::from(plan.review_period_days) + plan.order_cycle_days;
        let least = least_learnt_days(settings.calendar.length);

        Self {
            horizon: settings.forecast.horizon,
            seed: settings.run.seed,
            model: settings.forecast.model.clone(),
            learnt_days: least.max(reach_days.min(MAX_PLANNED_DAYS) as u32 + 1),
            planning_days: least
                .max(longest_reach_days.max(reach_days).min(MAX_PLANNED_DAYS) as u32 + 1),
        }
    }

    /// Whatever horizon is asked for is what is planned: for measuring forecasts.
    #[must_use]
    pub fn ahead(calendar: BucketCalendar, horizon: usize, model: ModelChoice) -> Self {
        let days = (horizon.min(MAX_AHEAD) as f64 * calendar.mean_days()).ceil() as u32;
        Self { horizon, seed: 42, model, learnt_days: days, planning_days: days }
    }

    /// Buckets ahead that are learnt for.
    #[must_use]
    pub(super) fn steps_learnt(&self, panel: &Panel) -> usize {
        let days = f64::from(self.learnt_days.clamp(1, MAX_AHEAD as u32));
        (days / panel.calendar.mean_days()).ceil() as usize
    }

    /// How many buckets ahead are forecast: the horizon, after the rest of the bucket that `as_of`
    /// lies in, and what planning reads.
    #[must_use]
    pub(super) fn steps_ahead(&self, panel: &Panel) -> usize {
        let by_horizon =
            self.horizon.clamp(1, MAX_AHEAD) + usize::from(panel.as_of_is_inside_bucket());
        by_horizon.max(self.steps_planned(panel))
    }

    /// Buckets ahead that planning reads; the last of them in whole.
    #[must_use]
    pub(super) fn steps_planned(&self, panel: &Panel) -> usize {
        Self::steps_of(panel, self.planning_days.clamp(1, MAX_AHEAD as u32))
    }

    /// Buckets ahead that projected orders read: as far beyond the last of their days as planning
    /// reads beyond `as_of`.
    #[must_use]
    pub(super) fn steps_projected(&self, panel: &Panel) -> usize {
        Self::steps_of(panel, Self::PROJECTED_DAYS + self.planning_days.clamp(1, MAX_AHEAD as u32))
    }

    /// Buckets ahead that the models are asked for. Weeks and months cost next to nothing; all of
    /// M5's days for half a year took three times the forecast of four weeks, so that beyond what
    /// is planned or written the rate of days is held.
    #[must_use]
    pub(super) fn steps_asked(&self, panel: &Panel) -> usize {
        let steps = self.steps_ahead(panel);
        match panel.calendar.length {
            BucketLength::Day => steps,
            BucketLength::Week | BucketLength::Month => steps.max(self.steps_projected(panel)),
        }
    }

    /// Buckets whose rates are averaged to be held.
    #[must_use]
    pub(super) fn steps_held(panel: &Panel) -> usize {
        (HELD_DAYS / panel.calendar.mean_days()).round().max(1.0) as usize
    }

    /// Buckets that hold so many days from `as_of` on, the first and the last in whole.
    fn steps_of(panel: &Panel, days: u32) -> usize {
        let calendar = &panel.calendar;
        let last_day = panel.as_of.saturating_add_unsigned(days - 1);
        (calendar.bucket_of(last_day) - calendar.bucket_of(panel.as_of) + 1).max(1) as usize
    }
}
