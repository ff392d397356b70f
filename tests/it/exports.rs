//! Exports as the systems write them: each, read by a configuration of a few lines, gives the same
//! plan as the same sales in our own form.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use chrono::{Days, NaiveDate};

use crate::shop::restock;

const AS_OF: &str = "2026-06-29";
const SKUS: [&str; 3] = ["00017", "MUG-BLUE", "KG-2"];

/// What was sold, a row for each order line.
struct Line {
    date: NaiveDate,
    order: usize,
    sku: &'static str,
    quantity: u64,
}

/// Forty weeks of orders of one to three lines; of the first item sometimes more than a thousand.
fn sales() -> Vec<Line> {
    let first = NaiveDate::from_ymd_opt(2025, 9, 22).unwrap();
    (0..280_usize)
        .flat_map(|day| {
            let date = first + Days::new(day as u64);
            (0..=day % 3).map(move |number| Line {
                date,
                order: 1001 + day,
                sku: SKUS[number],
                quantity: match number {
                    0 if day % 11 == 0 => 1_250 + day as u64,
                    _ => 3 + (day as u64 * 7 + number as u64) % 9,
                },
            })
        })
        .collect()
}

/// Lines of each order: the first one of an order comes with `true`.
fn with_first(sales: &[Line]) -> impl Iterator<Item = (&Line, bool)> {
    let is_first = |at: usize| at == 0 || sales[at - 1].order != sales[at].order;
    sales.iter().enumerate().map(move |(at, line)| (line, is_first(at)))
}

fn ours() -> String {
    let mut text = String::from("date,sku,quantity,order_id\n");
    for Line { date, order, sku, quantity } in sales() {
        writeln!(text, "{date},{sku},{quantity},{order}").unwrap();
    }
    text
}

const OUR_STOCK: &str = "sku,on_hand\n00017,1200\nMUG-BLUE,15\nKG-2,40\n";
const OUR_ITEMS: &str = "sku,supplier\n00017,ACME\nMUG-BLUE,ACME\nKG-2,ACME\n";

/// A shop's files with the lines of configuration that read them.
#[derive(Default)]
struct Export {
    config: String,
    files: Vec<(&'static str, Vec<u8>)>,
}

impl Export {
    /// Orders in a file of this name, read by these lines below `[inputs.orders]`.
    fn orders(name: &'static str, content: impl Into<Vec<u8>>, config: &str) -> Self {
        Self::default().and("orders", name, content, config)
    }

    fn and(
        mut self,
        table: &str,
        name: &'static str,
        content: impl Into<Vec<u8>>,
        config: &str,
    ) -> Self {
        write!(self.config, "[inputs.{table}]\npath = {name:?}\n{config}\n").unwrap();
        self.files.push((name, content.into()));
        self
    }

    /// Completed by our own tables where the system exports none, and planned.
    fn plan(self) -> String {
        let lines = self.config.lines().filter(|line| !line.trim().is_empty()).count();
        assert!(lines <= 12, "{lines} lines of configuration");

        let mut export = self;
        for (table, name, text) in
            [("stock", "our_stock.csv", OUR_STOCK), ("items", "our_items.csv", OUR_ITEMS)]
        {
            if !export.config.contains(&format!("[inputs.{table}]")) {
                export = export.and(table, name, text, "");
            }
        }

        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("restock.toml"), &export.config).unwrap();
        for (name, content) in &export.files {
            fs::write(dir.path().join(name), content).unwrap();
        }
        plan_of(dir.path())
    }
}

/// The plan of a folder's night, without the columns that prices would change.
fn plan_of(dir: &Path) -> String {
    let output = restock(dir).args(["run", "--as-of", AS_OF]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    fs::read_to_string(dir.join("runs").join(AS_OF).join("plan.csv")).unwrap()
}

fn our_plan() -> String {
    Export::orders("sales.csv", ours(), "").plan()
}

/// `1234.5` with a mark between thousands and another before decimals.
fn grouped(number: u64, mark: &str) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{}{mark}{:03}", number / 1_000, number % 1_000),
    }
}

fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|char| u8::try_from(u32::from(char)).unwrap()).collect()
}

