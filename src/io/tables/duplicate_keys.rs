//! Rows with the same key: one stays, the others are set aside.
//!
//! Rows of stock are no duplicates but where they are equal as a whole: an item may lie in several
//! bins and lots. The same holds for components of a bundle. Equal lines of one purchase order are.

use std::sync::Arc;

use super::fields::LeftOut;
use crate::domain::calendar::Day;
use crate::domain::finding::{Code, Reject, Source};
use crate::domain::tables::Doubt;
use crate::io::contract::{COMPONENTS, PURCHASE_ORDERS, STOCK, Table};
use crate::io::files::SourceFile;
use crate::io::tally::{FileTally, Rejects};
use crate::io::values::{Flaw, Row, RowNames};

/// A row with where it stands.
pub(super) struct KeyedRow<T> {
    pub(super) value: T,
    /// Index of its file among those of the table.
    pub(super) file: usize,
    /// Number of the record within its file.
    pub(super) row: u64,
    /// Fields that could not be read, and what the row is about; none where it is whole.
    pub(super) left_out: Option<Box<(Doubt, Vec<LeftOut>)>>,
    /// What tells it from others of its key.
    told: Told,
}

/// Where what tells a row from others begins among that of all rows, and how many bytes each part
/// of it has; they follow one another.
#[derive(Clone, Copy)]
struct Told {
    start: usize,
    key: u32,
    text: u32,
    sku: u32,
    location: u32,
}

/// What tells a row from others of its key, to be held.
pub(super) struct ToTell<'a> {
    /// The fields that name the row, packed.
    pub(super) key: &'a [u8],
    /// The whole row as text, to choose among rows of one key.
    pub(super) text: &'a [u8],
    pub(super) names: &'a RowNames,
}

/// The rows of a table as they are read. What tells them from one another is held in one piece,
/// which is let go as a whole.
pub(super) struct Entries<T> {
    rows: Vec<KeyedRow<T>>,
    told: Vec<u8>,
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), told: Vec::new() }
    }
}

impl<T> Entries<T> {
    /// Adds a row, which stands in a file as this record.
    pub(super) fn push(
        &mut self,
        value: T,
        (file, row): (usize, u64),
        told: &ToTell<'_>,
        left_out: Option<Box<(Doubt, Vec<LeftOut>)>>,
    ) {
        let start = self.told.len();
        let RowNames { sku, location } = told.names;
        let parts = [told.key, told.text, sku.as_bytes(), location.as_bytes()];
        parts.into_iter().for_each(|part| self.told.extend_from_slice(part));
        // A record is far shorter than 4 GiB: each of its fields is bounded.
        let [key, text, sku, location] = parts.map(|part| part.len() as u32);
        let told = Told { start, key, text, sku, location };
        self.rows.push(KeyedRow { value, file, row, left_out, told });
    }
}

impl Told {
    fn key(self, told: &[u8]) -> &[u8] {
        &told[self.start..][..self.key as usize]
    }

    fn text(self, told: &[u8]) -> &[u8] {
        &told[self.start + self.key as usize..][..self.text as usize]
    }

    fn names(self, told: &[u8]) -> RowNames {
        let (sku, location) =
            told[self.start + (self.key + self.text) as usize..].split_at(self.sku as usize);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        RowNames { sku: text(sku), location: text(&location[..self.location as usize]) }
    }
}

impl<T> KeyedRow<T> {
    fn is_whole(&self) -> bool {
        self.left_out.is_none()
    }
}

/// The fields that name a row, packed; empty if rows of the table may repeat.
pub(super) fn unique_key(row: &Row<'_>) -> Result<Vec<u8>, Flaw> {
    let mut key = Vec::new();
    for column in row.table.unique {
        let field = match *column {
            "sku" => row.sku()?.to_string(),
            "component" => row.opt_sku(column)?.as_deref().unwrap_or_default().to_owned(),
            "location" => row.opt_location()?.as_deref().unwrap_or_default().to_owned(),
            "min_quantity" | "quantity" => row.fixed(column)?.to_string(),
            "date" | "from" | "to" => day(row.opt_day(column)?),
            // The row is used without a date of these that cannot be read.
            "ordered_on" | "expected_on" => day(row.opt_day(column).ok().flatten()),
            _ => row.opt_text(column)?.as_deref().unwrap_or_default().to_owned(),
        };

        key.extend_from_slice(field.as_bytes());
        // The byte 0xFF occurs in no UTF-8 text, so two different keys never pack alike. The NUL
        // before it makes a short field sort before a longer one that begins with it.
        key.extend_from_slice(&[0, 0xFF]);
    }

    Ok(key)
}

/// A day as text that sorts as days do; empty for none.
fn day(day: Option<Day>) -> String {
    day.map_or(String::new(), |day| format!("{day:07}"))
}

/// The code of rows that repeat another of the table, and what is said of them.
fn repeated(table: &Table) -> (Code, String) {
    let named = table.unique.join(" and ");
    match table.name {
        STOCK | COMPONENTS => {
            (Code::DuplicateKey, "another row is equal to it as a whole".to_owned())
        }
        PURCHASE_ORDERS => {
            (Code::DuplicateLine, format!("another row has the same {named}; it counts once"))
        }
        _ => (
            Code::DuplicateKey,
            format!("another row has the same {named}, and is greater as text"),
        ),
    }
}

/// Keeps one row of each key: of those that are whole, else of all, the greatest as text. Sorts by
/// key. `tallies` stand beside `files`.
pub(super) fn one_row_a_key<T>(
    entries: Entries<T>,
    table: &Table,
    files: &[SourceFile],
    tallies: &mut [FileTally],
    rejects: &mut Rejects,
) -> Vec<KeyedRow<T>> {
    let Entries { mut rows, told } = entries;
    // What stays comes first within its key; of equal rows the one that was read first.
    let order = |a: &KeyedRow<T>, b: &KeyedRow<T>| {
        let by_text =
            || (b.is_whole(), b.told.text(&told)).cmp(&(a.is_whole(), a.told.text(&told)));
        a.told.key(&told).cmp(b.told.key(&told)).then_with(by_text)
    };
    rows.sort_unstable_by(|a, b| order(a, b).then_with(|| (a.file, a.row).cmp(&(b.file, b.row))));
    if table.unique.is_empty() {
        return rows;
    }

    rows.dedup_by(|entry, stays| {
        if stays.told.key(&told) != entry.told.key(&told) {
            return false;
        }
        let (code, message) = match entry.left_out.take() {
            // What is wrong with it says more than that another one is there.
            Some(mut left_out) if stays.is_whole() => {
                let LeftOut { flaw, .. } = left_out.1.swap_remove(0);
                (flaw.code, flaw.message)
            }
            _ => repeated(table),
        };
        let file_and_tally = files.get(entry.file).zip(tallies.get_mut(entry.file));
        if let Some((file, tally)) = file_and_tally {
            tally.set_aside(code);
            let source = Source { table: table.name, file: Arc::clone(&file.name), row: entry.row };
            let RowNames { sku, location } = entry.told.names(&told);
            rejects.push(Reject { code, source, sku, location, message });
        }
        true
    });
    rows
}
