//! The words that settings choose from: what a person writes, read by serde, and what the code
//! works with.

use crate::domain::tables::ItemStatus;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A weekday by its full name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it; in the schema a comment would be noise")]
pub enum WeekStart {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// A character encoding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Encoding {
    /// UTF-8, with or without a byte-order mark.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// Windows code page 1252, a superset of Latin-1.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

/// How the rows of a table are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileFormat {
    /// Fields with commas between them, or what `delimiter` says.
    Csv,
    /// Fields with tabs between them.
    Tsv,
    /// One JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
    /// An Excel workbook.
    Xlsx,
    /// An SQLite file, which only an ending says.
    #[serde(skip)]
    Sqlite,
}

/// What one row of a table covers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Rows {
    /// One order line.
    #[default]
    Lines,
    /// One day.
    Day,
    /// Seven days from the row's date on.
    Week,
    /// The calendar month from the row's date on.
    Month,
}

/// Who hands orders over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Handover {
    /// The run: what it suggests goes out with it.
    Auto,
    /// A person: nothing goes out that was not approved.
    Approve,
}

/// How a hand-over profile lays orders out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum HandoverFormat {
    /// A table of columns as text.
    #[default]
    #[serde(rename = "csv")]
    Csv,
    /// A workbook: sheets to print, or a table where `columns` are given.
    #[serde(rename = "xlsx")]
    Xlsx,
    /// ANSI X12 850, version 4010.
    #[serde(rename = "x12-850")]
    X12,
    /// OASIS UBL 2.1 Order.
    #[serde(rename = "ubl-order")]
    Ubl,
}

impl HandoverFormat {
    /// The ending of its files, where no name of them is given.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::X12 => "x12",
            Self::Ubl => "xml",
        }
    }
}

/// In what form a run writes its largest tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TableForm {
    /// Text that everything reads.
    #[default]
    Csv,
    /// Typed columns, packed.
    Parquet,
}

impl TableForm {
    /// The ending of its files' names.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }
}

/// What one file of a hand-over profile holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OneFilePer {
    /// One order.
    #[default]
    Order,
    /// The orders of one supplier.
    Supplier,
    /// All orders of the run that the profile takes.
    Run,
}

/// On which rows of an order its own fields stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderFields {
    /// On its first row only.
    FirstLine,
    /// On each.
    #[default]
    EveryLine,
}

/// What quantities are counted in when orders are handed over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CountedIn {
    /// Stock units.
    #[default]
    Units,
    /// Packs, with the cost of a pack; stock units where an item has none.
    Packs,
}

/// A character encoding of files that are handed over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum HandoverEncoding {
    /// UTF-8.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-8 after a byte-order mark, by which spreadsheets recognise it.
    #[serde(rename = "utf-8-bom")]
    Utf8Bom,
    /// Windows code page 1252.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

/// After which ending of a run a hook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum HookOn {
    /// A run directory was published: exit code 0 or 1.
    Done,
    /// None was: any other exit code.
    Failed,
    /// One was, and somebody should look at it: exit code 1.
    Findings,
}

/// What a return does to demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Returns {
    /// Nothing.
    Ignore,
    /// It is taken off the demand of its bucket, never below 0.
    Net,
}

/// What happens to one-off spikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Spikes {
    /// They are brought down to what the item's own history makes plausible, unless they recur.
    Damp,
    /// They are kept.
    Keep,
}

/// How SKUs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SkuCase {
    /// As read.
    Keep,
    /// Turned to upper case.
    Upper,
}

/// What a lead time goes by where one is stated and receipts say otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LeadTimeBasis {
    /// What is stated, whatever receipts say; the spread that they show where none is stated.
    Stated,
    /// What receipts say, whatever is stated.
    Learnt,
    /// Both: n orders received weigh n/(n + 5).
    #[default]
    Mixed,
}

/// What a missing stock table means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MissingStock {
    /// Stock is not known: levels are computed, nothing is ordered.
    Unknown,
    /// There is none: an opening order is built.
    Zero,
}

/// Which way a quantity is rounded to whole packs. What would be ordered again is rounded up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PackRounding {
    /// Up: the need is always covered.
    #[default]
    Up,
    /// To the nearest number of packs.
    Nearest,
    /// Down.
    Down,
}

/// How a supplier is chosen among those that could deliver an item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SupplierChoice {
    /// The one that the tables name first.
    #[default]
    Rank,
    /// The one that costs least: purchases, orders and stock of a year, and the shortage until it
    /// can deliver.
    Cost,
}

/// Who is served first among customers who wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Allocation {
    /// By rank among lines that have no promise; a promise of the previous run is not worsened for
    /// a line of equal or lower rank.
    #[default]
    Keep,
    /// By rank alone.
    Redistribute,
    /// First come, first served.
    Last,
}

/// Which rules govern what a customer who waits must be told.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Regime {
    /// None: businesses, and consumers elsewhere.
    #[default]
    #[serde(rename = "none")]
    None,
    /// Consumers in the United States: 16 CFR part 435.
    #[serde(rename = "us-435")]
    Us435,
    /// Consumers in the European Union: Directive 2011/83/EU, article 18.
    #[serde(rename = "eu-2011-83")]
    Eu201183,
}

impl Regime {
    /// The word that settings and tables write.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Us435 => "us-435",
            Self::Eu201183 => "eu-2011-83",
        }
    }
}

/// The words of `items.status`, as rules test them.
pub const STATUSES: [&str; 4] = [
    ItemStatus::Active.as_str(),
    ItemStatus::New.as_str(),
    ItemStatus::PhaseOut.as_str(),
    ItemStatus::Discontinued.as_str(),
];

/// The ABC classes.
pub const ABC_CLASSES: [&str; 3] = ["A", "B", "C"];

/// The XYZ classes.
pub const XYZ_CLASSES: [&str; 3] = ["X", "Y", "Z"];

/// The shapes of demand.
pub const DEMAND_CLASSES: [&str; 5] = ["smooth", "erratic", "intermittent", "lumpy", "new"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::classes::{Abc, DemandClass, Xyz};

    #[test]
    fn rules_know_every_class_that_items_can_have() {
        assert_eq!([Abc::A, Abc::B, Abc::C].map(Abc::as_str), ABC_CLASSES);
        assert_eq!([Xyz::X, Xyz::Y, Xyz::Z].map(Xyz::as_str), XYZ_CLASSES);
        let shapes = [
            DemandClass::Smooth,
            DemandClass::Erratic,
            DemandClass::Intermittent,
            DemandClass::Lumpy,
            DemandClass::New,
        ];
        assert_eq!(shapes.map(DemandClass::as_str), DEMAND_CLASSES);
    }
}
