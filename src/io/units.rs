//! Items whose unit seems to have changed: the quantity of a line jumps between the beginning and
//! the end of their history, as it does when a shop turns from single pieces to packs.

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

/// Items whose newest lines are of another size than their first ones, by key.
pub(crate) fn jumps(rows: &OrderRows) -> Vec<Finding> {
    let lines = lines_by_item(rows);
    let mut found: Vec<Finding> = lines
        .into_par_iter()
        .enumerate()
        .filter_map(|(item, lines)| {
            let message = jump(lines)?;
            Some(Finding::about(Code::UnitsJump, "orders", &rows.key(item as u32), message))
        })
        .collect();
    found.sort_by(|a, b| a.key.cmp(&b.key));
    found
}

/// Day and quantity of the sales of each item that has enough of them.
fn lines_by_item(rows: &OrderRows) -> Vec<Vec<(Day, i64)>> {
    let mut counts = vec![0_usize; rows.items.all().len()];
    let sales = || (0..rows.item.len()).filter(|at| rows.quantity[*at] > 0);
    for at in sales() {
        counts[rows.item[at] as usize] += 1;
    }

    let mut lines: Vec<Vec<(Day, i64)>> = counts
        .iter()
        .map(|count| Vec::with_capacity(if *count >= MIN_LINES { *count } else { 0 }))
        .collect();
    for at in sales().filter(|at| counts[rows.item[*at] as usize] >= MIN_LINES) {
        lines[rows.item[at] as usize].push((rows.day[at], rows.quantity[at]));
    }
    lines
}

/// What to say of an item's lines, if their size has jumped.
fn jump(mut lines: Vec<(Day, i64)>) -> Option<String> {
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
            Fixed(before.median),
            date_of(first[old - 1].0),
            Fixed(after.median),
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
        let packs = lines((0..40).map(|at| if at < 25 { 12 + at % 3 * 12 } else { 1 + at % 2 }));
        let said = jump(packs).unwrap();
        assert!(
            said.starts_with("a line was of 24 until ") && said.contains(" is of 2 "),
            "{said}"
        );

        let lumpy = lines((0..60).map(|at| if at * 7 % 5 == 0 { 120 } else { 1 + at % 4 }));
        assert_eq!(jump(lumpy), None);
        let growing = lines((0..60).map(|at| 1 + at / 8));
        assert_eq!(jump(growing), None);
        assert_eq!(jump(lines([12, 12, 12, 1, 1, 1].into_iter())), None, "too few");
    }
}
