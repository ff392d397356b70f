//! What stands between a file and its reader: fields as a person sees them, order fields filled
//! down, headers and sums that stand among the rows kept out, and what the marks in numbers mean.

use std::collections::BTreeMap;

use super::cleaned::cleaned;
use super::marks::{Marks, Verdict};
use super::totals::{is_total, names_total};
use super::{Note, Record, Visit, Wanted};
use crate::config::settings::Input;
use crate::domain::finding::Code;
use crate::domain::wording::counted;
use crate::error::Result;
use crate::io::contract::{ColumnKind, Table};
use crate::io::files::SourceFile;
use crate::io::values::{Flaw, Value, shown};

/// Columns of free text, in which nothing is taken away.
const FREE_TEXTS: [&str; 7] =
    ["description", "name", "reason", "event", "promotion", "email", "channel"];

/// Passes records on to a visitor.
pub(super) struct Sieve<'v> {
    visitor: &'v mut dyn Visit,
    table: &'static Table,
    names: Vec<String>,
    decimal: u8,
    /// The first required column of text: what a row is about.
    key: Option<usize>,
    marks: Vec<(usize, Marks)>,
    filling: Option<Filling>,
    cleaned: BTreeMap<usize, Cleaned>,
}

/// Keys of one column that were not as they look.
struct Cleaned {
    keys: u64,
    row: u64,
    /// The first, as it was and as it is read.
    first: String,
}

/// Columns whose empty fields take what stands above them.
struct Filling {
    /// Positions among the wanted columns, with what stood there last.
    columns: Vec<(usize, Vec<u8>)>,
    /// The column that says which order a row belongs to.
    order: Option<usize>,
    /// The order of the last row.
    last_order: Vec<u8>,
}

impl<'v> Sieve<'v> {
    pub(super) fn new(input: &Input, wanted: &Wanted, visitor: &'v mut dyn Visit) -> Self {
        let table = wanted.table;
        let of_kind = |kind: ColumnKind| {
            let columns = table.columns.iter().enumerate();
            columns.filter(move |(_, column)| column.kind == kind)
        };
        let key = of_kind(ColumnKind::Text).find(|(_, column)| column.required);
        let marks = of_kind(ColumnKind::Number).map(|(at, _)| (at, Marks::default())).collect();

        Self {
            visitor,
            table,
            names: wanted.names.clone(),
            decimal: input.decimal as u8,
            key: key.map(|(at, _)| at),
            marks,
            filling: Filling::of(input, wanted),
            cleaned: BTreeMap::new(),
        }
    }

    /// What is odd about the file as a whole.
    ///
    /// # Errors
    /// When its numbers are plainly written with the other decimal mark.
    pub(super) fn finish(self, file: &SourceFile) -> Result<Vec<Note>> {
        let mut notes = Vec::new();
        for (at, Cleaned { keys, row, first }) in self.cleaned {
            let name = &self.names[at];
            let message = match keys {
                1 => format!("a field of `{name}` is not as it looks: {first}"),
                _ => format!("{keys} fields of `{name}` are not as they look, first {first}"),
            };
            notes.push(Note { row, code: Code::CleanedKey, message });
        }

        let other = if self.decimal == b'.' { ',' } else { '.' };
        let setting = format!("decimal = {:?}", other.to_string());
        for (at, marks) in self.marks {
            let name = &self.names[at];
            match marks.verdict() {
                Verdict::Clear => {}
                Verdict::Doubtful(numbers, first) => notes.push(Note {
                    row: first.row,
                    code: Code::DoubtfulMarks,
                    message: format!(
                        "{} in `{name}` could mean a thousandth of what it is read as, first {}",
                        counted(numbers, "number"),
                        first.text
                    ),
                }),
                Verdict::OtherDecimal(seen) => {
                    let (table, row) = (self.table.name, seen.row);
                    return Err(file
                        .error(&format!(
                            "writes the numbers of `{name}` with `{other}` as the decimal mark: \
                             row {row} holds {}",
                            seen.text
                        ))
                        .hint(format!("set {setting} under [inputs.{table}]")));
                }
            }
        }

        Ok(notes)
    }

    /// Keeps out what is no row of the table, and passes on what is.
    fn judge(&mut self, record: &Record<'_>) {
        if self.is_header(record.fields) {
            let flaw = Flaw::new(Code::RepeatedHeader, "the row repeats the header");
            return self.visitor.broken(record.row, flaw, 0);
        }
        if let Some(text) = self.total(record) {
            let flaw = Flaw::new(Code::TotalRow, format!("the row is a sum of others: {text}"));
            return self.visitor.broken(record.row, flaw, 0);
        }

        for (at, marks) in &mut self.marks {
            if let Value::Text(text) = record.fields[*at] {
                marks.see(record.row, text, self.decimal);
            }
        }
        self.visitor.record(record);
    }

