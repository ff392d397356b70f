//! Lead-time distributions learnt afresh each month from a history of purchase orders, against what
//! then came.
//!
//! `cargo run --release --example lead_times -- FILE FROM_YEAR TO_YEAR`: FILE is the SCMS delivery
//! history (USAID), or any CSV with its columns. For every order line sent in a month: is its lead
//! time within the 90 % point that the receipts and open lines known at the start of the month
//! give? A supplier's first orders are judged by those of its place. One quantile of all lead times
//! seen until then stands beside it.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use std::error::Error;
use std::path::Path;

use chrono::{Datelike, NaiveDate};
use restock::config::Settings;
use restock::config::raw::RawConfig;
use restock::domain::calendar::{Day, day_of};
use restock::domain::fixed::Fixed;
use restock::domain::key::Key;
use restock::domain::tables::{OpenOrder, Receipt, Tables, Text};
use restock::inventory::day_distribution::DayDistribution;
use restock::plan::item::lead_times::LeadTimeEvidence;

const LEVEL: f64 = 0.9;

struct Line {
    po_number: Text,
    supplier: Text,
    key: Key,
    sent: Day,
    scheduled: Day,
    delivered: Day,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, from, to] = arguments.as_slice() else {
        return Err("wanted: FILE FROM_YEAR TO_YEAR".into());
    };
    let lines = read(path)?;
    println!("{} order lines with both dates", lines.len());
    let (mut count, mut covered, mut loss, mut pooled_loss, mut months) = (0.0, 0.0, 0.0, 0.0, 0);
    for year in from.parse::<i32>()?..=to.parse()? {
        for month in 1..=12 {
            let start = first_of(year, month)?;
            let end = if month == 12 { first_of(year + 1, 1)? } else { first_of(year, month + 1)? };
            let sent: Vec<&Line> =
                lines.iter().filter(|line| (start..end).contains(&line.sent)).collect();
            if sent.is_empty() {
                continue;
            }
            months += 1;
            let tables = known_at(&lines, start);
            let evidence = LeadTimeEvidence::collect(&tables, start);
            let usual =
                Settings::resolve(RawConfig::default(), Path::new("/"))?.plan.lead_time_days;
            let distributions = evidence
                .supplier_lead_times(&DayDistribution::from_mean_and_sd(usual, 0.0), |_| None);
            let pooled = pooled(&lines, start);
            for line in sent {
                let fallback = DayDistribution::from_mean_and_sd(usual, 0.0);
                let place = &line.key.location;
                let prior = distributions.unstated(&line.supplier, place).unwrap_or(&fallback);
                let distribution =
                    evidence.item_lead_time((&line.supplier, &line.key.sku), prior, false);
                let (point, days) = (
                    f64::from(distribution.quantile(LEVEL)),
                    f64::from(line.delivered - line.sent),
                );
                count += 1.0;
                covered += f64::from(u8::from(days <= point));
                loss += pinball(days - point);
                pooled_loss += pinball(days - pooled);
            }
        }
    }
    println!("{months} months, {count} lines sent in them");
    println!("the 90 % point covers {:.1} %", 100.0 * covered / count);
    println!(
        "pinball loss {:.2} days; one pooled quantile {:.2}",
        loss / count,
        pooled_loss / count
    );
    Ok(())
}

fn first_of(year: i32, month: u32) -> Result<Day, Box<dyn Error>> {
    Ok(day_of(NaiveDate::from_ymd_opt(year, month, 1).ok_or("no such month")?))
}

fn pinball(error: f64) -> f64 {
    (LEVEL * error).max((LEVEL - 1.0) * error)
}

/// The 90 % point of all lead times that had ended before a day.
fn pooled(lines: &[Line], start: Day) -> f64 {
    let mut days: Vec<Day> = lines
        .iter()
        .filter(|line| line.delivered < start)
        .map(|line| line.delivered - line.sent)
        .collect();
    days.sort_unstable();
    days.get((LEVEL * days.len() as f64) as usize).map_or(0.0, |day| f64::from(*day))
}

/// What was known at the start of a day: receipts until then, and the lines still open.
fn known_at(lines: &[Line], start: Day) -> Tables {
    let (came, open): (Vec<&Line>, Vec<&Line>) =
        lines.iter().filter(|line| line.sent < start).partition(|line| line.delivered < start);
    let receipt = |line: &&Line| Receipt {
        po_number: line.po_number.clone(),
        supplier: line.supplier.clone(),
        key: line.key.clone(),
        quantity: Fixed::ONE,
        ordered_on: line.sent,
        received_on: line.delivered,
        promised_on: Some(line.scheduled),
        expedited: false,
        reference: None,
    };
    let open_line = |line: &&Line| OpenOrder {
        po_number: line.po_number.clone(),
        line: None,
        supplier: line.supplier.clone(),
        key: line.key.clone(),
        quantity: Fixed::ONE,
        received: Fixed::ZERO,
        ordered_on: Some(line.sent),
        expected_on: Some(line.scheduled),
        reference: None,
        source: Default::default(),
    };
    Tables {
        receipts: Some(came.iter().map(receipt).collect()),
        purchase_orders: Some(open.iter().map(open_line).collect()),
        ..Tables::default()
    }
}

/// The lines that have both dates, in the file's order.
fn read(path: &str) -> Result<Vec<Line>, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(path)?;
    let header = reader.byte_headers()?.clone();
    let column = |name: &str| {
        header
            .iter()
            .position(|field| field == name.as_bytes())
            .ok_or_else(|| format!("there is no column {name}"))
    };
    let (po, vendor, item) = (column("PO / SO #")?, column("Vendor")?, column("Item Description")?);
    let (country, sent) = (column("Country")?, column("PO Sent to Vendor Date")?);
    let (scheduled, delivered) =
        (column("Scheduled Delivery Date")?, column("Delivered to Client Date")?);
    let mut lines = Vec::new();
    for record in reader.byte_records() {
        let record = record?;
        let field = |at: usize| String::from_utf8_lossy(&record[at]).into_owned();
        let text = |at: usize| -> Text { field(at).as_str().into() };
        let (Some(sent), Some(scheduled), Some(delivered)) =
            (date(&field(sent)), date(&field(scheduled)), date(&field(delivered)))
        else {
            continue;
        };
        if delivered >= sent {
            let key = Key { sku: text(item), location: text(country) };
            lines.push(Line {
                po_number: text(po),
                supplier: text(vendor),
                key,
                sent,
                scheduled,
                delivered,
            });
        }
    }
    Ok(lines)
}

/// A date in one of the file's two forms.
fn date(text: &str) -> Option<Day> {
    let date = NaiveDate::parse_from_str(text, "%d-%b-%y")
        .or_else(|_| NaiveDate::parse_from_str(text, "%m/%d/%y"))
        .ok()?;
    (date.year() > 1990).then(|| day_of(date))
}
