//! Sums of many logarithms at the price of a few.

use std::ops::Range;

/// A product that leaves the range from this to [`MAX_PRODUCT`] has its logarithm taken.
const MIN_PRODUCT: f64 = 1e-150;
const MAX_PRODUCT: f64 = 1e150;

/// A factor above this or below its reciprocal has its logarithm taken by itself, and so has one
/// that counts more than [`MAX_TIMES`] times. Together with [`MAX_PRODUCT`] they keep every product
/// below 1e150 · 1e17⁸ = 1e286, which a double can hold.
const MAX_FACTOR: f64 = 1e17;
const MAX_TIMES: f64 = 8.0;

/// N sums of logarithms, each Σ times · ln factor.
///
/// ln a + ln b = ln ab: factors are multiplied, and one logarithm is taken when the product would
/// leave the range of an `f64`. Otherwise a likelihood over a grid of parameters would take a
/// logarithm for each observation and parameter.
///
/// ```
/// use restock::stats::log_products::LogProducts;
/// let mut logs = LogProducts::new();
/// for _ in 0..1_000 {
///     logs.add(&[2.0, 0.5], 3.0);
/// }
/// let [a, b] = logs.sums();
/// assert!((a - 3_000.0 * 2f64.ln()).abs() < 1e-9 && (a + b).abs() < 1e-9);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct LogProducts<const N: usize> {
    sums: [f64; N],
    products: [f64; N],
}

impl<const N: usize> Default for LogProducts<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> LogProducts<N> {
    /// Empty sums.
    #[must_use]
    pub const fn new() -> Self {
        Self { sums: [0.0; N], products: [1.0; N] }
    }

    /// Adds `times` · ln of each factor, which is positive.
    pub fn add(&mut self, factors: &[f64; N], times: f64) {
        let few = (0.0..=MAX_TIMES).contains(&times) && times == f64::from(times as u32);
        if !few || !all_within(factors, 1.0 / MAX_FACTOR..MAX_FACTOR) {
            for (sum, factor) in self.sums.iter_mut().zip(factors) {
                *sum += times * libm::log(*factor);
            }
            return;
        }

        for _ in 0..times as u32 {
            for (product, factor) in self.products.iter_mut().zip(factors) {
                *product *= factor;
            }
        }

        if !all_within(&self.products, MIN_PRODUCT..MAX_PRODUCT) {
            self.sums = self.sums();
            self.products = [1.0; N];
        }
    }

    /// The sums so far.
    #[must_use]
    pub fn sums(&self) -> [f64; N] {
        std::array::from_fn(|k| self.sums[k] + libm::log(self.products[k]))
    }
}

/// Whether all numbers lie in a range; asked without a branch for each.
fn all_within<const N: usize>(numbers: &[f64; N], range: Range<f64>) -> bool {
    numbers.iter().fold(true, |all, number| all & range.contains(number))
}
