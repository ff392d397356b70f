//! One cell of the sample is spoiled at a time: it is set aside or named, or no other item's order
//! moves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::shop::{restock, rows, unit};

/// The sample in a folder, and what a night of it gives.
struct Shop {
    dir: tempfile::TempDir,
    clean: Night,
}

/// What one night said and ordered.
#[derive(Default)]
struct Night {
    code: i32,
    said: String,
    /// Rows set aside, by table, file and row.
    aside: BTreeSet<String>,
    findings: BTreeSet<String>,
    /// Units ordered, by item.
    orders: BTreeMap<String, f64>,
}

/// What became of a spoiled cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Stopped,
    SetAside,
    Named,
    NoEffect,
    /// Orders of other items moved and nothing says so.
    Silent,
}

impl Shop {
    fn new(model: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        restock(dir.path()).args(["-q", "init", "."]).assert().success();
        let mut shop = Self { dir, clean: Night::default() };
        shop.clean = shop.night(model, "clean");
        assert_eq!(shop.clean.code, 0, "{}", shop.clean.said);
        shop
    }

    fn night(&self, model: &str, name: &str) -> Night {
        let output = restock(self.dir.path())
            .args(["run", "--as-of", "2026-06-29"])
            .args(["--set", &format!("outputs.dir={name}")])
            .args(["--set", &format!("forecast.model={model}")])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let mut night = Night { code: output.status.code().unwrap(), said, ..Night::default() };
        let run = self.dir.path().join(name).join("2026-06-29");
        if !run.exists() {
            return night;
        }

        let joined = |row: &BTreeMap<String, String>, columns: &[&str]| {
            columns.iter().map(|column| row[*column].as_str()).collect::<Vec<_>>().join("|")
        };
        let aside = rows(&run.join("quarantine.csv"));
        night.aside =
            aside.iter().map(|row| joined(row, &["code", "table", "file", "row"])).collect();
        let found = rows(&run.join("exceptions.csv"));
        night.findings =
            found.iter().map(|row| joined(row, &["code", "table", "sku", "message"])).collect();
        for row in rows(&run.join("purchase_orders.csv")) {
            let units: f64 = row["quantity"].parse().unwrap();
            *night.orders.entry(format!("{}@{}", row["sku"], row["location"])).or_default() +=
                units;
        }
        fs::remove_dir_all(self.dir.path().join(name)).unwrap();
        night
    }

    /// Spoils a cell, runs the night, and mends the cell.
    fn spoiled(&self, model: &str, key: u64) -> (Outcome, String) {
        let draw = |what: u64, of: usize| (unit(16 * key + what) * of as f64) as usize;
        let tables = tables(&self.dir.path().join("data"));
        let path = &tables[draw(0, tables.len())];
        let text = fs::read_to_string(path).unwrap();
        let mut cells: Vec<Vec<String>> = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes())
            .records()
            .map(|record| record.unwrap().iter().map(str::to_owned).collect())
            .collect();
        let row = 1 + draw(1, cells.len() - 1);
        let filled: Vec<usize> =
            (0..cells[row].len()).filter(|column| !cells[row][*column].is_empty()).collect();
        let column = filled[draw(2, filled.len())];
        let was = cells[row][column].clone();
        let other = cells[1 + draw(3, cells.len() - 1)].get(column).cloned().unwrap_or_default();
        let dirts = dirts(&was, &other);
        let dirt = dirts[draw(4, dirts.len())].clone();
        cells[row][column].clone_from(&dirt);

        let at = |name: &str| cells[0].iter().position(|column| column == name);
        let own = at("sku").and_then(|column| cells[row].get(column).cloned());
        let own_was = if at("sku") == Some(column) { Some(was.clone()) } else { own.clone() };
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let header = &cells[0][column.min(cells[0].len() - 1)];
        let what = format!("{name} row {row} {header}: {was:?} became {dirt:?}");

