//! Sums rows by item and day, and takes what follows from the rows of a day. Rows that do not stand
//! in the order of their days are sorted in data frames of integers.

use std::collections::BTreeMap;

use polars::prelude::*;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::{Content, Moved, content};
use crate::domain::calendar::Day;
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::{CleanDemand, Text};
use crate::error::{Error, Result};
use crate::io::orders::{NONE, OrderRows, ReadOrders};
use crate::io::periods::days_covered;

/// Parts of the items that take their rows at the same time, at most: each looks through all rows.
/// Judgement.
const MAX_PARTS: usize = 8;
/// Rows sorted in one frame. It bounds the memory that sorting takes. Judgement: a few dozen MiB,
/// and enough rows that splitting costs no time.
const ROWS_AT_ONCE: usize = 1 << 21;

/// Days back from an item's newest row over which its price is averaged. Judgement: a year, so that
/// seasonal prices weigh as they are sold and older price lists do not count.
const PRICE_DAYS: Day = 365;

/// The demand of every item that has a used row.
pub(super) fn sum(
    orders: &ReadOrders,
    used: &[bool],
    moved: &Moved,
    findings: &mut Vec<Finding>,
) -> Result<CleanDemand> {
    let rows = &orders.rows;
    let order = sorted_items(rows, used);

    // The index of each item number in that order; u32::MAX for items without a used row.
    let mut index_of = vec![u32::MAX; rows.items.all().len()];
    for (at, (_, item)) in order.iter().enumerate() {
        index_of[*item as usize] = at as u32;
    }

    let mut by_item = RowsByItem::of(&Used { rows, used, moved, index_of: &index_of }, order.len());
    findings.extend(too_much(by_item.bound()));
    by_item.sort().map_err(|cause| Error::internal(format!("cannot sort the orders: {cause}")))?;
    let RowsByItem { offsets, day, quantity } = by_item.summed();

    Ok(CleanDemand {
        offsets,
        days: day.iter().map(|day| days_covered(orders.covers, *day)).collect(),
        day,
        quantity,
        unit_price: unit_prices(rows, used, &index_of, order.len()),
        keys: order.into_iter().map(|(key, _)| key).collect(),
        quarantined: quarantined(orders, &index_of),
        ..CleanDemand::default()
    })
}

/// Items with a used row, sorted by key, each with its number in the order rows.
fn sorted_items(rows: &OrderRows, used: &[bool]) -> Vec<(Key, u32)> {
    let mut seen = vec![false; rows.items.all().len()];
    for at in (0..used.len()).filter(|at| used[*at]) {
        seen[rows.item[at] as usize] = true;
    }

    // Items share the texts of their locations.
    let mut locations: BTreeMap<u32, Text> = BTreeMap::new();
    let mut key = |item: u32| {
        let (sku, location) = rows.items.all()[item as usize];
        let location = locations.entry(location).or_insert_with(|| rows.texts.get(location).into());
        Key { sku: rows.texts.get(sku).into(), location: location.clone() }
    };
    let seen = (0..seen.len() as u32).filter(|item| seen[*item as usize]);
    let mut order: Vec<(Key, u32)> = seen.map(|item| (key(item), item)).collect();
    order.sort_unstable();
    order
}

/// The rows that are used, as they were read.
struct Used<'a> {
    rows: &'a OrderRows,
    used: &'a [bool],
    moved: &'a Moved,
    /// The index of each item number.
    index_of: &'a [u32],
}

impl Used<'_> {
    /// The place and the item of each.
    fn all(&self) -> impl Iterator<Item = (usize, usize)> {
        let used = (0..self.used.len()).filter(|at| self.used[*at]);
        used.map(|at| (at, self.index_of[self.rows.item[at] as usize] as usize))
    }

    /// Day and quantity of the row at a place.
    fn row(&self, at: usize) -> (Day, Fixed) {
        let day = self.moved.get(&at).copied().unwrap_or(self.rows.day[at]);
        (day, Fixed::of_steps(self.rows.quantity[at]))
    }
}

/// Rows item by item.
struct RowsByItem {
    /// Where each item's begin; one longer than the number of items.
    offsets: Vec<usize>,
    day: Vec<Day>,
    quantity: Vec<Fixed>,
}

