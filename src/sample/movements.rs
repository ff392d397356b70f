//! The tables of what is there, what is coming, what came, and who waits.

use std::collections::BTreeMap;

use super::dates::{AS_OF, at, history_days, iso};
use super::master::is_on_sale;
use super::orders::{OrderLine, customer_code};
use super::sheet::{Sheet, money, yes};
use super::shop::SupplyLine;
use super::shop_state::{LOCATIONS, ShopShelf, ShopState};
use super::suppliers::SUPPLIERS;

/// `stock.csv`: the count on the morning of the day.
pub(super) fn stock(shop: &ShopState) -> String {
    let mut sheet = Sheet::new("sku,location,on_hand,allocated,backorders,counted_on");
    let today = AS_OF.format("%Y-%m-%d").to_string();
    for shelf in &shop.shelves {
        let item = &shop.items[shelf.item];
        // Two items were forgotten in the count.
        if matches!(item.sku.as_str(), "DI-1019" | "PA-1052") {
            continue;
        }

        let allocated = packed_tomorrow(shelf);
        let waiting: i64 = shelf.history.waiting.iter().map(|line| line.units).sum();

        let mut on_hand = item.quantity(shelf.history.on_hand + allocated);
        // The till sold three that the book did not have.
        if item.sku == "PA-1037" && shelf.location == 0 {
            on_hand = "-3".to_owned();
        }

        let location = LOCATIONS[shelf.location];
        sheet.row([
            &item.sku,
            location,
            &on_hand,
            &item.quantity(allocated),
            &item.quantity(waiting),
            &today,
        ]);

        // One item lies in two places, which add up.
        if item.sku == "CE-1070" && shelf.location == 0 {
            sheet.row([&item.sku, location, "1", "0", "0", &today]);
        }
    }

    // A leftover of an item that is in no other table.
    sheet.row(["ZZ-999", "depot", "4", "0", "0", &today]);
    sheet.finish()
}

/// Units of the depot's orders of the last day, which are paid and not yet shipped.
fn packed_tomorrow(shelf: &ShopShelf) -> i64 {
    if shelf.location != 0 || !shelf.history.waiting.is_empty() {
        return 0;
    }

    shelf
        .history
        .sales
        .iter()
        .rev()
        .take_while(|sale| sale.day == history_days() - 1)
        .map(|sale| sale.units)
        .sum()
}

/// A purchase-order line with its number.
struct PurchaseLine<'a> {
    number: String,
    line: usize,
    shelf: &'a ShopShelf,
    delivery: &'a SupplyLine,
}

/// Every purchase-order line there ever was, numbered: one order a supplier, location and day.
fn purchase_lines(shop: &ShopState) -> Vec<PurchaseLine<'_>> {
    let mut orders = BTreeMap::<_, Vec<_>>::new();
    for shelf in &shop.shelves {
        for delivery in &shelf.history.deliveries {
            let key = (delivery.ordered, shop.items[shelf.item].supplier, shelf.location);
            orders.entry(key).or_default().push((shelf, delivery));
        }
    }

    let mut lines = Vec::new();
    for (number, lines_of_one) in orders.into_values().enumerate() {
        for (line, (shelf, delivery)) in lines_of_one.into_iter().enumerate() {
            lines.push(PurchaseLine {
                number: format!("PO{}", 20_001 + number),
                line: line + 1,
                shelf,
                delivery,
            });
        }
    }

    lines
}

/// `purchase_orders.csv`: what is still to come.
pub(super) fn purchase_orders(shop: &ShopState) -> String {
    let mut sheet =
        Sheet::new("po_number,line,supplier,sku,location,quantity,ordered_on,expected_on");

    // Ordered last autumn, never delivered, never cancelled.
    sheet.row(["PO19984", "1", "FERRUM", "001019", "depot", "20", "2025-10-06", "2025-10-13"]);
    for line in purchase_lines(shop).iter().filter(|line| line.delivery.arrives >= history_days()) {
        let item = &shop.items[line.shelf.item];
        sheet.row([
            line.number.clone(),
            line.line.to_string(),
            SUPPLIERS[item.supplier].code.to_owned(),
            item.sku.clone(),
            LOCATIONS[line.shelf.location].to_owned(),
            item.quantity(line.delivery.units),
            iso(line.delivery.ordered),
            iso(line.delivery.promised),
        ]);
    }

    sheet.finish()
}

/// `receipts.csv`: what came in the last twelve months.
pub(super) fn receipts(shop: &ShopState) -> String {
    let mut sheet = Sheet::new(
        "po_number,supplier,sku,location,quantity,ordered_on,promised_on,received_on,expedited",
    );
    let days = history_days();

    let mut lines = purchase_lines(shop);
    lines.retain(|line| (days - 365..days).contains(&line.delivery.arrives));
    lines.sort_by_key(|line| line.delivery.arrives);

    for line in &lines {
        let item = &shop.items[line.shelf.item];
        sheet.row([
            line.number.clone(),
            SUPPLIERS[item.supplier].code.to_owned(),
            item.sku.clone(),
            LOCATIONS[line.shelf.location].to_owned(),
            item.quantity(line.delivery.units),
            iso(line.delivery.ordered),
            iso(line.delivery.promised),
            iso(line.delivery.arrives),
            yes(line.delivery.expedited),
        ]);
    }

    sheet.row([
        "PO19990",
        "FERRUM",
        "DI-1022",
        "depot",
        "10",
        "2025-11-03",
        "2025-11-10",
        "Date Not Captured",
        "false",
    ]);
    sheet.finish()
}

