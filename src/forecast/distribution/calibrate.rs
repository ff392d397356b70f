//! Calibration: what was said of totals at earlier origins, and what came.

use serde::{Deserialize, Serialize};

use super::lot::Lot;
use super::total_demand::TotalDemand;
use super::width::{LENGTHS, Width, Widths, doublings};

/// Levels at which what was said is held against what came: where stock is decided.
const LEVELS: [f64; 6] = [0.5, 0.8, 0.9, 0.95, 0.98, 0.99];
/// Shifts of ln r that are tried, from 0 outwards.
const STEPS: [f64; 8] = [0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6];
/// Standard deviation of the shift of ln r, before anything was seen. Judgement.
const DISPERSION_SD: f64 = 0.5;
/// Bias of means, in logarithms, that is left alone, and the most that is made up for. Judgement:
/// seasons and trends make 15 % within the few months of the origins. Beyond it lie classes that
/// next to nothing is expected of: quantiles do not tell their models apart, sums do.
const USUAL_BIAS: f64 = 0.15;
const MOST_BIAS: f64 = 0.7;
/// Windows that overlap a stretch of days, and standard deviations that chance is allowed.
/// Judgement.
const OVERLAP: f64 = 4.0;
const CHANCE_SDS: f64 = 2.0;
/// Outcomes that say as much as one independent one: totals of one shop share its ups and downs.
/// Judgement, as the most that all of them may say.
const OUTCOMES_PER_ONE: f64 = 20.0;
const MOST_INDEPENDENT: f64 = 100.0;
/// Standard deviation of ln r that is added for totals of so many days and more, beside what is not
/// known of it, up to this; less for shorter ones, none for one day. The few windows that are
/// looked back at share the shop's ups and downs, and the odd month that none of them holds shows
/// in the far end alone. Moving ln r itself for it widened the middle too: on earlier windows the
/// 0.8 quantile of three weeks on Favorita then covers 88.2 % (now 86.0), 0.99 of M5's 28 days
/// 96.6 % (now 96.5) and 0.95 of them 93.4 % (now 92.8).
const SPREAD_MARGIN: f64 = 0.8;
const MARGIN_DAYS: f64 = 28.0;
/// Fewer outcomes of a length calibrate nothing. Judgement.
const MIN_OUTCOMES: usize = 30;

/// What ln r of a single bucket may fall by for each doubling of how far ahead it is, and the
/// standard deviation of that before anything was seen. Judgement.
const LATER_STEPS: [f64; 8] = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5];
const LATER_SD: f64 = 0.3;

/// What was said of one total, and what came.
#[derive(Debug, Clone, Copy)]
pub struct Said {
    /// Length of the total, as [`LENGTHS`] counts.
    pub length: usize,
    /// Whole buckets from the origin to its beginning.
    pub step: usize,
    /// Mean as said, in units.
    pub mean: f64,
    /// Width as said.
    pub width: Width,
    /// What demand comes in.
    pub lot: Lot,
    /// What came, in units.
    pub actual: f64,
}

/// How distributions of a class are moved, so that they say what came: m′ = m·e^γ for all lengths,
/// ln r′ = ln r + δ for each, less λ·log₂(1 + k) where they begin k buckets ahead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    log_mean: f64,
    log_dispersion: [f64; LENGTHS],
    /// λ.
    later: f64,
    /// Variance of ln r that is added; nothing where no outcome was held against what was said.
    margin: [f64; LENGTHS],
}

impl Calibration {
    /// The shifts under which earlier outcomes fall evenly.
    ///
    /// With F the distribution of a count, the outcome y stands for the interval [F(y − 1), F(y)]
    /// (of a quantity for F(y), or for [0, F(0)] where nothing came), and Ĝ(u) is the mean over
    /// outcomes of the share of it that lies below u: the expectation of the randomised PIT,
    /// without a draw (Czado, Gneiting & Held 2009). What is least, by steps from no shift, is
    ///
    /// n/2 · Σ_u (Ĝ(u) − u)² / u(1 − u) + (δ/½)²/2, n the independent outcomes.
    #[must_use]
    pub fn learn(said: &[Said], bucket_days: f64) -> Self {
        let (near, ahead): (Vec<&Said>, Vec<&Said>) = said.iter().partition(|s| s.step == 0);
        let by_length: Vec<Vec<&Said>> = (0..LENGTHS)
            .map(|length| near.iter().copied().filter(|s| s.length == length).collect())
            .collect();
        let mut calibration = Self::default();
        calibration.learn_mean(&by_length);
        calibration.learn_dispersions(&by_length, bucket_days);
        calibration.fill(&by_length);
        calibration.learn_later(&ahead);
        calibration
    }

