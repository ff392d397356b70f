//! Records of a file, one after the other, whatever its format.

mod cleaned;
mod csv;
mod dates;
mod header;
mod marks;
mod ndjson;
mod parquet;
mod sieve;
mod sqlite;
mod totals;
mod typed;
mod workbook;
mod xlsx;

pub(crate) use cleaned::cleaned;
pub(crate) use dates::fitting;
pub(crate) use sqlite::write_result;

use super::Progress;
use super::contract::Table;
use super::files::{FileHash, SourceFile};
use super::values::{Flaw, Value};
use crate::config::choices::FileFormat;
use crate::config::settings::Input;
use crate::config::suggestions::nearest;
use crate::domain::finding::Code;
use crate::error::{Error, Result};
use sieve::Sieve;

/// How many of a file's column names a message lists. Judgement: about what fits a terminal.
const NAMES_LISTED: usize = 40;

/// One record: its number, the wanted fields, and the whole record as text on demand.
pub(crate) struct Record<'a> {
    /// The first after the header is 1.
    pub(crate) row: u64,
    /// One value for each wanted column.
    pub(crate) fields: &'a [Value<'a>],
    /// The whole row as text, for choosing among rows of one key.
    pub(crate) text: &'a dyn Fn() -> Vec<u8>,
}

/// A record that is no row of the table, or none that can be taken apart.
pub(crate) struct Broken<'a> {
    /// The first after the header is 1.
    pub(crate) row: u64,
    /// What is wrong with it.
    pub(crate) flaw: Flaw,
    /// How many further lines it swallowed.
    pub(crate) lost_lines: u64,
    /// All of it as text, as far as it is in memory: it may still say what it is about.
    pub(crate) text: &'a dyn Fn() -> Vec<u8>,
}

/// Takes the records of a file.
pub(crate) trait Visit {
    /// A record whose shape is sound.
    fn record(&mut self, record: &Record<'_>);

    /// A record that cannot be taken apart or is no row of the table.
    fn broken(&mut self, broken: Broken<'_>);
}

/// A visitor that lets others take parts of a file's rows, each on a thread of its own.
pub(crate) trait Forks: Visit {
    /// Takes parts of the rows.
    type Part: Visit + Send;

    /// A visitor for parts of the rows; `None` where a row may depend on those before it.
    fn fork(&self) -> Option<Self::Part>;

    /// Takes over what a visitor of parts has found since the last time. Parts are taken over in
    /// the order of their rows, and what comes of it is as if one visitor had seen all of them.
    fn join(&mut self, part: &mut Self::Part);
}

/// Visits no part of any file.
pub(crate) enum Nobody {}

impl Visit for Nobody {
    fn record(&mut self, _record: &Record<'_>) {
        match *self {}
    }

    fn broken(&mut self, _broken: Broken<'_>) {
        match *self {}
    }
}

impl<V: Visit> Visit for &mut V {
    fn record(&mut self, record: &Record<'_>) {
        (**self).record(record);
    }

    fn broken(&mut self, broken: Broken<'_>) {
        (**self).broken(broken);
    }
}

impl<V: Forks> Forks for &mut V {
    type Part = V::Part;

    fn fork(&self) -> Option<Self::Part> {
        (**self).fork()
    }

    fn join(&mut self, part: &mut Self::Part) {
        (**self).join(part);
    }
}

/// Required columns that a file can do without, if the configuration maps them to nothing: what is
/// on its way counts from a usual lead time before it should come.
const MAY_LACK: [(&str, &str); 1] = [("purchase_orders", "ordered_on")];

/// Which columns of a file are wanted, under the file's own names.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    table: &'static Table,
    /// The table's columns, then those that exclusions look at.
    names: Vec<String>,
    /// Whether the file must have it: it is required, or the configuration names it.
    must: Vec<bool>,
}

impl Wanted {
    /// The columns that a table wants of an input.
    ///
    /// # Errors
    /// When the configuration maps a column that the table does not have.
    pub(crate) fn new(table: &'static Table, input: &Input) -> Result<Self> {
        let own: Vec<String> = table.columns.iter().map(|column| column.name.to_owned()).collect();
        if let Some(ours) = input.columns.keys().find(|ours| table.position(ours).is_none()) {
            let error = Error::config(format!(
                "`inputs.{}.columns` maps `{ours}`, which the table does not have",
                table.name
            ));
            return Err(crate::config::suggestions::with_suggestion(error, ours, &own)
                .hint(format!("its columns are {}", own.join(", "))));
        }

        let mut wanted = Self { table, names: Vec::new(), must: Vec::new() };
        for column in table.columns {
            let mapped = input.columns.get(column.name).map(|name| name.trim());
            // An optional column that is mapped to nothing is not read, whatever the file has.
            let is_read = mapped != Some("");
            wanted.names.push(mapped.unwrap_or(column.name).to_owned());
            let may_lack = MAY_LACK.contains(&(table.name, column.name)) && !is_read;
            wanted.must.push((column.required && !may_lack) || (mapped.is_some() && is_read));
        }

        // The columns of exclusions stand right behind the table's own.
        for rule in &input.exclude {
            wanted.names.push(rule.column.trim().to_owned());
            wanted.must.push(true);
        }
        for name in &input.fill_down {
            match wanted.names.iter().position(|known| known == name.trim()) {
                Some(known) => wanted.must[known] = true,
                None => {
                    wanted.names.push(name.trim().to_owned());
                    wanted.must.push(true);
                }
            }
        }

        Ok(wanted)
    }

