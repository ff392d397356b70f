//! Writes a large made-up shop to measure on: weekly sales in Parquet, and the tables beside it.
//!
//! `cargo run --release --example large_shop -- 200000 104 /tmp/shop` for 200,000 items and 104
//! weeks; then `restock run --config /tmp/shop/restock.toml`. The same numbers give the same bytes,
//! and the first items of a larger shop are those of a smaller one.

#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use std::f64::consts::TAU;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use polars::prelude::{
    Column, DataFrame, DataType, ParquetCompression, ParquetWriter, PolarsResult,
};

/// The Monday after the last week.
const AS_OF: &str = "2026-06-29";
/// The same as days since 1970.
const AS_OF_DAY: i32 = 20_633;
/// Rows of the file that are made at a time.
const ROWS_AT_A_TIME: usize = 4_000_000;
const SUPPLIERS: u64 = 400;
const CATEGORIES: u64 = 60;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [items, weeks, dir] = given.as_slice() else {
        return Err("usage: large_shop ITEMS WEEKS DIR".into());
    };
    let (items, weeks, dir) = (items.parse()?, weeks.parse()?, Path::new(dir));
    fs::create_dir_all(dir)?;
    let rows = orders(dir, items, weeks)?;
    tables(dir, items)?;
    fs::write(dir.join("restock.toml"), config())?;
    println!("{items} items, {weeks} weeks, {rows} rows, as of {AS_OF}: {}", dir.display());
    Ok(())
}

