//! What may move demand beside level and season: events, promotions and prices, as the tables have
//! them, past and planned.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use crate::domain::calendar::{BucketCalendar, BucketLength, Day};
use crate::domain::key::Key;
use crate::domain::tables::{Event, Price, Text};

/// A stretch of buckets in which something may move demand.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
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
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Drivers {
    names: Vec<String>,
    by_location: Vec<Vec<Mark>>,
    by_item: Vec<Vec<Mark>>,
}

/// The logarithm of a price over its usual one stays within this. Judgement: beyond a price of
/// 3.3 times the usual, or of less than a third, a table more likely errs than informs.
const MAX_LOG_PRICE: f64 = 1.2;
/// Prices nearer to the usual one than this are the usual one. Judgement: half a per cent is
/// rounding.
const MIN_LOG_PRICE: f64 = 0.005;
/// Names of events or promotions beyond this many are not told apart. Judgement: it bounds the
/// time that learning their effects takes; a shop has fewer.
const MAX_NAMES: usize = 400;
/// Days after `as_of` to which a price without an end reaches. Judgement: past every horizon.
const OPEN_PRICE_DAYS: i32 = 1_500;

/// The items and the calendar that marks are laid on.
#[derive(Debug, Clone, Copy)]
pub struct MarkedItems<'a> {
    /// How buckets are numbered.
    pub calendar: BucketCalendar,
    /// The day from which on prices are planned and no longer past.
    pub as_of: Day,
    /// The planned items, sorted.
    pub keys: &'a [Key],
    /// Number of each item's location, beside `keys`.
    pub locations: &'a [u32],
}

impl MarkedItems<'_> {
    /// Number of each location by its name, and how many there are.
    fn location_numbers(&self) -> (BTreeMap<&str, usize>, usize) {
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        for (key, number) in self.keys.iter().zip(self.locations) {
            numbers.insert(&key.location, *number as usize);
        }

        let count = self.locations.iter().copied().max().map_or(0, |last| last as usize + 1);
        (numbers, count)
    }
}

