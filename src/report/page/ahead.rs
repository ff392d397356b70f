//! The demand ahead, as the page's script draws it.

use serde_json::{Value, json};

use super::PageSource;
use crate::domain::calendar::{Day, date_of};
use crate::drawing::fan::LEVELS;
use crate::forecast::Forecasts;
use crate::report::outputs::stretches;

/// Periods that are shown, at most. Judgement: a quarter of weeks.
const MAX_PERIODS: usize = 13;

/// What is expected of a period.
pub(super) struct Period {
    pub(super) days: u32,
    /// Units.
    pub(super) mean: f64,
    /// Units, at the levels of a fan.
    pub(super) quantiles: [f64; LEVELS.len()],
}

/// The forecasts of the next periods.
pub(super) struct Ahead<'a> {
    forecasts: &'a Forecasts,
    /// Whole buckets among the stretches.
    horizon: usize,
    stretches: Vec<(Day, u32, u32)>,
}

impl<'a> Ahead<'a> {
    pub(super) fn of(source: &PageSource<'a>) -> Self {
        let state = source.state;
        let horizon = state.settings.forecast.horizon.min(MAX_PERIODS);
        let stretches = stretches(&state.settings.calendar, state.as_of, horizon);
        Self { forecasts: state.forecasts, horizon, stretches }
    }

    /// The same by periods of so many buckets each. What is left of a bucket that has begun stays a
    /// period of its own, and what is left over at the end is not shown: neither is any other's
    /// equal.
    pub(super) fn by(mut self, buckets: usize) -> Self {
        let begun = self.stretches.len().saturating_sub(self.horizon);
        let (begun, whole) = self.stretches.split_at(begun);
        if whole.len() < buckets {
            return self;
        }
        let periods = whole.chunks_exact(buckets).map(|of| (of[0].0, of[0].1, of[buckets - 1].2));
        self.stretches = begun.iter().copied().chain(periods).collect();
        self
    }

    /// When the periods begin and how many days they have.
    pub(super) fn starts(&self) -> Value {
        let starts: Vec<String> =
            self.stretches.iter().map(|(day, _, _)| date_of(*day).to_string()).collect();
        let days: Vec<u32> = self.stretches.iter().map(|(_, from, to)| to - from).collect();
        json!({ "starts": starts, "days": days })
    }

    /// What is expected of an item in each period.
    pub(super) fn periods(&self, item: usize) -> Vec<Period> {
        let distribution = self.forecasts.distribution_to_horizon(item);
        let period = |(_, from, to): &(Day, u32, u32)| {
            let total = distribution.total(*from, *to);
            let found = total.quantiles(&LEVELS);
            let mut quantiles = [0.0; LEVELS.len()];
            quantiles.iter_mut().zip(found).for_each(|(at, value)| *at = value);
            Period { days: to - from, mean: total.mean(), quantiles }
        };
        self.stretches.iter().map(period).collect()
    }
}
