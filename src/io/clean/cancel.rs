//! Negative lines: which sale each cancels, or which day a return belongs to.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use super::Moved;
use crate::io::intern::NumberMap;
use crate::io::orders::{NONE, OrderRows};

/// What a cancellation has in common with the sale that it cancels.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct SaleKey {
    customer: u32,
    item: u32,
    /// Absolute quantity, in the steps of `Fixed`.
    quantity: i64,
}

/// Rows of one customer, item and quantity.
#[derive(Default)]
struct SaleGroup {
    sales: Vec<usize>,
    cancellations: Vec<usize>,
}

/// Sales and the later lines that cancel them: same customer, item and quantity, at most
/// `match_days` apart, the newest sale first. A line without a customer is matched only if the
/// orders name no customers at all.
pub(super) fn pairs(rows: &OrderRows, used: &[bool], match_days: u32) -> Vec<(usize, usize)> {
    let mut groups: NumberMap<SaleKey, SaleGroup> = NumberMap::default();
    for at in (0..used.len()).filter(|at| used[*at] && rows.quantity[*at] < 0) {
        if let Some(key) = sale_key(rows, at) {
            groups.entry(key).or_default().cancellations.push(at);
        }
    }

    if groups.is_empty() {
        return Vec::new();
    }

    for at in (0..used.len()).filter(|at| used[*at] && rows.quantity[*at] > 0) {
        if let Some(group) = sale_key(rows, at).and_then(|key| groups.get_mut(&key)) {
            group.sales.push(at);
        }
    }

    let mut pairs = Vec::new();
    // Each group is settled by itself and the pairs are sorted, so the order of the groups does not
    // matter.
    #[allow(clippy::iter_over_hash_type)]
    for group in groups.into_values() {
        match_group(rows, group, match_days, &mut pairs);
    }

    pairs.sort_unstable();
    pairs
}

/// The group that a row belongs to; `None` if the orders name customers and this row does not.
fn sale_key(rows: &OrderRows, at: usize) -> Option<SaleKey> {
    let customer = OrderRows::text_at(&rows.customer, at);
    if customer == NONE && !rows.customer.is_empty() {
        return None;
    }

    Some(SaleKey { customer, item: rows.item[at], quantity: rows.quantity[at].saturating_abs() })
}

/// Matches the lines of one customer, item and quantity: each cancellation, oldest first, takes the
/// newest sale before it.
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
