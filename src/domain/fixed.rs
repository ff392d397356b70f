//! Exact decimals: quantities and money as whole numbers of 10⁻⁴.

use std::fmt;
use std::iter::Sum;
use std::num::NonZeroU64;
use std::ops::{Add, AddAssign, Neg, Sub};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Steps of a [`Fixed`] in one unit.
pub const SCALE: i64 = 10_000;

/// The largest magnitude accepted from an input, units. Judgement: far beyond any real quantity,
/// and a thousand of them still fit an `i64` of steps.
pub const LIMIT: f64 = 9.0e5 * 1.0e6;

/// A quantity or an amount of money, exact to 10⁻⁴.
///
/// One that may be missing takes no more room than one that is there: a night holds hundreds of
/// each item.
///
/// ```
/// use restock::domain::fixed::Fixed;
/// assert_eq!(size_of::<Option<Fixed>>(), size_of::<Fixed>());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fixed(
    /// Steps above the smallest `i64`, which is not held.
    NonZeroU64,
);

impl Fixed {
    /// Zero units.
    pub const ZERO: Self = Self::of_steps(0);
    /// One unit.
    pub const ONE: Self = Self::of_steps(SCALE);
    /// The largest number that is held.
    pub const MAX: Self = Self::of_steps(i64::MAX);

    /// So many steps of 10⁻⁴; the smallest `i64` counts as the one above it.
    ///
    /// ```
    /// use restock::domain::fixed::Fixed;
    /// assert_eq!(Fixed::of_steps(-25_000).to_string(), "-2.5");
    /// assert_eq!(Fixed::of_steps(i64::MIN).steps(), -i64::MAX);
    /// ```
    #[must_use]
    pub const fn of_steps(steps: i64) -> Self {
        match NonZeroU64::new((steps ^ i64::MIN) as u64) {
            Some(above) => Self(above),
            None => Self(NonZeroU64::MIN),
        }
    }

    /// Steps of 10⁻⁴.
    #[must_use]
    pub const fn steps(self) -> i64 {
        self.0.get() as i64 ^ i64::MIN
    }

    /// The nearest multiple of 10⁻⁴, halves away from zero; `None` if the value is not finite or
    /// beyond [`LIMIT`].
    ///
    /// ```
    /// use restock::domain::fixed::Fixed;
    /// assert_eq!(Fixed::from_f64(2.5).unwrap().to_string(), "2.5");
    /// assert!(Fixed::from_f64(f64::NAN).is_none());
    /// ```
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Self> {
        (value.is_finite() && value.abs() <= LIMIT)
            .then(|| Self::of_steps((value * SCALE as f64).round() as i64))
    }

    /// The nearest multiple of 10⁻⁴; beyond [`LIMIT`] that limit, and 0 for what is no number.
    ///
    /// ```
    /// use restock::domain::fixed::Fixed;
    /// assert_eq!(Fixed::clamped(f64::INFINITY), Fixed::from_units(900_000_000_000));
    /// ```
    #[must_use]
    pub fn clamped(value: f64) -> Self {
        Self::from_f64(value.clamp(-LIMIT, LIMIT)).unwrap_or_default()
    }

    /// A whole number of units; saturates.
    #[must_use]
    pub fn from_units(units: i64) -> Self {
        Self::of_steps(units.saturating_mul(SCALE))
    }

