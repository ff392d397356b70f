//! Negative lines: which sale each cancels, or which day a return belongs to.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

use super::Moved;
use crate::io::intern::NumberMap;
use crate::io::orders::{NONE, OrderRows};

/// What a cancellation has in common with the sale that it cancels.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct SaleKey {
    /// Number of the customer's text, or of the order's.
    who: u32,
    item: u32,
    /// Absolute quantity, in the steps of `Fixed`.
    quantity: i64,
}

/// Rows of one customer or order, item and quantity.
#[derive(Default)]
struct SaleGroup {
    sales: Vec<usize>,
    cancellations: Vec<usize>,
}

/// Sales and the later lines that cancel them: same customer, item and quantity, at most
/// `match_days` apart, the newest sale first. A line without a customer cancels only a sale of the
/// same order: of strangers' sales and returns nothing tells which belong together.
pub(super) fn pairs(rows: &OrderRows, used: &[bool], match_days: u32) -> Vec<(usize, usize)> {
    let customer = |at: usize| OrderRows::text_at(&rows.customer, at);
    let order = |at: usize| order_number(rows, at);

    let mut pairs = Vec::new();
    let is_open = |at: usize| used[at];
    match_groups(rows, groups(rows, &customer, &is_open), match_days, &mut pairs);

    let settled: BTreeSet<usize> = pairs.iter().map(|pair| pair.0).collect();
    let is_open = |at: usize| {
        let is_anonymous_return = customer(at) == NONE || rows.quantity[at] > 0;
        used[at] && is_anonymous_return && !settled.contains(&at)
    };
    match_groups(rows, groups(rows, &order, &is_open), match_days, &mut pairs);

    pairs.sort_unstable();
    pairs
}

/// The rows that are still open, in groups of those that name `who`; only groups with a
/// cancellation.
fn groups(
    rows: &OrderRows,
    who: &dyn Fn(usize) -> u32,
    is_open: &dyn Fn(usize) -> bool,
) -> NumberMap<SaleKey, SaleGroup> {
    let key = |at: usize| {
        let quantity = rows.quantity[at].saturating_abs();
        let key = SaleKey { who: who(at), item: rows.item[at], quantity };
        (key.who != NONE).then_some(key)
    };

    let mut groups: NumberMap<SaleKey, SaleGroup> = NumberMap::default();
    let all = 0..rows.item.len();
    for at in all.clone().filter(|at| rows.quantity[*at] < 0 && is_open(*at)) {
        if let Some(key) = key(at) {
            groups.entry(key).or_default().cancellations.push(at);
        }
    }

    if groups.is_empty() {
        return groups;
    }

    for at in all.filter(|at| rows.quantity[*at] > 0 && is_open(*at)) {
        if let Some(group) = key(at).and_then(|key| groups.get_mut(&key)) {
            group.sales.push(at);
        }
    }

    groups
}

fn match_groups(
    rows: &OrderRows,
    groups: NumberMap<SaleKey, SaleGroup>,
    match_days: u32,
    pairs: &mut Vec<(usize, usize)>,
) {
    // Each group is settled by itself and the pairs are sorted in the end, so the order of the
    // groups does not matter.
    #[allow(clippy::iter_over_hash_type)]
    for group in groups.into_values() {
        match_group(rows, group, match_days, pairs);
    }
}

/// Matches the lines of one customer or order, item and quantity: each cancellation, oldest first,
/// takes the newest sale before it.
fn match_group(
    rows: &OrderRows,
    mut group: SaleGroup,
    match_days: u32,
    pairs: &mut Vec<(usize, usize)>,
) {
    group.sales.sort_by(|a, b| by_content(rows, *a, *b));
    group.cancellations.sort_by(|a, b| by_content(rows, *a, *b));

    let mut open: Vec<usize> = Vec::new();
    let mut next = 0;
    for cancellation in group.cancellations {
        let day = rows.day[cancellation];
        while let Some(sale) = group.sales.get(next).filter(|sale| rows.day[**sale] <= day) {
            open.push(*sale);
            next += 1;
        }

        let newest = open.last().copied();
        if let Some(sale) = newest
            .filter(|sale| i64::from(day) - i64::from(rows.day[*sale]) <= i64::from(match_days))
        {
            open.pop();
            pairs.push((sale, cancellation));
        }
    }
}

/// Orders rows by what they hold, never by where they stood in the files: by day, then order
/// number, then the highest price first.
fn by_content(rows: &OrderRows, a: usize, b: usize) -> Ordering {
    let order_a = order_of(rows, a);
    let order_b = order_of(rows, b);

    (rows.day[a], order_a, Reverse(rows.price_at(a))).cmp(&(
        rows.day[b],
        order_b,
        Reverse(rows.price_at(b)),
    ))
}

/// The order of a row as text; empty if it names none.
fn order_of(rows: &OrderRows, at: usize) -> &str {
    match order_number(rows, at) {
        NONE => "",
        order => rows.texts.get(order),
    }
}

/// The order of a row as a number of its text; [`NONE`] if it names none.
fn order_number(rows: &OrderRows, at: usize) -> u32 {
    OrderRows::text_at(&rows.order_id, at)
}

/// For each return that names the order of an earlier sale of the item, the day of that sale.
pub(super) fn days_of_sales(rows: &OrderRows, used: &[bool]) -> Moved {
    let returns: Vec<usize> = (0..used.len())
        .filter(|at| used[*at] && rows.quantity[*at] < 0 && order_number(rows, *at) != NONE)
        .collect();

    let mut days: BTreeMap<(u32, u32), Option<i32>> =
        returns.iter().map(|at| ((order_number(rows, *at), rows.item[*at]), None)).collect();

    for at in (0..used.len()).filter(|at| used[*at] && rows.quantity[*at] > 0) {
        if let Some(day) = days.get_mut(&(order_number(rows, at), rows.item[at])) {
            *day = Some(day.map_or(rows.day[at], |known| known.min(rows.day[at])));
        }
    }

    let sold_on =
        |at: &usize| days.get(&(order_number(rows, *at), rows.item[*at])).copied().flatten();
    returns
        .iter()
        .filter_map(|at| sold_on(at).filter(|day| *day <= rows.day[*at]).map(|day| (*at, day)))
        .collect()
}
