//! What was promised beside what was achieved, and beside an oracle that knows the process.

use rayon::prelude::*;
use restock::domain::policy::Policy;
use restock::domain::target::Target;
use restock::stats::random::stream;

use super::night::{Planned, Shop, week_of_demand};
use super::process::{Law, Process, draw_unit};
use super::shelf::{Counted, Counts, Level, Ordering, Path};
use super::terms::{Lead, Terms};

/// Days that each item is simulated, beside those before anything is counted.
const DAYS: usize = 4_000;
/// Days of the path on which an oracle finds its level, and the cycles or sales that it needs.
const ORACLE_DAYS: f64 = 40_000.0;
const ORACLE_SALES: f64 = 10_000.0;
const MAX_ORACLE_DAYS: f64 = 1_000_000.0;
/// Paths that an oracle's days are divided among.
const ORACLE_PATHS: usize = 20;
/// Paths to the end of what the night protects, where the process does not repeat itself, and how
/// many of them each item lives through.
const PATHS: usize = 4_000;
const PATHS_AN_ITEM: usize = 200;
/// Days before the night in which the position settles, at least.
const SETTLING_DAYS: usize = 42;
/// Step of an oracle's level for quantities, as a part of the mean that it protects.
const STEP: f64 = 0.002;
/// Steps that no oracle's level needs.
const MOST_STEPS: i64 = 1 << 40;

/// A cell of the grid, measured.
pub(crate) struct Measured {
    /// The share that is kept, and its standard error over the items.
    pub(crate) achieved: f64,
    pub(crate) standard_error: f64,
    /// Units on hand at the end of a day: of the program's levels and of the oracle's.
    pub(crate) stock: f64,
    pub(crate) oracle_stock: f64,
    /// Mean of s (in `rS`: S) over the items, and the oracle's.
    pub(crate) level: f64,
    pub(crate) oracle_level: f64,
    /// Share of items that are ordered again on the night they are ordered.
    pub(crate) ordered_again: Option<f64>,
}

impl Measured {
    pub(crate) fn stock_ratio(&self) -> f64 {
        self.stock / self.oracle_stock.max(1e-9)
    }
}

/// Measures terms in a shop; `nights` are the shop on each night whose levels differ.
pub(crate) fn measure(process: &Process, nights: &mut [Shop], terms: &Terms) -> Measured {
    let planned: Vec<Planned> = nights.iter_mut().map(|shop| shop.plan(terms)).collect();
    let items = planned[0].levels.len();
    let laws: Vec<Simulated> = process
        .laws
        .par_iter()
        .enumerate()
        .map(|(at, law)| Simulated::new(process, law, terms, at))
        .collect();
    let oracles: Vec<Vec<Level>> = laws.par_iter().map(Simulated::oracle).collect();

    let of_items: Vec<Counts> = (0..items)
        .into_par_iter()
        .map(|item| {
            let levels: Vec<Level> = planned.iter().map(|night| night.levels[item]).collect();
            laws[item % laws.len()].item(item, &levels)
        })
        .collect();

    let mut all = Counts::default();
    of_items.iter().for_each(|counts| all.add(counts));
    let (mut oracle_stock, mut oracle_level) = (0.0, 0.0);
    let mut best = Counts::default();
    for (law, levels) in laws.iter().zip(&oracles) {
        let counts = law.all(levels);
        best.add(&counts);
        oracle_stock += counts.mean_stock() / laws.len() as f64;
        oracle_level += levels[0].reorder_point / laws.len() as f64;
    }

    let share = all.share(terms.target);
    let squares = of_items.iter().map(|counts| {
        let (kept, of) = counts.kept(terms.target);
        (kept - share * of) * (kept - share * of)
    });
    let spread = (squares.sum::<f64>() * items as f64 / (items as f64 - 1.0).max(1.0)).sqrt();
    let error = spread / all.kept(terms.target).1.max(1.0);
    // Of a cost target the least cost, as a share of the cost.
    let (achieved, standard_error) = match terms.target {
        Target::Cost(_) => (best.share(terms.target) / share, error / share.abs()),
        _ => (share, error),
    };

    Measured {
        achieved,
        standard_error,
        stock: of_items.iter().map(Counts::mean_stock).sum::<f64>() / items as f64,
        oracle_stock,
        level: planned[0].levels.iter().map(|level| level.reorder_point).sum::<f64>()
            / items as f64,
        oracle_level,
        ordered_again: (terms.lead == Lead::ConfirmedLate).then(|| nights[0].ordered_again(terms)),
    }
}

/// A law under some terms, with the days that levels are tried on.
struct Simulated<'a> {
    process: &'a Process,
    law: &'a Law,
    ordering: Ordering,
    paths: Vec<Path>,
    counted: Counted,
}

