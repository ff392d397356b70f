//! What stands between a file and its reader: fields as a person sees them, order fields filled
//! down, headers and sums that stand among the rows kept out, and what the marks in numbers mean.

use std::collections::BTreeMap;

use super::cleaned::{cleaned, lost_key};
use super::marks::{Marks, Verdict};
use super::totals::{is_total, names_total};
use super::{Broken, Forks, Note, Record, Visit, Wanted};
use crate::config::settings::Input;
use crate::domain::finding::Code;
use crate::domain::wording::counted;
use crate::error::Result;
use crate::io::contract::{ColumnKind, Table};
use crate::io::files::SourceFile;
use crate::io::values::{Flaw, Value, as_text, shown, text_of};

/// Columns of free text, in which nothing is taken away.
const FREE_TEXTS: [&str; 7] =
    ["description", "name", "reason", "event", "promotion", "email", "channel"];

/// Columns of keys, by which rows of several tables meet.
const KEYS: [&str; 7] =
    ["sku", "location", "supplier", "component", "supplied_by", "replaces", "similar_to"];

/// Passes records on to a visitor.
pub(super) struct Sieve<V> {
    visitor: V,
    table: &'static Table,
    names: Vec<String>,
    /// Whether each of the wanted columns holds free text.
    is_free: Vec<bool>,
    /// Whether each holds keys.
    is_key: Vec<bool>,
    decimal: u8,
    /// The first required column of text: what a row is about.
    key: Option<usize>,
    marks: Vec<(usize, Marks)>,
    filling: Option<Filling>,
    /// A row that names the columns in another order.
    other_header: Option<u64>,
    cleaned: BTreeMap<usize, Cleaned>,
}

/// What a person sees in a field.
enum Seen {
    Text(String),
    /// No key, though something stands there.
    Lost(&'static str),
}

/// Keys of one column that were not as they look.
struct Cleaned {
    keys: u64,
    row: u64,
    /// The first, as it was and as it is read.
    first: String,
}

/// Whether a column counts stock units.
fn is_units(table: &Table, at: usize) -> bool {
    const UNITS: [&str; 9] = [
        "quantity",
        "on_hand",
        "allocated",
        "backorders",
        "received_quantity",
        "min_quantity",
        "min_stock",
        "max_stock",
        "moq",
    ];
    table.columns.get(at).is_some_and(|column| UNITS.contains(&column.name))
}

/// Columns whose empty fields take what stands above them.
struct Filling {
    columns: Vec<Filled>,
    /// The column that says which order a row belongs to.
    order: Option<usize>,
    /// The order of the last row.
    last_order: String,
    /// Where no column says that: the first of the filled ones, which begins a group of rows.
    group: Option<usize>,
}

/// One of these columns: its position among the wanted ones, and what stood there last.
struct Filled {
    at: usize,
    text: Vec<u8>,
    /// The same where it is no text.
    typed: Option<Value<'static>>,
}

impl<V: Visit> Sieve<V> {
    pub(super) fn new(input: &Input, wanted: &Wanted, visitor: V) -> Self {
        let table = wanted.table;
        let of_kind = |kind: ColumnKind| {
            let columns = table.columns.iter().enumerate();
            columns.filter(move |(_, column)| column.kind == kind)
        };
        let key = of_kind(ColumnKind::Text).find(|(_, column)| column.required);
        let marks = of_kind(ColumnKind::Number).map(|(at, _)| (at, Marks::default())).collect();
        let is_among = |at: usize, names: &[&str]| {
            table.columns.get(at).is_some_and(|column| names.contains(&column.name))
        };
        let is_free = |at: usize| is_among(at, &FREE_TEXTS);
        let is_key = |at: usize| is_among(at, &KEYS);

        Self {
            visitor,
            table,
            is_free: (0..wanted.names.len()).map(is_free).collect(),
            is_key: (0..wanted.names.len()).map(is_key).collect(),
            names: wanted.names.clone(),
            decimal: input.decimal as u8,
            key: key.map(|(at, _)| at),
            marks,
            filling: Filling::of(input, wanted),
            other_header: None,
            cleaned: BTreeMap::new(),
        }
    }