        let mut writer = csv::WriterBuilder::new().flexible(true).from_path(path).unwrap();
        cells.iter().for_each(|cells| writer.write_record(cells).unwrap());
        writer.flush().unwrap();
        let night = self.night(model, "spoiled");
        fs::write(path, text).unwrap();

        let is_own = |item: &str| {
            let sku = item.split('@').next();
            sku == own.as_deref() || sku == own_was.as_deref()
        };
        let moved: Vec<String> = self
            .clean
            .orders
            .keys()
            .chain(night.orders.keys())
            .filter(|item| !is_own(item) && self.clean.orders.get(*item) != night.orders.get(*item))
            .cloned()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let outcome = if night.code != 0 {
            Outcome::Stopped
        } else if night.aside.difference(&self.clean.aside).next().is_some() {
            Outcome::SetAside
        } else if night.findings.difference(&self.clean.findings).next().is_some() {
            Outcome::Named
        } else if moved.is_empty() {
            Outcome::NoEffect
        } else {
            Outcome::Silent
        };
        let shown = &moved[..moved.len().min(5)];
        (outcome, format!("{what}; moved {} orders of others: {shown:?}", moved.len()))
    }
}

fn tables(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "csv"))
        .collect();
    paths.sort();
    paths
}

/// What a cell may become by a slip of the hand, a null, or another program.
fn dirts(was: &str, other: &str) -> Vec<String> {
    let is_date = was.len() == 10 && was.as_bytes()[4] == b'-';
    if is_date {
        let (year, rest) = was.split_at(4);
        let year: i32 = year.parse().unwrap();
        return vec![
            "1970-01-01".to_owned(),
            "1900-01-01".to_owned(),
            format!("{}{rest}", year - 10),
            format!("{}{rest}", year + 36),
            format!("{}{rest}", year + 1),
            format!("{}.{}.{year}", &was[8..], &was[5..7]),
            "0000-00-00".to_owned(),
            "yesterday".to_owned(),
            String::new(),
        ];
    }
    if let Ok(number) = was.parse::<f64>() {
        return vec![
            format!("{}", number * 1_000.0),
            format!("{}", number * 10.0),
            format!("{}", -number),
            "999999999999".to_owned(),
            "1e300".to_owned(),
            "NaN".to_owned(),
            "n/a".to_owned(),
            "12 pcs".to_owned(),
            "0,500".to_owned(),
            "1,5".to_owned(),
            String::new(),
        ];
    }
    vec![
        was.to_lowercase(),
        was.to_uppercase(),
        format!("{was}\u{200B}"),
        format!(" {was} "),
        format!("{was}X"),
        "Total".to_owned(),
        "#N/A".to_owned(),
        other.to_owned(),
        String::new(),
    ]
}

#[allow(clippy::print_stderr, reason = "shown when the test fails, or with --nocapture")]
fn outcomes(model: &str, keys: std::ops::Range<u64>) -> (BTreeMap<Outcome, usize>, Vec<String>) {
    let shop = Shop::new(model);
    let mut counts = BTreeMap::new();
    let mut silent = Vec::new();
    for key in keys {
        let (outcome, what) = shop.spoiled(model, key);
        *counts.entry(outcome).or_default() += 1;
        eprintln!("{key} {outcome:?} {what}");
        if outcome == Outcome::Silent {
            silent.push(what);
        }
    }
    eprintln!("{counts:?}");
    (counts, silent)
}

#[test]
fn a_spoiled_cell_is_named_or_moves_no_other_order() {
    let (_, silent) = outcomes("moving-average", 0..10);
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
#[ignore = "two hundred nights take minutes"]
fn two_hundred_spoiled_cells_are_named_or_move_no_other_order() {
    let (counts, silent) = outcomes("moving-average", 0..200);
    // A price that ends a year later than it did may be meant; nothing in the table says otherwise.
    assert!(silent.iter().all(|what| what.starts_with("prices.csv")), "{silent:#?}");
    assert!(silent.len() <= 1 && !counts.contains_key(&Outcome::Stopped), "{counts:?}");
}
