//! Order days far beyond all others of their item: bulk orders that come once, and are not what the
//! item usually sells.

use super::panel::Panel;
use crate::domain::calendar::{BucketLength, Day};

/// A bulk day is more than this many times the largest other one. Judgement: orders of shops and of
/// their trade customers differ tenfold; a hundred beside one is another kind of business.
const RATIO: f64 = 10.0;
/// Other order days that an item needs for one to be judged. Judgement: fewer do not tell what an
/// order usually is.
const MIN_OTHERS: usize = 3;
/// Other order days beside which two bulk days are exceptions still, with dates of their own.
/// Judgement: one in eleven; a third one is a habit.
const MIN_OTHERS_OF_TWO: usize = 20;
/// Days of usual demand that a bulk day exceeds. Judgement: four weeks; less is soon sold again.
const MIN_DAYS: f64 = 28.0;

/// A bulk order day, brought down before forecasting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BulkDay {
    /// Index of the item in the panel.
    pub item: usize,
    /// The day; the first one where it is not known to the day.
    pub day: Day,
    /// Units demanded.
    pub units: f64,
    /// Units kept.
    pub usual: f64,
    /// How many other order days the item has.
    pub others: usize,
    /// The largest of them, in units.
    pub largest_other: f64,
}

/// What days an item's demand is known for.
struct OrderDays {
    days: Vec<Day>,
    units: Vec<f64>,
}

/// Positions of the bulk days among an item's order days, by size: none, one, or two. `rest_days`
/// is how long the history is, in days.
///
/// What comes again in that size is no exception: beside a third one, or two among few others,
/// nothing is a bulk day.
///
/// ```
/// use restock::demand::bulk::bulk_days_of;
/// assert_eq!(bulk_days_of(&[2.0, 3.0, 900.0, 1.0, 4.0], 70.0), [2]);
/// assert_eq!(bulk_days_of(&[2.0, 3.0, 900.0, 1.0, 800.0], 70.0), [0; 0]);
/// ```
#[must_use]
pub fn bulk_days_of(units: &[f64], history_days: f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by(|a, b| units[*b].total_cmp(&units[*a]).then(a.cmp(b)));

    let is_bulk = |count: usize, min_others: usize| {
        let (bulk, others) = order.split_at(count.min(order.len()));
        let (Some(least), Some(next)) = (bulk.last(), others.first()) else { return false };
        let rest: f64 = others.iter().map(|at| units[*at]).sum();
        others.len() >= min_others
            && units[*least] > RATIO * units[*next]
            && units[*least] > MIN_DAYS * rest / history_days.max(1.0)
    };
    let count = match () {
        () if is_bulk(1, MIN_OTHERS) => 1,
        () if is_bulk(2, MIN_OTHERS_OF_TWO) => 2,
        () => 0,
    };
    order.truncate(count);
    order
}

/// Brings bulk days down to what an order of their item usually is, in place, and says which.
/// Demand that an event, a promotion or a price may explain is left.
pub fn damp_bulk_days(panel: &mut Panel) -> Vec<BulkDay> {
    let mut found = Vec::new();
    for item in 0..panel.len() {
        let series = panel.series(item);
        let history_days = series.demand.len() as f64 * panel.calendar.mean_days();
        let orders = order_days(panel, item);
        let bulk = bulk_days_of(&orders.units, history_days);
        if bulk.is_empty() {
            continue;
        }

        let mut others: Vec<f64> = (0..orders.units.len())
            .filter(|at| !bulk.contains(at))
            .map(|at| orders.units[at])
            .collect();
        others.sort_by(f64::total_cmp);
        let (usual, largest_other) = (others[(others.len() - 1) / 2], others[others.len() - 1]);
        for at in bulk {
            let (day, units) = (orders.days[at], orders.units[at]);
            if !is_explained(panel, item, day) {
                found.push(BulkDay {
                    item,
                    day,
                    units,
                    usual,
                    others: others.len(),
                    largest_other,
                });
            }
        }
    }

    found.iter().for_each(|bulk| damp(panel, bulk));
    found
}

/// The days with demand of an item; buckets where days are not known.
fn order_days(panel: &Panel, item: usize) -> OrderDays {
    let series = panel.series(item);
    match panel.dated.of(item).filter(|_| panel.calendar.length != BucketLength::Day) {
        Some(rows) => OrderDays {
            days: rows.day.to_vec(),
            units: rows.units.iter().map(|units| f64::from(*units)).collect(),
        },
        None => {
            let sold = series.demand.iter().enumerate().filter(|(_, units)| **units > 0.0);
            let (days, units) = sold
                .map(|(at, units)| {
                    (panel.calendar.start_of(series.first_bucket + at as i32), *units)
                })
                .unzip();
            OrderDays { days, units }
        }
    }
}

fn is_explained(panel: &Panel, item: usize, day: Day) -> bool {
    let bucket = panel.calendar.bucket_of(day);
    let mut marks = panel.drivers.of(panel.location[item], item);
    marks.any(|mark| (mark.first..=mark.last).contains(&bucket))
}

fn damp(panel: &mut Panel, bulk: &BulkDay) {
    let bucket = panel.calendar.bucket_of(bulk.day);
    let first = panel.series(bulk.item).first_bucket;
    let Ok(at) = usize::try_from(bucket - first) else { return };
    let at = panel.offsets[bulk.item] + at;
    if at < panel.offsets[bulk.item + 1] {
        panel.demand[at] = (panel.demand[at] - (bulk.units - bulk.usual)).max(0.0);
    }
    panel.dated.scale(bulk.item, bulk.day, bulk.day + 1, bulk.usual / bulk.units);
}
