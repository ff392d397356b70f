//! What events, promotions and prices do to demand: factors learnt from all items together, and
//! only where the data shows them.
//!
//! Demand of a bucket is Poisson-like around b·exp(Σ x_k β_k), with b what the smoothing expected
//! of it and x_k the amount of driver k. β is found by Newton steps, one driver after another. A
//! driver keeps its β, shrunk toward zero by its error, only if that is certainly not zero by each
//! of two errors; categories may differ from all items by the same rule. One error is what ordinary
//! buckets differ from expectation: β must be [`MIN_CERTAINTY`] times as large. The other is what
//! the driver's occurrences differ among themselves: all items share a day, and the days of one
//! stretch share their cause, so that a holiday is one observation however many items it moved. Of
//! k occurrences that error has k − 1 degrees of freedom, and β must be as improbable by Student's
//! distribution: what happened once changes nothing, what happened three times is kept if the three
//! agree well. Past demand is read with the factor divided out, so that a promotion does not raise
//! the level; buckets ahead are multiplied by it.
//!
//! [`MIN_CERTAINTY`]: super::certainty::MIN_CERTAINTY
//!
//! Measured on M5 with its events and SNAP days, 28 days ahead of days 84, 112, 140 and 168 before
//! its end, for one shop and for a third of three others: scaled squared error (mean of the total,
//! categories and items, weighted by units) against the same without any, mean of the eight. The
//! two windows after those, by shop and by three shops, were not looked at before:
//!
//! | an observation is | the eight | 56 days before the end | 28 days before the end |
//! |---|---|---|---|
//! | a day | −0.4 % (−8.9 … +13.3) | −4.4 %, −7.7 % | −2.7 %, −2.0 % |
//! | an occurrence | −1.6 % (−10.4 … +4.8) | −2.4 %, −2.9 % | +1.9 %, +2.8 % |
//!
//! The price of the rule: in the two windows an Easter lies ahead or has just been, and only the
//! first row keeps anything of the one Easter before. In the last window SNAP days alone cost 1.9 %
//! at the one shop by either rule.

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::certainty::{Slope, UsualErrors};
use crate::demand::drivers::Mark;
use crate::demand::origin::{ItemView, Origin};
use crate::domain::calendar::BucketLength;
use crate::forecast::level::history::History;
use crate::forecast::level::smoothing::Smoothing;

/// Standard deviation of ln effects among drivers before any data. Judgement.
const PRIOR_SD: f64 = 0.5;
/// Standard deviation of a category's ln effects around those of all items. Judgement.
const CATEGORY_SD: f64 = 0.3;
/// ln effects stay within this. Judgement: a factor of 33 either way.
const MAX_EFFECT: f64 = 3.5;
/// Items that effects are learnt from, at most. Judgement: it bounds time.
pub(super) const SAMPLE_ITEMS: usize = 6_000;
/// Times that baselines are smoothed again without the effects found so far. Judgement: the second
/// changes little already.
pub(super) const ROUNDS: usize = 2;
/// Categories that may differ, at most. Judgement: it bounds time.
const MAX_CATEGORIES: usize = 64;
/// Newton steps over all drivers. Judgement: the steps are small by then.
const NEWTON_ROUNDS: usize = 8;
/// Newton steps before effects are shrunk: shrinking needs standard errors at the solution.
const PLAIN_ROUNDS: usize = 5;
/// Buckets at the beginning of a history that say what the level is and cannot be measured against
/// it; half the history if that is less. Judgement.
const LEVEL_BUCKETS: usize = 8;
/// One bucket's squared error over its expectation counts up to this. Judgement: ten deviations.
const MAX_SQUARE: f64 = 100.0;

/// ln factors by driver: of all items, and of categories that differ.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Effects {
    all: Vec<f64>,
    by_category: Vec<Vec<f64>>,
}