impl Drivers {
    /// Reads the marks of planned items from the tables.
    #[must_use]
    pub fn new(items: &MarkedItems<'_>, events: &[Event], prices: &[Price]) -> Self {
        if events.is_empty() && prices.is_empty() {
            return Self::default();
        }

        let mut out = Self::default();
        let mut numbers = BTreeMap::new();
        out.read_events(items, events, &mut numbers);
        out.read_prices(items, prices, &mut numbers);
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

    /// The marks of the item that stands at `index` and has this number of a location: those of
    /// the location, then its own.
    pub fn of(&self, location: u32, index: usize) -> impl Iterator<Item = &Mark> {
        let here = self.by_location.get(location as usize).map_or(&[][..], Vec::as_slice);
        let own = self.by_item.get(index).map_or(&[][..], Vec::as_slice);
        here.iter().chain(own)
    }

    /// The same without marks of items.
    #[must_use]
    pub(super) fn without_items(&self) -> Self {
        let (names, by_location) = (self.names.clone(), self.by_location.clone());
        Self { names, by_location, by_item: Vec::new() }
    }

    /// Adds the marks of an item of others.
    pub(super) fn push_item_of(&mut self, other: &Self, item: usize) {
        self.by_item.extend(other.by_item.get(item).cloned());
    }

    /// The same marks under other numbers: of drivers by their place in `names`, which has all of
    /// ours, and of locations by their own number.
    pub(super) fn renumbered(&self, names: Vec<String>, locations: &BTreeMap<u32, u32>) -> Self {
        let number = |own: u32| {
            let name = self.names.get(own as usize)?;
            names.iter().position(|other| other == name)
        };
        let numbers: Vec<Option<usize>> = (0..self.names.len() as u32).map(number).collect();
        let renumber = |marks: &Vec<Mark>| -> Vec<Mark> {
            let of = |mark: &Mark| {
                let driver = numbers.get(mark.driver as usize).copied().flatten()?;
                Some(Mark { driver: driver as u32, ..*mark })
            };
            marks.iter().filter_map(of).collect()
        };

        let last = locations.values().copied().max().map_or(0, |last| last as usize + 1);
        let mut by_location = vec![Vec::new(); if self.by_location.is_empty() { 0 } else { last }];
        for (own, marks) in self.by_location.iter().enumerate() {
            let place = locations.get(&(own as u32)).map(|at| *at as usize);
            if let Some(here) = place.and_then(|at| by_location.get_mut(at)) {
                *here = renumber(marks);
            }
        }
        Self { names, by_location, by_item: self.by_item.iter().map(renumber).collect() }
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
        items: &MarkedItems<'_>,
        events: &[Event],
        numbers: &mut BTreeMap<String, u32>,
    ) {
        let mut by_name: BTreeMap<&Text, Vec<&Event>> = BTreeMap::new();
        for event in events {
            by_name.entry(&event.event).or_default().push(event);
        }

        let (location_numbers, locations) = items.location_numbers();
        self.by_location = vec![Vec::new(); locations];

        for (name, rows) in by_name.into_iter().take(MAX_NAMES) {
            for (shift, said) in buckets_around(items.calendar.length) {
                let driver = self.number(numbers, format!("event {name}{said}"));
                for (location, marks) in self.by_location.iter_mut().enumerate() {
                    let happens_here = |row: &&&Event| {
                        let name = row.location.as_ref();
                        name.is_none_or(|name| location_numbers.get(&**name) == Some(&location))
                    };
                    let days: Vec<Day> =
                        rows.iter().filter(happens_here).map(|row| row.date).collect();
                    marks.extend(event_marks(&items.calendar, &days, *shift, driver));
                }
            }
        }
    }

    fn read_prices(
        &mut self,
        items: &MarkedItems<'_>,
        prices: &[Price],
        numbers: &mut BTreeMap<String, u32>,
    ) {
        if prices.is_empty() {
            return;
        }

        let price = self.number(numbers, "price".into());
        let promotion = self.number(numbers, "promotion".into());
        let names: BTreeSet<&Text> =
            prices.iter().filter_map(|row| row.promotion.as_ref()).collect();
        let by_name: BTreeMap<&Text, u32> = names
            .into_iter()
            .take(MAX_NAMES)
            .map(|name| (name, self.number(numbers, format!("promotion {name}"))))
            .collect();
        let drivers = PriceDrivers { price, promotion, by_name };

        let mut by_sku: BTreeMap<&str, Vec<&Price>> = BTreeMap::new();
        for row in prices {
            by_sku.entry(&row.sku).or_default().push(row);
        }

        self.by_item = vec![Vec::new(); items.keys.len()];
        for (key, marks) in items.keys.iter().zip(&mut self.by_item) {
            if let Some(rows) = by_sku.get(&*key.sku) {
                let rows = prices_of(key, rows);
                drivers.mark(items, &rows, marks);
            }
        }
    }
}

/// Buckets around an event that it moves too: how far away, and what is said of them.
fn buckets_around(length: BucketLength) -> &'static [(i32, &'static str)] {
    match length {
        BucketLength::Day => {
            &[(0, ""), (-1, ", the day before"), (-2, ", two days before"), (1, ", the day after")]
        }
        BucketLength::Week => &[(0, ""), (-1, ", the week before")],
        BucketLength::Month => &[(0, ""), (-1, ", the month before")],
    }
}

/// Numbers of what a table of prices says: a price, any promotion, and each promotion by its name.
struct PriceDrivers<'a> {
    price: u32,
    promotion: u32,
    by_name: BTreeMap<&'a Text, u32>,
}

impl PriceDrivers<'_> {
    /// Marks what an item's rows say, in the order of their days.
    fn mark(&self, items: &MarkedItems<'_>, rows: &[&Price], marks: &mut Vec<Mark>) {
        let Some(usual) = usual_price(rows, items.as_of) else { return };

        for (index, row) in rows.iter().enumerate() {
            // A row without an end holds until the next begins, but for promotions, which lie over
            // it.
            let next = rows[index + 1..]
                .iter()
                .find(|next| next.promotion.is_none() && next.from > row.from);
            let open =
                next.map_or(items.as_of.saturating_add(OPEN_PRICE_DAYS), |next| next.from - 1);
            let days = row.from..=row.to.unwrap_or(open);

            let ratio = log_price(row.unit_price.to_f64(), usual);
            if ratio.abs() >= MIN_LOG_PRICE {
                push_stretch(&items.calendar, marks, days.clone(), self.price, ratio);
            }

            let Some(name) = &row.promotion else { continue };
            push_stretch(&items.calendar, marks, days.clone(), self.promotion, 1.0);
            if let Some(number) = self.by_name.get(name) {
                push_stretch(&items.calendar, marks, days, *number, 1.0);
            }
        }
    }
}

