//! Numbers of the records that rows were read from: they rise by one but where a record was left
//! out or another file begins, so that only these places are held.

/// The number of each row's record within its file.
#[derive(Debug, Default)]
pub(crate) struct RowNumbers {
    /// From which row on the numbers rise by one, and from which number.
    runs: Vec<(usize, u32)>,
    len: usize,
}

impl RowNumbers {
    /// Adds the number of the next row.
    pub(crate) fn push(&mut self, number: u32) {
        let at = self.len;
        self.len += 1;
        if self.runs.last().is_none_or(|run| numbered(*run, at) != Some(number)) {
            self.runs.push((at, number));
        }
    }

    /// The number of a row; 0 where there is none.
    pub(crate) fn at(&self, at: usize) -> u32 {
        let run = self.runs.partition_point(|(from, _)| *from <= at).checked_sub(1);
        let number = run.and_then(|run| numbered(self.runs[run], at));
        number.filter(|_| at < self.len).unwrap_or(0)
    }

    /// Takes over the numbers of rows that follow, which are none then.
    pub(crate) fn append(&mut self, others: &mut Self) {
        let Self { runs, len } = std::mem::take(others);
        for (at, (from, number)) in runs.iter().enumerate() {
            let ends = runs.get(at + 1).map_or(len, |(next, _)| *next);
            // The first may go on from the last that is here.
            self.push(*number);
            self.len += ends - from - 1;
        }
    }

    /// Takes rows off the end.
    pub(crate) fn truncate(&mut self, rows: usize) {
        self.len = self.len.min(rows);
        let kept = self.runs.partition_point(|(from, _)| *from < self.len);
        self.runs.truncate(kept);
    }
}

/// What a row has within a run.
fn numbered((from, first): (usize, u32), at: usize) -> Option<u32> {
    first.checked_add(u32::try_from(at.checked_sub(from)?).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(numbers: &[u32]) -> RowNumbers {
        let mut rows = RowNumbers::default();
        numbers.iter().for_each(|number| rows.push(*number));
        rows
    }

    fn all(rows: &RowNumbers) -> Vec<u32> {
        (0..rows.len).map(|at| rows.at(at)).collect()
    }

    proptest! {
        #[test]
        fn numbers_are_read_back_in_parts_and_cut(
            first in prop::collection::vec(0_u32..6, 0..20),
            second in prop::collection::vec(0_u32..6, 0..20),
            cut in 0_usize..45,
        ) {
            let mut rows = of(&first);
            rows.append(&mut of(&second));
            let mut whole = [first, second].concat();
            prop_assert_eq!(all(&rows), whole.clone());

            rows.truncate(cut);
            whole.truncate(cut);
            rows.push(9);
            whole.push(9);
            prop_assert_eq!(all(&rows), whole);
        }
    }

    #[test]
    fn numbers_that_rise_by_one_take_one_place() {
        let mut rows = of(&[1, 2, 3]);
        rows.append(&mut of(&[4, 5, 7]));

        assert_eq!(rows.runs, [(0, 1), (5, 7)]);
        assert_eq!(rows.at(6), 0);
    }
}
