//! Rows as text for a terminal, as CSV and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::tables::Listed;
use super::view::{View, number};
use crate::domain::fixed::Fixed;
use crate::domain::money::decimals_of;
use crate::domain::money::money;
use crate::domain::wording::{counted, grouped, printable, shortened, wrapped};
use crate::error::Result;
use crate::io::sinks::csv::CsvSink;

/// Characters of a terminal's line.
const WIDTH: usize = 80;
/// Blanks between columns.
const GAP: usize = 2;
/// Characters of a cell, at most; the last column of a line may be longer. Judgement: what tells
/// descriptions apart.
const MAX_CELL: usize = 32;
/// Characters that a text in the last column has on a line, at least.
const MIN_WRAPPED: usize = 24;
/// Columns that name a row, and stand before each block of a table too wide for a line, at most.
const MAX_NAMES: usize = 3;

/// Rows of a table, and which columns of it are shown.
#[derive(Debug)]
pub struct Shown<'a> {
    /// Which table it is.
    pub listed: Listed,
    /// Its rows.
    pub view: &'a View,
    /// The columns, by their place in the table.
    pub columns: &'a [usize],
}

/// How many rows there are, beside those that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Rows that passed every test.
    pub matching: usize,
    /// Rows of the table.
    pub all: usize,
}

impl Shown<'_> {
    /// The rows as CSV, each value as the run wrote it.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn csv(&self) -> Result<Vec<u8>> {
        let names: Vec<&str> = self.columns.iter().map(|column| self.name(*column)).collect();
        let mut sink = CsvSink::new(Vec::new(), &names)?;
        for row in &self.view.rows {
            for column in self.columns {
                sink.text(self.view.table.field(*row, *column));
            }
            sink.end()?;
        }
        sink.finish()
    }

    /// The rows as one array of objects: numbers with the digits that the run wrote, keys as text,
    /// what is empty as null.
    #[must_use]
    pub fn json(&self) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let mut out = String::from("[");
        for (at, row) in self.view.rows.iter().enumerate() {
            out.push_str(if at == 0 { "\n{" } else { ",\n{" });
            for (at, column) in self.columns.iter().enumerate() {
                let (name, field) = (self.name(*column), self.view.table.field(*row, *column));
                let is_number = self.listed.is_number(name)
                    && serde_json::from_str::<serde_json::Number>(field).is_ok();
                out.push_str(if at == 0 { "" } else { "," });
                out.push_str(&quoted(name));
                out.push(':');
                match field {
                    "" => out.push_str("null"),
                    _ if is_number => out.push_str(field),
                    _ => out.push_str(&quoted(field)),
                }
            }
            out.push('}');
        }
        out.push_str("\n]\n");
        out
    }

    /// The rows for a terminal: text to the left, numbers to the right, names of columns broken
    /// where they are longer than what stands below. Columns that do not fit a line go on below,
    /// behind those that name the row; a long text in the last one goes on in further lines.
    #[must_use]
    pub fn text(&self) -> String {
        let columns: Vec<Column> = self.columns.iter().map(|column| self.cells(*column)).collect();
        let mut out = String::new();
        for (at, block) in blocks(&columns).iter().enumerate() {
            out.push_str(if at > 0 { "\n" } else { "" });
            write_block(&mut out, block);
        }
        out
    }

    /// The line below the rows: how many they are, and what they come to. Amounts that name no
    /// currency are in the base currency.
    #[must_use]
    pub fn footer(&self, counts: Counts, base: &str) -> String {
        let shown = self.view.rows.len();
        let Counts { matching, all } = counts;
        let rows = counted(grouped(all), "row");
        let mut out = if shown == matching || matching == all {
            format!("{} of {rows}", grouped(shown))
        } else {
            format!("{} of {} that match, of {rows}", grouped(shown), grouped(matching))
        };
        if let Some(value) = self.value(base) {
            out.push_str(&format!("; {value}"));
        }
        format!("{}\n", wrapped(&out, WIDTH, "  "))
    }

    /// What the rows come to, by currency.
    fn value(&self, base: &str) -> Option<String> {
        let table = &self.view.table;
        let name = self.listed.value()?;
        let value = table.position(name)?;
        let currency = table.position("currency");
        let mut sums: BTreeMap<&str, Fixed> = BTreeMap::new();
        let mut without = 0;
        for row in &self.view.rows {
            match number(table.field(*row, value)).and_then(Fixed::from_f64) {
                Some(amount) => {
                    let of = currency.map_or(base, |column| table.field(*row, column));
                    *sums.entry(of).or_default() += amount;
                }
                None => without += 1,
            }
        }
        let sums: Vec<String> = sums
            .iter()
            .map(|(currency, sum)| format!("{} {currency}", money(*sum, decimals_of(currency))))
            .collect();
        let without = match without {
            0 => String::new(),
            rows => format!(" ({} without one)", counted(grouped(rows), "row")),
        };
        (!sums.is_empty()).then(|| format!("{name} {}{without}", sums.join(" + ")))
    }

    fn name(&self, column: usize) -> &str {
        self.view.table.columns.get(column).map_or("", String::as_str)
    }

    fn cells(&self, column: usize) -> Column {
        let name = self.name(column);
        let is_last = self.columns.last() == Some(&column);
        let table = &self.view.table;
        let shown = |row: &usize| {
            let field = table.field(*row, column);
            if is_last { printable(field).into_owned() } else { shortened(field, MAX_CELL) }
        };
        let cells: Vec<String> = self.view.rows.iter().map(shown).collect();
        let name = printable(name);
        let most = cells.iter().map(|cell| width_of(cell)).max().unwrap_or(0);
        let head = broken(&name, most);
        let width = head.iter().map(|part| width_of(part)).fold(most, usize::max);
        Column { head, cells, width, is_number: self.listed.is_number(&name) }
    }
}

