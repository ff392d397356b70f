//! What the script draws of each item, in characters.

use rayon::prelude::*;
use serde_json::{Value, json};

use super::PageSource;
use super::ahead::Ahead;
use super::columns::{in_steps, step_of, three_digits};
use super::history::History;
use crate::domain::calendar::BucketLength;

/// Items of a shop from which on a bar is of two buckets, so that its page stays small. Measured:
/// the page of 30,467 items is of 1.9 MB so.
const MANY: usize = 10_000;
/// Steps of the highest mean, at most. The picture of stock is drawn of sums of means: it is these
/// that are rounded, so that none is further off than half a step.
const MEAN_STEPS: f64 = 30.0;

/// The pictures' numbers of some items, by the places of these in the panel: each kind as one text
/// of [`in_steps`], with how many of its characters are an item's and what a step is worth, units.
pub(super) fn drawn(
    source: &PageSource<'_>,
    history: &History<'_>,
    items: &[Option<usize>],
) -> Value {
    let buckets = if source.state.prepared.keys.len() < MANY { 1 } else { 2 };
    let ahead = Ahead::of(source).by(buckets);
    let bars = Bars { history, ahead: &ahead, buckets };
    let drawn: Vec<Drawn> = items
        .par_iter()
        .map(|item| item.map(|item| Drawn::of(&bars, item)).unwrap_or_default())
        .collect();
    let length = match source.state.prepared.histories.calendar.length {
        BucketLength::Day => "day",
        BucketLength::Week => "week",
        BucketLength::Month => "month",
    };
    // Places of bars, where there are any: few items have such.
    let censored = drawn.iter().enumerate().filter(|(_, drawn)| !drawn.censored.is_empty());
    let censored: Vec<(usize, &[usize])> =
        censored.map(|(at, drawn)| (at, drawn.censored.as_slice())).collect();
    json!({
        "period": if buckets > 1 { format!("{buckets} {length}s") } else { format!("a {length}") },
        "past": history.starts(buckets),
        "ahead": ahead.starts(),
        "units": texts(&drawn, |drawn| &drawn.units),
        "bands": texts(&drawn, |drawn| &drawn.bands),
        "means": texts(&drawn, |drawn| &drawn.means),
        "step": drawn.iter().map(|drawn| three_digits(Some(drawn.step))).collect::<Vec<_>>(),
        "meanStep": drawn.iter().map(|drawn| drawn.mean_step).collect::<Vec<_>>(),
        "censored": censored,
    })
}

/// One kind of text of all items, end to end, and how many characters each item has.
fn texts(drawn: &[Drawn], of: fn(&Drawn) -> &str) -> Value {
    let text: String = drawn.iter().map(of).collect();
    let lengths: Vec<usize> = drawn.iter().map(|drawn| of(drawn).len()).collect();
    json!([text, lengths])
}

/// What items are drawn from.
struct Bars<'a> {
    history: &'a History<'a>,
    ahead: &'a Ahead<'a>,
    /// Buckets of a bar.
    buckets: usize,
}

/// One item's.
#[derive(Default)]
struct Drawn {
    /// Demand of the bars that have passed, oldest first.
    units: String,
    /// Places of those of which it is only known that there were at least so many.
    censored: Vec<usize>,
    /// Quantiles of the periods ahead, those of a level side by side.
    bands: String,
    /// What a step of either is worth, units.
    step: f64,
    /// Means of the periods ahead.
    means: String,
    /// What a step of theirs is worth, units: a power of two, so that many items have the same.
    mean_step: f64,
}

impl Drawn {
    fn of(bars: &Bars<'_>, item: usize) -> Self {
        let (units, censored) = bars.history.bars(item, bars.buckets);
        let periods = bars.ahead.periods(item);
        let levels = periods.first().map_or(0, |period| period.quantiles.len());
        let quantiles =
            (0..levels).flat_map(|at| periods.iter().map(move |period| period.quantiles[at]));
        let means = periods.iter().map(|period| period.mean);
        let step = step_of(units.iter().copied().chain(quantiles.clone()));
        let highest = means.clone().filter(|mean| mean.is_finite()).fold(0.0, f64::max);
        let mean_step = power_of_two_above(highest / MEAN_STEPS);
        Self {
            units: in_steps(units.iter().copied(), step),
            censored,
            bands: in_steps(quantiles, step),
            step,
            means: in_steps(by_their_sums(means, mean_step), mean_step),
            mean_step,
        }
    }
}

/// The smallest power of two that is no less; nothing for nothing.
fn power_of_two_above(value: f64) -> f64 {
    if value > 0.0 { libm::exp2(libm::ceil(libm::log2(value)).clamp(-30.0, 60.0)) } else { 0.0 }
}

/// Numbers of whole steps whose sums are those of the given ones, rounded.
fn by_their_sums(
    numbers: impl Iterator<Item = f64> + Clone,
    step: f64,
) -> impl Iterator<Item = f64> + Clone {
    let steps = numbers.scan(0.0, move |sum, number| {
        *sum += if number.is_finite() && step > 0.0 { number / step } else { 0.0 };
        Some(sum.round())
    });
    steps.scan(0.0, move |before, sum| Some(step * (sum - std::mem::replace(before, sum))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rounded_is_the_sum_of_means() {
        let means = [241.0, 7.9, 7.9, 7.9, 7.9, 7.9, 31.0, f64::NAN, 31.0];
        let (mut exact, mut drawn) = (0.0, 0.0);
        let rounded = by_their_sums(means.into_iter(), 16.0);
        for (mean, rounded) in means.into_iter().zip(rounded) {
            exact += if mean.is_finite() { mean } else { 0.0 };
            drawn += rounded;
            assert!(rounded % 16.0 == 0.0 && f64::abs(exact - drawn) <= 8.0, "{exact}: {drawn}");
        }
    }

    #[test]
    fn a_step_of_means_is_the_next_power_of_two() {
        let steps = [0.0, 0.03, 0.25, 0.26, 5.0, 1e300].map(power_of_two_above);
        assert_eq!(steps, [0.0, 0.031_25, 0.25, 0.5, 8.0, 1_152_921_504_606_846_976.0]);
    }
}
