//! Negative lines: which sale each cancels, or which day a return belongs to.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Moved;
use crate::io::intern::NumberMap;
use crate::io::orders::{NONE, OrderRows};

/// Customer, item and units of a sale.
type Sale = (u32, u32, i64);

/// Sales and the later lines that cancel them: same customer, item and quantity, at most
/// `match_days` apart, the newest sale first. A line without a customer matches only where the
/// orders name no customers at all.
pub(super) fn pairs(rows: &OrderRows, used: &[bool], match_days: u32) -> Vec<(usize, usize)> {
    let names_customers = !rows.customer.is_empty();
    let sale_of = |at: usize| -> Option<Sale> {
        let customer = OrderRows::text_at(&rows.customer, at);
        let known = customer != NONE || !names_customers;
        (used[at] && known).then(|| (customer, rows.item[at], rows.quantity[at].saturating_abs()))
    };
    let mut groups: NumberMap<Sale, (Vec<usize>, Vec<usize>)> = NumberMap::default();
    for at in (0..used.len()).filter(|at| rows.quantity[*at] < 0) {
        if let Some(sale) = sale_of(at) {
            groups.entry(sale).or_default().1.push(at);
        }
    }
    if groups.is_empty() {
        return Vec::new();
    }
    for at in (0..used.len()).filter(|at| rows.quantity[*at] > 0) {
        if let Some(group) = sale_of(at).and_then(|sale| groups.get_mut(&sale)) {
            group.0.push(at);
        }
    }
    let mut pairs = Vec::new();
    // Each group is settled by itself and the pairs are sorted, so the order of the groups does not
    // matter.
    #[allow(clippy::iter_over_hash_type)]
    for (sales, cancellations) in groups.into_values() {
        match_group(rows, sales, cancellations, match_days, &mut pairs);
    }
    pairs.sort_unstable();
    pairs
}

/// Matches the lines of one customer, item and quantity: each cancellation, oldest first, takes the
/// newest sale before it.
fn match_group(
    rows: &OrderRows,
    mut sales: Vec<usize>,
    mut cancellations: Vec<usize>,
    match_days: u32,
    pairs: &mut Vec<(usize, usize)>,
) {
    let content = |at: usize| {
        let order = OrderRows::text_at(&rows.order_id, at);
        let order = if order == NONE { "" } else { rows.texts.get(order) };
        (rows.day[at], order, Reverse(rows.price_at(at)))
    };
    sales.sort_by(|a, b| content(*a).cmp(&content(*b)));
    cancellations.sort_by(|a, b| content(*a).cmp(&content(*b)));
    let mut open: Vec<usize> = Vec::new();
    let mut next = 0;
    for cancellation in cancellations {
        let day = rows.day[cancellation];
        while let Some(sale) = sales.get(next).filter(|sale| rows.day[**sale] <= day) {
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

/// For each return that names the order of an earlier sale of the item, the day of that sale.
pub(super) fn days_of_sales(rows: &OrderRows, used: &[bool]) -> Moved {
    let order = |at: usize| OrderRows::text_at(&rows.order_id, at);
    let returns: Vec<usize> = (0..used.len())
        .filter(|at| used[*at] && rows.quantity[*at] < 0 && order(*at) != NONE)
        .collect();
    let mut days: BTreeMap<(u32, u32), Option<i32>> =
        returns.iter().map(|at| ((order(*at), rows.item[*at]), None)).collect();
    for at in (0..used.len()).filter(|at| used[*at] && rows.quantity[*at] > 0) {
        if let Some(day) = days.get_mut(&(order(at), rows.item[at])) {
            *day = Some(day.map_or(rows.day[at], |known| known.min(rows.day[at])));
        }
    }
    let sold_on = |at: &usize| days.get(&(order(*at), rows.item[*at])).copied().flatten();
    returns
        .iter()
        .filter_map(|at| sold_on(at).filter(|day| *day <= rows.day[*at]).map(|day| (*at, day)))
        .collect()
}
