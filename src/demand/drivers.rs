//! What may move demand beside level and season: events, promotions and prices, as the tables have
//! them, past and planned.

use std::collections::BTreeMap;

use super::panel::Panel;
use crate::domain::calendar::{BucketCalendar, BucketLength, Day};
use crate::domain::key::Key;
use crate::domain::tables::{Event, Price, Text};

/// A stretch of buckets in which something may move demand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// First bucket on the panel's calendar.
    pub first: i32,
    /// Last bucket.
    pub last: i32,
    /// Number of what it is, among [`Drivers::names`].
    pub driver: u32,
    /// How much of it there is: the share of the bucket's days, or the logarithm of a price over
    /// its usual one.
    pub amount: f32,
}

/// The marks of a panel's items. Empty where no table says anything, and then nothing is computed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drivers {
    names: Vec<String>,
    by_location: Vec<Vec<Mark>>,
    by_item: Vec<Vec<Mark>>,
}

/// The logarithm of a price over its usual one stays within this.
const MAX_LOG_PRICE: f64 = 1.2;
/// Prices nearer to the usual one than this are the usual one.
const MIN_LOG_PRICE: f64 = 0.005;
/// Names of events or promotions beyond this many are not told apart.
const MAX_NAMES: usize = 400;

impl Drivers {
    /// Reads the marks from the tables for planned items. `locations` numbers the items' locations
    /// as the panel does.
    #[must_use]
    pub fn new(panel: &Panel, keys: &[Key], events: &[Event], prices: &[Price]) -> Self {
        if events.is_empty() && prices.is_empty() {
            return Self::default();
        }
        let mut out = Self::default();
        let mut numbers = BTreeMap::new();
        out.read_events(panel, keys, events, &mut numbers);
        out.read_prices(panel, keys, prices, &mut numbers);
        out
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// What there is, by number.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The marks of an item: those of its location, then its own.
    pub fn of(&self, panel: &Panel, item: usize) -> impl Iterator<Item = &Mark> {
        let here =
            self.by_location.get(panel.location[item] as usize).map_or(&[][..], Vec::as_slice);
        here.iter().chain(self.by_item.get(item).map_or(&[][..], Vec::as_slice))
    }

    fn number(&mut self, numbers: &mut BTreeMap<String, u32>, name: String) -> u32 {
        if let Some(number) = numbers.get(&name) {
            return *number;
        }
        let number = self.names.len() as u32;
        self.names.push(name.clone());
        numbers.insert(name, number);
        number
    }

    /// Each event moves its own bucket and the one before; of days, also the two days before and
    /// the day after.
    fn read_events(
        &mut self,
        panel: &Panel,
        keys: &[Key],
        events: &[Event],
        numbers: &mut BTreeMap<String, u32>,
    ) {
        let calendar = &panel.calendar;
        let mut by_name: BTreeMap<&Text, Vec<&Event>> = BTreeMap::new();
        events.iter().for_each(|event| by_name.entry(&event.event).or_default().push(event));
        let mut place_of: BTreeMap<&str, usize> = BTreeMap::new();
        keys.iter().zip(&panel.location).for_each(|(key, number)| {
            place_of.insert(&key.location, *number as usize);
        });
        self.by_location =
            vec![
                Vec::new();
                panel.location.iter().copied().max().map_or(0, |most| most as usize + 1)
            ];
        let around: &[(i32, &str)] = match calendar.length {
            BucketLength::Day => &[
                (0, ""),
                (-1, ", the day before"),
                (-2, ", two days before"),
                (1, ", the day after"),
            ],
            BucketLength::Week => &[(0, ""), (-1, ", the week before")],
            BucketLength::Month => &[(0, ""), (-1, ", the month before")],
        };
        for (name, rows) in by_name.into_iter().take(MAX_NAMES) {
            for (shift, said) in around {
                let driver = self.number(numbers, format!("event {name}{said}"));
                for (place, marks) in self.by_location.iter_mut().enumerate() {
                    let here = |row: &&&Event| {
                        row.location.as_ref().is_none_or(|at| place_of.get(&**at) == Some(&place))
                    };
                    let days: Vec<Day> = rows.iter().filter(here).map(|row| row.date).collect();
                    marks.extend(event_marks(calendar, &days, *shift, driver));
                }
            }
        }
    }

    fn read_prices(
        &mut self,
        panel: &Panel,
        keys: &[Key],
        prices: &[Price],
        numbers: &mut BTreeMap<String, u32>,
    ) {
        if prices.is_empty() {
            return;
        }
        let (price, promotion) =
            (self.number(numbers, "price".into()), self.number(numbers, "promotion".into()));
        let named: Vec<&Text> = prices.iter().filter_map(|row| row.promotion.as_ref()).collect();
        let names: std::collections::BTreeSet<&Text> = named.into_iter().collect();
        let names: BTreeMap<&Text, u32> = names
            .into_iter()
            .take(MAX_NAMES)
            .map(|name| (name, self.number(numbers, format!("promotion {name}"))))
            .collect();
        let mut by_sku: BTreeMap<&str, Vec<&Price>> = BTreeMap::new();
        prices.iter().for_each(|row| by_sku.entry(&row.sku).or_default().push(row));
        self.by_item = vec![Vec::new(); keys.len()];
        for (item, key) in keys.iter().enumerate() {
            let Some(rows) = by_sku.get(&*key.sku) else { continue };
            // A price of the location stands before one of every location.
            let own: Vec<&Price> = rows
                .iter()
                .copied()
                .filter(|row| row.location.as_ref() == Some(&key.location))
                .collect();
            let mut rows: Vec<&Price> = if own.is_empty() {
                rows.iter().copied().filter(|row| row.location.is_none()).collect()
            } else {
                own
            };
            rows.sort_by(|a, b| {
                (a.from, a.to, a.unit_price, &a.promotion).cmp(&(
                    b.from,
                    b.to,
                    b.unit_price,
                    &b.promotion,
                ))
            });
            let Some(usual) = usual_price(&rows, panel.as_of) else { continue };
            let marks = &mut self.by_item[item];
            for (at, row) in rows.iter().enumerate() {
                // A row without an end holds until the next begins, but for promotions, which lie
                // over it.
                let next = rows[at + 1..]
                    .iter()
                    .find(|next| next.promotion.is_none() && next.from > row.from);
                let open = next.map_or(panel.as_of.saturating_add(1_500), |next| next.from - 1);
                let to = row.to.unwrap_or(open);
                let ratio = libm::log(row.unit_price.to_f64() / usual);
                let ratio = if ratio.is_finite() {
                    ratio.clamp(-MAX_LOG_PRICE, MAX_LOG_PRICE)
                } else {
                    0.0
                };
                if ratio.abs() >= MIN_LOG_PRICE {
                    push_stretch(&panel.calendar, marks, (row.from, to), price, ratio);
                }
                if let Some(name) = &row.promotion {
                    push_stretch(&panel.calendar, marks, (row.from, to), promotion, 1.0);
                    if let Some(number) = names.get(name) {
                        push_stretch(&panel.calendar, marks, (row.from, to), *number, 1.0);
                    }
                }
            }
        }
    }
}

/// Marks of one event: each bucket counts the event's days in it, relative to the mean over buckets
/// that have any.
fn event_marks(calendar: &BucketCalendar, days: &[Day], shift: i32, driver: u32) -> Vec<Mark> {
    let mut counts: BTreeMap<i32, u32> = BTreeMap::new();
    for day in days {
        *counts.entry(calendar.bucket_of(*day) + shift).or_default() += 1;
    }
    let mean = counts.values().sum::<u32>() as f32 / counts.len().max(1) as f32;
    let mark = |(bucket, count): (i32, u32)| Mark {
        first: bucket,
        last: bucket,
        driver,
        amount: count as f32 / mean,
    };
    counts.into_iter().map(mark).collect()
}

/// Marks the days `from` to `to`: whole buckets together, a bucket in part by its share of days.
fn push_stretch(
    calendar: &BucketCalendar,
    marks: &mut Vec<Mark>,
    (from, to): (Day, Day),
    driver: u32,
    amount: f64,
) {
    if to < from {
        return;
    }
    let (mut first, mut last) = (calendar.bucket_of(from), calendar.bucket_of(to));
    let mut part = |bucket: i32| {
        let (start, end) = (calendar.start_of(bucket), calendar.start_of(bucket + 1));
        let share = f64::from(to.saturating_add(1).min(end) - from.max(start))
            / f64::from((end - start).max(1));
        marks.push(Mark { first: bucket, last: bucket, driver, amount: (amount * share) as f32 });
    };
    if calendar.start_of(first) < from {
        part(first);
        first += 1;
    }
    if last >= first && to.saturating_add(1) < calendar.start_of(last + 1) {
        part(last);
        last -= 1;
    }
    if last >= first {
        marks.push(Mark { first, last, driver, amount: amount as f32 });
    }
}

/// The price that an item has on most days before `as_of`: the median over days, promotions left
/// out where there are others.
fn usual_price(rows: &[&Price], as_of: Day) -> Option<f64> {
    let days =
        |row: &Price| i64::from(row.to.unwrap_or(as_of).min(as_of)) - i64::from(row.from) + 1;
    let of = |promoted: bool| {
        let mut known: Vec<(f64, i64)> = rows
            .iter()
            .filter(|row| {
                (promoted || row.promotion.is_none()) && row.unit_price.0 > 0 && days(row) > 0
            })
            .map(|row| (row.unit_price.to_f64(), days(row)))
            .collect();
        known.sort_by(|a, b| a.0.total_cmp(&b.0));
        let half = known.iter().map(|(_, days)| days).sum::<i64>() / 2;
        let mut before = 0;
        known.into_iter().find(|(_, days)| {
            before += days;
            before > half
        })
    };
    of(false).or_else(|| of(true)).map(|(price, _)| price)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::REVIEW_EPOCH;
    use crate::domain::fixed::Fixed;
    use chrono::Weekday;

    fn weeks() -> BucketCalendar {
        BucketCalendar::new(BucketLength::Week, Weekday::Mon)
    }

    #[test]
    fn a_stretch_marks_whole_weeks_and_parts_by_their_days() {
        let mut marks = Vec::new();
        push_stretch(&weeks(), &mut marks, (REVIEW_EPOCH + 5, REVIEW_EPOCH + 29), 3, 1.0);
        let found: Vec<(i32, i32, f32)> =
            marks.iter().map(|mark| (mark.first, mark.last, mark.amount)).collect();
        assert_eq!(found, [(0, 0, 2.0 / 7.0), (4, 4, 2.0 / 7.0), (1, 3, 1.0)]);
        marks.clear();
        push_stretch(&weeks(), &mut marks, (REVIEW_EPOCH + 1, REVIEW_EPOCH + 2), 3, 1.0);
        assert_eq!((marks.len(), marks[0].amount), (1, 2.0 / 7.0));
    }

    #[test]
    fn an_event_counts_its_days_against_its_usual_ones() {
        let one = event_marks(&weeks(), &[REVIEW_EPOCH + 3, REVIEW_EPOCH + 80], 0, 1);
        assert!(one.iter().all(|mark| mark.amount == 1.0));
        let two = event_marks(
            &weeks(),
            &[REVIEW_EPOCH, REVIEW_EPOCH + 1, REVIEW_EPOCH + 2, REVIEW_EPOCH + 7],
            -1,
            1,
        );
        assert_eq!(
            two.iter().map(|mark| (mark.first, mark.amount)).collect::<Vec<_>>(),
            [(-1, 1.5), (0, 0.5)]
        );
    }

    #[test]
    fn the_usual_price_is_the_one_of_most_days_without_promotion() {
        let row = |from, to, units, promotion: Option<&str>| Price {
            sku: "a".into(),
            location: None,
            from,
            to,
            unit_price: Fixed::from_units(units),
            promotion: promotion.map(Into::into),
        };
        let rows = [
            row(0, Some(9), 9, None),
            row(10, None, 10, None),
            row(20, Some(500), 5, Some("sale")),
        ];
        assert_eq!(usual_price(&rows.iter().collect::<Vec<_>>(), 100), Some(10.0));
        assert_eq!(usual_price(&[], 100), None);
    }
}