#[test]
fn shopify_orders_products_and_inventory_are_read() {
    let mut orders = String::from(
        "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Created at,\
         Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Cancelled at,Vendor\n",
    );
    for (Line { date, order, sku, quantity }, is_first) in with_first(&sales()) {
        let paid = if is_first { "paid" } else { "" };
        writeln!(
            orders,
            "#{order},kim@example.com,{paid},,,EUR,,{date} 21:03:11 -0400,{quantity},\
             \"Mug, blue\",9.90,{sku},,Acme"
        )
        .unwrap();
        if is_first && order % 7 == 0 {
            // An order of two lines that was cancelled: only its first line says so.
            writeln!(
                orders,
                "#C{order},,voided,,,EUR,,{date} 08:00:00 -0400,500,Mug,9.90,{sku},{date},Acme\n\
                 #C{order},,,,,,,{date} 08:00:00 -0400,400,Mug,9.90,{sku},,Acme"
            )
            .unwrap();
        }
    }
    let products = "Handle,Title,Vendor,Variant SKU,Variant Price,Image Src,Cost per item\n\
                    tee,Tee,ACME,'00017,9.90,a.jpg,4.00\ntee,,,,,b.jpg,\n\
                    mug,Mug,ACME,MUG-BLUE,9.90,c.jpg,4.00\nkilo,Kilo,ACME,KG-2,9.90,,4.00\n";
    let inventory = "Handle,Title,SKU,Location,Committed (not editable),On hand (current)\n\
                     tee,Tee,'00017,Main street,0,1200\nmug,Mug,MUG-BLUE,Main street,0,15\n\
                     kilo,Kilo,KG-2,Main street,0,40\nkilo,Kilo,KG-2,Pop-up,,not stocked\n";

    let plan = Export::orders(
        "orders_export.csv",
        orders,
        "columns = { date = \"Created at\", sku = \"Lineitem sku\", \
         quantity = \"Lineitem quantity\", order_id = \"Name\", status = \"Financial Status\" }\n\
         fill_down = [\"Financial Status\"]\n",
    )
    .and(
        "items",
        "products_export.csv",
        products,
        "columns = { sku = \"Variant SKU\", supplier = \"Vendor\" }\n\
         exclude = [{ column = \"Variant SKU\", equals = \"\" }]\n",
    )
    .and(
        "stock",
        "inventory_export.csv",
        inventory,
        "columns = { sku = \"SKU\", on_hand = \"On hand (current)\" }\n\
         exclude = [{ column = \"On hand (current)\", equals = \"not stocked\" }]\n",
    )
    .plan();
    assert_eq!(plan, our_plan());
}

#[test]
fn odoo_order_lines_grouped_by_order_are_read() {
    let mut text = String::from(
        "\"Order Reference\",\"Order Date\",\"Customer\",\"Order Lines/Product/Internal \
         Reference\",\"Order Lines/Quantity\",\"Status\"\n",
    );
    for (Line { date, order, sku, quantity }, is_first) in with_first(&sales()) {
        if is_first && order % 9 == 0 {
            writeln!(
                text,
                "\"S9{order}\",\"{date} 11:00:00\",\"Lee\",\"{sku}\",\"70.00\",\"Cancelled\"\n\
                 \"\",\"\",\"\",\"{sku}\",\"80.00\",\"\""
            )
            .unwrap();
        }
        let head = match is_first {
            true => format!("\"S{order:05}\",\"{date} 10:15:00\",\"Kim & Co\""),
            false => "\"\",\"\",\"\"".to_owned(),
        };
        let status = if is_first { "Sales Order" } else { "" };
        writeln!(text, "{head},\"{sku}\",\"{quantity}.00\",\"{status}\"").unwrap();
    }
    let config = "columns = { order_id = \"Order Reference\", date = \"Order Date\", \
                  sku = \"Order Lines/Product/Internal Reference\", \
                  quantity = \"Order Lines/Quantity\", status = \"Status\" }\n\
                  fill_down = [\"Order Reference\", \"Order Date\", \"Status\"]\n";
    assert_eq!(Export::orders("sale_order.csv", text, config).plan(), our_plan());
}

#[test]
fn erpnext_child_rows_are_read() {
    let mut text = String::from(
        "\"ID\",\"Date\",\"Customer\",\"ID (Items)\",\"Item Code (Items)\",\"Quantity (Items)\"\n",
    );
    for (Line { date, order, sku, quantity }, is_first) in with_first(&sales()) {
        let head = match is_first {
            true => format!("\"SAL-ORD-2026-{order:05}\",\"{}\",\"Kim\"", date.format("%d-%m-%Y")),
            false => ",,".to_owned(),
        };
        writeln!(text, "{head},\"a{order}{sku}\",\"=\"\"{sku}\"\"\",{quantity}.0").unwrap();
    }
    let config = "columns = { order_id = \"ID\", date = \"Date\", sku = \"Item Code (Items)\", \
                  quantity = \"Quantity (Items)\" }\n\
                  date_format = \"%d-%m-%Y\"\nfill_down = [\"ID\", \"Date\"]\n";
    assert_eq!(Export::orders("Sales Order.csv", text, config).plan(), our_plan());
}

