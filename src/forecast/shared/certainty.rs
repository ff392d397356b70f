//! How certain an effect of an event, a promotion or a price is, and what is kept of it.

use std::collections::BTreeMap;

/// Minimum |β| for an effect to be kept, in standard errors of a normal distribution. Judgement: of
/// a hundred drivers that do nothing about one is kept.
pub(super) const MIN_CERTAINTY: f64 = 2.5;
/// Degrees of freedom among the occurrences of a driver, at least. Judgement: near none, so that
/// one occurrence is never certain.
const MIN_FREEDOM: f64 = 1e-6;

/// What buckets without any driver differ from expectation.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct UsualErrors {
    /// Variance of a bucket of an item, over its mean.
    pub(super) dispersion: f64,
    /// Variance of the shop's relative errors.
    pub(super) shock: f64,
}

/// Slope of the log-likelihood in one driver's effect, and two standard errors of its Newton step.
pub(super) struct Slope {
    /// The slope.
    pub(super) gradient: f64,
    /// The curvature, with its sign turned.
    pub(super) curvature: f64,
    /// The error by what ordinary buckets differ from expectation.
    ordinary: f64,
    /// The error by what the driver's occurrences differ among themselves.
    among: f64,
    /// Degrees of freedom of `among`: occurrences less one. Occurrences of unequal weight count as
    /// (Σh)²/Σh² equal ones.
    freedom: f64,
}

impl Slope {
    /// From the curvature in each bucket, and the gradient and curvature in each occurrence.
    pub(super) fn new(
        by_bucket: &BTreeMap<i32, f64>,
        by_occurrence: &BTreeMap<i32, (f64, f64)>,
        usual: UsualErrors,
    ) -> Self {
        let gradient: f64 = by_occurrence.values().map(|(g, _)| g).sum();
        let curvature: f64 = by_occurrence.values().map(|(_, h)| h).sum();
        let h = curvature.max(1e-9);
        let shared: f64 = by_bucket.values().map(|own| own * own).sum();
        let ordinary = usual.dispersion / h + usual.shock * shared / (h * h);

        let weights: f64 = by_occurrence.values().map(|(_, own)| own * own).sum();
        let freedom = (h * h / weights.max(1e-18) - 1.0).max(MIN_FREEDOM);
        // What is left of each occurrence's gradient after the step.
        let left = |(g, own): &(f64, f64)| g - gradient / h * own;
        let squares: f64 = by_occurrence.values().map(|own| left(own) * left(own)).sum();
        let among = squares / (h * h) * (1.0 + 1.0 / freedom);
        Self { gradient, curvature, ordinary: ordinary.sqrt(), among: among.sqrt(), freedom }
    }

    /// What is kept of an estimate that is `away` from what is believed without it: nothing unless
    /// it is certain by both errors.
    pub(super) fn kept(&self, away: f64, prior_sd: f64) -> f64 {
        let ratio = away.abs() / self.among.max(1e-9);
        let deviations = (away.abs() / self.ordinary).min(normal_of_t(ratio, self.freedom));
        if deviations <= MIN_CERTAINTY {
            return 0.0;
        }

        let error = self.ordinary.max(self.among);
        away * prior_sd * prior_sd / (prior_sd * prior_sd + error * error)
    }
}

/// The standard normal deviate that is as improbable as a value t ≥ 0 of Student's distribution.
/// Source: Wallace 1959, *Bounds on normal approximations to Student's and the chi-square
/// distributions*.
fn normal_of_t(t: f64, freedom: f64) -> f64 {
    let scale = (8.0 * freedom + 1.0) / (8.0 * freedom + 3.0);
    scale * (freedom * libm::log1p(t * t / freedom)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A slope from occurrences of equal weight that show these effects, in ordinary times that
    /// differ by a tenth.
    fn slope_of(effects: &[f64]) -> Slope {
        let weights = (0..).zip(effects.iter().map(|_| 1e4)).collect();
        let sums = (0..).zip(effects.iter().map(|effect| (1e4 * effect, 1e4))).collect();
        Slope::new(&weights, &sums, UsualErrors { dispersion: 1.0, shock: 0.01 })
    }

    #[test]
    fn what_is_kept_depends_on_how_often_it_happened_and_how_alike() {
        assert_eq!(slope_of(&[1.0]).kept(1.0, 0.5), 0.0);
        assert_eq!(slope_of(&[1.0, 0.6]).kept(0.8, 0.5), 0.0);
        assert_eq!(slope_of(&[1.0, 0.2, 0.6]).kept(0.6, 0.5), 0.0);
        assert!(slope_of(&[0.7, 0.5, 0.6]).kept(0.6, 0.5) > 0.55);
        let often: Vec<f64> = (0..12).map(|k| 0.4 + 0.2 * f64::from(k % 3)).collect();
        assert!(slope_of(&often).kept(0.6, 0.5) > 0.58);
    }

    #[test]
    fn a_normal_deviate_is_as_improbable_as_that_of_student() {
        // Tables: 2.571 leaves 2.5 % on either side with 5 degrees of freedom, 2.228 with 10.
        assert!((normal_of_t(2.571, 5.0) - 1.96).abs() < 0.02);
        assert!((normal_of_t(2.228, 10.0) - 1.96).abs() < 0.01);
        assert!(normal_of_t(1e9, 1e-6) < 0.1);
    }
}
