//! The tables that describe items, suppliers, customers and locations.

use super::catalogue::CatalogueItem;
use super::dates::{at, history_days, iso};
use super::dice::Dice;
use super::orders::customer_code;
use super::sheet::{Sheet, money, unless_zero, yes};
use super::shop_state::{CUSTOMERS, ShopState};
use super::suppliers::{CANDLES, COFFEE, GARDEN, HARDWARE, IMPORTS, POTTERY, SUPPLIERS, TEXTILES};

/// `items.csv`
pub(super) fn items(seed: u64, shop: &ShopState) -> String {
    let mut sheet = Sheet::new(
        "sku,description,category,supplier,supplier_sku,gtin,unit_cost,unit_price,status,\
         launch_date,end_date,replaces,lead_time_days,lead_time_sd_days,order_cost,moq,pack_size,\
         min_stock,max_stock,presentation_stock,shelf_life_days,weight_kg,volume_m3,uom,target,\
         backorder_policy,backorder_limit_units,backorder_limit_days",
    );
    let mut dice = Dice::new(seed, "items");

    for (number, item) in shop.items.iter().enumerate() {
        let row = item_row(number, item, &mut dice);
        sheet.row(&row);

        // One item was entered twice; two drafts of another were never finished.
        if item.sku == "DI-1010" {
            let mut again = row.clone();
            again[1] = "Paint brush, standard (old entry)".to_owned();
            sheet.row(again);
        }

        if item.sku == "PA-1022" {
            for (column, value) in [(6, "1,2O"), (8, "sleeping")] {
                let mut draft = row.clone();
                draft[column] = value.to_owned();
                sheet.row(draft);
            }
        }
    }

    sheet.finish()
}

fn item_row(number: usize, item: &CatalogueItem, dice: &mut Dice) -> Vec<String> {
    // A kettle that is assembled to order takes longer than the rest of its supplier's range.
    let slow = item.supplier == POTTERY && number.is_multiple_of(11);

    let (limit_units, limit_days) =
        if item.backorder_policy == "limit" { (24, 30) } else { (0, 0) };
    let presentation = if item.category == "ceramics" && item.shop_share > 0.0 { 2 } else { 0 };

    vec![
        item.sku.clone(),
        item.description.clone(),
        item.category.to_owned(),
        SUPPLIERS[item.supplier].code.to_owned(),
        supplier_sku(SUPPLIERS[item.supplier].code, dice),
        gtin(200_000_000_000 + number as u64 * 37 + 1),
        money(item.cost),
        money(item.price),
        item.status.to_owned(),
        if item.launched >= 0 { iso(item.launched) } else { String::new() },
        item.ended.map(iso).unwrap_or_default(),
        item.replaces.clone().unwrap_or_default(),
        unless_zero(if slow { 35 } else { 0 }),
        unless_zero(if slow { 6 } else { 0 }),
        String::new(),
        unless_zero(item.moq),
        item.pack_size.to_string(),
        unless_zero(if item.category == "spare parts" && number.is_multiple_of(3) { 2 } else { 0 }),
        unless_zero(if item.sku == "GA-1103" { 60 } else { 0 }),
        unless_zero(presentation),
        unless_zero(item.shelf_life_days),
        format!("{}.{:03}", item.weight_grams / 1000, item.weight_grams % 1000),
        format!("0.{:04}", item.weight_grams / 5 + 2),
        String::from(if item.halves { "kg" } else { "pc" }),
        item.target.to_owned(),
        item.backorder_policy.to_owned(),
        unless_zero(limit_units),
        unless_zero(limit_days),
    ]
}

/// What the supplier calls the item: two letters of its own name and five digits.
fn supplier_sku(supplier: &str, dice: &mut Dice) -> String {
    let letters: String = supplier.chars().filter(char::is_ascii_alphabetic).take(2).collect();
    format!("{}{:05}", letters.to_uppercase(), dice.below(90_000))
}

