//! The configurations of `restock init --preset`: a made-up shop written as each system exports it
//! gives the plan and the orders of the same shop in our own columns.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use chrono::{Days, NaiveDate};

use crate::shop::{restock, rows, unit};

/// Items of the shop: sku, title, category, supplier, cost, price, daily demand.
const ITEMS: [(&str, &str, &str, &str, &str, &str, f64); 5] = [
    ("MUG-BLUE", "Mug, \"classic\"", "Kitchen", "Töpferei Nord", "3.10", "9.90", 4.0),
    ("MUG-RED", "Mug, \"classic\"", "Kitchen", "Töpferei Nord", "3.10", "9.90", 2.0),
    ("00017", "Tea towel", "", "Weber & Söhne", "1.75", "6.50", 3.0),
    ("LAMP/1", "Desk lamp", "Lighting", "Lux SA", "21.00", "59.00", 0.6),
    ("LAMP/2", "Floor lamp", "Lighting", "Lux SA", "44.00", "119.00", 0.4),
];
const DAYS: u64 = 400;

/// A line of a customer's order.
struct Sale {
    date: NaiveDate,
    order: usize,
    customer: usize,
    item: usize,
    quantity: u32,
    is_cancelled: bool,
}

fn start() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 5, 1).unwrap()
}

/// Two orders a day, of up to five lines.
fn sales() -> Vec<Sale> {
    let mut sales = Vec::new();
    for day in 0..DAYS {
        let date = start().checked_add_days(Days::new(day)).unwrap();
        for half in 0..2 {
            let order = (day * 2 + half) as usize + 1001;
            let is_cancelled = unit(order as u64 * 31) < 0.03;
            for (item, known) in ITEMS.iter().enumerate() {
                let chance = unit((order * 7 + item) as u64 * 977);
                let quantity = (known.6 / 2.0 + chance * (1.0 + known.6 / 2.0) - 0.25) as u32;
                if quantity > 0 {
                    let customer = order % 97;
                    sales.push(Sale { date, order, customer, item, quantity, is_cancelled });
                }
            }
        }
    }
    sales
}

/// On hand and held for orders.
fn stock(item: usize) -> (u32, u32) {
    [(40, 3), (12, 0), (150, 10), (2, 1), (9, 0)][item]
}

/// An open order line: number, item, ordered, received.
const OPEN: [(&str, usize, u32, u32); 3] =
    [("P00007", 0, 60, 24), ("P00008", 3, 10, 0), ("P00006", 2, 50, 50)];

fn ordered_on() -> NaiveDate {
    start().checked_add_days(Days::new(DAYS - 6)).unwrap()
}

fn expected_on() -> NaiveDate {
    start().checked_add_days(Days::new(DAYS + 5)).unwrap()
}

/// A field of CSV.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// The command in a folder, which finds programs there first.
#[allow(clippy::disallowed_methods, reason = "the other programs stay where they are")]
fn command(dir: &Path) -> Command {
    let mut command = restock(dir);
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{path}", dir.display()));
    command
}

/// Runs a shop that stands in a folder, and gives its plan and its orders.
fn planned(dir: &Path) -> (String, String) {
    let run = ["run", "--set", "forecast.model=moving-average"];
    let output = command(dir).args(run).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{err}");
    let run = dir.join("runs/2026-06-05");
    let read = |name: &str| fs::read_to_string(run.join(name)).unwrap();
    (read("plan.csv"), read("purchase_orders.csv"))
}

