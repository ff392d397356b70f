//! Cells that are measured, and the row of a table that each gives.

use super::measure::{Measured, measure};
use super::night::Shop;
use super::process::Process;
use super::terms::{Review, Terms};

/// A cell with what was measured.
pub(crate) struct Row {
    pub(crate) process: &'static str,
    pub(crate) bucket: &'static str,
    pub(crate) terms: Terms,
    pub(crate) found: Measured,
}

/// Measures one process in one length of buckets under several terms: one forecast for all.
pub(crate) fn rows_of(
    process: &Process,
    bucket: &'static str,
    terms: &[Terms],
    items: usize,
) -> Vec<Row> {
    let days = if terms.iter().any(|terms| terms.review == Review::MondayThursday) {
        Review::MondayThursday.nights()
    } else {
        Review::Days(1).nights()
    };
    let mut shops: Vec<Shop> = match terms {
        [] => return Vec::new(),
        _ => days.iter().map(|later| Shop::open(process, bucket, items, *later)).collect(),
    };

    let row = |terms: &Terms| {
        let nights = &mut shops[..terms.review.nights().len()];
        let found = measure(process, nights, terms);
        Row { process: process.name, bucket, terms: *terms, found }
    };
    terms.iter().map(row).collect()
}

impl Row {
    /// A row of the table.
    pub(crate) fn line(&self) -> String {
        let Terms { review, lead, policy, target } = self.terms;
        let Measured { achieved, standard_error, stock, oracle_stock, level, oracle_level, .. } =
            self.found;
        let again = self.found.ordered_again;
        format!(
            "| {} | {} | {} | {} | `{policy}` | {} | {:.1} | {:.1} | {stock:.1} \
             | {oracle_stock:.1} | {:.2} | {level:.1} | {oracle_level:.1} | {} |",
            self.process,
            self.bucket,
            review.name(),
            lead.name(),
            target.to_string().replace('=', " "),
            100.0 * achieved,
            100.0 * standard_error,
            self.found.stock_ratio(),
            again.map_or(String::new(), |share| format!("{:.0}", 100.0 * share)),
        )
    }
}