#[test]
fn woocommerce_lines_with_stamps_in_utc_count_on_the_day_of_the_shop() {
    let mut text = String::from("Order ID,Order Date,Order Status,SKU,Quantity,Item Cost\n");
    for Line { date, order, sku, quantity } in sales() {
        // 21:30 in New York is the next morning in UTC.
        let utc = date + Days::new(1);
        writeln!(text, "{order},{utc} 01:30:00,Completed,{sku},{quantity},9.90").unwrap();
        if order % 9 == 0 {
            writeln!(text, "9{order},{utc} 01:30:00,Cancelled,{sku},77,9.90").unwrap();
        }
    }
    let config = "columns = { order_id = \"Order ID\", date = \"Order Date\", sku = \"SKU\", \
                  quantity = \"Quantity\", status = \"Order Status\" }\n\
                  time_zone = \"America/New_York\"\n";
    assert_eq!(Export::orders("wc-orders.csv", text, config).plan(), our_plan());
}

#[test]
fn square_items_are_read() {
    let mut text = String::from(
        "Date,Time,Time Zone,Item,Qty,SKU,Gross Sales,Net Sales,Transaction ID,Event Type\n",
    );
    for Line { date, order, sku, quantity } in sales() {
        let (day, qty) = (date.format("%m/%d/%y"), grouped(quantity, ","));
        writeln!(
            text,
            "{day},21:03:11,Eastern Time (US & Canada),Mug,\"{qty}.0\",{sku},\"$1,012.50\",$9.00,\
             T{order},Payment"
        )
        .unwrap();
    }
    let config = "columns = { date = \"Date\", sku = \"SKU\", quantity = \"Qty\", \
                  order_id = \"Transaction ID\" }\ndate_format = [\"%d/%m/%y\", \"%m/%d/%y\"]\n";
    assert_eq!(Export::orders("items-2026.csv", text, config).plan(), our_plan());
}

#[test]
fn lightspeed_sales_with_a_total_at_the_end_are_read() {
    let mut text =
        String::from("Sale lines report\n\nDate,Sale ID,System ID,Description,Qty,Total\n");
    let mut units = 0;
    for Line { date, order, sku, quantity } in sales() {
        units += quantity;
        let day = date.format("%b %d, %Y");
        writeln!(text, "\"{day} 9:03 pm\",{order},{sku},\"Total Gym, mat\",{quantity},$9.90")
            .unwrap();
    }
    writeln!(text, ",,,Total,\"{units}\",\"$12,345.60\"").unwrap();
    let config = "columns = { date = \"Date\", order_id = \"Sale ID\", sku = \"System ID\", \
                  quantity = \"Qty\" }\ndate_format = \"%b %d, %Y\"\n";
    assert_eq!(Export::orders("sale_lines.csv", text, config).plan(), our_plan());
}

#[test]
fn an_sap_list_with_page_headers_and_totals_is_read() {
    let header = "|Doc. Date |Sales Doc.|Material  |    Order qty|Un|\n";
    let rule = "--------------------------------------------------\n";
    let mut text = format!(
        "Dynamic List Display                     1\n\nSales orders 2025/2026\n{rule}{header}{rule}"
    );
    for (number, Line { date, order, sku, quantity }) in sales().iter().enumerate() {
        if number > 0 && number % 60 == 0 {
            write!(text, "|*         |          |          |      9.999  |ST|\n{rule}").unwrap();
            write!(text, "{header}{rule}").unwrap();
        }
        let (day, quantity) = (date.format("%d.%m.%Y"), grouped(*quantity, "."));
        writeln!(text, "|{day}|{order:010}|{sku:<10}|{quantity:>9},000|ST|").unwrap();
    }
    write!(text, "|**        |          |          |  123.456,000|ST|\n{rule}").unwrap();
    let config = "columns = { date = \"Doc. Date\", order_id = \"Sales Doc.\", sku = \"Material\", \
                  quantity = \"Order qty\" }\n\
                  delimiter = \"|\"\ndecimal = \",\"\ndate_format = \"%d.%m.%Y\"\n";
    assert_eq!(Export::orders("va05.txt", text, config).plan(), our_plan());
}