/// The shop in our own columns.
fn plain(dir: &Path, knows: Knows) -> (String, String) {
    let mut orders = "date,sku,quantity,order_id,customer,unit_price,status\n".to_owned();
    for sale in sales() {
        let (sku, price) = (ITEMS[sale.item].0, ITEMS[sale.item].5);
        let status = if sale.is_cancelled { "cancelled" } else { "" };
        let (day, order, by, n) = (sale.date, sale.order, sale.customer, sale.quantity);
        writeln!(orders, "{day},{sku},{n},{order},c{by},{price},{status}").unwrap();
    }
    let mut items = "sku,description,category,supplier,unit_cost,unit_price,uom\n".to_owned();
    for (sku, title, category, supplier, cost, price, _) in ITEMS {
        let (supplier, cost) = if knows.suppliers { (supplier, cost) } else { ("", "") };
        let (title, uom) = (quoted(title), knows.uom);
        let price = if uom.is_empty() { price } else { "" };
        writeln!(items, "{sku},{title},{category},{supplier},{cost},{price},{uom}").unwrap();
    }
    let mut on_hand = "sku,on_hand,allocated\n".to_owned();
    for (at, item) in ITEMS.iter().enumerate() {
        let (count, held) = stock(at);
        let held = if knows.allocated { held } else { 0 };
        writeln!(on_hand, "{},{count},{held}", item.0).unwrap();
    }
    let mut tables = vec![("orders", orders), ("items", items), ("stock", on_hand)];
    if knows.open_orders {
        let mut open = "po_number,supplier,sku,quantity,ordered_on,expected_on\n".to_owned();
        for (number, item, ordered, received) in OPEN.iter().filter(|line| line.2 > line.3) {
            let (sku, _, _, supplier, ..) = ITEMS[*item];
            let (from, to, n) = (ordered_on(), expected_on(), ordered - received);
            writeln!(open, "{number},{supplier},{sku},{n},{from},{to}").unwrap();
        }
        tables.push(("purchase_orders", open));
    }
    let mut config = "[plan]\nlead_time_days = 14\ntarget = { fill_rate = 0.95 }\n".to_owned();
    for (table, text) in tables {
        fs::write(dir.join(format!("{table}.csv")), text).unwrap();
        writeln!(config, "[inputs.{table}]\npath = \"{table}.csv\"").unwrap();
    }
    fs::write(dir.join("restock.toml"), config).unwrap();
    planned(dir)
}

/// What a system knows beside sales, items and counts.
#[derive(Clone, Copy)]
struct Knows {
    suppliers: bool,
    allocated: bool,
    open_orders: bool,
    /// Its unit of measure; a system that names it has no price list.
    uom: &'static str,
}

/// Writes the configuration of a preset, lets `write` fill the exports, and compares.
fn assert_same_plan(preset: &str, knows: Knows, write: impl Fn(&Path)) {
    let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    restock(theirs.path()).args(["init", "--preset", preset, "."]).assert().success();
    fs::create_dir(theirs.path().join("exports")).unwrap();
    write(theirs.path());
    let check = command(theirs.path()).arg("check").output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));

    let (plan, orders) = planned(theirs.path());
    let (our_plan, our_orders) = plain(ours.path(), knows);
    assert_eq!(plan, our_plan, "{preset}");
    assert_eq!(orders, our_orders, "{preset}");
    let lines = rows(&ours.path().join("runs/2026-06-05/purchase_orders.csv"));
    assert!(lines.len() >= 2, "{preset}: {} lines", lines.len());
}

/// The lines of each order, in their order.
fn by_order(sales: &[Sale]) -> BTreeMap<usize, Vec<&Sale>> {
    let mut orders: BTreeMap<usize, Vec<&Sale>> = BTreeMap::new();
    sales.iter().for_each(|sale| orders.entry(sale.order).or_default().push(sale));
    orders
}