impl<'a> Simulated<'a> {
    fn new(process: &'a Process, law: &'a Law, terms: &Terms, at: usize) -> Self {
        let ordering = Ordering { terms: *terms, multiple: week_of_demand(law) };
        let lead = terms.lead.longest_days() as usize;
        let key = |path: usize| format!("{} oracle {at} {path}", process.name);

        if process.repeats_every_days.is_some() {
            let warm_up = warm_up_days(lead);
            let days = warm_up + oracle_days(law);
            let paths = (0..ORACLE_PATHS).into_par_iter();
            let paths = paths.map(|at| path(law, terms, days, &key(at))).collect();
            let counted = Counted { orders: warm_up..days, days: warm_up..days };
            return Self { process, law, ordering, paths, counted };
        }

        let review = terms.review.days() as usize;
        let night = SETTLING_DAYS.next_multiple_of(review);
        let paths = (0..PATHS).into_par_iter();
        let paths = paths.map(|at| path_of_night(law, terms, night, &key(at))).collect();
        // A position just above s waits for the next review, and then for the lead time; the days
        // after the night's order arrives live on what it leads up to.
        let counted = Counted {
            orders: night + review..night + review + 1,
            days: night + lead..night + lead + review,
        };

        Self { process, law, ordering, paths, counted }
    }

    /// All days that levels are tried on.
    fn all(&self, levels: &[Level]) -> Counts {
        let mut all = Counts::default();
        for path in &self.paths {
            all.add(&self.ordering.follow(levels, path, &self.counted));
        }
        all
    }

    /// The days of one item.
    fn item(&self, item: usize, levels: &[Level]) -> Counts {
        let terms = &self.ordering.terms;
        if self.process.repeats_every_days.is_none() {
            let mut counts = Counts::default();
            for at in 0..PATHS_AN_ITEM {
                let path = &self.paths[(item * PATHS_AN_ITEM + at) % PATHS];
                counts.add(&self.ordering.follow(levels, path, &self.counted));
            }
            return counts;
        }

        let warm_up = warm_up_days(terms.lead.longest_days() as usize);
        let days = warm_up + DAYS;
        let key = format!("{} item {item}", self.process.name);
        let path = path(self.law, terms, days, &key);
        let counted = Counted { orders: warm_up..days, days: warm_up..days };
        self.ordering.follow(levels, &path, &counted)
    }

    /// The least levels that keep the promise, as the program's stand to one another: S a week's
    /// demand above s, and order weekdays apart by what is demanded until an order of the next one
    /// arrives.
    fn oracle(&self) -> Vec<Level> {
        let terms = &self.ordering.terms;
        let nights = terms.review.nights();
        let lead = terms.lead.longest_days() as i32;
        let protected = |at: usize| {
            let next = nights.get(at + 1).copied().unwrap_or(7);
            let days = if nights.len() > 1 { nights[at]..next + lead } else { 0..lead };
            days.map(|day| self.law.mean(day)).sum::<f64>().round()
        };
        let apart: Vec<f64> = (0..nights.len()).map(|at| protected(at) - protected(0)).collect();
        let levels = |top: f64| -> Vec<Level> {
            apart.iter().map(|more| self.level((top + more).max(0.0))).collect()
        };
        let step = if self.law.is_count() { 1.0 } else { STEP * (protected(0) + 1.0) };
        let share = |top: f64| self.all(&levels(top)).share(terms.target);
        let keeps = |top: f64| match terms.target {
            // One step more costs more.
            Target::Cost(_) => share(top + step) <= share(top),
            _ => share(top) >= terms.promised(),
        };

        let (mut low, mut high) = (-1_i64, 1_i64);
        while !keeps(high as f64 * step) && high < MOST_STEPS {
            low = high;
            high *= 2;
        }
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            if keeps(middle as f64 * step) {
                high = middle;
            } else {
                low = middle;
            }
        }
        levels(high as f64 * step)
    }

    fn level(&self, reorder_point: f64) -> Level {
        let gap = match self.ordering.terms.policy {
            Policy::UpToLevel => 0.0,
            _ => self.ordering.multiple,
        };
        Level { reorder_point, order_up_to_level: reorder_point + gap }
    }
}

fn warm_up_days(lead: usize) -> usize {
    7 * (60 + 2 * lead).div_ceil(7)
}

/// Days of each path on which, together, enough is sold to tell one level from the next.
fn oracle_days(law: &Law) -> usize {
    let sales_a_day = match law {
        Law::Counts { mean, .. } => *mean,
        Law::Quantities { chance, .. } => *chance,
        Law::Varying(_) => 1.0,
    };
    let days = (ORACLE_SALES / sales_a_day.max(1e-6)).clamp(ORACLE_DAYS, MAX_ORACLE_DAYS);
    7 * (days as usize / 7 / ORACLE_PATHS)
}

/// So many days drawn for a key, from the night on.
fn path(law: &Law, terms: &Terms, days: usize, key: &str) -> Path {
    drawn(law, terms, (0..days as i32).collect(), key)
}

/// The days that a night protects, drawn for a key, after those in which the position settles:
/// their demand is that of the days to the next review, again and again.
fn path_of_night(law: &Law, terms: &Terms, night: usize, key: &str) -> Path {
    let (review, lead) = (terms.review.days() as usize, terms.lead.longest_days() as usize);
    let settling = (0..night).map(|day| (day % review) as i32);
    let ahead = 0..(2 * lead + review + 2) as i32;
    drawn(law, terms, settling.chain(ahead).collect(), key)
}

/// These days of a law, drawn for a key.
fn drawn(law: &Law, terms: &Terms, days: Vec<i32>, key: &str) -> Path {
    let mut random = stream(42, key.as_bytes());
    let demand = days.iter().map(|day| law.draw(*day, &mut random)).collect();
    let mut random = stream(43, key.as_bytes());
    let lead_days = days.iter().map(|_| terms.lead.draw(&mut random)).collect();

    Path { demand, lead_days, start: draw_unit(&mut random) }
}
