//! The normal distribution, and Student's t.

use libm::{erfc, exp, log};

use super::special::ln_gamma;

/// 1/√(2π).
const FRAC_1_SQRT_2_PI: f64 = 0.398_942_280_401_432_7;

/// Density φ(z) of the standard normal distribution.
///
/// ```
/// use restock::stats::normal::density;
/// assert!((density(0.0) - 0.398_942_280_401_432_7).abs() < 1e-16);
/// ```
#[must_use]
pub fn density(z: f64) -> f64 {
    FRAC_1_SQRT_2_PI * exp(-0.5 * z * z)
}

/// Distribution function Φ(z) of the standard normal distribution, precise in relative error far
/// into the lower tail.
///
/// ```
/// use restock::stats::normal::cdf;
/// assert!((cdf(1.959_963_984_540_054) - 0.975).abs() < 1e-15);
/// ```
#[must_use]
pub fn cdf(z: f64) -> f64 {
    0.5 * erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// Quantile Φ⁻¹(level) of the standard normal distribution; −∞ at 0 and ∞ at 1.
///
/// Source: M. J. Wichura, algorithm AS 241 (PPND16), Applied Statistics 37 (1988).
///
/// ```
/// use restock::stats::normal::quantile;
/// assert!((quantile(0.95) - 1.644_853_626_951_472_3).abs() < 1e-15);
/// ```
#[must_use]
pub fn quantile(level: f64) -> f64 {
    if level.is_nan() || !(0.0..=1.0).contains(&level) {
        return f64::NAN;
    }

    let q = level - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return q * CENTRE.at(r);
    }

    let tail = if q < 0.0 { level } else { 1.0 - level };
    if tail <= 0.0 {
        return f64::INFINITY.copysign(q);
    }

    let r = (-log(tail)).sqrt();
    let z = if r <= 5.0 { TAIL.at(r - 1.6) } else { FAR_TAIL.at(r - 5.0) };
    z.copysign(q)
}

/// A ratio of two polynomials, each by its coefficients from the constant one on.
struct Rational {
    numerator: [f64; 8],
    denominator: [f64; 8],
}

impl Rational {
    fn at(&self, r: f64) -> f64 {
        horner(&self.numerator, r) / horner(&self.denominator, r)
    }
}

/// The value of a polynomial, by Horner's rule.
fn horner(coefficients: &[f64; 8], r: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, &term| sum * r + term)
}

/// Of the middle, |level − ½| ≤ 0.425, in 0.425² − (level − ½)². Source: as of [`quantile`].
const CENTRE: Rational = Rational {
    numerator: [
        3.3871328727963665,
        133.14166789178438,
        1971.5909503065513,
        13731.69376550946,
        45921.95393154987,
        67265.7709270087,
        33430.57558358813,
        2509.0809287301227,
    ],
    denominator: [
        1.0,
        42.31333070160091,
        687.1870074920579,
        5394.196021424751,
        21213.794301586597,
        39307.89580009271,
        28729.085735721943,
        5226.495278852854,
    ],
};

/// Of the tails where √(−ln tail) ≤ 5, in that less 1.6. Source: as of [`quantile`].
const TAIL: Rational = Rational {
    numerator: [
        1.4234371107496835,
        4.630337846156546,
        5.769497221460691,
        3.6478483247632045,
        1.2704582524523684,
        0.2417807251774506,
        0.022723844989269184,
        0.0007745450142783414,
    ],
    denominator: [
        1.0,
        2.053191626637759,
        1.6763848301838038,
        0.6897673349851,
        0.14810397642748008,
        0.015198666563616457,
        0.0005475938084995345,
        1.0507500716444169e-9,
    ],
};

/// Of the tails beyond, in √(−ln tail) − 5. Source: as of [`quantile`].
const FAR_TAIL: Rational = Rational {
    numerator: [
        6.657904643501103,
        5.463784911164114,
        1.7848265399172913,
        0.29656057182850487,
        0.026532189526576124,
        0.0012426609473880784,
        2.7115555687434876e-5,
        2.0103343992922881e-7,
    ],
    denominator: [
        1.0,
        0.599832206555888,
        0.1369298809227358,
        0.014875361290850615,
        0.0007868691311456133,
        1.8463183175100548e-5,
        1.421511758316446e-7,
        2.0442631033899397e-15,
    ],
};