#[test]
fn shopify_exports_give_the_plan_of_the_shop() {
    let knows = Knows { suppliers: true, allocated: true, open_orders: false, uom: "" };
    assert_same_plan("shopify", knows, |dir| {
        // Two parts, as long exports come; the second repeats the last order of the first.
        let head = "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,\
                    Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,\
                    Lineitem requires shipping,Notes,Cancelled at,Vendor,Location,Id\n";
        let sales = sales();
        let mut texts = Vec::new();
        for (number, lines) in by_order(&sales) {
            let mut text = String::new();
            for (at, sale) in lines.iter().enumerate() {
                let stamp = format!("{} 10:0{}:33 +0200", sale.date, at % 10);
                let cancelled = if sale.is_cancelled { stamp.as_str() } else { "" };
                let order = match at {
                    0 => [format!("c{}", sale.customer), "paid".to_owned(), cancelled.to_owned()],
                    _ => Default::default(),
                };
                let (sku, title, _, vendor, _, price, _) = ITEMS[sale.item];
                let [email, status, cancelled] = order;
                let (n, title) = (sale.quantity, quoted(title));
                writeln!(
                    text,
                    "#{number},{email},{status},,fulfilled,EUR,10.00,{stamp},{n},{title},{price},\
                     {sku},true,,{cancelled},{vendor},,{}",
                    if at == 0 { "5550001" } else { "" }
                )
                .unwrap();
            }
            if number % 50 == 0 {
                let stamp = format!("{} 10:00:33 +0200", lines[0].date);
                let name = format!("#{number},,,,,,,{stamp},1,Gift card,25.00,,false,,,,,\n");
                text.push_str(&name);
                text.push_str(&name.replace("card,25.00,,", "wrap,2.00,WRAP,"));
            }
            texts.push(text);
        }
        let half = texts.len() / 2;
        let parts = [texts[..half].concat(), texts[half - 1..].concat()];
        for (at, part) in parts.iter().enumerate() {
            let path = dir.join(format!("exports/orders_export_{}.csv", at + 1));
            fs::write(path, format!("{head}{part}")).unwrap();
        }

        // Variants and pictures stand below the first line of a product.
        let mut products = "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,\
                            Option1 Name,Option1 Value,Variant SKU,Variant Grams,\
                            Variant Inventory Tracker,Variant Inventory Qty,\
                            Variant Price,Variant Barcode,Image Src,\
                            Cost per item,Status\n"
            .to_owned();
        let mut last = "";
        for (sku, title, category, vendor, cost, price, _) in ITEMS {
            let first = match title == last {
                true => ",,,,,,".to_owned(),
                false => format!("{},<p>x</p>,{vendor},,{category},,TRUE", quoted(title)),
            };
            let status = if title == last { "" } else { "active" };
            last = title;
            writeln!(
                products,
                "h-{},{first},Colour,x,{sku},200,shopify,5,{price},'4006381333931,,{cost},{status}",
                title.len()
            )
            .unwrap();
            writeln!(products, "h-{},,,,,,,,,,,,,,,,https://x/y.jpg,,", title.len()).unwrap();
        }
        fs::write(dir.join("exports/products_export_1.csv"), products).unwrap();

        let mut inventory = "Handle,Title,Option1 Name,Option1 Value,SKU,HS Code,COO,Location,\
                             Bin name,Incoming (not editable),Unavailable (not editable),\
                             Committed (not editable),Available (not editable),\
                             On hand (current),On hand (new)\n"
            .to_owned();
        for (at, item) in ITEMS.iter().enumerate() {
            let (count, held) = stock(at);
            let shop = count / 2;
            for (place, count, held) in
                [("Warehouse", count - shop, held), ("Shop", shop, 0), ("Fair", 0, 0)]
            {
                let count = match place {
                    "Fair" => "not stocked".to_owned(),
                    _ => count.to_string(),
                };
                writeln!(inventory, "h,t,,,{},,,{place},,0,0,{held},0,{count},", item.0).unwrap();
            }
        }
        fs::write(dir.join("exports/inventory_export_1.csv"), inventory).unwrap();
    });
}

