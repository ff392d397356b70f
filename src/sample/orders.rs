//! The order history, line by line, as a shop system exports it.

use std::collections::BTreeMap;

use super::dates::{history_days, iso};
use super::dice::Dice;
use super::dirt;
use super::sheet::{Sheet, money};
use super::shop_state::{LOCATIONS, ShopState};

pub(super) const HEADER: &str = "order_id,line,date,sku,quantity,unit_price,location,channel,\
                                 customer,status,fulfilment,promotion";

/// The order line that a sale became.
pub(super) struct OrderLine {
    /// Index of the shelf that it was sold from.
    pub(super) shelf: usize,
    /// Index among the sales of that shelf.
    pub(super) sale: usize,
    pub(super) order_id: String,
    /// Number of the line within its order, from 1 on.
    pub(super) line: usize,
}

/// The code of a trade customer.
pub(super) fn customer_code(number: usize) -> String {
    format!("C{}", 1001 + number)
}

/// Puts the sales of each day into orders: a trade customer's lines of a day are one order, private
/// ones buy up to three things at once.
pub(super) fn order_lines(seed: u64, shop: &ShopState) -> Vec<OrderLine> {
    let mut dice = Dice::new(seed, "orders");
    let mut by_day = BTreeMap::<_, Vec<_>>::new();
    for (shelf_number, shelf) in shop.shelves.iter().enumerate() {
        for (sale_number, sale) in shelf.history.sales.iter().enumerate() {
            let shuffled = (dice.unit() * 1e15) as u64;
            let key = (sale.day, shelf.location, sale.customer);
            by_day.entry(key).or_default().push((shuffled, shelf_number, sale_number));
        }
    }

    let mut number = 100_000;
    let mut order_lines = Vec::new();
    for ((_, location, customer), mut lines) in by_day {
        lines.sort_unstable();
        let prefix = if customer.is_some() { 'T' } else { ['W', 'S'][location] };

        let mut rest = lines.as_slice();
        while !rest.is_empty() {
            let size =
                if customer.is_some() { rest.len() } else { (1 + dice.below(3)).min(rest.len()) };

            number += 1;
            for (line, (_, shelf, sale)) in rest[..size].iter().enumerate() {
                let order_id = format!("{prefix}{number}");
                order_lines.push(OrderLine {
                    shelf: *shelf,
                    sale: *sale,
                    order_id,
                    line: line + 1,
                });
            }
            rest = &rest[size..];
        }
    }

    order_lines
}

/// `orders.csv`: the sales, and among them the rows that a real export has too.
pub(super) fn orders(shop: &ShopState, lines: &[OrderLine]) -> String {
    let mut sheet = Sheet::new(HEADER);
    let mut dirt = dirt::orders().into_iter().peekable();
    let last_day = history_days() - 1;

    for line in lines {
        let shelf = &shop.shelves[line.shelf];
        let (item, sale) = (&shop.items[shelf.item], &shelf.history.sales[line.sale]);

        while let Some((_, row)) = dirt.next_if(|(day, _)| *day < sale.day) {
            sheet.row(row);
        }

        let channel =
            if sale.customer.is_some() { "trade" } else { ["web", "store"][shelf.location] };
        let is_open = sale.day == last_day && shelf.location == 0;

        sheet.row([
            line.order_id.clone(),
            line.line.to_string(),
            iso(sale.day),
            item.sku.clone(),
            item.quantity(sale.units),
            money(sale.price),
            LOCATIONS[shelf.location].to_owned(),
            channel.to_owned(),
            sale.customer.map(customer_code).unwrap_or_default(),
            String::from(if is_open { "paid" } else { "shipped" }),
            String::new(),
            sale.promotion.unwrap_or_default().to_owned(),
        ]);
    }

    for (_, row) in dirt {
        sheet.row(row);
    }
    sheet.finish()
}