/// An item's prices among those of its sku, in the order of their days: a price of the location
/// stands before one of every location.
fn prices_of<'a>(key: &Key, rows: &[&'a Price]) -> Vec<&'a Price> {
    let own = |row: &&Price| row.location.as_ref() == Some(&key.location);
    let mut found: Vec<&Price> = rows.iter().copied().filter(own).collect();
    if found.is_empty() {
        found = rows.iter().copied().filter(|row| row.location.is_none()).collect();
    }

    found.sort_by(|a, b| {
        (a.from, a.to, a.unit_price, &a.promotion).cmp(&(b.from, b.to, b.unit_price, &b.promotion))
    });
    found
}

/// The logarithm of a price over the usual one, within bounds; 0 where it cannot be taken.
fn log_price(price: f64, usual: f64) -> f64 {
    let ratio = libm::log(price / usual);
    if ratio.is_finite() { ratio.clamp(-MAX_LOG_PRICE, MAX_LOG_PRICE) } else { 0.0 }
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

/// Marks a stretch of days: whole buckets together, a bucket in part by its share of days.
fn push_stretch(
    calendar: &BucketCalendar,
    marks: &mut Vec<Mark>,
    days: RangeInclusive<Day>,
    driver: u32,
    amount: f64,
) {
    if days.is_empty() {
        return;
    }

    let (from, end) = (*days.start(), days.end().saturating_add(1));
    let part = |bucket: i32| {
        let (start, next) = (calendar.start_of(bucket), calendar.start_of(bucket + 1));
        let share = f64::from(end.min(next) - from.max(start)) / f64::from((next - start).max(1));
        Mark { first: bucket, last: bucket, driver, amount: (amount * share) as f32 }
    };

    let (mut first, mut last) = (calendar.bucket_of(from), calendar.bucket_of(*days.end()));
    if calendar.start_of(first) < from {
        marks.push(part(first));
        first += 1;
    }
    if last >= first && end < calendar.start_of(last + 1) {
        marks.push(part(last));
        last -= 1;
    }
    if last >= first {
        marks.push(Mark { first, last, driver, amount: amount as f32 });
    }
}

/// The price that an item has on most days before `as_of`: the median over days, promotions left
/// out if there are other prices. `None` if there is no price before `as_of`.
fn usual_price(rows: &[&Price], as_of: Day) -> Option<f64> {
    let plain: Vec<&Price> = rows.iter().copied().filter(|row| row.promotion.is_none()).collect();
    median_price(&plain, as_of).or_else(|| median_price(rows, as_of))
}

/// The median of the prices over the days before `as_of` that each held.
fn median_price(rows: &[&Price], as_of: Day) -> Option<f64> {
    let mut known: Vec<(f64, i64)> = rows
        .iter()
        .filter(|row| row.unit_price.steps() > 0)
        .map(|row| (row.unit_price.to_f64(), days_before(row, as_of)))
        .filter(|(_, days)| *days > 0)
        .collect();
    known.sort_by(|(a, _), (b, _)| a.total_cmp(b));

    let half = known.iter().map(|(_, days)| days).sum::<i64>() / 2;
    let mut before = 0;
    let median = known.into_iter().find(|(_, days)| {
        before += days;
        before > half
    });
    median.map(|(price, _)| price)
}

/// Days up to `as_of` on which a price held; none or less if it begins later.
fn days_before(row: &Price, as_of: Day) -> i64 {
    i64::from(row.to.unwrap_or(as_of).min(as_of)) - i64::from(row.from) + 1
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
        push_stretch(&weeks(), &mut marks, REVIEW_EPOCH + 5..=REVIEW_EPOCH + 29, 3, 1.0);
        let found: Vec<(i32, i32, f32)> =
            marks.iter().map(|mark| (mark.first, mark.last, mark.amount)).collect();
        assert_eq!(found, [(0, 0, 2.0 / 7.0), (4, 4, 2.0 / 7.0), (1, 3, 1.0)]);
        marks.clear();
        push_stretch(&weeks(), &mut marks, REVIEW_EPOCH + 1..=REVIEW_EPOCH + 2, 3, 1.0);
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
