//! Special functions, distributions, optimisation and random streams.

pub mod counting;
pub mod gamma;
pub mod log1p;
pub mod log_products;
pub mod loss;
pub mod negative_binomial;
pub mod normal;
pub mod optimise;
pub mod poisson;
pub mod random;
pub mod special;

#[cfg(test)]
mod assertions {
    /// Fails if `got` is off by more than a share of what is expected.
    pub(super) fn close(got: f64, expected: f64, relative: f64, what: &str) {
        let error = ((got - expected) / expected).abs();
        assert!(
            error <= relative,
            "{what}: got {got:e}, expected {expected:e}, relative error {error:e}"
        );
    }
}