#[test]
fn odoo_exports_give_the_plan_of_the_shop() {
    let knows = Knows { suppliers: true, allocated: true, open_orders: true, uom: "" };
    assert_same_plan("odoo", knows, |dir| {
        let mut orders = "\"Order Reference\",\"Order Date\",\"Customer\",\"Status\",\
                          \"Order Lines/Product/Internal Reference\",\
                          \"Order Lines/Product/Product Type\",\"Order Lines/Quantity\",\
                          \"Order Lines/Unit Price\"\n"
            .to_owned();
        let sales = sales();
        for (number, lines) in by_order(&sales) {
            for (at, sale) in lines.iter().enumerate() {
                let (sku, price) = (ITEMS[sale.item].0, ITEMS[sale.item].5);
                let status = if sale.is_cancelled { "Cancelled" } else { "Sales Order" };
                let order = match at {
                    0 => format!("S{number},{} 08:30:00,c{},{status}", sale.date, sale.customer),
                    _ => ",,,".to_owned(),
                };
                writeln!(orders, "{order},{sku},Goods,{}.0,{price}", sale.quantity).unwrap();
            }
        }
        let quotation = "S99999,2026-06-01 08:30:00,c1,Quotation";
        writeln!(orders, "{quotation},MUG-BLUE,Goods,5000.0,9.90").unwrap();
        writeln!(orders, ",,,,MUG-RED,Goods,5000.0,9.90").unwrap();
        writeln!(orders, ",,,,,,0.0,0.0").unwrap();
        let order = "S99998,2026-06-01 08:30:00,c1,Sales Order";
        writeln!(orders, "{order},Delivery_007,Service,1.0,4.90").unwrap();
        fs::write(dir.join("exports/Sales Order (sale.order).csv"), orders).unwrap();

        let mut products =
            "Internal Reference,Name,Product Type,Product Category,Barcode,Cost,Sales Price,\
                            Vendors/Vendor,Vendors/Vendor Product Code\n"
                .to_owned();
        for (sku, title, category, vendor, cost, price, _) in ITEMS {
            let title = quoted(title);
            writeln!(products, "{sku},{title},Goods,{category},,{cost},{price},{vendor},").unwrap();
            writeln!(products, ",,,,,,,Another Vendor,X-1").unwrap();
        }
        writeln!(products, "Delivery_007,Delivery,Service,All,,0,4.90,,").unwrap();
        fs::write(dir.join("exports/product.product.csv"), products).unwrap();

        let mut quants =
            "Product/Internal Reference,Location,Quantity,Reserved Quantity\n".to_owned();
        for (at, item) in ITEMS.iter().enumerate() {
            let (count, held) = stock(at);
            writeln!(quants, "{},WH/Stock/A,{}.0,{held}.0", item.0, count - count / 3).unwrap();
            writeln!(quants, "{},WH/Stock/B,{}.0,0.0", item.0, count / 3).unwrap();
        }
        fs::write(dir.join("exports/Quants (stock.quant) (2).csv"), quants).unwrap();

        let mut open = "Order Reference,Source,Vendor,Order Deadline,Status,\
                        Order Lines/Product/Internal Reference,Order Lines/Quantity,\
                        Order Lines/Received Qty,Order Lines/Expected Arrival\n"
            .to_owned();
        for (number, item, ordered, received) in OPEN {
            let (sku, _, _, vendor, ..) = ITEMS[item];
            let (from, to) = (ordered_on(), expected_on());
            // One is not confirmed yet.
            let status = if number == "P00008" { "RFQ Sent" } else { "Purchase Order" };
            writeln!(
                open,
                "{number},,{vendor},{from} 12:00:00,{status},{sku},{ordered}.0,{received}.0,\
                 {to} 12:00:00"
            )
            .unwrap();
        }
        writeln!(open, "P00009,,Lux SA,2026-06-01 12:00:00,Cancelled,LAMP/1,500.0,0.0,").unwrap();
        fs::write(dir.join("exports/purchase.order.csv"), open).unwrap();
    });
}

