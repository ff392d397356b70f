//! A table of histories as a panel of the library: what the examples read.

use std::error::Error;
use std::io::Read;

use restock::demand::panel::{Panel, PanelItems};
use restock::domain::calendar::{BucketCalendar, BucketLength, Day};

/// One row an item: label columns by name, every other column one bucket's demand, oldest first.
///
/// `product` (or `sku`), `location` (or `store`) and `category` say what an item belongs to; a
/// first column of any other name is its key. Cells left empty before the first number are no
/// history; rows with other gaps are left out; negatives count as 0.
pub(crate) struct Table {
    length: BucketLength,
    end_day: Day,
    labels: Vec<[u32; 3]>,
    histories: Vec<Vec<f64>>,
}

/// Which label a column holds: product, location, category.
fn label_of(header: &str) -> Option<usize> {
    match header.trim().to_ascii_lowercase().as_str() {
        "product" | "sku" => Some(0),
        "location" | "store" => Some(1),
        "category" => Some(2),
        _ => None,
    }
}

/// The number of a label in order of first appearance.
fn number(seen: &mut Vec<String>, label: &str) -> u32 {
    let at = seen.iter().position(|s| s == label).unwrap_or_else(|| {
        seen.push(label.to_string());
        seen.len() - 1
    });
    at as u32
}

impl Table {
    /// Reads a CSV, gzipped where its name ends in `.gz`. `end_day` is the day after the last
    /// bucket, in days from 1970.
    pub(crate) fn read(path: &str, length: &str, end_day: Day) -> Result<Self, Box<dyn Error>> {
        let length = match length {
            "day" => BucketLength::Day,
            "week" => BucketLength::Week,
            "month" => BucketLength::Month,
            other => return Err(format!("no bucket length {other:?}: day, week or month").into()),
        };
        let file = std::fs::File::open(path)?;
        let bytes: Box<dyn Read> = if path.ends_with(".gz") {
            Box::new(flate2::read::GzDecoder::new(file))
        } else {
            Box::new(file)
        };
        let mut rows = csv::Reader::from_reader(bytes);
        let headers = rows.headers()?.clone();
        let columns: Vec<Option<usize>> = headers.iter().map(label_of).collect();
        let keyed = usize::from(columns.first().is_some_and(Option::is_none));
        let mut seen: [Vec<String>; 3] = Default::default();
        let mut table = Self { length, end_day, labels: Vec::new(), histories: Vec::new() };
        for row in rows.records() {
            let row = row?;
            let demand = row
                .iter()
                .zip(&columns)
                .skip(keyed)
                .filter(|(_, label)| label.is_none())
                .map(|(cell, _)| cell);
            let cells = demand.map(str::trim).skip_while(|cell| cell.is_empty());
            let Ok(values) = cells.map(str::parse).collect::<Result<Vec<f64>, _>>() else {
                continue;
            };
            let mut labels = [table.labels.len() as u32, 0, 0];
            for (cell, kind) in
                row.iter().zip(&columns).filter_map(|(cell, label)| label.map(|kind| (cell, kind)))
            {
                labels[kind] = number(&mut seen[kind], cell);
            }
            table.labels.push(labels);
            table.histories.push(values.into_iter().map(|y| y.max(0.0)).collect());
        }
        Ok(table)
    }

    /// How its buckets are numbered: weeks end with it.
    pub(crate) fn calendar(&self) -> BucketCalendar {
        let week_start = if self.length == BucketLength::Week {
            (self.end_day - 4).rem_euclid(7) as u8
        } else {
            0
        };
        BucketCalendar { length: self.length, week_start }
    }

    /// How many buckets the longest history has.
    pub(crate) fn buckets(&self) -> usize {
        self.histories.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// The panel without each history's last `held_out` buckets, and those buckets; items without
    /// any before are left out.
    pub(crate) fn split(&self, held_out: usize) -> (Panel, Vec<Vec<f64>>) {
        let calendar = self.calendar();
        let items = PanelItems {
            calendar,
            as_of: calendar.start_of(calendar.bucket_of(self.end_day) - held_out as i32),
            offsets: vec![0],
            exposure: Default::default(),
            censored: Default::default(),
            is_count: Vec::new(),
            opening_sale: Vec::new(),
            key_hash: Vec::new(),
            worth_band: Vec::new(),
            similar: Default::default(),
            category: Vec::new(),
            supplier: Vec::new(),
            product: Vec::new(),
            location: Vec::new(),
            weekday_profile: [1.0 / 7.0; 7],
            dated: Default::default(),
            drivers: Default::default(),
        };
        let mut panel = Panel::new(items, Vec::new());
        let mut actuals = Vec::new();
        for (row, (labels, values)) in self.labels.iter().zip(&self.histories).enumerate() {
            let Some(known) = values.len().checked_sub(held_out).filter(|n| *n > 0) else {
                continue;
            };
            panel.demand.extend(&values[..known]);
            let end = panel.demand.len();
            panel.offsets.push(end);
            panel.is_count.push(values.iter().all(|y| y.fract() == 0.0));
            panel.key_hash.push(row as u64);
            panel.product.push(labels[0]);
            panel.location.push(labels[1]);
            panel.category.push(labels[2]);
            panel.supplier.push(0);
            panel.worth_band.push(0);
            actuals.push(values[known..].to_vec());
        }
        let buckets: Vec<usize> = (0..actuals.len()).map(|item| panel.buckets_of(item)).collect();
        panel.exposure = buckets.iter().map(|count| vec![1.0; *count]).collect();
        panel.censored = buckets.iter().map(|count| vec![false; *count]).collect();
        panel.opening_sale = vec![0.0; actuals.len()];
        (panel, actuals)
    }
}
