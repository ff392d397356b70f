//! CSV as the contract wants it: RFC 4180, UTF-8, `\n`, numbers that a spreadsheet and an ERP both
//! read.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::cell::Cell;
use super::digits;
use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::wording::is_invisible;
use crate::error::{Error, Result};

/// Writes rows of fields, one after the other.
pub struct CsvSink<W: Write> {
    writer: W,
    /// What it is, for messages.
    name: String,
    columns: usize,
    field: usize,
    line: Vec<u8>,
    /// What separates fields, an ASCII character.
    delimiter: u8,
}

impl CsvSink<BufWriter<File>> {
    /// A new file with a header.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create<S: AsRef<str>>(path: &Path, header: &[S]) -> Result<Self> {
        let file = File::create(path).map_err(|cause| {
            Error::internal(format!("cannot write {}", path.display())).because(cause)
        })?;

        let mut sink = Self::new(BufWriter::with_capacity(1 << 16, file), header)?;
        sink.name = path.display().to_string();
        Ok(sink)
    }
}

impl<W: Write> CsvSink<W> {
    /// Rows without a header, to be added to another table by [`CsvSink::add`].
    pub(super) fn rows(&self) -> CsvSink<Vec<u8>> {
        CsvSink {
            writer: Vec::new(),
            name: self.name.clone(),
            columns: self.columns,
            field: 0,
            line: Vec::new(),
            delimiter: self.delimiter,
        }
    }

    /// Adds rows that are laid out already.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn add(&mut self, rows: &[u8]) -> Result<()> {
        let written = self.writer.write_all(rows);
        written.map_err(|cause| Error::internal("cannot write rows").because(cause))
    }

    /// A header, written to anything.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new<S: AsRef<str>>(writer: W, header: &[S]) -> Result<Self> {
        Self::separated(writer, header, b',')
    }

    /// The same with another character between fields, an ASCII one.
    ///
    /// # Errors
    /// When the header cannot be written.
    pub fn separated<S: AsRef<str>>(writer: W, header: &[S], delimiter: u8) -> Result<Self> {
        let (name, line) = ("the table".to_owned(), Vec::new());
        let mut sink = Self { writer, name, columns: header.len(), field: 0, line, delimiter };
        for name in header {
            sink.text(name.as_ref());
        }

        sink.end()?;
        Ok(sink)
    }

    fn separate(&mut self) {
        if self.field > 0 {
            self.line.push(self.delimiter);
        }
        self.field += 1;
    }

    /// A key or another text that is written as it is.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.separate();
        let delimiter = self.delimiter;
        let is_quoted = |byte: &u8| matches!(byte, b'"' | b'\n' | b'\r') || *byte == delimiter;
        if text.as_bytes().iter().any(is_quoted) {
            self.line.push(b'"');
            self.line.extend_from_slice(text.replace('"', "\"\"").as_bytes());
            self.line.push(b'"');
        } else {
            self.line.extend_from_slice(text.as_bytes());
        }
        self
    }

    /// Free text, which must not be taken for a formula.
    pub fn guarded(&mut self, text: &str) -> &mut Self {
        if is_formula(text) { self.text(&format!("'{text}")) } else { self.text(text) }
    }

    /// A key; an empty field if it is absent.
    pub fn opt_text(&mut self, text: Option<&str>) -> &mut Self {
        self.text(text.unwrap_or_default())
    }

    /// An empty field.
    pub fn empty(&mut self) -> &mut Self {
        self.separate();
        self
    }

    /// A real number with 6 significant digits; an empty field if it is absent or not finite.
    pub fn real(&mut self, value: impl Into<Option<f64>>) -> &mut Self {
        self.put(value.into(), digits::push_real)
    }

    /// A share with 4 decimals.
    pub fn share(&mut self, value: impl Into<Option<f64>>) -> &mut Self {
        self.put(value.into().filter(|share| share.is_finite()), digits::push_share)
    }

    /// A quantity, units; whole ones carry no decimal point.
    pub fn fixed(&mut self, value: impl Into<Option<Fixed>>) -> &mut Self {
        self.put(value.into(), digits::push_fixed)
    }

    /// Money with its currency's decimals.
    pub fn money(&mut self, value: impl Into<Option<Fixed>>, decimals: u32) -> &mut Self {
        self.put(value.into(), |line, value| digits::push_money(line, value, decimals))
    }

    /// A whole number.
    pub fn whole(&mut self, value: impl Into<Option<i64>>) -> &mut Self {
        self.put(value.into(), digits::push_whole)
    }

    /// A day as an ISO date.
    pub fn date(&mut self, day: impl Into<Option<Day>>) -> &mut Self {
        self.put(day.into(), digits::push_date)
    }

    /// A field that needs no quotes; an empty one if there is no value.
    fn put<T>(&mut self, value: Option<T>, push: impl FnOnce(&mut Vec<u8>, T)) -> &mut Self {
        self.separate();
        if let Some(value) = value {
            push(&mut self.line, value);
        }
        self
    }

    /// A field of any kind.
    pub fn cell(&mut self, cell: Cell<'_>) {
        match cell {
            Cell::Text(text) => self.text(text),
            Cell::Date(day) => self.date(day),
            Cell::Real(value) => self.real(value),
            Cell::Share(share) => self.share(share),
            Cell::Units(units) => self.fixed(units),
            Cell::Whole(number) => self.whole(number),
            Cell::Empty => self.empty(),
        };
    }

    /// Ends the row.
    ///
    /// # Errors
    /// When it cannot be written, or has another number of fields than the header.
    pub fn end(&mut self) -> Result<()> {
        if self.field != self.columns {
            return Err(Error::internal(format!(
                "a row has {} fields, its header {}",
                self.field, self.columns
            )));
        }

        // A row of one empty field would look like an empty line.
        if self.line.is_empty() {
            self.line.extend_from_slice(b"\"\"");
        }

        self.line.push(b'\n');
        let written = self.writer.write_all(&self.line);
        self.line.clear();
        self.field = 0;

        written.map_err(|cause| Error::internal("cannot write a row").because(cause))
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When what is left cannot be written.
    pub fn finish(mut self) -> Result<W> {
        self.writer.flush().map_err(|cause| {
            Error::internal(format!("cannot write {}", self.name)).because(cause)
        })?;
        Ok(self.writer)
    }
}