#[test]
fn a_french_spreadsheet_is_read() {
    let mut text =
        String::from("Commandes livrées;;;;\nExporté le 29/06/2026;;;;\n\nDate;Référence;Qté;;\n");
    for Line { date, sku, quantity, .. } in sales() {
        let (day, quantity) = (date.format("%d/%m/%Y"), grouped(quantity, "\u{A0}"));
        writeln!(text, "{day};{sku};{quantity},00").unwrap();
    }
    text.push_str("Total général;;123\u{A0}456,00\n");
    let config = "columns = { date = \"Date\", sku = \"Référence\", quantity = \"Qté\" }\n\
                  delimiter = \";\"\ndecimal = \",\"\nencoding = \"windows-1252\"\n\
                  date_format = \"%d/%m/%Y\"\n";
    let plan = Export::orders("commandes.csv", windows_1252(&text), config).plan();
    assert_eq!(plan, our_plan());
}

#[test]
fn a_german_spreadsheet_is_read() {
    let mut text = String::from("\u{FEFF}sep=;\r\nDatum;Artikelnr.;Menge;Bemerkung\r\n");
    for Line { date, sku, quantity, .. } in sales() {
        let (day, quantity) = (date.format("%d.%m.%Y"), grouped(quantity, "."));
        // A spreadsheet leaves out the empty fields at the end of a row.
        write!(text, "{day};\"=\"\"{sku}\"\"\";{quantity}\r\n").unwrap();
    }
    text.push_str(";Gesamtergebnis;123.456\r\n;;;\r\n;;;\r\n");
    let config = "columns = { date = \"Datum\", sku = \"Artikelnr.\", quantity = \"Menge\" }\n\
                  decimal = \",\"\ndate_format = \"%d.%m.%Y\"\n";
    assert_eq!(Export::orders("Auftraege.csv", text, config).plan(), our_plan());
}

#[test]
fn a_swiss_unicode_text_is_read() {
    let mut text = String::from("Datum\tArtikel\tMenge\r\n");
    for Line { date, sku, quantity, .. } in sales() {
        let (day, quantity) = (date.format("%d.%m.%Y"), grouped(quantity, "’"));
        write!(text, "{day}\t{sku}\t{quantity}.00\r\n").unwrap();
    }
    let utf16: Vec<u8> =
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let config = "columns = { date = \"Datum\", sku = \"Artikel\", quantity = \"Menge\" }\n\
                  delimiter = \"\\t\"\ndate_format = \"%d.%m.%Y\"\n";
    assert_eq!(Export::orders("Auftraege.txt", utf16, config).plan(), our_plan());
}

#[test]
fn day_numbers_of_a_spreadsheet_are_read_and_offered() {
    let mut text = String::from("Date,Item,Units\n");
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap();
    for Line { date, sku, quantity, .. } in sales() {
        writeln!(text, "{}.875,{sku},{quantity}", (date - epoch).num_days()).unwrap();
    }
    let columns = "columns = { date = \"Date\", sku = \"Item\", quantity = \"Units\" }\n";
    let config = format!("{columns}date_format = \"serial\"\n");
    assert_eq!(Export::orders("book1.csv", text.clone(), &config).plan(), our_plan());

    let dir = tempfile::tempdir().unwrap();
    let config = format!("[inputs.orders]\npath = \"book1.csv\"\n{columns}");
    fs::write(dir.path().join("restock.toml"), config).unwrap();
    fs::write(dir.path().join("book1.csv"), text).unwrap();
    let output = restock(dir.path()).arg("run").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("date_format = \"serial\""), "{said}");
}

/// What a first try on a foreign file says; it must end with exit code 3.
fn refusal(orders: &str, config: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let config = format!("[inputs.orders]\npath = \"orders.csv\"\n{config}");
    fs::write(dir.path().join("restock.toml"), config).unwrap();
    fs::write(dir.path().join("orders.csv"), orders).unwrap();
    let output = restock(dir.path()).arg("check").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    said
}

#[test]
fn a_first_try_that_does_not_fit_leads_to_the_setting_that_does() {
    let german = "Auftragsliste\ndate;sku;quantity\n29.06.2026;A;1\n";
    assert!(refusal(german, "").contains("delimiter = ';'"), "{}", refusal(german, ""));
    let said = refusal(german, "delimiter = \";\"\n");
    assert!(said.contains("date_format = \"%d.%m.%Y\""), "{said}");

    let said = refusal("date,sku,quantity\n2026-06-25,A,\"0,500\"\n2026-06-26,A,\"1,250\"\n", "");
    assert!(said.contains("decimal = \",\""), "{said}");
}
