//! The last year of an item in a line of a table.

use super::look::Look;
use super::svg::{Path, Place, Spot, Svg};

/// Size of the picture, pixels.
const WIDTH: f64 = 160.0;
const HEIGHT: f64 = 28.0;
/// Height on which bars stand, pixels; marks lie below.
const BASE: f64 = 24.0;
/// Most bars. Judgement: two pixels each with the gap; more are brought together.
const MAX_BARS: usize = 80;

/// Draws values as bars, and a dash below those that are `marked`: two shapes at most, so that a
/// page may hold hundreds. Many values are shown as sums of a few that follow each other.
#[must_use]
pub fn spark(title: &str, values: &[f64], marked: &[bool]) -> String {
    let together = values.len().div_ceil(MAX_BARS).max(1);
    let is_whole = |value: &&f64| value.is_finite() && **value > 0.0;
    let bars: Vec<f64> = values
        .chunks(together)
        .map(|some| some.iter().filter(is_whole).map(|value| value.min(1e15)).sum())
        .collect();
    let highest = bars.iter().copied().fold(0.0, f64::max);

    let wide = WIDTH / bars.len().max(1) as f64;
    let gap = (wide * 0.3).min(1.0);
    let (mut shape, mut marks) = (Path::default(), Path::default());
    for (at, bar) in bars.iter().enumerate() {
        let left = wide * at as f64;
        let right = left + wide - gap;
        if *bar > 0.0 {
            // Whatever was sold shows, however little.
            let y = (BASE - (BASE - 1.0) * bar / highest).min(BASE - 1.0);
            shape.move_to(Spot { x: left, y: BASE });
            shape.vertical_to(y);
            shape.horizontal_to(right);
            shape.vertical_to(BASE);
        }
        if marked.iter().skip(at * together).take(together).any(|is| *is) {
            marks.move_to(Spot { x: left, y: HEIGHT - 1.5 });
            marks.horizontal_to(right);
        }
    }

    let mut svg = Svg::new(Place::Page, WIDTH, HEIGHT, title);
    svg.path(Look::Bar, &shape);
    svg.path(Look::Censored, &marks);
    svg.finish()
}
