//! Order lines that were exported more than once.

use std::cmp::Ordering;

use super::quantity;
use crate::domain::calendar::date_of;
use crate::error::{Error, Result};
use crate::io::intern::NumberMap;
use crate::io::orders::{NONE, OrderRows, ReadOrders};
use crate::io::tally::MIN_ROWS;

/// Numbers of the order, the line and the sku of a row.
type LineKey = (u32, u32, u32);

/// The rows that lose against another of the same order, line and sku, and how many were compared.
#[derive(Debug, Default)]
pub(super) struct Duplicates {
    /// Indices of the rows, ascending.
    pub(super) losers: Vec<usize>,
    /// Two rows of one line, where there are any.
    example: Option<(usize, usize)>,
    compared: usize,
}

/// Rows that lose against another of the same order, line and sku: of them the newest date stays,
/// then the greatest quantity, then the greatest text.
pub(super) fn duplicates(rows: &OrderRows, used: &[bool]) -> Duplicates {
    let mut found = Duplicates::default();
    if rows.order_id.is_empty() || rows.line.is_empty() {
        return found;
    }

    let mut winners: NumberMap<LineKey, usize> = NumberMap::default();
    for at in (0..used.len()).filter(|at| used[*at]) {
        found.compared += 1;
        let Some(key) = line_key(rows, at) else { continue };
        let winner = winners.entry(key).or_insert(at);
        if *winner == at {
            continue;
        }

        found.example.get_or_insert((*winner, at));
        if stays_before(rows, at, *winner) == Ordering::Greater {
            found.losers.push(std::mem::replace(winner, at));
        } else {
            found.losers.push(at);
        }
    }

    found.losers.sort_unstable();
    found
}

/// What names the line of a row; `None` if a part of it is not given.
fn line_key(rows: &OrderRows, at: usize) -> Option<LineKey> {
    let (sku, _) = rows.items.all()[rows.item[at] as usize];
    let key = (OrderRows::text_at(&rows.order_id, at), OrderRows::text_at(&rows.line, at), sku);
    (key.0 != NONE && key.1 != NONE).then_some(key)
}

impl Duplicates {
    /// Refuses orders of which so many rows are duplicates that the numbers name no lines: those of
    /// tills often begin anew every day.
    pub(super) fn check(&self, orders: &ReadOrders, max_bad_rows: f64) -> Result<()> {
        let (lost, all) = (self.losers.len(), self.compared);
        let is_few = (all as u64) < MIN_ROWS || lost as f64 <= max_bad_rows * all as f64;
        let Some((a, b)) = self.example.filter(|_| !is_few) else { return Ok(()) };

        let rows = &orders.rows;
        let text = |column| rows.texts.get(OrderRows::text_at(column, a));
        let place = |at: usize| {
            let name = orders.tallies.get(rows.file_of(at)).map_or("", |tally| &tally.name);
            format!("row {} of {name} ({})", rows.row.at(at), date_of(rows.day[at]))
        };

        Err(Error::data(format!(
            "orders: {lost} of {all} rows have the order_id, line and sku of another row, more \
             than run.max_bad_rows = {max_bad_rows} allows: these numbers do not name a line"
        ))
        .hint(format!(
            "{} and {} are both order {}, line {}, sku {}",
            place(a),
            place(b),
            text(&rows.order_id),
            text(&rows.line),
            rows.key(rows.item[a]).sku
        ))
        .hint(
            "if the numbers begin anew every day or at every till, map `order_id` to a column that \
             does not repeat, or read no line numbers: columns = { line = \"\" } under \
             [inputs.orders]",
        )
        .hint("if the export holds each line several times, export it once"))
    }
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