impl Effects {
    /// Whether nothing moves demand.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.iter().chain(self.by_category.iter().flatten()).all(|effect| *effect == 0.0)
    }

    /// The logarithm of one driver's factor for a category.
    #[must_use]
    pub fn log_factor_of(&self, driver: usize, category: u32) -> f64 {
        let own = self.by_category.get(category as usize).unwrap_or(&self.all);
        own.get(driver).copied().unwrap_or(0.0)
    }

    /// Fills `out` with the factors of an item's buckets from number `first` on: 1 where nothing
    /// moves demand. Says whether any does.
    pub fn factors(&self, item: &ItemView<'_>, first: i32, out: &mut [f64]) -> bool {
        out.fill(0.0);
        let mut any = false;
        for mark in item.marks() {
            let whole = self.log_factor_of(mark.driver as usize, item.category);
            let effect = whole * f64::from(mark.amount);
            let span = span(mark, first, out.len());
            if effect != 0.0 && !span.is_empty() {
                any = true;
                out[span].iter_mut().for_each(|sum| *sum += effect);
            }
        }

        for factor in out.iter_mut() {
            *factor =
                if *factor == 0.0 { 1.0 } else { libm::exp(factor.clamp(-MAX_EFFECT, MAX_EFFECT)) };
        }
        any
    }

    /// Takes the effects out of a history: its buckets count as so many usual ones. `buffer` is
    /// left with the factor of each bucket, or empty if nothing moves demand.
    pub fn put_into(&self, item: &ItemView<'_>, history: &mut History, buffer: &mut Vec<f64>) {
        buffer.clear();
        buffer.resize(history.len(), 1.0);
        if !self.factors(item, item.series.first_bucket, buffer) {
            buffer.clear();
            return;
        }

        let buckets = history.weight.iter_mut().zip(&mut history.coverage);
        for ((weight, coverage), factor) in buckets.zip(buffer.iter()) {
            *weight *= factor;
            *coverage *= factor;
        }
    }

    /// Learns the effects from what was demanded and expected of a sample of items.
    #[must_use]
    pub(super) fn learn(origin: &Origin<'_>, items: Vec<ItemRows>) -> Self {
        let drivers = origin.driver_names().len();
        let rows = DriverRows::gather(items);

        let all = rows.newton(vec![0.0; drivers], PRIOR_SD, |_| true);
        let categories = origin.categories();
        if !(2..=MAX_CATEGORIES).contains(&categories) {
            return Self { all, by_category: Vec::new() };
        }

        let of_category = |category: usize| {
            rows.newton(all.clone(), CATEGORY_SD, |row| {
                rows.category.get(row) == Some(&(category as u32))
            })
        };
        Self { by_category: (0..categories).into_par_iter().map(of_category).collect(), all }
    }
}

/// The part of a mark that lies in `len` buckets from number `first` on.
fn span(mark: &Mark, first: i32, len: usize) -> Range<usize> {
    let from = step_of(mark.first.into(), first, len);
    let to = step_of(i64::from(mark.last) + 1, first, len);
    from..to.max(from)
}

/// How many buckets after number `first` a bucket lies, from 0 to `len`.
fn step_of(bucket: i64, first: i32, len: usize) -> usize {
    (bucket - i64::from(first)).clamp(0, len as i64) as usize
}

/// What was demanded of an item in one bucket, and expected of it without any driver.
#[derive(Debug, Clone, Copy)]
struct BucketOutcome {
    /// Number of the bucket.
    bucket: i32,
    /// Units demanded.
    actual: f64,
    /// Units expected.
    expected: f64,
}

/// How much of a driver there was in one of the outcomes.
#[derive(Debug, Clone, Copy)]
struct Amount {
    driver: u32,
    /// Which of the outcomes it belongs to.
    row: u32,
    /// First bucket of the occurrence that the outcome is a part of.
    occurrence: i32,
    amount: f32,
}

/// Outcomes of one item.
#[derive(Debug, Default)]
pub(super) struct ItemRows {
    category: u32,
    /// Buckets with a driver.
    moved: Vec<BucketOutcome>,
    amounts: Vec<Amount>,
    /// Buckets without any.
    plain: Vec<BucketOutcome>,
}

