//! Promises kept from end to end: the rows that were worst, measured from outside at each build.
//!
//! `cargo run --release --example service_grid` measures every cell.

mod harness;

use restock::domain::policy::Policy;
use restock::domain::target::Target;

use harness::grid::{Row, rows_of};
use harness::process::processes;
use harness::terms::{Lead, Review, Terms};

/// Items in each shop. Judgement: enough that the standard error of most shares is below a point.
const ITEMS: usize = 40;

/// A promise as it is held.
struct Held {
    process: &'static str,
    bucket: &'static str,
    review: Review,
    lead: Lead,
    policy: Policy,
    target: Target,
    /// The least share that must be achieved, in %.
    at_least: f64,
    /// The most stock that it may take, as a multiple of the oracle's.
    stock: f64,
}

const CYCLE: Target = Target::CycleServiceLevel(0.95);

/// A promise of 95 % of cycles in weekly buckets under `rsS`, but for what a row says otherwise.
const fn held(process: &'static str, days: (u32, u32), at_least: f64, stock: f64) -> Held {
    Held {
        process,
        bucket: "week",
        review: Review::Days(days.0),
        lead: Lead::Days(days.1),
        policy: Policy::ReorderUpTo,
        target: CYCLE,
        at_least,
        stock,
    }
}

/// What holds today, promise by promise, with room for the sampling error of one set of histories.
/// The aim is 94 for 95, 98.5 for 99 and stock of 1.25 times the oracle's in each: raise a row when
/// it is nearer to that.
const HELD: &[Held] = &[
    // In weeks and months a part of a bucket varies too little.
    held("lumpy", (1, 2), 72.0, 1.25),
    held("lumpy", (1, 5), 85.0, 1.25),
    Held { bucket: "month", ..held("lumpy", (1, 5), 61.0, 1.25) },
    held("slow, 4 a year", (7, 14), 94.0, 1.25),
    // A sale is taken for far more frequent and far smaller than it is.
    held("kilograms, twice a year", (1, 14), 40.0, 1.25),
    // One jump fixes the spread for good.
    held("woken", (7, 14), 94.0, 20.0),
    Held { target: Target::CycleServiceLevel(0.99), ..held("woken", (7, 14), 98.5, 55.0) },
    held("Poisson 2000", (7, 14), 94.0, 1.25),
    Held { policy: Policy::UpToLevel, ..held("Poisson 2000", (7, 14), 94.0, 2.0) },
    Held { review: Review::MondayThursday, ..held("weekday profile", (1, 2), 87.0, 1.25) },
    Held { review: Review::MondayThursday, ..held("weekday profile", (1, 14), 84.0, 1.25) },
    // Nothing learns that orders overtake one another.
    Held { lead: Lead::Overtaking, ..held("Poisson 5", (7, 5), 94.0, 1.45) },
    // The age of one overdue line stands for what all others may last.
    Held { lead: Lead::OtherOverdue, ..held("Poisson 5", (1, 14), 94.0, 11.5) },
    Held { policy: Policy::UpToLevel, ..held("Poisson 5", (7, 14), 94.0, 1.25) },
    Held { target: Target::FillRate(0.95), ..held("Poisson 5", (7, 14), 94.0, 1.25) },
    Held { target: Target::ReadyRate(0.95), ..held("Poisson 5", (7, 14), 94.0, 1.25) },
    held("before the peak", (7, 14), 92.0, 1.25),
    held("trend", (7, 14), 89.5, 1.25),
];

impl Held {
    fn terms(&self) -> Terms {
        let Self { review, lead, policy, target, .. } = *self;
        Terms { review, lead, policy, target }
    }
}

/// What was measured of rows of one process and one length of buckets, side by side.
fn measured_together(rows: &[&Held]) -> Vec<Row> {
    let processes = processes();
    let process = processes.iter().find(|process| process.name == rows[0].process).unwrap();
    let terms: Vec<Terms> = rows.iter().map(|held| held.terms()).collect();

    rows_of(process, rows[0].bucket, &terms, ITEMS)
}

#[test]
fn promises_are_kept_from_the_history_to_the_simulated_shelf() {
    let together = |a: &Held, b: &Held| a.process == b.process && a.bucket == b.bucket;
    let mut sorted: Vec<&Held> = HELD.iter().collect();
    sorted.sort_by_key(|held| (held.process, held.bucket));

    let mut broken = Vec::new();
    for group in sorted.chunk_by(|a, b| together(a, b)) {
        for (held, row) in group.iter().zip(measured_together(group)) {
            let achieved = 100.0 * row.found.achieved;
            if achieved < held.at_least || row.found.stock_ratio() > held.stock {
                broken.push(row.line());
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
