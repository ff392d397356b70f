//! What was demanded of an item, and the distribution of what will be.

use crate::domain::calendar::BucketCalendar;

use super::dates::drawn_day;
use super::look::Look;
use super::plot::{Plot, Stretch, Swatch, days};
use super::scale::Extent;
use super::svg::{Anchor, Area, Place, Spot, Svg};

/// Size of the picture, pixels.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 220.0;
/// Buckets shown on either side of today, at most. Judgement: more are thinner than a pixel.
const MAX_BUCKETS: usize = 260;
/// Number of the last bucket that is drawn, and of the first. Judgement: far beyond any shop's.
const MAX_BUCKET: i32 = 100_000;

/// The levels of the quantiles of each bucket ahead.
pub const LEVELS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// An item's demand, before and after a day.
#[derive(Debug)]
pub struct Fan<'a> {
    /// What the picture shows.
    pub title: &'a str,
    /// How buckets are numbered.
    pub calendar: BucketCalendar,
    /// The first bucket ahead.
    pub begin: i32,
    /// Demand of the buckets before it, units; the last is the one just before it.
    pub history: &'a [f64],
    /// Which of them a stock-out cut short.
    pub censored: &'a [bool],
    /// Quantiles at [`LEVELS`] of the buckets ahead, units.
    pub ahead: &'a [[f64; LEVELS.len()]],
}

/// Draws history as bars and what is ahead as bands of half and of 90 of 100 outcomes.
#[must_use]
pub fn fan(told: &Fan<'_>) -> String {
    let begin = told.begin.clamp(-MAX_BUCKET, MAX_BUCKET);
    let skipped = told.history.len().saturating_sub(MAX_BUCKETS);
    let history = &told.history[skipped..];
    let ahead = &told.ahead[..told.ahead.len().min(MAX_BUCKETS)];

    let day = |bucket: i32| drawn_day(told.calendar.start_of(bucket));
    let stretch = |bucket: i32, value: f64| Stretch {
        from: f64::from(day(bucket)),
        to: f64::from(day(bucket + 1)),
        value: if value.is_finite() { value } else { 0.0 },
    };
    let past: Vec<Stretch> = (begin - history.len() as i32..)
        .zip(history)
        .map(|(bucket, value)| stretch(bucket, *value))
        .collect();
    let level = |at: usize| -> Vec<Stretch> {
        (begin..).zip(ahead).map(|(bucket, levels)| stretch(bucket, levels[at])).collect()
    };
    let [p5, p25, p50, p75, p95] = [0, 1, 2, 3, 4].map(level);

    let (first, last) = (day(begin - history.len() as i32), day(begin + ahead.len() as i32));
    let mut svg = Svg::new(Place::Page, WIDTH, HEIGHT, told.title);
    if past.is_empty() && p50.is_empty() {
        svg.text(Spot { x: WIDTH / 2.0, y: HEIGHT / 2.0 }, Anchor::Middle, "Nothing is known.");
        return svg.finish();
    }

    let heights = past.iter().chain(&p95).map(|stretch| stretch.value);
    let up = Extent::from_zero(heights.map(|value| value.max(0.0)));
    let area = Area { left: 48.0, right: WIDTH - 24.0, top: 34.0, bottom: HEIGHT - 26.0 };
    let mut plot = Plot::new(&mut svg, area, days(first, last), up);
    plot.grid();
    plot.dates_below();

    let is_cut = |at: &usize| told.censored.get(skipped + at).copied().unwrap_or(false);
    let cut: Vec<Stretch> = (0..past.len()).filter(is_cut).map(|at| past[at]).collect();
    plot.hatching_above(&cut);
    plot.bars(&past);
    plot.band(Look::Band95, &p5, &p95);
    plot.band(Look::Band50, &p25, &p75);
    plot.steps(Look::Line(0), &p50);
    plot.upright(f64::from(day(begin)));

    plot.legend_above(
        118.0,
        &[
            (Swatch::Area(Look::Bar), "demand"),
            (Swatch::Hatching, "out of stock"),
            (Swatch::Line(Look::Line(0)), "median ahead"),
            (Swatch::Area(Look::Band50), "half of cases"),
            (Swatch::Area(Look::Band95), "90 of 100"),
        ],
    );
    svg.finish()
}
