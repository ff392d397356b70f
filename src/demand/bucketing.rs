//! Sums clean demand into buckets: each item's history from its first day to the day before
//! `as_of`.

use std::collections::{BTreeMap, HashMap};

use crate::domain::calendar::{BucketCalendar, BucketLength, Day, weekday_of};
use crate::domain::key::Key;
use crate::domain::tables::{Availability, CleanDemand};

use super::censoring::mark_censored;
use super::dated::{DatedDemand, KEPT_DAYS};
use super::drivers::Drivers;
use super::panel::{Panel, PanelItems};
use super::shared_column::SharedColumn;
use crate::stats::random;

/// A day counts at most as so many mean days of its item in the weekday profile. Judgement: one
/// bulk order says little of its weekday.
const MAX_DAY_WEIGHT: f64 = 4.0;

/// A launch counts at most so many days before the first order row of the shop: what was sold
/// before that is not known, and no evidence of no demand. Judgement: who opens a shop sells
/// something in the first four weeks.
const UNKNOWN_DAYS: Day = 28;

/// What bucketing needs to know about one item in addition to its demand.
#[derive(Debug, Clone, Default)]
pub struct ItemDemandFacts {
    /// The day the item went on sale, if it is known.
    pub launch_day: Option<Day>,
    /// Number of the item's category.
    pub category: u32,
    /// Number of the item's first supplier.
    pub supplier: u32,
    /// Whether unmet demand is lost, so that a stock-out hides demand.
    pub is_lost: bool,
}

/// Builds the panel of all planned items.
///
/// `keys` are the planned items, sorted, and `facts` what is known of each, in the same order.
/// Demand of keys that are not planned is left out.
#[must_use]
pub fn panel(
    calendar: BucketCalendar,
    as_of: Day,
    keys: &[Key],
    facts: &[ItemDemandFacts],
    sources: &Sources<'_>,
) -> Panel {
    let weekday_profile = weekday_profile(sources.demand);
    let availability = by_key(keys, sources.availability);

    let items = PanelItems {
        calendar,
        as_of,
        offsets: Vec::with_capacity(keys.len() + 1),
        exposure: SharedColumn::default(),
        censored: SharedColumn::default(),
        is_count: Vec::with_capacity(keys.len()),
        opening_sale: Vec::with_capacity(keys.len()),
        key_hash: keys.iter().map(|key| random::hash(&[&key.sku, &key.location])).collect(),
        category: facts.iter().map(|fact| fact.category).collect(),
        supplier: facts.iter().map(|fact| fact.supplier).collect(),
        worth_band: vec![0; keys.len()],
        product: number(keys.iter().map(|key| &key.sku)),
        location: number(keys.iter().map(|key| &key.location)),
        weekday_profile,
        dated: DatedDemand::new(calendar.length, sources.demand.days.iter().all(|days| *days == 1)),
        drivers: Drivers::default(),
        similar: BTreeMap::new(),
    };
    let mut panel = Panel::new(items, Vec::new());
    panel.offsets.push(0);
    let known_from = sources.demand.day.iter().min().copied();

    let mut at = 0;
    for (item, key) in keys.iter().enumerate() {
        while at < sources.demand.keys.len() && sources.demand.keys[at] < *key {
            at += 1;
        }

        let rows = match sources.demand.keys.get(at) {
            Some(found) if found == key => {
                sources.demand.offsets[at]..sources.demand.offsets[at + 1]
            }
            _ => 0..0,
        };

        let history = DemandRows {
            day: &sources.demand.day[rows.clone()],
            days: &sources.demand.days[rows.clone()],
            quantity: sources.demand.quantity[rows]
                .iter()
                .map(|quantity| quantity.to_f64())
                .collect(),
            availability: &availability[item],
        };

        let first_row = history.day.first().copied();
        let launch_day = known_launch(facts[item].launch_day, known_from, first_row);
        push_item(&mut panel, &history, &ItemDemandFacts { launch_day, ..facts[item].clone() });
    }

    panel
}

/// The tables that a panel is built from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// Demand by item and day.
    pub demand: &'a CleanDemand,
    /// When items were on sale.
    pub availability: &'a [Availability],
}

/// The rows of one item.
struct DemandRows<'a> {
    day: &'a [Day],
    days: &'a [u8],
    quantity: Vec<f64>,
    availability: &'a [&'a Availability],
}

