//! What events, promotions and prices do to demand: factors learnt from all items together, and
//! only where the data shows them.
//!
//! Demand of a bucket is Poisson-like around b·exp(Σ x_k β_k), with b what the smoothing expected
//! of it and x_k the amount of driver k. β is found by Newton steps, one driver after another. A
//! driver keeps its β only when it is [`CERTAINTY`] standard errors away from nothing, drawn
//! towards nothing by its error; categories may differ from all items by the same rule. The
//! standard error is the larger of what buckets with the driver differ among themselves (clustered
//! by bucket: all items share a day) and what ordinary buckets differ from expectation. Past demand
//! is read with the factor divided out, so that a promotion does not raise the level; buckets ahead
//! are multiplied by it.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::history::History;
use super::priors::{Priors, Scratch};
use super::season::Positions;
use crate::demand::drivers::Mark;
use crate::demand::panel::Panel;

/// Standard errors that a driver must be away from nothing.
const CERTAINTY: f64 = 2.5;
/// Standard deviation of ln effects among drivers before any data, and of categories around all
/// items.
const PRIOR_SD: f64 = 0.5;
const CATEGORY_SD: f64 = 0.3;
/// ln effects stay within this.
const MAX_EFFECT: f64 = 3.5;
/// Items that effects are learnt from, at most.
pub(super) const SAMPLE_ITEMS: usize = 6_000;
/// Times that baselines are smoothed again without the effects found so far.
const ROUNDS: usize = 2;
/// Categories that may differ, at most.
const MAX_CATEGORIES: usize = 64;

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

    /// Fills `out` with the factors of an item's buckets from `first` on: 1 where nothing moves
    /// demand. Says whether any does.
    pub fn factors(&self, panel: &Panel, item: usize, first: i32, out: &mut [f64]) -> bool {
        out.fill(0.0);
        let own = self.by_category.get(panel.category[item] as usize).unwrap_or(&self.all);
        let mut any = false;
        for mark in panel.drivers.of(panel, item) {
            let effect =
                own.get(mark.driver as usize).copied().unwrap_or(0.0) * f64::from(mark.amount);
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

    /// Takes the effects out of a history: its buckets count as so many usual ones.
    pub fn put_into(
        &self,
        panel: &Panel,
        item: usize,
        history: &mut History,
        buffer: &mut Vec<f64>,
    ) {
        buffer.clear();
        buffer.resize(history.len(), 1.0);
        let first = panel.series(item).first_bucket;
        if self.factors(panel, item, first, buffer) {
            for ((weight, coverage), factor) in
                history.weight.iter_mut().zip(&mut history.coverage).zip(buffer.iter())
            {
                *weight *= factor;
                *coverage *= factor;
            }
        } else {
            buffer.clear();
        }
    }

    /// Learns the effects from the panel without its last `cut` buckets.
    #[must_use]
    pub fn learn(
        panel: &Panel,
        cut: usize,
        positions: &Positions,
        priors: &Priors,
        items: &[usize],
    ) -> Self {
        let drivers = panel.drivers.names().len();
        if drivers == 0 {
            return Self::default();
        }
        let mut found = Self { all: vec![0.0; drivers], by_category: Vec::new() };
        for _ in 0..ROUNDS {
            let mut priors = priors.clone();
            priors.effects = found.clone();
            let rows = Rows::read(panel, cut, positions, &priors, items);
            found = rows.solve(panel, drivers);
        }
        found
    }
}

/// The part of a mark that lies in `len` buckets from `first` on.
fn span(mark: &Mark, first: i32, len: usize) -> std::ops::Range<usize> {
    let place = |bucket: i64| (bucket - i64::from(first)).clamp(0, len as i64) as usize;
    place(i64::from(mark.first))..place(i64::from(mark.last) + 1).max(place(i64::from(mark.first)))
}

/// Buckets with a driver: what came, what was expected without any, and which drivers there were.
#[derive(Debug, Default)]
struct Rows {
    actual: Vec<f64>,
    expected: Vec<f64>,
    bucket: Vec<i32>,
    category: Vec<u32>,
    /// Driver, row and amount.
    amounts: Vec<(u32, u32, f32)>,
    /// Variance of a bucket of an item, over its mean.
    dispersion: f64,
    /// Variance of the shop's relative errors among ordinary buckets.
    shock: f64,
}

/// One item's share of the rows.
#[derive(Debug, Default)]
struct ItemRows {
    /// Actual, expected, bucket.
    rows: Vec<(f64, f64, i32)>,
    amounts: Vec<(u32, u32, f32)>,
    /// Of buckets without a driver: bucket, actual, expected.
    plain: Vec<(i32, f64, f64)>,
}

impl Rows {
    fn read(
        panel: &Panel,
        cut: usize,
        positions: &Positions,
        priors: &Priors,
        items: &[usize],
    ) -> Self {
        let per_item: Vec<(u32, ItemRows)> = items
            .par_iter()
            .map_init(
                || (Scratch::default(), Vec::new()),
                |(scratch, factors), item| {
                    priors.smooth(panel, *item, cut, positions, scratch);
                    (panel.category[*item], item_rows(panel, *item, cut, priors, scratch, factors))
                },
            )
            .collect();
        let mut out = Self::default();
        let mut by_bucket = std::collections::BTreeMap::<i32, (f64, f64)>::new();
        let (mut squares, mut count) = (0.0, 0.0);
        for (category, item) in per_item {
            let base = out.actual.len() as u32;
            out.amounts.extend(
                item.amounts.into_iter().map(|(driver, row, amount)| (driver, base + row, amount)),
            );
            for (actual, expected, bucket) in item.rows {
                out.actual.push(actual);
                out.expected.push(expected);
                out.bucket.push(bucket);
                out.category.push(category);
            }
            for (bucket, actual, expected) in item.plain {
                let sum = by_bucket.entry(bucket).or_default();
                sum.0 += actual;
                sum.1 += expected;
                squares += ((actual - expected) * (actual - expected) / expected).min(100.0);
                count += 1.0;
            }
        }
        out.dispersion = if count > 0.0 { (squares / count).max(1.0) } else { 1.0 };
        let mut errors: Vec<f64> = by_bucket
            .values()
            .filter(|sum| sum.1 > 0.0)
            .map(|sum| (sum.0 / sum.1 - 1.0).abs())
            .collect();
        errors.sort_by(f64::total_cmp);
        // The median of |e| of a normal is 0.6745 deviations.
        let deviation = errors.get(errors.len() / 2).map_or(0.1, |median| median / 0.6745);
        out.shock = deviation * deviation;
        out.amounts.sort_by_key(|amount| (amount.0, amount.1));
        out
    }

    /// Newton steps for all items, then for each category that differs.
    fn solve(&self, panel: &Panel, drivers: usize) -> Effects {
        let all = self.newton(vec![0.0; drivers], PRIOR_SD, |_| true);
        let categories = 1 + panel.category.iter().copied().max().unwrap_or(0) as usize;
        if !(2..=MAX_CATEGORIES).contains(&categories) {
            return Effects { all, by_category: Vec::new() };
        }
        let of = |category: usize| {
            self.newton(all.clone(), CATEGORY_SD, |row| {
                self.category.get(row) == Some(&(category as u32))
            })
        };
        Effects { by_category: (0..categories).into_par_iter().map(of).collect(), all }
    }

    /// Effects of the rows that `counts` picks, drawn towards `center`.
    fn newton(&self, center: Vec<f64>, prior_sd: f64, counts: impl Fn(usize) -> bool) -> Vec<f64> {
        let mut log_factor = vec![0.0; self.actual.len()];
        for (driver, row, amount) in &self.amounts {
            log_factor[*row as usize] += f64::from(*amount) * center[*driver as usize];
        }
        let mut effects = center.clone();
        for round in 0..8 {
            for of_driver in self.amounts.chunk_by(|a, b| a.0 == b.0) {
                let driver = of_driver[0].0 as usize;
                let own: Vec<(usize, f64)> = of_driver
                    .iter()
                    .map(|(_, row, amount)| (*row as usize, f64::from(*amount)))
                    .filter(|(row, _)| counts(*row))
                    .collect();
                let Slope { gradient, curvature, error } = self.slope(&own, &log_factor);
                if curvature <= 0.0 {
                    continue;
                }
                let plain = effects[driver] + (gradient / curvature).clamp(-1.0, 1.0);
                let next = if round < 5 {
                    plain
                } else {
                    let away = plain - center[driver];
                    let certain = away.abs() > CERTAINTY * error;
                    let drawn = away * prior_sd * prior_sd / (prior_sd * prior_sd + error * error);
                    center[driver] + if certain { drawn } else { 0.0 }
                };
                let next = next.clamp(-MAX_EFFECT, MAX_EFFECT);
                let step = next - effects[driver];
                effects[driver] = next;
                own.iter().for_each(|(row, amount)| log_factor[*row] += amount * step);
            }
        }
        effects
    }

    /// Slope and curvature of the log-likelihood in one driver's effect, and the standard error of
    /// its Newton step.
    fn slope(&self, own: &[(usize, f64)], log_factor: &[f64]) -> Slope {
        let (mut gradient, mut curvature) = (0.0, 0.0);
        let mut by_bucket = std::collections::BTreeMap::<i32, (f64, f64)>::new();
        for (row, amount) in own {
            let mean =
                self.expected[*row] * libm::exp(log_factor[*row].clamp(-MAX_EFFECT, MAX_EFFECT));
            let (g, h) = (amount * (self.actual[*row] - mean), amount * amount * mean);
            gradient += g;
            curvature += h;
            let sum = by_bucket.entry(self.bucket[*row]).or_default();
            sum.0 += g;
            sum.1 += h;
        }
        let among: f64 = by_bucket.values().map(|sum| sum.0 * sum.0).sum();
        let shared: f64 = by_bucket.values().map(|sum| sum.1 * sum.1).sum();
        let h = curvature.max(1e-9);
        let ordinary = self.dispersion / h + self.shock * shared / (h * h);
        // A bucket's own error says nothing where there is one alone: the ordinary one is the
        // least.
        Slope { gradient, curvature, error: (among / (h * h)).max(ordinary).sqrt() }
    }
}

struct Slope {
    gradient: f64,
    curvature: f64,
    error: f64,
}

/// The rows of the item in `scratch`, whose weights have the effects found so far in them.
fn item_rows(
    panel: &Panel,
    item: usize,
    cut: usize,
    priors: &Priors,
    scratch: &Scratch,
    factors: &mut Vec<f64>,
) -> ItemRows {
    let mut out = ItemRows::default();
    let series = panel.series(item).cut(cut);
    let n = series.demand.len();
    factors.clear();
    factors.resize(n, 1.0);
    priors.effects.factors(panel, item, series.first_bucket, factors);
    // The first buckets say what the level is; they cannot be measured against it.
    let from = 8.min(n / 2);
    let mut place = vec![u32::MAX; n];
    let expected =
        |t: usize| (scratch.smoothing.path[t] * scratch.history.weight[t] / factors[t]).max(1e-3);
    for mark in panel.drivers.of(panel, item) {
        for t in span(mark, series.first_bucket, n) {
            if t < from || series.censored[t] {
                continue;
            }
            if place[t] == u32::MAX {
                place[t] = out.rows.len() as u32;
                out.rows.push((
                    scratch.history.demand[t],
                    expected(t),
                    series.first_bucket + t as i32,
                ));
            }
            out.amounts.push((mark.driver, place[t], mark.amount));
        }
    }
    for (t, place) in place.iter().enumerate().skip(from) {
        if *place == u32::MAX && !series.censored[t] {
            out.plain.push((
                series.first_bucket + t as i32,
                scratch.history.demand[t],
                expected(t),
            ));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::drivers::Drivers;
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
        let mut panel = Panel {
            calendar,
            as_of,
            offsets: (0..=ITEMS).map(|i| i * WEEKS).collect(),
            demand: Vec::new(),
            exposure: vec![1.0; ITEMS * WEEKS],
            censored: vec![false; ITEMS * WEEKS],
            is_count: vec![true; ITEMS],
            opening_sale: vec![0.0; ITEMS],
            category: vec![0; ITEMS],
            supplier: vec![0; ITEMS],
            product: (0..ITEMS as u32).collect(),
            location: vec![0; ITEMS],
            weekday_profile: [1.0 / 7.0; 7],
            drivers: Drivers::default(),
        };
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

    fn means(panel: &Panel) -> Vec<Vec<f64>> {
        let settings =
            ForecastSettings { horizon: 4, seed: 1, model: ModelChoice::Auto, planning_days: 20 };
        let forecasts = forecast(panel, &fit(panel, &settings), &settings);
        (0..panel.len()).map(|item| forecasts.bucket_means(item).to_vec()).collect()
    }

    #[test]
    fn a_promotion_that_sold_more_raises_the_bucket_it_is_planned_for_and_no_other() {
        let (mut panel, keys, prices) = shop(2.5);
        // The weeks ahead are numbers 110 to 113: the last is a promotion.
        panel.drivers = Drivers::new(&panel, &keys, &[], &prices);
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
        panel.drivers = Drivers::new(&panel, &keys, &events, &prices);
        assert!(!panel.drivers.is_empty());
        assert_eq!(means(&panel), without);
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
        panel.drivers = Drivers::new(&panel, &keys, &events, &[]);
        let found = means(&panel);
        assert!(found[..ITEMS / 2].iter().all(|means| means[3] < 1.2 * means[1]), "{:?}", found[0]);
        assert!(
            found[ITEMS / 2..].iter().all(|means| means[3] > 2.2 * means[1]),
            "{:?}",
            found[ITEMS / 2]
        );
    }
}
