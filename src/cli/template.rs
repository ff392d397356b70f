//! The configuration that `restock init --empty` writes: every table with its columns, to be filled
//! in.

use std::fmt::Write;

use crate::domain::wording::wrapped;
use crate::io::contract::{TABLES, Table};

/// Characters of a line.
const WIDTH: usize = 80;

const HEAD: &str = "\
# The configuration of restock for your own tables. Only the order history is
# required; each further table makes the plan better. Take the # away where you
# have the table, name your file, and say on the right what your columns are
# called; a column that has our name already needs no entry. Then:
#
#     restock check     what was read, and what is wrong with it, row by row
#     restock run       tonight's plan, into runs/
#
# Paths are relative to this file: a file, a pattern (\"orders-*.csv.gz\") or a
# list of them; .csv, .tsv, .ndjson, .jsonl (each also .gz or .zst), .parquet.
# `restock schema` prints every key that this file may hold.

[run]
bucket = \"week\"             # forecast by day, week or month

[plan]
lead_time_days = 14         # from order to delivery, where no table says better
target = { cycle_service_level = 0.95 }

[currency]
base = \"EUR\"                # of prices and costs that name none

[outputs]
dir = \"runs\"                # each run gets a directory in it, named by its day

";

const DIALECT: &str = "\
# How the file is written, where it is not plain; these work for every table:
#delimiter = \";\"
#decimal = \",\"              # 1,5 is one and a half
#date_format = \"%d.%m.%Y\"   # without it 2026-06-29
#encoding = \"windows-1252\"
# Rows to leave out, by the file's own columns:
#exclude = [{ column = \"Channel\", equals = \"test\" }]
";

/// What a table is for.
fn purpose(table: &str) -> &'static str {
    match table {
        "orders" => "what customers asked for: a row an order line, or summed",
        "items" => "what is sold: supplier, cost, price, minimum quantity, pack",
        "item_suppliers" => "who else could deliver an item, at what price",
        "item_locations" => "what one location does differently",
        "stock" => "what is there; without this table nothing is ordered",
        "purchase_orders" => "what is on its way",
        "receipts" => "deliveries of the past: how long suppliers really take",
        "suppliers" => "lead times, order days, minimum order values",
        "closures" => "when suppliers are closed",
        "price_breaks" => "lower unit costs from a quantity on",
        "availability" => "when items were not on sale",
        "calendar" => "events that move demand",
        "prices" => "selling prices and promotions, past and planned",
        "overrides" => "what an analyst knows better, with a reason and an end",
        "backorders" => "order lines of customers who wait",
        "customers" => "priorities, and who may be put on backorder",
        "locations" => "names of locations, and which supplies another",
        "components" => "what bundles are made of",
        _ => "",
    }
}

/// The template.
pub(super) fn text() -> String {
    let mut text = HEAD.to_owned();
    for table in TABLES {
        section(&mut text, table);
    }
    text
}

/// A table: the orders to be filled in, all others as comments.
fn section(text: &mut String, table: &Table) {
    let is_required = table.name == "orders";
    let mark = if is_required { "" } else { "#" };
    let of = |required: bool| {
        let columns = table.columns.iter().filter(|column| column.required == required);
        columns.map(|column| column.name).collect::<Vec<_>>()
    };
    let (needed, more) = (of(true), of(false));
    let mapped: Vec<String> = needed.iter().map(|name| format!("{name} = \"{name}\"")).collect();

    // Writing to a String cannot fail.
    let _ = writeln!(text, "# {}", purpose(table.name));
    let _ = writeln!(text, "{mark}[inputs.{}]", table.name);
    let _ = writeln!(text, "{mark}path = \"{}.csv\"", table.name);
    let _ = writeln!(text, "{mark}columns = {{ {} }}", mapped.join(", "));
    if !more.is_empty() {
        let line = format!("# also, if you have them: {}", more.join(", "));
        let _ = writeln!(text, "{}", wrapped(&line, WIDTH, "#   "));
    }
    if is_required {
        text.push_str(DIALECT);
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Settings;
    use crate::config::source::{Overlay, parse};

    fn settings(text: &str) -> Settings {
        let raw = parse(text, "template", &Overlay::default()).unwrap();
        Settings::resolve(raw, Path::new(".")).unwrap()
    }

    #[test]
    fn the_template_is_valid_as_it_stands_and_with_every_table_taken_in() {
        assert_eq!(settings(&text()).inputs.len(), 1);

        let is_key = |line: &str| line.starts_with(|c: char| c == '[' || c.is_ascii_lowercase());
        let taken: String = text()
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if is_key(rest) => format!("{rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        assert_eq!(settings(&taken).inputs.len(), TABLES.len());
        assert!(TABLES.iter().all(|table| !purpose(table.name).is_empty()));
        // An inline table of TOML stands on one line.
        let is_short = |line: &str| line.contains("columns = ") || line.chars().count() <= WIDTH;
        assert!(text().lines().all(is_short));
    }
}
