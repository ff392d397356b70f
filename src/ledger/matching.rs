//! Which order of the purchasing system's is which line of ours.
//!
//! One to one, the oldest line first, those that are given up last: by number; else by supplier,
//! item, location and quantity, ordered about when the line was handed over; else the same with a
//! quantity that is not far off. An order that was open before the line was handed over, or that
//! carries the number of another line, can only be it by number.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Settings;
use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::ledger::{LedgerLine, LineStatus};
use crate::domain::tables::Text;

use super::seen::SeenOrder;

/// Days before a line was handed over on which its order may be dated. The contract states it: a
/// weekend lies between. Its receipts are looked for from then on.
pub(super) const DAYS_BEFORE: Day = 3;

/// An open order of another quantity is taken for a line up to this many times more or less.
/// Judgement: a quantity that is changed by hand is rounded or doubled; what is further off is
/// another order.
const OTHER_QUANTITY: f64 = 2.0;

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
    forms: &NumberForms,
) -> Matches {
    let mut search = Search::new(lines, orders, forms);
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
        let is_theirs = line.terms.supplier.eq_ignore_ascii_case(order.supplier);
        !order.is_known && is_dated && came_after && is_theirs
    };
    let is_equal =
        |line: &LedgerLine, order: &SeenOrder<'_>| line.standing.quantity == order.ordered();
    search.by_likeness(|line, order| is_about(line, order) && is_equal(line, order));
    search.by_likeness(|line, order| is_about(line, order) && pack_of(line, order).is_some());
    search.by_likeness(|line, order| {
        let is_out = line.standing.status == LineStatus::Sent;
        is_out && order.is_open && is_about(line, order) && is_near(line, order)
    });
    search.matches
}

/// Whether an order is of a quantity that a line's may have been changed to.
fn is_near(line: &LedgerLine, order: &SeenOrder<'_>) -> bool {
    let (units, ordered) = (line.standing.quantity.to_f64(), order.ordered().to_f64());
    ordered <= OTHER_QUANTITY * units && units <= OTHER_QUANTITY * ordered
}

/// The pack of a line, where it is not the same as a unit.
pub(super) fn pack_size(line: &LedgerLine) -> Option<Fixed> {
    line.terms.pack_size.filter(|pack| *pack > Fixed::ZERO && *pack != Fixed::ONE)
}

/// The pack that an order counts in, where it counts packs and the line counts units.
pub(super) fn pack_of(line: &LedgerLine, order: &SeenOrder<'_>) -> Option<Fixed> {
    let pack = pack_size(line)?;
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
    forms: &'a NumberForms,
    /// The lines, the one that was handed over first at the front.
    oldest_first: Vec<usize>,
    /// Whether an order carries the number of one of our lines.
    ours: Vec<bool>,
    is_found: Vec<bool>,
    is_taken: Vec<bool>,
    matches: Matches,
}

impl<'a> Search<'a> {
    fn new(lines: &'a [LedgerLine], orders: &'a [SeenOrder<'a>], forms: &'a NumberForms) -> Self {
        let mut oldest_first: Vec<usize> = (0..lines.len()).collect();
        oldest_first.sort_by_key(|at| {
            let standing = &lines[*at].standing;
            let is_given_up = matches!(
                standing.status,
                LineStatus::Expired | LineStatus::Cancelled | LineStatus::Rejected
            );
            (is_given_up, standing.sent_on.unwrap_or(Day::MAX), *at)
        });
        Self {
            lines,
            orders,
            forms,
            oldest_first,
            ours: vec![false; orders.len()],
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
        let known: BTreeSet<String> =
            self.lines.iter().map(|line| plain(&line.po_number)).collect();
        let mut carrying: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, order) in self.orders.iter().enumerate() {
            let texts = std::iter::once(order.po_number).chain(order.reference);
            let numbers: BTreeSet<String> =
                texts.flat_map(|text| self.forms.numbers_of(text, &known)).collect();
            for number in numbers {
                carrying.entry(number).or_default().push(at);
            }
        }
        for line in self.lines {
            let orders = carrying.get(&plain(&line.po_number)).map_or(&[][..], Vec::as_slice);
            orders.iter().for_each(|order| self.ours[*order] = true);
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
            let is_free = |order: &usize| !self.is_taken[*order] && !self.ours[*order];
            let like = orders.iter().copied().filter(is_free);
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

/// How hand-over profiles write the numbers of orders.
#[derive(Debug, Clone, Default)]
pub(super) struct NumberForms {
    /// What stands before and behind them, in capitals.
    around: Vec<(String, String)>,
    /// Whether orders are split into numbered parts.
    are_split: bool,
}

impl NumberForms {
    pub(super) fn of(settings: &Settings) -> Self {
        let around = settings.handover.iter().map(|profile| {
            let (before, behind) = &profile.number;
            (before.to_ascii_uppercase(), behind.to_ascii_uppercase())
        });
        Self {
            around: around
                .filter(|(before, behind)| !(before.is_empty() && behind.is_empty()))
                .collect(),
            are_split: settings.handover.iter().any(|profile| profile.max_lines.is_some()),
        }
    }

    /// The numbers that a text may be: itself, without the line that people write behind it, and as
    /// a profile writes it. Only what is no number of ours may be a part of one.
    fn numbers_of(&self, text: &Text, known: &BTreeSet<String>) -> Vec<String> {
        let whole = plain(text);
        let mut numbers = vec![whole.clone()];
        let order = whole.rsplit_once(':').filter(|(_, line)| line.parse::<u32>().is_ok());
        numbers.extend(order.map(|(order, _)| order.to_owned()));
        let inner = self.around.iter().filter_map(|(before, behind)| {
            Some(whole.strip_prefix(before.as_str())?.strip_suffix(behind.as_str())?.to_owned())
        });
        numbers.extend(inner.collect::<Vec<_>>());
        if self.are_split {
            let parts = numbers.iter().filter(|number| !known.contains(*number));
            let wholes = parts.filter_map(|number| {
                let (order, part) = number.rsplit_once('-')?;
                part.parse::<u32>().is_ok_and(|part| part > 1).then(|| order.to_owned())
            });
            numbers.extend(wholes.collect::<Vec<_>>());
        }
        numbers
    }
}

/// A number without what spreadsheets and importers do to it: spaces around, other case.
fn plain(number: &Text) -> String {
    number.trim().to_ascii_uppercase()
}
