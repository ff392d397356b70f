//! Sums rows by item and day in data frames of integers, and takes what follows from the rows of a day.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::Moved;
use crate::domain::calendar::Day;
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::CleanDemand;
use crate::error::{Error, Result};
use crate::io::orders::{OrderRows, Orders};
use crate::io::periods::days_covered;

/// Rows summed in one frame; bounds the memory that grouping takes.
const ROWS_AT_ONCE: usize = 1 << 21;

/// Days back from an item's newest row over which its price is averaged.
const PRICE_DAYS: Day = 365;

/// The demand of every item that has a used row.
pub(super) fn sum(orders: &Orders, used: &[bool], moved: &Moved) -> Result<CleanDemand> {
    let rows = &orders.rows;
    let order = sorted_items(rows, used);
    let mut place = vec![u32::MAX; rows.items.all().len()];
    for (at, (_, item)) in order.iter().enumerate() {
        place[*item as usize] = at as u32;
    }
    let mut counts = vec![0_usize; order.len()];
    for at in (0..used.len()).filter(|at| used[*at]) {
        counts[place[rows.item[at] as usize] as usize] += 1;
    }
    let mut demand = CleanDemand { offsets: vec![0], ..CleanDemand::default() };
    let mut first = 0;
    while first < order.len() {
        let mut last = first + 1;
        let mut taken = counts[first];
        while last < order.len() && taken + counts[last] <= ROWS_AT_ONCE {
            taken += counts[last];
            last += 1;
        }
        let span = first as u32..last as u32;
        let frame = frame_of(rows, used, moved, &place, span.clone()).and_then(grouped);
        let frame = frame.map_err(|cause| Error::internal(format!("cannot sum the orders: {cause}")))?;
        append(&mut demand, &frame, span)
            .map_err(|cause| Error::internal(format!("cannot sum the orders: {cause}")))?;
        first = last;
    }
    demand.days = demand.day.iter().map(|day| days_covered(orders.covers, *day)).collect();
    demand.unit_price = unit_prices(rows, used, &place, order.len());
    demand.keys = order.into_iter().map(|(key, _)| key).collect();
    demand.quarantined = quarantined(orders, &place);
    Ok(demand)
}

/// Items with a used row, sorted by key, each with its number.
fn sorted_items(rows: &OrderRows, used: &[bool]) -> Vec<(Key, u32)> {
    let mut seen = vec![false; rows.items.all().len()];
    for at in (0..used.len()).filter(|at| used[*at]) {
        seen[rows.item[at] as usize] = true;
    }
    let mut order: Vec<(Key, u32)> =
        (0..seen.len() as u32).filter(|item| seen[*item as usize]).map(|item| (rows.key(item), item)).collect();
    order.sort();
    order
}

/// The used rows of a span of items as a data frame: item, day, quantity.
fn frame_of(
    rows: &OrderRows,
    used: &[bool],
    moved: &Moved,
    place: &[u32],
    span: std::ops::Range<u32>,
) -> PolarsResult<DataFrame> {
    let (mut items, mut days, mut quantities) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..used.len() {
        let item = place[rows.item[at] as usize];
        if used[at] && span.contains(&item) {
            items.push(item);
            days.push(moved.get(&at).copied().unwrap_or(rows.day[at]));
            quantities.push(rows.quantity[at]);
        }
    }
    let height = items.len();
    DataFrame::new(
        height,
        vec![
            Column::new("item".into(), items),
            Column::new("day".into(), days),
            Column::new("quantity".into(), quantities),
        ],
    )
}

/// Summed by item and day, and sorted: whole numbers add up to the same in any order.
fn grouped(frame: DataFrame) -> PolarsResult<DataFrame> {
    let keys = [col("item"), col("day")];
    frame
        .lazy()
        .group_by(keys.clone())
        .agg([col("quantity").sum()])
        .sort_by_exprs(keys, SortMultipleOptions::default())
        .collect()
}

