//! How commands write tables.

use clap::ValueEnum;

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// The main figures, for a terminal.
    Table,
    /// Every figure, as in review.csv.
    Csv,
    /// Every figure, one array of objects.
    Json,
}