impl ItemRows {
    /// The outcomes of an item whose history and smoothing were read with these effects taken out.
    pub(super) fn read(
        item: &ItemView<'_>,
        effects: &Effects,
        history: &History,
        smoothing: &Smoothing,
    ) -> Self {
        let mut out = Self { category: item.category, ..Self::default() };
        let first = item.series.first_bucket;
        let n = history.len();
        let mut factors = vec![1.0; n];
        effects.factors(item, first, &mut factors);

        let outcome = |step: usize| BucketOutcome {
            bucket: item.bucket(step),
            actual: history.demand[step],
            expected: (smoothing.path[step] * history.weight[step] / factors[step]).max(1e-3),
        };
        let from = LEVEL_BUCKETS.min(n / 2);
        let mut rows: Vec<Option<u32>> = vec![None; n];
        for mark in item.marks() {
            for step in span(mark, first, n) {
                if step < from || item.series.censored[step] {
                    continue;
                }
                let row = *rows[step].get_or_insert_with(|| {
                    out.moved.push(outcome(step));
                    out.moved.len() as u32 - 1
                });
                let Mark { driver, amount, .. } = *mark;
                out.amounts.push(Amount { driver, row, occurrence: item.bucket(step), amount });
            }
        }

        out.join_occurrences(item.calendar.length);

        let is_plain = |step: &usize| rows[*step].is_none() && !item.series.censored[*step];
        out.plain = (from..n).filter(is_plain).map(outcome).collect();
        out
    }

    /// Joins buckets of a driver to occurrences: adjacent ones, and those less than a week after
    /// the first, are one. Sorts the amounts by driver.
    fn join_occurrences(&mut self, length: BucketLength) {
        let week = if length == BucketLength::Day { 7 } else { 1 };
        self.amounts.sort_by_key(|own| (own.driver, own.occurrence));
        for of_driver in self.amounts.chunk_by_mut(|a, b| a.driver == b.driver) {
            let mut first = of_driver[0].occurrence;
            let mut last = first;
            for own in of_driver {
                let bucket = own.occurrence;
                if bucket > last + 1 && bucket >= first + week {
                    first = bucket;
                }
                last = bucket;
                own.occurrence = first;
            }
        }
    }
}

/// Outcomes of buckets with a driver, of all items, column by column.
#[derive(Debug, Default)]
struct DriverRows {
    actual: Vec<f64>,
    expected: Vec<f64>,
    bucket: Vec<i32>,
    category: Vec<u32>,
    /// By driver, then by row.
    amounts: Vec<Amount>,
    usual: UsualErrors,
}

impl DriverRows {
    fn gather(items: Vec<ItemRows>) -> Self {
        let mut out = Self::default();
        let mut ordinary = Ordinary::default();
        for item in items {
            let base = out.actual.len() as u32;
            out.amounts
                .extend(item.amounts.iter().map(|own| Amount { row: base + own.row, ..*own }));
            for outcome in &item.moved {
                out.actual.push(outcome.actual);
                out.expected.push(outcome.expected);
                out.bucket.push(outcome.bucket);
                out.category.push(item.category);
            }
            item.plain.iter().for_each(|outcome| ordinary.add(outcome));
        }

        out.usual = UsualErrors { dispersion: ordinary.dispersion(), shock: ordinary.shock() };
        out.amounts.sort_by_key(|amount| (amount.driver, amount.row));
        out
    }

    /// Effects of the rows that `counts` picks, shrunk toward `center`.
    fn newton(&self, center: Vec<f64>, prior_sd: f64, counts: impl Fn(usize) -> bool) -> Vec<f64> {
        let mut log_factor = vec![0.0; self.actual.len()];
        for own in &self.amounts {
            log_factor[own.row as usize] += f64::from(own.amount) * center[own.driver as usize];
        }

        let mut effects = center.clone();
        for round in 0..NEWTON_ROUNDS {
            for of_driver in self.amounts.chunk_by(|a, b| a.driver == b.driver) {
                let driver = of_driver[0].driver as usize;
                let own: Vec<&Amount> =
                    of_driver.iter().filter(|own| counts(own.row as usize)).collect();
                let slope = self.slope(&own, &log_factor);
                if slope.curvature <= 0.0 {
                    continue;
                }

                let step = (slope.gradient / slope.curvature).clamp(-1.0, 1.0);
                let plain = effects[driver] + step;
                let next = if round < PLAIN_ROUNDS {
                    plain
                } else {
                    center[driver] + slope.kept(plain - center[driver], prior_sd)
                };
                let next = next.clamp(-MAX_EFFECT, MAX_EFFECT);

                let change = next - effects[driver];
                effects[driver] = next;
                for own in own {
                    log_factor[own.row as usize] += f64::from(own.amount) * change;
                }
            }
        }
        effects
    }

