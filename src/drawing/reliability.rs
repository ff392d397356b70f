//! Probabilities told against what came of them.

use super::curve::{HEIGHT, large, large_svg};
use super::look::Look;
use super::plot::{Plot, Point, Swatch};
use super::scale::{Extent, short};
use super::svg::{Area, Path, Place};

/// Radius of the point that stands for most, and of one that stands for few, pixels.
const MAX_RADIUS: f64 = 8.0;
const MIN_RADIUS: f64 = 2.5;

/// Some probabilities that were told, much alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// Their mean.
    pub told: f64,
    /// The share that came true.
    pub came_true: f64,
    /// How many they are.
    pub count: usize,
}

/// Draws what came true against what was told; what is told rightly lies on the diagonal.
#[must_use]
pub fn reliability(place: Place, title: &str, told: &[Told]) -> String {
    let percent = || Extent::new(0.0, 100.0);
    let mut svg = large_svg(place, title);
    let area = large(place);
    // As wide as it is high: the diagonal is one.
    let right = area.left + (HEIGHT - 46.0 - area.top);
    let mut plot = Plot::new(&mut svg, Area { right, ..area }, percent(), percent());
    plot.grid();
    plot.numbers_below();
    plot.names("told, %", "came true, %");
    plot.line(Look::Line(1), &[Point { x: 0.0, y: 0.0 }, Point { x: 100.0, y: 100.0 }]);

    let most = told.iter().map(|told| told.count).max().unwrap_or(0).max(1) as f64;
    let is_shown =
        |told: &&Told| told.count > 0 && told.told.is_finite() && told.came_true.is_finite();
    for told in told.iter().filter(is_shown) {
        let at = Point { x: 100.0 * told.told, y: 100.0 * told.came_true };
        // The area of a point is in proportion to how many it stands for.
        let radius = (MAX_RADIUS * (told.count as f64 / most).sqrt()).max(MIN_RADIUS);
        let form = Path::circle(plot.spot(at), radius);
        let hint =
            format!("told {} %, came true {} %, of {}", short(at.x), short(at.y), told.count);
        plot.svg.path_with_hint(Look::Points(0), &form, &hint);
    }

    plot.legend_beside(&[
        (Swatch::Line(Look::Line(1)), "as told"),
        (Swatch::Mark(0), "what came; larger: more told"),
    ]);
    svg.finish()
}
