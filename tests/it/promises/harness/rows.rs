//! Cells that are measured, and the row of a table that each gives.

use super::measure::{Measured, measure};
use super::night::Shop;
use super::process::Process;
use super::terms::Terms;

/// A cell with what was measured.
pub(crate) struct Row {
    pub(crate) process: &'static str,
    pub(crate) bucket: &'static str,
    pub(crate) terms: Terms,
    pub(crate) found: Measured,
}

/// Measures one process in one length of buckets under several terms: one forecast for all
/// with the same order dates, which stand together.
pub(crate) fn rows_of(
    process: &Process,
    bucket: &'static str,
    terms: &[Terms],
    items: usize,
) -> Vec<Row> {
    let mut sorted = terms.to_vec();
    sorted.sort_by_key(|terms| terms.review.nights());

    let mut rows = Vec::with_capacity(terms.len());
    for group in sorted.chunk_by(|a, b| a.review.nights() == b.review.nights()) {
        let nights = group[0].review.nights().iter();
        let mut shops: Vec<Shop> =
            nights.map(|later| Shop::open(process, bucket, items, *later)).collect();
        rows.extend(group.iter().map(|terms| {
            let found = measure(process, &mut shops, terms);
            Row { process: process.name, bucket, terms: *terms, found }
        }));
    }
    rows
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
