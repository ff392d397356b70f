//! Rows of one order that stand in several files of the input, as they do where exports overlap.

use std::collections::BTreeMap;

use super::{Content, content};
use crate::io::orders::{NONE, OrderRows};

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
