//! Dates long before all others: years mistyped, and the date that stands for none.

use crate::domain::calendar::Day;
use crate::io::orders::OrderRows;

/// Rows before a gap in which the whole shop sold nothing are set aside, where they are at most
/// this share of all: days of the gap, and the share. Judgement: no shop that goes on sells nothing
/// for a year but for a handful of rows before it; after five years of nothing what lies before
/// says nothing of today, as long as most of the history lies after.
const GAPS: [(Day, f64); 3] = [(365, 0.001), (2 * 365, 0.01), (5 * 365, 0.5)];

/// Where the history really begins, where some rows are dated long before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Beginning {
    /// The first day that counts.
    pub(crate) first: Day,
    /// The newest of the days that do not.
    pub(crate) before: Day,
}

/// The beginning of the history, if rows are dated long before it.
pub(crate) fn beginning(rows: &OrderRows) -> Option<Beginning> {
    let (oldest, newest) = (*rows.day.iter().min()?, *rows.day.iter().max()?);
    let mut on_day = vec![0_u32; usize::try_from(newest - oldest).ok()? + 1];
    for day in &rows.day {
        on_day[(day - oldest) as usize] += 1;
    }

    let all = rows.day.len() as f64;
    let (mut rows_before, mut last, mut found) = (0_u64, oldest, None);
    for (day, count) in (oldest..).zip(on_day).filter(|(_, count)| *count > 0) {
        let share = rows_before as f64 / all;
        if GAPS.iter().any(|(days, most)| day - last >= *days && share <= *most) {
            found = Some(Beginning { first: day, before: last });
        }

        rows_before += u64::from(count);
        last = day;
    }

    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(days: impl IntoIterator<Item = Day>) -> Option<Day> {
        let rows = OrderRows { day: days.into_iter().collect(), ..OrderRows::default() };
        beginning(&rows).map(|beginning| beginning.first)
    }

    #[test]
    fn a_handful_of_rows_long_before_all_others_does_not_open_the_history() {
        let year = 365;
        assert_eq!(first((0..2_000).map(|at| 20_000 + at / 4)), None);
        assert_eq!(first([0].into_iter().chain(20_000..20_100)), Some(20_000));
        assert_eq!(first([0, 0, 3_650].into_iter().chain(20_000..20_100)), Some(20_000));
        assert_eq!(first([20_000 - 2 * year].into_iter().chain(20_000..20_200)), Some(20_000));
        assert_eq!(first([20_000 - 2 * year].into_iter().chain(20_000..20_050)), None);
        assert_eq!(first((0..400).chain(20_000..20_100)), None, "most of the history lies there");
    }
}