/// `availability.csv`: weeks in which an item was not on sale all the time, where customers do not
/// wait.
pub(super) fn availability(shop: &ShopState) -> String {
    const SHARES: [&str; 8] = ["1", "0.86", "0.71", "0.57", "0.43", "0.29", "0.14", "0"];
    let mut sheet = Sheet::new("date,sku,location,in_stock");
    for shelf in &shop.shelves {
        let item = &shop.items[shelf.item];
        if item.backorder_policy != "deny" {
            continue;
        }

        for (week, days_out) in
            shelf.history.days_out.iter().enumerate().filter(|(_, days_out)| **days_out > 0)
        {
            let share = SHARES[usize::from(*days_out).min(7)];
            sheet.row([&iso(week as i32 * 7), item.sku.as_str(), LOCATIONS[shelf.location], share]);
        }
    }

    // A share above one.
    sheet.row([&iso(at(2026, 5, 4)), "GI-1013", "shop", "1.7"]);
    sheet.finish()
}

/// `backorders.csv`: the customers who wait.
pub(super) fn backorders(shop: &ShopState, lines: &[OrderLine]) -> String {
    let mut sheet = Sheet::new(
        "order_id,line,customer,sku,location,quantity,ordered_on,promised_on,priority,\
         ship_complete,country,unit_price",
    );
    for line in lines {
        let shelf = &shop.shelves[line.shelf];
        let item = &shop.items[shelf.item];
        let Some(waiting) = shelf.history.waiting.iter().find(|it| it.sale == line.sale) else {
            continue;
        };

        if !is_on_sale(item) {
            continue;
        }

        let sale = &shelf.history.sales[line.sale];
        // Customer service promised the supplier's lead time, whatever the supplier does.
        let promised = sale.day + SUPPLIERS[item.supplier].lead_time_days + 3;

        sheet.row([
            line.order_id.clone(),
            line.line.to_string(),
            sale.customer.map(customer_code).unwrap_or_default(),
            item.sku.clone(),
            LOCATIONS[shelf.location].to_owned(),
            item.quantity(waiting.units),
            iso(sale.day),
            iso(promised),
            String::from(if sale.customer.is_some() { "1" } else { "" }),
            yes(sale.customer.is_some() && sale.units > 8),
            // Whoever buys over the counter has no address; the web shop sells abroad too.
            String::from(match (sale.customer, line.order_id.as_bytes().last()) {
                (None, Some(b'0'..=b'2')) if shelf.location == 0 => "US",
                (None, Some(b'3'..=b'9')) if shelf.location == 0 => "DE",
                _ => "",
            }),
            money(item.price),
        ]);
    }

    stories_of_waiting(&mut sheet);
    sheet.finish()
}

/// Orders that show what the desk does; `data/README.md` tells of each.
fn stories_of_waiting(sheet: &mut Sheet) {
    for row in [
        // Leaves only as a whole: two of its lines are there, the third is late.
        ["T118901", "1", "C1004", "CE-1001", "6", "2026-06-22", "2026-07-06", "true", ""],
        ["T118901", "2", "C1004", "DI-1004", "1", "2026-06-22", "2026-07-06", "true", ""],
        ["T118901", "3", "C1004", "001043", "2", "2026-06-22", "2026-07-06", "true", ""],
        // In the United States: late by less than thirty days, by more, without any date.
        ["W118902", "1", "", "TX-1028", "1", "2026-06-12", "2026-07-01", "", "US"],
        ["W118903", "1", "", "TX-1049", "1", "2026-05-25", "2026-06-24", "", "US"],
        ["W118904", "1", "", "ZZ-404", "1", "2026-06-20", "2026-07-04", "", "US"],
        // In the European Union: late, and never to come.
        ["W118905", "1", "", "TX-1049", "1", "2026-06-19", "2026-07-03", "", "AT"],
        ["W118906", "1", "", "DI-1043", "1", "2026-06-20", "2026-07-10", "", "DE"],
        // It came sooner than was said.
        ["W118907", "1", "", "CE-1001", "2", "2026-06-15", "2026-07-20", "", "DE"],
    ] {
        let [order, line, customer, sku, units, ordered, promised, complete, country] = row;
        let priority = if customer.is_empty() { "" } else { "1" };
        let complete = if complete.is_empty() { "false" } else { complete };
        sheet.row([
            order, line, customer, sku, "depot", units, ordered, promised, priority, complete,
            country, "",
        ]);
    }
}
