//! Sums rows by item and day in data frames of integers, and takes what follows from the rows of a
//! day.

use polars::prelude::*;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::{Content, Moved, content};
use crate::domain::calendar::Day;
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::CleanDemand;
use crate::error::{Error, Result};
use crate::io::orders::{NONE, OrderRows, ReadOrders};
use crate::io::periods::days_covered;

/// Rows summed in one frame. It bounds the memory that sorting takes. Judgement: a few dozen MiB,
/// and enough rows that splitting costs no time.
const ROWS_AT_ONCE: usize = 1 << 21;
/// Rows that a thread looks through at a time. Judgement: enough that there are few joints.
const ROWS_OF_PART: usize = 1 << 19;

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

    let mut counts = vec![0_usize; order.len()];
    for at in (0..used.len()).filter(|at| used[*at]) {
        counts[index_of[rows.item[at] as usize] as usize] += 1;
    }

    // No more days than rows.
    let rows_used = counts.iter().sum();
    let mut demand = CleanDemand {
        offsets: vec![0],
        day: Vec::with_capacity(rows_used),
        quantity: Vec::with_capacity(rows_used),
        ..CleanDemand::default()
    };
    let mut first = 0;
    let mut bounded = 0;
    while first < order.len() {
        let mut last = first + 1;
        let mut taken = counts[first];
        while last < order.len() && taken + counts[last] <= ROWS_AT_ONCE {
            taken += counts[last];
            last += 1;
        }

        let span = first as u32..last as u32;
        let Columns { item_days, mut quantities } =
            columns_of(rows, used, moved, &index_of, span.clone());
        bounded += bound(&mut quantities);
        let frame = frame(item_days, quantities).and_then(sorted);
        let frame =
            frame.map_err(|cause| Error::internal(format!("cannot sum the orders: {cause}")))?;
        append(&mut demand, &frame, span)
            .map_err(|cause| Error::internal(format!("cannot sum the orders: {cause}")))?;

        first = last;
    }

    findings.extend(too_much(bounded));
    demand.days = demand.day.iter().map(|day| days_covered(orders.covers, *day)).collect();
    demand.unit_price = unit_prices(rows, used, &index_of, order.len());
    demand.keys = order.into_iter().map(|(key, _)| key).collect();
    demand.quarantined = quarantined(orders, &index_of);

    Ok(demand)
}

/// Items with a used row, sorted by key, each with its number in the order rows.
fn sorted_items(rows: &OrderRows, used: &[bool]) -> Vec<(Key, u32)> {
    let mut seen = vec![false; rows.items.all().len()];
    for at in (0..used.len()).filter(|at| used[*at]) {
        seen[rows.item[at] as usize] = true;
    }

    let mut order: Vec<(Key, u32)> = (0..seen.len() as u32)
        .filter(|item| seen[*item as usize])
        .map(|item| (rows.key(item), item))
        .collect();
    order.sort();
    order
}

/// The used rows of a span of items: item and day packed in one number, and the quantity.
struct Columns {
    item_days: Vec<i64>,
    quantities: Vec<i64>,
}

fn columns_of(
    rows: &OrderRows,
    used: &[bool],
    moved: &Moved,
    index_of: &[u32],
    span: std::ops::Range<u32>,
) -> Columns {
    let of_part = |from: usize| {
        let (mut item_days, mut quantities) = (Vec::new(), Vec::new());
        for at in from..(from + ROWS_OF_PART).min(used.len()) {
            let item = index_of[rows.item[at] as usize];
            if used[at] && span.contains(&item) {
                item_days.push(packed(item, moved.get(&at).copied().unwrap_or(rows.day[at])));
                quantities.push(rows.quantity[at]);
            }
        }
        (item_days, quantities)
    };
    let parts: Vec<usize> = (0..used.len()).step_by(ROWS_OF_PART).collect();
    let parts: Vec<(Vec<i64>, Vec<i64>)> = parts.into_par_iter().map(of_part).collect();
    let (item_days, quantities): (Vec<Vec<i64>>, Vec<Vec<i64>>) = parts.into_iter().unzip();

    Columns { item_days: item_days.concat(), quantities: quantities.concat() }
}

fn frame(item_days: Vec<i64>, quantities: Vec<i64>) -> PolarsResult<DataFrame> {
    let height = item_days.len();
    let columns =
        vec![Column::new("item_day".into(), item_days), Column::new("quantity".into(), quantities)];
    DataFrame::new(height, columns)
}

/// Keeps sums from wrapping: where all quantities together are beyond what a sum can hold, each
/// counts as no more than its share of that. How many count as less than they are.
fn bound(quantities: &mut [i64]) -> usize {
    let all: i128 = quantities.iter().map(|quantity| i128::from(quantity.unsigned_abs())).sum();
    if all <= i128::from(i64::MAX) {
        return 0;
    }

    let most = i64::MAX / quantities.len() as i64;
    let mut bounded = 0;
    for quantity in quantities {
        bounded += usize::from(quantity.unsigned_abs() > most.unsigned_abs());
        *quantity = (*quantity).clamp(-most, most);
    }
    bounded
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

/// Item and day in one number that sorts as they do: one column is far faster to group and to sort
/// by than two.
fn packed(item: u32, day: Day) -> i64 {
    i64::from(item) << 32 | i64::from(day as u32)
}

/// Sorted by item and day. Polars' eager engine has no other way of grouping that is not on its way
/// out, and the lazy one brings a hundred crates more.
fn sorted(frame: DataFrame) -> PolarsResult<DataFrame> {
    frame.sort(["item_day"], SortMultipleOptions::default())
}

/// Adds the demand of a span of items: rows of one item and day become one. Whole numbers add up to
/// the same in any order.
fn append(
    demand: &mut CleanDemand,
    frame: &DataFrame,
    span: std::ops::Range<u32>,
) -> PolarsResult<()> {
    let (item_days, quantities) =
        (frame.column("item_day")?.i64()?, frame.column("quantity")?.i64()?);
    let mut rows = item_days.iter().flatten().zip(quantities.iter().flatten()).peekable();

    for item in span {
        while let Some((item_day, mut quantity)) =
            rows.next_if(|(item_day, _)| item_day >> 32 == i64::from(item))
        {
            while let Some((_, more)) = rows.next_if(|(next, _)| *next == item_day) {
                quantity += more;
            }
            demand.day.push(item_day as u32 as Day);
            demand.quantity.push(Fixed(quantity));
        }

        demand.offsets.push(demand.day.len());
    }
    Ok(())
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

        Some(Fixed(((self.sum + self.weight / 2) / self.weight) as i64))
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
            by_units[item].add(i128::from(price.0), i128::from(rows.quantity[at]));
            by_rows[item].add(i128::from(price.0), 1);
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
