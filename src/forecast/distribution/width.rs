//! How wide an item's totals are, by their length.

/// Lengths in whole buckets: 1, 2, 4 … 64.
pub const BUCKET_LENGTHS: usize = 7;
/// Lengths of totals: one day, then those in whole buckets.
pub const LENGTHS: usize = 1 + BUCKET_LENGTHS;

/// Bounds of ln r in a distribution: from demand of the odd huge total to Poisson. Judgement.
const LEAST: f64 = -9.0;
const MOST: f64 = 18.0;

/// How wide totals of one length are: ln r of a negative binomial, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Width {
    /// Mean of ln r.
    pub log_dispersion: f32,
    /// Standard deviation of ln r.
    pub sd: f32,
}

/// The widths of an item's totals.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Widths {
    /// Of one day, where days are known; else a part of a bucket is as wide as r ∝ its length says.
    pub of_day: Option<Width>,
    /// Of 1, 2, 4 … 64 buckets.
    pub of_buckets: [Width; BUCKET_LENGTHS],
    /// What ln r is lower by for a total that begins one bucket ahead, by twice as much for one
    /// that begins three ahead, and so on: the level moves until then.
    pub later: f32,
}

impl Widths {
    /// The same ln r for totals of every length, as of days whose demand moves together.
    #[must_use]
    pub const fn alike(log_dispersion: f32) -> Self {
        let width = Width { log_dispersion, sd: 0.0 };
        Self { of_day: Some(width), of_buckets: [width; BUCKET_LENGTHS], later: 0.0 }
    }

    /// The width of a total of so many days that begins so many days ahead.
    #[must_use]
    pub fn of_days_from(&self, ahead_days: f64, days: f64, bucket_days: f64) -> Width {
        let width = self.of_days(days, bucket_days);
        if ahead_days <= 0.0 {
            return width;
        }
        let less = self.later * doublings(ahead_days / bucket_days) as f32;
        Width { log_dispersion: width.log_dispersion - less, ..width }
    }

    /// The width of a total of so many days from now on: ln r and its spread are linear in the
    /// logarithm of the length.
    #[must_use]
    pub fn of_days(&self, days: f64, bucket_days: f64) -> Width {
        let buckets = (days / bucket_days).max(1e-9);
        let last = BUCKET_LENGTHS - 1;
        if buckets >= 1.0 {
            let position = libm::log2(buckets).min(last as f64);
            let low = position.floor() as usize;
            let part = position - position.floor();
            return self.of_buckets[low].towards(self.of_buckets[(low + 1).min(last)], part);
        }

        let bucket = self.of_buckets[0];
        match self.of_day {
            Some(day) if bucket_days > 1.0 => {
                let part = libm::log(days.max(1.0)) / libm::log(bucket_days);
                day.towards(bucket, part)
            }
            Some(_) => bucket,
            None => {
                let log_dispersion = bucket.log_dispersion + libm::log(buckets) as f32;
                Width { log_dispersion, ..bucket }
            }
        }
    }
}

/// How often the distance to the end of a bucket doubles until one that begins so many buckets
/// ahead: what [`Widths::later`] counts in.
#[must_use]
pub fn doublings(buckets_ahead: f64) -> f64 {
    libm::log2(1.0 + buckets_ahead)
}

impl Width {
    fn towards(self, other: Self, part: f64) -> Self {
        let part = part as f32;
        Self {
            log_dispersion: self.log_dispersion
                + part * (other.log_dispersion - self.log_dispersion),
            sd: self.sd + part * (other.sd - self.sd),
        }
    }

    /// The same width as if ln r were known: a quick stand-in where many are compared.
    #[must_use]
    pub fn middle(self) -> Self {
        Self { sd: 0.0, ..self }
    }

    /// The width of a total of which a `share` is as wide as `other`, the rest as this one: the
    /// variances of the two parts add up.
    #[must_use]
    pub fn joined(self, other: Self, share: f64) -> Self {
        if share <= 0.0 {
            return self;
        }
        let spread = |width: Self| libm::exp(-f64::from(width.log_dispersion));
        let rest = 1.0 - share;
        let joined = rest * rest * spread(self) + share * share * spread(other);

        Self { log_dispersion: -libm::log(joined) as f32, sd: rest as f32 * self.sd }
    }

    /// r, with weights: the three points of a normal distribution of ln r that have its first five
    /// moments (Gauss and Hermite's rule).
    #[must_use]
    pub fn dispersions(&self) -> [(f64, f64); 3] {
        let (mean, step) = (f64::from(self.log_dispersion), f64::from(self.sd) * 3.0_f64.sqrt());
        let at = |log: f64| libm::exp(log.clamp(LEAST, MOST));
        [(1.0 / 6.0, at(mean - step)), (2.0 / 3.0, at(mean)), (1.0 / 6.0, at(mean + step))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widths(of_day: Option<f32>) -> Widths {
        let width = |log_dispersion| Width { log_dispersion, sd: 0.2 };
        let mut widths = Widths { of_day: of_day.map(width), ..Widths::default() };
        for (k, bucket) in widths.of_buckets.iter_mut().enumerate() {
            *bucket = width(1.0 + 0.5 * k as f32);
        }
        widths
    }

    #[test]
    fn a_day_of_which_nothing_is_known_has_a_seventh_of_a_weeks_r() {
        let day = widths(None).of_days(1.0, 7.0);
        assert!((f64::from(day.log_dispersion) - (1.0 - libm::log(7.0))).abs() < 1e-6);
    }

    #[test]
    fn what_lies_ahead_is_known_less_well_the_farther_it_is() {
        let widths = Widths { later: 0.2, ..widths(Some(-2.0)) };
        let at = |ahead| widths.of_days_from(ahead, 7.0, 7.0).log_dispersion;
        assert_eq!(at(0.0), 1.0);
        assert!((at(7.0) - 0.8).abs() < 1e-6 && (at(21.0) - 0.6).abs() < 1e-6);
    }

    #[test]
    fn lengths_between_two_known_ones_lie_between_them() {
        let widths = widths(Some(-2.0));
        let at = |days| widths.of_days(days, 7.0).log_dispersion;
        assert_eq!(at(1.0), -2.0);
        assert!((at(7.0_f64.sqrt()) - -0.5).abs() < 1e-6);
        assert_eq!((at(7.0), at(14.0), at(1e6)), (1.0, 1.5, 4.0));
        assert!(at(10.0) > 1.0 && at(10.0) < 1.5);
    }
}