/// The rows of some items that follow one another.
struct Part<'a> {
    first_item: usize,
    offsets: &'a [usize],
    day: &'a mut [Day],
    quantity: &'a mut [Fixed],
}

impl RowsByItem {
    /// Each row goes straight to its item's.
    fn of(used: &Used<'_>, items: usize) -> Self {
        let mut offsets = vec![0; items + 1];
        used.all().for_each(|(_, item)| offsets[item + 1] += 1);
        for item in 0..items {
            offsets[item + 1] += offsets[item];
        }

        let rows = offsets[items];
        let mut by_item = Self { offsets, day: vec![0; rows], quantity: vec![Fixed::ZERO; rows] };
        let parts = rayon::current_num_threads().clamp(1, MAX_PARTS);
        by_item.parts(parts).into_par_iter().for_each(|part| part.fill(used));
        by_item
    }

    /// So many parts of about as many rows.
    fn parts(&mut self, parts: usize) -> Vec<Part<'_>> {
        let (items, rows) = (self.offsets.len() - 1, self.day.len());
        let (mut day, mut quantity) = (self.day.as_mut_slice(), self.quantity.as_mut_slice());
        let mut out = Vec::with_capacity(parts);
        let mut first_item = 0;
        for part in 1..=parts {
            let before = rows * part / parts;
            let end = match part == parts {
                true => items,
                false => self.offsets.partition_point(|offset| *offset < before).min(items),
            };
            let end = end.max(first_item);
            let offsets = &self.offsets[first_item..=end];
            let count = self.offsets[end] - self.offsets[first_item];
            let (own_days, later_days) = day.split_at_mut(count);
            let (own_quantities, later_quantities) = quantity.split_at_mut(count);
            out.push(Part { first_item, offsets, day: own_days, quantity: own_quantities });
            (first_item, day, quantity) = (end, later_days, later_quantities);
        }
        out
    }

    /// Keeps sums from wrapping: where all quantities of an item together are beyond what a sum can
    /// hold, each counts as no more than its share of that. How many count as less than they are.
    fn bound(&mut self) -> usize {
        let mut bounded = 0;
        for pair in self.offsets.windows(2) {
            let own = &mut self.quantity[pair[0]..pair[1]];
            let all: i128 = own.iter().map(|it| i128::from(it.steps().unsigned_abs())).sum();
            if all <= i128::from(i64::MAX) {
                continue;
            }
            let most = i64::MAX / own.len() as i64;
            for quantity in own {
                let steps = quantity.steps();
                bounded += usize::from(steps.unsigned_abs() > most.unsigned_abs());
                *quantity = Fixed::of_steps(steps.clamp(-most, most));
            }
        }
        bounded
    }

    /// Puts the rows of each item in the order of their days, where they do not stand in it.
    fn sort(&mut self) -> PolarsResult<()> {
        let items = self.offsets.len() - 1;
        let mut first = 0;
        while first < items {
            let end = self.offsets[first] + ROWS_AT_ONCE;
            let last = self.offsets.partition_point(|offset| *offset <= end) - 1;
            let last = last.clamp(first + 1, items);
            let offsets = &self.offsets[first..=last];
            let is_sorted = |pair: &[usize]| self.day[pair[0]..pair[1]].is_sorted();
            if !offsets.windows(2).all(is_sorted) {
                let rows = offsets[0]..offsets[offsets.len() - 1];
                let (day, quantity) = (&mut self.day[rows.clone()], &mut self.quantity[rows]);
                sort_rows(offsets, day, quantity)?;
            }
            first = last;
        }
        Ok(())
    }

    /// Rows of one item and day become one. Whole numbers add up to the same in any order.
    fn summed(mut self) -> Self {
        let mut end = 0;
        for item in 0..self.offsets.len() - 1 {
            let rows = self.offsets[item]..self.offsets[item + 1];
            let start = end;
            for row in rows {
                let (day, quantity) = (self.day[row], self.quantity[row]);
                if end > start && self.day[end - 1] == day {
                    self.quantity[end - 1] += quantity;
                } else {
                    (self.day[end], self.quantity[end]) = (day, quantity);
                    end += 1;
                }
            }
            self.offsets[item] = start;
        }
        if let Some(last) = self.offsets.last_mut() {
            *last = end;
        }
        self.day.truncate(end);
        self.quantity.truncate(end);
        self.day.shrink_to_fit();
        self.quantity.shrink_to_fit();
        self
    }
}

