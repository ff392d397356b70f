//! The cells that are measured, and how they are printed.

use restock::domain::policy::Policy;
use restock::domain::target::Target;

use super::measure::{Measured, measure};
use super::night::Shop;
use super::process::{Process, processes};
use super::terms::{Lead, Review, Terms};

pub(crate) const BUCKETS: [&str; 3] = ["day", "week", "month"];
const CYCLE: Target = Target::CycleServiceLevel(0.95);

/// A cell with what was measured.
pub(crate) struct Row {
    pub(crate) process: &'static str,
    pub(crate) bucket: &'static str,
    pub(crate) terms: Terms,
    pub(crate) found: Measured,
}

/// A cell's names, as they are printed and filtered.
fn name(process: &str, bucket: &str, terms: &Terms) -> String {
    let Terms { review, lead, policy, target } = terms;
    let (review, lead) = (review.name(), lead.name());
    format!("{process} | {bucket} | R = {review} | L = {lead} | {policy} | {target}")
}

/// The terms of the grid: lead times and reviews under the default policy and target, and every
/// policy and target at two of them.
pub(crate) fn terms(process: &Process) -> Vec<Terms> {
    let by_default =
        |review, lead| Terms { review, lead, policy: Policy::ReorderUpTo, target: CYCLE };
    let days = |review, lead| by_default(Review::Days(review), Lead::Days(lead));
    let mut all: Vec<Terms> = [0, 1, 2, 5, 14, 30, 90].map(|lead| days(1, lead)).to_vec();
    all.extend([2, 14, 30].map(|lead| days(7, lead)));
    all.push(days(14, 14));

    for review in [1, 7] {
        for policy in [Policy::ReorderUpTo, Policy::UpToLevel, Policy::ReorderMultiple] {
            for target in [
                CYCLE,
                Target::CycleServiceLevel(0.99),
                Target::FillRate(0.95),
                Target::ReadyRate(0.95),
            ] {
                if (policy, target) != (Policy::ReorderUpTo, CYCLE) {
                    all.push(Terms { policy, target, ..days(review, 14) });
                }
            }
        }
    }

    if process.repeats_every_days.is_some() {
        all.extend([2, 14].map(|lead| by_default(Review::MondayThursday, Lead::Days(lead))));
        let seldom = Review::Days(7);
        all.extend([Lead::Varying, Lead::Overtaking].map(|lead| by_default(seldom, lead)));
        let nightly = Review::Days(1);
        all.extend([Lead::OtherOverdue, Lead::ConfirmedLate].map(|lead| by_default(nightly, lead)));
    }
    all
}

/// Measures every cell whose name has all the words in it.
pub(crate) fn measured(words: &[String], items: usize, note: &mut dyn FnMut(&Row)) -> Vec<Row> {
    let mut rows = Vec::new();
    for process in processes() {
        for bucket in BUCKETS {
            let wanted = |terms: &Terms| {
                let name = name(process.name, bucket, terms);
                words.iter().all(|word| name.contains(word))
            };
            let chosen: Vec<Terms> = terms(&process).into_iter().filter(wanted).collect();
            rows.extend(
                rows_of(&process, bucket, &chosen, items).into_iter().inspect(|row| note(row)),
            );
        }
    }
    rows
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

/// The head of the table that [`Row::line`] writes rows of.
pub(crate) const HEAD: &str = "\
| process | bucket | R | L | policy | target | achieved, % | ± | stock | oracle's | ratio \
| level | oracle's | ordered again, % |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|";

impl Row {
    /// How far below the promise it lies, in points, its standard error apart.
    pub(crate) fn missing(&self) -> f64 {
        100.0 * (self.terms.promised() - self.found.achieved - self.found.standard_error)
    }

    /// Whether the promise is kept: within a point of 95 %, half a point of 99 %, and the standard
    /// error.
    pub(crate) fn is_kept(&self) -> bool {
        let allowed = if self.terms.promised() > 0.98 { 0.5 } else { 1.0 };
        self.missing() <= allowed
    }

    /// A row of the table.
    pub(crate) fn line(&self) -> String {
        let Terms { review, lead, policy, target } = self.terms;
        let Measured { achieved, standard_error, stock, oracle_stock, level, oracle_level, .. } =
            self.found;
        let again = self.found.ordered_again;
        format!(
            "| {} | {} | {} | {} | `{policy}` | {} | {:.1} | {:.1} | {stock:.1} | {oracle_stock:.1} \
             | {:.2} | {level:.1} | {oracle_level:.1} | {} |",
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

/// What all rows come to, in a line.
pub(crate) fn summary(rows: &[Row]) -> String {
    let kept = rows.iter().filter(|row| row.is_kept()).count();
    let mut ratios: Vec<f64> = rows.iter().map(|row| row.found.stock_ratio()).collect();
    ratios.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let index = ((ratios.len() as f64 - 1.0) * share).round().max(0.0) as usize;
        ratios.get(index).copied().unwrap_or(f64::NAN)
    };

    format!(
        "{} cells, {:.1} % kept (94 for 95, 98.5 for 99); stock over the oracle's: median {:.2}, \
         90 % point {:.2}",
        rows.len(),
        100.0 * kept as f64 / rows.len().max(1) as f64,
        at(0.5),
        at(0.9),
    )
}