    /// Slope and curvature of the log-likelihood in one driver's effect, and how sure its Newton
    /// step is. `own` holds the driver's rows and amounts.
    fn slope(&self, own: &[&Amount], log_factor: &[f64]) -> Slope {
        let mut by_bucket = BTreeMap::<i32, f64>::new();
        let mut by_occurrence = BTreeMap::<i32, (f64, f64)>::new();
        for Amount { row, occurrence, amount, .. } in own {
            let (row, amount) = (*row as usize, f64::from(*amount));
            let factor = libm::exp(log_factor[row].clamp(-MAX_EFFECT, MAX_EFFECT));
            let mean = self.expected[row] * factor;
            let (g, h) = (amount * (self.actual[row] - mean), amount * amount * mean);

            *by_bucket.entry(self.bucket[row]).or_default() += h;
            let (gradients, curvatures) = by_occurrence.entry(*occurrence).or_default();
            *gradients += g;
            *curvatures += h;
        }

        Slope::new(&by_bucket, &by_occurrence, self.usual)
    }
}

/// What buckets without a driver differ from expectation.
#[derive(Debug, Default)]
struct Ordinary {
    /// Units demanded and expected of all items, by bucket.
    by_bucket: BTreeMap<i32, (f64, f64)>,
    squares: f64,
    count: f64,
}

impl Ordinary {
    fn add(&mut self, outcome: &BucketOutcome) {
        let BucketOutcome { bucket, actual, expected } = *outcome;
        let (actuals, expectations) = self.by_bucket.entry(bucket).or_default();
        *actuals += actual;
        *expectations += expected;
        self.squares += ((actual - expected) * (actual - expected) / expected).min(MAX_SQUARE);
        self.count += 1.0;
    }

    /// Variance of a bucket of an item, over its mean.
    fn dispersion(&self) -> f64 {
        if self.count > 0.0 { (self.squares / self.count).max(1.0) } else { 1.0 }
    }

    /// Variance of the shop's relative errors.
    fn shock(&self) -> f64 {
        let mut errors: Vec<f64> = self
            .by_bucket
            .values()
            .filter(|(_, expected)| *expected > 0.0)
            .map(|(actual, expected)| (actual / expected - 1.0).abs())
            .collect();
        errors.sort_by(f64::total_cmp);

        // The median of |e| of a normal is 0.6745 deviations. Judgement: a tenth without any.
        let deviation = errors.get(errors.len() / 2).map_or(0.1, |median| median / 0.6745);
        deviation * deviation
    }
}

#[cfg(test)]
mod tests {
    use super::{Amount, ItemRows};
    use crate::demand::drivers::{Drivers, MarkedItems};
    use crate::demand::panel::{Panel, PanelItems};
    use crate::domain::calendar::{BucketCalendar, BucketLength};
    use crate::domain::fixed::Fixed;
    use crate::domain::key::Key;
    use crate::domain::tables::{Event, Price};
    use crate::forecast::{ForecastSettings, ModelChoice, fit, forecast};
    use crate::stats::random;

    const WEEKS: usize = 110;
    const ITEMS: usize = 60;