/// Distribution function of Student's t with `degrees` of freedom.
///
/// Source: DLMF 8.17.22 through I_x(ν/2, ½) with x = ν/(ν+t²).
///
/// ```
/// use restock::stats::normal::student_cdf;
/// assert!((student_cdf(2.0, 2.0) - 0.908_248_290_463_863).abs() < 1e-14);
/// ```
#[must_use]
pub fn student_cdf(t: f64, degrees: f64) -> f64 {
    let tail = 0.5 * super::special::beta_inc(0.5 * degrees, 0.5, degrees / (degrees + t * t));
    if t > 0.0 { 1.0 - tail } else { tail }
}

/// Quantile of Student's t with `degrees` of freedom: takes the place of Φ⁻¹ if mean and spread are
/// learnt from few periods.
///
/// ```
/// use restock::stats::normal::student_quantile;
/// assert!((student_quantile(0.95, 11.0) - 1.795_884_818_704_044).abs() < 1e-12);
/// ```
#[must_use]
pub fn student_quantile(level: f64, degrees: f64) -> f64 {
    let mut t = quantile(level);
    if !t.is_finite() || t == 0.0 {
        return t;
    }

    let ln_front = ln_gamma(0.5 * (degrees + 1.0)) - ln_gamma(0.5 * degrees);
    let front = exp(ln_front) / (degrees * std::f64::consts::PI).sqrt();

    // Newton from the normal quantile, which lies nearer 0: on that side the distribution function
    // is concave, so the steps never overshoot.
    for _ in 0..200 {
        let slope = front * exp(-0.5 * (degrees + 1.0) * libm::log1p(t * t / degrees));

        let step = (student_cdf(t, degrees) - level) / slope;
        t -= step;
        if step.abs() <= 1e-14 * t.abs() {
            break;
        }
    }
    t
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::assertions::close;

    /// Expected values: mpmath 1.3 at 60 digits.
    #[test]
    fn normal_distribution_function_is_good_to_1e_13() {
        for (z, expected) in [
            (-20.0, 2.7536241186062337e-89),
            (-8.0, 6.220960574271784e-16),
            (-5.0, 2.866515718791939e-7),
            (-3.0, 0.0013498980316300946),
            (-1.4, 0.08075665923377107),
            (-0.3, 0.3820885778110474),
            (0.3, 0.6179114221889526),
            (1.0, 0.8413447460685429),
            (2.5, 0.9937903346742238),
            (8.0, 0.9999999999999994),
        ] {
            close(cdf(z), expected, 1e-13, &format!("cdf({z})"));
        }
    }

    /// Expected values: mpmath 1.3 at 60 digits, for the level as a double.
    #[test]
    fn normal_quantile_is_good_to_1e_13() {
        for (level, expected) in [
            (1e-300, -37.0470962993612),
            (1e-20, -9.262340089798407),
            (1e-8, -5.612001244174789),
            (0.001, -3.0902323061678136),
            (0.02, -2.053748910631823),
            (0.05, -1.6448536269514726),
            (0.3, -0.5244005127080408),
            (0.45, -0.12566134685507402),
            (0.5001, 0.00025066283008800747),
            (0.75, 0.6744897501960817),
            (0.95, 1.6448536269514722),
            (0.99, 2.3263478740408408),
            (0.999, 3.090232306167813),
            (0.999999, 4.753424308817088),
        ] {
            close(quantile(level), expected, 1e-13, &format!("quantile({level})"));
        }

        assert_eq!(quantile(0.5), 0.0);
        assert_eq!(quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(quantile(1.0), f64::INFINITY);
        assert!(quantile(1.5).is_nan() && quantile(f64::NAN).is_nan());
    }

    #[test]
    fn student_quantile_inverts_its_distribution_function() {
        for degrees in [1.0, 2.5, 11.0, 200.0] {
            for level in [0.001, 0.3, 0.75, 0.99, 0.9999] {
                close(
                    student_cdf(student_quantile(level, degrees), degrees),
                    level,
                    1e-11,
                    "round trip",
                );
            }
        }
    }
}