fn append(demand: &mut CleanDemand, frame: &DataFrame, span: std::ops::Range<u32>) -> PolarsResult<()> {
    let (items, days, quantities) =
        (frame.column("item")?.u32()?, frame.column("day")?.i32()?, frame.column("quantity")?.i64()?);
    let mut rows = items.iter().zip(days.iter()).zip(quantities.iter()).peekable();
    for item in span {
        while let Some(((_, day), quantity)) = rows.next_if(|((of, _), _)| *of == Some(item)) {
            demand.day.push(day.unwrap_or_default());
            demand.quantity.push(Fixed(quantity.unwrap_or_default()));
        }
        demand.offsets.push(demand.day.len());
    }
    Ok(())
}

/// Mean price of each item over the last year of its rows, weighted by units.
fn unit_prices(rows: &OrderRows, used: &[bool], place: &[u32], items: usize) -> Vec<Option<Fixed>> {
    let priced = |at: &usize| used[*at] && rows.quantity[*at] >= 0 && rows.price_at(*at).is_some();
    let mut newest = vec![Day::MIN; items];
    let mut sums = vec![(0_i128, 0_i128); items];
    let mut plain = vec![(0_i128, 0_i128); items];
    if rows.unit_price.is_empty() {
        return vec![None; items];
    }
    for at in (0..used.len()).filter(|at| used[*at]) {
        let item = place[rows.item[at] as usize] as usize;
        newest[item] = newest[item].max(rows.day[at]);
    }
    for at in (0..used.len()).filter(priced) {
        let item = place[rows.item[at] as usize] as usize;
        if rows.day[at] > newest[item] - PRICE_DAYS {
            let price = i128::from(rows.unit_price[at]);
            sums[item].0 += price * i128::from(rows.quantity[at]);
            sums[item].1 += i128::from(rows.quantity[at]);
            plain[item].0 += price;
            plain[item].1 += 1;
        }
    }
    let mean = |(sum, weight): (i128, i128)| (weight > 0).then(|| Fixed(((sum + weight / 2) / weight) as i64));
    sums.into_iter().zip(plain).map(|(weighted, plain)| mean(weighted).or_else(|| mean(plain))).collect()
}

/// Items of whose rows none was used, with the code of the first.
fn quarantined(orders: &Orders, place: &[u32]) -> Vec<(Key, Code)> {
    let mut keys: Vec<(Key, Code)> = orders
        .first_aside
        .iter()
        .enumerate()
        .filter(|(item, _)| place.get(*item) == Some(&u32::MAX))
        .filter_map(|(item, first)| first.map(|(_, code)| (orders.rows.key(item as u32), code)))
        .collect();
    keys.sort();
    keys
}

/// Counts used rows that equal another and have no line number to tell them apart.
pub(super) fn equal_rows(rows: &OrderRows, used: &[bool]) -> Option<Finding> {
    // Without order numbers, rows of one item and day are summaries or anonymous sales; nothing tells equal ones apart.
    if rows.order_id.is_empty() {
        return None;
    }
    let mut seen: BTreeMap<[u8; 40], u64> = BTreeMap::new();
    for at in (0..used.len()).filter(|at| used[*at] && OrderRows::text_at(&rows.line, *at) == u32::MAX) {
        let mut content = [0; 40];
        content[0..4].copy_from_slice(&rows.item[at].to_le_bytes());
        content[4..8].copy_from_slice(&OrderRows::text_at(&rows.order_id, at).to_le_bytes());
        content[8..12].copy_from_slice(&OrderRows::text_at(&rows.customer, at).to_le_bytes());
        content[12..16].copy_from_slice(&rows.day[at].to_le_bytes());
        content[16..24].copy_from_slice(&rows.quantity[at].to_le_bytes());
        content[24..32].copy_from_slice(&rows.price_at(at).map_or(i64::MIN, |price| price.0).to_le_bytes());
        *seen.entry(content).or_default() += 1;
    }
    let extra: u64 = seen.values().map(|count| count - 1).sum();
    (extra > 0).then(|| {
        let message = format!("{extra} rows equal another row and have no line number; they count as separate sales");
        Finding::of_table(Code::EqualRows, "orders", message)
    })
}