    /// Steady items; in every tenth week half of them are promoted and sell `uplift` times as much.
    fn shop(uplift: f64) -> (Panel, Vec<Key>, Vec<Price>) {
        let calendar = BucketCalendar { length: BucketLength::Week, week_start: 0 };
        let as_of = calendar.start_of(calendar.bucket_of(18_000));
        let keys: Vec<Key> = (0..ITEMS).map(|i| Key::new(&format!("i{i:02}"), "main")).collect();
        let items = PanelItems {
            calendar,
            as_of,
            offsets: (0..=ITEMS).map(|i| i * WEEKS).collect(),
            exposure: (0..ITEMS).map(|_| vec![1.0; WEEKS]).collect(),
            censored: (0..ITEMS).map(|_| vec![false; WEEKS]).collect(),
            is_count: vec![true; ITEMS],
            opening_sale: vec![0.0; ITEMS],
            key_hash: (0..ITEMS as u64).collect(),
            category: vec![0; ITEMS],
            supplier: vec![0; ITEMS],
            worth_band: vec![0; ITEMS],
            product: (0..ITEMS as u32).collect(),
            location: vec![0; ITEMS],
            weekday_profile: [1.0 / 7.0; 7],
            dated: Default::default(),
            drivers: Drivers::default(),
            similar: Default::default(),
        };
        let mut panel = Panel::new(items, Vec::new());
        let mut prices = Vec::new();
        for (item, key) in keys.iter().enumerate() {
            let week = |t: usize| as_of - 7 * (WEEKS as i32 - t as i32);
            for t in 0..WEEKS + 4 {
                let promoted = t % 10 == 3 && item % 2 == 0;
                if promoted {
                    prices.push(Price {
                        sku: key.sku.clone(),
                        location: None,
                        from: week(t),
                        to: Some(week(t) + 6),
                        unit_price: Fixed::from_units(10),
                        promotion: Some("sale".into()),
                    });
                }
                if t < WEEKS {
                    let noise = 0.7 + 0.6 * random::unit(item as u64, t as u64);
                    let mean = (20.0 + item as f64) * if promoted { uplift } else { 1.0 };
                    panel.demand.push((mean * noise).round());
                }
            }
        }
        (panel, keys, prices)
    }

    fn drivers(panel: &Panel, keys: &[Key], events: &[Event], prices: &[Price]) -> Drivers {
        let items = MarkedItems {
            calendar: panel.calendar,
            as_of: panel.as_of,
            keys,
            locations: &panel.location,
        };
        Drivers::new(&items, events, prices)
    }

    fn means(panel: &Panel) -> Vec<Vec<f64>> {
        let settings = ForecastSettings::ahead(panel.calendar, 4, ModelChoice::Auto);
        let forecasts = forecast(panel, &fit(panel, &settings), &settings);
        (0..panel.len()).map(|item| forecasts.bucket_means(item).to_vec()).collect()
    }

    #[test]
    fn a_promotion_that_sold_more_raises_the_bucket_it_is_planned_for_and_no_other() {
        let (mut panel, keys, prices) = shop(2.5);
        // The weeks ahead are numbers 110 to 113: the last is a promotion.
        panel.drivers = drivers(&panel, &keys, &[], &prices);
        let found = means(&panel);
        let ratio = |item: usize| found[item][3] / found[item][1];
        assert!(
            (0..ITEMS).step_by(2).all(|item| (2.2..2.8).contains(&ratio(item))),
            "{:?}",
            found[0]
        );
        assert!(
            (1..ITEMS).step_by(2).all(|item| (0.9..1.1).contains(&ratio(item))),
            "{:?}",
            found[1]
        );
        let level = 20.0 + 10.0;
        assert!(
            (found[10][0] / level - 1.0).abs() < 0.15,
            "past promotions stay in the level: {:?}",
            found[10]
        );
    }

    #[test]
    fn what_the_data_does_not_show_changes_nothing() {
        let (mut panel, keys, prices) = shop(1.0);
        let without = means(&panel);
        let events: Vec<Event> = (0..14)
            .map(|k| Event {
                date: panel.as_of - 700 + 60 * k,
                event: "fair".into(),
                location: None,
            })
            .collect();
        panel.drivers = drivers(&panel, &keys, &events, &prices);
        assert!(!panel.drivers.is_empty());
        assert_eq!(means(&panel), without);
    }

