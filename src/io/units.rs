//! Items whose unit seems to have changed: the quantity of a line jumps between the beginning and
//! the end of their history, as it does when a shop turns from single pieces to packs.

use std::ops::Range;

use rayon::prelude::*;

use super::orders::OrderRows;
use crate::domain::calendar::{Day, date_of};
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;

/// Lines below which an item is not judged. Judgement: five at each of the two ends that are
/// compared, so that one odd customer does not decide.
const MIN_LINES: usize = 20;
/// Lines at an end, at least.
const MIN_END: usize = 5;
/// How many times the one median the other has to be. Judgement: packs of six and fewer are left
/// out, since trade moves from single pieces to half dozens without any change of unit.
const JUMP: i64 = 10;
/// How far apart the middle halves of the two ends have to lie. Judgement: lumpy items, whose
/// lines are small and large at all times, overlap.
const APART: i64 = 3;

/// Lines that are looked at together. Judgement: some tens of MiB, few enough that the memory that
/// this takes does not grow with the shop.
const LINES_AT_ONCE: usize = 1 << 21;

/// Items whose newest lines are of another size than their first ones, by key.
pub(crate) fn jumps(rows: &OrderRows) -> Vec<Finding> {
    let counts = lines_by_item(rows);
    let spans = spans(&counts);
    let of_span = |span: Range<usize>| jumps_of(rows, &counts[span.clone()], span.start);
    let mut found: Vec<Finding> = spans.into_par_iter().flat_map_iter(of_span).collect();
    found.sort_by(|a, b| a.key.cmp(&b.key));
    found
}

fn is_sale(rows: &OrderRows, at: usize) -> bool {
    rows.quantity[at] > 0
}

/// How many sales each item has; none where they are too few.
fn lines_by_item(rows: &OrderRows) -> Vec<usize> {
    let mut counts = vec![0_usize; rows.items.all().len()];
    for at in (0..rows.item.len()).filter(|at| is_sale(rows, *at)) {
        counts[rows.item[at] as usize] += 1;
    }
    counts.iter_mut().filter(|count| **count < MIN_LINES).for_each(|count| *count = 0);
    counts
}

/// Items one after the other that have no more lines than are looked at together.
fn spans(counts: &[usize]) -> Vec<Range<usize>> {
    let (mut spans, mut start, mut lines) = (Vec::new(), 0, 0);
    for (item, count) in counts.iter().enumerate() {
        if lines + count > LINES_AT_ONCE && item > start {
            spans.push(start..item);
            (start, lines) = (item, 0);
        }
        lines += count;
    }
    spans.push(start..counts.len());
    spans
}

/// The same of some items from `first` on, which have so many lines each.
fn jumps_of(rows: &OrderRows, counts: &[usize], first: usize) -> Vec<Finding> {
    // Each item's lines behind each other; where they end moves on with each of them.
    let mut all = 0;
    let mut ends: Vec<usize> = Vec::with_capacity(counts.len());
    for count in counts {
        ends.push(all);
        all += count;
    }

    let mut lines = vec![(0, 0); all];
    for at in 0..rows.item.len() {
        let item = (rows.item[at] as usize).wrapping_sub(first);
        if counts.get(item).is_some_and(|count| *count > 0) && is_sale(rows, at) {
            lines[ends[item]] = (rows.day[at], rows.quantity[at]);
            ends[item] += 1;
        }
    }

    let mut found = Vec::new();
    for (item, (count, end)) in counts.iter().zip(ends).enumerate() {
        if let Some(message) = jump(&mut lines[end - count..end]) {
            let key = rows.key((first + item) as u32);
            found.push(Finding::about(Code::UnitsJump, "orders", &key, message));
        }
    }
    found
}

/// What to say of an item's lines, if their size has jumped.
fn jump(lines: &mut [(Day, i64)]) -> Option<String> {
    if lines.len() < MIN_LINES {
        return None;
    }

    // Lines of one day have no order; the whole pair is sorted, so that none depends on the file's.
    lines.sort_unstable();
    // Judgement: a quarter says how it was, an eighth how it is, so that a change shows early.
    let (old, new) = (lines.len() / 4, (lines.len() / 8).max(MIN_END));
    let (first, last) = (&lines[..old], &lines[lines.len() - new..]);
    let [before, after] = [first, last].map(Middle::of);
    let (small, large) =
        if before.median < after.median { (before, after) } else { (after, before) };
    let has_jumped = large.median / JUMP >= small.median && large.low / APART >= small.high;

    has_jumped.then(|| {
        format!(
            "a line was of {} until {} and is of {} since {} (medians of {old} and {new} lines)",
            Fixed::of_steps(before.median),
            date_of(first[old - 1].0),
            Fixed::of_steps(after.median),
            date_of(last[0].0)
        )
    })
}

/// The middle half of some quantities.
#[derive(Clone, Copy)]
struct Middle {
    low: i64,
    median: i64,
    high: i64,
}

impl Middle {
    fn of(lines: &[(Day, i64)]) -> Self {
        let mut sizes: Vec<i64> = lines.iter().map(|line| line.1).collect();
        sizes.sort_unstable();
        let at = |share: usize| sizes[(sizes.len() - 1) * share / 4];
        Self { low: at(1), median: at(2), high: at(3) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(sizes: impl Iterator<Item = i64>) -> Vec<(Day, i64)> {
        sizes.enumerate().map(|(at, units)| (20_000 + at as Day, units * 10_000)).collect()
    }

    #[test]
    fn a_change_of_unit_is_told_from_lumpy_demand_and_growth() {
        let mut packs =
            lines((0..40).map(|at| if at < 25 { 12 + at % 3 * 12 } else { 1 + at % 2 }));
        let said = jump(&mut packs).unwrap();
        assert!(
            said.starts_with("a line was of 24 until ") && said.contains(" is of 2 "),
            "{said}"
        );

        let mut lumpy = lines((0..60).map(|at| if at * 7 % 5 == 0 { 120 } else { 1 + at % 4 }));
        assert_eq!(jump(&mut lumpy), None);
        let mut growing = lines((0..60).map(|at| 1 + at / 8));
        assert_eq!(jump(&mut growing), None);
        assert_eq!(jump(&mut lines([12, 12, 12, 1, 1, 1].into_iter())), None, "too few");
    }
}
