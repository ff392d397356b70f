//! Order lines that were exported more than once.

use std::cmp::Ordering;

use super::quantity;
use crate::io::intern::NumberMap;
use crate::io::orders::{NONE, OrderRows};

/// Rows that lose against another of the same order and line: of them the newest date stays, then
/// the greatest quantity, then the greatest text. Ascending.
pub(super) fn losers(rows: &OrderRows) -> Vec<usize> {
    if rows.order_id.is_empty() || rows.line.is_empty() {
        return Vec::new();
    }

    let mut winners: NumberMap<(u32, u32), usize> = NumberMap::default();
    let mut losers = Vec::new();
    for at in 0..rows.item.len() {
        let line = (OrderRows::text_at(&rows.order_id, at), OrderRows::text_at(&rows.line, at));
        if line.0 == NONE || line.1 == NONE {
            continue;
        }

        let winner = winners.entry(line).or_insert(at);
        if *winner == at {
            continue;
        }

        if stays_before(rows, at, *winner) == Ordering::Greater {
            losers.push(std::mem::replace(winner, at));
        } else {
            losers.push(at);
        }
    }

    losers.sort_unstable();
    losers
}

/// Which of two rows of one order line goes before the other; equal rows can stand for each other.
fn stays_before(rows: &OrderRows, a: usize, b: usize) -> Ordering {
    (rows.day[a], quantity(rows, a))
        .cmp(&(rows.day[b], quantity(rows, b)))
        .then_with(|| texts_of(rows, a).cmp(&texts_of(rows, b)))
}

/// What else a row holds, as texts: sku, location, price and customer.
fn texts_of(rows: &OrderRows, at: usize) -> [String; 4] {
    let key = rows.key(rows.item[at]);
    let price = rows.price_at(at).map(|price| price.to_string()).unwrap_or_default();
    let customer = OrderRows::text_at(&rows.customer, at);
    let customer = if customer == NONE { "" } else { rows.texts.get(customer) };

    [key.sku.to_string(), key.location.to_string(), price, customer.to_owned()]
}
