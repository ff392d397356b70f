//! Tables of what is there now, exported on several days: together they count twice what is there
//! once.

use std::collections::BTreeSet;

use crate::config::settings::InputSource;
use crate::error::{Error, Result};
use crate::io::contract::{PURCHASE_ORDERS, STOCK, Table};
use crate::io::files::SourceFile;
use crate::io::values::Row;

/// What the rows of a file are about, for tables that say what is now; nothing for others.
pub(super) type Subjects = BTreeSet<Vec<String>>;

/// The columns that say what a row is about, beside its item.
fn columns(table: &Table) -> Option<&'static [&'static str]> {
    match table.name {
        STOCK => Some(&[]),
        PURCHASE_ORDERS => Some(&["po_number", "line"]),
        "backorders" => Some(&["order_id", "line"]),
        _ => None,
    }
}

/// Notes what a row is about.
pub(super) fn note(subjects: &mut Subjects, row: &Row<'_>) {
    let Some(columns) = columns(row.table) else { return };
    let names = row.names();
    let text = |column: &&str| row.opt_text(column).ok().flatten().unwrap_or_default().to_string();
    let mut subject: Vec<String> = columns.iter().map(text).collect();
    subject.extend([names.sku, names.location]);
    subjects.insert(subject);
}

/// Refuses two files of one pattern whose names differ by numbers alone and whose rows are mostly
/// about the same: they are one export, of two days. Files that are named one by one are meant.
///
/// # Errors
/// When there are such files.
pub(super) fn check(
    source: &InputSource,
    files: &[SourceFile],
    subjects: &[Subjects],
) -> Result<()> {
    let is_named = |file: &SourceFile| source.written.iter().any(|name| **name == *file.name);
    let found: Vec<(&SourceFile, &Subjects)> =
        files.iter().zip(subjects).filter(|(file, _)| !is_named(file)).collect();
    for (at, (later, of_later)) in found.iter().enumerate() {
        for (earlier, of_earlier) in &found[..at] {
            let least = of_later.len().min(of_earlier.len());
            let shared = of_later.intersection(of_earlier).count();
            if least == 0 || shared * 2 < least || letters(&later.name) != letters(&earlier.name) {
                continue;
            }
            let table = source.table;
            return Err(Error::data(format!(
                "{table}: {} and {} are one export of two days: their names differ by numbers \
                 alone, and {shared} of {least} rows are about the same",
                earlier.name, later.name
            ))
            .hint("leave the newest there, and move the other away")
            .hint(format!(
                "if both count, name them one by one: path = [{:?}, {:?}] under [inputs.{table}]",
                earlier.name, later.name
            )));
        }
    }
    Ok(())
}

/// What is left of a name without its numbers and marks.
fn letters(name: &str) -> String {
    name.chars().filter(|char| char.is_alphabetic()).collect()
}