/// A column as it is shown.
struct Column {
    /// Its name, in lines.
    head: Vec<String>,
    cells: Vec<String>,
    width: usize,
    is_number: bool,
}

/// A name in lines that are as long as the cells below, or as its longest word.
fn broken(name: &str, width: usize) -> Vec<String> {
    let words: Vec<&str> = name.split_inclusive('_').collect();
    let width = words.iter().map(|word| width_of(word)).fold(width, usize::max);
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if width_of(line) + width_of(word) <= width => line.push_str(word),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The columns of each block of lines.
fn blocks(columns: &[Column]) -> Vec<Vec<&Column>> {
    let used = |block: &[&Column]| -> usize { block.iter().map(|it| it.width + GAP).sum() };
    let names = columns.iter().take_while(|it| !it.is_number).take(MAX_NAMES).count();
    let names: Vec<&Column> = columns.iter().take(names).collect();
    let mut blocks = vec![names.clone()];
    for (at, column) in columns.iter().enumerate().skip(names.len()) {
        // A text at the end is broken to what is left of the line.
        let is_text_at_end = at + 1 == columns.len() && !column.is_number;
        let width = if is_text_at_end { column.width.min(MIN_WRAPPED) } else { column.width };
        let is_full = blocks
            .last()
            .is_some_and(|block| used(block) + width > WIDTH && block.len() > names.len());
        if is_full {
            blocks.push(names.clone());
        }
        if let Some(block) = blocks.last_mut() {
            block.push(column);
        }
    }
    blocks
}

fn write_block(out: &mut String, block: &[&Column]) {
    let lines = block.iter().map(|column| column.head.len()).max().unwrap_or(0);
    for line in 0..lines {
        let cells = block.iter().map(|column| {
            let missing = lines - column.head.len();
            line.checked_sub(missing).and_then(|at| column.head.get(at)).map_or("", String::as_str)
        });
        write_line(out, block, cells);
    }
    let rows = block.iter().map(|column| column.cells.len()).max().unwrap_or(0);
    for row in 0..rows {
        let cells = block.iter().map(|column| column.cells.get(row).map_or("", String::as_str));
        write_line(out, block, cells);
    }
}

/// One row: all cells but a text at the end on one line, which goes on below where it is long.
fn write_line<'a>(out: &mut String, block: &[&Column], cells: impl Iterator<Item = &'a str>) {
    let mut line = String::new();
    for (at, (column, cell)) in block.iter().zip(cells).enumerate() {
        let (width, begun) = (column.width, width_of(&line));
        let is_last = at + 1 == block.len();
        if is_last && !column.is_number && begun + width_of(cell) > WIDTH {
            let room = WIDTH.saturating_sub(begun).max(MIN_WRAPPED);
            line.push_str(&wrapped(cell, room, "").replace('\n', &format!("\n{:begun$}", "")));
        } else if column.is_number {
            let _ = write!(line, "{cell:>width$}{:GAP$}", "");
        } else {
            let _ = write!(line, "{cell:<width$}{:GAP$}", "");
        }
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

/// Characters that a text takes on a terminal.
fn width_of(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(text: &str, column: &'static str) -> View {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, text).unwrap();
        View::of(crate::io::read_table(&path, column).unwrap())
    }

    #[test]
    fn each_format_holds_the_values_as_they_were_written() {
        let view = view(
            "sku,on_hand,excess_value,action\n007,1.50,1e9,\"sell, soon\"\n8,,high,\u{1b}[2J\n",
            "sku",
        );
        let shown = Shown { listed: Listed::Excess, view: &view, columns: &[0, 1, 2, 3] };
        assert_eq!(
            String::from_utf8(shown.csv().unwrap()).unwrap(),
            "sku,on_hand,excess_value,action\n007,1.50,1e9,\"sell, soon\"\n8,,high,\u{1b}[2J\n"
        );
        assert_eq!(
            shown.json(),
            "[\n{\"sku\":\"007\",\"on_hand\":1.50,\"excess_value\":1e9,\"action\":\"sell, soon\"},\
             \n{\"sku\":\"8\",\"on_hand\":null,\"excess_value\":\"high\",\
             \"action\":\"\\u001b[2J\"}\n]\n"
        );
        assert_eq!(
            shown.text(),
            "      on_  excess_\n\
             sku  hand    value  action\n\
             007  1.50      1e9  sell, soon\n\
             8             high  \\u{1b}[2J\n"
        );
        let counts = Counts { matching: 2, all: 3 };
        assert_eq!(
            shown.footer(counts, "JPY"),
            "2 of 3 rows; excess_value 1,000,000,000 JPY (1 row without one)\n"
        );
    }

    #[test]
    fn a_wide_table_goes_on_below_and_a_long_text_in_further_lines() {
        let head: Vec<String> = (0..12).map(|at| format!("figure{at:02}")).collect();
        let wide = view(&format!("sku,{}\nA1,{}\n", head.join(","), ["7"; 12].join(",")), "sku");
        let columns: Vec<usize> = (0..13).collect();
        let text = Shown { listed: Listed::Items, view: &wide, columns: &columns }.text();
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert_eq!(text.lines().filter(|line| line.starts_with("A1 ")).count(), 2, "{text}");

        let long = view(&format!("code,message\nDQ1,{}\n", "word ".repeat(40)), "code");
        let text = Shown { listed: Listed::Findings, view: &long, columns: &[0, 1] }.text();
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert_eq!(text.matches("word").count(), 40, "{text}");
        assert!(text.lines().nth(2).unwrap().starts_with("      word"), "{text}");
    }
}