/// A number from 0 to 1 that depends on its key alone.
fn unit(item: u64, of: u64) -> f64 {
    let mut key = item.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ of.wrapping_mul(0xD1B5_4A32_D192_ED03);
    key = (key ^ (key >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    key = (key ^ (key >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((key ^ (key >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// What an item is like.
struct Item {
    sku: String,
    supplier: u64,
    category: u64,
    /// Units a week.
    mean: f64,
    /// How far its weeks spread beyond chance: the mean of a week is drawn around `mean`.
    spread: f64,
    /// How much more it sells at its best, as a share; 0 for most.
    season: f64,
    /// The week of the year of that.
    best_week: f64,
    cost: f64,
    pack: u64,
    moq: u64,
}

impl Item {
    fn new(number: u64) -> Self {
        let draw = |of: u64| unit(number, of);
        // A third are slow, most middling, the rest fast: a few sell most of the units.
        let mean = match draw(1) {
            kind if kind < 0.37 => 0.02 + 0.4 * draw(2) * draw(2),
            kind if kind < 0.80 => 0.4 + 4.0 * draw(2),
            _ => 4.0 + 60.0 * draw(2) * draw(2) * draw(2),
        };
        let supplier = (SUPPLIERS as f64 * draw(3) * draw(3)) as u64;
        Self {
            sku: format!("SKU{number:07}"),
            supplier,
            category: (CATEGORIES as f64 * draw(4)) as u64,
            mean,
            spread: 0.1 + 0.7 * draw(5),
            season: if draw(6) < 0.25 { 0.3 + 0.6 * draw(7) } else { 0.0 },
            best_week: 52.0 * draw(8),
            cost: 0.5 + 80.0 * draw(9) * draw(9),
            pack: [1, 1, 1, 6, 10, 12, 24][(7.0 * draw(10)) as usize],
            moq: if draw(11) < 0.2 { (mean * 8.0) as u64 + 1 } else { 0 },
        }
    }

    /// Units sold in a week.
    fn sold(&self, number: u64, week: u64) -> u64 {
        let draw = |of: u64| unit(number ^ (week << 40), 100 + of);
        let season = 1.0 + self.season * libm::cos(TAU * (week as f64 - self.best_week) / 52.0);
        let luck = 1.0 + self.spread * (draw(1) + draw(2) + draw(3) - 1.5) * 2.0;
        poisson(self.mean * season * luck.max(0.05), draw(4))
    }
}

/// The Poisson count of this mean at a level from 0 to 1.
fn poisson(mean: f64, level: f64) -> u64 {
    let mut probability = libm::exp(-mean);
    let (mut total, mut count) = (probability, 0);
    while total < level && count < 1_000 {
        count += 1;
        probability *= mean / count as f64;
        total += probability;
    }
    count
}

/// Writes the sales, week after week; gives how many rows there are.
fn orders(dir: &Path, items: u64, weeks: u64) -> PolarsResult<usize> {
    let known: Vec<Item> = (0..items).map(Item::new).collect();
    let file = File::create(dir.join("orders.parquet"))?;
    let (mut days, mut skus, mut units) = (Vec::new(), Vec::new(), Vec::new());
    let frame = |days: &[i32], skus: &[&str], units: &[i64]| -> PolarsResult<DataFrame> {
        let date = Column::new("date".into(), days).cast(&DataType::Date)?;
        let columns = [Column::new("sku".into(), skus), Column::new("quantity".into(), units)];
        DataFrame::new(days.len(), [vec![date], columns.to_vec()].concat())
    };
    let schema = frame(&[], &[], &[])?.schema().clone();
    let mut writer = ParquetWriter::new(BufWriter::new(file))
        .with_compression(ParquetCompression::Zstd(None))
        .batched(&schema)?;
    let mut rows = 0;
    for week in 0..weeks {
        let monday = AS_OF_DAY - 7 * (weeks - week) as i32;
        for (number, item) in known.iter().enumerate() {
            let sold = item.sold(number as u64, week);
            if sold > 0 {
                days.push(monday);
                skus.push(item.sku.as_str());
                units.push(sold as i64);
            }
        }
        if days.len() >= ROWS_AT_A_TIME || week + 1 == weeks {
            rows += days.len();
            writer.write_batch(&frame(&days, &skus, &units)?)?;
            days.clear();
            skus.clear();
            units.clear();
        }
    }
    writer.finish()?;
    Ok(rows)
}

/// Writes items, stock, open orders, receipts and suppliers.
fn tables(dir: &Path, items: u64) -> std::io::Result<()> {
    let create = |name: &str| File::create(dir.join(name)).map(BufWriter::new);
    let mut catalogue = create("items.csv")?;
    let mut stock = create("stock.csv")?;
    let mut open = create("purchase_orders.csv")?;
    let mut receipts = create("receipts.csv")?;
    writeln!(catalogue, "sku,category,supplier,unit_cost,unit_price,pack_size,moq")?;
    writeln!(stock, "sku,on_hand")?;
    writeln!(open, "po_number,supplier,sku,quantity,ordered_on,expected_on")?;
    writeln!(receipts, "po_number,supplier,sku,quantity,ordered_on,received_on")?;
    for number in 0..items {
        let item = Item::new(number);
        let (sku, supplier) = (&item.sku, format!("SUP{:03}", item.supplier));
        let (category, cost, price) = (item.category, item.cost, item.cost * 1.9);
        let (pack, moq) = (item.pack, item.moq);
        writeln!(catalogue, "{sku},C{category},{supplier},{cost:.2},{price:.2},{pack},{moq}")?;
        // A shop that runs: most items stand between their reorder point and some weeks above it,
        // and one in ten has fallen below.
        let least_days = 5.0 + item.supplier as f64 % 30.0;
        let protected_weeks = (least_days + 4.0) / 7.0 + 1.0;
        let weeks = match unit(number, 26) {
            fallen if fallen < 0.1 => protected_weeks * unit(number, 20),
            _ => protected_weeks + 1.0 + 5.0 * unit(number, 20),
        };
        let on_hand = (item.mean * weeks).round() as u64;
        writeln!(stock, "{sku},{on_hand}")?;
        let units = ((item.mean * 4.0) as u64 + 1).div_ceil(pack) * pack;
        if unit(number, 21) < 0.12 {
            // On its way for a part of its time, and expected when that is over: none is lost.
            let days = least_days + 8.0 * unit(number, 27);
            let age = days * unit(number, 22);
            let (from, to) = (date(-age as i32), date((days - age) as i32 + 1));
            writeln!(open, "PO{number},{supplier},{sku},{units},{from},{to}")?;
        }
        if unit(number, 23) < 0.3 {
            let days = least_days + 8.0 * unit(number, 24);
            let from = -(40.0 + 300.0 * unit(number, 25)) as i32;
            let (from, to) = (date(from), date(from + days as i32));
            writeln!(receipts, "R{number},{supplier},{sku},{units},{from},{to}")?;
        }
    }
    fs::write(dir.join("suppliers.csv"), suppliers())
}

/// Suppliers that deliver by their own days and values.
fn suppliers() -> String {
    let mut text = "supplier,lead_time_days,order_weekdays,min_order_value\n".to_owned();
    for supplier in 0..SUPPLIERS {
        let days = ["", "mon", "mon|thu", "tue", "wed|fri"][supplier as usize % 5];
        let least = if supplier % 3 == 0 { "500" } else { "" };
        writeln!(text, "SUP{supplier:03},{},{days},{least}", 5 + supplier % 30).ok();
    }
    text
}

/// A day by its distance from the night.
fn date(days: i32) -> String {
    let day = chrono::DateTime::from_timestamp(i64::from(AS_OF_DAY + days) * 86_400, 0);
    day.map(|moment| moment.date_naive().to_string()).unwrap_or_default()
}

fn config() -> String {
    let mut text = format!(
        "# A large made-up shop; as of {AS_OF}.\n[inputs.orders]\npath = \"orders.parquet\"\n\
         rows = \"week\"\n"
    );
    for table in ["items", "stock", "purchase_orders", "receipts", "suppliers"] {
        writeln!(text, "[inputs.{table}]\npath = \"{table}.csv\"").ok();
    }
    text + "[plan]\nlead_time_days = 10\norder_cost = 10\nholding_cost_per_year = 0.2\n\
            [outputs]\ndir = \"runs\"\n"
}
