//! Minimisers without derivatives: golden section for one number, Nelder–Mead for a few.

/// The point of [low, high] with the smallest value of a function with one valley there, to
/// `tolerance`.
///
/// Source: Kiefer 1953, *Sequential minimax search for a maximum*.
///
/// ```
/// let x = restock::stats::optimise::golden_section(|x| (x - 0.3) * (x - 0.3), 0.0, 1.0, 1e-9);
/// assert!((x - 0.3).abs() < 1e-7);
/// ```
#[must_use]
pub fn golden_section(
    mut value: impl FnMut(f64) -> f64,
    mut low: f64,
    mut high: f64,
    tolerance: f64,
) -> f64 {
    let ratio = (5f64.sqrt() - 1.0) / 2.0;
    let (mut left, mut right) = (high - ratio * (high - low), low + ratio * (high - low));

    let (mut at_left, mut at_right) = (value(left), value(right));
    for _ in 0..200 {
        if (high - low).abs() <= tolerance {
            break;
        }

        if at_left <= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - ratio * (high - low);
            at_left = value(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + ratio * (high - low);
            at_right = value(right);
        }
    }

    0.5 * (low + high)
}

/// A point found by a minimiser and the value there.
#[derive(Debug, Clone, PartialEq)]
pub struct Minimum {
    /// The point.
    pub point: Vec<f64>,
    /// The value of the function there.
    pub value: f64,
}

/// Walks a simplex downhill from `start`, whose first edges have the lengths `edges`, for at most
/// `evaluations` evaluations.
///
/// Infinite and undefined values count as very high, so that bounds can be drawn by returning
/// infinity. Source: Nelder & Mead 1965; coefficients 1, 2, ½, ½.
///
/// ```
/// use restock::stats::optimise::nelder_mead;
/// let bowl = |p: &[f64]| (p[0] - 1.0) * (p[0] - 1.0) + 4.0 * (p[1] + 2.0) * (p[1] + 2.0);
/// let found = nelder_mead(bowl, &[0.0, 0.0], &[0.5, 0.5], 400);
/// assert!((found.point[0] - 1.0).abs() < 1e-4 && (found.point[1] + 2.0).abs() < 1e-4);
/// ```
#[must_use]
pub fn nelder_mead(
    value: impl FnMut(&[f64]) -> f64,
    start: &[f64],
    edges: &[f64],
    evaluations: usize,
) -> Minimum {
    let n = start.len();
    let mut function = Counted { value, left: evaluations };
    let mut simplex: Vec<Minimum> = Vec::with_capacity(n + 1);
    simplex.push(function.at(start.to_vec()));
    for (i, edge) in edges.iter().enumerate().take(n) {
        let mut corner = start.to_vec();
        corner[i] += edge;
        simplex.push(function.at(corner));
    }

    loop {
        simplex.sort_by(|a, b| a.value.total_cmp(&b.value));
        let (best, worst) = (simplex[0].value, simplex[n].value);
        if (worst - best).abs() <= 1e-9 * (best.abs() + 1e-9) {
            break;
        }

        step(&mut simplex, &mut function);
        if function.left == 0 {
            break;
        }
    }

    simplex.sort_by(|a, b| a.value.total_cmp(&b.value));
    simplex.swap_remove(0)
}

/// A function whose evaluations are counted down.
struct Counted<F> {
    value: F,
    left: usize,
}

impl<F: FnMut(&[f64]) -> f64> Counted<F> {
    /// A point with its value, which is very high if the function has none there.
    fn at(&mut self, point: Vec<f64>) -> Minimum {
        self.left = self.left.saturating_sub(1);
        let value = (self.value)(&point);
        Minimum { value: if value.is_finite() { value } else { 1e300 }, point }
    }
}

/// Moves the worst corner of a sorted simplex, the last, or draws all corners towards the best.
fn step<F: FnMut(&[f64]) -> f64>(simplex: &mut [Minimum], function: &mut Counted<F>) {
    let n = simplex.len() - 1;
    let (best, second_worst, worst) =
        (simplex[0].value, simplex[n.saturating_sub(1)].value, simplex[n].value);
    let centre: Vec<f64> = (0..n)
        .map(|i| simplex[..n].iter().map(|corner| corner.point[i]).sum::<f64>() / n as f64)
        .collect();

    let reflected = function.at(beyond(&centre, &simplex[n].point, -1.0));
    if reflected.value < best {
        let expanded = function.at(beyond(&centre, &simplex[n].point, -2.0));
        simplex[n] = if expanded.value < reflected.value { expanded } else { reflected };
    } else if reflected.value < second_worst {
        simplex[n] = reflected;
    } else {
        let by = if reflected.value < worst { -0.5 } else { 0.5 };
        let contracted = function.at(beyond(&centre, &simplex[n].point, by));
        if contracted.value < worst.min(reflected.value) {
            simplex[n] = contracted;
        } else {
            shrink(simplex, function);
        }
    }
}

/// The point at `by` times the way from the centre to a corner; on the other side if negative.
fn beyond(centre: &[f64], corner: &[f64], by: f64) -> Vec<f64> {
    centre.iter().zip(corner).map(|(centre, corner)| centre + by * (corner - centre)).collect()
}

/// Halves the distance of every corner to the best.
fn shrink<F: FnMut(&[f64]) -> f64>(simplex: &mut [Minimum], function: &mut Counted<F>) {
    let best = simplex[0].point.clone();
    for corner in simplex.iter_mut().skip(1) {
        let point =
            corner.point.iter().zip(&best).map(|(x, best)| best + 0.5 * (x - best)).collect();
        *corner = function.at(point);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simplex_finds_the_end_of_a_curved_valley() {
        let banana = |p: &[f64]| {
            let (a, b) = (1.0 - p[0], p[1] - p[0] * p[0]);
            a * a + 100.0 * b * b
        };
        let found = nelder_mead(banana, &[-1.2, 1.0], &[0.3, 0.3], 2_000);

        assert!(found.value < 1e-6, "{found:?}");
    }

    #[test]
    fn an_undefined_function_ends_the_walk_at_its_start() {
        let found = nelder_mead(|_| f64::NAN, &[1.0, 2.0], &[0.1, 0.1], 100);
        assert_eq!(found.point.len(), 2);
    }
}
