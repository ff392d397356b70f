//! Rows of one order that stand in several files of the input, as they do where exports overlap.

use std::collections::BTreeMap;

use super::{Content, content};
use crate::domain::finding::{Code, Finding};
use crate::domain::wording::counted;
use crate::io::orders::{NONE, OrderRows};

/// Share of a file's rows that exports which overlap have in common, between the first and the last
/// of them. Judgement: lines that changed between the exports leave more than that alike, and tills
/// that number alike fewer: 18 to 50 % on made-up receipts.
const MIN_SHARE_OF_OVERLAP: f64 = 2.0 / 3.0;

/// Rows that equal a row of another file in everything that is read, the order included: each
/// counts as often as in the file that has most of them. Ascending.
pub(super) fn repeats(rows: &OrderRows, used: &[bool]) -> Vec<usize> {
    if rows.file_starts.len() < 2 || rows.order_id.is_empty() {
        return Vec::new();
    }

    let names_order = |at: &usize| used[*at] && OrderRows::text_at(&rows.order_id, *at) != NONE;
    let mut contents: Vec<(Content, usize)> =
        (0..used.len()).filter(names_order).map(|at| (content(rows, at), at)).collect();
    contents.sort_unstable();

    let mut repeats = Vec::new();
    for equal in contents.chunk_by(|a, b| a.0 == b.0).filter(|equal| equal.len() > 1) {
        let mut files: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (_, at) in equal {
            files.entry(rows.file_of(*at)).or_default().push(*at);
        }

        // Of files that have as many, the first keeps its rows.
        let most = files.values().map(Vec::len).max().unwrap_or(0);
        let kept = files.iter().find(|(_, of_file)| of_file.len() == most).map(|(file, _)| *file);
        let others = files.into_iter().filter(|(file, _)| Some(*file) != kept);
        repeats.extend(others.flat_map(|(_, of_file)| of_file));
    }

    repeats.sort_unstable();
    repeats
}

/// Says so where files share rows by chance: of the rows of a file that name an order, between the
/// first and the last day on which it shares some, too many stand in no other. Exports that overlap
/// share all of them, but for those of the two days, which may be cut by the hour. `name` is that
/// of a file.
pub(super) fn by_chance<'a>(
    rows: &OrderRows,
    repeats: &[usize],
    name: impl Fn(usize) -> Option<&'a str>,
) -> Option<Finding> {
    let of_one_file = |a: &usize, b: &usize| rows.file_of(*a) == rows.file_of(*b);
    let mut shared = repeats.chunk_by(of_one_file).filter_map(|shared| {
        let file = rows.file_of(*shared.first()?);
        let days = shared.iter().map(|at| rows.day[*at]);
        let (first, last) = (days.clone().min()?, days.max()?);
        let is_between = |at: &usize| first < rows.day[*at] && rows.day[*at] < last;
        let start = *rows.file_starts.get(file)?;
        let end = rows.file_starts.get(file + 1).copied().unwrap_or(rows.day.len());
        let names_order = |at: &usize| OrderRows::text_at(&rows.order_id, *at) != NONE;
        let all = (start..end).filter(|at| is_between(at) && names_order(at)).count();
        let repeated = shared.iter().filter(|at| is_between(at)).count();
        let is_chance = (repeated as f64) < MIN_SHARE_OF_OVERLAP * all as f64;
        is_chance.then_some((file, repeated, all))
    });
    let (file, repeated, all) = shared.next()?;
    let message = format!(
        "of {} of {} {repeated} stand in another file too, with the same order_id: too few for \
         exports that overlap; they count once",
        counted(all, "row"),
        name(file).unwrap_or("one file")
    );
    Some(Finding::of_table(Code::ChanceRepeats, "orders", message))
}