    /// γ from the sums of what was said and of what came, of the longest totals: what a season or
    /// a trend may do within a few origins is left to the models.
    fn learn_mean(&mut self, by_length: &[Vec<&Said>]) {
        let Some(longest) = by_length[1..].iter().rfind(|own| own.len() >= MIN_OUTCOMES) else {
            return;
        };
        let came: f64 = longest.iter().map(|said| said.actual).sum();
        let told: f64 = longest.iter().map(|said| said.mean).sum();
        if !(came > 0.0 && told > 0.0) {
            return;
        }

        let variance: f64 = longest.iter().map(|said| said.distribution(1.0, 0.0).variance()).sum();
        let chance = CHANCE_SDS * (OVERLAP * variance).sqrt() / told;
        let log_ratio = libm::log(came / told);
        let beyond = (log_ratio.abs() - USUAL_BIAS - chance).clamp(0.0, MOST_BIAS);
        self.log_mean = beyond * log_ratio.signum();
    }

    fn learn_dispersions(&mut self, by_length: &[Vec<&Said>], bucket_days: f64) {
        for (length, own) in by_length.iter().enumerate() {
            if own.len() >= MIN_OUTCOMES {
                let loss = |shift: f64| {
                    misfit(own, self.log_mean, |_| shift) + 0.5 * square(shift / DISPERSION_SD)
                };
                self.log_dispersion[length] = least_outwards(loss);
                self.margin[length] = margin(length, bucket_days);
            }
        }
    }

    /// λ from single buckets ahead: totals that begin now do not say how far a level moves before
    /// they begin, and their widths would be those of later ones if both were learnt as one.
    fn learn_later(&mut self, ahead: &[&Said]) {
        if ahead.len() < MIN_OUTCOMES {
            return;
        }
        let shift = self.log_dispersion[1];
        let loss = |later: f64| {
            misfit(ahead, self.log_mean, |said| shift - later * doublings(said.step as f64))
                + 0.5 * square(later / LATER_SD)
        };
        self.later = least_upwards(&LATER_STEPS, loss);
    }

    /// Lengths beyond those that were seen are moved as the longest of them.
    fn fill(&mut self, by_length: &[Vec<&Said>]) {
        for (length, own) in by_length.iter().enumerate().skip(2) {
            if own.len() < MIN_OUTCOMES {
                self.log_dispersion[length] = self.log_dispersion[length - 1];
                self.margin[length] = self.margin[length - 1];
            }
        }
    }

    /// What means are multiplied by: e^γ.
    #[must_use]
    pub fn mean_factor(&self) -> f64 {
        libm::exp(self.log_mean)
    }

    /// Widths as calibrated.
    #[must_use]
    pub fn widths(&self, mut widths: Widths) -> Widths {
        if let Some(day) = &mut widths.of_day {
            day.log_dispersion += self.log_dispersion[0] as f32;
        }
        widths.later += self.later as f32;
        for (width, shift) in widths.of_buckets.iter_mut().zip(&self.log_dispersion[1..]) {
            width.log_dispersion += *shift as f32;
        }
        for (width, margin) in widths.of_buckets.iter_mut().zip(&self.margin[1..]) {
            let sd = f64::from(width.sd);
            let widened = (square(sd) + margin).sqrt();
            width.sd = widened.min(SPREAD_MARGIN.max(sd)) as f32;
        }
        widths
    }
}

/// n/2 · Σ_u (Ĝ(u) − u)² / u(1 − u) of these outcomes under these shifts of ln m and ln r.
fn misfit(said: &[&Said], log_mean: f64, log_dispersion: impl Fn(&Said) -> f64) -> f64 {
    let factor = libm::exp(log_mean);
    let mut below = [0.0; LEVELS.len()];
    for said in said {
        let (low, high) = said.interval(factor, log_dispersion(said));
        for (sum, level) in below.iter_mut().zip(LEVELS) {
            *sum += if high > low {
                ((level - low) / (high - low)).clamp(0.0, 1.0)
            } else {
                f64::from(u8::from(level >= high))
            };
        }
    }

    let outcomes = said.len() as f64;
    let independent = (outcomes / OUTCOMES_PER_ONE).min(MOST_INDEPENDENT);
    let miss = |(sum, level): (f64, f64)| square(sum / outcomes - level) / (level * (1.0 - level));
    0.5 * independent * below.into_iter().zip(LEVELS).map(miss).sum::<f64>()
}

