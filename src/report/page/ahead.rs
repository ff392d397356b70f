//! The demand ahead, as the page's script draws it.

use rayon::prelude::*;
use serde_json::{Value, json};

use super::PageSource;
use super::columns::joined;
use crate::domain::calendar::{Day, date_of};
use crate::forecast::Forecasts;
use crate::report::outputs::stretches;

/// Quantile levels of the fan.
const LEVELS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
/// Periods that are shown, at most. Judgement: a quarter of weeks.
const MAX_PERIODS: usize = 13;

/// The forecasts of the next periods.
pub(super) struct Ahead<'a> {
    forecasts: &'a Forecasts,
    stretches: Vec<(Day, u32, u32)>,
}

impl<'a> Ahead<'a> {
    pub(super) fn of(source: &PageSource<'a>) -> Self {
        let state = source.state;
        let horizon = state.settings.forecast.horizon.min(MAX_PERIODS);
        let stretches = stretches(&state.settings.calendar, state.as_of, horizon);
        Self { forecasts: state.forecasts, stretches }
    }

    /// When the periods begin and end, and of each item mean and quantiles: six texts of numbers,
    /// in which one that stays as it was is left out.
    pub(super) fn columns(&self, items: impl Iterator<Item = Option<usize>>) -> Value {
        let items: Vec<Option<usize>> = items.collect();
        let of_items: Vec<String> = items
            .par_iter()
            .map(|item| item.map(|item| self.of_item(item)).unwrap_or_default())
            .collect();
        let starts: Vec<String> =
            self.stretches.iter().map(|(day, _, _)| date_of(*day).to_string()).collect();
        let days: Vec<u32> = self.stretches.iter().map(|(_, from, to)| to - from).collect();
        json!({ "starts": starts, "days": days, "items": of_items })
    }

    fn of_item(&self, item: usize) -> String {
        let distribution = self.forecasts.distribution_to_horizon(item);
        let mut series: [Vec<f64>; 6] = Default::default();
        for (_, from, to) in &self.stretches {
            let total = distribution.total(*from, *to);
            series[0].push(total.mean());
            for (at, value) in total.quantiles(&LEVELS).into_iter().enumerate() {
                series[at + 1].push(value);
            }
        }
        let is_same = |last: &str, now: &str| last == now;
        series.map(|values| joined(values.into_iter(), is_same)).join(";")
    }
}
