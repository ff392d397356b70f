//! Writes rows as CSV text.

/// A table in the making.
pub(super) struct Sheet(csv::Writer<Vec<u8>>);

impl Sheet {
    /// A table with the given header, column names separated by commas.
    pub(super) fn new(header: &str) -> Self {
        // Ragged rows are part of the sample's dirt, so the writer must not insist on the header's
        // width.
        let mut sheet = Self(csv::WriterBuilder::new().flexible(true).from_writer(Vec::new()));
        sheet.row(header.split(','));
        sheet
    }

    /// Adds a row.
    pub(super) fn row<T: AsRef<[u8]>>(&mut self, fields: impl IntoIterator<Item = T>) {
        self.0.write_record(fields).expect("writing to memory does not fail");
    }

    /// The text.
    pub(super) fn finish(self) -> String {
        let bytes = self.0.into_inner().expect("writing to memory does not fail");
        String::from_utf8(bytes).expect("all fields are text")
    }
}

/// Cents as money.
pub(super) fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// A number; empty if it is 0.
pub(super) fn unless_zero(number: i64) -> String {
    if number == 0 { String::new() } else { number.to_string() }
}

/// What a spreadsheet calls true and false.
pub(super) fn yes(flag: bool) -> String {
    String::from(if flag { "true" } else { "false" })
}
