//! What tests of whole runs share.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// The command in a folder.
pub(crate) fn restock(dir: &Path) -> Command {
    let mut command = Command::cargo_bin("restock").unwrap();
    command.current_dir(dir).env_remove("RESTOCK_CONFIG").env_remove("RESTOCK_USER");
    command
}

/// A number from 0 to 1 that only depends on its key.
pub(crate) fn unit(key: u64) -> f64 {
    let mixed = (key ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed ^ (mixed >> 29)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Writes a shop's tables, by name, and a configuration that reads them.
pub(crate) fn write_shop(dir: &Path, tables: &BTreeMap<&'static str, String>, settings: &str) {
    let mut config = format!("[outputs]\ndir = \"runs\"\n{settings}\n");
    for (table, text) in tables {
        fs::write(dir.join(format!("{table}.csv")), text).unwrap();
        writeln!(config, "[inputs.{table}]\npath = \"{table}.csv\"").unwrap();
    }
    fs::write(dir.join("restock.toml"), config).unwrap();
}

/// A CSV file's rows by column name.
pub(crate) fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let named = |record: csv::StringRecord| {
        header
            .iter()
            .zip(record.iter())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    reader.records().map(|record| named(record.unwrap())).collect()
}

/// Every file of a run but its timings.
pub(crate) fn bytes(run: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![run.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().unwrap() != "timings.json" {
                files.insert(
                    path.strip_prefix(run).unwrap().to_path_buf(),
                    fs::read(&path).unwrap(),
                );
            }
        }
    }
    files
}