/// Variance of ln r that is added for totals of a length.
fn margin(length: usize, bucket_days: f64) -> f64 {
    let days = if length == 0 { 1.0 } else { bucket_days * f64::from(1_u32 << (length - 1)) };
    let part = (libm::log(days) / libm::log(MARGIN_DAYS)).clamp(0.0, 1.0);
    part * square(SPREAD_MARGIN)
}

impl Said {
    fn distribution(&self, factor: f64, log_dispersion: f64) -> TotalDemand {
        let log_dispersion = self.width.log_dispersion + log_dispersion as f32;
        TotalDemand::new(self.mean * factor, Width { log_dispersion, ..self.width }, self.lot)
    }

    /// The probabilities that the outcome stands for.
    fn interval(&self, factor: f64, log_dispersion: f64) -> (f64, f64) {
        let distribution = self.distribution(factor, log_dispersion);
        if self.lot.is_count() {
            (distribution.cdf(self.actual - 1.0), distribution.cdf(self.actual))
        } else {
            let at = distribution.cdf(self.actual);
            (if self.actual <= 0.0 { 0.0 } else { at }, at)
        }
    }
}

fn square(x: f64) -> f64 {
    x * x
}

/// The value of least loss, walking upwards from 0 while it falls.
fn least_upwards(values: &[f64], loss: impl Fn(f64) -> f64) -> f64 {
    let (mut best, mut least) = (0.0, loss(0.0));
    for value in values {
        let found = loss(*value);
        if found >= least {
            break;
        }
        (best, least) = (*value, found);
    }
    best
}

/// The shift of least loss, walking outwards from 0 on the side where it falls.
fn least_outwards(loss: impl Fn(f64) -> f64) -> f64 {
    let wider = least_upwards(&STEPS, &loss);
    if wider > 0.0 { wider } else { -least_upwards(&STEPS, |step| loss(-step)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::random::unit;

    /// Totals of one bucket that came as one mean and ln r say, told of another.
    fn said(came: (f64, f32), told: (f64, f32)) -> Vec<Said> {
        let width = |log_dispersion| Width { log_dispersion, sd: 0.3 };
        let lot = Lot::single(true);
        let true_one = TotalDemand::new(came.0, width(came.1), lot);
        (0..4_000)
            .map(|k| Said {
                length: 1,
                step: 0,
                mean: told.0,
                width: width(told.1),
                lot,
                actual: true_one.quantile(unit(7, k)),
            })
            .collect()
    }

    #[test]
    fn what_was_said_rightly_is_left_alone() {
        let learnt = Calibration::learn(&said((6.0, 0.5), (6.0, 0.5)), 1.0);
        assert_eq!(learnt, Calibration::default());
        assert_eq!(Calibration::learn(&[], 7.0), Calibration::default());
    }

    #[test]
    fn what_lies_ahead_is_widened_without_what_begins_now() {
        let told = (6.0, 1.0);
        let ahead = said((6.0, 0.4), told).into_iter().map(|said| Said { step: 3, ..said });
        let all: Vec<Said> = said(told, told).into_iter().chain(ahead).collect();
        let learnt = Calibration::learn(&all, 1.0);
        assert_eq!(learnt.log_dispersion[1], 0.0);
        assert!((0.2..=0.3).contains(&learnt.later), "{learnt:?}");
    }

    #[test]
    fn widths_and_means_that_were_too_small_are_made_larger() {
        let narrow = Calibration::learn(&said((6.0, -0.5), (6.0, 0.5)), 1.0);
        assert!(narrow.log_dispersion[1] <= -0.75, "{narrow:?}");
        let low = Calibration::learn(&said((1.0, 2.0), (0.3, 2.0)), 1.0);
        assert_eq!(low.log_mean, MOST_BIAS);
        assert_eq!(narrow.log_dispersion[LENGTHS - 1], narrow.log_dispersion[1]);
    }
}