impl Part<'_> {
    /// Takes the rows of its items; those of one stay in the order in which they were read.
    fn fill(self, used: &Used<'_>) {
        let Self { first_item, offsets, day, quantity } = self;
        let (begin, items) = (offsets[0], offsets.len() - 1);
        let mut next: Vec<usize> = offsets[..items].iter().map(|offset| offset - begin).collect();
        for (at, item) in used.all() {
            // An item before the first wraps to one behind the last.
            if let Some(place) = next.get_mut(item.wrapping_sub(first_item)) {
                (day[*place], quantity[*place]) = used.row(at);
                *place += 1;
            }
        }
    }
}

/// Puts rows in the order of their items and days; the offsets are those of the items, counted from
/// the first row of all.
fn sort_rows(offsets: &[usize], day: &mut [Day], quantity: &mut [Fixed]) -> PolarsResult<()> {
    let counts = offsets.windows(2).map(|pair| pair[1] - pair[0]);
    let items = (0_u32..).zip(counts).flat_map(|(item, rows)| std::iter::repeat_n(item, rows));
    let item_days: Vec<i64> = items.zip(day.iter()).map(|(item, day)| packed(item, *day)).collect();
    let quantities: Vec<i64> = quantity.iter().map(|quantity| quantity.steps()).collect();
    let columns =
        vec![Column::new("item_day".into(), item_days), Column::new("quantity".into(), quantities)];
    // Polars' eager engine has no way of grouping that is not on its way out, and the lazy one
    // brings a hundred crates more.
    let frame =
        DataFrame::new(day.len(), columns)?.sort(["item_day"], SortMultipleOptions::default())?;

    let item_days = frame.column("item_day")?.i64()?.iter().flatten();
    let quantities = frame.column("quantity")?.i64()?.iter().flatten();
    let sorted = item_days.zip(quantities);
    for ((day, quantity), (item_day, steps)) in day.iter_mut().zip(quantity).zip(sorted) {
        (*day, *quantity) = (day_of(item_day), Fixed::of_steps(steps));
    }
    Ok(())
}

/// Item and day in one number that sorts as they do: one column is far faster to sort by than two.
fn packed(item: u32, day: Day) -> i64 {
    i64::from(item) << 32 | i64::from(day.wrapping_sub(Day::MIN) as u32)
}

fn day_of(packed: i64) -> Day {
    (packed as u32 as Day).wrapping_add(Day::MIN)
}

/// Says that quantities counted as less than they are.
fn too_much(rows: usize) -> Option<Finding> {
    let message = match rows {
        0 => return None,
        1 => "1 quantity is so large that a sum cannot hold it, and counts as less".to_owned(),
        _ => {
            format!("{rows} quantities are so large that a sum cannot hold them, and count as less")
        }
    };
    Some(Finding::of_table(Code::NumberOutOfRange, "orders", message))
}

/// Sum of weighted values, of which the mean is taken.
#[derive(Clone, Copy, Default)]
struct WeightedSum {
    sum: i128,
    weight: i128,
}

impl WeightedSum {
    fn add(&mut self, value: i128, weight: i128) {
        self.sum += value * weight;
        self.weight += weight;
    }

    /// The mean, rounded to the nearest step of [`Fixed`]; `None` if nothing has any weight.
    fn mean(self) -> Option<Fixed> {
        if self.weight <= 0 {
            return None;
        }

        Some(Fixed::of_steps(((self.sum + self.weight / 2) / self.weight) as i64))
    }
}