#[test]
fn erpnext_exports_give_the_plan_of_the_shop() {
    let knows = Knows { suppliers: true, allocated: true, open_orders: true, uom: "Nos" };
    assert_same_plan("erpnext", knows, |dir| {
        let mut orders = "ID,Customer,Date,Status,Item Code (Items),Quantity (Items),\
                          Rate (Items)\n"
            .to_owned();
        let sales = sales();
        for (number, lines) in by_order(&sales) {
            for (at, sale) in lines.iter().enumerate() {
                let (sku, price) = (ITEMS[sale.item].0, ITEMS[sale.item].5);
                let status = if sale.is_cancelled { "Cancelled" } else { "To Deliver and Bill" };
                let order = match at {
                    0 => format!("SAL-ORD-{number},c{},{},{status}", sale.customer, sale.date),
                    _ => ",,,".to_owned(),
                };
                writeln!(orders, "{order},{sku},{},{price}", sale.quantity).unwrap();
            }
        }
        writeln!(orders, "SAL-ORD-9,c1,2026-06-01,Draft,MUG-BLUE,5000,9.90").unwrap();
        writeln!(orders, ",,,,MUG-RED,5000,9.90").unwrap();
        fs::write(dir.join("exports/Sales Order.csv"), orders).unwrap();

        let mut items =
            "Item Code,Item Name,Item Group,Maintain Stock,Disabled,Default Unit of Measure,\
                         Valuation Rate,\
                         Lead Time in days,Minimum Order Qty,Supplier (Supplier Items),\
                         Supplier Part Number (Supplier Items)\n"
                .to_owned();
        for (sku, title, group, supplier, cost, ..) in ITEMS {
            let title = quoted(title);
            writeln!(items, "{sku},{title},{group},1,0,Nos,{cost},0,0,{supplier},").unwrap();
            writeln!(items, ",,,,,,,,,Another Supplier,X-1").unwrap();
        }
        fs::write(dir.join("exports/Item.csv"), items).unwrap();

        let mut bins = "Item Code,Item Name,Description,Item Group,Brand,Warehouse,UOM,\
                        Actual Qty,Planned Qty,Requested Qty,Ordered Qty,Reserved Qty,\
                        Projected Qty\n"
            .to_owned();
        for (at, item) in ITEMS.iter().enumerate() {
            let ((count, held), sku) = (stock(at), item.0);
            let rest = count - count / 3;
            writeln!(bins, "{sku},t,,g,,Stores - X,Nos,{rest},0,0,0,{held},0").unwrap();
            writeln!(bins, "{sku},t,,g,,Shop - X,Nos,{},0,0,0,0,0", count / 3).unwrap();
        }
        fs::write(dir.join("exports/Stock Projected Qty.csv"), bins).unwrap();

        let mut open = "ID,Supplier,Date,Status,Item Code (Items),Quantity (Items),\
                        Received Qty (Items),Required By (Items)\n"
            .to_owned();
        for (number, item, ordered, received) in OPEN {
            let (sku, _, _, supplier, ..) = ITEMS[item];
            let (from, to) = (ordered_on(), expected_on());
            // One is not submitted yet.
            let status = if number == "P00008" { "Draft" } else { "To Receive and Bill" };
            writeln!(open, "{number},{supplier},{from},{status},{sku},{ordered},{received},{to}")
                .unwrap();
        }
        writeln!(open, "P00009,Lux SA,2026-06-01,Cancelled,LAMP/1,500,0,2026-06-20").unwrap();
        fs::write(dir.join("exports/Purchase Order.csv"), open).unwrap();
    });
}