    /// A shop of days, with an event on these, on each of which all items sell so many times as
    /// much: the mean of each item's days ahead with the event known, and without.
    fn with_event(days: &[(usize, f64)]) -> [Vec<Vec<f64>>; 2] {
        let (mut panel, keys, _) = shop(1.0);
        panel.calendar.length = BucketLength::Day;
        let mut events = Vec::new();
        for (t, uplift) in days {
            let date = panel.as_of - WEEKS as i32 + *t as i32;
            events.push(Event { date, event: "fair".into(), location: None });
            for item in (0..ITEMS).filter(|_| *t < WEEKS) {
                panel.demand[item * WEEKS + t] *= uplift;
            }
        }

        let without = means(&panel);
        panel.drivers = drivers(&panel, &keys, &events, &[]);
        [means(&panel), without]
    }

    fn is_unmoved([with, without]: &[Vec<Vec<f64>>; 2]) -> bool {
        let pairs = || with.iter().flatten().zip(without.iter().flatten());
        pairs().all(|(with, without)| (with / without - 1.0).abs() < 0.01)
    }

    #[test]
    fn an_event_that_happened_once_moves_the_forecast_by_a_hundredth_at_most() {
        let once = with_event(&[(50, 3.0), (112, 1.0)]);
        assert!(is_unmoved(&once), "{:?}", once.map(|means| means[0].clone()));
        let three_days = with_event(&[(50, 3.0), (51, 3.0), (52, 3.0), (112, 1.0)]);
        assert!(is_unmoved(&three_days), "{:?}", three_days.map(|means| means[0].clone()));
    }

    #[test]
    fn an_event_that_did_opposite_things_moves_nothing() {
        let twice = with_event(&[(40, 2.5), (80, 0.4), (112, 1.0)]);
        assert!(is_unmoved(&twice), "{:?}", twice.map(|means| means[0].clone()));
    }

    #[test]
    fn an_event_that_recurs_alike_is_learnt_nearly_in_whole() {
        // From one to the next it lies on another weekday.
        let days: Vec<(usize, f64)> = (11..WEEKS + 4).step_by(10).map(|t| (t, 2.5)).collect();
        let [found, _] = with_event(&days);
        let ratio = |item: &Vec<f64>| item[1] / ((item[0] + item[2] + item[3]) / 3.0);
        assert!(found.iter().all(|item| (2.1..2.8).contains(&ratio(item))), "{:?}", found[0]);
    }

    #[test]
    fn adjacent_days_and_those_of_one_week_are_one_occurrence() {
        let of_bucket = |bucket| Amount { driver: 0, row: 0, occurrence: bucket, amount: 1.0 };
        let joined = |buckets: &[i32], length| {
            let amounts = buckets.iter().copied().map(of_bucket).collect();
            let mut rows = ItemRows { amounts, ..ItemRows::default() };
            rows.join_occurrences(length);
            rows.amounts.iter().map(|own| own.occurrence).collect::<Vec<_>>()
        };
        let days = [1, 3, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20];
        let firsts = [1, 1, 1, 1, 10, 10, 10, 10, 10, 10, 10, 10, 10, 20];
        assert_eq!(joined(&days, BucketLength::Day), firsts);
        assert_eq!(joined(&[4, 5, 7, 8, 10], BucketLength::Week), [4, 4, 7, 7, 10]);
    }

    #[test]
    fn an_event_of_one_location_moves_no_other() {
        let (mut panel, mut keys, _) = shop(1.0);
        keys[ITEMS / 2..].iter_mut().for_each(|key| key.location = "other".into());
        panel.location[ITEMS / 2..].fill(1);
        let first = panel.calendar.bucket_of(panel.as_of);
        let mut events = Vec::new();
        for t in (3..WEEKS + 4).step_by(10) {
            let date = panel.calendar.start_of(first - (WEEKS as i32 - t as i32));
            events.push(Event { date, event: "fair".into(), location: Some("other".into()) });
            for item in ITEMS / 2..ITEMS {
                if t < WEEKS {
                    panel.demand[item * WEEKS + t] *= 3.0;
                }
            }
        }
        panel.drivers = drivers(&panel, &keys, &events, &[]);
        let found = means(&panel);
        assert!(found[..ITEMS / 2].iter().all(|means| means[3] < 1.2 * means[1]), "{:?}", found[0]);
        assert!(
            found[ITEMS / 2..].iter().all(|means| means[3] > 2.2 * means[1]),
            "{:?}",
            found[ITEMS / 2]
        );
    }
}