    /// How many columns are wanted.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether a line holds the names of all columns that must be there.
    fn is_header(&self, columns: &[String]) -> bool {
        let must = self.names.iter().zip(&self.must).filter(|(_, must)| **must);
        must.clone().count() > 0 && must.into_iter().all(|(name, _)| columns.contains(name))
    }

    /// Columns that are not read though they look as if they were meant to be: of another case or
    /// spacing, or of a name that an earlier column has.
    fn doubtful_names(&self, columns: &[String], positions: &[Option<usize>]) -> Vec<Note> {
        let plain = |name: &str| -> String {
            let letters = name.chars().filter(|char| char.is_alphanumeric());
            letters.flat_map(char::to_lowercase).collect()
        };
        let own = self.table.columns.iter().zip(&self.names).zip(positions);
        own.filter_map(|((column, name), position)| {
            let message = match position {
                Some(at) if columns[at + 1..].contains(name) => {
                    format!("two columns are called `{name}`; the first is read")
                }
                Some(_) => return None,
                None => {
                    let near = columns.iter().find(|other| plain(other) == plain(name))?;
                    format!(
                        "the column `{near}` is not read; if it holds the `{0}`, set columns = {{ \
                         {0} = {near:?} }} under [inputs.{1}]",
                        column.name, self.table.name
                    )
                }
            };
            Some(Note { row: 0, code: Code::DoubtfulColumn, message })
        })
        .collect()
    }

    /// Whether a wanted column is one without which a row is of no use.
    fn is_required(&self, wanted: usize) -> bool {
        self.table.columns.get(wanted).is_some_and(|column| column.required)
    }

    /// How many of the wanted columns a line names.
    fn named_in(&self, columns: &[String]) -> usize {
        self.names.iter().filter(|name| columns.contains(name)).count()
    }

    /// Where each wanted column stands among a file's columns.
    ///
    /// # Errors
    /// When one that must be there is not; with the nearest name, and those that the file has.
    fn locate(&self, file: &SourceFile, columns: &[String]) -> Result<Vec<Option<usize>>> {
        let mut positions = Vec::with_capacity(self.names.len());
        for (wanted, name) in self.names.iter().enumerate() {
            let position = columns.iter().position(|column| !name.is_empty() && column == name);
            if position.is_none() && self.must[wanted] {
                return Err(self.absent(file, wanted, columns));
            }

            positions.push(position);
        }

        Ok(positions)
    }

    fn absent(&self, file: &SourceFile, wanted: usize, columns: &[String]) -> Error {
        let (table, name) = (self.table.name, &self.names[wanted]);
        let ours = self.table.columns.get(wanted);
        let what = match ours {
            Some(column) if column.name != name => {
                format!("has no column `{name}`, which the configuration maps to `{}`", column.name)
            }
            Some(_) => format!("has no column `{name}`"),
            None => format!("has no column `{name}`, which `exclude` or `fill_down` names"),
        };

        let mut error = file.error(&what);
        if let Some(near) = nearest(name, columns) {
            error = error.hint(match ours {
                Some(column) => format!(
                    "did you mean `{near}`? Write columns = {{ {} = {near:?} }} under \
                     [inputs.{table}]",
                    column.name
                ),
                None => format!("did you mean `{near}`?"),
            });
        } else if let Some(column) = ours {
            error = error.hint(format!(
                "name the column that holds it: columns = {{ {} = \"…\" }} under [inputs.{table}]",
                column.name
            ));
        }

        let listed: Vec<&str> = columns.iter().take(NAMES_LISTED).map(String::as_str).collect();
        let more = if columns.len() > NAMES_LISTED { ", …" } else { "" };
        error.hint(format!("the file has: {}{more}", listed.join(", ")))
    }
}

/// What reading a file gives in addition to its records.
#[derive(Debug)]
pub(crate) struct FileFacts {
    pub(crate) hash: FileHash,
    /// For each wanted column, whether the file has it.
    pub(crate) found: Vec<bool>,
    /// What is odd about the file as a whole.
    pub(crate) notes: Vec<Note>,
}

/// Something odd about a file that is used.
#[derive(Debug)]
pub(crate) struct Note {
    /// The record that shows it first; 0 for what stands above the first.
    pub(crate) row: u64,
    pub(crate) code: Code,
    /// A full sentence with the figures.
    pub(crate) message: String,
}

/// Reads a file from its first record to its last.
///
/// # Errors
/// When the file cannot be opened, unpacked or taken apart, or lacks a column.
pub(crate) fn read<V: Forks>(
    file: &SourceFile,
    input: &Input,
    wanted: &Wanted,
    visitor: &mut V,
    progress: &dyn Progress,
) -> Result<FileFacts> {
    let mut sieve = Sieve::new(input, wanted, visitor);
    let read = match file.format {
        FileFormat::Csv | FileFormat::Tsv => csv::read(file, input, wanted, &mut sieve, progress),
        FileFormat::Ndjson => ndjson::read(file, input, wanted, &mut sieve, progress),
        FileFormat::Parquet => parquet::read(file, input, wanted, &mut sieve, progress),
        FileFormat::Xlsx => xlsx::read(file, input, wanted, &mut sieve, progress),
        FileFormat::Sqlite => sqlite::read(file, input, wanted, &mut sieve, progress),
    };

    let mut facts = read?;
    facts.notes.extend(sieve.finish(file)?);
    Ok(facts)
}
