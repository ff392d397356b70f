//! Who gets what: stock of today and lots to come are given to customers who wait, by rank.
//!
//! Units are handed out in one queue an item. A line ships when the units up to and including its
//! own have arrived. An order that leaves only as a whole ships when all its lines can; until then
//! it lends today's stock to lines behind it, as long as that does not make it late.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rayon::prelude::*;

use crate::domain::fixed::Fixed;

use super::scenarios::{Courses, Days, NEVER, later, told_day};
use super::supply::Lot;

/// The level that promises are kept with.
pub const PROMISED_LEVEL: f64 = 0.9;

/// Lines of complete orders that hold an item, beyond which nothing of it is lent: each loan is
/// held against all of them. Judgement: so many wait for one item in a shop that has other worries.
const MAX_LENDERS: usize = 100;

/// What a customer waits for, in the order in which lines are served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Index of the item.
    pub item: usize,
    /// Units owed.
    pub units: Fixed,
    /// The order, if it leaves only as a whole: lines of one number stand beside each other.
    pub complete_order: Option<usize>,
    /// Days from `as_of` to the day that the customer was told; `None` if none was.
    pub promised_days: Option<i32>,
}

/// What a claim gets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allotment {
    /// Units from physical stock, today.
    pub now: Fixed,
    /// Days from `as_of` on which its last unit ships, at the levels 0.5 and 0.9; `None` where the
    /// supply does not cover it.
    pub ships: Option<(u32, u32)>,
    /// The day, at 0.5, on which it could ship if it did not wait for the rest of its order.
    pub alone: Option<u32>,
    /// Units of the item that are handed out before and with the last one of it.
    pub through: Fixed,
}

/// Hands out the supply. `claims` are sorted by rank, lines of a complete order beside each other;
/// `lots` has those of each item. The result is parallel to the claims.
#[must_use]
pub fn allocate(lots: &[Vec<Lot>], claims: &[Claim]) -> Vec<Allotment> {
    let queues = Queues::of(lots, claims);
    let Handed { now, through } = hand_out_today(&queues, lots, claims);

    let mut single: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut whole: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, claim) in claims.iter().enumerate() {
        match claim.complete_order {
            Some(order) => whole.entry(order).or_default().push(at),
            None => single.entry(claim.item).or_default().push(at),
        }
    }
    let of_items = single.into_par_iter().flat_map_iter(|(item, of_item)| {
        let of_item: Vec<usize> =
            of_item.into_iter().filter(|at| now[*at] < claims[*at].units).collect();
        let amounts: Vec<Fixed> = of_item.iter().map(|at| through[*at]).collect();
        let mut found = Vec::with_capacity(of_item.len());
        if !of_item.is_empty() {
            Courses::of(&lots[item]).each_day_of(&amounts, |nth, days| {
                let ships = levels(days);
                found.push((of_item[nth], ships, ships.map(|(p50, _)| p50)));
            });
        }
        found
    });
    let of_orders = whole.into_par_iter().flat_map_iter(|(_, lines)| {
        let days = |at: &usize| match now[*at] < claims[*at].units {
            true => queues.days(claims[*at].item, through[*at]),
            false => vec![0],
        };
        let mut latest = vec![0];
        let mut alone = Vec::with_capacity(lines.len());
        for at in &lines {
            let mut own = days(at);
            latest = later(latest, &own);
            alone.push(Some(told_day(&mut own, 0.5)).filter(|day| *day != NEVER));
        }
        let ships = levels(&mut latest);
        lines.into_iter().zip(alone).map(move |(at, alone)| (at, ships, alone))
    });
    let found: Vec<_> = of_items.chain(of_orders).collect();

    let at_once = |(now, through): (&Fixed, &Fixed)| Allotment {
        now: *now,
        ships: Some((0, 0)),
        alone: Some(0),
        through: *through,
    };
    let mut allotments: Vec<Allotment> = now.iter().zip(&through).map(at_once).collect();
    for (at, ships, alone) in found {
        allotments[at].ships = ships;
        allotments[at].alone = alone;
    }
    allotments
}

/// Both promised levels of a day; `None` where it never comes.
fn levels(days: &mut [u32]) -> Option<(u32, u32)> {
    let (p50, p90) = (told_day(days, 0.5), told_day(days, PROMISED_LEVEL));
    (p90 != NEVER).then_some((p50, p90))
}

/// The queue of each item that is claimed.
struct Queues {
    /// Of items that are on orders which leave only as a whole.
    courses: BTreeMap<usize, Courses>,
    /// Of each claim: units claimed of its item up to and including it.
    through: Vec<Fixed>,
}