/// The database is a script that prints what `mysql --batch` does.
#[cfg(unix)]
#[test]
fn woocommerce_gives_the_plan_of_the_shop() {
    use std::os::unix::fs::PermissionsExt as _;

    let knows = Knows { suppliers: false, allocated: false, open_orders: false, uom: "" };
    assert_same_plan("woocommerce", knows, |dir| {
        let mut said = "date\tsku\tquantity\torder_id\tcustomer\tstatus\n".to_owned();
        for sale in sales() {
            let (day, sku, n) = (sale.date, ITEMS[sale.item].0, sale.quantity);
            let status = if sale.is_cancelled { "wc-cancelled" } else { "wc-completed" };
            let (order, by) = (sale.order, sale.customer);
            writeln!(said, "{day}\t{sku}\t{n}\t{order}\t{by}\t{status}").unwrap();
        }
        fs::write(dir.join("said.tsv"), said).unwrap();
        let script = format!("#!/bin/sh\ncat '{}/said.tsv'\n", dir.display());
        let program = dir.join("mysql");
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();

        let mut products = "ID,Type,SKU,\"GTIN, UPC, EAN, or ISBN\",Name,Published,In stock?,\
                            Stock,Regular price,Categories,Parent\n"
            .to_owned();
        for (at, (sku, title, category, _, _, price, _)) in ITEMS.into_iter().enumerate() {
            let (count, title) = (stock(at).0, quoted(title));
            writeln!(products, "{at},simple,{sku},,{title},1,1,{count},{price},{category},")
                .unwrap();
        }
        writeln!(products, "90,variable,MUGS,,Mugs,1,1,,,Kitchen,").unwrap();
        writeln!(products, "91,simple,,,Service,1,1,,5.00,,").unwrap();
        fs::write(dir.join("exports/wc-product-export-1.csv"), products).unwrap();
    });
}

#[test]
fn sales_alone_give_levels_and_no_orders() {
    let dir = tempfile::tempdir().unwrap();
    restock(dir.path()).args(["init", "--preset", "bare", "."]).assert().success();
    let mut text = "date,sku,quantity\n".to_owned();
    for sale in sales() {
        writeln!(text, "{},{},{}", sale.date, ITEMS[sale.item].0, sale.quantity).unwrap();
    }
    fs::write(dir.path().join("sales.csv"), text).unwrap();
    let (_, orders) = planned(dir.path());
    assert_eq!(orders.lines().count(), 1, "a header only");
    let plan = rows(&dir.path().join("runs/2026-06-05/plan.csv"));
    assert_eq!(plan.len(), ITEMS.len());
    for row in plan {
        assert_eq!((row["decision"].as_str(), row["on_hand"].as_str()), ("blocked", ""));
        assert!(row["reorder_point"].parse::<f64>().unwrap() > 0.0);
    }
}

#[test]
fn two_exports_of_one_shelf_are_not_added_up() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    let mut orders = "date,sku,quantity\n".to_owned();
    for sale in sales() {
        writeln!(orders, "{},{},{}", sale.date, ITEMS[sale.item].0, sale.quantity).unwrap();
    }
    write("orders.csv", &orders);
    write("stock.csv", "sku,on_hand\nMUG-BLUE,40\nMUG-RED,12\n00017,150\n");
    write("stock (1).csv", "sku,on_hand\nMUG-BLUE,36\nMUG-RED,12\n00017,147\nLAMP/1,2\n");
    let run = |path: &str| {
        let config = format!(
            "[inputs.orders]\npath = \"orders.csv\"\n[inputs.stock]\npath = {path}\n\
             [forecast]\nmodel = \"moving-average\"\n"
        );
        write("restock.toml", &config);
        let output = restock(dir.path()).arg("run").output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = run("\"stock*.csv\"");
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("stock (1).csv") && said.contains("3 of 3 rows"), "{said}");
    // Named one by one, or found under names of their own, both count.
    assert_eq!(run("[\"stock.csv\", \"stock (1).csv\"]").0, 0);
    fs::rename(dir.path().join("stock (1).csv"), dir.path().join("stock-hall.csv")).unwrap();
    assert_eq!(run("\"stock*.csv\"").0, 0);
    let plan = rows(&dir.path().join("runs/2026-06-05/plan.csv"));
    let blue = plan.iter().find(|row| row["sku"] == "MUG-BLUE").unwrap();
    assert_eq!(blue["on_hand"], "76");
}
