//! ln(1 + x) with the bits of `libm::log1p` and without its branches, so that a loop over many
//! numbers takes two an instruction.
//!
//! Source: FreeBSD's `s_log1p.c`, as `libm` has it.

/// ln 2 in two parts, and the coefficients of its polynomial, as in the source.
const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
const LG: [f64; 7] = [
    6.666_666_666_666_735e-1,
    3.999_999_999_940_942e-1,
    2.857_142_874_366_239e-1,
    2.222_219_843_214_978_4e-1,
    1.818_357_216_161_805e-1,
    1.531_383_769_920_937_3e-1,
    1.479_819_860_511_658_6e-1,
];
/// Below this, about √2 − 1, 1 + x is not parted into a power of two and a rest.
const WHOLE_BELOW: f64 = f64::from_bits(0x3fda_827a << 32);
/// Numbers from here on are not usual: the source has a branch where 1 + x keeps nothing of the 1.
pub const MOST: f64 = 1e15;
/// The upper halves of 1 and of the least rest, about √½.
const ONE: u64 = 0x3ff0_0000 << 32;
const LEAST_REST: u64 = 0x3fe6_a09e << 32;
/// 2⁵²: the bits of a whole number below it are the last bits of their sum.
const TWO_52: f64 = 4_503_599_627_370_496.0;

/// ln(1 + x) of 0 ≤ x < [`MOST`].
///
/// ```
/// use restock::stats::log1p::of_usual;
/// assert_eq!(of_usual(0.3), libm::log1p(0.3));
/// ```
#[must_use]
#[inline(always)]
pub fn of_usual(x: f64) -> f64 {
    let is_whole = x < WHOLE_BELOW;
    let sum = 1.0 + x;
    // What rounding took from the sum, exactly (Knuth's two-sum).
    let rest = sum - 1.0;
    let lost = (1.0 - (sum - rest)) + (x - rest);

    // The sum is 2ᵏ·(1 + f).
    let shifted = sum.to_bits().wrapping_add(ONE - LEAST_REST);
    let power = f64::from_bits(TWO_52.to_bits() | (shifted >> 52)) - (TWO_52 + 1023.0);
    let parted = f64::from_bits((shifted & (u64::MAX >> 12)) + LEAST_REST) - 1.0;
    let power = if is_whole { 0.0 } else { power };
    let lost = if is_whole { 0.0 } else { lost / sum };
    let f = if is_whole { x } else { parted };

    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (LG[1] + w * (LG[3] + w * LG[5]));
    let odd = z * (LG[0] + w * (LG[2] + w * (LG[4] + w * LG[6])));
    let head = s * (half_square + (odd + even));
    head + (power * LN2_LOW + lost) - half_square + f + power * LN2_HIGH
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::random::unit;

    fn assert_same_bits(x: f64) {
        assert_eq!(of_usual(x).to_bits(), libm::log1p(x).to_bits(), "{x}");
    }

    #[test]
    fn bits_are_those_of_the_plain_function() {
        for power in 0..109 {
            let scale = libm::exp2(f64::from(power) - 60.0);
            for k in 0..2_000 {
                assert_same_bits(scale * (1.0 + unit(1, k)));
                // Where 1 + x passes a power of two, and the border between two of them.
                for edge in [1.0, core::f64::consts::SQRT_2] {
                    let near = scale * edge * (1.0 + 1e-9 * (unit(2, k) - 0.5));
                    assert_same_bits((near - 1.0).abs());
                }
            }
        }
        for k in 0..2_000 {
            assert_same_bits(WHOLE_BELOW + (k as f64 - 1_000.0) * 1e-16);
            assert_same_bits(k as f64);
        }
        for x in [0.0, 5e-324, 1e-300, 1e-17, 0.99 * MOST] {
            assert_same_bits(x);
        }
    }
}
