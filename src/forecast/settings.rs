//! What the forecasting stage is asked for.

use crate::config::Settings;
use crate::demand::panel::Panel;
use crate::domain::models::ModelChoice;

/// Buckets or days ahead, at most. Judgement: ten years of days; it bounds memory.
const MAX_AHEAD: usize = 4_000;

/// What the forecasting stage needs to know beside the panel.
#[derive(Debug, Clone)]
pub struct ForecastSettings {
    /// Full buckets ahead.
    pub horizon: usize,
    /// Seed of everything random.
    pub seed: u64,
    /// Which models may be used.
    pub model: ModelChoice,
    /// Days from `as_of` that planning reads, at least.
    pub planning_days: u32,
}

impl ForecastSettings {
    /// As the settings of a run say.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        let plan = &settings.plan;
        let reach_days =
            plan.lead_time_days + f64::from(plan.review_period_days) + plan.order_cycle_days;

        Self {
            horizon: settings.forecast.horizon,
            seed: settings.run.seed,
            model: settings.forecast.model.clone(),
            planning_days: reach_days as u32 + 1,
        }
    }

    /// How many buckets ahead are forecast: the horizon, after the rest of the bucket that `as_of`
    /// lies in, and what planning reads.
    #[must_use]
    pub(super) fn steps_ahead(&self, panel: &Panel) -> usize {
        let by_horizon =
            self.horizon.clamp(1, MAX_AHEAD) + usize::from(panel.as_of_is_inside_bucket());

        let calendar = &panel.calendar;
        let days = self.planning_days.min(MAX_AHEAD as u32);
        let last_day = panel.as_of.saturating_add_unsigned(days);
        let by_days = calendar.bucket_of(last_day) - calendar.bucket_of(panel.as_of) + 1;
        by_horizon.max(by_days.max(1) as usize)
    }
}
