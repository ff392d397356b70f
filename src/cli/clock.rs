//! How long the stages of a night take, and which one goes on.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::Context;
use super::progress::Bar;
use crate::pipeline::NightStage;

/// Shows which stage of the night goes on, and times those that have ended.
pub(super) struct Watch<'a> {
    context: &'a Context,
    bar: Mutex<Bar>,
    clock: Mutex<Clock>,
}

impl<'a> Watch<'a> {
    /// Begins.
    pub(super) fn start(context: &'a Context, clock: Clock) -> Self {
        let bar = Mutex::new(context.progress("learning"));
        Self { context, bar, clock: Mutex::new(clock) }
    }

    /// A stage has ended.
    pub(super) fn ended(&self, stage: NightStage) {
        self.bar().finish();
        match stage {
            NightStage::Learn => *self.bar() = self.context.progress("forecasting"),
            NightStage::Forecast => {
                self.clock().lap("forecast");
                *self.bar() = self.context.progress("planning");
            }
            NightStage::Plan => {
                self.clock().lap("plan");
                *self.bar() = self.context.progress("explaining");
            }
            NightStage::Backorders => self.clock().lap("backorders"),
        }
    }

    /// What is shown. A panic while it was held leaves it as it was: whole.
    pub(super) fn bar(&self) -> MutexGuard<'_, Bar> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn clock(&self) -> MutexGuard<'_, Clock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends.
    pub(super) fn stop(self) -> Clock {
        self.clock.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Seconds since then.
#[allow(clippy::disallowed_methods, reason = "the summary and the metrics tell how long it took")]
pub(super) fn since(start: Instant) -> f64 {
    (Instant::now() - start).as_secs_f64()
}

/// Seconds since 1970, in UTC.
#[allow(clippy::disallowed_methods, reason = "the metrics tell when the run ended")]
pub(super) fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

/// Times the stages; its figures go to `timings.json` and the summary only.
pub(super) struct Clock {
    pub(super) start: Instant,
    last: Instant,
    pub(super) laps: Vec<(&'static str, f64)>,
}

#[allow(
    clippy::disallowed_methods,
    reason = "timings.json and the summary tell how long the run took"
)]
impl Clock {
    pub(super) fn start() -> Self {
        let now = Instant::now();
        Self { start: now, last: now, laps: Vec::new() }
    }

    /// Times a stage that has ended.
    pub(super) fn lap(&mut self, stage: &'static str) {
        let now = Instant::now();
        self.laps.push((stage, (now - self.last).as_secs_f64()));
        self.last = now;
    }

    /// Seconds since the start.
    pub(super) fn seconds(&self) -> f64 {
        since(self.start)
    }

    /// `timings.json`.
    pub(super) fn json(&self, stale: Option<&str>) -> String {
        let stages: serde_json::Map<String, serde_json::Value> = self
            .laps
            .iter()
            .map(|(stage, seconds)| ((*stage).to_owned(), (*seconds).into()))
            .collect();
        format!("{:#}\n", serde_json::json!({ "seconds": stages, "stale_input": stale }))
    }
}
