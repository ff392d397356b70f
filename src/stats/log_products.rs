//! Sums of many logarithms at the price of a few.

/// Products that leave this range have their logarithm taken.
const LEAST: f64 = 1e-150;
const MOST: f64 = 1e150;
/// Factors beyond this range, either way, or raised to more than `MOST_TIMES` take a logarithm of
/// their own.
const LARGEST_FACTOR: f64 = 1e17;
const MOST_TIMES: f64 = 8.0;

/// N sums of logarithms, each Σ times · ln factor.
///
/// ln a + ln b = ln ab: factors are multiplied up, and one logarithm is taken where the product
/// would leave the range of an `f64`. A likelihood over a grid of parameters takes a logarithm for
/// each observation and parameter otherwise.
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
        let few = times.fract() == 0.0 && (0.0..=MOST_TIMES).contains(&times);
        if !few
            || factors.iter().any(|factor| !(1.0 / LARGEST_FACTOR..LARGEST_FACTOR).contains(factor))
        {
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
        if self.products.iter().any(|product| !(LEAST..MOST).contains(product)) {
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