/// Adds one item's buckets to the panel.
fn push_item(panel: &mut Panel, rows: &DemandRows<'_>, facts: &ItemDemandFacts) {
    panel.is_count.push(rows.quantity.iter().all(|quantity| quantity.fract() == 0.0));

    let (start, opening_sale) = history_start(rows, facts.launch_day, panel.as_of);
    panel.opening_sale.push(opening_sale);
    let kept = start.unwrap_or(panel.as_of).max(panel.as_of.saturating_sub(KEPT_DAYS));
    let as_of = panel.as_of;
    let dated = rows.day.iter().zip(&rows.quantity).map(|(day, quantity)| (*day, *quantity));
    panel.dated.push_item(kept, dated.filter(|(day, _)| *day < as_of));

    let (mut exposure, mut censored) = (Vec::new(), Vec::new());
    if let Some(start) = start.filter(|start| *start < panel.as_of) {
        let calendar = panel.calendar;
        let (first, last) = (calendar.bucket_of(start), calendar.bucket_of(panel.as_of - 1));

        let base = panel.demand.len();
        let count = (last - first + 1).max(0) as usize;
        panel.demand.resize(base + count, 0.0);
        exposure.resize(count, 1.0);
        censored.resize(count, false);

        for ((day, days), quantity) in rows.day.iter().zip(rows.days).zip(&rows.quantity) {
            // A row that covers several days counts in the bucket that holds its middle day.
            let middle = day + i32::from(*days) / 2;
            if middle >= start && middle < panel.as_of {
                panel.demand[base + (calendar.bucket_of(middle) - first) as usize] += quantity;
            }
        }

        panel.demand[base..].iter_mut().for_each(|demand| *demand = demand.max(0.0));

        set_exposure(panel, &mut exposure, start);
        if facts.is_lost {
            mark_censored(calendar, &mut censored, first, rows.availability);
        }
    }
    panel.exposure.push(&exposure);
    panel.censored.push(&censored);

    let end = panel.demand.len();
    panel.offsets.push(end);
}

/// The day from which on an item that was launched is known: its launch, or the first order row of
/// the shop where that came long after; `None` where the item's own first sale is that row.
fn known_launch(
    launch_day: Option<Day>,
    known_from: Option<Day>,
    first_row: Option<Day>,
) -> Option<Day> {
    let launch_day = launch_day?;
    let Some(known_from) = known_from else { return Some(launch_day) };
    if known_from.saturating_sub(launch_day) <= UNKNOWN_DAYS {
        return Some(launch_day);
    }

    (first_row != Some(known_from)).then_some(known_from)
}

/// The first day that is evidence of the rate, and the units of the sale that opened the history; 0
/// if it did not open with one.
fn history_start(rows: &DemandRows<'_>, launch_day: Option<Day>, as_of: Day) -> (Option<Day>, f64) {
    let first_row = rows.day.first().copied();

    match (first_row, launch_day.filter(|day| *day < as_of)) {
        (Some(row), Some(launch)) if launch <= row => (Some(launch), 0.0),
        (None, launch) => (launch, 0.0),
        (Some(row), _) => {
            let quantity = rows.quantity.first().copied().unwrap_or(0.0);
            if quantity > 0.0 {
                let next = row + i32::from(rows.days.first().copied().unwrap_or(1).max(1));
                (Some(next), quantity)
            } else {
                (Some(row), 0.0)
            }
        }
    }
}

/// Sets the exposure of the first and the last bucket, which the history may cover in part.
fn set_exposure(panel: &Panel, exposure: &mut [f32], start: Day) {
    let calendar = panel.calendar;
    if calendar.length == BucketLength::Day {
        return;
    }

    let (first, last) = (calendar.bucket_of(start), calendar.bucket_of(panel.as_of - 1));
    let last_share = share_of_bucket(panel, last, calendar.start_of(last).max(start), panel.as_of);
    let first_share =
        share_of_bucket(panel, first, start, calendar.start_of(first + 1).min(panel.as_of));

    if let Some(exposure) = exposure.last_mut() {
        *exposure = last_share;
    }
    if let Some(exposure) = exposure.first_mut() {
        *exposure = first_share;
    }
}

/// How much of a bucket's usual demand falls on its days from `from` to `to − 1`, by weekday.
fn share_of_bucket(panel: &Panel, bucket: i32, from: Day, to: Day) -> f32 {
    let (start, end) = (panel.calendar.start_of(bucket), panel.calendar.start_of(bucket + 1));
    let whole = profile_days(&panel.weekday_profile, start, end);
    (profile_days(&panel.weekday_profile, from, to) / whole).clamp(1e-3, 1.0) as f32
}

/// Weight of the days from `from` to `to − 1`, where an average day weighs 1.
#[must_use]
pub fn profile_days(profile: &[f64; 7], from: Day, to: Day) -> f64 {
    let weeks = (to - from).div_euclid(7);
    let rest = (from + weeks * 7..to).map(|day| profile[weekday_of(day)] * 7.0).sum::<f64>();

    f64::from(weeks) * 7.0 + rest
}

