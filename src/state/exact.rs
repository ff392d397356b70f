//! Figures as they are written, exact, so that differences of them add up to the last digit.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};

use crate::domain::fixed::{Fixed, SCALE};
use crate::io::sinks::csv::real;

/// Steps in one unit.
const STEPS: i128 = 1_000_000_000;
/// Decimals of a step.
const DECIMALS: usize = 9;

/// A figure as a whole number of 10⁻⁹.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Exact(i128);

impl Exact {
    /// Zero.
    pub const ZERO: Self = Self(0);

    /// A quantity.
    #[must_use]
    pub fn of_fixed(value: Fixed) -> Self {
        Self(i128::from(value.steps()) * (STEPS / i128::from(SCALE)))
    }

    /// A real number as it is written, with 6 significant digits; 0 for what is no number.
    #[must_use]
    pub fn of_real(value: f64) -> Self {
        real(value).parse().map_or(Self::ZERO, |value: f64| Self::nearest(value))
    }

    /// A share as it is written, with 4 decimals; 0 for what is no number.
    #[must_use]
    pub fn of_share(value: f64) -> Self {
        let written = format!("{value:.4}").parse().unwrap_or(0.0);
        if f64::is_finite(written) { Self::nearest(written) } else { Self::ZERO }
    }

    fn nearest(value: f64) -> Self {
        // Beyond the largest quantity nothing is told apart.
        Self((value.clamp(-1e18, 1e18) * STEPS as f64).round() as i128)
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// Times an amount of money, as money; a sum of such products is exact to 10⁻⁹.
    #[must_use]
    pub fn times(self, money: Fixed) -> Self {
        Self(self.0 * i128::from(money.steps()) / i128::from(SCALE))
    }

    /// The nearest real number.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / STEPS as f64
    }

    /// The nearest amount of money.
    #[must_use]
    pub fn to_money(self) -> Fixed {
        Fixed::clamped(self.to_f64())
    }
}

impl Add for Exact {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Exact {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Exact {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Exact {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, |sum, one| sum + one)
    }
}

impl fmt::Display for Exact {
    /// All decimals that it has, and no more.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0.abs() / STEPS, self.0.abs() % STEPS);
        let sign = if self.0 < 0 { "-" } else { "" };
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        let decimals = format!("{rest:0DECIMALS$}");
        write!(f, "{sign}{whole}.{}", decimals.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_that_a_run_writes() {
        assert_eq!(Exact::of_real(30.699_999_9).to_string(), "30.7");
        assert_eq!(Exact::of_real(123_456.789).to_string(), "123457");
        assert_eq!(Exact::of_real(-0.001_234_56).to_string(), "-0.00123456");
        assert_eq!(Exact::of_share(0.123_46).to_string(), "0.1235");
        assert_eq!(Exact::of_fixed(Fixed::of_steps(-25_000)).to_string(), "-2.5");
        assert_eq!(Exact::of_real(f64::NAN), Exact::ZERO);
    }

    #[test]
    fn differences_add_up_to_the_last_digit() {
        let steps = [0.1, 0.3, 0.7, 0.2].map(Exact::of_real);
        let parts: Exact = steps.windows(2).map(|pair| pair[1] - pair[0]).sum();
        assert_eq!(parts, steps[3] - steps[0]);
        assert_eq!(
            Exact::of_fixed(Fixed::of_steps(15_000)).times(Fixed::of_steps(20_000)).to_string(),
            "3"
        );
    }
}
