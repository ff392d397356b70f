//! Which order of the purchasing system's is which line of ours.
//!
//! One to one, the oldest line first: by number; else by supplier, item, location and quantity,
//! ordered about when the line was handed over; else the same with another quantity. An order that
//! was open before the line was handed over can only be it by number.

use std::collections::BTreeMap;

use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::ledger::{LedgerLine, LineStatus};
use crate::domain::tables::Text;

use super::seen::SeenOrder;

/// Days before a line was handed over on which its order may be dated. The contract states it: a
/// weekend lies between.
const DAYS_BEFORE: Day = 3;

/// The order of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    /// The line, by its index.
    pub(super) line: usize,
    /// The order, by its index.
    pub(super) order: usize,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// One a line at most.
    pub(super) found: Vec<Match>,
    /// Further orders that carry the number of a line that has its order.
    pub(super) doubled: Vec<Match>,
}

/// Finds the order of each line.
pub(super) fn matches(
    lines: &[LedgerLine],
    orders: &[SeenOrder<'_>],
    confirm_within_days: u32,
) -> Matches {
    let mut search = Search::new(lines, orders);
    search.by_their_number();
    search.by_our_number();

    let latest = |sent_on: Day| sent_on.saturating_add_unsigned(confirm_within_days);
    let is_about = |line: &LedgerLine, order: &SeenOrder<'_>| {
        let Some(sent_on) = line.standing.sent_on.or(Some(line.standing.since)) else {
            return false;
        };
        let is_dated = order.ordered_on.is_none_or(|day| {
            (sent_on.saturating_sub(DAYS_BEFORE)..=latest(sent_on)).contains(&day)
        });
        let came_after = order.last_received.is_none_or(|day| day >= sent_on);
        !order.is_known && is_dated && came_after && line.terms.supplier == *order.supplier
    };
    search.by_likeness(|line, order| is_about(line, order) && is_same_quantity(line, order));
    search.by_likeness(is_about);
    search.matches
}

/// Whether an order is of the quantity of a line, in units or in packs.
pub(super) fn is_same_quantity(line: &LedgerLine, order: &SeenOrder<'_>) -> bool {
    line.standing.quantity == order.ordered() || pack_of(line, order).is_some()
}

/// The pack that an order counts in, where it counts packs and the line counts units.
pub(super) fn pack_of(line: &LedgerLine, order: &SeenOrder<'_>) -> Option<Fixed> {
    let pack = line.terms.pack_size.filter(|pack| *pack > Fixed::ONE)?;
    let (units, ordered) = (line.standing.quantity, order.ordered());
    (ordered > Fixed::ZERO && ordered != units && ordered.times(pack) == units).then_some(pack)
}

/// Whether a line was handed over, or may have been, and has no order yet.
fn is_sought(status: LineStatus) -> bool {
    matches!(status, LineStatus::Approved | LineStatus::Sent | LineStatus::Expired)
}

struct Search<'a> {
    lines: &'a [LedgerLine],
    orders: &'a [SeenOrder<'a>],
    /// The lines, the one that was handed over first at the front.
    oldest_first: Vec<usize>,
    is_found: Vec<bool>,
    is_taken: Vec<bool>,
    matches: Matches,
}

impl<'a> Search<'a> {
    fn new(lines: &'a [LedgerLine], orders: &'a [SeenOrder<'a>]) -> Self {
        let mut oldest_first: Vec<usize> = (0..lines.len()).collect();
        oldest_first.sort_by_key(|at| {
            let line = &lines[*at];
            (line.standing.sent_on.unwrap_or(Day::MAX), *at)
        });
        Self {
            lines,
            orders,
            oldest_first,
            is_found: vec![false; lines.len()],
            is_taken: vec![false; orders.len()],
            matches: Matches::default(),
        }
    }

    fn take(&mut self, line: usize, order: usize) {
        self.is_found[line] = true;
        self.is_taken[order] = true;
        self.matches.found.push(Match { line, order });
    }

    /// Lines whose order was found on an earlier night.
    fn by_their_number(&mut self) {
        for at in 0..self.lines.len() {
            let line = &self.lines[at];
            let name = (&line.standing.matched, &line.terms.key);
            if line.standing.matched.is_empty() {
                continue;
            }
            let found = self.orders.binary_search_by(|it| (it.po_number, it.key).cmp(&name));
            if let Ok(order) = found {
                self.take(at, order);
            }
        }
    }

    /// Orders that carry our number, as theirs or as a reference.
    fn by_our_number(&mut self) {
        let mut carrying: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, order) in self.orders.iter().enumerate() {
            let number = plain(order.po_number);
            let reference = order.reference.map(|text| plain(text));
            if let Some(reference) = reference.filter(|reference| *reference != number) {
                carrying.entry(reference).or_default().push(at);
            }
            carrying.entry(number).or_default().push(at);
        }

        for position in 0..self.oldest_first.len() {
            let at = self.oldest_first[position];
            let line = &self.lines[at];
            let Some(orders) = carrying.get(&plain(&line.po_number)) else { continue };
            for order in orders.iter().copied() {
                if self.is_taken[order] || *self.orders[order].key != line.terms.key {
                    continue;
                }
                if self.is_found[at] {
                    self.is_taken[order] = true;
                    self.matches.doubled.push(Match { line: at, order });
                } else {
                    self.take(at, order);
                }
            }
        }
    }

    /// Orders that are like a line that was handed over.
    fn by_likeness(&mut self, is_like: impl Fn(&LedgerLine, &SeenOrder<'_>) -> bool) {
        let mut of_item: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (at, order) in self.orders.iter().enumerate().filter(|(at, _)| !self.is_taken[*at]) {
            of_item.entry(order.key).or_default().push(at);
        }

        for position in 0..self.oldest_first.len() {
            let at = self.oldest_first[position];
            let line = &self.lines[at];
            if self.is_found[at] || !is_sought(line.standing.status) {
                continue;
            }
            let orders = of_item.get(&line.terms.key).map_or(&[][..], Vec::as_slice);
            let like = orders.iter().copied().filter(|order| !self.is_taken[*order]);
            let mut like = like.filter(|order| is_like(line, &self.orders[*order]));
            // The one that was ordered first; one without a date last.
            let first = like
                .by_ref()
                .min_by_key(|order| (self.orders[*order].ordered_on.unwrap_or(Day::MAX), *order));
            if let Some(order) = first {
                self.take(at, order);
            }
        }
    }
}

/// A number without what spreadsheets and importers do to it: spaces around, other case.
fn plain(number: &Text) -> String {
    number.trim().to_ascii_uppercase()
}