/// A 13-digit article number from its first twelve digits (GS1 General Specifications, 7.9: check
/// digit).
fn gtin(first_twelve: u64) -> String {
    let digits = format!("{first_twelve:012}");
    let sum: u32 = digits
        .bytes()
        .zip([1, 3].into_iter().cycle())
        .map(|(digit, by)| u32::from(digit - b'0') * by)
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// `item_suppliers.csv`: who else could deliver, at what price.
pub(super) fn item_suppliers(shop: &ShopState) -> String {
    let mut sheet = Sheet::new(
        "sku,supplier,rank,supplier_sku,unit_cost,moq,pack_size,lead_time_days,lead_time_sd_days,\
         order_cost,drop_ship_cost",
    );
    for item in shop.items.iter().step_by(13).filter(|item| item.status == "active") {
        let (other, dearer) = match item.supplier {
            POTTERY | TEXTILES => (IMPORTS, 0.98),
            GARDEN => (HARDWARE, 1.09),
            HARDWARE => (GARDEN, 1.12),
            CANDLES => (POTTERY, 1.2),
            _ => continue,
        };

        let terms = &SUPPLIERS[other];
        sheet.row([
            item.sku.clone(),
            terms.code.to_owned(),
            "2".to_owned(),
            format!("ALT-{}", item.sku),
            money((item.cost as f64 * dearer) as i64),
            unless_zero(if other == IMPORTS { 48 } else { 0 }),
            item.pack_size.to_string(),
            terms.lead_time_days.to_string(),
            terms.lead_time_sd_days.to_string(),
            String::new(),
            if terms.drop_ships { money(650 + item.cost / 20) } else { String::new() },
        ]);
    }

    sheet.finish()
}

/// `item_locations.csv`: what the shop in town keeps on its shelves.
pub(super) fn item_locations(shop: &ShopState) -> String {
    let mut sheet = Sheet::new("sku,location,supplier,min_stock,max_stock,target,active");
    for (number, item) in shop.items.iter().enumerate() {
        // One item is new to the shop and has not sold there yet; one was tried there and is no
        // longer kept.
        let is_active = match item.sku.as_str() {
            "TX-1004" => true,
            "DI-1013" => false,
            _ if item.shop_share > 0.0 => true,
            _ => continue,
        };
        let min_stock =
            if item.category == "coffee" { 6 } else { i64::from(item.sku == "TX-1004") * 2 };
        let max_stock = if item.category == "garden" && number.is_multiple_of(2) { 36 } else { 0 };
        let target = if item.category == "coffee" { "cycle_service_level=0.97" } else { "" };

        sheet.row([
            item.sku.clone(),
            "shop".to_owned(),
            String::new(),
            unless_zero(min_stock),
            unless_zero(max_stock),
            target.to_owned(),
            yes(is_active),
        ]);
    }

    sheet.finish()
}

/// `suppliers.csv`
pub(super) fn suppliers() -> String {
    let mut sheet = Sheet::new(
        "supplier,name,lead_time_days,lead_time_sd_days,review_period_days,order_weekdays,\
         min_order_value,order_cost,currency,email,drop_ships,payment_days,deposit_share",
    );
    for supplier in &SUPPLIERS {
        sheet.row([
            supplier.code.to_owned(),
            supplier.name.to_owned(),
            supplier.lead_time_days.to_string(),
            supplier.lead_time_sd_days.to_string(),
            unless_zero(i64::from(supplier.review_period_days)),
            supplier.order_weekdays.to_owned(),
            unless_zero(i64::from(supplier.min_order_value)),
            supplier.order_cost.to_string(),
            supplier.currency.to_owned(),
            supplier.email.to_owned(),
            yes(supplier.drop_ships),
            unless_zero(i64::from(supplier.payment_days)),
            match supplier.deposit_percent {
                0 => String::new(),
                percent => format!("0.{percent:02}"),
            },
        ]);
    }

    sheet.finish()
}

/// `closures.csv`
pub(super) fn closures(shop: &ShopState) -> String {
    let mut sheet = Sheet::new("supplier,from,to");
    for closure in &shop.closures {
        let supplier = SUPPLIERS[closure.supplier].code.to_owned();
        sheet.row([supplier, iso(closure.from), iso(closure.to)]);
    }
    sheet.finish()
}

/// `price_breaks.csv`: the pottery and the roaster give a discount on quantity.
pub(super) fn price_breaks(shop: &ShopState) -> String {
    let mut sheet = Sheet::new("supplier,sku,min_quantity,unit_cost");
    for item in shop.items.iter().step_by(3) {
        let steps = match item.supplier {
            POTTERY => [(24, 96), (60, 91)],
            COFFEE => [(36, 97), (96, 93)],
            _ => continue,
        };

        for (quantity, percent) in steps {
            let supplier = SUPPLIERS[item.supplier].code.to_owned();
            sheet.row([
                supplier,
                item.sku.clone(),
                quantity.to_string(),
                money(item.cost * percent / 100),
            ]);
        }
    }

    sheet.finish()
}

/// What the trade customers are.
const TRADES: [&str; 6] = ["Hotel", "Café", "Bakery", "Florist", "Guest house", "Gift shop"];
/// What they are called after.
const HOUSES: [&str; 5] = ["Seeblick", "Mill Lane", "Three Oaks", "Harbour View", "Old Bridge"];

/// `customers.csv`: those with an account, all of them businesses.
pub(super) fn customers(seed: u64) -> String {
    let mut sheet = Sheet::new(
        "customer,name,email,country,consumer,priority,backorder_policy,backorder_limit_units",
    );
    let mut dice = Dice::new(seed, "customers");
    for number in 0..CUSTOMERS {
        let (policy, limit) = match number % 5 {
            0 => ("allow", ""),
            1 => ("limit", "40"),
            4 => ("deny", ""),
            _ => ("", ""),
        };

        let code = customer_code(number);
        let name = format!("{} {}", TRADES[number % 6], HOUSES[number % 5]);
        let email = format!("orders@{}.example", code.to_lowercase());
        let country = if number % 7 == 3 { "AT" } else { "DE" };
        let priority = (1 + dice.below(3)).to_string();
        sheet.row([&*code, &name, &email, country, "false", &priority, policy, limit]);
    }
    sheet.finish()
}

/// `components.csv`: a box of two coffees that is planned for the winter.
pub(super) fn components() -> String {
    let mut sheet = Sheet::new("sku,component,quantity,from,to");
    let from = iso(at(2026, 11, 2));
    for component in ["CO-1019", "CO-1028"] {
        sheet.row(["CO-TASTING", component, "1", &from, ""]);
    }
    sheet.finish()
}

/// `locations.csv`
pub(super) fn locations() -> String {
    let mut sheet = Sheet::new("location,name,supplied_by,lead_time_days");
    sheet.row(["depot", "Depot, web shop and trade counter", "", ""]);
    sheet.row(["shop", "Shop in the old town", "", ""]);
    sheet.finish()
}

/// Whether the item can still be bought.
pub(super) fn is_on_sale(item: &CatalogueItem) -> bool {
    item.ended.is_none_or(|ended| ended >= history_days())
}