impl Queues {
    fn of(lots: &[Vec<Lot>], claims: &[Claim]) -> Self {
        let mut sums: BTreeMap<usize, Fixed> = BTreeMap::new();
        let through = claims
            .iter()
            .map(|claim| {
                let sum = sums.entry(claim.item).or_default();
                *sum += claim.units;
                *sum
            })
            .collect();
        let shared: BTreeSet<usize> = claims
            .iter()
            .filter(|claim| claim.complete_order.is_some())
            .map(|claim| claim.item)
            .collect();
        let courses = shared.into_par_iter().map(|item| (item, Courses::of(&lots[item])));
        Self { courses: courses.collect(), through }
    }

    /// The days by which so many units of an item on a complete order have arrived.
    fn days(&self, item: usize, units: Fixed) -> Days {
        self.courses.get(&item).map_or_else(|| vec![NEVER], |courses| courses.days_of(units))
    }
}

/// What is handed out today.
struct Handed {
    now: Vec<Fixed>,
    /// Of each claim: units handed out up to and including it.
    through: Vec<Fixed>,
}

/// Gives today's stock to the claims, in their order.
fn hand_out_today(queues: &Queues, lots: &[Vec<Lot>], claims: &[Claim]) -> Handed {
    let mut counter = Counter::new(queues, lots, claims);
    let mut now = vec![Fixed::ZERO; claims.len()];

    let mut at = 0;
    while at < claims.len() {
        let order = claims[at].complete_order;
        let lines = match order {
            None => at..at + 1,
            _ => at..at + claims[at..].partition_point(|claim| claim.complete_order == order),
        };
        at = lines.end;

        if order.is_some() {
            if counter.leave_today(lines.clone()) {
                lines.for_each(|line| now[line] = claims[line].units);
            } else {
                counter.wait(lines);
            }
            continue;
        }
        for line in lines {
            now[line] = counter.take(claims[line].item, claims[line].units);
        }
    }

    // What lines behind have taken stands before the lines that let them.
    let through = queues.through.iter().zip(&counter.behind).map(|(own, behind)| *own + *behind);
    Handed { now, through: through.collect() }
}

/// Where today's stock is handed out.
struct Counter<'a> {
    queues: &'a Queues,
    claims: &'a [Claim],
    shelves: BTreeMap<usize, Shelf>,
    /// Complete orders that wait.
    waiting: Vec<WaitingOrder>,
    /// Of each line of them: the days on which its units have arrived in each course, as far as
    /// they were asked for since `behind` changed.
    days: BTreeMap<usize, Days>,
    /// Of each claim: units that lines behind it have taken while it waits.
    behind: Vec<Fixed>,
}

/// Today's stock of an item.
#[derive(Default)]
struct Shelf {
    /// Units that are there and not taken.
    left: Fixed,
    /// Units that complete orders hold, less those that they have lent.
    held: Fixed,
    /// Lines that hold them, with the number of their order among those that wait.
    holds: Vec<(usize, usize)>,
    /// Whether nothing can be lent any more: what is lent never comes back.
    is_lent_out: bool,
}

/// A complete order that waits.
#[derive(Clone)]
struct WaitingOrder {
    lines: Range<usize>,
    /// The latest day that lending its units may lead to.
    not_after: u32,
}

impl<'a> Counter<'a> {
    fn new(queues: &'a Queues, lots: &[Vec<Lot>], claims: &'a [Claim]) -> Self {
        let mut shelves: BTreeMap<usize, Shelf> = BTreeMap::new();
        for claim in claims {
            shelves.entry(claim.item).or_insert_with(|| {
                let stock = lots[claim.item].iter().filter(|lot| lot.is_stock());
                Shelf { left: stock.map(|lot| lot.units).sum(), ..Shelf::default() }
            });
        }
        let behind = vec![Fixed::ZERO; claims.len()];
        Self { queues, claims, shelves, waiting: Vec::new(), days: BTreeMap::new(), behind }
    }

    /// Serves all lines of a complete order from what is there, if that can be done: what others
    /// lend, they lend together.
    fn leave_today(&mut self, lines: Range<usize>) -> bool {
        let mut needed: BTreeMap<usize, Fixed> = BTreeMap::new();
        for claim in &self.claims[lines] {
            *needed.entry(claim.item).or_default() += claim.units;
        }

        let mut parts: Vec<(usize, Fixed, Fixed)> = Vec::with_capacity(needed.len());
        for (&item, &units) in &needed {
            let Some(shelf) = self.shelves.get(&item) else { return false };
            let open = shelf.open().min(units);
            if shelf.left < units || (open < units && shelf.lends_nothing()) {
                return false;
            }
            parts.push((item, open, units - open));
        }

        let lends = parts.iter().any(|(_, _, lent)| *lent > Fixed::ZERO);
        if lends && !self.is_harmless(&needed) {
            return false;
        }
        for (item, open, lent) in parts {
            self.hand_out(item, open, lent);
        }
        true
    }