/// A text that a spreadsheet does not take for a formula: an apostrophe is put before a character
/// that would begin one, whatever blanks and invisible characters stand before it.
///
/// ```
/// use restock::io::sinks::csv::guard;
/// assert_eq!(guard("=1+1"), "'=1+1");
/// assert_eq!(guard("  @SUM(A1)"), "'  @SUM(A1)");
/// assert_eq!(guard("\u{200b}=1+1"), "'\u{200b}=1+1");
/// assert_eq!(guard("＝1+1"), "'＝1+1");
/// assert_eq!(guard("5 = 5"), "5 = 5");
/// ```
#[must_use]
pub fn guard(text: &str) -> String {
    if is_formula(text) { format!("'{text}") } else { text.to_owned() }
}

/// Whether a spreadsheet could take a text for a formula.
fn is_formula(text: &str) -> bool {
    // Nearly every text begins with a letter or a digit.
    if text.as_bytes().first().is_none_or(u8::is_ascii_alphanumeric) {
        return false;
    }
    let is_passed_over = |character: char| {
        character.is_whitespace() || character.is_control() || is_invisible(character)
    };
    let begins = text.trim_start_matches(is_passed_over).starts_with(FORMULA_MARKS);
    begins || text.starts_with(['\t', '\r', '\n'])
}

/// What a formula can begin with, in half and in full width: spreadsheets set up for East Asian
/// languages take both.
const FORMULA_MARKS: &[char] = &['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A real number with 6 significant digits, without an exponent where it is of a usual size.
///
/// ```
/// use restock::io::sinks::csv::real;
/// assert_eq!(real(12.0), "12");
/// assert_eq!(real(0.1234567), "0.123457");
/// assert_eq!(real(1234567.8), "1234570");
/// assert_eq!(real(-0.0), "0");
/// assert_eq!(real(f64::NAN), "");
/// ```
#[must_use]
pub fn real(value: f64) -> String {
    let mut text = Vec::new();
    digits::push_real(&mut text, value);
    String::from_utf8(text).expect("digits are ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut CsvSink<Vec<u8>>)) -> String {
        let mut sink = CsvSink::new(Vec::new(), &["a", "b"]).unwrap();
        write(&mut sink);
        sink.end().unwrap();
        String::from_utf8(sink.finish().unwrap()).unwrap()
    }

    #[test]
    fn fields_are_quoted_only_where_they_must_be() {
        assert_eq!(
            written(|row| {
                let _ = row.text("x,\"y\"").text("z\nw");
            }),
            "a,b\n\"x,\"\"y\"\"\",\"z\nw\"\n"
        );
        assert_eq!(
            written(|row| {
                let _ = row.text("=1").guarded("=1");
            }),
            "a,b\n=1,'=1\n"
        );
    }

    #[test]
    fn numbers_have_the_form_of_the_contract() {
        assert_eq!(
            written(|row| {
                let _ = row.real(2.0 / 3.0).share(2.0 / 3.0);
            }),
            "a,b\n0.666667,0.6667\n"
        );
        assert_eq!(
            written(|row| {
                let _ = row.fixed(Fixed::from_units(7)).money(Fixed::of_steps(12_345), 2);
            }),
            "a,b\n7,1.23\n"
        );
        assert_eq!(
            written(|row| {
                let _ = row.date(19_782).real(None);
            }),
            "a,b\n2024-02-29,\n"
        );
    }

    #[test]
    fn a_row_of_the_wrong_length_is_refused() {
        let mut sink = CsvSink::new(Vec::new(), &["a", "b"]).unwrap();
        sink.text("x");

        assert!(sink.end().is_err());
    }
}
