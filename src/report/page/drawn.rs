//! What the script draws of each item, in characters.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde_json::{Value, json};

use super::ahead::Ahead;
use super::columns::{in_steps, step_of, three_digits};
use super::history::History;

/// The pictures' numbers of some items, by the places of these in the panel: texts of
/// [`in_steps`], with what a step is worth in units.
pub(super) fn drawn(history: &History<'_>, ahead: &Ahead<'_>, items: &[Option<usize>]) -> Value {
    let drawn: Vec<Drawn> = items
        .par_iter()
        .map(|item| item.map(|item| Drawn::of(history, ahead, item)).unwrap_or_default())
        .collect();
    let texts = |of: fn(&Drawn) -> &str| drawn.iter().map(of).collect::<Vec<_>>();
    let numbers = |of: fn(&Drawn) -> f64| -> Vec<Value> {
        drawn.iter().map(|drawn| three_digits(Some(of(drawn)))).collect()
    };
    let censored = drawn.iter().enumerate().filter(|(_, drawn)| !drawn.censored.is_empty());
    let censored: BTreeMap<usize, &[usize]> =
        censored.map(|(at, drawn)| (at, drawn.censored.as_slice())).collect();
    json!({
        "past": history.starts(),
        "ahead": ahead.starts(),
        "units": texts(|drawn| &drawn.units),
        "bands": texts(|drawn| &drawn.bands),
        "step": numbers(|drawn| drawn.step),
        "means": texts(|drawn| &drawn.means),
        "meanStep": numbers(|drawn| drawn.mean_step),
        "censored": censored,
    })
}

/// One item's.
#[derive(Default)]
struct Drawn {
    /// Demand of the buckets that have passed, oldest first.
    units: String,
    /// Places of those of which it is only known that there were at least so many.
    censored: Vec<usize>,
    /// Quantiles of the periods ahead, those of a level side by side.
    bands: String,
    /// What a step of either is worth, units.
    step: f64,
    /// Means of the periods ahead.
    means: String,
    /// What a step of theirs is worth, units.
    mean_step: f64,
}

impl Drawn {
    fn of(history: &History<'_>, ahead: &Ahead<'_>, item: usize) -> Self {
        let (units, censored) = history.drawn(item);
        let periods = ahead.periods(item);
        let levels = periods.first().map_or(0, |period| period.quantiles.len());
        let quantiles =
            (0..levels).flat_map(|at| periods.iter().map(move |period| period.quantiles[at]));
        let means = periods.iter().map(|period| period.mean);
        let step = step_of(units.iter().copied().chain(quantiles.clone()));
        let mean_step = step_of(means.clone());
        Self {
            units: in_steps(units.iter().copied(), step),
            censored: (0..censored.len()).filter(|at| censored[*at]).collect(),
            bands: in_steps(quantiles, step),
            step,
            means: in_steps(means, mean_step),
            mean_step,
        }
    }
}
