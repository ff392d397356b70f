//! The cells of the grid, and the tables of what was measured.

use restock::domain::policy::Policy;
use restock::domain::target::{ChargeEvery, CostPeriod, CostTarget, CostUnit, Target};

use crate::harness::process::{Process, processes};
use crate::harness::rows::{Row, rows_of};
use crate::harness::terms::{Lead, Review, Terms};

const BUCKETS: [&str; 3] = ["day", "week", "month"];
const CYCLE: Target = Target::CycleServiceLevel(0.95);

/// A cell's names, as they are printed and filtered.
fn name(process: &str, bucket: &str, terms: &Terms) -> String {
    let Terms { review, lead, policy, target } = terms;
    let (review, lead) = (review.name(), lead.name());
    format!("{process} | {bucket} | R = {review} | L = {lead} | {policy} | {target}")
}

/// The terms of the grid: lead times and reviews under the default policy and target, and every
/// policy and target at two of them. Of a cost target the least cost as a share of the cost stands
/// in place of the share that is kept.
fn terms(process: &Process) -> Vec<Terms> {
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

    let cost = Target::Cost(CostTarget {
        holding: 0.7,
        shortage: 6.3,
        per: CostPeriod::Week,
        unit: CostUnit::Money,
        charge_every: ChargeEvery::Day,
    });
    for policy in [Policy::ReorderUpTo, Policy::UpToLevel] {
        all.push(Terms { policy, target: cost, ..days(7, 14) });
    }

    if process.repeats_every_days.is_some() {
        all.extend([2, 14].map(|lead| by_default(Review::MondayThursday, Lead::Days(lead))));
        let seldom = Review::Days(7);
        all.extend([Lead::Varying, Lead::Overtaking].map(|lead| by_default(seldom, lead)));
        let overtaking = by_default(seldom, Lead::Overtaking);
        all.push(Terms { policy: Policy::UpToLevel, ..overtaking });
        all.extend(
            [Target::FillRate(0.95), Target::ReadyRate(0.95), cost]
                .map(|target| Terms { target, ..overtaking }),
        );
        let nightly = Review::Days(1);
        all.push(by_default(nightly, Lead::Overtaking));
        all.extend([Lead::OtherOverdue, Lead::ConfirmedLate].map(|lead| by_default(nightly, lead)));
    }
    if process.repeats_every_days == Some(7) {
        for terms in all.iter_mut().filter(|terms| terms.review == Review::Days(1)) {
            terms.review = Review::EveryWeekday;
        }
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

/// The head of the table that `Row::line` writes rows of.
pub(crate) const HEAD: &str = "\
| process | bucket | R | L | policy | target | achieved, % | ± | stock | oracle's | ratio \
| level | oracle's | ordered again, % |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|";

/// How far below the promise a cell lies, in points, its standard error apart.
pub(crate) fn missing(row: &Row) -> f64 {
    100.0 * (row.terms.promised() - row.found.achieved - row.found.standard_error)
}

/// Whether the promise is kept: within a point of 95 %, half a point of 99 %, and the standard
/// error.
fn is_kept(row: &Row) -> bool {
    let allowed = if row.terms.promised() > 0.98 { 0.5 } else { 1.0 };
    missing(row) <= allowed
}

/// What all rows come to, in a line.
pub(crate) fn summary(rows: &[Row]) -> String {
    let kept = rows.iter().filter(|row| is_kept(row)).count();

    format!(
        "{} cells, {:.1} % kept (94 for 95, 98.5 for 99); stock over the oracle's: median {:.2}, \
         90 % point {:.2}",
        rows.len(),
        100.0 * kept as f64 / rows.len().max(1) as f64,
        ratio_at(rows, 0.5),
        ratio_at(rows, 0.9),
    )
}

/// The head of the table that [`by_process`] gives.
pub(crate) const PROCESS_HEAD: &str = "\
| process | bucket | cells | kept, % | worst: achieved, % | policy, R, L, target | stock, median \
| 90 % point |
|---|---|---|---|---|---|---|---|";

/// One row a process and length of buckets, in the order they were measured.
pub(crate) fn by_process(rows: &[Row]) -> Vec<String> {
    let together = |a: &Row, b: &Row| (a.process, a.bucket) == (b.process, b.bucket);
    let line = |group: &[Row]| {
        let worst = group.iter().max_by(|a, b| missing(a).total_cmp(&missing(b)))?;
        let Terms { review, lead, policy, target } = worst.terms;
        let kept = group.iter().filter(|row| is_kept(row)).count();
        Some(format!(
            "| {} | {} | {} | {:.0} | {:.1} | `{policy}`, {}, {}, {target} | {:.2} | {:.2} |",
            worst.process,
            worst.bucket,
            group.len(),
            100.0 * kept as f64 / group.len() as f64,
            100.0 * worst.found.achieved,
            review.name(),
            lead.name(),
            ratio_at(group, 0.5),
            ratio_at(group, 0.9),
        ))
    };

    rows.chunk_by(together).filter_map(line).collect()
}

/// The stock over the oracle's that a share of rows stays within.
fn ratio_at(rows: &[Row], share: f64) -> f64 {
    let mut ratios: Vec<f64> = rows.iter().map(|row| row.found.stock_ratio()).collect();
    ratios.sort_by(f64::total_cmp);
    let index = ((ratios.len() as f64 - 1.0) * share).round().max(0.0) as usize;
    ratios.get(index).copied().unwrap_or(f64::NAN)
}
