//! `[inputs]`: where each table comes from, and how it is read.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::choices::{Encoding, FileFormat, Rows};

/// `[inputs.*]`: one entry a table of the contract. Only `orders` is required.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Inputs")]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "the names say it; in the schema a comment would be noise")]
pub struct RawInputs {
    pub orders: Option<RawInput>,
    pub items: Option<RawInput>,
    pub item_suppliers: Option<RawInput>,
    pub item_locations: Option<RawInput>,
    pub stock: Option<RawInput>,
    pub purchase_orders: Option<RawInput>,
    pub receipts: Option<RawInput>,
    pub suppliers: Option<RawInput>,
    pub closures: Option<RawInput>,
    pub price_breaks: Option<RawInput>,
    pub availability: Option<RawInput>,
    pub calendar: Option<RawInput>,
    pub prices: Option<RawInput>,
    pub overrides: Option<RawInput>,
    pub backorders: Option<RawInput>,
    pub customers: Option<RawInput>,
    pub locations: Option<RawInput>,
    pub components: Option<RawInput>,
}

impl RawInputs {
    /// The inputs that are given, by table name, in the contract's order.
    pub fn given(&self) -> impl Iterator<Item = (&'static str, &RawInput)> {
        [
            ("orders", &self.orders),
            ("items", &self.items),
            ("item_suppliers", &self.item_suppliers),
            ("item_locations", &self.item_locations),
            ("stock", &self.stock),
            ("purchase_orders", &self.purchase_orders),
            ("receipts", &self.receipts),
            ("suppliers", &self.suppliers),
            ("closures", &self.closures),
            ("price_breaks", &self.price_breaks),
            ("availability", &self.availability),
            ("calendar", &self.calendar),
            ("prices", &self.prices),
            ("overrides", &self.overrides),
            ("backorders", &self.backorders),
            ("customers", &self.customers),
            ("locations", &self.locations),
            ("components", &self.components),
        ]
        .into_iter()
        .filter_map(|(name, input)| input.as_ref().map(|input| (name, input)))
    }
}

/// One input: where its rows come from, and how to read them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Input")]
#[serde(deny_unknown_fields)]
pub struct RawInput {
    /// A file, a glob such as `data/orders-*.csv.gz`, or a list of either. The format follows the
    /// ending: .csv, .tsv, .ndjson or .jsonl, each also with .gz or .zst, .parquet, .xlsx, and
    /// .sqlite, .sqlite3 or .db with a `query`. Either this or `command`.
    #[serde(default)]
    pub path: Option<OneOrMany>,
    /// A program that prints the table, and its arguments; no shell reads them. A program with a
    /// `/` in its name starts at this file, another one is looked up. Passwords belong into the
    /// environment or into the program's own files.
    #[serde(default)]
    pub command: Option<Vec<String>>,
    /// How the rows are written, for what a command prints (default csv) and for files whose
    /// ending does not say it.
    #[serde(default)]
    pub format: Option<FileFormat>,
    /// The worksheet of an .xlsx file. Default: the first that is not hidden.
    #[serde(default)]
    pub sheet: Option<String>,
    /// What is asked of an SQLite file: one `select` that gives the rows.
    #[serde(default)]
    pub query: Option<String>,
    /// After so many seconds a command or a query is ended, and the run with it. Default: 600.
    #[serde(default)]
    pub timeout_s: Option<u32>,
    /// Which of the file's columns holds which of ours: `{ sku = "StockCode" }`. Unmapped ones are
    /// taken by our name.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// How dates are written, as in strftime: `"%d/%m/%Y"`, or `"serial"` for the day numbers of
    /// spreadsheets. Of several formats one that fits every row of a file wins, else the first that
    /// fits a field. Default: ISO 8601, with or without a time.
    #[serde(default)]
    pub date_format: Option<OneOrMany>,
    /// Where the shop is, such as `"America/New_York"`: a moment counts on its day there, and one
    /// that names no offset is in UTC. Dates without a time stay as they are.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Lines of a CSV file, or rows of a sheet, before its header. Default: titles are passed over
    /// up to a line that holds the names of the columns.
    #[serde(default)]
    pub skip_rows: Option<u32>,
    /// The file's own columns whose empty fields take what stands above them, within one order, or
    /// down to the next line on which the first of them is not empty: for exports that write an
    /// order's date or status, or a product's title, on its first line only.
    #[serde(default)]
    pub fill_down: Option<OneOrMany>,
    /// The file's character encoding; UTF-16 is recognised by itself.
    #[serde(default)]
    pub encoding: Encoding,
    /// What separates the fields of a CSV file; one character.
    #[serde(default)]
    pub delimiter: Option<char>,
    /// The decimal mark: `.` or `,`. The other of the two may group thousands.
    #[serde(default = "point")]
    pub decimal: char,
    /// What one row covers, from its date on. Only for `orders` and `availability`.
    #[serde(default)]
    pub rows: Rows,
    /// The location of every row, for a file without a location column.
    #[serde(default)]
    pub location: Option<String>,
    /// Rows that are not wanted, by the file's own column names.
    #[serde(default)]
    pub exclude: Vec<RawExclude>,
}

fn point() -> char {
    '.'
}

/// Rows to leave out. A row is excluded when its column satisfies all tests that are given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Exclude")]
#[serde(deny_unknown_fields)]
pub struct RawExclude {
    /// The file's own column name.
    pub column: String,
    /// The whole field equals one of these, after trimming.
    #[serde(default)]
    pub equals: Option<OneOrMany>,
    /// The field matches this pattern: `*` any text, `?` one character, `[0-9]` one of a set,
    /// `[!0-9]` none of it.
    #[serde(default)]
    pub matches: Option<OneOrMany>,
    /// The field is a number below this.
    #[serde(default)]
    pub below: Option<f64>,
}

/// One text or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// The texts.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}