    /// As a real number of units.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.steps() as f64 / SCALE as f64
    }

    /// Whether it is a whole number of units.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.steps() % SCALE == 0
    }

    /// The larger of this and 0.
    #[must_use]
    pub fn or_zero(self) -> Self {
        Self::of_steps(self.steps().max(0))
    }

    /// The smallest multiple of `step` that is not below this; unchanged if `step` is not positive.
    ///
    /// ```
    /// use restock::domain::fixed::Fixed;
    /// let dozen = Fixed::from_units(12);
    /// assert_eq!(Fixed::from_units(85).up_to_multiple(dozen), Fixed::from_units(96));
    /// ```
    #[must_use]
    pub fn up_to_multiple(self, step: Self) -> Self {
        if step.steps() <= 0 {
            return self;
        }

        let packs = self.steps().div_euclid(step.steps())
            + i64::from(self.steps().rem_euclid(step.steps()) != 0);
        Self::of_steps(packs.saturating_mul(step.steps()))
    }

    /// Product of two decimals, rounded to 10⁻⁴, halves away from zero; saturates.
    ///
    /// ```
    /// use restock::domain::fixed::Fixed;
    /// let line = Fixed::from_units(3).times(Fixed::from_f64(0.335).unwrap());
    /// assert_eq!(line.to_string(), "1.005");
    /// ```
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        let product = i128::from(self.steps()) * i128::from(other.steps());
        let half = i128::from(SCALE / 2) * product.signum();
        let rounded = (product + half) / i128::from(SCALE);

        Self::of_steps(rounded.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
    }

    /// Rounded to `decimals` decimals (at most 4), halves away from zero.
    #[must_use]
    pub fn rounded(self, decimals: u32) -> Self {
        let step = 10_i64.pow(4_u32.saturating_sub(decimals));
        let half = step / 2 * self.steps().signum();
        Self::of_steps(self.steps().saturating_add(half) / step * step)
    }

    /// Written with exactly `decimals` decimals (at most 4).
    ///
    /// ```
    /// use restock::domain::fixed::Fixed;
    /// assert_eq!(Fixed::from_f64(-1234.5).unwrap().with_decimals(2), "-1234.50");
    /// ```
    #[must_use]
    pub fn with_decimals(self, decimals: u32) -> String {
        let rounded = self.rounded(decimals);

        let (whole, part) = (
            rounded.steps().unsigned_abs() / SCALE as u64,
            rounded.steps().unsigned_abs() % SCALE as u64,
        );
        let sign = if rounded.steps() < 0 { "-" } else { "" };

        if decimals == 0 {
            return format!("{sign}{whole}");
        }

        let digits = format!("{part:04}");
        format!("{sign}{whole}.{}", &digits[..decimals.min(4) as usize])
    }
}

impl Default for Fixed {
    fn default() -> Self {
        Self::ZERO
    }
}

impl fmt::Debug for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fixed({self})")
    }
}

/// Written as its steps.
impl Serialize for Fixed {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.steps().serialize(to)
    }
}

impl<'de> Deserialize<'de> for Fixed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        i64::deserialize(from).map(Self::of_steps)
    }
}

impl fmt::Display for Fixed {
    /// The shortest exact form: whole numbers carry no point.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = self.with_decimals(4);
        f.write_str(exact.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl Add for Fixed {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::of_steps(self.steps().saturating_add(other.steps()))
    }
}

impl Sub for Fixed {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::of_steps(self.steps().saturating_sub(other.steps()))
    }
}

impl Neg for Fixed {
    type Output = Self;
    fn neg(self) -> Self {
        Self::of_steps(self.steps().saturating_neg())
    }
}

impl AddAssign for Fixed {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Fixed {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whole_numbers_carry_no_point() {
        assert_eq!(Fixed::from_units(100).to_string(), "100");
        assert_eq!(Fixed::of_steps(1).to_string(), "0.0001");
        assert_eq!(Fixed::ZERO.to_string(), "0");
    }

    proptest! {
        #[test]
        fn rounding_up_to_a_pack_never_adds_a_whole_pack(
            quantity in 0_i64..1 << 40,
            pack in 1_i64..1 << 20,
        ) {
            let rounded = Fixed::of_steps(quantity).up_to_multiple(Fixed::of_steps(pack));
            prop_assert!(rounded.steps() >= quantity && rounded.steps() < quantity + pack);
            prop_assert!(rounded.steps() % pack == 0);
        }

        #[test]
        fn text_reads_back_as_the_same_number(raw in -1_i64 << 50..1 << 50) {
            let number = Fixed::of_steps(raw).to_f64();
            let read: f64 = Fixed::of_steps(raw).to_string().parse().unwrap();
            prop_assert!((read - number).abs() < 1e-6 * number.abs().max(1.0));
        }
    }
}