    /// What is odd about the file as a whole.
    ///
    /// # Errors
    /// When its numbers are plainly written with the other decimal mark.
    pub(super) fn finish(self, file: &SourceFile) -> Result<Vec<Note>> {
        if let Some(row) = self.other_header {
            return Err(file
                .error(&format!("names its columns anew in row {row}, in another order"))
                .hint("export into files of their own, and name them all in `path`"));
        }

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
                // Prices and weights have three decimals now and then.
                Verdict::DoubtfulDecimals(..) if !is_units(self.table, at) => {}
                Verdict::DoubtfulDecimals(numbers, first) => notes.push(Note {
                    row: first.row,
                    code: Code::DoubtfulMarks,
                    message: format!(
                        "{} in `{name}` could mean a thousand times what it is read as, first {}: \
                         all others are whole",
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

    /// Says why a record is no row of the table, if it is none.
    fn flaw(&self, record: &Record<'_>) -> Option<Flaw> {
        if self.is_header(record.fields) {
            return Some(Flaw::new(Code::RepeatedHeader, "the row repeats the header"));
        }

        let why = self.total(record)?;
        Some(Flaw::new(Code::TotalRow, format!("the row is a sum of others: {why}")))
    }

    /// Passes on a row of the table.
    fn pass(&mut self, record: &Record<'_>) {
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

    /// Whether three fields and more hold names of columns, and not all their own.
    fn names_columns_elsewhere(&self, fields: &[Value<'_>]) -> bool {
        let Some(Value::Text(key)) = self.key.map(|at| fields[at]) else { return false };
        if !self.names.iter().any(|name| name.as_bytes() == key.trim_ascii()) {
            return false;
        }

        let texts = || fields.iter().map(text_of).filter(|text| !text.is_empty());
        let names = |text: &[u8]| self.names.iter().any(|name| name.as_bytes() == text);
        texts().count() > 2 && texts().all(names) && !self.is_header(fields)
    }

    /// What shows that a row sums others up: it lacks what every row has but numbers, and says so
    /// or holds nothing else. Where only the key is required, a key that means a sum is enough,
    /// as long as nothing else is said of it.
    fn total(&self, record: &Record<'_>) -> Option<String> {
        let key = text_of(&record.fields[self.key?]);
        let columns = || self.table.columns.iter().zip(record.fields);
        let is_number = |kind| matches!(kind, ColumnKind::Number | ColumnKind::Share);
        let mut names = columns().filter(|(column, _)| column.required && !is_number(column.kind));
        let is_alone = || {
            columns().all(|(column, value)| {
                is_blank(value) || is_number(column.kind) || text_of(value) == key
            })
        };
        if names.clone().count() == 1 && is_total(key) && is_alone() {
            return Some(shown(key));
        }

        let lacks_one = names.clone().any(|(_, value)| is_blank(value));
        if !lacks_one || !names.all(|(_, value)| is_blank(value) || names_total(text_of(value))) {
            return None;
        }

        let named = columns().map(|(_, value)| text_of(value)).find(|text| names_total(text));
        let row = (record.text)();
        let named = named.or_else(|| row.split(|byte| *byte == b',').find(|text| is_total(text)));
        if let Some(named) = named {
            return Some(shown(named.trim_ascii()));
        }

        let is_sum = columns().all(|(column, value)| is_blank(value) || is_number(column.kind))
            && row.iter().all(|byte| byte.is_ascii_digit() || b" .,'-+()".contains(byte))
            && row.iter().any(u8::is_ascii_digit);
        is_sum.then(|| "it holds numbers and no key".to_owned())
    }

    /// The fields as a person sees them, where that is not how they are.
    fn seen(&mut self, record: &Record<'_>) -> Vec<(usize, Seen)> {
        let mut seen = Vec::new();
        for (at, value) in record.fields.iter().enumerate() {
            let Value::Text(bytes) = value else { continue };
            if self.is_free.get(at).is_some_and(|is_free| *is_free) {
                continue;
            }

            if self.is_key[at]
                && let Some(why) = lost_key(bytes)
            {
                seen.push((at, Seen::Lost(why)));
                continue;
            }

            let Some(text) = cleaned(bytes) else { continue };
            let column = self.table.columns.get(at);
            if column.is_some_and(|column| column.kind == ColumnKind::Text) {
                let first = || {
                    let (was, is) = (shown(bytes.trim_ascii()), shown(text.as_bytes()));
                    Cleaned { keys: 0, row: record.row, first: format!("{was} is read as {is}") }
                };
                self.cleaned.entry(at).or_insert_with(first).keys += 1;
            }
            seen.push((at, Seen::Text(text)));
        }
        seen
    }
}

impl<V: Visit> Visit for Sieve<V> {
    fn record(&mut self, record: &Record<'_>) {
        let seen = self.seen(record);
        let mut fields;
        let mut record = Record { row: record.row, fields: record.fields, text: record.text };
        if !seen.is_empty() {
            fields = record.fields.to_vec();
            for (at, text) in &seen {
                fields[*at] = match text {
                    Seen::Text(text) => Value::Text(text.as_bytes()),
                    Seen::Lost(why) => Value::Unreadable(why),
                };
            }
            record.fields = &fields;
        }

        if self.names_columns_elsewhere(record.fields) {
            self.other_header.get_or_insert(record.row);
        }
        // Before anything is filled down: what a sum leaves empty is empty.
        if let Some(flaw) = self.flaw(&record) {
            let (row, text) = (record.row, record.text);
            return self.visitor.broken(Broken { row, flaw, lost_lines: 0, text });
        }

        let Some(mut filling) = self.filling.take() else { return self.pass(&record) };
        filling.remember(record.fields);
        let filled = filling.fill(record.fields);
        self.pass(&Record { row: record.row, fields: &filled, text: record.text });
        drop(filled);
        self.filling = Some(filling);
    }

    fn broken(&mut self, broken: Broken<'_>) {
        self.visitor.broken(broken);
    }
}

impl<V: Forks> Forks for Sieve<V> {
    type Part = Sieve<V::Part>;

    fn fork(&self) -> Option<Self::Part> {
        if self.filling.is_some() {
            return None;
        }
        Some(Sieve {
            visitor: self.visitor.fork()?,
            table: self.table,
            names: self.names.clone(),
            is_free: self.is_free.clone(),
            is_key: self.is_key.clone(),
            decimal: self.decimal,
            key: self.key,
            marks: self.marks.iter().map(|(at, _)| (*at, Marks::default())).collect(),
            filling: None,
            other_header: None,
            cleaned: BTreeMap::new(),
        })
    }

    fn join(&mut self, part: &mut Self::Part) {
        self.visitor.join(&mut part.visitor);
        for ((_, marks), (_, later)) in self.marks.iter_mut().zip(&mut part.marks) {
            marks.join(std::mem::take(later));
        }
        self.other_header = self.other_header.or(part.other_header.take());
        for (at, later) in std::mem::take(&mut part.cleaned) {
            let keys = later.keys;
            self.cleaned.entry(at).or_insert(Cleaned { keys: 0, ..later }).keys += keys;
        }
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
        let first = input.fill_down.first().map(|name| name.trim());
        let group = wanted.names.iter().position(|name| order.is_none() && first == Some(name));
        Some(Self {
            columns: columns.map(|(at, _)| Filled { at, text: Vec::new(), typed: None }).collect(),
            order,
            last_order: String::new(),
            group,
        })
    }

    /// Takes in a row: what it fills down from now on.
    fn remember(&mut self, fields: &[Value<'_>]) {
        let order = self.order.and_then(|at| as_text(fields[at], "").ok().flatten());
        let is_other_order = order.as_ref().is_some_and(|order| **order != *self.last_order);
        if is_other_order || self.group.is_some_and(|at| !is_blank(&fields[at])) {
            // Another order or group: what it leaves empty is empty.
            self.last_order = order.unwrap_or_default().into_owned();
            for column in &mut self.columns {
                column.text.clear();
                column.typed = None;
            }
        }

        for column in self.columns.iter_mut().filter(|column| !is_blank(&fields[column.at])) {
            let value = fields[column.at];
            column.text = text_of(&value).to_vec();
            column.typed = match value {
                Value::Missing | Value::Text(_) => None,
                Value::Whole(number) => Some(Value::Whole(number)),
                Value::Real(number) => Some(Value::Real(number)),
                Value::Day(day) => Some(Value::Day(day)),
                Value::Flag(flag) => Some(Value::Flag(flag)),
                Value::Unreadable(what) => Some(Value::Unreadable(what)),
            };
        }
    }

    /// The fields of a row, with what stands above in the empty ones.
    fn fill<'a>(&'a self, fields: &[Value<'a>]) -> Vec<Value<'a>> {
        let mut filled = fields.to_vec();
        for column in self.columns.iter().filter(|column| is_blank(&fields[column.at])) {
            filled[column.at] = column.typed.unwrap_or(Value::Text(&column.text));
        }
        filled
    }
}

fn is_blank(value: &Value<'_>) -> bool {
    match value {
        Value::Missing => true,
        Value::Text(bytes) => bytes.trim_ascii().is_empty(),
        _ => false,
    }
}