/// Mean price of each item over the last year of its rows, weighted by units; unweighted if all of
/// these are 0.
fn unit_prices(
    rows: &OrderRows,
    used: &[bool],
    index_of: &[u32],
    items: usize,
) -> Vec<Option<Fixed>> {
    if rows.unit_price.is_empty() {
        return vec![None; items];
    }

    let mut newest = vec![Day::MIN; items];
    for at in (0..used.len()).filter(|at| used[*at]) {
        let item = index_of[rows.item[at] as usize] as usize;
        newest[item] = newest[item].max(rows.day[at]);
    }

    let mut by_units = vec![WeightedSum::default(); items];
    let mut by_rows = vec![WeightedSum::default(); items];
    for at in (0..used.len()).filter(|at| used[*at] && rows.quantity[*at] >= 0) {
        let item = index_of[rows.item[at] as usize] as usize;
        let Some(price) = rows.price_at(at) else { continue };

        if rows.day[at] > newest[item] - PRICE_DAYS {
            by_units[item].add(i128::from(price.steps()), i128::from(rows.quantity[at]));
            by_rows[item].add(i128::from(price.steps()), 1);
        }
    }

    by_units
        .into_iter()
        .zip(by_rows)
        .map(|(by_units, by_rows)| by_units.mean().or_else(|| by_rows.mean()))
        .collect()
}

/// Items of whose rows none was used, with the code of the first.
fn quarantined(orders: &ReadOrders, index_of: &[u32]) -> Vec<(Key, Code)> {
    let mut keys: Vec<(Key, Code)> = orders
        .first_aside
        .iter()
        .enumerate()
        .filter(|(item, _)| index_of.get(*item) == Some(&u32::MAX))
        .filter_map(|(item, first)| first.map(|(_, code)| (orders.rows.key(item as u32), code)))
        .collect();
    keys.sort();
    keys
}

/// Counts used rows that equal another and have no line number to tell them apart.
pub(super) fn equal_rows(rows: &OrderRows, used: &[bool]) -> Option<Finding> {
    // Without order numbers, rows of one item and day are summaries or anonymous sales; nothing
    // tells equal ones apart.
    if rows.order_id.is_empty() {
        return None;
    }

    let unnumbered = |at: &usize| used[*at] && OrderRows::text_at(&rows.line, *at) == NONE;
    let mut contents: Vec<Content> =
        (0..used.len()).filter(unnumbered).map(|at| content(rows, at)).collect();

    contents.sort_unstable();
    let extra = contents.windows(2).filter(|pair| pair[0] == pair[1]).count();

    let message = match extra {
        0 => return None,
        1 => "1 row equals another row and has no line number; it counts as a separate sale"
            .to_owned(),
        _ => format!(
            "{extra} rows equal another row and have no line number; they count as separate sales"
        ),
    };
    Some(Finding::of_table(Code::EqualRows, "orders", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_each_item_are_put_in_the_order_of_their_days_and_summed() {
        let rows = [(3, 1), (-2, 4), (3, 5), (9, 1), (7, -1), (0, 2), (-1, 2)];
        let mut by_item = RowsByItem {
            offsets: vec![0, 3, 3, 4, 7],
            day: rows.iter().map(|row| row.0).collect(),
            quantity: rows.iter().map(|row| Fixed::of_steps(row.1)).collect(),
        };
        by_item.sort().unwrap();
        let summed = by_item.summed();

        let quantity: Vec<i64> = summed.quantity.iter().map(|quantity| quantity.steps()).collect();
        assert_eq!(summed.day, [-2, 3, 9, -1, 0, 7]);
        assert_eq!(quantity, [4, 6, 1, 2, 2, -1]);
        assert_eq!(summed.offsets, [0, 2, 2, 3, 6]);
    }

    #[test]
    fn days_are_packed_in_their_order() {
        let days = [Day::MIN, -1, 0, 1, Day::MAX];
        assert!(days.map(|day| packed(7, day)).is_sorted());
        assert_eq!(days.map(|day| day_of(packed(7, day))), days);
    }

    #[test]
    fn quantities_that_no_sum_can_hold_count_as_their_share() {
        let quantity = vec![Fixed::MAX, Fixed::MAX, Fixed::ONE, Fixed::MAX];
        let mut by_item = RowsByItem { offsets: vec![0, 3, 4], day: vec![1, 1, 1, 1], quantity };
        assert_eq!(by_item.bound(), 2);
        let summed = by_item.summed();
        assert!(summed.quantity[0] < Fixed::MAX && summed.quantity[1] == Fixed::MAX);
    }
}
