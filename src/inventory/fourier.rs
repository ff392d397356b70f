//! Convolution of long sequences by the fast Fourier transform.

use std::f64::consts::PI;
use std::sync::OnceLock;

/// Sizes, as powers of two, whose roots of unity are kept: one more than the longest lattice needs.
const KEPT_SIZES: usize = 20;

/// Roots of unity of each size that was asked for.
static ROOTS: [OnceLock<Vec<(f64, f64)>>; KEPT_SIZES] = [const { OnceLock::new() }; KEPT_SIZES];

/// The convolution Σᵢ a[i]·b[k−i] of two sequences of numbers ≥ 0, in O(n log n).
///
/// One complex transform carries both: with z = a + i·b, the imaginary part of the inverse
/// transform of Z²/2 is a∗b. Results that rounding pushes below 0 are 0.
///
/// ```
/// use restock::inventory::fourier::convolve;
/// let product = convolve(&[1.0, 2.0], &[3.0, 5.0]);
/// assert!((product[1] - 11.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn convolve(a: &[f64], b: &[f64]) -> Vec<f64> {
    if a.is_empty() || b.is_empty() {
        return Vec::new();
    }

    let length = a.len() + b.len() - 1;
    let size = length.next_power_of_two();
    let mut values = vec![(0.0, 0.0); size];
    for (value, &x) in values.iter_mut().zip(a) {
        value.0 = x;
    }
    for (value, &x) in values.iter_mut().zip(b) {
        value.1 = x;
    }

    let own;
    let roots = match ROOTS.get(size.trailing_zeros() as usize) {
        Some(kept) => kept.get_or_init(|| roots_of_unity(size)),
        None => {
            own = roots_of_unity(size);
            &own
        }
    };
    transform(&mut values, roots);
    for value in &mut values {
        let (re, im) = *value;
        *value = (re * re - im * im, 2.0 * re * im);
    }
    transform(&mut values, roots);

    // A second forward transform returns the inverse with its indices reversed, times the size.
    let scale = 0.5 / size as f64;
    (0..length).map(|k| (values[(size - k) % size].1 * scale).max(0.0)).collect()
}

/// exp(−2πik/size) for the first half of k, as real and imaginary parts.
fn roots_of_unity(size: usize) -> Vec<(f64, f64)> {
    let angle = -2.0 * PI / size as f64;
    (0..size / 2).map(|k| (libm::cos(angle * k as f64), libm::sin(angle * k as f64))).collect()
}

/// In-place radix-2 transform of a power of two of numbers, as real and imaginary parts. Source:
/// Cooley & Tukey (1965).
fn transform(values: &mut [(f64, f64)], roots: &[(f64, f64)]) {
    let size = values.len();
    let mut reversed = 0;
    for i in 1..size {
        let mut bit = size >> 1;
        while reversed & bit != 0 {
            reversed ^= bit;
            bit >>= 1;
        }
        reversed |= bit;
        if i < reversed {
            values.swap(i, reversed);
        }
    }

    let mut half = 1;
    while half < size {
        let stride = size / (2 * half);
        for block in values.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for (k, (x, y)) in low.iter_mut().zip(high).enumerate() {
                let (c, s) = roots[k * stride];
                let turned = (y.0 * c - y.1 * s, y.0 * s + y.1 * c);
                *y = (x.0 - turned.0, x.1 - turned.1);
                *x = (x.0 + turned.0, x.1 + turned.1);
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transform_agrees_with_the_sum() {
        let a: Vec<f64> = (0..37).map(|i| f64::from(i % 5) + 0.25).collect();
        let b: Vec<f64> = (0..21).map(|i| f64::from(i % 3) * 0.5).collect();
        let fast = convolve(&a, &b);
        assert_eq!(fast.len(), 57);
        for (k, value) in fast.iter().enumerate() {
            let slow: f64 = (0..=k).filter_map(|i| Some(a.get(i)? * b.get(k - i)?)).sum();
            assert!((value - slow).abs() < 1e-11);
        }
        assert!(convolve(&[], &[1.0]).is_empty());
        assert_eq!(convolve(&[2.0], &[3.0]).len(), 1);
    }
}
