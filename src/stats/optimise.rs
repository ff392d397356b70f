//! Minimisers without derivatives: golden section for one number, Nelder–Mead for a few.

/// The point of [low, high] with the least value of a function with one valley there, to
/// `tolerance`.
///
/// Source: Kiefer 1953, *Sequential minimax search for a maximum*.
///
/// ```
/// let x = restock::stats::optimise::golden_section(|x| (x - 0.3) * (x - 0.3), (0.0, 1.0), 1e-9);
/// assert!((x - 0.3).abs() < 1e-7);
/// ```
#[must_use]
pub fn golden_section(
    mut value: impl FnMut(f64) -> f64,
    (low, high): (f64, f64),
    tolerance: f64,
) -> f64 {
    let ratio = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (low, high);
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
    /// Where.
    pub point: Vec<f64>,
    /// How low.
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
    mut value: impl FnMut(&[f64]) -> f64,
    start: &[f64],
    edges: &[f64],
    evaluations: usize,
) -> Minimum {
    let n = start.len();
    let mut left = evaluations;
    let mut at = |p: &[f64]| {
        left = left.saturating_sub(1);
        let v = value(p);
        (if v.is_finite() { v } else { 1e300 }, left > 0)
    };
    let mut simplex: Vec<(f64, Vec<f64>)> = Vec::with_capacity(n + 1);
    simplex.push((at(start).0, start.to_vec()));
    for (i, edge) in edges.iter().enumerate().take(n) {
        let mut corner = start.to_vec();
        corner[i] += edge;
        simplex.push((at(&corner).0, corner));
    }
    let mut trial = vec![0.0; n];
    loop {
        simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (best, worst) = (simplex[0].0, simplex[n].0);
        if (worst - best).abs() <= 1e-9 * (best.abs() + 1e-9) {
            break;
        }
        let center: Vec<f64> =
            (0..n).map(|i| simplex[..n].iter().map(|s| s.1[i]).sum::<f64>() / n as f64).collect();
        let mut step = |by: f64, simplex: &[(f64, Vec<f64>)]| {
            for i in 0..n {
                trial[i] = center[i] + by * (simplex[n].1[i] - center[i]);
            }
            let (v, more) = at(&trial);
            (v, trial.clone(), more)
        };
        let (reflected, point, mut more) = step(-1.0, &simplex);
        if reflected < best {
            let (expanded, further, rest) = step(-2.0, &simplex);
            more = rest;
            simplex[n] =
                if expanded < reflected { (expanded, further) } else { (reflected, point) };
        } else if reflected < simplex[n - 1].0 {
            simplex[n] = (reflected, point);
        } else {
            let (contracted, nearer, rest) =
                step(if reflected < worst { -0.5 } else { 0.5 }, &simplex);
            more = rest;
            if contracted < worst.min(reflected) {
                simplex[n] = (contracted, nearer);
            } else {
                let top = simplex[0].1.clone();
                for (v, corner) in simplex.iter_mut().skip(1) {
                    for (x, t) in corner.iter_mut().zip(&top) {
                        *x = t + 0.5 * (*x - t);
                    }
                    let shrunk = at(corner);
                    *v = shrunk.0;
                    more &= shrunk.1;
                }
            }
        }
        if !more {
            break;
        }
    }
    simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (value, point) = simplex.swap_remove(0);
    Minimum { point, value }
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