    /// Whether every field that is not empty holds the name of its column.
    fn is_header(&self, fields: &[Value<'_>]) -> bool {
        let repeats = |at: usize| match &fields[at] {
            Value::Missing => true,
            Value::Text(text) => {
                let text = text.trim_ascii();
                text.is_empty() || text.eq_ignore_ascii_case(self.names[at].as_bytes())
            }
            _ => false,
        };
        let Some(key) = self.key else { return false };
        !is_blank(&fields[key]) && repeats(key) && (0..self.table.columns.len()).all(repeats)
    }

    /// What shows that a row sums others up.
    fn total(&self, record: &Record<'_>) -> Option<String> {
        let key = self.key?;
        let text = text_of(&record.fields[key]);
        if is_total(text) {
            return Some(shown(text));
        }

        let columns = || self.table.columns.iter().zip(record.fields);
        if !columns().any(|(column, value)| column.required && is_blank(value)) {
            return None;
        }

        let row = (record.text)();
        let named = row.split(|byte| *byte == b',').find(|field| names_total(field));
        if let Some(named) = named {
            return Some(shown(named.trim_ascii()));
        }

        let is_number = |kind| matches!(kind, ColumnKind::Number | ColumnKind::Share);
        let is_sum = columns().all(|(column, value)| is_blank(value) || is_number(column.kind))
            && row.iter().all(|byte| byte.is_ascii_digit() || b" .,'-+()".contains(byte))
            && row.iter().any(u8::is_ascii_digit);
        is_sum.then(|| "it holds numbers and no key".to_owned())
    }

    /// The fields as a person sees them, where that is not how they are.
    fn seen(&mut self, record: &Record<'_>) -> Vec<(usize, String)> {
        let mut seen = Vec::new();
        for (at, value) in record.fields.iter().enumerate() {
            let Value::Text(bytes) = value else { continue };
            let column = self.table.columns.get(at);
            if column.is_some_and(|column| FREE_TEXTS.contains(&column.name)) {
                continue;
            }

            let Some(text) = cleaned(bytes) else { continue };
            if column.is_some_and(|column| column.kind == ColumnKind::Text) {
                let first = || {
                    let (was, is) = (shown(bytes.trim_ascii()), shown(text.as_bytes()));
                    Cleaned { keys: 0, row: record.row, first: format!("{was} is read as {is}") }
                };
                self.cleaned.entry(at).or_insert_with(first).keys += 1;
            }
            seen.push((at, text));
        }
        seen
    }
}

impl Visit for Sieve<'_> {
    fn record(&mut self, record: &Record<'_>) {
        let seen = self.seen(record);
        if seen.is_empty() && self.filling.is_none() {
            return self.judge(record);
        }

        let mut fields = record.fields.to_vec();
        for (at, text) in &seen {
            fields[*at] = Value::Text(text.as_bytes());
        }

        let filling = self.filling.take().map(|mut filling| {
            filling.remember(&fields);
            filling
        });
        for (at, text) in filling.iter().flat_map(|filling| &filling.columns) {
            if is_blank(&fields[*at]) {
                fields[*at] = Value::Text(text);
            }
        }

        self.judge(&Record { row: record.row, fields: &fields, text: record.text });
        self.filling = filling;
    }

    fn broken(&mut self, row: u64, flaw: Flaw, lost_lines: u64) {
        self.visitor.broken(row, flaw, lost_lines);
    }
}

impl Filling {
    fn of(input: &Input, wanted: &Wanted) -> Option<Self> {
        if input.fill_down.is_empty() {
            return None;
        }

        let is_filled = |name: &String| input.fill_down.iter().any(|filled| filled.trim() == name);
        let columns = wanted.names.iter().enumerate().filter(|(_, name)| is_filled(name));
        let order = ["order_id", "po_number"].iter().find_map(|name| wanted.table.position(name));
        Some(Self {
            columns: columns.map(|(at, _)| (at, Vec::new())).collect(),
            order,
            last_order: Vec::new(),
        })
    }

    /// Takes in a row: what it fills down from now on.
    fn remember(&mut self, fields: &[Value<'_>]) {
        if let Some(order) = self.order.map(|at| text_of(&fields[at]))
            && !order.is_empty()
            && order != self.last_order
        {
            // Another order: what it leaves empty is empty.
            self.last_order = order.to_vec();
            self.columns.iter_mut().for_each(|(_, text)| text.clear());
        }

        for (at, text) in &mut self.columns {
            if !is_blank(&fields[*at]) {
                *text = text_of(&fields[*at]).to_vec();
            }
        }
    }
}

/// A field of text, trimmed; empty for any other.
fn text_of<'a>(value: &Value<'a>) -> &'a [u8] {
    match value {
        Value::Text(bytes) => bytes.trim_ascii(),
        _ => b"",
    }
}

fn is_blank(value: &Value<'_>) -> bool {
    match value {
        Value::Missing => true,
        Value::Text(bytes) => bytes.trim_ascii().is_empty(),
        _ => false,
    }
}