/// Share of a week's demand on each weekday, over all items: a day with demand counts by its units
/// over the item's mean, so that an item counts by its days and a steady seller shows its weekdays.
fn weekday_profile(demand: &CleanDemand) -> [f64; 7] {
    let mut sums = [0.0_f64; 7];
    for item in demand.offsets.windows(2) {
        let rows = item[0]..item[1];
        let single: Vec<(Day, f64)> = rows
            .filter(|row| demand.days[*row] == 1 && demand.quantity[*row].steps() > 0)
            .map(|row| (demand.day[row], demand.quantity[row].to_f64()))
            .collect();
        let mean = single.iter().map(|row| row.1).sum::<f64>() / single.len().max(1) as f64;
        for (day, units) in single {
            sums[weekday_of(day)] += (units / mean).min(MAX_DAY_WEIGHT);
        }
    }
    let total: f64 = sums.iter().sum();

    // Judgement: a twentieth of an even week is added, so that the share of a weekday on which the
    // shop is closed stays above 0.
    let even = total.max(1.0) / 20.0;

    sums.map(|sum| (sum + even / 7.0) / (total + even))
        .map(|share| if total == 0.0 { 1.0 / 7.0 } else { share })
}

/// Groups the rows of a table by planned item.
fn by_key<'a>(keys: &[Key], rows: &'a [Availability]) -> Vec<Vec<&'a Availability>> {
    let mut grouped = vec![Vec::new(); keys.len()];
    for row in rows {
        if let Ok(item) = keys.binary_search(&row.key) {
            grouped[item].push(row);
        }
    }
    grouped
}

/// Numbers texts from 0 in the order in which they first come.
pub fn number<'a>(texts: impl Iterator<Item = &'a std::sync::Arc<str>>) -> Vec<u32> {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    texts
        .map(|text| {
            let next = numbers.len() as u32;
            *numbers.entry(text).or_insert(next)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::REVIEW_EPOCH;
    use crate::domain::fixed::Fixed;
    use chrono::Weekday;

    fn demand(rows: &[(Day, i64)]) -> CleanDemand {
        CleanDemand {
            keys: vec![Key::new("a", "main")],
            offsets: vec![0, rows.len()],
            day: rows.iter().map(|row| row.0).collect(),
            days: vec![1; rows.len()],
            quantity: rows.iter().map(|row| Fixed::from_units(row.1)).collect(),
            ..CleanDemand::default()
        }
    }

    fn build(
        length: BucketLength,
        as_of: Day,
        rows: &[(Day, i64)],
        facts: &ItemDemandFacts,
    ) -> Panel {
        let calendar = BucketCalendar::new(length, Weekday::Mon);
        let demand = demand(rows);
        let sources = Sources { demand: &demand, availability: &[] };
        panel(calendar, as_of, &demand.keys, std::slice::from_ref(facts), &sources)
    }

    const MONDAY: Day = REVIEW_EPOCH;

    #[test]
    fn days_without_rows_are_zeros_up_to_as_of() {
        let rows = [(MONDAY, 0), (MONDAY + 2, 5)];
        let panel = build(BucketLength::Day, MONDAY + 5, &rows, &ItemDemandFacts::default());

        assert_eq!(panel.demand, [0.0, 0.0, 5.0, 0.0, 0.0]);
    }

    #[test]
    fn the_sale_that_opens_a_history_is_no_evidence_of_the_rate() {
        let rows = [(MONDAY, 9), (MONDAY + 2, 5)];
        let panel = build(BucketLength::Day, MONDAY + 5, &rows, &ItemDemandFacts::default());

        assert_eq!(panel.demand, [0.0, 5.0, 0.0, 0.0]);
        assert_eq!(panel.opening_sale, [9.0]);
    }

    #[test]
    fn a_launch_date_opens_the_history_and_keeps_the_first_sale() {
        let facts = ItemDemandFacts { launch_day: Some(MONDAY - 2), ..Default::default() };
        let panel = build(BucketLength::Day, MONDAY + 2, &[(MONDAY, 9)], &facts);

        assert_eq!(panel.demand, [0.0, 0.0, 9.0, 0.0]);
        assert_eq!(panel.opening_sale, [0.0]);
    }

    #[test]
    fn partial_weeks_carry_their_share_of_days() {
        let rows = [(MONDAY + 5, 0), (MONDAY + 7, 7), (MONDAY + 14, 1)];
        let panel = build(BucketLength::Week, MONDAY + 16, &rows, &ItemDemandFacts::default());

        assert_eq!(panel.demand, [0.0, 7.0, 1.0]);
        let series = panel.series(0);
        assert!(series.exposure[0] < 0.6 && series.exposure[2] < 1.0);
        assert_eq!((series.exposure[1], series.first_bucket), (1.0, 0));
    }

    #[test]
    fn a_history_inside_one_bucket_has_the_exposure_of_its_own_days() {
        let panel =
            build(BucketLength::Week, MONDAY + 3, &[(MONDAY + 1, 0)], &ItemDemandFacts::default());

        assert_eq!(panel.demand.len(), 1);
        let exposure = panel.series(0).exposure[0];
        assert!(exposure > 0.0 && exposure < 1.0);
    }
}