    /// Lets a complete order wait, and hold what is there of its items.
    fn wait(&mut self, lines: Range<usize>) {
        let order = self.waiting.len();
        for line in lines.clone() {
            let claim = &self.claims[line];
            if let Some(shelf) = self.shelves.get_mut(&claim.item) {
                shelf.holds.push((line, order));
                shelf.held += claim.units;
            }
        }

        let promised = self.claims[lines.clone()].iter().filter_map(|claim| claim.promised_days);
        // What its customer was told, or the day that it makes in any case. Without a promise it
        // lends whatever does not leave it without supply; without supply nothing is lost.
        let not_after = match (self.promised_day(lines.clone(), &BTreeMap::new()), promised.min()) {
            (NEVER, _) => NEVER,
            (_, None) => NEVER - 1,
            (makes, Some(promised)) => u32::try_from(promised).unwrap_or(0).max(makes),
        };
        self.waiting.push(WaitingOrder { lines, not_after });
    }

    /// Takes up to so many units of an item.
    fn take(&mut self, item: usize, wanted: Fixed) -> Fixed {
        let (open, lent) = self.available(item, wanted);
        self.hand_out(item, open, lent)
    }

    /// Takes what is open and what is lent of an item.
    fn hand_out(&mut self, item: usize, open: Fixed, lent: Fixed) -> Fixed {
        let Some(shelf) = self.shelves.get_mut(&item) else { return Fixed::ZERO };
        let taken = open + lent;
        shelf.left = shelf.left - taken;
        shelf.held = shelf.held - lent;
        for (line, _) in shelf.holds.iter().filter(|_| taken > Fixed::ZERO) {
            self.behind[*line] += taken;
            self.days.remove(line);
        }
        taken
    }

    /// Units of what is wanted that nobody holds, and those that complete orders lend.
    fn available(&mut self, item: usize, wanted: Fixed) -> (Fixed, Fixed) {
        let Some(shelf) = self.shelves.get(&item) else { return (Fixed::ZERO, Fixed::ZERO) };
        let open = shelf.open().min(wanted);
        let more = (wanted - open).min(shelf.left - open).or_zero();
        if more == Fixed::ZERO || shelf.lends_nothing() {
            return (open, Fixed::ZERO);
        }

        let lent = self.lendable(item, open, more);
        let is_lent_out = lent == Fixed::ZERO && open == Fixed::ZERO;
        if let Some(shelf) = self.shelves.get_mut(&item).filter(|_| is_lent_out) {
            shelf.is_lent_out = true;
        }
        (open, lent)
    }

    /// The most of these units that complete orders can lend beside those that are open, each
    /// without missing its day.
    fn lendable(&mut self, item: usize, open: Fixed, units: Fixed) -> Fixed {
        let mut is_harmless =
            |lent: Fixed| self.is_harmless(&BTreeMap::from([(item, open + lent)]));
        if is_harmless(units) {
            return units;
        }

        // In whole units: a part of one ships to nobody.
        let (mut low, mut high) = (0, units.steps() / Fixed::ONE.steps());
        while low < high {
            let middle = low + (high - low + 1) / 2;
            if is_harmless(Fixed::of_steps(middle * Fixed::ONE.steps())) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        Fixed::of_steps(low * Fixed::ONE.steps())
    }

    /// Whether every order that waits for one of these items keeps its day when so many units more
    /// of them are handed out before it.
    fn is_harmless(&mut self, more: &BTreeMap<usize, Fixed>) -> bool {
        let holds = more.keys().filter_map(|item| self.shelves.get(item));
        let orders: BTreeSet<usize> = holds
            .flat_map(|shelf| &shelf.holds)
            .map(|(_, order)| *order)
            .filter(|order| self.waiting[*order].not_after < NEVER)
            .collect();
        orders.into_iter().all(|order| {
            let WaitingOrder { lines, not_after } = self.waiting[order].clone();
            self.promised_day(lines, more) <= not_after
        })
    }

    /// When a complete order ships at the promised level, with so many units of items more handed
    /// out before it.
    fn promised_day(&mut self, lines: Range<usize>, more: &BTreeMap<usize, Fixed>) -> u32 {
        let mut latest = vec![0];
        for line in lines {
            let item = self.claims[line].item;
            let through = self.queues.through[line] + self.behind[line];
            let queues = self.queues;
            match more.get(&item) {
                Some(taken) => latest = later(latest, &queues.days(item, through + *taken)),
                None => {
                    let days = self.days.entry(line);
                    let days = days.or_insert_with(|| queues.days(item, through));
                    latest = later(latest, days);
                }
            }
        }
        told_day(&mut latest, PROMISED_LEVEL)
    }
}

impl Shelf {
    /// Units that nobody before holds.
    fn open(&self) -> Fixed {
        (self.left - self.held).or_zero()
    }

    /// Whether orders that hold units lend none of them.
    fn lends_nothing(&self) -> bool {
        self.is_lent_out || self.holds.len() > MAX_LENDERS
    }
}

#[cfg(test)]
#[path = "allocation_tests.rs"]
mod tests;
